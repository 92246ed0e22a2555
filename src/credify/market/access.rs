//! The tokens that Credify presents: whether they are good, for this endpoint.

use http::{HeaderMap, header::AUTHORIZATION};
use url::Url;

use super::{Inner, reply::Refusal, route::Endpoint};
use crate::{
    credify::{
        authority::Introspection,
        permission::{oidc, presented},
        token_guard::{Denied, TokenDemand},
    },
    privacy::Secret,
};

/// The token of `Authorization: Bearer <token>`; none when the header is absent, given twice, or of another kind.
pub(in crate::credify) fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (kind, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let is_bearer = kind.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ');
    is_bearer.then(|| Secret::new(token))
}

impl Inner {
    /// Demands an active token with this scope.
    pub(super) async fn demand(&self, headers: &HeaderMap, scope: &'static str) -> Result<(), Refusal> {
        let token = bearer(headers).ok_or(Refusal::Unauthorized)?;
        let is_meant = |audience: &[String]| self.may_be_meant_for_us(audience);
        let demand = TokenDemand::asking_for(scope).audience(&is_meant);
        self.guard.admit(scope, &token, &demand).await?;
        Ok(())
    }

    /// Demands a token for offer filtering: active, with the scope, and meant for this endpoint by name.
    pub(super) async fn demand_filtering(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let token = bearer(headers).ok_or_else(|| self.as_reference(Refusal::Unauthorized))?;
        let is_meant = |audience: &[String]| audience.iter().any(|address| self.is_filter_address(address));
        let scope = presented::READ_FILTERED_OFFERS;
        let demand = TokenDemand::naming(scope).audience(&is_meant);
        match self.guard.admit(scope, &token, &demand).await {
            Ok(_) => Ok(()),
            Err(Denied::Refused(known)) if known.audience.is_empty() => {
                Err(self.as_reference(Refusal::Unauthorized))
            }
            Err(denied) => Err(denied.into()),
        }
    }

    /// Demands the token of a call for encrypted claims, before its other two tokens are looked at.
    pub(super) async fn demand_claims(&self, token: &Secret) -> Result<Introspection, Refusal> {
        let is_meant = |audience: &[String]| self.may_be_meant_for_us(audience);
        let demand = self.validator.token_demand().audience(&is_meant);
        match self.guard.admit(presented::READ_ENCRYPTED_CLAIMS, token, &demand).await {
            Ok(known) => Ok(known),
            Err(Denied::Refused(_)) => Err(self.as_reference(Refusal::Unauthorized)),
            Err(denied) => Err(denied.into()),
        }
    }

    /// Demands a token for the documents of an order.
    pub(super) async fn demand_documents(&self, token: &Secret, order_id: &str) -> Result<(), Refusal> {
        if self.settings.open_disbursement_requirements {
            return Ok(());
        }
        let scope = format!("{}{order_id}", oidc::BNPL_ORDER_PREFIX);
        let is_meant = |audience: &[String]| self.may_be_meant_for_us(audience);
        let (place, demand) = match self.settings.bind_documents_to_order {
            true => (scope.as_str(), TokenDemand::asking_for(&scope)),
            false => (oidc::BNPL_ORDER_PREFIX, TokenDemand::active()),
        };
        self.guard.admit(place, token, &demand.audience(&is_meant)).await?;
        Ok(())
    }

    /// Whether an address that a token names is that of offer filtering: exactly, where the market knows its own
    /// address, otherwise by the end of the path.
    fn is_filter_address(&self, address: &str) -> bool {
        let mut paths = Endpoint::FILTER_PATHS.iter();
        match &self.settings.base_url {
            Some(base) => paths.any(|path| address == format!("{base}{}{path}", self.settings.prefix)),
            None => Url::parse(address).is_ok_and(|url| paths.any(|path| url.path().ends_with(path))),
        }
    }

    /// Whether a token that need not name its audience may be for this market: where it names addresses, and the
    /// market knows its own, one of them has to be there. Which endpoint it names does not matter: the provider's
    /// tokens with several scopes name the one for offer filtering.
    fn may_be_meant_for_us(&self, audience: &[String]) -> bool {
        let Some(own) = self.settings.base_url.as_deref().and_then(|base| Url::parse(base).ok()) else {
            return true;
        };
        let is_here = |address: &String| Url::parse(address).map_or(true, |url| url.origin() == own.origin());
        audience.is_empty() || audience.iter().any(is_here)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_bearer_token_is_one() {
        let token = |text: &'static str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(text))]);
            bearer(&headers).map(|token| token.expose().to_owned())
        };
        assert_eq!(token("Bearer a.b.c").as_deref(), Some("a.b.c"));
        assert_eq!(token("bEARER  a.b.c ").as_deref(), Some("a.b.c"));
        for text in
            ["", "a.b.c", "Bearer", "Bearer ", "Basic a.b.c", "Token a.b.c", "Bearer a b", "BearerX a"]
        {
            assert_eq!(token(text), None, "{text}");
        }
        let mut twice = HeaderMap::new();
        twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert!(bearer(&twice).is_none());
    }
}
