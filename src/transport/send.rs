//! The one send path. [`Channel::send`] is the list, top to bottom.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream::BoxStream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use url::Url;

use super::{
    AddressPolicy, Authorize, CredentialVersion, Options, Request, Response, Transport,
    breaker::{Breaker, Word},
    excerpt::excerpt,
    http::Http,
    message::{Limits, Payload},
    observe::Observed,
    rate_limit::{RateLimit, RateLimiter},
    retry::{Idempotency, RetryBudget, http_date, is_transient, retry_after},
};
use crate::{
    clock::Clock,
    error::{Effect, Error, ErrorKind},
    provider::ProviderId,
};

/// What one client sends through: one connection pool, one retry quota, one rate limit.
#[derive(Clone)]
pub(crate) struct Channel(Arc<Shared>);

struct Shared {
    provider: ProviderId,
    transport: Arc<dyn Transport>,
    clock: Clock,
    options: Options,
    budget: Arc<RetryBudget>,
    window: Option<Arc<RateLimiter>>,
    breaker: Breaker,
}

/// A provider's word on an answer: an error for what is one in its dialect, also behind a 200.
pub(crate) type ClassifyResponse<'a> = &'a (dyn Fn(&BufferedResponse) -> Result<(), Error> + Send + Sync);

/// One remote call.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    pub(crate) idempotency: Idempotency,
    pub(crate) limits: Limits,
    pub(crate) authorize: Option<&'a dyn Authorize>,
    pub(crate) classify: ClassifyResponse<'a>,
    /// The header under which the provider takes a request id.
    pub(crate) request_id: Option<HeaderName>,
    pub(crate) addresses: AddressPolicy,
    /// Whether the call is about one object of many, so that a failed answer may be that object's fault.
    pub(crate) one_object: bool,
}

/// One answer, read whole.
#[derive(Clone)]
pub(crate) struct BufferedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) received: SystemTime,
    context: Context,
}

/// One answer whose body is still to come.
pub(crate) struct Incoming {
    pub(crate) headers: HeaderMap,
    pub(crate) body: BoxStream<'static, Result<Bytes, Error>>,
    pub(crate) left: Duration,
    pub(crate) context: Context,
}

/// What every error of a call says of it.
#[derive(Clone)]
pub(crate) struct Context {
    provider: ProviderId,
    operation: &'static str,
    pub(crate) attempts: u32,
    status: Option<StatusCode>,
    pub(crate) request_id: Option<String>,
    idempotency: Idempotency,
    keep_excerpt: bool,
}

impl Context {
    /// Completes an error that came up after the answer was there.
    pub(crate) fn complete(&self, mut error: Error) -> Error {
        // An answer that cannot be used does not say that nothing was done.
        let unusable = !matches!(
            error.kind(),
            ErrorKind::Authentication
                | ErrorKind::Conflict
                | ErrorKind::InvalidRequest
                | ErrorKind::NotFound
                | ErrorKind::Permission
                | ErrorKind::RateLimited
        );
        if self.idempotency == Idempotency::NotIdempotent && unusable {
            error = error.with_effect(Effect::Unknown);
        }
        self.name(error)
    }

    fn name(&self, mut error: Error) -> Error {
        // The error of a call within this one, such as for a token, tells of that call.
        if error.operation().is_some_and(|operation| operation != self.operation) {
            return error;
        }
        error = error.during(self.provider, self.operation).with_attempts(self.attempts);
        if let (None, Some(status)) = (error.status(), self.status) {
            error = error.with_status(status);
        }
        if let (None, Some(id)) = (error.request_id(), &self.request_id) {
            error = error.with_request_id(id.clone());
        }
        error
    }
}

impl BufferedResponse {
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Completes an error that came up while the answer was read. One of a check that depends on time names how far
    /// the clocks are apart, since a skewed clock is the likeliest cause.
    pub(crate) fn fail(&self, mut error: Error) -> Error {
        if let (ErrorKind::Expired, Some(skew)) = (error.kind(), self.clock_skew()) {
            error = error.with_clock_skew(skew);
        }
        if self.context.keep_excerpt {
            error = error.with_excerpt(excerpt(&self.body));
        }
        self.context.complete(error)
    }

    /// Makes sure that the answer is about what was asked for. One that names nothing cannot be about something else.
    ///
    /// # Errors
    ///
    /// [`ProviderId`](ErrorKind::Provider) with this check.
    pub(crate) fn is_about<'a>(
        &self,
        check: &'static str,
        asked: &str,
        named: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), Error> {
        // A UUID or an object id is a number, which some servers print in the other case.
        let is_number =
            asked.len() >= 24 && asked.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let same = |named: &str| named == asked || (is_number && named.eq_ignore_ascii_case(asked));
        if named.into_iter().all(same) {
            return Ok(());
        }
        Err(self.fail(
            Error::new(ErrorKind::Provider, "the answer is about something else than what was asked for")
                .with_check(check)
                .with_hint("it was thrown away; ask again, and report it to the provider if it stays"),
        ))
    }

    /// How far our clock is ahead of the provider's, by its `Date`.
    pub(crate) fn clock_skew(&self) -> Option<i64> {
        let theirs = http_date(self.headers.get(header::DATE)?.to_str().ok()?)?;
        Some(match self.received.duration_since(theirs) {
            Ok(ahead) => i64::try_from(ahead.as_secs()).unwrap_or(i64::MAX),
            Err(behind) => -i64::try_from(behind.duration().as_secs()).unwrap_or(i64::MAX),
        })
    }

    /// A moment of the provider's clock by ours; as it is when the provider did not say its time.
    pub(crate) fn by_our_clock(&self, theirs: SystemTime) -> SystemTime {
        let skew = self.clock_skew().unwrap_or_default();
        let distance = Duration::from_secs(skew.unsigned_abs());
        let ours = if skew < 0 { theirs.checked_sub(distance) } else { theirs.checked_add(distance) };
        ours.unwrap_or(theirs)
    }

    /// The crate's word on a status when the provider's body has none of its own.
    pub(crate) fn status_error(&self) -> Option<Error> {
        let status = self.status;
        let (kind, what) = match status.as_u16() {
            200..=299 => return None,
            300..=399 => (
                ErrorKind::Provider,
                "the provider redirects; it is not followed, so that credentials stay here",
            ),
            401 => (ErrorKind::Authentication, "the provider refused the credentials"),
            403 => (ErrorKind::Permission, "the account may not do this"),
            404 | 410 => (ErrorKind::NotFound, "the provider does not know it"),
            408 => (ErrorKind::Timeout, "the provider gave up waiting for the request"),
            409 => (ErrorKind::Conflict, "the provider has it already"),
            413 => (ErrorKind::TooLarge, "the provider finds the request too large"),
            429 => (ErrorKind::RateLimited, "the provider asks to slow down"),
            400..=499 => (ErrorKind::InvalidRequest, "the provider refused the request"),
            _ => (ErrorKind::Provider, "the provider failed"),
        };
        let mut error = Error::new(kind, what).with_status(status);
        if (300..=399).contains(&status.as_u16()) {
            error = error.with_hint("check the base URL");
        }
        if is_transient(status)
            && let Some(wait) = retry_after(&self.headers, self.received)
        {
            error = error.with_retry_after(wait);
        }
        Some(error)
    }
}

enum Reading {
    Whole,
    Stream,
}

enum Arrived {
    Whole(BufferedResponse),
    Stream(Response, Context),
}

impl Channel {
    /// A channel for a provider; `default_rate` is what it documents.
    pub(crate) fn new(
        provider: ProviderId,
        options: &Options,
        default_rate: Option<RateLimit>,
    ) -> Result<Self, Error> {
        let transport = match &options.transport {
            Some(transport) => Arc::clone(transport),
            None => Arc::new(Http::new(&options.http)?),
        };
        Ok(Self(Arc::new(Shared {
            provider,
            transport,
            clock: options.clock.clone(),
            budget: Arc::new(RetryBudget::new(options.retry.budget)),
            window: options.rate_limit.or(default_rate).map(|limit| Arc::new(RateLimiter::new(limit))),
            breaker: Breaker::new(options.breaker_cooldown),
            options: options.clone(),
        })))
    }

    /// A channel to another host of the same provider: connections, retry quota and rate limit are shared, but what is
    /// down there does not hold back what is up here.
    pub(crate) fn to_other_host(&self) -> Self {
        let shared = &*self.0;
        Self(Arc::new(Shared {
            provider: shared.provider,
            transport: Arc::clone(&shared.transport),
            clock: shared.clock.clone(),
            options: shared.options.clone(),
            budget: Arc::clone(&shared.budget),
            window: shared.window.clone(),
            breaker: Breaker::new(shared.options.breaker_cooldown),
        }))
    }

    /// A channel to hosts that are not the provider's API: nothing is shared but the connections.
    pub(crate) fn to_foreign_hosts(&self) -> Self {
        let shared = &*self.0;
        Self(Arc::new(Shared {
            provider: shared.provider,
            transport: Arc::clone(&shared.transport),
            clock: shared.clock.clone(),
            options: shared.options.clone(),
            budget: Arc::new(RetryBudget::new(shared.options.retry.budget)),
            window: None,
            breaker: Breaker::new(shared.options.breaker_cooldown),
        }))
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The limits of a call whose attempts take at most `attempt` unless the application said otherwise.
    pub(crate) fn limits(&self, attempt: Duration) -> Limits {
        let options = &self.0.options;
        let attempt = options.attempt_timeout.unwrap_or(attempt);
        Limits {
            attempt,
            deadline: options.deadline.unwrap_or(attempt.saturating_mul(3)),
            bytes: options.max_response_bytes.unwrap_or(4 * 1024 * 1024),
        }
    }

    /// Sends a call and reads its answer.
    ///
    /// 1. The breaker of the operation is asked: a provider that is down is not called. Its rule is in [`breaker`](super::breaker).
    /// 2. A turn is taken from the rate limit, and waited for if it fits the deadline.
    /// 3. Credentials are put on.
    /// 4. The request is sent, at most for the attempt's time and what is left of the deadline.
    /// 5. The answer is read, at most as many bytes as allowed.
    /// 6. The provider's dialect says whether it is an error.
    /// 7. A refusal of renewable credentials (401) leads to one more attempt with fresh ones.
    /// 8. A failure that may pass leads to another attempt, if repeating is safe, attempts and quota are left and the
    ///    wait fits the deadline.
    ///
    /// # Errors
    ///
    /// Every error names provider, operation, status, request id and the number of attempts.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<BufferedResponse, Error> {
        match self.run(call, Reading::Whole).await? {
            Arrived::Whole(answer) => Ok(answer),
            Arrived::Stream(..) => Err(Error::configuration("a whole answer was asked for")),
        }
    }

    /// The same for an answer that is read in pieces by the caller. Failures are read and judged here.
    pub(crate) async fn open(&self, call: Call<'_>) -> Result<Incoming, Error> {
        let started = self.0.clock.elapsed();
        let deadline = call.limits.deadline;
        match self.run(call, Reading::Stream).await? {
            Arrived::Stream(response, context) => Ok(Incoming {
                headers: response.headers,
                body: response.body,
                left: deadline.saturating_sub(self.0.clock.elapsed() - started),
                context,
            }),
            Arrived::Whole(_) => Err(Error::configuration("an answer in pieces was asked for")),
        }
    }

    async fn run(&self, mut call: Call<'_>, reading: Reading) -> Result<Arrived, Error> {
        let shared = &*self.0;
        let observed = Observed::new(shared.provider, call.operation);
        let started = shared.clock.elapsed();
        let mut context = Context {
            provider: shared.provider,
            operation: call.operation,
            attempts: 0,
            status: None,
            request_id: None,
            idempotency: call.idempotency,
            keep_excerpt: shared.options.keep_body_excerpt,
        };
        let work = self.attempts(&mut call, &reading, &mut context, started, &observed);
        #[cfg(feature = "tracing")]
        let work = tracing::Instrument::instrument(work, observed.span.clone());
        let outcome = work.await.map_err(|error| context.name(error));
        let latency = shared.clock.elapsed() - started;
        match &outcome {
            Ok(Arrived::Whole(answer)) => observed.done(
                context.attempts,
                latency,
                Ok((answer.status, answer.context.request_id.as_deref())),
            ),
            Ok(Arrived::Stream(response, context)) => {
                observed.done(
                    context.attempts,
                    latency,
                    Ok((response.status, context.request_id.as_deref())),
                );
            }
            Err(error) => observed.done(context.attempts, latency, Err(error)),
        }
        outcome
    }

    async fn attempts(
        &self,
        call: &mut Call<'_>,
        reading: &Reading,
        context: &mut Context,
        started: Duration,
        observed: &Observed,
    ) -> Result<Arrived, Error> {
        let shared = &*self.0;
        let mut renewed = false;
        let mut object = None;
        shared.breaker.admit(call.operation, started)?;
        loop {
            context.status = None;
            self.wait_for_turn(started, call.limits.deadline).await?;
            let mut headers = self.headers(call, context)?;
            let presented = self.authorize(call, &mut headers, started).await?;
            let left = self.left(started, call.limits.deadline)?;
            if call.one_object && object.is_none() {
                object = Some(object_of(call, &headers));
            }
            context.attempts += 1;
            let attempt = self.attempt(call, reading, headers, context);
            let error = match tokio::time::timeout(call.limits.attempt.min(left), attempt).await {
                Ok(Ok(arrived)) => {
                    shared.budget.succeeded();
                    shared.breaker.heard(call.operation, shared.clock.elapsed(), Word::Good);
                    return Ok(arrived);
                }
                Ok(Err(error)) => error,
                Err(_) => Error::new(ErrorKind::Timeout, "no complete answer within the time for an attempt")
                    .with_effect(Effect::Unknown),
            };
            if !renewed
                && error.status() == Some(StatusCode::UNAUTHORIZED)
                && let (Some(authorize), Some(presented)) = (call.authorize, presented)
            {
                renewed = true;
                if authorize.refused(presented) && call.payload.can_replay() {
                    continue;
                }
            }
            self.count(call.operation, &error, object);
            if !call.payload.can_replay() {
                return Err(settle(error, call.idempotency));
            }
            let left = call.limits.deadline.saturating_sub(shared.clock.elapsed() - started);
            let wait = shared.options.retry.next(
                &error,
                context.attempts,
                call.idempotency,
                &shared.budget,
                left,
                &shared.clock,
            );
            let Some(wait) = wait else { return Err(settle(error, call.idempotency)) };
            observed.retry(context.attempts, error.kind(), wait);
            shared.clock.sleep(wait).await;
        }
    }

    /// Feeds quota and breaker with what the network or the provider failed at this object, if the call is about one.
    fn count(&self, operation: &'static str, error: &Error, object: Option<u64>) {
        let shared = &*self.0;
        let whole_service = error.status() == Some(StatusCode::SERVICE_UNAVAILABLE);
        let word = match (error.kind(), object) {
            (ErrorKind::Interrupted | ErrorKind::Timeout | ErrorKind::Provider, Some(object))
                if !whole_service =>
            {
                Word::FailedAt(object)
            }
            (ErrorKind::Connect | ErrorKind::Interrupted | ErrorKind::Timeout | ErrorKind::Provider, _) => {
                Word::Failed
            }
            // Of our own making: it says nothing of the provider.
            (ErrorKind::Configuration | ErrorKind::Store, _) => return,
            // It answered, so it is up.
            _ => Word::Good,
        };
        if word != Word::Good {
            shared.budget.failed();
        }
        shared.breaker.heard(operation, shared.clock.elapsed(), word);
    }

    fn left(&self, started: Duration, deadline: Duration) -> Result<Duration, Error> {
        let left = deadline.saturating_sub(self.0.clock.elapsed() - started);
        if left.is_zero() {
            return Err(Error::new(ErrorKind::Timeout, "the deadline passed before the request was sent"));
        }
        Ok(left)
    }

    async fn wait_for_turn(&self, started: Duration, deadline: Duration) -> Result<(), Error> {
        let shared = &*self.0;
        let Some(window) = &shared.window else { return Ok(()) };
        let left = self.left(started, deadline)?;
        match window.turn(shared.clock.elapsed(), left) {
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

    async fn authorize(
        &self,
        call: &Call<'_>,
        headers: &mut HeaderMap,
        started: Duration,
    ) -> Result<Option<CredentialVersion>, Error> {
        let Some(authorize) = call.authorize else { return Ok(None) };
        let left = self.left(started, call.limits.deadline)?;
        match tokio::time::timeout(left, authorize.authorize(headers)).await {
            Ok(presented) => presented.map(Some),
            Err(_) => {
                Err(Error::new(ErrorKind::Timeout, "the deadline passed while credentials were fetched"))
            }
        }
    }

    fn headers(&self, call: &Call<'_>, context: &mut Context) -> Result<HeaderMap, Error> {
        let mut headers = call.headers.clone();
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        if let Some(media_type) = call.payload.media_type() {
            headers.insert(header::CONTENT_TYPE, media_type);
        }
        if let Some(name) = &call.request_id {
            let id = request_id(&self.0.clock)?;
            let value = HeaderValue::try_from(&id)
                .map_err(|_| Error::configuration("the request id does not fit a header"))?;
            headers.insert(name, value);
            context.request_id = Some(id);
        }
        Ok(headers)
    }

    async fn attempt(
        &self,
        call: &Call<'_>,
        reading: &Reading,
        headers: HeaderMap,
        context: &mut Context,
    ) -> Result<Arrived, Error> {
        let shared = &*self.0;
        let mut request = Request::new(call.method.clone(), call.url.clone());
        request.headers = headers;
        request.body = call.payload.body();
        request.addresses = call.addresses;
        let sent = shared.transport.send(request).await;
        let response = sent.map_err(|error| call.payload.failure().unwrap_or(error))?;
        context.status = Some(response.status);
        if context.request_id.is_none() {
            context.request_id = response
                .headers
                .get("x-request-id")
                .and_then(|id| id.to_str().ok())
                .filter(|id| id.len() <= 80)
                .map(str::to_owned);
        }
        if matches!(reading, Reading::Stream) && response.status.is_success() {
            return Ok(Arrived::Stream(response, context.clone()));
        }
        let status = response.status;
        let limit = if matches!(reading, Reading::Stream) { 64 * 1024 } else { call.limits.bytes };
        let answer = BufferedResponse {
            status,
            body: read(&response.headers, response.body, limit).await?,
            headers: response.headers,
            received: shared.clock.now(),
            context: context.clone(),
        };
        (call.classify)(&answer).map_err(|error| {
            let error = if shared.options.keep_body_excerpt {
                error.with_excerpt(excerpt(&answer.body))
            } else {
                error
            };
            // Transient failures may have come after the work was done; refusals say that it was not.
            let unknown = matches!(error.kind(), ErrorKind::Provider | ErrorKind::Timeout);
            if unknown { error.with_effect(Effect::Unknown) } else { error }
        })?;
        Ok(Arrived::Whole(answer))
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("provider", &self.0.provider).finish_non_exhaustive()
    }
}

/// What a call is about, as far as its request tells one object from another. Credentials of the client and the
/// request id do not; those of a customer do.
fn object_of(call: &Call<'_>, headers: &HeaderMap) -> u64 {
    let mut hasher = DefaultHasher::new();
    call.method.hash(&mut hasher);
    call.url.hash(&mut hasher);
    call.payload.hash_content(&mut hasher);
    for (name, value) in headers {
        if *name != header::AUTHORIZATION && Some(name) != call.request_id.as_ref() {
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
async fn read(
    headers: &HeaderMap,
    mut body: BoxStream<'static, Result<Bytes, Error>>,
    limit: usize,
) -> Result<Bytes, Error> {
    let too_large = || {
        Error::new(ErrorKind::TooLarge, "the answer is larger than the limit")
            .with_hint("raise largest_answer if that is expected")
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
