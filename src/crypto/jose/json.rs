//! JSON in which every object names each member once, at every depth.
//!
//! RFC 7515 section 4 and RFC 7519 section 4 leave the choice between refusing duplicates and taking the last. Two
//! readers that choose differently see two different tokens, so they are refused.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads an object; `None` for anything else. serde_json limits the depth to 128.
pub(super) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(bytes) {
        Ok(Unique(Value::Object(members))) => Some(members),
        _ => None,
    }
}

/// A document in which nothing is named twice. serde_json's own reading takes the last of a name, and a second pass to
/// look for them would cost as much as the first.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Document;

        impl<'de> Visitor<'de> for Document {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Unique, E> {
                Ok(Unique(Value::Bool(value)))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Unique, E> {
                // JSON has no infinities.
                Ok(Unique(Number::from_f64(value).map_or(Value::Null, Value::Number)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Unique, E> {
                Ok(Unique(Value::String(text.to_owned())))
            }

            fn visit_string<E>(self, text: String) -> Result<Unique, E> {
                Ok(Unique(Value::String(text)))
            }

            fn visit_unit<E>(self) -> Result<Unique, E> {
                Ok(Unique(Value::Null))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Unique, A::Error> {
                let mut list = Vec::new();
                while let Some(Unique(element)) = elements.next_element()? {
                    list.push(element);
                }
                Ok(Unique(Value::Array(list)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
                let mut object = Map::new();
                while let Some((name, Unique(value))) = members.next_entry::<String, Unique>()? {
                    if object.insert(name, value).is_some() {
                        return Err(Error::custom("a member is named twice"));
                    }
                }
                Ok(Unique(Value::Object(object)))
            }
        }

        deserializer.deserialize_any(Document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_stands_there() {
        let text = r#"{"b":[1,-2,3.5,1e3,18446744073709551615],"a":{"x":null,"y":"\u00e4\n"},"c":[true,{}]}"#;
        let read = object(text.as_bytes()).map(Value::Object);
        assert_eq!(read, serde_json::from_str(text).ok());
        assert_eq!(
            read.map(|value| value.to_string()),
            serde_json::from_str(text).ok().map(|value: Value| value.to_string())
        );
    }

    #[test]
    fn a_member_named_twice_is_refused_at_every_depth() {
        assert!(object(br#"{"a":1,"b":[{"a":null},{"a":-1.5e3}],"c":{"a":"x","b":true}}"#).is_some());
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[[{"a":1,"a":2}]]}"#,
            "[]",
            "null",
            "{} {}",
            "",
        ] {
            assert!(object(text.as_bytes()).is_none(), "{text}");
        }
        assert!(object(format!("{{\"a\":{}", "[".repeat(100_000)).as_bytes()).is_none());
    }
}
