//! Credify: claims that a person consents to share, offers, and what a market or a service provider has to serve.

pub mod aggregated;
pub mod authority;
pub mod claims;
pub mod encryption;
pub mod json;
pub mod keys;
pub mod money;
pub mod token;
pub mod userinfo;
pub mod validate;

use crate::error::Provider;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: Provider = Provider::new("credify");
