//! What an endpoint answers.

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION},
};
use serde::Serialize;

use crate::error::{Error, ErrorKind};

/// A response: status, headers and body.
pub(in crate::credify) type Reply = Response<Bytes>;

/// Answers 200 with JSON.
pub(in crate::credify) fn json_reply(body: &impl Serialize) -> Result<Reply, Error> {
    let body = serde_json::to_vec(body)
        .map_err(|_| Error::new(ErrorKind::Store, "an answer cannot be written as JSON"))?;
    Ok(with_json(StatusCode::OK, body))
}

/// Answers 302.
pub(in crate::credify) fn redirect(location: &str) -> Result<Reply, Error> {
    let location = HeaderValue::try_from(location)
        .map_err(|_| Error::configuration("an address holds what no header holds"))?;
    let mut reply = Response::new(Bytes::new());
    *reply.status_mut() = StatusCode::FOUND;
    reply.headers_mut().insert(LOCATION, location);
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}

/// A reply with this status and this JSON.
pub(super) fn with_json(status: StatusCode, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    // The bare type: the provider's own client understands no other.
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}
