//! The relying party's calls: statuses, bodies, what is stored.

use http::Request;
use kyckit::{
    selfkey::{
        Dialect,
        attribute::Requirement,
        did::{Chain, Controllers, Resolver},
        relying_party::{Cause, TokenIssuer, TrustedProxies},
    },
    transport::Body,
};
use serde_json::{Value, json};

use crate::party::{
    DID, EMAIL, HOME, NAME, NOW, PASSPORT, Party, SECRET, bearer, high_s, payload, read, refused, sign,
    wallet,
};

#[tokio::test]
async fn a_challenge_is_the_librarys_and_knows_its_subject_and_its_address() {
    let party = Party::new();
    let claims = payload(&party.challenge(DID).await);
    assert_eq!(claims["sub"], DID);
    assert_eq!(claims["tokenType"], "CHALLENGE");
    assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(NOW), Some(NOW + 1800)));
    assert_eq!(claims["nonce"].as_str().map(str::len), Some(88));
    assert_eq!(claims["address"], HOME.to_string());
    assert_ne!(payload(&party.challenge(DID).await)["nonce"], claims["nonce"]);
}

#[tokio::test]
async fn whoever_has_the_key_is_given_an_access_token() {
    let party = Party::new();
    let token = party.log_in().await;
    assert_eq!(payload(&token), json!({ "tokenType": "ACCESS", "iat": NOW, "exp": NOW + 3600, "sub": DID }));
    assert_eq!(party.party.holder(&bearer(&token)).expect("a holder").as_str(), DID);
    // The second path is served too.
    let (challenge, body) = party.signed(&wallet()).await;
    assert_eq!(party.post("/auth/challenge-response", &challenge, body).await.0, 200);
}

#[tokio::test]
async fn an_identity_of_the_ledger_logs_in_by_its_controller() {
    let id = "0x45aefb75566aa4af4a20c3b36c9e329e36124b25a5b733279c2c09b28e1ddef0";
    let controllers = Controllers::new().with(Chain::Mainnet, id, &DID["did:eth:".len()..]);
    let party =
        Party::with(Dialect::Current, |builder| builder.resolver(Resolver::new().controllers(controllers)));
    for (did, status) in [
        (format!("did:selfkey:{id}"), 200),
        (format!("did:selfkey:{id};a:b=c"), 200),
        // Registered on one chain is not registered on the other.
        (format!("did:selfkey:{id};selfkey:chain=ropsten"), 422),
        (format!("did:selfkey:0x{}", "e".repeat(64)), 422),
    ] {
        let challenge = party.challenge(&did).await;
        let signature = json!({ "value": sign(&wallet(), &challenge), "keyId": format!("{did}#keys-1") });
        let answer = party.post("/auth/challenge", &challenge, json!({ "signature": signature })).await;
        assert_eq!(answer.0, status, "{did}: {}", answer.1);
    }
}

#[tokio::test]
async fn a_sign_up_keeps_attributes_and_the_browser_logs_in_once() {
    let party = Party::with(Dialect::Current, |builder| builder.sign_up([Requirement::new(NAME).id("r1")]));
    let token = party.log_in().await;
    assert_eq!(refused(&party.get("/users/token?meta=%7B%7D", &token).await), (404, "user_does_not_exist"));
    let upload =
        party.parts("/users/file", &token, &[("document", Some("p.png"), Some("image/png"), b"PNG")]).await;
    assert_eq!(upload.0, 200);
    let file = json!({ "mimeType": "image/png", "size": 3, "content": upload.1["id"] });
    let attributes = json!([
        { "id": "r1", "schemaId": NAME, "data": "Ada", "schema": { "type": "string" } },
        { "id": "r9", "schemaId": PASSPORT, "data": { "image": file } },
    ]);
    let created = party
        .post("/users", &token, json!({ "attributes": attributes, "meta": { "templateId": "T1" } }))
        .await;
    assert_eq!(created, (201, Value::Null));
    let user = party.store.user(DID).expect("a user");
    assert_eq!(user.meta, json!({ "templateId": "T1" }));
    assert_eq!(user.attributes[0].data.expose(), &json!("Ada"));

    let (status, body) = party.get("/users/token?meta=%7B%22templateId%22%3A%22T1%22%7D", &token).await;
    assert_eq!(status, 200);
    let login = party.call("POST", "/login", None, body.clone()).await;
    assert_eq!(login, (200, json!({ "redirectTo": "https://site.example/in" })));
    assert_eq!(refused(&party.call("POST", "/login", None, body).await), (401, "token_invalid"));
    // A second sign-up of the same holder updates.
    assert_eq!(
        party
            .post(
                "/users",
                &token,
                json!({ "attributes": [{ "id": "r1", "schemaId": NAME, "data": { "value": "Bob" } }] })
            )
            .await
            .0,
        201
    );
    assert_eq!(party.store.user(DID).expect("a user").attributes[0].data.expose(), &json!("Bob"));
    assert_eq!(party.store.user_count(), 1);
}

#[tokio::test]
async fn the_bare_list_of_the_first_wallets_is_a_sign_up() {
    let party = Party::new();
    let token = party.log_in().await;
    let list = json!([{ "id": "r1", "schemaId": NAME, "value": "Ada" }]);
    assert_eq!(party.post("/users", &token, list).await, (201, Value::Null));
    assert_eq!(party.store.user(DID).expect("a user").attributes[0].data.expose(), &json!("Ada"));
}

#[tokio::test]
async fn a_multipart_sign_up_puts_files_where_they_are_referred_to() {
    let party = Party::new();
    let token = party.log_in().await;
    let attributes = json!([
        { "id": "p", "schemaId": PASSPORT, "data": { "image": "$document-2" }, "documents": [2] },
        { "id": "q", "schemaId": PASSPORT, "data": { "value": { "image": "$document-11" } } },
    ])
    .to_string();
    let created = party
        .parts(
            "/users",
            &token,
            &[
                ("$document-2", Some("a.jpg"), Some("image/jpeg"), b"JPEG\r\n--Xy"),
                ("$document-11", None, Some("image/png"), b""),
                ("attributes", None, Some("application/json"), attributes.as_bytes()),
                ("meta", None, Some("application/json"), b"{\"a\":1}"),
            ],
        )
        .await;
    assert_eq!(created, (201, Value::Null));
    let user = party.store.user(DID).expect("a user");
    assert_eq!(user.meta, json!({ "a": 1 }));
    let image = &user.attributes[0].data.expose()["image"];
    assert_eq!(
        (image["mimeType"].as_str(), image["size"].as_u64(), image["name"].as_str()),
        (Some("image/jpeg"), Some(10), Some("a.jpg"))
    );
    let file = party.store.file(image["content"].as_str().expect("an id")).expect("a file");
    assert_eq!(file.content.expose().as_ref(), b"JPEG\r\n--Xy");
    assert_eq!(user.attributes[1].data.expose()["image"]["size"], 0);
    assert_eq!(party.store.file_count(), 2);
}

#[tokio::test]
async fn templates_are_served_to_anybody() {
    let party = Party::new();
    let (status, list) = party.call("GET", "/templates", None, Value::Null).await;
    assert_eq!((status, list.as_array().map(Vec::len)), (200, Some(2)));
    let (status, one) = party.call("GET", "/templates/T1?format=minimum", None, Value::Null).await;
    assert_eq!((status, &one["attributes"][1]["schemaId"]), (200, &json!(EMAIL)));
    assert_eq!(party.call("GET", "/templates/1", None, Value::Null).await.0, 200);
    assert_eq!(refused(&party.call("GET", "/templates/T2", None, Value::Null).await), (404, "not_found"));
}

#[tokio::test]
async fn an_application_is_handed_in_read_changed_and_paid() {
    let party = Party::new();
    let token = party.log_in().await;
    let attributes = json!([
        { "id": "r1", "schemaId": NAME, "required": true, "data": "Ada" },
        { "id": "r2", "schemaId": EMAIL, "required": true, "data": "ada@example.com" },
    ]);
    let (status, created) =
        party.post("/applications", &token, json!({ "templateId": "T1", "attributes": attributes })).await;
    assert_eq!(status, 200);
    let id = created["id"].as_str().expect("an id");
    assert_eq!(id.len(), 24);

    let (_, list) = party.get("/applications?fields=id,currentStatus&sort=-createdAt", &token).await;
    assert_eq!(list, json!([{ "id": id, "currentStatus": 4 }]));
    let (_, one) = party.get(&format!("/applications/{id}"), &token).await;
    assert_eq!(one["attributes"]["r2"]["value"], "ada@example.com");
    assert_eq!(one["createdAt"], "2023-11-14T22:13:20.000Z");

    assert!(party.store.request_attribute(id, &Requirement::new(PASSPORT).id("extra")));
    let upload = party.parts("/files", &token, &[("document", Some("p"), Some("image/png"), b"PNG")]).await.1;
    let filled = json!({ "attributes": [{ "id": "extra", "schemaId": PASSPORT,
        "data": { "image": { "mimeType": "image/png", "size": 3, "content": upload["id"] } } }] });
    let (status, patched) = party.call("PATCH", &format!("/applications/{id}"), Some(&token), filled).await;
    assert_eq!((status, &patched["attributes"]["extra"]["valid"]), (200, &json!(true)));

    let path = |call: &str| format!("/applications/{id}/{call}");
    let hash = json!({ "transactionHash": "0xabc" });
    assert_eq!(
        party.post(&path("payments"), &token, hash).await.1["payments"][0]["transactionHash"],
        "0xabc"
    );
    assert_eq!(party.post(&path("chat"), &token, json!({ "message": "Hello" })).await.0, 200);
    assert!(party.store.write_message(id, "Certifier", "Good day"));
    let (_, messages) = party.get(&path("chat"), &token).await;
    assert_eq!(
        (&messages[0]["message"], &messages[1]["user"]["name"]),
        (&json!("Hello"), &json!("Certifier"))
    );
    let extra = json!({ "jsonSchema": { "title": "Document to notarize" }, "schemaId": NAME });
    assert_eq!(party.post(&path("attributes"), &token, extra).await.0, 200);
    let member = json!({ "application": { "templateId": "1", "attributes": [{ "schemaId": NAME, "data": "Bob" }] },
        "memberRoles": ["director_ltd"], "shares": 40 });
    let (status, added) = party.post(&path("members"), &token, member).await;
    assert_eq!(status, 200);
    let added = party.store.any_application(added["id"].as_str().expect("an id")).expect("an application");
    assert_eq!((&added["shares"], &added["baseApplicationId"]), (&json!(40.0), &json!(id)));

    // A wallet cancels, and decides nothing.
    assert_eq!(
        refused(&party.post(&path("change_status"), &token, json!({ "code": 2 })).await),
        (403, "forbidden")
    );
    let cancelled =
        party.post(&path("change_status"), &token, json!({ "code": 8, "note": "changed my mind" })).await;
    assert_eq!((cancelled.0, &cancelled.1["statusLog"][0]["note"]), (200, &json!("changed my mind")));
}

#[tokio::test]
async fn nobody_sees_what_is_somebody_elses() {
    let party = Party::new();
    let token = party.log_in().await;
    let attributes = json!([{ "schemaId": NAME, "data": "Ada" }]);
    let (_, created) =
        party.post("/applications", &token, json!({ "templateId": 1, "attributes": attributes })).await;
    let id = created["id"].as_str().expect("an id").to_owned();
    let file = party.parts("/files", &token, &[("document", None, None, b"x")]).await.1;

    let other = kyckit::selfkey::WalletKey::from_hex("11".repeat(32)).expect("a key");
    let (challenge, body) = party.signed(&other).await;
    let (_, answer) = party.post("/auth/challenge", &challenge, body).await;
    let thief = answer["jwt"].as_str().expect("a token");
    for (method, path, body) in [
        ("GET", format!("/applications/{id}"), Value::Null),
        ("GET", format!("/applications/{id}/chat"), Value::Null),
        ("PATCH", format!("/applications/{id}"), json!({})),
        ("POST", format!("/applications/{id}/payments"), json!({ "transactionHash": "0x1" })),
        ("POST", format!("/applications/{id}/change_status"), json!({ "code": 8 })),
    ] {
        assert_eq!(
            refused(&party.call(method, &path, Some(thief), body).await),
            (404, "not_found"),
            "{method} {path}"
        );
    }
    assert_eq!(party.get("/applications", thief).await, (200, json!([])));
    let stolen = json!([{ "schemaId": PASSPORT, "data": { "image": { "content": file["id"] } } }]);
    let answer = party.post("/users", thief, json!({ "attributes": stolen })).await;
    assert_eq!(refused(&answer), (422, "invalid_attributes"));
}

#[tokio::test]
async fn the_checking_service_is_told_who_the_holder_is() {
    let party = Party::new();
    let token = party.log_in().await;
    assert_eq!(party.get("/kyc-users/me", &token).await.0, 404);
    let user = json!({ "email": "ada@example.com", "name": "Ada Lovelace", "entityType": null });
    let (status, known) = party.post("/kyc-users", &token, user).await;
    assert_eq!((status, &known["did"]), (201, &json!(DID)));
    assert_eq!(party.get("/kyc-users/me", &token).await, (200, known));
}

#[tokio::test]
async fn the_nine_calls_of_the_older_page_work_as_printed() {
    let party = Party::documented();
    let challenge = party.challenge(DID).await;
    let claims = payload(&challenge);
    assert_eq!(
        claims.as_object().expect("claims").keys().collect::<Vec<_>>(),
        ["sub", "nbf", "exp", "nonce"]
    );
    assert_eq!((&claims["sub"], &claims["nbf"]), (&json!(HOME.to_string()), &json!(NOW)));

    let body = json!({ "signature": sign(&wallet(), &challenge) });
    let (status, answer) = party.post("/auth/challenge", &challenge, body).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["jwt"].as_str().expect("a token");
    let claims = payload(token);
    assert_eq!(claims.as_object().expect("claims").keys().collect::<Vec<_>>(), ["sub", "nbf", "exp"]);
    assert_eq!(claims["sub"], wallet().public_key().to_hex());

    assert_eq!(party.get("/auth/token", token).await.0, 404);
    // The page's own example, without its slips: attributes first, no file names, values in wrappers.
    let attributes = json!([{ "id": PASSPORT, "data": { "value": { "image": "$document-1" } } }]).to_string();
    let (status, created) = party
        .parts(
            "/users",
            token,
            &[
                ("attributes", None, Some("application/json"), attributes.as_bytes()),
                ("$document-1", None, Some("image/jpeg"), b"JPEG"),
            ],
        )
        .await;
    assert_eq!((status, &created["message"]), (201, &json!("User Created Successfully")));
    assert!(created["token"].is_string());

    let (status, user_token) = party.get("/auth/token", token).await;
    assert_eq!(status, 200);
    let login = party.post("/login", token, user_token).await;
    assert_eq!(login, (200, json!({ "redirectUrl": "https://site.example/in" })));

    let (_, templates) = party.call("GET", "/templates/", None, Value::Null).await;
    assert_eq!(templates["templates"][1]["id"], 1);
    let (_, template) = party.call("GET", "/templates/1/schema.json", None, Value::Null).await;
    assert_eq!(template["template"]["id"], 1);
    assert_eq!(party.call("GET", "/templates/9/schema.json", None, Value::Null).await.0, 404);

    let mut files = Vec::new();
    for name in ["file", "document"] {
        let (status, file) =
            party.parts("/files", token, &[(name, Some("x"), Some("image/png"), b"PNG")]).await;
        assert_eq!(status, 200);
        files.push(file["fileId"].clone());
    }
    let application = json!({ "templateId": 1, "attributes": [{ "id": NAME, "data": { "value": "Ada" } }], "files": files });
    assert_eq!(
        party.post("/applications", token, application).await,
        (201, json!({ "message": "Application Created" }))
    );
    assert_eq!(party.store.all_applications()[0]["files"], json!(files));
}

#[tokio::test]
async fn the_older_page_knows_400_401_and_404_only() {
    let party = Party::documented();
    let token = {
        let (challenge, body) = party.signed(&wallet()).await;
        party.post("/auth/challenge", &challenge, body).await.1["jwt"].as_str().expect("a token").to_owned()
    };
    let (challenge, _) = party.signed(&wallet()).await;
    for (method, path, sent, body, status) in [
        ("POST", "/auth/challenge", Some(challenge.as_str()), json!({}), 400),
        ("POST", "/auth/challenge", Some(&challenge), json!({ "signature": "0x12" }), 401),
        ("POST", "/auth/challenge", Some(&token), json!({ "signature": "0x12" }), 401),
        ("POST", "/auth/challenge", None, json!({ "signature": "0x12" }), 400),
        ("POST", "/users", Some(&token), json!({ "attributes": [] }), 400),
        ("POST", "/users", Some(&challenge), json!({}), 401),
        ("GET", "/auth/token", Some(&challenge), Value::Null, 400),
        ("GET", "/auth/token", Some(&token), Value::Null, 404),
        ("POST", "/login", Some(&token), json!({}), 400),
        ("POST", "/login", Some(&token), json!({ "token": "nope" }), 401),
        ("POST", "/login", None, json!({ "token": "nope" }), 400),
        ("POST", "/files", Some(&token), json!({}), 400),
        ("POST", "/applications", Some(&token), json!({ "templateId": 9, "attributes": [] }), 400),
        ("POST", "/applications", Some(&token), json!({ "templateId": 1, "attributes": [] }), 400),
        (
            "POST",
            "/applications",
            Some(&token),
            json!({ "templateId": 1, "attributes": [{ "id": NAME, "data": "A" }], "files": ["x"] }),
            400,
        ),
    ] {
        let answer = party.call(method, path, sent, body.clone()).await;
        assert_eq!(answer.0, status, "{method} {path} {body}: {}", answer.1);
        assert!(answer.1["code"].is_string() && answer.1["message"].is_string(), "{}", answer.1);
    }
    party.assert_empty();
}

#[tokio::test]
async fn the_dialects_do_not_mix() {
    let (current, documented) = (Party::new(), Party::documented());
    assert_eq!(current.call("GET", "/auth/challenge", None, Value::Null).await.0, 405);
    assert_eq!(documented.call("GET", &format!("/auth/challenge/{DID}"), None, Value::Null).await.0, 404);
    // Both issue with the same key here, and still neither takes the other's tokens.
    let (challenge, body) = documented.signed(&wallet()).await;
    assert_eq!(current.post("/auth/challenge", &challenge, body.clone()).await.0, 401);
    let (_, answer) = documented.post("/auth/challenge", &challenge, body).await;
    assert_eq!(current.get("/applications", answer["jwt"].as_str().expect("a token")).await.0, 401);
    let token = current.log_in().await;
    assert_eq!(documented.post("/files", &token, json!({})).await.0, 401);
}

#[tokio::test]
async fn a_proxy_is_believed_only_when_it_is_trusted() {
    let proxies = TrustedProxies::new(["10.0.0.0/8"]).expect("networks");
    for dialect in [Dialect::Current, Dialect::Documented] {
        let mut party = Party::with(dialect, |builder| builder.trusted_proxies(proxies.clone()));
        party.caller = "10.1.1.1".parse().expect("an address");
        let path = if dialect == Dialect::Documented {
            "/auth/challenge".to_owned()
        } else {
            format!("/auth/challenge/{DID}")
        };
        let get = |forwarded: &str| {
            Request::get(&path).header("x-forwarded-for", forwarded).body(Body::Empty).expect("a request")
        };
        let (_, answer) = read(&party.send(get("6.6.6.6, 198.51.100.9")).await);
        let challenge = answer["jwt"].as_str().expect("a token").to_owned();
        let claims = payload(&challenge);
        let address = if dialect == Dialect::Documented { &claims["sub"] } else { &claims["address"] };
        assert_eq!(address, "198.51.100.9");

        let value = sign(&wallet(), &challenge);
        let signature = match dialect {
            Dialect::Documented => json!(value),
            _ => json!({ "value": value, "keyId": format!("{DID}#keys-1") }),
        };
        let body = json!({ "signature": signature }).to_string();
        for (forwarded, status) in
            [("198.51.100.8", 401), ("198.51.100.9, 6.6.6.6", 401), ("198.51.100.9", 200)]
        {
            let request = Request::post("/auth/challenge")
                .header("authorization", format!("Bearer {challenge}"))
                .header("x-forwarded-for", forwarded)
                .body(Body::Bytes(body.clone().into()))
                .expect("a request");
            assert_eq!(party.send(request).await.status(), status, "{forwarded}");
        }
    }
}

#[tokio::test]
async fn an_address_may_change_where_the_setting_says_so() {
    let mut party = Party::with(Dialect::Current, |builder| builder.allow_changing_address());
    let (challenge, body) = party.signed(&wallet()).await;
    assert_eq!(payload(&challenge).get("address"), None);
    party.caller = "198.51.100.1".parse().expect("an address");
    assert_eq!(party.post("/auth/challenge", &challenge, body).await.0, 200);
}

#[tokio::test]
async fn a_malleable_signature_passes_only_by_the_switch() {
    let lax = Party::with(Dialect::Current, |builder| builder.accept_malleable_signatures());
    for (party, status) in [(Party::new(), 422), (lax, 200)] {
        let (challenge, mut body) = party.signed(&wallet()).await;
        let value = body["signature"]["value"].as_str().expect("a signature").to_owned();
        body["signature"]["value"] = high_s(&value).into();
        assert_eq!(party.post("/auth/challenge", &challenge, body).await.0, status);
    }
}

#[tokio::test]
async fn an_origin_that_is_not_on_the_list_is_refused() {
    let party =
        Party::with(Dialect::Current, |builder| builder.allowed_origins(["IDW", "https://site.example"]));
    for (origin, status) in [
        (Some("IDW"), 200),
        (Some("https://site.example"), 200),
        (Some("https://evil.example"), 403),
        (None, 403),
    ] {
        let mut request = Request::get("/templates");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let response = party.send(request.body(Body::Empty).expect("a request")).await;
        assert_eq!(response.status(), status, "{origin:?}");
    }
    // The older page lists no headers for its first call.
    let older = Party::with(Dialect::Documented, |builder| builder.allowed_origins(["IDW"]));
    for (path, status) in [("/auth/challenge", 200), ("/templates", 200), ("/auth/token", 400)] {
        let request = Request::get(path).body(Body::Empty).expect("a request");
        assert_eq!(older.send(request).await.status(), status, "{path}");
    }
}

#[tokio::test]
async fn tokens_of_rsa_are_served_alike_and_another_algorithm_is_not_taken() {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/selfkey/tokens-issued.json")).expect("JSON");
    let rsa =
        vectors["vectors"].as_array().expect("cases").iter().find(|case| case["input"]["algorithm"] == "rsa");
    let key = rsa.expect("a case")["input"]["signing_key"].as_str().expect("a key");
    let (clock, _) =
        kyckit::clock::Clock::frozen(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(NOW));
    let by_rsa = TokenIssuer::rsa(key).expect("a key").clock(clock.clone());
    let by_hmac = TokenIssuer::hmac(SECRET).expect("a secret").clock(clock);
    let token = by_rsa.issue_access(DID).expect("a token");
    assert!(token.expose().starts_with("eyJhbGciOiJSUzUxMiIsInR5cCI6IkpXVCJ9."));
    assert_eq!(by_rsa.verifier().access(token.expose()).expect("valid").holder().as_str(), DID);
    assert!(by_hmac.verifier().access(token.expose()).is_err());
    let party = Party::new();
    assert_eq!(refused(&party.get("/applications", token.expose()).await), (401, "token_invalid"));
}

#[tokio::test]
async fn the_error_behind_a_refusal_is_for_the_log_and_holds_nothing_of_the_holder() {
    let party = Party::new();
    let (challenge, mut body) = party.signed(&wallet()).await;
    body["signature"]["keyId"] = "did:eth:0x29c44ba20d4ff9c6195b6aceb4707ef20136e4ae#keys-1".into();
    let request = crate::party::request(
        "POST",
        "/auth/challenge",
        Some(&challenge),
        Body::Bytes(body.to_string().into()),
    );
    let response = party.send(request).await;
    let Cause(error) = response.extensions().get::<Cause>().expect("a cause");
    assert_eq!(error.check(), Some("signature.key_usage"));
    assert_eq!(error.code(), Some("signature_invalid"));
    let shown = format!("{error} {error:?} {:?}", response.extensions().get::<Cause>());
    for canary in ["5f2e5edc", "29c44ba2", &challenge[..40], "0x"] {
        assert!(!shown.contains(canary), "{shown}");
    }
}

#[tokio::test]
async fn nothing_of_a_holder_shows() {
    let party = Party::new();
    let token = party.log_in().await;
    let issuer = TokenIssuer::hmac(SECRET).expect("a secret");
    let holder = party.party.holder(&bearer(&token)).expect("a holder");
    party
        .post("/users", &token, json!({ "attributes": [{ "schemaId": NAME, "data": "Ada Lovelace" }] }))
        .await;
    let user = party.store.user(DID).expect("a user");
    let shown =
        format!("{:?} {issuer:?} {:?} {holder:?} {user:?} {:?}", party.party, issuer.verifier(), party.store);
    for canary in ["5f2e5edc", "gEJPmQNj", "Ada", &token[..30]] {
        assert!(!shown.contains(canary), "{shown}");
    }
}

#[tokio::test]
async fn what_is_not_set_up_is_not_there() {
    let issuer = TokenIssuer::hmac(SECRET).expect("a secret");
    let token = issuer.issue_access(DID).expect("a token");
    let party = kyckit::selfkey::relying_party::RelyingParty::builder(issuer).build();
    for (method, path) in [
        ("GET", "/templates"),
        ("POST", "/users"),
        ("POST", "/files"),
        ("GET", "/applications"),
        ("POST", "/login"),
    ] {
        let request = crate::party::request(method, path, Some(token.expose()), Body::Bytes("{}".into()));
        assert_eq!(party.handle(request, HOME).await.status(), 404, "{method} {path}");
    }
}
