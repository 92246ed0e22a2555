//! The documents of OpenID Connect for Identity Assurance hold, and a broken one does not.

use std::{fs, path::Path};

use crate::{folder, runner::run};

#[test]
fn the_examples_of_the_standard_are_read_without_loss_and_a_broken_one_fails() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/openid-ida");
    let report = run(&vectors, None).expect("a folder");
    assert_eq!((report.passed, report.failed, report.skipped), (30, 0, 0), "{report}");

    let broken = folder("openid-ida");
    for (name, text) in [
        ("a.json", r#"{"verified_claims":{"claims":{}}}"#),
        ("b.json", "{"),
        ("c.json", r#"{"verified_claims":[]}"#),
    ] {
        fs::write(broken.join(name), text).expect("written");
    }
    let report = run(&broken, Some("openid-ida")).expect("a folder");
    fs::remove_dir_all(&broken).expect("removed");
    assert_eq!((report.passed, report.failed), (1, 2), "{report}");
}
