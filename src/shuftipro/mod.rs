//! Shufti Pro: document, face and background checks.

pub mod decline;
pub mod model;
pub mod proof;
pub mod request;
pub mod signature;

use crate::error::Provider;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: Provider = Provider::new("shuftipro");
