//! Hostile JSON at every place where the crate reads JSON: it is refused or passed over, and the process lives.
//!
//! A reader that goes too deep overflows its stack, which ends the process: the test is red by not ending.
#![cfg(feature = "full")]
// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "../common/calls/mod.rs"]
mod calls;
mod clients;
mod endpoints;
#[path = "../common/hostile.rs"]
mod hostile;
mod readers;
#[path = "../common/servers.rs"]
mod servers;
