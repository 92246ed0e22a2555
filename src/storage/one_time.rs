//! One-time store: values that may be used once, such as session ids, nonces and OAuth states.

use std::{pin::Pin, sync::Arc, time::SystemTime};

use bytes::Bytes;

use crate::{error::Error, privacy::Pii};

/// Stores values that are redeemed exactly once.
///
/// A key is any text without control characters, up to 512 bytes, and differs when a byte differs. Whoever has it can
/// redeem it, so it stays out of logs. Each function is atomic: of fifty concurrent callers, one gets the value.
/// [`testkit::check_one_time_store`](crate::testkit::check_one_time_store) proves a store.
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
/// use kyckit::{ErrorKind, storage::{MemoryOneTime, OneTimeStore, OneTimeValue}};
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
#[doc(alias = "nonce")]
#[doc(alias = "replay")]
pub trait OneTimeStore: Send + Sync {
    /// Keeps a value under a new key until `expires_at`.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) when the key was put before and is not forgotten yet, used or not: the first value
    /// stays. [`Error::store`] when the value is not kept; with [`Error::retry_after`] when the store is full, which the
    /// servers of this crate answer with 429 and `Retry-After`.
    fn put(
        &self,
        now: SystemTime,
        key: &str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Takes the value out. `None` for a key that is not known, or not any more.
    ///
    /// # Errors
    ///
    /// [`AlreadyUsed`](crate::ErrorKind::AlreadyUsed) when it was taken before, [`Expired`](crate::ErrorKind::Expired) from `expires_at` on. A store that
    /// cleans up keeps both results for some time behind the expiry, so that a late visitor learns what
    /// happened. [`Error::store`] when the store failed; whether the value is used up is then not known.
    fn redeem(
        &self,
        now: SystemTime,
        key: &str,
    ) -> impl Future<Output = Result<Option<OneTimeValue>, Error>> + Send;
}

/// What is kept under a one-time key. It may belong to a person or be a secret, so it does not show itself.
pub type OneTimeValue = Pii<Bytes>;

impl<S: OneTimeStore> OneTimeStore for Arc<S> {
    fn put(
        &self,
        now: SystemTime,
        key: &str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        (**self).put(now, key, value, expires_at)
    }

    fn redeem(
        &self,
        now: SystemTime,
        key: &str,
    ) -> impl Future<Output = Result<Option<OneTimeValue>, Error>> + Send {
        (**self).redeem(now, key)
    }
}

/// Any [`OneTimeStore`] as one type, for an application that chooses its store at run time. Clones share the store.
#[derive(Clone)]
pub struct AnyOneTimeStore(Arc<dyn BoxedOneTimeStore>);

impl AnyOneTimeStore {
    /// Wraps a store.
    pub fn new(store: impl OneTimeStore + 'static) -> Self {
        Self(Arc::new(store))
    }
}

crate::privacy::redacted_debug!(AnyOneTimeStore { .. });

impl OneTimeStore for AnyOneTimeStore {
    async fn put(
        &self,
        now: SystemTime,
        key: &str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> Result<(), Error> {
        self.0.put_boxed(now, key, value, expires_at).await
    }

    async fn redeem(&self, now: SystemTime, key: &str) -> Result<Option<OneTimeValue>, Error> {
        self.0.redeem_boxed(now, key).await
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// [`OneTimeStore`] in the form that a trait object needs.
trait BoxedOneTimeStore: Send + Sync {
    fn put_boxed<'a>(
        &'a self,
        now: SystemTime,
        key: &'a str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> Boxed<'a, ()>;
    fn redeem_boxed<'a>(&'a self, now: SystemTime, key: &'a str) -> Boxed<'a, Option<OneTimeValue>>;
}

impl<S: OneTimeStore> BoxedOneTimeStore for S {
    fn put_boxed<'a>(
        &'a self,
        now: SystemTime,
        key: &'a str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> Boxed<'a, ()> {
        Box::pin(self.put(now, key, value, expires_at))
    }

    fn redeem_boxed<'a>(&'a self, now: SystemTime, key: &'a str) -> Boxed<'a, Option<OneTimeValue>> {
        Box::pin(self.redeem(now, key))
    }
}
