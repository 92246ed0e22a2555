//! The one reader for JSON that comes from outside: bodies, tokens, headers, files of keys.
//!
//! serde_json bounds the depth of a text by a counter that starts again inside of an object with its own private key
//! `$serde_json::private::RawValue`: the text under that key is parsed anew. So a text of some kilobytes can nest
//! without bound, and exhaust the stack. Whether the key is honoured is decided by the features of serde_json, which
//! any crate in the graph can turn on. Therefore every text passes [`check`] before serde_json sees it:
//!
//! - at most [`MAX_DEPTH`] levels, counted once over the whole text;
//! - no member named like one of serde_json's private keys, in any spelling, anywhere in an object. Values may hold any
//!   text;
//! - an escaped surrogate without its other half is read as U+FFFD, as JavaScript and PHP print it, since one such
//!   character in one name must not make a whole message unreadable;
//! - a number out of the range of `f64` is read as `null`, as JavaScript prints it; without the check this would depend
//!   on a feature of serde_json as well.
//!
//! The check is one pass over the bytes that allocates nothing unless there is something to replace.

use std::borrow::Cow;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::de::StrRead;

/// The most levels of objects and lists that a whole message may have.
pub(crate) const MAX_DEPTH: u32 = 64;

/// What all private keys of serde_json begin with.
const PRIVATE_PREFIX: &[u8] = b"$serde_json::private::";

/// Under the feature `arbitrary_precision` of serde_json, which any crate can turn on, a number comes as an object with
/// this one member. A text from outside cannot have it: it passed [`check`].
pub(crate) const NUMBER: &str = "$serde_json::private::Number";

/// Numbers with fewer bytes and without an exponent are in the range of `f64`.
const MAX_PLAIN_NUMBER: usize = 300;

/// Why a text is refused before it is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is not UTF-8.
    Encoding,
    /// It has more than [`MAX_DEPTH`] levels.
    Depth,
    /// A member has the name of one of serde_json's private keys.
    PrivateKey,
    /// It is not JSON, or does not fit the type.
    Mismatch,
}

/// A text that passed [`check`]. It may still be something else than JSON.
#[derive(Debug)]
pub(crate) struct Checked<'a> {
    text: Cow<'a, str>,
    numbers_out_of_range: bool,
}

impl Checked<'_> {
    /// Parses the text.
    ///
    /// # Errors
    ///
    /// That of serde_json. Its text quotes values, so it must not be shown.
    pub(crate) fn parse<'de, T: Deserialize<'de>>(&'de self) -> serde_json::Result<T> {
        serde_json::from_str(&self.text)
    }

    /// A deserializer over the text, for readers that track the path or walk through members.
    pub(crate) fn deserializer(&self) -> serde_json::Deserializer<StrRead<'_>> {
        serde_json::Deserializer::from_str(&self.text)
    }

    /// Whether a number was replaced by `null`.
    pub(crate) fn has_numbers_out_of_range(&self) -> bool {
        self.numbers_out_of_range
    }
}

/// Parses bytes from outside.
///
/// # Errors
///
/// Why the text is refused, or [`Refused::Mismatch`].
pub(crate) fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    check(bytes)?.parse().map_err(|_| Refused::Mismatch)
}

/// Parses a text from outside.
///
/// # Errors
///
/// As [`from_slice`].
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
    from_slice(text.as_bytes())
}

/// A number as text, the same text whatever features serde_json has.
pub(crate) fn number_text(number: &serde_json::Number) -> String {
    if let Some(number) = number.as_u64() {
        return number.to_string();
    }
    if let Some(number) = number.as_i64() {
        return number.to_string();
    }
    match number.as_f64() {
        // With its digits kept, `-0` is an integer.
        Some(zero) if zero == 0.0 && zero.is_sign_negative() => "0".to_owned(),
        float => float
            .and_then(serde_json::Number::from_f64)
            .map_or_else(|| "null".to_owned(), |number| number.to_string()),
    }
}

/// Looks through a text once. See the [module](self).
///
/// # Errors
///
/// The first thing that is refused.
pub(crate) fn check(bytes: &[u8]) -> Result<Checked<'_>, Refused> {
    let text = str::from_utf8(bytes).map_err(|_| Refused::Encoding)?;
    let mut scan = Scan { bytes, at: 0, replaced: None, numbers_out_of_range: false };
    scan.run()?;
    let text = match scan.replaced {
        None => Cow::Borrowed(text),
        // ASCII was replaced by ASCII.
        Some(replaced) => Cow::Owned(String::from_utf8(replaced).map_err(|_| Refused::Encoding)?),
    };
    Ok(Checked { text, numbers_out_of_range: scan.numbers_out_of_range })
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// A copy of the text, once something in it had to be replaced.
    replaced: Option<Vec<u8>>,
    numbers_out_of_range: bool,
}

impl Scan<'_> {
    /// For a text that is no JSON, what is found up to its first fault is right, and serde_json
    /// reads no further.
    fn run(&mut self) -> Result<(), Refused> {
        // A bit a level, the innermost lowest: whether it is an object.
        let mut objects: u64 = 0;
        let mut depth: u32 = 0;
        // Whether a string that comes now is the name of a member.
        let mut name_is_next = false;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    let start = self.at + 1;
                    self.string();
                    if name_is_next && is_private(&self.bytes[start..self.at.min(self.bytes.len())]) {
                        return Err(Refused::PrivateKey);
                    }
                    name_is_next = false;
                }
                b'{' | b'[' => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return Err(Refused::Depth);
                    }
                    name_is_next = byte == b'{';
                    objects = objects << 1 | u64::from(name_is_next);
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    objects >>= 1;
                    name_is_next = false;
                }
                b',' => name_is_next = objects & 1 == 1,
                b'-' | b'0'..=b'9' => {
                    self.number();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        Ok(())
    }

    /// From the opening quote to the closing one, or to the end of the text.
    fn string(&mut self) {
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(found) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
                self.at = self.bytes.len();
                return;
            };
            self.at += found;
            if self.bytes[self.at] == b'"' {
                return;
            }
            self.escape();
        }
    }

    /// From a backslash to behind the escape, and behind both halves of a surrogate pair.
    fn escape(&mut self) {
        let Some(unit) = unit(self.bytes, self.at) else {
            self.at += 2;
            return;
        };
        let is_pair = matches!(unit, 0xD800..=0xDBFF)
            && self::unit(self.bytes, self.at + 6).is_some_and(|unit| matches!(unit, 0xDC00..=0xDFFF));
        if is_pair {
            self.at += 12;
            return;
        }
        if matches!(unit, 0xD800..=0xDFFF) {
            let start = self.at + 2;
            self.replace(start, b"fffd");
        }
        self.at += 6;
    }

    fn number(&mut self) {
        let start = self.at;
        let mut has_exponent = false;
        while let Some(byte @ (b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) = self.bytes.get(self.at) {
            has_exponent |= matches!(byte, b'e' | b'E');
            self.at += 1;
        }
        let length = self.at - start;
        if (has_exponent || length > MAX_PLAIN_NUMBER)
            && str::from_utf8(&self.bytes[start..self.at])
                .ok()
                .and_then(|text| text.parse().ok())
                .is_some_and(|number: f64| !number.is_finite())
        {
            let mut nothing = vec![b' '; length];
            // The shortest number out of range, `1e309`, is longer.
            nothing[..4].copy_from_slice(b"null");
            self.replace(start, &nothing);
            self.numbers_out_of_range = true;
        }
    }

    fn replace(&mut self, start: usize, with: &[u8]) {
        let copy = self.replaced.get_or_insert_with(|| self.bytes.to_vec());
        copy[start..start + with.len()].copy_from_slice(with);
    }
}

/// The UTF-16 unit of an escape `\uXXXX` at a place.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit: u16, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | digit as u16)
    })
}

/// Whether the name of a member, as it is spelled, is one of serde_json's private keys.
fn is_private(spelled: &[u8]) -> bool {
    if !matches!(spelled, [b'$' | b'\\', ..]) {
        return false;
    }
    let mut rest = spelled;
    PRIVATE_PREFIX.iter().all(|expected| {
        let (byte, length) = match unit(rest, 0) {
            Some(unit) => (u8::try_from(unit).ok(), 6),
            None => (rest.first().copied(), 1),
        };
        rest = rest.get(length..).unwrap_or_default();
        byte == Some(*expected)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &str) -> Option<Value> {
        from_str(text).ok()
    }

    fn refused(text: &str) -> Option<Refused> {
        check(text.as_bytes()).err()
    }

    #[test]
    fn depth_is_counted_over_the_whole_text() {
        let lists = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&lists(64)).is_some());
        assert_eq!(refused(&lists(65)), Some(Refused::Depth));
        let objects = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        assert!(read(&objects(64)).is_some());
        assert_eq!(refused(&objects(65)), Some(Refused::Depth));
        let wide = format!("[{}]", vec![lists(63); 100].join(","));
        assert!(read(&wide).is_some());
        let in_text = json!({ "[[[[": "{[".repeat(500), "a\"[": "\\[[[[" }).to_string();
        assert!(read(&in_text).is_some());
    }

    #[test]
    fn private_keys_are_refused_as_names_in_every_spelling_and_at_every_place() {
        for key in [
            "$serde_json::private::RawValue",
            "$serde_json::private::Number",
            "$serde_json::private::Later",
            r"\u0024serde_json::private::RawValue",
            r"$serde_json\u003a:private::RawValue",
            r"$serde_json\u003A\u003A\u0070rivate::Number",
            r"\u0024\u0073erde_json::private::\u0052awValue",
        ] {
            for text in [
                format!(r#"{{"{key}":"1"}}"#),
                format!("{{\n \"{key}\" : \"1\"}}"),
                format!(r#"{{"a":1,"{key}":"1"}}"#),
                format!(r#"{{"a":[1,{{}}],"{key}":"1"}}"#),
                format!(r#"{{"a":{{"b":[]}},"{key}":"1"}}"#),
                format!(r#"[0,{{"{key}":"1"}}]"#),
                format!(r#"{{"a":[{{"b":{{"{key}":"1"}}}}]}}"#),
            ] {
                assert_eq!(refused(&text), Some(Refused::PrivateKey), "{text}");
            }
            for text in [
                format!(r#"{{"name":"{key}"}}"#),
                format!(r#"["{key}",["{key}"],{{"a":["{key}","{key}"],"b":"{key}"}}]"#),
                format!(r#"{{"a":{{}},"b":["{key}"]}}"#),
                format!(r#""{key}""#),
            ] {
                assert!(read(&text).is_some(), "{text}");
            }
        }
        for name in
            ["$serde_json", "$serde_json::privat", "a$serde_json::private::RawValue", "$", "\\\\u0024"]
        {
            assert!(read(&format!(r#"{{"{name}":1}}"#)).is_some(), "{name}");
        }
    }

    #[test]
    fn a_half_of_a_surrogate_pair_is_replaced_and_pairs_stay() {
        for (text, expected) in [
            (r#"["\ud800"]"#, json!(["\u{fffd}"])),
            (r#"["\uDFFFx"]"#, json!(["\u{fffd}x"])),
            (r#"["\ud800\ud800"]"#, json!(["\u{fffd}\u{fffd}"])),
            (r#"["\udc00\ud800"]"#, json!(["\u{fffd}\u{fffd}"])),
            (r#"["\ud800\u0041"]"#, json!(["\u{fffd}A"])),
            (r#"["\ud83d\ude00"]"#, json!(["😀"])),
            (r#"["\ud800\ud83d\ude00"]"#, json!(["\u{fffd}😀"])),
            (r#"["\\ud800"]"#, json!(["\\ud800"])),
            (r#"{"\ud800":"\\\ud800\n"}"#, json!({ "\u{fffd}": "\\\u{fffd}\n" })),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
        for text in [r#""\ud8""#, r#""\ud80"#, r#""\u"#, r#""\"#, "\""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_read_as_nothing() {
        let long = format!("1{}", "0".repeat(400));
        assert_eq!(
            read(&format!("[1e400,-1E+999,{long},1e308,0.5,-0,1e-400]")),
            Some(json!([null, null, null, 1e308, 0.5, -0.0, 0.0]))
        );
        assert_eq!(read("1e400"), Some(Value::Null));
        assert_eq!(read(r#"{"1e400":"1e400"}"#), Some(json!({ "1e400": "1e400" })));
        assert_eq!(read("[1e]"), None);
        assert_eq!(read("[1e400x]"), None);
    }

    #[test]
    fn what_is_no_json_stays_no_json() {
        for text in [
            "",
            "{",
            "}",
            "]]]]",
            "[}",
            "{\"a\"}",
            "{\"a\":1,}",
            "[1 2]",
            "nul",
            "1 2",
            "{} {}",
            "\u{feff}{}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(check(b"\"\xff\"").err(), Some(Refused::Encoding));
    }

    #[test]
    fn numbers_have_one_text() {
        for (text, expected) in [("7", "7"), ("-7", "-7"), ("1.5", "1.5"), ("1.50", "1.5"), ("1e2", "100.0")]
        {
            assert_eq!(number_text(&from_str(text).expect("a number")), expected);
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_prints_is_read_as_serde_json_reads_it(value in any_json()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).expect("text")] {
                prop_assert_eq!(read(&text), serde_json::from_str(&text).ok());
            }
        }

        #[test]
        fn other_texts_are_read_as_serde_json_reads_them(text in r#"[\[\]{}",:\\u0dDfF1e \-tn]{0,40}"#) {
            // What is replaced makes the one difference.
            if let Ok(expected) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(read(&text), Some(expected));
            }
        }
    }
}
