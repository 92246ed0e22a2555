//! Who controls a `did:selfkey`: the ledger on a chain, or a copy of its state.

use std::collections::HashMap;

use futures_util::future::BoxFuture;

use crate::error::Error;

/// The chain of the ledger that knows a `did:selfkey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Chain {
    /// Ethereum's main network.
    Mainnet,
    /// The name under which development builds of the wallet know their test network, now Sepolia. Anybody can
    /// register anything there: return `None` in production.
    Ropsten,
}

impl Chain {
    /// Returns the address of the ledger's contract; its view function `getController(bytes32)` gives the controller.
    pub fn ledger(self) -> &'static str {
        match self {
            Self::Mainnet => "0x0cb853331293d689c95187190e09bb46cb4e533e",
            Self::Ropsten => "0x27332286A2CEaE458b82A1235f7E2a3Aa8945cAB",
        }
    }
}

/// Finds the controller of a `did:selfkey`: a call of the ledger's contract, or a copy of its state.
///
/// Any function of a chain and an id that gives a future is one.
pub trait LookUpController: Send + Sync {
    /// The Ethereum address that controls the id (`0x` and 64 hex digits); `None` when it is not registered. The zero
    /// address counts as none.
    ///
    /// # Errors
    ///
    /// When it could not be found out.
    fn controller(
        &self,
        chain: Chain,
        id: &str,
    ) -> impl Future<Output = Result<Option<String>, Error>> + Send;
}

impl<F, O> LookUpController for F
where
    F: Fn(Chain, String) -> O + Send + Sync,
    O: Future<Output = Result<Option<String>, Error>> + Send,
{
    fn controller(
        &self,
        chain: Chain,
        id: &str,
    ) -> impl Future<Output = Result<Option<String>, Error>> + Send {
        self(chain, id.to_owned())
    }
}

/// [`LookUpController`] as an object.
pub(super) trait DynLookUpController: Send + Sync {
    fn controller<'a>(&'a self, chain: Chain, id: &'a str) -> BoxFuture<'a, Result<Option<String>, Error>>;
}

impl<L: LookUpController> DynLookUpController for L {
    fn controller<'a>(&'a self, chain: Chain, id: &'a str) -> BoxFuture<'a, Result<Option<String>, Error>> {
        Box::pin(LookUpController::controller(self, chain, id))
    }
}

/// Controllers that are known beforehand.
#[derive(Clone, Default)]
pub struct Controllers(HashMap<(Chain, String), String>);

impl Controllers {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the controller of an id. Ids are looked up without regard to the case of their digits.
    #[must_use]
    pub fn with(mut self, chain: Chain, id: &str, ethereum_address: impl Into<String>) -> Self {
        self.0.insert((chain, id.to_ascii_lowercase()), ethereum_address.into());
        self
    }
}

impl LookUpController for Controllers {
    async fn controller(&self, chain: Chain, id: &str) -> Result<Option<String>, Error> {
        Ok(self.0.get(&(chain, id.to_ascii_lowercase())).cloned())
    }
}

crate::privacy::redacted_debug!(Controllers { known: |it| it.0.len(), .. });
