//! sandbox
mod fault;
mod log;
mod payload;
mod server;
mod wire;

pub use fault::{Fault, RetryAfter};
pub use log::{Entry, Recorded};
pub use server::Server;
