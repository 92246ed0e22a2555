//! Decentralised identifiers, their documents, and where those come from.
//!
//! The document of a `did:eth` follows from the DID itself. That of a `did:selfkey` comes from a ledger on a chain;
//! this crate has no access to one, so the application looks controllers up ([`LookUpController`]) or asks a resolver
//! over HTTP ([`HttpResolver`]).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> kyckit::Result<()> {
//! use kyckit::selfkey::did::{Chain, Controllers, Did, ResolveDid, Resolver};
//!
//! let id =
//!     "0x45aefb75566aa4af4a20c3b36c9e329e36124b25a5b733279c2c09b28e1ddef0";
//! let controllers = Controllers::new().with(
//!     Chain::Mainnet,
//!     id,
//!     "0x5F2E5EdC747a92821d16AB36a77AC729F5E66347",
//! );
//! let resolver = Resolver::new().controllers(controllers);
//! let document =
//!     resolver.resolve(&Did::parse(format!("did:selfkey:{id}"))?).await?;
//! assert!(document.is_some());
//! # Ok(()) }
//! ```
//!
//! Source: `selfkey.js`, `src/did`.

mod cached;
mod controllers;
mod document;
mod http;
mod identifier;
mod method;
mod resolve;
mod resolver;

pub use cached::Cached;
pub use controllers::{Chain, Controllers, LookUpController};
pub use document::{DidDocument, DidKey};
pub use http::HttpResolver;
pub use identifier::Did;
pub(in crate::selfkey) use method::method_of;
pub(in crate::selfkey) use resolve::DynResolveDid;
pub use resolve::ResolveDid;
pub use resolver::Resolver;
