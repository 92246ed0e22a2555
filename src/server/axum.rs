//! An HTTP/1.1 server for axum that bounds heads, connections and bodies.

use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use ::axum::{
    Router,
    body::{Body, HttpBody},
    extract::ConnectInfo,
    response::{IntoResponse, Response},
};
use futures_util::{
    StreamExt,
    future::{self, Either},
};
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

pub(crate) use super::body::read;
use super::{BodyLimits, Endpoint, HttpService, Rejection, Unread};

/// How long the head of a request may take, and a connection may be idle.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(15);
/// Connections that are open at once.
const MAX_CONNECTIONS: usize = 1024;
/// Default for the size of a head.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// How long requests that are being answered may take once the server is to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves a router over HTTP/1.1 with bounds that `axum::serve` does not have: on how long a head and a body may take,
/// and on how many connections are open.
///
/// Behind it, handlers find the address of the connection as `ConnectInfo<SocketAddr>`, and the routes of this crate the
/// [`BodyLimits`].
///
/// ```no_run
/// use kyckit::server::axum::Server;
///
/// # async fn serve(app: axum::Router) -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
/// Server::new().serve(listener, app, stop).await
/// # }
/// ```
#[derive(Clone)]
pub struct Server {
    limits: BodyLimits,
    header_read_timeout: Duration,
    body_timeout: Option<Duration>,
    max_connections: usize,
}

impl Server {
    /// A server with the default of every bound.
    pub fn new() -> Self {
        Self {
            limits: BodyLimits::new(),
            header_read_timeout: HEADER_READ_TIMEOUT,
            body_timeout: None,
            max_connections: MAX_CONNECTIONS,
        }
    }

    /// Sets what bounds the bodies that the routes of this crate read.
    #[must_use]
    pub fn body_limits(mut self, limits: BodyLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how long the head of a request may take, and how long a connection may wait for one. Default: 15
    /// seconds.
    #[must_use]
    pub fn header_read_timeout(mut self, timeout: Duration) -> Self {
        self.header_read_timeout = timeout;
        self
    }

    /// Sets how long the body of any request may take, whoever reads it: for handlers of the application's own. A body
    /// that takes longer breaks off. Default: no bound; the routes of this crate have their own.
    #[must_use]
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = Some(timeout);
        self
    }

    /// Sets how many connections are open at once; more wait in the backlog of the listener. Default: 1024.
    #[must_use]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// Serves until `stop` is ready, and then until the requests that are being answered are, for at most 10 seconds.
    ///
    /// # Errors
    ///
    /// None today: a connection that cannot be accepted is tried again.
    pub async fn serve(
        self,
        listener: TcpListener,
        router: Router,
        stop: impl Future<Output = ()> + Send,
    ) -> io::Result<()> {
        let places = Arc::new(Semaphore::new(self.max_connections));
        let (stopping, stopped) = watch::channel(());
        let mut connections = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            while connections.try_join_next().is_some() {}
            let accepted = async {
                let place = Arc::clone(&places).acquire_owned().await.ok()?;
                Some((listener.accept().await, place))
            };
            let accepted = tokio::select! {
                accepted = accepted => accepted,
                () = &mut stop => break,
            };
            match accepted {
                Some((Ok((socket, peer)), place)) => {
                    let (server, router, stopped) = (self.clone(), router.clone(), stopped.clone());
                    connections.spawn(async move {
                        server.converse(socket, peer, router, stopped).await;
                        drop(place);
                    });
                }
                // Such as too many open files: the next connection may fare better.
                _ => sleep(Duration::from_millis(50)).await,
            }
        }
        drop((listener, stopping));
        let ended = async { while connections.join_next().await.is_some() {} };
        let _ = timeout(STOP_TIMEOUT, ended).await;
        Ok(())
    }

    async fn converse(
        &self,
        socket: TcpStream,
        peer: SocketAddr,
        router: Router,
        mut stopped: watch::Receiver<()>,
    ) {
        let _ = socket.set_nodelay(true);
        let router = TowerToHyperService::new(router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(self.limits.clone());
            request.extensions_mut().insert(ConnectInfo(peer));
            let request = request.map(|body| self.bounded(Body::new(body)));
            hyper::service::Service::call(&router, request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_read_timeout)
            .max_buf_size(MAX_HEAD_BYTES)
            .serve_connection(TokioIo::new(socket), service);
        let mut connection = pin!(connection);
        tokio::select! {
            _ = &mut connection => return,
            _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    /// The body with the deadline that holds for every handler.
    fn bounded(&self, body: Body) -> Body {
        let Some(timeout) = self.body_timeout else { return body };
        if body.is_end_stream() {
            return body;
        }
        let end = Box::pin(sleep(timeout));
        let state = Some((Box::pin(body.into_data_stream()), end));
        let pieces = futures_util::stream::unfold(state, move |state| async move {
            let (mut pieces, mut end) = state?;
            let piece = match future::select(&mut end, pieces.next()).await {
                Either::Left(_) => return Some((Err(io::Error::from(io::ErrorKind::TimedOut)), None)),
                Either::Right((piece, _)) => piece?,
            };
            let piece = piece.map_err(|_| io::Error::from(io::ErrorKind::ConnectionAborted));
            Some((piece, Some((pieces, end))))
        });
        Body::from_stream(pieces)
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

crate::privacy::redacted_debug!(Server { limits, header_read_timeout, body_timeout, max_connections });

impl IntoResponse for Unread {
    fn into_response(self) -> Response {
        Rejection::from(self).into_response()
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.into_reply().map(Body::from)
    }
}

impl<E: Endpoint> HttpService<E> {
    /// Mounts the endpoint as a router that answers all paths below the one at which it is nested or merged. To mount it
    /// at one path, give the service itself to axum's `Router::route_service`.
    pub fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        Router::new().fallback_service(self)
    }
}
