//! What every provider's builder takes: time limits, retries, sizes, and how connections are made.

use std::{sync::Arc, time::Duration};

use super::{DynTransport, HttpSettings, RateLimit, Retry, Transport};
use crate::clock::Clock;

/// How a client sends. Each default stands at its method; a provider's page says where it has others.
#[derive(Clone)]
pub struct Options {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Retry,
    pub(crate) rate_limit: Choice<RateLimit>,
    pub(crate) breaker_cooldown: Duration,
    pub(crate) max_response_bytes: Option<usize>,
    pub(crate) keep_body_excerpt: bool,
    pub(crate) allow_plain_http: bool,
    pub(crate) clock: Clock,
    pub(crate) http: HttpSettings,
    pub(crate) transport: Option<Arc<dyn DynTransport>>,
}

/// "Not said" and "switched off" are different when an application's settings meet a provider's defaults.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Choice<T> {
    Unset,
    Off,
    On(T),
}

impl<T> Choice<T> {
    pub(crate) fn or(self, default: Option<T>) -> Option<T> {
        match self {
            Self::Unset => default,
            Self::Off => None,
            Self::On(value) => Some(value),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            attempt_timeout: None,
            deadline: None,
            retry: Retry::default(),
            rate_limit: Choice::Unset,
            breaker_cooldown: Duration::from_secs(5),
            max_response_bytes: None,
            keep_body_excerpt: false,
            allow_plain_http: false,
            clock: Clock::default(),
            http: HttpSettings::default(),
            transport: None,
        }
    }
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long one attempt may take, response included. Default: what the provider's `Client` says, longer for calls
    /// that wait for the provider's work; this takes the place of all of them.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sets how long a call may take with all its attempts and waits. Default: three attempts' time.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets how often a call is tried and how long it waits before each retry (backoff). Default: [`Retry::default`].
    #[doc(alias = "backoff")]
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Sets how many requests the client sends in a time. Default: what the provider documents.
    #[must_use]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Choice::On(limit);
        self
    }

    /// Sends as fast as the application asks; the provider may then answer 429.
    #[must_use]
    pub fn without_rate_limit(mut self) -> Self {
        self.rate_limit = Choice::Off;
        self
    }

    /// Sets how long the circuit breaker stays open: calls of an operation fail at once when most of them failed, at least half of at least twenty attempts
    /// within ten seconds. Default: 5 s.
    #[doc(alias = "circuit breaker")]
    #[must_use]
    pub fn breaker_cooldown(mut self, wait: Duration) -> Self {
        self.breaker_cooldown = wait;
        self
    }

    /// Sets how many bytes of a response are read, counted after decompression. Default: 4 MiB.
    #[must_use]
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// Keeps up to 2 KiB of a failed call's body, with token-like text removed, for
    /// [`Error::body_excerpt`](crate::Error::body_excerpt). It may hold personal data. Default: off.
    #[must_use]
    pub fn keep_body_excerpt(mut self) -> Self {
        self.keep_body_excerpt = true;
        self
    }

    /// Allows a base URL with http that is not loopback: credentials and personal data then travel in the clear.
    /// Default: refused.
    #[must_use]
    pub fn danger_allow_plain_http(mut self) -> Self {
        self.allow_plain_http = true;
        self
    }

    /// Sets the source of time and randomness, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets how connections are made: TLS, proxy, private roots, pool.
    #[must_use]
    pub fn http(mut self, settings: HttpSettings) -> Self {
        self.http = settings;
        self
    }

    /// Sends through another HTTP stack than the built-in one.
    #[doc(alias = "middleware")]
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }
}

crate::privacy::redacted_debug!(Options {
    attempt_timeout,
    deadline,
    retry,
    rate_limit,
    max_response_bytes,
    ..
});
