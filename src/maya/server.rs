//! Session URL: the endpoint to which Maya pushes a customer's tokens.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, request::Parts};

use super::webhook::{BODY_LIMIT, Sessions, answer};
use crate::{
    server::{Caller, Endpoint, HttpService, Rejection, Reply, RequestBody},
    storage::OneTimeStore,
};

/// Creates the service of the Session URL: POST keeps the tokens and responds with a `sessionId`, as [`answer`] says; 405
/// for other methods. The body is read up to [`BODY_LIMIT`] and no further, within the
/// [`BodyLimits`](crate::server::BodyLimits): 413, 408 and 503 say that it was not. Nothing else happens before the
/// response.
///
/// ```
/// use std::sync::Arc;
/// use kyckit::{maya::{server::session, webhook::Sessions}, storage::MemoryOneTime};
///
/// let service = session(Arc::new(Sessions::new(MemoryOneTime::new())));
/// // Nothing authenticates a push, so the path is a secret shared with Maya.
/// # #[cfg(feature = "axum")]
/// let app: axum::Router = axum::Router::new()
///     .route_service("/maya/7bK2vX9q/session", service);
/// ```
#[doc(alias = "session url")]
pub fn session<S>(sessions: Arc<Sessions<S>>) -> HttpService<SessionUrl<S>>
where
    S: OneTimeStore + 'static,
{
    HttpService::new(SessionUrl { sessions })
}

/// The endpoint of [`session`].
pub struct SessionUrl<S> {
    sessions: Arc<Sessions<S>>,
}

crate::privacy::redacted_debug!(<S> SessionUrl<S> { .. });

impl<S: OneTimeStore + 'static> Endpoint for SessionUrl<S> {
    fn name(&self) -> &'static str {
        "session"
    }

    async fn serve(&self, head: Parts, body: RequestBody) -> Result<Reply, Rejection> {
        if head.method != Method::POST {
            return Err(Rejection::method_not_allowed("POST"));
        }
        let body = body.read(Caller::Unknown, &head.headers, BODY_LIMIT).await?;
        let received = self.sessions.receive(&head.headers, &body).await;
        let reply = answer(&received).map(Bytes::from);
        match received {
            Ok(_) => Ok(reply),
            Err(error) => Err(Rejection::new(reply, error)),
        }
    }
}
