//! What the Maya room promises: against the fake Maya, and against a transport without a network.

// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod client;
mod customer;
#[cfg(feature = "axum")]
mod session;
