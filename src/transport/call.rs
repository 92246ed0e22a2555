//! One remote call, written once: what is sent and where to, as whom, how often and for how long.
//!
//! ```text
//! api.post("verify", ["status"]).json(&body).idempotent().attempt_timeout(OFFSITE).send().await?
//! ```

use std::time::Duration;

use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{ACCEPT, IntoHeaderName},
};
use serde::Serialize;
use url::{Url, form_urlencoded};

use super::{
    AddressPolicy, ApiClient, Authorize, ClassifyResponse, Limits, Payload, Progress, RawRequest,
    address::one_segment, multipart, retry::Idempotency,
};
use crate::error::Error;

/// One call of an [`ApiClient`], to be set up and then sent. What cannot be sent is refused by [`send`](Self::send), so
/// that a call reads in one piece.
#[must_use = "nothing is sent before `send` or `open`"]
pub(crate) struct Call<'a> {
    pub(super) api: &'a ApiClient,
    pub(super) operation: &'static str,
    pub(super) method: Method,
    target: Target,
    query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) payload: Payload,
    pub(super) idempotency: Idempotency,
    attempt_timeout: Duration,
    max_deadline: Option<Duration>,
    max_response_bytes: Option<usize>,
    max_file_bytes: Option<usize>,
    limits: Option<Limits>,
    pub(super) credentials: Option<&'a dyn Authorize>,
    pub(super) classifier: &'a dyn ClassifyResponse,
    pub(super) request_id_header: Option<HeaderName>,
    pub(super) addresses: AddressPolicy,
    /// Whether the call is about one object of many, so that a failure may be that object's fault.
    pub(super) about_one_object: bool,
    /// The first thing that makes the call impossible.
    failure: Option<Error>,
}

enum Target {
    Path(Vec<String>),
    Url(Url),
}

impl ApiClient {
    /// Begins a `GET`, which is idempotent.
    pub(crate) fn get<'a, 's>(&'a self, operation: &'static str, path: impl AsRef<[&'s str]>) -> Call<'a> {
        self.call(operation, Method::GET, path)
    }

    /// Begins a `POST`, which is sent once unless it provably never left.
    pub(crate) fn post<'a, 's>(&'a self, operation: &'static str, path: impl AsRef<[&'s str]>) -> Call<'a> {
        self.call(operation, Method::POST, path)
    }

    /// Begins a `PATCH`, which is sent once unless it provably never left.
    pub(crate) fn patch<'a, 's>(&'a self, operation: &'static str, path: impl AsRef<[&'s str]>) -> Call<'a> {
        self.call(operation, Method::PATCH, path)
    }

    /// Begins a `PUT`, which is sent once unless it provably never left.
    pub(crate) fn put<'a, 's>(&'a self, operation: &'static str, path: impl AsRef<[&'s str]>) -> Call<'a> {
        self.call(operation, Method::PUT, path)
    }

    /// Begins a call by method and path segments, each percent-encoded by itself.
    pub(crate) fn call<'a, 's>(
        &'a self,
        operation: &'static str,
        method: Method,
        path: impl AsRef<[&'s str]>,
    ) -> Call<'a> {
        Call::new(self, operation, method).segments(path)
    }

    /// Begins a call of a whole URL.
    pub(crate) fn call_url(&self, operation: &'static str, method: Method, url: Url) -> Call<'_> {
        Call::new(self, operation, method).url(url)
    }

    /// Begins the call that an application described by itself; its operation is `raw`.
    pub(crate) fn raw(&self, request: RawRequest) -> Call<'_> {
        let segments: Vec<_> = request.segments.iter().map(String::as_str).collect();
        self.call("raw", request.method, segments)
            .queries(request.query)
            .payload(request.payload)
            .idempotency(request.idempotency)
    }
}

impl<'a> Call<'a> {
    pub(super) fn new(api: &'a ApiClient, operation: &'static str, method: Method) -> Self {
        let defaults = &*api.defaults;
        let idempotency = match method {
            Method::GET | Method::HEAD | Method::OPTIONS => Idempotency::Idempotent,
            _ => Idempotency::NotIdempotent,
        };
        Self {
            api,
            operation,
            method,
            target: Target::Path(Vec::new()),
            query: Vec::new(),
            headers: defaults.headers.clone(),
            payload: Payload::Empty,
            idempotency,
            attempt_timeout: defaults.attempt_timeout,
            max_deadline: None,
            max_response_bytes: defaults.max_response_bytes,
            max_file_bytes: None,
            limits: None,
            credentials: defaults.credentials.as_deref(),
            classifier: &*defaults.classifier,
            request_id_header: defaults.request_id_header.clone(),
            addresses: AddressPolicy::Any,
            about_one_object: true,
            failure: None,
        }
    }

    pub(super) fn url(mut self, url: Url) -> Self {
        self.target = Target::Url(url);
        self
    }

    /// Adds path segments, each percent-encoded by itself; an empty last one gives a trailing slash.
    pub(crate) fn segments<'s>(mut self, segments: impl AsRef<[&'s str]>) -> Self {
        let segments = segments.as_ref().iter().map(|segment| (*segment).to_owned());
        match &mut self.target {
            Target::Path(path) => path.extend(segments),
            Target::Url(_) => self.fail(Error::configuration("the call has a URL and no path of its own")),
        }
        self
    }

    /// Adds one path segment that comes from outside: refused under the field's name when it does not arrive as one.
    pub(crate) fn segment(mut self, field: &str, value: &str) -> Self {
        match one_segment(field, value) {
            Ok(value) => self.segments([value]),
            Err(error) => {
                self.fail(error);
                self
            }
        }
    }

    /// Adds a query parameter.
    pub(crate) fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds query parameters.
    pub(crate) fn queries<N: Into<String>, V: Into<String>>(
        mut self,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.query.extend(pairs.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Sets a header.
    pub(crate) fn header(mut self, name: impl IntoHeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets headers.
    pub(crate) fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Sets what the response may be. Default: `application/json`.
    pub(crate) fn accept(self, media_type: &'static str) -> Self {
        self.header(ACCEPT, HeaderValue::from_static(media_type))
    }

    /// Sends a value as JSON.
    pub(crate) fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        let bytes = serde_json::to_vec(body)
            .map_err(|_| Error::invalid("body", "the request cannot be written as JSON"));
        self.try_payload(bytes.map(Payload::json))
    }

    /// Sends text that is JSON already, or fails with why there is none.
    pub(crate) fn json_text(self, body: Result<impl Into<bytes::Bytes>, Error>) -> Self {
        self.try_payload(body.map(Payload::json))
    }

    /// Sends a form as `application/x-www-form-urlencoded`.
    pub(crate) fn form<'f>(self, pairs: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.payload(Payload::form(text))
    }

    /// Sends a form in several parts (`multipart/form-data`), made anew for every attempt.
    pub(crate) fn multipart(self, parts: Vec<multipart::Part>) -> Self {
        let payload = multipart::form(parts, self.api.clock());
        self.try_payload(payload)
    }

    /// Sends a payload of any kind.
    pub(crate) fn payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    fn try_payload(mut self, payload: Result<Payload, Error>) -> Self {
        match payload {
            Ok(payload) => self.payload = payload,
            Err(error) => self.fail(error),
        }
        self
    }

    /// Reports how far the upload is.
    pub(crate) fn progress(mut self, progress: Option<Progress>) -> Self {
        self.payload = self.payload.with_progress(progress);
        self
    }

    /// Says that doing it twice is the same as doing it once, so that it is repeated when it fails. Calls that read are
    /// idempotent without it.
    pub(crate) fn idempotent(self) -> Self {
        self.idempotency(Idempotency::Idempotent)
    }

    pub(crate) fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }

    /// Sets how long one attempt may take, unless the application set that for all calls. The deadline is three times as
    /// long. Default: that of the client.
    pub(crate) fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Shortens the deadline of the call to what is left of an earlier one.
    pub(crate) fn max_deadline(mut self, left: Duration) -> Self {
        self.max_deadline = Some(left);
        self
    }

    /// Lowers the number of bytes of the response that are read.
    pub(crate) fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// Sets the number of bytes of the response that are read, whatever the application set: for files.
    pub(crate) fn max_file_bytes(mut self, bytes: usize) -> Self {
        self.max_file_bytes = Some(bytes);
        self
    }

    /// Sets all limits, whatever the application set for the calls of the API.
    pub(crate) fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Presents these credentials in place of the client's.
    pub(crate) fn credentials(mut self, credentials: &'a dyn Authorize) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Presents no credentials.
    pub(crate) fn without_credentials(mut self) -> Self {
        self.credentials = None;
        self
    }

    /// Classifies responses of this call otherwise than the client does.
    pub(crate) fn classifier(mut self, classifier: &'a dyn ClassifyResponse) -> Self {
        self.classifier = classifier;
        self
    }

    /// Sets the header under which the provider takes a request id.
    pub(crate) fn request_id_header(mut self, name: Option<HeaderName>) -> Self {
        self.request_id_header = name;
        self
    }

    /// Sets which addresses the host may resolve to.
    pub(crate) fn addresses(mut self, policy: AddressPolicy) -> Self {
        self.addresses = policy;
        self
    }

    /// Says whether the call is about one object of many. Default: it is.
    pub(crate) fn about_one_object(mut self, it_is: bool) -> Self {
        self.about_one_object = it_is;
        self
    }

    /// The limits of this call by its own settings and the application's.
    pub(super) fn effective_limits(&self) -> Limits {
        if let Some(limits) = self.limits {
            return limits;
        }
        let uploading = self.api.defaults.min_upload_rate.map_or(0, |rate| self.payload.length() / rate);
        let mut limits = self.api.limits(self.attempt_timeout + Duration::from_secs(uploading));
        limits.deadline = self.max_deadline.map_or(limits.deadline, |left| left.min(limits.deadline));
        limits.bytes = self.max_response_bytes.map_or(limits.bytes, |bytes| bytes.min(limits.bytes));
        limits.bytes = self.max_file_bytes.unwrap_or(limits.bytes);
        limits
    }

    /// The URL, or what makes the call impossible.
    pub(super) fn resolve(&mut self) -> Result<Url, Error> {
        let url = match (self.failure.take(), &self.target) {
            (Some(error), _) => Err(error),
            (None, Target::Url(url)) => Ok(url.clone()),
            (None, Target::Path(segments)) => self.api.join(segments),
        };
        let mut url = url.map_err(|error| error.during(self.api.provider(), self.operation))?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
    }
}

crate::privacy::redacted_debug!(Call<'_> { operation, .. });
