//! How deep a value may be nested.

use serde_json::Value;

use crate::error::Error;

/// Levels of the deepest value: what serde_json reads at most.
pub(crate) const DEEPEST: usize = 128;

pub(super) fn too_deep() -> Error {
    Error::invalid("value", "the value is nested deeper than 128 levels")
}

/// Refuses a value that is nested too deep for what walks it later without counting: at most so many levels.
pub(crate) fn bounded(value: &Value, levels: usize) -> Result<(), Error> {
    fn walk(value: &Value, depth: usize) -> Result<(), Error> {
        match value {
            Value::Array(_) | Value::Object(_) if depth == 0 => Err(too_deep()),
            Value::Array(list) => list.iter().try_for_each(|value| walk(value, depth - 1)),
            Value::Object(members) => members.values().try_for_each(|value| walk(value, depth - 1)),
            _ => Ok(()),
        }
    }
    walk(value, levels)
}
