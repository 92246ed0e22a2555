//! Conditions counted in memory against the same counted by SQLite, over the claims of all cases
//! of the corpus and of the vectors.

use kyckit::credify::{
    offer::Segments,
    segment::{Dialect, Mapping, SqlValue},
};
use rusqlite::{Connection, params_from_iter, types};
use serde_json::Value;

const VECTORS: &str = include_str!("../vectors/credify/offer-evaluation.json");

fn bound(value: &SqlValue) -> types::Value {
    match value {
        SqlValue::Boolean(flag) => types::Value::Integer((*flag).into()),
        SqlValue::Number(number) => types::Value::Real(*number),
        SqlValue::Text(text) => types::Value::Text(text.clone()),
        _ => panic!("a new kind of value"),
    }
}

#[test]
fn conditions_count_the_same_in_memory_and_in_sqlite() {
    let Some(fuzz) = crate::fuzz() else { return };
    let mut cases: Vec<Value> = crate::corpus(&fuzz, "offer_conditions")
        .iter()
        .filter_map(|(_, content)| serde_json::from_slice(content).ok())
        .collect();
    let vectors: Value = serde_json::from_str(VECTORS).expect("the vectors");
    cases.extend(vectors["cases"].as_array().expect("cases").iter().cloned());
    let sqlite = Connection::open_in_memory().expect("SQLite");
    sqlite.execute_batch("CREATE TABLE users (claims TEXT)").expect("a table");
    let claims: Vec<&Value> =
        cases.iter().map(|case| &case["claims"]).filter(|one| one.is_object()).collect();
    for one in &claims {
        sqlite.execute("INSERT INTO users VALUES (?1)", [one.to_string()]).expect("a row");
    }
    let mapping = Mapping::new("users").and_then(|mapping| mapping.document("claims")).expect("a mapping");
    let mut compared = 0;
    for case in &cases {
        let (Some(conditions), Some(required)) =
            (case["conditions"].as_array(), case["required_custom_scopes"].as_array())
        else {
            continue;
        };
        let Ok(segments) = Segments::compile(conditions, required) else { continue };
        let Ok(query) = mapping.count(&segments, Dialect::Sqlite) else { continue };
        if segments.is_empty() {
            continue;
        }
        let mut expected = vec![0; segments.len()];
        claims.iter().for_each(|one| segments.count_user(one, &mut expected));
        let counts = sqlite.prepare(query.text()).and_then(|mut statement| {
            let width = statement.column_count();
            statement.query_row(params_from_iter(query.values().iter().map(bound)), |row| {
                (0..width)
                    .map(|column| row.get::<_, u32>(column).map(u64::from))
                    .collect::<Result<Vec<_>, _>>()
            })
        });
        assert_eq!(counts.as_ref(), Ok(&expected), "{case}");
        compared += 1;
    }
    assert!(compared >= 40, "{compared} cases were compared");
    println!("{compared} cases compared over {} users", claims.len());
}
