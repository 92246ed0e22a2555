//! The Session URL over HTTP, with the fake Maya pushing to it.

use std::sync::Arc;

use axum::Router;
use kyckit::{
    ErrorKind,
    maya::{
        server,
        webhook::{BODY_LIMIT, SessionId, Sessions},
    },
    sandbox::maya::Maya,
    storage::MemoryOneTime,
};
use url::Url;

struct Partner {
    sessions: Arc<Sessions<MemoryOneTime>>,
    session_url: Url,
    http: reqwest::Client,
}

async fn partner(store: MemoryOneTime) -> Partner {
    let sessions = Arc::new(Sessions::new(store));
    let app: Router = Router::new().route_service("/s/7bK2", server::session(sessions.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let session_url =
        format!("http://{}/s/7bK2", listener.local_addr().expect("bound")).parse().expect("a URL");
    tokio::spawn(async move { axum::serve(listener, app).await });
    Partner { sessions, session_url, http: reqwest::Client::builder().no_proxy().build().expect("a client") }
}

impl Partner {
    async fn push(&self, content_type: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
        let request =
            self.http.post(self.session_url.clone()).header("content-type", content_type).body(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }
}

#[tokio::test]
async fn maya_pushes_and_the_customer_arrives() {
    let partner = partner(MemoryOneTime::new()).await;
    let maya = Maya::start().await.expect("a sandbox");
    let client = maya.client_builder().build().expect("a client");
    let landing: Url = "https://mini-app.example.com/welcome?lang=en".parse().expect("a URL");

    let mut ids = Vec::new();
    for customer in [7, 8, 7] {
        let opened = maya.open_mini_app(customer, &partner.session_url, &landing).await.expect("answered");
        assert_eq!(opened.status, 200);
        let landing: Url = opened.landing_url.expect("a session").expose().parse().expect("a URL");
        assert!(landing.as_str().starts_with("https://mini-app.example.com/welcome?lang=en&sessionId="));
        let id = SessionId::from_query(landing.query().expect("a query")).expect("an id");
        let session = partner.sessions.redeem(&id).await.expect("redeemed");
        assert!(session.request_reference.is_some_and(|reference| reference.len() == 36));
        let profile = client.profile(&session.tokens).await.expect("a profile");
        ids.push(profile.id().expose().clone());
        assert_eq!(partner.sessions.redeem(&id).await.expect_err("once").kind(), ErrorKind::AlreadyUsed);
    }
    assert_eq!(ids[0], ids[2], "the same customer");
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_push_that_is_none_is_refused_without_a_reason() {
    let partner = partner(MemoryOneTime::new()).await;
    let good = r#"{"accessToken":"j.w.e.1.x","refreshToken":"r.0.1","expiresAt":1893452400}"#;
    assert_eq!(partner.push("application/json; charset=utf-8", good).await.0, 200);
    assert_eq!(partner.push("text/plain", good).await.0, 415);
    for bad in ["", "{}", "[]", "null", r#"{"accessToken":"a b","refreshToken":"r","expiresAt":1}"#] {
        let (status, body) = partner.push("application/json", bad).await;
        assert_eq!((status, body.as_str()), (400, r#"{"error":"invalid_request"}"#), "{bad}");
    }
    let long = format!(r#"{{"accessToken":"{}"}}"#, "a".repeat(BODY_LIMIT));
    assert_eq!(partner.push("application/json", long.clone()).await.0, 413);
    // Without a length that says so beforehand.
    let pieces = futures_util::stream::iter(
        long.into_bytes()
            .chunks(1000)
            .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
            .collect::<Vec<_>>(),
    );
    let whole = http_body_util::StreamBody::new(futures_util::StreamExt::map(pieces, |piece| {
        piece.map(|piece| hyper::body::Frame::data(bytes::Bytes::from(piece)))
    }));
    assert_eq!(partner.push("application/json", reqwest::Body::wrap(whole)).await.0, 413);
    let get = partner.http.get(partner.session_url.clone()).send().await.expect("an answer");
    assert_eq!(get.status(), 405);
}

#[tokio::test]
async fn a_store_that_fails_is_answered_so_that_maya_may_push_again() {
    let partner = partner(MemoryOneTime::new().max_keys(0)).await;
    let good = r#"{"accessToken":"j.w.e.1.x","refreshToken":"r.0.1","expiresAt":1893452400}"#;
    assert_eq!(
        partner.push("application/json", good).await,
        (429, r#"{"error":"too_many_requests"}"#.to_owned())
    );
}
