//! JSON in which every object names each member once, at every depth.
//!
//! RFC 7515 section 4 and RFC 7519 section 4 leave the choice between refusing duplicates and taking the last. Two
//! readers that choose differently see two different tokens, so they are refused.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use super::json::{self, Checked};

/// Up to so many names of one object are compared one by one, which is faster than hashing them.
const FEW: usize = 32;

/// Reads an object; `None` for anything else.
pub(crate) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    let text = checked(bytes)?;
    is_unique(&text).then(|| text.parse().ok())?
}

/// Passes the [one reader](json) for JSON from outside. What a number out of range is replaced by, `null`, would be an
/// absent claim, so a token with one is refused.
fn checked(bytes: &[u8]) -> Option<Checked<'_>> {
    json::check(bytes).ok().filter(|text| !text.has_numbers_out_of_range())
}

/// Reads an object as [`object`] does, and builds those of its members alone that are `kept`: for a document that is read
/// as a type afterwards.
pub(crate) fn members(bytes: &[u8], kept: &[&str]) -> Option<Map<String, Value>> {
    let mut found = Map::new();
    let text = checked(bytes)?;
    let mut deserializer = text.deserializer();
    let walk = Walk { names: &mut Vec::new(), keep: Some((kept, &mut found)) };
    deserializer.deserialize_map(walk).ok()?;
    deserializer.end().ok()?;
    Some(found)
}

/// Whether it is JSON in which nothing is named twice. serde_json's own reading takes the last of a name. Nothing is
/// built.
pub(crate) fn is_unique(text: &Checked<'_>) -> bool {
    let mut deserializer = text.deserializer();
    let walk = Walk { names: &mut Vec::new(), keep: None };
    walk.deserialize(&mut deserializer).is_ok() && deserializer.end().is_ok()
}

/// Whether something is named twice in a text that another reader has read as JSON. Any other fault is left to that reader.
pub(crate) fn repeats(text: &Checked<'_>) -> bool {
    let mut deserializer = text.deserializer();
    let walk = Walk { names: &mut Vec::new(), keep: None };
    walk.deserialize(&mut deserializer).is_err_and(|error| error.to_string().starts_with(TWICE))
}

/// What the error for a repeated name begins with.
const TWICE: &str = "a member is named twice";

/// The name of a member, borrowed unless something in it is escaped.
///
/// Transparent, since with `arbitrary_precision` a number comes as an object with one name that is given as a text in any
/// case: a newtype refuses it, and every token with a number with it.
#[derive(Deserialize, PartialEq, Eq, Hash)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Walks through a value.
struct Walk<'de, 'a> {
    /// The names in the objects around it.
    names: &'a mut Vec<Name<'de>>,
    /// What is kept of the members of the outermost object, and where.
    keep: Option<(&'a [&'a str], &'a mut Map<String, Value>)>,
}

impl<'de> DeserializeSeed<'de> for Walk<'de, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'de, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Walk { names: &mut *self.names, keep: None })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (names, mut keep, mut more) = (self.names, self.keep, HashSet::new());
        let start = names.len();
        while let Some(name) = members.next_key::<Name<'de>>()? {
            match &mut keep {
                Some((kept, found)) if kept.contains(&&*name.0) => {
                    found.insert(name.0.to_string(), members.next_value_seed(Build)?);
                }
                _ => members.next_value_seed(Walk { names: &mut *names, keep: None })?,
            }
            let mut is_new = !names[start..].contains(&name);
            if names.len() - start < FEW {
                names.push(name);
            } else {
                is_new &= more.insert(name);
            }
            if !is_new {
                return Err(twice());
            }
        }
        names.truncate(start);
        Ok(())
    }
}

/// Builds a value in which nothing is named twice.
struct Build;

impl<'de> DeserializeSeed<'de> for Build {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(Build)? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if name == json::NUMBER {
                let number: String = members.next_value()?;
                return number.parse::<Number>().map(Value::Number).map_err(A::Error::custom);
            }
            if object.insert(name, members.next_value_seed(Build)?).is_some() {
                return Err(twice());
            }
        }
        Ok(Value::Object(object))
    }
}

fn twice<E: Error>() -> E {
    E::custom(TWICE)
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
    fn members_are_kept_by_name_and_the_rest_is_walked_through() {
        let text = br#"{"b":[1,-2,3.5,{"x":null}],"\u0061":{"y":[true]},"c":"x","exp":7}"#;
        let kept = members(text, &["a", "exp", "nbf"]).map(Value::Object);
        assert_eq!(kept, Some(serde_json::json!({ "a": { "y": [true] }, "exp": 7 })));
        assert!(members(b"{\"a\":\"\xff\"}", &[]).is_none());
        assert!(members(br#"{"a":1e999}"#, &[]).is_none());
    }

    #[test]
    fn a_member_among_many_that_is_named_twice_is_refused() {
        for (count, twice) in [(FEW - 1, 0), (FEW, 3), (FEW + 1, FEW - 1), (200, 5), (200, FEW), (200, 199)] {
            let all = (0..count)
                .map(|number| format!("\"{number}\":{{\"0\":0,\"1\":{number}}}"))
                .collect::<Vec<_>>();
            let all = all.join(",");
            let (good, bad) =
                (format!("{{\"in\":{{{all}}}}}"), format!("{{\"in\":{{{all},\"{twice}\":0}}}}"));
            assert!(members(good.as_bytes(), &[]).is_some() && object(good.as_bytes()).is_some(), "{count}");
            assert!(
                members(bad.as_bytes(), &[]).is_none() && object(bad.as_bytes()).is_none(),
                "{count} {twice}"
            );
        }
    }

    #[test]
    fn a_member_named_twice_is_refused_at_every_depth() {
        let good = br#"{"a":1,"b":[{"a":null},{"a":-1.5e3}],"c":{"a":"x","b":true}}"#;
        assert!(object(good).is_some() && members(good, &["a"]).is_some());
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"b":1,"b":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"x":[[{"a":1,"a":2}]]}"#,
            "[]",
            "null",
            "{} {}",
            "",
        ] {
            assert!(object(text.as_bytes()).is_none(), "{text}");
            assert!(members(text.as_bytes(), &["a"]).is_none(), "{text}");
        }
        for name in ["a", "b"] {
            let deep = format!("{{\"{name}\":{}", "[".repeat(100_000));
            assert!(object(deep.as_bytes()).is_none() && members(deep.as_bytes(), &["a"]).is_none());
        }
    }
}
