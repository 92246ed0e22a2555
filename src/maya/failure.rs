//! What Maya's services say when they refuse.
//!
//! There is no error table for `/profile` and `/tokens`. Five shapes are known of the provider's services; one lenient
//! reader takes them all, and a body that is none of them never hides the status.

use serde_json::Value;

use crate::{
    error::{Error, ErrorKind, FieldError},
    transport::{BufferedResponse, decode, excerpt},
    wire,
};

/// Codes of the gateway, which guards the provider's other products too ("Online Payment Errors").
const LACKS_SCOPE: &str = "K007";
const GENERAL_AUTHENTICATION: &str = "K999";

/// The most fields at fault that are kept.
const MAX_FIELDS: usize = 32;
/// Codes are words.
const MAX_CODE_BYTES: usize = 64;

/// An error for every answer that is not a success, with the provider's code, text and fields.
pub(super) fn classify(answer: &BufferedResponse) -> Result<(), Error> {
    match answer.status_error() {
        None => Ok(()),
        Some(error) => Err(ErrorBody::read(&answer.body).describe(error)),
    }
}

/// What stands in the body of a refusal.
#[derive(Default)]
struct ErrorBody {
    code: Option<String>,
    message: Option<String>,
    fields: Vec<FieldError>,
}

impl ErrorBody {
    fn read(body: &[u8]) -> Self {
        let Ok(body) = decode::json::<Value>(body) else { return Self::default() };
        // The older platform sends a list of refusals; the first says it all.
        let body = body.get(0).unwrap_or(&body);
        let error = &body["error"];
        let code =
            [&body["code"], error, &error["code"]].into_iter().filter_map(text).find(|text| is_word(text));
        let sentence = text(error).filter(|text| !is_word(text));
        let message = [&body["message"], &body["error_description"]]
            .into_iter()
            .find_map(text)
            .or(sentence)
            .or_else(|| [&error["message"], &error["msg"]].into_iter().find_map(text));
        let fields =
            body["parameters"].as_array().into_iter().flatten().take(MAX_FIELDS).filter_map(|parameter| {
                let message = text(&parameter["description"]).unwrap_or_default();
                Some(FieldError::new(text(&parameter["field"])?, clean(&message)))
            });
        Self { code, message: message.as_deref().map(clean), fields: fields.collect() }
    }

    fn describe(self, error: Error) -> Error {
        let code = self.code.as_deref().unwrap_or_default();
        let grant_refused = code == "invalid_client"
            && self.message.as_deref().is_some_and(|text| text.contains("grant type"));
        let status = error.status();
        let mut error = if code == LACKS_SCOPE || grant_refused {
            renamed(error, ErrorKind::Permission, "the client may not do this")
        } else if code == GENERAL_AUTHENTICATION {
            renamed(error, ErrorKind::Authentication, "the provider's gateway refused the authentication")
        } else {
            error
        };
        if let Some(status) = status {
            error = error.with_status(status);
        }
        if let Some(code) = self.code {
            error = error.with_code(code);
        }
        if let Some(message) = self.message {
            error = error.with_provider_message(message);
        }
        self.fields.into_iter().fold(error, Error::with_field)
    }
}

fn renamed(error: Error, kind: ErrorKind, what: &'static str) -> Error {
    match error.retry_after() {
        Some(wait) => Error::new(kind, what).with_retry_after(wait),
        None => Error::new(kind, what),
    }
}

/// A text, or a number as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(wire::json::number_text(number)),
        _ => None,
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_CODE_BYTES && !text.contains(char::is_whitespace)
}

/// At most 2 KiB without token-like text: one of the provider's messages echoes a refresh token.
fn clean(message: &str) -> String {
    excerpt(message.as_bytes())
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn read(status: u16, body: &str) -> Error {
        let error = Error::new(ErrorKind::InvalidRequest, "refused")
            .with_status(StatusCode::from_u16(status).expect("a status"));
        ErrorBody::read(body.as_bytes()).describe(error)
    }

    /// The five families of contract section 7.
    #[test]
    fn every_known_shape_gives_its_code_and_its_text() {
        for (body, code, message) in [
            (
                r#"{"error":"invalid_request","error_description":"Missing grant type"}"#,
                Some("invalid_request"),
                Some("Missing grant type"),
            ),
            (
                r#"{"error":"Invalid authentication credentials","code":"K003","reference":"6f0a4c1e-3b53"}"#,
                Some("K003"),
                Some("Invalid authentication credentials"),
            ),
            (r#"{"code":2553,"message":"Missing or invalid"}"#, Some("2553"), Some("Missing or invalid")),
            (r#"{"error":{"code":"MM01","message":"No wallet"}}"#, Some("MM01"), Some("No wallet")),
            (r#"{"error":{"code":7,"msg":"No wallet"}}"#, Some("7"), Some("No wallet")),
            (
                r#"[{"logref":"6f0a4c1e","code":"-4","message":"Not found","links":[{"rel":"x","href":"y"}]}]"#,
                Some("-4"),
                Some("Not found"),
            ),
            ("\u{feff}{\"code\":2553,\"message\":\"x\"}", Some("2553"), Some("x")),
            ("<html>502</html>", None, None),
            ("", None, None),
            ("[]", None, None),
            ("null", None, None),
            (r#"{"code":{},"message":[1],"error":true}"#, None, None),
        ] {
            let error = read(400, body);
            assert_eq!((error.code(), error.provider_message()), (code, message), "{body}");
            assert_eq!(error.status(), Some(StatusCode::BAD_REQUEST), "{body}");
        }
    }

    #[test]
    fn fields_at_fault_are_kept() {
        let error = read(
            400,
            r#"{"code":"2553","message":"x","parameters":[{"field":"a.b","description":"too long"},{"x":1}]}"#,
        );
        let fields: Vec<_> = error
            .fields()
            .iter()
            .map(|field| (field.field.as_str(), field.message.expose().as_str()))
            .collect();
        assert_eq!(fields, [("a.b", "too long")]);
    }

    #[test]
    fn a_token_in_a_message_is_taken_out() {
        let error = read(
            400,
            r#"{"error":"invalid_token","error_description":"Invalid refresh token: eyJhbGciOiJIUzI1NiJ9.e30.AAAA"}"#,
        );
        assert_eq!(error.provider_message(), Some("Invalid refresh token: [redacted]"));
    }

    #[test]
    fn one_code_with_two_meanings_is_told_apart_by_its_text() {
        let kind = |description: &str| {
            let body = format!(r#"{{"error":"invalid_client","error_description":"{description}"}}"#);
            let refused =
                Error::new(ErrorKind::Authentication, "refused").with_status(StatusCode::UNAUTHORIZED);
            ErrorBody::read(body.as_bytes()).describe(refused).kind()
        };
        assert_eq!(kind("Bad client credentials"), ErrorKind::Authentication);
        assert_eq!(kind("Unauthorized grant type: refresh_token"), ErrorKind::Permission);
    }
}
