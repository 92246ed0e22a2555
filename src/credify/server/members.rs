//! The members of a request's body.

use serde_json::{Map, Value};

use super::rejection::Rejection;
use crate::{credify::json::case::snake_keys, wire};

/// The longest id, in bytes.
const MAX_ID_BYTES: usize = 200;

/// Reads the object in a body.
pub(in crate::credify) fn object(body: &[u8]) -> Result<Map<String, Value>, Rejection> {
    match wire::json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Rejection::INVALID_BODY),
    }
}

/// Reads the object in a body, and names its members in snake case, in whichever case they came.
pub(in crate::credify) fn object_of_either_case(body: &[u8]) -> Result<Map<String, Value>, Rejection> {
    let members = object(body)?;
    match snake_keys(&Value::Object(members)) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Rejection::INVALID_BODY),
    }
}

/// A member that is there and not null.
pub(in crate::credify) fn given<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}

/// A text that is not empty; a number counts as its digits, since ids of databases are often numbers.
pub(in crate::credify) fn text(members: &Map<String, Value>, name: &str) -> Option<String> {
    match members.get(name)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    }
}

/// A list of texts; none when it is something else.
pub(in crate::credify) fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

/// Whether a text can be an id in a database and in a URL.
pub(in crate::credify) fn is_id(text: &str) -> bool {
    text.len() <= MAX_ID_BYTES && !text.contains(char::is_control)
}
