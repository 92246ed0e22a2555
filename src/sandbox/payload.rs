//! The body of a response: bytes, or a pattern that is never held in memory as a whole.

use std::{
    convert::Infallible,
    io::Write as _,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The size of a repeated piece.
const PIECE: usize = 64 * 1024;

/// What a response carries.
#[derive(Debug)]
pub(crate) struct Payload {
    /// What comes next, in this order: head, then the piece so many times, then tail.
    head: Option<Bytes>,
    piece: Bytes,
    times: Times,
    tail: Option<Bytes>,
    /// The length that is announced; `None` sends chunks without one.
    length: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Left(u64),
    Endless,
}

impl Payload {
    /// Bytes as they are.
    pub(crate) fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes: Bytes = bytes.into();
        Self {
            length: Some(bytes.len() as u64),
            head: (!bytes.is_empty()).then_some(bytes),
            piece: Bytes::new(),
            times: Times::Left(0),
            tail: None,
        }
    }

    /// The bytes in front, then zeros, `length` in all; it is announced.
    pub(crate) fn padded(front: Bytes, length: u64) -> Self {
        let padding = length.saturating_sub(front.len() as u64);
        let mut payload = Self::of(b'\0', padding);
        payload.length = Some(padding + front.len() as u64);
        payload.head = Some(front);
        payload
    }

    /// So many blanks, in chunks, so that the length is not announced.
    pub(crate) fn blanks(length: u64) -> Self {
        Self::of(b' ', length)
    }

    /// Blanks without end.
    pub(crate) fn endless() -> Self {
        Self { times: Times::Endless, tail: None, ..Self::of(b' ', 0) }
    }

    fn of(byte: u8, length: u64) -> Self {
        let piece = PIECE as u64;
        // The remainder is smaller than a piece, so it fits.
        let rest = (length % piece) as usize;
        Self {
            head: None,
            piece: Bytes::from(vec![byte; PIECE]),
            times: Times::Left(length / piece),
            tail: (rest > 0).then(|| Bytes::from(vec![byte; rest])),
            length: None,
        }
    }

    /// A gzip file (RFC 1952) that inflates to blanks: `inflated` bytes, rounded up to whole MiB. About a thousandth of
    /// that is sent, and next to nothing is held: one compressed piece is repeated, since a full flush makes it
    /// independent of what went before.
    pub(crate) fn gzip_bomb(inflated: u64) -> Self {
        const MIB: usize = 1 << 20;
        let times = inflated.div_ceil(MIB as u64).max(1);
        let blanks = vec![b' '; MIB];
        let mut piece_sum = flate2::Crc::new();
        piece_sum.update(&blanks);
        let mut sum = flate2::Crc::new();
        for _ in 0..times {
            sum.combine(&piece_sum);
        }
        let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        // Writing into memory does not fail; a flush ends the block at a byte's edge.
        let _ = deflate.write_all(&blanks).and_then(|()| deflate.flush());
        let piece = std::mem::take(deflate.get_mut());
        // An empty last block, then the sum and the length modulo 2³².
        let mut tail = vec![0x03, 0x00];
        tail.extend_from_slice(&sum.sum().to_le_bytes());
        tail.extend_from_slice(&((times * MIB as u64) as u32).to_le_bytes());
        Self {
            head: Some(Bytes::from_static(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])),
            piece: Bytes::from(piece),
            times: Times::Left(times),
            tail: Some(Bytes::from(tail)),
            length: None,
        }
    }

    /// The announced length.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match (self.head.take(), self.times) {
            (Some(head), _) => Some(head),
            (None, Times::Endless) => Some(self.piece.clone()),
            (None, Times::Left(0)) => self.tail.take(),
            (None, Times::Left(left)) => {
                self.times = Times::Left(left - 1);
                Some(self.piece.clone())
            }
        };
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.head.is_none() && self.times == Times::Left(0) && self.tail.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn collect(mut payload: Payload) -> Vec<u8> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut all = Vec::new();
        while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut payload).poll_frame(&mut context) {
            all.extend_from_slice(frame.data_ref().expect("data"));
        }
        assert!(payload.is_end_stream());
        all
    }

    #[test]
    fn lengths_are_kept_to_the_byte() {
        assert_eq!(collect(Payload::new("abc")), b"abc");
        assert!(collect(Payload::new("")).is_empty());
        assert_eq!(collect(Payload::blanks(PIECE as u64 * 2 + 5)).len(), PIECE * 2 + 5);
        let padded = Payload::padded(Bytes::from_static(b"PNG"), 1_000_000);
        assert_eq!(padded.length(), Some(1_000_000));
        let bytes = collect(padded);
        assert_eq!((bytes.len(), &bytes[..4]), (1_000_000, b"PNG\0".as_slice()));
    }

    #[test]
    fn a_bomb_is_a_valid_gzip_file() {
        let bomb = collect(Payload::gzip_bomb(3 << 20));
        assert!(bomb.len() < 16 * 1024, "{}", bomb.len());
        let mut inflated = Vec::new();
        // The decoder checks sum and length at the end.
        flate2::read::GzDecoder::new(bomb.as_slice()).read_to_end(&mut inflated).expect("valid");
        assert_eq!(inflated.len(), 3 << 20);
        assert!(inflated.iter().all(|byte| *byte == b' '));
    }
}
