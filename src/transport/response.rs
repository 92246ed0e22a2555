//! What comes back of a call: read whole, or to be read in pieces; and what every error of the call says of it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::{
    ByteStream, decode, excerpt,
    retry::{Idempotency, http_date, is_transient, retry_after},
};
use crate::{
    error::{Effect, Error, ErrorKind},
    provider::ProviderId,
};

/// A response with its whole body.
#[derive(Clone)]
pub(crate) struct BufferedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) received: SystemTime,
    pub(super) context: Context,
}

/// A successful response with its body still to come.
pub(crate) struct StreamingResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: ByteStream<Error>,
    /// What is left of the call's deadline.
    pub(crate) left: Duration,
    pub(crate) context: Context,
}

/// What every error of a call says of it, whoever reports it.
#[derive(Clone)]
pub(crate) struct Context {
    pub(super) provider: ProviderId,
    pub(super) operation: &'static str,
    pub(crate) attempts: u32,
    pub(super) status: Option<StatusCode>,
    pub(crate) request_id: Option<String>,
    pub(super) idempotency: Idempotency,
    pub(super) keep_excerpt: bool,
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

    pub(super) fn name(&self, mut error: Error) -> Error {
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

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) with the path of what does not fit.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        decode::json(&self.body).map_err(|error| self.fail(error))
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

    /// The failure that the status stands for; none for a success.
    pub(crate) fn status_error(&self) -> Option<Error> {
        (!self.status.is_success()).then(|| self.status_failure())
    }

    /// The failure that a status other than a success stands for.
    pub(super) fn status_failure(&self) -> Error {
        let status = self.status;
        let (kind, what) = match status.as_u16() {
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
        error
    }
}
