//! Segments counted where the users are: conditions as one parameterised SQL query.
//!
//! A [`Mapping`] says in which columns the claims are. [`Mapping::count`] then renders any number of segments to a
//! [`Query`]: a text, and the values to bind. One pass over the table counts them all. No driver comes along: hand text
//! and values to your own.
//!
//! ```
//! use kyckit::credify::{offer::Segments, segment::{Dialect, Mapping, SqlValue}};
//! use serde_json::json;
//!
//! let mapping = Mapping::new("users")?
//!     .number("loyalty", ["points"], "loyalty_points")?
//!     .text("loyalty", ["tier"], "loyalty_tier")?
//!     .scope("loyalty", "has_loyalty")?;
//!
//! let condition = json!({
//!     "kind": "AND_CONDITION",
//!     "subconditions": [
//!         {
//!             "kind": "LARGER_THAN_CONDITION",
//!             "claim": {"name": "points", "value_type": "INTEGER", "scope": {"name": "loyalty"}},
//!             "value": 100,
//!         },
//!         {
//!             "kind": "CONTAIN_CONDITION",
//!             "claim": {"name": "tier", "value_type": "TEXT", "scope": {"name": "loyalty"}},
//!             "value": "gold",
//!         },
//!     ],
//! });
//! let segments = Segments::compile(&[condition], &[json!(["loyalty"])])?;
//! let query = mapping.count(&segments, Dialect::Sqlite)?;
//! assert_eq!(
//!     query.text(),
//!     "SELECT COUNT(CASE WHEN ((u.\"loyalty_points\" > ?1 AND replace(u.\"loyalty_tier\", ?2, '') <> \
//!      u.\"loyalty_tier\") AND u.\"has_loyalty\" = ?3) THEN 1 END) AS c0 FROM \"users\" AS u",
//! );
//! assert_eq!(query.values(), [SqlValue::Number(100.0), SqlValue::Text("gold".into()), SqlValue::Boolean(true)]);
//! # Ok::<(), kyckit::Error>(())
//! ```
//!
//! # What equals what
//!
//! The counts are those of [`Segments::count_user`](super::offer::Segments::count_user) over the same claims, for every
//! type, for null and for what is missing. What SQL cannot say equally is refused with an error, never approximated.
//! For that the columns must be what the mapping says:
//!
//! | column | holds | where the claim is missing, null or of another type |
//! | --- | --- | --- |
//! | [`number`](Mapping::number) | `DOUBLE PRECISION` (`REAL` in SQLite, `DOUBLE` elsewhere), finite | `NULL` |
//! | [`whole_number`](Mapping::whole_number) | a 64-bit integer, compared as the nearest double is | `NULL` |
//! | [`text`](Mapping::text) | `TEXT` with a binary, deterministic collation | `NULL` |
//! | [`boolean`](Mapping::boolean) | `BOOLEAN` (0 and 1 in SQLite) | `NULL` |
//! | [`scope`](Mapping::scope) | `BOOLEAN`: whether the user has the scope, also with null in it | false |
//! | [`document`](Mapping::document) | all claims of a user as a JSON object: `jsonb` in PostgreSQL, text in SQLite 3.45 or later | `NULL`: the user is not counted |
//! | [`scope_document`](Mapping::scope_document) | the claims of one scope as JSON; JSON's null is a scope without claims | `NULL` |
//!
//! - **A binary collation is yours to choose.** `COLLATE NOCASE` in SQLite, or a nondeterministic collation in
//!   PostgreSQL, would let texts be equal that are not. The defaults of all four engines are fine. So is UTF-8 as the
//!   database's encoding; fixed-length `CHAR` is not.
//! - **A claim of two types** has two columns. A comparison with a type that has no column is refused: the absence of a
//!   column does not mean that no user has a text there.
//! - **A row is a user.** A row counts whatever its columns hold, unless there is a [`document`](Mapping::document).
//! - **Documents** are JSON as serialisers write it: no member twice, no NUL in texts.
//!
//! # Engines
//!
//! Over typed columns the text is the same for every [`Dialect`]; only the placeholders differ. Identifiers stand in
//! double quotes: Spark needs `spark.sql.ansi.enabled` and `spark.sql.ansi.doubleQuotedIdentifiers`. Documents are for
//! SQLite and PostgreSQL. Project the claims that offers use into typed columns once, and keep the document for the
//! rest: it costs several times as much.

mod count;
mod dialect;
mod mapping;
mod midpoint;
mod query;
mod render;

pub use dialect::Dialect;
pub use mapping::Mapping;
pub use query::{Query, SqlValue};
