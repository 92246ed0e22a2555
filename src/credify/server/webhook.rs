//! Webhook: the endpoint to which Credify posts its events.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, request::Parts};

use crate::credify::webhook::{Webhooks, answer};
use crate::{
    error::Error,
    inbox::Inbox,
    server::{Caller, Endpoint, HttpService, Rejection, Reply, RequestBody},
    storage::{InboxStore, Receipt},
};

/// Creates the service of the webhook: it verifies the raw body, stores the event, and responds with 200 exactly when it is
/// stored; 401 for what is forged, 405 for other methods. The body is read up to the inbox's limit and no further, within
/// the [`BodyLimits`](crate::server::BodyLimits); without the three headers of a webhook it is not read. Work what waits
/// elsewhere, with [`Webhooks::work`].
///
/// The path is the application's; the URL that was registered is what
/// [`Client::webhooks`](crate::credify::Client::webhooks) was given. No layer in front may change the body.
///
/// ```no_run
/// use std::sync::Arc;
/// use kyckit::{credify::{Client, server::webhook}, inbox::Inbox, storage::MemoryInbox};
///
/// # fn serve(client: Client) -> Result<(), kyckit::Error> {
/// let webhooks = client.webhooks("https://market.example/v1/webhook")?;
/// let service = webhook(webhooks, Arc::new(Inbox::new(MemoryInbox::new())));
/// # #[cfg(feature = "axum")]
/// let app: axum::Router = axum::Router::new().route_service("/v1/webhook", service);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "callback")]
pub fn webhook<S>(webhooks: Webhooks, inbox: Arc<Inbox<S>>) -> HttpService<Webhook<S>>
where
    S: InboxStore + 'static,
{
    HttpService::new(Webhook { webhooks, inbox })
}

/// The endpoint of [`webhook`].
pub struct Webhook<S> {
    webhooks: Webhooks,
    inbox: Arc<Inbox<S>>,
}

crate::privacy::redacted_debug!(<S> Webhook<S> { inbox, .. });

impl<S: InboxStore + 'static> Endpoint for Webhook<S> {
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn serve(&self, head: Parts, body: RequestBody) -> Result<Reply, Rejection> {
        if head.method != Method::POST {
            return Err(Rejection::method_not_allowed("POST"));
        }
        if let Err(error) = Webhooks::check_headers(&head.headers) {
            return replied(Err(error));
        }
        match body.read(Caller::Unknown, &head.headers, self.inbox.body_limit()).await {
            Ok(body) => replied(self.webhooks.receive(&self.inbox, &head.headers, &body).await),
            Err(unread) => {
                let reply = answer(&Err(unread.error())).map(Bytes::from);
                Err(Rejection::new(unread.on(reply), unread.error()))
            }
        }
    }
}

fn replied(received: Result<Receipt, Error>) -> Result<Reply, Rejection> {
    let reply = answer(&received).map(Bytes::from);
    match received {
        Ok(_) => Ok(reply),
        Err(error) => Err(Rejection::new(reply, error)),
    }
}
