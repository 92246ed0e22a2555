//! One-time store in memory.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use crate::{
    error::{Error, ErrorKind},
    storage::{OneTimeStore, OneTimeValue},
};

/// A [`OneTimeStore`] in memory, bounded, for tests and for a service of one process.
///
/// Expired keys are forgotten when a place is needed. A store that is full of living ones refuses: to forget one would
/// fail another's session, or let a used one be put again. The error has the wait until the next key expires. What is put
/// in on behalf of strangers is bounded where it is put, so that no one caller fills the store: by subject and address at
/// the relying party, by starts in a minute at Credify's service provider.
pub struct MemoryOneTime {
    max_keys: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: HashMap<String, Kept>,
    by_expiry: BTreeSet<(SystemTime, String)>,
}

struct Kept {
    /// `None` once it was used.
    value: Option<OneTimeValue>,
    expires_at: SystemTime,
}

impl MemoryOneTime {
    /// A store for at most 100 000 keys.
    pub fn new() -> Self {
        Self { max_keys: 100_000, state: Mutex::default() }
    }

    /// Sets how many keys are kept. Default: 100 000.
    #[must_use]
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys;
        self
    }
}

impl Default for MemoryOneTime {
    fn default() -> Self {
        Self::new()
    }
}

crate::privacy::redacted_debug!(MemoryOneTime { max_keys, .. });

impl OneTimeStore for MemoryOneTime {
    async fn put(
        &self,
        now: SystemTime,
        key: &str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> Result<(), Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.kept.contains_key(key) {
            return Err(Error::new(ErrorKind::Conflict, "the one-time key was put before"));
        }
        if state.kept.len() >= self.max_keys {
            state.forget_expired(now);
        }
        if state.kept.len() >= self.max_keys {
            let first = state.by_expiry.first().and_then(|(ends, _)| ends.duration_since(now).ok());
            let error = Error::store("the one-time store in memory is full");
            return Err(error.with_retry_after(first.unwrap_or_default().max(Duration::from_secs(1))));
        }
        state.by_expiry.insert((expires_at, key.to_owned()));
        state.kept.insert(key.to_owned(), Kept { value: Some(value), expires_at });
        Ok(())
    }

    async fn redeem(&self, now: SystemTime, key: &str) -> Result<Option<OneTimeValue>, Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = state.kept.get_mut(key) else { return Ok(None) };
        if now >= kept.expires_at {
            kept.value = None;
            return Err(Error::new(ErrorKind::Expired, "the one-time value is past its time"));
        }
        match kept.value.take() {
            Some(value) => Ok(Some(value)),
            None => Err(Error::new(ErrorKind::AlreadyUsed, "the one-time value was used before")),
        }
    }
}

impl State {
    fn forget_expired(&mut self, now: SystemTime) {
        while self.by_expiry.first().is_some_and(|(expires_at, _)| *expires_at <= now) {
            if let Some((_, key)) = self.by_expiry.pop_first() {
                self.kept.remove(&key);
            }
        }
    }
}
