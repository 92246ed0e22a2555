//! The test kit accepts sound stores and catches, by name, each promise that a store breaks.

use std::{
    sync::Mutex,
    time::{Duration, SystemTime},
};

use kyckit::{
    Error, ErrorKind,
    storage::{
        AppliedState, InboxStore, LeaseStatus, LeasedEvent, MemoryInbox, MemoryOneTime, NewEvent,
        OneTimeStore, OneTimeValue, Receipt,
    },
    testkit::{check_inbox_store, check_one_time_store},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_stores_in_memory_keep_every_promise() {
    check_inbox_store(async || MemoryInbox::new()).await.expect("a sound store");
    check_one_time_store(async || MemoryOneTime::new()).await.expect("a sound store");
}

#[tokio::test]
async fn shared_stores_and_repeated_runs_do_not_disturb_each_other() {
    let (inbox, one_time) =
        (std::sync::Arc::new(MemoryInbox::new()), std::sync::Arc::new(MemoryOneTime::new()));
    for _ in 0..2 {
        check_inbox_store(async || inbox.clone()).await.expect("a sound store");
        check_one_time_store(async || one_time.clone()).await.expect("a sound store");
    }
}

/// A second store, as simple as can be, with one fault at will.
#[derive(Default)]
struct Plain {
    fault: &'static str,
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    waiting: Vec<Row>,
    applied: Vec<(String, String, AppliedState)>,
    ever_applied: Vec<(String, [u8; 32])>,
    last: u64,
}

#[derive(Clone)]
struct Row {
    number: u64,
    place: u64,
    attempt: u32,
    due: SystemTime,
    arrival: NewEvent,
}

impl Plain {
    fn is(&self, fault: &str) -> bool {
        self.fault == fault
    }

    fn same_subject(&self, one: &NewEvent, other: &NewEvent) -> bool {
        let cut = |subject: &str| subject.as_bytes()[..subject.len().min(255)].to_vec();
        let (left, right) = (&one.subject, &other.subject);
        let equal = match self.fault {
            "folds the case of subjects" => left.to_lowercase() == right.to_lowercase(),
            "trims subjects" => left.trim() == right.trim(),
            "cuts subjects at 255 bytes" => cut(left) == cut(right),
            _ => left == right,
        };
        equal && (one.queue == other.queue || self.is("knows no queues"))
    }

    fn repeats(&self, rows: &Rows, arrival: &NewEvent) -> bool {
        rows.waiting.iter().any(|row| {
            (self.same_subject(&row.arrival, arrival) || self.is("deduplicates across subjects"))
                && row.arrival.digest == arrival.digest
                && (row.attempt == 0 || self.is("absorbs repeats of claimed events"))
        }) && !self.is("forgets to deduplicate")
    }

    fn latest(&self, rows: &Rows, arrival: &NewEvent) -> Option<AppliedState> {
        let found = rows.applied.iter().rfind(|(queue, subject, _)| {
            self.same_subject(
                arrival,
                &NewEvent { queue: queue.clone(), subject: subject.clone(), ..arrival.clone() },
            )
        });
        found.map(|(_, _, applied)| applied.clone())
    }

    fn is_duplicate(&self, rows: &Rows, arrival: &NewEvent) -> bool {
        let waits = rows.waiting.iter().any(|row| self.same_subject(&row.arrival, arrival));
        let latest = self.latest(rows, arrival).and_then(|applied| applied.digest);
        if self.is("remembers every digest") {
            return rows.ever_applied.contains(&(arrival.subject.clone(), arrival.digest));
        }
        latest == Some(arrival.digest)
            && (!waits || self.is("drops duplicates while something waits"))
            && !self.is("knows no duplicates")
    }

    /// The row to hand out, by its index.
    fn next(&self, rows: &Rows, now: SystemTime, queue: &str) -> Option<usize> {
        let order = |row: &Row| match self.fault {
            "orders by the time of receipt" => (row.arrival.received_at, row.number),
            "hands out the last first" => (SystemTime::UNIX_EPOCH, u64::MAX - row.place),
            _ => (SystemTime::UNIX_EPOCH, row.place),
        };
        let is_due = |row: &Row| match self.fault {
            "ends leases late" => row.attempt == 0 || row.due < now,
            "ends leases early" => row.due <= now + Duration::from_secs(1),
            "never ends a lease" => row.attempt == 0,
            "ignores leases" => true,
            _ => row.due <= now,
        };
        let busy = |row: &Row| row.arrival.queue == queue && row.attempt > 0 && row.due > now;
        if self.is("leases the whole queue") && rows.waiting.iter().any(busy) {
            return None;
        }
        let is_first = |row: &Row| {
            self.is("hands out a second event of a subject")
                || rows.waiting.iter().all(|other| {
                    !self.same_subject(&other.arrival, &row.arrival) || order(other) >= order(row)
                })
        };
        let candidates = rows.waiting.iter().enumerate().filter(|(_, row)| {
            (row.arrival.queue == queue || self.is("knows no queues")) && is_due(row) && is_first(row)
        });
        candidates.min_by_key(|(_, row)| order(row)).map(|(index, _)| index)
    }
}

impl Rows {
    fn next_number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }
}

impl InboxStore for Plain {
    async fn insert(&self, mut arrival: NewEvent) -> Result<Receipt, Error> {
        let answer = |rows: &Rows, arrival: &NewEvent| {
            if self.repeats(rows, arrival) {
                Some(Receipt::AlreadyWaiting)
            } else if self.is_duplicate(rows, arrival) {
                Some(Receipt::Duplicate)
            } else {
                None
            }
        };
        if self.is("looks before it inserts") {
            let before = answer(&self.rows.lock().unwrap(), &arrival);
            if let Some(before) = before {
                return Ok(before);
            }
            tokio::task::yield_now().await;
        }
        let mut taken = None;
        if self.is("takes a number before it inserts") {
            let number = self.rows.lock().unwrap().next_number();
            taken = Some(number);
            if number % 2 == 1 {
                tokio::task::yield_now().await;
            }
        }
        let mut rows = self.rows.lock().unwrap();
        if !self.is("looks before it inserts")
            && let Some(answer) = answer(&rows, &arrival)
        {
            return Ok(answer);
        }
        if self.is("keeps messages as text") {
            let text = String::from_utf8_lossy(arrival.message.expose()).into_owned();
            arrival.message = kyckit::privacy::Pii::new(text.into());
        }
        if self.is("keeps whole seconds") {
            let since = arrival.received_at.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            arrival.received_at = SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs());
        }
        let number = taken.unwrap_or_else(|| rows.next_number());
        let due = arrival.received_at;
        if !self.is("loses what it said it stored") || !number.is_multiple_of(4) {
            rows.waiting.push(Row { number, place: number, attempt: 0, due, arrival });
        }
        Ok(Receipt::Stored)
    }

    async fn claim(
        &self,
        now: SystemTime,
        queue: &str,
        lease: Duration,
    ) -> Result<Option<LeasedEvent>, Error> {
        let looked = self.next(&self.rows.lock().unwrap(), now, queue);
        if self.is("looks before it claims") {
            tokio::task::yield_now().await;
        }
        let mut rows = self.rows.lock().unwrap();
        let index = if self.is("looks before it claims") { looked } else { self.next(&rows, now, queue) };
        let Some(index) = index else { return Ok(None) };
        if !(self.is("does not count attempts") && rows.waiting[index].attempt > 0) {
            rows.waiting[index].attempt += 1;
        }
        rows.waiting[index].due = now + if self.is("halves leases") { lease / 2 } else { lease };
        let row = rows.waiting[index].clone();
        let latest = self.latest(&rows, &row.arrival);
        Ok(Some(LeasedEvent { number: row.number, attempt: row.attempt, event: row.arrival, latest }))
    }

    async fn finish(&self, claim: &LeasedEvent, applied: Option<AppliedState>) -> Result<LeaseStatus, Error> {
        let mut rows = self.rows.lock().unwrap();
        let holds = |row: &Row| {
            row.number == claim.number
                && (row.attempt == claim.attempt || self.is("lets a lost claim finish"))
        };
        let Some(index) = rows.waiting.iter().position(holds) else {
            let gone = rows.waiting.iter().all(|row| row.number != claim.number);
            let unseen = self.is("lets a claim finish what is gone") && gone;
            return Ok(if unseen { LeaseStatus::Done } else { LeaseStatus::LeaseLost });
        };
        let key = (claim.event.queue.clone(), claim.event.subject.clone());
        if applied.is_none() && self.is("erases the record") {
            rows.applied.retain(|(queue, subject, _)| (queue, subject) != (&key.0, &key.1));
        }
        if let Some(mut applied) = applied {
            if self.is("keeps records without their time") {
                applied.time = None;
            }
            rows.ever_applied.extend(applied.digest.map(|digest| (key.1.clone(), digest)));
            if !self.is("records nothing") {
                rows.applied.push((key.0, key.1, applied));
            }
        }
        if self.is("hands out the fourth event again") && claim.event.digest == [4; 32] {
            rows.waiting[index].due = claim.event.received_at + Duration::from_secs(60);
        } else if !self.is("does not remove what is finished") {
            rows.waiting.remove(index);
        }
        Ok(LeaseStatus::Done)
    }

    async fn release(&self, claim: &LeasedEvent, due: SystemTime) -> Result<LeaseStatus, Error> {
        let mut rows = self.rows.lock().unwrap();
        let holds = |row: &Row| {
            row.number == claim.number
                && (row.attempt == claim.attempt || self.is("lets a lost claim release"))
        };
        let Some(index) = rows.waiting.iter().position(holds) else { return Ok(LeaseStatus::LeaseLost) };
        rows.last += 1;
        let last = rows.last;
        match self.fault {
            "drops what is released" => drop(rows.waiting.remove(index)),
            "moves what is released to the end" => {
                rows.waiting[index].due = due;
                rows.waiting[index].place = last;
            }
            "ignores the wait" => rows.waiting[index].due = claim.event.received_at,
            "keeps the lease on release" => {}
            _ => rows.waiting[index].due = due,
        }
        Ok(LeaseStatus::Done)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_sound_store_keeps_every_promise() {
    check_inbox_store(async || Plain::default()).await.expect("a sound store");
    check_one_time_store(async || PlainOneTime::default()).await.expect("a sound store");
}

#[tokio::test]
async fn each_broken_promise_of_an_inbox_store_is_caught() {
    for (promise, fault) in [
        ("content", "keeps messages as text"),
        ("content", "keeps whole seconds"),
        ("content", "does not remove what is finished"),
        ("subjects", "folds the case of subjects"),
        ("subjects", "trims subjects"),
        ("subjects", "cuts subjects at 255 bytes"),
        ("subjects", "deduplicates across subjects"),
        ("subjects", "loses what it said it stored"),
        ("subjects", "records nothing"),
        ("queues", "knows no queues"),
        ("order", "orders by the time of receipt"),
        ("order", "hands out the last first"),
        ("lease.exclusive", "ignores leases"),
        ("lease.exclusive", "halves leases"),
        ("lease.exclusive", "hands out a second event of a subject"),
        ("lease.exclusive", "leases the whole queue"),
        ("lease.atomic", "looks before it claims"),
        ("lease.arrivals", "takes a number before it inserts"),
        ("lease.expiry", "never ends a lease"),
        ("lease.expiry", "ends leases late"),
        ("lease.expiry", "ends leases early"),
        ("lease.expiry", "does not count attempts"),
        ("lease.lost", "lets a lost claim finish"),
        ("lease.lost", "lets a lost claim release"),
        ("lease.lost", "lets a claim finish what is gone"),
        ("release", "drops what is released"),
        ("release", "moves what is released to the end"),
        ("release", "ignores the wait"),
        ("release", "keeps the lease on release"),
        ("finish", "erases the record"),
        ("finish", "keeps records without their time"),
        ("finish", "hands out the fourth event again"),
        ("repeat", "forgets to deduplicate"),
        ("repeat.atomic", "looks before it inserts"),
        ("repeat.claimed", "absorbs repeats of claimed events"),
        ("duplicate", "knows no duplicates"),
        ("news", "drops duplicates while something waits"),
        ("news", "remembers every digest"),
    ] {
        let broken = check_inbox_store(async || Plain { fault, ..Plain::default() })
            .await
            .expect_err(&format!("a store that {fault} must be caught"));
        assert_eq!(broken.promise(), promise, "a store that {fault}: {broken}");
        assert!(broken.to_string().contains(promise));
        assert_eq!(format!("{broken:?}"), broken.to_string());
    }
}

#[derive(Default)]
struct PlainOneTime {
    fault: &'static str,
    rows: Mutex<Vec<(String, Option<OneTimeValue>, SystemTime)>>,
}

impl PlainOneTime {
    fn is(&self, fault: &str) -> bool {
        self.fault == fault
    }

    fn find(&self, key: &str) -> Option<usize> {
        let fold = |key: &str| match self.fault {
            "folds the case of keys" => key.to_lowercase(),
            "cuts keys at 128 bytes" => key.bytes().take(128).map(char::from).collect(),
            _ => key.to_owned(),
        };
        self.rows.lock().unwrap().iter().rposition(|row| fold(&row.0) == fold(key))
    }
}

impl OneTimeStore for PlainOneTime {
    async fn put(
        &self,
        _now: SystemTime,
        key: &str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> Result<(), Error> {
        // No key is longer, and a column may be no wider.
        if key.len() > 512 {
            return Err(Error::new(ErrorKind::InvalidRequest, "the key is too long"));
        }
        let found = self.find(key);
        let overwritable = |index: usize| {
            self.is("overwrites")
                || (self.is("forgets what was used") && self.rows.lock().unwrap()[index].1.is_none())
        };
        if let Some(index) = found
            && !overwritable(index)
        {
            return Err(Error::new(ErrorKind::Conflict, "taken"));
        }
        if self.is("looks before it puts") {
            tokio::task::yield_now().await;
        }
        let value = match self.fault {
            "keeps values as text" => {
                OneTimeValue::new(String::from_utf8_lossy(value.expose()).into_owned().into())
            }
            _ => value,
        };
        let mut rows = self.rows.lock().unwrap();
        if !self.is("looks before it puts")
            && !self.is("overwrites")
            && !self.is("forgets what was used")
            && !self.is("folds the case of keys")
            && !self.is("cuts keys at 128 bytes")
            && rows.iter().any(|row| row.0 == key)
        {
            return Err(Error::new(ErrorKind::Conflict, "taken"));
        }
        rows.push((key.to_owned(), Some(value), expires_at));
        Ok(())
    }

    async fn redeem(&self, now: SystemTime, key: &str) -> Result<Option<OneTimeValue>, Error> {
        let Some(index) = self.find(key) else {
            return match self.fault {
                "takes the unknown for expired" => Err(Error::new(ErrorKind::Expired, "expired")),
                _ => Ok(None),
            };
        };
        let looked = self.rows.lock().unwrap()[index].1.clone();
        if self.is("looks before it takes") {
            tokio::task::yield_now().await;
            self.rows.lock().unwrap()[index].1 = None;
            return looked.map(Some).ok_or_else(|| Error::new(ErrorKind::AlreadyUsed, "used"));
        }
        let mut rows = self.rows.lock().unwrap();
        let expired = match self.fault {
            "never expires" => false,
            "expires late" => now > rows[index].2,
            "expires early" => now + Duration::from_secs(1) >= rows[index].2,
            _ => now >= rows[index].2,
        };
        if expired {
            return match self.fault {
                "forgets what expired at once" => Ok(None),
                _ => Err(Error::new(ErrorKind::Expired, "expired")),
            };
        }
        match rows[index].1.take() {
            Some(value) if self.is("hands out twice") => {
                rows[index].1 = Some(value.clone());
                Ok(Some(value))
            }
            Some(value) => Ok(Some(value)),
            None if self.is("deletes what is used") => Ok(None),
            None => Err(Error::new(ErrorKind::AlreadyUsed, "used")),
        }
    }
}

#[tokio::test]
async fn each_broken_promise_of_a_one_time_store_is_caught() {
    for (promise, fault) in [
        ("value", "keeps values as text"),
        ("unknown", "takes the unknown for expired"),
        ("once", "hands out twice"),
        ("once", "deletes what is used"),
        ("once.atomic", "looks before it takes"),
        ("expiry", "never expires"),
        ("expiry", "expires late"),
        ("expiry", "expires early"),
        ("expiry", "forgets what expired at once"),
        ("put.once", "overwrites"),
        ("put.once", "forgets what was used"),
        ("put.atomic", "looks before it puts"),
        ("keys", "folds the case of keys"),
        ("keys", "cuts keys at 128 bytes"),
    ] {
        let broken = check_one_time_store(async || PlainOneTime { fault, ..PlainOneTime::default() })
            .await
            .expect_err(&format!("a store that {fault} must be caught"));
        assert_eq!(broken.promise(), promise, "a store that {fault}: {broken}");
    }
}

#[tokio::test]
async fn a_failing_store_is_reported_with_its_error() {
    struct Down;
    impl OneTimeStore for Down {
        async fn put(&self, _: SystemTime, _: &str, _: OneTimeValue, _: SystemTime) -> Result<(), Error> {
            Err(Error::store("connection refused"))
        }

        async fn redeem(&self, _: SystemTime, _: &str) -> Result<Option<OneTimeValue>, Error> {
            Err(Error::store("connection refused"))
        }
    }
    let broken = check_one_time_store(async || Down).await.expect_err("a store that is down");
    assert_eq!(broken.promise(), "value");
    let source = std::error::Error::source(&broken).and_then(|error| error.source()).expect("the cause");
    assert_eq!(source.to_string(), "connection refused");
}
