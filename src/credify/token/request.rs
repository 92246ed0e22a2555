//! The token in which a service provider says what it asks for.

use serde_json::{Map, Value, json};

use super::{
    jwt,
    payload::{now, scopes, text},
};
use crate::{
    clock::Clock,
    credify::keys::{EncryptionKey, SigningKey},
    error::Error,
    privacy::Pii,
};

/// Seconds that it is dated back: half of what the other tokens are.
const BACK: i64 = 30;

/// A service provider's request for scopes. It is part of an authorization URL.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "the provider's SDK takes these and no others")]
pub struct RequestToken<'a> {
    /// The service provider's id.
    pub client_id: &'a str,
    /// The key to encrypt the claims for; the one that the provider has on record where it is left out.
    pub encryption_key: Option<&'a EncryptionKey>,
    /// The scopes, `openid` among them.
    pub scopes: &'a [&'a str],
}

impl RequestToken<'_> {
    /// Signs the request with the service provider's key.
    ///
    /// ```
    /// use kyckit::{clock::Clock, credify::{keys::SigningKey, token::RequestToken}};
    ///
    /// # fn main() -> kyckit::Result<()> {
    /// let clock = Clock::system();
    /// let key = SigningKey::generate(&clock)?;
    /// let request = RequestToken {
    ///     client_id: "8e0b198b-f112-4612-96bb-9d2c8b8ca0c3",
    ///     encryption_key: None,
    ///     scopes: &["openid", "phone"],
    /// };
    /// let token = request.sign(&key, &clock)?;
    /// # let _ = token;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when `openid` is not among the scopes.
    pub fn sign(&self, key: &SigningKey, clock: &Clock) -> Result<Pii<String>, Error> {
        if !self.scopes.contains(&"openid") {
            return Err(Error::invalid("scopes", "openid is required."));
        }
        let mut payload = Map::new();
        payload.insert("iss".to_owned(), json!(self.client_id));
        if let Some(key) = self.encryption_key {
            payload.insert("encryption_public_key".to_owned(), json!(key.to_base64url()?));
        }
        payload.insert("iat".to_owned(), json!(now(clock).saturating_sub(BACK)));
        payload.insert("scopes".to_owned(), json!(self.scopes.join(" ")));
        jwt::sign(key, &Value::Object(payload))
    }
}

/// What a request token says, in either case of names.
pub(crate) struct RequestPayload {
    pub(crate) issuer: Option<String>,
    pub(crate) encryption_key: Option<String>,
    pub(crate) scopes: Option<Vec<String>>,
}

impl RequestPayload {
    pub(crate) fn read(payload: &Map<String, Value>) -> Self {
        Self {
            issuer: text(payload, "iss"),
            encryption_key: text(payload, "encryption_public_key"),
            scopes: scopes(payload),
        }
    }
}
