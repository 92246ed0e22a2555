//! Replies for axum.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};

use super::{rejection::Rejection, reply::Reply};
use crate::server::Unread;

/// A reply with a body of axum.
pub(in crate::credify) fn response(reply: Reply) -> Response {
    reply.map(Body::from)
}

/// The response to a body that was not read, in the words of the other rejections where there are any.
pub(in crate::credify) fn refused(unread: Unread) -> Response {
    let rejection = match unread {
        Unread::TooLarge => Rejection::TooLarge,
        Unread::Busy => Rejection::Later,
        Unread::Broken => Rejection::INVALID_BODY,
        Unread::TimedOut | Unread::Encoding => return unread.into_response(),
    };
    unread.on(response(rejection.reply()))
}
