//! The state machine: start, resume, switch, and the result of each step.

use std::time::SystemTime;

use super::{
    audit::AuditTrail,
    consent::Consent,
    evidence::{EvidenceRecord, Facts},
    person::{Attempt, PersonId},
    provider_flow::{FlowContext, FlowOutcome, Prompt, ProviderFlow, Transition},
    registry::{Registry, not_configured},
    reply::{CallbackRef, Reply},
    start::Start,
    state::{SealedState, State},
    step::{Done, Pending, Step},
};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    identity::Identity,
    provider::ProviderId,
    storage::OneTimeStore,
};

impl<S: OneTimeStore> Registry<S> {
    /// Starts a flow at a provider.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) for a provider that is not configured; those of the provider's client;
    /// [`Store`](ErrorKind::Store) when the state cannot be registered. After one that
    /// [may have taken effect](Error::may_have_taken_effect), start again with the same [attempt](Start::attempt).
    pub async fn start(&self, provider: ProviderId, start: &Start) -> Result<Step, Error> {
        let flow = self.flow(provider)?;
        self.keys.check()?;
        let attempt = self.attempt(start)?;
        self.begin(&**flow, start, attempt, AuditTrail::default()).await
    }

    /// Starts a flow at the first provider that responds: `first`, then those that the person consented to.
    ///
    /// The next one is tried when there is no connection, no response in time, a failure of the provider, or too many
    /// requests. A refused request or refused credentials are returned at once. The evidence names each provider that
    /// was skipped, and why.
    ///
    /// # Errors
    ///
    /// [`Permission`](ErrorKind::Permission) with the [check](Error::check) `consent.person` for another person's consent; nothing was sent then. When no provider responds, the error of the last one.
    pub async fn start_with_fallback(
        &self,
        first: ProviderId,
        start: &Start,
        consent: &Consent,
    ) -> Result<Step, Error> {
        consent.admit(&start.person)?;
        self.flow(first)?;
        self.keys.check()?;
        let attempt = self.attempt(start)?;
        let mut trail = AuditTrail::default();
        let mut last = None;
        for flow in self.order(first, consent.providers()) {
            match self.begin(&**flow, start, attempt.clone(), trail.clone()).await {
                Err(error) if is_outage(&error) => {
                    trail.provider_skipped(self.clock.now(), flow.provider(), &error);
                    last = Some(error);
                }
                other => return other,
            }
        }
        Err(last.unwrap_or_else(not_configured))
    }

    /// Ends a flow and starts one at another provider that the person consented to.
    ///
    /// The state is spent before anything is sent, so that of two calls at once one starts something. When the other
    /// provider cannot be started, nothing is given up: [`Step::Failed`] has the error and a fresh state of the flow as
    /// it was, which its evidence shows. Let the call run to its end: one that is dropped midway has spent the state.
    ///
    /// # Errors
    ///
    /// With nothing spent and nothing sent: [`Permission`](ErrorKind::Permission) when the consent is another person's
    /// (`consent.person`) or does not cover the provider (`consent.provider`), [`NotFound`](ErrorKind::NotFound)
    /// (`state.provider`) for a provider that is not configured, those of [`resume`](Self::resume) for the state. With
    /// the state spent: the error of the start when the position of the flow cannot be read (it was written by another
    /// version), and [`Store`](ErrorKind::Store) when the fresh state could not be registered.
    pub async fn switch_provider(
        &self,
        state: &SealedState,
        to: ProviderId,
        start: &Start,
        consent: &Consent,
    ) -> Result<Step, Error> {
        consent.admit(&start.person)?;
        consent.admit_provider(to)?;
        let flow = self.flow(to)?;
        self.keys.check()?;
        let attempt = self.attempt(start)?;
        let (left, mut open) = self.open(state, &start.person)?;
        open.spend(&self.clock, &self.store).await?;
        let mut trail = open.trail.clone();
        trail.provider_switched(self.clock.now());
        let error = match self.begin(&**flow, start, attempt, trail).await {
            Ok(step) => return Ok(step),
            Err(error) => error,
        };
        // The person continues with the flow that was not left.
        let Ok(prompt) = left.prompt(&open.position) else { return Err(error) };
        open.trail.provider_skipped(self.clock.now(), to, &error);
        let pending = self.seal_pending(left, &start.person, open, prompt).await?;
        Ok(Step::Failed(error, pending))
    }

    /// Continues a flow with its state and a reply. A state can be resumed once.
    ///
    /// Each call that is not refused beforehand spends the state, whatever its result: also one without a response of
    /// the provider, and a poll that finds nothing new. The [`Step`] then has the next state, to be kept in place of
    /// this one; a second call with this one is refused as `state.used`.
    ///
    /// What changes nothing at the provider ([`Reply::Poll`], [`Reply::Callback`]) spends the state after the provider
    /// has answered or failed to, so a call that is dropped midway, such as with its connection, leaves the state as it
    /// was. The other replies spend it before they are sent: let those calls run to their end.
    ///
    /// # Errors
    ///
    /// The state is as good as before, except where the table says otherwise:
    ///
    /// | kind | [check](Error::check) | |
    /// | --- | --- | --- |
    /// | `Decryption` | `state.sealed` | altered, or sealed under another key |
    /// | `Permission` | `state.person` | another person's |
    /// | `Expired` | `state.expired` | past its time |
    /// | `AlreadyUsed` | `state.used` | resumed before |
    /// | `NotFound` | `state.not_configured`, `state.provider` | of another store; of a provider that is not configured |
    /// | `InvalidRequest` | `reply.kind` | not what the flow waits for |
    /// | `InvalidRequest` | `reply.provider`, `reply.reference` | a callback of another provider, or about another request |
    /// | `AlreadyUsed`, `Expired`, … | | spent: the provider will not go on with this attempt; start another |
    /// | `Store` | | the next state could not be registered; whether this one is spent is not known |
    ///
    /// A failure after which the flow goes on, such as of a provider that does not answer, is no error but
    /// [`Step::Failed`]: the state is spent, and the next one is there.
    pub async fn resume(&self, person: &PersonId, state: &SealedState, reply: Reply) -> Result<Step, Error> {
        let (flow, mut open) = self.open(state, person)?;
        let provider = flow.provider();
        let named = |error: Error| error.during(provider, "resume");
        admit(flow, &open, &reply).map_err(named)?;
        let reads = flow.is_read_only(&reply);
        if !reads {
            open.spend(&self.clock, &self.store).await.map_err(named)?;
        }
        let transition = flow.resume(open.context(person, &self.clock), &open.position, &reply).await;
        if reads {
            open.spend(&self.clock, &self.store).await.map_err(named)?;
        }
        open.trail.reply(self.clock.now(), reply.kind(), transition.error());
        self.settle(flow, person, open, transition).await.map_err(named)
    }

    async fn begin(
        &self,
        flow: &dyn ProviderFlow,
        start: &Start,
        attempt: Attempt,
        mut trail: AuditTrail,
    ) -> Result<Step, Error> {
        let named = |error: Error| error.during(flow.provider(), "start");
        let started_at = self.clock.now();
        trail.start(started_at);
        let context = FlowContext {
            person: &start.person,
            attempt: &attempt,
            may_have_started: start.attempt.is_some(),
            known: &start.identity(started_at),
            clock: &self.clock,
        };
        let transition = flow.start(context).await.map_err(named)?;
        let state = State {
            provider: flow.provider().as_str().to_owned(),
            attempt,
            started_at,
            expires_at: started_at,
            id: String::new(),
            position: String::new(),
            trail,
        };
        self.settle(flow, &start.person, state, transition).await.map_err(named)
    }

    fn attempt(&self, start: &Start) -> Result<Attempt, Error> {
        start.attempt.clone().map_or_else(|| Attempt::random(&self.clock), Ok)
    }

    /// Opens a state and finds its flow; spends nothing.
    pub(super) fn open(
        &self,
        state: &SealedState,
        person: &PersonId,
    ) -> Result<(&dyn ProviderFlow, State), Error> {
        let open = self.keys.open(state, person, self.clock.now())?;
        let flow = self.find(&open.provider).ok_or_else(not_configured)?;
        Ok((&**flow, open))
    }

    /// Turns a transition into a step: the next state, or the end.
    pub(super) async fn settle(
        &self,
        flow: &dyn ProviderFlow,
        person: &PersonId,
        state: State,
        transition: Transition,
    ) -> Result<Step, Error> {
        match transition {
            Transition::Prompt(prompt) => {
                Ok(Step::Next(self.seal_pending(flow, person, state, prompt).await?))
            }
            Transition::Failed(error, prompt) => {
                let pending = self.seal_pending(flow, person, state, prompt).await?;
                Ok(Step::Failed(error.during(flow.provider(), "resume"), pending))
            }
            Transition::Unchanged(error) => {
                let prompt = flow.prompt(&state.position)?;
                let pending = self.seal_pending(flow, person, state, prompt).await?;
                Ok(Step::Failed(error.during(flow.provider(), "resume"), pending))
            }
            Transition::Aborted(error) => Err(error),
            Transition::Done(end) => {
                let FlowOutcome { report, record, proof } = *end;
                let evidence = EvidenceRecord::of(Facts {
                    provider: flow.provider(),
                    attempt: &state.attempt,
                    started_at: state.started_at,
                    ended_at: self.clock.now(),
                    decision: report.decision(),
                    identity: report.identity(),
                    record: record.as_ref().map(|record| record.expose().as_str()),
                    proof: proof.as_ref(),
                    trail: state.trail,
                });
                Ok(Step::Done(Box::new(Done {
                    provider: flow.provider(),
                    attempt: state.attempt,
                    record,
                    report,
                    evidence,
                })))
            }
        }
    }

    async fn seal_pending(
        &self,
        flow: &dyn ProviderFlow,
        person: &PersonId,
        state: State,
        prompt: Prompt,
    ) -> Result<Pending, Error> {
        let latest = self.clock.now() + self.state_ttl;
        let expires_at = prompt.until.map_or(latest, |until| until.min(latest));
        let attempt = state.attempt.clone();
        let next = State { expires_at, position: prompt.position, ..state };
        let sealed = self.keys.seal(next, person, (&self.clock, &self.store)).await?;
        // An accepted decision ends a flow, so a pending one has none.
        let decision = prompt.decision.filter(|decision| !decision.is_accepted());
        Ok(Pending {
            provider: flow.provider(),
            attempt,
            next: prompt.next,
            expires_at: SystemTime::UNIX_EPOCH
                + std::time::Duration::from_secs(super::audit::seconds(expires_at)),
            state: sealed,
            record: prompt.record,
            decision,
        })
    }
}

impl State {
    pub(super) fn context<'a>(&'a self, person: &'a PersonId, clock: &'a Clock) -> FlowContext<'a> {
        static UNKNOWN: std::sync::LazyLock<Identity> = std::sync::LazyLock::new(Identity::new);
        FlowContext { person, attempt: &self.attempt, may_have_started: true, known: &UNKNOWN, clock }
    }
}

impl Transition {
    pub(super) fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed(error, _) | Self::Unchanged(error) | Self::Aborted(error) => Some(error),
            Self::Prompt(_) | Self::Done(_) => None,
        }
    }
}

/// Refuses a reply that the state does not wait for, before anything is spent.
pub(super) fn admit(flow: &dyn ProviderFlow, open: &State, reply: &Reply) -> Result<(), Error> {
    if let Reply::Callback(CallbackRef { provider, subject }) = reply {
        if *provider != flow.provider() {
            return Err(Error::invalid("reply", "the callback is another provider's")
                .with_check("reply.provider")
                .with_hint("nothing was spent"));
        }
        let record = flow.prompt(&open.position)?.record;
        if record.as_deref() != Some(subject.as_str()) {
            return Err(Error::invalid("reply", "the callback is about another request")
                .with_check("reply.reference")
                .with_hint("nothing was spent; look up the state by the callback's subject"));
        }
    }
    flow.admit(&open.position, reply)
}

/// Whether the provider is unavailable, so that another one can be tried.
fn is_outage(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Connect
            | ErrorKind::Interrupted
            | ErrorKind::Provider
            | ErrorKind::RateLimited
            | ErrorKind::Timeout
            | ErrorKind::Unavailable
    )
}
