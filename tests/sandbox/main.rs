//! What the sandbox promises, seen from outside: by plain HTTP.

// A helper that cannot go on fails its test.
#![allow(clippy::expect_used)]

mod callbacks;
mod calls;
mod faults;
mod fixtures;
mod pages;
mod results;
mod support;
