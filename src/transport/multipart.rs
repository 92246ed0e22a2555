//! Form data in several parts (RFC 7578): small parts from memory, large ones from where they are, of a known length.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use http::HeaderValue;

use super::{Payload, Upload};
use crate::{clock::Clock, error::Error};

/// One part of a form.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    name: String,
    file_name: Option<String>,
    media_type: Option<String>,
    content: Upload,
}

impl Part {
    /// A part that is no file.
    pub(crate) fn text(name: impl Into<String>, text: impl Into<Bytes>) -> Self {
        Self { name: name.into(), file_name: None, media_type: None, content: Upload::bytes(text) }
    }

    /// A part that is JSON.
    pub(crate) fn json(name: impl Into<String>, json: impl Into<Bytes>) -> Self {
        Self { media_type: Some("application/json".to_owned()), ..Self::text(name, json) }
    }

    /// A part that is a file.
    pub(crate) fn file(
        name: impl Into<String>,
        file_name: impl Into<String>,
        media_type: impl Into<String>,
        content: Upload,
    ) -> Self {
        Self {
            name: name.into(),
            file_name: Some(file_name.into()),
            media_type: Some(media_type.into()),
            content,
        }
    }

    fn head(&self, boundary: &str) -> Result<Bytes, Error> {
        let mut head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(&self.name));
        if let Some(file_name) = &self.file_name {
            head.push_str("; filename=\"");
            head.push_str(&quoted(file_name));
            head.push('"');
        }
        head.push_str("\r\n");
        if let Some(media_type) = &self.media_type {
            if media_type.is_empty()
                || !media_type.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
            {
                return Err(Error::invalid("mimeType", "this is not a media type"));
            }
            head.push_str("Content-Type: ");
            head.push_str(media_type);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        Ok(head.into())
    }
}

/// The characters that do not stand for themselves between quotes, and what browsers write in their place (HTML,
/// section "Multipart form data"). A backslash stands for itself.
const ESCAPES: [(char, &str); 3] = [('"', "22"), ('\r', "0D"), ('\n', "0A")];
/// A percent sign, escaped. The standard leaves it as it is, so that `%22` in a name would be read as a quote: in front
/// of an escape, and there alone, it is written with one of these more.
const PERCENT: &str = "25";

/// A name between quotes.
pub(crate) fn quoted(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len());
    for (at, char) in name.char_indices() {
        quoted.push(char);
        if let Some((_, digits)) = ESCAPES.iter().find(|(escaped, _)| *escaped == char) {
            quoted.pop();
            quoted.push('%');
            quoted.push_str(digits);
        } else if char == '%' && escape(&name[at + 1..]).is_some() {
            quoted.push_str(PERCENT);
        }
    }
    quoted
}

/// The name that was written between quotes; the other way round of [`quoted`].
#[allow(dead_code, reason = "the other side of a form is read in builds that serve one")]
pub(crate) fn unquoted(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        name.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match escape(rest) {
            Some((0, char)) => {
                name.push(char);
                rest = &rest[2..];
            }
            Some((percents, _)) => {
                name.push('%');
                let end = 2 * percents + 2;
                name.push_str(&rest[PERCENT.len()..end]);
                rest = &rest[end..];
            }
            None => name.push('%'),
        }
    }
    name.push_str(rest);
    name
}

/// What stands behind a percent sign, when it is an escape: how many escaped percent signs, and then which character.
fn escape(behind: &str) -> Option<(usize, char)> {
    let mut rest = behind;
    let mut percents = 0;
    while let Some(shorter) = rest.strip_prefix(PERCENT) {
        rest = shorter;
        percents += 1;
    }
    let (char, _) = ESCAPES.iter().find(|(_, digits)| rest.starts_with(digits))?;
    Some((percents, *char))
}

/// A form as a payload that is made anew for every attempt.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a media type that does not fit a header;
/// [`Configuration`](crate::ErrorKind::Configuration) without randomness for the boundary.
pub(crate) fn form(parts: Vec<Part>, clock: &Clock) -> Result<Payload, Error> {
    let random = clock
        .random::<24>()
        .map_err(|error| Error::configuration("no randomness for a boundary").with_source(error))?;
    // 192 bits: no content holds it by chance.
    let boundary = format!("form-{}", hex::encode(random));
    let end = Bytes::from(format!("--{boundary}--\r\n"));
    let mut length = end.len() as u64;
    let mut heads = Vec::with_capacity(parts.len());
    for part in &parts {
        let head = part.head(&boundary)?;
        length += head.len() as u64 + part.content.length() + 2;
        heads.push(head);
    }
    let media_type = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"))
        .map_err(|_| Error::configuration("the boundary does not fit a header"))?;
    let parts: Arc<[(Bytes, Upload)]> =
        heads.into_iter().zip(parts.into_iter().map(|part| part.content)).collect();
    let there = Arc::clone(&parts);
    Ok(Payload::stream(
        media_type,
        length,
        move || body(&parts, &end),
        move || there.iter().all(|(_, content)| content.can_replay()),
    ))
}

fn body(parts: &[(Bytes, Upload)], end: &Bytes) -> BoxStream<'static, std::io::Result<Bytes>> {
    let whole = |bytes: Bytes| stream::iter([Ok(bytes)]).boxed();
    let mut pieces = Vec::with_capacity(parts.len() * 3 + 1);
    for (head, content) in parts {
        pieces.push(whole(head.clone()));
        pieces.push(content.pieces());
        pieces.push(whole(Bytes::from_static(b"\r\n")));
    }
    pieces.push(whole(end.clone()));
    Box::pin(stream::iter(pieces).flatten())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::transport::Body;

    async fn sent(payload: &Payload) -> (Option<u64>, Vec<u8>) {
        let Body::Stream { length, mut chunks } = payload.body() else { panic!("a stream") };
        let mut whole = Vec::new();
        while let Some(piece) = chunks.next().await {
            whole.extend_from_slice(&piece.expect("bytes"));
        }
        (length, whole)
    }

    #[tokio::test]
    async fn a_form_is_written_as_the_standard_says_and_again_for_every_attempt() {
        let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH);
        let parts = vec![
            Part::file("$document-1", "a \"b\"\r\n.png", "image/png", Upload::bytes("front")),
            Part::json("meta", "{}"),
            Part::text("type", "credential"),
        ];
        let payload = form(parts, &clock).expect("a form");
        let media_type = payload.media_type().expect("a media type");
        let boundary =
            media_type.to_str().expect("text").split_once("boundary=").expect("a boundary").1.to_owned();
        assert_eq!(boundary.len(), 53);
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"$document-1\"; filename=\"a %22b%22%0D%0A.png\"\r\n\
             Content-Type: image/png\r\n\r\nfront\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{{}}\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\ncredential\r\n\
             --{boundary}--\r\n"
        );
        for _ in 0..2 {
            let (length, body) = sent(&payload).await;
            assert_eq!(body, expected.as_bytes());
            assert_eq!(length, Some(expected.len() as u64));
        }
        assert!(payload.can_replay());
    }

    #[tokio::test]
    async fn what_can_be_read_once_is_there_once() {
        let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH);
        let once = Upload::once(1, std::io::Cursor::new("x"));
        let payload = form(vec![Part::file("f", "f", "text/plain", once)], &clock).expect("a form");
        assert!(payload.can_replay());
        sent(&payload).await;
        assert!(!payload.can_replay());
    }

    #[test]
    fn a_name_between_quotes_is_written_as_browsers_do() {
        for (name, expected) in [
            ("C:\\Users\\me\\pass.png", "C:\\Users\\me\\pass.png"),
            ("scan\\", "scan\\"),
            ("a \"b\"\r\n", "a %22b%22%0D%0A"),
            ("100% ü\t;=", "100% ü\t;="),
            ("50%25.png", "50%25.png"),
            ("%22", "%2522"),
            ("%2522 %250d", "%252522 %250d"),
        ] {
            assert_eq!(quoted(name), expected, "{name}");
            assert_eq!(unquoted(expected), name);
        }
        // What browsers write of names that hold no such text is read as it was meant.
        assert_eq!(unquoted("%0d%0a%2"), "%0d%0a%2");
    }

    #[test]
    fn a_media_type_cannot_add_a_header() {
        let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH);
        for bad in ["", "image/png\r\nX: y", "imäge/png"] {
            let part = Part::file("f", "f", bad, Upload::bytes(""));
            assert!(form(vec![part], &clock).is_err(), "{bad}");
        }
    }
}
