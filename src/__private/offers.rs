//! Offer conditions: evaluated one by one, counted over many, and as SQL.

use serde::Deserialize;
use serde_json::Value;

use super::made;
use crate::{
    credify::{
        offer::{Levels, Population, Rules, Segments},
        segment::{Dialect, Mapping, SqlValue},
    },
    wire,
};

#[derive(Deserialize)]
struct Case {
    conditions: Value,
    required_custom_scopes: Value,
    claims: Value,
}

const DIALECTS: [Dialect; 2] = [Dialect::Sqlite, Dialect::Postgres];

pub(super) fn conditions(bytes: &[u8]) {
    let Ok(case) = wire::json::from_slice::<Case>(bytes) else { return };
    for rules in [Rules::new(), Rules::new().coerce_numeric_text(true), Rules::new().or_and_not(true)] {
        if let Ok(levels) = Levels::compile_with(&case.conditions, &case.required_custom_scopes, &rules) {
            let evaluation = levels.evaluate(&case.claims);
            assert!(evaluation.rank() <= levels.len(), "a rank above the highest");
        }
    }
    let (Value::Array(conditions), Value::Array(required)) = (&case.conditions, &case.required_custom_scopes)
    else {
        return;
    };
    let Ok(segments) = Segments::compile(conditions, required) else { return };
    let mut counts = vec![0; segments.len()];
    segments.count_user(&case.claims, &mut counts);
    let mut population = Population::of([&segments]);
    if population.add(&case.claims).is_ok() {
        assert_eq!(made(population.count(&segments)), counts, "many are counted otherwise than one");
    }
    let mapping = made(Mapping::new("users").and_then(|mapping| mapping.document("claims")));
    for dialect in DIALECTS {
        let Ok(query) = mapping.count(&segments, dialect) else { continue };
        let text = query.text();
        assert!(!text.contains(';') && !text.contains("--"), "more than one statement: {text}");
        for value in query.values() {
            // Long enough not to stand in every query by chance.
            if let SqlValue::Text(value) = value
                && value.len() > 12
                && !value.starts_with('$')
            {
                assert!(!text.contains(value.as_str()), "a value stands in the text of the query");
            }
        }
    }
}
