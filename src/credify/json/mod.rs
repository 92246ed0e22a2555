//! JSON as JavaScript writes it: what is hashed and signed has to be the same text, to the byte, on both sides.
//!
//! | function | gives |
//! | --- | --- |
//! | [`canonical`] | the text of `JSON.stringify` |
//! | [`unified`] | the same of the value sorted as scope hashes want it |
//! | [`sha256`], [`sha256_unified`] | their hashes |
//! | [`sha256_by_each_field`] | the value with every leaf replaced by its hash |
//!
//! Numbers are 64-bit floats here, whatever they were before: `9007199254740993` is written `9007199254740992`.
//!
//! Values nested deeper than 128 levels are refused, as they are when read.
//!
//! Source: ECMA-262 (`JSON.stringify`, `Number::toString`, `OrdinaryOwnPropertyKeys`), and the provider's
//! `@credify/crypto` 1.4.8, whose output the tests compare with.

mod canonical;
pub(crate) mod case;
pub(crate) mod hash;
mod unify;

pub use canonical::canonical;
pub(crate) use canonical::{Member, canonical_object, number_text};
pub use hash::{sha256, sha256_by_each_field, sha256_unified};
pub use unify::unified;
pub(crate) use unify::unified_object;

use serde_json::Value;

use crate::error::Error;

/// Levels of the deepest value: what serde_json reads at most.
pub(crate) const DEEPEST: usize = 128;

fn too_deep() -> Error {
    Error::invalid("value", "the value is nested deeper than 128 levels")
}

/// Refuses a value that is nested too deep for what walks it later without counting: at most so many levels.
pub(crate) fn bounded(value: &Value, levels: usize) -> Result<(), Error> {
    fn walk(value: &Value, depth: usize) -> Result<(), Error> {
        match value {
            Value::Array(_) | Value::Object(_) if depth == 0 => Err(too_deep()),
            Value::Array(list) => list.iter().try_for_each(|value| walk(value, depth - 1)),
            Value::Object(members) => members.values().try_for_each(|value| walk(value, depth - 1)),
            _ => Ok(()),
        }
    }
    walk(value, levels)
}
