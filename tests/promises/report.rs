//! What the scans find in the crate's source, which is parsed once for all of them.

use std::{collections::BTreeSet, sync::LazyLock};

use crate::{
    checks::{self, Checks},
    public_api,
    source::{Sources, Violation},
    source_rules, threads,
};

/// One member for each scan.
pub struct Report {
    pub files: usize,
    pub rooms: BTreeSet<String>,
    pub foreign_types: Vec<Violation>,
    pub arrows: Vec<Violation>,
    pub provider_words: Vec<Violation>,
    pub doors: Vec<Violation>,
    pub misplaced_calls: Vec<Violation>,
    pub too_long: Vec<Violation>,
    pub checks: Checks,
    /// The public `async` functions by their full name, and where they are.
    #[cfg_attr(not(feature = "full"), allow(dead_code))]
    pub public_calls: Vec<(String, Violation)>,
}

/// The report on this crate.
pub static REPORT: LazyLock<Report> = LazyLock::new(|| {
    let sources = Sources::of_the_crate();
    Report {
        files: sources.files.len(),
        rooms: sources.files.iter().filter_map(source_rules::room).map(str::to_owned).collect(),
        foreign_types: public_api::violations(&sources),
        arrows: source_rules::arrows(&sources),
        provider_words: source_rules::provider_words(&sources),
        doors: source_rules::doors(&sources),
        misplaced_calls: source_rules::calls(&sources),
        too_long: source_rules::too_long(&sources),
        checks: checks::checks(&sources),
        public_calls: threads::public_calls(&sources),
    }
});
