//! Texts that may come as numbers.

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::wire;

/// A text, or a number as text. `""` stays `""`: the provider sends it where it means it.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Number(number) => Some(wire::json::number_text(&number)),
        Value::Bool(_) => return Err(mistyped("a flag")),
        Value::Array(_) => return Err(mistyped("a list")),
        Value::Object(_) => return Err(mistyped("an object")),
    })
}

fn mistyped<E: de::Error>(what: &str) -> E {
    E::invalid_type(de::Unexpected::Other(what), &"a text")
}
