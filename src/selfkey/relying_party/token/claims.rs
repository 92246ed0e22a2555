//! What tokens say.

use std::{net::IpAddr, sync::Arc};

use serde_json::{Map, Value};

use super::super::holder::Holder;
use crate::{
    error::{Error, ErrorKind},
    privacy::Pii,
};

pub(super) const KIND: &str = "tokenType";
pub(super) const CHALLENGE: &str = "CHALLENGE";
pub(super) const ACCESS: &str = "ACCESS";
pub(super) const ADDRESS: &str = "address";

/// What a challenge token says that was issued with this key and is not past its time. Made by
/// [`TokenVerifier::challenge`](super::TokenVerifier::challenge) alone.
#[derive(Clone)]
pub struct ChallengeClaims {
    subject: Pii<String>,
    claims: Arc<Map<String, Value>>,
}

/// What an access token says that was issued with this key and is not past its time. Made by
/// [`TokenVerifier::access`](super::TokenVerifier::access) alone.
#[derive(Clone)]
pub struct AccessClaims {
    holder: Holder,
    claims: Arc<Map<String, Value>>,
}

impl ChallengeClaims {
    pub(super) fn of(claims: Map<String, Value>) -> Result<Self, Error> {
        let subject = subject(&claims).ok_or_else(no_subject)?.to_owned();
        Ok(Self { subject: Pii::new(subject), claims: Arc::new(claims) })
    }

    /// Returns whom the challenge was made for.
    pub fn subject(&self) -> &str {
        self.subject.expose()
    }

    /// Returns what is to be signed: `challenge` where there is one, else `nonce`.
    pub fn message(&self) -> Option<&str> {
        ["challenge", "nonce"]
            .iter()
            .filter_map(|name| self.claims.get(*name)?.as_str())
            .find(|text| !text.is_empty())
    }

    /// Returns all claims.
    pub fn to_value(&self) -> Value {
        Value::Object((*self.claims).clone())
    }

    /// The address that the challenge was made for: a claim of its own, or the subject in the documented dialect.
    pub(in super::super) fn address(&self) -> Option<IpAddr> {
        let stated = self.claims.get(ADDRESS).and_then(Value::as_str);
        stated.unwrap_or_else(|| self.subject()).parse().ok()
    }

    /// The second in which the challenge ends.
    pub(in super::super) fn expires_at(&self) -> Option<u64> {
        let end = self.claims.get("exp")?.as_f64()?;
        // Dates are checked to be below 2^53; what lies before 1970 has passed.
        (end >= 0.0).then_some(end.ceil() as u64)
    }
}

impl AccessClaims {
    pub(super) fn new(holder: Holder, claims: Map<String, Value>) -> Self {
        Self { holder, claims: Arc::new(claims) }
    }

    /// Returns the holder that the token was issued to.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Returns all claims.
    pub fn to_value(&self) -> Value {
        Value::Object((*self.claims).clone())
    }
}

pub(super) fn subject(claims: &Map<String, Value>) -> Option<&str> {
    claims.get("sub")?.as_str().filter(|subject| !subject.is_empty())
}

pub(super) fn no_subject() -> Error {
    Error::new(ErrorKind::Signature, "the token has no subject of the form that is wanted")
        .with_check("token.subject")
}

crate::privacy::redacted_debug!(ChallengeClaims { .. });

crate::privacy::redacted_debug!(AccessClaims { .. });
