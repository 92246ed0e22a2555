//! Bodies of Shufti Pro's responses and callbacks.

use std::time::SystemTime;

use http::{HeaderMap, HeaderValue, StatusCode};

use crate::{
    error::{Error, ErrorKind},
    privacy::Secret,
    shuftipro::{
        download,
        failure::failure,
        model::{AccessToken, Account, DeclineReason, Operation, VerificationResponse},
        request::Reference,
        signature::{self, Rule, Verifier},
    },
    verified::Verified,
};

/// Reads a result or a callback as its receiver does, with the kind of error that it is. The body is signed here, so that
/// it is read behind the verifier.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) when a result cannot be read.
pub fn message(
    call: Option<Operation>,
    status: Option<StatusCode>,
    body: &[u8],
) -> Result<(Verified<VerificationResponse>, Option<ErrorKind>), Error> {
    let received = SystemTime::UNIX_EPOCH;
    let secret = Secret::from("conformance");
    let mut headers = HeaderMap::new();
    let signature = signature::sign(body, &secret, Rule::Hashed);
    let signature = HeaderValue::try_from(signature);
    let signature = signature.map_err(|_| Error::configuration("the signature does not fit a header"))?;
    headers.insert(signature::HEADER, signature);
    let refused = call.zip(status).and_then(|(call, status)| failure(Some(call), status, body));
    let answer = Verifier::new(secret, Rule::Hashed).open(&headers, body, |body| match &refused {
        // A refusal may lack what every result has, and need not be JSON.
        Some(_) => VerificationResponse::read_any(body, received)
            .or_else(|_| VerificationResponse::read_any(b"{}", received)),
        None => VerificationResponse::read(body, received),
    })?;
    let failure = refused.or_else(|| answer.failure(call)).map(|error| error.kind());
    Ok((answer, failure))
}

/// Reads the information about an account.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) when it cannot be read.
pub fn account(body: &[u8]) -> Result<Account, Error> {
    Account::read(body)
}

/// Reads an access token.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) when it cannot be read.
pub fn access_token(body: &[u8]) -> Result<AccessToken, Error> {
    AccessToken::read(body, SystemTime::UNIX_EPOCH)
}

/// Reads the list of decline reasons.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) when it cannot be read.
pub fn decline_reasons(body: &[u8]) -> Result<Vec<DeclineReason>, Error> {
    DeclineReason::read(body)
}

/// The body of `POST /status`.
pub fn status_body(reference: &Reference) -> String {
    reference.status_body()
}

/// The body that opens a link to a proof.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) without a token.
pub fn download_body(access_token: &Secret) -> Result<String, Error> {
    download::body(Some(access_token))
}
