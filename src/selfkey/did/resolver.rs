//! Documents that are built on the spot.

use std::sync::Arc;

use super::{
    controllers::{DynLookUpController, LookUpController},
    document::DidDocument,
    identifier::Did,
    method::{Method, method_of, unknown_method},
    resolve::ResolveDid,
};
use crate::{
    crypto::secp256k1::Address,
    error::{Error, ErrorKind},
};

/// Builds documents on the spot: for `did:eth` from the DID itself, for `did:selfkey` from its controller.
#[derive(Clone, Default)]
pub struct Resolver {
    controllers: Option<Arc<dyn DynLookUpController>>,
}

impl Resolver {
    /// Resolves `did:eth` only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Resolves `did:selfkey` too.
    #[must_use]
    pub fn controllers(mut self, look_up: impl LookUpController + 'static) -> Self {
        self.controllers = Some(Arc::new(look_up));
        self
    }

    async fn find(&self, did: &Did) -> Result<Option<Arc<DidDocument>>, Error> {
        let address = match (method_of(did)?, &self.controllers) {
            (Method::Eth, _) => did.id().to_owned(),
            (Method::SelfKey(_), None) => return Err(unknown_method()),
            (Method::SelfKey(chain), Some(controllers)) => {
                let Some(address) = controllers.controller(chain, did.id()).await? else { return Ok(None) };
                match Address::from_hex(&address) {
                    Ok(parsed) if parsed.is_zero() => return Ok(None),
                    Ok(_) => address,
                    Err(_) => {
                        return Err(Error::new(ErrorKind::Decode, "the controller is no Ethereum address")
                            .with_path("controller"));
                    }
                }
            }
        };
        Ok(Some(Arc::new(DidDocument::of_address(did, address))))
    }
}

impl ResolveDid for Resolver {
    async fn resolve(&self, did: &Did) -> Result<Option<Arc<DidDocument>>, Error> {
        self.find(did).await
    }
}

crate::privacy::redacted_debug!(Resolver { controllers: |this| this.controllers.is_some() });
