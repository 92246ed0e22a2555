//! The drivers that the tests and the benches hand text and values to.

#![allow(dead_code, reason = "the benches use a part")]

use std::sync::Arc;

use kyckit::credify::segment::{Query, SqlValue};
use tokio_postgres::Client;

use super::{
    generated::{Cell, Kind, User, columns},
    postgres::Postgres,
};

/// Whether a table also holds the claims as documents.
#[derive(Clone, Copy)]
pub enum Documents {
    Kept,
    LeftOut,
}

fn create(numeric: &str, whole: &str, text: &str, boolean: &str, documents: &[(&str, &str)]) -> String {
    let columns = columns().into_iter().map(|(name, kind)| {
        let kind = match kind {
            Kind::Number => numeric,
            Kind::Whole => whole,
            Kind::Text => text,
            Kind::Boolean => boolean,
        };
        format!("\"{name}\" {kind}")
    });
    let documents = documents.iter().map(|(name, kind)| format!("\"{name}\" {kind}"));
    columns.chain(documents).collect::<Vec<_>>().join(", ")
}

/// SQLite in memory, with a table `users`.
pub struct Sqlite(pub rusqlite::Connection);

impl Sqlite {
    pub fn with(users: &[User]) -> Self {
        let sqlite = Self::new();
        sqlite.add(users, Documents::Kept);
        sqlite
    }

    pub fn new() -> Self {
        let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
        let documents = [("id", "TEXT"), ("address", "TEXT"), ("claims", "TEXT")];
        let columns = create("REAL", "INTEGER", "TEXT", "INTEGER", &documents);
        connection.execute_batch(&format!("CREATE TABLE users ({columns})")).expect("a table");
        Self(connection)
    }

    pub fn add(&self, users: &[User], documents: Documents) {
        self.0.execute_batch("BEGIN").expect("begun");
        let places = vec!["?"; columns().len() + 3].join(", ");
        let mut insert = self.0.prepare(&format!("INSERT INTO users VALUES ({places})")).expect("an insert");
        for (index, user) in users.iter().enumerate() {
            use rusqlite::types::Value;
            let cell = |cell: &Cell| match cell {
                Cell::Number(value) => value.map_or(Value::Null, Value::Real),
                Cell::Whole(value) => value.map_or(Value::Null, Value::Integer),
                Cell::Text(value) => value.clone().map_or(Value::Null, Value::Text),
                Cell::Boolean(value) => value.map_or(Value::Null, |flag| Value::Integer(flag.into())),
            };
            let document = |text: Option<String>| match (text, documents) {
                (Some(text), Documents::Kept) => Value::Text(text),
                _ => Value::Null,
            };
            let mut row: Vec<_> = user.cells.iter().map(cell).collect();
            row.push(Value::Text(format!("user-{index}")));
            row.push(document(user.address.clone()));
            row.push(document(Some(user.claims.to_string())));
            insert.execute(rusqlite::params_from_iter(row)).expect("a row");
        }
        drop(insert);
        self.0.execute_batch("COMMIT").expect("committed");
    }

    pub fn count(&self, query: &Query) -> Vec<u64> {
        let values = query.values().iter().map(|value| {
            use rusqlite::types::Value;
            match value {
                SqlValue::Boolean(flag) => Value::Integer((*flag).into()),
                SqlValue::Number(number) => Value::Real(*number),
                SqlValue::Text(text) => Value::Text(text.clone()),
                _ => panic!("a new kind of value"),
            }
        });
        let mut statement =
            self.0.prepare(query.text()).unwrap_or_else(|error| panic!("{error}: {}", query.text()));
        let width = statement.column_count();
        let row = statement.query_row(rusqlite::params_from_iter(values), |row| {
            (0..width).map(|index| row.get::<_, i64>(index)).collect::<Result<Vec<_>, _>>()
        });
        row.expect("a row").into_iter().map(|count| count.try_into().expect("not negative")).collect()
    }
}

/// A table `users` of its own in the shared server.
pub struct Postgresql {
    pub client: Client,
    runtime: tokio::runtime::Runtime,
    _server: Arc<Postgres>,
}

impl Postgresql {
    /// A connection with a schema of its own.
    pub fn connect(schema: &str) -> Option<Self> {
        let server = Postgres::shared()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let client = runtime.block_on(server.connect());
        let prepare = format!("CREATE SCHEMA {schema}; SET search_path TO {schema}");
        runtime.block_on(client.batch_execute(&prepare)).expect("a schema");
        Some(Self { client, runtime, _server: server })
    }

    pub fn run(&self, text: &str) {
        self.runtime
            .block_on(self.client.batch_execute(text))
            .unwrap_or_else(|error| panic!("{error:?}: {text}"));
    }

    pub fn fill(&self, users: &[User]) {
        self.create();
        self.add(users, Documents::Kept);
        self.run("ANALYZE users");
    }

    pub fn create(&self) {
        let documents = [("id", "text"), ("address", "jsonb"), ("claims", "jsonb")];
        let declared = create("double precision", "bigint", "text", "boolean", &documents);
        self.run(&format!("CREATE TABLE users ({declared})"));
    }

    pub fn add(&self, users: &[User], documents: Documents) {
        let columns = columns();
        let kinds = columns.iter().map(|(_, kind)| match kind {
            Kind::Number => "double precision",
            Kind::Whole => "bigint",
            Kind::Text => "text",
            Kind::Boolean => "boolean",
        });
        let arrays = kinds.chain(["text", "text", "text"]);
        let arrays =
            arrays.enumerate().map(|(index, kind)| format!("${}::{kind}[]", index + 1)).collect::<Vec<_>>();
        let names = (0..arrays.len()).map(|index| format!("c{index}")).collect::<Vec<_>>();
        let mut made = names.clone();
        for name in &mut made[columns.len() + 1..] {
            name.push_str("::jsonb");
        }
        let insert = format!(
            "INSERT INTO users SELECT {} FROM unnest({}) AS rows({})",
            made.join(", "),
            arrays.join(", "),
            names.join(", ")
        );
        let statement = self.runtime.block_on(self.client.prepare(&insert)).expect("an insert");
        let mut values: Vec<Box<dyn tokio_postgres::types::ToSql + Sync>> = Vec::new();
        for (index, (_, kind)) in columns.iter().enumerate() {
            macro_rules! array {
                ($kind:ident) => {
                    Box::new(
                        users
                            .iter()
                            .map(|user| match &user.cells[index] {
                                Cell::$kind(value) => value.clone(),
                                other => panic!("{other:?} in a column of another kind"),
                            })
                            .collect::<Vec<_>>(),
                    )
                };
            }
            values.push(match kind {
                Kind::Number => array!(Number),
                Kind::Whole => array!(Whole),
                Kind::Text => array!(Text),
                Kind::Boolean => array!(Boolean),
            });
        }
        let ids = (0..users.len()).map(|index| format!("user-{index}"));
        values.push(Box::new(ids.collect::<Vec<_>>()));
        let document = |text: Option<String>| text.filter(|_| matches!(documents, Documents::Kept));
        let address = users.iter().map(|user| document(user.address.clone()));
        values.push(Box::new(address.collect::<Vec<_>>()));
        // PostgreSQL takes no NUL in a document. Conditions that name it are refused.
        let claims =
            users.iter().map(|user| document(Some(user.claims.to_string().replace("\\u0000", "nul"))));
        values.push(Box::new(claims.collect::<Vec<_>>()));
        let values = values
            .iter()
            .map(|value| &**value as _)
            .collect::<Vec<&(dyn tokio_postgres::types::ToSql + Sync)>>();
        self.runtime.block_on(self.client.execute(&statement, &values)).expect("rows");
    }

    /// A row of the table that hostile names are tried on.
    pub fn insert(&self, held: &str, claims: &str) {
        let insert = "INSERT INTO users VALUES ($1, true, $2::text::jsonb)";
        self.runtime.block_on(self.client.execute(insert, &[&held, &claims])).expect("a row");
    }

    pub fn count(&self, query: &Query) -> Vec<u64> {
        let values: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> = query
            .values()
            .iter()
            .map(|value| match value {
                SqlValue::Boolean(flag) => flag as _,
                SqlValue::Number(number) => number as _,
                SqlValue::Text(text) => text as _,
                _ => panic!("a new kind of value"),
            })
            .collect();
        let row = self.runtime.block_on(self.client.query_one(query.text(), &values));
        let row = row.unwrap_or_else(|error| panic!("{error:?}: {}", query.text()));
        (0..row.len()).map(|index| row.get::<_, i64>(index).try_into().expect("not negative")).collect()
    }
}
