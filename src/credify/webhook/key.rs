//! The ecosystem's key: fetched by one caller for all, at most once in a cooldown, and trusted for a limited time.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use crate::{
    credify::{client::Client, keys::VerifyingKey},
    error::{Error, ErrorKind},
};

/// How long a key is used before it is asked for again.
const MAX_AGE: Duration = Duration::from_secs(600);
/// After a key was fetched, signatures that do not fit lead to no other fetch for so long: forgers cannot have the API
/// called.
const COOLDOWN: Duration = Duration::from_secs(60);
/// After a fetch failed, its error stands for so long.
const FAILURE_TTL: Duration = Duration::from_secs(10);
/// The key in use, and the one before it for messages that wait.
const MAX_KEYS: usize = 2;

#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) max_age: Duration,
    pub(super) cooldown: Duration,
    pub(super) failure_ttl: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self { max_age: MAX_AGE, cooldown: COOLDOWN, failure_ttl: FAILURE_TTL }
    }
}

pub(super) struct EcosystemKey {
    client: Client,
    ecosystem_id: String,
    rules: Rules,
    state: Mutex<State>,
    /// Held by the caller that fetches. When that caller goes away meanwhile, the next one fetches.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// The newest first.
    keys: Vec<Held>,
    /// Counts the fetches that ended.
    fetches: u64,
    /// When the last one ended well.
    fetched: Option<Duration>,
    failed: Option<(Duration, Arc<Error>)>,
}

struct Held {
    key: VerifyingKey,
    /// When the API last said that it is the key.
    seen: SystemTime,
    /// When the API first said that it is another.
    replaced: Option<SystemTime>,
}

impl EcosystemKey {
    pub(super) fn new(client: Client, ecosystem_id: String, rules: Rules) -> Self {
        Self { client, ecosystem_id, rules, state: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn with_rules(&self, change: impl FnOnce(&mut Rules)) -> Self {
        let mut rules = self.rules;
        change(&mut rules);
        Self::new(self.client.clone(), self.ecosystem_id.clone(), rules)
    }

    /// The keys that count for a message of this moment, each with its position; the current one is 0.
    pub(super) fn at(&self, moment: SystemTime) -> Vec<(usize, VerifyingKey)> {
        let state = self.state();
        let counts = |held: &Held| {
            let end = held.seen.checked_add(self.rules.max_age);
            held.replaced.is_none_or(|replaced| moment < replaced) && end.is_none_or(|end| moment <= end)
        };
        let keys = state.keys.iter().enumerate().filter(|(_, held)| counts(held));
        keys.map(|(position, held)| (position, held.key.clone())).collect()
    }

    /// Makes sure that there is a key for messages of now.
    pub(super) async fn ready(&self) -> Result<(), Error> {
        if !self.at(self.client.clock().now()).is_empty() {
            return Ok(());
        }
        self.fetch().await
    }

    /// After a signature did not fit: asks for the key once more, unless that was done just now. True when there is
    /// another key.
    pub(super) async fn renew(&self) -> Result<bool, Error> {
        let before = {
            let state = self.state();
            let now = self.client.clock().elapsed();
            if state.fetched.is_some_and(|fetched| now.saturating_sub(fetched) < self.rules.cooldown) {
                return Ok(false);
            }
            state.keys.first().map(|held| held.key.to_bytes())
        };
        // The message may be forged, so a failure to fetch is no reason to have it sent again.
        if self.fetch().await.is_err() {
            return Ok(false);
        }
        Ok(self.state().keys.first().map(|held| held.key.to_bytes()) != before)
    }

    async fn fetch(&self) -> Result<(), Error> {
        let before = self.state().fetches;
        if let Some(error) = self.standing_failure() {
            return Err(error);
        }
        let _turn = self.turn.lock().await;
        if self.state().fetches != before {
            // Another caller did it in the meantime.
            return self.standing_failure().map_or(Ok(()), Err);
        }
        let fetched = self.ask().await;
        let (now, elapsed) = (self.client.clock().now(), self.client.clock().elapsed());
        let mut state = self.state();
        state.fetches += 1;
        match fetched {
            Ok(key) => {
                state.take_in(key, now);
                state.fetched = Some(elapsed);
                state.failed = None;
                Ok(())
            }
            Err(error) => {
                let error = Arc::new(error);
                state.failed = Some((elapsed, Arc::clone(&error)));
                drop(state);
                Err(Error::duplicate(error))
            }
        }
    }

    async fn ask(&self) -> Result<VerifyingKey, Error> {
        let keys = self.client.public_keys(&self.ecosystem_id).await?;
        let key = keys.signing.ok_or_else(|| {
            Error::new(ErrorKind::Provider, "Public key is not found.")
                .with_check("key.missing")
                .with_hint("check the ecosystem's id")
        })?;
        VerifyingKey::new(&key).map_err(|_| {
            Error::new(ErrorKind::Decode, "the ecosystem's key is no Ed25519 key").with_path("data.signing")
        })
    }

    fn standing_failure(&self) -> Option<Error> {
        let now = self.client.clock().elapsed();
        let state = self.state();
        let (since, error) = state.failed.as_ref()?;
        let stands = now.saturating_sub(*since) < self.rules.failure_ttl;
        stands.then(|| Error::duplicate(Arc::clone(error)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_in(&mut self, key: VerifyingKey, now: SystemTime) {
        match self.keys.first_mut() {
            Some(current) if current.key.to_bytes() == key.to_bytes() => current.seen = now,
            Some(current) => {
                current.replaced = Some(now);
                self.keys.insert(0, Held { key, seen: now, replaced: None });
                self.keys.truncate(MAX_KEYS);
            }
            None => self.keys.push(Held { key, seen: now, replaced: None }),
        }
    }
}
