//! How responses become errors: the one classifier of the provider, and the check of what a success is about.
//!
//! The event in the body decides. The HTTP status decides only where the body has no event: HTML from a gateway, and
//! calls with responses that have none. A declined verification is a result, with HTTP status 200, and no error.
//!
//! Source: `shuftipro.com/help-center/response-events`.

use http::StatusCode;
use serde::Deserialize;

use super::{
    model::{ErrorDetail, Event, Operation, VerificationResponse},
    request::Reference,
    signature::Verifier,
};
use crate::{
    error::{Effect, Error, ErrorKind, FieldError},
    transport::{BufferedResponse, ClassifyResponse, decode},
    verified::Verified,
    wire,
};

/// The classifier of a call.
impl ClassifyResponse for Operation {
    fn classify(&self, response: &BufferedResponse) -> Result<(), Error> {
        classify(Some(*self), response)
    }
}

/// The classifier of a call that the application described by itself.
pub(super) fn classify_raw(response: &BufferedResponse) -> Result<(), Error> {
    classify(None, response)
}

/// What a response that is no success says, signed or not: refusals come from gateways too. Successes are judged by
/// [`open`], once they are verified.
fn classify(call: Option<Operation>, response: &BufferedResponse) -> Result<(), Error> {
    let Some(by_status) = response.status_error() else { return Ok(()) };
    let wait = by_status.retry_after();
    let error = failure(call, response.status, &response.body).unwrap_or(by_status);
    Err(match wait {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    })
}

/// Verifies, then reads, then makes sure that the response is about what was asked: a signature binds no request to its
/// response.
pub(super) fn open(
    verifier: &Verifier,
    response: &BufferedResponse,
    call: Operation,
    asked: &Reference,
) -> Result<Verified<VerificationResponse>, Error> {
    let opened = verifier
        .open(&response.headers, &response.body, |body| VerificationResponse::read(body, response.received))
        // A refusal behind a success status is worth more than the missing signature that gateways leave it with.
        .map_err(|error| failure(Some(call), response.status, &response.body).unwrap_or(error))
        .and_then(|opened| match opened.failure(Some(call)) {
            Some(refusal) => Err(refusal),
            None if opened.reference() == Some(asked.as_str()) => Ok(opened),
            None => Err(other_reference()),
        });
    opened.map_err(|error| response.fail(error))
}

/// True when the request may have arrived and the response did not.
pub(super) fn is_lost(error: &Error) -> bool {
    error.may_have_taken_effect()
        && matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::Provider | ErrorKind::Timeout)
        && error.check().is_none()
}

impl VerificationResponse {
    /// The error that the response is, when the provider refused the request. `call` is what was asked; a callback has
    /// none.
    pub(crate) fn failure(&self, call: Option<Operation>) -> Option<Error> {
        of_event(call, self.event(), self.error())
    }
}

/// The error that a response is, or `None` when it is a result.
pub(crate) fn failure(call: Option<Operation>, status: StatusCode, body: &[u8]) -> Option<Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Refusal {
        #[serde(deserialize_with = "wire::text")]
        event: Option<Event>,
        error: ErrorDetail,
    }
    // A body that cannot be read has no event: the status tells all there is.
    let refusal: Refusal = decode::json(body).unwrap_or_default();
    let error = match refusal.event {
        Some(event) => of_event(call, &event, &refusal.error)?,
        None => with_detail(of_status(call, status)?, &refusal.error),
    };
    Some(error.with_status(status))
}

/// The error that an event is.
fn of_event(call: Option<Operation>, event: &Event, detail: &ErrorDetail) -> Option<Error> {
    let error = match event {
        Event::RequestUnauthorized => refused_credentials(),
        Event::RequestInvalid => {
            let about_reference = detail.service.is_none() && detail.key.as_deref() == Some("reference");
            match call {
                Some(Operation::Status) if about_reference => unknown_reference(),
                Some(Operation::Verify | Operation::RiskAssessment) if about_reference => taken_reference(),
                _ => invalid_request(),
            }
        }
        _ => return None,
    };
    Some(with_detail(error.with_code(event.as_str()), detail))
}

fn of_status(call: Option<Operation>, status: StatusCode) -> Option<Error> {
    Some(match status.as_u16() {
        // A result, or a redirect, of which the send path knows more.
        ..=399 => return None,
        401 => refused_credentials(),
        403 => Error::new(ErrorKind::Permission, "the account may not use this service")
            .with_hint("have the service enabled for the account, or use the account's own region"),
        404 => match call {
            Some(Operation::Status) => unknown_reference(),
            _ => Error::new(ErrorKind::NotFound, "there is nothing under this name or address")
                .with_hint("check the base URL and the reference"),
        },
        409 => taken_reference(),
        429 => Error::new(ErrorKind::RateLimited, "too many requests")
            .with_hint("stay below 60 requests a minute, 20 on a trial account"),
        400..=499 => invalid_request(),
        _ => {
            let error = Error::new(ErrorKind::Provider, "the provider failed to answer");
            if call.is_none_or(Operation::has_effect) {
                error.with_effect(Effect::Unknown).with_hint(
                    "ask the status of the reference before sending again, and send the same reference",
                )
            } else {
                error.with_hint("try again later")
            }
        }
    })
}

fn refused_credentials() -> Error {
    Error::new(ErrorKind::Authentication, "the client id or the secret key was refused")
        .with_hint("check both, and that they belong to this region")
}

fn invalid_request() -> Error {
    Error::new(ErrorKind::InvalidRequest, "the provider found fault with the request")
}

fn unknown_reference() -> Error {
    Error::new(ErrorKind::NotFound, "the account has no request with this reference")
        .with_hint("a reference lives in the region and the account that took it")
}

fn taken_reference() -> Error {
    Error::new(ErrorKind::Conflict, "the account has a request with this reference already")
        .with_hint("the first request is unaffected: ask its status; a new request needs a new reference")
}

/// Adds what the provider said.
fn with_detail(mut error: Error, detail: &ErrorDetail) -> Error {
    let texts: Vec<&str> =
        detail.messages.iter().map(|text| text.expose().as_str()).filter(|text| !text.is_empty()).collect();
    match detail.field() {
        Some(field) if texts.is_empty() => error = error.with_field(FieldError::new(field, "")),
        Some(field) => {
            for text in &texts {
                error = error.with_field(FieldError::new(field.clone(), *text));
            }
        }
        None => {}
    }
    if texts.is_empty() { error } else { error.with_provider_message(texts.join("; ")) }
}

fn other_reference() -> Error {
    Error::new(ErrorKind::Provider, "the answer is about another reference than the one asked for")
        .with_check("answer.reference")
        .with_hint("it was thrown away; ask again, and report it to the provider if it stays")
}
