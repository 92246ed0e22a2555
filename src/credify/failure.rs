//! How Credify's refusals become errors: one form by the API, another by the OpenID Connect core.
//!
//! The base URL of a call decides which form its response has. A body that has neither never hides the status.

use std::{error::Error as StdError, fmt};

use http::HeaderMap;
use serde_json::Value;

use crate::{
    error::{Error, ErrorKind, Sanitized},
    privacy::Pii,
    transport::{BufferedResponse, ClassifyResponse, decode},
    wire,
};

/// The header that carries the id under which the provider traces a request.
const TRACER: &str = "tracer";
/// The most entries that are kept.
const MAX_ENTRIES: usize = 32;
/// The longest text that is kept, in bytes.
const MAX_TEXT_BYTES: usize = 2048;

/// The provider's reasons for refusing a call, in full.
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
///         _ => println!("no reason was given"),
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
    Api(Vec<ErrorEntry>),
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
pub struct ErrorEntry {
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
    /// The provider's reasons, of an error of this module; none when it gave none.
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
        let entries = body["errors"].as_array().into_iter().flatten().take(MAX_ENTRIES);
        Self::Api(entries.map(ErrorEntry::read).collect())
    }

    fn oidc(body: &Value) -> Self {
        Self::Oidc {
            error: text(&body["error"]),
            description: text(&body["error_description"]).map(Pii::new),
            hint: text(&body["error_hint"]).map(Pii::new),
        }
    }
}

impl ErrorBody {
    /// Whether the provider gave any reason.
    fn has_reason(&self) -> bool {
        match self {
            Self::Api(entries) => !entries.is_empty(),
            Self::Oidc { error, .. } => error.is_some(),
        }
    }

    /// The error of a response with this body.
    fn on(self, error: Error, response: &BufferedResponse) -> Error {
        let error = traced(error, &response.headers);
        let error = match &self {
            Self::Api(entries) => match entries.first() {
                Some(first) => with_reason(error, first.code.as_deref(), first.best_text()),
                None => error,
            },
            Self::Oidc { error: code, description, .. } => {
                let error = match code.as_deref() {
                    Some("invalid_client") if error.kind() == ErrorKind::InvalidRequest => {
                        let what = "the provider refused the client's signature";
                        traced(Error::new(ErrorKind::Authentication, what), &response.headers)
                            .with_status(response.status)
                    }
                    _ => error,
                };
                let text = description.as_ref().map(|text| text.expose().as_str());
                with_reason(error, code.as_deref(), text)
            }
        };
        error.with_source(self)
    }
}

impl ErrorEntry {
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

/// The form of a refusal, which depends on where the call went: what is an error there, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Api,
    Oidc,
}

impl ClassifyResponse for Dialect {
    /// Takes every response that is not a success as a failure.
    fn classify(&self, response: &BufferedResponse) -> Result<(), Error> {
        match response.status_error() {
            None => Ok(()),
            Some(error) => Err(self.error_body(response).on(error, response)),
        }
    }
}

impl Dialect {
    /// The error of a response that cannot be used although its status is a success: what the provider says there, or
    /// what is wrong with the response.
    pub(super) fn unusable(self, response: &BufferedResponse, error: Error) -> Error {
        let body = self.error_body(response);
        let error = if body.has_reason() {
            let what = "the provider reports a failure behind a success status";
            body.on(Error::new(ErrorKind::Provider, what).with_status(response.status), response)
        } else {
            traced(error, &response.headers)
        };
        response.fail(error)
    }

    fn error_body(self, response: &BufferedResponse) -> ErrorBody {
        let body: Value = decode::json(&response.body).unwrap_or_default();
        match self {
            Self::Api => ErrorBody::api(&body),
            Self::Oidc => ErrorBody::oidc(&body),
        }
    }
}

fn with_reason(mut error: Error, code: Option<&str>, message: Option<&str>) -> Error {
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

/// A text that is not empty, cut to at most 2 KiB; a number as text.
fn text(value: &Value) -> Option<String> {
    let mut text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => wire::json::number_text(number),
        _ => return None,
    };
    if text.len() > MAX_TEXT_BYTES {
        text.truncate((0..=MAX_TEXT_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0));
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

crate::privacy::redacted_debug!(ErrorEntry { code: |this| this.code.as_deref().map(Sanitized), .. });
