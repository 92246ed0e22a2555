//! SHA-256 of values, and base64url as the provider's peers write it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{
    canonical::canonical,
    depth::{DEEPEST, too_deep},
    unify::unified,
};
use crate::{crypto, error::Error};

/// Hashes a value: an object or a list as its [canonical](super::canonical) text, a text as its own bytes, without
/// quotes. 43 characters of base64url.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a number, a boolean and `null`, and for a value that is
/// nested deeper than 128 levels.
pub fn sha256(value: &Value) -> Result<String, Error> {
    match value {
        Value::Array(_) | Value::Object(_) => canonical(value).map(|text| sha256_text(&text)),
        scalar => sha256_scalar(scalar),
    }
}

/// Hashes a value as [`sha256`] does, after sorting it for a scope hash.
///
/// # Errors
///
/// As [`sha256`].
pub fn sha256_unified(value: &Value) -> Result<String, Error> {
    match value {
        Value::Array(_) | Value::Object(_) => unified(value).map(|text| sha256_text(&text)),
        scalar => sha256_scalar(scalar),
    }
}

/// Replaces every leaf by its [hash](sha256), at every depth. A member `verified`, an empty text and `null` stay as
/// they are.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a leaf that is a number or a boolean, and for a value that
/// is nested deeper than 128 levels.
pub fn sha256_by_each_field(value: &Value) -> Result<Value, Error> {
    each(value, DEEPEST)
}

fn each(value: &Value, depth: usize) -> Result<Value, Error> {
    match value {
        Value::Array(list) => {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            list.iter().map(|value| each(value, depth)).collect()
        }
        Value::Object(members) => {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            let member = |(name, value): (&String, &Value)| {
                let value = if name == "verified" { value.clone() } else { each(value, depth)? };
                Ok((name.clone(), value))
            };
            members.iter().map(member).collect()
        }
        Value::Null => Ok(Value::Null),
        Value::String(text) if text.is_empty() => Ok(value.clone()),
        scalar => sha256_scalar(scalar).map(Value::from),
    }
}

fn sha256_scalar(value: &Value) -> Result<String, Error> {
    match value.as_str() {
        Some(text) => Ok(sha256_text(text)),
        None => Err(Error::invalid("value", "a number, a boolean or null cannot be hashed")),
    }
}

pub(crate) fn sha256_text(text: &str) -> String {
    encode(&crypto::sha256(&[text.as_bytes()]))
}

/// Base64url without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64 in either alphabet, padded or not; `None` for any other character and for bits that are left over.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    if text.contains(['+', '/']) {
        return URL_SAFE_NO_PAD.decode(text.replace('+', "-").replace('/', "_")).ok();
    }
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn base64_is_read_in_all_four_forms(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            for text in [
                encode(&bytes), URL_SAFE.encode(&bytes), STANDARD.encode(&bytes), STANDARD_NO_PAD.encode(&bytes),
            ] {
                let decoded = decode(&text);
                prop_assert_eq!(decoded.as_deref(), Some(bytes.as_slice()), "{}", text);
            }
        }

        #[test]
        fn reading_never_panics(text in ".{0,20}") {
            let _ = decode(&text);
        }
    }

    #[test]
    fn other_characters_and_bits_left_over_are_refused() {
        for text in ["***", "Zg===", "Zh", "Z", "Zm8 ", "Zm\n8", "Zm9v\u{e9}"] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode("Zg==").as_deref(), Some(b"f".as_slice()));
    }

    #[test]
    fn leaves_are_hashed_and_the_rest_stays() {
        // FIPS 180-4, SHA-256 of "abc".
        let abc = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
        let value = json!({"verified": 1, "a": "abc", "b": [null, "", {"c": "abc"}]});
        assert_eq!(
            sha256_by_each_field(&value).expect("hashed"),
            json!({"verified": 1, "a": abc, "b": [null, "", {"c": abc}]})
        );
        for refused in [json!({"a": 1}), json!([true]), json!(null)] {
            assert_eq!(sha256(&refused).is_err(), refused.is_null());
            assert_eq!(sha256_by_each_field(&refused).is_err(), !refused.is_null());
        }
    }
}
