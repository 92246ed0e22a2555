//! Reading responses.

use serde_json::Value;

use crate::{
    error::{Error, ErrorKind},
    transport::{BufferedResponse, decode, form::Form},
};

/// Reads what may be there: some servers answer a change with nothing, or with a word.
pub(super) fn json_if_any(response: &BufferedResponse) -> Result<Value, Error> {
    match decode::json(&response.body) {
        Ok(body) => Ok(body),
        Err(_) => response.has_form(Form::Any).map(|()| Value::Null),
    }
}

/// A member that must be there.
pub(super) fn missing(path: &'static str) -> Error {
    Error::new(ErrorKind::Decode, "a member is missing or of another type").with_path(path)
}
