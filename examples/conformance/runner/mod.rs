//! Conformance runner: checks the crate against a folder of vectors (bodies to read, requests to build, signatures to
//! verify).
//!
//! Each provider has a module here that knows the layout of its folder. What they share: nothing is skipped in silence.
//! An unknown file, list, kind or expectation is a failure, and so is a number of cases other than the one stated.

mod arguments;
mod compare;
mod credify;
mod credo360;
mod maya;
mod openid_ida;
mod report;
mod run;
mod runtime;
mod selfkey;
mod shuftipro;
mod wycheproof;

use std::{io, path::Path};

pub use arguments::Arguments;
pub use report::Report;

use compare::same;
use run::{Faults, Run, is_json};
use runtime::isolated;

/// Runs the vectors of a folder. The provider is the folder's name, unless it is given.
///
/// # Errors
///
/// When the folder cannot be read. Whatever is wrong inside of it is a failure of the report.
pub fn run(dir: &Path, provider: Option<&str>) -> io::Result<Report> {
    let named = dir.canonicalize()?;
    let provider = provider
        .map(str::to_owned)
        .or_else(|| Some(named.file_name()?.to_str()?.to_owned()))
        .unwrap_or_default();
    let mut run = Run::new(dir)?;
    match provider.as_str() {
        "credify" => credify::run(&mut run),
        "credo360" => credo360::run(&mut run),
        "maya" => maya::run(&mut run),
        "openid-ida" => openid_ida::run(&mut run),
        "selfkey" => selfkey::run(&mut run),
        "shuftipro" => shuftipro::run(&mut run),
        "wycheproof" => wycheproof::run(&mut run),
        other => run.fault(other, "no provider of this name has vectors"),
    }
    Ok(run.report)
}
