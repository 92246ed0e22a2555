//! Inbox store in memory.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use crate::{
    error::Error,
    storage::{AppliedState, InboxStore, LeaseStatus, LeasedEvent, NewEvent, Receipt},
};

/// An [`InboxStore`] in memory, bounded, for tests and for a service of one process that may forget.
///
/// What waits is lost with the process, and providers do not send again what was answered with 200. Waiting events are
/// never dropped to make space: a full store refuses, so that the provider tries again. Of what was applied, the
/// subjects that were quiet for longest are forgotten when there are more than the limit.
pub struct MemoryInbox {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    events: usize,
    bytes: usize,
    subjects: usize,
}

#[derive(Default)]
struct State {
    last_number: u64,
    waiting: HashMap<u64, Waiting>,
    bytes: usize,
    subjects: HashMap<Key, Subject>,
    /// The first event of each subject, by queue, then by when it is due.
    heads: HashMap<String, BTreeSet<(SystemTime, u64)>>,
    /// The subjects with a record, from the one that was quiet for longest.
    records: BTreeMap<u64, Key>,
}

/// Queue and subject.
type Key = (String, String);

struct Waiting {
    event: NewEvent,
    due: SystemTime,
    attempt: u32,
}

#[derive(Default)]
struct Subject {
    waiting: VecDeque<u64>,
    /// With the place in [`State::records`].
    latest: Option<(u64, AppliedState)>,
}

impl MemoryInbox {
    /// A store for at most 10 000 waiting events of 64 MiB together, and for what was applied to 100 000 subjects.
    pub fn new() -> Self {
        Self {
            limits: Limits { events: 10_000, bytes: 64 << 20, subjects: 100_000 },
            state: Mutex::default(),
        }
    }

    /// Sets how many events may wait. Default: 10 000.
    #[must_use]
    pub fn max_events(mut self, events: usize) -> Self {
        self.limits.events = events;
        self
    }

    /// Sets how many bytes the waiting messages may have together. Default: 64 MiB.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// Sets for how many subjects the applied state is kept. Default: 100 000.
    #[must_use]
    pub fn max_subjects(mut self, subjects: usize) -> Self {
        self.limits.subjects = subjects;
        self
    }

    /// How many events wait, those under a lease included.
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// What was applied last for a subject of a queue.
    pub fn applied(&self, queue: &str, subject: &str) -> Option<AppliedState> {
        self.lock().latest(&(queue.to_owned(), subject.to_owned()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryInbox {
    fn default() -> Self {
        Self::new()
    }
}

crate::privacy::redacted_debug!(MemoryInbox { limits, .. });

impl InboxStore for MemoryInbox {
    async fn insert(&self, event: NewEvent) -> Result<Receipt, Error> {
        self.lock().insert(event, self.limits)
    }

    async fn claim(
        &self,
        now: SystemTime,
        queue: &str,
        lease: Duration,
    ) -> Result<Option<LeasedEvent>, Error> {
        let until = now.checked_add(lease).ok_or_else(|| Error::configuration("the lease has no end"))?;
        Ok(self.lock().claim(now, queue, until))
    }

    async fn finish(
        &self,
        leased: &LeasedEvent,
        applied: Option<AppliedState>,
    ) -> Result<LeaseStatus, Error> {
        Ok(self.lock().finish(leased, applied, self.limits))
    }

    async fn release(&self, leased: &LeasedEvent, due: SystemTime) -> Result<LeaseStatus, Error> {
        Ok(self.lock().release(leased, due))
    }
}

impl State {
    fn latest(&self, key: &Key) -> Option<AppliedState> {
        Some(self.subjects.get(key)?.latest.as_ref()?.1.clone())
    }

    fn insert(&mut self, event: NewEvent, limits: Limits) -> Result<Receipt, Error> {
        let key = (event.queue.clone(), event.subject.clone());
        if let Some(subject) = self.subjects.get(&key) {
            let repeats = |number: &u64| {
                let waiting = &self.waiting[number];
                waiting.attempt == 0 && waiting.event.digest == event.digest
            };
            if subject.waiting.iter().any(repeats) {
                return Ok(Receipt::AlreadyWaiting);
            }
            let latest = subject.latest.as_ref().and_then(|(_, applied)| applied.digest);
            if subject.waiting.is_empty() && latest == Some(event.digest) {
                return Ok(Receipt::Duplicate);
            }
        }
        let bytes = self.bytes.saturating_add(event.message.expose().len());
        if self.waiting.len() >= limits.events || bytes > limits.bytes {
            return Err(Error::store("the inbox in memory is full"));
        }
        self.bytes = bytes;
        self.last_number += 1;
        let (number, due) = (self.last_number, event.received_at);
        let subject = self.subjects.entry(key).or_default();
        subject.waiting.push_back(number);
        if subject.waiting.len() == 1 {
            self.heads.entry(event.queue.clone()).or_default().insert((due, number));
        }
        self.waiting.insert(number, Waiting { event, due, attempt: 0 });
        Ok(Receipt::Stored)
    }

    fn claim(&mut self, now: SystemTime, queue: &str, until: SystemTime) -> Option<LeasedEvent> {
        let (due, number) = *self.heads.get(queue)?.first()?;
        if due > now {
            return None;
        }
        self.reschedule(number, until);
        let waiting = self.waiting.get_mut(&number)?;
        waiting.attempt += 1;
        let (attempt, event) = (waiting.attempt, waiting.event.clone());
        let latest = self.latest(&(event.queue.clone(), event.subject.clone()));
        Some(LeasedEvent { number, attempt, event, latest })
    }

    fn finish(&mut self, leased: &LeasedEvent, applied: Option<AppliedState>, limits: Limits) -> LeaseStatus {
        if !self.holds(leased) {
            return LeaseStatus::LeaseLost;
        }
        let Some(done) = self.waiting.remove(&leased.number) else { return LeaseStatus::LeaseLost };
        self.bytes -= done.event.message.expose().len();
        let key = (done.event.queue, done.event.subject);
        let Some(subject) = self.subjects.get_mut(&key) else { return LeaseStatus::LeaseLost };
        subject.waiting.pop_front();
        let next = subject.waiting.front().copied();
        if let Some(applied) = applied {
            self.last_number += 1;
            if let Some((place, _)) = subject.latest.replace((self.last_number, applied)) {
                self.records.remove(&place);
            }
            self.records.insert(self.last_number, key.clone());
        }
        let forgotten = next.is_none() && subject.latest.is_none();
        if forgotten {
            self.subjects.remove(&key);
        }
        if let Some(heads) = self.heads.get_mut(&key.0) {
            heads.remove(&(done.due, leased.number));
            if let Some(next) = next {
                heads.insert((self.waiting[&next].due, next));
            }
            if heads.is_empty() {
                self.heads.remove(&key.0);
            }
        }
        self.forget_the_quiet(limits.subjects);
        LeaseStatus::Done
    }

    fn release(&mut self, leased: &LeasedEvent, due: SystemTime) -> LeaseStatus {
        if !self.holds(leased) {
            return LeaseStatus::LeaseLost;
        }
        self.reschedule(leased.number, due);
        LeaseStatus::Done
    }

    fn holds(&self, leased: &LeasedEvent) -> bool {
        self.waiting.get(&leased.number).is_some_and(|waiting| waiting.attempt == leased.attempt)
    }

    /// Only for the first event of its subject.
    fn reschedule(&mut self, number: u64, due: SystemTime) {
        let Some(waiting) = self.waiting.get_mut(&number) else { return };
        let before = std::mem::replace(&mut waiting.due, due);
        if let Some(heads) = self.heads.get_mut(&waiting.event.queue) {
            heads.remove(&(before, number));
            heads.insert((due, number));
        }
    }

    /// A subject with waiting events keeps its record: it is about to be needed.
    fn forget_the_quiet(&mut self, limit: usize) {
        let excess = self.records.len().saturating_sub(limit);
        let idle = |(place, key): (&u64, &Key)| {
            self.subjects.get(key).is_none_or(|subject| subject.waiting.is_empty()).then_some(*place)
        };
        let quiet: Vec<u64> = self.records.iter().filter_map(idle).take(excess).collect();
        for place in quiet {
            if let Some(key) = self.records.remove(&place) {
                self.subjects.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_stays_of_events_that_were_finished_without_a_record() {
        let store = MemoryInbox::new();
        for subject in ["r-1", "r-2"] {
            let event = NewEvent {
                queue: subject.to_owned(),
                subject: subject.to_owned(),
                digest: [0; 32],
                received_at: SystemTime::UNIX_EPOCH,
                message: crate::privacy::Pii::new(vec![0; 100].into()),
            };
            store.insert(event).await.expect("stored");
            let lease = Duration::from_secs(1);
            let claim =
                store.claim(SystemTime::UNIX_EPOCH, subject, lease).await.expect("works").expect("one");
            assert_eq!(store.finish(&claim, None).await.expect("works"), LeaseStatus::Done);
        }
        let state = store.lock();
        assert_eq!((state.bytes, state.waiting.len(), state.records.len()), (0, 0, 0));
        assert_eq!((state.subjects.len(), state.heads.len()), (0, 0));
    }

    #[tokio::test]
    async fn each_subject_has_a_record_of_its_own_when_nothing_arrives_in_between() {
        let store = MemoryInbox::new();
        let subjects = ["r-1", "r-2", "r-3"];
        for subject in subjects {
            let arrival = NewEvent {
                queue: "q".to_owned(),
                subject: subject.to_owned(),
                digest: [0; 32],
                received_at: SystemTime::UNIX_EPOCH,
                message: crate::privacy::Pii::new(Vec::new().into()),
            };
            store.insert(arrival).await.expect("kept");
        }
        for _ in subjects {
            let claim = store.claim(SystemTime::UNIX_EPOCH, "q", Duration::from_secs(1)).await;
            let claim = claim.expect("works").expect("one");
            let applied = AppliedState { terminal: true, state: "done".to_owned(), digest: None, time: None };
            assert_eq!(store.finish(&claim, Some(applied)).await.expect("works"), LeaseStatus::Done);
        }
        assert_eq!(store.lock().records.len(), 3);
    }
}
