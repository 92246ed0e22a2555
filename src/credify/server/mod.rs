//! Endpoints that Credify calls, and what they share: how a request is read, and how it is answered.

#[cfg(feature = "axum")]
pub(super) mod axum;
pub(super) mod bearer;
pub(super) mod members;
pub(super) mod rejection;
mod remembered;
pub(super) mod reply;
pub(super) mod request;
pub(super) mod token_guard;
mod webhook;

pub use webhook::{Webhook, webhook};
