//! The client: against the fake Credify on real sockets, and against a transport without a network.

mod authorization;
mod defects;
mod errors;
mod faults;
mod privacy;
mod sandbox;
mod support;
mod token_cache;
mod webhook;
mod wire;
