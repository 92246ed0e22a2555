//! Attributes by their type, as code that knows what it looks for wants them.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::schema::SchemaId;

/// Things by the type of their schema, in the order in which each type came first. The key is the schema's file name in
/// camel case: `drivers-license` is `driversLicense`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByType<T>(Vec<(String, OneOrMore<T>)>);

/// What stands under one type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OneOrMore<T> {
    /// One of its type.
    One(T),
    /// Two and more.
    More(Vec<T>),
}

impl<T> ByType<T> {
    /// Returns all of a type; empty when there is none.
    pub fn get(&self, key: &str) -> &[T] {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map_or(&[], |(_, found)| found.as_slice())
    }

    /// Returns all types with what stands under them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[T])> {
        self.0.iter().map(|(name, found)| (name.as_str(), found.as_slice()))
    }

    /// True when there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> OneOrMore<T> {
    /// Both as a list.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(list) => list,
        }
    }

    fn push(&mut self, next: T) {
        *self = match std::mem::replace(self, Self::More(Vec::new())) {
            Self::One(one) => Self::More(vec![one, next]),
            Self::More(mut list) => {
                list.push(next);
                Self::More(list)
            }
        };
    }
}

/// Sorts things by the type of their schema. What has no schema goes under its own key.
pub(crate) fn by_type<T>(
    things: impl IntoIterator<Item = T>,
    schema: impl Fn(&T) -> Result<SchemaId, String>,
) -> ByType<T> {
    let mut sorted: Vec<(String, OneOrMore<T>)> = Vec::new();
    for thing in things {
        let key = schema(&thing).map_or_else(|key| key, |schema| key_of(schema.file_name()));
        match sorted.iter_mut().find(|(name, _)| *name == key) {
            Some((_, found)) => found.push(thing),
            None => sorted.push((key, OneOrMore::One(thing))),
        }
    }
    ByType(sorted)
}

/// Camel case for what is made of `a-z` and `-`; other names stand as they are.
fn key_of(name: &str) -> String {
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
        return name.to_owned();
    }
    let mut words = name.split('-').filter(|word| !word.is_empty());
    let mut key = words.next().unwrap_or_default().to_owned();
    for word in words {
        key.push_str(&word[..1].to_ascii_uppercase());
        key.push_str(&word[1..]);
    }
    key
}

impl<T: Serialize> Serialize for ByType<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, found) in &self.0 {
            map.serialize_entry(name, found)?;
        }
        map.end()
    }
}

impl<T: Serialize> Serialize for OneOrMore<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(one) => one.serialize(serializer),
            Self::More(list) => list.serialize(serializer),
        }
    }
}
