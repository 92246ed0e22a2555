//! Bytes to send that are too many to hold.

use std::{
    fmt, io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::{Bytes, BytesMut};
use futures_util::{
    StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::io::{AsyncRead, AsyncReadExt};

/// How much of a reader is held at a time.
const PIECE: usize = 64 * 1024;

/// The bytes of a file to be sent: in memory, or read while they are sent, a small piece at a time.
///
/// ```
/// use std::path::PathBuf;
/// use kyckit::transport::Upload;
///
/// # async fn run() -> std::io::Result<()> {
/// let path = PathBuf::from("passport.pdf");
/// let length = tokio::fs::metadata(&path).await?.len();
/// let upload = Upload::reopen(length, move || tokio::fs::File::open(path.clone()));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Upload {
    length: u64,
    source: Source,
}

type Pieces = BoxStream<'static, io::Result<Bytes>>;
type Reader = Pin<Box<dyn AsyncRead + Send>>;
type Open = dyn Fn() -> BoxFuture<'static, io::Result<Reader>> + Send + Sync;

#[derive(Clone)]
enum Source {
    Bytes(Bytes),
    Reopen(Arc<Open>),
    Once(Arc<Mutex<Option<Reader>>>),
}

impl Upload {
    /// Bytes that are there already.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { length: bytes.len() as u64, source: Source::Bytes(bytes) }
    }

    /// Bytes from a reader that is opened anew for every attempt, so that a call can be repeated as any other.
    pub fn reopen<F, R, O>(length: u64, open: O) -> Self
    where
        O: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = io::Result<R>> + Send + 'static,
        R: AsyncRead + Send + 'static,
    {
        let open = move || {
            let opening = open();
            let reader: BoxFuture<'static, _> = Box::pin(async move {
                let reader: Reader = Box::pin(opening.await?);
                Ok(reader)
            });
            reader
        };
        Self { length, source: Source::Reopen(Arc::new(open)) }
    }

    /// Bytes from a reader that can be read once only: the call is then sent once, also where another attempt would be
    /// safe.
    pub fn once(length: u64, reader: impl AsyncRead + Send + 'static) -> Self {
        Self { length, source: Source::Once(Arc::new(Mutex::new(Some(Box::pin(reader))))) }
    }

    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// False when the bytes were given away already and cannot be had again.
    pub(crate) fn can_replay(&self) -> bool {
        match &self.source {
            Source::Bytes(_) | Source::Reopen(_) => true,
            Source::Once(reader) => reader.lock().unwrap_or_else(PoisonError::into_inner).is_some(),
        }
    }

    /// The bytes from the start: exactly as many as were announced, or an error.
    pub(crate) fn pieces(&self) -> Pieces {
        let pieces: Pieces = match &self.source {
            Source::Bytes(bytes) => Box::pin(stream::unfold(bytes.clone(), |mut rest| async move {
                if rest.is_empty() {
                    return None;
                }
                let piece = rest.split_to(PIECE.min(rest.len()));
                Some((Ok(piece), rest))
            })),
            Source::Reopen(open) => {
                let opening = open();
                Box::pin(
                    stream::once(async move {
                        match opening.await {
                            Ok(reader) => read(reader),
                            Err(error) => Box::pin(stream::iter([Err(error)])) as Pieces,
                        }
                    })
                    .flatten(),
                )
            }
            Source::Once(reader) => match reader.lock().unwrap_or_else(PoisonError::into_inner).take() {
                Some(reader) => read(reader),
                None => Box::pin(stream::iter([Err(io::Error::other("the reader was read before"))])),
            },
        };
        exactly(pieces, self.length)
    }
}

fn read(reader: Reader) -> Pieces {
    Box::pin(stream::unfold(Some((reader, BytesMut::new())), |state| async move {
        let (mut reader, mut buffer) = state?;
        // What was split off is given back once it is sent, so that one piece is held and not the whole.
        buffer.reserve(PIECE);
        match reader.read_buf(&mut buffer).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(buffer.split().freeze()), Some((reader, buffer)))),
            Err(error) => Some((Err(error), None)),
        }
    }))
}

/// Ends in an error when there are fewer or more bytes than announced: the length was sent before them.
fn exactly(pieces: Pieces, length: u64) -> Pieces {
    let other = || io::Error::new(io::ErrorKind::InvalidData, "the file has another length than announced");
    Box::pin(stream::unfold(Some((pieces, length)), move |state| async move {
        let (mut pieces, left) = state?;
        match pieces.next().await {
            Some(Ok(piece)) => match left.checked_sub(piece.len() as u64) {
                Some(left) => Some((Ok(piece), Some((pieces, left)))),
                None => Some((Err(other()), None)),
            },
            Some(Err(error)) => Some((Err(error), None)),
            None if left == 0 => None,
            None => Some((Err(other()), None)),
        }
    }))
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({} bytes)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn whole(upload: &Upload) -> io::Result<Vec<u8>> {
        let mut whole = Vec::new();
        let mut pieces = upload.pieces();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            assert!(!piece.is_empty() && piece.len() <= 2 * PIECE);
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    #[tokio::test]
    async fn every_source_gives_its_bytes_and_two_of_three_again() {
        for length in [0, 1, PIECE, PIECE + 1, 3 * PIECE] {
            let content = content(length);
            let of = content.clone();
            let reopened = Upload::reopen(length as u64, move || {
                let of = of.clone();
                async move { Ok(io::Cursor::new(of)) }
            });
            let once = Upload::once(length as u64, io::Cursor::new(content.clone()));
            for upload in [Upload::bytes(content.clone()), reopened] {
                assert_eq!(whole(&upload).await.expect("bytes"), content);
                assert!(upload.can_replay());
                assert_eq!(whole(&upload).await.expect("bytes"), content);
            }
            assert!(once.can_replay());
            assert_eq!(whole(&once).await.expect("bytes"), content);
            assert!(!once.can_replay());
            assert!(whole(&once).await.is_err());
        }
    }

    #[tokio::test]
    async fn another_length_than_announced_is_an_error() {
        for length in [99, 101] {
            let upload = Upload::once(length, io::Cursor::new(content(100)));
            assert_eq!(whole(&upload).await.expect_err("refused").kind(), io::ErrorKind::InvalidData);
        }
        let upload = Upload::reopen(1, || async { Err::<tokio::io::Empty, _>(io::Error::other("gone")) });
        assert_eq!(whole(&upload).await.expect_err("refused").to_string(), "gone");
    }
}
