//! Waiting for a decision: callbacks and polling, joined under one deadline.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use futures_util::future::{Either, select};
use tokio::sync::Notify;

use super::{
    engine::admit,
    person::PersonId,
    provider_flow::{ProviderFlow, Transition},
    registry::Registry,
    state::{SealedState, State},
    step::{Reply, Step},
};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    inbox::{Event, OneTimeStore, Verified},
    provider::ProviderId,
};

/// How long to wait, and how often to ask meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct PollPolicy {
    deadline: Duration,
    first: Duration,
    longest: Duration,
}

impl PollPolicy {
    /// Waits this long at most. The provider is asked at once, after 2 seconds, and then after ever longer waits of up
    /// to 30 seconds, less up to a half by chance; also when a bell rings, and once more at the deadline.
    pub fn until(deadline: Duration) -> Self {
        Self { deadline, first: Duration::from_secs(2), longest: Duration::from_secs(30) }
    }

    /// Asks after this wait first, and after this one at the longest; neither is under 100 milliseconds.
    #[must_use]
    pub fn polling(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first.max(Duration::from_millis(100));
        self.longest = longest.max(self.first);
        self
    }
}

/// Wakes those who wait in this process when a callback came.
///
/// Ring it where callbacks are worked, such as in the handler of an [`Inbox`](crate::inbox::Inbox). A ring that
/// nobody hears is no loss: whoever waits asks the provider anyway, and so does a process on another machine.
///
/// Clones are the same bells.
#[derive(Clone, Default)]
pub struct CallbackNotifier(Arc<Mutex<HashMap<String, Weak<Notify>>>>);

impl CallbackNotifier {
    /// Bells that nobody listens to yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A verified callback of this provider came: wakes whoever waits for its subject. True when somebody did.
    pub fn notify<E: Event>(&self, provider: ProviderId, event: &Verified<E>) -> bool {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bell) = bells.get(&key(provider, &event.subject())).and_then(Weak::upgrade) else {
            return false;
        };
        // One permit is kept for a listener who is not waiting at this moment; all who wait are woken.
        bell.notify_waiters();
        bell.notify_one();
        true
    }

    fn listen(&self, provider: ProviderId, record: &str) -> Arc<Notify> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bells.retain(|_, bell| bell.strong_count() > 0);
        let key = key(provider, record);
        if let Some(bell) = bells.get(&key).and_then(Weak::upgrade) {
            return bell;
        }
        let bell = Arc::new(Notify::new());
        bells.insert(key, Arc::downgrade(&bell));
        bell
    }
}

fn key(provider: ProviderId, record: &str) -> String {
    format!("{provider}/{record}")
}

crate::privacy::redacted_debug!(CallbackNotifier);

/// How one round of asking ended.
enum Round {
    /// The flow is at its end, or cannot go on.
    Last(Transition),
    /// Still waiting; the wait before the next round is at least this.
    Open(Transition, Duration),
}

impl<S: OneTimeStore> Registry<S> {
    /// Waits until the provider has decided or the deadline is there, whichever comes first.
    ///
    /// Callbacks and polling are joined: a [bell](CallbackNotifier) that rings makes the provider be asked at once, and without one
    /// it is asked now and then. What it answers decides, never the callback. At the deadline the answer is
    /// [`Step::Next`] with a fresh state, or [`Step::Failed`] when the provider could not be asked: wait again, or come
    /// back later.
    ///
    /// The state is spent at the end alone, so a wait that is dropped loses nothing.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use kyckit::{inbox::MemoryOneTime, flow::{CallbackNotifier, PollPolicy, PersonId, Registry, SealedState, Step}};
    /// # async fn run(
    /// #     registry: Registry<MemoryOneTime>, person: PersonId, state: SealedState, bells: CallbackNotifier,
    /// # ) -> kyckit::Result<()> {
    /// match registry.wait(&person, &state, &bells, PollPolicy::until(Duration::from_secs(120))).await? {
    ///     Step::Done(done) => println!("{:?}", done.decision()),
    ///     Step::Next(pending) | Step::Failed(_, pending) => println!("not yet: {:?}", pending.next),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`resume`](Registry::resume) with [`Reply::Poll`].
    pub async fn wait(
        &self,
        person: &PersonId,
        state: &SealedState,
        bells: &CallbackNotifier,
        patience: PollPolicy,
    ) -> Result<Step, Error> {
        let (way, mut open) = self.open(state, person)?;
        let provider = way.provider();
        let named = |error: Error| error.during(provider, "wait");
        admit(way, &open, &Reply::Poll).map_err(named)?;
        if !way.only_reads(&Reply::Poll) {
            // A way that cannot be asked twice with one state is asked once.
            return self.resume(person, state, Reply::Poll).await;
        }
        let record = way.ask(&open.position).map_err(named)?.record.unwrap_or_default();
        // Listening comes before the first round, so that no callback falls between the two.
        let bell = bells.listen(provider, &record);
        let end = self.clock.elapsed().saturating_add(patience.deadline);
        let mut pause = patience.first;
        let moved = loop {
            let left = end.saturating_sub(self.clock.elapsed());
            match round(way, (person, &self.clock), &mut open, left).await {
                Round::Last(moved) => break moved,
                Round::Open(moved, at_least) => {
                    let left = end.saturating_sub(self.clock.elapsed());
                    if left.is_zero() {
                        break moved;
                    }
                    let spread = pause.mul_f64(1.0 - self.clock.fraction() / 2.0);
                    let sleep = self.clock.sleep(spread.max(at_least).min(left));
                    let rung = std::pin::pin!(bell.notified());
                    match select(rung, sleep).await {
                        Either::Left(_) => pause = patience.first,
                        Either::Right(_) => pause = pause.saturating_mul(2).min(patience.longest),
                    }
                }
            }
        };
        open.spend(&self.clock, &self.store).await.map_err(named)?;
        open.trail.reply(self.clock.now(), &Reply::Poll, moved.error());
        self.settle(way, person, open, moved).await.map_err(named)
    }
}

/// Asks once. A round that begins at the deadline has a moment all the same: the last word is the provider's.
async fn round(
    way: &dyn ProviderFlow,
    (person, clock): (&PersonId, &Clock),
    open: &mut State,
    left: Duration,
) -> Round {
    let left = left.max(Duration::from_secs(1));
    let asked = {
        let position = open.position.clone();
        let context = open.context(person, clock);
        tokio::time::timeout(left, way.resume(context, &position, &Reply::Poll)).await
    };
    let moved = asked.unwrap_or_else(|_| {
        Transition::Stay(Error::new(ErrorKind::Timeout, "the provider did not answer before the deadline"))
    });
    match moved {
        Transition::Prompt(ask) => {
            open.position.clone_from(&ask.position);
            Round::Open(Transition::Prompt(ask), Duration::ZERO)
        }
        Transition::Stay(error) if error.is_retryable() => {
            let wait = error.retry_after().unwrap_or_default();
            Round::Open(Transition::Stay(error), wait)
        }
        last => Round::Last(last),
    }
}
