//! What a relying party asks for.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::schema::SchemaId;

/// One attribute that a relying party asks for: in the configuration of a sign-up, or in a template.
///
/// It is written as an object, or as the bare URL of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requirement {
    /// What the relying party knows it by. None: an attribute without an id meets it.
    pub id: Option<String>,
    /// What kind of attribute it is.
    pub schema_id: SchemaId,
    /// Whether it must be given, where that is said. Wallets and relying parties read silence differently: see
    /// [`required_by_wallet`](Self::required_by_wallet) and
    /// [`required_by_relying_party`](Self::required_by_relying_party).
    pub required: Option<bool>,
    /// What it is called, to be shown.
    pub title: Option<String>,
    /// Another form of the title.
    pub label: Option<String>,
    /// What it is for, to be shown.
    pub description: Option<String>,
}

impl Requirement {
    /// Creates a requirement of a kind of attribute, without a statement on whether it must be given.
    pub fn new(schema: impl Into<SchemaId>) -> Self {
        Self {
            id: None,
            schema_id: schema.into(),
            required: None,
            title: None,
            label: None,
            description: None,
        }
    }

    /// Sets what the relying party knows it by.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Says whether it must be given.
    #[must_use]
    pub fn required(mut self, required: bool) -> Self {
        self.required = Some(required);
        self
    }

    /// Sets what it is called.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Returns how the provider's wallet reads it: optional unless the opposite is said.
    pub fn required_by_wallet(&self) -> bool {
        self.required.unwrap_or(false)
    }

    /// Returns how the provider's library for relying parties reads it: required unless the opposite is said.
    pub fn required_by_relying_party(&self) -> bool {
        self.required.unwrap_or(true)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    // The older names are `key` and `attribute`.
    #[serde(default, deserialize_with = "crate::wire::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "crate::wire::text")]
    key: Option<String>,
    #[serde(default, deserialize_with = "crate::wire::text")]
    schema_id: Option<String>,
    #[serde(default, deserialize_with = "crate::wire::text")]
    attribute: Option<String>,
    #[serde(default, deserialize_with = "crate::wire::only_bool")]
    required: Option<bool>,
    #[serde(default, deserialize_with = "crate::wire::text")]
    title: Option<String>,
    #[serde(default, deserialize_with = "crate::wire::text")]
    label: Option<String>,
    #[serde(default, deserialize_with = "crate::wire::text")]
    description: Option<String>,
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Requirement;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a requirement, or the URL of a schema")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Requirement, E> {
                Ok(Requirement::new(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Requirement, A::Error> {
                let wire = Wire::deserialize(MapAccessDeserializer::new(map))?;
                let schema = wire.schema_id.or(wire.attribute);
                Ok(Requirement {
                    id: wire.id.or(wire.key),
                    schema_id: schema.ok_or_else(|| de::Error::missing_field("schemaId"))?.into(),
                    required: wire.required,
                    title: wire.title,
                    label: wire.label,
                    description: wire.description,
                })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl serde::Serialize for Requirement {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;

        let mut map = serializer.serialize_map(None)?;
        let texts = [("title", &self.title), ("label", &self.label), ("description", &self.description)];
        if let Some(id) = &self.id {
            map.serialize_entry("id", id)?;
        }
        if let Some(required) = self.required {
            map.serialize_entry("required", &required)?;
        }
        map.serialize_entry("schemaId", &self.schema_id)?;
        for (name, text) in texts {
            if let Some(text) = text {
                map.serialize_entry(name, text)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_generation_is_read() {
        let read = |value| serde_json::from_value::<Requirement>(value);
        let email = "http://platform.selfkey.org/schema/attribute/email.json";
        let bare = read(json!(email)).expect("a requirement");
        assert_eq!(bare, Requirement::new(email));
        assert!(!bare.required_by_wallet() && bare.required_by_relying_party());
        let older = read(json!({"key": 7, "attribute": email, "required": false})).expect("a requirement");
        assert_eq!(older, Requirement::new(email).id("7").required(false));
        let today = read(json!({"id": "7", "schemaId": email, "required": true, "title": "Mail", "new": 1}));
        let today = today.expect("a requirement");
        assert_eq!(today, Requirement::new(email).id("7").required(true).title("Mail"));
        assert_eq!(read(json!(today)).expect("a requirement"), today);
        assert!(read(json!({"id": "7"})).is_err());
        assert!(read(json!(7)).is_err());
    }
}
