//! The fake's core: what happens to a verification between its request and its end.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::sync::Notify;
use url::Url;

use super::{
    Outcome, Settings,
    account::{Account, Accounts},
    bodies,
    callbacks::{Callback, Courier, Letter, SignatureForm},
    decision::{Case, FaceHistory, Verdict, evaluate},
    php, services,
    state::{File, Key, Store, Verification, event},
    upload,
};
use crate::{
    crypto,
    error::{Error, ErrorKind, Result},
    sandbox::{Person, server::Tasks},
    shuftipro::PROVIDER,
};

/// A fake Shufti Pro.
pub(super) struct Fake {
    base: Url,
    pub(super) settings: Settings,
    store: Mutex<Store>,
    pub(super) courier: Arc<Courier>,
    /// Tells [`watch_time`](Self::watch_time) of a new end.
    new_end: Notify,
    drawn: AtomicU64,
}

impl Fake {
    pub(super) fn new(base: Url, accounts: Vec<Account>, settings: Settings, tasks: Tasks) -> Arc<Self> {
        let courier =
            Courier::new(settings.policy, settings.allowed_hosts.clone(), settings.clock.clone(), tasks);
        Arc::new(Self {
            base,
            settings,
            store: Mutex::new(Store::new(Accounts::new(accounts))),
            courier: Arc::new(courier),
            new_end: Notify::new(),
            drawn: AtomicU64::new(0),
        })
    }

    /// A URL on this server.
    pub(super) fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        // An http URL has path segments.
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(segments);
        }
        url
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> SystemTime {
        self.settings.clock.now()
    }

    /// 40 hex digits that never come twice.
    pub(super) fn token(&self) -> String {
        let random = self.settings.clock.random::<32>().unwrap_or_default();
        let count = self.drawn.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        hex::encode(&crypto::sha256(&[&random, &count])[..20])
    }

    /// The person whom a test chose, or the one that follows from seed and reference.
    pub(super) fn person(&self, reference: &str) -> Person {
        if let Some(person) = self.store().people.get(reference) {
            return person.clone();
        }
        let digest = crypto::sha256(&[&self.settings.seed.to_le_bytes(), reference.as_bytes()]);
        let mut seed = [0; 8];
        seed.copy_from_slice(&digest[..8]);
        Person::from_seed(u64::from_le_bytes(seed))
    }

    /// Accepts a checked request, and decides it when no person takes part. Returns the body.
    ///
    /// `None`: the reference is taken.
    pub(super) fn take_in(&self, key: &Key, verification: Verification) -> Option<Map<String, Value>> {
        let onsite = verification.onsite;
        let waits = onsite || verification.general.get("show_results").and_then(Value::as_str) == Some("0");
        let mut store = self.store();
        if store.verifications.contains_key(key) {
            return None;
        }
        store.insert(key.clone(), verification);
        if !waits {
            self.hand_in(&mut store, key, &Verdict::Natural);
        }
        let response = self.body(&mut store, key);
        if onsite || !waits {
            self.call_back(&mut store, key);
        } else if !self.settings.results_on_demand {
            self.hand_in(&mut store, key, &Verdict::Natural);
            self.call_back(&mut store, key);
        }
        drop(store);
        self.new_end.notify_one();
        Some(response)
    }

    /// Carries an outcome out and sends the callback that tells of it.
    pub(super) fn complete(&self, key: &Key, outcome: &Outcome) -> Result<()> {
        let mut store = self.store();
        let Some(held) = store.verifications.get_mut(key) else { return Ok(()) };
        let fits = match outcome {
            Outcome::ChangeToAccepted | Outcome::ChangeToDeclined(_) => held.is_decided(),
            Outcome::DataChanged => held.event != event::DELETED,
            Outcome::Review => held.is_open() && held.event != event::REVIEW,
            _ => held.is_open(),
        };
        if !fits {
            return Err(Error::new(ErrorKind::Conflict, "the verification is in no state for this outcome")
                .with_code(held.event.clone())
                .during(PROVIDER, "sandbox"));
        }
        match outcome {
            Outcome::Natural => self.hand_in(&mut store, key, &Verdict::Natural),
            // A reviewer's word is the last one.
            Outcome::Accept => self.decide(&mut store, key, &Verdict::Accept),
            Outcome::Decline(codes) => self.decide(&mut store, key, &Verdict::Decline(codes.clone())),
            Outcome::Cancel => held.event = event::CANCELLED.to_owned(),
            Outcome::Timeout => held.event = event::TIMEOUT.to_owned(),
            Outcome::Review => held.event = event::REVIEW.to_owned(),
            Outcome::ChangeToAccepted => self.decide(&mut store, key, &Verdict::Accept),
            Outcome::ChangeToDeclined(codes) => {
                self.decide(&mut store, key, &Verdict::Decline(codes.clone()));
            }
            Outcome::DataChanged => {}
        }
        match outcome {
            Outcome::ChangeToAccepted | Outcome::ChangeToDeclined(_) => {
                self.call_back_with(&mut store, key, event::STATUS_CHANGED);
            }
            Outcome::DataChanged => self.call_back_with(&mut store, key, event::DATA_CHANGED),
            _ => self.call_back(&mut store, key),
        }
        Ok(())
    }

    /// Everything is handed in: decided, unless a reviewer was asked for.
    fn hand_in(&self, store: &mut Store, key: &Key, verdict: &Verdict) {
        let Some(held) = store.verifications.get_mut(key) else { return };
        if held.event != event::REVIEW
            && held.general.get("manual_review").and_then(Value::as_str) == Some("1")
        {
            held.event = event::REVIEW.to_owned();
        } else {
            self.decide(store, key, verdict);
        }
    }

    fn decide(&self, store: &mut Store, key: &Key, verdict: &Verdict) {
        let Some(held) = store.verifications.get(key) else { return };
        let customer = held.general.get("customer_unique_id").and_then(Value::as_str).unwrap_or_default();
        let decided = evaluate(
            &Case {
                services: &held.services,
                general: &held.general,
                person: &held.person,
                own_country: held.assigned,
                uploads: &held.uploads,
                watchlist: &self.settings.watchlist,
                face: FaceHistory {
                    duplicate: store.knows_face(key, &held.person),
                    enrolled: store.is_enrolled(key.0, customer),
                },
                now: self.now(),
            },
            verdict,
        );
        let accepted = decided.accepted;
        if let Some(held) = store.verifications.get_mut(key) {
            held.event = if accepted { event::ACCEPTED } else { event::DECLINED }.to_owned();
            held.decided = Some(decided);
        }
        if accepted {
            store.remember_face(key);
        }
    }

    /// Forgets a verification and tells so.
    pub(super) fn delete(&self, key: &Key) {
        let mut store = self.store();
        store.delete(key);
        self.call_back(&mut store, key);
    }

    /// The body of section 4 for the present state.
    pub(super) fn body(&self, store: &mut Store, key: &Key) -> Map<String, Value> {
        let Some(held) = store.verifications.get(key) else { return Map::new() };
        let mut links = Vec::new();
        let body = bodies::verification(&key.1, held, || {
            let (id, name, token) = (self.token(), self.token(), self.token());
            let mut url =
                self.at(&["questionnaire-api", "storage", &id, "questionnaire", &format!("{name}.png")]);
            url.query_pairs_mut().append_pair("access_token", &token);
            links.push((id, token));
            url.into()
        });
        for (id, token) in links {
            let file = File { media_type: "image/png", bytes: upload::png("questionnaire") };
            store.link(id, token, key, file, self.now());
        }
        body
    }

    fn call_back(&self, store: &mut Store, key: &Key) {
        let callback = Callback::current();
        self.post(store, key, &callback);
    }

    fn call_back_with(&self, store: &mut Store, key: &Key, event: &str) {
        self.post(store, key, &Callback::of_event(event));
    }

    /// Sends a callback that a test asked for.
    pub(super) fn deliver(&self, key: &Key, callback: &Callback) -> Result<()> {
        if self.post(&mut self.store(), key, callback) {
            return Ok(());
        }
        Err(Error::configuration("the request named no callback_url").during(PROVIDER, "sandbox"))
    }

    /// False when there is nowhere to send it to.
    fn post(&self, store: &mut Store, key: &Key, callback: &Callback) -> bool {
        let held = store.verifications.get(key);
        let Some((url, present)) =
            held.and_then(|held| Some((held.callback_url.clone()?, held.event.clone())))
        else {
            return false;
        };
        let body = match &callback.event {
            Some(event) => bodies::two_keys(&key.1, event),
            None => self.body(store, key),
        };
        let body = Bytes::from(php::json(&Value::Object(body)));
        let signature = match callback.signature {
            SignatureForm::Absent => None,
            SignatureForm::Right => Some(store.accounts.sign(key.0, &body)),
            SignatureForm::Wrong => Some(store.accounts.sign(key.0, b"something else")),
        };
        for _ in 0..callback.copies {
            self.courier.send(Letter {
                url: url.clone(),
                reference: key.1.clone(),
                event: callback.event.clone().unwrap_or_else(|| present.clone()),
                body: body.clone(),
                signature: signature.clone(),
                delay: callback.delay,
            });
        }
        true
    }

    /// Expires verification URLs.
    pub(super) fn tick(&self) {
        let due = self.store().take_due(self.now());
        for key in due {
            // It cannot be in the wrong state but by a change in this very moment, which then is the truth.
            let _ = self.complete(&key, &Outcome::Timeout);
        }
    }

    /// Calls [`tick`](Self::tick) when the next end has come.
    pub(super) async fn watch_time(self: Arc<Self>) {
        /// Two looks at the clock are at least this far apart.
        const PAUSE: Duration = Duration::from_millis(5);
        loop {
            let end = self.store().next_end();
            match end {
                None => self.new_end.notified().await,
                Some(end) => {
                    let wait = end.duration_since(self.now()).unwrap_or_default().max(PAUSE);
                    // Both outcomes mean: look again.
                    let _ = tokio::time::timeout(wait, self.new_end.notified()).await;
                }
            }
            self.tick();
        }
    }
}

/// True when an end user is needed (contract sections 3.1 and 5).
pub(super) fn needs_user(services: &Map<String, Value>) -> bool {
    services.iter().any(|(service, asked)| match service.as_str() {
        services::EKYC => super::checks::is_empty(asked),
        services::RISK_ASSESSMENT => true,
        service if services::ONSITE_ONLY.contains(&service) => true,
        service if services::WITH_PROOF.contains(&service) => {
            asked.get("proof").is_none_or(super::checks::is_empty)
        }
        _ => false,
    })
}
