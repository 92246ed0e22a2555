//! Credify's vectors: a file is a list of cases, and each file has a function here that runs them.

mod offers;

use serde_json::Value;

use super::Run;

/// Runs all cases of one file: name and content.
type Cases = fn(&mut Run, &str, &Value);

/// Who runs which file. A folder may hold some of them only.
const FILES: &[(&str, Cases)] = &[("offer-evaluation.json", offers::run)];

pub(super) fn run(run: &mut Run) {
    for (name, cases) in FILES {
        if !run.unlisted.contains(*name) {
            continue;
        }
        match run.read_json(name) {
            Ok(file) => cases(run, name, &file),
            Err(what) => run.fault(name, &what),
        }
    }
    run.close();
}
