//! The way to calls that a model lacks: same credentials, limits, retries and checks, any path, any JSON.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};

use super::{BufferedResponse, decode, message::Payload, retry::Idempotency};
use crate::error::Error;

/// A call by method and path.
///
/// ```
/// use kyckit::transport::RawRequest;
///
/// let request = RawRequest::post(["service", "real_time", "verification"])
///     .json(&serde_json::json!({ "reference": "r-2026-0001" }))?;
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone)]
pub struct RawRequest {
    pub(crate) method: Method,
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) payload: Payload,
    pub(crate) idempotency: Idempotency,
}

impl RawRequest {
    /// A call. Each segment of the path is percent-encoded by itself; an empty last one gives a trailing slash. When it is
    /// sent, a path in which another segment is empty, or one holds a control character or is a dot segment in any
    /// spelling (`..`, `%2e`), is refused with the field `path`.
    pub fn new<S: Into<String>>(method: Method, segments: impl IntoIterator<Item = S>) -> Self {
        let idempotency = match method {
            Method::GET | Method::HEAD | Method::OPTIONS => Idempotency::Idempotent,
            _ => Idempotency::NotIdempotent,
        };
        Self {
            method,
            segments: segments.into_iter().map(Into::into).collect(),
            query: Vec::new(),
            payload: Payload::Empty,
            idempotency,
        }
    }

    /// A `GET`: repeated when it fails.
    pub fn get<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::GET, segments)
    }

    /// A `POST`: repeated only when it provably never left, unless [`idempotent`](Self::idempotent) says otherwise.
    pub fn post<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::POST, segments)
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sends a JSON body.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the value does not serialise.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(body)
            .map_err(|_| Error::invalid("body", "the value cannot be written as JSON"))?;
        self.payload = Payload::json(bytes);
        Ok(self)
    }

    /// Says that doing it twice is the same as doing it once, so that it is repeated when it fails.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotency = Idempotency::Idempotent;
        self
    }
}

crate::privacy::redacted_debug!(RawRequest { method, .. });

/// The answer to a [`RawRequest`]: a success by its status, its body as it came.
#[derive(Clone)]
#[non_exhaustive]
pub struct RawResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
    /// When it was there.
    pub received: SystemTime,
    /// The id under which the request is known, if there is one.
    pub request_id: Option<String>,
}

impl RawResponse {
    pub(crate) fn of(answer: BufferedResponse) -> Self {
        let request_id = answer.context().request_id.clone();
        Self {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
            received: answer.received,
            request_id,
        }
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::ErrorKind::Decode) with the path of what does not fit.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        decode::json(&self.body)
    }
}

crate::privacy::redacted_debug!(RawResponse { status, bytes: |this| this.body.len(), .. });
