//! The two tokens of a call about a customer.

use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::CustomerTokens;
use crate::{
    auth::Bearer,
    error::Error,
    transport::{Authorize, CredentialVersion},
};

/// The header of the customer's token.
const X_AUTHORIZATION: HeaderName = HeaderName::from_static("x-authorization");

/// Where the customer's token of a request comes from.
pub(super) trait CustomerToken: Send + Sync {
    /// The value of `X-Authorization`, asked for right before the request leaves.
    fn header(&self) -> BoxFuture<'_, Result<HeaderValue, Error>>;
}

impl CustomerToken for CustomerTokens {
    fn header(&self) -> BoxFuture<'_, Result<HeaderValue, Error>> {
        Box::pin(std::future::ready(self.header_value()))
    }
}

/// Puts both tokens on a request: the client's in `Authorization`, the customer's in `X-Authorization`. Each is of its
/// own type, so they cannot be swapped.
pub(super) struct BothTokens<'a> {
    pub(super) bearer: &'a Bearer,
    pub(super) customer: &'a dyn CustomerToken,
}

impl Authorize for BothTokens<'_> {
    fn authorize<'a>(
        &'a self,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<CredentialVersion, Error>> {
        Box::pin(async move {
            let presented = self.bearer.authorize(headers).await?;
            // The customer's come last: a refresh that ended just now is the one to use.
            headers.insert(X_AUTHORIZATION, self.customer.header().await?);
            Ok(presented)
        })
    }

    fn refused(&self, presented: CredentialVersion) -> bool {
        self.bearer.refused(presented)
    }
}
