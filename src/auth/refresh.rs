//! One cache for everything that is fetched, serves for a time and is then fetched anew: tokens, keys, documents.
//!
//! - **Single flight**: however many callers need a value, it is fetched once, and all of them get it.
//! - **Ahead of expiry**: shortly before a value ends, one caller renews it while the others go on with the old one.
//! - **Cooldown**: when an early renewal fails, the old value serves on, and no other renewal is tried for a while.
//! - **Negative cache**: an error may stand for a while in place of a value.
//! - **No background task**: a fetch is driven by the callers that wait for it. One that is cancelled in the middle
//!   neither loses the fetch nor starts a second one.
//! - **Bounded**: [`RefreshMap`] keeps one value per key, up to a number of keys.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use crate::{clock::Clock, error::Error};

/// Fetches the values of a [`Refresh`]. A function is one.
pub(crate) trait Source<T>: Send + Sync + 'static {
    /// Begins a fetch.
    fn fetch(&self) -> BoxFuture<'static, Result<Fresh<T>, Failure>>;
}

impl<T, F> Source<T> for F
where
    F: Fn() -> BoxFuture<'static, Result<Fresh<T>, Failure>> + Send + Sync + 'static,
{
    fn fetch(&self) -> BoxFuture<'static, Result<Fresh<T>, Failure>> {
        self()
    }
}

/// A value that was just fetched.
#[derive(Clone)]
pub(crate) struct Fresh<T> {
    pub(crate) value: T,
    pub(crate) lifetime: Lifetime,
}

/// How long a value serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// Until it is [refused](Refresh::refused).
    Unlimited,
    /// Until this moment of the wall clock.
    Until(SystemTime),
    /// For this time from when it was there.
    For(Duration),
}

/// A fetch that failed, and what follows for the callers to come.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// How long no other early renewal is tried, while the old value serves.
    pub(crate) cooldown: Duration,
    /// How long the error stands when there is no value: callers get it without a fetch.
    pub(crate) ttl: Duration,
    /// Whether the old value serves on until its end.
    pub(crate) old_serves: bool,
}

/// Early renewals rest for 5 s, the error does not stand, and the old value serves on.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, cooldown: Duration::from_secs(5), ttl: Duration::ZERO, old_serves: true }
    }
}

/// When a value is renewed, and who waits meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RefreshPolicy {
    /// How long before its end a value is renewed, at the most.
    pub(crate) max_ahead: Duration,
    /// The same as a part of its life: 5 is a fifth. The shorter of the two counts.
    pub(crate) ahead_divisor: u32,
    /// Whether the old value serves while another caller renews it.
    pub(crate) serve_while_renewing: bool,
    /// After this time, a fetch without a caller that drives it is given up: a dead connection may be under it. None for
    /// fetches that run by themselves.
    pub(crate) abandoned_after: Option<Duration>,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            max_ahead: Duration::from_secs(60),
            ahead_divisor: 5,
            serve_while_renewing: true,
            abandoned_after: Some(Duration::from_secs(10)),
        }
    }
}

/// One cached value. Clones share it.
pub(crate) struct Refresh<T>(Arc<Inner<T>>);

struct Inner<T> {
    source: Mutex<Arc<dyn Source<T>>>,
    policy: RefreshPolicy,
    clock: Clock,
    state: Mutex<State<T>>,
}

struct State<T> {
    fetches: u64,
    current: Option<Current<T>>,
    fetching: Option<Fetch<T>>,
    failure: Option<Failed>,
    /// When the last value was there, by the clock's elapsed time.
    fetched: Option<Duration>,
}

struct Failed {
    /// None when it does not stand.
    error: Option<Arc<Error>>,
    cooldown_until: Duration,
    stands_until: Duration,
}

/// A value in use.
#[derive(Clone)]
pub(crate) struct Current<T> {
    pub(crate) value: T,
    /// Which fetch gave it.
    pub(crate) version: u64,
    ends: Option<Moment>,
    renew_at: Option<Moment>,
}

#[derive(Clone, Copy)]
enum Moment {
    Wall(SystemTime),
    Elapsed(Duration),
}

impl Moment {
    fn is_reached(self, clock: &Clock) -> bool {
        match self {
            Self::Wall(at) => at <= clock.now(),
            Self::Elapsed(at) => at <= clock.elapsed(),
        }
    }
}

type Outcome<T> = Result<(Current<T>, Duration), SharedFailure>;

/// A [`Failure`] for each caller that waited.
#[derive(Clone)]
struct SharedFailure {
    error: Arc<Error>,
    cooldown: Duration,
    ttl: Duration,
    old_serves: bool,
}

impl From<Failure> for SharedFailure {
    fn from(failure: Failure) -> Self {
        let Failure { error, cooldown, ttl, old_serves } = failure;
        Self { error: Arc::new(error), cooldown, ttl, old_serves }
    }
}

/// A fetch under way.
pub(crate) struct Fetch<T> {
    outcome: Shared<BoxFuture<'static, Outcome<T>>>,
    since: Duration,
}

impl<T> Clone for Fetch<T> {
    fn clone(&self) -> Self {
        Self { outcome: self.outcome.clone(), since: self.since }
    }
}

enum Step<T> {
    Use(Current<T>),
    Fail(Arc<Error>),
    Wait(Fetch<T>),
}

impl<T: Clone + Send + Sync + 'static> Refresh<T> {
    /// A cache without a value yet.
    pub(crate) fn new(source: impl Source<T>, policy: RefreshPolicy, clock: Clock) -> Self {
        let state = State { fetches: 0, current: None, fetching: None, failure: None, fetched: None };
        Self(Arc::new(Inner {
            source: Mutex::new(Arc::new(source)),
            policy,
            clock,
            state: Mutex::new(state),
        }))
    }

    /// Puts a value in that is there already.
    pub(crate) fn with_value(self, fresh: Fresh<T>) -> Self {
        let current = current(fresh, 0, self.0.policy, &self.0.clock);
        self.state().current = Some(current);
        self
    }

    /// The value, fetched first where that is due.
    ///
    /// # Errors
    ///
    /// Why there is none; every caller that waits is given it.
    pub(crate) async fn get(&self) -> Result<Current<T>, Error> {
        match self.step() {
            Step::Use(current) => Ok(current),
            Step::Fail(error) => Err(Error::duplicate(error)),
            Step::Wait(fetch) => match self.wait(fetch).await {
                Ok(fresh) => Ok(fresh),
                Err(error) => self.serving().ok_or_else(|| Error::duplicate(error)),
            },
        }
    }

    /// Fetches the value now, whatever is left of it and whatever failed before. Joins a fetch that is under way.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), also when the old value serves on.
    pub(crate) async fn renew(&self) -> Result<Current<T>, Error> {
        let (fetch, _) = self.begin(|| ());
        self.wait(fetch).await.map_err(Error::duplicate)
    }

    /// Begins a fetch, after `prepare`, unless one is under way: then that is given, and false.
    pub(crate) fn begin(&self, prepare: impl FnOnce()) -> (Fetch<T>, bool) {
        let mut state = self.state();
        if let Some(running) = self.running(&state) {
            return (running, false);
        }
        prepare();
        state.failure = None;
        (self.start(&mut state), true)
    }

    /// Waits for a fetch.
    pub(crate) async fn wait(&self, fetch: Fetch<T>) -> Result<Current<T>, Arc<Error>> {
        let outcome = fetch.outcome.clone().await;
        self.settle(&fetch, outcome)
    }

    /// Drops a value that was refused where it was presented, unless a fresher one has taken its place.
    pub(crate) fn refused(&self, version: u64) {
        let mut state = self.state();
        if state.current.as_ref().is_some_and(|current| current.version == version) {
            state.current = None;
        }
    }

    /// Replaces the source, and drops the value that the old one gave.
    pub(crate) fn replace(&self, source: impl Source<T>) {
        *lock(&self.0.source) = Arc::new(source);
        let mut state = self.state();
        state.current = None;
        state.fetching = None;
        state.failure = None;
    }

    /// How long ago a value was fetched last.
    pub(crate) fn age(&self) -> Option<Duration> {
        let fetched = self.state().fetched?;
        Some(self.0.clock.elapsed().saturating_sub(fetched))
    }

    /// The value, if one serves now.
    pub(crate) fn serving(&self) -> Option<Current<T>> {
        self.valid(&self.state())
    }

    /// Whether there is neither a value nor a caller that waits for one.
    fn is_idle(&self) -> bool {
        let state = self.state();
        self.valid(&state).is_none() && !state.fetching.as_ref().is_some_and(Fetch::has_driver)
    }

    fn valid(&self, state: &State<T>) -> Option<Current<T>> {
        let clock = &self.0.clock;
        state.current.clone().filter(|current| current.ends.is_none_or(|end| !end.is_reached(clock)))
    }

    fn running(&self, state: &State<T>) -> Option<Fetch<T>> {
        let now = self.0.clock.elapsed();
        state.fetching.clone().filter(|fetch| !fetch.is_stale(now, self.0.policy.abandoned_after))
    }

    fn step(&self) -> Step<T> {
        let Inner { policy, clock, .. } = &*self.0;
        let mut state = self.state();
        let running = self.running(&state);
        match running {
            Some(running) if !policy.serve_while_renewing => return Step::Wait(running),
            _ => {}
        }
        let now = clock.elapsed();
        if let Some(current) = self.valid(&state) {
            let due = current.renew_at.is_some_and(|at| at.is_reached(clock));
            let cooling = state.failure.as_ref().is_some_and(|failed| now < failed.cooldown_until);
            let driven = state.fetching.as_ref().is_some_and(Fetch::has_driver);
            if !due || cooling || driven {
                return Step::Use(current);
            }
        } else if let Some(failed) = &state.failure
            && running.is_none()
            && now < failed.stands_until
            && let Some(error) = &failed.error
        {
            return Step::Fail(Arc::clone(error));
        }
        Step::Wait(running.unwrap_or_else(|| self.start(&mut state)))
    }

    fn start(&self, state: &mut State<T>) -> Fetch<T> {
        state.fetches += 1;
        let (version, policy, clock) = (state.fetches, self.0.policy, self.0.clock.clone());
        let fetching = lock(&self.0.source).fetch();
        let outcome = async move {
            let fresh = fetching.await.map_err(SharedFailure::from)?;
            Ok((current(fresh, version, policy, &clock), clock.elapsed()))
        };
        let fetch = Fetch { outcome: outcome.boxed().shared(), since: self.0.clock.elapsed() };
        state.fetching = Some(fetch.clone());
        fetch
    }

    /// Takes the outcome of a fetch in, once, and unless it was overtaken.
    fn settle(&self, fetch: &Fetch<T>, outcome: Outcome<T>) -> Result<Current<T>, Arc<Error>> {
        let mut state = self.state();
        let is_latest = state.fetching.as_ref().is_some_and(|latest| latest.outcome.ptr_eq(&fetch.outcome));
        if is_latest {
            state.fetching = None;
        }
        match outcome {
            Ok((fresh, at)) => {
                if is_latest {
                    state.current = Some(fresh.clone());
                    state.failure = None;
                    state.fetched = Some(at);
                }
                Ok(fresh)
            }
            Err(failure) => {
                if is_latest {
                    let now = self.0.clock.elapsed();
                    state.failure = Some(Failed {
                        error: (!failure.ttl.is_zero()).then(|| Arc::clone(&failure.error)),
                        cooldown_until: now.saturating_add(failure.cooldown),
                        stands_until: now.saturating_add(failure.ttl),
                    });
                    if !failure.old_serves {
                        state.current = None;
                    }
                }
                Err(failure.error)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        lock(&self.0.state)
    }
}

impl<T> Clone for Refresh<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Fetch<T> {
    /// One share is the cache's own and one may be the looker's; a caller that waits holds two.
    fn has_driver(&self) -> bool {
        self.outcome.strong_count().is_some_and(|shares| shares > 2)
    }

    /// True for a fetch that failed without a caller that waited for it, or that was left in the middle.
    fn is_stale(&self, now: Duration, abandoned_after: Option<Duration>) -> bool {
        match self.outcome.peek() {
            Some(outcome) => outcome.is_err(),
            None => {
                let left_alone = |after: Duration| now.saturating_sub(self.since) > after || after.is_zero();
                !self.has_driver() && abandoned_after.is_some_and(left_alone)
            }
        }
    }
}

/// A value that begins to serve now.
fn current<T>(fresh: Fresh<T>, version: u64, policy: RefreshPolicy, clock: &Clock) -> Current<T> {
    let ahead = |life: Duration| policy.max_ahead.min(life / policy.ahead_divisor.max(1));
    let (ends, renew_at) = match fresh.lifetime {
        Lifetime::Unlimited => (None, None),
        Lifetime::Until(end) => {
            let life = end.duration_since(clock.now()).unwrap_or_default();
            let renew_at = end.checked_sub(ahead(life)).unwrap_or(end);
            (Some(Moment::Wall(end)), Some(Moment::Wall(renew_at)))
        }
        Lifetime::For(life) => {
            let end = clock.elapsed().saturating_add(life);
            (Some(Moment::Elapsed(end)), Some(Moment::Elapsed(end.saturating_sub(ahead(life)))))
        }
    };
    Current { value: fresh.value, version, ends, renew_at }
}

/// One cached value per key, up to a number of keys; the oldest make way. A key without a value is kept only while a
/// caller waits for it.
pub(crate) struct RefreshMap<T> {
    entries: Mutex<Entries<T>>,
    max_keys: usize,
    policy: RefreshPolicy,
    clock: Clock,
}

struct Entries<T> {
    by_key: HashMap<String, (u64, Refresh<T>)>,
    /// Keys in the order in which they came, with the number that tells an entry from a later one of the same key.
    order: VecDeque<(u64, String)>,
    added: u64,
}

impl<T: Clone + Send + Sync + 'static> RefreshMap<T> {
    /// A map without values yet.
    pub(crate) fn new(max_keys: usize, policy: RefreshPolicy, clock: Clock) -> Self {
        let entries = Entries { by_key: HashMap::new(), order: VecDeque::new(), added: 0 };
        Self { entries: Mutex::new(entries), max_keys: max_keys.max(1), policy, clock }
    }

    /// The value of a key, fetched first where that is due; `source` makes what fetches it.
    ///
    /// # Errors
    ///
    /// As [`Refresh::get`].
    pub(crate) async fn get<S: Source<T>>(
        &self,
        key: &str,
        source: impl FnOnce() -> S,
    ) -> Result<Current<T>, Error> {
        let (number, refresh) = self.entry(key, source);
        // Dropped also when this caller leaves in the middle.
        let _tidy = Tidy { map: self, key, number, refresh: refresh.clone() };
        refresh.get().await
    }

    fn entry<S: Source<T>>(&self, key: &str, source: impl FnOnce() -> S) -> (u64, Refresh<T>) {
        let mut entries = lock(&self.entries);
        if let Some((number, refresh)) = entries.by_key.get(key) {
            return (*number, refresh.clone());
        }
        entries.added += 1;
        let (number, refresh) = (entries.added, Refresh::new(source(), self.policy, self.clock.clone()));
        entries.by_key.insert(key.to_owned(), (number, refresh.clone()));
        entries.order.push_back((number, key.to_owned()));
        // The place of an entry that went before its turn is passed over.
        while entries.by_key.len() > self.max_keys || entries.order.len() > self.max_keys.saturating_mul(2) {
            let Some((oldest, key)) = entries.order.pop_front() else { break };
            if entries.by_key.get(&key).is_some_and(|(number, _)| *number == oldest) {
                entries.by_key.remove(&key);
            }
        }
        (number, refresh)
    }

    /// How many keys there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        lock(&self.entries).by_key.len()
    }
}

/// Takes an entry out when it is left without a value.
struct Tidy<'a, T: Clone + Send + Sync + 'static> {
    map: &'a RefreshMap<T>,
    key: &'a str,
    number: u64,
    refresh: Refresh<T>,
}

impl<T: Clone + Send + Sync + 'static> Drop for Tidy<'_, T> {
    fn drop(&mut self) {
        if !self.refresh.is_idle() {
            return;
        }
        let mut entries = lock(&self.map.entries);
        if entries.by_key.get(self.key).is_some_and(|(number, _)| *number == self.number) {
            entries.by_key.remove(self.key);
        }
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "refresh_tests.rs"]
mod tests;
