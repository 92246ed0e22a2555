//! SelfKey: what goes over the wire, what is signed, what is refused, what leaks.
#![cfg(feature = "selfkey")]
// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod bad_input;
#[cfg(all(feature = "axum", feature = "sandbox"))]
mod journey;
mod party;
mod relying_party;
mod replay;
mod resolver;
