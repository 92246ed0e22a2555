//! Templates: what an application has to hold.
//!
//! Source: the provider's integration documentation, "KYC".

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{
    Service,
    answer::{Outcome, Refusal, ok},
};
use crate::{error::Error, selfkey::attribute::Requirement, transport::decode, wire};

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
    fn list(&self) -> BoxFuture<'_, Result<Vec<Value>, Error>>;

    /// The template of this id; a number is given as its digits.
    ///
    /// # Errors
    ///
    /// When it could not be read.
    fn get<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Value>, Error>>;
}

impl Service {
    pub(super) async fn list_templates(&self) -> Outcome {
        let templates = self.templates.as_deref().ok_or_else(Refusal::not_found)?;
        let list = templates.list().await.map_err(Refusal::unhandled)?;
        Ok(ok(&if self.is_documented() { json!({ "templates": list }) } else { Value::Array(list) }))
    }

    pub(super) async fn template(&self, id: &str) -> Outcome {
        let template = self.find_template(id).await?;
        Ok(ok(&if self.is_documented() { json!({ "template": template }) } else { template }))
    }

    pub(super) async fn find_template(&self, id: &str) -> Result<Value, Refusal> {
        let templates = self.templates.as_deref().ok_or_else(Refusal::not_found)?;
        templates.get(id).await.map_err(Refusal::unhandled)?.ok_or_else(Refusal::not_found)
    }
}

/// What a template asks for; entries that name no schema are the application's mistake.
pub(super) fn requirements(template: &Value) -> Result<Vec<Requirement>, Refusal> {
    let entries = template.get("attributes").filter(|entries| !entries.is_null());
    let Some(entries) = entries else { return Ok(Vec::new()) };
    decode::json(entries.to_string().as_bytes()).map_err(Refusal::unhandled)
}

/// An id as text, however JSON has it.
pub(super) fn id_text(id: &Value) -> Option<String> {
    match id {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(wire::json::number_text(number)),
        _ => None,
    }
}
