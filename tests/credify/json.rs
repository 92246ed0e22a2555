//! Canonical JSON as users of the crate see it.

use kyckit::{
    ErrorKind,
    credify::json::{canonical, sha256, sha256_by_each_field, sha256_unified, unified},
};
use serde_json::{Value, json};

use crate::support::nested;

#[test]
fn the_published_webhook_hash_comes_out() {
    // The provider's guide, "Webhook".
    let body = json!({
        "type": "BNPL_ORDER_STATUS_UPDATED",
        "order_id": "b73fd497-cc03-41c4-bad2-b6e042b29204",
        "order_status": "PAID",
    });
    assert_eq!(sha256(&body).expect("hashed"), "usGf1kiPjZ0-HegDJ9BmvgFDxmmWdZbRQUDsLPQ2jwk");
    assert_ne!(sha256_unified(&body).expect("hashed"), sha256(&body).expect("hashed"));
}

#[test]
fn floats_are_read_exactly_so_that_what_is_hashed_is_what_was_sent() {
    // Each needs all 17 digits; a reader that is off by one unit in the last place prints another text.
    for text in [
        "[0.30000000000000004]",
        "[1.7976931348623157e+308]",
        "[5e-324]",
        "[2.2250738585072014e-308]",
        "[0.1,0.2,123456.78901234567]",
        "[8.98846567431158e+307]",
    ] {
        let value: Value = serde_json::from_str(text).expect("JSON");
        let printed = canonical(&value).expect("a text");
        let again: Value = serde_json::from_str(&printed).expect("JSON");
        assert_eq!(again, value, "{text}");
    }
    let sent = "[0.30000000000000004,1.0000000000000002,123456.78901234567]";
    assert_eq!(canonical(&serde_json::from_str::<Value>(sent).expect("JSON")).expect("a text"), sent);
}

#[test]
fn what_javascript_would_print_as_null_is_refused_when_it_is_read() {
    for text in ["1e400", "-1e400", r#"{"a":1e999}"#, "NaN", "Infinity"] {
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
    }
    // A float that is not finite cannot get into a value either.
    assert_eq!(json!(f64::INFINITY), Value::Null);
}

#[test]
fn values_nested_10_000_deep_are_refused_by_everything_that_walks_them() {
    let deep = nested(10_000);
    for error in [
        canonical(&deep).expect_err("refused"),
        unified(&deep).expect_err("refused"),
        sha256(&deep).expect_err("refused"),
        sha256_unified(&deep).expect_err("refused"),
        sha256_by_each_field(&deep).expect_err("refused"),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}
