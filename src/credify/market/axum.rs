//! A market for axum.

use axum::{Router, extract::Request};

use super::server::Market;
use crate::{
    credify::server::axum::{refused, response},
    credify::server::rejection::Rejection,
    server::{BodyLimits, axum::read},
};

/// Serves a market: all its paths, and 404 for all others. Bodies are read up to [`Market::max_body_bytes`] and no further,
/// within the [`BodyLimits`] and at most [`Market::request_timeout`], and so is answered. A caller that presents nothing, where
/// a token or a signature belongs into the headers, is refused before its body is read.
///
/// Merge it with the application's own routes, or nest it under none: the paths have the market's prefix already.
///
/// ```no_run
/// use kyckit::credify::market::{Market, axum::router};
///
/// # async fn serve(market: Market, listener: tokio::net::TcpListener) -> std::io::Result<()> {
/// let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
/// kyckit::server::axum::Server::new().serve(listener, router(market), stop).await
/// # }
/// ```
pub fn router<S: Clone + Send + Sync + 'static>(market: Market) -> Router<S> {
    Router::new().fallback(move |request: Request| {
        let market = market.clone();
        async move {
            let (head, body) = request.into_parts();
            let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
            let admitted = match market.admit(&head.method, target, &head.headers).await {
                Ok(admitted) => admitted,
                Err(reply) => return response(reply),
            };
            let limits = BodyLimits::of(&head.extensions);
            let read = read(&limits, admitted.caller, &head.headers, body, admitted.max_bytes);
            match tokio::time::timeout(market.request_timeout(), read).await {
                Ok(Ok(body)) => response(market.answer(&head.method, target, &head.headers, &body).await),
                Ok(Err(unread)) => refused(unread),
                Err(_) => response(Rejection::Later.reply()),
            }
        }
    })
}
