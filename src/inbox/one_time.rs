//! Values that may be used once: session ids, nonces, OAuth states.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::{
    error::{Error, ErrorKind},
    privacy::Pii,
};

/// Keeps values that are handed out exactly once.
///
/// A key is any text without control characters, up to 512 bytes, and differs when a byte differs. Whoever has it can
/// redeem it, so it stays out of logs. Each function is atomic: of fifty callers at once, one gets the value.
/// [`testkit::check_one_time_store`](super::testkit::check_one_time_store) proves a store.
///
/// In PostgreSQL, `put` is an `insert … on conflict do nothing`, and `redeem` one statement; where it gives no row, a
/// select tells why:
///
/// ```sql
/// with taken as (
///     select key, value from one_time where key = $key and not used and expires_at > $now for update)
/// update one_time set used = true, value = null from taken where one_time.key = taken.key returning taken.value;
/// ```
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), kyckit::Error> {
/// use std::time::{Duration, SystemTime};
/// use bytes::Bytes;
/// use kyckit::{ErrorKind, inbox::{MemoryOneTime, OneTimeStore, OneTimeValue}};
///
/// let (store, now) = (MemoryOneTime::new(), SystemTime::now());
/// let session = OneTimeValue::new(Bytes::from_static(b"session 7"));
/// store.put(now, "state-1", session, now + Duration::from_secs(600)).await?;
/// let session = store.redeem(now, "state-1").await?.expect("known");
/// assert_eq!(session.expose().as_ref(), b"session 7");
/// assert_eq!(store.redeem(now, "state-1").await.unwrap_err().kind(), ErrorKind::AlreadyUsed);
/// assert!(store.redeem(now, "state-2").await?.is_none());
/// # Ok(())
/// # }
/// ```
pub trait OneTimeStore: Send + Sync {
    /// Keeps a value under a new key until `expires_at`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] when the key was put before and is not forgotten yet, used or not: the first value
    /// stays. [`Error::store`] when the value is not kept; with [`Error::retry_after`] when the store is full, which the
    /// servers of this crate answer with 429 and `Retry-After`.
    fn put<'a>(
        &'a self,
        now: SystemTime,
        key: &'a str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// Takes the value out. `None` for a key that is not known, or not any more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyUsed`] when it was taken before, [`ErrorKind::Expired`] from `expires_at` on. A store that
    /// cleans up keeps both answers for some time behind the expiry, so that a late visitor can be told what
    /// happened. [`Error::store`] when the store failed; whether the value is used up is then not known.
    fn redeem<'a>(
        &'a self,
        now: SystemTime,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Option<OneTimeValue>, Error>>;
}

/// What is kept under a one-time key. It may belong to a person or be a secret, so it does not show itself.
pub type OneTimeValue = Pii<Bytes>;

impl<S: OneTimeStore + ?Sized> OneTimeStore for Arc<S> {
    fn put<'a>(
        &'a self,
        now: SystemTime,
        key: &'a str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> BoxFuture<'a, Result<(), Error>> {
        (**self).put(now, key, value, expires_at)
    }

    fn redeem<'a>(
        &'a self,
        now: SystemTime,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Option<OneTimeValue>, Error>> {
        (**self).redeem(now, key)
    }
}

/// A [`OneTimeStore`] in memory, bounded, for tests and for a service of one process.
///
/// Expired keys are forgotten when room is needed. A store that is full of living ones refuses: to forget one would
/// fail another's session, or let a used one be put again. The error has the wait until the next key expires. What is put
/// in on behalf of strangers is bounded where it is put, so that no one caller fills the store: by subject and address at
/// the relying party, by starts in a minute at Credify's service provider.
pub struct MemoryOneTime {
    capacity: usize,
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
        Self { capacity: 100_000, state: Mutex::default() }
    }

    /// At most so many keys.
    #[must_use]
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.capacity = keys;
        self
    }
}

impl Default for MemoryOneTime {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryOneTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryOneTime").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

impl OneTimeStore for MemoryOneTime {
    fn put<'a>(
        &'a self,
        now: SystemTime,
        key: &'a str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.kept.contains_key(key) {
                return Err(Error::new(ErrorKind::Conflict, "the one-time key was put before"));
            }
            if state.kept.len() >= self.capacity {
                state.forget_expired(now);
            }
            if state.kept.len() >= self.capacity {
                let first = state.by_expiry.first().and_then(|(ends, _)| ends.duration_since(now).ok());
                let error = Error::store("the one-time store in memory is full");
                return Err(error.with_retry_after(first.unwrap_or_default().max(Duration::from_secs(1))));
            }
            state.by_expiry.insert((expires_at, key.to_owned()));
            state.kept.insert(key.to_owned(), Kept { value: Some(value), expires_at });
            Ok(())
        })
    }

    fn redeem<'a>(
        &'a self,
        now: SystemTime,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Option<OneTimeValue>, Error>> {
        Box::pin(async move {
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
        })
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
