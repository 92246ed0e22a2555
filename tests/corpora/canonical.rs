//! The canonical text against what a JavaScript engine printed, recorded by `tests/data/canonical-pairs.mjs`.

use kyckit::credify::json::canonical;
use serde_json::Value;

const PAIRS: &str = include_str!("../data/canonical-pairs.json");

#[test]
fn javascript_printed_the_same() {
    let pairs: Vec<(String, String)> = serde_json::from_str(PAIRS).expect("pairs");
    assert!(pairs.len() > 900, "{} pairs", pairs.len());
    for (text, printed) in pairs {
        let Ok(value) = serde_json::from_str::<Value>(&text) else {
            // A number out of range, which JavaScript reads as infinite and prints as null.
            assert!(printed.contains("null"), "{text}");
            continue;
        };
        assert_eq!(canonical(&value).expect("a text"), printed, "{text}");
    }
}
