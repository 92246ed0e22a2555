//! A server on loopback that answers one request badly and all others well. It writes its bytes by hand, so that it can
//! stop, break and lie at every place.

use std::{
    net::SocketAddr,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use time::{OffsetDateTime, macros::format_description};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
};

use crate::{
    calls::{Call, Reads, Reply, Signature, good, maya_profile, sign},
    fault::{Fault, HOUR, Wait},
};

/// The limit of the clients for a response.
pub const LIMIT: usize = 64 * 1024;

/// A few kilobytes that become eight megabytes.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let blanks = vec![b' '; 1024 * 1024];
    for _ in 0..8 {
        gzip.write_all(&blanks).expect("written");
    }
    gzip.finish().expect("compressed")
});

/// A server for one cell; it ends with this.
pub struct Server {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    fault: Fault,
    request: &'static str,
    signature: Signature,
    reads: Reads,
    /// How often the request that the fault meets came.
    seen: AtomicU32,
    /// How often a request came where a redirect leads.
    followed: AtomicU32,
    /// Whether the fault is on. Before that, and after it, everything is answered well.
    armed: AtomicU32,
    /// Whether the request came over a connection that had carried another one.
    reused: AtomicU32,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(call: &Call, fault: Fault, armed: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            fault,
            request: call.request,
            signature: call.signature,
            reads: call.reads,
            seen: AtomicU32::new(0),
            followed: AtomicU32::new(0),
            armed: AtomicU32::new(u32::from(armed)),
            reused: AtomicU32::new(0),
        });
        let serving = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            // Connections end with the server.
            let mut connections = JoinSet::new();
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let shared = Arc::clone(&serving);
                connections.spawn(async move { serve(stream, address, &shared).await });
            }
        });
        Self { address, shared, task }
    }

    pub fn seen(&self) -> u32 {
        self.shared.seen.load(Ordering::SeqCst)
    }

    pub fn followed(&self) -> u32 {
        self.shared.followed.load(Ordering::SeqCst)
    }

    pub fn was_reused(&self) -> bool {
        self.shared.reused.load(Ordering::SeqCst) > 0
    }

    /// Waits until the request came.
    pub async fn arrival(&self) {
        while self.seen() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Turns the fault on or off, and counts anew.
    pub fn arm(&self, armed: bool) {
        self.shared.armed.store(u32::from(armed), Ordering::SeqCst);
        self.shared.seen.store(0, Ordering::SeqCst);
    }
}

/// A port at which every connection is refused, as long as the socket is held.
pub fn refusing() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = socket.local_addr().expect("an address");
    (socket, address)
}

struct Asked {
    method: String,
    path: String,
    body: Vec<u8>,
}

/// Reads a request whole; none at the end of the connection.
async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let length = head.to_ascii_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length:").and_then(|length| length.trim().parse::<usize>().ok())
    });
    let mut body = bytes.split_off(end + 4);
    while body.len() < length.unwrap_or(0) {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => body.extend_from_slice(&piece[..read]),
        }
    }
    let mut line = head.split(' ');
    let (method, target) = (line.next()?.to_owned(), line.next()?);
    let path = target.split('?').next()?.to_owned();
    Some(Asked { method, path, body })
}

async fn serve(mut stream: TcpStream, address: SocketAddr, shared: &Shared) {
    let origin = format!("http://{address}");
    let mut before = 0;
    while let Some(asked) = read(&mut stream).await {
        if asked.path.starts_with("/elsewhere") {
            shared.followed.fetch_add(1, Ordering::SeqCst);
        }
        let meant = shared.request == format!("{} {}", asked.method, asked.path);
        if meant {
            shared.seen.fetch_add(1, Ordering::SeqCst);
            if before > 0 {
                shared.reused.fetch_add(1, Ordering::SeqCst);
            }
        }
        before += 1;
        let reply = good(&origin, &asked.method, &asked.path, &asked.body);
        let reply = reply.unwrap_or_else(|| Reply::json(404, "{}"));
        let faulty = meant && shared.armed.load(Ordering::SeqCst) > 0;
        if !faulty {
            if write(&mut stream, &reply).await.is_err() {
                return;
            }
            continue;
        }
        if shared.fault == Fault::StaleConnection {
            // Once: the next request is answered well.
            shared.armed.store(0, Ordering::SeqCst);
        }
        if misbehave(&mut stream, shared, &origin, reply).await.is_none() {
            return;
        }
    }
}

/// Does what the fault says; none when the connection is over.
async fn misbehave(stream: &mut TcpStream, shared: &Shared, origin: &str, good: Reply) -> Option<()> {
    let json = |body: &str| {
        let reply = Reply::json(200, body);
        match shared.signature {
            // A fault of the content is not one of the signature.
            Signature::Header => reply.header("signature", sign(body.as_bytes())),
            _ => reply,
        }
    };
    let head = |extra: &str| format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{extra}\r\n");
    let reply = match shared.fault {
        // There is no server then, or one over HTTP/2.
        Fault::Refused | Fault::UnknownHost | Fault::RefusedStream | Fault::GoAway => return None,
        Fault::ResetBeforeHeaders | Fault::StaleConnection => return reset(stream),
        Fault::ResetAfterHeaders => {
            let file = if shared.reads == Reads::File { "image/png" } else { "application/json" };
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: {file}\r\ncontent-length: 4096\r\n\r\n{{\"a\":");
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.flush().await.ok()?;
            // A reset at once would take the headers along.
            tokio::time::sleep(Duration::from_millis(20)).await;
            return reset(stream);
        }
        Fault::Stall | Fault::Cancel => {
            // Until the client gives up.
            let _ = stream.read(&mut [0]).await;
            return None;
        }
        Fault::Drip => {
            let headers = "content-length: 4096\r\n";
            stream.write_all(head(headers).as_bytes()).await.ok()?;
            loop {
                stream.write_all(b" ").await.ok()?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Fault::Truncate => {
            let file = if shared.reads == Reads::File { "image/png" } else { "application/json" };
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: {file}\r\ncontent-length: 4096\r\n\r\n{{\"a\":");
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.shutdown().await.ok()?;
            // The end is sent as an end, and not as a reset.
            let _ = stream.read(&mut [0]).await;
            return None;
        }
        Fault::Oversize => Reply { body: b" ".repeat(LIMIT + 1), ..good.without("signature") },
        Fault::GzipBomb => Reply { body: BOMB.clone(), ..good }.header("content-encoding", "gzip"),
        Fault::EndlessChunks => {
            let file = if shared.reads == Reads::File { "image/png" } else { "application/json" };
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: {file}\r\ntransfer-encoding: chunked\r\n\r\n");
            stream.write_all(head.as_bytes()).await.ok()?;
            let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
            loop {
                stream.write_all(chunk.as_bytes()).await.ok()?;
            }
        }
        Fault::Html => Reply { status: 200, headers: Vec::new(), body: b"<html>Sorry</html>".to_vec() }
            .header("content-type", "text/html; charset=utf-8"),
        Fault::Empty => Reply { status: 200, headers: Vec::new(), body: Vec::new() },
        Fault::OtherContentType => good.header("content-type", "text/plain"),
        Fault::InvalidJson => json(r#"{"a":"#),
        Fault::WrongType => json("7"),
        Fault::Status(status) => Reply::json(status, "{}"),
        Fault::SlowDown(wait) => Reply::json(429, "{}").header("retry-after", retry_after(wait)),
        Fault::RedirectHere => Reply::json(302, "{}").header("location", format!("{origin}/elsewhere")),
        Fault::RedirectElsewhere => {
            // Another host by its name, and a server that listens all the same.
            let elsewhere = origin.replace("127.0.0.1", "localhost");
            Reply::json(302, "{}").header("location", format!("{elsewhere}/elsewhere"))
        }
        Fault::WrongSignature => match shared.signature {
            Signature::Token => {
                let token = maya_profile(r#"{"id":"4f0c2a9e"}"#, false);
                Reply::json(200, serde_json::json!({ "data": token }).to_string())
            }
            _ => good.header("signature", sign(b"something else")),
        },
        Fault::NoSignature => good.without("signature"),
        Fault::SkewedDate => {
            good.header("date", http_date(SystemTime::now() - Duration::from_secs(24 * HOUR)))
        }
        Fault::ThousandsOfHeaders => {
            let mut reply = good;
            reply.headers.extend((0..5000).map(|number| (format!("x-filler-{number}"), "1".to_owned())));
            reply
        }
    };
    write(stream, &reply).await.ok()
}

/// Closes the connection in the middle of everything.
fn reset(stream: &TcpStream) -> Option<()> {
    // Where it is not supported, the connection ends instead, which the client cannot tell apart here.
    let _ = stream.set_zero_linger();
    None
}

async fn write(stream: &mut TcpStream, reply: &Reply) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Some\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(&[head.as_bytes(), &reply.body].concat()).await?;
    stream.flush().await
}

fn retry_after(wait: Wait) -> String {
    let then = SystemTime::now() + Duration::from_secs(HOUR);
    let moment = OffsetDateTime::from(then);
    match wait {
        Wait::Seconds => HOUR.to_string(),
        Wait::HttpDate => http_date(then),
        Wait::Rfc850Date => {
            let form = format_description!(
                "[weekday], [day]-[month repr:short]-[year repr:last_two] [hour]:[minute]:[second] GMT"
            );
            moment.format(&form).expect("a date")
        }
        Wait::AsctimeDate => {
            let form = format_description!(
                "[weekday repr:short] [month repr:short] [day padding:space] [hour]:[minute]:[second] [year]"
            );
            moment.format(&form).expect("a date")
        }
        Wait::Garbage => "soon, -7".to_owned(),
    }
}

fn http_date(at: SystemTime) -> String {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    OffsetDateTime::from(at).format(&form).expect("a date")
}
