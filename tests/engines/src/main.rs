//! Segments on engines that spread over machines: the text that SQLite and PostgreSQL run, on DataFusion and on Spark.
//!
//! ```text
//! cargo run                      # DataFusion, several partitions
//! cargo run -- --export DIR      # writes users, queries and expected counts for Spark
//! python3 spark.py DIR           # a Spark cluster of two worker processes; needs pyspark and Java
//! ```
//!
//! `KYCKIT_SEED` chooses other users and conditions.

#[path = "../../credify/generated.rs"]
mod generated;

use std::{fs, path::Path, process::ExitCode, sync::Arc, time::Instant};

use datafusion::{
    arrow::{
        array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray},
        datatypes::{DataType, Field, Schema},
        record_batch::RecordBatch,
    },
    common::{ParamValues, ScalarValue},
    datasource::MemTable,
    error::Result,
    prelude::{SessionConfig, SessionContext},
};
use generated::{Cell, Kind, Random, Reads, User};
use kyckit::credify::segment::{Dialect, Query, SqlValue};
use serde_json::{Map, Value, json};

const TREES: usize = 500;
const USERS: usize = 5_000;
/// Segments in one query.
const TOGETHER: usize = 50;
const PARTITIONS: usize = 4;
const STACK: usize = 64 << 20;

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
        // Without optimisation the planner's frames are large.
        [] => std::thread::scope(|scope| {
            let run = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || datafusion(&work));
            run.expect("a thread").join().expect("DataFusion ran")
        }),
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

fn datafusion(work: &Work) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let begun = Instant::now();
    let (mut equal, mut other) = (0, 0);
    runtime.block_on(async {
        let context = context(&work.users).expect("a table");
        for (query, expected) in work.queries(Dialect::DataFusion) {
            for (found, expected) in count(&context, &query).await.expect("counts").iter().zip(expected) {
                if found == expected { equal += 1 } else { other += 1 }
            }
        }
    });
    println!("DataFusion: {equal} counts equal, {other} not, {:.1} s in all", begun.elapsed().as_secs_f64());
    ExitCode::from(u8::from(other > 0))
}

/// A table `users` in partitions that are counted side by side.
fn context(users: &[User]) -> Result<SessionContext> {
    let columns = generated::columns();
    let fields = columns.iter().map(|(name, kind)| {
        let kind = match kind {
            Kind::Number => DataType::Float64,
            Kind::Whole => DataType::Int64,
            Kind::Text => DataType::Utf8,
            Kind::Boolean => DataType::Boolean,
        };
        Field::new(name, kind, true)
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let partitions = users.chunks(users.len().div_ceil(PARTITIONS)).map(|users| {
        let arrays = columns.iter().enumerate().map(|(index, (_, kind))| {
            macro_rules! array {
                ($kind:ident, $array:ident) => {
                    Arc::new(
                        users
                            .iter()
                            .map(|user| match &user.cells[index] {
                                Cell::$kind(value) => value.clone(),
                                other => panic!("{other:?} in a column of another kind"),
                            })
                            .collect::<$array>(),
                    ) as ArrayRef
                };
            }
            match kind {
                Kind::Number => array!(Number, Float64Array),
                Kind::Whole => array!(Whole, Int64Array),
                Kind::Text => array!(Text, StringArray),
                Kind::Boolean => array!(Boolean, BooleanArray),
            }
        });
        Ok(vec![RecordBatch::try_new(Arc::clone(&schema), arrays.collect())?])
    });
    let table = MemTable::try_new(Arc::clone(&schema), partitions.collect::<Result<_>>()?)?;
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(PARTITIONS));
    context.register_table("users", Arc::new(table))?;
    Ok(context)
}

async fn count(context: &SessionContext, query: &Query) -> Result<Vec<u64>> {
    let values = query.values().iter().map(|value| match value {
        SqlValue::Boolean(flag) => ScalarValue::Boolean(Some(*flag)),
        SqlValue::Number(number) => ScalarValue::Float64(Some(*number)),
        SqlValue::Text(text) => ScalarValue::Utf8(Some(text.clone())),
        _ => panic!("a new kind of value"),
    });
    let values = ParamValues::from(values.collect::<Vec<_>>());
    let rows = context.sql(query.text()).await?.with_param_values(values)?.collect().await?;
    let row = &rows[0];
    Ok(row
        .columns()
        .iter()
        .map(|column| {
            let counts = column.as_any().downcast_ref::<Int64Array>().expect("64-bit counts");
            u64::try_from(counts.value(0)).expect("not negative")
        })
        .collect())
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
