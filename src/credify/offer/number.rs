//! What JavaScript makes of a value that it has to compare with a number.

use serde_json::Value;

/// How far lists within lists are followed. Deeper ones are no number.
const DEEPEST: usize = 64;

/// The number that JavaScript compares in place of `value`: ECMAScript's `ToNumber`, and `None` where that is `NaN`.
///
/// A list counts as its elements joined by commas: one of two elements holds a comma, and is never a number.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Null => Some(0.0),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => from_text(text),
        Value::Array(list) => from_list(list),
        Value::Object(_) => None,
    }
}

fn from_list(mut list: &[Value]) -> Option<f64> {
    for _ in 0..DEEPEST {
        match list {
            [] | [Value::Null] => return Some(0.0),
            [Value::Number(number)] => return number.as_f64(),
            [Value::String(text)] => return from_text(text),
            [Value::Array(inner)] => list = inner,
            // `[true]` is the text "true", and that is no number although `true` is.
            _ => return None,
        }
    }
    None
}

/// ECMAScript's `StringToNumber`; `None` for `NaN`.
pub(super) fn from_text(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_blank);
    if text.is_empty() {
        return Some(0.0);
    }
    for (prefix, bits) in [("0x", 4), ("0X", 4), ("0o", 3), ("0O", 3), ("0b", 1), ("0B", 1)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return from_digits(digits, bits);
        }
    }
    match text.strip_prefix(['+', '-']).unwrap_or(text) {
        "Infinity" => Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        // Rust's reader takes the same decimals, rounds them the same way, and takes a few words besides.
        digits
            if digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) =>
        {
            text.parse().ok()
        }
        _ => None,
    }
}

/// White space and line ends of ECMAScript: Unicode's, without NEL and with the byte order mark.
fn is_blank(letter: char) -> bool {
    letter == '\u{feff}' || (letter.is_whitespace() && letter != '\u{85}')
}

/// Digits of `bits` bits each, rounded once, to the nearest number.
fn from_digits(digits: &str, bits: u32) -> Option<f64> {
    if digits.is_empty() {
        return None;
    }
    let (mut leading, mut dropped) = (0_u64, 0_i32);
    for digit in digits.chars() {
        let digit = u64::from(digit.to_digit(1 << bits)?);
        if leading.leading_zeros() >= bits {
            leading = (leading << bits) | digit;
        } else {
            // Beyond 60 bits a digit only decides whether a tie is one.
            leading |= u64::from(digit != 0);
            dropped = dropped.saturating_add(i32::try_from(bits).unwrap_or_default());
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "rounding to the nearest is what is wanted")]
    let rounded = leading as f64;
    Some(rounded * 2_f64.powi(dropped))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As printed by Node.js 20 for `Number(value)`.
    #[test]
    fn values_are_the_numbers_that_javascript_sees() {
        for (value, expected) in [
            (json!(null), Some(0.0)),
            (json!(true), Some(1.0)),
            (json!(""), Some(0.0)),
            (json!("\u{feff}\u{2028} 12 \u{a0}"), Some(12.0)),
            (json!("\u{85}12"), None),
            (json!("5."), Some(5.0)),
            (json!(".5e1"), Some(5.0)),
            (json!("."), None),
            (json!("+5"), Some(5.0)),
            (json!("--5"), None),
            (json!("1e400"), Some(f64::INFINITY)),
            (json!("1e-400"), Some(0.0)),
            (json!("-Infinity"), Some(f64::NEG_INFINITY)),
            (json!("+Infinity"), Some(f64::INFINITY)),
            (json!("infinity"), None),
            (json!("inf"), None),
            (json!("nan"), None),
            (json!("1_000"), None),
            (json!("0x10"), Some(16.0)),
            (json!("0XfF"), Some(255.0)),
            (json!("-0x10"), None),
            (json!("0x"), None),
            (json!("0b102"), None),
            (json!("0o17"), Some(15.0)),
            // Ties, and what breaks them far behind.
            (json!("0x20000000000001"), Some(9_007_199_254_740_992.0)),
            (json!("0x200000000000010000000000"), Some(9_007_199_254_740_992.0 * 2_f64.powi(40))),
            (json!("0x200000000000010000000001"), Some(9_007_199_254_740_994.0 * 2_f64.powi(40))),
            (json!([]), Some(0.0)),
            (json!([null]), Some(0.0)),
            (json!([5]), Some(5.0)),
            (json!([["7"]]), Some(7.0)),
            (json!([true]), None),
            (json!([1, 2]), None),
            (json!([[], []]), None),
            (json!([{}]), None),
            (json!({}), None),
        ] {
            assert_eq!(number(&value), expected, "{value}");
        }
        assert_eq!(from_text(&format!("0x{}", "f".repeat(400))), Some(f64::INFINITY));
        assert_eq!(from_text(&format!("0b{}1", "0".repeat(100_000))), Some(1.0));
    }
}
