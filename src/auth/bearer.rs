//! Bearer tokens (RFC 6750) from a cache: see [`refresh`](super::refresh).

use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use super::{
    header::sensitive,
    refresh::{Failure, Fresh, Lifetime, Refresh, RefreshPolicy, Source},
};
use crate::{
    clock::Clock,
    error::Error,
    privacy::Secret,
    transport::{Authorize, CredentialVersion},
};

/// Where tokens come from.
pub(crate) trait FetchToken: Send + Sync + 'static {
    /// Fetches a fresh token.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being fetched; every caller that waits is given it.
    fn fetch(&self) -> BoxFuture<'static, Result<Token, Error>>;
}

/// A token and its life.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The token as it stands behind `Bearer `.
    pub(crate) value: Secret,
    /// When it ends. None: it serves until it is refused.
    pub(crate) expires: Option<SystemTime>,
}

impl Token {
    /// A token that serves until it is refused.
    pub(crate) fn new(value: impl Into<Secret>) -> Self {
        Self { value: value.into(), expires: None }
    }

    /// A token that ends.
    pub(crate) fn expiring(value: impl Into<Secret>, expires: SystemTime) -> Self {
        Self { value: value.into(), expires: Some(expires) }
    }
}

/// `Authorization: Bearer …` with a cached token. Clones share the cache.
#[derive(Clone)]
pub(crate) struct Bearer {
    cache: Refresh<HeaderValue>,
    clock: Clock,
}

/// How long a fresh token serves when its end lies in our past; a refusal ends it earlier.
const UNKNOWN_TTL: Duration = Duration::from_secs(60);

/// Fetches tokens as header values.
struct Headers<S> {
    tokens: S,
    clock: Clock,
}

impl<S: FetchToken> Source<HeaderValue> for Headers<S> {
    fn fetch(&self) -> BoxFuture<'static, Result<Fresh<HeaderValue>, Failure>> {
        let (fetching, clock) = (self.tokens.fetch(), self.clock.clone());
        Box::pin(async move {
            let token = fetching.await?;
            let value = sensitive(&Secret::new(format!("Bearer {}", token.value.expose())))?;
            let now = clock.now();
            let lifetime = match token.expires {
                None => Lifetime::Unlimited,
                // One that came just now and is over already shows a clock that is ahead of its issuer's. It is good, and
                // were it not used, every call would fetch another one.
                Some(end) if end <= now => Lifetime::Until(now + UNKNOWN_TTL),
                Some(end) => Lifetime::Until(end),
            };
            Ok(Fresh { value, lifetime })
        })
    }
}

impl Bearer {
    /// A cache over a source. A token is renewed a minute before its end, or when a fifth of its life is left if that
    /// is later.
    pub(crate) fn new(tokens: impl FetchToken, clock: Clock) -> Self {
        Self::with_policy(tokens, RefreshPolicy::default(), clock)
    }

    /// A cache over a source, with a policy of its own.
    pub(crate) fn with_policy(tokens: impl FetchToken, policy: RefreshPolicy, clock: Clock) -> Self {
        let source = Headers { tokens, clock: clock.clone() };
        Self { cache: Refresh::new(source, policy, clock.clone()), clock }
    }

    /// Replaces the source, and drops the token that the old one gave.
    pub(crate) fn replace(&self, tokens: impl FetchToken) {
        self.cache.replace(Headers { tokens, clock: self.clock.clone() });
    }
}

impl Authorize for Bearer {
    fn authorize<'a>(
        &'a self,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<CredentialVersion, Error>> {
        Box::pin(async move {
            let current = self.cache.get().await?;
            headers.insert(AUTHORIZATION, current.value);
            Ok(CredentialVersion(current.version))
        })
    }

    fn refused(&self, presented: CredentialVersion) -> bool {
        self.cache.refused(presented.0);
        true
    }
}

crate::privacy::redacted_debug!(Bearer);

#[cfg(test)]
#[path = "bearer_tests.rs"]
mod tests;
