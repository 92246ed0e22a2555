//! What the store holds of a session: nothing that helps without the session id.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::{Session, SessionId};
use crate::{
    clock::Clock,
    crypto::{aead::SealingKey, hmac_sha256, sha256_hex},
    error::{Error, ErrorKind},
    maya::CustomerTokens,
    storage::OneTimeValue,
    wire,
};

/// Separates what is made of one id for two ends.
const KEY: &[u8] = b"kyckit maya session key 1";
const SEAL: &[u8] = b"kyckit maya session seal 1";

#[derive(Serialize, Deserialize)]
struct Kept {
    tokens: String,
    reference: Option<String>,
    /// Seconds since 1970.
    received: u64,
}

/// The key in the store.
pub(super) fn key(id: &SessionId) -> String {
    let digest = sha256_hex(&[KEY, id.expose().as_bytes()]);
    format!("maya-session-{}", String::from_utf8_lossy(&digest))
}

pub(super) fn seal(session: &Session, id: &SessionId, clock: &Clock) -> Result<OneTimeValue, Error> {
    let received = session.received.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let kept = Kept {
        tokens: session.tokens.to_json().expose().to_owned(),
        reference: session.request_reference.clone(),
        received,
    };
    let plain = zeroize::Zeroizing::new(
        serde_json::to_vec(&kept).map_err(|_| Error::store("the session cannot be written as JSON"))?,
    );
    sealing_key(id).seal(clock, SEAL, &plain).map(|sealed| OneTimeValue::new(sealed.into()))
}

pub(super) fn open(id: &SessionId, sealed: &[u8]) -> Result<Session, Error> {
    let broken = || Error::new(ErrorKind::Store, "the store gave back another value than it was given");
    let plain = sealing_key(id).open(SEAL, sealed).map_err(|_| broken())?;
    let kept: Kept = wire::json::from_slice(&plain).map_err(|_| broken())?;
    Ok(Session {
        tokens: CustomerTokens::from_json(kept.tokens.as_bytes()).map_err(|_| broken())?,
        request_reference: kept.reference,
        received: SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(kept.received))
            .ok_or_else(broken)?,
    })
}

fn sealing_key(id: &SessionId) -> SealingKey {
    SealingKey::new(hmac_sha256(id.expose().as_bytes(), &[SEAL]))
}
