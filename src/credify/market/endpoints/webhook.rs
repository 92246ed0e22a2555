//! `POST /webhook`: what Credify posts.

use std::sync::Arc;

use crate::{
    credify::{
        market::{endpoint::Endpoint, failures::Failures, webhook_events::Reception},
        server::{rejection::Rejection, reply::Reply, request::Request},
        webhook,
    },
    error::ErrorKind,
    inbox::WorkOutcome,
};

pub(in super::super) struct Webhook {
    /// None where the market takes no webhooks.
    pub(in super::super) reception: Option<Arc<Reception>>,
    pub(in super::super) failures: Failures,
}

impl Webhook {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let reception = self.reception.as_ref().ok_or(Rejection::NOT_FOUND)?;
        let received = reception.webhooks.receive(&reception.inbox, request.headers, request.body).await;
        if let Err(error) = &received
            && !matches!(error.kind(), ErrorKind::Signature | ErrorKind::Expired | ErrorKind::TooLarge)
        {
            self.failures.report(Some(Endpoint::Webhook), error);
        }
        let answer = webhook::answer(&received);
        if received.is_ok() {
            // It is kept, so the provider gets the same answer whatever the work on it results in.
            match reception.work_one().await {
                Ok(Some(WorkOutcome::Failed { error, .. })) | Err(error) => {
                    self.failures.report(Some(Endpoint::Webhook), &error);
                }
                Ok(_) => {}
            }
        }
        Ok(answer.map(Into::into))
    }
}
