//! The wire types, in the provider's words.
//!
//! Every list of words is open: a word that this version does not know is kept. What a user's privacy settings withhold
//! is `None`, and says nothing about the user.

mod handle;
mod timestamp;
mod user;
mod verification;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{privacy::Pii, wire::open_enum};

pub use handle::{Handle, HandleId, HandleStatus};
pub use user::{
    Age, BehaviorSegment, EndorsementsSegment, Gender, IdentitySegment, Location, Name, Picture, Profile,
    Quality, Reputation, Segments, User,
};
pub use verification::{Coinbase, Details, Document, Dwolla, Kind, Phone, Reddit, Verification};

pub(super) use timestamp::{optional as optional_timestamp, unix_seconds};

/// Members that this version does not know, by name. They may be personal.
pub type Extra = Pii<BTreeMap<String, serde_json::Value>>;

open_enum! {
    /// How a user can prove ownership of a Credo ID.
    pub enum Method {
        /// A random code reaches the user out of band, and the user tells it to the client:
        Passcode = "passcode",
        /// The user signs a nonce with a private key; Credo360 has its public half:
        Signature = "signature",
    }
}

open_enum! {
    /// How a passcode reaches the user.
    pub enum Delivery {
        /// As a one-time password:
        Otp = "otp",
        /// By mail:
        Email = "email",
        /// By text message:
        Sms = "sms",
    }
}

/// The answer of `GET /auth/{handleId}`.
#[derive(Deserialize)]
pub(super) struct Methods {
    pub(super) methods: Vec<Method>,
}

/// The answer of `PATCH /auth/{challengeId}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Validated {
    pub(super) handle_id: HandleId,
}

#[cfg(test)]
mod tests;
