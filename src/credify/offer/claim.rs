//! Looking a claim up the way the provider does: own members, and those that lists and texts have in JavaScript.

use serde_json::Value;

/// Which claim is read: a scope, and the names from the outermost claim down to the one that is compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClaimPath {
    pub scope: Box<str>,
    pub names: Box<[Box<str>]>,
}

impl ClaimPath {
    /// What a user's claims hold there. Nothing for a missing member, and for null at any step.
    pub(super) fn find<'a>(&self, claims: &'a Value) -> Option<Found<'a>> {
        let mut at = Found::Json(claims).member(&self.scope)?;
        for name in &self.names {
            at = at.member(name)?;
        }
        Some(at)
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Found<'a> {
    Json(&'a Value),
    /// The length of a list or a text.
    Length(usize),
    /// One character of a text.
    Letter(&'a str),
    /// One half of a character that JavaScript counts as two. No JSON text equals it.
    HalfLetter,
}

impl<'a> Found<'a> {
    /// A member that is not null.
    fn member(self, name: &str) -> Option<Self> {
        let found = match self {
            Self::Json(Value::Object(members)) => Self::Json(members.get(name)?),
            Self::Json(Value::Array(list)) if name == "length" => Self::Length(list.len()),
            Self::Json(Value::Array(list)) => Self::Json(list.get(index(name)?)?),
            Self::Json(Value::String(text)) => member_of_text(text, name)?,
            Self::Letter(letter) => member_of_text(letter, name)?,
            Self::HalfLetter => match name {
                "length" => Self::Length(1),
                "0" => self,
                _ => return None,
            },
            Self::Json(Value::Null | Value::Bool(_) | Value::Number(_)) | Self::Length(_) => return None,
        };
        (found != Self::Json(&Value::Null)).then_some(found)
    }

    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Json(value) => value.as_f64(),
            #[allow(clippy::cast_precision_loss, reason = "no list is longer than 2^53")]
            Self::Length(length) => Some(length as f64),
            Self::Letter(_) | Self::HalfLetter => None,
        }
    }

    /// The text; a half letter gives the empty one with `false`: nothing equals it.
    pub(super) fn text(self) -> Option<(&'a str, bool)> {
        match self {
            Self::Json(value) => value.as_str().map(|text| (text, true)),
            Self::Letter(letter) => Some((letter, true)),
            Self::HalfLetter => Some(("", false)),
            Self::Length(_) => None,
        }
    }

    pub(super) fn boolean(self) -> Option<bool> {
        match self {
            Self::Json(value) => value.as_bool(),
            _ => None,
        }
    }
}

/// Whether claims have a member of this name, null or not.
pub(super) fn has(claims: &Value, name: &str) -> bool {
    match claims {
        Value::Object(members) => members.contains_key(name),
        Value::Array(list) => name == "length" || index(name).is_some_and(|index| index < list.len()),
        Value::String(text) => member_of_text(text, name).is_some(),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn member_of_text<'a>(text: &'a str, name: &str) -> Option<Found<'a>> {
    if name == "length" {
        return Some(Found::Length(text.encode_utf16().count()));
    }
    let wanted = index(name)?;
    let mut units = 0;
    for (start, letter) in text.char_indices() {
        let width = letter.len_utf16();
        if wanted < units + width {
            let whole = &text[start..start + letter.len_utf8()];
            return Some(if width == 1 { Found::Letter(whole) } else { Found::HalfLetter });
        }
        units += width;
    }
    None
}

/// The index that a name stands for: digits as JavaScript prints them.
pub(crate) fn index(name: &str) -> Option<usize> {
    let is_canonical = name == "0" || !name.starts_with(['0', '+']);
    if is_canonical { name.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn find<'a>(claims: &'a Value, path: &[&str]) -> Option<Found<'a>> {
        let names = path[1..].iter().map(|name| (*name).into()).collect();
        ClaimPath { scope: path[0].into(), names }.find(claims)
    }

    /// As `hasOwnProperty` and `[]` of Node.js 20 have it.
    #[test]
    fn lists_and_texts_have_the_members_that_they_have_in_javascript() {
        let claims = json!({"s": {"list": [7, null, [8]], "text": "a😀é", "n": 5, "gone": null}});
        let number = |path: &[&str]| find(&claims, path).and_then(Found::number);
        let text = |path: &[&str]| find(&claims, path).and_then(Found::text);
        assert_eq!(number(&["s", "list", "0"]), Some(7.0));
        assert_eq!(number(&["s", "list", "2", "0"]), Some(8.0));
        assert_eq!(number(&["s", "list", "length"]), Some(3.0));
        for missing in ["00", "+0", "-1", "3", "", " 0", "1"] {
            assert_eq!(find(&claims, &["s", "list", missing]), None, "{missing}");
        }
        assert_eq!(number(&["s", "text", "length"]), Some(4.0));
        assert_eq!(text(&["s", "text", "0"]), Some(("a", true)));
        assert_eq!(text(&["s", "text", "1"]), Some(("", false)));
        assert_eq!(text(&["s", "text", "2", "0"]), Some(("", false)));
        assert_eq!(text(&["s", "text", "3", "0"]), Some(("é", true)));
        assert_eq!(find(&claims, &["s", "text", "4"]), None);
        assert_eq!(find(&claims, &["s", "n", "length"]), None);
        assert_eq!(find(&claims, &["s", "gone"]), None);
        assert_eq!(find(&claims, &["s", "gone", "x"]), None);
        assert!(has(&json!({"gone": null}), "gone") && !has(&json!({}), "gone"));
        assert!(has(&json!([1]), "0") && has(&json!([]), "length") && !has(&json!([1]), "1"));
    }
}
