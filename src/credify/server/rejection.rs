//! Why an endpoint refuses a request, and what it answers then. No text of an error leaves: only the words below.

use std::time::Duration;

use http::{
    HeaderValue, StatusCode,
    header::{ALLOW, RETRY_AFTER},
};
use serde_json::json;

use super::reply::{Reply, with_json};
use crate::error::{Error, ErrorKind};

/// Why a request is refused. The words are all that the caller sees.
#[derive(Debug)]
pub(in crate::credify) enum Rejection {
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
    /// 500; the error is for the operator.
    Failed(Box<Error>),
}

impl Rejection {
    pub(in crate::credify) const INVALID_BODY: Self = Self::Invalid("Invalid body");
    pub(in crate::credify) const INVALID_QUERY: Self = Self::Invalid("Invalid query");
    pub(in crate::credify) const NOT_FOUND: Self = Self::NotFound("Not found");

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

    /// The same refusal as 500, which the provider's reference server answers in its place.
    pub(in crate::credify) fn as_reference(&self) -> Self {
        Self::AsReference(self.text())
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
        let mut reply = with_json(self.status(), json!({"message": self.text()}).to_string());
        if let Self::Method(allowed) = self {
            reply.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        }
        if let Self::TooMany(wait) = self {
            // Whole seconds, upward: who comes at the end of the wait is not refused again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        reply
    }
}

/// What failed in the server or behind it concerns no caller.
impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        // A store that is full says when it is not.
        if let (ErrorKind::Store, Some(wait)) = (error.kind(), error.retry_after()) {
            return Self::TooMany(wait);
        }
        Self::Failed(Box::new(error))
    }
}

/// Translates what the provider's API said to a call that was made from a caller's input: where it refuses the input, so
/// does the endpoint.
pub(in crate::credify) fn passed_on(error: Error) -> Rejection {
    match error.kind() {
        ErrorKind::InvalidRequest => Rejection::Invalid("The request was refused"),
        ErrorKind::NotFound if error.status().is_some() => Rejection::NOT_FOUND,
        ErrorKind::Conflict => Rejection::Invalid("The request conflicts with what there is"),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_refuses_is_refused() {
        let passed = |kind| passed_on(Error::new(kind, "refused"));
        assert!(matches!(passed(ErrorKind::InvalidRequest), Rejection::Invalid(_)));
        assert!(matches!(passed(ErrorKind::Conflict), Rejection::Invalid(_)));
    }
}
