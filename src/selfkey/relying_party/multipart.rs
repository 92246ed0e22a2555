//! Reading `multipart/form-data` (RFC 7578) piece by piece, with a bound on everything that is held.

use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream::BoxStream};
use http::{HeaderMap, header};

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
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("multipart/form-data"))
}

impl Multipart {
    /// A reader of at most `limit` bytes; `None` when the request names no boundary.
    pub(super) fn new(
        headers: &HeaderMap,
        pieces: BoxStream<'static, io::Result<Bytes>>,
        limit: u64,
    ) -> Option<Self> {
        let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let boundary = parameter(content_type, "boundary")
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
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(Fault::TooLarge);
            }
            self.fill().await?;
        };
        let head = self.buffer.split_to(end + 4);
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
    let text = std::str::from_utf8(lines).ok()?;
    let (mut disposition, mut media_type) = (None, None);
    for line in text.split("\r\n").filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
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
    Some(Head {
        name: parameter(disposition, "name")?,
        file_name: parameter(disposition, "filename"),
        media_type: media_type.map(str::to_owned),
    })
}

/// A parameter of a header's value (RFC 9110 section 5.6.6): a word, or a text in quotes.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (name, behind) = rest.split_once('=')?;
        let (found, behind) = match behind.trim_start().strip_prefix('"') {
            Some(quoted) => {
                let mut text = String::new();
                let mut letters = quoted.char_indices();
                let end = loop {
                    match letters.next()? {
                        (at, '"') => break at + 1,
                        (_, '\\') => text.push(letters.next()?.1),
                        (_, letter) => text.push(letter),
                    }
                };
                (text, &quoted[end..])
            }
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
        let mut multipart = Multipart::new(&headers, futures_util::stream::iter(pieces).boxed(), limit).ok_or(Fault::Malformed)?;
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

    proptest! {
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
