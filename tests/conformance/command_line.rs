//! Arguments, the last line and the exit status.

use std::{fs, path::Path};

use crate::{
    folder,
    runner::{Arguments, run},
};

fn arguments(given: &[&str]) -> Option<Arguments> {
    Arguments::read(given.iter().map(|argument| (*argument).to_owned()))
}

#[test]
fn the_provider_may_be_given_before_and_after_the_folder() {
    let with = |provider: Option<&str>| Arguments { dir: "x".into(), provider: provider.map(str::to_owned) };
    assert_eq!(arguments(&["x"]), Some(with(None)));
    assert_eq!(arguments(&["x", "--provider", "maya"]), Some(with(Some("maya"))));
    assert_eq!(arguments(&["--provider", "maya", "x"]), Some(with(Some("maya"))));
    for wrong in [
        &[][..],
        &["--provider"],
        &["x", "--provider"],
        &["--provider", "maya"],
        &["x", "y"],
        &["x", "--all"],
        &["x", "--provider", "maya", "--provider", "maya"],
    ] {
        assert_eq!(arguments(wrong), None, "{wrong:?}");
    }
}

#[test]
fn the_last_line_has_the_sums_and_the_status_says_whether_a_case_failed() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/maya");
    let good = run(&vectors, None).expect("a folder");
    assert_eq!(good.exit_status(), 0);
    assert_eq!(good.to_string().lines().last(), Some("100 passed, 0 failed, 0 skipped"));

    let copy = folder("command-line");
    for name in ["cases.json", "fields.json", "keys.json"] {
        fs::copy(vectors.join(name), copy.join(name)).expect("copied");
    }
    fs::write(copy.join("more.json"), "[]").expect("written");
    let unknown_file = run(&copy, Some("maya")).expect("a folder");
    assert_eq!(unknown_file.exit_status(), 1);
    assert_eq!(unknown_file.to_string().lines().last(), Some("100 passed, 1 failed, 0 skipped"));
    let unknown_provider = run(&copy, None).expect("a folder");
    assert_eq!((unknown_provider.exit_status(), unknown_provider.failed), (1, 1), "{unknown_provider}");
    fs::remove_dir_all(&copy).expect("removed");
    assert!(run(&copy, Some("maya")).is_err(), "a folder that is not there is no report");
}
