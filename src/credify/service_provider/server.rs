//! The service provider's endpoints: a request is routed, and its endpoint answers.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use serde_json::json;

use super::endpoints::{
    begin::Begin, complete::Complete, user_existence::UserExistence,
    user_existence_by_hash::UserExistenceByHash,
};
use crate::{
    credify::server::{
        rejection::Rejection,
        reply::{Reply, json_reply},
        request::{Request, path_and_query},
    },
    error::Error,
};

/// A service provider's endpoints. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct ServiceProvider(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) prefix: String,
    pub(super) begin: Begin,
    pub(super) complete: Complete,
    pub(super) user_existence: UserExistence,
    pub(super) user_existence_by_hash: UserExistenceByHash,
    pub(super) on_failure: Option<OnFailure>,
    pub(super) request_timeout: Duration,
    pub(super) max_body_bytes: usize,
}

/// The application's hook for what failed.
pub(super) type OnFailure = Arc<dyn Fn(&Error) + Send + Sync>;

impl ServiceProvider {
    /// Answers a request: `target` is the path with the query, as it stands in the request line.
    ///
    /// The caller sees of a failure a status and a fixed word; the error goes to
    /// [`Builder::on_failure`](super::Builder::on_failure).
    pub async fn answer(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Response<Bytes> {
        let (path, query) = path_and_query(target);
        let request = Request { method, path, query, headers, body, id: "" };
        let done = tokio::time::timeout(self.0.request_timeout, self.0.answer(&request)).await;
        done.unwrap_or(Err(Rejection::Later)).unwrap_or_else(|rejection| {
            if let (Rejection::Failed(error), Some(hook)) = (&rejection, &self.0.on_failure) {
                hook(error);
            }
            rejection.reply()
        })
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
    async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let path = request.path.strip_prefix(self.prefix.as_str()).unwrap_or_default();
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        if request.body.len() > self.max_body_bytes {
            return Err(Rejection::TooLarge);
        }
        match (path, request.method) {
            ("/oidc", &Method::GET) => self.begin.answer(request).await,
            ("/oidc", &Method::POST) => self.complete.answer(request).await,
            ("/user-existence", &Method::POST) => self.user_existence.answer(request).await,
            ("/user-existence", &Method::GET) => self.user_existence_by_hash.answer(request).await,
            ("/oidc" | "/user-existence", _) => Err(Rejection::Method("GET, POST")),
            ("/", &Method::GET) => Ok(json_reply(&json!({"message": "OK"}))?),
            _ => Err(Rejection::NOT_FOUND),
        }
    }
}

crate::privacy::redacted_debug!(ServiceProvider { prefix: |this| this.0.prefix, .. });
