//! Runs a folder of vectors against the crate: bodies to read, requests to build, signatures to check.
//!
//! A vector is data: an `index.json` names the files of the folder, and says of each what it is and what must come out.
//! Each provider has a file here that knows its words; what is common is that nothing is skipped in silence. An
//! unknown file, list, kind or expectation is a failure, and so is a number of cases that differs from the index.

#![cfg_attr(
    not(any(
        feature = "credify",
        feature = "credo360",
        feature = "maya",
        feature = "selfkey",
        feature = "shuftipro"
    )),
    allow(dead_code, reason = "only providers use the runner")
)]

#[cfg(feature = "credify")]
mod credify;
#[cfg(feature = "credo360")]
mod credo360;
#[cfg(feature = "maya")]
mod maya;
mod openid_ida;
#[cfg(feature = "selfkey")]
mod selfkey;
#[cfg(feature = "shuftipro")]
mod shuftipro;
#[cfg(all(feature = "jose", feature = "secp256k1"))]
mod wycheproof;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

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
        #[cfg(feature = "credify")]
        "credify" => credify::run(&mut run),
        #[cfg(feature = "credo360")]
        "credo360" => credo360::run(&mut run),
        #[cfg(feature = "maya")]
        "maya" => maya::run(&mut run),
        "openid-ida" => openid_ida::run(&mut run),
        #[cfg(feature = "selfkey")]
        "selfkey" => selfkey::run(&mut run),
        #[cfg(feature = "shuftipro")]
        "shuftipro" => shuftipro::run(&mut run),
        #[cfg(all(feature = "jose", feature = "secp256k1"))]
        "wycheproof" => {
            for file in wycheproof::run(dir) {
                run.foreign(&file.file, file.passed, &file.skipped, &file.failures);
            }
        }
        other => run.fault(other, "no provider of this name has vectors"),
    }
    Ok(run.report)
}

/// What came of a run. `Display` prints a line a file, a line a failing case, and the sums in the last line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// A line a file with its number of cases, and a line a failing case.
    pub lines: Vec<String>,
    /// Cases whose facts all hold.
    pub passed: usize,
    /// Cases of which a fact does not hold, and faults of the folder itself.
    pub failed: usize,
    /// Cases that are optional, and refused.
    pub skipped: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Why a case failed: one text a fact that does not hold.
type Faults = Vec<String>;

/// A run under way: the folder, what was used of it, and the report.
struct Run {
    dir: PathBuf,
    /// JSON files of the folder that nothing has named yet.
    unlisted: BTreeSet<String>,
    report: Report,
}

impl Run {
    fn new(dir: &Path) -> io::Result<Self> {
        let mut unlisted = BTreeSet::new();
        for entry in fs::read_dir(dir)? {
            if let Ok(name) = entry?.file_name().into_string()
                && Path::new(&name)
                    .extension()
                    .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
            {
                unlisted.insert(name);
            }
        }
        Ok(Self { dir: dir.to_owned(), unlisted, report: Report::default() })
    }

    /// The bytes of a file that the index names: a plain name inside of the folder.
    fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        self.unlisted.remove(name);
        let mut parts = Path::new(name).components();
        match (parts.next(), parts.next()) {
            (Some(std::path::Component::Normal(_)), None) => {}
            _ => return Err("is not a name of a file in the folder".to_owned()),
        }
        fs::read(self.dir.join(name)).map_err(|error| format!("cannot be read: {}", error.kind()))
    }

    /// A JSON file that the index names.
    fn read_json(&mut self, name: &str) -> Result<Value, String> {
        let bytes = self.read(name)?;
        serde_json::from_slice(&bytes).map_err(|error| format!("is not JSON: line {}", error.line()))
    }

    /// Says how many cases a file has.
    fn file(&mut self, name: &str, cases: usize) {
        self.report.lines.push(format!("{name}: {cases} case{}", if cases == 1 { "" } else { "s" }));
    }

    /// Counts a case.
    fn case(&mut self, name: &str, faults: &Faults) {
        if faults.is_empty() {
            self.report.passed += 1;
        } else {
            self.report.failed += 1;
            self.report.lines.push(format!("FAILED {name}: {}", faults.join("; ")));
        }
    }

    /// Counts an optional case that was refused.
    #[cfg_attr(
        not(feature = "credify"),
        allow(dead_code, reason = "only its vectors mark cases as optional")
    )]
    fn skip(&mut self, name: &str, reason: &str) {
        self.report.skipped += 1;
        self.report.lines.push(format!("  skipped {name}: {reason}"));
    }

    /// Takes in a file of vectors that were not made for this crate: those that lie outside of what it accepts are
    /// skipped, with the reason.
    #[cfg_attr(not(all(feature = "jose", feature = "secp256k1")), allow(dead_code))]
    fn foreign(
        &mut self,
        name: &str,
        passed: usize,
        skipped: &BTreeMap<&'static str, usize>,
        failures: &[String],
    ) {
        self.unlisted.remove(name);
        self.file(name, passed + skipped.values().sum::<usize>() + failures.len());
        for (reason, cases) in skipped {
            self.report.lines.push(format!("  skipped {cases}: {reason}"));
            self.report.skipped += cases;
        }
        self.report.passed += passed;
        for failure in failures {
            self.case(name, &vec![failure.clone()]);
        }
    }

    /// Counts a fault of the folder, which is no case.
    fn fault(&mut self, name: &str, what: &str) {
        self.case(name, &vec![what.to_owned()]);
    }

    /// Compares a number of the index with what was done.
    fn total(&mut self, name: &str, stated: Option<&Value>, done: usize) {
        match stated.and_then(Value::as_u64) {
            Some(stated) if usize::try_from(stated).is_ok_and(|stated| stated == done) => {}
            Some(stated) => self.fault(name, &format!("the index states {stated} cases, {done} were run")),
            None => self.fault(name, "the index states no number of cases"),
        }
    }

    /// Reports the JSON files that nothing named.
    fn close(&mut self) {
        for name in std::mem::take(&mut self.unlisted) {
            self.fault(&name, "is not listed in the index");
        }
    }
}

/// Runs a future on a thread and a runtime of its own, so that this can be called from inside of another runtime.
fn isolated<T: Send>(work: impl Future<Output = T> + Send) -> Result<T, &'static str> {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map(|runtime| runtime.block_on(work)).map_err(|_| "no runtime could be started")
    };
    std::thread::scope(|scope| scope.spawn(run).join()).unwrap_or(Err("a case panicked"))
}

/// Compares by value: `32` equals `32.0`, lists in order, maps without order.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| same(left, right)))
        }
        (left, right) => left == right,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_compare_by_value_and_a_text_is_never_a_number() {
        assert!(same(&json!({"a": [32, {"b": 1}], "c": null}), &json!({"c": null, "a": [32.0, {"b": 1}]})));
        assert!(!same(&json!("32"), &json!(32)));
        assert!(!same(&json!([1, 2]), &json!([2, 1])));
        assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": 1})));
        assert!(!same(&json!({"a": null}), &json!({})));
        assert!(!same(&json!(9_007_199_254_740_992_u64), &json!(9_007_199_254_740_994_u64)));
    }
}
