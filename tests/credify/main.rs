//! What the Credify room promises: by the provider's own vectors, and by what a user of the crate sees.

// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod authorization;
mod conformance;
mod defects;
mod errors;
mod faults;
mod privacy;
mod sandbox;
mod support;
mod token_cache;
mod tokens;
mod webhook;
mod wire;
