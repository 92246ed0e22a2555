//! What is handed to a driver.

use std::fmt;

/// A value to bind to a placeholder. `Debug` shows the kind alone: what a condition compares with may tell of a person.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum SqlValue {
    /// A boolean; SQLite has 0 and 1.
    Boolean(bool),
    /// A 64-bit floating point number, finite. Its zero may be negative, and has to stay so.
    Number(f64),
    /// A text without NUL.
    Text(String),
}

impl fmt::Debug for SqlValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean(_) => "Boolean",
            Self::Number(_) => "Number",
            Self::Text(_) => "Text",
        })
    }
}

/// A text with placeholders, and the values to bind to them in their order.
///
/// The answer is one row with a 64-bit integer for each segment, in their order, named `c0`, `c1`, …
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub(super) text: String,
    pub(super) values: Vec<SqlValue>,
}

impl Query {
    /// The text. It holds names of the mapping and nothing that came with a condition.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values.
    pub fn values(&self) -> &[SqlValue] {
        &self.values
    }
}
