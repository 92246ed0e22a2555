//! The access tokens that callers present: what one must be good for, and how often the provider is asked about them.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::authority::{Authority, Introspection};
use crate::{
    clock::Clock,
    crypto::{jose::claims::LATEST_DATE, sha256},
    error::{Error, ErrorKind},
    privacy::Secret,
};

/// Limits of the calls that a server makes to have presented tokens introspected.
///
/// Anybody can send a token that is none, and each would cost a call of the API. So a refused token is remembered for
/// a short while, and only so many tokens that were never accepted are looked into in a period; beyond that they are
/// answered with 429 and `Retry-After`, and the provider is not asked. A token that was accepted before is never held
/// back, and a token that turns out to be good does not count.
///
/// | setting | default |
/// | --- | --- |
/// | [`max_refused`](Self::max_refused) | 100 refused tokens in 60 s |
/// | [`refused_ttl`](Self::refused_ttl) | 10 s |
/// | [`accepted_ttl`](Self::accepted_ttl) | 1 h |
/// | [`max_remembered`](Self::max_remembered) | 10,000 tokens of each kind |
///
/// ```
/// use std::time::Duration;
/// use kyckit::credify::authority::IntrospectionLimits;
///
/// let limits = IntrospectionLimits::new().max_refused(20, Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "limits do nothing until a builder is given them"]
pub struct IntrospectionLimits {
    max_refused: u32,
    period: Duration,
    refused_ttl: Duration,
    accepted_ttl: Duration,
    max_remembered: usize,
}

impl IntrospectionLimits {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            max_refused: 100,
            period: Duration::from_secs(60),
            refused_ttl: Duration::from_secs(10),
            accepted_ttl: Duration::from_secs(3600),
            max_remembered: 10_000,
        }
    }

    /// How many tokens may turn out to be refused within a period before others that are not known have to wait. Zero
    /// is taken as one.
    pub fn max_refused(mut self, tokens: u32, period: Duration) -> Self {
        self.max_refused = tokens.max(1);
        self.period = period;
        self
    }

    /// How long a refused token is refused without another call.
    pub fn refused_ttl(mut self, ttl: Duration) -> Self {
        self.refused_ttl = ttl;
        self
    }

    /// How long a token counts as accepted before, from its latest use. It is introspected at each use nevertheless.
    pub fn accepted_ttl(mut self, ttl: Duration) -> Self {
        self.accepted_ttl = ttl;
        self
    }

    /// How many refused tokens, and how many accepted ones, are remembered, by their digests (48 bytes each). The
    /// oldest make way.
    pub fn max_remembered(mut self, tokens: usize) -> Self {
        self.max_remembered = tokens;
        self
    }
}

impl Default for IntrospectionLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// The scope that a token must hold.
#[derive(Clone, Copy)]
enum Scope<'a> {
    /// The question names it, and the answer may leave it out.
    Asked(&'a str),
    /// The answer has to name it.
    Named(&'a str),
    /// The answer has to name it, or one that begins with it and a colon.
    NamedOrBelow(&'a str),
    /// Any token that is active.
    Any,
}

/// Whether one of the addresses is meant.
type IsMeant<'a> = &'a (dyn Fn(&[String]) -> bool + Sync);

/// What a token must be good for.
#[derive(Clone, Copy)]
pub(super) struct TokenDemand<'a> {
    scope: Scope<'a>,
    audience: Option<IsMeant<'a>>,
    skew: Duration,
}

impl<'a> TokenDemand<'a> {
    fn of(scope: Scope<'a>) -> Self {
        Self { scope, audience: None, skew: Duration::ZERO }
    }

    pub(super) fn active() -> Self {
        Self::of(Scope::Any)
    }

    /// The scope goes along with the question, so an answer without scopes is about it.
    pub(super) fn asking_for(scope: &'a str) -> Self {
        Self::of(Scope::Asked(scope))
    }

    pub(super) fn naming(scope: &'a str) -> Self {
        Self::of(Scope::Named(scope))
    }

    pub(super) fn naming_or_below(scope: &'a str) -> Self {
        Self::of(Scope::NamedOrBelow(scope))
    }

    /// What the audience must be.
    pub(super) fn audience(mut self, is_meant: IsMeant<'a>) -> Self {
        self.audience = Some(is_meant);
        self
    }

    /// How long after its end a token is still taken, since clocks differ.
    pub(super) fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// The scope that goes along with the question.
    pub(super) fn asked_scope(&self) -> Option<&'a str> {
        match self.scope {
            Scope::Asked(scope) => Some(scope),
            _ => None,
        }
    }

    /// Compares all that is known of a token: whether it is active, its scopes, its end and its audience. Every use of
    /// an introspection comes through here.
    pub(super) fn check(&self, token: &Introspection, clock: &Clock) -> Result<(), Error> {
        let refused = |check, what| Err(Error::new(ErrorKind::Authentication, what).with_check(check));
        if !token.active {
            return refused("access_token.inactive", "Access token is not valid.");
        }
        let scopes = token.scope.as_deref();
        let holds = |holds: &dyn Fn(&str) -> bool| scopes.is_some_and(|all| all.split(' ').any(holds));
        let has_scope = match self.scope {
            Scope::Any => true,
            Scope::Asked(scope) => scopes.is_none() || holds(&|one| one == scope),
            Scope::Named(scope) => holds(&|one| one == scope),
            Scope::NamedOrBelow(scope) => holds(&|one| {
                one.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            }),
        };
        if !has_scope {
            return refused("access_token.scope", "the access token is for another scope");
        }
        if let Some(end) = token.expires_at {
            if end > LATEST_DATE {
                return refused(
                    "access_token.time",
                    "the end of the access token cannot be a time in seconds",
                );
            }
            if end.saturating_add(self.skew.as_secs()) <= clock.unix_seconds() {
                return refused("access_token.expired", "the access token is past its end");
            }
        }
        if self.audience.is_some_and(|is_meant| !is_meant(&token.audience)) {
            return refused("access_token.audience", "the access token is meant for another address");
        }
        Ok(())
    }
}

/// Why a token was not let in.
pub(super) enum Denied {
    /// It is not good for this; what the provider says of it, unless it was refused from memory.
    Refused(Box<Introspection>),
    /// Too many tokens that are not known came just now; the wait until another one is looked into.
    Limited(Duration),
    /// The provider could not be asked.
    Failed(Error),
}

/// Lets presented tokens in. One for each server.
pub(super) struct TokenGuard {
    authority: Arc<dyn Authority>,
    clock: Clock,
    limits: IntrospectionLimits,
    memory: Mutex<Memory>,
}

type Digest = [u8; 32];

struct Memory {
    /// By token and use: a token that is refused at one endpoint may be good at another.
    refused: Remembered<Digest>,
    accepted: Remembered<Digest>,
    /// When tokens turned out to be refused, oldest first; at most as many as the limit.
    refusals: VecDeque<Duration>,
    /// Unknown tokens that are being looked into: each may be refused yet.
    under_way: u32,
}

impl TokenGuard {
    pub(super) fn new(authority: Arc<dyn Authority>, clock: Clock, limits: IntrospectionLimits) -> Self {
        let memory = Memory {
            refused: Remembered::new(limits.max_remembered),
            accepted: Remembered::new(limits.max_remembered),
            refusals: VecDeque::new(),
            under_way: 0,
        };
        Self { authority, clock, limits, memory: Mutex::new(memory) }
    }

    /// Asks the provider about a token, within the limits, and compares all that it says with what is demanded at this
    /// `place`: a word that tells demands apart.
    pub(super) async fn admit(
        &self,
        place: &str,
        token: &Secret,
        demand: &TokenDemand<'_>,
    ) -> Result<Introspection, Denied> {
        let accepted = sha256(&[token.expose_bytes()]);
        let refused = sha256(&[&accepted, place.as_bytes()]);
        let turn = self.turn(&accepted, &refused)?;
        let known = self.authority.introspect(token, demand.asked_scope()).await.map_err(Denied::Failed)?;
        let checked = demand.check(&known, &self.clock);
        drop(turn);
        let now = self.clock.elapsed();
        let mut memory = self.memory();
        match checked {
            Ok(()) => {
                memory.accepted.insert(accepted, now + self.limits.accepted_ttl, now);
                Ok(known)
            }
            Err(_) => {
                // Refused here for want of a scope, it may still be good elsewhere.
                if !known.active {
                    memory.accepted.remove(&accepted);
                }
                memory.refused.insert(refused, now + self.limits.refused_ttl, now);
                if memory.refusals.len() >= self.limits.max_refused as usize {
                    memory.refusals.pop_front();
                }
                memory.refusals.push_back(now);
                Err(Denied::Refused(Box::new(known)))
            }
        }
    }

    /// Whether the provider may be asked about this token now.
    fn turn(&self, accepted: &Digest, refused: &Digest) -> Result<Option<Turn<'_>>, Denied> {
        let now = self.clock.elapsed();
        let mut memory = self.memory();
        if memory.refused.has(refused, now) {
            return Err(Denied::Refused(Box::default()));
        }
        if memory.accepted.has(accepted, now) {
            return Ok(None);
        }
        while memory.refusals.front().is_some_and(|at| *at + self.limits.period <= now) {
            memory.refusals.pop_front();
        }
        let spent = u32::try_from(memory.refusals.len()).unwrap_or(u32::MAX);
        if spent.saturating_add(memory.under_way) >= self.limits.max_refused {
            let free = memory.refusals.front().map_or(now, |at| *at + self.limits.period);
            return Err(Denied::Limited(free.saturating_sub(now).max(Duration::from_secs(1))));
        }
        memory.under_way += 1;
        Ok(Some(Turn(self)))
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TokenGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenGuard").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// An unknown token that is being looked into, until the outcome is known or the caller has gone.
struct Turn<'a>(&'a TokenGuard);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut memory = self.0.memory();
        memory.under_way = memory.under_way.saturating_sub(1);
    }
}

/// So many keys at the most, each for a while. The one that was put in first makes way.
struct Remembered<K> {
    max: usize,
    ends: HashMap<K, Duration>,
    order: VecDeque<(K, Duration)>,
}

impl<K: Copy + Eq + Hash> Remembered<K> {
    fn new(max: usize) -> Self {
        Self { max, ends: HashMap::new(), order: VecDeque::new() }
    }

    fn has(&self, key: &K, now: Duration) -> bool {
        self.ends.get(key).is_some_and(|end| now < *end)
    }

    fn remove(&mut self, key: &K) {
        self.ends.remove(key);
    }

    fn insert(&mut self, key: K, end: Duration, now: Duration) {
        if self.max == 0 {
            return;
        }
        self.ends.insert(key, end);
        self.order.push_back((key, end));
        // Each use puts a key in again, so what stands in front may be an earlier entry of one that is still in use.
        while let Some((oldest, its_end)) = self.order.front().copied() {
            let is_latest = self.ends.get(&oldest) == Some(&its_end);
            if is_latest && now < its_end && self.ends.len() <= self.max && self.order.len() <= 2 * self.max {
                break;
            }
            self.order.pop_front();
            if is_latest {
                self.ends.remove(&oldest);
            }
        }
    }
}
