//! The parts of a body, one after the other.

use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream::BoxStream};
use http::{HeaderMap, header};

use super::head::{PartHead, Quoting, parameter, read_head};
use crate::server::headers::has_media_type;

/// The maximum length of a boundary; RFC 2046 section 5.1.1 has 70.
pub(super) const MAX_BOUNDARY_BYTES: usize = 200;
/// The maximum size of the head of a part.
pub(super) const MAX_HEAD_BYTES: usize = 8 * 1024;
/// Parts of one body that are read.
pub(super) const MAX_PARTS: usize = 64;

/// Why a body is not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum MultipartError {
    /// It broke off, or the connection did.
    Broken,
    /// It is not of this form.
    Malformed,
    /// It has too many parts, or is longer than the limit.
    TooLarge,
}

/// A body that is being read.
pub(in super::super) struct Multipart {
    pieces: BoxStream<'static, io::Result<Bytes>>,
    /// CR, LF, two dashes, the boundary.
    delimiter: Vec<u8>,
    buffer: BytesMut,
    /// Bytes that may still come.
    left: u64,
    parts: usize,
    position: Position,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    /// In front of a delimiter: the preamble, or a part's content.
    Content,
    /// Behind a delimiter.
    Delimiter,
    End,
}

/// Whether the request says that its body is of this form.
pub(in super::super) fn is_multipart(headers: &HeaderMap) -> bool {
    has_media_type(headers, "multipart/form-data")
}

impl Multipart {
    /// A reader of at most `limit` bytes; `None` when the request names no boundary.
    pub(in super::super) fn new(
        headers: &HeaderMap,
        pieces: BoxStream<'static, io::Result<Bytes>>,
        limit: u64,
    ) -> Option<Self> {
        let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let boundary = parameter(content_type, "boundary", Quoting::Http)
            .filter(|boundary| is_multipart(headers) && (1..=MAX_BOUNDARY_BYTES).contains(&boundary.len()))?;
        // The first delimiter may stand at the very start.
        let buffer = BytesMut::from(&b"\r\n"[..]);
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Some(Self { pieces, delimiter, buffer, left: limit, parts: 0, position: Position::Content })
    }

    /// The next part; what was not read of the one before is passed over.
    pub(in super::super) async fn next_part(&mut self) -> Result<Option<PartHead>, MultipartError> {
        while self.position == Position::Content {
            self.piece().await?;
        }
        if self.position == Position::End {
            return Ok(None);
        }
        while self.buffer.len() < 2 {
            self.fill().await?;
        }
        if self.buffer.starts_with(b"--") {
            self.position = Position::End;
            // What follows belongs to no part, but has to be taken from the connection.
            while let Some(piece) = self.pieces.next().await {
                self.count(&piece.map_err(|_| MultipartError::Broken)?)?;
            }
            return Ok(None);
        }
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(MultipartError::TooLarge);
        }
        // However the body is cut, the limit is the same, and what was searched is not searched again.
        let mut searched = 0;
        let end = loop {
            let rest = self.buffer.get(searched..).unwrap_or_default();
            if let Some(found) = find(rest, b"\r\n\r\n") {
                break searched + found + 4;
            }
            if self.buffer.len() >= MAX_HEAD_BYTES {
                return Err(MultipartError::TooLarge);
            }
            searched = self.buffer.len().saturating_sub(3);
            self.fill().await?;
        };
        if end > MAX_HEAD_BYTES {
            return Err(MultipartError::TooLarge);
        }
        let head = self.buffer.split_to(end);
        // Between the delimiter and its line's end there may be blanks alone.
        let (rest_of_line, lines) = split_line(&head).ok_or(MultipartError::Malformed)?;
        if !rest_of_line.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return Err(MultipartError::Malformed);
        }
        self.position = Position::Content;
        read_head(lines).ok_or(MultipartError::Malformed).map(Some)
    }

    /// The next piece of the part's content; `None` at its end.
    pub(in super::super) async fn piece(&mut self) -> Result<Option<Bytes>, MultipartError> {
        if self.position != Position::Content {
            return Ok(None);
        }
        loop {
            match find_delimiter(&self.buffer, &self.delimiter) {
                Found::At(0) => {
                    let _ = self.buffer.split_to(self.delimiter.len());
                    self.position = Position::Delimiter;
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
    pub(in super::super) async fn whole(&mut self, limit: usize) -> Result<Vec<u8>, MultipartError> {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece().await? {
            if piece.len() > limit - whole.len() {
                return Err(MultipartError::TooLarge);
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    async fn fill(&mut self) -> Result<(), MultipartError> {
        let piece =
            self.pieces.next().await.ok_or(MultipartError::Broken)?.map_err(|_| MultipartError::Broken)?;
        self.count(&piece)?;
        self.buffer.extend_from_slice(&piece);
        Ok(())
    }

    fn count(&mut self, piece: &Bytes) -> Result<(), MultipartError> {
        self.left = self.left.checked_sub(piece.len() as u64).ok_or(MultipartError::TooLarge)?;
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

/// For `__private`: the parts of a body that comes in pieces of a size, each as name, file name, media type and
/// content.
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
