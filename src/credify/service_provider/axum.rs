//! A service provider's endpoints for axum.

use axum::{Router, extract::Request};

use super::ServiceProvider;
use crate::credify::market::{
    axum::{answer, read},
    reply::Refusal,
};

/// Serves a service provider's endpoints: all its paths, and 404 for all others. Bodies are read up to
/// [`ServiceProvider::body_limit`] and no further, and within [`ServiceProvider::deadline`].
///
/// ```no_run
/// use kyckit::credify::service_provider::{ServiceProvider, axum::router};
///
/// # async fn serve(provider: ServiceProvider, listener: tokio::net::TcpListener) -> std::io::Result<()> {
/// let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
/// axum::serve(listener, router(provider)).with_graceful_shutdown(stop).await
/// # }
/// ```
pub fn router<S: Clone + Send + Sync + 'static>(provider: ServiceProvider) -> Router<S> {
    Router::new().fallback(move |request: Request| {
        let provider = provider.clone();
        async move {
            let (head, body) = request.into_parts();
            let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
            let read = tokio::time::timeout(provider.deadline(), read(body, provider.body_limit())).await;
            answer(match read.unwrap_or(Err(Refusal::Later)) {
                Ok(body) => provider.answer(&head.method, target, &head.headers, &body).await,
                Err(refusal) => refusal.reply(),
            })
        }
    })
}
