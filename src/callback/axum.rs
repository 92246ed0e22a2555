//! A route and an extractor for axum.
//!
//! [`callback_route`] is all that a service needs: it keeps what a provider sends, and answers. [`VerifiedCallback`] is
//! for an application that wants the event in its own handler, and does without the inbox's promises.
//!
//! ```
//! use std::sync::Arc;
//! use kyckit::callback::{Inbox, MemoryInbox, axum::callback_route, testkit::FakeProvider};
//!
//! let inbox = Arc::new(Inbox::new(MemoryInbox::new()));
//! let provider = Arc::new(FakeProvider::new("a secret"));
//! let app: axum::Router = axum::Router::new().route("/callback", callback_route(inbox, provider));
//! ```

use std::{fmt, sync::Arc};

use axum::{
    body::{Body, HttpBody},
    extract::{FromRef, FromRequest, Request},
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use bytes::Bytes;
use futures_util::StreamExt;

use super::{BODY_LIMIT, Inbox, InboxStore, Verified, Verifier, answer_status, inbox::refusal_status};
use crate::error::{Error, ErrorKind};

/// Answers a provider's POST: verifies the raw body, keeps the event, and says 200 exactly when it is kept.
///
/// The statuses are those of [`answer_status`], without a body; 405 for other methods. The body is read up to the
/// inbox's limit and no further. What waits is worked elsewhere, with [`Inbox::work`].
///
/// No layer in front may change the body: the provider signed its bytes. How long a slow sender may take is the server's
/// to limit.
pub fn callback_route<V, S, A>(inbox: Arc<Inbox<S>>, verifier: Arc<V>) -> MethodRouter<A>
where
    V: Verifier + ?Sized + 'static,
    S: InboxStore + 'static,
    A: Clone + Send + Sync + 'static,
{
    post(move |request: Request| async move {
        let (head, body) = request.into_parts();
        let result = match read(body, inbox.body_limit()).await {
            Ok(body) => inbox.receive(&*verifier, &head.headers, &body).await,
            Err(error) => Err(error.during(verifier.provider(), "receive")),
        };
        answer_status(&result)
    })
}

/// Extracts an event from a request whose signature fits; the verifier is an `Arc<V>` in the router's state.
///
/// It keeps nothing: the same event may come ten times, late, and out of order. [`callback_route`] is the better choice
/// unless the handler asks the provider each time.
///
/// Bodies up to [`BODY_LIMIT`] are read.
///
/// ```
/// use std::sync::Arc;
/// use axum::{Router, routing::post};
/// use kyckit::callback::{axum::VerifiedCallback, testkit::FakeProvider};
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
        let body = read(body, BODY_LIMIT)
            .await
            .map_err(|error| Refusal(error.during(verifier.provider(), "receive")))?;
        verifier.verify(&head.headers, &body).map(Self).map_err(Refusal)
    }
}

/// Why a request was refused. As a response it is a status as in [`answer_status`] and no body; a handler that takes
/// `Result<VerifiedCallback<V>, Refusal>` can log the error.
#[derive(Debug)]
pub struct Refusal(Error);

impl Refusal {
    /// The error.
    pub fn error(&self) -> &Error {
        &self.0
    }

    /// The error.
    pub fn into_error(self) -> Error {
        self.0
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        refusal_status(&self.0).into_response()
    }
}

/// Reads at most `limit` bytes; a length that is announced as more is refused before any is read.
async fn read(body: Body, limit: usize) -> Result<Bytes, Error> {
    let too_large = || Error::new(ErrorKind::TooLarge, "the body is longer than the limit");
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    let mut stream = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(chunk) = stream.next().await {
        // The text of the cause may quote the request.
        let chunk = chunk.map_err(|_| Error::new(ErrorKind::InvalidRequest, "the body broke off"))?;
        if chunk.len() > limit - whole.len() {
            return Err(too_large());
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}
