//! The database that a server is given, and what the test does to it behind the server's back.

use std::{fs, path::Path, sync::Arc, time::Duration};

use rusqlite::types::ValueRef;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::{super::postgres::Postgres, Folder};

/// What a broken database says, and no caller sees.
pub const CONFESSION: &str = "the_secret_of_the_database";

pub enum Database {
    Sqlite { folder: Folder },
    Postgres { url: String, name: String, client: Client, _server: Arc<Postgres> },
}

impl Database {
    /// A new one in SQLite, and one in PostgreSQL where that can be run.
    pub async fn each(name: &str) -> Vec<Self> {
        [Some(Self::sqlite(name)), Self::postgres(name).await].into_iter().flatten().collect()
    }

    pub fn sqlite(name: &str) -> Self {
        Self::Sqlite { folder: Folder::new(name) }
    }

    pub async fn postgres(name: &str) -> Option<Self> {
        let server = Postgres::shared()?;
        let client = server.connect().await;
        client.batch_execute(&format!("create database {name}")).await.expect("a database");
        let client = server.connect_to(name).await;
        Some(Self::Postgres { url: server.url(name), name: name.to_owned(), client, _server: server })
    }

    /// What `DATABASE_URL` says.
    pub fn url(&self) -> String {
        match self {
            // Relative to where the server runs: it begins like the URL of a PostgreSQL server, and is none.
            Self::Sqlite { folder } => {
                let path = folder.0.strip_prefix(env!("CARGO_TARGET_TMPDIR")).expect("within");
                path.join("data.sqlite").to_string_lossy().into_owned()
            }
            Self::Postgres { url, .. } => url.clone(),
        }
    }

    /// Statements that both databases understand, or one of them.
    pub async fn run(&self, statements: &str) {
        match self {
            Self::Sqlite { .. } => self.connection().execute_batch(statements).expect("done"),
            Self::Postgres { client, .. } => client.batch_execute(statements).await.expect("done"),
        }
    }

    /// Rows as texts; null is empty.
    pub async fn rows(&self, query: &str) -> Vec<Vec<String>> {
        match self {
            Self::Sqlite { .. } => {
                let connection = self.connection();
                let mut statement = connection.prepare(query).expect("a query");
                let width = statement.column_count();
                let rows = statement.query_map([], |row| {
                    (0..width)
                        .map(|column| {
                            Ok(match row.get_ref(column)? {
                                ValueRef::Null => String::new(),
                                ValueRef::Integer(number) => number.to_string(),
                                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                                other => panic!("{other:?}"),
                            })
                        })
                        .collect()
                });
                rows.expect("rows").collect::<Result<_, _>>().expect("rows")
            }
            Self::Postgres { client, .. } => {
                let answer = client.simple_query(query).await.expect("a query");
                let rows = answer.into_iter().filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => Some(row),
                    _ => None,
                });
                rows.map(|row| {
                    (0..row.len()).map(|column| row.get(column).unwrap_or_default().to_owned()).collect()
                })
                .collect()
            }
        }
    }

    pub async fn number(&self, query: &str) -> u64 {
        self.rows(query).await[0][0].parse().expect("a number")
    }

    /// From now on this fails in a table: `insert` or `update`.
    pub async fn break_table(&self, table: &str, what: &str) {
        let trigger = format!("create trigger broken before {what} on {table}");
        self.run(&match self {
            Self::Sqlite { .. } => format!("{trigger} begin select raise(abort, '{CONFESSION}'); end"),
            Self::Postgres { .. } => format!(
                "create or replace function fail() returns trigger language plpgsql as $$
                 begin raise exception '{CONFESSION}'; end $$;
                 {trigger} for each row execute function fail()"
            ),
        })
        .await;
    }

    pub async fn heal(&self, table: &str) {
        self.run(&match self {
            Self::Sqlite { .. } => "drop trigger broken".to_owned(),
            Self::Postgres { .. } => format!("drop trigger broken on {table}"),
        })
        .await;
    }

    /// Ends all connections of others, from the server's side, and says how many there were. SQLite has none.
    pub async fn cut(&self) -> usize {
        let Self::Postgres { name, .. } = self else { return 0 };
        let others = format!(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = '{name}' and pid <> pg_backend_pid()"
        );
        self.rows(&others).await.len()
    }

    /// Waits until no other client is connected: what a killed process had sent before may be at work still.
    pub async fn settled(&self) {
        let Self::Postgres { name, .. } = self else { return };
        let others = format!(
            "select count(*) from pg_stat_activity where datname = '{name}' and pid <> pg_backend_pid()"
        );
        for _ in 0..600 {
            if self.number(&others).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("a killed process is still connected");
    }

    fn connection(&self) -> rusqlite::Connection {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(self.url());
        assert!(fs::metadata(&path).is_ok(), "{} is not where the data is", path.display());
        let connection = rusqlite::Connection::open(path).expect("a database");
        connection.busy_timeout(Duration::from_secs(5)).expect("set");
        connection
    }
}
