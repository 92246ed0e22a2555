//! Webhooks: kept first, acknowledged, then worked.

use std::sync::Arc;

use crate::{
    credify::{
        Client,
        boxed::boxed_twin,
        model::OrderStatus,
        webhook::{EventPayload, WebhookEvent, Webhooks},
    },
    error::Error,
    inbox::{Action, Delivery, Inbox, WorkOutcome},
    storage::AnyInboxStore,
    verified::{Event, State, Verified},
};

/// Handles webhooks that were verified, beside what the market does about them itself.
///
/// An event that is delivered twice is handled once; one that came late, after a newer one of the same subject, not at
/// all. An event is handled again later when that fails.
pub trait EventHandler: Send + Sync {
    /// Handles an event.
    ///
    /// # Errors
    ///
    /// When it could not be handled; it is handed over again.
    fn handle(
        &self,
        event: &Verified<WebhookEvent>,
        context: EventContext,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

boxed_twin! {
    pub(super) trait DynEventHandler: EventHandler {
        fn handle<'a>(&self, event: &'a Verified<WebhookEvent>, context: EventContext) -> Result<(), Error>;
    }
}

/// What is known of an event beside it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct EventContext {
    /// How many times it was handed over, this time included.
    pub attempt: u32,
    /// Whether the event says how things stand. Where it does not (it may be a replay, or came out of order), ask the
    /// provider.
    pub is_current: bool,
}

/// Takes webhooks in and works them.
pub(super) struct Reception {
    pub(super) webhooks: Webhooks,
    pub(super) inbox: Inbox<AnyInboxStore>,
    pub(super) handler: Option<Arc<dyn DynEventHandler>>,
    pub(super) client: Client,
}

impl Reception {
    /// Works one webhook that waits in the inbox; `None` when there is none that is due.
    pub(super) async fn work_one(&self) -> Result<Option<WorkOutcome>, Error> {
        let handle = |delivery: Delivery<WebhookEvent>| async move {
            let attempt = delivery.attempt;
            let (event, is_current) = match delivery.action {
                Action::Apply(event) => (Some(event), true),
                Action::FetchFromProvider { event, .. } => (event, false),
            };
            let Some(event) = event else { return Ok::<_, Error>(State::Notice) };
            if is_current
                && let EventPayload::DisbursementRequirement(requirement) = event.payload()
                && requirement.is_fulfilled == Some(true)
            {
                self.disburse_once(&requirement.order_id, attempt).await?;
            }
            if let Some(handler) = &self.handler {
                handler.handle(&event, EventContext { attempt, is_current }).await?;
            }
            Ok(if is_current { event.state() } else { State::Notice })
        };
        self.webhooks.work(&self.inbox, handle).await
    }

    /// Asks for the money of an order once: where an earlier attempt may have come through, the order's state decides.
    async fn disburse_once(&self, order_id: &str, attempt: u32) -> Result<(), Error> {
        if attempt > 1 {
            let order = self.client.order_detail(order_id).await?;
            if matches!(order.order_status, Some(OrderStatus::Disbursing | OrderStatus::Paid)) {
                return Ok(());
            }
        }
        self.client.disburse(order_id).await.map(drop)
    }
}
