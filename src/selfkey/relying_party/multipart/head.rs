//! The head of a part, and the parameters of a header's value.

use std::borrow::Cow;

use crate::transport::multipart::unquoted;

/// What a part says of itself.
#[derive(Clone, PartialEq, Eq)]
pub(in super::super) struct PartHead {
    pub(in super::super) name: String,
    pub(in super::super) file_name: Option<String>,
    pub(in super::super) media_type: Option<String>,
}

pub(super) fn read_head(lines: &[u8]) -> Option<PartHead> {
    let text = text_of(lines);
    let (mut disposition, mut media_type) = (None, None);
    // A line without a colon says nothing of the part.
    let lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
    for (name, value) in lines {
        let place = match name.trim().to_ascii_lowercase().as_str() {
            "content-disposition" => &mut disposition,
            "content-type" => &mut media_type,
            _ => continue,
        };
        if place.replace(value.trim()).is_some() {
            return None;
        }
    }
    let disposition = disposition?;
    let kind = disposition.split(';').next()?.trim();
    if !kind.eq_ignore_ascii_case("form-data") {
        return None;
    }
    let parameter = |name: &str| parameter(disposition, name, Quoting::Form);
    Some(PartHead {
        name: parameter("name")?,
        file_name: parameter("filename"),
        media_type: media_type.map(str::to_owned),
    })
}

/// Heads are UTF-8; what is not was written by a sender of Latin-1, where every byte is a letter.
fn text_of(lines: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(lines) {
        Ok(text) => text.into(),
        Err(_) => lines.iter().copied().map(char::from).collect::<String>().into(),
    }
}

/// How a text between quotes is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// In a header of HTTP (RFC 9110 section 5.6.4): a backslash stands in front of a quote and of itself.
    Http,
    /// In the head of a part, as browsers write it: a quote is `%22`, and a backslash stands for itself.
    Form,
}

/// A parameter of a header's value: a word, or a text in quotes.
pub(super) fn parameter(value: &str, wanted: &str, quoting: Quoting) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let end = rest.find(['=', ';'])?;
        let (name, behind) = (&rest[..end], &rest[end + 1..]);
        if rest[end..].starts_with(';') {
            // A word without a value.
            rest = behind;
            continue;
        }
        let (found, behind) = match behind.trim_start().strip_prefix('"') {
            Some(quoted) if quoting == Quoting::Http => http_text(quoted)?,
            Some(quoted) => form_text(quoted)?,
            None => {
                let end = behind.find(';').unwrap_or(behind.len());
                (behind[..end].trim().to_owned(), &behind[end..])
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(found);
        }
        rest = behind.trim_start().strip_prefix(';')?;
    }
}

/// A text up to its quote, and what is behind it.
fn http_text(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut letters = quoted.char_indices();
    loop {
        match letters.next()? {
            (at, '"') => return Some((text, &quoted[at + 1..])),
            (_, '\\') => text.push(letters.next()?.1),
            (_, letter) => text.push(letter),
        }
    }
}

/// A text up to its quote, and what is behind it. Senders that are no browsers put a backslash in front of a quote that
/// belongs to the name: such a quote is one unless the parameter ends with it.
fn form_text(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut rest = quoted;
    loop {
        let at = rest.find('"')?;
        let (before, behind) = (&rest[..at], &rest[at + 1..]);
        let after = behind.trim_start_matches([' ', '\t']);
        match before.strip_suffix('\\') {
            Some(before) if !after.is_empty() && !after.starts_with(';') => {
                text.push_str(before);
                text.push_str("%22");
                rest = behind;
            }
            _ => {
                text.push_str(before);
                return Some((unquoted(&text), behind));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110, section 5.6.4: a backslash in a quoted string makes the next octet stand for itself.
    #[test]
    fn a_quoted_text_ends_at_its_quote() {
        assert_eq!(http_text(r#"a\"b\c" ; d"#), Some((r#"a"bc"#.to_owned(), " ; d")));
        assert_eq!(http_text("no end"), None);
        let header = r#"multipart/form-data; other="x;y"; boundary="b\"1""#;
        assert_eq!(parameter(header, "boundary", Quoting::Http).as_deref(), Some(r#"b"1"#));
    }
}
