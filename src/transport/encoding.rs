//! Taking content encodings off a response, under every name that HTTP has for them.

use std::io::Write as _;

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};

use super::ByteStream;
use crate::error::{Effect, Error, ErrorKind};

/// How much is decoded at a time. A byte becomes a thousand at the most, so no more than a MiB is held, whatever comes.
const PIECE: usize = 1024;

/// Decodes a body that is `gzip` by its headers, and takes the headers away that were about the encoded form. Names of
/// encodings know no case, and `x-gzip` is `gzip` (RFC 9110, section 8.4.1). A body may hold several members, one behind
/// the other (RFC 1952, section 2.2). Other encodings were not asked for, and stay.
pub(super) fn undo(headers: &mut HeaderMap, body: ByteStream<Error>) -> ByteStream<Error> {
    let mut named = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let is_gzip = |name: &[u8]| {
        let name = name.trim_ascii();
        name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip")
    };
    if !named.next().is_some_and(is_gzip) || named.next().is_some() {
        return body;
    }
    drop(named);
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    ByteStream::new(futures_util::stream::unfold(
        Some(State { body, encoded: Bytes::new(), decoder: None }),
        |state| async {
            let mut state = state?;
            match state.next().await {
                Ok(Some(piece)) => Some((Ok(piece), Some(state))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        },
    ))
}

struct State {
    body: ByteStream<Error>,
    encoded: Bytes,
    /// None before the first byte: a response without a body names its encoding too.
    decoder: Option<MultiGzDecoder<Vec<u8>>>,
}

impl State {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if self.encoded.is_empty() {
                match self.body.next().await.transpose()? {
                    Some(piece) => self.encoded = piece,
                    None => return self.finish(),
                }
                continue;
            }
            let piece = self.encoded.split_to(PIECE.min(self.encoded.len()));
            let decoder = self.decoder.get_or_insert_with(|| MultiGzDecoder::new(Vec::new()));
            decoder.write_all(&piece).map_err(garbled)?;
            decoder.flush().map_err(garbled)?;
            if !decoder.get_ref().is_empty() {
                return Ok(Some(std::mem::take(decoder.get_mut()).into()));
            }
        }
    }

    fn finish(&mut self) -> Result<Option<Bytes>, Error> {
        let Some(decoder) = self.decoder.take() else { return Ok(None) };
        let rest = decoder.finish().map_err(garbled)?;
        Ok((!rest.is_empty()).then(|| rest.into()))
    }
}

fn garbled(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Interrupted, "the answer was cut off or garbled")
        .with_effect(Effect::Unknown)
        .with_source(error)
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};
    use futures_util::stream;
    use http::HeaderValue;

    use super::*;

    fn member(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("in memory");
        encoder.finish().expect("in memory")
    }

    async fn undone(
        encoding: &'static str,
        body: &[u8],
        piece: usize,
    ) -> (HeaderMap, Result<Vec<u8>, Error>) {
        let mut headers = HeaderMap::from_iter([
            (CONTENT_ENCODING, HeaderValue::from_static(encoding)),
            (CONTENT_LENGTH, HeaderValue::from(body.len())),
        ]);
        let pieces: Vec<_> = body.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let mut body = undo(&mut headers, ByteStream::new(stream::iter(pieces)));
        let mut whole = Vec::new();
        while let Some(piece) = body.next().await {
            match piece {
                Ok(piece) => whole.extend_from_slice(&piece),
                Err(error) => return (headers, Err(error)),
            }
        }
        (headers, Ok(whole))
    }

    #[tokio::test]
    async fn every_name_and_several_members_are_decoded() {
        let text = br#"{"a":1,"b":"a longer text, a longer text, a longer text"}"#;
        let two = [member(&text[..20]), member(&text[20..])].concat();
        for name in ["gzip", "GZIP", "x-gzip", "X-Gzip", " gzip "] {
            for body in [member(text), two.clone()] {
                for piece in [1, 7, 4096] {
                    let (headers, whole) = undone(name, &body, piece).await;
                    assert_eq!(whole.expect(name), text, "{name} in pieces of {piece}");
                    assert!(headers.is_empty(), "what was said of the encoded form is gone");
                }
            }
        }
        let large = vec![7; 3_000_000];
        assert_eq!(undone("gzip", &member(&large), 100_000).await.1.expect("large"), large);
    }

    #[tokio::test]
    async fn what_is_not_gzip_stays_and_what_is_cut_off_is_an_error() {
        for name in ["identity", "br", "gzip, gzip", "deflate"] {
            let (headers, whole) = undone(name, b"as it is", 3).await;
            assert_eq!(whole.expect(name), b"as it is");
            assert!(headers.contains_key(CONTENT_ENCODING));
        }
        assert_eq!(undone("gzip", b"", 1).await.1.expect("nothing"), b"");
        let whole = member(b"some text");
        for cut in [1, 9, 12, whole.len() - 1] {
            let error = undone("gzip", &whole[..cut], 4).await.1.expect_err("cut off");
            assert_eq!(
                (error.kind(), error.may_have_taken_effect()),
                (ErrorKind::Interrupted, true),
                "{cut}"
            );
        }
        assert!(undone("gzip", b"<html>not gzip", 4).await.1.is_err());
    }
}
