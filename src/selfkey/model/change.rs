//! What comes of changes, and what is sent to change an application.

use serde_json::{Map, Value, json};
use url::Url;

use super::{attribute::SchemaId, template::TemplateId};
use crate::privacy::Pii;

/// An application, or a member's application, that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    /// What the relying party knows it by. None: it did not say; it is the newest in the list.
    pub id: Option<String>,
    /// Where the applicant can go on with it.
    pub url: Option<Url>,
}

/// A file that a relying party keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// What the relying party knows it by.
    pub id: String,
}

/// Changes to an application.
///
/// ```
/// use kyckit::selfkey::{attribute::AttributeType, model::ApplicationUpdate};
///
/// let update = ApplicationUpdate::new("5c6619ae1ea6440111989852")
///     .attribute(
///         "5c4e6edda58d2900401ba61b",
///         AttributeType::FirstName,
///         "Augusta",
///     )
///     .answer("5c4e6edda58d2900401ba61c", "5");
/// # let _ = update;
/// ```
#[derive(Clone)]
pub struct ApplicationUpdate {
    template: TemplateId,
    attributes: Vec<Value>,
    questions: Map<String, Value>,
}

impl ApplicationUpdate {
    /// Creates an empty change of an application for this template.
    pub fn new(template: impl Into<TemplateId>) -> Self {
        Self { template: template.into(), attributes: Vec::new(), questions: Map::new() }
    }

    /// Replaces an attribute, by the id of its requirement. Files in the data must have been uploaded.
    #[must_use]
    pub fn attribute(
        mut self,
        requirement: impl Into<String>,
        schema: impl Into<SchemaId>,
        data: impl Into<Value>,
    ) -> Self {
        let (requirement, schema) = (requirement.into(), schema.into());
        self.attributes.push(json!({ "id": requirement, "schemaId": schema, "data": data.into() }));
        self
    }

    /// Answers a question, by its id.
    #[must_use]
    pub fn answer(mut self, question: impl Into<String>, answer: impl Into<Value>) -> Self {
        self.questions.insert(question.into(), json!({ "value": answer.into() }));
        self
    }

    pub(crate) fn body(&self, application: &str) -> Pii<Value> {
        let mut body = json!({ "id": application, "templateId": self.template });
        if !self.attributes.is_empty() {
            body["attributes"] = json!(self.attributes);
        }
        if !self.questions.is_empty() {
            body["questions"] = json!(self.questions);
        }
        Pii::new(body)
    }
}

crate::privacy::redacted_debug!(ApplicationUpdate {
    attributes: |it| it.attributes.len(),
    questions: |it| it.questions.len(),
    ..
});
