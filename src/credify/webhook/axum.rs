//! The webhook's URL for axum.

use std::sync::Arc;

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    routing::{MethodRouter, post},
};
use bytes::Bytes;
use futures_util::StreamExt;

use super::{Webhooks, answer};
use crate::{
    callback::{Inbox, InboxStore},
    credify::PROVIDER,
    error::{Error, ErrorKind},
};

/// Takes what Credify posts: verifies the raw body, keeps the event, and says 200 exactly when it is kept; 401 for what
/// is forged, 405 for other methods. The body is read up to the inbox's limit and no further. Work what waits
/// elsewhere, with [`Webhooks::work`].
///
/// The path is the application's; the URL that was registered is what [`Client::webhooks`](crate::credify::Client::webhooks)
/// was given. No layer in front may change the body.
///
/// ```no_run
/// use std::sync::Arc;
/// use kyckit::{callback::{Inbox, MemoryInbox}, credify::{Client, webhook::axum::webhook_route}};
///
/// # fn serve(client: Client) -> Result<(), kyckit::Error> {
/// let webhooks = client.webhooks("https://market.example/v1/webhook")?;
/// let inbox = Arc::new(Inbox::new(MemoryInbox::new()));
/// let app: axum::Router = axum::Router::new().route("/v1/webhook", webhook_route(webhooks, inbox));
/// # Ok(())
/// # }
/// ```
pub fn webhook_route<S, A>(webhooks: Webhooks, inbox: Arc<Inbox<S>>) -> MethodRouter<A>
where
    S: InboxStore + 'static,
    A: Clone + Send + Sync + 'static,
{
    post(move |request: Request| async move {
        let (head, body) = request.into_parts();
        let received = match read(body, inbox.body_limit()).await {
            Ok(body) => webhooks.receive(&inbox, &head.headers, &body).await,
            Err(error) => Err(error.during(PROVIDER, "webhook")),
        };
        answer(&received)
    })
}

/// Reads at most `limit` bytes; a length that is announced as more is refused before any is read.
async fn read(body: Body, limit: usize) -> Result<Bytes, Error> {
    let too_large = || Error::new(ErrorKind::TooLarge, "the webhook is longer than the limit");
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    let mut pieces = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await {
        // The text of the cause may quote the request.
        let piece = piece.map_err(|_| Error::new(ErrorKind::InvalidRequest, "the webhook broke off"))?;
        if piece.len() > limit - whole.len() {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}
