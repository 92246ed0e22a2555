//! What a served request shows of itself: a span, and a counter of refusals, from a list of allowed facts only.
//!
//! | feature | what | facts |
//! | --- | --- | --- |
//! | `tracing` | span `kyckit.serve` | `endpoint`, `status`, `provider`, `error`, `check` |
//! | `metrics` | counter `kyckit_rejections_total` | `endpoint`, `status`, `provider`, `error` |

use http::StatusCode;

use crate::error::Error;

/// One served request under observation.
#[cfg_attr(not(feature = "metrics"), allow(dead_code))]
pub(crate) struct Served {
    endpoint: &'static str,
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg_attr(not(any(feature = "tracing", feature = "metrics")), allow(unused_variables, clippy::unused_self))]
impl Served {
    pub(crate) fn new(endpoint: &'static str) -> Self {
        Self {
            endpoint,
            #[cfg(feature = "tracing")]
            span: tracing::info_span!(
                "kyckit.serve",
                endpoint,
                status = tracing::field::Empty,
                provider = tracing::field::Empty,
                error = tracing::field::Empty,
                check = tracing::field::Empty,
            ),
        }
    }

    /// Runs a future within the span.
    pub(crate) fn within<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        #[cfg(feature = "tracing")]
        return tracing::Instrument::instrument(future, self.span.clone());
        #[cfg(not(feature = "tracing"))]
        future
    }

    /// Notes how it ended; with an error, it was refused.
    pub(crate) fn done(&self, status: StatusCode, rejected: Option<&Error>) {
        #[cfg(feature = "tracing")]
        {
            self.span.record("status", status.as_u16());
            if let Some(error) = rejected {
                self.span.record("error", tracing::field::display(error.kind()));
                if let Some(provider) = error.provider() {
                    self.span.record("provider", provider.as_str());
                }
                if let Some(check) = error.check() {
                    self.span.record("check", check);
                }
                tracing::warn!(parent: &self.span, "rejected");
            }
        }
        #[cfg(feature = "metrics")]
        if let Some(error) = rejected {
            metrics::counter!(
                "kyckit_rejections_total",
                "endpoint" => self.endpoint,
                "provider" => error.provider().map_or("", crate::provider::ProviderId::as_str),
                "status" => status.as_str().to_owned(),
                "error" => error.kind().text(),
            )
            .increment(1);
        }
    }
}
