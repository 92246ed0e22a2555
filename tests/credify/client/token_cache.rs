//! One exchange for all, renewed in time, dropped when it is refused, and never mixed up.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use kyckit::{
    ErrorKind,
    credify::{AccessTokens, Client, Environment, Locale, model::OfferQuery},
    sandbox::{Fault, credify::Credify},
    transport::{MockResponse, MockTransport},
};

use super::support::{NOW, ok, options, over, sandbox, unix};

fn token(name: &str, expires: u64) -> MockResponse {
    let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{expires},"jti":"{name}"}}"#));
    ok(&format!(r#"{{"data":{{"access_token":"{name}.{payload}.x"}}}}"#))
}

fn offer() -> MockResponse {
    ok(r#"{"data":{"offer":{}}}"#)
}

/// Which token each call carried, by the name in it; exchanges are left out.
fn carried(memory: &MockTransport) -> Vec<String> {
    let sent = memory.sent();
    let bearer = sent.iter().filter_map(|sent| sent.headers.get("authorization")?.to_str().ok());
    bearer
        .map(|value| value.trim_start_matches("Bearer ").split('.').next().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn two_hundred_callers_make_one_exchange() {
    let (sandbox, client, _) = sandbox().await;
    sandbox.inject(Fault::on("/v1/token").delay(Duration::from_millis(50)));
    let query = OfferQuery::new("7");
    let answers = join_all((0..200).map(|_| client.offers(&query))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(sandbox.server().count("/v1/token"), 1);
    assert_eq!(sandbox.server().count("/v1/claim-providers/offers"), 200);
}

#[tokio::test]
async fn a_token_is_renewed_a_minute_before_its_end() {
    let memory =
        MockTransport::new([token("a", NOW + 3600), offer(), offer(), token("b", NOW + 9000), offer()]);
    let (builder, frozen) = over(&memory);
    let client = builder.build().expect("good settings");
    client.offer("o").await.expect("an offer");
    frozen.advance(Duration::from_secs(3539));
    client.offer("o").await.expect("an offer");
    frozen.advance(Duration::from_secs(2));
    client.offer("o").await.expect("an offer");
    assert_eq!(carried(&memory), ["a", "a", "b"]);
}

#[tokio::test]
async fn a_refused_token_is_dropped_and_the_call_made_once_more() {
    let unauthorized = || MockResponse::json(401, r#"{"errors":[{"code":"UNAUTHORIZED"}]}"#);
    let memory = MockTransport::new([
        token("a", NOW + 3600),
        unauthorized(),
        token("b", NOW + 3600),
        offer(),
        unauthorized(),
        token("c", NOW + 3600),
        unauthorized(),
    ]);
    let client = over(&memory).0.build().expect("good settings");
    client.offer("o").await.expect("the second time");
    assert_eq!(carried(&memory), ["a", "b"]);
    let error = client.offer("o").await.expect_err("refused twice");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Authentication, Some("offer")));
    assert_eq!(carried(&memory), ["a", "b", "b", "c"]);
}

#[tokio::test]
async fn a_restart_of_the_provider_is_not_noticed() {
    let (sandbox, client, _) = sandbox().await;
    client.offer("offer-1").await.expect("an offer");
    sandbox.revoke_access_tokens();
    client.offer("offer-1").await.expect("with another token");
    assert_eq!(sandbox.server().count("/v1/token"), 2);
}

#[tokio::test]
async fn a_token_that_ended_is_not_shown_again() {
    let (sandbox, client, frozen) = sandbox().await;
    client.offer("offer-1").await.expect("an offer");
    frozen.advance(Duration::from_secs(24 * 3600));
    client.offer("offer-1").await.expect("with another token");
    assert_eq!(sandbox.server().count("/v1/token"), 2);
    assert!(sandbox.server().log().iter().all(|entry| entry.status.is_some_and(|status| status == 200)));
}

#[tokio::test]
async fn a_wrong_key_is_the_exchanges_own_error_and_spoils_nothing() {
    let (sandbox, client, frozen) = sandbox().await;
    let (clock, _) = kyckit::clock::Clock::frozen(unix(NOW));
    let wrong = Client::builder("another")
        .environment(Environment::Local)
        .api_base(sandbox.base_url().as_str())
        .oidc_base(sandbox.oidc_base().as_str())
        .options(options(clock))
        .build()
        .expect("good settings");
    let error = wrong.offer("offer-1").await.expect_err("refused");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Authentication, Some("token")));
    assert_eq!(error.code(), Some("INVALID_API_KEY"));
    client.offer("offer-1").await.expect("an offer");
    drop(frozen);
}

#[tokio::test]
async fn an_exchange_without_a_token_fails_and_the_next_call_tries_again() {
    let memory = MockTransport::new([
        ok(r#"{"success":true,"data":{}}"#),
        ok(r#"{"success":true,"data":{"access_token":""}}"#),
        token("a", NOW + 3600),
        offer(),
    ]);
    let client = over(&memory).0.build().expect("good settings");
    for _ in 0..2 {
        let error = client.offer("o").await.expect_err("no token");
        assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some("data.access_token")));
        assert_eq!(error.operation(), Some("token"));
    }
    client.offer("o").await.expect("an offer");
}

#[tokio::test]
async fn a_token_that_says_no_end_does_not_live_for_ever() {
    let opaque = |name: &str| ok(&format!(r#"{{"data":{{"access_token":"{name}"}}}}"#));
    let memory = MockTransport::new([opaque("a"), offer(), offer(), opaque("b"), offer()]);
    let (builder, frozen) = over(&memory);
    let client = builder.build().expect("good settings");
    client.offer("o").await.expect("an offer");
    frozen.advance(Duration::from_secs(1800));
    client.offer("o").await.expect("an offer");
    frozen.advance(Duration::from_secs(1800));
    client.offer("o").await.expect("an offer");
    assert_eq!(carried(&memory), ["a", "a", "b"]);
}

#[tokio::test]
async fn tokens_are_shared_by_base_and_key_and_by_nothing_else() {
    let (sandbox, other) = (start().await, start().await);
    let tokens = AccessTokens::new();
    let build = |builder: kyckit::credify::Builder| {
        let (clock, _) = kyckit::clock::Clock::frozen(unix(NOW));
        builder.access_tokens(&tokens).options(options(clock)).build().expect("good settings")
    };
    let clients = [
        build(sandbox.client_builder()),
        // Another language and another signing key: the same token.
        build(sandbox.client_builder().locale(Locale::Japanese).signing_key(super::support::key())),
        // Another key, another base: others.
        build(sandbox.market_client_builder()),
        build(other.client_builder()),
    ];
    for client in &clients {
        client.offer("offer-1").await.expect("an offer");
    }
    assert_eq!((sandbox.server().count("/v1/token"), other.server().count("/v1/token")), (2, 1));
}

async fn start() -> Credify {
    let (clock, _) = kyckit::clock::Clock::frozen(unix(NOW));
    Credify::builder().clock(clock).start().await.expect("a free port")
}
