//! Provider-neutral identity, assurance and decisions. Depends on no provider.
//!
//! | question | answer |
//! | --- | --- |
//! | who is it? | an [`Identity`]: lists of values, each an [`Attribute`] with its [`Provenance`] |
//! | how sure is that? | its [`Assurance`]: what was proven, by which [`VerificationMethod`], by whom and when |
//! | may they come in? | a [`Decision`] of a provider, with [`Reason`]s |
//! | what did the provider say itself? | [`Report::source`]: the neutral form is beside the response, and replaces nothing |
//!
//! Each provider's module has an `into_report` on its verified response.
//!
//! # What counts as verified
//!
//! - A value proves something when a conversion read in the provider's response that it was checked successfully. Otherwise it is
//!   there all the same, as [self-asserted](VerificationMethod::SelfAsserted), or as [failed](VerificationMethod::CheckFailed).
//! - An accepted [`Decision`] is made from a provider's verified type, and has no public constructor.
//! - What is [read back from JSON](json) proves nothing: it is [`Recorded`], and [`RecordedDecision`] is no `Decision`.
//! - [Merging](Identity::merge) proves nothing that none of the parts proves.
//! - Methods are not grades. An owned account and a checked document do not add up.
//!
//! # Also here
//!
//! | what | where |
//! | --- | --- |
//! | several providers on one person | [`Identity::merge`], [`Identity::conflicts`] |
//! | is it the same name? the same day? | [`compare`] |
//! | storing | [`json`] |
//! | choosing a provider | [`Capabilities`](crate::provider::Capabilities), one constant in each provider's module |
//! | handing on by OpenID Connect | [`verified_claims`] |

mod assurance;
pub mod compare;
mod countries;
mod decision;
pub mod json;
mod merge;
mod moment;
mod person;
mod provenance;
mod reason;
mod values;
pub mod verified_claims;

pub use assurance::Assurance;
pub use decision::{Decision, Outcome, RecordedDecision, Report};
pub use json::Recorded;
pub use merge::{Conflict, ConflictKind};
pub use person::{AttributeValue, Identity};
pub use provenance::{Attribute, Origin, Provenance, ProviderName, VerificationMethod};
pub use reason::Reason;
pub use values::{
    Address, AddressKind, BirthDate, BirthPlace, Contact, ContactKind, Document, Gender, Identifier, Name,
    Nationality, Reputation, Work,
};
