//! Worker: the inbox's second half, which leases waiting events and delivers them to a handler.

use std::{
    error::Error as StdError,
    fmt,
    time::{Duration, SystemTime},
};

use super::{
    Inbox, message,
    rules::{self, Decision, Facts},
};
use crate::{
    error::{Error, ErrorKind},
    storage::{InboxStore, LeaseStatus, LeasedEvent},
    verified::{Event, State, Verified, Verifier},
};

/// One event, for the handler.
#[non_exhaustive]
pub struct Delivery<E> {
    /// What the event is about, in the provider's own word.
    pub subject: String,
    /// When it was received.
    pub received_at: SystemTime,
    /// How many times it was delivered, this time included.
    pub attempt: u32,
    /// What to do.
    pub action: Action<E>,
}

/// What the handler is to do.
///
/// Either way it returns the [`State`] that the application then holds: the event's own after `Apply`, that of the
/// provider's response after `FetchFromProvider`. [`State::Notice`] means that no state was given and leaves the record as
/// it is; with it, a handler can also give up an event that fails each time, once it has put it into a dead letter table of
/// its own.
// A handler has to know every action, so a new one is to break it.
#[allow(clippy::exhaustive_enums)]
pub enum Action<E> {
    /// Take the state from the event.
    Apply(Verified<E>),
    /// Do not take the state from the event: ask the provider for it, and apply its response.
    FetchFromProvider {
        /// Why the event does not settle it.
        reason: Reason,
        /// The event; `None` when it could not be verified again.
        event: Option<Verified<E>>,
    },
}

/// Why the state has to be fetched from the provider.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reason {
    /// The event says that something changed, and not what.
    Notice,
    /// A terminal state would change, and no signed time says which of the two came later: the event may be a replay.
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
    /// The handler failed, or took too long; the event is delivered again at `retry_at` at the earliest.
    Failed {
        /// The handler's error.
        error: Error,
        /// The end of the wait.
        retry_at: SystemTime,
    },
    /// The lease had ended before the handler's success was recorded: the event is delivered again.
    LeaseLost,
}

impl<S: InboxStore> Inbox<S> {
    /// Leases one waiting event that is due, and delivers it to the handler; `None` when there is none.
    ///
    /// Call it in a loop, from as many tasks and machines as you like:
    ///
    /// ```
    /// # use kyckit::{Error, inbox::{Inbox, Delivery}, storage::InboxStore, verified::{State, Verifier}};
    /// # async fn handle<E>(delivery: Delivery<E>) -> Result<State, Error> { Ok(State::Notice) }
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
    /// midway, or when the handler panics, the event is delivered again after the lease.
    ///
    /// # Errors
    ///
    /// The store's, with [`ErrorKind::Store`] as a rule. After one, the event at hand is delivered again when its lease
    /// ends. A failure of the handler is no error here but a [`WorkOutcome::Failed`]; an error of this crate is found in
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
        let Some(leased) = self.store.claim(self.clock.now(), &queue, self.lease).await.map_err(named)?
        else {
            return Ok(None);
        };
        let (facts, action) = match reopen(verifier, &leased) {
            Err(error) => {
                (None, Action::FetchFromProvider { reason: Reason::Unverified(named(error)), event: None })
            }
            Ok(event) => {
                let facts = Facts::of(&event);
                let action = match rules::decide(leased.latest.as_ref(), &facts) {
                    Decision::Apply => Action::Apply(event),
                    Decision::Fetch(reason) => Action::FetchFromProvider { reason, event: Some(event) },
                    Decision::Drop(outcome) => {
                        let status = self.store.finish(&leased, None).await.map_err(named)?;
                        return Ok(Some(recorded(status, outcome)));
                    }
                };
                (Some(facts), action)
            }
        };
        let success = match action {
            Action::Apply(_) => WorkOutcome::Applied,
            Action::FetchFromProvider { .. } => WorkOutcome::FetchedFromProvider,
        };
        let delivery = Delivery {
            subject: leased.event.subject.clone(),
            received_at: leased.event.received_at,
            attempt: leased.attempt,
            action,
        };
        let handled = match tokio::time::timeout(self.lease / 10 * 9, handler(delivery)).await {
            Ok(handled) => handled.map_err(|error| named(handler_error(error.into()))),
            Err(_) => Err(named(Error::new(ErrorKind::Timeout, "the handler took longer than its lease"))),
        };
        match handled {
            Ok(state) => {
                let applied = rules::applied(leased.latest.as_ref(), facts.as_ref(), state);
                let status = self.store.finish(&leased, applied).await.map_err(named)?;
                Ok(Some(recorded(status, success)))
            }
            Err(error) => {
                let retry_at = self.clock.now() + self.retry_wait(leased.attempt, &error);
                // A lost lease changes nothing here: the worker that has the event now will deliver it.
                let _: LeaseStatus = self.store.release(&leased, retry_at).await.map_err(named)?;
                Ok(Some(WorkOutcome::Failed { error, retry_at }))
            }
        }
    }

    fn retry_wait(&self, attempt: u32, error: &Error) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let full = self.first_retry_wait.saturating_mul(1 << doublings).min(self.max_retry_wait);
        let spread = full.mul_f64(1.0 - self.clock.fraction() / 2.0);
        spread.max(error.retry_after().unwrap_or_default()).min(self.max_retry_wait)
    }
}

/// From the stored message to a verified event again.
fn reopen<V: Verifier + ?Sized>(verifier: &V, leased: &LeasedEvent) -> Result<Verified<V::Event>, Error> {
    let stored = &leased.event;
    let (headers, body) = message::unpack(stored.message.expose())
        .ok_or_else(|| Error::store("the stored message is not in the form in which it was kept"))?;
    let event = verifier.verify_at(&headers, body, stored.received_at)?;
    if Verified::proof(&event).digest != stored.digest || event.subject() != stored.subject {
        return Err(Error::store("the stored message is not the one that was kept under this subject"));
    }
    Ok(event)
}

fn recorded(status: LeaseStatus, outcome: WorkOutcome) -> WorkOutcome {
    match status {
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

crate::privacy::redacted_debug!(<E> Delivery<E> { attempt, action, .. });

impl<E> fmt::Debug for Action<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply(event) => f.debug_tuple("Apply").field(event).finish(),
            Self::FetchFromProvider { reason, .. } => {
                f.debug_struct("FetchFromProvider").field("reason", reason).finish_non_exhaustive()
            }
        }
    }
}
