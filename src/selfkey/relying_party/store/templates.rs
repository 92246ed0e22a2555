//! The application's templates.

use serde_json::Value;

use crate::{error::Error, selfkey::model::attribute::Requirement, transport::decode};

/// The application's templates.
///
/// A template is JSON, since relying parties add members of their own: `id` (text or number), `name`, `description`,
/// `type` (`individual` or `corporate`), `attributes` ([`Requirement`]s as JSON), `questions`,
/// `memberTemplates`.
pub trait Templates: Send + Sync {
    /// All templates.
    ///
    /// # Errors
    ///
    /// When they could not be read.
    fn list(&self) -> impl Future<Output = Result<Vec<Value>, Error>> + Send;

    /// The template of this id; a number is given as its digits.
    ///
    /// # Errors
    ///
    /// When it could not be read.
    fn get(&self, id: &str) -> impl Future<Output = Result<Option<Value>, Error>> + Send;
}

/// Reads what a template asks for.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) for an entry that names no schema.
pub(in super::super) fn requirements(template: &Value) -> Result<Vec<Requirement>, Error> {
    let entries = template.get("attributes").filter(|entries| !entries.is_null());
    let Some(entries) = entries else { return Ok(Vec::new()) };
    decode::json(entries.to_string().as_bytes())
}
