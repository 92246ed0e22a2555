//! Runs a folder of vectors against the crate.
//!
//! ```text
//! cargo run --features sandbox --example conformance -- DIR [--provider NAME]
//! ```
//!
//! The provider is the folder's name unless it is given. Prints a line a file, a line a failing case, and the sums in the
//! last line; exits with 1 when a case failed, and with 2 when the folder cannot be read.

use std::{env, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let Some((dir, provider)) = arguments(env::args().skip(1)) else {
        eprintln!("usage: conformance DIR [--provider NAME]");
        return ExitCode::from(2);
    };
    match kyckit::conformance::run(&dir, provider.as_deref()) {
        Ok(report) => {
            println!("{report}");
            ExitCode::from(u8::from(report.failed > 0))
        }
        Err(error) => {
            eprintln!("{}: {error}", dir.display());
            ExitCode::from(2)
        }
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Option<(PathBuf, Option<String>)> {
    let (mut dir, mut provider) = (None, None);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--provider" if provider.is_none() => provider = Some(given.next()?),
            option if option.starts_with("--") => return None,
            path if dir.is_none() => dir = Some(PathBuf::from(path)),
            _ => return None,
        }
    }
    Some((dir?, provider))
}
