//! Putting credentials on a request, as the send path sees it. The kinds of credentials are in [`auth`](crate::auth).

use futures_util::future::BoxFuture;
use http::HeaderMap;

use crate::error::Error;

/// Puts credentials on a request.
pub(crate) trait Authorize: Send + Sync {
    /// Adds the credentials to the headers, fetching them first where that is due, and says which ones they are.
    ///
    /// # Errors
    ///
    /// When no credentials are to be had; the request is then not sent.
    fn authorize<'a>(&'a self, headers: &'a mut HeaderMap)
    -> BoxFuture<'a, Result<CredentialVersion, Error>>;

    /// Takes in that the provider refused what was presented. True when other credentials can be had; the request is then
    /// sent once more with them.
    fn refused(&self, presented: CredentialVersion) -> bool {
        let _ = presented;
        false
    }
}

/// Which credentials were presented, so that a refusal drops those and not fresher ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CredentialVersion(pub(crate) u64);

impl CredentialVersion {
    /// Credentials of which there is only one edition.
    pub(crate) const ONLY: Self = Self(0);
}
