//! Credify: claims that a person consents to share, offers, and what a market or a service provider has to serve.

pub mod offer;
#[cfg(feature = "sql")]
pub mod segment;

use crate::error::Provider;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: Provider = Provider::new("credify");
