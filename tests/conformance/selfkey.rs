//! The project's copy of the vectors holds.

use std::path::Path;

#[test]
fn all_vectors_hold() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/selfkey");
    let report = crate::runner::run(&dir, None).expect("a folder of vectors");
    assert_eq!(report.failed, 0, "{report}");
    assert_eq!((report.passed, report.skipped), (327, 0), "{report}");
}
