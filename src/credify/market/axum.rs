//! A market for axum.

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::Request,
    response::Response,
};
use bytes::Bytes;
use futures_util::StreamExt;

use super::{
    Market,
    reply::{Refusal, Reply},
};

/// Serves a market: all its paths, and 404 for all others. Bodies are read up to [`Market::body_limit`] and no further,
/// and reading and answering together take at most [`Market::deadline`] twice.
///
/// Merge it with the application's own routes, or nest it under none: the paths have the market's prefix already.
///
/// ```no_run
/// use kyckit::credify::market::{Market, axum::router};
///
/// # async fn serve(market: Market, listener: tokio::net::TcpListener) -> std::io::Result<()> {
/// let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
/// axum::serve(listener, router(market)).with_graceful_shutdown(stop).await
/// # }
/// ```
pub fn router<S: Clone + Send + Sync + 'static>(market: Market) -> Router<S> {
    Router::new().fallback(move |request: Request| {
        let market = market.clone();
        async move {
            let (head, body) = request.into_parts();
            let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
            let read = tokio::time::timeout(market.deadline(), read(body, market.body_limit())).await;
            let reply = match read.unwrap_or(Err(Refusal::Later)) {
                Ok(body) => market.answer(&head.method, target, &head.headers, &body).await,
                Err(refusal) => refusal.reply(),
            };
            answer(reply)
        }
    })
}

pub(in crate::credify) fn answer(reply: Reply) -> Response {
    reply.map(Body::from)
}

/// Reads at most `limit` bytes; a length that is announced as more is refused before any is read.
pub(in crate::credify) async fn read(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(Refusal::TooLarge);
    }
    let mut pieces = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Refusal::INVALID_BODY)?;
        if piece.len() > limit - whole.len() {
            return Err(Refusal::TooLarge);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}
