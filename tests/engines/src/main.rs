//! Segments on engines that spread over machines: the text that SQLite and PostgreSQL run, on DataFusion and on Spark.
//!
//! ```text
//! cargo run                      # DataFusion, several partitions
//! cargo run --no-default-features -- --export DIR
//!                                # writes users, queries and expected counts for Spark
//! python3 spark.py DIR           # a Spark cluster of two worker processes; needs pyspark and Java
//! ```
//!
//! `KYCKIT_SEED` chooses other users and conditions.

#[cfg(feature = "datafusion")]
mod datafusion;
#[path = "../../credify/generated.rs"]
mod generated;

use std::{fs, path::Path, process::ExitCode};

use generated::{Cell, Kind, Random, Reads, User};
use kyckit::credify::segment::{Dialect, Query, SqlValue};
use serde_json::{Map, Value, json};

const TREES: usize = 500;
const USERS: usize = 5_000;
/// Segments in one query.
const TOGETHER: usize = 50;

/// Segments, and what the evaluator counts.
struct Work {
    seed: u64,
    users: Vec<User>,
    segments: Vec<(Value, Value)>,
    expected: Vec<u64>,
}

impl Work {
    fn new() -> Self {
        let seed = generated::seed();
        let mut random = Random::new(seed);
        let users = generated::users(&mut random, USERS);
        let mapping = generated::typed("users");
        let mut segments = Vec::new();
        for _ in 0..TREES {
            let segment = generated::segment(&mut random, Reads::Columns);
            if mapping.count(&generated::compile(std::slice::from_ref(&segment)), Dialect::Spark).is_ok() {
                segments.push(segment);
            }
        }
        let expected = generated::counted(&generated::compile(&segments), &users);
        Self { seed, users, segments, expected }
    }

    fn queries(&self, dialect: Dialect) -> Vec<(Query, &[u64])> {
        let mapping = generated::typed("users");
        let chunks = self.segments.chunks(TOGETHER).zip(self.expected.chunks(TOGETHER));
        chunks
            .map(|(segments, expected)| {
                let query =
                    mapping.count(&generated::compile(segments), dialect).expect("it was rendered before");
                (query, expected)
            })
            .collect()
    }
}

fn main() -> ExitCode {
    let work = Work::new();
    let between = work.expected.iter().filter(|count| (1..USERS as u64).contains(count)).count();
    println!(
        "KYCKIT_SEED={}: {} of {TREES} trees rendered, {between} counts strictly between 0 and {USERS}",
        work.seed,
        work.segments.len()
    );
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        #[cfg(feature = "datafusion")]
        [] => datafusion::run(&work),
        [option, dir] if option == "--export" => {
            export(&work, Path::new(dir));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: kyckit-engines [--export DIR]");
            ExitCode::from(2)
        }
    }
}

/// Writes `users.json` (a line a user, nulls left out), `columns.json` and `queries.json`.
fn export(work: &Work, dir: &Path) {
    fs::create_dir_all(dir).expect("a directory");
    let columns = generated::columns();
    let mut lines = String::new();
    for user in &work.users {
        let mut row = Map::new();
        for ((name, _), cell) in columns.iter().zip(&user.cells) {
            let value = match cell {
                Cell::Number(value) => json!(value),
                Cell::Whole(value) => json!(value),
                Cell::Text(value) => json!(value),
                Cell::Boolean(value) => json!(value),
            };
            if !value.is_null() {
                row.insert(name.clone(), value);
            }
        }
        lines.push_str(&Value::Object(row).to_string());
        lines.push('\n');
    }
    fs::write(dir.join("users.json"), lines).expect("written");
    let declared = columns.iter().map(|(name, kind)| {
        let kind = match kind {
            Kind::Number => "double",
            Kind::Whole => "bigint",
            Kind::Text => "string",
            Kind::Boolean => "boolean",
        };
        json!([name, kind])
    });
    let declared = Value::Array(declared.collect());
    fs::write(dir.join("columns.json"), declared.to_string()).expect("written");
    let queries = work.queries(Dialect::Spark).into_iter().map(|(query, expected)| {
        let values = query.values().iter().map(|value| match value {
            SqlValue::Boolean(flag) => json!({"boolean": flag}),
            SqlValue::Number(number) => json!({"number": number}),
            SqlValue::Text(text) => json!({"text": text}),
            _ => panic!("a new kind of value"),
        });
        json!({"text": query.text(), "values": values.collect::<Vec<_>>(), "expected": expected})
    });
    let queries = Value::Array(queries.collect());
    fs::write(dir.join("queries.json"), queries.to_string()).expect("written");
    println!("written to {}", dir.display());
}
