//! The canonical text against what a JavaScript engine printed, recorded by `tests/data/canonical-pairs.mjs`.

use kyckit::credify::json::canonical;
use serde_json::{Value, json};

const PAIRS: &str = include_str!("../data/canonical-pairs.json");

#[test]
fn javascript_printed_the_same() {
    let pairs: Vec<(String, String)> = serde_json::from_str(PAIRS).expect("pairs");
    assert!(pairs.len() > 900, "{} pairs", pairs.len());
    for (text, printed) in pairs {
        // JavaScript reads a number out of range as infinite and prints it as null; the crate's reader gives null.
        let value: Value = match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(_) => {
                assert!(printed.contains("null"), "{text}");
                assert!(text.contains("e400"), "{text}");
                json!(null)
            }
        };
        if !text.contains("e400") {
            assert_eq!(canonical(&value).expect("a text"), printed, "{text}");
        }
    }
}
