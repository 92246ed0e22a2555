//! SelfKey: a wallet proves who it is by a signature and hands over what a relying party asks for; a relying party
//! serves those calls; KYC-Chain does the checking behind both.
//!
//! # When to choose it
//!
//! When people keep their identity in a wallet of their own. A backend can stand on either side: act for a wallet
//! ([`Client`]), be the relying party, or talk to a KYC-Chain instance server to server ([`kycc`]).
//!
//! # How it goes, for a wallet
//!
//! ```no_run
//! # async fn run() -> kyckit::Result<()> {
//! use kyckit::selfkey::{RelyingPartyConfig, WalletKey, token::UnverifiedToken};
//!
//! let config = RelyingPartyConfig::new("https://rp.example/api/v2");
//! let key = WalletKey::from_hex("4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4")?;
//! println!("the wallet is a {} identity", key.did().method());
//! # let _ = (config, UnverifiedToken::read("a.b.c"));
//! # Ok(())
//! # }
//! ```

pub mod attribute;
mod client;
pub mod config;
pub mod did;
mod failure;
mod identity;
pub mod kycc;
pub mod model;
pub mod relying_party;
pub mod resolver;
pub mod signer;
pub mod token;

pub use client::{Builder, Client, NewMember};
pub use config::{Dialect, RelyingPartyConfig};
pub use did::Did;
pub use failure::Failure;
pub use identity::{CAPABILITIES, Review};
pub use signer::{Subject, WalletKey, WalletSignature, WalletSigner};

use crate::error::Provider;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: Provider = Provider::new("selfkey");
