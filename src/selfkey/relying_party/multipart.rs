//! Reading `multipart/form-data` (RFC 7578) piece by piece, with a bound on everything that is held.

use std::{borrow::Cow, io};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream::BoxStream};
use http::{HeaderMap, header};

use crate::{server::headers::has_media_type, transport::multipart::unquoted};

/// The longest boundary; RFC 2046 section 5.1.1 has 70.
const LONGEST_BOUNDARY: usize = 200;
/// The longest head of a part.
const LONGEST_HEAD: usize = 8 * 1024;
/// Parts of one body that are read.
const MOST_PARTS: usize = 64;

/// Why a body is not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It broke off, or the connection did.
    Broken,
    /// It is not of this form.
    Malformed,
    /// It has too many parts, or is longer than the limit.
    TooLarge,
}

/// What a part says of itself.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) media_type: Option<String>,
}

/// A body that is being read.
pub(super) struct Multipart {
    pieces: BoxStream<'static, io::Result<Bytes>>,
    /// CR, LF, two dashes, the boundary.
    delimiter: Vec<u8>,
    buffer: BytesMut,
    /// Bytes that may still come.
    left: u64,
    parts: usize,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In front of a delimiter: the preamble, or a part's content.
    Content,
    /// Behind a delimiter.
    Delimiter,
    End,
}

/// Whether the request says that its body is of this form.
pub(super) fn is_multipart(headers: &HeaderMap) -> bool {
    has_media_type(headers, "multipart/form-data")
}

impl Multipart {
    /// A reader of at most `limit` bytes; `None` when the request names no boundary.
    pub(super) fn new(
        headers: &HeaderMap,
        pieces: BoxStream<'static, io::Result<Bytes>>,
        limit: u64,
    ) -> Option<Self> {
        let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let boundary = parameter(content_type, "boundary", Quoting::Http)
            .filter(|boundary| is_multipart(headers) && (1..=LONGEST_BOUNDARY).contains(&boundary.len()))?;
        // The first delimiter may stand at the very start.
        let buffer = BytesMut::from(&b"\r\n"[..]);
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Some(Self { pieces, delimiter, buffer, left: limit, parts: 0, place: Place::Content })
    }

    /// The next part; what was not read of the one before is passed over.
    pub(super) async fn next_part(&mut self) -> Result<Option<Head>, Fault> {
        while self.place == Place::Content {
            self.piece().await?;
        }
        if self.place == Place::End {
            return Ok(None);
        }
        while self.buffer.len() < 2 {
            self.fill().await?;
        }
        if self.buffer.starts_with(b"--") {
            self.place = Place::End;
            // What follows is nobody's, but has to be taken from the connection.
            while let Some(piece) = self.pieces.next().await {
                self.count(&piece.map_err(|_| Fault::Broken)?)?;
            }
            return Ok(None);
        }
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err(Fault::TooLarge);
        }
        // However the body is cut, the limit is the same, and what was searched is not searched again.
        let mut searched = 0;
        let end = loop {
            let rest = self.buffer.get(searched..).unwrap_or_default();
            if let Some(found) = find(rest, b"\r\n\r\n") {
                break searched + found + 4;
            }
            if self.buffer.len() >= LONGEST_HEAD {
                return Err(Fault::TooLarge);
            }
            searched = self.buffer.len().saturating_sub(3);
            self.fill().await?;
        };
        if end > LONGEST_HEAD {
            return Err(Fault::TooLarge);
        }
        let head = self.buffer.split_to(end);
        // Between the delimiter and its line's end there may be blanks alone.
        let (rest_of_line, lines) = split_line(&head).ok_or(Fault::Malformed)?;
        if !rest_of_line.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return Err(Fault::Malformed);
        }
        self.place = Place::Content;
        read_head(lines).ok_or(Fault::Malformed).map(Some)
    }

    /// The next piece of the part's content; `None` at its end.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Fault> {
        if self.place != Place::Content {
            return Ok(None);
        }
        loop {
            match find_delimiter(&self.buffer, &self.delimiter) {
                Found::At(0) => {
                    let _ = self.buffer.split_to(self.delimiter.len());
                    self.place = Place::Delimiter;
                    return Ok(None);
                }
                Found::At(at) | Found::Perhaps(at) if at > 0 => {
                    return Ok(Some(self.buffer.split_to(at).freeze()));
                }
                _ => self.fill().await?,
            }
        }
    }

    /// The whole content of the part, if it is not longer than this.
    pub(super) async fn whole(&mut self, limit: usize) -> Result<Vec<u8>, Fault> {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece().await? {
            if piece.len() > limit - whole.len() {
                return Err(Fault::TooLarge);
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    async fn fill(&mut self) -> Result<(), Fault> {
        let piece = self.pieces.next().await.ok_or(Fault::Broken)?.map_err(|_| Fault::Broken)?;
        self.count(&piece)?;
        self.buffer.extend_from_slice(&piece);
        Ok(())
    }

    fn count(&mut self, piece: &Bytes) -> Result<(), Fault> {
        self.left = self.left.checked_sub(piece.len() as u64).ok_or(Fault::TooLarge)?;
        Ok(())
    }
}

enum Found {
    /// The delimiter starts here.
    At(usize),
    /// It may start here, when more comes; what stands in front of it is content in any case.
    Perhaps(usize),
}

fn find_delimiter(bytes: &[u8], delimiter: &[u8]) -> Found {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == b'\r').map(|at| from + at) {
        let rest = &bytes[at..];
        if rest.starts_with(delimiter) {
            return Found::At(at);
        }
        if delimiter.starts_with(rest) {
            return Found::Perhaps(at);
        }
        from = at + 1;
    }
    Found::Perhaps(bytes.len())
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = find(bytes, b"\r\n")?;
    Some((&bytes[..end], &bytes[end + 2..]))
}

fn read_head(lines: &[u8]) -> Option<Head> {
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
    Some(Head {
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
enum Quoting {
    /// In a header of HTTP (RFC 9110 section 5.6.4): a backslash stands in front of a quote and of itself.
    Http,
    /// In the head of a part, as browsers write it: a quote is `%22`, and a backslash stands for itself.
    Form,
}

/// A parameter of a header's value: a word, or a text in quotes.
fn parameter(value: &str, wanted: &str, quoting: Quoting) -> Option<String> {
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

/// For `__private`: the parts of a body that comes in pieces of a size, each as name, file name, media type and content.
#[cfg(feature = "sandbox")]
pub(crate) async fn read_all(
    media_type: &str,
    body: &[u8],
    size: usize,
) -> Option<Vec<(String, Option<String>, Option<String>, Vec<u8>)>> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, media_type.parse().ok()?);
    let pieces: Vec<_> = body.chunks(size.max(1)).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let pieces = futures_util::stream::iter(pieces).boxed();
    let mut multipart = Multipart::new(&headers, pieces, 1 << 20)?;
    let mut parts = Vec::new();
    while let Some(head) = multipart.next_part().await.ok()? {
        let content = multipart.whole(64 * 1024).await.ok()?;
        parts.push((head.name, head.file_name, head.media_type, content));
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    type Parts = Vec<(String, Option<String>, Option<String>, Vec<u8>)>;

    /// Reads a body that comes in pieces of a size.
    async fn read(boundary: &str, body: &[u8], size: usize, limit: u64) -> Result<Parts, Fault> {
        let mut headers = HeaderMap::new();
        let value = format!("multipart/form-data; charset=utf-8; boundary={boundary}");
        headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(value).expect("header"));
        let pieces: Vec<_> =
            body.chunks(size.max(1)).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let mut multipart = Multipart::new(&headers, futures_util::stream::iter(pieces).boxed(), limit)
            .ok_or(Fault::Malformed)?;
        let mut parts = Parts::new();
        while let Some(head) = multipart.next_part().await? {
            let content = multipart.whole(1 << 20).await?;
            parts.push((head.name, head.file_name, head.media_type, content));
        }
        Ok(parts)
    }

    fn now<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().expect("runtime").block_on(work)
    }

    /// The example of RFC 7578's predecessor, with what browsers write.
    const BODY: &[u8] = b"preamble\r\n--AaB03x\r\nContent-Disposition: form-data; name=\"a;b\\\"c\"\r\n\r\n\r\n--AaB03x  \r\ncontent-type: image/png\r\nContent-Disposition: form-data; filename=\"x\r.png\"; name=f\r\n\r\n\r\n--AaB03\r\r\n-\r\n--AaB03x--\r\nepilogue";

    #[test]
    fn a_body_is_read_alike_however_it_is_cut() {
        for size in 1..BODY.len() {
            let parts = now(read("AaB03x", BODY, size, 10_000)).expect("parts");
            assert_eq!(parts.len(), 2, "{size}");
            assert_eq!(parts[0], ("a;b\"c".to_owned(), None, None, Vec::new()));
            assert_eq!(parts[1].0, "f");
            assert_eq!(parts[1].2.as_deref(), Some("image/png"));
            assert_eq!(parts[1].3, b"\r\n--AaB03\r\r\n-");
        }
    }

    #[test]
    fn what_is_cut_off_or_too_long_is_refused() {
        let end = BODY.len() - "--\r\nepilogue".len();
        for length in 0..end {
            assert!(now(read("AaB03x", &BODY[..length], 7, 10_000)).is_err(), "{length}");
        }
        assert_eq!(now(read("AaB03x", BODY, 7, 20)), Err(Fault::TooLarge));
        let many = b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n".repeat(MOST_PARTS + 1);
        assert_eq!(now(read("b", &many, 1000, 1 << 20)), Err(Fault::TooLarge));
        let head = [b"--b\r\nx: ".to_vec(), vec![b'a'; 2 * LONGEST_HEAD]].concat();
        assert_eq!(now(read("b", &head, 1000, 1 << 20)), Err(Fault::TooLarge));
        for body in [
            &b"--b\r\nContent-Disposition: form-data\r\n\r\n\r\n--b--"[..],
            b"--b\r\n\r\n\r\n--b--",
            b"--b\r\nContent-Disposition: attachment; name=x\r\n\r\n\r\n--b--",
            b"--bx\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n--b--",
            b"--b\r\nContent-Disposition: form-data; name=x\r\nContent-Disposition: form-data; name=y\r\n\r\n\r\n--b--",
            b"--b\r\nContent-Disposition: form-data; name=\"x\r\n\r\n\r\n--b--",
        ] {
            assert_eq!(now(read("b", body, 5, 1000)), Err(Fault::Malformed), "{}", String::from_utf8_lossy(body));
        }
        assert!(now(read(&"b".repeat(LONGEST_BOUNDARY + 1), b"", 1, 10)).is_err());
    }

    #[test]
    fn a_head_has_one_limit_however_it_is_cut() {
        let body = |length: usize| {
            let head = "\r\nContent-Disposition: form-data; name=a\r\nx: ";
            let filling = "y".repeat(length - head.len() - 4);
            format!("--b{head}{filling}\r\n\r\nz\r\n--b--")
        };
        for size in [1, 7, 64, 1 << 20] {
            let longest = now(read("b", body(LONGEST_HEAD).as_bytes(), size, 100_000));
            assert!(longest.is_ok(), "{size}");
            let longer = now(read("b", body(LONGEST_HEAD + 1).as_bytes(), size, 100_000));
            assert_eq!(longer, Err(Fault::TooLarge), "{size}");
        }
    }

    #[test]
    fn names_are_read_as_they_were_meant() {
        let head = |lines: &[u8]| {
            let body = [b"--b\r\n", lines, b"\r\n\r\nx\r\n--b--"].concat();
            now(read("b", &body, 7, 10_000)).map(|mut parts| parts.remove(0))
        };
        for (disposition, name, file_name) in [
            (&b"name=\"f\"; filename=\"C:\\Users\\me\\pass.png\""[..], "f", "C:\\Users\\me\\pass.png"),
            (b"name=\"f\"; filename=\"scan\\\"", "f", "scan\\"),
            (b"filename=\"scan\\\" ; name=\"f\\\"", "f\\", "scan\\"),
            (b"name=\"f\"; filename=\"a\\\"b\\\"c\"", "f", "a\"b\"c"),
            (b"name=\"%22\"; filename=\"a%0D%0A%22 100%\"", "\"", "a\r\n\" 100%"),
            (b"name=f; filename=C:\\x.png", "f", "C:\\x.png"),
            (b"word; name=\"f\"; filename=\"x\"", "f", "x"),
            ("name=\"f\"; filename=\"Zo\u{eb} \u{5bcc}\"".as_bytes(), "f", "Zo\u{eb} \u{5bcc}"),
            (b"name=\"f\"; filename=\"Zo\xeb\"", "f", "Zo\u{eb}"),
        ] {
            let line = [b"Content-Disposition: form-data; ", disposition].concat();
            let part = head(&line).expect("a part");
            let text = String::from_utf8_lossy(disposition);
            assert_eq!((part.0.as_str(), part.1.as_deref()), (name, Some(file_name)), "{text}");
            // A line that is no header does not take the others with it.
            let beside = [b"no header\r\n", &line[..], b"\r\nContent-Type: image/png"].concat();
            let part = head(&beside).expect("a part");
            assert_eq!(
                (part.1.as_deref(), part.2.as_deref()),
                (Some(file_name), Some("image/png")),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_name_the_writer_is_given_the_reader_gives_back(
            name in "([^\\x00]|[%\"\\\\\r\n;= ]|%22|%0D|%25|2522){0,40}",
            other in "([a-z]|[%\"\\\\\r\n;= ]|%0A|%25){0,20}",
            size in 1usize..200,
        ) {
            use crate::{clock::Clock, transport::{Upload, multipart::{Part, form}}};

            let (clock, _) = Clock::frozen(std::time::SystemTime::UNIX_EPOCH);
            let part = Part::file(other.clone(), name.clone(), "image/png", Upload::bytes("x"));
            let payload = form(vec![part], &clock).expect("a form");
            let content_type = payload.media_type().expect("a media type").clone();
            let (_, boundary) = content_type.to_str().expect("text").split_once("boundary=").expect("a boundary");
            let boundary = boundary.to_owned();
            let crate::transport::Body::Stream { chunks, .. } = payload.body() else { panic!("a stream") };
            let body: Vec<u8> = now(chunks.map(|piece| piece.expect("bytes").to_vec()).concat());
            let parts = now(read(&boundary, &body, size, 1 << 20)).expect("parts");
            prop_assert_eq!(&parts[0].0, &other);
            prop_assert_eq!(parts[0].1.as_deref(), Some(name.as_str()));
        }

        #[test]
        fn what_is_written_is_read(
            contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..5),
            size in 1usize..400,
        ) {
            let mut body = Vec::new();
            for (at, content) in contents.iter().enumerate() {
                body.extend_from_slice(format!("--bou\r\nContent-Disposition: form-data; name=\"n{at}\"\r\n\r\n").as_bytes());
                body.extend_from_slice(content);
                body.extend_from_slice(b"\r\n");
            }
            body.extend_from_slice(b"--bou--\r\n");
            let parts = now(read("bou", &body, size, 1 << 20)).expect("parts");
            prop_assert_eq!(parts.into_iter().map(|part| part.3).collect::<Vec<_>>(), contents);
        }

        #[test]
        fn no_body_makes_it_panic(body in "(--b|\r\n|\r|-|Content-Disposition: form-data; name=|\"|x|;|=|:| ){0,40}", size in 1usize..20) {
            let _ = now(read("b", body.as_bytes(), size, 1 << 20));
        }
    }
}
