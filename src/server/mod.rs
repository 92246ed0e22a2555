//! What served endpoints share: bounded bodies, replies and rejections, routing, and services for every framework.
//!
//! | item | what it is |
//! | --- | --- |
//! | [`HttpService`] | an endpoint as a `tower::Service`: mounts in axum, hyper, tower and tonic as it is |
//! | [`Endpoint`] | what it serves: a function from a request to a reply |
//! | [`Reply`], [`Rejection`], [`Cause`] | what is answered; why it was refused |
//! | [`BodyLimits`], [`RequestBody`] | bodies, read within bounds |
//!
//! The crate's own endpoints are made by functions: [`inbox::server::webhook`](crate::inbox::server::webhook), and those
//! in the `server` module of each provider.
//!
//! # Bodies
//!
//! Every endpoint of this crate reads its body in one place: up to the size that the route needs, within a
//! [read timeout](BodyLimits::read_timeout) for the whole body, and, while the caller is unknown, out of a
//! [budget of bytes](BodyLimits::max_unauthenticated_bytes) that all requests share. What exceeds a limit is answered
//! with 413, 408, and 503 with `Retry-After`.
//!
//! An endpoint takes its [`BodyLimits`] from its [`HttpService`], else from the extensions of the request, else from
//! defaults that the process shares. With the feature `axum`, [`axum::Server`] puts them into the extensions; behind
//! another server, a layer does:
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use std::time::Duration;
//! use kyckit::server::BodyLimits;
//!
//! let limits = BodyLimits::new().read_timeout(Duration::from_secs(5));
//! let app: axum::Router = axum::Router::new().layer(axum::Extension(limits));
//! # }
//! ```

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;
mod body;
pub(crate) mod headers;
mod inflate;
mod observe;
mod reply;
mod service;

pub(crate) use body::{BUSY_SECONDS, Caller, HeldBody, Unread};
pub use body::{BodyLimits, RequestBody};
pub(crate) use inflate::decoded;
pub(crate) use observe::Served;
pub(crate) use reply::empty;
pub use reply::{Cause, Rejection, Reply};
pub(crate) use service::BoxError;
pub use service::{Endpoint, HttpService, ReplyBody};
