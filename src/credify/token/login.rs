//! The token by which an organisation says who it is.

use serde_json::json;

use super::{jwt, payload::issued_at};
use crate::{clock::Clock, credify::keys::SigningKey, error::Error, privacy::Secret};

/// Seconds for which a login token is good, from its date on.
const LIFETIME: i64 = 3600;

/// Makes a login token: the client secret of an organisation at OIDC core's token endpoint.
///
/// It is good for 59 minutes. Make a fresh one for each call.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
pub fn login_token(key: &SigningKey, clock: &Clock) -> Result<Secret, Error> {
    let issued_at = issued_at(clock);
    let payload = json!({
        "exp": issued_at.saturating_add(LIFETIME),
        "iat": issued_at,
        "signing_key": key.verifying_key().to_pem(),
    });
    jwt::sign(key, &payload).map(|token| Secret::new(token.into_exposed()))
}
