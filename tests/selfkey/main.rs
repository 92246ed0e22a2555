//! SelfKey: what goes over the wire, what is signed, what is refused, what leaks.
#![cfg(feature = "selfkey")]
// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod bad_input;
mod bounds;
mod errors;
mod journey;
mod kycc;
mod login;
mod ownership;
mod party;
mod privacy;
mod relying_party;
mod replay;
mod resolver;
mod support;
mod uploads;
mod wire;
