//! The sandbox's own watch list, and hits in the form of contract section 5.7.

use serde_json::{Value, json};

use super::decision::plain;
use crate::sandbox::Person;

/// Types under which everybody on the list stands.
const TYPES: [&str; 3] = ["sanction", "pep-class-2", "pep"];

/// Names that screening finds.
#[derive(Clone, Debug)]
pub(super) struct Watchlist {
    people: Vec<(String, Option<String>)>,
    businesses: Vec<String>,
}

impl Default for Watchlist {
    fn default() -> Self {
        let sam = Person::sanctioned();
        Self {
            people: vec![(sam.full_name().into_exposed(), Some(sam.dob.into_exposed()))],
            businesses: vec!["Sanctioned Example Trading".to_owned()],
        }
    }
}

impl Watchlist {
    pub(super) fn add_person(&mut self, full_name: String, dob: Option<String>) {
        self.people.push((full_name, dob));
    }

    pub(super) fn add_business(&mut self, name: String) {
        self.businesses.push(name);
    }

    /// Hits for a person: the name has to fit, and the year of birth where both sides know one.
    pub(super) fn person(&self, full_name: &str, dob: Option<&str>, filters: &[String]) -> Vec<Value> {
        let year = |date: &str| date.get(..4).map(str::to_owned);
        let found = self.people.iter().filter(|(name, listed)| {
            let (asked, listed) = (dob.and_then(year), listed.as_deref().and_then(year));
            plain(name) == plain(full_name) && (asked.is_none() || listed.is_none() || asked == listed)
        });
        found.filter_map(|(name, dob)| hit(name, "person", dob.is_some(), filters)).collect()
    }

    /// Hits for a business.
    pub(super) fn business(&self, name: &str, filters: &[String]) -> Vec<Value> {
        let found = self.businesses.iter().filter(|listed| plain(listed) == plain(name));
        found.filter_map(|name| hit(name, "company", false, filters)).collect()
    }
}

fn hit(name: &str, entity_type: &str, born: bool, filters: &[String]) -> Option<Value> {
    let types: Vec<&str> =
        TYPES.into_iter().filter(|kind| filters.iter().any(|filter| filter == kind)).collect();
    if types.is_empty() {
        return None;
    }
    let match_types = if born { json!(["name_exact", "year_of_birth"]) } else { json!(["name_exact"]) };
    Some(json!({
        "name": name,
        "entity_type": entity_type,
        "score": 51.6026,
        "match_types": match_types,
        "alternative_names": [],
        "assets": [],
        "associates": [{ "association": "spouse", "name": "Alex Sample" }],
        "fields": {
            "Country": [{ "value": "Exampleland", "source": "example-sanctions-list", "tag": "" }],
        },
        "media": [{
            "date": "2020-01-03T00:00:00Z",
            "snippet": "An invented article.",
            "title": "Example Gazette",
            "url": "https://news.example.com/2020-01-03/article",
        }],
        "source_notes": {
            "example-sanctions-list": {
                "aml_types": types,
                "name": "Example Sanctions List",
                "url": "https://lists.example.com/",
                "country_codes": ["XX"],
                "listing_started_utc": "2019-05-01T00:00:00Z",
            },
        },
        "sources": ["example-sanctions-list"],
        "types": types,
    }))
}
