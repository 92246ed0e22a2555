//! Who answers for a DID: documents, and where they come from.
//!
//! `did:eth` is its own answer. `did:selfkey` is answered by a ledger on a chain; this crate has no access to one, so the
//! application looks controllers up ([`LookUpController`]) or asks a resolver over HTTP ([`HttpResolver`]).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> kyckit::Result<()> {
//! use kyckit::selfkey::{Did, resolver::{Chain, Controllers, ResolveDid, Resolver}};
//!
//! let id = "0x45aefb75566aa4af4a20c3b36c9e329e36124b25a5b733279c2c09b28e1ddef0";
//! let controllers = Controllers::new()
//!     .with(Chain::Mainnet, id, "0x5F2E5EdC747a92821d16AB36a77AC729F5E66347");
//! let resolver = Resolver::new().controllers(controllers);
//! let document = resolver.resolve(&Did::parse(format!("did:selfkey:{id}"))?).await?;
//! assert!(document.is_some());
//! # Ok(()) }
//! ```
//!
//! Source: `selfkey.js`, `src/did`.

mod cached;
mod document;
mod http;

use std::{collections::HashMap, fmt, sync::Arc};

use futures_util::future::BoxFuture;

pub use cached::Cached;
pub use document::{DidDocument, DidKey};
pub use http::HttpResolver;

use super::Did;
use crate::{
    crypto::secp256k1::Address,
    error::{Error, ErrorKind},
};

/// Finds the document of a DID.
pub trait ResolveDid: Send + Sync {
    /// The document; `None` for a DID that is well formed and belongs to nobody.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) with a [check](Error::check) for a DID that cannot have a document
    /// here: `did.method`, `did.id` or `did.chain`. Anything else when it could not be found out.
    fn resolve<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<Option<Arc<DidDocument>>, Error>>;
}

impl<R: ResolveDid + ?Sized> ResolveDid for Arc<R> {
    fn resolve<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<Option<Arc<DidDocument>>, Error>> {
        (**self).resolve(did)
    }
}

/// The chain whose ledger knows a `did:selfkey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Chain {
    /// Ethereum's main network.
    Mainnet,
    /// The name under which development builds of the wallet know their test network, now Sepolia. Anybody can
    /// register anything there: answer `None` in production.
    Ropsten,
}

impl Chain {
    /// The address of the ledger's contract, whose view function `getController(bytes32)` gives the controller.
    pub fn ledger(self) -> &'static str {
        match self {
            Self::Mainnet => "0x0cb853331293d689c95187190e09bb46cb4e533e",
            Self::Ropsten => "0x27332286A2CEaE458b82A1235f7E2a3Aa8945cAB",
        }
    }
}

/// Finds the controller of a `did:selfkey`: a call of the ledger's contract, or a copy of its state.
///
/// Any function of a chain and an id that gives a boxed future is one.
pub trait LookUpController: Send + Sync {
    /// The Ethereum address that controls the id (`0x` and 64 hex digits); `None` when it is not registered. The zero
    /// address counts as none.
    ///
    /// # Errors
    ///
    /// When it could not be found out.
    fn controller<'a>(&'a self, chain: Chain, id: &'a str) -> BoxFuture<'a, Result<Option<String>, Error>>;
}

impl<F> LookUpController for F
where
    F: Fn(Chain, String) -> BoxFuture<'static, Result<Option<String>, Error>> + Send + Sync,
{
    fn controller<'a>(&'a self, chain: Chain, id: &'a str) -> BoxFuture<'a, Result<Option<String>, Error>> {
        self(chain, id.to_owned())
    }
}

/// Controllers that are known beforehand.
#[derive(Clone, Default)]
pub struct Controllers(HashMap<(Chain, String), String>);

impl Controllers {
    /// None.
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
    fn controller<'a>(&'a self, chain: Chain, id: &'a str) -> BoxFuture<'a, Result<Option<String>, Error>> {
        let found = self.0.get(&(chain, id.to_ascii_lowercase())).cloned();
        Box::pin(async move { Ok(found) })
    }
}

impl fmt::Debug for Controllers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controllers").field("known", &self.0.len()).finish_non_exhaustive()
    }
}

/// Builds documents on the spot: for `did:eth` from the DID itself, for `did:selfkey` from its controller.
#[derive(Clone, Default)]
pub struct Resolver {
    controllers: Option<Arc<dyn LookUpController>>,
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
        let address = match (known(did)?, &self.controllers) {
            (Known::Eth, _) => did.id().to_owned(),
            (Known::SelfKey(_), None) => return Err(unknown_method()),
            (Known::SelfKey(chain), Some(controllers)) => {
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
    fn resolve<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<Option<Arc<DidDocument>>, Error>> {
        Box::pin(self.find(did))
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("controllers", &self.controllers.is_some()).finish()
    }
}

/// A DID whose method, id and chain are the provider's.
pub(super) enum Known {
    Eth,
    SelfKey(Chain),
}

/// Checks what can be said of a DID without looking it up.
pub(super) fn known(did: &Did) -> Result<Known, Error> {
    let hex_digits = |count: usize| {
        did.id().strip_prefix("0x").is_some_and(|digits| {
            digits.len() == count && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    match did.method() {
        "eth" if hex_digits(40) => Ok(Known::Eth),
        "selfkey" if hex_digits(64) => match did.parameter("selfkey:chain") {
            None | Some("mainnet") => Ok(Known::SelfKey(Chain::Mainnet)),
            Some("ropsten") => Ok(Known::SelfKey(Chain::Ropsten)),
            Some(_) => Err(unresolvable("there is no such chain", "did.chain")),
        },
        "eth" | "selfkey" => Err(unresolvable("the DID's id is not one of its method", "did.id")),
        _ => Err(unknown_method()),
    }
}

fn unknown_method() -> Error {
    unresolvable("DIDs of this method are not resolved", "did.method")
}

fn unresolvable(what: &'static str, check: &'static str) -> Error {
    Error::invalid("did", what).with_check(check)
}
