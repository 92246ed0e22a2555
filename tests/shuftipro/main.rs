//! What the Shufti Pro client promises, over real sockets against the sandbox and, where exact bytes matter, over the
//! in-memory transport.

// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod callbacks;
mod credentials;
mod downloads;
mod errors;
mod faults;
mod limits;
mod lost_answers;
mod privacy;
mod proof;
mod reconcile;
mod request;
mod resume;
mod support;
mod verified;
mod wire;
