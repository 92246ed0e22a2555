//! What relying parties and KYC-Chain say when they refuse.
//!
//! The same condition has different statuses on different servers, so the code decides, then the status. A body without
//! a code, or that is no JSON, never hides the status.

use serde_json::Value;

use super::model::{Redirect, text_of};
use crate::{
    error::{Error, ErrorKind, FieldError},
    transport::{decode, excerpt, form::Form, send::BufferedResponse},
};

/// The most faults that are kept.
const MOST_FAULTS: usize = 32;
/// The longest place that a user is sent to.
const LONGEST_URL: usize = 2048;

/// What kind of refusal an error is, in the provider's dialect. [`Error::check`] has the same word behind `refusal.`.
///
/// ```
/// use kyckit::selfkey::ErrorBody;
///
/// # fn next(error: kyckit::Error) {
/// match ErrorBody::of(&error) {
///     Some(ErrorBody::NotFound) => println!("the user has to sign up first"),
///     Some(failure) if failure.login_again() => println!("the session is over"),
///     _ => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorBody {
    /// The wallet token is missing, invalid or over.
    Unauthenticated,
    /// The subject may not do this.
    Forbidden,
    /// The relying party cannot handle this identity or key.
    InvalidSubject,
    /// The signature of the challenge was refused.
    SignatureRejected,
    /// What was sent is not good.
    Validation,
    /// It is not known.
    NotFound,
    /// The website did not log its user in; [`Error::provider_message`] has where it sends the user instead.
    LoginFailed,
    /// The server failed.
    Server,
}

impl ErrorBody {
    const ALL: [Self; 8] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::InvalidSubject,
        Self::SignatureRejected,
        Self::Validation,
        Self::NotFound,
        Self::LoginFailed,
        Self::Server,
    ];

    /// The refusal that an error is. None: it is none, but a failure of the network or of this side.
    pub fn of(error: &Error) -> Option<Self> {
        let check = error.check()?;
        Self::ALL.into_iter().find(|failure| failure.check() == check)
    }

    /// Whether logging in again can help.
    pub fn login_again(self) -> bool {
        self == Self::Unauthenticated
    }

    /// A stable word.
    pub fn as_str(self) -> &'static str {
        self.check().strip_prefix("refusal.").unwrap_or_default()
    }

    fn check(self) -> &'static str {
        match self {
            Self::Unauthenticated => "refusal.unauthenticated",
            Self::Forbidden => "refusal.forbidden",
            Self::InvalidSubject => "refusal.invalid_subject",
            Self::SignatureRejected => "refusal.signature_rejected",
            Self::Validation => "refusal.validation",
            Self::NotFound => "refusal.not_found",
            Self::LoginFailed => "refusal.login_failed",
            Self::Server => "refusal.server",
        }
    }

    fn of_code(code: &str) -> Option<Self> {
        Some(match code {
            "token_missing" | "token_invalid" | "no_auth_token" | "invalid_auth_token" | "invalid_token" => {
                Self::Unauthenticated
            }
            "forbidden" | "access_denied" => Self::Forbidden,
            "invalid_did" | "invalid_key" | "invalid_public_key" | "no_public_key" => Self::InvalidSubject,
            "signature_invalid" | "invalid_signature" | "signature_missing" | "no_signature"
            | "no_signature_match" => Self::SignatureRejected,
            "bad_request" | "no_attributes" | "invalid_attributes" | "no_file" | "file_invalid"
            | "could_not_create" | "no_payment_details" => Self::Validation,
            "not_found" | "user_does_not_exist" => Self::NotFound,
            "unhandled_error" => Self::Server,
            _ => return None,
        })
    }

    fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            400..=499 => Self::Validation,
            _ => Self::Server,
        }
    }

    fn kind(self) -> ErrorKind {
        match self {
            Self::Unauthenticated | Self::SignatureRejected | Self::LoginFailed => ErrorKind::Authentication,
            Self::Forbidden => ErrorKind::Permission,
            Self::InvalidSubject | Self::Validation => ErrorKind::InvalidRequest,
            Self::NotFound => ErrorKind::NotFound,
            Self::Server => ErrorKind::Provider,
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Unauthenticated => "the relying party does not take the token",
            Self::Forbidden => "the subject may not do this",
            Self::InvalidSubject => "the relying party cannot handle this identity or key",
            Self::SignatureRejected => "the relying party refused the signature of its challenge",
            Self::Validation => "the relying party refused what was sent",
            Self::NotFound => "the relying party does not know it",
            Self::LoginFailed => "the website did not log its user in",
            Self::Server => "the relying party failed",
        }
    }
}

/// Whether "not found" is the status of a page alone.
fn is_page_of_absence(answer: &BufferedResponse, failure: ErrorBody, is_known: bool) -> bool {
    failure == ErrorBody::NotFound && !is_known && answer.has_form(Form::Any).is_err()
}

/// An error for every answer that is not a success.
pub(crate) fn classify(answer: &BufferedResponse) -> Result<(), Error> {
    let Some(by_status) = answer.status_error() else { return Ok(()) };
    let body = decode::json::<Value>(&answer.body).unwrap_or_default();
    let code = text_of(&body["code"]).filter(|code| !code.is_empty());
    let redirect = Redirect::of(&body);
    let known = code.as_deref().and_then(ErrorBody::of_code);
    let failure = match (known, &redirect) {
        (Some(failure), _) => failure,
        (None, Some(_)) => ErrorBody::LoginFailed,
        (None, None) => ErrorBody::of_status(answer.status.as_u16()),
    };
    // A gateway's page says nothing of what the server knows.
    if is_page_of_absence(answer, failure, known.is_some()) {
        let what = "a page came in place of the answer that it is not known";
        return Err(Error::new(ErrorKind::Provider, what)
            .with_status(answer.status)
            .with_check(ErrorBody::Server.check()));
    }
    // Without a word of the server's own the status has its usual kind: 429 stays a rate limit.
    let usual = known.is_none() && redirect.is_none();
    let mut error = if usual || by_status.kind() == failure.kind() {
        by_status
    } else {
        let named = Error::new(failure.kind(), failure.what()).with_status(answer.status);
        match by_status.retry_after() {
            Some(wait) => named.with_retry_after(wait),
            None => named,
        }
    };
    error = error.with_check(failure.check());
    if let Some(code) = code {
        error = error.with_code(code);
    }
    // Where the user is sent is needed as it is; everything else is for reading.
    let redirect = redirect.map(|redirect| redirect.to.into_exposed()).filter(|to| to.len() <= LONGEST_URL);
    let message = redirect.or_else(|| text_of(&body["message"]).map(|text| excerpt(text.as_bytes())));
    if let Some(message) = message {
        error = error.with_provider_message(message);
    }
    for (at, fault) in body["errors"].as_array().into_iter().flatten().take(MOST_FAULTS).enumerate() {
        let text = text_of(fault).or_else(|| text_of(&fault["message"])).unwrap_or_default();
        error = error.with_field(FieldError::new(format!("errors[{at}]"), excerpt(text.as_bytes())));
    }
    Err(error)
}
