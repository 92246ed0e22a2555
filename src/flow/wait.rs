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
    reply::Reply,
    state::{SealedState, State},
    step::Step,
};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    provider::ProviderId,
    storage::OneTimeStore,
    verified::{Event, Verified},
};

/// Deadline and polling intervals of [`Registry::wait`].
#[doc(alias = "polling")]
#[doc(alias = "backoff")]
#[derive(Clone, Copy, Debug)]
pub struct PollPolicy {
    deadline: Duration,
    first: Duration,
    max_interval: Duration,
}

impl PollPolicy {
    /// Creates a policy with this deadline. The provider is polled at once, after 2 seconds, and then with exponential
    /// backoff up to 30 seconds, each wait shortened by a random part of up to a half; also when a callback arrives,
    /// and once more at the deadline.
    pub fn until(deadline: Duration) -> Self {
        Self { deadline, first: Duration::from_secs(2), max_interval: Duration::from_secs(30) }
    }

    /// Sets the first and the maximum interval; both are at least 100 milliseconds.
    #[must_use]
    pub fn intervals(mut self, first: Duration, max_interval: Duration) -> Self {
        self.first = first.max(Duration::from_millis(100));
        self.max_interval = max_interval.max(self.first);
        self
    }
}

/// Wakes the waiting calls of this process when a callback arrives.
///
/// Call [`notify`](Self::notify) where callbacks are handled, such as in the handler of an
/// [`Inbox`](crate::inbox::Inbox). A missed notification only delays the result: a waiting call polls the provider
/// anyway, on this machine or another.
///
/// Clones share one list of waiting calls.
#[doc(alias = "webhook")]
#[derive(Clone, Default)]
pub struct CallbackNotifier(Arc<Mutex<HashMap<String, Weak<Notify>>>>);

impl CallbackNotifier {
    /// Creates a notifier without waiting calls.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wakes the calls that wait for the subject of this verified callback. Returns true when there was one.
    pub fn notify<E: Event>(&self, provider: ProviderId, event: &Verified<E>) -> bool {
        let notifier = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(signal) = notifier.get(&key(provider, &event.subject())).and_then(Weak::upgrade) else {
            return false;
        };
        // One permit is kept for a listener that is between two waits; all that wait are woken.
        signal.notify_waiters();
        signal.notify_one();
        true
    }

    fn listen(&self, provider: ProviderId, record: &str) -> Arc<Notify> {
        let mut notifier = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notifier.retain(|_, signal| signal.strong_count() > 0);
        let key = key(provider, record);
        if let Some(signal) = notifier.get(&key).and_then(Weak::upgrade) {
            return signal;
        }
        let signal = Arc::new(Notify::new());
        notifier.insert(key, Arc::downgrade(&signal));
        signal
    }
}

fn key(provider: ProviderId, record: &str) -> String {
    format!("{provider}/{record}")
}

crate::privacy::redacted_debug!(CallbackNotifier);

/// Result of one poll.
enum Round {
    /// The flow is at its end, or cannot go on.
    Last(Transition),
    /// Still waiting; the wait before the next round is at least this.
    Open(Transition, Duration),
}

impl<S: OneTimeStore> Registry<S> {
    /// Waits until the provider has decided, or until the deadline.
    ///
    /// Callbacks and polling are combined: a [notification](CallbackNotifier) polls the provider at once, and without
    /// one it is polled at intervals. The response decides, never the callback. At the deadline the result is
    /// [`Step::Next`] with a fresh state, or [`Step::Failed`] when the provider could not be reached: wait again, or later.
    ///
    /// The state is spent at the end only, so a wait that is dropped loses nothing.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use kyckit::{storage::MemoryOneTime, flow::{CallbackNotifier, PollPolicy, PersonId, Registry, SealedState, Step}};
    /// # async fn run(
    /// #     registry: Registry<MemoryOneTime>, person: PersonId, state: SealedState, notifier: CallbackNotifier,
    /// # ) -> kyckit::Result<()> {
    /// match registry
    ///     .wait(
    ///         &person,
    ///         &state,
    ///         &notifier,
    ///         PollPolicy::until(Duration::from_secs(120)),
    ///     )
    ///     .await?
    /// {
    ///     Step::Done(done) => println!("{:?}", done.decision()),
    ///     Step::Next(pending) | Step::Failed(_, pending) => {
    ///         println!("not yet: {:?}", pending.next)
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`resume`](Registry::resume) with [`Reply::Poll`].
    #[doc(alias = "poll")]
    #[doc(alias = "long-running operation")]
    pub async fn wait(
        &self,
        person: &PersonId,
        state: &SealedState,
        notifier: &CallbackNotifier,
        policy: PollPolicy,
    ) -> Result<Step, Error> {
        let (flow, mut open) = self.open(state, person)?;
        let provider = flow.provider();
        let named = |error: Error| error.during(provider, "wait");
        admit(flow, &open, &Reply::Poll).map_err(named)?;
        if !flow.is_read_only(&Reply::Poll) {
            // A flow that cannot be polled twice with one state is polled once.
            return self.resume(person, state, Reply::Poll).await;
        }
        let record = flow.prompt(&open.position).map_err(named)?.record.unwrap_or_default();
        // Listening comes before the first round, so that no callback falls between the two.
        let signal = notifier.listen(provider, &record);
        let end = self.clock.elapsed().saturating_add(policy.deadline);
        let mut pause = policy.first;
        let transition = loop {
            let left = end.saturating_sub(self.clock.elapsed());
            match round(flow, (person, &self.clock), &mut open, left).await {
                Round::Last(transition) => break transition,
                Round::Open(transition, at_least) => {
                    let left = end.saturating_sub(self.clock.elapsed());
                    if left.is_zero() {
                        break transition;
                    }
                    let spread = pause.mul_f64(1.0 - self.clock.fraction() / 2.0);
                    let sleep = self.clock.sleep(spread.max(at_least).min(left));
                    let notified = std::pin::pin!(signal.notified());
                    match select(notified, sleep).await {
                        Either::Left(_) => pause = policy.first,
                        Either::Right(_) => pause = pause.saturating_mul(2).min(policy.max_interval),
                    }
                }
            }
        };
        open.spend(&self.clock, &self.store).await.map_err(named)?;
        open.trail.reply(self.clock.now(), Reply::Poll.kind(), transition.error());
        self.settle(flow, person, open, transition).await.map_err(named)
    }
}

/// Polls once. A poll at the deadline still gets one second, so that the result is the provider's current one.
async fn round(
    flow: &dyn ProviderFlow,
    (person, clock): (&PersonId, &Clock),
    open: &mut State,
    left: Duration,
) -> Round {
    let left = left.max(Duration::from_secs(1));
    let asked = {
        let position = open.position.clone();
        let context = open.context(person, clock);
        tokio::time::timeout(left, flow.resume(context, &position, &Reply::Poll)).await
    };
    let transition = asked.unwrap_or_else(|_| {
        Transition::Unchanged(Error::new(
            ErrorKind::Timeout,
            "the provider did not respond before the deadline",
        ))
    });
    match transition {
        Transition::Prompt(prompt) => {
            open.position.clone_from(&prompt.position);
            Round::Open(Transition::Prompt(prompt), Duration::ZERO)
        }
        Transition::Unchanged(error) if error.is_retryable() => {
            let wait = error.retry_after().unwrap_or_default();
            Round::Open(Transition::Unchanged(error), wait)
        }
        last => Round::Last(last),
    }
}
