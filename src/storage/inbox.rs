//! Inbox store: the trait for a database table that keeps waiting events and applied states.

use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{error::Error, privacy::Pii};
use bytes::Bytes;

/// Stores the waiting events and applied states of an [`Inbox`](crate::inbox::Inbox). [`MemoryInbox`](super::MemoryInbox) is one for tests and for a single
/// process; a database makes one that survives it.
///
/// # What a store promises
///
/// It keeps two things: the events that wait, in the order in which they came, and for each subject what was
/// [applied](AppliedState) last. A subject is known by its queue and its name together; names are any text without control
/// characters, up to 512 bytes, and differ when a byte differs. Times come in from outside and are kept to the
/// microsecond or finer; the store looks at no clock of its own.
///
/// Each function is atomic, also against itself: fifty callers at once see one outcome. What it has returned is durable.
/// [`testkit::check_inbox_store`](crate::testkit::check_inbox_store) proves a store against this list.
///
/// # How it looks in PostgreSQL
///
/// ```sql
/// create table inbox_waiting (
///     number bigserial primary key,        -- the order of arrival
///     queue text not null, subject text not null, digest bytea not null, received_at timestamptz not null,
///     message bytea not null,              -- personal data: encrypt at rest
///     due timestamptz not null,            -- when received, then the end of the lease or of the wait
///     attempt int not null default 0);
/// create unique index on inbox_waiting (queue, subject, digest) where attempt = 0;
/// create index on inbox_waiting (queue, subject, number);
/// create index on inbox_waiting (queue, due, number);
/// create table inbox_applied (
///     queue text, subject text, terminal bool not null, state text not null, digest bytea, time timestamptz,
///     primary key (queue, subject));
///
/// -- insert, in one transaction. The lock is there because numbers may become visible out of their order.
/// select pg_advisory_xact_lock(hashtextextended($queue || '/' || $subject, 0));
/// insert into inbox_waiting (queue, subject, digest, received_at, message, due)
///     select $queue, $subject, $digest, $received_at, $message, $received_at
///     where exists (select from inbox_waiting where queue = $queue and subject = $subject)
///        or not exists (select from inbox_applied
///                       where queue = $queue and subject = $subject and digest = $digest)
///     on conflict (queue, subject, digest) where attempt = 0 do nothing;
/// -- No row: AlreadyWaiting when the subject has a row that waits, Duplicate when it has none.
///
/// -- claim, in one transaction with the select of the subject's row in inbox_applied.
/// update inbox_waiting set due = $now + $lease, attempt = attempt + 1 where number = (
///     select number from inbox_waiting w where queue = $queue and due <= $now and not exists (
///         select from inbox_waiting b
///         where b.queue = w.queue and b.subject = w.subject and b.number < w.number)
///     order by due, number limit 1 for update skip locked)
///     returning number, attempt, subject, digest, received_at, message;
///
/// -- finish, in one transaction with the upsert into inbox_applied. No row: LeaseLost.
/// delete from inbox_waiting where number = $number and attempt = $attempt;
///
/// -- release. No row: LeaseLost.
/// update inbox_waiting set due = $due where number = $number and attempt = $attempt;
/// ```
#[doc(alias = "queue")]
pub trait InboxStore: Send + Sync {
    /// Stores a received event, behind those of its subject that wait already.
    ///
    /// 1. An event of the same subject and digest waits that was never claimed: nothing is kept,
    ///    [`Receipt::AlreadyWaiting`]. One that was claimed before does not count, for a worker may have looked at the
    ///    world before the repeat was sent.
    /// 2. Nothing waits for the subject, and the digest is that of what was applied last: nothing is kept,
    ///    [`Receipt::Duplicate`].
    /// 3. Otherwise it is kept, due at once: [`Receipt::Stored`].
    ///
    /// # Errors
    ///
    /// [`Error::store`] when it is not certain that the event is kept, also when the store is full.
    fn insert(&self, event: NewEvent) -> impl Future<Output = Result<Receipt, Error>> + Send;

    /// Leases the first waiting event of a subject that is due.
    ///
    /// Only the first of its subject may be handed out, and it stays the first until it is finished: so a subject's
    /// events are worked one at a time, in order. It is due when no lease on it and no wait after a release lasts any
    /// more; both are over exactly at their end. Each claim of an event has a greater [`attempt`](LeasedEvent::attempt), the
    /// first being 1. Which of several subjects comes first is the store's choice; oldest due first is fair.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn claim(
        &self,
        now: SystemTime,
        queue: &str,
        lease: Duration,
    ) -> impl Future<Output = Result<Option<LeasedEvent>, Error>> + Send;

    /// Removes a claimed event and, in the same step, records what was applied; `None` leaves the record as it is.
    ///
    /// When the event has been claimed again since, or is gone, nothing changes: [`LeaseStatus::LeaseLost`].
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn finish(
        &self,
        leased: &LeasedEvent,
        applied: Option<AppliedState>,
    ) -> impl Future<Output = Result<LeaseStatus, Error>> + Send;

    /// Ends the lease, for the event to be leased again at `due` and not before. It keeps its place and its attempts.
    ///
    /// When the event has been claimed again since, or is gone, nothing changes: [`LeaseStatus::LeaseLost`].
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn release(
        &self,
        leased: &LeasedEvent,
        due: SystemTime,
    ) -> impl Future<Output = Result<LeaseStatus, Error>> + Send;
}

/// An event as it was received.
#[derive(Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The provider's name, and the account where the application keeps several apart.
    pub queue: String,
    /// What the event is about.
    pub subject: String,
    /// SHA-256 of what the signature covers: equal bytes have equal digests.
    pub digest: [u8; 32],
    /// When it was received.
    pub received_at: SystemTime,
    /// The signed headers and the raw body, in one piece and in a form of the crate's own. Personal data: it goes when
    /// the event is finished, and belongs encrypted at rest until then.
    pub message: Pii<Bytes>,
}

crate::privacy::redacted_debug!(NewEvent { queue, .. });

/// An event under a lease.
#[derive(Clone, PartialEq, Eq)]
#[doc(alias = "lease")]
#[doc(alias = "claim")]
pub struct LeasedEvent {
    /// The store's own number of the event; greater for what came later.
    pub number: u64,
    /// How many times the event was handed out, this time included. With the number it tells this lease from later ones.
    pub attempt: u32,
    /// The event.
    pub event: NewEvent,
    /// What was applied last for its subject.
    pub latest: Option<AppliedState>,
}

crate::privacy::redacted_debug!(LeasedEvent { number, attempt, queue: |this| this.event.queue, .. });

/// What the application holds of a subject since the last event that it applied.
///
/// Keep it for as long as the provider may still send, or be made to send again, something about the subject: without
/// it, an old message is taken for the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedState {
    /// Whether the state is a terminal one.
    pub terminal: bool,
    /// The state, in the provider's own word.
    pub state: String,
    /// The digest that makes a later event a duplicate, where there is one.
    pub digest: Option<[u8; 32]>,
    /// The newest signed time so far.
    pub time: Option<SystemTime>,
}

/// What became of a received event. Each is to be answered with 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "deduplication")]
pub enum Receipt {
    /// It is stored, and waits for [`Inbox::work`](crate::inbox::Inbox::work).
    Stored,
    /// The same event waits already.
    AlreadyWaiting,
    /// The same event is what was applied last.
    Duplicate,
}

/// Whether a lease still held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub enum LeaseStatus {
    /// It held, and the change is made.
    Done,
    /// The lease had ended and the event went to another worker. Nothing was changed.
    LeaseLost,
}

impl<S: InboxStore> InboxStore for Arc<S> {
    fn insert(&self, event: NewEvent) -> impl Future<Output = Result<Receipt, Error>> + Send {
        (**self).insert(event)
    }

    fn claim(
        &self,
        now: SystemTime,
        queue: &str,
        lease: Duration,
    ) -> impl Future<Output = Result<Option<LeasedEvent>, Error>> + Send {
        (**self).claim(now, queue, lease)
    }

    fn finish(
        &self,
        leased: &LeasedEvent,
        applied: Option<AppliedState>,
    ) -> impl Future<Output = Result<LeaseStatus, Error>> + Send {
        (**self).finish(leased, applied)
    }

    fn release(
        &self,
        leased: &LeasedEvent,
        due: SystemTime,
    ) -> impl Future<Output = Result<LeaseStatus, Error>> + Send {
        (**self).release(leased, due)
    }
}

/// Any [`InboxStore`] as one type, for an application that chooses its store at run time. Clones share the store.
///
/// ```
/// use kyckit::{inbox::Inbox, storage::{AnyInboxStore, MemoryInbox}};
///
/// let inbox: Inbox<AnyInboxStore> = Inbox::new(AnyInboxStore::new(MemoryInbox::new()));
/// ```
#[derive(Clone)]
pub struct AnyInboxStore(Arc<dyn BoxedInboxStore>);

impl AnyInboxStore {
    /// Wraps a store.
    pub fn new(store: impl InboxStore + 'static) -> Self {
        Self(Arc::new(store))
    }
}

crate::privacy::redacted_debug!(AnyInboxStore { .. });

impl InboxStore for AnyInboxStore {
    async fn insert(&self, event: NewEvent) -> Result<Receipt, Error> {
        self.0.insert_boxed(event).await
    }

    async fn claim(
        &self,
        now: SystemTime,
        queue: &str,
        lease: Duration,
    ) -> Result<Option<LeasedEvent>, Error> {
        self.0.claim_boxed(now, queue, lease).await
    }

    async fn finish(
        &self,
        leased: &LeasedEvent,
        applied: Option<AppliedState>,
    ) -> Result<LeaseStatus, Error> {
        self.0.finish_boxed(leased, applied).await
    }

    async fn release(&self, leased: &LeasedEvent, due: SystemTime) -> Result<LeaseStatus, Error> {
        self.0.release_boxed(leased, due).await
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// [`InboxStore`] in the form that a trait object needs.
trait BoxedInboxStore: Send + Sync {
    fn insert_boxed(&self, event: NewEvent) -> Boxed<'_, Receipt>;
    fn claim_boxed<'a>(
        &'a self,
        now: SystemTime,
        queue: &'a str,
        lease: Duration,
    ) -> Boxed<'a, Option<LeasedEvent>>;
    fn finish_boxed<'a>(
        &'a self,
        leased: &'a LeasedEvent,
        applied: Option<AppliedState>,
    ) -> Boxed<'a, LeaseStatus>;
    fn release_boxed<'a>(&'a self, leased: &'a LeasedEvent, due: SystemTime) -> Boxed<'a, LeaseStatus>;
}

impl<S: InboxStore> BoxedInboxStore for S {
    fn insert_boxed(&self, event: NewEvent) -> Boxed<'_, Receipt> {
        Box::pin(self.insert(event))
    }

    fn claim_boxed<'a>(
        &'a self,
        now: SystemTime,
        queue: &'a str,
        lease: Duration,
    ) -> Boxed<'a, Option<LeasedEvent>> {
        Box::pin(self.claim(now, queue, lease))
    }

    fn finish_boxed<'a>(
        &'a self,
        leased: &'a LeasedEvent,
        applied: Option<AppliedState>,
    ) -> Boxed<'a, LeaseStatus> {
        Box::pin(self.finish(leased, applied))
    }

    fn release_boxed<'a>(&'a self, leased: &'a LeasedEvent, due: SystemTime) -> Boxed<'a, LeaseStatus> {
        Box::pin(self.release(leased, due))
    }
}
