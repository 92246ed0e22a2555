//! A service provider's endpoints: a person goes and comes back, once.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use kyckit::{
    Error, ErrorKind,
    clock::Clock,
    credify::service_provider::{Builder, Customers, ServiceProvider},
    privacy::Pii,
    sandbox::credify::{Credify, ORGANISATION_ID, USER_ID},
    storage::{MemoryOneTime, OneTimeStore, OneTimeValue},
    transport::Options,
};
use serde_json::{Value, json};
use url::Url;

/// Shows what was put into it.
#[derive(Clone, Default)]
struct Glass(Arc<MemoryOneTime>, Arc<Mutex<Seen>>);

/// Keys and values, in order.
type Seen = Vec<(String, Vec<u8>)>;

impl OneTimeStore for Glass {
    async fn put(
        &self,
        now: SystemTime,
        key: &str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> Result<(), Error> {
        self.1.lock().expect("held").push((key.to_owned(), value.expose().to_vec()));
        self.0.put(now, key, value, expires_at).await
    }

    async fn redeem(&self, now: SystemTime, key: &str) -> Result<Option<OneTimeValue>, Error> {
        self.0.redeem(now, key).await
    }
}

struct Known;

impl Customers for Known {
    async fn has_phone(&self, number: Pii<&str>) -> Result<bool, Error> {
        Ok(*number.expose() == "+84381234567")
    }

    async fn has_phone_hash(&self, hash: Pii<&str>) -> Result<bool, Error> {
        Ok(*hash.expose() == "known")
    }
}

async fn stage(
    clock: Clock,
    set: impl FnOnce(Builder, &Credify) -> Builder,
) -> (Credify, ServiceProvider, Glass) {
    let sandbox = Credify::builder().clock(clock.clone()).start().await.expect("a sandbox");
    let client = sandbox.client_builder().options(Options::new().clock(clock)).build().expect("a client");
    let store = Glass::default();
    let builder = ServiceProvider::builder(
        client,
        ORGANISATION_ID,
        "https://provider.example/callback",
        ["openid", "phone", "profile"],
    )
    .store(store.clone())
    .customers(Known);
    let provider = set(builder, &sandbox).build().expect("a service provider");
    (sandbox, provider, store)
}

async fn post(provider: &ServiceProvider, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let mut headers = HeaderMap::new();
    if !token.is_empty() {
        let value = HeaderValue::try_from(format!("Bearer {token}")).expect("a header");
        headers.insert(AUTHORIZATION, value);
    }
    let answer = provider.answer(&Method::POST, path, &headers, body.to_string().as_bytes()).await;
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
}

async fn begin(provider: &ServiceProvider, query: &str) -> Url {
    let target = format!("/oidc?{query}");
    let answer = provider.answer(&Method::GET, &target, &HeaderMap::new(), b"").await;
    assert_eq!(answer.status().as_u16(), 302, "{query}");
    Url::parse(answer.headers()["location"].to_str().expect("ASCII")).expect("a URL")
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs()
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[tokio::test]
async fn what_a_person_shares_is_read_once() {
    let (sandbox, provider, store) = stage(Clock::system(), |builder, _| builder).await;
    let url = begin(&provider, &format!("entity_id={USER_ID}&offer_code=offer-1")).await;
    assert_eq!(parameter(&url, "response_type"), "token");
    assert_eq!(parameter(&url, "response_mode"), "fragment");
    assert_eq!(parameter(&url, "scope"), "openid phone profile offer:offer-1");
    let agreed = sandbox.agree(url.as_str()).expect("agreed");
    let token = agreed.access_token.expect("a token");
    let body = json!({"access_token": token.expose(), "state": agreed.state.expose()});

    // What lies in the store is neither the state nor a key.
    let kept = store.1.lock().expect("held").clone();
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].0.contains(agreed.state.expose()));
    assert!(kept[0].1.len() > 1000, "an RSA key, sealed");
    assert!(!kept[0].1.windows(4).any(|four| four == b"MIIG" || four == b"MIIE"), "a key in clear");

    let (status, info) = post(&provider, "/oidc", "", &body).await;
    assert_eq!(status, 200, "{info}");
    let person = sandbox.person(USER_ID).expect("the person");
    assert_eq!(info["phone"]["phone_number"], json!(person.phone.expose()));
    assert_eq!(info["profile"]["family_name"], json!(person.last_name.expose()));
    assert_eq!(post(&provider, "/oidc", "", &body).await, (400, json!({"message": "Request not found."})));
}

#[tokio::test]
async fn a_state_ends() {
    let (clock, time) = Clock::frozen(SystemTime::now());
    let (sandbox, provider, _) =
        stage(clock, |builder, sandbox| builder.key_on_record(sandbox.decryption_key().clone())).await;
    for (minutes, status) in [(9, 200), (11, 400)] {
        let url = begin(&provider, &format!("entity_id={USER_ID}")).await;
        let agreed = sandbox.agree(url.as_str()).expect("agreed");
        time.advance(Duration::from_secs(minutes * 60));
        let token = agreed.access_token.expect("a token");
        let body = json!({"access_token": token.expose(), "state": agreed.state.expose()});
        assert_eq!(post(&provider, "/oidc", "", &body).await.0, status, "{minutes} minutes");
    }
}

#[tokio::test]
async fn calls_by_anybody_make_one_key_and_not_one_each() {
    let (clock, time) = Clock::frozen(SystemTime::now());
    let (_sandbox, provider, _) = stage(clock, |builder, _| builder).await;
    let target = format!("/oidc?entity_id={USER_ID}");
    let headers = HeaderMap::new();
    let key_of = |answer: &http::Response<bytes::Bytes>| {
        let url = Url::parse(answer.headers()["location"].to_str().expect("ASCII")).expect("a URL");
        let token = parameter(&url, "request_token");
        let payload = token.split('.').nth(1).expect("a payload");
        let payload = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload);
        let payload: Value = serde_json::from_slice(&payload.expect("base64url")).expect("JSON");
        (payload["encryption_public_key"].as_str().expect("a key").to_owned(), parameter(&url, "state"))
    };
    let calls = (0..60).map(|_| provider.answer(&Method::GET, &target, &headers, b""));
    let answers = futures_util::future::join_all(calls).await;
    let begun: Vec<_> = answers.iter().map(key_of).collect();
    assert!(begun.iter().all(|(key, _)| *key == begun[0].0), "more than one key was made");
    let states: std::collections::HashSet<_> = begun.iter().map(|(_, state)| state).collect();
    assert_eq!(states.len(), 60);
    time.advance(Duration::from_secs(60));
    let later = provider.answer(&Method::GET, &target, &headers, b"").await;
    assert_ne!(key_of(&later).0, begun[0].0, "a key of an earlier minute");
}

#[tokio::test]
async fn only_so_many_authorizations_begin_in_a_minute() {
    let (clock, time) = Clock::frozen(SystemTime::now());
    let (_sandbox, provider, store) = stage(clock, |builder, sandbox| {
        builder.key_on_record(sandbox.decryption_key().clone()).max_starts(3)
    })
    .await;
    let query = format!("entity_id={USER_ID}");
    begin(&provider, &query).await;
    time.advance(Duration::from_secs(20));
    begin(&provider, &query).await;
    begin(&provider, &query).await;
    let target = format!("/oidc?{query}");
    for target in [target.as_str(), "/oidc?entity_id=another"] {
        let answer = provider.answer(&Method::GET, target, &HeaderMap::new(), b"").await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["retry-after"]),
            (429, &HeaderValue::from(40))
        );
    }
    assert_eq!(store.1.lock().expect("held").len(), 3, "a refused call leaves nothing");
    time.advance(Duration::from_secs(40));
    begin(&provider, &query).await;
    let answer = provider.answer(&Method::GET, &target, &HeaderMap::new(), b"").await;
    assert_eq!(answer.headers()["retry-after"], HeaderValue::from(20));
}

#[tokio::test]
async fn what_does_not_belong_to_a_start_is_refused() {
    let (_sandbox, provider, _) =
        stage(Clock::system(), |builder, sandbox| builder.key_on_record(sandbox.decryption_key().clone()))
            .await;
    for body in [
        json!({}),
        json!({"access_token": "a"}),
        json!({"state": "s"}),
        json!({"access_token": "", "state": "s"}),
    ] {
        assert_eq!(post(&provider, "/oidc", "", &body).await, (400, json!({"message": "Invalid body"})));
    }
    let body = json!({"access_token": "a", "state": "a guess"});
    assert_eq!(post(&provider, "/oidc", "", &body).await, (400, json!({"message": "Request not found."})));
    let url = begin(&provider, "phone_number=84381234567").await;
    let body = json!({"access_token": "forged", "state": parameter(&url, "state")});
    assert_eq!(post(&provider, "/oidc", "", &body).await.0, 401);

    for query in [
        "",
        "offer_code=o",
        "phone_number=",
        "phone_number=x",
        "phone_number=84&offer_code=a%20b",
        "entity_id=a%0Ab",
    ] {
        let target = format!("/oidc?{query}");
        let answer = provider.answer(&Method::GET, &target, &HeaderMap::new(), b"").await;
        assert_eq!(answer.status().as_u16(), 400, "{query}");
    }
    let answer = provider.answer(&Method::PUT, "/oidc", &HeaderMap::new(), b"").await;
    assert_eq!(answer.status().as_u16(), 405);
    let long = vec![b' '; 1 << 20];
    let answer = provider.answer(&Method::POST, "/oidc", &HeaderMap::new(), &long).await;
    assert_eq!(answer.status().as_u16(), 413);
}

#[tokio::test]
async fn a_number_is_put_together_with_its_country_code_and_wins_over_the_id() {
    let (_sandbox, provider, _) =
        stage(Clock::system(), |builder, sandbox| builder.key_on_record(sandbox.decryption_key().clone()))
            .await;
    for query in [
        "phone_number=%2B84381234567",
        "phone_number=+84381234567",
        "phone_number=0381234567&country_code=%2B84",
        "phone_number=381234567&country_code=84&entity_id=someone",
    ] {
        let url = begin(&provider, query).await;
        assert_eq!(parameter(&url, "phone_number"), "%2B84381234567", "{query}");
        assert_eq!(parameter(&url, "entity_id"), "", "{query}");
    }
}

#[tokio::test]
async fn whether_somebody_is_a_customer_is_told_to_credify_alone() {
    let (sandbox, provider, _) =
        stage(Clock::system(), |builder, sandbox| builder.key_on_record(sandbox.decryption_key().clone()))
            .await;
    let good = sandbox.present("credify", "claim_provider:read_user_existence", &[]);
    let path = "/user-existence";
    let ask = |number: &str| json!({"phone_number": number});
    let exists = |answer: bool| (200, json!({"data": {"exists": answer}}));
    assert_eq!(post(&provider, path, good.expose(), &ask("+84381234567")).await, exists(true));
    assert_eq!(post(&provider, path, good.expose(), &ask("+84000000000")).await, exists(false));
    assert_eq!(
        post(&provider, path, good.expose(), &json!({})).await,
        (400, json!({"message": "Invalid query"}))
    );
    let (status, _) = post(&provider, path, good.expose(), &json!({"id_number": "1"})).await;
    assert_eq!(status, 403);
    let other = sandbox.present("credify", "openid xclaim_provider claim_providers", &[]);
    for token in ["", "forged", other.expose()] {
        assert_eq!(post(&provider, path, token, &ask("+84381234567")).await.0, 401, "{token}");
    }

    let get = async |token: &str, query: &str| {
        let headers = HeaderMap::from_iter([(
            AUTHORIZATION,
            HeaderValue::try_from(format!("Bearer {token}")).expect("a header"),
        )]);
        let target = format!("/user-existence?{query}");
        provider.answer(&Method::GET, &target, &headers, b"").await.status().as_u16()
    };
    assert_eq!(get(good.expose(), "phone_number=known").await, 200);
    assert_eq!(get(good.expose(), "").await, 400);
    assert_eq!(get("forged", "phone_number=known").await, 403);
}

#[tokio::test]
async fn what_a_service_provider_lacks_is_said_when_it_is_built() {
    let sandbox = Credify::start().await.expect("a sandbox");
    let client = || sandbox.client_builder().build().expect("a client");
    let unsigned = kyckit::credify::Client::builder("key").build().expect("a client");
    let callback = "https://provider.example/callback";
    for builder in [
        ServiceProvider::builder(client(), "id", callback, ["openid"]),
        ServiceProvider::builder(client(), "", callback, ["openid"]).store(MemoryOneTime::new()),
        ServiceProvider::builder(client(), "id", "", ["openid"]).store(MemoryOneTime::new()),
        ServiceProvider::builder(client(), "id", callback, ["phone"]).store(MemoryOneTime::new()),
        ServiceProvider::builder(unsigned, "id", callback, ["openid"]).store(MemoryOneTime::new()),
    ] {
        assert_eq!(builder.build().expect_err("refused").kind(), ErrorKind::Configuration);
    }
}
