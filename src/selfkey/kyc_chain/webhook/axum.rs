//! The webhook for axum.

use axum::{
    extract::Request,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};

use super::{ANSWER, MAX_BODY_BYTES, StatusHint};
use crate::{
    error::Error,
    server::{BodyLimits, Caller, axum::read},
};

/// Serves the webhook: reads the hint, hands it to the application, and answers 200 with `{"status":"ok"}`. What is no
/// hint is answered with 400, a body beyond [`MAX_BODY_BYTES`] with 413, beyond the [`BodyLimits`] with 408 or 503, and
/// 500 says that the handler failed, so that it may come again.
///
/// The handler should only note the hint, such as in a queue: whoever knows the URL can call it. Give it a path that
/// cannot be guessed.
///
/// ```
/// use kyckit::selfkey::kyc_chain::webhook::{
///     StatusHint, axum::webhook_route,
/// };
///
/// let app: axum::Router = axum::Router::new().route(
///     "/kycc/7bK2vX9q",
///     webhook_route(|hint: StatusHint| async move {
///         println!("look at {} again", hint.application_id);
///         Ok(())
///     }),
/// );
/// ```
pub fn webhook_route<H, F, A>(handler: H) -> MethodRouter<A>
where
    H: Fn(StatusHint) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<(), Error>> + Send + 'static,
    A: Clone + Send + Sync + 'static,
{
    post(move |request: Request| async move {
        let (head, body) = request.into_parts();
        let limits = BodyLimits::of(&head.extensions);
        let hint = match read(&limits, Caller::Unknown, &head.headers, body, MAX_BODY_BYTES).await {
            Ok(body) => StatusHint::read(&body),
            Err(unread) => return unread.into_response(),
        };
        respond(match hint {
            Ok(hint) => handler(hint).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR),
            Err(_) => Err(StatusCode::BAD_REQUEST),
        })
    })
}

fn respond(handled: Result<(), StatusCode>) -> Response {
    match handled {
        Ok(()) => ([(CONTENT_TYPE, "application/json")], ANSWER).into_response(),
        Err(status) => status.into_response(),
    }
}
