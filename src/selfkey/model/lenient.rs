//! Texts and ids, read from text or number.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::wire;

/// A text, also an empty one; a number as text; `None` for everything else.
pub(crate) fn kept_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    Ok(text_of(&Value::deserialize(deserializer)?).map(T::from))
}

/// The same of a value.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(wire::json::number_text(number)),
        _ => None,
    }
}

/// An id: a text that is not empty, or a number as text.
pub(crate) fn id_of(value: &Value) -> Option<String> {
    text_of(value).filter(|text| !text.is_empty())
}

/// What the provider's language takes for true.
pub(crate) fn truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && *value != json!("") && value.as_f64() != Some(0.0)
}
