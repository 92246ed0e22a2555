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
//! `@credify/crypto` 1.4.8; the tests compare with its output.

mod canonical;
pub(crate) mod case;
mod depth;
pub(crate) mod hash;
mod unify;

pub use canonical::canonical;
pub(crate) use canonical::{canonical_object, number_text};
pub(crate) use depth::{DEEPEST, bounded};
pub use hash::{sha256, sha256_by_each_field, sha256_unified};
pub use unify::unified;
pub(crate) use unify::unified_object;
