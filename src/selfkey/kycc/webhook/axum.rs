//! The webhook for axum.

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use bytes::Bytes;
use futures_util::StreamExt;

use super::{ANSWER, BODY_LIMIT, StatusHint};
use crate::error::{Error, ErrorKind};

/// Serves the webhook: reads the hint, hands it to the application, and answers 200 with `{"status":"ok"}`. What is no
/// hint is answered with 400, a body beyond [`BODY_LIMIT`] with 413, and 500 says that the handler failed, so that it
/// may come again.
///
/// The handler should only note the hint, such as in a queue: whoever knows the URL can call it. Give it a path that
/// nobody guesses.
///
/// ```
/// use kyckit::selfkey::kycc::webhook::{StatusHint, axum::webhook_route};
///
/// let app: axum::Router = axum::Router::new().route("/kycc/7bK2vX9q", webhook_route(|hint: StatusHint| async move {
///     println!("look at {} again", hint.application_id);
///     Ok(())
/// }));
/// ```
pub fn webhook_route<H, F, A>(handler: H) -> MethodRouter<A>
where
    H: Fn(StatusHint) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<(), Error>> + Send + 'static,
    A: Clone + Send + Sync + 'static,
{
    post(move |request: Request| async move {
        let hint = match read(request.into_body()).await {
            Ok(body) => StatusHint::read(&body),
            Err(error) => Err(error),
        };
        let handled = match hint {
            Ok(hint) => handler(hint).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR),
            Err(error) if error.kind() == ErrorKind::TooLarge => Err(StatusCode::PAYLOAD_TOO_LARGE),
            Err(_) => Err(StatusCode::BAD_REQUEST),
        };
        answer(handled)
    })
}

fn answer(handled: Result<(), StatusCode>) -> Response {
    match handled {
        Ok(()) => ([(CONTENT_TYPE, "application/json")], ANSWER).into_response(),
        Err(status) => status.into_response(),
    }
}

/// Reads a body up to the limit; a length that is announced as more is refused before any is read.
async fn read(body: Body) -> Result<Bytes, Error> {
    let too_large = || Error::new(ErrorKind::TooLarge, "the body is longer than the limit");
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(too_large());
    }
    let mut pieces = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await {
        // The text of the cause may quote the request.
        let piece = piece.map_err(|_| Error::new(ErrorKind::Decode, "the body broke off"))?;
        if piece.len() > BODY_LIMIT - whole.len() {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}
