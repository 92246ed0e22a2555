//! The wallet's side: logging in to a relying party, signing up, handing applications in.

mod applications;
mod attributes;
mod builder;
mod client;
mod config;
mod core;
pub(crate) mod endpoints;
mod key;
mod kyc_users;
mod member;
mod response;
mod session;
mod signature;
pub mod signer;
mod subject;
mod templates;
mod upload;
mod users;

pub use builder::Builder;
pub use client::Client;
pub use config::{Endpoint, RelyingPartyConfig, Website};
pub use key::{WalletKey, WalletPublicKey};
pub use member::NewMember;
pub use signature::WalletSignature;
pub use signer::WalletSigner;
pub use subject::Subject;
