//! What can be added to an application.

use serde::Serialize;

use crate::{selfkey::attribute::SchemaId, transport::Upload};

/// An attribute to ask for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAttribute {
    description: String,
    label: String,
    optional: bool,
    schema: SchemaId,
}

impl NewAttribute {
    /// Creates an attribute by its kind and its label.
    pub fn new(schema: impl Into<SchemaId>, label: impl Into<String>) -> Self {
        Self { description: String::new(), label: label.into(), optional: false, schema: schema.into() }
    }

    /// Describes what it is for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets whether the applicant may leave it out. Default: it must be given.
    #[must_use]
    pub fn optional(mut self, optional: bool) -> Self {
        self.optional = optional;
        self
    }
}

/// A question to ask.
///
/// ```
/// use kyckit::selfkey::kyc_chain::NewQuestion;
///
/// let question =
///     NewQuestion::select("Employees", "How many?", ["up to 5", "more"]);
/// # let _ = question;
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewQuestion {
    description: String,
    label: String,
    question: String,
    optional: bool,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<String>>,
}

impl NewQuestion {
    /// Creates a question of a kind: `input`, `checkbox`, `select` or `date`.
    pub fn new(kind: impl Into<String>, label: impl Into<String>, question: impl Into<String>) -> Self {
        Self {
            description: String::new(),
            label: label.into(),
            question: question.into(),
            optional: false,
            kind: kind.into(),
            options: None,
        }
    }

    /// Creates a question with options to choose from.
    pub fn select<T: Into<String>>(
        label: impl Into<String>,
        question: impl Into<String>,
        options: impl IntoIterator<Item = T>,
    ) -> Self {
        let options = options.into_iter().map(Into::into).collect();
        Self { options: Some(options), ..Self::new("select", label, question) }
    }

    /// Describes what it is for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets whether the applicant may leave it out. Default: it must be answered.
    #[must_use]
    pub fn optional(mut self, optional: bool) -> Self {
        self.optional = optional;
        self
    }
}

/// A file to attach to an application.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub(super) content: Upload,
    pub(super) media_type: String,
    pub(super) name: Option<String>,
}

impl Attachment {
    /// Creates an attachment by its media type and its bytes.
    pub fn new(media_type: impl Into<String>, content: Upload) -> Self {
        Self { content, media_type: media_type.into(), name: None }
    }

    /// Sets the name of the file. Default: `document`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}
