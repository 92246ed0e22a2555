//! `risk_assessment` and questionnaires.
//!
//! Source: the "Responses" page of the risk assessment product.

use serde::Deserialize;

use super::{Event, Extra};
use crate::{
    privacy::Pii,
    wire::{self, open_enum},
};

/// A risk assessment.
///
/// It is accepted or declined as a whole by the event of the answer; an accepted one may list a declined service, see
/// [`declined_services`](Self::declined_services).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RiskAssessment {
    /// The assessment's title in the back office.
    #[serde(deserialize_with = "wire::text")]
    pub title: Option<String>,
    /// What was looked at against fraud, with points.
    #[serde(deserialize_with = "wire::list")]
    pub fraud_prevention: Vec<FraudPoint>,
    /// What the person answered.
    #[serde(deserialize_with = "wire::list")]
    pub questionnaire: Vec<QuestionnairePart>,
    /// The scores.
    #[serde(deserialize_with = "wire::object")]
    pub risk_score: RiskScore,
    /// What each service of the assessment came to.
    #[serde(deserialize_with = "wire::list")]
    pub services: Vec<AssessedService>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl RiskAssessment {
    /// The services that were declined. An accepted assessment may have some: whoever grants something for a single
    /// service has to look here.
    pub fn declined_services(&self) -> impl Iterator<Item = &str> {
        self.services
            .iter()
            .filter(|service| service.status == Some(Event::VerificationDeclined))
            .filter_map(|service| service.service_name.as_deref())
    }
}

/// One thing that was looked at against fraud.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct FraudPoint {
    /// What it is, such as `No of failed verifications in last month`.
    #[serde(deserialize_with = "wire::text")]
    pub point_name: Option<String>,
    /// Its points, as the wire spells the number.
    #[serde(deserialize_with = "wire::text")]
    pub point_score: Option<Pii<String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The scores of an assessment, as the wire spells the numbers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RiskScore {
    /// The range that the total falls into.
    #[serde(deserialize_with = "wire::personal")]
    pub range_name: Option<Pii<RiskRange>>,
    /// The total.
    #[serde(deserialize_with = "wire::text")]
    pub total_assessment_score: Option<Pii<String>>,
    /// Fraud prevention's part; `None` when it is not processed.
    #[serde(deserialize_with = "wire::text")]
    pub fraud_prevention_score: Option<Pii<String>>,
    /// The questionnaire's part; `None` when it is not processed.
    #[serde(deserialize_with = "wire::text")]
    pub questionnaire_score: Option<Pii<String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

open_enum! {
    /// A range of the total score. The ranges are set in the back office.
    pub enum RiskRange {
        /// Low:
        Low = "low",
        /// Medium:
        Medium = "medium",
        /// High:
        High = "high",
    }
}

/// What a service of an assessment came to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AssessedService {
    /// The service's key.
    #[serde(deserialize_with = "wire::text")]
    pub service_name: Option<String>,
    /// Its own event.
    #[serde(deserialize_with = "wire::text")]
    pub status: Option<Event>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// One page of a questionnaire.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct QuestionnairePart {
    /// Its title.
    #[serde(deserialize_with = "wire::text")]
    pub title: Option<String>,
    /// Its questions.
    #[serde(deserialize_with = "wire::list")]
    pub questions: Vec<Question>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A question and what the person answered.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Question {
    /// The question.
    #[serde(deserialize_with = "wire::text")]
    pub question: Option<String>,
    /// The answer: one text, several where several choices were made, none without one. For a
    /// [`File`](QuestionType::File) it is a link that opens the file; the answer's
    /// [`proofs`](super::VerificationResponse::proofs) list it.
    #[serde(rename = "answer", deserialize_with = "wire::texts")]
    pub answers: Vec<Pii<String>>,
    /// What kind of answer it is.
    #[serde(rename = "type", deserialize_with = "wire::text")]
    pub kind: Option<QuestionType>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

open_enum! {
    /// What kind of answer a question takes.
    pub enum QuestionType {
        /// One of several choices:
        Radio = "radio",
        /// A number:
        Float = "float",
        /// A file; the answer is a link:
        File = "file",
    }
}
