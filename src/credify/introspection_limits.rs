//! How often a server asks the provider about tokens.

use std::time::Duration;

/// Limits of the calls that a server makes to have presented tokens introspected.
///
/// Any caller can send a token that is none, and each would cost a call of the API. So a refused token is remembered for
/// a short while, and only so many tokens that were never accepted are looked into in a period; beyond that they are
/// answered with 429 and `Retry-After`, and the provider is not asked. A token that was accepted before is never held
/// back, and a token that turns out to be good does not count.
///
/// | setting | default |
/// | --- | --- |
/// | [`max_refused`](Self::max_refused) | 100 refused tokens in 60 s |
/// | [`refused_ttl`](Self::refused_ttl) | 10 s |
/// | [`accepted_ttl`](Self::accepted_ttl) | 1 h |
/// | [`max_remembered`](Self::max_remembered) | 10,000 tokens of each kind |
///
/// ```
/// use std::time::Duration;
/// use kyckit::credify::authority::IntrospectionLimits;
///
/// let limits = IntrospectionLimits::new().max_refused(20, Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "limits do nothing until a builder is given them"]
pub struct IntrospectionLimits {
    pub(super) max_refused: u32,
    pub(super) period: Duration,
    pub(super) refused_ttl: Duration,
    pub(super) accepted_ttl: Duration,
    pub(super) max_remembered: usize,
}

impl IntrospectionLimits {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            max_refused: 100,
            period: Duration::from_secs(60),
            refused_ttl: Duration::from_secs(10),
            accepted_ttl: Duration::from_secs(3600),
            max_remembered: 10_000,
        }
    }

    /// How many tokens may turn out to be refused within a period before others that are not known have to wait. Zero
    /// is taken as one.
    pub fn max_refused(mut self, tokens: u32, period: Duration) -> Self {
        self.max_refused = tokens.max(1);
        self.period = period;
        self
    }

    /// How long a refused token is refused without another call.
    pub fn refused_ttl(mut self, ttl: Duration) -> Self {
        self.refused_ttl = ttl;
        self
    }

    /// How long a token counts as accepted before, from its latest use. It is introspected at each use nevertheless.
    pub fn accepted_ttl(mut self, ttl: Duration) -> Self {
        self.accepted_ttl = ttl;
        self
    }

    /// How many refused tokens, and how many accepted ones, are remembered, by their digests (48 bytes each). The
    /// oldest make way.
    pub fn max_remembered(mut self, tokens: usize) -> Self {
        self.max_remembered = tokens;
        self
    }
}

impl Default for IntrospectionLimits {
    fn default() -> Self {
        Self::new()
    }
}
