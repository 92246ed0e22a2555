//! The flow: states that cannot be altered, failures that lose nothing, decisions that no replay improves.
// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod capability;
mod consent;
mod erase;
mod evidence;
mod machine;
mod provider_flows;
mod state;
mod support;
mod texts;
mod wait;
