//! What the API says of a token that somebody presented.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::text;
use crate::{privacy::Pii, wire};

/// A token's state. Only `active` is certain to be there.
///
/// Source: OAuth 2.0 Token Introspection (RFC 7662); which members the provider sends is seen in its reference servers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Introspection {
    /// True for a token that is good now. Whatever else stands here counts only then.
    #[serde(default, deserialize_with = "exactly_true")]
    pub active: bool,
    /// The token's scopes, separated by blanks: see [`has_scope`](Self::has_scope).
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Who uses the token.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Whom it is for: URLs.
    #[serde(default, deserialize_with = "wire::texts", skip_serializing_if = "Vec::is_empty")]
    pub aud: Vec<String>,
    /// Whom it speaks for.
    #[serde(default, deserialize_with = "text_pii", skip_serializing_if = "Option::is_none")]
    pub sub: Option<Pii<String>>,
    /// When it ends, in seconds since 1970.
    #[serde(default, deserialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
    /// When it was made, in seconds since 1970.
    #[serde(default, deserialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub iat: Option<u64>,
    /// Who made it.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Its kind.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Members that have no field here, `ext` among them.
    #[serde(flatten)]
    pub extra: Pii<BTreeMap<String, Value>>,
}

impl Introspection {
    /// Whether the token is good now and has this very scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.active && !scope.is_empty() && self.scopes().any(|held| held == scope)
    }

    /// The scopes, whether the token is good or not.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.as_deref().unwrap_or_default().split(' ').filter(|scope| !scope.is_empty())
    }
}

/// `true` alone is true: neither `1` nor `"true"` opens a door.
fn exactly_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(deserializer)? == Value::Bool(true))
}

/// A moment that cannot be read is not known; it decides nothing, `active` does.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let seconds = Value::deserialize(deserializer)?.as_f64();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok(seconds.filter(|seconds| *seconds >= 0.0).map(|seconds| seconds as u64))
}

fn text_pii<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pii<String>>, D::Error> {
    Ok(text(deserializer)?.map(Pii::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Introspection {
        serde_json::from_str(body).expect(body)
    }

    #[test]
    fn only_true_is_active() {
        for body in [r#"{"active":"true"}"#, r#"{"active":1}"#, r#"{"active":null}"#, "{}", r#"{"active":false}"#] {
            assert!(!read(body).active, "{body}");
        }
        assert!(read(r#"{"active":true}"#).active);
    }

    #[test]
    fn a_scope_is_a_whole_word() {
        let token = read(r#"{"active":true,"scope":"a:read_more b"}"#);
        assert!(token.has_scope("b") && token.has_scope("a:read_more"));
        assert!(!token.has_scope("a:read") && !token.has_scope("") && !token.has_scope("a:read_more b"));
        assert!(!read(r#"{"active":false,"scope":"b"}"#).has_scope("b"));
    }

    #[test]
    fn one_audience_and_several_are_read() {
        assert_eq!(read(r#"{"active":true,"aud":"https://a"}"#).aud, ["https://a"]);
        assert_eq!(read(r#"{"active":true,"aud":["https://a","https://b"],"exp":"x","iat":1.5}"#).iat, Some(1));
    }
}
