//! Names of a person: as read, and compared with the given ones.

use serde_json::{Map, Value, json};

use super::is_on;
use crate::sandbox::{Person, shuftipro::checks::is_empty};

pub(super) fn read_name(person: &Person) -> Value {
    json!({
        "first_name": person.first_name, "middle_name": null, "last_name": person.last_name,
        "full_name": person.full_name(),
    })
}

pub(super) fn without_switch(name: &Map<String, Value>) -> Value {
    name.iter()
        .filter(|(key, _)| *key != "fuzzy_match")
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// `full_name`, or the parts in order.
pub(super) fn full_name(name: &Value) -> String {
    let part = |key| name.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    part("full_name").map_or_else(
        || {
            ["first_name", "middle_name", "last_name"]
                .into_iter()
                .filter_map(part)
                .collect::<Vec<_>>()
                .join(" ")
        },
        str::to_owned,
    )
}

pub(super) fn name_fits(given: &Map<String, Value>, person: &Person) -> bool {
    let given_value = Value::Object(given.clone());
    let (given_name, truth) = (plain(&full_name(&given_value)), plain(person.full_name().expose()));
    let first_only =
        given.get("last_name").is_none_or(is_empty) && given.get("full_name").is_none_or(is_empty);
    if first_only {
        return given_name == plain(person.first_name.expose());
    }
    given_name == truth || (is_on(given, "fuzzy_match") && distance(&given_name, &truth) <= 2)
}

/// Lower case, letters and digits only.
pub(in crate::sandbox::shuftipro) fn plain(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, char) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(char != *other);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
