//! The website of `examples/onboarding.rs`, walked through over HTTP, and in a real browser where there is one.
// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "../../examples/onboarding/mod.rs"]
mod onboarding;

mod bad_input;
mod browser;
mod driver;
mod privacy;
mod support;
mod walk;
mod words;
