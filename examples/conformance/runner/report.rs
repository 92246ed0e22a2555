//! Result of a run.

use std::fmt;

/// Result of a run. `Display` prints a line a file, a line a failing case, and the sums in the last line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// A line a file with its number of cases, and a line a failing case.
    pub lines: Vec<String>,
    /// Cases with facts that all hold.
    pub passed: usize,
    /// Cases of which a fact does not hold, and faults of the folder itself.
    pub failed: usize,
    /// Cases that are optional, and refused.
    pub skipped: usize,
}

impl Report {
    /// Exit status of the program: 1 when a case failed.
    pub fn exit_status(&self) -> u8 {
        u8::from(self.failed > 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}
