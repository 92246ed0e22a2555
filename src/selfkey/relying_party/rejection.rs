//! Responses and rejections: statuses, codes and shapes.
//!
//! Source: the provider's integration documentation and its direct demo; for the documented dialect, the lists of
//! errors on the older API page.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::route::Route;
use crate::{
    error::{Error, ErrorKind},
    selfkey::{Dialect, PROVIDER},
    server::{BUSY_SECONDS, Unread},
};

/// The wait of a caller when the end of its quota is unknown.
const UNKNOWN_WAIT: Duration = Duration::from_secs(60);

/// What a call comes to.
pub(super) type Outcome = Result<Response<Bytes>, Rejection>;

/// A rejection: a documented status and code, and the error behind it for the application's eyes.
pub(super) struct Rejection {
    status: StatusCode,
    body: Value,
    /// After how long the caller may try again.
    wait: Option<Duration>,
    cause: Option<Error>,
}

impl Rejection {
    pub(super) fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, body: json!({ "code": code, "message": message }), wait: None, cause: None }
    }

    pub(super) fn token_missing() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "token_missing", "a token is needed")
    }

    pub(super) fn token_invalid() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "token_invalid", "the token is not valid, or not any more")
    }

    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "this is not permitted")
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing here")
    }

    pub(super) fn bad_request(message: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_request", message)
    }

    pub(super) fn invalid_attributes(message: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_attributes", message)
    }

    pub(super) fn file_invalid(message: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "file_invalid", message)
    }

    pub(super) fn no_file() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "no_file", "the request holds no file")
    }

    /// More than the route needs.
    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "bad_request", "the body is larger than what is accepted")
    }

    /// A quota of the caller is used up.
    pub(super) fn too_many(wait: Duration) -> Self {
        let rejection = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "too many requests, come again later",
        );
        Self { wait: Some(wait), ..rejection }
    }

    /// A body that was not read to its end.
    pub(super) fn unread(unread: Unread) -> Self {
        let rejection = match unread {
            Unread::TooLarge => Self::too_large(),
            Unread::Broken | Unread::Encoding => Self::bad_request("the body broke off"),
            Unread::TimedOut => Self::new(unread.status(), "bad_request", "the body did not come in time"),
            Unread::Busy => {
                let wait = Some(Duration::from_secs(BUSY_SECONDS));
                Self { wait, ..Self::new(unread.status(), "unhandled_error", "too many requests at once") }
            }
        };
        rejection.because(unread.error())
    }

    /// A login that failed: where the page goes is all that it says.
    pub(super) fn redirect(redirect_to: &str) -> Self {
        let body = json!({ "redirectTo": redirect_to });
        Self { status: StatusCode::UNAUTHORIZED, body, wait: None, cause: None }
    }

    /// A failure of this side.
    pub(super) fn unhandled(error: Error) -> Self {
        // A store that is full says when it is not.
        if let (ErrorKind::Store, Some(wait)) = (error.kind(), error.retry_after()) {
            return Self::too_many(wait).because(error);
        }
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "unhandled_error", "the server failed").because(error)
    }

    /// What an application's own function failed with. Its text stays here.
    pub(super) fn of(error: Error, invalid: fn(&'static str) -> Self) -> Self {
        // A store that is full says when it is not.
        if let (ErrorKind::Store, Some(wait)) = (error.kind(), error.retry_after()) {
            return Self::too_many(wait).because(error);
        }
        let rejection = match error.kind() {
            ErrorKind::InvalidRequest | ErrorKind::Decode => {
                let fields: Vec<_> = error.fields().iter().map(|fault| fault.field.clone()).collect();
                invalid("what was sent is not accepted")
                    .with_errors(fields.into_iter().map(Value::from).collect())
            }
            ErrorKind::TooLarge => Self::file_invalid("this is larger than what is accepted"),
            ErrorKind::NotFound => Self::not_found(),
            ErrorKind::Permission => Self::forbidden(),
            ErrorKind::Conflict => {
                Self::new(StatusCode::BAD_REQUEST, "could_not_create", "this could not be made")
            }
            ErrorKind::RateLimited => Self::too_many(error.retry_after().unwrap_or(UNKNOWN_WAIT)),
            ErrorKind::Authentication | ErrorKind::Expired | ErrorKind::AlreadyUsed => Self::token_invalid(),
            _ => return Self::unhandled(error),
        };
        rejection.because(error)
    }

    pub(super) fn because(mut self, error: Error) -> Self {
        self.cause = Some(error);
        self
    }

    pub(super) fn with_errors(mut self, errors: Vec<Value>) -> Self {
        if !errors.is_empty() {
            self.body["errors"] = errors.into();
        }
        self
    }

    /// The error behind it, if there is one.
    #[cfg(test)]
    pub(super) fn cause(&self) -> Option<&Error> {
        self.cause.as_ref()
    }

    pub(super) fn code(&self) -> Option<&str> {
        self.body.get("code")?.as_str()
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn into_response(mut self, dialect: Dialect, route: Option<&Route>) -> Response<Bytes> {
        if dialect == Dialect::Documented {
            self.status = self.documented_status(route);
            if let Some(to) = self.body.get("redirectTo").cloned() {
                self.body = json!({ "redirectUrl": to });
            }
        }
        let mut response = json_response(self.status, &self.body);
        if let Some(wait) = self.wait {
            // Upward, so that who waited is not refused again for a part of a second.
            let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::REQUEST_TIMEOUT {
            // What comes next on the connection is the rest of the body.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The older page lists 400, 401 and 404, and not all of them everywhere.
    fn documented_status(&self, route: Option<&Route>) -> StatusCode {
        match (self.status, route) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, Some(Route::Token)) => StatusCode::BAD_REQUEST,
            (StatusCode::FORBIDDEN, _) => StatusCode::UNAUTHORIZED,
            (StatusCode::UNPROCESSABLE_ENTITY, _) if self.code() == Some("signature_invalid") => {
                StatusCode::UNAUTHORIZED
            }
            (StatusCode::UNPROCESSABLE_ENTITY, _) => StatusCode::BAD_REQUEST,
            (StatusCode::NOT_FOUND, Some(Route::CreateApplication)) => StatusCode::BAD_REQUEST,
            (status, _) => status,
        }
    }
}

/// A response with a JSON body.
pub(super) fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Tokens and personal data belong into no cache.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 200 with a JSON body.
pub(super) fn ok(body: &Value) -> Response<Bytes> {
    json_response(StatusCode::OK, body)
}

/// A status and no body.
pub(super) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl Rejection {
    /// The error for the log, with the one that was at the bottom of it as its source.
    pub(super) fn take_cause(&mut self, route: &Route) -> Error {
        let kind = match self.status().as_u16() {
            401 | 403 => ErrorKind::Authentication,
            404 => ErrorKind::NotFound,
            500.. => ErrorKind::Store,
            _ => ErrorKind::InvalidRequest,
        };
        let bottom = self.cause.take();
        let (kind, check) = bottom.as_ref().map_or((kind, None), |error| (error.kind(), error.check()));
        let mut error =
            Error::new(kind, "the wallet's request was refused").during(PROVIDER, route.operation());
        if let Some(check) = check {
            error = error.with_check(check);
        }
        if let Some(code) = self.code() {
            error = error.with_code(code);
        }
        match bottom {
            Some(bottom) => error.with_source(bottom),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_application_s_function_failed_with_has_a_status() {
        for (kind, status) in [
            (ErrorKind::Authentication, 401),
            (ErrorKind::Expired, 401),
            (ErrorKind::AlreadyUsed, 401),
            (ErrorKind::Permission, 403),
            (ErrorKind::NotFound, 404),
            (ErrorKind::RateLimited, 429),
            (ErrorKind::Store, 500),
        ] {
            let rejection = Rejection::of(Error::new(kind, "refused"), Rejection::invalid_attributes);
            assert_eq!(rejection.status().as_u16(), status, "{kind:?}");
        }
    }

    #[test]
    fn a_rejection_without_an_error_has_one_by_its_status() {
        for (mut rejection, kind) in [
            (Rejection::token_invalid(), ErrorKind::Authentication),
            (Rejection::forbidden(), ErrorKind::Authentication),
            (Rejection::not_found(), ErrorKind::NotFound),
            (Rejection::invalid_attributes("no"), ErrorKind::InvalidRequest),
        ] {
            let cause = rejection.take_cause(&Route::Templates);
            assert_eq!((cause.kind(), cause.operation()), (kind, Some("serve_templates")));
        }
    }
}
