//! What the Credify room promises: by the provider's own vectors, and by what a user of the crate sees.

// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod client;
#[cfg(feature = "sql")]
mod databases;
mod defects;
mod encryption;
mod generated;
mod json;
mod market;
mod market_bad_input;
mod market_support;
mod offers;
#[cfg(feature = "sql")]
mod postgres;
mod presented_tokens;
mod privacy;
#[cfg(feature = "sql")]
mod segments;
#[cfg(feature = "sql")]
mod servers;
mod service_provider;
mod support;
mod tokens;
mod validate;
