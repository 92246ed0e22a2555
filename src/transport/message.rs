//! The request that leaves and the response that comes back, as a [`Transport`] sees them.

use std::{
    fmt,
    hash::{Hash, Hasher},
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, future::BoxFuture, stream::BoxStream};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use url::Url;

use crate::error::Error;

/// Sends one request and gives back one response: the door for an HTTP stack of your own, and for tests.
///
/// An implementation sends exactly once, whatever the protocol allows it to repeat, follows no redirect, keeps no cookies and adds no credentials. It need not
/// limit time or size: the send path above it does both.
#[doc(alias = "middleware")]
#[doc(alias = "http client")]
pub trait Transport: Send + Sync + 'static {
    /// Sends the request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connect`](crate::ErrorKind::Connect) only if the request provably never left, or if the protocol
    /// proves that nothing of it was processed, since it is then sent again whatever it is; [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted) with
    /// [`Effect::Unknown`](crate::error::Effect::Unknown) for everything that broke later.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, Error>> + Send;
}

impl<T: Transport> Transport for Arc<T> {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        (**self).send(request).await
    }
}

/// A [`Transport`] behind a pointer.
pub(crate) trait DynTransport: Send + Sync + 'static {
    fn send_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response, Error>>;
}

impl<T: Transport> DynTransport for T {
    fn send_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response, Error>> {
        Box::pin(self.send(request))
    }
}

/// Bytes that come in pieces, until there are no more or an error ends them.
pub struct ByteStream<E>(BoxStream<'static, Result<Bytes, E>>);

impl<E> ByteStream<E> {
    /// A stream of pieces.
    pub fn new(pieces: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> Self {
        Self(Box::pin(pieces))
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes, E>> {
        self.0.next().await
    }
}

impl<E> Stream for ByteStream<E> {
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

crate::privacy::redacted_debug!(<E> ByteStream<E>);

/// One request, ready to be sent. Its `Debug` shows method and host only.
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// All headers, credentials among them.
    pub headers: HeaderMap,
    /// What to send.
    pub body: Body,
    /// Which addresses the host may resolve to.
    pub addresses: AddressPolicy,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Body::Empty, addresses: AddressPolicy::Any }
    }
}

crate::privacy::redacted_debug!(Request { method, host: |this| this.url.host_str(), .. });

/// Which addresses a request may be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressPolicy {
    /// Any: the URL is the application's own.
    Any,
    /// Public ones only: the URL came from outside. The check belongs to the resolved address that is connected to,
    /// so that a name cannot point elsewhere the second time.
    Public,
}

/// What a request carries.
#[non_exhaustive]
pub enum Body {
    /// Nothing.
    Empty,
    /// Bytes that are there already.
    Bytes(Bytes),
    /// Bytes that come in pieces.
    Stream {
        /// How many there will be, when that is known.
        length: Option<u64>,
        /// The pieces.
        chunks: ByteStream<io::Error>,
    },
}

impl Body {
    /// Bytes that come in pieces; `length` is how many there will be, when that is known.
    pub fn stream(
        length: Option<u64>,
        pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self::Stream { length, chunks: ByteStream::new(pieces) }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Stream { length, .. } => write!(f, "Stream({length:?} bytes)"),
        }
    }
}

/// One response with its body still to be read. Its `Debug` shows the status only.
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, after removal of transfer and content encoding.
    pub body: ByteStream<Error>,
}

impl Response {
    /// A response with a body that comes in pieces.
    pub fn new(
        status: StatusCode,
        headers: HeaderMap,
        body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
    ) -> Self {
        Self { status, headers, body: ByteStream::new(body) }
    }
}

crate::privacy::redacted_debug!(Response { status, .. });

/// What a call sends, in a form that says whether it can be sent twice.
#[derive(Clone)]
pub(crate) enum Payload {
    Empty,
    /// Bytes with their media type. Pieces of them are sent as they are, so that progress can be reported without a copy.
    Bytes {
        media_type: &'static str,
        bytes: Bytes,
        progress: Option<Progress>,
    },
    /// Pieces that are made anew for every attempt, of a known length.
    Stream(Pieces),
}

/// What makes the pieces of a [`Payload::Stream`].
#[derive(Clone)]
pub(crate) struct Pieces {
    media_type: HeaderValue,
    length: u64,
    make: Arc<dyn Fn() -> BoxStream<'static, io::Result<Bytes>> + Send + Sync>,
    can_replay: Arc<dyn Fn() -> bool + Send + Sync>,
    progress: Option<Progress>,
    /// Why the last attempt's pieces ended early: it is the application's source that failed then, and not the network.
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl Payload {
    pub(crate) fn json(bytes: impl Into<Bytes>) -> Self {
        Self::Bytes { media_type: "application/json", bytes: bytes.into(), progress: None }
    }

    /// `application/x-www-form-urlencoded`.
    pub(crate) fn form(text: impl Into<Bytes>) -> Self {
        Self::Bytes { media_type: "application/x-www-form-urlencoded", bytes: text.into(), progress: None }
    }

    pub(crate) fn with_progress(self, progress: Option<Progress>) -> Self {
        match self {
            Self::Bytes { media_type, bytes, .. } => Self::Bytes { media_type, bytes, progress },
            Self::Stream(stream) => Self::Stream(Pieces { progress, ..stream }),
            Self::Empty => Self::Empty,
        }
    }

    /// Pieces from `make`, as long as `can_replay` says that they can be had.
    pub(crate) fn stream(
        media_type: HeaderValue,
        length: u64,
        make: impl Fn() -> BoxStream<'static, io::Result<Bytes>> + Send + Sync + 'static,
        can_replay: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::Stream(Pieces {
            media_type,
            length,
            make: Arc::new(make),
            can_replay: Arc::new(can_replay),
            progress: None,
            failure: Arc::default(),
        })
    }

    pub(crate) fn media_type(&self) -> Option<HeaderValue> {
        match self {
            Self::Empty => None,
            Self::Bytes { media_type, .. } => Some(HeaderValue::from_static(media_type)),
            Self::Stream(stream) => Some(stream.media_type.clone()),
        }
    }

    /// How many bytes there are to send.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Bytes { bytes, .. } => bytes.len() as u64,
            Self::Stream(stream) => stream.length,
        }
    }

    /// Feeds what tells one body from another. Pieces are made anew for each attempt, so of those the length has to do.
    pub(crate) fn hash_content(&self, hasher: &mut impl Hasher) {
        match self {
            Self::Empty => {}
            Self::Bytes { bytes, .. } => bytes.hash(hasher),
            Self::Stream(stream) => stream.length.hash(hasher),
        }
    }

    /// Whether the body can be made, the first time or once more.
    pub(crate) fn can_replay(&self) -> bool {
        match self {
            Self::Empty | Self::Bytes { .. } => true,
            Self::Stream(stream) => (stream.can_replay)(),
        }
    }

    /// Why the last body ended early, if the source of its pieces failed.
    pub(crate) fn failure(&self) -> Option<Error> {
        let Self::Stream(stream) = self else { return None };
        let failure = stream.failure.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        // The end of the form is missing, so what was sent cannot be taken for the whole.
        Some(Error::store(failure).with_hint("the file could not be read to its end"))
    }

    pub(crate) fn body(&self) -> Body {
        match self {
            Self::Empty => Body::Empty,
            Self::Bytes { bytes, progress: None, .. } => Body::Bytes(bytes.clone()),
            Self::Bytes { bytes, progress: Some(progress), .. } => progress.upload(bytes.clone()),
            Self::Stream(stream) => stream.body(),
        }
    }
}

impl Pieces {
    fn body(&self) -> Body {
        let (length, progress) = (self.length, self.progress.clone());
        let failure = Arc::clone(&self.failure);
        let mut so_far = 0;
        let chunks = (self.make)().map(move |piece| {
            match &piece {
                Ok(piece) => {
                    so_far += piece.len() as u64;
                    if let Some(progress) = &progress {
                        progress.report(so_far, Some(length));
                    }
                }
                Err(error) => {
                    let copy = io::Error::new(error.kind(), error.to_string());
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(copy);
                }
            }
            piece
        });
        Body::stream(Some(length), chunks)
    }
}

/// Receives how far a transfer is: bytes so far, and the whole where it is known. Of an upload, the bytes that were
/// handed to the connection.
///
/// It is called between pieces and must not block. After a retry the count starts anew.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(u64, Option<u64>) + Send + Sync>);

impl Progress {
    /// A function that is called with each report.
    pub fn new(report: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(report))
    }

    pub(crate) fn report(&self, so_far: u64, whole: Option<u64>) {
        (self.0)(so_far, whole);
    }

    fn upload(&self, bytes: Bytes) -> Body {
        const PIECE: usize = 64 * 1024;
        let length = bytes.len() as u64;
        let progress = self.clone();
        let chunks = futures_util::stream::unfold(bytes, move |mut rest| {
            let progress = progress.clone();
            async move {
                if rest.is_empty() {
                    return None;
                }
                let piece = rest.split_to(PIECE.min(rest.len()));
                // Not when the next one is asked for: a transport that knows the length does not ask after the last.
                progress.report(length - rest.len() as u64, Some(length));
                Some((Ok(piece), rest))
            }
        });
        Body::stream(Some(length), chunks)
    }
}

crate::privacy::redacted_debug!(Progress);

/// How long things may take, for one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) attempt: Duration,
    pub(crate) deadline: Duration,
    pub(crate) bytes: usize,
}
