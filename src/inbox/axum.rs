//! A route and an extractor for axum.
//!
//! [`callback_route`] is all that a service needs: it keeps what a provider sends, and answers. [`VerifiedCallback`] is
//! for an application that wants the event in its own handler, and does without the inbox's promises.
//!
//! ```
//! use std::sync::Arc;
//! use kyckit::{inbox::{Inbox, axum::callback_route}, storage::MemoryInbox, testkit::FakeProvider};
//!
//! let inbox = Arc::new(Inbox::new(MemoryInbox::new()));
//! let provider = Arc::new(FakeProvider::new("a secret"));
//! let app: axum::Router = axum::Router::new().route("/callback", callback_route(inbox, provider));
//! ```

use std::{fmt, sync::Arc};

use axum::{
    body::{Body, HttpBody},
    extract::{FromRef, FromRequest, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};

use super::{Inbox, MAX_BODY_BYTES, inbox::refusal_status, response_status};
use crate::{
    error::Error,
    server::{BodyLimits, Caller, HeldBody, Unread, axum::read},
    storage::InboxStore,
    verified::{Verified, Verifier},
};

/// Answers a provider's POST: verifies the raw body, keeps the event, and says 200 exactly when it is kept.
///
/// The statuses are those of [`response_status`], without a body; 405 for other methods. The body is read up to the
/// inbox's limit and no further, within the [`BodyLimits`], whose statuses are 408 and 503; a request without any of
/// the signed headers is refused before its body is read. A body under `Content-Encoding: gzip` is verified as it is
/// when that is undone. What waits is worked elsewhere, with [`Inbox::work`].
///
/// No layer in front may change the body: the provider signed its bytes.
pub fn callback_route<V, S, A>(inbox: Arc<Inbox<S>>, verifier: Arc<V>) -> MethodRouter<A>
where
    V: Verifier + ?Sized + 'static,
    S: InboxStore + 'static,
    A: Clone + Send + Sync + 'static,
{
    post(move |request: Request| async move {
        let (head, body) = request.into_parts();
        match signed_body(&*verifier, &head, body, inbox.body_limit()).await {
            Ok(body) => {
                response_status(&inbox.receive(&*verifier, &head.headers, &body).await).into_response()
            }
            Err(refusal) => refusal.into_response(),
        }
    })
}

/// Reads the body of a request that carries a signature; whether it fits shows with the body alone.
async fn signed_body<V: Verifier + ?Sized>(
    verifier: &V,
    head: &Parts,
    body: Body,
    max_bytes: usize,
) -> Result<HeldBody, Refusal> {
    let names = verifier.signed_headers();
    let is_announced_too_large = body.size_hint().lower() > u64::try_from(max_bytes).unwrap_or(u64::MAX);
    if !names.is_empty()
        && !is_announced_too_large
        && names.iter().all(|name| !head.headers.contains_key(*name))
        && let Err(error) = verifier.verify(&head.headers, &[])
    {
        return Err(Refusal::of(error));
    }
    let limits = BodyLimits::of(&head.extensions);
    read(&limits, Caller::Unknown, &head.headers, body, max_bytes).await.map_err(|unread| Refusal {
        error: unread.error().during(verifier.provider(), "receive"),
        unread: Some(unread),
    })
}

/// Extracts an event from a request whose signature fits; the verifier is an `Arc<V>` in the router's state.
///
/// It keeps nothing: the same event may come ten times, late, and out of order. [`callback_route`] is the better choice
/// unless the handler asks the provider each time.
///
/// Bodies up to [`MAX_BODY_BYTES`] are read.
///
/// ```
/// use std::sync::Arc;
/// use axum::{Router, routing::post};
/// use kyckit::{inbox::axum::VerifiedCallback, testkit::FakeProvider};
///
/// async fn callback(VerifiedCallback(event): VerifiedCallback<FakeProvider>) {
///     println!("{}", event.state);
/// }
///
/// let app: Router =
///     Router::new().route("/callback", post(callback)).with_state(Arc::new(FakeProvider::new("a secret")));
/// ```
pub struct VerifiedCallback<V: Verifier>(pub Verified<V::Event>);

impl<V: Verifier> fmt::Debug for VerifiedCallback<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VerifiedCallback").field(&self.0).finish()
    }
}

impl<V, A> FromRequest<A> for VerifiedCallback<V>
where
    V: Verifier + 'static,
    Arc<V>: FromRef<A>,
    A: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &A) -> Result<Self, Refusal> {
        let verifier = Arc::<V>::from_ref(state);
        let (head, body) = request.into_parts();
        let body = signed_body(&*verifier, &head, body, MAX_BODY_BYTES).await?;
        verifier.verify(&head.headers, &body).map(Self).map_err(Refusal::of)
    }
}

/// Why a request was refused. As a response it is a status as in [`response_status`] and no body; a handler that takes
/// `Result<VerifiedCallback<V>, Refusal>` can log the error.
#[derive(Debug)]
pub struct Refusal {
    error: Error,
    /// When the body was not read to its end.
    unread: Option<Unread>,
}

impl Refusal {
    fn of(error: Error) -> Self {
        Self { error, unread: None }
    }

    /// The error.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// The error.
    pub fn into_error(self) -> Error {
        self.error
    }

    fn status(&self) -> StatusCode {
        self.unread.map_or_else(|| refusal_status(&self.error), Unread::status)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let response = self.status().into_response();
        match self.unread {
            Some(unread) => unread.on(response),
            None => response,
        }
    }
}
