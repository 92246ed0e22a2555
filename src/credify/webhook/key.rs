//! The ecosystem's key: fetched by one caller for all, at most once in a cooldown, and trusted for a limited time.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use futures_util::future::BoxFuture;

use crate::{
    auth::refresh::{Failure, Fresh, Lifetime, Refresh, RefreshPolicy},
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
    history: Arc<Mutex<History>>,
    /// The latest key. It is fetched anew when the history has none for a message.
    latest: Refresh<VerifyingKey>,
}

/// The latest keys, the newest first.
#[derive(Default)]
struct History(Vec<Held>);

struct Held {
    key: VerifyingKey,
    /// When the API last said that it is the key.
    seen: SystemTime,
    /// When the API first said that it is another.
    replaced: Option<SystemTime>,
}

impl EcosystemKey {
    pub(super) fn new(client: Client, ecosystem_id: String, rules: Rules) -> Self {
        let history = Arc::<Mutex<History>>::default();
        let clock = client.clock().clone();
        let source = {
            let (client, ecosystem_id) = (client.clone(), ecosystem_id.clone());
            let history = Arc::clone(&history);
            move || -> BoxFuture<'static, Result<Fresh<VerifyingKey>, Failure>> {
                let (client, ecosystem_id) = (client.clone(), ecosystem_id.clone());
                let history = Arc::clone(&history);
                Box::pin(async move {
                    let key = fetch(&client, &ecosystem_id).await.map_err(|error| Failure {
                        old_serves: false,
                        ttl: rules.failure_ttl,
                        ..error.into()
                    })?;
                    lock(&history).add(key.clone(), client.clock().now());
                    Ok(Fresh { value: key, lifetime: Lifetime::Unlimited })
                })
            }
        };
        let latest = Refresh::new(source, RefreshPolicy::default(), clock);
        Self { client, ecosystem_id, rules, history, latest }
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
        let history = lock(&self.history);
        let counts = |held: &Held| {
            let end = held.seen.checked_add(self.rules.max_age);
            held.replaced.is_none_or(|replaced| moment < replaced) && end.is_none_or(|end| moment <= end)
        };
        let keys = history.0.iter().enumerate().filter(|(_, held)| counts(held));
        keys.map(|(position, held)| (position, held.key.clone())).collect()
    }

    /// Makes sure that there is a key for messages of now.
    pub(super) async fn ready(&self) -> Result<(), Error> {
        let known = self.version();
        if !self.at(self.client.clock().now()).is_empty() {
            return Ok(());
        }
        self.fetch_after(known).await
    }

    /// After a signature did not fit: asks for the key once more, unless that was done just now. True when there is
    /// another key.
    pub(super) async fn renew(&self) -> Result<bool, Error> {
        let (known, before) = (self.version(), self.newest());
        if self.latest.age().is_some_and(|age| age < self.rules.cooldown) {
            return Ok(false);
        }
        // The message may be forged, so a failure to fetch is no reason to have it sent again.
        if self.fetch_after(known).await.is_err() {
            return Ok(false);
        }
        Ok(self.newest() != before)
    }

    /// Fetches a key in place of this one, unless another caller has done so.
    async fn fetch_after(&self, known: Option<u64>) -> Result<(), Error> {
        if let Some(version) = known {
            self.latest.refused(version);
        }
        self.latest.get().await.map(drop)
    }

    /// Which fetch gave the latest key.
    fn version(&self) -> Option<u64> {
        self.latest.serving().map(|current| current.version)
    }

    fn newest(&self) -> Option<[u8; 32]> {
        lock(&self.history).0.first().map(|held| held.key.to_bytes())
    }
}

async fn fetch(client: &Client, ecosystem_id: &str) -> Result<VerifyingKey, Error> {
    let keys = client.public_keys(ecosystem_id).await?;
    let key = keys.signing.ok_or_else(|| {
        Error::new(ErrorKind::Provider, "Public key is not found.")
            .with_check("key.missing")
            .with_hint("check the ecosystem's id")
    })?;
    VerifyingKey::new(&key).map_err(|_| {
        Error::new(ErrorKind::Decode, "the ecosystem's key is no Ed25519 key").with_path("data.signing")
    })
}

fn lock(history: &Mutex<History>) -> MutexGuard<'_, History> {
    history.lock().unwrap_or_else(PoisonError::into_inner)
}

impl History {
    fn add(&mut self, key: VerifyingKey, now: SystemTime) {
        match self.0.first_mut() {
            Some(current) if current.key.to_bytes() == key.to_bytes() => current.seen = now,
            Some(current) => {
                current.replaced = Some(now);
                self.0.insert(0, Held { key, seen: now, replaced: None });
                self.0.truncate(MAX_KEYS);
            }
            None => self.0.push(Held { key, seen: now, replaced: None }),
        }
    }
}
