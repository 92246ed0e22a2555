//! Time, waiting and randomness as values, so that tests can freeze them.
//!
//! Everything in the crate that looks at the time, waits between attempts or draws random bytes does it through a
//! [`Clock`]. The default is the system's; [`Clock::frozen`] gives one that stands still until it is advanced,
//! waits without waiting, and draws the same bytes for the same seed.
//!
//! Deadlines of running requests use tokio's timers, which tests pause by tokio's own means.

use std::{
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::{Duration, SystemTime},
};

use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};

/// The source of time, waits and randomness of one client. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn TimeSource>);

/// Source of a [`Clock`].
pub trait TimeSource: Send + Sync + 'static {
    /// The time of day.
    fn now(&self) -> SystemTime;

    /// Time that only moves forward, since an arbitrary moment.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Fills the buffer with random bytes.
    ///
    /// # Errors
    ///
    /// When the source of randomness does not answer; there is no fallback.
    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomError>;
}

/// The source of randomness did not answer.
#[derive(Debug, thiserror::Error)]
#[error("the system's source of randomness did not answer")]
pub struct RandomError;

impl Clock {
    /// The machine's clock, tokio's timer, the operating system's randomness.
    pub fn system() -> Self {
        Self(Arc::new(System { start: tokio::time::Instant::now() }))
    }

    /// A source of your own.
    pub fn new(source: impl TimeSource) -> Self {
        Self(Arc::new(source))
    }

    /// A clock that stands at `now`, and the handle that moves it.
    #[doc(alias = "mock clock")]
    #[doc(alias = "fake time")]
    pub fn frozen(now: SystemTime) -> (Self, Frozen) {
        let frozen = Frozen(Arc::new(Mutex::new(FrozenState {
            now,
            elapsed: Duration::ZERO,
            sleeps: Vec::new(),
            seed: 0,
            drawn: 0,
        })));
        (Self(Arc::new(frozen.clone())), frozen)
    }

    /// The time of day.
    pub fn now(&self) -> SystemTime {
        self.0.now()
    }

    /// The time of day in whole seconds since 1970; zero for a clock set before that.
    pub fn unix_seconds(&self) -> u64 {
        self.now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    /// Time that only moves forward, since an arbitrary moment.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Waits.
    pub fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(duration)
    }

    /// Random bytes.
    ///
    /// # Errors
    ///
    /// When the source of randomness does not answer.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], RandomError> {
        let mut bytes = [0; N];
        self.0.random(&mut bytes)?;
        Ok(bytes)
    }

    /// A number drawn evenly from `0.0..1.0`, or `0.5` when no randomness is to be had: for spreading waits, not for
    /// secrets.
    pub(crate) fn fraction(&self) -> f64 {
        match self.random::<4>() {
            Ok(bytes) => f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0),
            Err(RandomError) => 0.5,
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

crate::privacy::redacted_debug!(Clock);

struct System {
    start: tokio::time::Instant,
}

impl TimeSource for System {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(buffer).map_err(|_| RandomError)
    }
}

/// Moves a [frozen clock](Clock::frozen) and tells what was waited for.
#[derive(Clone)]
pub struct Frozen(Arc<Mutex<FrozenState>>);

struct FrozenState {
    now: SystemTime,
    elapsed: Duration,
    sleeps: Vec<Duration>,
    seed: u64,
    drawn: u64,
}

impl Frozen {
    /// Moves the time forward.
    pub fn advance(&self, duration: Duration) {
        self.with(|state| {
            state.now += duration;
            state.elapsed += duration;
        });
    }

    /// Sets the time of day, also backward, as an administrator might.
    pub fn set(&self, now: SystemTime) {
        self.with(|state| state.now = now);
    }

    /// Starts the randomness anew: equal seeds draw equal bytes.
    pub fn seed(&self, seed: u64) {
        self.with(|state| {
            state.seed = seed;
            state.drawn = 0;
        });
    }

    /// The waits so far. Each moved the time by its length at once.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.with(|state| state.sleeps.clone())
    }

    fn with<R>(&self, act: impl FnOnce(&mut FrozenState) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

crate::privacy::redacted_debug!(Frozen);

impl TimeSource for Frozen {
    fn now(&self) -> SystemTime {
        self.with(|state| state.now)
    }

    fn elapsed(&self) -> Duration {
        self.with(|state| state.elapsed)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.with(|state| state.sleeps.push(duration));
        self.advance(duration);
        let mut yielded = false;
        Box::pin(std::future::poll_fn(move |context| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        }))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        self.with(|state| {
            for chunk in buffer.chunks_mut(32) {
                let mut hash = Sha256::new();
                hash.update(state.seed.to_le_bytes());
                hash.update(state.drawn.to_le_bytes());
                state.drawn += 1;
                chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_frozen_clock_moves_only_when_advanced_and_remembers_its_waits() {
        let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(100));
        assert_eq!(clock.unix_seconds(), 100);
        clock.sleep(Duration::from_secs(5)).await;
        assert_eq!((clock.unix_seconds(), clock.elapsed().as_secs()), (105, 5));
        assert_eq!(frozen.sleeps(), [Duration::from_secs(5)]);
    }

    #[test]
    fn equal_seeds_draw_equal_bytes_and_the_system_draws_others() {
        let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH);
        frozen.seed(7);
        let first = clock.random::<40>().expect("frozen");
        let second = clock.random::<40>().expect("frozen");
        frozen.seed(7);
        assert_eq!(clock.random::<40>().expect("frozen"), first);
        assert_ne!(first, second);
        let system = Clock::system();
        assert_ne!(system.random::<32>().expect("system"), system.random::<32>().expect("system"));
    }
}
