//! Finding the document of a DID.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{document::DidDocument, identifier::Did};
use crate::error::Error;

/// Finds the document of a DID.
pub trait ResolveDid: Send + Sync {
    /// The document; `None` for a DID that is well formed and not registered.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with a [check](Error::check) for a DID that cannot have a
    /// document here: `did.method`, `did.id` or `did.chain`. Anything else when it could not be found out.
    fn resolve(&self, did: &Did) -> impl Future<Output = Result<Option<Arc<DidDocument>>, Error>> + Send;
}

impl<R: ResolveDid> ResolveDid for Arc<R> {
    async fn resolve(&self, did: &Did) -> Result<Option<Arc<DidDocument>>, Error> {
        (**self).resolve(did).await
    }
}

/// [`ResolveDid`] as an object.
pub(in crate::selfkey) trait DynResolveDid: Send + Sync {
    fn resolve<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<Option<Arc<DidDocument>>, Error>>;
}

impl<R: ResolveDid> DynResolveDid for R {
    fn resolve<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<Option<Arc<DidDocument>>, Error>> {
        Box::pin(ResolveDid::resolve(self, did))
    }
}
