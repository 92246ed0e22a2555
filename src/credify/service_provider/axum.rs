//! A service provider's endpoints for axum.

use axum::{Router, extract::Request};
use http::Method;

use super::ServiceProvider;
use crate::{
    credify::market::{
        axum::{answer, refused},
        bearer,
        reply::Refusal,
    },
    server::{BodyLimits, Caller, axum::read},
};

/// Serves a service provider's endpoints: all its paths, and 404 for all others. Bodies are read up to
/// [`ServiceProvider::body_limit`] and no further, within the [`BodyLimits`] and at most [`ServiceProvider::deadline`]. A
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
            let path = target.split_once('?').map_or(target, |(path, _)| path);
            let needs_token = path.trim_end_matches('/').ends_with("/user-existence");
            if head.method != Method::POST || (needs_token && bearer(&head.headers).is_none()) {
                return answer(provider.answer(&head.method, target, &head.headers, &[]).await);
            }
            let limits = BodyLimits::of(&head.extensions);
            let read = read(&limits, Caller::Unknown, &head.headers, body, provider.body_limit());
            match tokio::time::timeout(provider.deadline(), read).await {
                Ok(Ok(body)) => answer(provider.answer(&head.method, target, &head.headers, &body).await),
                Ok(Err(unread)) => refused(unread),
                Err(_) => answer(Refusal::Later.reply()),
            }
        }
    })
}
