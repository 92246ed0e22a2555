//! The four calls, byte by byte, and the client around them.

use kyckit::{
    ErrorKind,
    credo360::{Client, Method, Response},
    transport::{MockResponse, MockTransport, Options, RawRequest, RecordedRequest, Retry},
};

use super::*;

/// Method, path with query, and body.
fn line(sent: &RecordedRequest) -> (String, String, String) {
    let target = match sent.url.query() {
        Some(query) => format!("{}?{query}", sent.url.path()),
        None => sent.url.path().to_owned(),
    };
    (sent.method.to_string(), target, String::from_utf8(sent.body.to_vec()).expect("text"))
}

fn headers(sent: &RecordedRequest) -> Vec<(&str, &str)> {
    let mut headers: Vec<_> =
        sent.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text"))).collect();
    headers.sort_unstable();
    headers
}

#[tokio::test]
async fn each_call_is_on_the_wire_as_documented() {
    let methods = r#"{"methods":["passcode","signature","webauthn"]}"#;
    let (client, memory, _) = client([ok(methods), ok(PASSCODE), ok(VALIDATED), ok(USER)]);
    let found = client.authentication_methods(&handle()).await.expect("methods");
    assert_eq!(found, [Method::Passcode, Method::Signature, Method::Other("webauthn".into())]);
    let mut challenge = client.challenge(&handle(), &Method::Passcode).await.expect("a challenge");
    let owned = client.validate(&mut challenge, &Response::passcode("783423")).await.expect("proven");
    let user = client.user(owned.handle()).await.expect("a user");
    assert_eq!(user.handle.id, handle());

    let sent = memory.sent();
    let lines: Vec<_> = sent.iter().map(line).collect();
    let expected = [
        ("GET", "/auth/02598397346", ""),
        ("POST", "/auth/02598397346?method=passcode", ""),
        ("PATCH", "/auth/Zi4czDlpdMdP3RRN9DQ", r#"{"response":"783423"}"#),
        ("GET", "/users/02598397346", ""),
    ];
    assert_eq!(lines, expected.map(|(method, target, body)| (method.into(), target.into(), body.into())));
    for sent in &sent {
        assert_eq!(sent.url.origin().ascii_serialization(), "https://api.credo360.com");
        let mut expected = vec![("accept", "application/json"), ("authorization", "client client-4711")];
        if sent.method == "PATCH" {
            expected.push(("content-type", "application/json"));
        }
        assert_eq!(headers(sent), expected);
    }
}

#[tokio::test]
async fn ids_and_methods_cannot_change_the_path() {
    let body = r#"{"challengeId":"a/b?c#d%e+f=g é~","method":"passcode","validation":{"length":1,"delivery":"otp"}}"#;
    let (client, memory, _) = client([ok(body), ok(r#"{"handleId":"../users/1"}"#)]);
    let handle = "../users/1".parse().expect("odd, and no path");
    let mut challenge = client.challenge(&handle, &Method::Other("a&b=c".into())).await.expect("a challenge");
    client.validate(&mut challenge, &Response::passcode("1")).await.expect("proven");
    let lines: Vec<_> = memory.sent().iter().map(|sent| line(sent).1).collect();
    assert_eq!(lines, ["/auth/..%2Fusers%2F1?method=a%26b%3Dc", "/auth/a%2Fb%3Fc%23d%25e%2Bf%3Dg%20%C3%A9~"]);
}

#[tokio::test]
async fn the_base_url_keeps_its_path_and_its_slash_does_not_matter() {
    for base in ["https://proxy.example/credo", "https://proxy.example/credo/"] {
        let memory = MockTransport::new([ok(r#"{"methods":[]}"#)]);
        let options = Options::new().transport(memory.clone());
        let client = Client::builder("x").base_url(base).options(options).build().expect("good settings");
        assert!(client.authentication_methods(&handle()).await.expect("none").is_empty());
        assert_eq!(memory.sent()[0].url.as_str(), "https://proxy.example/credo/auth/02598397346");
    }
}

#[tokio::test]
async fn a_raw_call_carries_the_credentials() {
    let (client, memory, _) = client([ok(r#"{"accepted":true}"#)]);
    let request = RawRequest::post(["transactions", "a/b", ""]).query("dry", "yes & no");
    let answer =
        client.raw(request.json(&serde_json::json!({ "amount": 1 })).expect("JSON")).await.expect("answered");
    assert_eq!(answer.json::<serde_json::Value>().expect("JSON")["accepted"], true);
    let sent = &memory.sent()[0];
    let expected = ("POST", "/transactions/a%2Fb/?dry=yes+%26+no", r#"{"amount":1}"#);
    assert_eq!(line(sent), (expected.0.into(), expected.1.into(), expected.2.into()));
    assert_eq!(sent.headers["authorization"], "client client-4711");
}

#[tokio::test]
async fn the_client_id_can_be_replaced_while_the_client_is_in_use() {
    let (client, memory, _) = client([ok(USER), ok(USER)]);
    client.user(&handle()).await.expect("a user");
    let clone = client.clone();
    client.replace_client_id("client-4712").expect("good");
    for bad in ["", "a b", "a\n", " a", "[\u{7f}]"] {
        let error = client.replace_client_id(bad).expect_err("bad");
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Configuration, Some("replace_client_id")));
    }
    clone.user(&handle()).await.expect("a user");
    let ids: Vec<_> = memory.sent().iter().map(|sent| sent.headers["authorization"].clone()).collect();
    assert_eq!(ids, ["client client-4711", "client client-4712"]);
    assert!(
        ids.iter().all(|id| !id.is_sensitive()) || memory.sent()[0].headers["authorization"].is_sensitive()
    );
}

#[test]
fn wrong_settings_are_refused_before_anything_is_sent() {
    for (id, base) in [
        ("", "https://api.credo360.com"),
        ("two words", "https://api.credo360.com"),
        ("line\n", "https://api.credo360.com"),
        ("good", "http://api.credo360.com"),
        ("good", "api.credo360.com"),
        ("good", "https://user:password@api.credo360.com"),
    ] {
        let error = Client::builder(id).base_url(base).build().expect_err("refused");
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Configuration, Some("build")));
        assert!(error.to_string().starts_with("credo360 build: wrong configuration"), "{error}");
    }
}

#[tokio::test]
async fn reading_is_repeated_and_creating_a_challenge_is_not() {
    let (client, memory, frozen) =
        client([MockResponse::json(503, ""), MockResponse::json(502, ""), ok(USER)]);
    client.user(&handle()).await.expect("at the third attempt");
    assert_eq!((memory.sent().len(), frozen.sleeps().len()), (3, 2));

    let (client, memory, _) = self::client([MockResponse::json(503, ""), ok(PASSCODE)]);
    let error = client.challenge(&handle(), &Method::Passcode).await.expect_err("not repeated");
    assert_eq!((error.kind(), memory.sent().len()), (ErrorKind::Provider, 1));
    assert!(error.may_have_taken_effect(), "the user may have a code by now");

    let (client, memory, _) = self::client([]);
    memory.then_fail(kyckit::Error::new(ErrorKind::Connect, "refused"));
    memory.then(ok(PASSCODE));
    client.challenge(&handle(), &Method::Passcode).await.expect("the first never left");
    assert_eq!(memory.sent().len(), 2);
}

#[tokio::test]
async fn a_status_has_its_kind_and_a_body_may_be_anything() {
    for (status, kind) in [
        (400, ErrorKind::InvalidRequest),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::Permission),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Provider),
        (302, ErrorKind::Provider),
    ] {
        for body in ["", "<html>Jane</html>", r#"{"error":{"message":"Jane"}}"#, "\u{0}"] {
            let memory = MockTransport::new([MockResponse::json(status, body)]);
            let options = Options::new().transport(memory).retry(Retry::never()).keep_body_excerpt();
            let client = Client::builder("x").options(options).build().expect("good settings");
            let error = client.user(&handle()).await.expect_err("refused");
            assert_eq!((error.kind(), error.status().map(|status| status.as_u16())), (kind, Some(status)));
            assert_eq!(
                (error.provider().map(|name| name.as_str()), error.operation()),
                (Some("credo360"), Some("user"))
            );
            assert!(!error.to_string().contains("Jane") && !error.may_have_taken_effect());
            assert_eq!(error.body_excerpt().is_some_and(|kept| kept.contains("Jane")), body.contains("Jane"));
        }
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_named_by_its_path() {
    for (body, path) in [
        ("{}", "methods"),
        (r#"{"methods":null}"#, "methods"),
        (r#"{"methods":["passcode",7]}"#, "methods[1]"),
        ("<html>", "."),
        (r#"{"methods":["#, "methods"),
    ] {
        let (client, ..) = client([ok(body)]);
        let error = client.authentication_methods(&handle()).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert!(error.path().unwrap_or_default().starts_with(path), "{body}: {:?}", error.path());
    }
}

#[tokio::test]
async fn a_profile_of_somebody_else_is_no_answer() {
    let (client, ..) = client([ok(&USER.replace(HANDLE, "2598397346"))]);
    let error = client.user(&handle()).await.expect_err("leading zeros count");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Provider, Some("answer.handle")));
    assert!(!error.is_retryable() && !error.may_have_taken_effect());
}
