//! What a success is: an answer of the documented form, whatever is done with it.
//!
//! | what is documented | what is a success |
//! | --- | --- |
//! | JSON that is read | the members that the call rests on, read by [`decode`](super::decode) |
//! | JSON that is not read ([`Form::Json`]) | any whole JSON document |
//! | a word such as `OK` ([`Form::Word`]) | one line of plain text of up to 64 bytes, or any whole JSON document |
//! | nothing is said of it ([`Form::Any`]) | the same, or nothing at all |
//! | a file | at least one byte, and no page |
//!
//! Nothing at all is also a success with the status 204 or 205, which say so. A page is never one: gateways and sign-in
//! pages come with 200 as well. The label that an answer carries decides nothing, since common servers call a word
//! `text/html` and a file `text/plain`; only a file that is called a page is refused for its label.

use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde::de::IgnoredAny;

use super::{BufferedResponse, decode};
use crate::error::{Error, ErrorKind};

/// How long a word may be, in bytes.
const MAX_WORD_BYTES: usize = 64;
/// How much of a file has to be seen to know a page, whatever it is.
const HEAD: usize = 64;

/// The documented form of an answer that the crate does not read, or not always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON.
    Json,
    /// A word.
    Word,
    /// Not documented.
    Any,
}

impl BufferedResponse {
    /// Makes sure that an answer has its form, when nothing else is done with it.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) with the check `answer.form`: it says nothing of what was done.
    pub(crate) fn has_form(&self, form: Form) -> Result<(), Error> {
        let body = self.body.trim_ascii();
        let silent = matches!(self.status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT);
        let fits = match form {
            _ if body.is_empty() => silent || form == Form::Any,
            Form::Json => is_json(body),
            Form::Word | Form::Any => is_word(body) || is_json(body),
        };
        if fits { Ok(()) } else { Err(self.fail(refused("the answer does not have the documented form"))) }
    }

    /// Gives back a file: not empty, and no page in its place.
    ///
    /// # Errors
    ///
    /// As [`has_form`](Self::has_form).
    pub(crate) fn is_file(&self) -> Result<(), Error> {
        is_file(&self.headers, &self.body).map_err(|error| self.fail(error))
    }
}

/// Looks at the label and the beginning of a file.
pub(crate) fn is_file(headers: &HeaderMap, beginning: &[u8]) -> Result<(), Error> {
    if beginning.is_empty() {
        return Err(refused("there is no byte in the file"));
    }
    let labelled = matches!(media_type(headers).as_deref(), Some("text/html" | "application/xhtml+xml"));
    if labelled || is_page(beginning) {
        return Err(refused("a page came in place of the file"));
    }
    Ok(())
}

/// Whether enough of a file is there for [`is_file`] to tell.
pub(crate) fn is_conclusive(beginning: &[u8]) -> bool {
    beginning.len() >= HEAD || without_blanks(beginning).first().is_some_and(|first| *first != b'<')
}

/// The media type of a body without its parameters, in lower case: `application/json; charset=utf-8` is
/// `application/json` (RFC 9110, section 8.3.1).
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next()?.trim().to_ascii_lowercase())
}

fn is_json(body: &[u8]) -> bool {
    decode::json::<IgnoredAny>(body).is_ok()
}

fn is_word(body: &[u8]) -> bool {
    body.len() <= MAX_WORD_BYTES
        && str::from_utf8(body).is_ok_and(|word| {
            word.starts_with(char::is_alphanumeric)
                && !word.chars().any(|char| char.is_control() || matches!(char, '<' | '>' | '{' | '['))
        })
}

fn is_page(beginning: &[u8]) -> bool {
    let text = without_blanks(beginning);
    let begins =
        |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
    ["<!doctype html", "<html", "<head", "<body", "<script", "<!--"].into_iter().any(begins)
}

fn without_blanks(beginning: &[u8]) -> &[u8] {
    beginning.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(beginning).trim_ascii_start()
}

fn refused(what: &'static str) -> Error {
    Error::new(ErrorKind::Decode, what)
        .with_check("answer.form")
        .with_hint("a gateway or a sign-in page may have answered; check the base URL and the network")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_by_its_beginning_or_its_label() {
        let labelled =
            |label: &'static str| HeaderMap::from_iter([(CONTENT_TYPE, label.parse().expect("a value"))]);
        for page in ["<!DOCTYPE html><p>", "\u{feff}\r\n <HTML lang=en>", "<script>", "<!-- a --><html>"] {
            let error = is_file(&HeaderMap::new(), page.as_bytes()).expect_err(page);
            assert_eq!((error.kind(), error.check()), (ErrorKind::Decode, Some("answer.form")));
        }
        assert!(is_file(&labelled("Text/HTML; charset=utf-8"), b"%PDF-1.7").is_err());
        assert!(is_file(&HeaderMap::new(), b"").is_err());
        for file in [&b"%PDF-1.7"[..], b"\x89PNG\r\n", b"x", b"<svg xmlns=''>"] {
            assert!(is_file(&labelled("text/plain"), file).is_ok());
        }
    }

    #[test]
    fn a_word_is_short_and_plain() {
        for word in ["OK", "Created", "No Content", "erstellt"] {
            assert!(is_word(word.as_bytes()), "{word}");
        }
        let long = "a".repeat(MAX_WORD_BYTES + 1);
        for other in ["<html>", "a<b>", "{}", "OK\nOK", "", long.as_str(), "-"] {
            assert!(!is_word(other.as_bytes()), "{other}");
        }
    }
}
