//! What the store holds of an authorization that was begun: nothing that helps without the state.

use crate::{
    clock::Clock,
    credify::keys::DecryptionKey,
    crypto::{aead::SealingKey, hmac_sha256, sha256_hex},
    error::{Error, ErrorKind},
    privacy::Secret,
    storage::OneTimeValue,
};

/// Separates what is made of one state for two ends.
const PLACE: &[u8] = b"kyckit credify state place 1";
const SEAL: &[u8] = b"kyckit credify state seal 1";

/// The private key of an authorization; none where the claims are encrypted for the key on record.
pub(super) struct Kept<'a> {
    pub(super) key: Option<&'a DecryptionKey>,
}

impl Kept<'_> {
    pub(super) fn seal(&self, state: &Secret, clock: &Clock) -> Result<OneTimeValue, Error> {
        let key = self.key.map(DecryptionKey::to_base64url).transpose()?;
        let plain = key.as_ref().map(Secret::expose_bytes).unwrap_or_default();
        sealing_key(state.expose()).seal(clock, SEAL, plain).map(|sealed| OneTimeValue::new(sealed.into()))
    }
}

/// The key of the store for a state.
pub(super) fn place(state: &str) -> String {
    let digest = sha256_hex(&[PLACE, state.as_bytes()]);
    format!("credify-state-{}", String::from_utf8_lossy(&digest))
}

/// Opens what was sealed for this state.
///
/// # Errors
///
/// [`ErrorKind::Store`] when the store gave back another value than it was given.
pub(super) fn open(sealed: &[u8], state: &str) -> Result<Option<DecryptionKey>, Error> {
    let broken = || Error::new(ErrorKind::Store, "the store gave back another value than it was given");
    let plain = sealing_key(state).open(SEAL, sealed).map_err(|_| broken())?;
    if plain.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(&plain).map_err(|_| broken())?;
    DecryptionKey::from_base64url(&Secret::from(text)).map(Some).map_err(|_| broken())
}

fn sealing_key(state: &str) -> SealingKey {
    SealingKey::new(hmac_sha256(state.as_bytes(), &[SEAL]))
}
