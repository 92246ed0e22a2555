//! The market: a request is routed, its caller is authenticated, and its endpoint answers.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};

use super::{
    caller_authentication::{Caller, DynCallerAuthentication},
    claim_pushes::{ClaimPushes, Recovered},
    endpoint::Endpoint,
    endpoints::Endpoints,
    failures::Failures,
    route::Routes,
    webhook_events::Reception,
};
use crate::{
    credify::server::{
        rejection::Rejection,
        reply::Reply,
        request::{Request, path_and_query},
    },
    error::Error,
    inbox::WorkOutcome,
};

/// A market. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Market(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) routes: Routes,
    pub(super) callers: Arc<dyn DynCallerAuthentication>,
    pub(super) endpoints: Endpoints,
    pub(super) pushes: Arc<ClaimPushes>,
    pub(super) reception: Option<Arc<Reception>>,
    pub(super) failures: Failures,
    pub(super) request_timeout: Duration,
    pub(super) max_body_bytes: usize,
}

impl Market {
    /// Answers a request: `target` is the path with the query, as it stands in the request line.
    ///
    /// The caller sees of a failure a status and a fixed word; the error goes to
    /// [`Builder::on_failure`](super::Builder::on_failure). A body over
    /// [`Builder::max_body_bytes`](super::Builder::max_body_bytes) is refused; an adapter should read no further.
    pub async fn answer(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Response<Bytes> {
        let (path, query) = path_and_query(target);
        let (endpoint, answered) = match self.0.routes.find(method, path) {
            Ok((endpoint, id)) => {
                let request = Request { method, path, query, headers, body, id };
                let work = self.0.answer(endpoint, &request);
                let done = tokio::time::timeout(self.0.request_timeout, work).await;
                (Some(endpoint), done.unwrap_or(Err(Rejection::Later)))
            }
            Err(rejection) => (None, Err(rejection)),
        };
        answered.unwrap_or_else(|rejection| {
            if let Rejection::Failed(error) = &rejection {
                self.0.failures.report(endpoint, error);
            }
            rejection.reply()
        })
    }

    /// Completes pushes that an earlier process left under way, or that ended with an unknown outcome: the same tokens
    /// are put again, and what was left is done. Call it when the process starts, and now and then.
    ///
    /// # Errors
    ///
    /// Those of [`CommitmentStore::all_pending`](super::CommitmentStore::all_pending). The result has what becomes of
    /// single pushes.
    pub async fn recover(&self) -> Result<Recovered, Error> {
        self.0.pushes.recover().await
    }

    /// Works one webhook that waits in the inbox; `None` when there is none that is due. The endpoint does it after each
    /// message; call it now and then for what failed.
    ///
    /// # Errors
    ///
    /// Those of [`Inbox::work`](crate::inbox::Inbox::work).
    pub async fn work_webhook(&self) -> Result<Option<WorkOutcome>, Error> {
        match &self.0.reception {
            Some(reception) => reception.work_one().await,
            None => Ok(None),
        }
    }

    /// The largest size of a body that is read, in bytes.
    pub fn max_body_bytes(&self) -> usize {
        self.0.max_body_bytes
    }

    /// How long a request may take.
    pub fn request_timeout(&self) -> Duration {
        self.0.request_timeout
    }
}

impl Inner {
    async fn answer(&self, endpoint: Endpoint, request: &Request<'_>) -> Result<Reply, Rejection> {
        if request.body.len() > self.max_body_bytes {
            return Err(Rejection::TooLarge);
        }
        if endpoint.is_for_own_callers() {
            let Request { method, path, headers, body, .. } = *request;
            if !self.callers.is_known(Caller { method, path, headers, body }).await? {
                return Err(Rejection::Unauthorized);
            }
        }
        self.endpoints.answer(endpoint, request).await
    }
}

crate::privacy::redacted_debug!(Market { prefix: |this| this.0.routes.prefix, .. });
