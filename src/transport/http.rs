//! The built-in [`Transport`]: reqwest without what browsers do by themselves.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderValue, header::ACCEPT_ENCODING};
use http_body::{Frame, SizeHint};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{AddressPolicy, Body, ByteStream, Request, Response, Transport, address, encoding};
use crate::{
    error::{Effect, Error, ErrorKind},
    privacy::Secret,
};

/// How long an unused connection is kept: less than the 5 s after which the hastiest of the common servers closes it.
const IDLE: Duration = Duration::from_secs(4);

/// How connections are made.
#[derive(Clone, Default)]
pub struct HttpSettings {
    proxy: Option<Secret>,
    no_proxy: bool,
    roots: Vec<Vec<u8>>,
    only_these_roots: bool,
    identity: Option<Secret>,
    tls: Tls,
    connect_timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    idle_connections: Option<usize>,
    http1_only: bool,
    #[cfg(feature = "reqwest-client")]
    client: Option<reqwest::Client>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Tls {
    #[default]
    Default,
    #[cfg(feature = "rustls")]
    Rustls,
    #[cfg(feature = "native-tls")]
    Native,
}

impl HttpSettings {
    /// The defaults: TLS with the platform's roots, HTTP/2 where the server speaks it, no redirects, no cookies, the
    /// proxy that the environment names, 5 s to connect, idle connections kept for 4 s.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends through a proxy, such as `http://user:password@proxy.example:3128`.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Sends through no proxy, whatever the environment says.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.no_proxy = true;
        self
    }

    /// Trusts these certificate authorities (PEM, one or more) as well.
    #[must_use]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Trusts these certificate authorities (PEM, one or more) and no others.
    #[must_use]
    pub fn only_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self.only_these_roots = true;
        self
    }

    /// Shows a client certificate: PEM with the private key (PKCS#8) and the certificate chain.
    #[must_use]
    pub fn client_certificate(mut self, pem: impl Into<Secret>) -> Self {
        self.identity = Some(pem.into());
        self
    }

    /// Uses rustls, also when the other TLS is compiled in. It is the default then.
    #[cfg(feature = "rustls")]
    #[must_use]
    pub fn rustls(mut self) -> Self {
        self.tls = Tls::Rustls;
        self
    }

    /// Uses the platform's TLS, also when rustls is compiled in.
    #[cfg(feature = "native-tls")]
    #[must_use]
    pub fn native_tls(mut self) -> Self {
        self.tls = Tls::Native;
        self
    }

    /// How long a connection may take to come about. Default: 5 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long an unused connection is kept. Default: 4 s.
    ///
    /// It has to be shorter than the server's own: a request that meets the server's close on the way fails without
    /// proof of what became of it, and is not sent again when it changes something. Common servers close after 5 s
    /// (Node.js, uvicorn, Apache), 60 s (AWS load balancers) or 75 s (nginx).
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// How many unused connections are kept per host. Default: no limit but the time.
    #[must_use]
    pub fn idle_connections(mut self, connections: usize) -> Self {
        self.idle_connections = Some(connections);
        self
    }

    /// Speaks HTTP/1.1 only.
    #[must_use]
    pub fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// Sends through the application's own client. Its redirect policy, timeouts, default headers and what it sends again
    /// by itself (switch that off with `reqwest::retry::never()`) are then the application's affair; guarded fetches of foreign URLs still go through a client of this crate's.
    #[cfg(feature = "reqwest-client")]
    #[must_use]
    pub fn client(mut self, client: reqwest::Client) -> Self {
        self.client = Some(client);
        self
    }

    fn build(&self, addresses: AddressPolicy) -> Result<reqwest::Client, Error> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // It would send again by itself where HTTP/2 allows it, unseen and uncounted: the send path does that.
            .retry(reqwest::retry::never())
            // Its own decoder knows one spelling of the encoding only.
            .no_gzip()
            // Loopback may be plain, which reqwest cannot tell apart: every base URL and guard checks for itself.
            .https_only(addresses == AddressPolicy::Public)
            .connect_timeout(self.connect_timeout.unwrap_or(Duration::from_secs(5)))
            .pool_idle_timeout(self.idle_timeout.unwrap_or(IDLE))
            .tcp_nodelay(true)
            .user_agent(concat!("kyckit/", env!("CARGO_PKG_VERSION")));
        if let Some(connections) = self.idle_connections {
            builder = builder.pool_max_idle_per_host(connections);
        }
        if self.http1_only {
            builder = builder.http1_only();
        }
        builder = match self.tls {
            Tls::Default => prefer_rustls(builder),
            #[cfg(feature = "rustls")]
            Tls::Rustls => builder.tls_backend_rustls(),
            #[cfg(feature = "native-tls")]
            Tls::Native => builder.tls_backend_native(),
        };
        if addresses == AddressPolicy::Public {
            // A proxy would resolve the name itself, out of the guard's sight.
            builder = builder.no_proxy().dns_resolver(Arc::new(PublicOnly));
        } else if self.no_proxy {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &self.proxy {
            let proxy = reqwest::Proxy::all(proxy.expose())
                .map_err(|_| Error::configuration("the proxy's URL cannot be read"))?;
            builder = builder.proxy(proxy);
        }
        builder = self.trust(builder)?;
        builder.build().map_err(|error| {
            Error::configuration("the HTTP client could not be built")
                .with_source(Cause::of(&error.without_url()))
        })
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    fn trust(&self, mut builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
        let mut roots = Vec::new();
        for pem in &self.roots {
            let bundle = reqwest::Certificate::from_pem_bundle(pem).ok().filter(|bundle| !bundle.is_empty());
            roots.extend(bundle.ok_or_else(|| {
                Error::configuration("a root certificate cannot be read")
                    .with_hint("give PEM: -----BEGIN CERTIFICATE-----")
            })?);
        }
        if self.only_these_roots {
            builder = builder.tls_certs_only(roots);
        } else if !roots.is_empty() {
            builder = builder.tls_certs_merge(roots);
        }
        if let Some(pem) = &self.identity {
            builder = builder.identity(self.identity(pem).map_err(|_| {
                Error::configuration("the client certificate cannot be read")
                    .with_hint("give PEM with the PKCS#8 private key and the certificate chain")
            })?);
        }
        Ok(builder)
    }

    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    fn trust(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
        if self.roots.is_empty() && self.identity.is_none() {
            return Ok(builder);
        }
        Err(Error::configuration("certificates need the feature `rustls` or `native-tls`"))
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    fn identity(&self, pem: &Secret) -> reqwest::Result<reqwest::Identity> {
        #[cfg(feature = "native-tls")]
        if matches!(self.tls, Tls::Native) || cfg!(not(feature = "rustls")) {
            return reqwest::Identity::from_pkcs8_pem(pem.expose_bytes(), pem.expose_bytes());
        }
        #[cfg(feature = "rustls")]
        return reqwest::Identity::from_pem(pem.expose_bytes());
        #[cfg(not(feature = "rustls"))]
        reqwest::Identity::from_pkcs8_pem(pem.expose_bytes(), pem.expose_bytes())
    }
}

#[cfg(feature = "rustls")]
fn prefer_rustls(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder.tls_backend_rustls()
}

#[cfg(not(feature = "rustls"))]
fn prefer_rustls(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
}

crate::privacy::redacted_debug!(HttpSettings {
    tls,
    connect_timeout,
    own_roots: |this| this.roots.len(),
    ..
});

/// The built-in transport. One connection pool; clone the client that holds it rather than building another.
pub(crate) struct Http {
    client: reqwest::Client,
    settings: HttpSettings,
    /// For URLs that came from outside; built when the first one comes.
    guarded: OnceLock<reqwest::Client>,
}

impl Http {
    pub(crate) fn new(settings: &HttpSettings) -> Result<Self, Error> {
        #[cfg(feature = "reqwest-client")]
        if let Some(client) = &settings.client {
            return Ok(Self { client: client.clone(), settings: settings.clone(), guarded: OnceLock::new() });
        }
        let client = settings.build(AddressPolicy::Any)?;
        Ok(Self { client, settings: settings.clone(), guarded: OnceLock::new() })
    }

    fn client(&self, request: &Request) -> Result<&reqwest::Client, Error> {
        if request.addresses == AddressPolicy::Any {
            return Ok(&self.client);
        }
        if address::literal(&request.url).is_some_and(|literal| !address::is_public(literal)) {
            return Err(not_public());
        }
        if let Some(client) = self.guarded.get() {
            return Ok(client);
        }
        let built = self.settings.build(AddressPolicy::Public)?;
        Ok(self.guarded.get_or_init(|| built))
    }
}

impl Transport for Http {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let client = self.client(&request)?;
        let mut outgoing = reqwest::Request::new(request.method, request.url);
        *outgoing.headers_mut() = request.headers;
        outgoing.headers_mut().entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip"));
        *outgoing.body_mut() = match request.body {
            Body::Empty => None,
            Body::Bytes(bytes) => Some(bytes.into()),
            Body::Stream { length, chunks } => {
                Some(reqwest::Body::wrap(Pieces { chunks: std::sync::Mutex::new(chunks), left: length }))
            }
        };
        let mut response = client.execute(outgoing).await.map_err(|error| failure(error, Stage::Head))?;
        let status = response.status();
        let mut headers = std::mem::take(response.headers_mut());
        let body = futures_util::stream::unfold(Some(response), |response| async move {
            let mut response = response?;
            match response.chunk().await {
                Ok(None) => None,
                Ok(Some(chunk)) => Some((Ok(chunk), Some(response))),
                Err(error) => Some((Err(failure(error, Stage::Body)), None)),
            }
        });
        Ok(Response { status, body: encoding::undo(&mut headers, ByteStream::new(body)), headers })
    }
}

/// How far a request had come when it failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No byte of the response was there.
    Head,
    /// The response had begun.
    Body,
}

/// Whether the protocol proves that nothing of a request was processed, by an error that came before the response.
fn is_unprocessed(cause: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(error) = cause.downcast_ref::<h2::Error>() {
        // RFC 9113, section 8.7. A stream is given a GOAWAY for its error only when it is not among those that the
        // GOAWAY says may have been processed.
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        return error.is_remote() && (refused || error.is_go_away());
    }
    // The connection was gone before it took the request.
    cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
}

/// Says what is known of the request's fate. Only a failed connection and the protocol's own word prove that nothing
/// was processed.
fn failure(error: reqwest::Error, stage: Stage) -> Error {
    let error = error.without_url();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    let mut unprocessed = false;
    while let Some(inner) = cause {
        if inner.is::<NotPublic>() {
            return not_public();
        }
        unprocessed |= stage == Stage::Head && is_unprocessed(inner);
        cause = inner.source();
    }
    let source = Cause::of(&error);
    if error.is_builder() {
        return Error::configuration("the request could not be made").with_source(source);
    }
    if error.is_connect() {
        let what =
            if error.is_timeout() { "connecting took too long" } else { "no connection to the provider" };
        return Error::new(ErrorKind::Connect, what)
            .with_hint("nothing was sent; check the network, the proxy and the base URL")
            .with_source(source);
    }
    if unprocessed {
        return Error::new(ErrorKind::Connect, "the connection went away before the request was processed")
            .with_hint("the provider did nothing; try again")
            .with_source(source);
    }
    let (kind, what) = if error.is_timeout() {
        (ErrorKind::Timeout, "the answer took too long")
    } else if error.is_decode() || error.is_body() {
        (ErrorKind::Interrupted, "the answer was cut off or garbled")
    } else {
        (ErrorKind::Interrupted, "the connection broke before the answer was complete")
    };
    Error::new(kind, what).with_effect(Effect::Unknown).with_source(source)
}

fn not_public() -> Error {
    Error::configuration("the URL leads to an address that is not public")
        .with_check("fetch.address")
        .with_hint("a foreign URL is not followed into your own network")
}

/// The texts of a foreign error and of what is below it, without its types and without URLs.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Cause(String);

impl Cause {
    pub(crate) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut text = error.to_string();
        let mut next = error.source();
        for _ in 0..8 {
            let Some(inner) = next else { break };
            text.push_str(": ");
            text.push_str(&inner.to_string());
            next = inner.source();
        }
        Self(text)
    }
}

/// Resolves names and passes on public addresses only.
struct PublicOnly;

#[derive(Debug, thiserror::Error)]
#[error("the name has no public address")]
struct NotPublic;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| address::is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// A stream of pieces as a body, with its length so that it need not be sent in chunks.
struct Pieces {
    /// Only ever polled through `&mut`; the lock is what makes it shareable between threads.
    chunks: std::sync::Mutex<ByteStream<std::io::Error>>,
    left: Option<u64>,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let this = self.get_mut();
        let chunks = this.chunks.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        let polled = Pin::new(chunks).poll_next(context);
        if let (Poll::Ready(Some(Ok(piece))), Some(left)) = (&polled, &mut this.left) {
            *left = left.saturating_sub(piece.len() as u64);
        }
        polled.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
