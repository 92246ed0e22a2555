//! What the inbox promises for every provider: nothing lost, nothing twice, nothing out of order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod inbox;
mod one_time;
mod property;
#[cfg(feature = "axum")]
mod route;
#[cfg(feature = "axum")]
mod server;
#[cfg(feature = "axum")]
mod service;
mod testkit;
