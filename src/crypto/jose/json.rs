//! JSON in which every object names each member once, at every depth.
//!
//! RFC 7515 section 4 and RFC 7519 section 4 leave the choice between refusing duplicates and taking the last. Two
//! readers that choose differently see two different tokens, so they are refused.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Up to so many names of one object are compared one by one, which is faster than hashing them.
const FEW: usize = 32;

/// Reads an object; `None` for anything else. serde_json limits the depth to 128.
pub(super) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(bytes) {
        Ok(Unique(Value::Object(members))) => Some(members),
        _ => None,
    }
}

/// Reads an object as [`object`] does, and keeps those of its members alone that are `kept`. The rest is walked through
/// and not built: for a document that is read as a type afterwards.
pub(super) fn members(bytes: &[u8], kept: &[&str]) -> Option<Map<String, Value>> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let members = deserializer.deserialize_map(Kept(kept)).ok()?;
    deserializer.end().ok().map(|()| members)
}

struct Kept<'a>(&'a [&'a str]);

impl<'de> Visitor<'de> for Kept<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut kept, mut stack) = (Map::new(), Vec::new());
        let mut names = Names::new(&mut stack);
        while let Some(Name(name)) = members.next_key()? {
            if self.0.contains(&&*name) {
                let Unique(value) = members.next_value()?;
                kept.insert(name.clone().into_owned(), value);
            } else {
                members.next_value_seed(Walk(names.stack))?;
            }
            names.add(name)?;
        }
        Ok(kept)
    }
}

/// The name of a member, borrowed unless something in it is escaped.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// The names of one object, on top of those of the objects around it.
struct Names<'de, 'a> {
    stack: &'a mut Vec<Cow<'de, str>>,
    start: usize,
    many: HashSet<Cow<'de, str>>,
}

impl<'de, 'a> Names<'de, 'a> {
    fn new(stack: &'a mut Vec<Cow<'de, str>>) -> Self {
        Self { start: stack.len(), stack, many: HashSet::new() }
    }

    fn add<E: Error>(&mut self, name: Cow<'de, str>) -> Result<(), E> {
        let few = &self.stack[self.start..];
        let is_new = if few.len() < FEW {
            let is_new = !few.contains(&name);
            self.stack.push(name);
            is_new
        } else {
            if self.many.is_empty() {
                self.many.extend(few.iter().cloned());
            }
            self.many.insert(name)
        };
        if is_new { Ok(()) } else { Err(twice()) }
    }
}

impl Drop for Names<'_, '_> {
    fn drop(&mut self) {
        self.stack.truncate(self.start);
    }
}

/// Walks through a value in which nothing is named twice.
struct Walk<'de, 'a>(&'a mut Vec<Cow<'de, str>>);

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
        while elements.next_element_seed(Walk(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = Names::new(self.0);
        while let Some(Name(name)) = members.next_key()? {
            members.next_value_seed(Walk(names.stack))?;
            names.add(name)?;
        }
        Ok(())
    }
}

fn twice<E: Error>() -> E {
    E::custom("a member is named twice")
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
                        return Err(twice());
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
    fn members_are_kept_by_name_and_the_rest_is_walked_through() {
        let text = br#"{"b":[1,-2,3.5,{"x":null}],"\u0061":{"y":[true]},"c":"x","exp":7}"#;
        let kept = members(text, &["a", "exp", "nbf"]).map(Value::Object);
        assert_eq!(kept, Some(serde_json::json!({ "a": { "y": [true] }, "exp": 7 })));
        assert!(members(b"{\"a\":\"\xff\"}", &[]).is_none());
        assert!(members(br#"{"a":1e999}"#, &[]).is_none());
    }

    #[test]
    fn a_member_among_many_that_is_named_twice_is_refused() {
        for (count, twice) in [(FEW - 1, 0), (FEW, 3), (FEW + 1, FEW - 1), (200, FEW), (200, 199)] {
            let all = (0..count)
                .map(|number| format!("\"{number}\":{{\"0\":0,\"1\":{number}}}"))
                .collect::<Vec<_>>();
            let all = all.join(",");
            let (good, bad) =
                (format!("{{\"in\":{{{all}}}}}"), format!("{{\"in\":{{{all},\"{twice}\":0}}}}"));
            assert!(members(good.as_bytes(), &[]).is_some() && object(good.as_bytes()).is_some(), "{count}");
            let twice_is_there = twice < count;
            assert_eq!(members(bad.as_bytes(), &[]).is_none(), twice_is_there, "{count} {twice}");
            assert_eq!(object(bad.as_bytes()).is_none(), twice_is_there, "{count} {twice}");
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
