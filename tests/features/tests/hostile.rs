//! Texts that start serde_json's depth counter anew do not reach it, with `raw_value` on: each public reader refuses them,
//! on the stack of a thread of an async runtime.

#![allow(clippy::expect_used, clippy::panic)]

use std::{fmt::Write as _, thread, time::SystemTime};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Method};
use kyckit::{
    storage::{MemoryInbox, MemoryOneTime},
    clock::Clock,
    credify::{
        Client,
        
        keys::{DecryptionKey, SigningKey},
        market::{Market, MemoryCommitments, MemoryOrders, MemoryUsers, danger::AllowAnyCaller},
        service_provider::ServiceProvider,
        validate::{ClaimsRequest, RequestValidator},
    },
    identity::{Recorded, RecordedDecision, verified_claims::ClaimSet},
    maya::{CustomerTokens, webhook::Session},
    selfkey::{RelyingPartyConfig, did::DidDocument, kyc_chain::webhook::StatusHint, model::UnverifiedToken},
    shuftipro::signature::{Rule, Verifier},
    transport::{MockResponse, MockTransport, Options},
};

/// What the threads of tokio have.
const STACK: usize = 2 << 20;
const KEY: &str = "$serde_json::private::RawValue";

/// Lists around an object with the private key, and under the key the same again as a text: each level is parsed with a counter that
/// starts at zero.
fn nested(levels: usize, lists: usize) -> String {
    (0..levels).fold("1".to_owned(), |inner, _| {
        let escaped = inner.replace('\\', "\\u005c").replace('"', "\\u0022");
        format!("{}{{\"{KEY}\":\"{escaped}\"}}{}", "[".repeat(lists), "]".repeat(lists))
    })
}

/// The same in other spellings and places: the key escaped, behind another member, in an object alone.
fn hostile() -> Vec<String> {
    let text = nested(45, 110);
    let escaped: String = KEY.bytes().fold(String::new(), |mut escaped, byte| {
        write!(escaped, "\\u{:04x}", byte).expect("a text");
        escaped
    });
    let small = nested(3, 3);
    vec![
        format!(r#"{{"a":{text}}}"#),
        text,
        format!(r#"{{"a":{}}}"#, small.replace(KEY, &escaped)),
        format!(r#"{{"first":1,"{KEY}":"{{}}"}}"#),
        format!(r#"{{"{KEY}":"[1]"}}"#),
        r#"{"$serde_json::private::Number":"1"}"#.to_owned(),
        format!("{}1{}", "[".repeat(100), "]".repeat(100)),
        "[".repeat(100_000),
    ]
}

/// Runs on a small stack: a stack that overflows ends the process and not the test alone.
fn on_a_small_stack(work: impl FnOnce(&str) + Send + Copy + 'static) {
    for text in hostile() {
        let run = move || work(&text);
        thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread").join().expect("no panic");
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(work)
}

#[test]
fn documents_and_tokens_are_refused() {
    on_a_small_stack(|text| {
        let bytes = text.as_bytes();
        assert!(RelyingPartyConfig::from_json(bytes).is_err());
        assert!(DidDocument::from_json(bytes).is_err());
        assert!(StatusHint::read(bytes).is_err());
        assert!(CustomerTokens::from_json(bytes).is_err());
        assert!(Recorded::from_json(bytes).is_err());
        assert!(RecordedDecision::from_json(bytes).is_err());
        assert!(ClaimSet::from_json(bytes).is_err());
        let part = URL_SAFE_NO_PAD.encode(bytes);
        assert!(UnverifiedToken::read(format!("e30.{part}.AA")).is_err());
        assert!(UnverifiedToken::read(format!("{part}.e30.AA")).is_err());
        let json = HeaderMap::from_iter([(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )]);
        assert!(Session::read(&json, bytes, SystemTime::UNIX_EPOCH).is_err());
        let signed = HeaderMap::from_iter([(
            http::HeaderName::from_static("signature"),
            HeaderValue::try_from("0".repeat(64)).expect("a header"),
        )]);
        assert!(Verifier::new("secret", Rule::Hashed).check(&signed, bytes).is_err());
    });
}

fn key() -> SigningKey {
    SigningKey::generate(&Clock::system()).expect("a key")
}

fn client(answers: impl IntoIterator<Item = MockResponse>) -> Client {
    let options = Options::new().transport(MockTransport::new(answers));
    Client::builder("key").signing_key(key()).options(options).build().expect("a client")
}

const ACCESS: &str = r#"{"success":true,"data":{"access_token":"a.b.c"}}"#;

#[test]
fn answers_of_a_hostile_server_are_refused() {
    on_a_small_stack(|text| {
        for status in [200, 400] {
            let within = format!(r#"{{"success":true,"data":{text}}}"#);
            for body in [text.to_owned(), within] {
                let answers = [MockResponse::json(200, ACCESS), MockResponse::json(status, body)];
                assert!(run(client(answers.clone()).offer("o")).is_err());
                assert!(run(client(answers).introspection(&"t".into())).is_err());
            }
        }
        assert!(run(client([MockResponse::json(200, text.to_owned())]).access_token()).is_err());
    });
}

#[test]
fn calls_of_a_stranger_are_refused() {
    on_a_small_stack(|text| {
        let market = client([]);
        let webhooks = market.webhooks("https://market.example/v1/webhook").expect("a verifier");
        let market = Market::builder(market, "m")
            .callers(AllowAnyCaller)
            .users(MemoryUsers::new())
            .commitments(MemoryCommitments::new())
            .orders(MemoryOrders::new())
            .webhooks(webhooks, MemoryInbox::new())
            .build()
            .expect("a market");
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer t"),
            ("signature", "AA"),
            ("x-event-id", "1"),
            ("x-event-timestamp", "2022-05-24T09:37:05Z"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for path in ["/v1/api/claims/request", "/v1/api/claims/push", "/v1/webhook", "/v1/orders", "/v1/simulation"] {
            let answer = run(market.answer(&Method::POST, path, &headers, text.as_bytes()));
            assert!(!answer.status().is_success(), "{path}");
        }
        let provider = ServiceProvider::builder(client([]), "id", "https://p.example/callback", ["openid"])
            .store(MemoryOneTime::new())
            .build()
            .expect("a service provider");
        let answer = run(provider.answer(&Method::POST, "/oidc", &headers, text.as_bytes()));
        assert!(answer.status().is_client_error());

        let token = format!("eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.{}.AA", URL_SAFE_NO_PAD.encode(text));
        let active = r#"{"success":true,"data":{"active":true}}"#;
        let authority = client([MockResponse::json(200, ACCESS), MockResponse::json(200, active)]);
        let call = ClaimsRequest {
            access_token: &"t".into(),
            request_token: &token,
            approval_token: &token,
            user_id: "u",
        };
        assert!(run(RequestValidator::new(Clock::system()).validate(&authority, call)).is_err());
        let key = DecryptionKey::from_base64url(&"AA".into());
        assert!(key.is_err());
    });
}

/// The text under a name that is nearly the private key is JSON like any other, and so is the key where it is a value.
#[test]
fn what_only_looks_like_the_key_is_read() {
    for text in [
        format!(r#"{{"a":"{KEY}"}}"#),
        r#"{"$serde_json::private":1}"#.to_owned(),
        r#"{"serde_json::private::RawValue":"[[["}"#.to_owned(),
    ] {
        assert!(ClaimSet::from_json(text.as_bytes()).is_ok(), "{text}");
    }
}
