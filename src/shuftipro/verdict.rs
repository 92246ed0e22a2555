//! What an answer of the provider amounts to: a refusal, a result about what was asked, or one that was lost.

use super::{
    model::{Operation, VerificationResponse, failure},
    request::Reference,
    signature::Verifier,
};
use crate::{
    error::{Error, ErrorKind},
    transport::send,
    verified::Verified,
};

/// What an answer that is no success says, signed or not: refusals come from gateways too. Successes are judged once
/// they are verified.
pub(super) fn classify(call: Option<Operation>, answer: &send::BufferedResponse) -> Result<(), Error> {
    let Some(plain) = answer.status_error() else { return Ok(()) };
    let wait = plain.retry_after();
    let error = failure(call, answer.status, &answer.body).unwrap_or(plain);
    Err(match wait {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    })
}

/// Verifies, then reads, then makes sure that the answer is about what was asked: a signature binds no request to its
/// answer.
pub(super) fn open(
    verifier: &Verifier,
    answer: &send::BufferedResponse,
    call: Operation,
    asked: &Reference,
) -> Result<Verified<VerificationResponse>, Error> {
    let opened = verifier
        .open(&answer.headers, &answer.body, |body| VerificationResponse::read(body, answer.received))
        // A refusal behind a success status is worth more than the missing signature that gateways leave it with.
        .map_err(|error| failure(Some(call), answer.status, &answer.body).unwrap_or(error))
        .and_then(|opened| match opened.failure(Some(call)) {
            Some(refusal) => Err(refusal),
            None if opened.reference() == Some(asked.as_str()) => Ok(opened),
            None => Err(other_reference()),
        });
    opened.map_err(|error| answer.fail(error))
}

/// True when the request may have arrived and the answer did not.
pub(super) fn is_lost(error: &Error) -> bool {
    error.may_have_taken_effect()
        && matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::Provider | ErrorKind::Timeout)
        && error.check().is_none()
}

fn other_reference() -> Error {
    Error::new(ErrorKind::Provider, "the answer is about another reference than the one asked for")
        .with_check("answer.reference")
        .with_hint("it was thrown away; ask again, and report it to the provider if it stays")
}
