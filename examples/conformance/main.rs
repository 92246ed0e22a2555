//! Runs a folder of vectors against the crate.
//!
//! ```text
//! cargo run --features full --example conformance -- DIR [--provider NAME]
//! ```
//!
//! The provider is the folder's name unless it is given. Prints a line a file, a line a failing case, and the sums in the
//! last line; exits with 1 when a case failed, and with 2 when the folder cannot be read.

mod runner;

use std::{env, process::ExitCode};

use runner::Arguments;

fn main() -> ExitCode {
    let Some(Arguments { dir, provider }) = Arguments::read(env::args().skip(1)) else {
        eprintln!("usage: conformance DIR [--provider NAME]");
        return ExitCode::from(2);
    };
    match runner::run(&dir, provider.as_deref()) {
        Ok(report) => {
            println!("{report}");
            ExitCode::from(report.exit_status())
        }
        Err(error) => {
            eprintln!("{}: {error}", dir.display());
            ExitCode::from(2)
        }
    }
}
