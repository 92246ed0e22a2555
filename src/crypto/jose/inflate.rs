//! `zip: DEF` (RFC 7516 section 4.1.3): raw DEFLATE (RFC 1951) under a limit.
//!
//! josekit inflates whatever there is to inflate: 87 kB became 64 MiB.

use std::io;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use josekit::jwe::JweCompression;
use zeroize::Zeroizing;

/// Why a text was not inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Not a complete stream with nothing behind it.
    Broken,
    /// It would be longer than the limit.
    TooLarge,
}

/// Inflates to at most `limit` bytes; no more than one byte beyond is ever produced.
pub(super) fn inflate(deflated: &[u8], limit: usize) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    const STEP: usize = 16 * 1024;
    let mut stream = Decompress::new(false);
    let mut text = Zeroizing::new(Vec::new());
    let mut buffer = Zeroizing::new([0; STEP]);
    loop {
        // The counters start at zero and stay below the lengths of the slices.
        let read = stream.total_in() as usize;
        let before = stream.total_out();
        let available = STEP.min(limit + 1 - text.len());
        let status = stream
            .decompress(&deflated[read..], &mut buffer[..available], FlushDecompress::None)
            .map_err(|_| Refusal::Broken)?;
        let made = (stream.total_out() - before) as usize;
        text.extend_from_slice(&buffer[..made]);
        if text.len() > limit {
            return Err(Refusal::TooLarge);
        }
        match status {
            Status::StreamEnd if stream.total_in() as usize == deflated.len() => return Ok(text),
            Status::StreamEnd => return Err(Refusal::Broken),
            Status::Ok | Status::BufError if made > 0 || stream.total_in() as usize > read => {}
            // Nothing more goes in or comes out and the stream has not ended: it is cut off.
            Status::Ok | Status::BufError => return Err(Refusal::Broken),
        }
    }
}

/// Deflates.
pub(super) fn deflate(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = Compress::new(Compression::default(), false);
    let mut deflated = Vec::with_capacity(text.len() / 2 + 64);
    loop {
        let read = stream.total_in() as usize;
        match stream.compress_vec(&text[read..], &mut deflated, FlushCompress::Finish)? {
            Status::StreamEnd => return Ok(deflated),
            Status::Ok | Status::BufError => deflated.reserve(deflated.capacity().max(64)),
        }
    }
}

/// What josekit is given for `DEF`. When opening it hands the bytes through: they are inflated behind josekit, where
/// the limit is known and where a refusal keeps its reason.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deflate;

impl JweCompression for Deflate {
    fn name(&self) -> &str {
        "DEF"
    }

    fn compress(&self, message: &[u8]) -> io::Result<Vec<u8>> {
        deflate(message)
    }

    fn decompress(&self, message: &[u8]) -> io::Result<Vec<u8>> {
        Ok(message.to_vec())
    }

    fn box_clone(&self) -> Box<dyn JweCompression> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn what_was_deflated_inflates_up_to_the_limit(text in proptest::collection::vec(any::<u8>(), 0..40_000)) {
            let deflated = deflate(&text).expect("deflated");
            let inflated = inflate(&deflated, text.len()).expect("inflated");
            prop_assert_eq!(inflated.as_slice(), text.as_slice());
            if let Some(limit) = text.len().checked_sub(1) {
                prop_assert_eq!(inflate(&deflated, limit).err(), Some(Refusal::TooLarge));
            }
        }

        #[test]
        fn any_bytes_inflate_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
            if let Ok(text) = inflate(&bytes, 1_000) {
                prop_assert!(text.len() <= 1_000);
            }
        }
    }

    #[test]
    fn a_stream_is_complete_and_alone() {
        let whole = deflate(&[b'a'; 100_000]).expect("deflated");
        assert_eq!(inflate(&whole, 100_000).map(|text| text.len()), Ok(100_000));
        for length in 0..whole.len() {
            assert_eq!(inflate(&whole[..length], 100_000).err(), Some(Refusal::Broken), "{length}");
        }
        assert_eq!(inflate(&[&whole[..], b"x"].concat(), 100_000).err(), Some(Refusal::Broken));
        // RFC 1950's header in front, as some peers write it, is not DEF.
        assert_eq!(inflate(b"\x78\x9c\x4b\x04\x00\x00\x62\x00\x62", 100).err(), Some(Refusal::Broken));
    }
}
