//! From an owned Credo ID to the provider-neutral identity, assurance and decision.
//!
//! | | decision |
//! | --- | --- |
//! | the Credo ID is suspended | declined |
//! | it is deactivated | declined |
//! | its status is another word | pending: what it means is not known |
//! | it is valid, and an identity check (`blockscore`) is among the verifications | accepted |
//! | it is valid, without one | needs action: that the person owns it is proven, who the person is is not |
//!
//! All of it holds at the moment of reading: users can remove verifications at any time, and nothing says for how long one
//! holds.
//!
//! The profile is the user's own word. An identity check says that a Social Security number was checked and not that the
//! name in the profile belongs to it, so names, places and genders stay self-asserted beside it.

use std::time::SystemTime;

use super::{
    Kind, Method, Ownership, PROVIDER, User, model,
    model::{Details, HandleStatus, Profile},
};
use crate::{
    identity::{
        Address, Attribute, Decision, Document, Gender, Identifier, Identity, Name, Provenance, Reason,
        Report, Reputation, VerificationMethod,
    },
    privacy::Pii,
    provider::{Capabilities, Countries, PersonAction},
};

/// What Credo360 can do. Its identity check is of the Social Security number, so it is for people of the United States.
pub const CAPABILITIES: Capabilities = Capabilities {
    reputation: true,
    ..Capabilities::new(
        PROVIDER,
        &[
            VerificationMethod::PossessionOfAccount,
            VerificationMethod::PossessionOfKey,
            VerificationMethod::PossessionOfContact,
            VerificationMethod::DatabaseMatch,
        ],
        Countries::Only(&["US"]),
        &[PersonAction::TypePasscode, PersonAction::Sign],
    )
};

/// The user of a Credo ID with proven ownership, as Credo360 describes them.
///
/// Only [`Client::owner`](super::Client::owner) makes one: there is no public constructor and no `Deserialize`. A [`User`]
/// alone proves nothing, since any Credo ID can be asked for.
///
/// ```compile_fail,E0451
/// # fn forge(ownership: kyckit::credo360::Ownership, user: kyckit::credo360::User) {
/// let forged = kyckit::credo360::Owner { ownership, user, read_at: std::time::SystemTime::UNIX_EPOCH };
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Owner {
    ownership: Ownership,
    user: User,
    read_at: SystemTime,
}

impl Owner {
    /// For `Client::owner` alone: call it after the handles were compared.
    pub(super) fn new(ownership: Ownership, user: User, read_at: SystemTime) -> Self {
        Self { ownership, user, read_at }
    }

    /// The proof that the person owns the Credo ID.
    pub fn ownership(&self) -> &Ownership {
        &self.ownership
    }

    /// What Credo360 tells of the user.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// When it was read, by the client's clock.
    pub fn read_at(&self) -> SystemTime {
        self.read_at
    }

    /// The user in words of no provider, beside the user itself.
    pub fn into_report(self) -> Report<Self> {
        let identity = self.identity();
        let decision = self.decision();
        Report::new(self, identity, decision)
    }

    fn decision(&self) -> Decision {
        let at = self.read_at;
        match self.user.handle.status {
            HandleStatus::Suspended => Decision::declined(PROVIDER, at, [Reason::AccountSuspended]),
            HandleStatus::Deactivated => Decision::declined(PROVIDER, at, [Reason::AccountDeactivated]),
            HandleStatus::Other(_) => Decision::pending(PROVIDER, at, Reason::StatusUnknown),
            HandleStatus::Valid if self.user.verifications.iter().any(|one| one.kind.is_identity_check()) => {
                Decision::accepted(PROVIDER, at)
            }
            HandleStatus::Valid => Decision::needs_action(PROVIDER, at, [Reason::IdentityNotChecked]),
        }
    }

    /// What is known of the owner, in words of no provider.
    pub fn identity(&self) -> Identity {
        let proven =
            |means| Provenance::new(PROVIDER, means, self.read_at).checked_at(self.ownership.proven_at());
        let judged = Provenance::new(PROVIDER, VerificationMethod::Attested, self.read_at);
        let mut identity =
            identity(&self.user, self.read_at, &judged, &proven(VerificationMethod::PossessionOfAccount));
        identity.assurance_mut().add(proven(VerificationMethod::PossessionOfAccount));
        if *self.ownership.method() == Method::Signature {
            identity.assurance_mut().add(proven(VerificationMethod::PossessionOfKey));
        }
        // A barred account's verifications no longer count.
        if self.user.handle.status == HandleStatus::Valid {
            for verification in &self.user.verifications {
                if let Some(means) = means(&verification.kind) {
                    let finding = Provenance::new(PROVIDER, means, self.read_at)
                        .checked_at(*verification.verified_on.expose());
                    identity.assurance_mut().add(finding);
                }
            }
        }
        identity
    }
}

impl User {
    /// What Credo360 says of this user, in provider-neutral terms: all of it self-asserted, since no one has proven to be
    /// this user. See [`Owner`].
    pub fn identity(&self, read_at: SystemTime) -> Identity {
        let stated = Provenance::self_asserted(PROVIDER, read_at);
        identity(self, read_at, &stated, &stated)
    }
}

/// `judged` is what Credo360's judgement of the user rests on, `owned` what the Credo ID does.
fn identity(user: &User, read_at: SystemTime, judged: &Provenance, owned: &Provenance) -> Identity {
    let mut identity = Identity::new();
    let stated = Provenance::self_asserted(PROVIDER, read_at);
    let handle = Identifier::new("credo_id", user.handle.id.expose());
    identity.add(Attribute::new(handle, owned.clone()));
    if let Some(profile) = &user.profile {
        says(profile, &stated, &mut identity);
    }
    for verification in &user.verifications {
        if let Details::Blockscore(Some(document)) = &verification.details {
            identity.add(Attribute::new(kind_of(document), stated.clone()));
        }
    }
    let reputation = Reputation {
        scale: "credo_score".to_owned(),
        score: Some(user.reputation.score.map(|score| score.to_string())),
        grade: Some(Pii::from(user.reputation.quality.expose().as_str())),
    };
    identity.add(Attribute::new(reputation, judged.clone()));
    identity
}

fn says(profile: &Profile, stated: &Provenance, identity: &mut Identity) {
    let name = Name {
        given: Some(profile.name.first.clone()),
        family: profile.name.last.clone(),
        ..Name::default()
    };
    identity.add(Attribute::new(name, stated.clone()));
    if let Some(location) = &profile.location {
        let address = Address {
            locality: location.city.clone(),
            region: location.region.clone(),
            country: Some(location.country.clone()),
            ..Address::default()
        };
        identity.add(Attribute::new(address, stated.clone()));
    }
    if let Some(gender) = &profile.gender {
        identity.add(Attribute::new(Gender(Pii::from(gender.expose().as_str())), stated.clone()));
    }
}

/// That there is a document is given; its number is not.
fn kind_of(document: &Pii<model::Document>) -> Document {
    let kind = match document.expose() {
        model::Document::Ssn => "social_security_number",
        model::Document::Other(word) => word,
    };
    Document { kind: Some(Pii::from(kind)), ..Document::default() }
}

/// What a kind of verification proves: of an unknown kind, nothing is known.
fn means(kind: &Kind) -> Option<VerificationMethod> {
    Some(match kind {
        Kind::Email | Kind::Phone => VerificationMethod::PossessionOfContact,
        Kind::Facebook | Kind::LinkedIn | Kind::Reddit | Kind::Twitter | Kind::Dwolla | Kind::Coinbase => {
            VerificationMethod::PossessionOfAccount
        }
        Kind::Blockscore => VerificationMethod::DatabaseMatch,
        Kind::Other(_) => return None,
    })
}
