//! A service provider's endpoints for axum.

use axum::{Router, extract::Request};
use http::Method;

use super::server::ServiceProvider;
use crate::{
    credify::server::{
        axum::{refused, response},
        bearer::bearer,
        rejection::Rejection,
        request::path_and_query,
    },
    server::{BodyLimits, Caller, axum::read},
};

/// Serves a service provider's endpoints: all its paths, and 404 for all others. Bodies are read up to
/// [`ServiceProvider::max_body_bytes`] and no further, within the [`BodyLimits`] and at most [`ServiceProvider::request_timeout`]. A
/// market that presents no token is refused before its body is read.
///
/// ```no_run
/// use kyckit::credify::service_provider::{ServiceProvider, axum::router};
///
/// # async fn serve(provider: ServiceProvider, listener: tokio::net::TcpListener) -> std::io::Result<()> {
/// let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
/// kyckit::server::axum::Server::new().serve(listener, router(provider), stop).await
/// # }
/// ```
pub fn router<S: Clone + Send + Sync + 'static>(provider: ServiceProvider) -> Router<S> {
    Router::new().fallback(move |request: Request| {
        let provider = provider.clone();
        async move {
            let (head, body) = request.into_parts();
            let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
            // Without a token the body changes nothing.
            let (path, _) = path_and_query(target);
            let needs_token = path.trim_end_matches('/').ends_with("/user-existence");
            if head.method != Method::POST || (needs_token && bearer(&head.headers).is_none()) {
                return response(provider.answer(&head.method, target, &head.headers, &[]).await);
            }
            let limits = BodyLimits::of(&head.extensions);
            let read = read(&limits, Caller::Unknown, &head.headers, body, provider.max_body_bytes());
            match tokio::time::timeout(provider.request_timeout(), read).await {
                Ok(Ok(body)) => response(provider.answer(&head.method, target, &head.headers, &body).await),
                Ok(Err(unread)) => refused(unread),
                Err(_) => response(Rejection::Later.reply()),
            }
        }
    })
}
