//! Run of one folder: which of its files were used, and what came out.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Component, Path, PathBuf},
};

use serde_json::Value;

use super::Report;

/// Why a case failed: one text a fact that does not hold.
pub(super) type Faults = Vec<String>;

/// A run under way: the folder, what was used of it, and the report.
pub(super) struct Run {
    pub(super) dir: PathBuf,
    /// JSON files of the folder that nothing has named yet.
    pub(super) unlisted: BTreeSet<String>,
    pub(super) report: Report,
}

impl Run {
    pub(super) fn new(dir: &Path) -> io::Result<Self> {
        let mut unlisted = BTreeSet::new();
        for entry in fs::read_dir(dir)? {
            if let Ok(name) = entry?.file_name().into_string()
                && is_json(&name)
            {
                unlisted.insert(name);
            }
        }
        Ok(Self { dir: dir.to_owned(), unlisted, report: Report::default() })
    }

    /// The bytes of a file that the index names: a plain name inside of the folder.
    pub(super) fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        self.unlisted.remove(name);
        let mut parts = Path::new(name).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(_)), None) => {}
            _ => return Err("is not a name of a file in the folder".to_owned()),
        }
        fs::read(self.dir.join(name)).map_err(|error| format!("cannot be read: {}", error.kind()))
    }

    /// A JSON file that the index names.
    pub(super) fn read_json(&mut self, name: &str) -> Result<Value, String> {
        let bytes = self.read(name)?;
        serde_json::from_slice(&bytes).map_err(|error| format!("is not JSON: line {}", error.line()))
    }

    /// Says how many cases a file has.
    pub(super) fn file(&mut self, name: &str, cases: usize) {
        self.report.lines.push(format!("{name}: {cases} case{}", if cases == 1 { "" } else { "s" }));
    }

    /// Counts a case.
    pub(super) fn case(&mut self, name: &str, faults: &Faults) {
        if faults.is_empty() {
            self.report.passed += 1;
        } else {
            self.report.failed += 1;
            self.report.lines.push(format!("FAILED {name}: {}", faults.join("; ")));
        }
    }

    /// Counts an optional case that was refused.
    pub(super) fn skip(&mut self, name: &str, reason: &str) {
        self.report.skipped += 1;
        self.report.lines.push(format!("  skipped {name}: {reason}"));
    }

    /// Counts a fault of the folder, which is no case.
    pub(super) fn fault(&mut self, name: &str, what: &str) {
        self.case(name, &vec![what.to_owned()]);
    }

    /// Compares a number of the index with what was done.
    pub(super) fn total(&mut self, name: &str, stated: Option<&Value>, done: usize) {
        match stated.and_then(Value::as_u64) {
            Some(stated) if usize::try_from(stated).is_ok_and(|stated| stated == done) => {}
            Some(stated) => self.fault(name, &format!("the index states {stated} cases, {done} were run")),
            None => self.fault(name, "the index states no number of cases"),
        }
    }

    /// Reports the JSON files that nothing named.
    pub(super) fn close(&mut self) {
        for name in std::mem::take(&mut self.unlisted) {
            self.fault(&name, "is not listed in the index");
        }
    }
}

/// Whether a file name ends as those of JSON files do.
pub(super) fn is_json(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}
