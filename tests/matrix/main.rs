//! What every remote call does under every fault of a network and of a server, by a written rule.
#![cfg(feature = "full")]
// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "../common/calls/mod.rs"]
mod calls;
mod document;
mod fault;
mod gate;
mod http2;
mod rule;
mod run;
mod server;
mod stub;
