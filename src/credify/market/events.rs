//! Webhooks: kept first, acknowledged, then worked.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{
    Call, Inner, Market,
    reply::{Refusal, Reply},
};
use crate::{
    credify::{
        Client,
        model::OrderStatus,
        webhook::{self, EventPayload, WebhookEvent, Webhooks},
    },
    error::{Error, ErrorKind},
    inbox::{Action, Delivery, Inbox, WorkOutcome},
    storage::AnyInboxStore,
    verified::{Event, State, Verified},
};

/// Hears of webhooks that were verified.
///
/// An event that is delivered twice is told once; one that came late, after a newer one of the same subject, not at
/// all. When it fails, it is told again later.
pub trait Events: Send + Sync {
    /// An event.
    ///
    /// # Errors
    ///
    /// When it could not be dealt with; it is told again.
    fn heard<'a>(
        &'a self,
        event: &'a Verified<WebhookEvent>,
        context: EventContext,
    ) -> BoxFuture<'a, Result<(), Error>>;
}

/// What is known of an event beside it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct EventContext {
    /// How many times it was told, this time included.
    pub attempt: u32,
    /// Whether the event says how things stand. Where it does not (it may be a replay, or came out of order), ask the
    /// provider.
    pub is_current: bool,
}

pub(super) struct Reception {
    pub(super) webhooks: Webhooks,
    pub(super) inbox: Inbox<AnyInboxStore>,
    pub(super) events: Option<Arc<dyn Events>>,
}

impl Market {
    /// Works one webhook that waits in the inbox; `None` when there is none that is due. The endpoint does it after each
    /// message; call it now and then for what failed.
    ///
    /// # Errors
    ///
    /// Those of [`Inbox::work`].
    pub async fn work_webhook(&self) -> Result<Option<WorkOutcome>, Error> {
        match &self.0.reception {
            Some(reception) => self.0.work_one(reception).await,
            None => Ok(None),
        }
    }
}

impl Inner {
    pub(super) async fn webhook(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let reception = self.reception.as_ref().ok_or(Refusal::NotFound("Not found"))?;
        let received = reception.webhooks.receive(&reception.inbox, call.headers, call.body).await;
        if let Err(error) = &received
            && !matches!(error.kind(), ErrorKind::Signature | ErrorKind::Expired | ErrorKind::TooLarge)
        {
            self.tell(Some(super::Endpoint::Webhook), error);
        }
        let answer = webhook::answer(&received);
        if received.is_ok() {
            // It is kept, so whatever comes of working it, the provider is told that it came.
            match self.work_one(reception).await {
                Ok(Some(WorkOutcome::Failed { error, .. })) | Err(error) => {
                    self.tell(Some(super::Endpoint::Webhook), &error);
                }
                Ok(_) => {}
            }
        }
        Ok(answer.map(Into::into))
    }

    async fn work_one(&self, reception: &Reception) -> Result<Option<WorkOutcome>, Error> {
        let handle = |delivery: Delivery<WebhookEvent>| async move {
            let attempt = delivery.attempt;
            let (event, is_current) = match delivery.action {
                Action::Apply(event) => (Some(event), true),
                Action::FetchFromProvider { event, .. } => (event, false),
            };
            let Some(event) = event else { return Ok::<_, Error>(State::Notice) };
            if is_current
                && let EventPayload::DisbursementRequirement(news) = event.news()
                && news.is_fulfilled == Some(true)
            {
                disburse_once(&self.client, &news.order_id, attempt).await?;
            }
            if let Some(events) = &reception.events {
                events.heard(&event, EventContext { attempt, is_current }).await?;
            }
            Ok(if is_current { event.state() } else { State::Notice })
        };
        reception.webhooks.work(&reception.inbox, handle).await
    }
}

/// Asks for the money of an order. It is asked for once: where an earlier attempt may have come through, the order tells.
async fn disburse_once(client: &Client, order_id: &str, attempt: u32) -> Result<(), Error> {
    if attempt > 1 {
        let order = client.order_detail(order_id).await?;
        if matches!(order.order_status, Some(OrderStatus::Disbursing | OrderStatus::Paid)) {
            return Ok(());
        }
    }
    client.disburse(order_id).await.map(drop)
}
