//! What the store holds of a session: nothing that helps without the session id.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::{Session, SessionId};
use crate::{
    clock::Clock, crypto::sealed::SealedBy, error::Error, maya::CustomerTokens, storage::OneTimeValue, wire,
};

/// Sealed by the session id.
const SEALED: SealedBy = SealedBy {
    prefix: "maya-session-",
    place: b"kyckit maya session key 1",
    seal: b"kyckit maya session seal 1",
};

#[derive(Serialize, Deserialize)]
struct Kept {
    tokens: String,
    reference: Option<String>,
    /// Seconds since 1970.
    received: u64,
}

/// The key in the store.
pub(super) fn key(id: &SessionId) -> String {
    SEALED.store_key(id.expose().as_bytes())
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
    SEALED.seal(id.expose().as_bytes(), clock, &plain).map(|sealed| OneTimeValue::new(sealed.into()))
}

pub(super) fn open(id: &SessionId, sealed: &[u8]) -> Result<Session, Error> {
    let plain = SEALED.open(id.expose().as_bytes(), sealed)?;
    let kept: Kept = wire::json::from_slice(&plain).map_err(|_| SealedBy::broken())?;
    Ok(Session {
        tokens: CustomerTokens::from_json(kept.tokens.as_bytes()).map_err(|_| SealedBy::broken())?,
        request_reference: kept.reference,
        received: SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(kept.received))
            .ok_or_else(SealedBy::broken)?,
    })
}
