//! From a refusal to the crate's error.
//!
//! The event in the body decides. The HTTP status decides only where the body has no event: HTML from a gateway, and
//! calls whose answers have none. A declined verification is a result, with HTTP status 200, and no error.
//!
//! Source: `shuftipro.com/help-center/response-events`.

use http::StatusCode;
use serde::Deserialize;

use super::{ErrorDetail, Event};
use crate::{
    error::{Effect, Error, ErrorKind, FieldError},
    transport::decode,
    wire,
};

/// A call of the provider's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST /`: verify.
    Verify,
    /// `POST` on the risk assessment base.
    RiskAssessment,
    /// `POST /status`.
    Status,
    /// `POST /delete`.
    Delete,
    /// `POST /get/access/token`.
    AccessToken,
    /// `GET /account/info/`.
    AccountInfo,
    /// `GET /decline/reasons/`.
    DeclineReasons,
}

impl Operation {
    /// Whether it is about one reference of many, so that a failure may be that reference's.
    pub(crate) fn is_about_one(self) -> bool {
        !matches!(self, Self::AccessToken | Self::AccountInfo | Self::DeclineReasons)
    }

    /// Whether it makes or removes something, so that a lost answer leaves its effect unknown.
    fn has_effect(self) -> bool {
        matches!(self, Self::Verify | Self::RiskAssessment | Self::Delete)
    }
}

/// The error that an answer is, or `None` when it is a result.
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
        None => of_status(call, status)?.told(&refusal.error),
    };
    Some(error.with_status(status))
}

/// The error that an event is.
pub(super) fn of_event(call: Option<Operation>, event: &Event, detail: &ErrorDetail) -> Option<Error> {
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
    Some(error.with_code(event.as_str()).told(detail))
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

trait Told {
    /// Adds what the provider said.
    fn told(self, detail: &ErrorDetail) -> Self;
}

impl Told for Error {
    fn told(mut self, detail: &ErrorDetail) -> Self {
        let texts: Vec<&str> = detail
            .messages
            .iter()
            .map(|text| text.expose().as_str())
            .filter(|text| !text.is_empty())
            .collect();
        match detail.field() {
            Some(field) if texts.is_empty() => self = self.with_field(FieldError::new(field, "")),
            Some(field) => {
                for text in &texts {
                    self = self.with_field(FieldError::new(field.clone(), *text));
                }
            }
            None => {}
        }
        if texts.is_empty() { self } else { self.with_provider_message(texts.join("; ")) }
    }
}
