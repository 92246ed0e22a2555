//! The token in which a user commits to an identity document.

use serde_json::json;

use super::{jwt, payload::issued_at};
use crate::{clock::Clock, credify::keys::SigningKey, error::Error, privacy::Pii};

/// The hash of an identity document, signed by its holder.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "the provider's SDK takes these and no others")]
pub struct IdentityToken<'a> {
    /// The user's Credify id.
    pub entity_id: &'a str,
    /// The kind of document, such as `PASSPORT`.
    pub source: &'a str,
    /// The document's hash, base64url: see [`json::sha256`](crate::credify::json::sha256).
    pub hash: &'a str,
}

impl IdentityToken<'_> {
    /// Signs the hash with the user's key.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
    pub fn sign(&self, key: &SigningKey, clock: &Clock) -> Result<Pii<String>, Error> {
        let payload = json!({
            "iat": issued_at(clock),
            "iss": self.entity_id,
            "identity_source": self.source,
            "identity_hash": self.hash,
        });
        jwt::sign(key, &payload)
    }
}
