//! Request bodies, read within bounds.

use std::{
    ops::Deref,
    pin::pin,
    sync::{Arc, LazyLock},
    time::Duration,
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::{Stream, TryStreamExt};
use http::{
    Extensions, HeaderMap, HeaderValue, Response, StatusCode,
    header::{CONNECTION, RETRY_AFTER},
};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, LengthLimitError, Limited, StreamBody, combinators::UnsyncBoxBody};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{BoxError, Rejection, inflate::decoded};
use crate::error::{Error, ErrorKind};

/// How long the body of a caller that is not known yet may take.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of such bodies that are held at once.
const MAX_UNAUTHENTICATED_BYTES: usize = 16 << 20;
/// A known caller may be slower: attributes and claims are larger than a token.
const AUTHENTICATED_FACTOR: u32 = 3;
/// After how many seconds a caller may try again when the budget is used up.
pub(crate) const BUSY_SECONDS: u64 = 2;

static SHARED: LazyLock<BodyLimits> = LazyLock::new(BodyLimits::new);

/// Bounds on request bodies that do not depend on the route. Clones share the budget of bytes.
#[derive(Clone)]
pub struct BodyLimits {
    read_timeout: Duration,
    budget: Arc<Semaphore>,
    max_unauthenticated_bytes: usize,
}

impl BodyLimits {
    /// 10 seconds for a body, 16 MiB for the bodies of all unknown callers together.
    pub fn new() -> Self {
        Self {
            read_timeout: READ_TIMEOUT,
            budget: Arc::new(Semaphore::new(MAX_UNAUTHENTICATED_BYTES)),
            max_unauthenticated_bytes: MAX_UNAUTHENTICATED_BYTES,
        }
    }

    /// Sets how long a whole body may take, after which 408 is answered. Default: 10 seconds; callers that are
    /// known have three times as long, and a file that is uploaded has this long for each piece.
    #[must_use]
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// Sets how many bytes are held at once for callers that are not known yet: the bodies that are being read, and
    /// those that are being verified. Above it, 503 with `Retry-After` is answered. Default: 16 MiB.
    ///
    /// The budget is a new one: set it before the value is cloned.
    #[must_use]
    pub fn max_unauthenticated_bytes(mut self, bytes: usize) -> Self {
        self.max_unauthenticated_bytes = bytes.min(Semaphore::MAX_PERMITS);
        self.budget = Arc::new(Semaphore::new(self.max_unauthenticated_bytes));
        self
    }

    /// Those of the request, or those that the process shares.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().unwrap_or(&SHARED).clone()
    }

    /// How long a piece of an upload may take.
    pub(crate) fn piece_timeout(&self) -> Duration {
        self.read_timeout
    }

    /// Reads a body of at most `max_bytes` to its end. A length that is announced as more is refused before any is
    /// read.
    ///
    /// Frames are counted against the budget as they arrive, so that nothing is set aside for what was only announced.
    pub(crate) async fn read_body<B>(
        &self,
        caller: Caller,
        body: B,
        max_bytes: usize,
    ) -> Result<HeldBody, Unread>
    where
        B: Body<Error: Into<BoxError>>,
    {
        if body.size_hint().lower() > u64::try_from(max_bytes).unwrap_or(u64::MAX) {
            return Err(Unread::TooLarge);
        }
        let timeout = match caller {
            Caller::Unknown => self.read_timeout,
            Caller::Authenticated => self.read_timeout.saturating_mul(AUTHENTICATED_FACTOR),
        };
        let read = self.read_frames(caller, Limited::new(body, max_bytes));
        tokio::time::timeout(timeout, read).await.unwrap_or(Err(Unread::TimedOut))
    }

    /// As [`read_body`](Self::read_body), for a stream of pieces of which `announced` bytes were announced.
    pub(crate) async fn read<E: Into<BoxError>>(
        &self,
        caller: Caller,
        announced: u64,
        pieces: impl Stream<Item = Result<Bytes, E>>,
        max_bytes: usize,
    ) -> Result<HeldBody, Unread> {
        if announced > u64::try_from(max_bytes).unwrap_or(u64::MAX) {
            return Err(Unread::TooLarge);
        }
        self.read_body(caller, StreamBody::new(pieces.map_ok(Frame::data)), max_bytes).await
    }

    async fn read_frames<B>(&self, caller: Caller, body: Limited<B>) -> Result<HeldBody, Unread>
    where
        B: Body<Error: Into<BoxError>>,
    {
        let mut body = pin!(body);
        let mut held: Option<OwnedSemaphorePermit> = None;
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            // The text of the cause may quote the request.
            let frame = frame.map_err(|error| {
                if error.is::<LengthLimitError>() { Unread::TooLarge } else { Unread::Broken }
            })?;
            // Trailers say nothing that is signed.
            let Ok(data) = frame.into_data() else { continue };
            if caller == Caller::Unknown {
                let more = u32::try_from(data.remaining()).map_err(|_| Unread::TooLarge)?;
                let more = Arc::clone(&self.budget).try_acquire_many_owned(more).map_err(|_| Unread::Busy)?;
                match &mut held {
                    Some(held) => held.merge(more),
                    None => held = Some(more),
                }
            }
            whole.put(data);
        }
        Ok(HeldBody { bytes: whole.freeze(), held })
    }
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self::new()
    }
}

crate::privacy::redacted_debug!(BodyLimits { read_timeout, max_unauthenticated_bytes, .. });

/// What is known of a caller when its body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nothing, or nothing that was verified: the body counts against the budget.
    Unknown,
    /// It presented a token in a header that was found good.
    Authenticated,
}

/// A body that was read. Its bytes count against the budget until it is dropped.
#[derive(Debug)]
pub(crate) struct HeldBody {
    bytes: Bytes,
    held: Option<OwnedSemaphorePermit>,
}

impl HeldBody {
    /// A body that was in memory already.
    pub(crate) fn in_memory(bytes: Bytes) -> Self {
        Self { bytes, held: None }
    }

    /// The same place in the budget, for other bytes.
    pub(crate) fn map<E>(self, to: impl FnOnce(Bytes) -> Result<Bytes, E>) -> Result<Self, E> {
        Ok(Self { bytes: to(self.bytes)?, held: self.held })
    }
}

impl Deref for HeldBody {
    type Target = Bytes;

    fn deref(&self) -> &Bytes {
        &self.bytes
    }
}

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is longer than the route needs.
    TooLarge,
    /// It did not come to its end in time.
    TimedOut,
    /// Too many bytes of unknown callers are held.
    Busy,
    /// It broke off.
    Broken,
    /// Its content encoding is not known, or it does not keep to it.
    Encoding,
}

impl Unread {
    /// The status that says so.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    /// The error for the log.
    pub(crate) fn error(self) -> Error {
        let (kind, text) = match self {
            Self::TooLarge => (ErrorKind::TooLarge, "the body is longer than the limit"),
            Self::TimedOut => (ErrorKind::Timeout, "the body did not end within the read timeout"),
            Self::Busy => (ErrorKind::Unavailable, "too many bytes of unknown callers are held"),
            Self::Broken => (ErrorKind::InvalidRequest, "the body broke off"),
            Self::Encoding => (ErrorKind::InvalidRequest, "the body has another content encoding than gzip"),
        };
        let error = Error::new(kind, text);
        if self == Self::Busy { error.with_retry_after(Duration::from_secs(BUSY_SECONDS)) } else { error }
    }
}

impl Unread {
    /// Adds the status to a response, and the headers that go with it.
    pub(crate) fn on<B>(self, mut response: Response<B>) -> Response<B> {
        *response.status_mut() = self.status();
        if self == Self::Busy {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(BUSY_SECONDS));
        }
        if self == Self::TimedOut {
            // What comes after it on the connection is the rest of the body.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Reads the body of a request and undoes its content encoding: the one place where endpoints do.
pub(crate) async fn read<B>(
    limits: &BodyLimits,
    caller: Caller,
    headers: &HeaderMap,
    body: B,
    max_bytes: usize,
) -> Result<HeldBody, Unread>
where
    B: Body<Error: Into<BoxError>>,
{
    let body = limits.read_body(caller, body, max_bytes).await?;
    decoded(headers, body, max_bytes)
}

/// The body of a request, not read yet, with the [`BodyLimits`] that hold for it.
pub struct RequestBody {
    body: UnsyncBoxBody<Bytes, BoxError>,
    // Taken beforehand: a mapped body has none.
    size: SizeHint,
    limits: BodyLimits,
}

impl RequestBody {
    pub(crate) fn new<B>(body: B, limits: BodyLimits) -> Self
    where
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let size = body.size_hint();
        let body = body
            .map_frame(|frame| frame.map_data(|mut data| data.copy_to_bytes(data.remaining())))
            .map_err(Into::into);
        Self { body: UnsyncBoxBody::new(body), size, limits }
    }

    /// The length that is announced, in bytes; 0 where none is.
    pub(crate) fn announced_bytes(&self) -> u64 {
        self.size.lower()
    }

    /// Reads it to its end.
    pub(crate) async fn read(
        self,
        caller: Caller,
        headers: &HeaderMap,
        max_bytes: usize,
    ) -> Result<HeldBody, Unread> {
        if self.announced_bytes() > u64::try_from(max_bytes).unwrap_or(u64::MAX) {
            return Err(Unread::TooLarge);
        }
        read(&self.limits, caller, headers, self.body, max_bytes).await
    }

    /// Reads it to its end, for a caller that is not known yet, and undoes a gzip encoding.
    ///
    /// # Errors
    ///
    /// A rejection with 413 beyond `max_bytes`, 408 and 503 beyond the [`BodyLimits`], 415 for another content encoding,
    /// 400 for a body that breaks off.
    pub async fn bytes(self, headers: &HeaderMap, max_bytes: usize) -> Result<Bytes, Rejection> {
        let body = self.read(Caller::Unknown, headers, max_bytes).await?;
        Ok(body.bytes.clone())
    }
}

crate::privacy::redacted_debug!(RequestBody { limits, .. });

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, io};

    use futures_util::stream;

    use super::*;

    fn pieces(sizes: &[usize]) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
        stream::iter(sizes.iter().map(|size| Ok(Bytes::from(vec![b'x'; *size]))).collect::<Vec<_>>())
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_not_a_byte_further() {
        let limits = BodyLimits::new();
        for caller in [Caller::Unknown, Caller::Authenticated] {
            let body = limits.read(caller, 0, pieces(&[6, 4]), 10).await.expect("as long as the limit");
            assert_eq!(body.len(), 10);
            let longer = limits.read(caller, 0, pieces(&[6, 5]), 10).await.expect_err("longer");
            assert_eq!((longer, longer.status().as_u16()), (Unread::TooLarge, 413));
            // It is not even asked for a piece.
            let announced = limits.read(caller, 11, stream::pending::<io::Result<Bytes>>(), 10).await;
            assert_eq!(announced.expect_err("announced as longer"), Unread::TooLarge);
        }
        let broken = stream::iter([Ok(Bytes::from_static(b"x")), Err(io::Error::other("a card number"))]);
        let broken = limits.read(Caller::Unknown, 0, broken, 10).await.expect_err("broken");
        assert_eq!((broken.status().as_u16(), broken.error().kind()), (400, ErrorKind::InvalidRequest));
    }

    #[tokio::test(start_paused = true)]
    async fn the_whole_body_has_one_deadline_however_many_pieces_come() {
        let limits = BodyLimits::new().read_timeout(Duration::from_secs(5));
        let drip = || {
            stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Some((Ok::<_, Infallible>(Bytes::from_static(b"x")), ()))
            })
        };
        for (caller, seconds) in [(Caller::Unknown, 5), (Caller::Authenticated, 15)] {
            let start = tokio::time::Instant::now();
            let late = limits.read(caller, 0, drip(), 1000).await.expect_err("late");
            assert_eq!((late, late.status().as_u16()), (Unread::TimedOut, 408));
            assert_eq!(start.elapsed(), Duration::from_secs(seconds));
        }
    }

    #[tokio::test]
    async fn unknown_callers_share_a_budget_and_known_ones_need_none() {
        let limits = BodyLimits::new().max_unauthenticated_bytes(100);
        let first = limits.read(Caller::Unknown, 0, pieces(&[40, 40]), 1000).await.expect("80 of 100");
        let refused = limits.clone().read(Caller::Unknown, 0, pieces(&[10, 11]), 1000).await;
        let refused = refused.expect_err("21 of 20");
        assert_eq!((refused, refused.status().as_u16()), (Unread::Busy, 503));
        assert_eq!(refused.error().retry_after(), Some(Duration::from_secs(BUSY_SECONDS)));
        // What was refused gave its bytes back.
        let second = limits.read(Caller::Unknown, 0, pieces(&[20]), 1000).await.expect("20 of 20");
        limits.read(Caller::Authenticated, 0, pieces(&[500]), 1000).await.expect("a known caller");
        drop((first, second));
        limits.read(Caller::Unknown, 0, pieces(&[100]), 1000).await.expect("100 of 100");
    }

    #[tokio::test]
    async fn a_length_that_is_announced_and_never_sent_takes_nothing_from_the_budget() {
        let limits = BodyLimits::new().max_unauthenticated_bytes(100);
        let own = limits.clone();
        let silent = tokio::spawn(async move {
            own.read(Caller::Unknown, 100, stream::pending::<io::Result<Bytes>>(), 100).await
        });
        tokio::task::yield_now().await;
        limits.read(Caller::Unknown, 0, pieces(&[100]), 100).await.expect("all of it");
        silent.abort();
    }
}
