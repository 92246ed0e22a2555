//! What a market refuses: tokens, webhooks, bodies, and its own database's failures.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Method;
use kyckit::{
    Error,
    clock::Clock,
    credify::{
        claims::Claims,
        keys::SigningKey,
        market::{Documents, EventContext, Events, FetchedDocuments, Market, axum::router},
        webhook::WebhookEvent,
    },
    sandbox::credify::USER_ID,
    storage::MemoryInbox,
    verified::Verified,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

use super::market_support::{CONFESSION, CONSUMER, FRONT_END, SCOPE, Stage, ago};

/// Sends bytes and reads until the peer closes.
pub async fn exchange(address: SocketAddr, request: String) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a server");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

const FILTER: &str = "/v1/api/offers/filter";
const SEGMENT: &str = "/v1/api/offers/segment";
const EVALUATE: &str = "/v1/api/offers/evaluate";
const CLAIMS: &str = "/v1/api/claims/request";

fn unauthorized() -> (u16, Value) {
    (401, json!({"message": "Unauthorized"}))
}

#[tokio::test]
async fn tokens_that_are_not_for_this_call_are_refused() {
    let stage = Stage::new().await;
    let filtering = "claim_provider:read_filtered_offers";
    let here = "https://market.example/v1/api/offers/filter";
    for (token, introspection) in [
        ("inactive", json!({"active": false})),
        ("almost", json!({"active": "true", "scope": filtering, "aud": [here]})),
        ("prefix", json!({"active": true, "scope": format!("{filtering}_x claim_provider"), "aud": [here]})),
        ("scopeless", json!({"active": true, "aud": [here]})),
        ("nowhere", json!({"active": true, "scope": filtering, "aud": []})),
        (
            "elsewhere",
            json!({"active": true, "scope": filtering, "aud": ["https://market.example/v1/api/other"]}),
        ),
        (
            "longer",
            json!({"active": true, "scope": filtering, "aud": [format!("{here}/x"), format!("https://evil.example/?{here}")]}),
        ),
        ("of-counts", json!({"active": true, "scope": "oidc_client:read_user_counts", "aud": [here]})),
    ] {
        stage.known.token(token, introspection);
        let body = json!({"local_id": "7", "offers": [{"code": "a", "conditions": [null]}]});
        for path in [FILTER, "/v1/offers-filtering"] {
            assert_eq!(stage.post(path, token, &body).await, unauthorized(), "{token}");
        }
    }
    // Each endpoint has a scope of its own.
    for (path, own) in
        [(SEGMENT, "tok-counts"), (EVALUATE, "tok-evaluate"), (CLAIMS, "tok-claims"), (FILTER, "tok-filter")]
    {
        let body = match path {
            CLAIMS => stage.claims_call(&["openid"]),
            _ => json!({"credify_id": USER_ID, "scopes": [], "conditions": []}),
        };
        for token in ["", "forged", "tok-counts", "tok-evaluate", "tok-claims", "tok-filter"] {
            if token != own {
                assert_eq!(stage.post(path, token, &body).await, unauthorized(), "{path} with {token}");
            }
        }
    }
    // The market's own endpoints know its own callers.
    for path in [
        "/v1/api/claims/push",
        "/v1/orders",
        "/v1/orders/o-1/cancel",
        "/v1/simulation",
        "/v1/offers",
        "/v1/push-disbursement-claims",
    ] {
        for token in ["", "tok-claims", "front-end-secreT"] {
            assert_eq!(stage.post(path, token, &json!({})).await, unauthorized(), "{path} with {token:?}");
        }
    }
    assert_eq!(stage.sandbox.server().count("/v1/token"), 0, "the provider was asked for something");
}

#[tokio::test]
async fn tokens_are_looked_at_before_the_body() {
    let stage = Stage::new().await;
    for path in [FILTER, SEGMENT, EVALUATE, CLAIMS, "/v1/orders"] {
        assert_eq!(stage.call(Method::POST, path, "", b"not JSON").await, unauthorized(), "{path}");
    }
    for (path, token) in [
        (FILTER, "tok-filter"),
        (SEGMENT, "tok-counts"),
        (EVALUATE, "tok-evaluate"),
        (CLAIMS, "tok-claims"),
        ("/v1/orders", FRONT_END),
    ] {
        for body in [&b"not JSON"[..], b"", b"[]", b"null", b"{\"a\":1e999}", b"\xff\xfe"] {
            let answer = stage.call(Method::POST, path, token, body).await;
            assert_eq!((answer.0, answer.1["message"].is_string()), (400, true), "{path}");
        }
    }
}

#[tokio::test]
async fn an_approval_is_bound_to_the_client_the_user_and_the_time() {
    let stage = Stage::new().await;
    stage.push().await;
    let (now, scopes) = (Clock::system(), ["openid", "phone"]);
    let good = stage.claims_call(&scopes);
    assert_eq!(stage.post(CLAIMS, "tok-claims", &good).await.0, 200);

    let forbidden =
        |answer: (u16, Value)| answer == (403, json!({"message": "The user did not approve this request"}));
    let other_client =
        stage.claims_call_of(CONSUMER, "d0f0f0f0-0000-4000-8000-000000000000", &scopes, &scopes, &now);
    assert!(forbidden(stage.post(CLAIMS, "tok-claims", &other_client).await));
    let mut other_user = good.clone();
    other_user["user_id"] = json!("d0f0f0f0-0000-4000-8000-000000000000");
    assert!(forbidden(stage.post(CLAIMS, "tok-claims", &other_user).await));
    let more = stage.claims_call_of(CONSUMER, CONSUMER, &["openid", "phone", "email"], &scopes, &now);
    assert!(forbidden(stage.post(CLAIMS, "tok-claims", &more).await));

    let old = stage.claims_call_of(CONSUMER, CONSUMER, &scopes, &scopes, &ago(Duration::from_secs(3700)));
    assert_eq!(stage.post(CLAIMS, "tok-claims", &old).await, unauthorized());
    let stranger =
        stage.claims_call_of("d0f0f0f0-0000-4000-8000-000000000000", CONSUMER, &scopes, &scopes, &now);
    assert_eq!(stage.post(CLAIMS, "tok-claims", &stranger).await, unauthorized());
    for member in ["request_token", "approval_token"] {
        let mut forged = good.clone();
        let token = forged[member].as_str().expect("a token").to_owned();
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let other = if signature.starts_with('A') { "B" } else { "A" };
        forged[member] = json!(format!("{signed}.{other}{}", &signature[1..]));
        assert_eq!(stage.post(CLAIMS, "tok-claims", &forged).await, unauthorized(), "{member}");
        forged[member] = json!("a.b.c");
        assert_eq!(stage.post(CLAIMS, "tok-claims", &forged).await, unauthorized(), "{member}");
        forged[member] = json!("");
        assert_eq!(stage.post(CLAIMS, "tok-claims", &forged).await.0, 400, "{member}");
    }
    // Signed by the other of the two.
    stage.known.entity(CONSUMER, &stage.wallet);
    assert_eq!(stage.post(CLAIMS, "tok-claims", &good).await, unauthorized());
}

#[tokio::test]
async fn an_empty_list_of_scopes_shares_nothing() {
    let condition = json!({
        "kind": "CONTAIN_CONDITION", "value": "1",
        "claim": {"name": super::market_support::CLAIM, "value_type": "TEXT", "scope": {"name": SCOPE}},
    });
    let body = json!({"credify_id": USER_ID, "scopes": [], "conditions": [condition]});
    let stage = Stage::new().await;
    stage.push().await;
    assert_eq!(stage.post(EVALUATE, "tok-evaluate", &body).await.1["data"]["rank"], 0);
    let relaxed = Stage::with(|builder| builder.empty_scopes_mean_all()).await;
    relaxed.push().await;
    assert_eq!(relaxed.post(EVALUATE, "tok-evaluate", &body).await.1["data"]["rank"], 1);
}

#[tokio::test]
async fn conditions_that_are_none_are_refused_whatever_the_user_has() {
    let stage = Stage::new().await;
    stage.push().await;
    let mut deep = json!({"kind": "AND_CONDITION", "subconditions": [null]});
    for _ in 0..100 {
        deep = json!({"kind": "AND_CONDITION", "subconditions": [deep]});
    }
    for (condition, why) in [
        (json!({"kind": "OR_CONDITION"}), "Invalid conditions"),
        (json!("text"), "Invalid conditions"),
        (json!([1]), "Invalid conditions"),
        // Refused before it is a condition: the body itself is nested too deep.
        (deep, "Invalid body"),
    ] {
        let expected = (400, json!({"message": why}));
        let body = json!({"credify_id": USER_ID, "scopes": ["phone"], "conditions": [condition]});
        assert_eq!(stage.post(EVALUATE, "tok-evaluate", &body).await, expected);
        let body = json!({"conditions": [condition], "required_custom_scope": [[]]});
        assert_eq!(stage.post(SEGMENT, "tok-counts", &body).await, expected);
        let body = json!({"local_id": "7", "offers": [{"conditions": [condition]}]});
        assert_eq!(stage.post(FILTER, "tok-filter", &body).await, expected);
    }
}

#[tokio::test]
async fn long_and_deep_bodies_are_refused_and_cost_little() {
    let stage = Stage::new().await;
    let deep = format!("{{\"id\":{}1{}}}", "[".repeat(200_000), "]".repeat(200_000));
    let answer = stage.call(Method::POST, "/v1/api/claims/push", FRONT_END, deep.as_bytes()).await;
    assert_eq!(answer, (400, json!({"message": "Invalid body"})));
    let long = vec![b' '; 50_000_000];
    let answer = stage.call(Method::POST, "/v1/api/claims/push", FRONT_END, &long).await;
    assert_eq!(answer, (413, json!({"message": "The body is too large"})));

    // Over a socket nothing of it is read.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = router::<()>(stage.market.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let head = format!(
        "POST /v1/api/claims/push HTTP/1.1\r\nhost: market\r\ncontent-length: 50000000\r\n\
         authorization: Bearer {FRONT_END}\r\nconnection: close\r\n\r\n{{"
    );
    let answer = exchange(address, head).await;
    assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{answer}");
    // Without a length it is read to the limit and no further.
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a server");
    let head = format!(
        "POST /v1/api/claims/push HTTP/1.1\r\nhost: market\r\ntransfer-encoding: chunked\r\n\
         authorization: Bearer {FRONT_END}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let piece = format!("100000\r\n{}\r\n", " ".repeat(1 << 20));
    let mut sent = 0;
    while sent < 50 && stream.write_all(piece.as_bytes()).await.is_ok() {
        sent += 1;
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(sent < 50 || !answer.is_empty(), "all of it was read");
}

#[tokio::test]
async fn who_presents_nothing_is_refused_before_a_body_is_read() {
    let stage = Stage::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = router::<()>(stage.market.clone());
    let server = kyckit::server::axum::Server::new();
    tokio::spawn(async move { server.serve(listener, app, std::future::pending()).await });
    let send = async |path: &str, headers: &str| {
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("a server");
        // The body is announced, and never comes.
        let head = format!("POST {path} HTTP/1.1\r\nhost: market\r\ncontent-length: 1000\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut line = [0; 12];
        let read =
            tokio::time::timeout(std::time::Duration::from_secs(5), stream.read_exact(&mut line)).await;
        read.expect("an answer in time").expect("an answer");
        String::from_utf8_lossy(&line[9..]).parse::<u16>().expect("a status")
    };
    for (path, status) in [
        ("/v1/api/claims/push", 401),
        ("/v1/orders", 401),
        ("/v1/simulation", 401),
        ("/v1/api/offers/filter", 401),
        ("/v1/api/offers/segment", 401),
        ("/v1/api/offers/evaluate", 401),
        ("/v1/api/claims/request", 401),
        ("/v1/api/bnpl/orders/o-1/disbursement-requirements", 400),
        ("/v1/nothing", 404),
        ("/v1/api/bnpl/orders/o-1/redirect", 405),
    ] {
        assert_eq!(send(path, "").await, status, "{path}");
    }
    for headers in ["authorization: Bearer wrong\r\n", "authorization: Basic eA==\r\n"] {
        assert_eq!(send("/v1/api/claims/push", headers).await, 401, "{headers}");
    }
    // Three tokens need no more than this.
    let large = "authorization: Bearer x\r\ncontent-length: 70000\r\n";
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a server");
    let head = format!("POST /v1/api/claims/request HTTP/1.1\r\nhost: market\r\n{large}\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.expect("an answer");
    assert_eq!(line, *b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_database_that_fails_in_the_middle_leaves_nothing_half_stored_and_says_nothing() {
    struct Shelf;
    impl Documents for Shelf {
        fn fetch<'a>(&'a self, _: &'a Url) -> BoxFuture<'a, Result<Bytes, Error>> {
            Box::pin(async { Ok(Bytes::from_static(b"%PDF-1.7")) })
        }
    }

    let heard = Arc::new(Mutex::new(0));
    let hears = Arc::clone(&heard);
    let stage = Stage::with(|builder| {
        builder.documents(Shelf).on_failure(move |_, error| {
            // The application's log names it; what goes to the caller, below, does not.
            assert!(error.to_string().contains("password"), "{error}");
            *hears.lock().expect("held") += 1;
        })
    })
    .await;
    stage.push().await;
    let amount = json!({"value": "1", "currency": "VND"});
    let order = json!({"local_id": "7", "reference_id": "r", "total_amount": amount, "order_lines": []});
    let id = stage.post("/v1/orders", FRONT_END, &order).await.1["id"].as_str().expect("an id").to_owned();
    let documents = json!({"order_id": id, "documents": {"invoice": "https://files.example/i.pdf"}});
    assert_eq!(stage.post("/v1/push-disbursement-claims", FRONT_END, &documents).await.0, 200);
    let requirements = format!("/v1/api/bnpl/orders/{id}/disbursement-requirements");
    let push = json!({"id": "7", "credify_id": USER_ID});
    let evaluation = json!({"credify_id": USER_ID, "scopes": ["phone"]});
    let offers = json!({"credify_id": USER_ID, "local_id": "7", "offers": [{"conditions": [null]}]});
    let counts = json!({"conditions": [null], "required_custom_scope": [[]]});
    let claims = stage.claims_call(&["openid", "phone"]);
    let calls: [(&str, &str, &Value); 8] = [
        ("/v1/api/claims/push", FRONT_END, &push),
        ("/v1/push-disbursement-claims", FRONT_END, &documents),
        ("/v1/orders", FRONT_END, &order),
        (&requirements, "tok-documents", &json!({})),
        (EVALUATE, "tok-evaluate", &evaluation),
        (FILTER, "tok-filter", &offers),
        (SEGMENT, "tok-counts", &counts),
        (CLAIMS, "tok-claims", &claims),
    ];
    let key = stage.sandbox.market_signing_key().verifying_key();
    let shared: Claims =
        kyckit::credify::market::DisclosurePolicy::all().claims(&super::market_support::user("7"));
    for (path, token, body) in calls {
        stage.database.break_at(usize::MAX);
        assert_eq!(stage.post(path, token, body).await.0, 200, "{path}");
        let uses = stage.database.uses();
        assert!(uses > 0, "{path} does not use the database");
        for broken in 0..uses {
            let before = stage.kept().await.expect("commitments");
            stage.database.break_at(broken);
            let (status, answer) = stage.post(path, token, body).await;
            assert_eq!((status, &answer), (500, &json!({"message": "The request could not be completed"})));
            assert!(!answer.to_string().contains(CONFESSION), "{path}");
            stage.database.heal();
            // All of the old ones, or, once a push under way is completed, all of the new ones.
            let kept = stage.kept().await.expect("commitments");
            assert_eq!(
                serde_json::to_value(&kept).ok(),
                serde_json::to_value(&before).ok(),
                "{path} at {broken}"
            );
            assert!(stage.market.recover().await.expect("healed").failed.is_empty(), "{path} at {broken}");
        }
    }
    assert!(*heard.lock().expect("held") > 8);
    assert_eq!(stage.push().await.0, 200);
    let kept = stage.kept().await.expect("commitments");
    for token in stage.pushed() {
        let token =
            kyckit::credify::token::claim::VerifiedClaimToken::read(&token, &key).expect("the market's");
        let commitment = kept.get(token.scope()).expect("a commitment");
        assert!(token.matches_with(&shared, commitment, &[Default::default()]).is_some());
    }
}

#[tokio::test]
async fn documents_come_from_listed_hosts_alone() {
    let stage = Stage::with(|builder| builder).await;
    let listed = FetchedDocuments::new(&stage.client).domain("files.example");
    for address in [
        "http://files.example/i.pdf",
        "https://files.example.evil.example/i.pdf",
        "https://127.0.0.1/i.pdf",
        "https://user:password@files.example/i.pdf",
        "https://files.example:8443/i.pdf",
        "file:///etc/passwd",
        "https://169.254.169.254/latest/meta-data",
    ] {
        let url = Url::parse(address).expect("a URL");
        let error = listed.fetch(&url).await.expect_err(address);
        assert_eq!(error.kind(), kyckit::ErrorKind::Configuration, "{address}");
    }
    stage.push().await;
    let amount = json!({"value": "1", "currency": "VND"});
    let order = json!({"local_id": "7", "reference_id": "r", "total_amount": amount, "order_lines": []});
    let id = stage.post("/v1/orders", FRONT_END, &order).await.1["id"].clone();
    for documents in [
        json!({"invoice": "https://files.example/i.pdf"}),
        json!({"invoice": "nowhere"}),
        json!({"INVOICE": "https://files.example/i.pdf"}),
        json!({"payslip": "https://files.example/i.pdf"}),
        json!({"invoice": 7}),
        json!({}),
        json!([]),
    ] {
        let body = json!({"order_id": id, "documents": documents});
        let (status, answer) = stage.post("/v1/push-disbursement-claims", FRONT_END, &body).await;
        assert_eq!(status, 400, "{documents}: {answer}");
    }
}

/// Remembers what it heard.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<(String, bool)>>>);

impl Events for Ear {
    fn heard<'a>(
        &'a self,
        event: &'a Verified<WebhookEvent>,
        context: EventContext,
    ) -> BoxFuture<'a, Result<(), Error>> {
        let status = event.raw().expose()["order_status"].as_str().unwrap_or("-").to_owned();
        self.0.lock().expect("held").push((status, context.is_current));
        Box::pin(async { Ok(()) })
    }
}

const HOOK: &str = "https://market.example/v1/webhook";

async fn hooked(stage: &Stage, ear: Ear) -> Market {
    let webhooks = stage.client.webhooks(HOOK).expect("a verifier");
    Market::builder(stage.client.clone(), "market")
        .callers(kyckit::credify::market::SharedToken::new("x"))
        .users(kyckit::credify::market::MemoryUsers::new())
        .commitments(kyckit::credify::market::MemoryCommitments::new())
        .orders(kyckit::credify::market::MemoryOrders::new())
        .webhooks(webhooks, MemoryInbox::new())
        .events(ear)
        .build()
        .expect("a market")
}

fn stamp(seconds: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("now").as_secs();
    (now - 1000 + seconds).to_string()
}

#[tokio::test]
async fn webhooks_are_believed_once_and_in_order() {
    let stage = Stage::new().await;
    let ear = Ear::default();
    let market = hooked(&stage, ear.clone()).await;
    let send = async |id: &str, at: u64, body: &Value| {
        let body = body.to_string();
        let headers = stage.sandbox.sign_webhook(HOOK, id, &stamp(at), body.as_bytes()).expect("headers");
        market.answer(&Method::POST, "/v1/webhook", &headers, body.as_bytes()).await.status().as_u16()
    };
    let order = |status: &str| json!({"type": "BNPL_ORDER_STATUS_UPDATED", "order_id": "o-1", "order_status": status});
    assert_eq!(send("e-1", 10, &order("PENDING")).await, 200);
    assert_eq!(send("e-1", 10, &order("PENDING")).await, 200, "a replay is acknowledged");
    assert_eq!(send("e-3", 30, &order("PAID")).await, 200);
    assert_eq!(send("e-2", 20, &order("APPROVED")).await, 200, "late");
    assert_eq!(send("e-4", 40, &json!({"type": "SOMETHING_NEW"})).await, 200);
    let heard = ear.0.lock().expect("held").clone();
    let current: Vec<_> =
        heard.iter().filter(|(_, current)| *current).map(|(status, _)| status.as_str()).collect();
    assert_eq!(current, ["PENDING", "PAID"], "{heard:?}");
    assert!(!heard.iter().any(|(status, _)| status == "APPROVED"), "{heard:?}");
}

#[tokio::test]
async fn forged_webhooks_are_answered_and_change_nothing() {
    let stage = Stage::new().await;
    let ear = Ear::default();
    let market = hooked(&stage, ear.clone()).await;
    let body = json!({"type": "BNPL_DISBURSEMENT_REQUIREMENT_STATUS_UPDATED", "order_id": "o-1",
        "requirement_type": "INVOICE", "from_provider": false, "is_fulfilled": true});
    let body = body.to_string();
    let signed = |endpoint: &str, at: &str, body: &str| {
        stage.sandbox.sign_webhook(endpoint, "e-1", at, body.as_bytes()).expect("headers")
    };
    let now = stamp(1000);
    let good = signed(HOOK, &now, &body);
    let mut cases = vec![
        signed("https://other.example/v1/webhook", &now, &body),
        signed(HOOK, &now, "{}"),
        signed(HOOK, "1653385025", &body),
        http::HeaderMap::new(),
    ];
    for name in ["signature", "x-event-id", "x-event-timestamp"] {
        let mut without = good.clone();
        without.remove(name);
        cases.push(without);
        let mut twice = good.clone();
        twice.append(name, good[name].clone());
        cases.push(twice);
        let mut other = good.clone();
        other.insert(name, "AAAA".parse().expect("a header"));
        cases.push(other);
    }
    let key = SigningKey::generate(&Clock::system()).expect("a key");
    let mut by_another = good.clone();
    let signature = key.sign(body.as_bytes()).expect("signed");
    by_another.insert("signature", hex::encode(signature).parse().expect("a header"));
    cases.push(by_another);
    for (index, headers) in cases.iter().enumerate() {
        let answer = market.answer(&Method::POST, "/v1/webhook", headers, body.as_bytes()).await;
        assert_eq!(answer.status().as_u16(), 401, "case {index}");
        assert_eq!(answer.body().as_ref(), br#"{"message":"Unauthorized"}"#, "case {index}");
    }
    assert!(ear.0.lock().expect("held").is_empty());
    let disbursed = "/v1/integration/bnpl-consumers/orders/o-1/disburse";
    assert!(stage.sandbox.server().bodies(disbursed).is_empty());

    // The genuine one asks for the money, and however often it comes, once.
    for _ in 0..3 {
        let answer = market.answer(&Method::POST, "/v1/webhook", &good, body.as_bytes()).await;
        assert_eq!(answer.status().as_u16(), 200);
    }
    assert_eq!(stage.sandbox.server().bodies(disbursed).len(), 1);
}
