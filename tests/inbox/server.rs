//! A server's bounds over real sockets, with deadlines of milliseconds: heads, bodies, connections, bytes held at once.

use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo, routing::get};
use flate2::{Compression, write::GzEncoder};
use kyckit::{
    inbox::{Inbox, server::webhook},
    server::{BodyLimits, axum::Server},
    storage::MemoryInbox,
    testkit::FakeProvider,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::timeout,
};

const BODY: &str = r#"{"reference":"r-1","state":"accepted"}"#;
const SHORT: Duration = Duration::from_millis(200);
/// What a test waits for at most; a bound that does not hold fails it.
const PATIENCE: Duration = Duration::from_secs(10);

struct Running {
    address: SocketAddr,
    store: Arc<MemoryInbox>,
    stop: Option<oneshot::Sender<()>>,
    ended: tokio::task::JoinHandle<std::io::Result<()>>,
}

async fn run(server: Server, max_bytes: usize) -> Running {
    let store = Arc::new(MemoryInbox::new());
    let inbox = Arc::new(Inbox::new(store.clone()).max_body_bytes(max_bytes));
    let address_of = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    let app = Router::new()
        .route_service("/callback", webhook(inbox, Arc::new(FakeProvider::new("secret"))))
        .route("/own", get(address_of).post(|body: String| async move { body }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let stopped = async { stopped.await.unwrap_or_default() };
    let ended = tokio::spawn(async move { server.serve(listener, app, stopped).await });
    Running { address, store, stop: Some(stop), ended }
}

fn signature(body: &[u8]) -> String {
    let headers = FakeProvider::new("secret").sign(body);
    format!("x-fake-signature: {}\r\n", headers["x-fake-signature"].to_str().expect("hex"))
}

fn head(path: &str, length: usize, headers: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n{headers}\r\n")
}

/// Sends bytes, and reads what comes until the server closes, without closing first.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let closed = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let _ = closed.expect("the server closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn open(running: &Running, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(running.address).await.expect("connected");
    let _ = stream.write_all(bytes).await;
    stream
}

/// The status of an answer for which the connection need not close.
async fn status(stream: &mut TcpStream) -> u16 {
    let mut line = [0; 12];
    timeout(PATIENCE, stream.read_exact(&mut line)).await.expect("an answer in time").expect("an answer");
    String::from_utf8_lossy(&line[9..]).parse().expect("a status")
}

#[tokio::test]
async fn a_head_that_does_not_end_is_closed_and_an_idle_connection_too() {
    let running = run(Server::new().header_read_timeout(SHORT), 1000).await;
    for begun in ["", "POST /callback HTTP/1.1\r\n", "POST /callback HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let mut stream = open(&running, begun.as_bytes()).await;
        let answer = until_closed(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    let mut idle = open(&running, b"GET /own HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(until_closed(&mut idle).await.ends_with("127.0.0.1"), "the connection's address is known");
}

#[tokio::test]
async fn slow_bodies_are_closed_by_the_deadline_however_many_there_are() {
    let limits = BodyLimits::new().read_timeout(SHORT);
    let running = run(Server::new().body_limits(limits).body_timeout(2 * SHORT), 1000).await;
    let mut streams = Vec::new();
    for at in 0..60 {
        let (path, headers) =
            if at % 2 == 0 { ("/callback", signature(b"x")) } else { ("/own", String::new()) };
        streams.push((at, open(&running, format!("{}x", head(path, 100, &headers)).as_bytes()).await));
    }
    for (at, mut stream) in streams {
        let answer = until_closed(&mut stream).await;
        let expected = if at % 2 == 0 { "HTTP/1.1 408" } else { "HTTP/1.1 400" };
        assert!(answer.starts_with(expected), "{at}: {answer}");
    }
    assert_eq!(running.store.waiting(), 0);
}

#[tokio::test]
async fn bodies_of_unknown_callers_are_held_up_to_a_budget() {
    let limits = BodyLimits::new().max_unauthenticated_bytes(10_000);
    let running = run(Server::new().body_limits(limits), 1_000_000).await;
    let mut held = open(&running, head("/callback", 9_000, &signature(b"x")).as_bytes()).await;
    held.write_all(&[b' '; 8_500]).await.expect("sent");
    // It may take a moment until the first has been read.
    let refused = timeout(PATIENCE, async {
        loop {
            let whole = [head("/callback", 6_000, &signature(b"x")).into_bytes(), vec![b' '; 6_000]].concat();
            let mut stream = open(&running, &whole).await;
            let mut answer = vec![0; 200];
            let length = stream.read(&mut answer).await.expect("an answer");
            let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
            if answer.starts_with("HTTP/1.1 503") {
                return answer;
            }
            assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        }
    });
    assert!(refused.await.expect("503").contains("retry-after: 2\r\n"));
    // The first goes on, and what it held is free afterwards.
    held.write_all(&[b' '; 500]).await.expect("sent");
    assert_eq!(status(&mut held).await, 401);
    let whole = [head("/callback", 9_000, &signature(b"x")).into_bytes(), vec![b' '; 9_000]].concat();
    assert_eq!(status(&mut open(&running, &whole).await).await, 401);
}

#[tokio::test]
async fn a_body_without_a_signature_in_its_head_is_not_waited_for() {
    let running = run(Server::new(), 1_000_000).await;
    // Nothing of the body is sent.
    assert_eq!(status(&mut open(&running, head("/callback", 500_000, "").as_bytes()).await).await, 401);
    assert_eq!(
        status(&mut open(&running, head("/callback", 2_000_000, &signature(b"x")).as_bytes()).await).await,
        413
    );
}

#[tokio::test]
async fn connections_are_counted() {
    let running = run(Server::new().max_connections(2).header_read_timeout(PATIENCE), 1000).await;
    let first = open(&running, b"").await;
    let second = open(&running, b"").await;
    // The third waits in the backlog.
    let mut third = open(&running, b"GET /own HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let mut byte = [0];
    assert!(timeout(SHORT, third.read_exact(&mut byte)).await.is_err(), "two are open already");
    drop(first);
    assert_eq!(status(&mut third).await, 200);
    drop(second);
}

#[tokio::test]
async fn what_is_being_answered_is_answered_before_the_server_ends() {
    let mut running = run(Server::new(), 1000).await;
    let headers = signature(BODY.as_bytes());
    let mut stream = open(&running, head("/callback", BODY.len(), &headers).as_bytes()).await;
    let mut idle = open(&running, b"GET /own HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(status(&mut idle).await, 200);
    running.stop.take().expect("running").send(()).expect("running");
    stream.write_all(BODY.as_bytes()).await.expect("sent");
    assert_eq!(status(&mut stream).await, 200);
    timeout(PATIENCE, running.ended).await.expect("ended").expect("no panic").expect("no error");
    assert_eq!(running.store.waiting(), 1);
    assert!(TcpStream::connect(running.address).await.is_err(), "nothing listens any more");
}

#[tokio::test]
async fn a_compressed_callback_is_verified_as_what_it_holds() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("in memory");
        encoder.finish().expect("in memory")
    };
    let running = run(Server::new(), 100_000).await;
    let send = |encoding: &str, signed: &[u8], body: Vec<u8>| {
        let headers = format!("content-encoding: {encoding}\r\n{}", signature(signed));
        [head("/callback", body.len(), &headers).into_bytes(), body].concat()
    };
    let (body, bomb) = (BODY.as_bytes(), vec![b' '; 10 << 20]);
    for (what, request, expected) in [
        ("signed as it is inside", send("gzip", body, gzip(body)), 200),
        ("in another case", send("GZIP", body, gzip(body)), 200),
        ("signed as it travels", send("gzip", &gzip(body), gzip(body)), 401),
        ("not compressed", send("gzip", body, body.to_vec()), 415),
        ("another encoding", send("br", body, body.to_vec()), 415),
        ("a bomb", send("gzip", &bomb, gzip(&bomb)), 413),
    ] {
        assert_eq!(status(&mut open(&running, &request).await).await, expected, "{what}");
    }
    assert_eq!(running.store.waiting(), 1);
}
