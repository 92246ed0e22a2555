//! A market for axum.

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};

use super::{
    Market,
    reply::{Refusal, Reply},
};
use crate::server::{BodyLimits, Unread, axum::read};

/// Serves a market: all its paths, and 404 for all others. Bodies are read up to [`Market::body_limit`] and no further,
/// within the [`BodyLimits`] and at most [`Market::deadline`], and so is answered. A caller that presents nothing, where
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
                Err(reply) => return answer(reply),
            };
            let limits = BodyLimits::of(&head.extensions);
            let read = read(&limits, admitted.caller, &head.headers, body, admitted.max_bytes);
            match tokio::time::timeout(market.deadline(), read).await {
                Ok(Ok(body)) => answer(market.answer(&head.method, target, &head.headers, &body).await),
                Ok(Err(unread)) => refused(unread),
                Err(_) => answer(Refusal::Later.reply()),
            }
        }
    })
}

/// A body that was not read, in the words of the other refusals where there are any.
pub(in crate::credify) fn refused(unread: Unread) -> Response {
    let refusal = match unread {
        Unread::TooLarge => Refusal::TooLarge,
        Unread::Busy => Refusal::Later,
        Unread::Broken => Refusal::INVALID_BODY,
        Unread::TimedOut | Unread::Encoding => return unread.into_response(),
    };
    unread.on(answer(refusal.reply()))
}

pub(in crate::credify) fn answer(reply: Reply) -> Response {
    reply.map(Body::from)
}
