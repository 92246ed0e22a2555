//! Credo360.

mod challenge;
mod client;
pub mod model;
pub mod signer;

pub use challenge::{Attempts, Challenge, Nonce, Ownership, Passcode, Response, Validation};
pub use client::{Builder, Client};
pub use model::{Delivery, HandleId, Kind, Method, User};

use crate::error::Provider;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: Provider = Provider::new("credo360");
