//! From bytes to a type, with the path of what does not fit and never its value.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::{
    error::{Error, ErrorKind},
    wire::{
        OnlyObject,
        json::{Checked, Refused, check},
        unique,
        unread::{self, Message, Unread, Unreadable, missing_field},
    },
};

/// Reads JSON by the [one reader](crate::wire::json); a byte order mark in front is passed over.
///
/// # Errors
///
/// [`ErrorKind::Decode`] with the path. The text of serde_json is dropped, since it quotes values.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let text = check(without_mark(bytes)).map_err(refused)?;
    // The path is tracked only once it is known that there is something to say about it.
    text.parse().or_else(|_| json_with_path(&text))
}

/// The error for a text that was refused before it was parsed.
pub(crate) fn refused(why: Refused) -> Error {
    match why {
        Refused::Depth => refusal("the JSON has more than 64 levels")
            .with_check("json.depth")
            .with_hint("no documented message nests as deep; treat it as hostile"),
        Refused::PrivateKey => refusal("a member has a name that serde_json reserves for itself")
            .with_check("json.reserved_name")
            .with_hint("no documented message has such a member; treat it as hostile"),
        Refused::Encoding | Refused::Mismatch => refusal(what(Category::Syntax)),
    }
}

fn json_with_path<T: DeserializeOwned>(text: &Checked<'_>) -> Result<T, Error> {
    let mut deserializer = text.deserializer();
    let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        let mut path = if path == "." { String::new() } else { path };
        if let Some(name) = missing_field(&inner) {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&name);
        }
        refusal(what(inner.classify())).with_path(if path.is_empty() { ".".to_owned() } else { path })
    })?;
    deserializer.end().map_err(|_| refusal("there is more behind the JSON document"))?;
    Ok(value)
}

/// Reads a message in which side members may be of another type than documented.
///
/// # Errors
///
/// As [`json`], for a member that is [strict](Message::STRICT).
pub(crate) fn message<T: Message>(bytes: &[u8]) -> Result<T, Error> {
    let (OnlyObject(mut message), unread) = lenient::<OnlyObject<T>>(bytes, T::STRICT)?;
    *message.unread_mut() = unread;
    Ok(message)
}

/// Reads as [`message`] does, and gives what could not be read beside the message.
///
/// # Errors
///
/// As [`message`].
pub(crate) fn lenient<T: DeserializeOwned>(bytes: &[u8], strict: &[&str]) -> Result<(T, Unread), Error> {
    let text = check(without_mark(bytes)).map_err(refused)?;
    match unread::read(&text, strict) {
        Ok(read) => Ok(counted(read)),
        // The error says how the text ends, as that of any other reader.
        Err(Unreadable::Syntax) => {
            Err(json::<serde_json::Value>(bytes).err().unwrap_or_else(|| refused(Refused::Mismatch)))
        }
        Err(other) => Err(unreadable(other)),
    }
}

/// Reads as [`lenient`] does, and refuses a text in which a member is named twice at any depth: for a text that a
/// signature covers, since another reader of the same signed text may take the other value.
///
/// # Errors
///
/// As [`message`], and with the check `json.repeated_name`.
pub(crate) fn signed<T: DeserializeOwned>(bytes: &[u8], strict: &[&str]) -> Result<(T, Unread), Error> {
    let text = check(without_mark(bytes)).map_err(refused)?;
    let read = lenient(bytes, strict)?;
    if unique::repeats(&text) { Err(unreadable(Unreadable::Repeated)) } else { Ok(read) }
}

/// Reads a part of a message that is a JSON value already, as [`lenient`] does.
///
/// # Errors
///
/// As [`message`].
pub(crate) fn lenient_value<T: DeserializeOwned>(
    value: serde_json::Value,
    strict: &[&str],
) -> Result<(T, Unread), Error> {
    unread::read_value(value, strict).map(counted).map_err(unreadable)
}

fn unreadable(why: Unreadable) -> Error {
    match why {
        Unreadable::Syntax => refused(Refused::Mismatch),
        Unreadable::Repeated => refusal("a member is named twice")
            .with_check("json.repeated_name")
            .with_hint("two readers of one text may take different values; treat it as hostile"),
        Unreadable::Strict(path) => refusal(what(Category::Data)).with_path(path),
    }
}

/// Lets what was not read be noticed: it is the provider's change of form, and a newer version of this crate may know it.
fn counted<T>((message, unread): (T, Unread)) -> (T, Unread) {
    #[cfg(feature = "metrics")]
    if !unread.members().is_empty() {
        metrics::counter!("kyckit_unread_members_total").increment(unread.members().len() as u64);
    }
    #[cfg(feature = "tracing")]
    for member in unread.members() {
        tracing::warn!(path = %crate::error::Sanitized(member.path()), "a member is not of its documented type");
    }
    (message, unread)
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Reads a JSON value that is there already.
///
/// # Errors
///
/// As [`json`].
pub(crate) fn value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Error> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let missing = missing_field(error.inner());
        let path = match (path.as_str(), missing) {
            (".", Some(name)) => name,
            (_, Some(name)) => format!("{path}.{name}"),
            _ => path,
        };
        refusal(what(Category::Data)).with_path(path)
    })
}

fn refusal(what: &'static str) -> Error {
    Error::new(ErrorKind::Decode, what)
}

fn what(category: Category) -> &'static str {
    match category {
        Category::Io | Category::Syntax => "the body is not JSON",
        Category::Data => "a member is missing or of another type",
        Category::Eof => "the body ends in the middle",
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Outer {
        inner: Inner,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Inner {
        name: String,
    }

    fn path(body: &[u8]) -> (String, String) {
        let error = json::<Outer>(body).expect_err("refused");
        (error.path().unwrap_or_default().to_owned(), format!("{error} {error:?}"))
    }

    #[test]
    fn the_path_is_named_and_the_value_is_not() {
        let (at, text) = path(br#"{"inner":{"name":{"secret":"Jane"}}}"#);
        assert_eq!(at, "inner.name");
        assert!(!text.contains("Jane"));
        assert_eq!(path(br#"{"inner":{}}"#).0, "inner.name");
        assert_eq!(path(b"{}").0, "inner");
        assert!(path(b"<html>").1.contains("not JSON"));
        assert!(path(br#"{"inner":{"#).1.contains("ends in the middle"));
        assert!(path(br#"{"inner":{"name":"a"}} x"#).1.contains("more behind"));
    }

    #[test]
    fn a_byte_order_mark_is_passed_over_and_depth_is_limited() {
        assert!(json::<Outer>(b"\xEF\xBB\xBF{\"inner\":{\"name\":\"a\"}}").is_ok());
        let deep = "[".repeat(100_000);
        let error = json::<serde_json::Value>(deep.as_bytes()).expect_err("refused");
        assert_eq!((error.kind(), error.check()), (ErrorKind::Decode, Some("json.depth")));
        let reserved = br#"{"a":1,"\u0024serde_json::private::Number":"1"}"#;
        assert_eq!(
            json::<serde_json::Value>(reserved).expect_err("refused").check(),
            Some("json.reserved_name")
        );
    }
}
