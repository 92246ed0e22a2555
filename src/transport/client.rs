//! The API of one provider: what all its calls share, and where each of them begins.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, header::IntoHeaderName};
use url::Url;

use super::{
    Authorize, DynTransport, Limits, Options, address,
    breaker::Breaker,
    classify::{ByStatus, ClassifyResponse},
    http::Http,
    rate_limit::{RateLimit, RateLimiter},
    retry::RetryBudget,
};
use crate::{clock::Clock, error::Error, provider::ProviderId};

/// How long an attempt may take when the provider's client says nothing.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// How much of a response is read when nothing else is set.
const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;

/// Calls one provider's API: one connection pool, one retry budget, one rate limit, one circuit breaker, and what every
/// call begins with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ApiClient {
    pub(super) shared: Arc<Shared>,
    pub(super) defaults: Arc<Defaults>,
}

pub(super) struct Shared {
    pub(super) provider: ProviderId,
    pub(super) transport: Arc<dyn DynTransport>,
    pub(super) clock: Clock,
    pub(super) options: Options,
    pub(super) budget: Arc<RetryBudget>,
    pub(super) rate_limiter: Option<Arc<RateLimiter>>,
    pub(super) breaker: Breaker,
}

/// What a call begins with; it may say otherwise.
#[derive(Clone)]
pub(super) struct Defaults {
    base: Option<Url>,
    unreserved: bool,
    pub(super) headers: HeaderMap,
    pub(super) classifier: Arc<dyn ClassifyResponse>,
    pub(super) credentials: Option<Arc<dyn Authorize>>,
    pub(super) request_id_header: Option<HeaderName>,
    pub(super) attempt_timeout: Duration,
    pub(super) max_response_bytes: Option<usize>,
    pub(super) min_upload_rate: Option<u64>,
    pub(super) renewal: Renewal,
}

/// Which calls are sent once more with fresh credentials when the provider refused those that were presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Renewal {
    /// All.
    Always,
    /// Those that may be repeated.
    Idempotent,
}

impl Defaults {
    fn new() -> Self {
        Self {
            base: None,
            unreserved: false,
            headers: HeaderMap::new(),
            classifier: Arc::new(ByStatus),
            credentials: None,
            request_id_header: None,
            attempt_timeout: ATTEMPT_TIMEOUT,
            max_response_bytes: None,
            min_upload_rate: None,
            renewal: Renewal::Always,
        }
    }
}

impl ApiClient {
    /// A client of a provider; `default_rate` is what it documents.
    pub(crate) fn new(
        provider: ProviderId,
        options: &Options,
        default_rate: Option<RateLimit>,
    ) -> Result<Self, Error> {
        let transport = match &options.transport {
            Some(transport) => Arc::clone(transport),
            None => Arc::new(Http::new(&options.http)?),
        };
        let shared = Shared {
            provider,
            transport,
            clock: options.clock.clone(),
            budget: Arc::new(RetryBudget::new(options.retry.budget)),
            rate_limiter: options.rate_limit.or(default_rate).map(|limit| Arc::new(RateLimiter::new(limit))),
            breaker: Breaker::new(options.breaker_cooldown),
            options: options.clone(),
        };
        Ok(Self { shared: Arc::new(shared), defaults: Arc::new(Defaults::new()) })
    }

    /// The same API at another host: connections, retry budget and rate limit are shared, but what is down there does not
    /// hold back what is up here. Base URL and credentials are not taken along.
    pub(crate) fn to_other_host(&self) -> Self {
        let shared = &*self.shared;
        let other = Shared {
            provider: shared.provider,
            transport: Arc::clone(&shared.transport),
            clock: shared.clock.clone(),
            options: shared.options.clone(),
            budget: Arc::clone(&shared.budget),
            rate_limiter: shared.rate_limiter.clone(),
            breaker: Breaker::new(shared.options.breaker_cooldown),
        };
        let other = Self { shared: Arc::new(other), defaults: Arc::clone(&self.defaults) };
        other.with(|defaults| {
            defaults.base = None;
            defaults.credentials = None;
        })
    }

    /// Hosts that are not the provider's API: nothing is shared but the connections, and calls begin with nothing.
    pub(crate) fn to_foreign_hosts(&self) -> Self {
        let shared = &*self.shared;
        let foreign = Shared {
            provider: shared.provider,
            transport: Arc::clone(&shared.transport),
            clock: shared.clock.clone(),
            options: shared.options.clone(),
            budget: Arc::new(RetryBudget::new(shared.options.retry.budget)),
            rate_limiter: None,
            breaker: Breaker::new(shared.options.breaker_cooldown),
        };
        Self { shared: Arc::new(foreign), defaults: Arc::new(Defaults::new()) }
    }

    fn with(mut self, set: impl FnOnce(&mut Defaults)) -> Self {
        set(Arc::make_mut(&mut self.defaults));
        self
    }

    /// Sets what paths are appended to.
    pub(crate) fn with_base(self, base: Url) -> Self {
        self.with(|defaults| defaults.base = Some(base))
    }

    /// Percent-encodes path segments down to the unreserved characters.
    pub(crate) fn with_unreserved_paths(self) -> Self {
        self.with(|defaults| defaults.unreserved = true)
    }

    /// Adds a header to every call.
    pub(crate) fn with_header(self, name: impl IntoHeaderName, value: HeaderValue) -> Self {
        self.with(|defaults| {
            defaults.headers.insert(name, value);
        })
    }

    /// Sets what decides whether a response is a failure. Default: its status.
    pub(crate) fn with_classifier(self, classifier: impl ClassifyResponse + 'static) -> Self {
        self.with(|defaults| defaults.classifier = Arc::new(classifier))
    }

    /// Sets the credentials of every call.
    pub(crate) fn with_credentials(self, credentials: Arc<dyn Authorize>) -> Self {
        self.with(|defaults| defaults.credentials = Some(credentials))
    }

    /// Sets the header under which the provider takes a request id.
    pub(crate) fn with_request_id_header(self, name: HeaderName) -> Self {
        self.with(|defaults| defaults.request_id_header = Some(name))
    }

    /// Sets how long an attempt may take. Default: 10 s.
    pub(crate) fn with_attempt_timeout(self, timeout: Duration) -> Self {
        self.with(|defaults| defaults.attempt_timeout = timeout)
    }

    /// Gives an attempt a second more for each so many bytes of its payload.
    pub(crate) fn with_min_upload_rate(self, bytes_per_second: u64) -> Self {
        self.with(|defaults| defaults.min_upload_rate = Some(bytes_per_second.max(1)))
    }

    /// Sends only idempotent calls once more with fresh credentials; others fail, and the next call has them.
    pub(crate) fn with_renewal_for_idempotent_calls(self) -> Self {
        self.with(|defaults| defaults.renewal = Renewal::Idempotent)
    }

    pub(crate) fn provider(&self) -> ProviderId {
        self.shared.provider
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// What paths are appended to.
    pub(crate) fn base(&self) -> Option<&Url> {
        self.defaults.base.as_ref()
    }

    /// The limits of a call with attempts of at most `attempt`, unless the application said otherwise.
    pub(crate) fn limits(&self, attempt: Duration) -> Limits {
        let options = &self.shared.options;
        let attempt = options.attempt_timeout.unwrap_or(attempt);
        Limits {
            attempt,
            deadline: options.deadline.unwrap_or(attempt.saturating_mul(3)),
            bytes: options.max_response_bytes.unwrap_or(MAX_RESPONSE_BYTES),
        }
    }

    pub(super) fn join(&self, segments: &[String]) -> Result<Url, Error> {
        let base = self.base().ok_or_else(|| Error::configuration("the client has no base URL"))?;
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        let join = if self.defaults.unreserved { address::join_unreserved } else { address::join };
        join(base, &segments)
    }
}

crate::privacy::redacted_debug!(ApiClient {
    provider: |this| this.shared.provider,
    host: |this| this.base().and_then(Url::host_str),
    ..
});
