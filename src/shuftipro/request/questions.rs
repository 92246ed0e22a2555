//! The services `questionnaire` and `kyi`: questions from the back office. Onsite only.

use serde_json::Value;

use super::{
    check,
    object::object,
    service::{Proofs, ServiceRequest},
};
use crate::{error::Error, shuftipro::model::QuestionnaireType};

object! {
    /// Questions for the person.
    ///
    /// Source: `docs/user_identification_authentication/due_diligence_form`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Questionnaire + raw {
        fn uuid(required Vec<String>);
        /// When the questions are asked: before the other services by default.
        pub fn questionnaire_type(optional QuestionnaireType);
    }
}

impl Questionnaire {
    /// One to five questionnaires, by their ids in the back office.
    pub fn new(uuids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::blank(uuids.into_iter().map(Into::into).collect())
    }
}

impl ServiceRequest for Questionnaire {
    const PROOFS: Proofs = Proofs::OnsiteOnly;

    fn check(&self, at: &str) -> Result<(), Error> {
        one_to_five(at, &self.uuid)
    }
}

object! {
    /// Questions for an investor. The request must carry an e-mail address.
    ///
    /// Source: `docs/business_identification_risk/investor_verification`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Kyi + raw {
        /// The questionnaires, by their ids in the back office.
        pub fn uuid(list String);
        /// When the questions are asked.
        pub fn questionnaire_type(optional QuestionnaireType);
        fn kyi_request(hidden Value);
    }
}

impl Kyi {
    /// One to five questionnaires, by their ids in the back office.
    pub fn new(uuids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::default().uuid(uuids)
    }

    /// Whether this is an investor's request. A JSON boolean, unlike the provider's other flags.
    #[must_use]
    pub fn kyi_request(mut self, on: bool) -> Self {
        self.kyi_request = Some(Value::Bool(on));
        self
    }
}

impl ServiceRequest for Kyi {
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
