//! The server over HTTP/2, for what only that protocol says: that a request was not processed (RFC 9113, section 8.7).

use std::{
    io::Write as _,
    net::{Shutdown, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use h2::{Reason, RecvStream, server::SendResponse};
use http::{Request, Response};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    calls::{Call, Reply, good},
    fault::Fault,
};

/// A server for one cell; it ends with this.
pub struct Server {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    fault: Fault,
    request: &'static str,
    seen: AtomicU32,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Once the fault, then everything well.
    pub async fn start(call: &Call, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared { fault, request: call.request, seen: AtomicU32::new(0) });
        let serving = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let shared = Arc::clone(&serving);
                connections.spawn(async move { serve(stream, address, shared).await });
            }
        });
        Self { address, shared, task }
    }

    pub fn seen(&self) -> u32 {
        self.shared.seen.load(Ordering::SeqCst)
    }
}

async fn serve(stream: TcpStream, address: SocketAddr, shared: Arc<Shared>) -> Option<()> {
    // A second way to the socket, for a frame that the library does not send: between its own, which it sends whole.
    let stream = stream.into_std().ok()?;
    let mut aside = stream.try_clone().ok()?;
    let stream = TcpStream::from_std(stream).ok()?;
    let mut connection = h2::server::handshake(stream).await.ok()?;
    let mut answers = JoinSet::new();
    while let Some(next) = connection.accept().await {
        let (request, mut respond) = next.ok()?;
        let path = request.uri().path().to_owned();
        let meant = shared.request == format!("{} {path}", request.method());
        if meant && shared.seen.fetch_add(1, Ordering::SeqCst) == 0 {
            if shared.fault == Fault::RefusedStream {
                respond.send_reset(Reason::REFUSED_STREAM);
                continue;
            }
            // GOAWAY: the last stream that was processed is the one before this, and there is no error.
            let last = u32::from(respond.stream_id()).saturating_sub(2);
            let frame = [&[0, 0, 8, 7, 0, 0, 0, 0, 0], &last.to_be_bytes()[..], &[0; 4]].concat();
            aside.write_all(&frame).ok()?;
            // Closed at once, the frame might not be read.
            tokio::time::sleep(Duration::from_millis(50)).await;
            let _ = aside.shutdown(Shutdown::Both);
            return None;
        }
        answers.spawn(answer(request, respond, format!("http://{address}")));
    }
    Some(())
}

async fn answer(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    origin: String,
) -> Option<()> {
    let (head, mut stream) = request.into_parts();
    let mut body = Vec::new();
    while let Some(piece) = stream.data().await {
        let piece = piece.ok()?;
        let _ = stream.flow_control().release_capacity(piece.len());
        body.extend_from_slice(&piece);
    }
    let reply = good(&origin, head.method.as_str(), head.uri.path(), &body);
    let reply = reply.unwrap_or_else(|| Reply::json(404, "{}"));
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    let mut sending = respond.send_response(response.body(()).ok()?, false).ok()?;
    sending.send_data(reply.body.into(), true).ok()
}
