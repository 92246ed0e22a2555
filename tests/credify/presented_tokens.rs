//! The access tokens that callers present: all that the provider says of one is compared, and tokens that are none cost
//! only so many calls.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method, Response, header::AUTHORIZATION};
use kyckit::{
    Error,
    clock::Clock,
    credify::{
        authority::{Authority, Introspection, IntrospectionLimits, PublicKeys},
        market::Market,
        service_provider::{Customers, ServiceProvider},
    },
    privacy::{Pii, Secret},
    sandbox::credify::{Credify, USER_ID},
    storage::MemoryOneTime,
    transport::Options,
};
use serde_json::{Value, json};

use crate::market_support::{CONSUMER, Known, Stage};

/// Says of each token what it was given, whichever scope it is asked about, and counts the questions.
#[derive(Clone, Default)]
struct Lax(Arc<State>);

#[derive(Default)]
struct State {
    says: Mutex<HashMap<String, Value>>,
    calls: AtomicUsize,
    keys: OnceLock<Known>,
}

impl Lax {
    fn say(&self, token: &str, introspection: Value) {
        self.0.says.lock().expect("held").insert(token.to_owned(), introspection);
    }

    fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }
}

impl Authority for Lax {
    fn introspect<'a>(
        &'a self,
        token: &'a Secret,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Introspection, Error>> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        let says = self.0.says.lock().expect("held").get(token.expose()).cloned();
        let says =
            serde_json::from_value(says.unwrap_or(json!({"active": false}))).expect("an introspection");
        Box::pin(async { Ok(says) })
    }

    fn public_keys<'a>(&'a self, entity_id: &'a str) -> BoxFuture<'a, Result<PublicKeys, Error>> {
        self.0.keys.get().expect("keys").public_keys(entity_id)
    }
}

async fn stage(base_url: Option<&str>) -> (Stage, Lax) {
    let lax = Lax::default();
    let authority = lax.clone();
    let stage = Stage::with(|builder| {
        let builder = builder.authority(authority).bind_documents_to_order();
        match base_url {
            Some(url) => builder.base_url(url),
            None => builder,
        }
    })
    .await;
    assert!(lax.0.keys.set(stage.known.clone()).is_ok());
    (stage, lax)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

const FILTER: &str = "/v1/api/offers/filter";
const SEGMENT: &str = "/v1/api/offers/segment";
const EVALUATE: &str = "/v1/api/offers/evaluate";
const CLAIMS: &str = "/v1/api/claims/request";
const DOCUMENTS: &str = "/v1/api/bnpl/orders/o-1/disbursement-requirements";

/// Each endpoint that is given tokens, and its scope.
const ENDPOINTS: [(&str, &str); 5] = [
    (FILTER, "claim_provider:read_filtered_offers"),
    (SEGMENT, "oidc_client:read_user_counts"),
    (EVALUATE, "individual:read_evaluated_offer"),
    (CLAIMS, "oidc_client:read_encrypted_claims"),
    (DOCUMENTS, "bnpl_order:o-1"),
];

fn body(stage: &Stage, path: &str) -> Value {
    match path {
        CLAIMS => stage.claims_call(&["openid"]),
        EVALUATE => json!({"credify_id": USER_ID, "scopes": []}),
        _ => json!({"local_id": "7", "conditions": [], "offers": []}),
    }
}

#[tokio::test]
async fn every_endpoint_compares_scope_end_and_audience() {
    let (stage, lax) = stage(Some("https://market.example")).await;
    // No documents and no connected user: the token was good, and then there was nothing to find.
    let good = |path: &str| if matches!(path, CLAIMS | DOCUMENTS) { 404 } else { 200 };
    for (path, scope) in ENDPOINTS {
        let here = format!("https://market.example{path}");
        let with = |name: &str, value: Value| {
            let mut says = json!({"active": true, "scope": format!("openid {scope}"), "aud": [here], "client_id": CONSUMER});
            says[name] = value;
            says
        };
        for (number, (says, status)) in [
            (with("exp", json!(now() + 600)), good(path)),
            (with("exp", json!(now() - 1)), 401),
            (with("exp", json!((now() + 600) * 1000)), 401),
            (with("active", json!("true")), 401),
            (with("scope", json!("openid")), 401),
            (with("scope", json!(format!("{scope}2 x{scope}"))), 401),
            (with("scope", json!("bnpl_order:o-2 claim_provider")), 401),
            (with("aud", json!(["http://market.example/", "https://market.example:8443/"])), 401),
            (with("aud", json!([format!("https://other.example{path}")])), 401),
            (with("aud", json!(["https://other.example/", here])), good(path)),
        ]
        .into_iter()
        .enumerate()
        {
            let token = format!("token-{number}-of-{path}");
            lax.say(&token, says.clone());
            let (found, answer) = stage.post(path, &token, &body(&stage, path)).await;
            assert_eq!(found, status, "{path} {says} {answer}");
        }
        // Where the scope goes along with the question, an answer need not repeat it, and need not name an audience.
        lax.say("silent", json!({"active": true}));
        let silent = if path == FILTER { 401 } else { good(path) };
        assert_eq!(stage.post(path, "silent", &body(&stage, path)).await.0, silent, "{path}");
    }
}

#[tokio::test]
async fn a_market_without_an_address_of_its_own_compares_only_that_of_offer_filtering() {
    let (stage, lax) = stage(None).await;
    for (path, scope) in ENDPOINTS {
        let other = if path == FILTER { 401 } else { 404 };
        let other = if matches!(path, SEGMENT | EVALUATE) { 200 } else { other };
        lax.say("t", json!({"active": true, "scope": scope, "aud": ["https://any.example/"]}));
        assert_eq!(stage.post(path, "t", &body(&stage, path)).await.0, other, "{path}");
    }
}

async fn call(market: &Market, path: &str, token: &str) -> Response<bytes::Bytes> {
    let value = HeaderValue::try_from(format!("Bearer {token}")).expect("a header");
    let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
    market.answer(&Method::POST, path, &headers, br#"{"conditions":[]}"#).await
}

#[tokio::test]
async fn tokens_that_are_none_cost_only_so_many_calls_and_starve_no_known_one() {
    let (stage, lax) = stage(None).await;
    let says = json!({"active": true, "scope": "oidc_client:read_user_counts"});
    lax.say("known", says.clone());
    assert_eq!(call(&stage.market, SEGMENT, "known").await.status(), 200);
    let mut statuses = Vec::new();
    for number in 0..200 {
        let answer = call(&stage.market, SEGMENT, &format!("bogus-{number}")).await;
        if answer.status() == 429 {
            let wait = answer.headers()["retry-after"].to_str().expect("ASCII").parse::<u64>();
            assert!((1..=60).contains(&wait.expect("seconds")));
        }
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [[401; 100], [429; 100]].concat());
    assert_eq!(lax.calls(), 101);
    // Whichever endpoint they come to.
    let (claims, body) = (CLAIMS, stage.claims_call(&["openid"]));
    assert_eq!(stage.post(claims, "bogus", &body).await.0, 429);
    assert_eq!(stage.post(DOCUMENTS, "bogus", &json!({})).await.0, 429);
    assert_eq!(lax.calls(), 101);
    for _ in 0..5 {
        assert_eq!(call(&stage.market, SEGMENT, "known").await.status(), 200);
    }
    assert_eq!(lax.calls(), 106, "an accepted token is looked into at each use");
    lax.say("known", json!({"active": false}));
    assert_eq!(call(&stage.market, SEGMENT, "known").await.status(), 401, "revoked");
    assert_eq!(call(&stage.market, SEGMENT, "known").await.status(), 401);
    assert_eq!(lax.calls(), 107, "a refused token is not asked about again at once");
}

#[tokio::test]
async fn good_tokens_do_not_count_against_the_limit() {
    let lax = Lax::default();
    let authority = lax.clone();
    let limits = IntrospectionLimits::new().max_refused(2, Duration::from_secs(60));
    let stage = Stage::with(|builder| builder.authority(authority).introspection_limits(limits)).await;
    for number in 0..20 {
        let token = format!("good-{number}");
        lax.say(&token, json!({"active": true, "scope": "oidc_client:read_user_counts"}));
        assert_eq!(call(&stage.market, SEGMENT, &token).await.status(), 200);
    }
    for (token, status) in [("x", 401), ("x", 401), ("y", 401), ("z", 429), ("good-0", 200)] {
        assert_eq!(call(&stage.market, SEGMENT, token).await.status().as_u16(), status, "{token}");
    }
}

struct Anybody;

impl Customers for Anybody {
    fn has_phone<'a>(&'a self, _: Pii<&'a str>) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async { Ok(true) })
    }

    fn has_phone_hash<'a>(&'a self, _: Pii<&'a str>) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async { Ok(true) })
    }
}

#[tokio::test]
async fn a_service_provider_compares_and_limits_as_a_market_does() {
    let start = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let (clock, time) = Clock::frozen(start);
    let sandbox = Credify::start().await.expect("a sandbox");
    let client = sandbox.client_builder().options(Options::new().clock(clock)).build().expect("a client");
    let lax = Lax::default();
    let provider = ServiceProvider::builder(client, "id", "https://provider.example/callback", ["openid"])
        .store(MemoryOneTime::new())
        .customers(Anybody)
        .authority(lax.clone())
        .introspection_limits(IntrospectionLimits::new().max_refused(10, Duration::from_secs(60)))
        .build()
        .expect("a service provider");
    let ask = async |method: Method, token: &str| {
        let value = HeaderValue::try_from(format!("Bearer {token}")).expect("a header");
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        let target = "/user-existence?phone_number=x";
        provider.answer(&method, target, &headers, br#"{"phone_number":"x"}"#).await.status().as_u16()
    };
    let scope = "claim_provider:read_user_existence";
    for (token, says, statuses) in [
        ("good", json!({"active": true, "scope": scope, "exp": 1_800_000_600}), [200, 200]),
        ("other", json!({"active": true, "scope": "openid"}), [401, 403]),
        ("ended", json!({"active": true, "scope": scope, "exp": 1_800_000_000}), [401, 403]),
        ("milliseconds", json!({"active": true, "scope": scope, "exp": 1_800_000_600_000_u64}), [401, 403]),
    ] {
        lax.say(token, says);
        assert_eq!([ask(Method::POST, token).await, ask(Method::GET, token).await], statuses, "{token}");
    }
    assert_eq!(lax.calls(), 8);
    for number in 0..4 {
        assert_eq!(ask(Method::POST, &format!("bogus-{number}")).await, 401);
    }
    assert_eq!((ask(Method::POST, "bogus-5").await, ask(Method::GET, "bogus-5").await), (429, 429));
    assert_eq!(ask(Method::POST, "good").await, 200);
    assert_eq!(lax.calls(), 13);
    // Refusals are forgotten first, and then what counts against the limit.
    time.advance(Duration::from_secs(10));
    assert_eq!(ask(Method::POST, "bogus-0").await, 429);
    time.advance(Duration::from_secs(50));
    assert_eq!(ask(Method::POST, "bogus-0").await, 401);
    assert_eq!(lax.calls(), 14);
}
