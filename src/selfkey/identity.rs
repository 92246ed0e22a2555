//! From SelfKey's responses to the provider-neutral identity, assurance and decision.
//!
//! Two things are proven, and neither is the other:
//!
//! - a [`Holder`] has a private key: that is all that a wallet's signature says;
//! - a [`Review`] is an application as KYC-Chain shows it to a client with an API key: its status is the decision.

use super::PROVIDER;
use crate::{
    identity::VerificationMethod,
    provider::{Capabilities, Countries, PersonAction, Results},
};

/// What SelfKey can do. KYC-Chain announces changes of a status without proving that it is KYC-Chain, so they are hints
/// to ask.
pub const CAPABILITIES: Capabilities = Capabilities {
    results: Results::Hint,
    wallet: true,
    ..Capabilities::new(
        PROVIDER,
        &[VerificationMethod::PossessionOfKey, VerificationMethod::Attested],
        Countries::Unstated,
        &[PersonAction::Sign, PersonAction::GiveFiles, PersonAction::GiveAnswers],
    )
};
