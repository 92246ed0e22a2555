//! When a call is sent again, how long it waits before, and when it stops trying.
//!
//! # Defaults
//!
//! Three attempts; waits drawn evenly from zero up to 200 ms, 400 ms, … and at most 5 s (full jitter); a quota of 100
//! per client, of which a failed attempt takes 1, a retry 5, and a success gives back 1.
//!
//! # What is sent again
//!
//! | what happened | safe to repeat | may have taken effect |
//! | --- | --- | --- |
//! | no connection: it never left | again | again |
//! | the protocol proves that nothing was processed | again | again |
//! | connection broke, attempt timed out | again | no |
//! | 429, 502, 503, 504, 524, other 5xx | again | no |
//! | other statuses | no | no |
//!
//! The protocol proves it by a stream that the provider refused (`REFUSED_STREAM`), by a `GOAWAY` that does not include
//! it (RFC 9113, section 8.7), and when a pooled connection was gone before the first byte. An HTTP/1.1 connection that
//! breaks after that proves nothing. Nothing below the send path sends again, so every time that a request was sent
//! counts as an attempt.
//!
//! A `Retry-After` takes the place of the drawn wait when it is longer. A wait that does not fit the call's deadline is
//! not begun: the error comes at once and carries the wait.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};

use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
};

/// Retry policy: how often a call is tried, and how long it waits in between (exponential backoff with full jitter). See
/// the defaults on [`Retry::default`].
#[doc(alias = "backoff")]
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Retry {
    /// How many times a request is sent, the first one included. Default: 3.
    pub attempts: u32,
    /// The upper bound of the first wait; each further one doubles it. Default: 200 ms.
    pub initial_wait: Duration,
    /// The upper bound of every wait. Default: 5 s.
    pub max_wait: Duration,
    /// How much failure the client bears before it stops to retry. Default: 100.
    pub budget: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 3,
            initial_wait: Duration::from_millis(200),
            max_wait: Duration::from_secs(5),
            budget: 100,
        }
    }
}

impl Retry {
    /// One attempt, no retry.
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// Sets the number of attempts; at least one is made.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Sets the upper bound of the first wait and of all waits.
    #[must_use]
    pub fn waits(mut self, initial_wait: Duration, max_wait: Duration) -> Self {
        self.initial_wait = initial_wait;
        self.max_wait = max_wait;
        self
    }

    /// Sets how much failure the client bears before it stops to retry.
    #[must_use]
    pub fn budget(mut self, budget: u32) -> Self {
        self.budget = budget;
        self
    }

    /// Full jitter: drawn evenly from zero to the doubled bound.
    fn wait(&self, attempt: u32, clock: &Clock) -> Duration {
        let bound =
            self.initial_wait.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(self.max_wait);
        bound.mul_f64(clock.fraction())
    }

    /// The wait before the attempt that follows a failed one, or none when it must not be repeated.
    ///
    /// The order is: may it be repeated at all, is there an attempt left, does the quota bear it, does the wait fit.
    pub(crate) fn next(
        &self,
        error: &Error,
        attempt: u32,
        idempotency: Idempotency,
        budget: &RetryBudget,
        left: Duration,
        clock: &Clock,
    ) -> Option<Duration> {
        let transient = match error.kind() {
            ErrorKind::Connect => true,
            ErrorKind::Interrupted | ErrorKind::RateLimited | ErrorKind::Timeout => {
                idempotency == Idempotency::Idempotent
            }
            ErrorKind::Provider => idempotency == Idempotency::Idempotent && error.is_retryable(),
            _ => false,
        };
        if !transient || attempt >= self.attempts {
            return None;
        }
        let wait = self.wait(attempt, clock).max(error.retry_after().unwrap_or_default());
        (wait < left && budget.take(RetryBudget::RETRY)).then_some(wait)
    }
}

/// Whether a request may be sent again although the first may have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Idempotency {
    /// It changes nothing, or doing it twice is the same as doing it once.
    Idempotent,
    /// The first may have taken effect: again only when it provably never left.
    NotIdempotent,
}

/// How much failure a client still bears: shared by all its calls, so that an outage does not multiply the load.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    capacity: u32,
    left: Mutex<u32>,
}

impl RetryBudget {
    const RETRY: u32 = 5;
    const FAILURE: u32 = 1;

    pub(crate) fn new(capacity: u32) -> Self {
        Self { capacity, left: Mutex::new(capacity) }
    }

    fn take(&self, cost: u32) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *left >= cost;
        if enough {
            *left -= cost;
        }
        enough
    }

    /// Counts a failed attempt; true when nothing is left.
    pub(crate) fn failed(&self) -> bool {
        !self.take(Self::FAILURE)
    }

    pub(crate) fn succeeded(&self) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        *left = (*left + 1).min(self.capacity);
    }
}

/// The wait that an answer asks for, as seconds or as a date (RFC 9110, section 10.2.3), read against our own time.
/// A date in the past is no wait; anything else that cannot be read is none at all.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = http_date(text)?;
    Some(at.duration_since(now).unwrap_or_default())
}

/// An HTTP date (RFC 9110, section 5.6.7) in its current form or one of the two obsolete ones.
pub(crate) fn http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text.trim()).ok()
}

/// The statuses that say "not now" rather than "not so". What a server does not implement (501) it will not the next time.
pub(crate) fn is_transient(status: StatusCode) -> bool {
    let is_server_error = status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED;
    status == StatusCode::TOO_MANY_REQUESTS || is_server_error
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const MONDAY: Duration = Duration::from_secs(1_445_412_480); // 21 Oct 2015 07:28:00 GMT

    fn asked(value: &'static str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
        retry_after(&headers, SystemTime::UNIX_EPOCH + MONDAY)
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        assert_eq!(asked("120"), Some(Duration::from_secs(120)));
        assert_eq!(asked(" 0 "), Some(Duration::ZERO));
        assert_eq!(asked("Wed, 21 Oct 2015 07:28:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(asked("Wed, 21 Oct 2015 07:27:00 GMT"), Some(Duration::ZERO));
        // The forms of RFC 850 and of asctime.
        assert_eq!(asked("Wednesday, 21-Oct-15 07:28:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(asked("Wed Oct 21 07:28:30 2015"), Some(Duration::from_secs(30)));
        assert_eq!(asked("Sun Nov  6 08:49:37 1994"), Some(Duration::ZERO));
        for nonsense in ["", "-1", "soon", "99999999999999999999999", "1.5", "Wed, 99 Oct 2015 07:28:30 GMT"]
        {
            assert_eq!(asked(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn waits_are_drawn_from_zero_to_a_doubling_bound() {
        let retry = Retry::default();
        let clock = Clock::system();
        for attempt in 1..12 {
            let bound = Duration::from_millis(200 << (attempt - 1)).min(Duration::from_secs(5));
            let drawn: Vec<_> = (0..200).map(|_| retry.wait(attempt, &clock)).collect();
            assert!(drawn.iter().all(|wait| *wait < bound));
            assert!(drawn.iter().any(|wait| *wait < bound / 4));
            assert!(drawn.iter().any(|wait| *wait > bound * 3 / 4));
        }
        assert!(retry.wait(u32::MAX, &clock) <= retry.max_wait);
    }

    #[test]
    fn what_may_have_arrived_is_repeated_only_when_that_is_safe() {
        let retry = Retry::default();
        let clock = Clock::system();
        let next = |kind, idempotency| {
            let error = Error::new(kind, "");
            retry
                .next(&error, 1, idempotency, &RetryBudget::new(100), Duration::from_secs(60), &clock)
                .is_some()
        };
        for kind in [ErrorKind::Interrupted, ErrorKind::Timeout, ErrorKind::RateLimited, ErrorKind::Provider]
        {
            assert!(next(kind, Idempotency::Idempotent), "{kind:?}");
            assert!(!next(kind, Idempotency::NotIdempotent), "{kind:?}");
        }
        assert!(next(ErrorKind::Connect, Idempotency::NotIdempotent));
        for kind in
            [ErrorKind::Authentication, ErrorKind::Decode, ErrorKind::InvalidRequest, ErrorKind::TooLarge]
        {
            assert!(!next(kind, Idempotency::Idempotent), "{kind:?}");
        }
    }

    #[test]
    fn a_wait_that_does_not_fit_is_not_begun() {
        let retry = Retry::default();
        let clock = Clock::system();
        let error = Error::new(ErrorKind::RateLimited, "").with_retry_after(Duration::from_secs(10));
        let next =
            |left| retry.next(&error, 1, Idempotency::Idempotent, &RetryBudget::new(100), left, &clock);
        assert_eq!(next(Duration::from_secs(11)), Some(Duration::from_secs(10)));
        assert_eq!(next(Duration::from_secs(10)), None);
    }

    #[test]
    fn what_is_set_is_what_holds() {
        let short = Duration::from_millis(7);
        let retry = Retry::default().attempts(5).waits(short, short * 3).budget(9);
        assert_eq!(retry, Retry { attempts: 5, initial_wait: short, max_wait: short * 3, budget: 9 });
        assert_eq!(Retry::default().attempts(0).attempts, 1);
        assert_eq!(Retry::never(), Retry { attempts: 1, ..Retry::default() });
        let default = Retry::default();
        assert_eq!((default.attempts, default.budget), (3, 100));
        assert_eq!(
            (default.initial_wait, default.max_wait),
            (Duration::from_millis(200), Duration::from_secs(5))
        );
    }

    #[test]
    fn no_more_attempts_are_made_than_were_set() {
        let clock = Clock::system();
        let error = Error::new(ErrorKind::Connect, "");
        let next = |retry: Retry, attempt| {
            let left = Duration::from_secs(60);
            retry
                .next(&error, attempt, Idempotency::Idempotent, &RetryBudget::new(100), left, &clock)
                .is_some()
        };
        let all = |retry| [1, 2, 3, 4].map(|attempt| next(retry, attempt));
        assert_eq!(all(Retry::default()), [true, true, false, false]);
        assert_eq!(all(Retry::never()), [false; 4]);
    }

    #[test]
    fn a_provider_that_refuses_is_not_asked_again() {
        let clock = Clock::system();
        let next = |status: StatusCode| {
            let error = Error::new(ErrorKind::Provider, "").with_status(status);
            let left = Duration::from_secs(60);
            Retry::default()
                .next(&error, 1, Idempotency::Idempotent, &RetryBudget::new(100), left, &clock)
                .is_some()
        };
        assert!(next(StatusCode::BAD_GATEWAY));
        assert!(!next(StatusCode::BAD_REQUEST));
    }

    #[test]
    fn statuses_that_say_not_now() {
        for status in [429, 500, 502, 503, 504, 524, 599] {
            assert!(is_transient(StatusCode::from_u16(status).expect("a status")), "{status}");
        }
        for status in [200, 304, 400, 401, 404, 408, 409, 428, 430, 499, 600] {
            assert!(!is_transient(StatusCode::from_u16(status).expect("a status")), "{status}");
        }
    }

    #[test]
    fn a_quota_bears_as_many_failures_as_it_is_large_and_never_grows_beyond() {
        let budget = RetryBudget::new(2);
        assert_eq!([budget.failed(), budget.failed(), budget.failed()], [false, false, true]);
        (0..10).for_each(|_| budget.succeeded());
        assert_eq!([budget.failed(), budget.failed(), budget.failed()], [false, false, true]);
        budget.succeeded();
        assert_eq!([budget.failed(), budget.failed()], [false, true]);
    }

    #[test]
    fn the_quota_is_shared_and_refilled_by_success() {
        let retry = Retry::default();
        let clock = Clock::system();
        let budget = RetryBudget::new(12);
        let error = Error::new(ErrorKind::Connect, "");
        let next = || {
            retry.next(&error, 1, Idempotency::Idempotent, &budget, Duration::from_secs(60), &clock).is_some()
        };
        assert_eq!((next(), next(), next()), (true, true, false));
        (0..3).for_each(|_| budget.succeeded());
        assert!(next());
    }

    #[test]
    fn what_a_server_does_not_implement_is_not_asked_for_again() {
        for (status, transient) in [(429, true), (500, true), (503, true), (501, false), (404, false)] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(is_transient(status), transient, "{status}");
            let error = Error::new(ErrorKind::Provider, "").with_status(status);
            assert_eq!(error.is_retryable(), transient && status.is_server_error(), "{status}");
        }
    }
}
