//! What Credify says when it refuses: one form by the API, another by the OpenID Connect core.
//!
//! Which form an answer has is known by the base that the call went to. A body that has neither never hides the status.

use std::{error::Error as StdError, fmt};

use http::HeaderMap;
use serde_json::Value;

use crate::{
    error::{Error, ErrorKind, Sanitized},
    privacy::Pii,
    transport::{decode, send::BufferedResponse},
    wire,
};

/// The header that carries the id under which the provider traces a request.
const TRACER: &str = "tracer";
/// The most entries that are kept.
const MOST_ENTRIES: usize = 32;
/// The longest text that is kept, in bytes.
const LONGEST_TEXT: usize = 2048;

/// What the provider said when it refused a call, in full.
///
/// [`Error::code`] and [`Error::provider_message`] have the first entry; this has all of them, and the hint.
///
/// ```
/// use kyckit::{Error, credify::ErrorBody};
///
/// fn count(error: &Error) {
///     match ErrorBody::of(error) {
///         Some(ErrorBody::Api(entries)) => println!("{} entries, trace {:?}", entries.len(), error.request_id()),
///         Some(ErrorBody::Oidc { error, .. }) => println!("refused: {error:?}"),
///         _ => println!("not the provider's word"),
///     }
/// }
/// # count(&Error::configuration("x"));
/// ```
///
/// Source: the provider's Node SDK 1.22.6.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorBody {
    /// By the API: every entry of `errors`, in order. Empty when the body had none.
    Api(Vec<RefusalEntry>),
    /// By the OpenID Connect core.
    #[non_exhaustive]
    Oidc {
        /// `error`, such as `invalid_grant`.
        error: Option<String>,
        /// `error_description`
        description: Option<Pii<String>>,
        /// `error_hint`
        hint: Option<Pii<String>>,
    },
}

/// One entry of the API's `errors`.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusalEntry {
    /// `code`, such as `OFFER_NOT_FOUND`.
    pub code: Option<String>,
    /// `message`
    pub message: Option<Pii<String>>,
    /// `localized_message.text`, in the language of the call.
    pub localized_text: Option<Pii<String>>,
    /// `localized_message.locale`
    pub locale: Option<String>,
}

impl ErrorBody {
    /// What the provider said, of an error of this module; none when it did not say anything.
    pub fn of(error: &Error) -> Option<&Self> {
        let mut source = StdError::source(error);
        // An error that several callers waited for stands one level deeper.
        for _ in 0..4 {
            let inner = source?;
            if let Some(refusal) = inner.downcast_ref() {
                return Some(refusal);
            }
            source = inner.source();
        }
        None
    }

    fn api(body: &Value) -> Self {
        let entries = body["errors"].as_array().into_iter().flatten().take(MOST_ENTRIES);
        Self::Api(entries.map(RefusalEntry::read).collect())
    }

    fn oidc(body: &Value) -> Self {
        Self::Oidc {
            error: text(&body["error"]),
            description: text(&body["error_description"]).map(Pii::new),
            hint: text(&body["error_hint"]).map(Pii::new),
        }
    }
}

impl RefusalEntry {
    fn read(entry: &Value) -> Self {
        let localized = &entry["localized_message"];
        Self {
            code: text(&entry["code"]),
            message: text(&entry["message"]).map(Pii::new),
            localized_text: text(&localized["text"]).map(Pii::new),
            locale: text(&localized["locale"]),
        }
    }

    /// The text in the caller's language where there is one.
    fn best_text(&self) -> Option<&str> {
        self.localized_text.as_ref().or(self.message.as_ref()).map(|text| text.expose().as_str())
    }
}

/// Where a call went, which decides how its refusals read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Api,
    Oidc,
}

impl Side {
    /// An error for every answer that is not a success.
    pub(super) fn classify(self, answer: &BufferedResponse) -> Result<(), Error> {
        match answer.status_error() {
            None => Ok(()),
            Some(error) => Err(self.told(error, answer)),
        }
    }

    /// An error of an answer that cannot be used although its status is a success: what the provider says there, or
    /// what is wrong with the answer.
    pub(super) fn unusable(self, answer: &BufferedResponse, error: Error) -> Error {
        let refusal = decode::json(&answer.body).map(|body| self.read(&body));
        let says_why = match &refusal {
            Ok(ErrorBody::Api(entries)) => !entries.is_empty(),
            Ok(ErrorBody::Oidc { error, .. }) => error.is_some(),
            Err(_) => false,
        };
        let error = if says_why {
            let what = "the provider reports a failure behind a success status";
            self.told(Error::new(ErrorKind::Provider, what).with_status(answer.status), answer)
        } else {
            traced(error, &answer.headers)
        };
        answer.fail(error)
    }

    fn read(self, body: &Value) -> ErrorBody {
        match self {
            Self::Api => ErrorBody::api(body),
            Self::Oidc => ErrorBody::oidc(body),
        }
    }

    fn told(self, error: Error, answer: &BufferedResponse) -> Error {
        let body: Value = decode::json(&answer.body).unwrap_or_default();
        let refusal = self.read(&body);
        let mut error = traced(error, &answer.headers);
        match &refusal {
            ErrorBody::Api(entries) => {
                if let Some(first) = entries.first() {
                    error = said(error, first.code.as_deref(), first.best_text());
                }
            }
            ErrorBody::Oidc { error: code, description, .. } => {
                if code.as_deref() == Some("invalid_client") && error.kind() == ErrorKind::InvalidRequest {
                    let what = "the provider refused the client's signature";
                    error = traced(Error::new(ErrorKind::Authentication, what), &answer.headers)
                        .with_status(answer.status);
                }
                let text = description.as_ref().map(|text| text.expose().as_str());
                error = said(error, code.as_deref(), text);
            }
        }
        error.with_source(refusal)
    }
}

fn said(mut error: Error, code: Option<&str>, message: Option<&str>) -> Error {
    if let Some(code) = code {
        error = error.with_code(code);
    }
    if let Some(message) = message {
        error = error.with_provider_message(message);
    }
    error
}

/// Names the request as the provider does.
fn traced(error: Error, headers: &HeaderMap) -> Error {
    let id = headers.get(TRACER).and_then(|id| id.to_str().ok());
    match id.filter(|id| !id.is_empty() && id.len() <= 128) {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}

/// A text that is not empty, cut to a bearable length; a number as text.
fn text(value: &Value) -> Option<String> {
    let mut text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => wire::json::number_text(number),
        _ => return None,
    };
    if text.len() > LONGEST_TEXT {
        text.truncate((0..=LONGEST_TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0));
    }
    (!text.is_empty()).then_some(text)
}

impl fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(entries) => write!(f, "the provider gave {} reasons", entries.len()),
            Self::Oidc { error, .. } => {
                write!(f, "the provider said {}", Sanitized(error.as_deref().unwrap_or("nothing")))
            }
        }
    }
}

impl fmt::Debug for ErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(entries) => f.debug_tuple("Api").field(entries).finish(),
            Self::Oidc { error, .. } => f
                .debug_struct("Oidc")
                .field("error", &error.as_deref().map(Sanitized))
                .finish_non_exhaustive(),
        }
    }
}

impl StdError for ErrorBody {}

impl fmt::Debug for RefusalEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusalEntry")
            .field("code", &self.code.as_deref().map(Sanitized))
            .finish_non_exhaustive()
    }
}
