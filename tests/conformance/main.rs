//! The conformance runner: every vector holds, a spoiled folder of them does not, and nothing is passed over in silence.

// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "../../examples/conformance/runner/mod.rs"]
mod runner;

mod command_line;
mod credify;
mod credify_offers;
mod credo360;
mod maya;
mod openid_ida;
mod selfkey;
mod shuftipro;
mod wycheproof;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder of this name that is empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-folders").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
