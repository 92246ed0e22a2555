//! Maya's vectors hold, and a spoiled folder of them does not.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::runner::{Report, run};
use serde_json::{Value, json};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/maya")
}

/// Runs a copy of the folder of which one file was changed.
fn spoiled(name: &str, file: &str, spoil: impl FnOnce(&mut Value)) -> Report {
    let dir = std::env::temp_dir().join(format!("kyckit-maya-{}-{name}", std::process::id()));
    fs::create_dir_all(&dir).expect("a directory");
    for known in ["keys.json", "cases.json", "fields.json"] {
        fs::copy(vectors().join(known), dir.join(known)).expect("copied");
    }
    let mut value =
        fs::read(dir.join(file)).map_or(Value::Null, |text| serde_json::from_slice(&text).expect("JSON"));
    spoil(&mut value);
    fs::write(dir.join(file), value.to_string()).expect("written");
    let report = run(&dir, Some("maya")).expect("the folder is there");
    fs::remove_dir_all(&dir).expect("removed");
    report
}

#[test]
fn every_vector_holds_and_every_file_is_used() {
    let report = run(&vectors(), None).expect("the folder is there");
    assert_eq!(report.to_string().lines().last(), Some("100 passed, 0 failed, 0 skipped"), "{report}");
    assert_eq!(report.lines, ["keys.json: 0 cases", "cases.json: 70 cases", "fields.json: 30 cases"]);
}

#[test]
fn a_spoiled_folder_fails() {
    let failed = |report: Report, named: &str| {
        assert!(report.failed > 0, "{report}");
        assert!(report.to_string().contains(named), "{named}: {report}");
    };
    failed(
        spoiled("payload", "cases.json", |cases| cases[0]["expect"]["ok"]["id"] = json!("x")),
        "another payload",
    );
    failed(spoiled("ok", "cases.json", |cases| cases[0]["expect"] = json!({"err": "expired"})), "was opened");
    failed(
        spoiled("category", "cases.json", |cases| cases[20]["expect"] = json!({"err": "expired"})),
        "as decrypt_failed",
    );
    failed(
        spoiled("unknown", "cases.json", |cases| cases[20]["expect"] = json!({"err": "odd"})),
        "does not know",
    );
    failed(spoiled("nothing", "cases.json", |cases| cases[0]["expect"] = json!({})), "not one thing");
    failed(spoiled("member", "cases.json", |cases| cases[0]["leeway"] = json!(1)), "leeway");
    failed(spoiled("empty", "cases.json", |cases| *cases = json!([])), "not a list");
    failed(spoiled("list", "fields.json", |fields| fields["zip"] = json!([])), "zip");
    failed(
        spoiled("meaning", "fields.json", |fields| fields["date"][0]["meaning"] = json!("1991-11-02")),
        "reads as",
    );
    failed(spoiled("bare", "fields.json", |fields| fields["date"][0] = json!({"raw": "x"})), "no meaning");
    failed(spoiled("key", "keys.json", |keys| keys["jwe_private_jwk"]["dp"] = json!("AQAB")), "keys.json");
    failed(spoiled("file", "more.json", |_| {}), "more.json");
}
