//! Templates: what an application has to hold.
//!
//! Source: the provider's integration documentation, "KYC".

use serde_json::{Value, json};

use super::{
    rejection::{Outcome, Rejection, ok},
    service::Service,
};

impl Service {
    pub(super) async fn list_templates(&self) -> Outcome {
        let templates = self.templates.as_deref().ok_or_else(Rejection::not_found)?;
        let list = templates.list().await.map_err(Rejection::unhandled)?;
        Ok(ok(&if self.is_documented() { json!({ "templates": list }) } else { Value::Array(list) }))
    }

    pub(super) async fn template(&self, id: &str) -> Outcome {
        let template = self.find_template(id).await?;
        Ok(ok(&if self.is_documented() { json!({ "template": template }) } else { template }))
    }

    pub(super) async fn find_template(&self, id: &str) -> Result<Value, Rejection> {
        let templates = self.templates.as_deref().ok_or_else(Rejection::not_found)?;
        templates.get(id).await.map_err(Rejection::unhandled)?.ok_or_else(Rejection::not_found)
    }
}
