use std::time::SystemTime;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::*;
use crate::sandbox::fault::Fault;

/// How long silence is listened to where it is expected.
const MOMENT: Duration = Duration::from_millis(30);
/// How long anything else may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);
const BODY: &str = "0123456789";

/// Counts what reached it and answers the same bytes each time.
#[derive(Default)]
struct Counter(Mutex<u32>);

impl FakeProvider for Counter {
    const PROVIDER: ProviderId = ProviderId::new("counter");

    async fn handle(&self, request: Request<Bytes>) -> Response<Payload> {
        assert_ne!(request.uri().path(), "/panic", "as the test wants it");
        *self.0.lock().expect("counter") += 1;
        let mut response = plain(StatusCode::OK, Payload::new(BODY));
        response.headers_mut().insert("signature", HeaderValue::from_static("good"));
        response
    }

    fn route(path: &str) -> Option<&'static str> {
        (path == "/known").then_some("/known")
    }

    fn spoil_signature(headers: &mut HeaderMap) {
        headers.insert("signature", HeaderValue::from_static("bad"));
    }

    fn remove_signature(headers: &mut HeaderMap) {
        headers.remove("signature");
    }
}

async fn start() -> (Server, Arc<Counter>) {
    let provider = Arc::new(Counter::default());
    let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777));
    let server = Bound::new(0).await.expect("a free port").serve(Arc::clone(&provider), clock);
    (server, provider)
}

/// What the client saw of one exchange.
#[derive(Debug)]
struct Seen {
    text: String,
    end: Ended,
}

#[derive(Debug, PartialEq)]
enum Ended {
    Closed,
    Reset,
    Silent,
}

fn address(server: &Server) -> SocketAddr {
    server.base_url().socket_addrs(|| None).expect("an address")[0]
}

async fn send(server: &Server, request: &str) -> Seen {
    exchange(server, request, PATIENCE).await
}

async fn exchange(server: &Server, request: &str, patience: Duration) -> Seen {
    let mut stream = TcpStream::connect(address(server)).await.expect("it listens");
    // A reset may come in between.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut text = Vec::new();
    let end = loop {
        let mut buffer = [0; 4096];
        match timeout(patience, stream.read(&mut buffer)).await {
            Err(_) => break Ended::Silent,
            Ok(Ok(0)) => break Ended::Closed,
            Ok(Ok(read)) => text.extend_from_slice(&buffer[..read]),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => break Ended::Reset,
            Ok(Err(error)) => panic!("{error}"),
        }
        if text.len() > 1 << 20 {
            break Ended::Silent;
        }
    };
    Seen { text: String::from_utf8_lossy(&text).into_owned(), end }
}

const GET: &str = "GET /known HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

async fn get(server: &Server) -> Seen {
    send(server, GET).await
}

/// Waits until the provider was asked so often.
async fn reached(provider: &Counter, effect: u32) {
    let wait = async {
        while effects(provider) < effect {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.expect("the provider is asked");
}

fn effects(provider: &Counter) -> u32 {
    *provider.0.lock().expect("counter")
}

#[tokio::test]
async fn without_a_fault_the_provider_responds() {
    let (server, provider) = start().await;
    let seen = get(&server).await;
    assert_eq!(seen.end, Ended::Closed);
    assert!(
        seen.text.starts_with("HTTP/1.1 200 OK\r\n") && seen.text.ends_with("\r\n\r\n0123456789"),
        "{seen:?}"
    );
    assert!(seen.text.contains("date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), "{seen:?}");
    assert_eq!(effects(&provider), 1);
}

#[tokio::test]
async fn resets_and_closes_come_at_the_asked_moment_with_or_without_the_effect() {
    let (server, provider) = start().await;
    for (fault, end, effect) in [
        (Fault::anywhere().reset_on_connect(), Ended::Reset, 0),
        (Fault::on("/known").reset(), Ended::Reset, 0),
        (Fault::on("/known").after_effect().reset(), Ended::Reset, 1),
        (Fault::on("/known").close(), Ended::Closed, 0),
        (Fault::on("/known").after_effect().close(), Ended::Closed, 1),
        (Fault::on("/known").stall(), Ended::Silent, 0),
        (Fault::on("/known").after_effect().stall(), Ended::Silent, 1),
    ] {
        let before = effects(&provider);
        server.inject(fault.clone());
        let seen = exchange(&server, GET, if end == Ended::Silent { MOMENT } else { PATIENCE }).await;
        assert_eq!((&seen.end, seen.text.as_str()), (&end, ""), "{fault:?}");
        reached(&provider, before + effect).await;
        assert_eq!(effects(&provider) - before, effect, "{fault:?}");
        assert_eq!(server.waiting_faults(), 0);
    }
}

#[tokio::test]
async fn a_reset_before_reading_does_not_wait_for_the_body() {
    let (server, provider) = start().await;
    let unfinished = "POST /known HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab";
    server.inject(Fault::on("/known").reset_before_reading());
    assert_eq!(send(&server, unfinished).await.end, Ended::Reset);
    // The other reset does.
    server.inject(Fault::on("/known").reset());
    assert_eq!(exchange(&server, unfinished, MOMENT).await.end, Ended::Silent);
    assert_eq!((effects(&provider), server.recorded().len()), (0, 0));
}

#[tokio::test]
async fn a_true_answer_breaks_in_the_middle_of_its_body() {
    let (server, provider) = start().await;
    for (fault, end) in
        [(Fault::anywhere().truncate(), Ended::Closed), (Fault::anywhere().stall_in_body(), Ended::Silent)]
    {
        server.inject(fault);
        let seen = exchange(&server, GET, if end == Ended::Silent { MOMENT * 10 } else { PATIENCE }).await;
        assert_eq!(seen.end, end);
        assert!(seen.text.contains("content-length: 10\r\n"), "{seen:?}");
        assert!(seen.text.ends_with("\r\n\r\n01234"), "{seen:?}");
    }
    assert_eq!(effects(&provider), 2);
}

#[tokio::test(start_paused = true)]
async fn a_drip_comes_whole_but_slowly_and_only_once() {
    let (server, _) = start().await;
    server.inject(Fault::anywhere().drip(3, Duration::from_secs(1)));
    let mut stream = TcpStream::connect(address(&server)).await.expect("it listens");
    // Four pieces, each after a wait; the next response on the same connection comes at once.
    for waits in [4, 0] {
        let start = tokio::time::Instant::now();
        stream.write_all(b"GET /known HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("sent");
        let mut text = Vec::new();
        while !text.ends_with(BODY.as_bytes()) {
            assert!(stream.read_buf(&mut text).await.expect("it goes on") > 0);
        }
        assert_eq!(start.elapsed().as_secs(), waits);
    }
}

#[tokio::test]
async fn bodies_can_be_too_large_announced_by_nothing() {
    let (server, provider) = start().await;
    server.inject(Fault::anywhere().oversize(100_000));
    let seen = get(&server).await;
    assert!(seen.text.contains("transfer-encoding: chunked") && !seen.text.contains("content-length"));
    assert_eq!(
        seen.text.matches(' ').count()
            - seen.text.split("\r\n\r\n").next().expect("head").matches(' ').count(),
        100_000
    );
    server.inject(Fault::anywhere().endless());
    let seen = get(&server).await;
    assert!(seen.text.len() > 1 << 20, "{}", seen.text.len());
    server.inject(Fault::anywhere().gzip_bomb(50 << 20));
    let seen = get(&server).await;
    assert!(seen.text.contains("content-encoding: gzip\r\n") && seen.text.len() < 128 << 10);
    assert_eq!(effects(&provider), 0);
}

#[tokio::test]
async fn other_answers_stand_in_for_the_true_one() {
    let (server, provider) = start().await;
    for (fault, expected) in [
        (Fault::anywhere().html(524), vec!["HTTP/1.1 524 ", "content-type: text/html", "<h1>524</h1>"]),
        (Fault::anywhere().status(503), vec!["HTTP/1.1 503 ", "content-length: 0\r\n"]),
        (Fault::anywhere().invalid_json(), vec!["HTTP/1.1 200 ", "application/json", "\"verif"]),
        (Fault::anywhere().rate_limited(RetryAfter::Seconds(7)), vec!["HTTP/1.1 429 ", "retry-after: 7\r\n"]),
        (
            Fault::anywhere().rate_limited(RetryAfter::Date(23)),
            vec!["HTTP/1.1 429 ", "retry-after: Sun, 06 Nov 1994 08:50:00 GMT\r\n"],
        ),
        (
            Fault::anywhere().redirect(307, "http://elsewhere.example/"),
            vec!["HTTP/1.1 307 ", "location: http://elsewhere.example/\r\n"],
        ),
    ] {
        server.inject(fault.clone());
        let seen = get(&server).await;
        assert!(expected.iter().all(|part| seen.text.contains(part)), "{fault:?}: {seen:?}");
    }
    server.inject(Fault::anywhere().rate_limited(RetryAfter::Absent));
    assert!(!get(&server).await.text.contains("retry-after"));
    assert_eq!(effects(&provider), 0);
}

#[tokio::test]
async fn signature_and_date_are_spoiled_on_the_true_answer() {
    let (server, provider) = start().await;
    server.inject(Fault::anywhere().wrong_signature());
    assert!(get(&server).await.text.contains("signature: bad"));
    server.inject(Fault::anywhere().no_signature().skew_date(-37));
    let seen = get(&server).await;
    assert!(!seen.text.contains("signature"), "{seen:?}");
    assert!(seen.text.contains("date: Sun, 06 Nov 1994 08:49:00 GMT\r\n"), "{seen:?}");
    assert_eq!(effects(&provider), 2);
}

#[tokio::test(start_paused = true)]
async fn a_delay_comes_before_the_effect_or_behind_it() {
    let (_, provider) = start().await;
    let traffic = Traffic {
        log: Log::default(),
        faults: Faults::default(),
        clock: Clock::system(),
        limits: BodyLimits::new(),
    };
    for (fault, effect) in [
        (Fault::anywhere().delay(Duration::from_secs(9)), 0),
        (Fault::anywhere().after_effect().delay(Duration::from_secs(9)), 1),
    ] {
        let before = effects(&provider);
        let control = Control::default();
        let mut respond =
            pin!(traffic.misbehave(&fault, &*provider, Request::new(Bytes::new()), 1, &control));
        assert!(timeout(Duration::from_secs(8), &mut respond).await.is_err());
        assert_eq!(effects(&provider) - before, effect);
        assert!(timeout(Duration::from_secs(2), &mut respond).await.is_ok());
        assert_eq!(effects(&provider) - before, 1);
    }
}

#[tokio::test]
async fn a_panic_in_a_provider_is_a_500_and_is_logged() {
    let (server, _) = start().await;
    let seen = send(&server, "GET /panic HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(seen.text.starts_with("HTTP/1.1 500 "), "{seen:?}");
    assert!(get(&server).await.text.starts_with("HTTP/1.1 200 "));
    let log = server.log();
    assert_eq!(
        log.iter().map(|entry| (entry.route, entry.panicked)).collect::<Vec<_>>(),
        [("(unknown)", true), ("/known", false)]
    );
}

#[tokio::test]
async fn large_bodies_and_heads_are_refused() {
    let (server, provider) = start().await;
    let announced =
        format!("POST /known HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", MAX_BODY_BYTES + 1);
    assert!(send(&server, &announced).await.text.starts_with("HTTP/1.1 413 "));
    let head =
        format!("GET /known HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n", "x".repeat(MAX_HEAD_BYTES * 4));
    // 431, or a reset that overtakes it since the rest of the head stays unread.
    assert!(!send(&server, &head).await.text.starts_with("HTTP/1.1 200 "));
    assert_eq!(effects(&provider), 0);
}

#[tokio::test]
async fn the_log_names_routes_and_the_recording_has_all() {
    let (server, _) = start().await;
    send(&server, "POST /known?token=hunter22 HTTP/1.1\r\nHost: a\r\nX-Key: hunter22\r\nConnection: close\r\nContent-Length: 8\r\n\r\nhunter22").await;
    server.inject(Fault::on("/jane").stall());
    exchange(&server, "GET /jane HTTP/1.1\r\nHost: a\r\n\r\n", MOMENT).await;
    while server.recorded().len() < 2 {
        tokio::task::yield_now().await;
    }
    let log = server.log();
    assert_eq!((log[0].id, log[0].status, log[0].fault), (1, Some(StatusCode::OK), None));
    assert_eq!((log[1].status, log[1].fault), (None, Some("stall")));
    assert_eq!((server.count("/known"), server.count("(unknown)")), (1, 1));
    assert_eq!(server.bodies("/known"), ["hunter22"]);
    assert_eq!(server.recorded()[0].headers["x-key"], "hunter22");
    let text = format!("{log:?} {:?} {server:?}", server.recorded());
    assert!(!text.contains("hunter22") && !text.contains("jane"), "{text}");
    server.clear_log();
    assert!(server.log().is_empty() && server.recorded().is_empty());
}

#[tokio::test]
async fn the_server_ends_when_it_is_dropped() {
    let (server, provider) = start().await;
    let address = address(&server);
    server.inject(Fault::anywhere().stall());
    let mut open = TcpStream::connect(address).await.expect("it listens");
    open.write_all(b"GET /known HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("sent");
    while server.log().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(server);
    let mut rest = Vec::new();
    let read = timeout(Duration::from_secs(5), open.read_to_end(&mut rest)).await.expect("it ends");
    assert!(matches!(read, Ok(0) | Err(_)));
    assert!(TcpStream::connect(address).await.is_err());
    // Nothing holds on to the provider.
    assert_eq!(Arc::strong_count(&provider), 1);
}
