//! The webhook's URL for axum.

use std::sync::Arc;

use axum::{
    extract::Request,
    response::IntoResponse,
    routing::{MethodRouter, post},
};

use super::{Webhooks, answer};
use crate::{
    inbox::Inbox,
    server::{BodyLimits, Caller, axum::read},
    storage::InboxStore,
};

/// Takes what Credify posts: verifies the raw body, keeps the event, and says 200 exactly when it is kept; 401 for what
/// is forged, 405 for other methods. The body is read up to the inbox's limit and no further, within the
/// [`BodyLimits`]; without the three headers of a webhook it is not read. Work what waits elsewhere, with
/// [`Webhooks::work`].
///
/// The path is the application's; the URL that was registered is what [`Client::webhooks`](crate::credify::Client::webhooks)
/// was given. No layer in front may change the body.
///
/// ```no_run
/// use std::sync::Arc;
/// use kyckit::{inbox::Inbox, storage::MemoryInbox, credify::{Client, webhook::axum::webhook_route}};
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
        if let Err(error) = Webhooks::check_headers(&head.headers) {
            return answer(&Err(error)).into_response();
        }
        let limits = BodyLimits::of(&head.extensions);
        match read(&limits, Caller::Unknown, &head.headers, body, inbox.body_limit()).await {
            Ok(body) => answer(&webhooks.receive(&inbox, &head.headers, &body).await).into_response(),
            Err(unread) => unread.on(answer(&Err(unread.error())).into_response()),
        }
    })
}
