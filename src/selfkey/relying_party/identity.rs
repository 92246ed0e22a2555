//! From a wallet's signature to the provider-neutral identity: possession of a key, and no more.

use std::time::SystemTime;

use super::{holder::Holder, signature::Signer};
use crate::{
    identity::{Attribute, Decision, Identifier, Identity, Provenance, Reason, Report, VerificationMethod},
    selfkey::PROVIDER,
};

impl Signer {
    /// Returns who signed, in words of no provider: possession of a key, and no more. `at` is when the signature was
    /// checked.
    pub fn identity(&self, at: SystemTime) -> Identity {
        key_holder("did", self.did().as_str(), at)
    }
}

impl Holder {
    /// Converts the holder to words of no provider, beside the holder itself: possession of a key, and no more. `at` is
    /// when the token was validated.
    ///
    /// Never accepted: who the holder is, a wallet's signature does not say. A [`Review`](crate::selfkey::Review) does.
    pub fn into_report(self, at: SystemTime) -> Report<Self> {
        let kind = if self.is_did() { "did" } else { "public_key" };
        let identity = key_holder(kind, self.as_str(), at);
        let decision = Decision::needs_action(PROVIDER, at, [Reason::IdentityNotChecked]);
        Report::new(self, identity, decision)
    }
}

fn key_holder(kind: &str, text: &str, at: SystemTime) -> Identity {
    let proven = Provenance::new(PROVIDER, VerificationMethod::PossessionOfKey, at).checked_at(at);
    let mut identity = Identity::new();
    identity.add(Attribute::new(Identifier::new(kind, text), proven.clone()));
    identity.assurance_mut().add(proven);
    identity
}
