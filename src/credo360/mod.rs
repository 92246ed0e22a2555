//! Credo360.

mod challenge;
mod client;
mod model;
pub mod signer;

pub use challenge::{Attempts, Challenge, Nonce, Ownership, Passcode, Response, Validation};
pub use client::{Builder, Client};
pub use model::{
    Age, BehaviorSegment, Coinbase, Delivery, Details, Document, Dwolla, EndorsementsSegment, Extra, Gender,
    Handle, HandleId, HandleStatus, IdentitySegment, Kind, Location, Method, Name, Phone, Picture, Profile,
    Quality, Reddit, Reputation, Segments, User, Verification,
};

use crate::error::Provider;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: Provider = Provider::new("credo360");
