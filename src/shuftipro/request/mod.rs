//! Typed request builders.
//!
//! The heart of the provider's interface is that a field has **three states**, and each has its own word here:
//!
//! | state | on the wire | meaning | here |
//! | --- | --- | --- | --- |
//! | absent | no key | not checked | nothing is called |
//! | empty | `""` | read from the proof (OCR), returned and checked | [`read_name()`](Document::read_name) |
//! | value | the value | the proof is compared with it | [`name(…)`](Document::name) |
//!
//! A request is **onsite** (no proofs: the person is sent to a page) or **offsite** (all proofs are in it), or it
//! names a **journey** that was built in the back office:
//!
//! ```
//! use kyckit::shuftipro::{
//!     model::DocumentType,
//!     request::{Document, Face, Name, Reference, VerificationRequest},
//! };
//!
//! // Read everything from the passport that the person shows, and compare the face.
//! let request = VerificationRequest::onsite(Reference::new("customer-1-try-1")?)
//!     .callback_url("https://backend.example.com/kyc")
//!     .document(Document::ocr().supported_types([DocumentType::Passport]))
//!     .face(Face::new());
//!
//! // Or compare the document with what the person typed.
//! let other = VerificationRequest::onsite(Reference::new("customer-1-try-2")?)
//!     .document(Document::new().name(Name::first_last("Jane", "Roe").fuzzy_match()));
//!
//! let body = request.body()?;
//! # let _ = (body, other.body()?);
//! # Ok::<(), kyckit::Error>(())
//! ```
//!
//! Nothing is sent before it was checked: [`body`](VerificationRequest::body) refuses what the provider's pages refuse,
//! and names the field. What depends on the account or the day is left to the provider.
//!
//! A field that a builder lacks is set with its `raw` method.
//!
//! Source: `docs/general_parameters`, `docs/verification_endpoints/requests`, and the services' own pages.

mod address;
mod body;
mod check;
mod company;
mod consent;
mod database;
mod delete;
mod document;
mod face;
mod name;
mod object;
mod phone;
mod questions;
mod reference;
mod risk;
mod screening;
mod service;
mod verification;

pub use address::Address;
pub use company::Kyb;
pub use consent::Consent;
pub use database::Ekyc;
pub use delete::DeleteRequest;
pub use document::{Document, VerificationInstructions};
pub use face::{Face, FaceAuthentication};
pub use name::{Age, Name};
pub use phone::Phone;
pub use questions::{Kyi, Questionnaire};
pub use reference::Reference;
pub use risk::RiskAssessmentRequest;
pub use screening::{AmlForBusinesses, BackgroundChecks};
pub use verification::VerificationRequest;

/// A field's three states.
#[derive(Clone, Debug, Default, PartialEq)]
enum Field<T> {
    /// No key: not checked.
    #[default]
    Absent,
    /// `""`: read from the proof, or asked of the person.
    Empty,
    /// Compared with the proof.
    Value(T),
}

impl<T> Field<T> {
    const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Empty => None,
        }
    }

    const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}
