//! An attribute that a wallet has handed over.

use serde_json::Value;

use crate::{privacy::Pii, selfkey::model::attribute::SchemaId, wire};

/// The maximum number of attributes of one request.
const MAX_ATTRIBUTES: usize = 256;
/// The members that hold the value; under the last name, the provider's old servers and wallets sent it.
const VALUE_NAMES: [&str; 2] = ["data", "value"];

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

impl SubmittedAttribute {
    /// Creates an attribute without an id.
    pub fn new(schema_id: impl Into<SchemaId>, data: Value) -> Self {
        Self { id: None, schema_id: schema_id.into(), data: Pii::new(data) }
    }

    /// Sets the id of the requirement that it answers.
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
        if items.len() > MAX_ATTRIBUTES {
            return None;
        }
        items.into_iter().map(|item| Self::from_value(item, documented)).collect()
    }
}

crate::privacy::redacted_debug!(SubmittedAttribute { data, .. });

/// `{"value": X}` for X.
fn unwrapped(data: Value) -> Value {
    match data {
        Value::Object(mut members) if members.len() == 1 && members.contains_key("value") => {
            members.remove("value").unwrap_or(Value::Null)
        }
        data => data,
    }
}
