//! Credify's vectors of offers hold, and a spoiled one does not.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::runner::run as run_folder;

#[test]
fn every_vector_holds_and_a_spoiled_one_does_not() {
    let dir = std::env::temp_dir().join(format!("kyckit-credify-offers-{}", std::process::id()));
    fs::create_dir_all(&dir).expect("a directory");
    let file = dir.join("offer-evaluation.json");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/credify/offer-evaluation.json");
    let good: Value = serde_json::from_slice(&fs::read(source).expect("the vectors")).expect("JSON");
    let run = |vectors: &Value| {
        fs::write(&file, vectors.to_string()).expect("written");
        run_folder(&dir, Some("credify")).expect("the folder is there")
    };
    let report = run(&good);
    assert_eq!(report.to_string().lines().last(), Some("492 passed, 0 failed, 0 skipped"), "{report}");
    for (spoil, named) in [
        (json!({"rank": 5, "used_scopes": [], "requested_scopes": []}), "the rank is"),
        (json!({"rank": 1, "used_scopes": [], "requested_scopes": ["x"]}), "requested_scopes is"),
        (json!({"rank": 1, "used_scopes": []}), "expects no requested_scopes"),
        (json!({"rank": 1, "mood": 1, "used_scopes": [], "requested_scopes": []}), "mood"),
        (json!({"error": "InvalidCondition"}), "was evaluated"),
        (json!({"error": "Odd"}), "does not know"),
    ] {
        let mut vectors = good.clone();
        vectors["cases"][6]["expect"] = spoil;
        let report = run(&vectors);
        assert!(report.failed == 1 && report.to_string().contains(named), "{named}: {report}");
    }
    let mut vectors = good.clone();
    vectors["count"] = json!(491);
    vectors["more"] = json!([]);
    assert_eq!(run(&vectors).failed, 2);
    fs::remove_dir_all(&dir).expect("removed");
}
