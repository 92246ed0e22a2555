//! SelfKey: a wallet's side, a relying party's side, and KYC-Chain.

use crate::error::Provider;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: Provider = Provider::new("selfkey");
