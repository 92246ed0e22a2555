//! A router for axum.
//!
//! ```no_run
//! use kyckit::{selfkey::relying_party::{RelyingParty, axum::relying_party_router}, server::axum::Server};
//!
//! async fn serve(party: RelyingParty, listener: tokio::net::TcpListener) -> std::io::Result<()> {
//!     let app = axum::Router::new().nest("/api/v2", relying_party_router(party));
//!     let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
//!     // Challenges are bound to addresses, which this server gives to the router.
//!     Server::new().serve(listener, app, stop).await
//! }
//! ```

use std::net::SocketAddr;

use ::axum::{
    Router,
    body::{Body, HttpBody},
    extract::{ConnectInfo, Request},
    response::{IntoResponse, Response},
};
use ::http::StatusCode;
use futures_util::StreamExt;

use super::RelyingParty;
use crate::transport;

/// Serves a relying party. Nest it below the path of the root endpoint.
///
/// It needs the connection's address: serve the whole with [`Server`](crate::server::axum::Server), or with
/// `into_make_service_with_connect_info::<SocketAddr>()`. Without it every request is answered with 500, since nothing could be bound to an address.
///
/// Bodies are read piece by piece and no further than the limits of the [`Builder`](super::Builder); limits of axum's
/// own do not apply. How long a slow sender may take, and how much is held for callers that are not known yet, the
/// [`BodyLimits`](crate::server::BodyLimits) of the request say; [`Server`](crate::server::axum::Server) sets them.
pub fn relying_party_router<S: Clone + Send + Sync + 'static>(party: RelyingParty) -> Router<S> {
    Router::new().fallback(move |request: Request| {
        let party = party.clone();
        async move { serve(&party, request).await }
    })
}

async fn serve(party: &RelyingParty, request: Request) -> Response {
    let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let request = request.map(|body| {
        let length = body.size_hint().exact();
        if length == Some(0) {
            return transport::Body::Empty;
        }
        let chunks = body.into_data_stream().map(|piece| piece.map_err(std::io::Error::other));
        transport::Body::stream(length, chunks)
    });
    party.handle(request, peer.ip()).await.map(Body::from)
}
