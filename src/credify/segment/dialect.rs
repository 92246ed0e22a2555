//! What differs between engines.

use super::query::SqlValue;

/// The engine that a query is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite: placeholders are `?1`, `?2`, …
    Sqlite,
    /// PostgreSQL, and what speaks its language: placeholders are `$1::text`, with the type they are bound as.
    Postgres,
    /// DataFusion: placeholders are `$1`, `$2`, …
    DataFusion,
    /// Spark: placeholders are `?`.
    Spark,
}

impl Dialect {
    /// The placeholder of the value with this number, counted from 1.
    pub(super) fn placeholder(self, number: usize, value: &SqlValue) -> String {
        match self {
            Self::Sqlite => format!("?{number}"),
            // Without a type it is that of the column: a driver would refuse a double for an integer column.
            Self::Postgres => match value {
                SqlValue::Boolean(_) => format!("${number}::boolean"),
                SqlValue::Number(_) => format!("${number}::double precision"),
                SqlValue::Text(_) => format!("${number}::text"),
            },
            Self::DataFusion => format!("${number}"),
            Self::Spark => "?".to_owned(),
        }
    }
}
