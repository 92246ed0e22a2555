//! The inbox: receive now, work later.

use std::{
    collections::BTreeMap,
    error::Error as StdError,
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, StatusCode};

use super::{
    Event, Proof, State, Verified, Verifier, message,
    rules::{self, Decision, Doubt, Dropped, Facts},
    store::{InboxStore, Inserted, LeaseStatus, LeasedEvent, NewEvent},
};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    privacy::Pii,
    provider::ProviderId,
};

/// The longest body that is received unless the inbox is told otherwise: 1 MiB.
pub const BODY_LIMIT: usize = 1 << 20;

/// The longest subject in bytes.
const SUBJECT_LIMIT: usize = 512;

/// Receives what providers send, and hands it to the application once, in order, and only when it may be believed.
///
/// Two halves, since a provider waits for seconds only and gives up after some tries:
///
/// - [`receive`](Self::receive) verifies the raw bytes, parses them, and keeps the event in the store. Answer the
///   provider now, with [`answer_status`].
/// - [`work`](Self::work) takes an event that waits and gives it to a handler, in this process or in another.
///
/// # What is promised
///
/// - **At least once.** An event is removed in the same step that records its success. A handler that fails, a process
///   that dies between the two: the event is handed out again. So handlers are idempotent.
/// - **One at a time, in order of arrival**, for the events of one subject, over all machines that share the store and
///   whose clocks agree within a tenth of the lease. A handler is stopped before its lease ends.
/// - **A repeat is no news** while its bytes are what was applied last. When something else was applied since, the same
///   bytes count again.
/// - **Old news is refused** where the signature covers a time: what is older than what was applied is
///   [superseded](WorkOutcome::Superseded).
/// - **A terminal state is never overwritten by an event that is not terminal.**
/// - **What the event cannot settle, the provider is asked**: see [`Reason`] for the cases. The handler tells what state
///   the application holds in the end, and that is what the next event is measured against.
///
/// # Events that were stored under a secret that is gone
///
/// The store keeps the signed headers and the raw body, and [`work`](Self::work) verifies them again, so that nobody who
/// can write to the store can make a [`Verified`]. When that fails, since the secret was retired meanwhile, the event is
/// not lost and not believed: the handler is told to [ask the provider](Action::FetchFromProvider) about its subject.
pub struct Inbox<S> {
    store: S,
    clock: Clock,
    account: Option<String>,
    body_limit: usize,
    lease: Duration,
    first_wait: Duration,
    longest_wait: Duration,
    secrets_seen: Mutex<BTreeMap<(ProviderId, usize), SystemTime>>,
}

/// What became of a message that was received. Each is to be answered with 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Receipt {
    /// It is kept, and waits for [`Inbox::work`].
    Stored,
    /// The same message waits already.
    AlreadyWaiting,
    /// The same message is what was applied last.
    Duplicate,
}

/// One event, for the handler.
#[non_exhaustive]
pub struct Delivery<E> {
    /// Whom or what it is about, in the provider's own word.
    pub subject: String,
    /// When it was received.
    pub received_at: SystemTime,
    /// How many times it was handed out, this time included.
    pub attempt: u32,
    /// What to do.
    pub instruction: Action<E>,
}

/// What the handler is to do.
///
/// Either way it answers with the [`State`] that the application then holds: the event's own after `Apply`, that of the
/// provider's answer after `FetchFromProvider`. [`State::Notice`] means that no state was given and leaves the record as it
/// is; with it, a handler can also give up an event that fails for ever, once it has put it somewhere of its own.
// A handler has to know every instruction, so a new one is to break it.
#[allow(clippy::exhaustive_enums)]
pub enum Action<E> {
    /// Take the state from the event.
    Apply(Verified<E>),
    /// Do not take the state from the event: ask the provider for it, and apply its answer.
    FetchFromProvider {
        /// Why the event does not settle it.
        reason: Reason,
        /// The event; `None` when it could not be verified again.
        event: Option<Verified<E>>,
    },
}

/// Why the provider has to be asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reason {
    /// The event says that something changed, and not what.
    Notice,
    /// A terminal state would change, and no signed time tells which of the two came later: the event may be a replay.
    TerminalChange,
    /// By its signed time, an event that is not terminal came after a terminal one.
    Reopened,
    /// Two events that say different things have the same signed time.
    SameTime,
    /// The event was authentic when it was received and cannot be verified any more, with the error: the secret was
    /// retired, most likely.
    Unverified(Error),
}

/// What became of an event that was worked.
#[derive(Debug)]
#[non_exhaustive]
#[must_use]
pub enum WorkOutcome {
    /// The handler applied it.
    Applied,
    /// The handler asked the provider.
    FetchedFromProvider,
    /// Dropped: its bytes are what was applied last.
    Duplicate,
    /// Dropped: by its signed time, it is older than what was applied.
    Superseded,
    /// Dropped: it is not terminal, and a terminal state was applied.
    Stale,
    /// The handler failed, or took too long; the event is handed out again at `retry_at` at the earliest.
    Failed {
        /// The handler's error.
        error: Error,
        /// The end of the wait.
        retry_at: SystemTime,
    },
    /// The lease had ended before the handler's success was recorded: the event is handed out again.
    LeaseLost,
}

impl<S: InboxStore> Inbox<S> {
    /// An inbox over a store, on the machine's clock.
    ///
    /// Defaults: bodies up to [`BODY_LIMIT`], a lease of 5 minutes, waits after a failure from 5 seconds to 10 minutes.
    pub fn new(store: S) -> Self {
        Self {
            store,
            clock: Clock::system(),
            account: None,
            body_limit: BODY_LIMIT,
            lease: Duration::from_secs(300),
            first_wait: Duration::from_secs(5),
            longest_wait: Duration::from_secs(600),
            secrets_seen: Mutex::default(),
        }
    }

    /// Looks at another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Keeps the events of one account apart from those of the provider's other accounts in the same store. Use the
    /// same name for receiving and for working.
    #[must_use]
    pub fn for_account(mut self, name: impl Into<String>) -> Self {
        self.account = Some(name.into());
        self
    }

    /// Refuses bodies that are longer, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// How long an event is handed out for: from a second to a day. A handler is stopped after nine tenths of it; after
    /// the crash of a worker, its subject waits for the rest of it.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease.clamp(Duration::from_secs(1), Duration::from_secs(86_400));
        self
    }

    /// How long an event waits after a handler's first failure, and at most; from a millisecond to a day. The wait
    /// doubles each time, less up to a half by chance; a longer [`Error::retry_after`] of the handler's error counts,
    /// up to `longest`.
    #[must_use]
    pub fn with_waits(mut self, first: Duration, longest: Duration) -> Self {
        let (least, most) = (Duration::from_millis(1), Duration::from_secs(86_400));
        self.first_wait = first.clamp(least, most);
        self.longest_wait = longest.clamp(self.first_wait, most);
        self
    }

    /// The longest body that is received, in bytes.
    pub fn body_limit(&self) -> usize {
        self.body_limit
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// When a secret last fitted a message that this inbox received, by its position in the verifier ([`Proof::secret`]),
    /// since the process started. An old secret that was not seen for longer than the provider's retries last can be
    /// retired.
    pub fn secret_last_seen(&self, provider: ProviderId, secret: usize) -> Option<SystemTime> {
        self.secrets_seen.lock().unwrap_or_else(PoisonError::into_inner).get(&(provider, secret)).copied()
    }

    /// Verifies a message over its raw bytes, parses it and keeps it. When this returns, the event is as durable as
    /// the store is: answer the provider before any slow work.
    ///
    /// `body` is the body as it came, after removal of transfer and content encoding and before anything parsed it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] for a body over the limit; the verifier's errors, unchanged; [`ErrorKind::Decode`] for a
    /// subject that is empty, too long or holds control characters; [`ErrorKind::Configuration`] when the verifier does
    /// not name all headers that it reads; [`ErrorKind::Store`] when the event may not be kept. [`answer_status`] knows
    /// what to answer to each.
    pub async fn receive<V>(&self, verifier: &V, headers: &HeaderMap, body: &[u8]) -> Result<Receipt, Error>
    where
        V: Verifier + ?Sized,
    {
        let provider = verifier.provider();
        let arrival =
            self.open(verifier, headers, body).map_err(|error| error.during(provider, "receive"))?;
        let inserted = self.store.insert(arrival).await.map_err(|error| error.during(provider, "receive"))?;
        Ok(match inserted {
            Inserted::Stored => Receipt::Stored,
            Inserted::AlreadyWaiting => Receipt::AlreadyWaiting,
            Inserted::Duplicate => Receipt::Duplicate,
        })
    }

    fn open<V>(&self, verifier: &V, headers: &HeaderMap, body: &[u8]) -> Result<NewEvent, Error>
    where
        V: Verifier + ?Sized,
    {
        if body.len() > self.body_limit {
            return Err(Error::new(ErrorKind::TooLarge, "the body is longer than the inbox takes"));
        }
        let received_at = self.clock.now();
        let event = verifier.verify_at(headers, body, received_at)?;
        self.note(verifier.provider(), event.proof(), received_at);
        let kept = message::only(headers, verifier.signed_headers());
        // What could not be verified again later must not be stored as if it could.
        if verifier.verify_at(&kept, body, received_at).is_err() {
            return Err(Error::configuration("the verifier reads headers that it does not name"));
        }
        let subject = event.subject().into_owned();
        if subject.is_empty() || subject.len() > SUBJECT_LIMIT || subject.chars().any(char::is_control) {
            return Err(Error::new(ErrorKind::Decode, "the message names no usable subject"));
        }
        Ok(NewEvent {
            queue: self.queue(verifier.provider()),
            subject,
            digest: event.proof().digest,
            received_at,
            message: Pii::new(message::pack(&kept, body)),
        })
    }

    /// Takes one event that waits and is due, and gives it to the handler; `None` when there is none.
    ///
    /// Call it in a loop, from as many tasks and machines as you like:
    ///
    /// ```
    /// # use kyckit::{Error, inbox::{Inbox, InboxStore, State, Delivery, Verifier}};
    /// # async fn handle<E>(task: Delivery<E>) -> Result<State, Error> { Ok(State::Notice) }
    /// # async fn run<V: Verifier, S: InboxStore>(inbox: &Inbox<S>, verifier: &V) -> Result<(), Error> {
    /// while let Some(outcome) = inbox.work(verifier, handle).await? {
    ///     // Count it; log the error of `WorkOutcome::Failed`.
    /// #   let _ = outcome;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// An event that needs no handler is dropped, and counts as one. The future needs tokio's timer. When it is dropped
    /// midway, or when the handler panics, the event is handed out again after the lease.
    ///
    /// # Errors
    ///
    /// The store's, with [`ErrorKind::Store`] as a rule. After one, the event at hand is handed out again when its lease
    /// ends. A failure of the handler is no error here but an [`WorkOutcome::Failed`]; an error of this crate is found in
    /// it as it is, any other as the source of one with [`ErrorKind::Store`].
    pub async fn work<V, F, Fut, E>(&self, verifier: &V, handler: F) -> Result<Option<WorkOutcome>, Error>
    where
        V: Verifier + ?Sized,
        F: FnOnce(Delivery<V::Event>) -> Fut,
        Fut: Future<Output = Result<State, E>>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let provider = verifier.provider();
        let named = |error: Error| error.during(provider, "work");
        let queue = self.queue(provider);
        let Some(claim) = self.store.claim(self.clock.now(), &queue, self.lease).await.map_err(named)? else {
            return Ok(None);
        };
        let (facts, instruction) = match reopen(verifier, &claim) {
            Err(error) => {
                (None, Action::FetchFromProvider { reason: Reason::Unverified(named(error)), event: None })
            }
            Ok(event) => {
                let facts = Facts::of(&event);
                let instruction = match rules::decide(claim.latest.as_ref(), &facts) {
                    Decision::Apply => Action::Apply(event),
                    Decision::Ask(doubt) => {
                        Action::FetchFromProvider { reason: doubt.into(), event: Some(event) }
                    }
                    Decision::Drop(dropped) => {
                        let settled = self.store.finish(&claim, None).await.map_err(named)?;
                        return Ok(Some(recorded(settled, dropped.into())));
                    }
                };
                (Some(facts), instruction)
            }
        };
        let success = match instruction {
            Action::Apply(_) => WorkOutcome::Applied,
            Action::FetchFromProvider { .. } => WorkOutcome::FetchedFromProvider,
        };
        let task = Delivery {
            subject: claim.arrival.subject.clone(),
            received_at: claim.arrival.received_at,
            attempt: claim.attempt,
            instruction,
        };
        let told = match tokio::time::timeout(self.lease / 10 * 9, handler(task)).await {
            Ok(told) => told.map_err(|error| named(handler_error(error.into()))),
            Err(_) => Err(named(Error::new(ErrorKind::Timeout, "the handler took longer than its lease"))),
        };
        match told {
            Ok(told) => {
                let applied = rules::applied(claim.latest.as_ref(), facts.as_ref(), told);
                let settled = self.store.finish(&claim, applied).await.map_err(named)?;
                Ok(Some(recorded(settled, success)))
            }
            Err(error) => {
                let retry_at = self.clock.now() + self.wait(claim.attempt, &error);
                // A lost lease changes nothing here: whoever has the event now will hand it out.
                let _: LeaseStatus = self.store.release(&claim, retry_at).await.map_err(named)?;
                Ok(Some(WorkOutcome::Failed { error, retry_at }))
            }
        }
    }

    fn wait(&self, attempt: u32, error: &Error) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let full = self.first_wait.saturating_mul(1 << doublings).min(self.longest_wait);
        let spread = full.mul_f64(1.0 - self.clock.fraction() / 2.0);
        spread.max(error.retry_after().unwrap_or_default()).min(self.longest_wait)
    }

    fn queue(&self, provider: ProviderId) -> String {
        match &self.account {
            Some(account) => format!("{provider}/{account}"),
            None => provider.to_string(),
        }
    }

    fn note(&self, provider: ProviderId, proof: &Proof, now: SystemTime) {
        self.secrets_seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((provider, proof.secret), now);
    }
}

impl<S> fmt::Debug for Inbox<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("body_limit", &self.body_limit)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

impl<E> fmt::Debug for Delivery<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("attempt", &self.attempt)
            .field("instruction", &self.instruction)
            .finish_non_exhaustive()
    }
}

impl<E> fmt::Debug for Action<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply(event) => f.debug_tuple("Apply").field(event).finish(),
            Self::FetchFromProvider { reason, .. } => {
                f.debug_struct("AskProvider").field("reason", reason).finish_non_exhaustive()
            }
        }
    }
}

/// From the stored message to a verified event again.
fn reopen<V: Verifier + ?Sized>(verifier: &V, claim: &LeasedEvent) -> Result<Verified<V::Event>, Error> {
    let arrival = &claim.arrival;
    let (headers, body) = message::unpack(arrival.message.expose())
        .ok_or_else(|| Error::store("the stored message is not in the form in which it was kept"))?;
    let event = verifier.verify_at(&headers, body, arrival.received_at)?;
    if event.proof().digest != arrival.digest || event.subject() != arrival.subject {
        return Err(Error::store("the stored message is not the one that was kept under this subject"));
    }
    Ok(event)
}

fn recorded(settled: LeaseStatus, outcome: WorkOutcome) -> WorkOutcome {
    match settled {
        LeaseStatus::Done => outcome,
        LeaseStatus::LeaseLost => WorkOutcome::LeaseLost,
    }
}

fn handler_error(error: Box<dyn StdError + Send + Sync>) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(error) => Error::store(error),
    }
}

impl From<Doubt> for Reason {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Notice => Self::Notice,
            Doubt::TerminalChange => Self::TerminalChange,
            Doubt::Reopened => Self::Reopened,
            Doubt::SameTime => Self::SameTime,
        }
    }
}

impl From<Dropped> for WorkOutcome {
    fn from(dropped: Dropped) -> Self {
        match dropped {
            Dropped::Duplicate => Self::Duplicate,
            Dropped::Superseded => Self::Superseded,
            Dropped::Stale => Self::Stale,
        }
    }
}

/// What to answer the provider: 200 exactly when the event is kept or known; no body with it, since a refusal's
/// details help a forger only.
///
/// | result | status | the provider |
/// | --- | --- | --- |
/// | any [`Receipt`] | 200 | is done |
/// | signature or decryption failed, expired, already used | 401 | may try again, in vain |
/// | not understood | 400 | may try again, in vain |
/// | too large | 413 | may try again, in vain |
/// | wrong configuration | 500 | tries again |
/// | anything else: the store failed, a key could not be fetched | 503 | tries again |
pub fn answer_status(result: &Result<Receipt, Error>) -> StatusCode {
    match result {
        Ok(_) => StatusCode::OK,
        Err(error) => refusal_status(error),
    }
}

pub(super) fn refusal_status(error: &Error) -> StatusCode {
    match error.kind() {
        ErrorKind::Signature | ErrorKind::Decryption | ErrorKind::Expired | ErrorKind::AlreadyUsed => {
            StatusCode::UNAUTHORIZED
        }
        ErrorKind::Decode | ErrorKind::InvalidRequest => StatusCode::BAD_REQUEST,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Configuration => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}
