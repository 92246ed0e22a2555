//! `aml_data`: what a screening found.
//!
//! Source: `docs/user_identification_authentication/user_aml_screening`.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer};

use super::{AmlType, Extra, MatchType};
use crate::{
    privacy::Pii,
    wire::{self, open_enum},
};

open_enum! {
    /// What kind of entity a hit is about.
    pub enum EntityType {
        /// A person:
        Person = "person",
    }
}

/// What a screening found.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AmlData {
    /// The lists that were screened.
    #[serde(deserialize_with = "wire::texts")]
    pub filters: Vec<AmlType>,
    /// The records that were taken for the person or business.
    #[serde(deserialize_with = "wire::list")]
    pub hits: Vec<Hit>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A record that was taken for the person or business.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Hit {
    /// The name on the record.
    #[serde(deserialize_with = "wire::text")]
    pub name: Option<Pii<String>>,
    /// What it is about.
    #[serde(deserialize_with = "wire::text")]
    pub entity_type: Option<EntityType>,
    /// How well it fits. The scale is not fixed: about 0 to 100 in older answers, 0 to 1 in newer ones.
    #[serde(deserialize_with = "wire::number")]
    pub score: Option<f64>,
    /// Why it was taken for the person or business.
    #[serde(deserialize_with = "wire::texts")]
    pub match_types: Vec<MatchType>,
    /// Other names on the record.
    #[serde(deserialize_with = "wire::texts")]
    pub alternative_names: Vec<Pii<String>>,
    /// Pictures and papers on the record.
    #[serde(deserialize_with = "wire::list")]
    pub assets: Vec<Asset>,
    /// People named with the entity.
    #[serde(deserialize_with = "wire::list")]
    pub associates: Vec<Associate>,
    /// Facts on the record, by their titles. A title is free text and may hold spaces.
    #[serde(deserialize_with = "fields")]
    pub fields: BTreeMap<String, Vec<FieldValue>>,
    /// Articles.
    #[serde(deserialize_with = "wire::list")]
    pub media: Vec<Medium>,
    /// What is known of the sources, by their keys in [`sources`](Self::sources).
    #[serde(deserialize_with = "wire::map")]
    pub source_notes: BTreeMap<String, SourceNote>,
    /// What is known of the sources, in newer answers.
    #[serde(deserialize_with = "wire::list")]
    pub source_details: Vec<SourceDetail>,
    /// The keys of the sources.
    #[serde(deserialize_with = "wire::texts")]
    pub sources: Vec<String>,
    /// The kinds of list that the record stands on.
    #[serde(deserialize_with = "wire::texts")]
    pub types: Vec<AmlType>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

fn fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Vec<FieldValue>>, D::Error> {
    let map = wire::map::<D, wire::Items<FieldValue>>(deserializer)?;
    Ok(map.into_iter().map(|(title, values)| (title, values.0)).collect())
}

/// A picture or paper on a record.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Asset {
    /// Where it is.
    #[serde(deserialize_with = "wire::text")]
    pub public_url: Option<Pii<String>>,
    /// The key of its source.
    #[serde(deserialize_with = "wire::text")]
    pub source: Option<String>,
    /// What it is.
    #[serde(rename = "type", deserialize_with = "wire::text")]
    pub kind: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A person or company that is named with the entity.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Associate {
    /// The relation, such as `spouse`.
    #[serde(deserialize_with = "wire::text")]
    pub association: Option<Pii<String>>,
    /// The name.
    #[serde(deserialize_with = "wire::text")]
    pub name: Option<Pii<String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// One value of a fact on a record.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct FieldValue {
    /// The value.
    #[serde(deserialize_with = "wire::text")]
    pub value: Option<Pii<String>>,
    /// The key of its source.
    #[serde(deserialize_with = "wire::text")]
    pub source: Option<String>,
    /// The provider's tag for the fact, such as `political_position`.
    #[serde(deserialize_with = "wire::text")]
    pub tag: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An article. Its texts may hold U+FFFD from a faulty import.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Medium {
    /// When it appeared, such as `2020-01-03T00:00:00Z`.
    #[serde(deserialize_with = "wire::text")]
    pub date: Option<String>,
    /// A piece of it.
    #[serde(deserialize_with = "wire::text")]
    pub snippet: Option<Pii<String>>,
    /// Its title.
    #[serde(deserialize_with = "wire::text")]
    pub title: Option<Pii<String>>,
    /// Where it is.
    #[serde(deserialize_with = "wire::text")]
    pub url: Option<Pii<String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What is known of a source.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SourceNote {
    /// The kinds of list it keeps.
    #[serde(deserialize_with = "wire::texts")]
    pub aml_types: Vec<AmlType>,
    /// Its name.
    #[serde(deserialize_with = "wire::text")]
    pub name: Option<String>,
    /// Where it is.
    #[serde(deserialize_with = "wire::text")]
    pub url: Option<Pii<String>>,
    /// The countries it is about.
    #[serde(deserialize_with = "wire::texts")]
    pub country_codes: Vec<String>,
    /// Since when the entity is listed, such as `2019-05-01T00:00:00Z`.
    #[serde(deserialize_with = "wire::text")]
    pub listing_started_utc: Option<Pii<String>>,
    /// Until when the entity was listed.
    #[serde(deserialize_with = "wire::text")]
    pub listing_ended_utc: Option<Pii<String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What is known of a source, in newer answers.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SourceDetail {
    /// The countries it is about.
    #[serde(deserialize_with = "wire::texts")]
    pub countries: Vec<String>,
    /// Its categories.
    #[serde(deserialize_with = "wire::texts")]
    pub source_categories: Vec<String>,
    /// What it is.
    #[serde(deserialize_with = "wire::text")]
    pub description: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A record tells of a person in every member, also by the list that it stands on: `Debug` prints the type alone.
macro_rules! closed {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

closed!(Hit, Asset, Associate, FieldValue, Medium, SourceNote, SourceDetail);
