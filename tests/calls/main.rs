//! What holds of every call of every provider: an id arrives as the one segment that it is or is not sent at all, an
//! answer is about what was asked for, and a success has the documented form.
// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod clocks;
mod forms;
mod ids;
mod objects;
mod table;
mod tls;
