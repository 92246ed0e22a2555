//! Webhooks: verified with a key that is really fetched, once, and not too often; replays, forgeries, the inbox, the
//! route.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use http::{HeaderMap, HeaderValue};
use kyckit::verified::Verified;
use kyckit::{
    Error, ErrorKind,
    clock::Frozen,
    credify::{
        Client, Environment,
        webhook::{EventPayload, WebhookEvent, Webhooks, answer},
    },
    inbox::{Action, Delivery, Inbox, WorkOutcome},
    sandbox::{Fault, credify::Credify},
    storage::{MemoryInbox, Receipt},
    transport::MockTransport,
    verified::{Event, State, Verifier},
};

use super::support::{options, over, sandbox};

const ENDPOINT: &str = "https://market.example/v1/webhook";
const KEY: &str = "/v1/entity/public-key";
const PAID: &[u8] = br#"{"type":"BNPL_ORDER_STATUS_UPDATED","order_id":"o-1","order_status":"PAID"}"#;
const PENDING: &[u8] = br#"{"type":"BNPL_ORDER_STATUS_UPDATED","order_id":"o-1","order_status":"PENDING"}"#;
/// [`NOW`](super::support::NOW) in the form of the header.
const TODAY: &str = "2022-09-27T00:00:00Z";

async fn stage() -> (Credify, Webhooks, Frozen) {
    let (sandbox, client, frozen) = sandbox().await;
    let webhooks = client.webhooks(ENDPOINT).expect("an endpoint");
    (sandbox, webhooks, frozen)
}

fn signed(sandbox: &Credify, id: &str, time: &str, body: &[u8]) -> HeaderMap {
    sandbox.sign_webhook(ENDPOINT, id, time, body).expect("signed")
}

fn check(error: &Error) -> (ErrorKind, Option<&'static str>) {
    (error.kind(), error.check())
}

#[tokio::test]
async fn an_authentic_message_is_read_and_the_key_fetched_once_for_all() {
    let (sandbox, webhooks, _) = stage().await;
    sandbox.inject(Fault::on(KEY).delay(Duration::from_millis(50)));
    let headers = signed(&sandbox, "e-1", TODAY, PAID);
    let opened = join_all((0..50).map(|_| webhooks.open(&headers, PAID))).await;
    for event in opened {
        let event = event.expect("authentic");
        assert!(matches!(event.payload(), EventPayload::Order(order) if order.order_id == "o-1"));
        assert_eq!(
            (event.id(), Verified::proof(&event).rule, Verified::proof(&event).secret),
            ("e-1", "raw", 0)
        );
    }
    assert_eq!(sandbox.server().count(KEY), 1);
}

#[tokio::test]
async fn whatever_was_changed_is_refused_and_forgers_cannot_have_the_api_called() {
    let (sandbox, webhooks, _) = stage().await;
    let good = signed(&sandbox, "e-1", TODAY, PAID);
    webhooks.open(&good, PAID).await.expect("authentic");
    for (name, value) in [
        ("x-event-id", "e-2"),
        ("x-event-timestamp", "2022-09-27T00:00:01Z"),
        ("signature", "AAAA"),
        ("signature", "not base64!"),
    ] {
        let mut headers = good.clone();
        headers.insert(name, HeaderValue::from_static(value));
        let error = webhooks.open(&headers, PAID).await.expect_err("refused");
        assert_eq!(check(&error), (ErrorKind::Signature, Some("signature.mismatch")), "{name}");
    }
    let error = webhooks.open(&good, PENDING).await.expect_err("refused");
    assert_eq!(check(&error), (ErrorKind::Signature, Some("signature.mismatch")));
    for name in ["signature", "x-event-id", "x-event-timestamp"] {
        let mut headers = good.clone();
        headers.remove(name);
        let error = webhooks.open(&headers, PAID).await.expect_err("refused");
        assert_eq!(check(&error), (ErrorKind::Signature, Some("signature.missing")), "{name}");
        headers.insert(name, HeaderValue::from_static(""));
        let error = webhooks.open(&headers, PAID).await.expect_err("refused");
        assert_eq!(check(&error), (ErrorKind::Signature, Some("signature.malformed")), "{name}");
        let mut headers = good.clone();
        headers.append(name, HeaderValue::from_static("twice"));
        let error = webhooks.open(&headers, PAID).await.expect_err("refused");
        assert_eq!(check(&error), (ErrorKind::Signature, Some("signature.malformed")), "{name}");
    }
    assert_eq!(sandbox.server().count(KEY), 1, "fetched just now, so not again");
}

#[tokio::test]
async fn a_body_that_was_spaced_anew_is_the_same_event_and_one_with_other_content_is_none() {
    let (sandbox, webhooks, _) = stage().await;
    let headers = signed(&sandbox, "e-1", TODAY, PAID);
    let spaced = br#"{ "type": "BNPL_ORDER_STATUS_UPDATED", "order_id": "o-1", "order_status": "PAID" }"#;
    let first = webhooks.open(&headers, PAID).await.expect("authentic");
    let again = webhooks.open(&headers, spaced).await.expect("authentic");
    assert_eq!(Verified::proof(&again).rule, "reserialized");
    assert_eq!(Verified::proof(&first).digest, Verified::proof(&again).digest);
    let other = br#"{"order_id":"o-1","type":"BNPL_ORDER_STATUS_UPDATED","order_status":"PAID"}"#;
    assert!(webhooks.open(&headers, other).await.is_err(), "the order of members counts");
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_signature_does_not_fit_once_a_minute() {
    let (sandbox, webhooks, frozen) = stage().await;
    webhooks.open(&signed(&sandbox, "e-1", TODAY, PAID), PAID).await.expect("authentic");
    let before = signed(&sandbox, "e-2", TODAY, PAID);
    sandbox.change_ecosystem_key().expect("another key");
    let after = signed(&sandbox, "e-3", TODAY, PAID);
    // Within the cooldown the old key stands.
    assert!(webhooks.open(&after, PAID).await.is_err());
    frozen.advance(Duration::from_secs(61));
    webhooks.open(&after, PAID).await.expect("by the new key");
    assert_eq!(sandbox.server().count(KEY), 2);
    // What comes now and is signed by the old one is not believed.
    assert!(webhooks.open(&before, PAID).await.is_err());
    assert_eq!(sandbox.server().count(KEY), 2);
}

#[tokio::test]
async fn a_key_is_not_trusted_for_ever() {
    let (sandbox, webhooks, frozen) = stage().await;
    let headers = signed(&sandbox, "e-1", TODAY, PAID);
    webhooks.open(&headers, PAID).await.expect("authentic");
    frozen.advance(Duration::from_secs(600));
    webhooks.open(&headers, PAID).await.expect("still good");
    assert_eq!(sandbox.server().count(KEY), 1);
    frozen.advance(Duration::from_secs(1));
    sandbox.inject(Fault::on(KEY).times(3).status(503));
    let error = webhooks.open(&headers, PAID).await.expect_err("it cannot be asked for");
    assert_eq!(error.kind(), ErrorKind::Provider);
    assert_eq!(answer(&Err(error)).status(), 503, "so that it is sent again");
    let asked = sandbox.server().count(KEY);
    webhooks.open(&headers, PAID).await.expect_err("the failure stands");
    assert_eq!(sandbox.server().count(KEY), asked, "for some seconds it is not asked for again");
    frozen.advance(Duration::from_secs(11));
    webhooks.open(&headers, PAID).await.expect("asked again");
}

#[tokio::test]
async fn an_ecosystem_without_a_key_lets_nothing_through() {
    let (sandbox, _, _) = stage().await;
    let (clock, _) = kyckit::clock::Clock::frozen(super::support::unix(super::support::NOW));
    let client = sandbox.client_builder().ecosystem_id("unknown").options(options(clock)).build();
    let webhooks = client.expect("good settings").webhooks(ENDPOINT).expect("an endpoint");
    let error = webhooks.open(&signed(&sandbox, "e", TODAY, PAID), PAID).await.expect_err("refused");
    assert_eq!(check(&error), (ErrorKind::Provider, Some("key.missing")));
}

#[tokio::test]
async fn an_environment_without_an_ecosystem_has_no_webhooks() {
    for environment in [Environment::TisSandbox, Environment::TisProduction] {
        let client = Client::builder("key").environment(environment).build().expect("good settings");
        assert_eq!(client.webhooks(ENDPOINT).expect_err("refused").kind(), ErrorKind::Configuration);
        let client = Client::builder("key").environment(environment).ecosystem_id("known").build();
        assert!(client.expect("good settings").webhooks(ENDPOINT).is_ok());
    }
    let client = over(&MockTransport::default()).0.build().expect("good settings");
    for endpoint in ["", "/v1/webhook", "https://market.example/a\nb", "ftp://market.example/"] {
        assert_eq!(client.webhooks(endpoint).expect_err("refused").kind(), ErrorKind::Configuration);
    }
}

#[tokio::test]
async fn what_is_too_old_or_of_the_future_is_refused_unless_nobody_minds() {
    let (sandbox, webhooks, _) = stage().await;
    for (time, fits) in [
        ("2022-09-26T00:00:00Z", true),
        ("2022-09-25T23:59:59Z", false),
        ("2022-09-27T00:05:00Z", true),
        ("2022-09-27T00:05:01Z", false),
        ("1664236800", true),
        ("1664100000", false),
        ("noon", false),
    ] {
        let headers = signed(&sandbox, "e", time, PAID);
        match webhooks.open(&headers, PAID).await {
            Ok(_) => assert!(fits, "{time}"),
            Err(error) => {
                assert!(!fits, "{time}");
                assert_eq!(check(&error), (ErrorKind::Expired, Some("webhook.time")), "{time}");
            }
        }
        assert!(webhooks.clone().without_max_age().open(&headers, PAID).await.is_ok(), "{time}");
    }
    let short = webhooks.with_max_age(Duration::from_secs(10));
    assert!(short.open(&signed(&sandbox, "e", "2022-09-26T23:59:49Z", PAID), PAID).await.is_err());
}

#[tokio::test]
async fn a_replay_is_told_by_its_event_where_that_is_wanted() {
    let (sandbox, webhooks, _) = stage().await;
    let headers = signed(&sandbox, "e-1", TODAY, PAID);
    webhooks.open(&headers, PAID).await.expect("authentic");
    webhooks.open(&headers, PAID).await.expect("the provider delivers several times");
    let once = webhooks.refusing_replays(2);
    once.open(&headers, PAID).await.expect("the first time");
    let error = once.clone().open(&headers, PAID).await.expect_err("a replay");
    assert_eq!(check(&error), (ErrorKind::AlreadyUsed, Some("webhook.replayed")));
    // A redelivery with another time is the same event.
    let later = signed(&sandbox, "e-1", "2022-09-27T00:00:09Z", PAID);
    assert!(once.open(&later, PAID).await.is_err());
    // What is forged is not remembered.
    let mut forged = signed(&sandbox, "e-2", TODAY, PAID);
    forged.insert("signature", HeaderValue::from_static("AAAA"));
    assert!(once.open(&forged, PAID).await.is_err());
    once.open(&signed(&sandbox, "e-2", TODAY, PAID), PAID).await.expect("the first time");
}

#[tokio::test]
async fn a_url_that_differs_is_named_as_the_likeliest_mistake() {
    let (sandbox, _, _) = stage().await;
    let (clock, _) = kyckit::clock::Clock::frozen(super::support::unix(super::support::NOW));
    let client = sandbox.client_builder().options(options(clock)).build().expect("good settings");
    let headers = signed(&sandbox, "e-1", TODAY, PAID);
    for (endpoint, word) in [
        ("https://market.example/v1/webhook/", &["endpoint.slash"][..]),
        ("http://market.example/v1/webhook", &["endpoint.scheme"]),
        ("https://other.example/v1/webhook", &[]),
    ] {
        let webhooks = client.webhooks(endpoint).expect("an endpoint");
        let error = webhooks.open(&headers, PAID).await.expect_err("refused");
        assert_eq!(error.diagnosis(), word, "{endpoint}");
    }
}

#[tokio::test]
async fn the_inbox_hands_out_once_and_in_order_and_keeps_what_it_does_not_know() {
    async fn apply(delivery: Delivery<WebhookEvent>) -> Result<State, Error> {
        match delivery.action {
            Action::Apply(event) => Ok(event.state()),
            Action::FetchFromProvider { .. } => Ok(State::Notice),
        }
    }

    let (sandbox, webhooks, _) = stage().await;
    let (clock, _) = kyckit::clock::Clock::frozen(super::support::unix(super::support::NOW));
    let inbox = Inbox::new(MemoryInbox::new()).clock(clock);
    let later = "2022-09-27T00:00:10Z";
    let deliver = |id: &'static str, time: &'static str, body: &'static [u8]| {
        let headers = signed(&sandbox, id, time, body);
        let (webhooks, inbox) = (&webhooks, &inbox);
        async move { webhooks.receive(inbox, &headers, body).await }
    };
    assert_eq!(deliver("e-1", TODAY, PAID).await.expect("kept"), Receipt::Stored);
    assert_eq!(deliver("e-1", TODAY, PAID).await.expect("known"), Receipt::AlreadyWaiting);
    assert!(matches!(webhooks.work(&inbox, apply).await.expect("worked"), Some(WorkOutcome::Applied)));
    assert_eq!(deliver("e-1", TODAY, PAID).await.expect("known"), Receipt::Duplicate);
    // Late news does not overwrite what came of it.
    deliver("e-0", "2022-09-26T23:00:00Z", PENDING).await.expect("kept");
    assert!(matches!(webhooks.work(&inbox, apply).await.expect("worked"), Some(WorkOutcome::Superseded)));
    // An unknown type is acknowledged, and the handler decides.
    let unknown = deliver("e-9", later, br#"{"type":"SOMETHING_NEW"}"#).await;
    assert_eq!(answer(&unknown).status(), 200);
    assert!(matches!(
        webhooks.work(&inbox, apply).await.expect("worked"),
        Some(WorkOutcome::FetchedFromProvider)
    ));
    // A forgery is answered, not left hanging.
    let mut headers = signed(&sandbox, "e-5", TODAY, PAID);
    headers.insert("x-event-id", HeaderValue::from_static("e-6"));
    let refused = answer(&webhooks.receive(&inbox, &headers, PAID).await);
    assert_eq!((refused.status().as_u16(), refused.body().as_str()), (401, r#"{"message":"Unauthorized"}"#));
    assert!(webhooks.work(&inbox, apply).await.expect("worked").is_none());
}

#[tokio::test]
async fn what_waited_while_the_key_changed_is_still_believed() {
    let (sandbox, webhooks, frozen) = stage().await;
    let (clock, moved) = kyckit::clock::Clock::frozen(super::support::unix(super::support::NOW));
    let inbox = Inbox::new(MemoryInbox::new()).clock(clock);
    webhooks.receive(&inbox, &signed(&sandbox, "e-1", TODAY, PAID), PAID).await.expect("kept");
    sandbox.change_ecosystem_key().expect("another key");
    frozen.advance(Duration::from_secs(700));
    moved.advance(Duration::from_secs(700));
    let outcome = webhooks
        .work(&inbox, |delivery| async move {
            let is_event = matches!(delivery.action, Action::Apply(_));
            assert!(is_event, "verified again by the key of its time");
            Ok::<_, Error>(State::terminal("PAID"))
        })
        .await
        .expect("worked");
    assert!(matches!(outcome, Some(WorkOutcome::Applied)));
    assert_eq!(sandbox.server().count(KEY), 2);
}

#[tokio::test]
async fn the_verifier_itself_never_waits_and_says_what_it_lacks() {
    let (sandbox, webhooks, _) = stage().await;
    let headers = signed(&sandbox, "e-1", TODAY, PAID);
    let error = webhooks.verify(&headers, PAID).expect_err("no key yet");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    webhooks.ready().await.expect("a key");
    webhooks.verify(&headers, PAID).expect("authentic");
}

#[tokio::test]
async fn the_sandbox_sends_to_the_route_and_the_route_answers() {
    let (sandbox, client, _) = sandbox().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let webhooks = client.webhooks(&endpoint).expect("an endpoint");
    let (clock, _) = kyckit::clock::Clock::frozen(super::support::unix(super::support::NOW));
    let inbox = Arc::new(Inbox::new(MemoryInbox::new()).clock(clock));
    let route = kyckit::credify::server::webhook(webhooks, Arc::clone(&inbox));
    let app = axum::Router::new().route_service("/hook", route);
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let url = url::Url::parse(&endpoint).expect("a URL");
    let body = serde_json::from_slice(PAID).expect("JSON");
    assert_eq!(sandbox.send_webhook(&url, &body).await.expect("sent"), 200);
    let elsewhere = url::Url::parse("https://market.example/hook").expect("a URL");
    assert!(sandbox.send_webhook(&elsewhere, &body).await.is_err(), "loopback only");
    server.abort();
}
