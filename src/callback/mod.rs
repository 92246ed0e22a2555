//! What providers send to us: verify bytes first, parse second, believe third.

mod verified;

pub use verified::{Proof, Verified};
