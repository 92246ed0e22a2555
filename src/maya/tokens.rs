//! The customer's two tokens, as Maya pushes them and as `POST /tokens` gives them.

use std::time::{Duration, SystemTime};

use http::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{self, decode},
    wire::OnlyObject,
};

/// Above this, `expiresAt` is surely milliseconds: refused rather than guessed.
const LATEST: u64 = 100_000_000_000;

/// The Customer Access Token (`accessToken`) and the Customer Refresh Token (`refreshToken`) of one customer, with the
/// end of the first.
///
/// They belong together: a refresh replaces both. Neither is the client's own token (`access_token`), which the client
/// fetches by itself. How long the refresh token lives is not documented.
#[derive(Clone)]
pub struct CustomerTokens {
    access_token: Secret,
    refresh_token: Secret,
    /// Seconds since 1970.
    expires_at: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    access_token: String,
    refresh_token: String,
    expires_at: Option<u64>,
    // The prose of the provider's page calls it so; looked at only when `expiresAt` is missing.
    expiry_at: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stored<'a> {
    access_token: &'a str,
    refresh_token: &'a str,
    expires_at: u64,
}

impl CustomerTokens {
    /// Tokens from the application's own storage; `expires_at` in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) for a token that is empty or holds a blank, a control character or one that is not
    /// ASCII, and for an end that is zero or no number of seconds (above 10^11).
    pub fn new(
        access_token: impl Into<Secret>,
        refresh_token: impl Into<Secret>,
        expires_at: u64,
    ) -> Result<Self, Error> {
        let (access_token, refresh_token) = (access_token.into(), refresh_token.into());
        for (member, token) in [("accessToken", &access_token), ("refreshToken", &refresh_token)] {
            // It will stand in a header.
            if token.expose().is_empty() || !token.expose_bytes().iter().all(u8::is_ascii_graphic) {
                return Err(refused("the token is empty or holds what no token holds", member));
            }
        }
        if expires_at == 0 || expires_at > LATEST {
            return Err(refused("this is no time in seconds since 1970", "expiresAt"));
        }
        Ok(Self { access_token, refresh_token, expires_at })
    }

    /// Reads the three members as Maya sends them, and as [`to_json`](Self::to_json) writes them.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) with the path of the member that is missing or of another type.
    pub fn from_json(body: &[u8]) -> Result<Self, Error> {
        let OnlyObject(wire): OnlyObject<Wire> = decode::json(body)?;
        let expires_at = wire.expires_at.map(Ok).unwrap_or_else(|| match wire.expiry_at {
            Some(Value::Number(number)) => {
                number.as_u64().ok_or_else(|| refused("this is no time in seconds since 1970", "expiryAt"))
            }
            Some(Value::Null) | None => Err(refused("a member is missing or of another type", "expiresAt")),
            Some(_) => Err(refused("a member is missing or of another type", "expiryAt")),
        })?;
        Self::new(wire.access_token, wire.refresh_token, expires_at)
    }

    /// Both tokens and the end as JSON, for the application's own storage. They open the customer's profile: encrypt
    /// them there.
    pub fn to_json(&self) -> Secret {
        let stored = Stored {
            access_token: self.access_token.expose(),
            refresh_token: self.refresh_token.expose(),
            expires_at: self.expires_at,
        };
        // A struct of texts and a number always serialises.
        Secret::new(serde_json::to_string(&stored).unwrap_or_default())
    }

    /// The Customer Access Token: a JWE for Maya's own services, opaque here.
    pub fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// The Customer Refresh Token.
    pub fn refresh_token(&self) -> &Secret {
        &self.refresh_token
    }

    /// When the Customer Access Token ends.
    pub fn expires_at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.expires_at)
    }

    /// Whether the Customer Access Token is past its end. Maya may push tokens that are.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.expires_at() <= now
    }

    /// The value of `X-Authorization`: bare, no `Bearer ` in front.
    pub(super) fn header_value(&self) -> Result<HeaderValue, Error> {
        let what = "the token does not fit a header";
        let mut value = transport::header_value(self.access_token.expose_bytes(), what)
            .map_err(|_| refused(what, "accessToken"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

fn refused(what: &'static str, member: &'static str) -> Error {
    Error::new(ErrorKind::Decode, what).with_path(member)
}

crate::privacy::redacted_debug!(CustomerTokens { expires_at, .. });

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_at(body: &str) -> String {
        let error = CustomerTokens::from_json(body.as_bytes()).expect_err(body);
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        error.path().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_three_members_are_read_and_others_are_passed_over() {
        let tokens = CustomerTokens::from_json(
            br#"{"accessToken":"j.w.e.1.x","refreshToken":"r.0.1","expiresAt":1893452400,"expiryAt":"x","new":[1]}"#,
        )
        .expect("tokens");
        assert_eq!(tokens.access_token().expose(), "j.w.e.1.x");
        assert_eq!(tokens.refresh_token().expose(), "r.0.1");
        assert_eq!(tokens.expires_at(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_452_400));
        let stored = tokens.to_json();
        assert_eq!(
            stored.expose(),
            r#"{"accessToken":"j.w.e.1.x","refreshToken":"r.0.1","expiresAt":1893452400}"#
        );
        assert!(CustomerTokens::from_json(stored.expose_bytes()).is_ok());
    }

    #[test]
    fn the_other_spelling_of_the_end_serves_when_the_first_is_missing() {
        for body in [
            r#"{"accessToken":"a","refreshToken":"b","expiryAt":7}"#,
            r#"{"accessToken":"a","refreshToken":"b","expiresAt":null,"expiryAt":7}"#,
            r#"{"accessToken":"a","refreshToken":"b","expiresAt":7,"expiryAt":8}"#,
        ] {
            assert_eq!(CustomerTokens::from_json(body.as_bytes()).expect(body).expires_at, 7);
        }
    }

    #[test]
    fn what_is_missing_or_of_another_type_is_named() {
        for (body, path) in [
            (r#"{"refreshToken":"b","expiresAt":7}"#, "accessToken"),
            (r#"{"accessToken":null,"refreshToken":"b","expiresAt":7}"#, "accessToken"),
            (r#"{"accessToken":"","refreshToken":"b","expiresAt":7}"#, "accessToken"),
            (r#"{"accessToken":"a b","refreshToken":"b","expiresAt":7}"#, "accessToken"),
            (r#"{"accessToken":"a\r\nx: y","refreshToken":"b","expiresAt":7}"#, "accessToken"),
            (r#"{"accessToken":"ä","refreshToken":"b","expiresAt":7}"#, "accessToken"),
            (r#"{"accessToken":["a"],"refreshToken":"b","expiresAt":7}"#, "accessToken"),
            (r#"{"accessToken":"a","expiresAt":7}"#, "refreshToken"),
            (r#"{"accessToken":"a","refreshToken":7,"expiresAt":7}"#, "refreshToken"),
            (r#"{"accessToken":"a","refreshToken":"b"}"#, "expiresAt"),
            (r#"{"accessToken":"a","refreshToken":"b","expiresAt":"7"}"#, "expiresAt"),
            (r#"{"accessToken":"a","refreshToken":"b","expiresAt":0}"#, "expiresAt"),
            (r#"{"accessToken":"a","refreshToken":"b","expiresAt":-7}"#, "expiresAt"),
            (r#"{"accessToken":"a","refreshToken":"b","expiresAt":7.5}"#, "expiresAt"),
            (r#"{"accessToken":"a","refreshToken":"b","expiresAt":1893452400000}"#, "expiresAt"),
            (r#"{"accessToken":"a","refreshToken":"b","expiryAt":"7"}"#, "expiryAt"),
            (r#"["a","b",7,null]"#, "."),
            ("", "."),
        ] {
            assert_eq!(refused_at(body), path, "{body}");
        }
    }
}
