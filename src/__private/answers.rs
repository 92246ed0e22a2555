//! A provider that always responds with the given bytes.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    clock::Clock,
    error::Error,
    transport::{Options, Request, Response, Retry, Transport},
};

/// The time that stands still, in seconds since 1970: within the life of the vectors' tokens.
const NOW: u64 = 1_700_000_000;

/// Answers the first requests as given, and every later one with the same body.
#[derive(Clone)]
pub(super) struct Provider {
    first: Vec<Bytes>,
    status: StatusCode,
    body: Bytes,
    header: Option<(HeaderName, HeaderValue)>,
    asked: Arc<AtomicUsize>,
}

impl Provider {
    pub(super) fn answering(status: u16, body: &[u8]) -> Self {
        Self {
            first: Vec::new(),
            status: StatusCode::from_u16(status).unwrap_or_default(),
            body: Bytes::copy_from_slice(body),
            header: None,
            asked: Arc::default(),
        }
    }

    /// What comes first, such as the token with which the call is made.
    pub(super) fn after(mut self, first: impl Into<Bytes>) -> Self {
        self.first.push(first.into());
        self
    }

    /// A header of every answer.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.header = HeaderValue::try_from(value).ok().map(|value| (HeaderName::from_static(name), value));
        self
    }

    pub(super) fn options(self) -> Options {
        Options::new().transport(self).retry(Retry::never()).clock(clock())
    }
}

impl Transport for Provider {
    async fn send(&self, _: Request) -> Result<Response, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let (status, body) = match self.first.get(self.asked.fetch_add(1, Ordering::Relaxed)) {
            Some(first) => (StatusCode::OK, first.clone()),
            None => {
                headers.extend(self.header.clone().map(|(name, value)| (Some(name), value)));
                (self.status, self.body.clone())
            }
        };
        Ok(Response::new(status, headers, stream::iter([Ok(body)]).boxed()))
    }
}

pub(super) fn clock() -> Clock {
    Clock::frozen(now()).0
}

pub(super) fn now() -> std::time::SystemTime {
    std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(NOW)
}

/// Runs a future to its end on a runtime of this thread.
pub(super) fn now_or_later<T>(work: impl Future<Output = T>) -> T {
    thread_local! {
        #[allow(clippy::expect_used)]
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
    }
    RUNTIME.with(|runtime| runtime.block_on(work))
}
