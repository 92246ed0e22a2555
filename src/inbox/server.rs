//! Webhook endpoint: receives what a provider posts into an inbox.
//!
//! ```
//! use std::sync::Arc;
//! use kyckit::{inbox::{Inbox, server::webhook}, storage::MemoryInbox, testkit::FakeProvider};
//!
//! let inbox = Arc::new(Inbox::new(MemoryInbox::new()));
//! let service = webhook(inbox, Arc::new(FakeProvider::new("a secret")))
//!     .on_rejected(|error| eprintln!("{error}; {}", error.diagnosis().join("; ")));
//! # #[cfg(feature = "axum")]
//! let app: axum::Router = axum::Router::new().route_service("/webhook", service);
//! ```

use std::{fmt, sync::Arc};

use http::{Method, StatusCode, request::Parts};

use super::{Inbox, inbox::refusal_status};
use crate::{
    error::Error,
    server::{Caller, Endpoint, HeldBody, HttpService, Rejection, Reply, RequestBody, empty},
    storage::InboxStore,
    verified::Verifier,
};

/// Creates the service that answers a provider's POST: it verifies the raw body, stores the event, and responds with 200
/// exactly when the event is stored.
///
/// The statuses are those of [`response_status`](super::response_status), without a body; 405 for other methods. The body
/// is read up to the inbox's limit and no further, within the [`BodyLimits`](crate::server::BodyLimits), which answer with
/// 408 and 503; a request without any of the signed headers is refused before its body is read. A body under
/// `Content-Encoding: gzip` is verified as it is when that is undone. What waits is worked elsewhere, with
/// [`Inbox::work`].
///
/// No layer in front may change the body: the provider signed its bytes.
#[doc(alias = "callback")]
pub fn webhook<S, V>(inbox: Arc<Inbox<S>>, verifier: Arc<V>) -> HttpService<Webhook<S, V>>
where
    S: InboxStore + 'static,
    V: Verifier + ?Sized + 'static,
{
    HttpService::new(Webhook { inbox, verifier })
}

/// The endpoint of [`webhook`].
pub struct Webhook<S, V: ?Sized> {
    inbox: Arc<Inbox<S>>,
    verifier: Arc<V>,
}

impl<S, V: ?Sized> fmt::Debug for Webhook<S, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("inbox", &self.inbox).finish_non_exhaustive()
    }
}

impl<S, V> Endpoint for Webhook<S, V>
where
    S: InboxStore + 'static,
    V: Verifier + ?Sized + 'static,
{
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn serve(&self, head: Parts, body: RequestBody) -> Result<Reply, Rejection> {
        if head.method != Method::POST {
            return Err(Rejection::method_not_allowed("POST"));
        }
        let body = signed_body(&*self.verifier, &head, body, self.inbox.body_limit()).await?;
        let received = self.inbox.receive(&*self.verifier, &head.headers, &body).await;
        received.map(|_| empty(StatusCode::OK)).map_err(rejected)
    }
}

/// Reads the body of a request that carries a signature; whether it fits shows with the body alone.
pub(super) async fn signed_body<V: Verifier + ?Sized>(
    verifier: &V,
    head: &Parts,
    body: RequestBody,
    max_bytes: usize,
) -> Result<HeldBody, Rejection> {
    let names = verifier.signed_headers();
    let is_announced_too_large = body.announced_bytes() > u64::try_from(max_bytes).unwrap_or(u64::MAX);
    if !names.is_empty()
        && !is_announced_too_large
        && names.iter().all(|name| !head.headers.contains_key(*name))
        && let Err(error) = verifier.verify(&head.headers, &[])
    {
        return Err(rejected(error));
    }
    body.read(Caller::Unknown, &head.headers, max_bytes).await.map_err(|unread| {
        Rejection::new(unread.on(Reply::default()), unread.error().during(verifier.provider(), "receive"))
    })
}

pub(super) fn rejected(error: Error) -> Rejection {
    Rejection::with_status(refusal_status(&error), error)
}
