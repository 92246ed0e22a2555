//! Endpoints that KYC-Chain calls.

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE, request::Parts};

use super::kyc_chain::webhook::{ANSWER, MAX_BODY_BYTES, StatusHint};
use crate::{
    error::Error,
    server::{Caller, Endpoint, HttpService, Rejection, Reply, RequestBody},
};

/// Creates the service of the status webhook: it reads the hint, hands it to the application, and responds with 200 and
/// `{"status":"ok"}`. What is no hint is answered with 400, a body beyond [`MAX_BODY_BYTES`] with 413, beyond the
/// [`BodyLimits`](crate::server::BodyLimits) with 408 or 503, another method with 405, and 500 says that the handler
/// failed, so that the hint may come again.
///
/// The handler should only note the hint, such as in a queue: anyone who knows the URL can call it. Give it a path that
/// cannot be guessed.
///
/// ```
/// use kyckit::selfkey::{kyc_chain::webhook::StatusHint, server::status_webhook};
///
/// let service = status_webhook(|hint: StatusHint| async move {
///     println!("look at {} again", hint.application_id);
///     Ok(())
/// });
/// # #[cfg(feature = "axum")]
/// let app: axum::Router = axum::Router::new().route_service("/kyc-chain/7bK2vX9q", service);
/// ```
#[doc(alias = "callback")]
pub fn status_webhook<H, F>(handler: H) -> HttpService<StatusWebhook<H>>
where
    H: Fn(StatusHint) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    HttpService::new(StatusWebhook { handler })
}

/// The endpoint of [`status_webhook`].
pub struct StatusWebhook<H> {
    handler: H,
}

crate::privacy::redacted_debug!(<H> StatusWebhook<H> { .. });

impl<H, F> Endpoint for StatusWebhook<H>
where
    H: Fn(StatusHint) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    fn name(&self) -> &'static str {
        "status_webhook"
    }

    async fn serve(&self, head: Parts, body: RequestBody) -> Result<Reply, Rejection> {
        if head.method != Method::POST {
            return Err(Rejection::method_not_allowed("POST"));
        }
        let body = body.read(Caller::Unknown, &head.headers, MAX_BODY_BYTES).await?;
        let hint = StatusHint::read(&body)
            .map_err(|error| Rejection::with_status(StatusCode::BAD_REQUEST, error))?;
        (self.handler)(hint)
            .await
            .map_err(|error| Rejection::with_status(StatusCode::INTERNAL_SERVER_ERROR, error))?;
        let mut reply = Reply::new(Bytes::from_static(ANSWER.as_bytes()));
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(reply)
    }
}
