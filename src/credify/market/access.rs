//! The tokens that Credify presents: whether they are good, for this endpoint.

use http::{HeaderMap, header::AUTHORIZATION};
use url::Url;

use super::{
    Inner,
    reply::{Refusal, internal},
    route::Endpoint,
};
use crate::{
    credify::{authority::Introspection, permission::presented},
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
        let known = self.authority.introspect(&token, Some(scope)).await.map_err(internal)?;
        // The scope went along with the question; where the answer names scopes, they have to agree.
        if known.active && (known.scope.is_none() || known.grants(scope)) {
            Ok(())
        } else {
            Err(Refusal::Unauthorized)
        }
    }

    /// Demands a token for offer filtering: active, with the scope, and meant for this endpoint.
    pub(super) async fn demand_filtering(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let token = bearer(headers).ok_or_else(|| self.as_reference(Refusal::Unauthorized))?;
        let known = self.authority.introspect(&token, None).await.map_err(internal)?;
        if known.audience.is_empty() {
            return Err(self.as_reference(Refusal::Unauthorized));
        }
        if known.grants(presented::READ_FILTERED_OFFERS) && self.is_meant_for_us(&known) {
            Ok(())
        } else {
            Err(Refusal::Unauthorized)
        }
    }

    fn is_meant_for_us(&self, token: &Introspection) -> bool {
        token.audience.iter().any(|audience| match &self.settings.base_url {
            Some(base) => Endpoint::FILTER_PATHS
                .iter()
                .any(|path| *audience == format!("{base}{}{path}", self.settings.prefix)),
            None => Url::parse(audience)
                .is_ok_and(|url| Endpoint::FILTER_PATHS.iter().any(|path| url.path().ends_with(path))),
        })
    }

    /// Demands a token for the documents of an order.
    pub(super) async fn demand_documents(&self, token: &Secret, order_id: &str) -> Result<(), Refusal> {
        if self.settings.open_disbursement_requirements {
            return Ok(());
        }
        let scope = format!("bnpl_order:{order_id}");
        let scope = self.settings.bind_documents_to_order.then_some(scope.as_str());
        let known = self.authority.introspect(token, scope).await.map_err(internal)?;
        let has_scope = scope.is_none_or(|scope| known.scope.is_none() || known.grants(scope));
        if known.active && has_scope { Ok(()) } else { Err(Refusal::Unauthorized) }
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
