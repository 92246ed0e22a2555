//! Credify: claims that a person consents to share, offers, and what a market or a service provider has to serve.

mod access_token;
pub mod aggregated;
pub mod authority;
pub mod authorization;
pub mod claims;
mod client;
pub mod encryption;
mod environment;
mod failure;
mod identity;
pub mod json;
pub mod keys;
pub mod model;
pub mod money;
pub mod offer;
pub mod permission;
#[cfg(feature = "sql")]
pub mod segment;
pub mod token;
pub mod userinfo;
pub mod validate;
pub mod webhook;

pub use access_token::AccessTokens;
pub use client::{Builder, ClaimPush, Client};
pub use environment::{Environment, Locale};
pub use failure::{Refusal, RefusalEntry};
pub use identity::CAPABILITIES;

use crate::error::Provider;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: Provider = Provider::new("credify");
