//! The provider's vectors hold, and a broken one is seen.

use std::path::Path;

use kyckit::conformance;

#[test]
fn the_vectors_hold() {
    let report = conformance::run(Path::new("tests/vectors/credify"), None).expect("a readable folder");
    let faults: Vec<_> = report.lines.iter().filter(|line| line.starts_with("FAILED")).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(report.passed > 500, "{report}");
}
