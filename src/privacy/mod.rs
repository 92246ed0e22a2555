//! Personal data and secrets as types, and a test that proves that neither leaks.
//!
//! | type | holds | `Debug` | `Display` | `PartialEq` | wiped |
//! | --- | --- | --- | --- | --- | --- |
//! | [`Pii<T>`] | what a provider knows of a person | `[redacted]` | none | yes | no |
//! | [`Secret`] | keys, tokens, passwords | `[redacted]` | none | none | when dropped |
//!
//! Both are opened by a word that is easy to search for: `expose`. [`leak`] is the test helper that the crate uses on
//! itself and that applications can use on their own code.

mod debug;
pub mod leak;
mod pii;
mod secret;

pub(crate) use debug::redacted_debug;
pub use pii::Pii;
pub use secret::Secret;

/// Text printed in place of a hidden value.
pub const REDACTED: &str = "[redacted]";
