//! A transport without a network, for examples and for tests of an application's own code.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use url::Url;

use super::{Body, Request, Response, Transport};
use crate::error::{Error, ErrorKind};

/// Answers requests from a list, in order, and remembers what was sent.
///
/// ```
/// use kyckit::transport::{MockResponse, MockTransport};
///
/// let memory = MockTransport::new([MockResponse::json(200, r#"{"ok":true}"#)]);
/// assert!(memory.sent().is_empty());
/// ```
#[derive(Clone, Default)]
pub struct MockTransport(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    answers: VecDeque<Result<MockResponse, Error>>,
    sent: Vec<RecordedRequest>,
}

/// One answer of a [`MockTransport`]. Its `Debug` shows the status only.
#[derive(Clone)]
#[non_exhaustive]
pub struct MockResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl MockResponse {
    /// A JSON answer. A status that is none is taken as 500.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: HeaderMap::new(),
            body: body.into(),
        }
        .header("content-type", "application/json")
    }

    /// Adds a header; one that is not valid is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.insert(name, value);
        }
        self
    }
}

crate::privacy::redacted_debug!(MockResponse { status, .. });

/// One request that a [`MockTransport`] was given. Its `Debug` shows method and host only.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// All headers, credentials among them.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

crate::privacy::redacted_debug!(RecordedRequest { method, host: |this| this.url.host_str(), .. });

impl MockTransport {
    /// A transport with these answers.
    pub fn new(answers: impl IntoIterator<Item = MockResponse>) -> Self {
        let memory = Self::default();
        answers.into_iter().for_each(|answer| memory.then(answer));
        memory
    }

    /// Adds an answer.
    pub fn then(&self, answer: MockResponse) {
        self.with(|state| state.answers.push_back(Ok(answer)));
    }

    /// Adds a failure of the network.
    pub fn then_fail(&self, error: Error) {
        self.with(|state| state.answers.push_back(Err(error)));
    }

    /// What was sent so far.
    pub fn sent(&self) -> Vec<RecordedRequest> {
        self.with(|state| state.sent.clone())
    }

    /// How many answers have not been asked for.
    pub fn unused(&self) -> usize {
        self.with(|state| state.answers.len())
    }

    fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

crate::privacy::redacted_debug!(MockTransport);

impl Transport for MockTransport {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let mut body = Vec::new();
        match request.body {
            Body::Empty => {}
            Body::Bytes(bytes) => body.extend_from_slice(&bytes),
            Body::Stream { mut chunks, .. } => {
                while let Some(piece) = chunks.next().await {
                    body.extend_from_slice(&piece.map_err(Error::store)?);
                }
            }
        }
        let answer = self.with(|state| {
            state.sent.push(RecordedRequest {
                method: request.method,
                url: request.url,
                headers: request.headers,
                body: body.into(),
            });
            state.answers.pop_front()
        });
        let MockResponse { status, headers, body } = answer.unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Configuration, "the in-memory transport has no answer left")
                .with_hint("add one for each request that is expected"))
        })?;
        Ok(Response::new(status, headers, Box::pin(futures_util::stream::iter([Ok(body)]))))
    }
}
