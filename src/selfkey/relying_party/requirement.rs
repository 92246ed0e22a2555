//! What a relying party asks for, matched with what a wallet hands over.
//!
//! Values are checked by JSON Schema (draft 07, the formats `email` and `date` enforced). Nothing is fetched: a schema
//! that was not given beforehand is unknown, and an attribute with it invalid.
//!
//! Source: `selfkey.js`, `src/identity/attribute-manager`. One thing is stricter here: an attribute that is matched by
//! its id must have the schema that was asked for, since it chooses by which schema it is checked.

use std::{collections::HashMap, fmt};

use boon::{Compiler, Draft, SchemaIndex, UrlLoader};
use serde_json::{Value, json};

use crate::{
    error::Error,
    privacy::Pii,
    selfkey::attribute::{Requirement, SchemaId},
    wire,
};

/// Attributes of one request that are looked at.
const MOST_ATTRIBUTES: usize = 256;
/// Faults of one attribute that are told.
const MOST_FAULTS: usize = 16;
/// Under the last name, the provider's old servers and wallets sent the value.
const VALUE_NAMES: [&str; 2] = ["data", "value"];

/// JSON Schemas by their id: the repository that attributes are checked against.
pub struct Schemas {
    compiled: boon::Schemas,
    /// By the id without its scheme; `None` for a schema that could not be compiled.
    by_id: HashMap<String, SchemaIndex>,
}

/// One attribute that a wallet has handed over.
#[derive(Clone)]
#[non_exhaustive]
pub struct SubmittedAttribute {
    /// The id of the requirement that it answers.
    pub id: Option<String>,
    /// The kind of attribute.
    pub schema_id: SchemaId,
    /// The value. Where a file belongs there is an object with its id as `content`.
    pub data: Pii<Value>,
}

/// What came of matching: one result for each requirement in order, then one for each attribute that nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Matching {
    /// Whether every requirement that is required has a valid attribute.
    pub is_valid: bool,
    /// One by one.
    pub results: Vec<Match>,
}

/// A requirement and the attribute that was found for it, or an attribute that nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match {
    /// The place of the requirement in its list.
    pub requirement: Option<usize>,
    /// The place of the attribute in its list.
    pub attribute: Option<usize>,
    /// Whether the attribute is there and valid.
    pub is_valid: bool,
    /// What is wrong, free of the values themselves.
    pub faults: Vec<String>,
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

    /// Whether the schema is known. `http` and `https` are the same here.
    pub fn knows(&self, schema_id: &str) -> bool {
        self.by_id.contains_key(bare(schema_id))
    }

    /// What is wrong with a value, as paths and rules; empty when it is valid.
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

    /// Matches attributes with requirements, and checks their values.
    ///
    /// A requirement with an id takes the first unused attribute of that id; one without takes the first unused
    /// attribute that has no id either and the same schema.
    pub fn match_requirements(
        &self,
        requirements: &[Requirement],
        attributes: &[SubmittedAttribute],
    ) -> Matching {
        match_with(Some(self), requirements, attributes)
    }
}

/// [`Schemas::match_requirements`], without schemas only presence counts.
pub(super) fn match_with(
    schemas: Option<&Schemas>,
    requirements: &[Requirement],
    attributes: &[SubmittedAttribute],
) -> Matching {
    let mut used = vec![false; attributes.len()];
    let mut results = Vec::with_capacity(requirements.len());
    let faults = |attribute: &SubmittedAttribute| match schemas {
        Some(schemas) => schemas.faults(attribute.schema_id.as_str(), attribute.data.expose()),
        None if attribute.data.expose().is_null() => vec!["there is no value".to_owned()],
        None => Vec::new(),
    };
    for (place, requirement) in requirements.iter().enumerate() {
        let found = attributes.iter().enumerate().position(|(at, attribute)| {
            !used[at]
                && match &requirement.id {
                    Some(id) => attribute.id.as_ref() == Some(id),
                    None => attribute.id.is_none() && same_schema(attribute, requirement),
                }
        });
        let faults = match found {
            None => vec!["there is no such attribute".to_owned()],
            Some(at) if !same_schema(&attributes[at], requirement) => {
                vec!["the attribute has another schema than was asked for".to_owned()]
            }
            Some(at) => faults(&attributes[at]),
        };
        if let Some(at) = found {
            used[at] = true;
        }
        results.push(Match {
            requirement: Some(place),
            attribute: found,
            is_valid: faults.is_empty(),
            faults,
        });
    }
    let is_valid = results
        .iter()
        .zip(requirements)
        .all(|(result, asked)| result.is_valid || !asked.required_by_relying_party());
    for (at, attribute) in attributes.iter().enumerate().filter(|(at, _)| !used[*at]) {
        let faults = faults(attribute);
        results.push(Match { requirement: None, attribute: Some(at), is_valid: faults.is_empty(), faults });
    }
    Matching { is_valid, results }
}

impl Matching {
    /// What is wrong with what is required, for an answer's `errors`: requirement, schema and texts.
    pub(super) fn to_errors(&self, requirements: &[Requirement]) -> Vec<Value> {
        self.results
            .iter()
            .filter_map(|result| Some((result, requirements.get(result.requirement?)?)))
            .filter(|(result, asked)| asked.required_by_relying_party() && !result.is_valid)
            .map(|(result, asked)| {
                json!({ "id": asked.id, "schemaId": asked.schema_id, "messages": result.faults })
            })
            .collect()
    }
}

impl SubmittedAttribute {
    /// An attribute without an id.
    pub fn new(schema_id: impl Into<SchemaId>, data: Value) -> Self {
        Self { id: None, schema_id: schema_id.into(), data: Pii::new(data) }
    }

    /// The requirement that it answers.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Reads an attribute as wallets send it: the value bare or as `{"value": …}`.
    pub(super) fn from_value(mut value: Value, documented: bool) -> Option<Self> {
        let members = value.as_object_mut()?;
        let data = VALUE_NAMES.iter().find_map(|name| members.remove(*name)).unwrap_or(Value::Null);
        let mut text = |name: &str| match members.remove(name) {
            Some(Value::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Some(Value::Number(number)) => Some(wire::json::number_text(&number)),
            _ => None,
        };
        let (id, schema_id) = (text("id"), text("schemaId"));
        let (id, schema_id) = match (id, schema_id) {
            // The id is the schema's URL, and there is nothing else.
            (Some(id), None) if documented => (None, id),
            (id, schema_id) => (id, schema_id?),
        };
        Some(Self { id, schema_id: schema_id.into(), data: Pii::new(unwrapped(data)) })
    }

    /// Reads a list of them; `None` when it is no list, or one of them is no attribute. For
    /// [`Submission`](super::submission::Submission) alone, which has looked at the files that they name.
    pub(super) fn list(value: Value, documented: bool) -> Option<Vec<Self>> {
        let Value::Array(items) = value else { return None };
        if items.len() > MOST_ATTRIBUTES {
            return None;
        }
        items.into_iter().map(|item| Self::from_value(item, documented)).collect()
    }
}

impl fmt::Debug for SubmittedAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmittedAttribute").field("data", &self.data).finish_non_exhaustive()
    }
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schemas").field("known", &self.by_id.len()).finish_non_exhaustive()
    }
}

/// Fetches nothing, not even from files, which the crate beneath would do.
struct NoLoader;

impl UrlLoader for NoLoader {
    fn load(&self, _: &str) -> Result<Value, Box<dyn std::error::Error>> {
        Err("schemas are not fetched".into())
    }
}

/// The leaves of an error: where, and which rule. Its own text would quote the value.
fn collect(error: &boon::ValidationError<'_, '_>, into: &mut Vec<String>) {
    if into.len() >= MOST_FAULTS {
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

/// `{"value": X}` for X.
fn unwrapped(data: Value) -> Value {
    match data {
        Value::Object(mut members) if members.len() == 1 && members.contains_key("value") => {
            members.remove("value").unwrap_or(Value::Null)
        }
        data => data,
    }
}

fn same_schema(attribute: &SubmittedAttribute, requirement: &Requirement) -> bool {
    attribute.schema_id == requirement.schema_id
}

/// A schema's id without its scheme: some of the provider's documents write https for http.
fn bare(schema_id: &str) -> &str {
    let id = schema_id.trim();
    id.strip_prefix("http://").or_else(|| id.strip_prefix("https://")).unwrap_or(id)
}

#[cfg(test)]
mod tests {
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
    fn the_scheme_of_a_schema_makes_no_difference() {
        let schemas = schemas();
        let asked = [Requirement::new(format!("{} ", NAME.replace("http:", "https:")))];
        let matching = schemas.match_requirements(&asked, &[SubmittedAttribute::new(NAME, json!("Ada"))]);
        assert!(matching.is_valid);
    }

    #[test]
    fn an_attribute_does_not_choose_by_which_schema_it_is_checked() {
        let schemas = schemas();
        let asked = [Requirement::new("http://platform.selfkey.org/schema/attribute/passport.json").id("r1")];
        let matching =
            schemas.match_requirements(&asked, &[SubmittedAttribute::new(NAME, json!("Ada")).id("r1")]);
        assert!(!matching.is_valid);
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
