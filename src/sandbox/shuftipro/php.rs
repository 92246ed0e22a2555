//! JSON as the provider's PHP prints it: compact, `/` as `\/`, non-ASCII as `\uXXXX`, an empty map as `[]`.
//!
//! Sources: contract sections 4 (rule 1) and 12.4; PHP's `json_encode` without flags.

use std::fmt::Write as _;

use serde_json::Value;

/// The bytes of a value.
pub(super) fn json(value: &Value) -> String {
    let mut text = String::new();
    print(value, &mut text);
    text
}

fn print(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) if map.is_empty() => text.push_str("[]"),
        Value::Object(map) => {
            text.push('{');
            for (index, (key, value)) in map.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                print_text(key, text);
                text.push(':');
                print(value, text);
            }
            text.push('}');
        }
        Value::Array(list) => {
            text.push('[');
            for (index, value) in list.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                print(value, text);
            }
            text.push(']');
        }
        Value::String(string) => print_text(string, text),
        // Numbers, booleans and null look the same in both languages.
        other => {
            let _ = write!(text, "{other}");
        }
    }
}

fn print_text(string: &str, text: &mut String) {
    text.push('"');
    for char in string.chars() {
        match char {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '/' => text.push_str("\\/"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            ' '..='\u{7f}' => text.push(char),
            char => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn it_prints_as_php_does() {
        // What `php -r 'echo json_encode(...)'` prints for the same value.
        let value = json!({
            "url": "https://a.example/b", "name": "Zoë \u{1f600}", "control": "\u{1}\n\t\"\\", "del": "\u{7f}",
            "empty": {}, "list": [1, 51.6026, null, true, []], "deep": {"a": {}}
        });
        assert_eq!(
            super::json(&value),
            concat!(
                r#"{"url":"https:\/\/a.example\/b","name":"Zo\u00eb \ud83d\ude00","control":"\u0001\n\t\"\\","del":""#,
                "\u{7f}",
                r#"","empty":[],"list":[1,51.6026,null,true,[]],"deep":{"a":[]}}"#
            )
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&super::json(&json!("é/\u{7f}"))).unwrap(),
            "é/\u{7f}"
        );
    }
}
