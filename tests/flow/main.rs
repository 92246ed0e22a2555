//! One way through all providers: states that cannot be bent, steps that lose nothing, decisions that nobody upgrades.
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
