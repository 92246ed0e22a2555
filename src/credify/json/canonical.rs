//! The text of `JSON.stringify`.

use serde_json::{Map, Number, Value};

use super::depth::{DEEPEST, too_deep};
use crate::error::Error;

/// Writes a value exactly as JavaScript's `JSON.stringify` does.
///
/// No blanks; members in the order in which they were added, behind those with names that are array indices (`0` to
/// `4294967294`), which come first by number; numbers in the shortest form that reads back as the same float.
///
/// ```
/// # fn main() -> kyckit::Result<()> {
/// let value = serde_json::json!({"b": 1.0, "10": 1e21, "9": "Đ\u{1}"});
/// assert_eq!(kyckit::credify::json::canonical(&value)?, r#"{"9":"Đ\u0001","10":1e+21,"b":1}"#);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a value that is nested deeper than 128 levels, and for a
/// number beyond the range of a double, which serde_json holds when an application turns its feature
/// `arbitrary_precision` on: JavaScript would print `null` for it.
pub fn canonical(value: &Value) -> Result<String, Error> {
    let mut text = String::with_capacity(256);
    write(&mut text, value, DEEPEST)?;
    Ok(text)
}

/// An object of which one member may be added or replaced without a copy of the others.
pub(crate) fn canonical_object(
    members: &Map<String, Value>,
    added: Option<(&str, &str)>,
) -> Result<String, Error> {
    let mut text = String::with_capacity(256);
    let mut all: Vec<(&str, Member<'_>)> = members
        .iter()
        .map(|(name, value)| match added {
            // An object literal that names a member again keeps its first place.
            Some((other, text)) if other == name => (name.as_str(), Member::Text(text)),
            _ => (name.as_str(), Member::Value(value)),
        })
        .collect();
    if let Some((name, text)) = added.filter(|(name, _)| !members.contains_key(*name)) {
        all.push((name, Member::Text(text)));
    }
    indices_first(&mut all);
    text.push('{');
    for (position, (name, member)) in all.iter().enumerate() {
        begin_member(&mut text, position, name);
        match member {
            Member::Text(value) => string(&mut text, value),
            Member::Value(value) => write(&mut text, value, DEEPEST - 1)?,
        }
    }
    text.push('}');
    Ok(text)
}

/// The value of a member: one that is there, or a text that is put in beside them.
#[derive(Clone, Copy)]
pub(crate) enum Member<'a> {
    Text(&'a str),
    Value(&'a Value),
}

fn write(out: &mut String, value: &Value, depth: usize) -> Result<(), Error> {
    match value {
        Value::Array(list) => {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            out.push('[');
            for (position, value) in list.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write(out, value, depth)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            out.push('{');
            if members.keys().any(|name| array_index(name).is_some()) {
                let mut all: Vec<(&str, &Value)> =
                    members.iter().map(|(name, value)| (name.as_str(), value)).collect();
                indices_first(&mut all);
                for (position, (name, value)) in all.iter().enumerate() {
                    begin_member(out, position, name);
                    write(out, value, depth)?;
                }
            } else {
                for (position, (name, value)) in members.iter().enumerate() {
                    begin_member(out, position, name);
                    write(out, value, depth)?;
                }
            }
            out.push('}');
        }
        scalar => write_scalar(out, scalar)?,
    }
    Ok(())
}

/// Writes what is neither list nor object; those are written by the caller.
pub(super) fn write_scalar(out: &mut String, value: &Value) -> Result<(), Error> {
    match value {
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(value) => number(out, value)?,
        Value::String(value) => string(out, value),
        Value::Null | Value::Array(_) | Value::Object(_) => out.push_str("null"),
    }
    Ok(())
}

pub(super) fn begin_member(out: &mut String, position: usize, name: &str) {
    if position > 0 {
        out.push(',');
    }
    string(out, name);
    out.push(':');
}

/// Moves members with names that are array indices to the front, by number; the others keep their order.
pub(super) fn indices_first<T>(members: &mut [(&str, T)]) {
    members.sort_by_cached_key(|(name, _)| array_index(name).map_or(u64::MAX, u64::from));
}

/// What ECMA-262 calls an array index: `0` to `4294967294` as a number prints.
pub(super) fn array_index(name: &str) -> Option<u32> {
    let bytes = name.as_bytes();
    let leading_zero = bytes.first() == Some(&b'0') && bytes.len() > 1;
    if bytes.is_empty() || bytes.len() > 10 || leading_zero || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    name.parse().ok().filter(|index| *index < u32::MAX)
}

/// A number as JavaScript's `String(number)`.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a number beyond the range of a double.
pub(crate) fn number_text(value: &Number) -> Result<String, Error> {
    let mut text = String::new();
    number(&mut text, value)?;
    Ok(text)
}

/// Up to here an integer and the float nearest to it are the same number.
const EXACT: u64 = 1 << 53;

fn number(out: &mut String, value: &Number) -> Result<(), Error> {
    match (value.as_u64(), value.as_i64()) {
        (Some(whole), _) if whole <= EXACT => digits(out, whole),
        // `-0` is an integer where serde_json keeps the digits of a number.
        (_, Some(0)) => out.push('0'),
        (_, Some(whole)) if whole.unsigned_abs() <= EXACT => {
            out.push('-');
            digits(out, whole.unsigned_abs());
        }
        _ => {
            let float = value.as_f64().filter(|float| float.is_finite()).ok_or_else(|| {
                Error::invalid(
                    "value",
                    "a number is beyond the range of a double, so JavaScript has no text for it",
                )
            })?;
            out.push_str(ryu_js::Buffer::new().format(float));
        }
    }
    Ok(())
}

fn digits(out: &mut String, mut whole: u64) {
    let mut text = [0_u8; 20];
    let mut start = text.len();
    loop {
        start -= 1;
        // A remainder of ten fits.
        text[start] = b'0' + (whole % 10) as u8;
        whole /= 10;
        if whole == 0 {
            break;
        }
    }
    out.extend(text[start..].iter().map(|digit| char::from(*digit)));
}

/// Which bytes of a text are not written as they are: `"`, `\` and control characters.
const ESCAPED: [bool; 256] = {
    let mut escaped = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        escaped[byte] = true;
        byte += 1;
    }
    escaped[b'"' as usize] = true;
    escaped[b'\\' as usize] = true;
    escaped
};

pub(super) fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut clean = 0;
    for (position, byte) in text.bytes().enumerate() {
        if !ESCAPED[usize::from(byte)] {
            continue;
        }
        out.push_str(&text[clean..position]);
        clean = position + 1;
        out.push('\\');
        match byte {
            b'"' | b'\\' => out.push(char::from(byte)),
            0x08 => out.push('b'),
            0x09 => out.push('t'),
            0x0a => out.push('n'),
            0x0c => out.push('f'),
            0x0d => out.push('r'),
            _ => {
                out.push_str("u00");
                out.push(if byte < 0x10 { '0' } else { '1' });
                out.push(char::from(b"0123456789abcdef"[usize::from(byte & 0x0f)]));
            }
        }
    }
    out.push_str(&text[clean..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn leaf() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
            "[\\x00-\\x22\\\\]{0,6}".prop_map(Value::from),
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        leaf().prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec(("[0-9]{1,11}|.{0,6}", inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The value as JavaScript holds it: every number a float.
    fn as_floats(value: &Value) -> Value {
        match value {
            Value::Number(number) => json!(number.as_f64()),
            Value::Array(list) => list.iter().map(as_floats).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), as_floats(value))).collect()
            }
            other => other.clone(),
        }
    }

    proptest! {
        /// An independent reader finds the same value in the text, and writing it again changes nothing.
        #[test]
        fn the_text_reads_back_as_the_value_and_is_its_own_canonical_form(value in value()) {
            let text = canonical(&value).expect("written");
            let read: Value = serde_json::from_str(&text).expect("JSON");
            prop_assert_eq!(as_floats(&read), as_floats(&value));
            prop_assert_eq!(canonical(&read).expect("written"), text);
        }

        /// serde_json's own printing agrees wherever both follow the same rules: texts, small integers, order.
        #[test]
        fn texts_and_integers_are_written_as_serde_json_does(
            texts in prop::collection::vec((".{0,8}", any::<i32>()), 0..6)
        ) {
            let value: Value = texts.into_iter().map(|(text, number)| json!([text, number])).collect();
            prop_assert_eq!(canonical(&value).expect("written"), value.to_string());
        }
    }

    #[test]
    fn numbers_are_printed_as_ecmascript_prints_them() {
        // Node.js 20: `String(Number(text))`.
        for (text, printed) in [
            ("-0", "0"),
            ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("0.000001", "0.000001"),
            ("1e-7", "1e-7"),
            ("9007199254740993", "9007199254740992"),
            ("-9007199254740993", "-9007199254740992"),
            ("9007199254740992", "9007199254740992"),
            ("18446744073709551615", "18446744073709552000"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("-42", "-42"),
            ("0", "0"),
        ] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(canonical(&value).expect("written"), printed, "{text}");
        }
        assert!(serde_json::from_str::<Value>("1e400").is_err());
    }

    #[test]
    fn array_indices_are_those_of_ecmascript() {
        for (name, index) in [
            ("0", Some(0)),
            ("4294967294", Some(4_294_967_294)),
            ("4294967295", None),
            ("00", None),
            ("01", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("", None),
            ("99999999999", None),
        ] {
            assert_eq!(array_index(name), index, "{name}");
        }
    }

    #[test]
    fn a_member_that_is_added_takes_its_place_and_a_replaced_one_keeps_it() {
        let Value::Object(members) = json!({"b": 1, "2": 2, "a": {"x": 1}}) else { panic!("an object") };
        assert_eq!(
            canonical_object(&members, Some(("1", "t"))).expect("written"),
            r#"{"1":"t","2":2,"b":1,"a":{"x":1}}"#
        );
        assert_eq!(
            canonical_object(&members, Some(("b", "t"))).expect("written"),
            r#"{"2":2,"b":"t","a":{"x":1}}"#
        );
        assert_eq!(canonical_object(&members, None).expect("written"), r#"{"2":2,"b":1,"a":{"x":1}}"#);
    }

    #[test]
    fn a_value_of_128_levels_is_written_and_a_deeper_one_refused() {
        let nest = |levels: usize| (0..levels).fold(json!(1), |inner, _| Value::Array(vec![inner]));
        assert_eq!(canonical(&nest(128)).expect("written").len(), 257);
        for levels in [129, 10_000] {
            let error = canonical(&nest(levels)).expect_err("refused");
            assert_eq!(error.kind(), crate::ErrorKind::InvalidRequest);
        }
    }
}
