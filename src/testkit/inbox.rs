//! The promises of an [`InboxStore`].

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;

use super::{Broken, CALLERS, at_once, ensure, fresh_name, large, odd_names, seconds, start};
use crate::{
    privacy::Pii,
    storage::{AppliedState, InboxStore, LeaseStatus, LeasedEvent, NewEvent, Receipt},
};

const LEASE: Duration = Duration::from_secs(60);

/// Proves a store against the promises of [`InboxStore`]; `make` gives one to begin with, new or shared.
///
/// | promise | what is checked |
/// | --- | --- |
/// | `content` | what was inserted is handed out byte for byte, also a mebibyte long |
/// | `subjects` | subjects of odd characters, up to 512 bytes, do not meet |
/// | `queues` | a claim sees its own queue only |
/// | `order` | the events of one subject are handed out in the order of arrival |
/// | `lease.exclusive` | while an event is leased, nothing of its subject is handed out, and other subjects are |
/// | `lease.atomic` | of fifty claims at once, one gets a subject's event, and no event is handed out twice |
/// | `lease.arrivals` | while fifty events of one subject arrive at once, one of them at most is out on a lease |
/// | `lease.expiry` | just before its end a lease holds; at its end the event is handed out again, attempts counted |
/// | `lease.lost` | a claim that was overtaken can neither finish nor release |
/// | `release` | a released event stays the first of its subject and comes back at its time, not before |
/// | `finish` | a finished event is gone, and what was applied is recorded with it, or left as it was |
/// | `repeat` | the same subject and digest again, before any claim, is `AlreadyWaiting` and kept once |
/// | `repeat.atomic` | of fifty inserts of the same event at once, one is `Stored` |
/// | `repeat.claimed` | a repeat of an event that was claimed before is kept, in place behind it |
/// | `duplicate` | the digest of what was applied last is a `Duplicate` while nothing waits |
/// | `news` | any other digest is not, nor the same one while something waits or after something else was applied |
///
/// # Errors
///
/// The first promise that is broken, or in whose check the store failed.
pub async fn check_inbox_store<S>(make: impl AsyncFn() -> S) -> Result<(), Broken>
where
    S: InboxStore + 'static,
{
    content(Check::new("content", make().await)?).await?;
    subjects(Check::new("subjects", make().await)?).await?;
    queues(Check::new("queues", make().await)?).await?;
    order(Check::new("order", make().await)?).await?;
    lease_exclusive(Check::new("lease.exclusive", make().await)?).await?;
    lease_atomic(Check::new("lease.atomic", make().await)?).await?;
    lease_arrivals(Check::new("lease.arrivals", make().await)?).await?;
    lease_expiry(Check::new("lease.expiry", make().await)?).await?;
    lease_lost(Check::new("lease.lost", make().await)?).await?;
    release(Check::new("release", make().await)?).await?;
    finish(Check::new("finish", make().await)?).await?;
    repeat(Check::new("repeat", make().await)?).await?;
    repeat_atomic(Check::new("repeat.atomic", make().await)?).await?;
    repeat_claimed(Check::new("repeat.claimed", make().await)?).await?;
    duplicate(Check::new("duplicate", make().await)?).await?;
    news(Check::new("news", make().await)?).await
}

/// One promise under check: a store, and a queue that nothing else uses.
struct Check<S> {
    promise: &'static str,
    store: Arc<S>,
    queue: String,
}

impl<S: InboxStore> Check<S> {
    fn new(promise: &'static str, store: S) -> Result<Self, Broken> {
        Ok(Self { promise, store: Arc::new(store), queue: fresh_name(promise)? })
    }

    fn arrival(&self, subject: &str, event: u8) -> NewEvent {
        NewEvent {
            queue: self.queue.clone(),
            subject: subject.to_owned(),
            digest: [event; 32],
            received_at: start(),
            message: Pii::new(Bytes::from(vec![event])),
        }
    }

    async fn insert(&self, arrival: NewEvent) -> Result<Receipt, Broken> {
        self.store.insert(arrival).await.map_err(|error| Broken::store(self.promise, error))
    }

    async fn stored(&self, subject: &str, event: u8) -> Result<(), Broken> {
        let inserted = self.insert(self.arrival(subject, event)).await?;
        ensure!(self.promise, inserted == Receipt::Stored, "event {event} is news, and gave {inserted:?}");
        Ok(())
    }

    async fn claim_at(&self, now: SystemTime) -> Result<Option<LeasedEvent>, Broken> {
        self.store.claim(now, &self.queue, LEASE).await.map_err(|error| Broken::store(self.promise, error))
    }

    async fn claim(&self) -> Result<LeasedEvent, Broken> {
        self.some(self.claim_at(start()).await?)
    }

    fn some(&self, claim: Option<LeasedEvent>) -> Result<LeasedEvent, Broken> {
        claim.ok_or_else(|| Broken {
            promise: self.promise,
            how: "an event that waits and is due was not handed out".to_owned(),
            source: None,
        })
    }

    async fn nothing_at(&self, now: SystemTime, why: &str) -> Result<(), Broken> {
        let claim = self.claim_at(now).await?;
        ensure!(self.promise, claim.is_none(), "an event was handed out although {why}");
        Ok(())
    }

    async fn finish(&self, claim: &LeasedEvent, applied: Option<AppliedState>) -> Result<(), Broken> {
        let settled =
            self.store.finish(claim, applied).await.map_err(|error| Broken::store(self.promise, error))?;
        ensure!(self.promise, settled == LeaseStatus::Done, "a claim that holds could not be finished");
        Ok(())
    }

    async fn release(&self, claim: &LeasedEvent, due: SystemTime) -> Result<(), Broken> {
        let settled =
            self.store.release(claim, due).await.map_err(|error| Broken::store(self.promise, error))?;
        ensure!(self.promise, settled == LeaseStatus::Done, "a claim that holds could not be released");
        Ok(())
    }

    /// Hands out everything that is due, one by one, and finishes it.
    async fn drain(&self, now: SystemTime) -> Result<Vec<LeasedEvent>, Broken> {
        let mut claims = Vec::new();
        while let Some(claim) = self.claim_at(now).await? {
            self.finish(&claim, None).await?;
            claims.push(claim);
            ensure!(self.promise, claims.len() <= 200, "finished events are handed out again and again");
        }
        Ok(claims)
    }
}

fn events(claims: &[LeasedEvent]) -> Vec<u8> {
    claims.iter().map(|claim| claim.event.digest[0]).collect()
}

fn applied(event: u8) -> AppliedState {
    AppliedState {
        terminal: true,
        state: "verification.accepted".to_owned(),
        digest: Some([event; 32]),
        time: Some(start() + Duration::from_micros(1_234_567)),
    }
}

async fn content<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    for (index, message) in [vec![], vec![0], large()].into_iter().enumerate() {
        let arrival = NewEvent {
            digest: std::array::from_fn(|at| 255 - u8::try_from(at + index).unwrap_or(0)),
            received_at: start() + Duration::from_micros(1),
            message: Pii::new(message.into()),
            ..check.arrival("r-1", 0)
        };
        let inserted = check.insert(arrival.clone()).await?;
        ensure!(check.promise, inserted == Receipt::Stored, "a first event gave {inserted:?}");
        let claim = check.some(check.claim_at(start() + seconds(1)).await?)?;
        ensure!(
            check.promise,
            claim.event == arrival,
            "an event with a message of {} bytes was not handed out as it was inserted",
            arrival.message.expose().len()
        );
        ensure!(check.promise, claim.attempt == 1, "the first attempt has the number {}", claim.attempt);
        ensure!(check.promise, claim.latest.is_none(), "there is a record although nothing was applied");
        check.finish(&claim, None).await?;
    }
    Ok(())
}

async fn subjects<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    let names = odd_names();
    for name in &names {
        let inserted = check.insert(check.arrival(name, 1)).await?;
        ensure!(
            check.promise,
            inserted == Receipt::Stored,
            "the subject {name:?} is new, and gave {inserted:?}"
        );
    }
    let mut claims = Vec::new();
    for _ in &names {
        let claim = check.claim().await?;
        check.finish(&claim, Some(AppliedState { state: claim.event.subject.clone(), ..applied(1) })).await?;
        claims.push(claim);
    }
    for name in &names {
        ensure!(
            check.promise,
            claims.iter().filter(|claim| claim.event.subject == *name).count() == 1,
            "the event of the subject {name:?} was not handed out once"
        );
        check.stored(name, 2).await?;
        let claim = check.claim().await?;
        let record = claim.latest.as_ref().map(|latest| latest.state.as_str());
        ensure!(check.promise, record == Some(name), "the subject {name:?} has the record of another");
        check.finish(&claim, None).await?;
    }
    Ok(())
}

async fn queues<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    let other = Check { queue: format!("{}/other", check.queue), store: check.store.clone(), ..check };
    check.stored("r-1", 1).await?;
    other.nothing_at(start(), "its queue is empty").await?;
    other.stored("r-1", 1).await?;
    let (ours, theirs) = (check.claim().await?, other.claim().await?);
    ensure!(
        check.promise,
        ours.event.queue == check.queue && theirs.event.queue == other.queue,
        "a claim got an event of another queue"
    );
    check.finish(&ours, Some(applied(1))).await?;
    ensure!(check.promise, theirs.latest.is_none(), "a record of one queue is seen in another");
    other.finish(&theirs, None).await
}

async fn order<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    // Neither the digest nor the time of receipt, which two machines may see differently, is the order of arrival.
    let arrivals = [5, 3, 8, 1, 9, 2, 7];
    for (index, event) in arrivals.into_iter().enumerate() {
        for subject in ["r-1", "r-2"] {
            let early = seconds(u64::try_from(index % 3).unwrap_or(0));
            let inserted = check
                .insert(NewEvent { received_at: start() - early, ..check.arrival(subject, event) })
                .await?;
            ensure!(
                check.promise,
                inserted == Receipt::Stored,
                "event {event} is news, and gave {inserted:?}"
            );
        }
    }
    let claims = check.drain(start()).await?;
    for subject in ["r-1", "r-2"] {
        let own: Vec<_> = claims.iter().filter(|claim| claim.event.subject == subject).cloned().collect();
        let found = events(&own);
        ensure!(check.promise, found == arrivals, "{arrivals:?} arrived, and {found:?} were handed out");
        ensure!(
            check.promise,
            own.windows(2).all(|pair| pair[0].number < pair[1].number),
            "the numbers of a subject's events do not grow"
        );
    }
    Ok(())
}

async fn lease_exclusive<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    for event in [1, 2] {
        check.stored("r-1", event).await?;
    }
    let first = check.claim().await?;
    check.nothing_at(start(), "its subject is leased").await?;
    check.nothing_at(start() + LEASE / 2, "its subject is leased").await?;
    check.stored("r-2", 1).await?;
    let other = check.claim().await?;
    ensure!(check.promise, other.event.subject == "r-2", "a lease on one subject holds up another");
    check.finish(&first, None).await?;
    let second = check.claim().await?;
    ensure!(
        check.promise,
        events(&[second]) == [2],
        "after the first of two events comes another than the second"
    );
    Ok(())
}

async fn lease_atomic<S: InboxStore + 'static>(check: Check<S>) -> Result<(), Broken> {
    let claims_at_once = async || {
        let queue: Arc<str> = check.queue.as_str().into();
        let answers = at_once(check.promise, &check.store, |_, store| {
            let queue = queue.clone();
            async move { store.claim(start(), &queue, LEASE).await }
        })
        .await?;
        let mut claims = Vec::new();
        for answer in answers {
            claims.extend(answer.map_err(|error| Broken::store(check.promise, error))?);
        }
        Ok(claims)
    };
    for event in 1..=3 {
        check.stored("r-1", event).await?;
    }
    for event in 1..=3 {
        let claims = claims_at_once().await?;
        let count = claims.len();
        ensure!(
            check.promise,
            count == 1,
            "of {CALLERS} claims at once, {count} got an event of one subject"
        );
        ensure!(check.promise, events(&claims) == [event], "claims at once are out of order");
        check.finish(&claims[0], None).await?;
    }
    for subject in 0..20 {
        check.stored(&format!("s-{subject}"), 1).await?;
    }
    let claims = claims_at_once().await?;
    let subjects: BTreeSet<_> = claims.iter().map(|claim| claim.event.subject.as_str()).collect();
    ensure!(
        check.promise,
        subjects.len() == claims.len(),
        "{} claims at once got the events of {} subjects",
        claims.len(),
        subjects.len()
    );
    // A claim that met another one may have come away empty; what is left must be there still.
    let count = claims.len();
    let left = check.drain(start()).await?.len();
    ensure!(check.promise, count + left == 20, "of 20 events, {count} were leased and {left} were left");
    Ok(())
}

/// Where numbers become visible out of their order, an event that was first is overtaken while it is leased.
async fn lease_arrivals<S: InboxStore + 'static>(check: Check<S>) -> Result<(), Broken> {
    for subject in ["r-1", "r-2", "r-3", "r-4"] {
        let mut count: usize = 0;
        let answers = at_once(check.promise, &check.store, |index, store| {
            let arrival = check.arrival(subject, u8::try_from(index).unwrap_or(u8::MAX));
            async move {
                let queue = arrival.queue.clone();
                store.insert(arrival).await?;
                store.claim(start(), &queue, LEASE).await
            }
        })
        .await?;
        for answer in answers {
            let claim = answer.map_err(|error| Broken::store(check.promise, error))?;
            count += usize::from(claim.is_some());
        }
        ensure!(check.promise, count <= 1, "{count} events of one subject were leased at the same time");
    }
    Ok(())
}

async fn lease_expiry<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    for event in [1, 2] {
        check.stored("r-1", event).await?;
    }
    let mut now = start();
    let first = check.claim().await?;
    for attempt in 2..=4 {
        check.nothing_at(now + LEASE - Duration::from_millis(1), "its lease has not ended").await?;
        now += LEASE;
        let again = check.some(check.claim_at(now).await?)?;
        ensure!(check.promise, again.event == first.event, "after the lease, another event was handed out");
        ensure!(check.promise, again.number == first.number, "after the lease, the event has another number");
        ensure!(
            check.promise,
            again.attempt == attempt,
            "attempt {attempt} has the number {}",
            again.attempt
        );
    }
    Ok(())
}

async fn lease_lost<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    check.stored("r-1", 1).await?;
    check.stored("r-1", 2).await?;
    let slow = check.claim().await?;
    let now = start() + LEASE;
    let quick = check.some(check.claim_at(now).await?)?;
    for turn in ["was claimed again", "was finished by another"] {
        let failed = |error| Broken::store(check.promise, error);
        let finished = check.store.finish(&slow, Some(applied(9))).await.map_err(failed)?;
        ensure!(check.promise, finished == LeaseStatus::LeaseLost, "an event that {turn} could be finished");
        let released = check.store.release(&slow, now).await.map_err(failed)?;
        ensure!(check.promise, released == LeaseStatus::LeaseLost, "an event that {turn} could be released");
        if turn == "was claimed again" {
            check.nothing_at(now, "the lease of the second worker holds").await?;
            check.finish(&quick, None).await?;
        }
    }
    let second = check.some(check.claim_at(now).await?)?;
    ensure!(check.promise, second.latest.is_none(), "a lost claim recorded what it applied");
    ensure!(check.promise, events(&[second]) == [2], "a lost claim removed an event");
    Ok(())
}

async fn release<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    for event in [1, 2] {
        check.stored("r-1", event).await?;
    }
    let first = check.claim().await?;
    // Longer than the lease: the wait counts, not what was left of the lease.
    let due = start() + LEASE * 3;
    check.release(&first, due).await?;
    check.nothing_at(start(), "it was released for later").await?;
    check.nothing_at(due - Duration::from_millis(1), "it was released for later").await?;
    let again = check.some(check.claim_at(due).await?)?;
    ensure!(check.promise, again.event == first.event, "a released event did not come back as it was");
    ensure!(check.promise, again.attempt == 2, "a second attempt has the number {}", again.attempt);
    check.release(&again, due).await?;
    let rest = events(&check.drain(due).await?);
    ensure!(check.promise, rest == [1, 2], "events 1 and 2 wait, and {rest:?} were handed out");
    Ok(())
}

async fn finish<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    for event in 1..=4 {
        check.stored("r-1", event).await?;
    }
    let records = [
        Some(applied(1)),
        None,
        Some(AppliedState { terminal: false, state: "ü 'x'".to_owned(), digest: None, time: None }),
    ];
    let mut expected = None;
    for record in records {
        let claim = check.claim().await?;
        ensure!(check.promise, claim.latest == expected, "the record is not what was applied last");
        check.finish(&claim, record.clone()).await?;
        expected = record.or(expected);
    }
    let last = check.claim().await?;
    ensure!(check.promise, last.latest == expected, "the record is not what was applied last");
    check.finish(&last, None).await?;
    check.nothing_at(start() + LEASE * 10, "everything is finished").await
}

async fn repeat<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    check.stored("r-1", 1).await?;
    check.stored("r-1", 2).await?;
    check.stored("r-2", 1).await?;
    for event in [1, 2, 1] {
        let later = NewEvent { received_at: start() + seconds(1), ..check.arrival("r-1", event) };
        let inserted = check.insert(later).await?;
        ensure!(check.promise, inserted == Receipt::AlreadyWaiting, "a repeat gave {inserted:?}");
    }
    let count = check.drain(start() + seconds(1)).await?.len();
    ensure!(check.promise, count == 3, "of three events, {count} were handed out");
    Ok(())
}

async fn repeat_atomic<S: InboxStore + 'static>(check: Check<S>) -> Result<(), Broken> {
    for subject in ["r-1", "r-2", "r-3"] {
        let arrival = check.arrival(subject, 1);
        let answers = at_once(check.promise, &check.store, |_, store| {
            let arrival = arrival.clone();
            async move { store.insert(arrival).await }
        })
        .await?;
        let mut stored = 0;
        for answer in answers {
            match answer.map_err(|error| Broken::store(check.promise, error))? {
                Receipt::Stored => stored += 1,
                Receipt::AlreadyWaiting => {}
                other => ensure!(check.promise, false, "an event that waits gave {other:?}"),
            }
        }
        ensure!(
            check.promise,
            stored == 1,
            "of {CALLERS} inserts of one event at once, {stored} were stored"
        );
    }
    let count = check.drain(start()).await?.len();
    ensure!(check.promise, count == 3, "of three events, {count} were handed out");
    Ok(())
}

async fn repeat_claimed<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    check.stored("r-1", 1).await?;
    check.stored("r-1", 2).await?;
    let first = check.claim().await?;
    check.stored("r-1", 1).await?;
    let again = check.insert(check.arrival("r-1", 1)).await?;
    ensure!(check.promise, again == Receipt::AlreadyWaiting, "a repeat of the repeat gave {again:?}");
    check.finish(&first, None).await?;
    let rest = events(&check.drain(start()).await?);
    ensure!(check.promise, rest == [2, 1], "events 2 and 1 wait, and {rest:?} were handed out");

    check.stored("r-2", 1).await?;
    let claim = check.claim().await?;
    check.release(&claim, start()).await?;
    check.stored("r-2", 1).await?;
    let count = check.drain(start()).await?.len();
    ensure!(
        check.promise,
        count == 2,
        "a repeat after a release: {count} events were handed out instead of 2"
    );
    Ok(())
}

async fn duplicate<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    check.stored("r-1", 1).await?;
    check.finish(&check.claim().await?, Some(applied(1))).await?;
    for _ in 0..2 {
        let again = check.insert(check.arrival("r-1", 1)).await?;
        ensure!(check.promise, again == Receipt::Duplicate, "what was applied last gave {again:?}");
    }
    check.nothing_at(start(), "a duplicate must not be kept").await?;
    check.stored("r-2", 1).await
}

async fn news<S: InboxStore>(check: Check<S>) -> Result<(), Broken> {
    check.stored("r-1", 1).await?;
    check.finish(&check.claim().await?, Some(applied(1))).await?;
    check.stored("r-1", 2).await?;
    // Whatever 2 leads to, the 1 behind it may be news again.
    check.stored("r-1", 1).await?;
    check.finish(&check.claim().await?, Some(applied(2))).await?;
    let third = check.claim().await?;
    ensure!(check.promise, third.event.digest == [1; 32], "the event that waited behind another is lost");
    check.finish(&third, None).await?;
    check.stored("r-1", 1).await?;
    check.finish(&check.claim().await?, Some(AppliedState { digest: None, ..applied(1) })).await?;
    for event in [1, 2] {
        check.stored("r-1", event).await?;
    }
    Ok(())
}
