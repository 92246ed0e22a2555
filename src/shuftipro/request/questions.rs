//! The services `questionnaire` and `kyi`: questions from the back office. Onsite only.

use serde_json::Value;

use super::{
    body::{Body, Encode, Raw},
    check, lists, optional, raw,
    verification::{Part, Proofs},
};
use crate::{error::Error, shuftipro::model::QuestionnaireType};

/// Questions for the person.
///
/// Source: `docs/user_identification_authentication/due_diligence_form`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Questionnaire {
    uuid: Vec<String>,
    questionnaire_type: Option<QuestionnaireType>,
    raw: Raw,
}

impl Questionnaire {
    /// One to five questionnaires, by their ids in the back office.
    pub fn new(uuids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { uuid: uuids.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    optional! {
        /// When the questions are asked: before the other services by default.
        questionnaire_type: QuestionnaireType;
    }

    raw!();
}

impl Encode for Questionnaire {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.member("uuid", &self.uuid);
            object.optional("questionnaire_type", &self.questionnaire_type);
        });
    }
}

impl Part for Questionnaire {
    const PROOFS: Proofs = Proofs::OnsiteOnly;

    fn check(&self, at: &str) -> Result<(), Error> {
        one_to_five(at, &self.uuid)
    }
}

/// Questions for an investor. The request must carry an e-mail address.
///
/// Source: `docs/business_identification_risk/investor_verification`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kyi {
    uuid: Vec<String>,
    questionnaire_type: Option<QuestionnaireType>,
    kyi_request: Option<Value>,
    raw: Raw,
}

impl Kyi {
    /// One to five questionnaires, by their ids in the back office.
    pub fn new(uuids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::default().uuid(uuids)
    }

    lists! {
        /// The questionnaires, by their ids in the back office.
        uuid: String;
    }

    optional! {
        /// When the questions are asked.
        questionnaire_type: QuestionnaireType;
    }

    /// Whether this is an investor's request. A JSON boolean, unlike the provider's other flags.
    #[must_use]
    pub fn kyi_request(mut self, on: bool) -> Self {
        self.kyi_request = Some(Value::Bool(on));
        self
    }

    raw!();
}

impl Encode for Kyi {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.member("uuid", &self.uuid);
            object.optional("questionnaire_type", &self.questionnaire_type);
            object.optional("kyi_request", &self.kyi_request);
        });
    }
}

impl Part for Kyi {
    const PROOFS: Proofs = Proofs::OnsiteOnly;

    fn check(&self, at: &str) -> Result<(), Error> {
        one_to_five(at, &self.uuid)
    }
}

fn one_to_five(at: &str, ids: &[String]) -> Result<(), Error> {
    if (1..=5).contains(&ids.len()) && ids.iter().all(|id| !id.is_empty()) {
        return Ok(());
    }
    Err(Error::invalid(check::path(at, "uuid"), "must hold one to five ids"))
}
