//! Tokens that the provider hands out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    privacy::{Pii, Secret},
    wire,
};

/// What a person's authorization code was exchanged for.
///
/// Source: OAuth 2.0 (RFC 6749, section 5.1) and OpenID Connect Core 1.0, section 3.1.3.3.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Wire")]
#[non_exhaustive]
pub struct UserToken {
    /// The person's access token, for [`Client::userinfo`](crate::credify::Client::userinfo).
    pub access_token: Secret,
    /// For how long it serves, in seconds.
    pub expires_in: Option<u64>,
    /// The id token, as it came: its signature is not checked here.
    pub id_token: Option<Secret>,
    /// What replaces it, when `offline_access` was granted.
    pub refresh_token: Option<Secret>,
    /// The scopes that were granted, separated by blanks.
    pub scope: Option<String>,
    /// Its kind: `bearer`.
    pub token_type: Option<String>,
    /// Members that have no field here, and those that are of another type than their field, as they came.
    pub extra: Pii<BTreeMap<String, Value>>,
}

/// Only the access token has to be readable: the code that it was exchanged for serves once, so a fault beside it must
/// not lose it.
#[derive(Deserialize)]
struct Wire {
    access_token: Secret,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

impl From<Wire> for UserToken {
    fn from(wire: Wire) -> Self {
        let mut others = wire.others;
        Self {
            access_token: wire.access_token,
            expires_in: take(&mut others, "expires_in", seconds),
            id_token: take(&mut others, "id_token", secret),
            refresh_token: take(&mut others, "refresh_token", secret),
            scope: take(&mut others, "scope", text),
            token_type: take(&mut others, "token_type", text),
            extra: Pii::new(others),
        }
    }
}

/// Takes a member out, unless it is of another type: then it stays where it is.
fn take<T>(
    members: &mut BTreeMap<String, Value>,
    name: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<T> {
    let value = members.get(name)?;
    let found = read(value);
    if found.is_some() || value.is_null() {
        members.remove(name);
    }
    found
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(wire::json::number_text(number)),
        _ => None,
    }
}

fn secret(value: &Value) -> Option<Secret> {
    value.as_str().map(Secret::from)
}

/// A whole number that is not negative, also as text and also as `33.0`.
fn seconds(value: &Value) -> Option<u64> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within")]
    (seconds.fract() == 0.0 && (0.0..9e15).contains(&seconds)).then_some(seconds as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fault_beside_the_access_token_does_not_lose_it() {
        for (member, value) in [
            ("scope", json!(["openid"])),
            ("refresh_token", json!(false)),
            ("id_token", json!({"a": 1})),
            ("expires_in", json!("soon")),
            ("expires_in", json!(-1)),
            ("token_type", json!([])),
        ] {
            let mut body = json!({
                "access_token": "a", "expires_in": "60", "id_token": "i", "refresh_token": "r", "scope": "openid",
                "token_type": "bearer", "other": 1,
            });
            body[member] = value.clone();
            let token: UserToken = serde_json::from_value(body).expect("a token");
            assert_eq!(token.access_token.expose(), "a");
            let there = [
                ("expires_in", token.expires_in == Some(60)),
                ("id_token", token.id_token.is_some_and(|token| token.expose() == "i")),
                ("refresh_token", token.refresh_token.is_some_and(|token| token.expose() == "r")),
                ("scope", token.scope.as_deref() == Some("openid")),
                ("token_type", token.token_type.as_deref() == Some("bearer")),
            ];
            for (name, is_read) in there {
                assert_eq!(is_read, name != member, "{name} beside {member}: {value}");
            }
            let extra = BTreeMap::from([(member.to_owned(), value), ("other".to_owned(), json!(1))]);
            assert_eq!(token.extra.into_exposed(), extra);
        }
    }

    #[test]
    fn without_a_usable_access_token_there_is_none() {
        for body in [json!({}), json!({"access_token": null}), json!({"access_token": 7}), json!([])] {
            assert!(serde_json::from_value::<UserToken>(body).is_err());
        }
    }
}
