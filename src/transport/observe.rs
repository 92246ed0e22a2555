//! What a call tells about itself: a span and counters, from a list of allowed facts only.
//!
//! | feature | what | facts |
//! | --- | --- | --- |
//! | `tracing` | span `kyckit.call` | `provider`, `operation`, `attempts`, `status`, `latency_ms`, `request_id`, `error` |
//! | `tracing` | event `retry` in it | `attempt`, `error`, `wait_ms` |
//! | `metrics` | counter `kyckit_calls_total` | `provider`, `operation`, `outcome` |
//! | `metrics` | counter `kyckit_retries_total` | `provider`, `operation`, `error` |
//! | `metrics` | histogram `kyckit_call_seconds` | `provider`, `operation` |

use std::time::Duration;

use http::StatusCode;

use crate::{
    error::{Error, ErrorKind},
    provider::ProviderId,
};

/// One call under observation.
#[cfg_attr(not(any(feature = "tracing", feature = "metrics")), allow(dead_code))]
pub(crate) struct Observed {
    provider: ProviderId,
    operation: &'static str,
    #[cfg(feature = "tracing")]
    pub(crate) span: tracing::Span,
}

#[cfg_attr(not(any(feature = "tracing", feature = "metrics")), allow(unused_variables, clippy::unused_self))]
impl Observed {
    pub(crate) fn new(provider: ProviderId, operation: &'static str) -> Self {
        Self {
            provider,
            operation,
            #[cfg(feature = "tracing")]
            span: tracing::info_span!(
                "kyckit.call",
                provider = provider.as_str(),
                operation,
                attempts = tracing::field::Empty,
                status = tracing::field::Empty,
                latency_ms = tracing::field::Empty,
                request_id = tracing::field::Empty,
                error = tracing::field::Empty,
            ),
        }
    }

    pub(crate) fn retry(&self, attempt: u32, error: ErrorKind, wait: Duration) {
        #[cfg(feature = "tracing")]
        tracing::info!(
            parent: &self.span,
            attempt,
            error = %error,
            wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            "retry"
        );
        #[cfg(feature = "metrics")]
        metrics::counter!(
            "kyckit_retries_total",
            "provider" => self.provider.as_str(), "operation" => self.operation, "error" => error.text()
        )
        .increment(1);
    }

    pub(crate) fn done(
        &self,
        attempts: u32,
        latency: Duration,
        outcome: Result<(StatusCode, Option<&str>), &Error>,
    ) {
        #[cfg(feature = "tracing")]
        {
            self.span.record("attempts", attempts);
            self.span.record("latency_ms", u64::try_from(latency.as_millis()).unwrap_or(u64::MAX));
            let (status, id) = match outcome {
                Ok((status, id)) => (Some(status), id),
                Err(error) => {
                    self.span.record("error", tracing::field::display(error.kind()));
                    (error.status(), error.request_id())
                }
            };
            if let Some(status) = status {
                self.span.record("status", status.as_u16());
            }
            if let Some(id) = id {
                self.span.record("request_id", tracing::field::display(crate::error::Sanitized(id)));
            }
        }
        #[cfg(feature = "metrics")]
        {
            let result = outcome.map_or_else(|error| error.kind().text(), |_| "ok");
            let (provider, operation) = (self.provider.as_str(), self.operation);
            metrics::counter!(
                "kyckit_calls_total", "provider" => provider, "operation" => operation, "outcome" => result
            )
            .increment(1);
            metrics::histogram!("kyckit_call_seconds", "provider" => provider, "operation" => operation)
                .record(latency.as_secs_f64());
        }
    }
}
