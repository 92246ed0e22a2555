//! Parameters of a URL, encoded by ourselves: what follows from a query is compared by its text.

use std::fmt::Write as _;

use url::Url;

/// A text percent-encoded down to letters, digits and what is allowed beside them.
pub(crate) fn percent(text: &str, beside: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || beside.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A value of a query, percent-encoded down to the unreserved characters (RFC 3986 section 2.3).
pub(crate) fn query_value(text: &str) -> String {
    percent(text, b"-._~")
}

/// Adds a parameter, encoded by ourselves: what follows from a query is compared by its text.
pub(crate) fn add_query(url: &mut Url, name: &str, value: &str) {
    let pair = format!("{}={}", query_value(name), query_value(value));
    let query = match url.query() {
        Some(query) if !query.is_empty() => format!("{query}&{pair}"),
        _ => pair,
    };
    url.set_query(Some(&query));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_to_the_unreserved_characters() {
        let mut url = Url::parse("https://rp.example/a?b=c").expect("a URL");
        add_query(&mut url, "meta", r#"{"a": "ä+&"}"#);
        assert_eq!(url.query(), Some("b=c&meta=%7B%22a%22%3A%20%22%C3%A4%2B%26%22%7D"));
    }
}
