//! What a relying party is made of, and who calls it. Each call's part is in the file of its own.

use std::sync::Arc;

use ::http::{HeaderMap, header};

use super::{
    address::TrustedProxies,
    holder::Holder,
    quota::Quotas,
    rejection::Rejection,
    route::Route,
    schemas::Schemas,
    signature::SignatureVerifier,
    store::{DynApplications, DynFiles, DynTemplates, DynUsers},
    token::TokenIssuer,
};
use crate::{
    clock::Clock,
    selfkey::{Dialect, model::attribute::Requirement},
    storage::AnyOneTimeStore,
};

/// The maximum size of a JSON body: attributes come with their schemas.
pub(super) const MAX_JSON_BYTES: usize = 4 * 1024 * 1024;
/// The maximum size of a body with a token or a signature.
pub(super) const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Settings and stores of one relying party.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) tokens: TokenIssuer,
    pub(super) signatures: SignatureVerifier,
    pub(super) nonces: AnyOneTimeStore,
    pub(super) users: Option<Arc<dyn DynUsers>>,
    pub(super) files: Option<Arc<dyn DynFiles>>,
    pub(super) applications: Option<Arc<dyn DynApplications>>,
    pub(super) templates: Option<Arc<dyn DynTemplates>>,
    pub(super) schemas: Option<Arc<Schemas>>,
    pub(super) requirements: Vec<Requirement>,
    pub(super) dialect: Dialect,
    pub(super) proxies: TrustedProxies,
    pub(super) origins: Option<Vec<String>>,
    pub(super) bind_to_address: bool,
    pub(super) max_file_bytes: u64,
    pub(super) max_request_bytes: u64,
    pub(super) quotas: Arc<Quotas>,
    pub(super) max_logins: (u32, u32),
    pub(super) clock: Clock,
}

impl Service {
    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Result<Holder, Rejection> {
        let token = bearer(headers)?;
        let verifier = self.tokens.verifier();
        let claims =
            if self.is_documented() { verifier.documented_access(token) } else { verifier.access(token) };
        claims
            .map(|claims| claims.holder().clone())
            .map_err(|error| Rejection::token_invalid().because(error))
    }

    pub(super) fn check_origin(&self, route: &Route, headers: &HeaderMap) -> Result<(), Rejection> {
        let Some(allowed) = &self.origins else { return Ok(()) };
        // The older page lists no headers for these, so its wallets may send none.
        if self.is_documented()
            && matches!(route, Route::Challenge(_) | Route::Templates | Route::Template(_))
        {
            return Ok(());
        }
        let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
        match origin {
            Some(origin) if allowed.iter().any(|one| one == origin) => Ok(()),
            _ => Err(Rejection::forbidden()),
        }
    }

    pub(super) fn is_documented(&self) -> bool {
        self.dialect == Dialect::Documented
    }
}

/// The token of a request: one header, one blank behind `Bearer` in any case.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Rejection> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or_else(Rejection::token_missing)?;
    if values.next().is_some() {
        return Err(Rejection::token_invalid());
    }
    // The scheme's letters have no case (RFC 9110, section 11.1).
    let token = value.to_str().ok().and_then(|value| value.split_once(' '));
    let token = token.and_then(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer").then_some(token));
    token
        .filter(|token| !token.is_empty() && !token.contains([' ', ',']))
        .ok_or_else(Rejection::token_invalid)
}
