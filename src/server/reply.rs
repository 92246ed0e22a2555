//! What an endpoint answers: a reply, or a rejection with its diagnosis.

use std::sync::Arc;

use bytes::Bytes;
use http::{Extensions, HeaderValue, Response, StatusCode, header::ALLOW};

use super::body::Unread;
use crate::error::{Error, ErrorKind};

/// What an endpoint answers: status, headers and a whole body.
pub type Reply = Response<Bytes>;

/// A reply without a body.
pub(crate) fn empty(status: StatusCode) -> Reply {
    let mut reply = Reply::new(Bytes::new());
    *reply.status_mut() = status;
    reply
}

/// A request that is refused: the reply that its sender gets, and the error behind it, which only the operator sees.
pub struct Rejection {
    reply: Box<Reply>,
    error: Arc<Error>,
}

impl Rejection {
    /// Refuses with a reply of the endpoint's own.
    pub fn new(reply: Reply, error: Error) -> Self {
        Self { reply: Box::new(reply), error: Arc::new(error) }
    }

    /// Refuses with a status and no body.
    pub fn with_status(status: StatusCode, error: Error) -> Self {
        Self::new(empty(status), error)
    }

    /// Refuses another method than the one that the endpoint has, with 405.
    pub fn method_not_allowed(allowed: &'static str) -> Self {
        let error = Error::new(ErrorKind::InvalidRequest, "the endpoint does not have this method");
        let mut rejection = Self::with_status(StatusCode::METHOD_NOT_ALLOWED, error);
        rejection.reply.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        rejection
    }

    /// The status of the reply.
    pub fn status(&self) -> StatusCode {
        self.reply.status()
    }

    /// Why it was refused. Nothing personal and no secret is in it.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// The reply, with the error as its [`Cause`].
    pub fn into_reply(self) -> Reply {
        let Self { mut reply, error } = self;
        reply.extensions_mut().insert(Cause(error));
        *reply
    }
}

impl From<Unread> for Rejection {
    fn from(unread: Unread) -> Self {
        Self::new(unread.on(Reply::default()), unread.error())
    }
}

crate::privacy::redacted_debug!(Rejection { status: |this| this.status(), error, .. });

/// The error behind a refusal, in the extensions of a response. Nothing of it is sent.
///
/// A layer of the application's own finds it there:
///
/// ```
/// use kyckit::server::Cause;
///
/// fn log<B>(response: &http::Response<B>) {
///     if let Some(error) = Cause::of(response.extensions()) {
///         eprintln!("{}: {error}", response.status());
///     }
/// }
/// # log(&http::Response::new(()));
/// ```
#[derive(Clone, Debug)]
pub struct Cause(Arc<Error>);

impl Cause {
    /// The error that was left in these extensions.
    pub fn of(extensions: &Extensions) -> Option<&Error> {
        extensions.get::<Self>().map(|cause| &*cause.0)
    }
}
