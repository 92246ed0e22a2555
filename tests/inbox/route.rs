//! The axum route and extractor, over a real socket on loopback.

use std::sync::{Arc, Mutex};

use axum::{Router, routing::post};
use kyckit::{
    Error,
    inbox::{Inbox, MAX_BODY_BYTES, axum::VerifiedCallback, server::webhook},
    server::Rejection,
    storage::{AppliedState, InboxStore, LeaseStatus, LeasedEvent, MemoryInbox, NewEvent, Receipt},
    testkit::FakeProvider,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const BODY: &str = r#"{"reference":"r-1","state":"accepted"}"#;

struct Server {
    address: std::net::SocketAddr,
    store: Arc<MemoryInbox>,
}

async fn serve(app: Router) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn server(limit: usize) -> Server {
    let store = Arc::new(MemoryInbox::new());
    let inbox = Arc::new(Inbox::new(store.clone()).max_body_bytes(limit));
    let route = webhook(inbox, Arc::new(FakeProvider::new("secret")));
    Server { address: serve(Router::new().route_service("/callback", route)).await, store }
}

fn signature(body: &str) -> String {
    let headers = FakeProvider::new("secret").sign(body.as_bytes());
    format!("x-fake-signature: {}\r\n", headers["x-fake-signature"].to_str().expect("hex"))
}

/// Sends raw bytes, closes the sending half, and reads the whole answer.
async fn raw(address: std::net::SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    // A server that refuses early may close before all is written.
    let _ = stream.write_all(request).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The beginning of an answer that comes although the request has not ended.
async fn status_line(stream: &mut TcpStream) -> [u8; 12] {
    let mut line = [0; 12];
    let answer = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read_exact(&mut line)).await;
    answer.expect("an answer in time").expect("an answer");
    line
}

async fn post_body(address: std::net::SocketAddr, headers: &str, body: &str) -> (u16, String) {
    let length = body.len();
    let request = format!(
        "POST /callback HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    split(&raw(address, request.as_bytes()).await)
}

/// The status and the body of an answer.
fn split(answer: &str) -> (u16, String) {
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_default();
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    (status, body)
}

#[tokio::test]
async fn a_genuine_callback_is_kept_and_answered_with_200() {
    let server = server(MAX_BODY_BYTES).await;
    for _ in 0..2 {
        assert_eq!(post_body(server.address, &signature(BODY), BODY).await, (200, String::new()));
        assert_eq!(server.store.waiting(), 1);
    }
}

#[tokio::test]
async fn refusals_are_answered_by_status_alone() {
    let server = server(MAX_BODY_BYTES).await;
    let unusable = r#"{"reference":7}"#;
    for (headers, body, status) in [
        (String::new(), BODY, 401),
        (signature("another body"), BODY, 401),
        ("x-fake-signature: zz\r\n".to_owned(), BODY, 401),
        (String::new(), "", 401),
        (signature(""), "", 400),
        (signature(unusable), unusable, 400),
        (signature("<html>"), "<html>", 400),
    ] {
        assert_eq!(
            post_body(server.address, &headers, body).await,
            (status, String::new()),
            "{headers}{body}"
        );
    }
    assert_eq!(server.store.waiting(), 0);
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let server = server(MAX_BODY_BYTES).await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "HEAD"] {
        let request = format!("{method} /callback HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = raw(server.address, request.as_bytes()).await;
        assert_eq!(split(&answer).0, 405, "{method}");
        assert!(answer.to_lowercase().contains("allow: post"));
    }
}

#[tokio::test]
async fn the_limit_holds_while_the_body_is_read() {
    let server = server(BODY.len()).await;
    assert_eq!(post_body(server.address, &signature(BODY), BODY).await.0, 200);
    let longer = format!("{BODY} ");
    assert_eq!(post_body(server.address, &signature(&longer), &longer).await.0, 413);

    // Announced, never sent: the refusal does not wait for it.
    let announced =
        "POST /callback HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\nconnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    stream.write_all(announced.as_bytes()).await.expect("written");
    assert_eq!(status_line(&mut stream).await, *b"HTTP/1.1 413");

    // Not announced, and without an end: the refusal comes at the limit.
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    let chunked = format!(
        "POST /callback HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n{}\r\n",
        signature(BODY)
    );
    stream.write_all(chunked.as_bytes()).await.expect("written");
    for _ in 0..10 {
        stream.write_all(b"8\r\n12345678\r\n").await.expect("written");
    }
    assert_eq!(status_line(&mut stream).await, *b"HTTP/1.1 413");
    assert_eq!(server.store.waiting(), 1);
}

#[tokio::test]
async fn a_chunked_body_is_put_together_and_a_broken_one_is_not_kept() {
    let server = server(MAX_BODY_BYTES).await;
    let (left, right) = BODY.split_at(20);
    let head = format!(
        "POST /callback HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n{}\r\n",
        signature(BODY)
    );
    let broken = format!("{head}{:x}\r\n{left}\r\n", left.len());
    assert_ne!(split(&raw(server.address, broken.as_bytes()).await).0, 200);
    assert_eq!(server.store.waiting(), 0);
    let whole = format!("{broken}{:x}\r\n{right}\r\n0\r\n\r\n", right.len());
    assert_eq!(split(&raw(server.address, whole.as_bytes()).await).0, 200);
    assert_eq!(server.store.waiting(), 1);
}

#[tokio::test]
async fn a_store_that_fails_makes_the_provider_try_again() {
    struct Down;
    impl InboxStore for Down {
        async fn insert(&self, _: NewEvent) -> Result<Receipt, Error> {
            Err(Error::store("password authentication failed for user kyc"))
        }

        async fn claim(
            &self,
            _: std::time::SystemTime,
            _: &str,
            _: std::time::Duration,
        ) -> Result<Option<LeasedEvent>, Error> {
            Ok(None)
        }

        async fn finish(&self, _: &LeasedEvent, _: Option<AppliedState>) -> Result<LeaseStatus, Error> {
            Ok(LeaseStatus::LeaseLost)
        }

        async fn release(&self, _: &LeasedEvent, _: std::time::SystemTime) -> Result<LeaseStatus, Error> {
            Ok(LeaseStatus::LeaseLost)
        }
    }
    let route = webhook(Arc::new(Inbox::new(Down)), Arc::new(FakeProvider::new("secret")));
    let address = serve(Router::new().route_service("/callback", route)).await;
    assert_eq!(post_body(address, &signature(BODY), BODY).await, (503, String::new()));
}

#[tokio::test]
async fn the_extractor_hands_out_verified_events_only() {
    #[derive(Clone)]
    struct State {
        provider: Arc<FakeProvider>,
        seen: Arc<Mutex<Vec<String>>>,
    }
    impl axum::extract::FromRef<State> for Arc<FakeProvider> {
        fn from_ref(state: &State) -> Self {
            state.provider.clone()
        }
    }
    async fn callback(
        axum::extract::State(state): axum::extract::State<State>,
        VerifiedCallback(event): VerifiedCallback<FakeProvider>,
    ) -> &'static str {
        state.seen.lock().unwrap().push(format!("{} {}", event.reference, event.state));
        "thanks"
    }
    async fn curious(event: Result<VerifiedCallback<FakeProvider>, Rejection>) -> String {
        event.map_or_else(|rejection| format!("{:?}", rejection.error().check()), |_| "fine".to_owned())
    }
    let seen = Arc::new(Mutex::default());
    let state = State { provider: Arc::new(FakeProvider::new("secret")), seen: seen.clone() };
    let app =
        Router::new().route("/callback", post(callback)).route("/curious", post(curious)).with_state(state);
    let address = serve(app).await;
    assert_eq!(post_body(address, &signature(BODY), BODY).await, (200, "thanks".to_owned()));
    assert_eq!(post_body(address, "", BODY).await, (401, String::new()));
    let large = format!("{BODY}{}", " ".repeat(MAX_BODY_BYTES));
    assert_eq!(post_body(address, &signature(&large), &large).await.0, 413);
    assert_eq!(*seen.lock().unwrap(), ["r-1 accepted"]);
    let curious = raw(address, b"POST /curious HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert_eq!(split(&curious), (200, "Some(\"signature.missing\")".to_owned()));
}
