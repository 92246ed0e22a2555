//! Templates in memory.

use serde_json::Value;

use super::{super::store::Templates, store::Memory};
use crate::error::Error;

impl Templates for Memory {
    async fn list(&self) -> Result<Vec<Value>, Error> {
        let templates = self.state().templates.clone();
        Ok(templates)
    }

    async fn get(&self, id: &str) -> Result<Option<Value>, Error> {
        let template = self.state().template(id);
        Ok(template)
    }
}
