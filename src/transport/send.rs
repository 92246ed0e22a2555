//! The one send path. [`run`] is the list, top to bottom.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use url::Url;

pub(crate) use super::response::{BufferedResponse, Context};
use super::{
    ByteStream, CredentialVersion, Limits, Request, Response, breaker::AttemptResult, call, client::Renewal,
    excerpt::excerpt, observe::Observed, response::StreamingResponse, retry::Idempotency,
};
use crate::{
    clock::Clock,
    error::{Effect, Error, ErrorKind},
};

/// How much of a failed response is read when the body of a successful one is left to the caller.
const MAX_FAILURE_BYTES: usize = 64 * 1024;

/// Sends a call and receives its response: whole, or with its body still to come.
///
/// 1. The circuit breaker of the operation is asked: a provider that is down is not called. Its rule is in
///    [`breaker`](super::breaker).
/// 2. A turn is taken from the rate limit, and waited for if it fits the deadline.
/// 3. Credentials are put on.
/// 4. The request is sent, at most for the attempt's time and what is left of the deadline.
/// 5. The response is read, at most as many bytes as allowed.
/// 6. The classifier says whether it is a failure.
/// 7. When it refuses renewable credentials, one more attempt is made with fresh ones.
/// 8. A failure that may pass leads to another attempt, if repeating is safe, attempts and budget are left and the wait
///    fits the deadline.
///
/// All of it, fetching credentials included, ends within the deadline.
///
/// # Errors
///
/// Every error names provider, operation, status, request id and the number of attempts.
pub(super) async fn run<R: Receive>(call: &call::Call<'_>, url: &Url) -> Result<R, Error> {
    let shared = &*call.api.shared;
    let observed = Observed::new(shared.provider, call.operation);
    let started = shared.clock.elapsed();
    let mut sending = Sending {
        call,
        url,
        limits: call.effective_limits(),
        started,
        context: Context {
            provider: shared.provider,
            operation: call.operation,
            attempts: 0,
            status: None,
            request_id: None,
            idempotency: call.idempotency,
            keep_excerpt: shared.options.keep_body_excerpt,
        },
    };
    let work = sending.attempts::<R>(&observed);
    #[cfg(feature = "tracing")]
    let work = tracing::Instrument::instrument(work, observed.span.clone());
    let outcome = work.await;
    let outcome = outcome.map_err(|error| sending.context.name(error));
    let latency = shared.clock.elapsed() - started;
    let attempts = sending.context.attempts;
    match &outcome {
        Ok(received) => observed.done(attempts, latency, Ok(received.head())),
        Err(error) => observed.done(attempts, latency, Err(error)),
    }
    outcome
}

impl call::Call<'_> {
    /// Sends the call and reads its response: see [`run`].
    ///
    /// # Errors
    ///
    /// For what cannot be sent, before anything is. Every error names provider, operation, status, request id and the
    /// number of attempts.
    pub(crate) async fn send(mut self) -> Result<BufferedResponse, Error> {
        let url = self.resolve()?;
        run(&self, &url).await
    }

    /// Sends the call and leaves the body of a successful response to be read in pieces.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub(crate) async fn open(mut self) -> Result<StreamingResponse, Error> {
        let url = self.resolve()?;
        run(&self, &url).await
    }
}

/// What is made of a response when its head is there.
pub(super) trait Receive: Sized + Send {
    fn receive(sending: &Sending<'_>, response: Response)
    -> impl Future<Output = Result<Self, Error>> + Send;

    /// Status and request id.
    fn head(&self) -> (StatusCode, Option<&str>);
}

impl Receive for BufferedResponse {
    async fn receive(sending: &Sending<'_>, response: Response) -> Result<Self, Error> {
        let buffered = sending.buffer(response, sending.limits.bytes).await?;
        sending.classify(&buffered)?;
        Ok(buffered)
    }

    fn head(&self) -> (StatusCode, Option<&str>) {
        (self.status, self.context.request_id.as_deref())
    }
}

impl Receive for StreamingResponse {
    async fn receive(sending: &Sending<'_>, response: Response) -> Result<Self, Error> {
        if response.status.is_success() {
            return Ok(Self {
                status: response.status,
                headers: response.headers,
                body: response.body,
                left: sending.left(),
                context: sending.context.clone(),
            });
        }
        let failed = sending.buffer(response, MAX_FAILURE_BYTES).await?;
        sending.classify(&failed)?;
        // Also when the classifier sees no failure: there is no file behind such a status.
        Err(failed.status_failure())
    }

    fn head(&self) -> (StatusCode, Option<&str>) {
        (self.status, self.context.request_id.as_deref())
    }
}

/// A call on its way.
pub(super) struct Sending<'c> {
    call: &'c call::Call<'c>,
    url: &'c Url,
    limits: Limits,
    started: Duration,
    context: Context,
}

impl Sending<'_> {
    async fn attempts<R: Receive>(&mut self, observed: &Observed) -> Result<R, Error> {
        let call = self.call;
        let shared = &*call.api.shared;
        let mut renewed = false;
        let mut object = None;
        shared.breaker.admit(call.operation, self.started)?;
        loop {
            self.context.status = None;
            self.wait_for_turn().await?;
            let mut headers = self.headers()?;
            let presented = self.authorize(&mut headers).await?;
            let left = self.some_left()?;
            if call.about_one_object && object.is_none() {
                object = Some(object_of(call, self.url, &headers));
            }
            self.context.attempts += 1;
            let attempt_timeout = self.limits.attempt.min(left);
            let attempt = self.attempt::<R>(headers);
            let error = match tokio::time::timeout(attempt_timeout, attempt).await {
                Ok(Ok(received)) => {
                    shared.budget.succeeded();
                    shared.breaker.record(call.operation, shared.clock.elapsed(), AttemptResult::Good);
                    return Ok(received);
                }
                Ok(Err(error)) => error,
                Err(_) => Error::new(ErrorKind::Timeout, "no complete answer within the time for an attempt")
                    .with_effect(Effect::Unknown),
            };
            if !renewed
                && call.classifier.refuses_credentials(&error)
                && let (Some(credentials), Some(presented)) = (call.credentials, presented)
            {
                renewed = true;
                if credentials.refused(presented) {
                    match call.api.defaults.renewal {
                        _ if !call.payload.can_replay() => {}
                        Renewal::Idempotent if call.idempotency != Idempotency::Idempotent => {}
                        Renewal::Always | Renewal::Idempotent => continue,
                    }
                    if call.api.defaults.renewal == Renewal::Idempotent {
                        return Err(error.with_hint(
                            "the session was over, and nothing was done: the same call logs in again",
                        ));
                    }
                }
            }
            self.count(&error, object);
            if !call.payload.can_replay() {
                return Err(settle(error, call.idempotency));
            }
            let wait = shared.options.retry.next(
                &error,
                self.context.attempts,
                call.idempotency,
                &shared.budget,
                self.left(),
                &shared.clock,
            );
            let Some(wait) = wait else { return Err(settle(error, call.idempotency)) };
            observed.retry(self.context.attempts, error.kind(), wait);
            shared.clock.sleep(wait).await;
        }
    }

    /// Feeds budget and breaker with what the network or the provider failed at this object, if the call is about one.
    fn count(&self, error: &Error, object: Option<u64>) {
        let shared = &*self.call.api.shared;
        let whole_service = error.status() == Some(StatusCode::SERVICE_UNAVAILABLE);
        let result = match (error.kind(), object) {
            (ErrorKind::Interrupted | ErrorKind::Timeout | ErrorKind::Provider, Some(object))
                if !whole_service =>
            {
                AttemptResult::FailedAt(object)
            }
            (ErrorKind::Connect | ErrorKind::Interrupted | ErrorKind::Timeout | ErrorKind::Provider, _) => {
                AttemptResult::Failed
            }
            // Of our own making: it says nothing of the provider.
            (ErrorKind::Configuration | ErrorKind::Store, _) => return,
            // It answered, so it is up.
            _ => AttemptResult::Good,
        };
        if result != AttemptResult::Good {
            shared.budget.failed();
        }
        shared.breaker.record(self.call.operation, shared.clock.elapsed(), result);
    }

    /// What is left of the deadline.
    fn left(&self) -> Duration {
        self.limits.deadline.saturating_sub(self.call.api.clock().elapsed() - self.started)
    }

    fn some_left(&self) -> Result<Duration, Error> {
        let left = self.left();
        if left.is_zero() {
            return Err(Error::new(ErrorKind::Timeout, "the deadline passed before the request was sent"));
        }
        Ok(left)
    }

    async fn wait_for_turn(&self) -> Result<(), Error> {
        let shared = &*self.call.api.shared;
        let Some(limiter) = &shared.rate_limiter else { return Ok(()) };
        let left = self.some_left()?;
        match limiter.turn(shared.clock.elapsed(), left) {
            Ok(Duration::ZERO) => Ok(()),
            Ok(wait) => {
                shared.clock.sleep(wait).await;
                Ok(())
            }
            Err(wait) => Err(Error::new(
                ErrorKind::RateLimited,
                "this client's own rate limit is used up; nothing was sent",
            )
            .with_retry_after(wait)
            .with_hint("wait, or raise the limit if the provider granted more")),
        }
    }

    async fn authorize(&self, headers: &mut HeaderMap) -> Result<Option<CredentialVersion>, Error> {
        let Some(credentials) = self.call.credentials else { return Ok(None) };
        let left = self.some_left()?;
        match tokio::time::timeout(left, credentials.authorize(headers)).await {
            Ok(presented) => presented.map(Some),
            Err(_) => {
                Err(Error::new(ErrorKind::Timeout, "the deadline passed while credentials were fetched"))
            }
        }
    }

    fn headers(&mut self) -> Result<HeaderMap, Error> {
        let call = self.call;
        let mut headers = call.headers.clone();
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        if let Some(media_type) = call.payload.media_type() {
            headers.insert(header::CONTENT_TYPE, media_type);
        }
        if let Some(name) = &call.request_id_header {
            let id = request_id(call.api.clock())?;
            let value = HeaderValue::try_from(&id)
                .map_err(|_| Error::configuration("the request id does not fit a header"))?;
            headers.insert(name, value);
            self.context.request_id = Some(id);
        }
        Ok(headers)
    }

    async fn attempt<R: Receive>(&mut self, headers: HeaderMap) -> Result<R, Error> {
        let call = self.call;
        let mut request = Request::new(call.method.clone(), self.url.clone());
        request.headers = headers;
        request.body = call.payload.body();
        request.addresses = call.addresses;
        let sent = call.api.shared.transport.send_boxed(request).await;
        let response = sent.map_err(|error| call.payload.failure().unwrap_or(error))?;
        self.context.status = Some(response.status);
        if self.context.request_id.is_none() {
            self.context.request_id = response
                .headers
                .get("x-request-id")
                .and_then(|id| id.to_str().ok())
                .filter(|id| id.len() <= 80)
                .map(str::to_owned);
        }
        R::receive(self, response).await
    }

    async fn buffer(&self, response: Response, max_bytes: usize) -> Result<BufferedResponse, Error> {
        Ok(BufferedResponse {
            status: response.status,
            body: read(&response.headers, response.body, max_bytes).await?,
            headers: response.headers,
            received: self.call.api.clock().now(),
            context: self.context.clone(),
        })
    }

    fn classify(&self, response: &BufferedResponse) -> Result<(), Error> {
        self.call.classifier.classify(response).map_err(|error| {
            let error =
                if self.context.keep_excerpt { error.with_excerpt(excerpt(&response.body)) } else { error };
            // Transient failures may have come after the work was done; refusals say that it was not.
            let unknown = matches!(error.kind(), ErrorKind::Provider | ErrorKind::Timeout);
            if unknown { error.with_effect(Effect::Unknown) } else { error }
        })
    }
}

/// What a call is about, as far as its request tells one object from another. Credentials of the client and the
/// request id do not; those of a customer do.
fn object_of(call: &call::Call<'_>, url: &Url, headers: &HeaderMap) -> u64 {
    let mut hasher = DefaultHasher::new();
    call.method.hash(&mut hasher);
    url.hash(&mut hasher);
    call.payload.hash_content(&mut hasher);
    for (name, value) in headers {
        if *name != header::AUTHORIZATION && Some(name) != call.request_id_header.as_ref() {
            name.hash(&mut hasher);
            value.hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// A call that changes nothing cannot have taken effect.
fn settle(error: Error, idempotency: Idempotency) -> Error {
    match idempotency {
        Idempotency::Idempotent => error.with_effect(Effect::None),
        Idempotency::NotIdempotent if error.may_have_taken_effect() => {
            error.with_hint("ask the provider for the state before repeating")
        }
        Idempotency::NotIdempotent => error,
    }
}

/// Reads a body up to a limit; one piece is passed on as it is.
async fn read(headers: &HeaderMap, mut body: ByteStream<Error>, limit: usize) -> Result<Bytes, Error> {
    let too_large = || {
        Error::new(ErrorKind::TooLarge, "the answer is larger than the limit")
            .with_hint("raise max_response_bytes if that is expected")
            .with_effect(Effect::Unknown)
    };
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let Some(first) = body.next().await.transpose()? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        return Err(too_large());
    }
    let Some(second) = body.next().await.transpose()? else { return Ok(first) };
    let mut whole = BytesMut::with_capacity(announced.unwrap_or(first.len() + second.len()).min(limit));
    whole.extend_from_slice(&first);
    let mut piece = Some(second);
    while let Some(bytes) = piece {
        if whole.len() + bytes.len() > limit {
            return Err(too_large());
        }
        whole.extend_from_slice(&bytes);
        piece = body.next().await.transpose()?;
    }
    Ok(whole.freeze())
}

/// A random id in the form of a UUID of version 4 (RFC 9562, section 5.4).
pub(crate) fn request_id(clock: &Clock) -> Result<String, Error> {
    let mut bytes = clock
        .random::<16>()
        .map_err(|error| Error::configuration("no randomness for a request id").with_source(error))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex::encode(bytes);
    Ok(format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]))
}

#[cfg(test)]
#[path = "send_tests.rs"]
mod tests;
