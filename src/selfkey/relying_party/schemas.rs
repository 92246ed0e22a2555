//! The JSON Schemas that values are checked by.
//!
//! Values are checked by JSON Schema (draft 07, the formats `email` and `date` enforced). Nothing is fetched: a schema
//! that was not given beforehand is unknown, and an attribute with it invalid.
//!
//! Source: `selfkey.js`, `src/identity/attribute-manager`.

use std::collections::HashMap;

use boon::{Compiler, Draft, SchemaIndex, UrlLoader};
use serde_json::Value;

use crate::error::Error;

/// Faults of one attribute that are reported.
const MAX_FAULTS: usize = 16;

/// JSON Schemas by their id: the repository that attributes are checked against.
pub struct Schemas {
    compiled: boon::Schemas,
    /// By the id without its scheme; `None` for a schema that could not be compiled.
    by_id: HashMap<String, SchemaIndex>,
}

impl Schemas {
    /// Compiles schemas; each comes with its id. One that names a schema which is not among them is left out, and so
    /// counts as unknown.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for an id that is no URL.
    pub fn new<I: Into<String>>(schemas: impl IntoIterator<Item = (I, Value)>) -> Result<Self, Error> {
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V7);
        compiler.enable_format_assertions();
        compiler.use_loader(Box::new(NoLoader));
        let mut ids = Vec::new();
        for (id, schema) in schemas {
            let id = id.into();
            compiler
                .add_resource(&id, schema)
                .map_err(|_| Error::configuration("the id of a schema is not a URL, or is given twice"))?;
            ids.push(id);
        }
        let mut compiled = boon::Schemas::new();
        let mut by_id = HashMap::new();
        for id in ids {
            if let Ok(index) = compiler.compile(&id, &mut compiled) {
                by_id.insert(bare(&id).to_owned(), index);
            }
        }
        Ok(Self { compiled, by_id })
    }

    /// Returns whether the schema is known. `http` and `https` are the same here.
    pub fn knows(&self, schema_id: &str) -> bool {
        self.by_id.contains_key(bare(schema_id))
    }

    /// Returns what is wrong with a value, as paths and rules; empty when it is valid.
    pub fn faults(&self, schema_id: &str, value: &Value) -> Vec<String> {
        let Some(index) = self.by_id.get(bare(schema_id)) else {
            return vec!["the schema is not known".to_owned()];
        };
        let mut faults = Vec::new();
        if let Err(error) = self.compiled.validate(value, *index) {
            collect(&error, &mut faults);
        }
        faults
    }
}

crate::privacy::redacted_debug!(Schemas { known: |it| it.by_id.len(), .. });

/// Fetches nothing, not even from files, which the crate beneath would do.
struct NoLoader;

impl UrlLoader for NoLoader {
    fn load(&self, _: &str) -> Result<Value, Box<dyn std::error::Error>> {
        Err("schemas are not fetched".into())
    }
}

/// The leaves of an error: where, and which rule. Its own text would quote the value.
fn collect(error: &boon::ValidationError<'_, '_>, into: &mut Vec<String>) {
    if into.len() >= MAX_FAULTS {
        return;
    }
    if error.causes.is_empty() {
        let at = error.instance_location.to_string();
        let rule = error.schema_url.rsplit_once('#').map_or("", |(_, rule)| rule);
        let what = match &error.kind {
            boon::ErrorKind::Required { want } => format!("lacks {}", want.join(", ")),
            boon::ErrorKind::Format { want, .. } => format!("is not of the format {want}"),
            boon::ErrorKind::Type { .. } => "is of another type".to_owned(),
            _ => format!("does not keep to the rule {rule}"),
        };
        into.push(format!("{at} {what}").trim_start().to_owned());
    }
    for cause in &error.causes {
        collect(cause, into);
    }
}

/// A schema's id without its scheme: some of the provider's documents write https for http.
fn bare(schema_id: &str) -> &str {
    let id = schema_id.trim();
    id.strip_prefix("http://").or_else(|| id.strip_prefix("https://")).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NAME: &str = "http://platform.selfkey.org/schema/attribute/first-name.json";

    fn schemas() -> Schemas {
        Schemas::new([
            (NAME, json!({ "type": "string" })),
            ("http://x/refers.json", json!({ "$ref": "http://elsewhere/away.json" })),
            ("http://x/file.json", json!({ "$ref": "file:///etc/hostname" })),
        ])
        .expect("schemas")
    }

    #[test]
    fn nothing_is_fetched() {
        let schemas = schemas();
        assert!(schemas.knows(NAME));
        for unknown in
            ["http://x/refers.json", "http://x/file.json", "http://elsewhere/away.json", "", "file:///"]
        {
            assert!(!schemas.knows(unknown), "{unknown}");
            assert!(!schemas.faults(unknown, &json!("x")).is_empty());
        }
    }

    #[test]
    fn faults_do_not_quote_values() {
        let schemas = Schemas::new([(
            NAME,
            json!({ "type": "object", "properties": { "mail": { "format": "email" }, "n": { "type": "integer" },
                "c": { "enum": ["SG"] }, "p": { "pattern": "^a$" } }, "required": ["there"] }),
        )])
        .expect("schemas");
        let faults = schemas
            .faults(NAME, &json!({ "mail": "jane roe", "n": "jane roe", "c": "jane roe", "p": "jane roe" }));
        assert_eq!(faults.len(), 5, "{faults:?}");
        assert!(!faults.join(" ").contains("jane"), "{faults:?}");
    }
}
