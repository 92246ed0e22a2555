//! What the provider answers: the wire's own words as types.
//!
//! The heart is [`VerificationResponse`]: one body that serves the HTTP answer, the callback and the status. It cannot be made from
//! bytes outside of the crate, and what it decided is asked of a [`Verified`](crate::verified::Verified) answer only.
//!
//! Reading is lenient where the provider is loose, and never silent about what it cannot read:
//!
//! - every object may come as `[]`, every text as `null` or `""`: both are nothing;
//! - numbers may come as text, and text as numbers;
//! - events, types and codes are open lists: an unlisted value is kept as `Other`;
//! - keys that this version does not know are kept in `extra`;
//! - a member of another kind than documented becomes absent, and is listed by `unread`;
//! - what a decision, a reference or an amount rests on is an error that names its path in that case.
//!
//! What the provider knows of a person is [`Pii`], links and tokens are
//! [`Secret`](crate::privacy::Secret).

mod account;
mod aml;
mod data;
mod enums;
mod event;
mod info;
mod operation;
mod proofs;
mod response;
mod result;
mod risk;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use account::{AccessToken, Account, AccountStatus, Balance, DeclineReason};
pub use aml::{AmlData, Asset, Associate, EntityType, FieldValue, Hit, Medium, SourceDetail, SourceNote};
pub use data::{
    AddressData, AddressDecomposition, BackgroundChecksData, ConsentData, DocumentData, EkycData, FaceData,
    NameData, PersonalDetails, VerificationData,
};
pub use enums::{
    AddressType, AmlType, ConsentType, DocumentType, Gender, MatchType, QuestionnaireType, SearchType,
    Service, VerificationMode,
};
pub use event::{Decision, Event};
pub use info::{Agent, Geolocation, Info};
pub use operation::Operation;
pub(crate) use proofs::scheme_is_safe as link_scheme_is_safe;
pub use proofs::{Link, Method, Origin, ProofLink};
pub use response::{AdditionalData, ErrorDetail, VerificationResponse};
pub use result::{Outcome, ServiceResult, VerificationResult};
pub use risk::{
    AssessedService, FraudPoint, Question, QuestionType, QuestionnairePart, RiskAssessment, RiskRange,
    RiskScore,
};

use crate::{
    error::{Error, ErrorKind},
    privacy::Pii,
};

/// The keys of an object that this version of the crate does not know, with their values as they came.
pub type Extra = Pii<BTreeMap<String, serde_json::Value>>;

/// An answer without a member that every answer of its kind has.
fn missing(path: &'static str) -> Error {
    Error::new(ErrorKind::Decode, "a member is missing or of another type").with_path(path)
}
