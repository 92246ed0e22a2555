//! Lets presented access tokens in, and limits how often the provider is asked about them.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{rejection::Rejection, remembered::Remembered};
use crate::{
    clock::Clock,
    credify::{
        authority::{Authority as _, Introspection, SharedAuthority},
        introspection_limits::IntrospectionLimits,
        token_demand::TokenDemand,
    },
    crypto::sha256,
    error::Error,
    privacy::Secret,
};

/// Why a token was not let in.
pub(in crate::credify) enum Denied {
    /// It is not good for this; what the provider says of it, unless it was refused from memory.
    Refused(Box<Introspection>),
    /// Too many tokens that are not known came just now; the wait until another one is looked into.
    Limited(Duration),
    /// The provider could not be asked.
    Failed(Error),
}

/// Lets presented tokens in. One for each server.
pub(in crate::credify) struct TokenGuard {
    authority: SharedAuthority,
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
    pub(in crate::credify) fn new(
        authority: SharedAuthority,
        clock: Clock,
        limits: IntrospectionLimits,
    ) -> Self {
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
    pub(in crate::credify) async fn admit(
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

crate::privacy::redacted_debug!(TokenGuard { limits, .. });

/// An unknown token that is being looked into, until the outcome is known or the caller has gone.
struct Turn<'a>(&'a TokenGuard);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut memory = self.0.memory();
        memory.under_way = memory.under_way.saturating_sub(1);
    }
}

impl From<Denied> for Rejection {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused(_) => Self::Unauthorized,
            Denied::Limited(wait) => Self::TooMany(wait),
            Denied::Failed(error) => error.into(),
        }
    }
}
