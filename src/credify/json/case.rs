//! Names of members from one case to the other, as the provider's SDK converts them.
//!
//! Only for input that may come in both cases: conditions, payloads of tokens, what callers hand in. Answers are never
//! converted, since some of their members are named by data.

use serde_json::{Map, Value};

use super::depth::{DEEPEST, too_deep};
use crate::error::Error;

/// `value_type` and `value-type` become `valueType`: a separator before a letter goes, the letter is capitalised.
pub(crate) fn camel(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut chars = name.chars().peekable();
    while let Some(char) = chars.next() {
        match chars.peek() {
            Some(next) if matches!(char, '-' | '_') && next.is_ascii_alphabetic() => {
                text.push(next.to_ascii_uppercase());
                chars.next();
            }
            _ => text.push(char),
        }
    }
    text
}

/// `valueType` becomes `value_type`: every capital of ASCII gets an underscore in front, and so do blanks become one.
pub(crate) fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for char in name.chars() {
        match char {
            ' ' => text.push('_'),
            'A'..='Z' => text.extend(['_', char]),
            _ => text.push(char),
        }
    }
    text.to_lowercase()
}

/// The names of all objects in a value, at every depth, by [`camel`].
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a value that is nested deeper than 128 levels.
pub(crate) fn camel_keys(value: &Value) -> Result<Value, Error> {
    convert(value, camel, DEEPEST)
}

/// The names of all objects in a value, at every depth, by [`snake`].
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a value that is nested deeper than 128 levels.
pub(crate) fn snake_keys(value: &Value) -> Result<Value, Error> {
    convert(value, snake, DEEPEST)
}

fn convert(value: &Value, name_of: fn(&str) -> String, depth: usize) -> Result<Value, Error> {
    match value {
        Value::Array(list) => {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            list.iter().map(|value| convert(value, name_of, depth)).collect()
        }
        Value::Object(members) => {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            let member =
                |(name, value): (&String, &Value)| Ok((name_of(name), convert(value, name_of, depth)?));
            members.iter().map(member).collect::<Result<Map<_, _>, _>>().map(Value::Object)
        }
        scalar => Ok(scalar.clone()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_of_plain_words_go_there_and_back(words in prop::collection::vec("[a-z]{1,5}", 1..5)) {
            let name = words.join("_");
            prop_assert_eq!(snake(&camel(&name)), name);
        }

        #[test]
        fn a_name_without_separators_is_its_own_camel_case(name in "[^-_]{0,8}") {
            prop_assert_eq!(camel(&name), name);
        }
    }

    #[test]
    fn a_value_nested_too_deep_is_refused() {
        let deep = (0..10_000).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(camel_keys(&deep).is_err() && snake_keys(&deep).is_err());
    }
}
