//! The ownership flow: what is asked, what is proven, what is refused without sending, what is counted.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use kyckit::{
    Error, ErrorKind,
    credo360::{Attempts, Challenge, Client, Delivery, Method, Nonce, Response, Validation, signer},
    error::Effect,
    transport::{
        MockResponse, MockTransport, Options, RateLimit, Request, Response as HttpResponse, Transport,
    },
};
use serde_json::{Value, json};

use super::*;

fn counts(attempts: Attempts) -> (Option<u32>, u32, u32) {
    (attempts.left(), attempts.refused, attempts.unclear)
}

fn nonce_of(challenge: &Challenge) -> &Nonce {
    match challenge.validation() {
        Validation::Signature(nonce) => nonce,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_passcode_challenge_tells_what_to_ask() {
    let (_, challenge, ..) = challenged(PASSCODE, []).await;
    assert_eq!((challenge.id(), challenge.method()), ("Zi4czDlpdMdP3RRN9DQ", &Method::Passcode));
    assert_eq!((challenge.handle(), challenge.expires_at()), (&handle(), Some(unix(EXPIRES))));
    let Validation::Passcode(passcode) = challenge.validation() else { panic!("a passcode") };
    assert_eq!((passcode.length, passcode.attempts, &passcode.delivery), (6, Some(3), &Delivery::Sms));

    let bare = r#"{"challengeId":"a","method":"passcode","validation":{"length":4,"delivery":"pigeon"}}"#;
    let (_, challenge, ..) = challenged(bare, []).await;
    assert_eq!((challenge.expires_at(), challenge.attempts().left()), (None, None));
    let Validation::Passcode(passcode) = challenge.validation() else { panic!("a passcode") };
    assert_eq!(passcode.delivery, Delivery::Other("pigeon".into()));
}

#[tokio::test]
async fn the_right_response_proves_ownership_once() {
    let (client, mut challenge, memory, frozen) = challenged(PASSCODE, [ok(VALIDATED)]).await;
    frozen.set(unix(NOW + 7));
    let owned = client.validate(&mut challenge, &Response::passcode("783423")).await.expect("proven");
    assert_eq!((owned.handle(), owned.method()), (&handle(), &Method::Passcode));
    assert_eq!(owned.proven_at(), unix(NOW + 7));
    let error = client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("used");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::AlreadyUsed, 0));
    assert_eq!(memory.sent().len(), 2, "one to create it, one to validate it");
}

#[tokio::test]
async fn what_cannot_succeed_is_refused_without_an_attempt() {
    let (client, mut challenge, memory, _) = challenged(PASSCODE, []).await;
    for bad in ["12345", "1234567", "", "12345a", "12345 ", "१२३४५६", "１２３", "-12345", "+12345"]
    {
        let error = client.validate(&mut challenge, &Response::passcode(bad)).await.expect_err("refused");
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("validate")), "{bad}");
        assert_eq!((error.fields()[0].field.as_str(), error.attempts()), ("response", 0));
        assert!(bad.is_empty() || !format!("{error} {error:?}").contains(bad));
    }
    for wrong in [Response::signature("123456"), Response::other("123456")] {
        let error = client.validate(&mut challenge, &wrong).await.expect_err("another kind");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    assert_eq!(counts(challenge.attempts()), (Some(3), 0, 0));

    let (client, mut challenge, signed, _) = challenged(SIGNATURE, []).await;
    for wrong in [Response::passcode("123456"), Response::other("x"), Response::signature("")] {
        let error = client.validate(&mut challenge, &wrong).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    assert_eq!((memory.sent().len(), signed.sent().len()), (1, 1), "only the challenges were created");
}

#[tokio::test]
async fn the_last_second_still_counts_and_the_next_does_not() {
    for (now, milliseconds) in [(EXPIRES, 0), (EXPIRES, 999)] {
        let (client, mut challenge, _, frozen) = challenged(PASSCODE, [ok(VALIDATED)]).await;
        frozen.set(unix(now) + Duration::from_millis(milliseconds));
        client.validate(&mut challenge, &Response::passcode("783423")).await.expect("in time");
    }
    let (client, mut challenge, memory, frozen) = challenged(PASSCODE, []).await;
    frozen.set(unix(EXPIRES + 1));
    let error = client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("late");
    assert_eq!((error.kind(), error.attempts(), memory.sent().len()), (ErrorKind::Expired, 0, 1));
    assert!(challenge.is_expired(unix(EXPIRES + 1)) && !challenge.is_expired(unix(EXPIRES)));
    assert_eq!(counts(challenge.attempts()), (Some(3), 0, 0));

    let never = r#"{"challengeId":"a","method":"passcode","validation":{"length":6,"delivery":"otp"}}"#;
    let (client, mut challenge, _, frozen) = challenged(never, [ok(VALIDATED)]).await;
    frozen.set(unix(u32::MAX.into()));
    client.validate(&mut challenge, &Response::passcode("783423")).await.expect("it never expires");

    let milliseconds = PASSCODE.replace("1528249689", "1528249689500");
    let (_, challenge, ..) = challenged(&milliseconds, []).await;
    assert_eq!(challenge.expires_at(), Some(unix(EXPIRES)), "either unit is read");
}

#[tokio::test]
async fn refused_attempts_are_counted_until_the_challenge_is_spent() {
    let refusals = [400, 401, 422].map(|status| MockResponse::json(status, "{}"));
    let (client, mut challenge, memory, _) = challenged(PASSCODE, refusals).await;
    for (left, kind) in
        [(2, ErrorKind::InvalidRequest), (1, ErrorKind::Authentication), (0, ErrorKind::InvalidRequest)]
    {
        let error = client.validate(&mut challenge, &Response::passcode("000000")).await.expect_err("wrong");
        assert_eq!((error.kind(), error.check()), (kind, Some("response.refused")));
        assert!(!error.may_have_taken_effect());
        assert_eq!(counts(challenge.attempts()), (Some(left), 3 - left, 0));
        assert_eq!(
            error.to_string().ends_with("no attempt is left: create another challenge"),
            left == 0,
            "{error}"
        );
    }
    let error = client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("spent");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::AlreadyUsed, 0));
    assert_eq!(memory.sent().len(), 4);

    // Without a limit, it goes on.
    let endless = r#"{"challengeId":"a","method":"passcode","validation":{"length":6,"delivery":"otp"}}"#;
    let answers = std::iter::repeat_n(MockResponse::json(400, "{}"), 9).chain([ok(VALIDATED)]);
    let (client, mut challenge, ..) = challenged(endless, answers).await;
    for _ in 0..9 {
        client.validate(&mut challenge, &Response::passcode("000000")).await.expect_err("wrong");
    }
    assert_eq!(counts(challenge.attempts()), (None, 9, 0));
    client.validate(&mut challenge, &Response::passcode("783423")).await.expect("right at last");
}

#[tokio::test]
async fn an_attempt_that_may_have_arrived_is_never_sent_again_and_counts() {
    let broken = || Error::new(ErrorKind::Interrupted, "the connection broke").with_effect(Effect::Unknown);
    let (client, mut challenge, memory, _) = challenged(PASSCODE, []).await;
    memory.then_fail(broken());
    memory.then(ok(VALIDATED));
    let error = client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("lost");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 1));
    assert!(error.may_have_taken_effect());
    assert_eq!((memory.sent().len(), counts(challenge.attempts())), (2, (Some(2), 0, 1)));

    for (answer, kind) in [
        (MockResponse::json(500, ""), ErrorKind::Provider),
        (MockResponse::json(503, ""), ErrorKind::Provider),
        (MockResponse::json(302, ""), ErrorKind::Provider),
        (MockResponse::json(408, ""), ErrorKind::Timeout),
        (ok("<html>"), ErrorKind::Decode),
        (ok("{}"), ErrorKind::Decode),
        (ok(r#"{"handleId":2598397346}"#), ErrorKind::Decode),
        (ok(&" ".repeat(5 << 20)), ErrorKind::TooLarge),
    ] {
        let (client, mut challenge, memory, _) = challenged(PASSCODE, [answer]).await;
        let error =
            client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("unclear");
        assert_eq!((error.kind(), error.check()), (kind, None));
        assert!(error.may_have_taken_effect(), "{error}");
        assert_eq!((memory.sent().len(), counts(challenge.attempts())), (2, (Some(2), 0, 1)), "{error}");
    }
}

#[tokio::test]
async fn three_unclear_attempts_spend_the_challenge() {
    let (client, mut challenge, memory, _) =
        challenged(PASSCODE, std::iter::repeat_n(MockResponse::json(500, ""), 3)).await;
    for _ in 0..3 {
        client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("unclear");
    }
    let error = client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("spent");
    assert_eq!((error.kind(), memory.sent().len()), (ErrorKind::AlreadyUsed, 4));
}

#[tokio::test]
async fn what_never_left_or_was_not_looked_at_spends_nothing() {
    let (client, mut challenge, memory, _) = challenged(PASSCODE, []).await;
    for _ in 0..3 {
        memory.then_fail(Error::new(ErrorKind::Connect, "refused"));
    }
    let error = client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("no way");
    assert_eq!((error.kind(), error.attempts(), error.check()), (ErrorKind::Connect, 3, None));
    assert_eq!(counts(challenge.attempts()), (Some(3), 0, 0));

    memory.then(MockResponse::json(429, "").header("retry-after", "7"));
    let error = client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("slow down");
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(7))));
    assert_eq!(counts(challenge.attempts()), (Some(3), 0, 0));

    memory.then(ok(VALIDATED));
    client.validate(&mut challenge, &Response::passcode("783423")).await.expect("still good");
}

#[tokio::test]
async fn another_handle_is_no_success() {
    for other in ["2598397346", "025983973460", "02598397347"] {
        let answer = ok(&json!({ "handleId": other }).to_string());
        let (client, mut challenge, memory, _) = challenged(PASSCODE, [answer]).await;
        let error =
            client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("another");
        assert_eq!((error.kind(), error.check()), (ErrorKind::Provider, Some("answer.handle")));
        assert!(!error.is_retryable() && !format!("{error} {error:?}").contains(other));
        let error = client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("closed");
        assert_eq!((error.kind(), memory.sent().len()), (ErrorKind::AlreadyUsed, 2));
    }
}

#[tokio::test]
async fn what_this_client_holds_back_spends_nothing() {
    let options =
        Options::new().transport(MockTransport::new([ok(PASSCODE)])).clock(Clock::frozen(unix(NOW)).0);
    let options = options.rate_limit(RateLimit::per_minute(1));
    let client = Client::builder("x").options(options).build().expect("good settings");
    let mut challenge = client.challenge(&handle(), &Method::Passcode).await.expect("a challenge");
    let error = client.validate(&mut challenge, &Response::passcode("783423")).await.expect_err("held back");
    assert_eq!((error.kind(), error.attempts(), error.check()), (ErrorKind::RateLimited, 0, None));
    assert_eq!(counts(challenge.attempts()), (Some(3), 0, 0));
}

/// Creates a challenge, then never answers.
struct Hanging(AtomicUsize);

impl Transport for Hanging {
    async fn send(&self, _: Request) -> Result<HttpResponse, Error> {
        if self.0.fetch_add(1, Ordering::SeqCst) > 0 {
            std::future::pending::<()>().await;
        }
        let body = futures_util::stream::iter([Ok(PASSCODE.into())]);
        Ok(HttpResponse::new(http::StatusCode::OK, http::HeaderMap::new(), Box::pin(body)))
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_or_is_dropped_counts() {
    let hanging = Arc::new(Hanging(AtomicUsize::new(0)));
    let options = Options::new().transport(Arc::clone(&hanging)).clock(Clock::frozen(unix(NOW)).0);
    let client = Client::builder("x").options(options).build().expect("good settings");
    let mut challenge = client.challenge(&handle(), &Method::Passcode).await.expect("a challenge");
    let response = Response::passcode("783423");
    let dropped =
        tokio::time::timeout(Duration::from_secs(1), client.validate(&mut challenge, &response)).await;
    assert!(dropped.is_err());
    assert_eq!(counts(challenge.attempts()), (Some(2), 0, 1));
    let error = client.validate(&mut challenge, &response).await.expect_err("hangs");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert_eq!(counts(challenge.attempts()), (Some(1), 0, 2));
    assert_eq!(hanging.0.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_signer_gets_the_nonce_and_its_word_is_sent_as_it_is() {
    let (client, mut challenge, memory, _) = challenged(SIGNATURE, [ok(VALIDATED)]).await;
    let text = "3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=";
    assert_eq!(nonce_of(&challenge).text(), text);
    assert_eq!(nonce_of(&challenge).bytes(), Some([0xde, 0xad, 0xbe, 0xef].repeat(8).as_slice()));
    let signer = |nonce: &Nonce| Ok(format!("-- \"{}\"\n", nonce.text()));
    let response = challenge.sign(&signer).await.expect("signed");
    let owned = client.validate(&mut challenge, &response).await.expect("proven");
    assert_eq!(owned.method(), &Method::Signature);
    let body: Value = serde_json::from_slice(&memory.sent()[1].body).expect("JSON");
    assert_eq!(body, json!({ "response": format!("-- \"{text}\"\n") }));
    assert_eq!(memory.sent()[1].url.path(), "/auth/abc%2Fdef%2Bghi%3D");
}

#[tokio::test]
async fn a_signer_may_wait_and_may_fail() {
    let (_, challenge, ..) = challenged(SIGNATURE, []).await;
    let wallet = signer::from_async(|nonce: Nonce| async move {
        tokio::task::yield_now().await;
        Ok(nonce.bytes().map_or(0, <[u8]>::len).to_string())
    });
    challenge.sign(&wallet).await.expect("signed");
    let boxed: Box<dyn signer::Signer> = Box::new(wallet);
    challenge.sign(&*boxed).await.expect("signed");

    let refusing = |_: &Nonce| Err(Error::store("the wallet is locked"));
    let error = challenge.sign(&refusing).await.expect_err("locked");
    assert_eq!(error.kind(), ErrorKind::Store);
    let (_, challenge, ..) = challenged(PASSCODE, []).await;
    let error = challenge.sign(&wallet_that_must_not_be_asked).await.expect_err("no nonce");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

fn wallet_that_must_not_be_asked(_: &Nonce) -> Result<String, Error> {
    panic!("there is nothing to sign")
}

#[tokio::test]
async fn the_flow_can_be_spawned() {
    let (client, mut challenge, ..) = challenged(SIGNATURE, [ok(VALIDATED)]).await;
    let flow = tokio::spawn(async move {
        let response = challenge.sign(&|nonce: &Nonce| Ok(nonce.text().to_owned())).await?;
        client.validate(&mut challenge, &response).await
    });
    assert_eq!(flow.await.expect("joined").expect("proven").handle(), &handle());
}

#[tokio::test]
async fn a_nonce_is_decoded_whatever_its_length_and_spelling() {
    // RFC 4648 section 10, both alphabets, with and without padding, and the lengths of the provider's sample.
    for (text, bytes) in [
        ("Zm9vYmFy", Some(b"foobar".to_vec())),
        ("Zm9vYg==", Some(b"foob".to_vec())),
        ("Zm9vYg", Some(b"foob".to_vec())),
        ("--__", Some(vec![0xfb, 0xef, 0xff])),
        ("++//", Some(vec![0xfb, 0xef, 0xff])),
        (&"A".repeat(86), Some(vec![0; 64])),
        (&"A".repeat(65), None),
        ("not base64!", None),
        ("+_", None),
    ] {
        let body = json!({ "challengeId": "a", "method": "signature", "validation": { "nonce": text } });
        let (_, challenge, ..) = challenged(&body.to_string(), []).await;
        assert_eq!((nonce_of(&challenge).text(), nonce_of(&challenge).bytes()), (text, bytes.as_deref()));
    }
}

#[tokio::test]
async fn a_method_of_tomorrow_is_kept_and_can_be_answered() {
    let body = r#"{"validation":{"rpId":"credo360.com"},"challengeId":"abc","method":"webauthn"}"#;
    let (client, mut challenge, memory, _) = challenged(body, [ok(VALIDATED)]).await;
    assert_eq!(challenge.method().as_str(), "webauthn");
    let Validation::Other(kept) = challenge.validation() else { panic!("kept as it came") };
    assert_eq!(*kept.expose(), json!({ "rpId": "credo360.com" }));
    let error =
        client.validate(&mut challenge, &Response::passcode("123456")).await.expect_err("another kind");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    client.validate(&mut challenge, &Response::other(r#"{"id":1}"#)).await.expect("proven");
    assert_eq!(memory.sent()[1].body, r#"{"response":"{\"id\":1}"}"#);

    let bare = r#"{"challengeId":"abc","method":"push"}"#;
    let (_, challenge, ..) = challenged(bare, []).await;
    assert!(matches!(challenge.validation(), Validation::Other(kept) if kept.expose().is_null()));
}

#[tokio::test]
async fn lengths_and_attempts_outside_their_range_are_taken_as_they_come() {
    let body =
        r#"{"challengeId":"a","method":"passcode","validation":{"length":12,"attempts":9,"delivery":"otp"}}"#;
    let (client, mut challenge, ..) = challenged(body, [ok(VALIDATED)]).await;
    assert_eq!(challenge.attempts().left(), Some(9));
    client.validate(&mut challenge, &Response::passcode("123456789012")).await.expect("proven");
}

#[tokio::test]
async fn a_challenge_that_does_not_fit_is_named_by_its_path() {
    for (body, path) in [
        (r#"{"challengeId":"a","validation":{}}"#, "method"),
        (r#"{"method":"passcode","validation":{"length":6,"delivery":"sms"}}"#, "challengeId"),
        (
            r#"{"challengeId":"","method":"passcode","validation":{"length":6,"delivery":"sms"}}"#,
            "challengeId",
        ),
        (
            r#"{"challengeId":"..","method":"passcode","validation":{"length":6,"delivery":"sms"}}"#,
            "challengeId",
        ),
        (
            r#"{"challengeId":7,"method":"passcode","validation":{"length":6,"delivery":"sms"}}"#,
            "challengeId",
        ),
        (r#"{"challengeId":"a","method":"passcode"}"#, "validation"),
        (r#"{"challengeId":"a","method":"passcode","validation":{"delivery":"sms"}}"#, "validation.length"),
        (
            r#"{"challengeId":"a","method":"passcode","validation":{"length":null,"delivery":"sms"}}"#,
            "validation.length",
        ),
        (
            r#"{"challengeId":"a","method":"passcode","validation":{"length":-6,"delivery":"sms"}}"#,
            "validation.length",
        ),
        (r#"{"challengeId":"a","method":"passcode","validation":{"length":6}}"#, "validation.delivery"),
        (r#"{"challengeId":"a","method":"signature","validation":{}}"#, "validation.nonce"),
        (r#"{"challengeId":"a","method":"signature","validation":{"nonce":""}}"#, "validation.nonce"),
        (r#"{"challengeId":"a","method":"signature","validation":{"nonce":[1]}}"#, "validation.nonce"),
        (r#"{"challengeId":"a","method":"push","expiresAt":"soon"}"#, "expiresAt"),
    ] {
        let (client, ..) = client([ok(body)]);
        let error = client.challenge(&handle(), &Method::Passcode).await.expect_err(body);
        assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some(path)), "{body}");
        assert!(error.may_have_taken_effect(), "the user may have a code by now");
    }
}

#[tokio::test]
async fn the_first_available_method_of_a_list_is_taken() {
    let methods = r#"{"methods":["passcode","signature"]}"#;
    let (client, memory, _) = client([ok(methods), ok(SIGNATURE)]);
    let preferred = [Method::Other("webauthn".into()), Method::Signature, Method::Passcode];
    let challenge = client.challenge_by_preference(&handle(), &preferred).await.expect("a challenge");
    assert_eq!(challenge.method(), &Method::Signature);
    assert_eq!(memory.sent()[1].url.query(), Some("method=signature"));

    let (client, memory, _) = self::client([ok(r#"{"methods":["passcode"]}"#)]);
    let error = client.challenge_by_preference(&handle(), &[Method::Signature]).await.expect_err("no key");
    assert_eq!((error.kind(), error.check()), (ErrorKind::NotFound, Some("challenge.method")));
    assert_eq!(memory.sent().len(), 1, "no challenge was created");
}

#[tokio::test]
async fn a_stored_challenge_goes_on_where_it_was() {
    let (client, mut challenge, memory, frozen) =
        challenged(PASSCODE, [MockResponse::json(400, "{}"), MockResponse::json(500, "{}"), ok(VALIDATED)])
            .await;
    for _ in 0..2 {
        client
            .validate(&mut challenge, &Response::passcode("000000"))
            .await
            .expect_err("wrong, then unclear");
    }
    let stored = serde_json::to_string(&challenge).expect("text");
    assert!(stored.len() < 300, "{} bytes", stored.len());
    assert!(!stored.contains("000000") && !stored.contains("client-4711"), "no response, no credential");
    let mut resumed: Challenge = serde_json::from_str(&stored).expect("a challenge");
    assert_eq!(counts(resumed.attempts()), (Some(1), 1, 1));
    assert_eq!(
        (resumed.id(), resumed.handle(), resumed.expires_at()),
        (challenge.id(), &handle(), Some(unix(EXPIRES)))
    );
    assert_eq!(resumed.validation(), challenge.validation());
    client.validate(&mut resumed, &Response::passcode("783423")).await.expect("proven");
    assert_eq!(memory.sent()[3].url.path(), "/auth/Zi4czDlpdMdP3RRN9DQ");

    let closed: Challenge =
        serde_json::from_str(&serde_json::to_string(&resumed).expect("text")).expect("closed");
    frozen.set(unix(NOW));
    let mut closed = closed;
    let error = client.validate(&mut closed, &Response::passcode("783423")).await.expect_err("used");
    assert_eq!(error.kind(), ErrorKind::AlreadyUsed);
}

#[tokio::test]
async fn every_kind_of_challenge_can_be_stored() {
    for body in [PASSCODE, SIGNATURE, r#"{"challengeId":"a","method":"push","validation":{"n":[1]}}"#] {
        let (_, challenge, ..) = challenged(body, []).await;
        let stored = serde_json::to_value(&challenge).expect("JSON");
        let resumed: Challenge = serde_json::from_value(stored.clone()).expect("a challenge");
        assert_eq!(resumed.validation(), challenge.validation());
        assert_eq!(serde_json::to_value(&resumed).expect("JSON"), stored);
    }
}

#[tokio::test]
async fn what_was_not_stored_by_us_is_refused() {
    let (_, challenge, ..) = challenged(PASSCODE, []).await;
    let stored = serde_json::to_value(&challenge).expect("JSON");
    for (member, value) in [
        ("handleId", json!(2_598_397_346_u64)),
        ("handleId", json!("..")),
        ("challengeId", json!("..")),
        ("challengeId", json!("x".repeat(3_000))),
        ("method", json!("signature")),
        ("validation", json!({ "length": "Jane Roe", "delivery": "sms" })),
        ("refused", json!(-1)),
        ("expiresAt", json!("soon")),
    ] {
        let mut stored = stored.clone();
        stored[member] = value;
        let error = serde_json::from_value::<Challenge>(stored).expect_err(member);
        assert!(!error.to_string().contains("Jane"), "{error}");
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(work)
    }

    fn json_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            Just(json!({ "length": 6, "attempts": 3, "delivery": "sms" })),
            Just(json!({ "nonce": "AAAA" })),
            Just(json!([1])),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_answer_and_no_store_panics(
            id in json_value(), method in prop_oneof![Just(json!("passcode")), Just(json!("signature")), json_value()],
            expires in json_value(), validation in json_value(), counts in json_value(),
        ) {
            let body = json!({
                "challengeId": id, "method": method, "expiresAt": expires, "validation": validation,
                "handleId": HANDLE, "refused": counts, "unclear": u32::MAX, "closed": false,
            });
            if let Ok(stored) = serde_json::from_value::<Challenge>(body.clone()) {
                let _ = (stored.attempts().left(), stored.expires_at(), stored.is_expired(unix(NOW)));
            }
            let (client, ..) = client([ok(&body.to_string())]);
            let _ = run(client.challenge(&handle(), &Method::Passcode));
        }

        #[test]
        fn a_passcode_is_sent_exactly_when_it_has_the_announced_digits(text in "[0-9a٣ ]{0,8}", length in 0_u32..9) {
            let body = json!({
                "challengeId": "a", "method": "passcode", "validation": { "length": length, "delivery": "otp" },
            });
            let sent = run(async {
                let (client, mut challenge, memory, _) = challenged(&body.to_string(), [ok(VALIDATED)]).await;
                let outcome = client.validate(&mut challenge, &Response::passcode(text.as_str())).await;
                assert_eq!(outcome.is_ok(), memory.sent().len() == 2);
                memory.sent().len() == 2
            });
            let fits = text.len() == length as usize && text.chars().all(|char| char.is_ascii_digit());
            prop_assert_eq!(sent, fits);
        }
    }
}
