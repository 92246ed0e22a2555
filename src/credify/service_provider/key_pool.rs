//! The keys that claims are encrypted for. Making one takes a processor up to seconds, and any caller may begin an
//! authorization, so the work does not grow with the calls.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::Mutex;

use crate::{
    clock::Clock,
    credify::{PROVIDER, keys::DecryptionKey},
    error::{Error, ErrorKind},
};

/// Makes a key at most once in a period. Authorizations that begin within the period share it.
pub(super) struct KeyPool {
    clock: Clock,
    ttl: Duration,
    max_waiting: usize,
    waiting: AtomicUsize,
    /// The latest key, and when it was made by the clock's [`elapsed`](Clock::elapsed).
    latest: Arc<Mutex<Option<(DecryptionKey, Duration)>>>,
    make: fn() -> Result<DecryptionKey, Error>,
}

/// Why there is no key.
pub(super) enum NoKey {
    /// Too many wait for the one that is being made.
    Busy,
    Failed(Error),
}

impl KeyPool {
    pub(super) fn new(clock: Clock, ttl: Duration, max_waiting: usize) -> Self {
        let latest = Arc::new(Mutex::new(None));
        Self { clock, ttl, max_waiting, waiting: AtomicUsize::new(0), latest, make: DecryptionKey::generate }
    }

    /// The key of this period.
    pub(super) async fn key(&self) -> Result<DecryptionKey, NoKey> {
        let waiting = Waiting::new(&self.waiting);
        if waiting.others >= self.max_waiting {
            return Err(NoKey::Busy);
        }
        // The lock goes along to the thread that makes the key: a caller that goes away meanwhile neither lets another
        // one begin nor loses what was made.
        let mut latest = Arc::clone(&self.latest).lock_owned().await;
        let now = self.clock.elapsed();
        if let Some((key, made)) = &*latest
            && now.saturating_sub(*made) < self.ttl
        {
            return Ok(key.clone());
        }
        let make = self.make;
        let made = tokio::task::spawn_blocking(move || {
            let key = make()?;
            *latest = Some((key.clone(), now));
            Ok(key)
        });
        let gone = |_| Error::new(ErrorKind::Store, "no key could be made").during(PROVIDER, "begin");
        made.await.map_err(gone).and_then(|made| made).map_err(NoKey::Failed)
    }
}

struct Waiting<'a> {
    count: &'a AtomicUsize,
    others: usize,
}

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        Self { count, others: count.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::Pin, task::Poll, time::SystemTime};

    use super::*;

    static MADE: AtomicUsize = AtomicUsize::new(0);

    fn counted() -> Result<DecryptionKey, Error> {
        MADE.fetch_add(1, Ordering::SeqCst);
        DecryptionKey::generate()
    }

    /// Polls once.
    async fn is_pending<F: Future>(future: &mut Pin<Box<F>>) -> bool {
        poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
    }

    #[tokio::test]
    async fn a_period_has_one_key_even_for_callers_that_go_away() {
        let (clock, time) = Clock::frozen(SystemTime::UNIX_EPOCH);
        let pool = KeyPool { make: counted, ..KeyPool::new(clock, Duration::from_secs(60), 3) };
        // Each is dropped while the key is being made, or while it waits for it.
        for _ in 0..5 {
            assert!(is_pending(&mut Box::pin(pool.key())).await);
        }
        let thumbprint = |key: Result<DecryptionKey, NoKey>| {
            key.ok().and_then(|key| key.encryption_key().ok()?.thumbprint().ok())
        };
        let first = thumbprint(pool.key().await).expect("a key");
        for _ in 0..5 {
            assert_eq!(thumbprint(pool.key().await).as_ref(), Some(&first));
        }
        assert_eq!(MADE.load(Ordering::SeqCst), 1);

        time.advance(Duration::from_secs(60));
        let waiting: [_; 3] = std::array::from_fn(|_| Box::pin(pool.key()));
        let [mut one, mut two, mut three] = waiting;
        assert!(is_pending(&mut one).await);
        assert!(is_pending(&mut two).await);
        assert!(is_pending(&mut three).await);
        assert!(matches!(pool.key().await, Err(NoKey::Busy)), "a fourth does not wait");
        let second = thumbprint(one.await).expect("a key");
        assert_ne!(second, first);
        assert_eq!(thumbprint(two.await), Some(second));
        assert!(three.await.is_ok());
        assert_eq!(MADE.load(Ordering::SeqCst), 2);
    }
}
