//! A request's body that waits to be read, once it is known by whom and how much of it is needed.

use bytes::Bytes;
use futures_util::{
    StreamExt,
    future::{self, Either},
    stream::{self, BoxStream},
};

use super::rejection::Rejection;
use crate::{
    server::{BodyLimits, Caller, HeldBody},
    transport::Body,
};

/// The maximum size of a body with a message, a payment, a status or a name.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Pieces of an upload have a timeout each; all of them together have this many times as long.
const UPLOAD_TIMEOUTS: u32 = 60;

/// A body that waits to be read.
pub(super) struct RequestBody {
    pub(super) body: Body,
    pub(super) limits: BodyLimits,
}

impl RequestBody {
    /// The whole of it.
    pub(super) async fn read(self, caller: Caller, max_bytes: usize) -> Result<HeldBody, Rejection> {
        let read = match self.body {
            Body::Empty => Ok(HeldBody::in_memory(Bytes::new())),
            Body::Bytes(bytes) if bytes.len() > max_bytes => {
                return Err(Rejection::unread(crate::server::Unread::TooLarge));
            }
            Body::Bytes(bytes) => Ok(HeldBody::in_memory(bytes)),
            Body::Stream { length, chunks } => {
                self.limits.read(caller, length.unwrap_or(0), chunks, max_bytes).await
            }
        };
        read.map_err(Rejection::unread)
    }

    /// The few texts of a holder.
    pub(super) async fn texts(self) -> Result<HeldBody, Rejection> {
        self.read(Caller::Authenticated, MAX_TEXT_BYTES).await
    }

    /// Piece by piece, each within the read timeout and all within a multiple of it.
    pub(super) fn into_pieces(self) -> BoxStream<'static, std::io::Result<Bytes>> {
        let chunks = match self.body {
            Body::Empty => return stream::empty().boxed(),
            Body::Bytes(bytes) => return stream::iter([Ok(bytes)]).boxed(),
            Body::Stream { chunks, .. } => chunks,
        };
        let timeout = self.limits.piece_timeout();
        let end =
            Box::pin(tokio::time::timeout(timeout.saturating_mul(UPLOAD_TIMEOUTS), future::pending::<()>()));
        let pieces = stream::unfold(Some((chunks, end)), move |state| async move {
            let (mut chunks, mut end) = state?;
            let next = Box::pin(tokio::time::timeout(timeout, chunks.next()));
            let piece = match future::select(&mut end, next).await {
                Either::Right((Ok(piece), _)) => piece,
                _ => return Some((Err(std::io::ErrorKind::TimedOut.into()), None)),
            };
            Some((piece?, Some((chunks, end))))
        });
        pieces.boxed()
    }
}
