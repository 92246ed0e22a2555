//! What a market answers, and what it refuses. No text of an error leaves: only the words below.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::Inner;
use crate::{
    credify::token_guard::Denied,
    error::{Error, ErrorKind},
    wire,
};

/// An answer: status, headers and body.
pub(in crate::credify) type Reply = Response<Bytes>;

/// Why a call is refused. The words are all that the caller sees.
#[derive(Debug)]
pub(in crate::credify) enum Refusal {
    /// 400 with one of our texts.
    Invalid(&'static str),
    /// 401
    Unauthorized,
    /// 403
    Forbidden(&'static str),
    /// 404
    NotFound(&'static str),
    /// 405 with the method that there is.
    Method(&'static str),
    /// 413
    TooLarge,
    /// 429 with the wait.
    TooMany(Duration),
    /// 500 where the provider's reference server answers so.
    AsReference(&'static str),
    /// 501: the application has not said where the call goes.
    NotConfigured,
    /// 503
    Later,
    /// 500; the error is for the market's operator.
    Failed(Box<Error>),
}

impl Refusal {
    pub(in crate::credify) const INVALID_BODY: Self = Self::Invalid("Invalid body");

    pub(in crate::credify) fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::AsReference(_) | Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotConfigured => StatusCode::NOT_IMPLEMENTED,
            Self::Later => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Invalid(text) | Self::Forbidden(text) | Self::NotFound(text) | Self::AsReference(text) => {
                text
            }
            Self::Unauthorized => "Unauthorized",
            Self::Method(_) => "Method not allowed",
            Self::TooLarge => "The body is too large",
            Self::TooMany(_) => "Too many requests",
            Self::NotConfigured => "Not configured",
            Self::Later => "Try again later",
            Self::Failed(_) => "The request could not be completed",
        }
    }

    pub(in crate::credify) fn reply(&self) -> Reply {
        let mut reply = json_reply(self.status(), &json!({"message": self.text()}));
        if let Self::Method(allowed) = self {
            reply.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        }
        if let Self::TooMany(wait) = self {
            // Whole seconds, upward: who comes at the end of the wait is not turned away again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        reply
    }
}

/// What failed in the market or behind it, and is nobody's business outside.
pub(in crate::credify) fn internal(error: Error) -> Refusal {
    // A store that is full says when it is not.
    if let (crate::ErrorKind::Store, Some(wait)) = (error.kind(), error.retry_after()) {
        return Refusal::TooMany(wait);
    }
    Refusal::Failed(Box::new(error))
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused(_) => Self::Unauthorized,
            Denied::Limited(wait) => Self::TooMany(wait),
            Denied::Failed(error) => internal(error),
        }
    }
}

/// What the provider's API said to a call that somebody else's input went into: where it refuses the input, so do we.
pub(super) fn passed_on(error: Error) -> Refusal {
    match error.kind() {
        ErrorKind::InvalidRequest => Refusal::Invalid("The request was refused"),
        ErrorKind::NotFound if error.status().is_some() => Refusal::NotFound("Not found"),
        ErrorKind::Conflict => Refusal::Invalid("The request conflicts with what there is"),
        _ => internal(error),
    }
}

impl Inner {
    /// With `reference_statuses`, 500 in place of another refusal.
    pub(super) fn as_reference(&self, refusal: Refusal) -> Refusal {
        if self.settings.reference_statuses { Refusal::AsReference(refusal.text()) } else { refusal }
    }
}

pub(in crate::credify) fn ok(body: &impl Serialize) -> Result<Reply, Refusal> {
    match serde_json::to_vec(body) {
        Ok(bytes) => Ok(with_body(StatusCode::OK, bytes)),
        Err(_) => Err(internal(Error::new(ErrorKind::Store, "an answer cannot be written as JSON"))),
    }
}

pub(in crate::credify) fn redirect(location: &str) -> Result<Reply, Refusal> {
    let location = HeaderValue::try_from(location)
        .map_err(|_| internal(Error::configuration("an address holds what no header holds")))?;
    let mut reply = Response::new(Bytes::new());
    *reply.status_mut() = StatusCode::FOUND;
    reply.headers_mut().insert(LOCATION, location);
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}

fn json_reply(status: StatusCode, body: &Value) -> Reply {
    with_body(status, body.to_string())
}

fn with_body(status: StatusCode, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    // The bare type: the provider's own client understands no other.
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

/// The object in a body.
pub(in crate::credify) fn object(body: &[u8]) -> Result<serde_json::Map<String, Value>, Refusal> {
    match wire::json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Refusal::INVALID_BODY),
    }
}

/// A text that is not empty; a number counts as its digits, since ids of databases are often numbers.
pub(in crate::credify) fn text(members: &serde_json::Map<String, Value>, name: &str) -> Option<String> {
    match members.get(name)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    }
}

/// A list of texts; none when it is something else.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_refuses_is_refused() {
        let passed = |kind| passed_on(Error::new(kind, "refused"));
        assert!(matches!(passed(ErrorKind::InvalidRequest), Refusal::Invalid(_)));
        assert!(matches!(passed(ErrorKind::Conflict), Refusal::Invalid(_)));
    }
}
