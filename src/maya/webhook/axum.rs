//! The Session URL for axum.

use std::sync::Arc;

use axum::{
    extract::Request,
    response::IntoResponse,
    routing::{MethodRouter, post},
};

use super::{BODY_LIMIT, Sessions, answer};
use crate::{
    inbox::OneTimeStore,
    server::{BodyLimits, Caller, axum::read},
};

/// Serves the Session URL: POST keeps the tokens and answers with a `sessionId`, as [`answer`] says; 405 for other
/// methods. The body is read up to [`BODY_LIMIT`] and no further, within the [`BodyLimits`]: 413, 408 and 503 say that it
/// was not. Nothing else happens before the answer.
///
/// ```
/// use std::sync::Arc;
/// use kyckit::{inbox::MemoryOneTime, maya::webhook::{Sessions, axum::session_route}};
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
        let limits = BodyLimits::of(&head.extensions);
        match read(&limits, Caller::Unknown, &head.headers, body, BODY_LIMIT).await {
            Ok(body) => answer(&sessions.receive(&head.headers, &body).await).into_response(),
            Err(unread) => unread.into_response(),
        }
    })
}
