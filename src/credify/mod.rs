//! Credify: claims that a person consents to share, offers, and what a market or a service provider has to serve.

pub mod claims;
pub mod json;
pub mod keys;
pub mod token;

use crate::error::Provider;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: Provider = Provider::new("credify");
