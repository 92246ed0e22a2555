//! Authorizations that have begun, until the person comes back.

use std::time::Duration;

use crate::{
    clock::Clock,
    credify::{authorization::Authorization, keys::DecryptionKey},
    crypto::sealed::SealedBy,
    error::{Error, ErrorKind},
    privacy::Secret,
    storage::OneTimeValue,
    storage::{AnyOneTimeStore, OneTimeStore},
};

/// Sealed by the state.
const SEALED: SealedBy = SealedBy {
    prefix: "credify-state-",
    place: b"kyckit credify state place 1",
    seal: b"kyckit credify state seal 1",
};

/// Keeps what opens an authorization, sealed by its state: the store alone does not help to open it.
#[derive(Clone)]
pub(super) struct PendingAuthorizations {
    pub(super) store: AnyOneTimeStore,
    pub(super) clock: Clock,
    pub(super) ttl: Duration,
}

/// What was kept of an authorization.
pub(super) struct Begun {
    /// The private key; none where the claims are encrypted for the key on record.
    pub(super) key: Option<DecryptionKey>,
}

impl PendingAuthorizations {
    /// Keeps an authorization until the person comes back.
    pub(super) async fn keep(&self, authorization: &Authorization) -> Result<(), Error> {
        let key = authorization.decryption_key.as_ref().map(DecryptionKey::to_base64url).transpose()?;
        let plain = key.as_ref().map(Secret::expose_bytes).unwrap_or_default();
        let (state, now) = (authorization.state.expose_bytes(), self.clock.now());
        let sealed = SEALED.seal(state, &self.clock, plain)?;
        let value = OneTimeValue::new(sealed.into());
        self.store.put(now, &SEALED.store_key(state), value, now + self.ttl).await
    }

    /// Takes out what was kept for a state; none for a state that is unknown, spent or over.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] when the store gave back another value than it was given, and the store's own.
    pub(super) async fn redeem(&self, state: &str) -> Result<Option<Begun>, Error> {
        let state = state.as_bytes();
        let kept = match self.store.redeem(self.clock.now(), &SEALED.store_key(state)).await {
            Ok(Some(kept)) => kept,
            Ok(None) => return Ok(None),
            Err(error) if matches!(error.kind(), ErrorKind::AlreadyUsed | ErrorKind::Expired) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let plain = SEALED.open(state, kept.expose())?;
        if plain.is_empty() {
            return Ok(Some(Begun { key: None }));
        }
        let text = std::str::from_utf8(&plain).map_err(|_| SealedBy::broken())?;
        let key = DecryptionKey::from_base64url(&Secret::from(text)).map_err(|_| SealedBy::broken())?;
        Ok(Some(Begun { key: Some(key) }))
    }
}
