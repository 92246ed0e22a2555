//! Attributes: what a wallet knows of its owner, what a relying party asks for, and the files that belong to it.
//!
//! | what | where |
//! | --- | --- |
//! | kinds of attributes and the ids of their schemas | [`AttributeType`], [`SchemaId`] |
//! | an attribute on its way to a relying party | [`Attribute`], [`Document`] |
//! | what a relying party asks for | [`Requirement`] |
//! | references to documents inside of values, in and out | [`insert_documents`], [`extract_documents`] |
//! | files inside of values that came from a relying party | [`FileObject`], [`resolve_files`] |
//! | attributes of an application by their type | [`ByType`] |

mod by_type;
mod document;
mod files;
mod reference;
mod requirement;
mod schema;

use serde_json::Value;

pub(crate) use by_type::by_type;
pub use by_type::{ByType, OneOrMore};
pub use document::Document;
pub(crate) use document::file_object;
pub use files::{FileObject, resolve_files};
pub use reference::{Referenced, extract_documents, insert_documents};
pub(crate) use reference::{document_number, insert_everywhere, references};
pub use requirement::Requirement;
pub use schema::{AttributeType, SchemaId};

use crate::privacy::Pii;

/// The maximum size of a file by the provider's schemas, in bytes.
pub const MAX_FILE_BYTES: u64 = 50_000_000;

/// An attribute to hand over to a relying party.
///
/// Where a file belongs, the data holds a reference: `$document-` and the number of one of the
/// [documents](Self::document).
///
/// ```
/// use kyckit::{
///     selfkey::attribute::{Attribute, AttributeType, Document},
///     transport::Upload,
/// };
/// use serde_json::json;
///
/// let name =
///     Attribute::new("5c4e6edda58d2900401ba61b", AttributeType::FirstName, "Ada");
/// let passport = Attribute::new(
/// "5c4e6ea6a58d2900401ba619",
/// AttributeType::Passport,
/// json!({"image": "$document-11", "issued": "2020-01-01", "expires": "2030-01-01"}),
/// )
/// .document(Document::new(11, "application/pdf", Upload::bytes("%PDF…")).name("passport.pdf"));
/// # let _ = (name, passport);
/// ```
#[derive(Clone)]
pub struct Attribute {
    pub(crate) id: String,
    pub(crate) schema_id: SchemaId,
    pub(crate) schema: Option<Value>,
    pub(crate) required: Option<bool>,
    pub(crate) data: Option<Pii<Value>>,
    pub(crate) documents: Vec<Document>,
}

impl Attribute {
    /// Creates an attribute by the id of the requirement that it meets, its kind and its value. The id is empty for a
    /// requirement without one: the relying party then goes by the kind.
    pub fn new(requirement: impl Into<String>, schema: impl Into<SchemaId>, data: impl Into<Value>) -> Self {
        Self { data: Some(Pii::new(data.into())), ..Self::without_data(requirement, schema) }
    }

    /// Creates an attribute without data: left out when it is optional, and refused before anything is sent
    /// when it is required.
    pub fn without_data(requirement: impl Into<String>, schema: impl Into<SchemaId>) -> Self {
        Self {
            id: requirement.into(),
            schema_id: schema.into(),
            schema: None,
            required: None,
            data: None,
            documents: Vec::new(),
        }
    }

    /// Sends the JSON schema of the value along, with all references in it resolved, as the provider's wallet does.
    /// Files are then inserted where the schema has them, and members that the schema lacks are left out.
    #[must_use]
    pub fn schema(mut self, schema: Value) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Says whether the relying party requires it.
    #[must_use]
    pub fn required(mut self, required: bool) -> Self {
        self.required = Some(required);
        self
    }

    /// Adds a file.
    #[must_use]
    pub fn document(mut self, document: Document) -> Self {
        self.documents.push(document);
        self
    }

    /// The id of the requirement, if it has one.
    pub(crate) fn requirement(&self) -> Option<&str> {
        Some(self.id.as_str()).filter(|id| !id.is_empty())
    }

    /// The value without a wrapper `{"value": …}` around it.
    pub(crate) fn bare(&self) -> Option<&Value> {
        self.data.as_ref().map(|data| bare(data.expose())).filter(|data| !data.is_null())
    }
}

/// A value without a wrapper `{"value": …}` around it: relying parties and wallets write both.
pub(crate) fn bare(data: &Value) -> &Value {
    match data.as_object() {
        Some(members) if members.len() == 1 => members.get("value").unwrap_or(data),
        _ => data,
    }
}

crate::privacy::redacted_debug!(Attribute { schema_id, required, documents, .. });
