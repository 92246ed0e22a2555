//! The Session URL for axum.

use std::sync::Arc;

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    routing::{MethodRouter, post},
};
use bytes::Bytes;
use futures_util::StreamExt;

use super::{BODY_LIMIT, Sessions, answer};
use crate::{
    callback::OneTimeStore,
    error::{Error, ErrorKind},
    maya::PROVIDER,
};

/// Serves the Session URL: POST keeps the tokens and answers with a `sessionId`, as [`answer`] says; 405 for other
/// methods. The body is read up to [`BODY_LIMIT`] and no further. Nothing else happens before the answer.
///
/// ```
/// use std::sync::Arc;
/// use kyckit::{callback::MemoryOneTime, maya::session::{Sessions, axum::session_route}};
///
/// let sessions = Arc::new(Sessions::new(MemoryOneTime::new()));
/// // Nothing authenticates a push, so the path is a secret shared with Maya.
/// let app: axum::Router = axum::Router::new().route("/maya/7bK2vX9q/session", session_route(sessions));
/// ```
pub fn session_route<S, A>(sessions: Arc<Sessions<S>>) -> MethodRouter<A>
where
    S: OneTimeStore + 'static,
    A: Clone + Send + Sync + 'static,
{
    post(move |request: Request| async move {
        let (head, body) = request.into_parts();
        let received = match read(body).await {
            Ok(body) => sessions.receive(&head.headers, &body).await,
            Err(error) => Err(error.during(PROVIDER, "receive_session")),
        };
        answer(&received)
    })
}

/// Reads a body up to the limit; a length that is announced as more is refused before any is read.
async fn read(body: Body) -> Result<Bytes, Error> {
    let too_large = || Error::new(ErrorKind::TooLarge, "the push is longer than the limit");
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(too_large());
    }
    let mut pieces = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await {
        // The text of the cause may quote the request.
        let piece = piece.map_err(|_| Error::new(ErrorKind::Decode, "the push broke off"))?;
        if piece.len() > BODY_LIMIT - whole.len() {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}
