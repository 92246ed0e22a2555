//! Sealed flow state: encrypted, bound to a person, small, usable once.
//!
//! ```text
//! kyckit1.<provider>.<end>.<base64url of nonce, ciphertext, tag>
//! ```
//!
//! AES-256-GCM (NIST SP 800-38D). The version, the provider and the end stand before the ciphertext, for you to sort
//! by, and are authenticated with it. The person stands inside, as an HMAC under a key of its own, and is compared in
//! constant time.

use std::{
    str::FromStr,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    audit::{AuditTrail, seconds},
    person::{Attempt, PersonId, is_id, random_id},
};
use crate::{
    clock::Clock,
    crypto::{self, aead::SealingKey},
    error::{Error, ErrorKind},
    privacy::REDACTED,
    storage::{OneTimeStore, OneTimeValue},
    wire,
};

/// The name and version of the form.
const NAME: &str = "kyckit";
const VERSION: &str = "1";
/// The maximum length of a sealed state, in bytes.
const MAX_LEN: usize = 16 * 1024;
/// The maximum length of a provider's name, in bytes.
const MAX_PROVIDER_LEN: usize = 64;

/// Keys that seal and open flow states.
///
/// All machines that resume each other's flows share them. Protect them as any key of your backend: a holder can forge
/// states.
///
/// ```
/// use kyckit::flow::StateKeys;
///
/// # let (new, old) = ([1; 32], [2; 32]);
/// // 32 random bytes each. While a rotation lasts, states under the old key are opened too.
/// let keys = StateKeys::new(new).also_open(old);
/// ```
#[derive(Clone)]
pub struct StateKeys {
    current: Key,
    older: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    seal: Zeroizing<[u8; 32]>,
    person: Zeroizing<[u8; 32]>,
    /// All zeros, as a buffer that was never filled.
    is_blank: bool,
}

impl Key {
    fn new(key: [u8; 32]) -> Self {
        let key = Zeroizing::new(key);
        let is_blank = key.iter().all(|byte| *byte == 0);
        let derive = |label: &[u8]| Zeroizing::new(crypto::hmac_sha256(key.as_slice(), &[label]));
        Self {
            seal: derive(b"kyckit flow state seal 1"),
            person: derive(b"kyckit flow state person 1"),
            is_blank,
        }
    }

    fn sealing(&self) -> SealingKey {
        SealingKey::new(*self.seal)
    }

    fn tag(&self, person: &PersonId) -> String {
        hex::encode(crypto::hmac_sha256(self.person.as_slice(), &[person.expose().as_bytes()]))
    }
}

impl StateKeys {
    /// Creates keys that seal and open under this key: 32 random bytes. One of zeros alone is a buffer that was never filled: flows then
    /// fail with [`Configuration`](ErrorKind::Configuration).
    pub fn new(key: [u8; 32]) -> Self {
        Self { current: Key::new(key), older: Vec::new() }
    }

    /// Adds an older key, under which states are opened but not sealed.
    #[must_use]
    pub fn also_open(mut self, key: [u8; 32]) -> Self {
        self.older.push(Key::new(key));
        self
    }

    /// Refuses a key that anybody can guess.
    pub(super) fn check(&self) -> Result<(), Error> {
        if std::iter::once(&self.current).chain(&self.older).any(|key| key.is_blank) {
            return Err(Error::configuration("a key of flow states is all zeros")
                .with_hint("fill it with 32 random bytes"));
        }
        Ok(())
    }

    /// Seals a state for a person. It is registered with the store, so that it can be spent once.
    pub(super) async fn seal<S: OneTimeStore + ?Sized>(
        &self,
        state: State,
        person: &PersonId,
        (clock, store): (&Clock, &S),
    ) -> Result<SealedState, Error> {
        self.check()?;
        let end = seconds(state.expires_at);
        let header = format!("{NAME}{VERSION}.{}.{end}", state.provider);
        let id = random_id(clock)?;
        let payload = Payload {
            id: id.clone(),
            person: self.current.tag(person),
            attempt: state.attempt.as_str().to_owned(),
            started: seconds(state.started_at),
            position: state.position,
            trail: state.trail,
        };
        let plain = serde_json::to_vec(&payload).map(Zeroizing::new);
        let plain = plain.map_err(|_| Error::configuration("the state cannot be written as JSON"))?;
        let sealed = self.current.sealing().seal(clock, header.as_bytes(), &plain)?;
        let text = format!("{header}.{}", URL_SAFE_NO_PAD.encode(sealed));
        if text.len() > MAX_LEN {
            return Err(Error::new(ErrorKind::TooLarge, "the state is larger than states may be")
                .with_check("state.size"));
        }
        let expires_at = SystemTime::UNIX_EPOCH + Duration::from_secs(end);
        store.put(clock.now(), &store_key(&id), OneTimeValue::new(bytes::Bytes::new()), expires_at).await?;
        Ok(SealedState(text))
    }

    /// Opens a state for a person, and spends nothing.
    pub(super) fn open(
        &self,
        sealed: &SealedState,
        person: &PersonId,
        now: SystemTime,
    ) -> Result<State, Error> {
        self.check()?;
        let text = &sealed.0;
        let Parts { provider, end, header, body } = Parts::of(text)?;
        let altered = || {
            Error::new(ErrorKind::Decryption, "the state was altered, or sealed under another key")
                .with_check("state.sealed")
        };
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| altered())?;
        let mut keys = std::iter::once(&self.current).chain(&self.older);
        let (key, plain) = keys
            .find_map(|key| Some((key, key.sealing().open(header.as_bytes(), &bytes).ok()?)))
            .ok_or_else(altered)?;
        let payload: Payload = wire::json::from_slice(&plain).map_err(|_| altered())?;
        if !crypto::equal(payload.person.as_bytes(), key.tag(person).as_bytes()) {
            return Err(Error::new(ErrorKind::Permission, "the state is another person's")
                .with_check("state.person")
                .with_hint("nothing was spent; its own person can still resume it"));
        }
        let expires_at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(end)).ok_or_else(altered)?;
        if now >= expires_at {
            return Err(Error::new(ErrorKind::Expired, "the state is past its time")
                .with_check("state.expired")
                .with_hint("start another attempt"));
        }
        let started_at =
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(payload.started)).ok_or_else(altered)?;
        Ok(State {
            provider: provider.to_owned(),
            attempt: Attempt::known(payload.attempt).ok_or_else(altered)?,
            started_at,
            expires_at,
            id: is_id(&payload.id).then_some(payload.id).ok_or_else(altered)?,
            position: payload.position,
            trail: payload.trail,
        })
    }
}

/// For `__private`: states with anything inside.
#[cfg(feature = "sandbox")]
impl StateKeys {
    /// Seals bytes as a payload, in which `@person` stands for the person's tag.
    pub(crate) fn seal_any(
        &self,
        inside: &[u8],
        person: &PersonId,
        clock: &Clock,
    ) -> Result<SealedState, Error> {
        let end = seconds(clock.now()) + 60;
        let header = format!("{NAME}{VERSION}.maya.{end}");
        let inside = match str::from_utf8(inside) {
            Ok(text) => text.replace("@person", &self.current.tag(person)).into_bytes(),
            Err(_) => inside.to_vec(),
        };
        let sealed = self.current.sealing().seal(clock, header.as_bytes(), &inside)?;
        Ok(SealedState(format!("{header}.{}", URL_SAFE_NO_PAD.encode(sealed))))
    }

    /// Whether a state opens for a person.
    pub(crate) fn opens(&self, sealed: &SealedState, person: &PersonId, now: SystemTime) -> bool {
        self.open(sealed, person, now).is_ok_and(|state| is_id(&state.id))
    }
}

crate::privacy::redacted_debug!(StateKeys { older: |this| this.older.len(), .. });

/// Encrypted flow state: text of a few hundred bytes that fits a cookie, a form field or a column.
///
/// A holder who also authenticates as its person can resume the flow, once. `Debug` hides it.
#[doc(alias = "resume token")]
#[doc(alias = "continuation")]
#[derive(Clone, PartialEq, Eq)]
pub struct SealedState(String);

impl SealedState {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the provider's name from the text; not authenticated until the state is opened.
    pub fn provider(&self) -> &str {
        self.0.split('.').nth(1).unwrap_or_default()
    }
}

impl FromStr for SealedState {
    type Err = Error;

    /// Parses a sealed state and checks its form; it is not opened.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode), with the [check](Error::check) `state.form`, or `state.version` for one of another
    /// version.
    fn from_str(text: &str) -> Result<Self, Error> {
        Parts::of(text)?;
        Ok(Self(text.to_owned()))
    }
}

crate::privacy::redacted_debug!(SealedState = REDACTED);

struct Parts<'a> {
    provider: &'a str,
    end: u64,
    header: &'a str,
    body: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Self, Error> {
        let malformed =
            || Error::new(ErrorKind::Decode, "this text is not a sealed state").with_check("state.form");
        if text.len() > MAX_LEN {
            return Err(malformed());
        }
        let (header, body) = text.rsplit_once('.').ok_or_else(malformed)?;
        let mut parts = header.split('.');
        let version = parts.next().and_then(|name| name.strip_prefix(NAME)).ok_or_else(malformed)?;
        if version.is_empty() || version.len() > 9 || !version.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        if version != VERSION {
            return Err(Error::new(ErrorKind::Decode, "the state was sealed by another version")
                .with_check("state.version")
                .with_hint("start another attempt"));
        }
        let (Some(provider), Some(end), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed());
        };
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if provider.is_empty() || provider.len() > MAX_PROVIDER_LEN || !provider.bytes().all(is_name) {
            return Err(malformed());
        }
        if !end.bytes().all(|byte| byte.is_ascii_digit()) || end.len() > 12 {
            return Err(malformed());
        }
        let end = end.parse().map_err(|_| malformed())?;
        Ok(Self { provider, end, header, body })
    }
}

/// Plaintext of a sealed state.
#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(rename = "i")]
    id: String,
    #[serde(rename = "p")]
    person: String,
    #[serde(rename = "a")]
    attempt: String,
    #[serde(rename = "s")]
    started: u64,
    #[serde(rename = "w")]
    position: String,
    #[serde(rename = "t")]
    trail: AuditTrail,
}

/// Opened flow state.
pub(super) struct State {
    pub(super) provider: String,
    pub(super) attempt: Attempt,
    pub(super) started_at: SystemTime,
    pub(super) expires_at: SystemTime,
    /// Key of this state in the store; empty before it was sealed.
    pub(super) id: String,
    /// Position of the provider's flow, in its own format.
    pub(super) position: String,
    pub(super) trail: AuditTrail,
}

impl State {
    /// Spends the state: of several concurrent callers, one succeeds.
    pub(super) async fn spend<S: OneTimeStore + ?Sized>(
        &self,
        clock: &Clock,
        store: &S,
    ) -> Result<(), Error> {
        let spent = store.redeem(clock.now(), &store_key(&self.id)).await;
        let checked = |error: Error| match error.kind() {
            ErrorKind::AlreadyUsed => error
                .with_check("state.used")
                .with_hint("go on with the state that the earlier call handed out"),
            ErrorKind::Expired => error.with_check("state.expired").with_hint("start another attempt"),
            _ => error,
        };
        match spent.map_err(checked)? {
            Some(_) => Ok(()),
            None => Err(Error::new(ErrorKind::NotFound, "the store does not know this state")
                .with_check("state.unknown")
                .with_hint("all machines that share the keys share the store too")),
        }
    }
}

fn store_key(id: &str) -> String {
    format!("kyckit-flow-{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_zeros_is_refused() {
        assert!(StateKeys::new([1; 32]).also_open([2; 32]).check().is_ok());
        for keys in [StateKeys::new([0; 32]), StateKeys::new([1; 32]).also_open([0; 32])] {
            assert_eq!(keys.check().expect_err("zeros").kind(), ErrorKind::Configuration);
        }
    }
}
