//! Bearer tokens (RFC 6750) from a cache.
//!
//! One token serves all callers until it nears its end. Then one caller fetches the next while the others go on with
//! the old one; when that fails, the old one serves on. Without a usable token all callers wait for the same fetch.
//! There is no background task: a fetch is driven by whoever waits for it, so a caller that is cancelled in the middle
//! neither loses the fetch nor starts a second one.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use super::header::sensitive;
use crate::{
    clock::Clock,
    error::Error,
    privacy::Secret,
    transport::{Authorize, CredentialVersion},
};

/// Where tokens come from.
pub trait FetchToken: Send + Sync + 'static {
    /// Fetches a fresh token.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being fetched; every caller that waits is given it.
    fn fetch(&self) -> BoxFuture<'static, Result<Token, Error>>;
}

/// A token and its life.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Token {
    /// The token as it stands behind `Bearer `.
    pub value: Secret,
    /// When it ends. None: it serves until it is refused.
    pub expires: Option<SystemTime>,
}

impl Token {
    /// A token that serves until it is refused.
    pub fn new(value: impl Into<Secret>) -> Self {
        Self { value: value.into(), expires: None }
    }

    /// A token that ends.
    pub fn expiring(value: impl Into<Secret>, expires: SystemTime) -> Self {
        Self { value: value.into(), expires: Some(expires) }
    }
}

/// `Authorization: Bearer …` with a cached token. Clones share the cache.
#[derive(Clone)]
pub struct Bearer(Arc<Cache>);

struct Cache {
    source: Mutex<Arc<dyn FetchToken>>,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    edition: u64,
    current: Option<Current>,
    fetching: Option<Fetching>,
    /// After an early renewal failed: not before this moment again.
    rest_until: Option<SystemTime>,
}

#[derive(Clone)]
struct Current {
    edition: u64,
    header: HeaderValue,
    expires: Option<SystemTime>,
    /// From here on it is worth to fetch the next one.
    renew_at: Option<SystemTime>,
}

#[derive(Clone)]
struct Fetching {
    outcome: Shared<BoxFuture<'static, Result<Current, Arc<Error>>>>,
    since: Duration,
}

/// What a caller does next.
enum Step {
    Use(Current),
    Wait(Fetching, Option<Current>),
}

/// How long before its end a token is renewed, unless its life is short.
const AHEAD: Duration = Duration::from_secs(60);
/// How long a fresh token serves by our clock when its end lies in our past; a refusal ends it earlier.
const UNTOLD_LIFE: Duration = Duration::from_secs(60);
/// How long a failed early renewal is left alone.
const REST: Duration = Duration::from_secs(5);
/// A fetch that nobody has driven for so long has a dead connection under it.
const ABANDONED: Duration = Duration::from_secs(10);

impl Bearer {
    /// A cache over a source. A token is renewed a minute before its end, or when a fifth of its life is left if that
    /// is later.
    pub fn new(source: impl FetchToken, clock: Clock) -> Self {
        Self(Arc::new(Cache {
            source: Mutex::new(Arc::new(source)),
            clock,
            state: Mutex::new(State::default()),
        }))
    }

    /// Replaces the source, and drops the token that the old one gave.
    pub fn replace(&self, source: impl FetchToken) {
        *lock(&self.0.source) = Arc::new(source);
        let mut state = lock(&self.0.state);
        state.current = None;
        state.fetching = None;
        state.rest_until = None;
    }

    fn step(&self) -> Step {
        let now = self.0.clock.now();
        let mut state = lock(&self.0.state);
        let current = state.current.clone().filter(|current| current.expires.is_none_or(|end| now < end));
        if let Some(current) = &current {
            let due = current.renew_at.is_some_and(|at| at <= now);
            let resting = state.rest_until.is_some_and(|until| now < until);
            // While somebody is at it, the old one still serves.
            let driven = state.fetching.as_ref().is_some_and(Fetching::has_driver);
            if !due || resting || driven {
                return Step::Use(current.clone());
            }
        }
        let usable = state.fetching.clone().filter(|fetching| !fetching.is_stale(self.0.clock.elapsed()));
        let fetching = usable.unwrap_or_else(|| self.fetch(&mut state));
        Step::Wait(fetching, current)
    }

    /// Starts a fetch that whoever waits for it drives on.
    fn fetch(&self, state: &mut State) -> Fetching {
        state.edition += 1;
        let edition = state.edition;
        let clock = self.0.clock.clone();
        let token = lock(&self.0.source).fetch();
        let outcome = async move {
            let token = token.await.map_err(Arc::new)?;
            let header = Secret::new(format!("Bearer {}", token.value.expose()));
            let header = sensitive(&header).map_err(Arc::new)?;
            // One that came just now and is over already shows a clock that is ahead of its issuer's. It is good, and
            // were it not used, every call would fetch another one.
            let now = clock.now();
            let expires = token.expires.map(|end| if end <= now { now + UNTOLD_LIFE } else { end });
            let renew_at = expires.map(|end| {
                let life = end.duration_since(now).unwrap_or_default();
                end - AHEAD.min(life / 5)
            });
            Ok(Current { edition, header, expires, renew_at })
        };
        let fetching = Fetching { outcome: outcome.boxed().shared(), since: self.0.clock.elapsed() };
        state.fetching = Some(fetching.clone());
        fetching
    }

    /// Takes the outcome of a fetch in, once, and unless it was overtaken.
    fn settle(&self, fetching: &Fetching, outcome: &Result<Current, Arc<Error>>) {
        let mut state = lock(&self.0.state);
        if !state.fetching.as_ref().is_some_and(|latest| latest.outcome.ptr_eq(&fetching.outcome)) {
            return;
        }
        state.fetching = None;
        match outcome {
            Ok(fresh) => {
                state.current = Some(fresh.clone());
                state.rest_until = None;
            }
            Err(_) => state.rest_until = Some(self.0.clock.now() + REST),
        }
    }

    async fn current(&self) -> Result<Current, Error> {
        let (fetching, old) = match self.step() {
            Step::Use(current) => return Ok(current),
            Step::Wait(fetching, old) => (fetching, old),
        };
        let outcome = fetching.outcome.clone().await;
        self.settle(&fetching, &outcome);
        match (outcome, old) {
            (Ok(fresh), _) => Ok(fresh),
            (Err(_), Some(old)) if old.expires.is_none_or(|end| self.0.clock.now() < end) => Ok(old),
            (Err(error), _) => Err(Error::duplicate(error)),
        }
    }
}

impl Fetching {
    /// One share is the cache's own and one may be the looker's; a caller that waits holds two.
    fn has_driver(&self) -> bool {
        self.outcome.strong_count().is_some_and(|shares| shares > 2)
    }

    /// True for a fetch that failed without anybody being there to hear it, or that was left in the middle.
    fn is_stale(&self, now: Duration) -> bool {
        match self.outcome.peek() {
            Some(outcome) => outcome.is_err(),
            None => !self.has_driver() && now.saturating_sub(self.since) > ABANDONED,
        }
    }
}

impl Authorize for Bearer {
    fn authorize<'a>(
        &'a self,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<CredentialVersion, Error>> {
        Box::pin(async move {
            let current = self.current().await?;
            headers.insert(AUTHORIZATION, current.header);
            Ok(CredentialVersion(current.edition))
        })
    }

    fn refused(&self, presented: CredentialVersion) -> bool {
        let mut state = lock(&self.0.state);
        if state.current.as_ref().is_some_and(|current| current.edition == presented.0) {
            state.current = None;
        }
        true
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer")
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "bearer_tests.rs"]
mod tests;
