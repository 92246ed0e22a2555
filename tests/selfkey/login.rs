//! Logging in: what is signed, how long a session lives, what happens when it is refused.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Method;
use kyckit::{
    Error, ErrorKind,
    selfkey::{Client, Did, ErrorBody, WalletKey, WalletSignature, WalletSigner, wallet::signer},
    transport::{MockResponse, MockTransport, Options, Request, Response, Transport},
};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn the_two_requests_are_on_the_wire_as_the_wallet_sends_them() {
    let memory = logged_in([]);
    client(&memory).log_in().await.expect("logged in");
    let sent = memory.sent();
    let [challenge, reply] = sent.as_slice() else { panic!("{} requests", sent.len()) };
    assert_eq!(challenge.method, Method::GET);
    assert_eq!(challenge.url.as_str(), format!("https://rp.example/api/auth/challenge/{DID}"));
    assert_eq!(header(challenge, "authorization"), None);
    assert_eq!(reply.method, Method::POST);
    assert_eq!(reply.url.as_str(), "https://rp.example/api/auth/challenge");
    assert_eq!(
        header(reply, "authorization"),
        Some(format!("Bearer {}", token(r#"{"nonce":"test"}"#)).as_str())
    );
    assert!(reply.headers["authorization"].is_sensitive());
    assert_eq!(header(reply, "content-type"), Some("application/json"));
    assert_eq!(body(reply), json!({ "signature": { "value": SIGNATURE, "keyId": format!("{DID}#keys-1") } }));
    for sent in [challenge, reply] {
        assert_eq!(header(sent, "user-agent"), Some("SelfKeyIDW/2.1.3"));
        assert_eq!(header(sent, "origin"), Some("IDW"));
        assert_eq!(header(sent, "accept"), Some("application/json"));
    }
}

#[tokio::test]
async fn the_documented_dialect_names_no_subject_and_signs_plainly() {
    let memory = logged_in([]);
    documented(&memory).log_in().await.expect("logged in");
    let sent = memory.sent();
    assert_eq!(sent[0].url.as_str(), "https://rp.example/api/auth/challenge");
    assert_eq!(body(&sent[1]), json!({ "signature": SIGNATURE }));
    assert_eq!(header(&sent[1], "user-agent"), Some("SelfkeyIDW/2.1.3"));
}

#[tokio::test]
async fn relying_parties_of_early_2019_know_the_public_key() {
    let memory = logged_in([]);
    let options = Options::new().transport(memory.clone()).clock(clock().0);
    let client = Client::builder(config(), key().public_key(), key()).options(options).build();
    client.expect("a client").log_in().await.expect("logged in");
    let sent = memory.sent();
    let last = sent[0].url.path().rsplit('/').next().expect("a segment");
    assert_eq!(last, key().public_key().to_hex());
    assert_eq!(last.len(), 130);
    assert_eq!(body(&sent[1]), json!({ "signature": SIGNATURE }));
}

#[tokio::test]
async fn the_older_claim_wins_and_the_text_of_the_token_is_kept() {
    // With spaces: to write it anew would break its signature.
    let odd = r#"{ "challenge" : "test", "nonce": "other" }"#;
    let memory = MockTransport::new([jwt(odd), wallet_token("first", NOW + 3600)]);
    client(&memory).log_in().await.expect("logged in");
    let reply = &memory.sent()[1];
    assert_eq!(header(reply, "authorization"), Some(format!("Bearer {}", token(odd)).as_str()));
    assert_eq!(body(reply)["signature"]["value"], SIGNATURE);
}

#[tokio::test]
async fn a_session_serves_until_it_nears_its_end() {
    let memory = logged_in([]);
    let (clock, frozen) = clock();
    let options = Options::new().transport(memory.clone()).clock(clock);
    let client = Client::builder(config(), key().did(), key()).options(options).build().expect("a client");
    client.log_in().await.expect("logged in");
    frozen.advance(Duration::from_secs(3500));
    client.log_in().await.expect("still");
    assert_eq!(memory.sent().len(), 2);

    // Half a minute before its end it is over, and what changes something logs in first.
    frozen.advance(Duration::from_secs(70));
    memory.then(challenge());
    memory.then(wallet_token("second", NOW + 7200));
    memory.then(MockResponse::json(200, "{}"));
    client.post_message("a", "hello").await.expect("sent");
    assert_eq!(header(&memory.sent()[4], "authorization"), Some(bearer("second", NOW + 7200).as_str()));
}

#[tokio::test]
async fn a_token_without_an_end_serves_until_it_is_refused() {
    let memory = MockTransport::new([challenge(), jwt(r#"{"sub":"x"}"#)]);
    let (clock, frozen) = clock();
    let options = Options::new().transport(memory.clone()).clock(clock);
    let client = Client::builder(config(), key().did(), key()).options(options).build().expect("a client");
    client.log_in().await.expect("logged in");
    frozen.advance(Duration::from_secs(1_000_000));
    client.log_in().await.expect("still");
    client.log_out();
    memory.then(challenge());
    memory.then(jwt(r#"{"sub":"y"}"#));
    client.log_in().await.expect("again");
    assert_eq!(memory.sent().len(), 4);
}

fn refused() -> MockResponse {
    MockResponse::json(401, r#"{"code":"token_invalid","message":"Invalid authentication token"}"#)
}

#[tokio::test]
async fn reading_survives_a_refused_token_once() {
    let memory = logged_in([
        refused(),
        challenge(),
        wallet_token("second", NOW + 3600),
        MockResponse::json(200, "[]"),
    ]);
    let list = client(&memory).applications().await.expect("a list");
    assert!(list.is_empty());
    let sent = memory.sent();
    assert_eq!(sent.len(), 6);
    assert_eq!(header(&sent[2], "authorization"), Some(bearer("first", NOW + 3600).as_str()));
    assert_eq!(header(&sent[5], "authorization"), Some(bearer("second", NOW + 3600).as_str()));

    let memory = logged_in([refused(), challenge(), wallet_token("second", NOW + 3600), refused()]);
    let error = client(&memory).applications().await.expect_err("refused twice");
    assert_eq!(ErrorBody::of(&error), Some(ErrorBody::Unauthenticated));
    assert_eq!(memory.sent().len(), 6);
}

#[tokio::test]
async fn a_server_that_says_so_by_400_is_understood_and_forbidden_is_no_reason_to_log_in() {
    let missing = MockResponse::json(400, r#"{"code":"token_missing"}"#);
    let memory =
        logged_in([missing, challenge(), wallet_token("second", NOW + 3600), MockResponse::json(200, "[]")]);
    assert!(client(&memory).applications().await.is_ok());

    let memory = logged_in([MockResponse::json(401, r#"{"code":"forbidden"}"#)]);
    let error = client(&memory).application("a").await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Permission);
    assert_eq!(memory.sent().len(), 3);
}

#[tokio::test]
async fn what_changes_something_is_not_repeated_and_the_next_call_logs_in() {
    let memory = logged_in([refused()]);
    let client = client(&memory);
    let error = client.post_message("a", "hello").await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(!error.may_have_taken_effect());
    assert_eq!(memory.sent().len(), 3);
    for answer in [challenge(), wallet_token("second", NOW + 3600), MockResponse::json(201, "{}")] {
        memory.then(answer);
    }
    client.post_message("a", "hello").await.expect("sent");
    assert_eq!(memory.sent().len(), 6);
}

#[tokio::test]
async fn many_callers_wait_for_one_login() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let device = signer::from_async(move |message: String| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::task::yield_now().await;
            key().sign_message(&message)
        }
    });
    let memory = logged_in((0..50).map(|_| MockResponse::json(200, "[]")));
    let options = Options::new().transport(memory.clone()).clock(clock().0);
    let client = Client::builder(config(), key().did(), device).options(options).build().expect("a client");
    let calls = (0..50).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.applications().await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("no panic").expect("a list");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(memory.sent().len(), 52);
}

#[tokio::test]
async fn a_signer_of_another_key_and_one_that_fails_send_no_reply() {
    fn with(signer: impl WalletSigner + 'static) -> (MockTransport, Client) {
        let memory = MockTransport::new([challenge()]);
        let options = Options::new().transport(memory.clone()).clock(clock().0);
        let client = Client::builder(config(), key().did(), signer);
        (memory, client.options(options).build().expect("a client"))
    }
    let other = WalletKey::from_hex(format!("{:064x}", 1)).expect("a key");
    let (memory, client) = with(other);
    let error = client.log_in().await.expect_err("another key");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Configuration, Some("signature.subject")));
    assert_eq!(memory.sent().len(), 1);

    let declined = signer::from_async(|_| async {
        Err::<WalletSignature, _>(Error::new(ErrorKind::Permission, "the owner declined"))
    });
    let (memory, client) = with(declined);
    assert_eq!(client.log_in().await.expect_err("declined").kind(), ErrorKind::Permission);
    assert_eq!(memory.sent().len(), 1);
}

#[tokio::test]
async fn a_high_s_of_a_device_is_never_sent() {
    // n - s and the other parity, computed apart.
    let high = "0xd423ea9f25e3090b6de29c928eddfcae4f9d6f50edff25bbde716b5b0046b8bbbf1c981dafa3b0aa4d94f32111f272e203026d8ba2e9d69f646c5655449e2f7101";
    let device = signer::from_async(move |_| async move { WalletSignature::from_hex(high) });
    let memory = logged_in([]);
    let options = Options::new().transport(memory.clone()).clock(clock().0);
    let client = Client::builder(config(), key().did(), device).options(options).build().expect("a client");
    client.log_in().await.expect("logged in");
    assert_eq!(body(&memory.sent()[1])["signature"]["value"], SIGNATURE);
}

#[tokio::test]
async fn what_is_no_challenge_is_an_error_with_its_place() {
    for (answer, path) in [
        (MockResponse::json(200, "{}"), "jwt"),
        (MockResponse::json(200, r#"{"jwt":7}"#), "jwt"),
        (MockResponse::json(200, r#"{"jwt":"hello"}"#), "jwt"),
        (jwt(r#"{"sub":"x"}"#), "jwt.nonce"),
        (jwt(r#"{"nonce":""}"#), "jwt.nonce"),
        (MockResponse::json(200, "<html>"), "."),
    ] {
        let memory = MockTransport::new([answer]);
        let error = client(&memory).log_in().await.expect_err(path);
        assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some(path)));
        assert!(matches!(error.operation(), Some("challenge" | "reply")));
    }
}

#[tokio::test]
async fn a_did_keeps_its_parameters_in_path_and_key_id() {
    let did = Did::parse(format!("did:selfkey:0x{};selfkey:chain=ropsten", "1".repeat(64))).expect("a DID");
    let memory = logged_in([]);
    let options = Options::new().transport(memory.clone()).clock(clock().0);
    let client = Client::builder(config(), &did, key()).options(options).build().expect("a client");
    client.log_in().await.expect("logged in");
    let sent = memory.sent();
    assert!(sent[0].url.as_str().ends_with(&format!("/auth/challenge/{}", did.as_str())));
    assert_eq!(body(&sent[1])["signature"]["keyId"], json!(did.key_id()));
}

#[tokio::test]
async fn a_login_looks_for_the_kyc_user_where_there_are_some() {
    let config = config().endpoint("/kyc-users", "/kyc-users");
    let answers = [challenge(), wallet_token("first", NOW + 3600)];
    let memory = MockTransport::new(answers.clone());
    memory.then(MockResponse::json(200, r#"{"_id":"u","email":"ada@example.com"}"#));
    let client = builder(&memory, config.clone()).build().expect("a client");
    assert!(client.known_kyc_user().is_none());
    client.log_in().await.expect("logged in");
    assert_eq!(client.known_kyc_user().expect("a user").id, "u");
    assert_eq!(lines(&memory)[2], "GET /api/kyc-users/me");
    assert_eq!(header(&memory.sent()[2], "authorization"), Some(bearer("first", NOW + 3600).as_str()));

    let memory = MockTransport::new(answers);
    memory.then(MockResponse::json(404, r#"{"code":"not_found"}"#));
    let client = builder(&memory, config).build().expect("a client");
    client.log_in().await.expect("logged in");
    assert!(client.known_kyc_user().is_none());
}

/// Answers a log-in and a list, but never the first challenge.
#[derive(Clone, Default)]
struct StallsOnce(Arc<AtomicUsize>);

impl Transport for StallsOnce {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            std::future::pending::<()>().await;
        }
        let canned = match (request.method, request.url.path().contains("/auth/challenge")) {
            (Method::GET, true) => challenge(),
            (_, true) => jwt(r#"{"sub":"x"}"#),
            _ => MockResponse::json(200, "[]"),
        };
        let body = futures_util::stream::iter([Ok(canned.body)]);
        Ok(Response::new(canned.status, canned.headers, Box::pin(body)))
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_login_does_not_make_the_next_call_wait() {
    let options = Options::new().transport(StallsOnce::default());
    let client = Client::builder(config(), key().did(), key()).options(options).build().expect("a client");
    let cancelled = tokio::time::timeout(Duration::from_secs(1), client.applications()).await;
    assert!(cancelled.is_err(), "the first challenge is never answered");
    let begun = tokio::time::Instant::now();
    client.applications().await.expect("a list");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}
