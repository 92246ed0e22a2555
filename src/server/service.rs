//! Endpoints as tower services.

use std::{
    convert::Infallible,
    error::Error as StdError,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use tower_service::Service;

use super::{
    body::{BodyLimits, RequestBody},
    observe::Served,
    reply::{Cause, Rejection, Reply},
};
use crate::error::Error;

/// An error of any library, as bodies have it.
pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

type OnRejected = Arc<dyn Fn(&Error) + Send + Sync>;

/// An HTTP endpoint without a framework. [`HttpService`] serves it.
///
/// ```
/// use bytes::Bytes;
/// use http::{Method, StatusCode, request::Parts};
/// use kyckit::{Error, server::{Endpoint, HttpService, Rejection, Reply, RequestBody}};
///
/// struct Greeting;
///
/// impl Endpoint for Greeting {
///     fn name(&self) -> &'static str {
///         "greeting"
///     }
///
///     async fn serve(&self, head: Parts, body: RequestBody) -> Result<Reply, Rejection> {
///         if head.method != Method::POST {
///             return Err(Rejection::method_not_allowed("POST"));
///         }
///         let name = body.bytes(&head.headers, 100).await?;
///         let name = str::from_utf8(&name).map_err(|_| {
///             let error = Error::invalid("body", "the name is not UTF-8");
///             Rejection::with_status(StatusCode::BAD_REQUEST, error)
///         })?;
///         Ok(Reply::new(Bytes::from(format!("hello, {name}"))))
///     }
/// }
///
/// let service = HttpService::new(Greeting).on_rejected(|error| eprintln!("{error}"));
/// ```
pub trait Endpoint: Send + Sync + 'static {
    /// The endpoint's name in spans and counters, such as `webhook`.
    fn name(&self) -> &'static str;

    /// Answers a request.
    ///
    /// # Errors
    ///
    /// A rejection, with the reply that says so and the error behind it.
    fn serve(&self, head: Parts, body: RequestBody) -> impl Future<Output = Result<Reply, Rejection>> + Send;
}

/// An [`Endpoint`] as a `tower::Service`, which axum, hyper, tower and tonic mount as it is. Clones share the endpoint.
///
/// - axum: `Router::new().route_service("/webhook", service)`, or with the feature `axum` `service.router()`.
/// - hyper: `hyper_util::service::TowerToHyperService::new(service)`.
/// - any other framework: [`respond`](Self::respond).
///
/// Each request has a span `kyckit.serve` (feature `tracing`) with the endpoint, the status and the kind of error. Each
/// refusal counts in `kyckit_rejections_total` (feature `metrics`), is given to [`on_rejected`](Self::on_rejected), and
/// stays in the response as its [`Cause`].
#[doc(alias = "handler")]
#[doc(alias = "middleware")]
pub struct HttpService<E> {
    endpoint: Arc<E>,
    limits: Option<BodyLimits>,
    on_rejected: Option<OnRejected>,
}

impl<E: Endpoint> HttpService<E> {
    /// Creates the service of an endpoint.
    pub fn new(endpoint: E) -> Self {
        Self { endpoint: Arc::new(endpoint), limits: None, on_rejected: None }
    }

    /// Sets the limits on bodies. Default: those in the request's extensions, else those that the process shares.
    #[must_use]
    pub fn body_limits(mut self, limits: BodyLimits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Sets what is called for each refused request, with the error behind it: kind,
    /// [check](Error::check) and [diagnosis](Error::diagnosis). It runs before the response is sent, so it is to be
    /// quick.
    #[must_use]
    pub fn on_rejected(mut self, hook: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.on_rejected = Some(Arc::new(hook));
        self
    }

    /// Answers a request.
    pub async fn respond<B>(&self, request: Request<B>) -> Response<ReplyBody>
    where
        B: Body<Data: Send, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static,
    {
        let (head, body) = request.into_parts();
        let limits = self.limits.clone().unwrap_or_else(|| BodyLimits::of(&head.extensions));
        let served = Served::new(self.endpoint.name());
        let answer = served.within(self.endpoint.serve(head, RequestBody::new(body, limits))).await;
        let reply = answer.unwrap_or_else(Rejection::into_reply);
        let cause = Cause::of(reply.extensions());
        served.done(reply.status(), cause);
        if let (Some(hook), Some(error)) = (&self.on_rejected, cause) {
            hook(error);
        }
        reply.map(|bytes| ReplyBody(Full::new(bytes)))
    }
}

impl<E, B> Service<Request<B>> for HttpService<E>
where
    E: Endpoint,
    B: Body<Data: Send, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static,
{
    type Response = Response<ReplyBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<ReplyBody>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.respond(request).await) })
    }
}

impl<E> Clone for HttpService<E> {
    fn clone(&self) -> Self {
        Self {
            endpoint: Arc::clone(&self.endpoint),
            limits: self.limits.clone(),
            on_rejected: self.on_rejected.clone(),
        }
    }
}

crate::privacy::redacted_debug!(<E> HttpService<E> { limits, .. });

/// The body of a response: whole and in memory.
#[derive(Clone, Default)]
pub struct ReplyBody(Full<Bytes>);

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

crate::privacy::redacted_debug!(ReplyBody { bytes: |this| this.0.size_hint().exact() });
