//! A clock that is not the provider's, and deadlines that are shared.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kyckit::{
    Error, ErrorKind,
    clock::Clock,
    credify::{Client, Environment},
    selfkey::{self, RelyingPartyConfig, WalletKey},
    transport::{MockResponse, MockTransport, Options, Request, Response, Retry, Transport},
};
use serde_json::json;

use super::table::*;

/// Wed, 21 Oct 2015 07:28:00 GMT, in the three forms of HTTP.
const THEIRS: u64 = 1_445_412_480;
const DATES: [&str; 3] =
    ["Wed, 21 Oct 2015 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT", "Wed Oct 21 07:28:00 2015"];

fn jwt(end: u64) -> String {
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.c2ln",
        part(r#"{"alg":"HS512","typ":"JWT"}"#.into()),
        part(json!({"exp": end}).to_string())
    )
}

fn dated(answer: MockResponse, date: Option<&str>) -> MockResponse {
    match date {
        Some(date) => answer.header("date", date),
        None => answer,
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_does_not_fetch_a_token_for_each_call() {
    // Two days ahead, with tokens that live for an hour; then behind, and with a provider that does not say its time.
    for (ours, date) in [
        (THEIRS + 172_800, Some(DATES[0])),
        (THEIRS + 172_800, Some(DATES[1])),
        (THEIRS + 172_800, Some(DATES[2])),
        (THEIRS + 172_800, None),
        (THEIRS - 172_800, Some(DATES[0])),
    ] {
        let token = json!({"data": {"access_token": jwt(THEIRS + 3600)}}).to_string();
        let memory = MockTransport::new([dated(ok(token), date)]);
        let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(ours));
        let client = Client::builder("api-key").environment(Environment::Local);
        let client = client.options(options(&memory).clock(clock)).build().expect("a client");
        for _ in 0..50 {
            memory.then(ok(r#"{"data":{"id":"o"}}"#));
            client.order("o").await.expect("an order");
            frozen.advance(Duration::from_millis(100));
        }
        let exchanges = memory.sent().iter().filter(|sent| sent.url.path() == "/v1/token").count();
        assert_eq!(exchanges, 1, "our clock {ours}, {date:?}");
        if date.is_some() {
            // It is renewed a minute before its end by the provider's clock.
            frozen.advance(Duration::from_secs(3600 - 60));
            memory.then(dated(ok(json!({"data": {"access_token": jwt(THEIRS + 9000)}}).to_string()), None));
            memory.then(ok(r#"{"data":{"id":"o"}}"#));
            client.order("o").await.expect("an order");
            let exchanges = memory.sent().iter().filter(|sent| sent.url.path() == "/v1/token").count();
            assert_eq!(exchanges, 2, "our clock {ours}, {date:?}");
        }
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_does_not_log_a_wallet_in_for_each_call() {
    for date in [Some(DATES[0]), None] {
        let memory = MockTransport::new([
            ok(json!({"jwt": token(r#"{"nonce":"test"}"#)}).to_string()),
            dated(ok(json!({"jwt": jwt(THEIRS + 3600)}).to_string()), date),
        ]);
        let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(THEIRS + 172_800));
        let client = wallet_with(options(&memory).clock(clock));
        for _ in 0..50 {
            memory.then(ok("[]"));
            client.messages("A1").await.expect("none");
            frozen.advance(Duration::from_millis(100));
        }
        assert_eq!(memory.sent().len(), 52, "{date:?}");
    }
}

fn wallet_with(options: Options) -> selfkey::Client {
    let key = WalletKey::from_hex("4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4")
        .expect("a key");
    let config = RelyingPartyConfig::new("https://rp.example/api");
    selfkey::Client::builder(config, key.did(), key.clone()).options(options).build().expect("a client")
}

/// Answers what it is given for each path after a while.
#[derive(Clone, Default)]
struct Slow {
    takes: Arc<AtomicU64>,
    refuses: Arc<AtomicUsize>,
}

impl Transport for Slow {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        tokio::time::sleep(Duration::from_millis(self.takes.load(Ordering::SeqCst))).await;
        let path = request.url.path();
        let canned = match request.method.as_str() {
            "GET" if path.contains("/auth/challenge") => {
                ok(json!({"jwt": token(r#"{"nonce":"test"}"#)}).to_string())
            }
            "POST" if path.contains("/auth/challenge") => {
                ok(json!({"jwt": token(r#"{"sub":"x"}"#)}).to_string())
            }
            _ if self.refuses.fetch_add(1, Ordering::SeqCst) == 0 => {
                MockResponse::json(401, r#"{"code":"token_invalid"}"#)
            }
            _ => ok("[]"),
        };
        let body = futures_util::stream::iter([Ok(canned.body)]);
        Ok(Response::new(canned.status, canned.headers, Box::pin(body)))
    }
}

#[tokio::test(start_paused = true)]
async fn logging_in_and_again_keeps_to_the_deadline_of_the_call() {
    for (takes, fits) in [(100, true), (7_000, false), (9_000, false)] {
        let slow = Slow::default();
        slow.takes.store(takes, Ordering::SeqCst);
        let client = wallet_with(Options::new().transport(slow).retry(Retry::never()));
        let begun = tokio::time::Instant::now();
        let outcome = client.messages("A1").await;
        // Six requests: two for each log-in, and the call twice.
        assert!(begun.elapsed() <= Duration::from_secs(30), "{takes}: {:?}", begun.elapsed());
        match outcome {
            Ok(messages) => assert!(fits && messages.is_empty()),
            Err(error) => assert!(!fits && error.kind() == ErrorKind::Timeout, "{error}"),
        }
    }
}
