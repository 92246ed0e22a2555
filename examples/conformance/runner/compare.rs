//! Comparison of JSON values.

use serde_json::Value;

/// Compares by value: `32` equals `32.0`, lists in order, maps without order.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| same(left, right)))
        }
        (left, right) => left == right,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_compare_by_value_and_a_text_is_never_a_number() {
        assert!(same(&json!({"a": [32, {"b": 1}], "c": null}), &json!({"c": null, "a": [32.0, {"b": 1}]})));
        assert!(!same(&json!("32"), &json!(32)));
        assert!(!same(&json!([1, 2]), &json!([2, 1])));
        assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": 1})));
        assert!(!same(&json!({"a": null}), &json!({})));
        assert!(!same(&json!(9_007_199_254_740_992_u64), &json!(9_007_199_254_740_994_u64)));
    }
}
