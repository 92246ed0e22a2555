//! An HTTP/1.1 server on loopback that knows no provider: a [`FakeProvider`] answers, the [`Fault`]s that wait spoil
//! it.
//!
//! The accept loop is our own, so that the socket can be reset, starved and cut off at any byte.

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{FutureExt, future, stream};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use hyper::{
    body::{Body, Incoming},
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet};
use url::Url;

use super::{
    fault::{Act, Fault, Faults, RetryAfter, http_date, shifted},
    log::{Entry, Log, Recorded},
    payload::Payload,
    wire::{Control, End, Plan, Wire, reset_when_dropped},
};
use crate::{
    clock::Clock,
    provider::ProviderId,
    server::{BodyLimits, Caller, HeldBody, Unread},
};

/// The largest request body that is read.
const MAX_BODY_BYTES: usize = 64 << 20;
/// The largest request head that is read.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// Bytes of bodies that are held at once.
const MAX_HELD_BYTES: usize = MAX_BODY_BYTES;
/// Timeout of a request's head, and of an idle connection.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Timeout of a body.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Connections that are open at once.
const MAX_CONNECTIONS: usize = 1024;
/// Replacement for a body that is too short to be cut.
const FILLER: &str = r#"{"message":"This text is here to be cut off in the middle."}"#;

/// A fake provider.
pub(crate) trait FakeProvider: Send + Sync + 'static {
    /// The provider's name.
    const PROVIDER: ProviderId;

    /// Answers a request that was read to its end.
    fn handle(&self, request: Request<Bytes>) -> impl Future<Output = Response<Payload>> + Send;

    /// The path as the contract names it, for the log; `None` for what the contract does not name.
    fn route(path: &str) -> Option<&'static str>;

    /// Makes the response's signature wrong.
    fn spoil_signature(headers: &mut HeaderMap);

    /// Takes the response's signature away.
    fn remove_signature(headers: &mut HeaderMap);
}

/// The tasks of one server, which end with it.
#[derive(Clone, Default)]
pub(crate) struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl Tasks {
    /// Starts a task on the current runtime.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    fn end(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

/// A socket that listens, before it is known who answers.
pub(crate) struct Bound {
    listener: TcpListener,
    base_url: Url,
    tasks: Tasks,
}

impl Bound {
    /// Listens on 127.0.0.1; port 0 is a free one.
    pub(crate) async fn new(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let base_url =
            Url::parse(&format!("http://{}/", listener.local_addr()?)).map_err(io::Error::other)?;
        Ok(Self { listener, base_url, tasks: Tasks::default() })
    }

    pub(crate) fn base_url(&self) -> &Url {
        &self.base_url
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Serves the provider until the server is dropped.
    pub(crate) fn serve<R: FakeProvider>(self, provider: Arc<R>, clock: Clock) -> Server {
        let Self { listener, base_url, tasks } = self;
        let limits =
            BodyLimits::new().read_timeout(BODY_READ_TIMEOUT).max_unauthenticated_bytes(MAX_HELD_BYTES);
        let traffic = Arc::new(Traffic { log: Log::default(), faults: Faults::default(), clock, limits });
        let (own, of_loop) = (tasks.clone(), Arc::clone(&traffic));
        let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        tasks.spawn(async move {
            while let Ok(place) = Arc::clone(&places).acquire_owned().await {
                match listener.accept().await {
                    Ok((stream, _)) if of_loop.faults.take_on_connect() => reset_when_dropped(&stream),
                    Ok((stream, _)) => {
                        let _ = stream.set_nodelay(true);
                        let control = Control::default();
                        let wire = Wire::new(stream, control.clone());
                        let conversation =
                            converse(wire, control, Arc::clone(&provider), Arc::clone(&of_loop));
                        own.spawn(async move {
                            conversation.await;
                            drop(place);
                        });
                    }
                    // Such as too many open files: the next connection may fare better.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        });
        Server { base_url, tasks, traffic }
    }
}

/// A running server, with its request log and injected faults. Dropping it stops it.
pub struct Server {
    base_url: Url,
    tasks: Tasks,
    traffic: Arc<Traffic>,
}

struct Traffic {
    log: Log,
    faults: Faults,
    clock: Clock,
    limits: BodyLimits,
}

impl Server {
    /// Returns the base URL, such as `http://127.0.0.1:4804/`.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// Adds a fault behind those that wait.
    pub fn inject(&self, fault: Fault) {
        self.traffic.faults.push(fault);
    }

    /// Forgets all faults.
    pub fn clear_faults(&self) {
        self.traffic.faults.clear();
    }

    /// Returns the number of pending faults; a test can assert that all were met.
    pub fn waiting_faults(&self) -> usize {
        self.traffic.faults.len()
    }

    /// The latest requests, oldest first, without personal data: at most 10 000.
    pub fn log(&self) -> Vec<Entry> {
        self.traffic.log.entries()
    }

    /// The latest requests with all headers and bodies, oldest first: at most 10 000 and 256 MiB. A request that broke
    /// off before its end is not among them.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.traffic.log.recorded()
    }

    /// The bodies of the latest requests to a path, without its query, oldest first.
    pub fn bodies(&self, path: &str) -> Vec<Bytes> {
        let recorded = self.traffic.log.recorded().into_iter();
        recorded.filter(|recorded| recorded.uri.path() == path).map(|recorded| recorded.body).collect()
    }

    /// Returns the number of requests to a route, as [`Entry::route`] names it.
    pub fn count(&self, route: &str) -> u64 {
        self.traffic.log.count(route)
    }

    /// Empties log, recordings and counts.
    pub fn clear_log(&self) {
        self.traffic.log.clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.tasks.end();
    }
}

crate::privacy::redacted_debug!(Server { base_url: |this| this.base_url.as_str(), .. });

/// One connection, from accept to close.
async fn converse<R: FakeProvider>(wire: Wire, control: Control, provider: Arc<R>, traffic: Arc<Traffic>) {
    let service = service_fn(|request| {
        let (control, provider, traffic) = (control.clone(), Arc::clone(&provider), Arc::clone(&traffic));
        async move { Ok::<_, Infallible>(traffic.respond(request, &control, &*provider).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(wire), service);
    // Whichever comes first; dropping the connection closes or resets it, as the control says.
    future::select(pin!(connection), pin!(control.ended())).await;
}

impl Traffic {
    async fn respond<R: FakeProvider>(
        &self,
        request: Request<Incoming>,
        control: &Control,
        provider: &R,
    ) -> Response<Payload> {
        control.clear();
        let (head, body) = request.into_parts();
        let route = R::route(head.uri.path()).unwrap_or("(unknown)");
        let id = self.log.open(R::PROVIDER, self.clock.now(), &head.method, route);
        let fault = self.faults.take(&head.method, head.uri.path());
        if let Some(fault) = &fault {
            self.log.update(id, |entry| entry.fault = Some(fault.name()));
            if matches!(fault.act, Act::ResetBeforeReading) {
                return end(control, End::Reset).await;
            }
        }
        let body = match self.read(body).await {
            Ok(body) => body,
            Err(Unread::Broken) => return end(control, End::Close).await,
            Err(unread) => {
                let mut response = plain(unread.status(), Payload::new(""));
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                return self.finish(id, None, response);
            }
        };
        self.log.record(id, &head, &body);
        let request = Request::from_parts(head, Bytes::clone(&body));
        let response = match &fault {
            None => self.ask(provider, request, id).await,
            Some(fault) => self.misbehave(fault, provider, request, id, control).await,
        };
        self.finish(id, fault.as_ref(), response)
    }

    /// Reads a body to its end, within the limits.
    async fn read(&self, mut body: Incoming) -> Result<HeldBody, Unread> {
        let announced = body.size_hint().lower();
        let pieces = stream::poll_fn(move |context| {
            loop {
                let frame = ready!(Pin::new(&mut body).poll_frame(context));
                match frame.map(|frame| frame.map(|frame| frame.into_data())) {
                    None => return Poll::Ready(None),
                    Some(Ok(Ok(data))) => return Poll::Ready(Some(Ok(data))),
                    // Trailers.
                    Some(Ok(Err(_))) => {}
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                }
            }
        });
        self.limits.read(Caller::Unknown, announced, pieces, MAX_BODY_BYTES).await
    }

    /// The provider's response; a panic in it is a 500.
    async fn ask<R: FakeProvider>(
        &self,
        provider: &R,
        request: Request<Bytes>,
        id: u64,
    ) -> Response<Payload> {
        // Each provider guards its state so that a panic leaves it usable.
        match AssertUnwindSafe(provider.handle(request)).catch_unwind().await {
            Ok(response) => response,
            Err(_) => {
                self.log.update(id, |entry| entry.panicked = true);
                plain(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    Payload::new("the sandbox itself failed, please report it"),
                )
            }
        }
    }

    async fn misbehave<R: FakeProvider>(
        &self,
        fault: &Fault,
        provider: &R,
        request: Request<Bytes>,
        id: u64,
        control: &Control,
    ) -> Response<Payload> {
        let wait = || async {
            if let Some(delay) = fault.delay {
                tokio::time::sleep(delay).await;
            }
        };
        if !fault.after_effect {
            wait().await;
        }
        let truth = if fault.after_effect || fault.act.needs_answer() {
            Some(self.ask(provider, request, id).await)
        } else {
            None
        };
        if fault.after_effect {
            wait().await;
        }
        let truth = truth.unwrap_or_else(|| plain(StatusCode::OK, Payload::new("")));
        match &fault.act {
            Act::Respond | Act::ResetOnConnect | Act::ResetBeforeReading => truth,
            Act::Reset => end(control, End::Reset).await,
            Act::Close => end(control, End::Close).await,
            Act::Stall => future::pending().await,
            Act::StallInBody => break_body(truth, control, None),
            Act::Truncate => break_body(truth, control, Some(End::Close)),
            Act::Oversize(Some(bytes)) => json(Payload::blanks(*bytes)),
            Act::Oversize(None) => json(Payload::endless()),
            Act::GzipBomb(inflated) => {
                let mut response = json(Payload::gzip_bomb(*inflated));
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                response
            }
            Act::Html(status) => html(*status),
            Act::InvalidJson => json(Payload::new(r#"{"reference":"r-1","event":"verif"#)),
            Act::Status(status) => plain(*status, Payload::new("")),
            Act::RateLimited(retry_after) => self.rate_limited(*retry_after),
            Act::Redirect(status, location) => {
                let mut response = plain(*status, Payload::new(""));
                if let Ok(location) = HeaderValue::try_from(location) {
                    response.headers_mut().insert(header::LOCATION, location);
                }
                response
            }
            Act::WrongSignature => {
                let mut response = truth;
                R::spoil_signature(response.headers_mut());
                response
            }
            Act::NoSignature => {
                let mut response = truth;
                R::remove_signature(response.headers_mut());
                response
            }
            Act::Drip(piece, every) => {
                control.plan(Plan::Drip { piece: *piece, every: *every });
                truth
            }
        }
    }

    fn rate_limited(&self, retry_after: RetryAfter) -> Response<Payload> {
        let value = match retry_after {
            RetryAfter::Absent => None,
            RetryAfter::Seconds(seconds) => Some(HeaderValue::from(seconds)),
            RetryAfter::Date(seconds) => {
                let at = shifted(self.clock.now(), i64::try_from(seconds).unwrap_or(i64::MAX));
                HeaderValue::try_from(http_date(at)).ok()
            }
        };
        let mut response = json(Payload::new(r#"{"message":"Too Many Attempts."}"#));
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response.headers_mut().extend(value.map(|value| (header::RETRY_AFTER, value)));
        response
    }

    /// The headers that every response has, and the end of the log entry.
    fn finish(&self, id: u64, fault: Option<&Fault>, mut response: Response<Payload>) -> Response<Payload> {
        let skew = fault.and_then(|fault| fault.date_skew).unwrap_or(0);
        let headers = response.headers_mut();
        if let Ok(date) = HeaderValue::try_from(http_date(shifted(self.clock.now(), skew))) {
            headers.insert(header::DATE, date);
        }
        headers.insert("x-request-id", HeaderValue::from(id));
        self.log.update(id, |entry| entry.status = Some(response.status()));
        response
    }
}

/// Ends the connection in place of a response.
async fn end(control: &Control, end: End) -> Response<Payload> {
    control.end(end);
    future::pending().await
}

/// Has the wire let half of the body through.
fn break_body(mut response: Response<Payload>, control: &Control, then: Option<End>) -> Response<Payload> {
    if response.body().length().is_some_and(|length| length < 2) {
        *response.body_mut() = Payload::new(FILLER);
    }
    let after = response.body().length().unwrap_or(2) / 2;
    control.plan(Plan::Break { after, then });
    response
}

fn plain(status: StatusCode, body: Payload) -> Response<Payload> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn json(body: Payload) -> Response<Payload> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn html(status: StatusCode) -> Response<Payload> {
    let code = status.as_u16();
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>{code}</title></head>\
         <body><center><h1>{code}</h1></center><hr><center>gateway</center></body></html>\n"
    );
    let mut response = plain(status, Payload::new(page));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=UTF-8"));
    response
}

#[cfg(test)]
mod tests;
