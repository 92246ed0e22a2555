//! Input of a flow's start.

use std::time::SystemTime;

use super::person::{Attempt, PersonId};
use crate::{
    identity::{Attribute, Identifier, Identity},
    provider::ProviderId,
};

/// Input of [`Registry::start`](super::Registry::start): your id of the person, and what you know of them.
///
/// Each provider uses a part of it: a name to compare with the document, a Credo ID, a mail address. The provider's
/// module names it.
///
/// ```
/// use kyckit::flow::{PersonId, Start};
///
/// let person = PersonId::new("customer 4711")?;
/// let start = Start::new(person).identifier("credo_id", "02598397346");
/// # Ok::<(), kyckit::Error>(())
/// ```
///
/// Names, addresses and the like are added as an identity:
///
/// ```
/// use kyckit::{
///     flow::{PersonId, Start},
///     identity::{Attribute, Identity, Name},
///     provider::ProviderId,
/// };
///
/// # let now = std::time::SystemTime::UNIX_EPOCH;
/// let mut typed = Name::default();
/// typed.full = Some("Jane Roe".into());
/// let mut known = Identity::new();
/// known.add(Attribute::self_asserted(typed, ProviderId::new("sign-up"), now));
/// let start = Start::new(PersonId::new("customer 4711")?).known_identity(known);
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Start {
    pub(super) person: PersonId,
    known: Identity,
    identifiers: Vec<Identifier>,
    pub(super) attempt: Option<Attempt>,
}

impl Start {
    /// Creates a start with no more than the person's id.
    pub fn new(person: PersonId) -> Self {
        Self { person, known: Identity::new(), identifiers: Vec::new(), attempt: None }
    }

    /// Sets what is known of the person, such as from your own form.
    #[must_use]
    pub fn known_identity(mut self, known: Identity) -> Self {
        self.known = known;
        self
    }

    /// Adds an identifier that the person gave, such as a Credo ID: the kind is the one that the provider's flow names.
    #[must_use]
    pub fn identifier(mut self, kind: impl Into<String>, value: impl Into<String>) -> Self {
        self.identifiers.push(Identifier::new(kind, value.into()));
        self
    }

    /// Sets the attempt, so that a start can be repeated after a crash: see [`Attempt::derive`]. Default: a random one.
    #[must_use]
    pub fn attempt(mut self, attempt: Attempt) -> Self {
        self.attempt = Some(attempt);
        self
    }

    /// Returns the person's id.
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// Returns what is known, with the identifiers as self-asserted at this time.
    pub(super) fn identity(&self, now: SystemTime) -> Identity {
        let mut known = self.known.clone();
        for identifier in &self.identifiers {
            known.add(Attribute::self_asserted(identifier.clone(), ProviderId::new("application"), now));
        }
        known
    }
}
