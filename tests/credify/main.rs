//! What the Credify room promises: by the provider's own vectors, and by what a user of the crate sees.

// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod client;
mod conformance;
mod tokens;
