//! What the server must not take: each item with its documented status, and nothing stored.

use futures_util::StreamExt;
use http::Request;
use kyckit::{
    selfkey::{
        Dialect,
        attribute::Requirement,
        relying_party::{OBSOLETE_SIGNATURE, SignatureVerifier, TokenIssuer, TrustedProxies},
        resolver::Resolver,
    },
    transport::Body,
};
use serde_json::{Value, json};

use crate::party::{
    DID, EMAIL, NAME, PASSPORT, Party, SECRET, high_s, multipart, read, refused, request, wallet,
};

const FILE: crate::party::Part<'static> = ("document", Some("p.png"), Some("image/png"), b"PNG");

#[tokio::test]
async fn signatures_that_are_none() {
    let party = Party::new();
    let (challenge, good) = party.signed(&wallet()).await;
    let value = good["signature"]["value"].as_str().expect("a signature").to_owned();
    let key_id = good["signature"]["keyId"].clone();
    let flipped = format!("{}{}", &value[..130], if value.ends_with('b') { "1c" } else { "1b" });
    for (what, signature) in [
        ("malleated", json!({ "value": high_s(&value), "keyId": key_id })),
        ("truncated", json!({ "value": &value[..130], "keyId": key_id })),
        ("longer", json!({ "value": format!("{value}00"), "keyId": key_id })),
        ("half a digit", json!({ "value": &value[..131], "keyId": key_id })),
        ("another parity", json!({ "value": flipped, "keyId": key_id })),
        ("no prefix", json!({ "value": &value[2..], "keyId": key_id })),
        ("no hex", json!({ "value": value.replace(['a', '1'], "g"), "keyId": key_id })),
        ("a number", json!({ "value": 7, "keyId": key_id })),
        ("no value", json!({ "keyId": key_id })),
        ("no key", json!({ "value": value })),
        ("a key of another number", json!({ "value": value, "keyId": format!("{DID}#keys-2") })),
        ("no fragment", json!({ "value": value, "keyId": DID })),
        ("a key of another case", json!({ "value": value, "keyId": format!("{DID}#KEYS-1") })),
        (
            "another's key",
            json!({ "value": value, "keyId": "did:eth:0x29c44ba20d4ff9c6195b6aceb4707ef20136e4ae#keys-1" }),
        ),
        ("the lower-case member", json!({ "value": value, "keyid": key_id })),
        ("a bare text", json!(value)),
        ("a list", json!([value])),
        ("long", json!({ "value": "0x".to_owned() + &"ab".repeat(5_000), "keyId": key_id })),
    ] {
        let answer = party.post("/auth/challenge", &challenge, json!({ "signature": signature })).await;
        assert_eq!(refused(&answer), (422, "signature_invalid"), "{what}");
    }
    let huge = json!({ "signature": { "value": "ab".repeat(100_000), "keyId": key_id } });
    assert_eq!(refused(&party.post("/auth/challenge", &challenge, huge).await), (413, "bad_request"));
    for body in [json!({}), json!({ "signature": null }), json!([]), json!("x"), Value::Null] {
        let answer = party.post("/auth/challenge", &challenge, body.clone()).await;
        assert_eq!(refused(&answer), (422, "signature_missing"), "{body}");
    }
    // Nothing of it used the challenge up.
    assert_eq!(party.post("/auth/challenge", &challenge, good).await.0, 200);
}

#[tokio::test]
async fn the_form_of_2018_has_a_category_of_its_own_in_both_dialects() {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/selfkey/legacy-2018-signature.json")).expect("JSON");
    let obsolete = vectors["vectors"][0]["input"]["signature"].as_str().expect("a signature");
    for (dialect, signature, status) in [
        (Dialect::Current, json!({ "value": obsolete, "keyId": format!("{DID}#keys-1") }), 422),
        (Dialect::Current, json!(obsolete), 422),
        (Dialect::Documented, json!(obsolete), 401),
    ] {
        let party = Party::with(dialect, |builder| builder.accept_malleable_signatures());
        let (challenge, _) = party.signed(&wallet()).await;
        let body = Body::Bytes(json!({ "signature": signature }).to_string().into());
        let response = party.send(request("POST", "/auth/challenge", Some(&challenge), body)).await;
        assert_eq!(response.status(), status);
        let cause = response.extensions().get::<kyckit::selfkey::relying_party::Cause>().expect("a cause");
        assert_eq!(cause.0.check(), Some(OBSOLETE_SIGNATURE));
    }
    // Even for an identity that cannot be resolved: it is looked for before anything else.
    let verifier = SignatureVerifier::new(Resolver::new());
    let error = verifier.verify("n", &json!(obsolete), "nobody").await.expect_err("refused");
    assert_eq!(error.check(), Some(OBSOLETE_SIGNATURE));
}

#[tokio::test]
async fn in_the_documented_dialect_too() {
    let party = Party::documented();
    let (challenge, good) = party.signed(&wallet()).await;
    let value = good["signature"].as_str().expect("a signature").to_owned();
    for signature in
        [json!(high_s(&value)), json!(&value[..130]), json!({ "value": value }), json!(7), json!("")]
    {
        let answer = party.post("/auth/challenge", &challenge, json!({ "signature": signature })).await;
        assert_eq!(refused(&answer), (401, "signature_invalid"), "{signature}");
    }
    assert_eq!(party.post("/auth/challenge", &challenge, good).await.0, 200);
}

#[tokio::test]
async fn subjects_that_cannot_be_challenged() {
    let party = Party::new();
    for (subject, code) in [
        ("nobody", "invalid_did"),
        ("did:web:example", "invalid_did"),
        ("did:eth:0x12", "invalid_did"),
        ("did:selfkey:0x12", "invalid_did"),
        (&format!("did:selfkey:0x{};selfkey:chain=rinkeby", "1".repeat(64)), "invalid_did"),
        (&format!("0x{}", "ab".repeat(64)), "invalid_key"),
        (&"ab".repeat(64), "invalid_key"),
        (&format!("did:eth:{}", "a".repeat(5000)), "invalid_did"),
    ] {
        let answer = party.call("GET", &format!("/auth/challenge/{subject}"), None, Value::Null).await;
        assert_eq!(refused(&answer), (422, code), "{subject}");
    }
}

#[tokio::test]
async fn tokens_that_are_none() {
    let party = Party::new();
    let token = party.log_in().await;
    let challenge = party.challenge(DID).await;
    let other = TokenIssuer::hmac("x".repeat(88)).expect("a secret").issue_access(DID).expect("a token");
    let (head, rest) = token.split_once('.').expect("parts");
    let (payload, mac) = rest.split_once('.').expect("parts");
    let hs256 = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    for (what, bad) in [
        ("of another algorithm", format!("{hs256}.{payload}.{mac}")),
        ("unsigned", format!("{none}.{payload}.")),
        ("of another key", other.expose().to_owned()),
        ("a challenge", challenge.clone()),
        ("cut", token[..token.len() - 4].to_owned()),
        ("changed", format!("{head}.{payload}A.{mac}")),
        ("no token", "abc".to_owned()),
        ("two", format!("{token} {token}")),
        ("huge", "a".repeat(20_000)),
    ] {
        assert_eq!(refused(&party.get("/applications", &bad).await), (401, "token_invalid"), "{what}");
        let upload = party.parts("/files", &bad, &[FILE]).await;
        assert_eq!(refused(&upload), (401, "token_invalid"), "{what}");
    }
    // An access token answers no challenge.
    let (_, body) = party.signed(&wallet()).await;
    assert_eq!(refused(&party.post("/auth/challenge", &token, body).await), (401, "token_invalid"));

    for (header, expected) in [
        (None, (400, "token_missing")),
        (Some(token.clone()), (401, "token_invalid")),
        (Some(format!("Bearers {token}")), (401, "token_invalid")),
        (Some(format!("Bearer\t{token}")), (401, "token_invalid")),
        (Some(format!("Bearer  {token}")), (401, "token_invalid")),
        (Some("Bearer ".to_owned()), (401, "token_invalid")),
        (Some(format!("Basic {token}")), (401, "token_invalid")),
    ] {
        let mut request = Request::get("/applications");
        if let Some(header) = &header {
            request = request.header("authorization", header);
        }
        let response = party.send(request.body(Body::Empty).expect("a request")).await;
        assert_eq!(refused(&read(&response)), expected, "{header:?}");
    }
    // The scheme's letters have no case.
    for scheme in ["bearer", "BEARER", "bEARER"] {
        let request = Request::get("/applications").header("authorization", format!("{scheme} {token}"));
        let response = party.send(request.body(Body::Empty).expect("a request")).await;
        assert_eq!(read(&response), (200, json!([])), "{scheme}");
    }
    let twice = Request::get("/applications")
        .header("authorization", format!("Bearer {token}"))
        .header("authorization", format!("Bearer {token}"));
    let response = party.send(twice.body(Body::Empty).expect("a request")).await;
    assert_eq!(refused(&read(&response)), (401, "token_invalid"));
    party.assert_empty();
}

#[tokio::test]
async fn uploads_that_are_none() {
    let party = Party::with(Dialect::Current, |builder| builder.largest_file(1000));
    let token = party.log_in().await;
    for path in ["/users/file", "/files"] {
        let before = party.store.file_count();
        for (what, parts, expected) in [
            ("no part", &[][..], (400, "no_file")),
            ("another part", &[("file", Some("x"), None, &b"x"[..])], (422, "file_invalid")),
            ("two parts", &[FILE, FILE], (422, "file_invalid")),
            ("an extra part", &[FILE, ("meta", None, None, b"{}")], (422, "file_invalid")),
            ("an extra part in front", &[("meta", None, None, b"{}"), FILE], (422, "file_invalid")),
            ("over the limit", &[("document", Some("x"), None, &[0; 1001])], (422, "file_invalid")),
        ] {
            let answer = party.parts(path, &token, parts).await;
            assert_eq!(refused(&answer), expected, "{path} {what}");
            assert_eq!(party.store.file_count(), before, "{path} {what}");
        }
        assert_eq!(refused(&party.post(path, &token, json!({ "document": "x" })).await), (400, "no_file"));
        let whole = multipart(path, &token, &[FILE]);
        let Body::Bytes(bytes) = whole.body() else { panic!("bytes") };
        let bytes = bytes.clone();
        // The last byte of the closing dashes is the last that is needed.
        for length in 0..bytes.len() - 2 {
            let mut cut = multipart(path, &token, &[]);
            let piece: std::io::Result<bytes::Bytes> = Ok(bytes.slice(..length));
            *cut.body_mut() = Body::stream(None, futures_util::stream::iter([piece]));
            assert_eq!(refused(&read(&party.send(cut).await)), (422, "bad_request"), "{length}");
        }
        assert_eq!(party.store.file_count(), before);
        assert_eq!(
            party.parts(path, &token, &[("document", None, None, &[0; 1000])]).await.0,
            200,
            "at the limit"
        );
    }
}

#[tokio::test]
async fn an_endless_upload_is_read_up_to_the_limit() {
    let party = Party::with(Dialect::Current, |builder| builder.largest_file(1_000_000));
    let token = party.log_in().await;
    let read_so_far = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counted = std::sync::Arc::clone(&read_so_far);
    let head =
        bytes::Bytes::from_static(b"--XyZ\r\nContent-Disposition: form-data; name=\"document\"\r\n\r\n");
    let chunks = futures_util::stream::iter([head])
        .chain(futures_util::stream::repeat(bytes::Bytes::from(vec![7; 10_000])))
        .map(move |piece| {
            counted.fetch_add(piece.len() as u64, std::sync::atomic::Ordering::SeqCst);
            Ok(piece)
        });
    let mut request = multipart("/files", &token, &[]);
    *request.body_mut() = Body::stream(None, chunks);
    let answer = read(&party.send(request).await);
    assert_eq!(refused(&answer), (422, "file_invalid"));
    let read_so_far = read_so_far.load(std::sync::atomic::Ordering::SeqCst);
    assert!(read_so_far < 1_030_000, "{read_so_far}");
    party.assert_empty();
}

#[tokio::test]
async fn sign_ups_that_are_none() {
    let party = Party::with(Dialect::Current, |builder| {
        builder.sign_up([Requirement::new(NAME).id("r1"), Requirement::new(EMAIL).id("r2").required(false)])
    });
    let token = party.log_in().await;
    let name = json!({ "id": "r1", "schemaId": NAME, "data": "Ada" });
    let passport = |content: Value| json!({ "id": "p", "schemaId": PASSPORT, "data": { "image": { "mimeType": "image/png", "size": 1, "content": content } } });
    for (what, body, expected) in [
        ("nothing", json!({}), (422, "no_attributes")),
        ("null", json!({ "attributes": null }), (422, "no_attributes")),
        ("an empty list", json!({ "attributes": [] }), (422, "no_attributes")),
        ("no list", json!({ "attributes": {} }), (422, "invalid_attributes")),
        ("no attribute", json!({ "attributes": ["x"] }), (422, "invalid_attributes")),
        ("no schema", json!({ "attributes": [{ "id": "r1", "data": "Ada" }] }), (422, "invalid_attributes")),
        (
            "the required one missing",
            json!({ "attributes": [{ "id": "r2", "schemaId": EMAIL, "data": "a@b.co" }] }),
            (422, "invalid_attributes"),
        ),
        (
            "of another type",
            json!({ "attributes": [{ "id": "r1", "schemaId": NAME, "data": 7 }] }),
            (422, "invalid_attributes"),
        ),
        (
            "of another schema",
            json!({ "attributes": [{ "id": "r1", "schemaId": PASSPORT, "data": {} }] }),
            (422, "invalid_attributes"),
        ),
        (
            "a file that nobody has",
            json!({ "attributes": [name, passport(json!("0123"))] }),
            (422, "invalid_attributes"),
        ),
        (
            "a file by number",
            json!({ "attributes": [name, passport(json!(7))] }),
            (422, "invalid_attributes"),
        ),
        ("too many", json!({ "attributes": vec![name.clone(); 300] }), (422, "invalid_attributes")),
        ("a text", json!("x"), (422, "bad_request")),
    ] {
        let answer = party.post("/users", &token, body).await;
        assert_eq!(refused(&answer), expected, "{what}");
        party.assert_empty();
    }
    let missing = party
        .post(
            "/users",
            &token,
            json!({ "attributes": [{ "id": "r2", "schemaId": EMAIL, "data": "a@b.co" }] }),
        )
        .await;
    assert_eq!(missing.1["errors"][0]["id"], "r1");
    assert_eq!(missing.1["errors"][0]["schemaId"], NAME);
    for body in ["", "{", "[1,", "{\"attributes\":"] {
        let response = party.send(request("POST", "/users", Some(&token), Body::Bytes(body.into()))).await;
        assert_eq!(refused(&read(&response)), (422, "bad_request"), "{body}");
    }
    let deep = format!(
        "{{\"attributes\":[{{\"schemaId\":\"{NAME}\",\"data\":{}1{}}}]}}",
        "[".repeat(60),
        "]".repeat(60)
    );
    let response = party.send(request("POST", "/users", Some(&token), Body::Bytes(deep.into()))).await;
    assert_eq!(response.status(), 422);
    let long = format!("{{\"attributes\":\"{}\"}}", "x".repeat(5_000_000));
    let response = party.send(request("POST", "/users", Some(&token), Body::Bytes(long.into()))).await;
    assert_eq!(refused(&read(&response)), (413, "bad_request"));
    party.assert_empty();
}

#[tokio::test]
async fn multipart_sign_ups_that_are_none() {
    let party = Party::with(Dialect::Current, |builder| builder.largest_file(1000));
    let token = party.log_in().await;
    let one =
        json!([{ "id": "p", "schemaId": PASSPORT, "data": { "image": "$document-1" }, "documents": [1] }])
            .to_string();
    let listed = json!([{ "id": "p", "schemaId": NAME, "data": "x", "documents": [1] }]).to_string();
    let word = json!([{ "id": "p", "schemaId": NAME, "data": "x", "documents": ["one"] }]).to_string();
    let (attributes, listed, word) = (
        ("attributes", None, Some("application/json"), one.as_bytes()),
        ("attributes", None, Some("application/json"), listed.as_bytes()),
        ("attributes", None, Some("application/json"), word.as_bytes()),
    );
    let part = |name: &'static str| (name, Some("x"), Some("image/png"), &b"PNG"[..]);
    let big = ("$document-1", Some("x"), Some("image/png"), &[7; 1001][..]);
    let meta = ("meta", None, Some("application/json"), &b"{}"[..]);
    for (what, parts, expected) in [
        ("a missing document", vec![attributes, meta], (422, "invalid_attributes")),
        ("a missing document that is listed", vec![listed, meta], (422, "invalid_attributes")),
        (
            "an extra document",
            vec![part("$document-1"), part("$document-2"), attributes],
            (422, "file_invalid"),
        ),
        ("the wrong document", vec![part("$document-2"), attributes], (422, "invalid_attributes")),
        ("the same twice", vec![part("$document-1"), part("$document-1"), attributes], (422, "bad_request")),
        (
            "the same number twice",
            vec![part("$document-1"), part("$document-01"), attributes],
            (422, "bad_request"),
        ),
        ("over the limit", vec![big, attributes], (422, "file_invalid")),
        ("no attributes", vec![part("$document-1"), meta], (422, "no_attributes")),
        ("attributes twice", vec![part("$document-1"), attributes, attributes], (422, "bad_request")),
        ("no JSON", vec![part("$document-1"), ("attributes", None, None, b"[{")], (422, "bad_request")),
        (
            "no list",
            vec![part("$document-1"), ("attributes", None, None, b"{}")],
            (422, "invalid_attributes"),
        ),
        ("a document by a word", vec![part("$document-1"), word], (422, "invalid_attributes")),
    ] {
        let answer = party.parts("/users", &token, &parts).await;
        assert_eq!(refused(&answer), expected, "{what}");
        party.assert_empty();
    }
    let whole = multipart("/users", &token, &[part("$document-1"), attributes]);
    let Body::Bytes(bytes) = whole.body() else { panic!("bytes") };
    let mut cut = multipart("/users", &token, &[]);
    *cut.body_mut() = Body::Bytes(bytes.slice(..bytes.len() - 10));
    assert_eq!(refused(&read(&party.send(cut).await)), (422, "bad_request"));
    party.assert_empty();
    // And the good one is taken.
    assert_eq!(
        party
            .parts("/users", &token, &[part("$document-1"), attributes, meta, part("nobody knows it")])
            .await
            .0,
        201
    );
}

#[tokio::test]
async fn what_was_committed_is_removed_when_the_user_is_refused() {
    use futures_util::future::BoxFuture;
    use kyckit::{
        Error, ErrorKind,
        privacy::Secret,
        selfkey::relying_party::{Holder, Login, NewUser, Users},
    };
    struct Picky;
    impl Users for Picky {
        fn create<'a>(&'a self, _: &'a Holder, _: NewUser) -> BoxFuture<'a, Result<(), Error>> {
            Box::pin(async { Err(Error::new(ErrorKind::Conflict, "taken")) })
        }
        fn token<'a>(&'a self, _: &'a Holder, _: &'a Value) -> BoxFuture<'a, Result<Option<Secret>, Error>> {
            Box::pin(async { Ok(None) })
        }
        fn login<'a>(&'a self, _: &'a Secret) -> BoxFuture<'a, Result<Login, Error>> {
            Box::pin(async { Ok(Login::Refused { redirect_to: Some("/again".to_owned()) }) })
        }
    }
    let party = Party::with(Dialect::Current, |builder| builder.users(Picky));
    let token = party.log_in().await;
    let attributes = json!([{ "schemaId": PASSPORT, "data": { "image": "$document-1" } }]).to_string();
    let parts = [("$document-1", None, None, &b"x"[..]), ("attributes", None, None, attributes.as_bytes())];
    assert_eq!(refused(&party.parts("/users", &token, &parts).await), (400, "could_not_create"));
    party.assert_empty();
    // A login that fails may say where the page goes, and then nothing else.
    let login = party.call("POST", "/login", None, json!({ "jwt": "x" })).await;
    assert_eq!(login, (401, json!({ "redirectTo": "/again" })));
}

#[tokio::test]
async fn applications_that_are_none() {
    let party = Party::new();
    let token = party.log_in().await;
    let name = json!({ "id": "r1", "schemaId": NAME, "data": "Ada" });
    let email = json!({ "id": "r2", "schemaId": EMAIL, "data": "ada@example.com" });
    for (what, body, expected) in [
        ("no template", json!({ "attributes": [name, email] }), (422, "bad_request")),
        (
            "an unknown template",
            json!({ "templateId": "T9", "attributes": [name, email] }),
            (404, "not_found"),
        ),
        ("no attributes", json!({ "templateId": "T1" }), (422, "no_attributes")),
        (
            "a required one missing",
            json!({ "templateId": "T1", "attributes": [name] }),
            (422, "invalid_attributes"),
        ),
        (
            "a required one without a value",
            json!({ "templateId": "T1", "attributes": [name, { "id": "r2", "schemaId": EMAIL }] }),
            (422, "invalid_attributes"),
        ),
        (
            "a broken one",
            json!({ "templateId": "T1", "attributes": [name, { "id": "r2", "schemaId": EMAIL, "data": "nope" }] }),
            (422, "invalid_attributes"),
        ),
        (
            "a file that nobody has",
            json!({ "templateId": 1, "attributes": [{ "schemaId": NAME, "data": "A" }], "files": ["x"] }),
            (422, "bad_request"),
        ),
        (
            "files that are none",
            json!({ "templateId": 1, "attributes": [{ "schemaId": NAME, "data": "A" }], "files": [{}] }),
            (422, "bad_request"),
        ),
    ] {
        let answer = party.post("/applications", &token, body).await;
        assert_eq!(refused(&answer), expected, "{what}");
        party.assert_empty();
    }
    let id = "0123456789abcdef01234567";
    for (method, path, body, expected) in [
        ("GET", format!("/applications/{id}"), Value::Null, (404, "not_found")),
        ("PATCH", format!("/applications/{id}"), json!({}), (404, "not_found")),
        ("POST", format!("/applications/{id}/payments"), json!({}), (422, "no_payment_details")),
        ("POST", format!("/applications/{id}/change_status"), json!({ "code": "8" }), (422, "bad_request")),
        ("POST", format!("/applications/{id}/chat"), json!({ "message": "" }), (422, "bad_request")),
        ("POST", format!("/applications/{id}/attributes"), json!({}), (422, "bad_request")),
        ("POST", format!("/applications/{id}/members"), json!({ "memberRoles": [7] }), (422, "bad_request")),
        ("POST", "/kyc-users".to_owned(), json!({ "email": "a@b.co" }), (422, "bad_request")),
        ("GET", "/users/files/x".to_owned(), Value::Null, (404, "not_found")),
        ("DELETE", format!("/applications/{id}"), Value::Null, (405, "bad_request")),
        ("GET", "/nothing".to_owned(), Value::Null, (404, "not_found")),
    ] {
        let answer = party.call(method, &path, Some(&token), body).await;
        assert_eq!(refused(&answer), expected, "{method} {path}");
    }
}

#[test]
fn keys_and_settings_that_are_too_weak() {
    // 64 characters of base64 hold 48 bytes.
    for secret in ["", "short", &"x".repeat(64), &SECRET[..80]] {
        assert!(TokenIssuer::hmac(secret).is_err(), "{}", secret.len());
    }
    assert!(TokenIssuer::rsa("-----BEGIN RSA PRIVATE KEY-----").is_err());
    assert!(TrustedProxies::new(["10.0.0.0/99"]).is_err());
}
