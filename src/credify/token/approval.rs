//! The token in which a user says what a service provider may have.

use serde_json::{Map, Value, json};

use super::{
    jwt,
    payload::{issued_at, scopes, text},
};
use crate::{clock::Clock, credify::keys::SigningKey, error::Error, privacy::Pii};

/// A user's approval. Wallets make it.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "the provider's SDK takes these and no others")]
pub struct ApprovalToken<'a> {
    /// The service provider that may have the scopes.
    pub client_id: &'a str,
    /// The user's Credify id.
    pub entity_id: &'a str,
    /// What the service provider may have.
    pub scopes: &'a [&'a str],
    /// The offer that the user takes; an empty code is none.
    pub offer_code: Option<&'a str>,
}

impl ApprovalToken<'_> {
    /// Signs the approval with the user's key.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
    pub fn sign(&self, key: &SigningKey, clock: &Clock) -> Result<Pii<String>, Error> {
        let mut payload = json!({
            "client_id": self.client_id,
            "iat": issued_at(clock),
            "iss": self.entity_id,
            "scopes": self.scopes.join(" "),
        });
        if let Some(code) = self.offer_code.filter(|code| !code.is_empty()) {
            payload["offer_code"] = json!(code);
        }
        jwt::sign(key, &payload)
    }
}

/// What an approval token says, in either case of names.
pub(crate) struct ApprovalPayload {
    pub(crate) client_id: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) offer_code: Option<String>,
}

impl ApprovalPayload {
    pub(crate) fn read(payload: &Map<String, Value>) -> Self {
        Self {
            client_id: text(payload, "client_id"),
            issuer: text(payload, "iss"),
            scopes: scopes(payload),
            offer_code: text(payload, "offer_code"),
        }
    }
}
