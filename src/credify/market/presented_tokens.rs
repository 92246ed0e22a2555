//! The tokens that Credify presents to a market.

use http::HeaderMap;
use url::Url;

use crate::{
    credify::{
        authority::Introspection,
        server::{
            bearer::bearer,
            rejection::Rejection,
            token_guard::{Denied, TokenGuard},
        },
        token_demand::TokenDemand,
    },
    privacy::Secret,
};

/// Checks the tokens that Credify presents.
pub(super) struct PresentedTokens {
    guard: TokenGuard,
    /// Scheme and host at which Credify calls the market, where that is known.
    base_url: Option<Url>,
}

impl PresentedTokens {
    pub(super) fn new(guard: TokenGuard, base_url: Option<&str>) -> Self {
        Self { guard, base_url: base_url.and_then(|base| Url::parse(base).ok()) }
    }

    /// Demands an active token with this scope.
    pub(super) async fn demand(&self, headers: &HeaderMap, scope: &'static str) -> Result<(), Rejection> {
        let token = bearer(headers).ok_or(Rejection::Unauthorized)?;
        self.admit(scope, &token, TokenDemand::asking_for(scope)).await?;
        Ok(())
    }

    /// Admits a token that need not name its audience.
    pub(super) async fn admit(
        &self,
        place: &str,
        token: &Secret,
        demand: TokenDemand<'_>,
    ) -> Result<Introspection, Denied> {
        let is_meant = |audience: &[String]| self.may_be_meant_for_us(audience);
        self.guard.admit(place, token, &demand.audience(&is_meant)).await
    }

    /// Admits a token with this audience.
    pub(super) async fn admit_for(
        &self,
        place: &str,
        token: &Secret,
        demand: TokenDemand<'_>,
        is_meant: &(dyn Fn(&[String]) -> bool + Sync),
    ) -> Result<Introspection, Denied> {
        self.guard.admit(place, token, &demand.audience(is_meant)).await
    }

    /// Whether a token that need not name its audience may be for this market: where it names addresses, and the
    /// market knows its own, one of them has to be there. Which endpoint it names does not matter: the provider's
    /// tokens with several scopes name the one for offer filtering.
    fn may_be_meant_for_us(&self, audience: &[String]) -> bool {
        let Some(own) = &self.base_url else { return true };
        let is_here = |address: &String| Url::parse(address).map_or(true, |url| url.origin() == own.origin());
        audience.is_empty() || audience.iter().any(is_here)
    }
}
