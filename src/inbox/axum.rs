//! An extractor for axum. The endpoint that stores events is [`server::webhook`](super::server::webhook).

use std::{fmt, sync::Arc};

use axum::extract::{FromRef, FromRequest, Request};

use super::{
    MAX_BODY_BYTES,
    server::{rejected, signed_body},
};
use crate::{
    server::{BodyLimits, Rejection, RequestBody, Served},
    verified::{Verified, Verifier},
};

/// Extracts an event from a request with a signature that fits; the verifier is an `Arc<V>` in the router's state.
///
/// It keeps nothing: the same event may come ten times, late, and out of order. [`webhook`](super::server::webhook) is the
/// better choice unless the handler asks the provider each time.
///
/// Bodies up to [`MAX_BODY_BYTES`] are read. A refusal is a status as in [`response_status`](super::response_status) and
/// no body; a handler that takes `Result<VerifiedCallback<V>, Rejection>` can log the error.
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
/// let provider = Arc::new(FakeProvider::new("a secret"));
/// let app: Router = Router::new().route("/callback", post(callback)).with_state(provider);
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
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &A) -> Result<Self, Rejection> {
        let verifier = Arc::<V>::from_ref(state);
        let (head, body) = request.into_parts();
        let body = RequestBody::new(body, BodyLimits::of(&head.extensions));
        let served = Served::new("webhook");
        let read = served.within(signed_body(&*verifier, &head, body, MAX_BODY_BYTES)).await;
        let verified =
            read.and_then(|body| verifier.verify(&head.headers, &body).map(Self).map_err(rejected));
        if let Err(rejection) = &verified {
            served.done(rejection.status(), Some(rejection.error()));
        }
        verified
    }
}
