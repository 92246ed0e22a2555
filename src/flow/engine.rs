//! The state machine: start, resume, and what becomes of each step.

use std::time::SystemTime;

use super::{
    consent::Consent,
    evidence::{AuditTrail, EvidenceRecord, Facts},
    person::{Attempt, PersonId},
    provider_flow::{FlowContext, FlowOutcome, Prompt, ProviderFlow, Transition},
    registry::{Registry, unknown},
    state::{SealedState, State},
    step::{CallbackRef, Done, Pending, Reply, Step},
};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    identity::Identity,
    provider::ProviderId,
    storage::OneTimeStore,
};

/// What a flow starts from: who the person is to you, and what you know of them.
///
/// Each provider takes what it needs of it: a name to compare the document with, a Credo ID, a mail address. Its module
/// says what.
///
/// ```
/// use kyckit::{
///     provider::ProviderId,
///     flow::{PersonId, Start},
///     identity::{Attribute, Identity, Name},
/// };
///
/// # let now = std::time::SystemTime::UNIX_EPOCH;
/// let mut typed = Name::default();
/// typed.full = Some("Jane Roe".into());
/// let mut known = Identity::new();
/// known.add(Attribute::self_asserted(typed, ProviderId::new("sign-up"), now));
/// let start = Start::new(PersonId::new("customer 4711")?).known_identity(known);
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Start {
    person: PersonId,
    known: Identity,
    attempt: Option<Attempt>,
}

impl Start {
    /// A start that knows nothing but who it is.
    pub fn new(person: PersonId) -> Self {
        Self { person, known: Identity::new(), attempt: None }
    }

    /// What is known of the person, as a form of yours asked for it.
    #[must_use]
    pub fn known_identity(mut self, known: Identity) -> Self {
        self.known = known;
        self
    }

    /// The attempt, for a start that may be repeated after a crash: see [`Attempt::derive`]. Default: a random one.
    #[must_use]
    pub fn attempt(mut self, attempt: Attempt) -> Self {
        self.attempt = Some(attempt);
        self
    }

    /// Who it is.
    pub fn person(&self) -> &PersonId {
        &self.person
    }
}

impl<S: OneTimeStore> Registry<S> {
    /// Starts a flow at a provider.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) for a provider that is not configured; those of the provider's client;
    /// [`Store`](ErrorKind::Store) when the state cannot be registered. After one that
    /// [may have taken effect](Error::may_have_taken_effect), start again with the same [attempt](Start::attempt).
    pub async fn start(&self, provider: ProviderId, start: &Start) -> Result<Step, Error> {
        let way = self.way(provider)?;
        self.keys.check()?;
        let attempt = self.attempt(start)?;
        self.begin(&**way, start, attempt, AuditTrail::default()).await
    }

    /// Starts a flow at the first provider that answers: `first`, then those that the person consented to.
    ///
    /// The next one is asked when there is no connection, no answer in time, a failure of the provider, or too many
    /// requests. A refused request or refused credentials are yours to mend and are handed back at once. Who was passed
    /// over, and why, stands in the evidence.
    ///
    /// # Errors
    ///
    /// [`Permission`](ErrorKind::Permission) with the [check](Error::check) `consent.person` for somebody else's consent;
    /// nothing was sent then. When nobody answers, the error of the one who was asked last.
    pub async fn start_with_fallback(
        &self,
        first: ProviderId,
        start: &Start,
        consent: &Consent,
    ) -> Result<Step, Error> {
        consent.admit(&start.person)?;
        self.way(first)?;
        self.keys.check()?;
        let attempt = self.attempt(start)?;
        let mut trail = AuditTrail::default();
        let mut last = None;
        for way in self.order(first, consent.providers()) {
            match self.begin(&**way, start, attempt.clone(), trail.clone()).await {
                Err(error) if is_outage(&error) => {
                    trail.passed_over(self.clock.now(), way.provider(), &error);
                    last = Some(error);
                }
                other => return other,
            }
        }
        Err(last.unwrap_or_else(unknown))
    }

    /// Gives a flow up and starts one at another provider that the person consented to.
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
        let way = self.way(to)?;
        self.keys.check()?;
        let attempt = self.attempt(start)?;
        let (left, mut open) = self.open(state, &start.person)?;
        open.spend(&self.clock, &self.store).await?;
        let mut trail = open.trail.clone();
        trail.left(self.clock.now());
        let error = match self.begin(&**way, start, attempt, trail).await {
            Ok(step) => return Ok(step),
            Err(error) => error,
        };
        // The flow that was to be left is the one that the person can go on with.
        let Ok(ask) = left.ask(&open.position) else { return Err(error) };
        open.trail.passed_over(self.clock.now(), to, &error);
        let pending = self.pend(left, &start.person, open, ask).await?;
        Ok(Step::Failed(error, pending))
    }

    /// Goes on with a state and with what came back, once.
    ///
    /// Each call that is not refused beforehand spends the state, whatever comes of it: also one that the provider does
    /// not answer, and a poll that finds nothing new. The [`Step`] then has the next state, to be kept in place of this
    /// one; a second call with this one is refused as `state.used`.
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
    /// | `NotFound` | `state.unknown`, `state.provider` | of another store; of a provider that is not configured |
    /// | `InvalidRequest` | `reply.kind` | not what the flow waits for |
    /// | `InvalidRequest` | `reply.provider`, `reply.reference` | a callback of another provider, or about another request |
    /// | `AlreadyUsed`, `Expired`, … | | spent: the provider will not go on with this attempt; start another |
    /// | `Store` | | the next state could not be registered; whether this one is spent is not known |
    ///
    /// A failure after which the flow goes on, such as of a provider that does not answer, is no error but
    /// [`Step::Failed`]: the state is spent, and the next one is there.
    pub async fn resume(&self, person: &PersonId, state: &SealedState, reply: Reply) -> Result<Step, Error> {
        let (way, mut open) = self.open(state, person)?;
        let provider = way.provider();
        let named = |error: Error| error.during(provider, "resume");
        admit(way, &open, &reply).map_err(named)?;
        let reads = way.only_reads(&reply);
        if !reads {
            open.spend(&self.clock, &self.store).await.map_err(named)?;
        }
        let moved = way.resume(open.context(person, &self.clock), &open.position, &reply).await;
        if reads {
            open.spend(&self.clock, &self.store).await.map_err(named)?;
        }
        open.trail.reply(self.clock.now(), &reply, moved.error());
        self.settle(way, person, open, moved).await.map_err(named)
    }

    async fn begin(
        &self,
        way: &dyn ProviderFlow,
        start: &Start,
        attempt: Attempt,
        mut trail: AuditTrail,
    ) -> Result<Step, Error> {
        let named = |error: Error| error.during(way.provider(), "start");
        let started_at = self.clock.now();
        trail.start(started_at);
        let context = FlowContext {
            person: &start.person,
            attempt: &attempt,
            again: start.attempt.is_some(),
            known: &start.known,
            clock: &self.clock,
        };
        let moved = way.start(context).await.map_err(named)?;
        let state = State {
            provider: way.provider().as_str().to_owned(),
            attempt,
            started_at,
            expires_at: started_at,
            id: String::new(),
            position: String::new(),
            trail,
        };
        self.settle(way, &start.person, state, moved).await.map_err(named)
    }

    fn attempt(&self, start: &Start) -> Result<Attempt, Error> {
        start.attempt.clone().map_or_else(|| Attempt::random(&self.clock), Ok)
    }

    /// Opens a state and finds its way; spends nothing.
    pub(super) fn open(
        &self,
        state: &SealedState,
        person: &PersonId,
    ) -> Result<(&dyn ProviderFlow, State), Error> {
        let open = self.keys.open(state, person, self.clock.now())?;
        let way = self.find(&open.provider).ok_or_else(unknown)?;
        Ok((&**way, open))
    }

    /// What becomes of a step: the next state, or the end.
    pub(super) async fn settle(
        &self,
        way: &dyn ProviderFlow,
        person: &PersonId,
        state: State,
        moved: Transition,
    ) -> Result<Step, Error> {
        match moved {
            Transition::Prompt(ask) => Ok(Step::Next(self.pend(way, person, state, ask).await?)),
            Transition::Failed(error, ask) => {
                let pending = self.pend(way, person, state, ask).await?;
                Ok(Step::Failed(error.during(way.provider(), "resume"), pending))
            }
            Transition::Stay(error) => {
                let ask = way.ask(&state.position)?;
                let pending = self.pend(way, person, state, ask).await?;
                Ok(Step::Failed(error.during(way.provider(), "resume"), pending))
            }
            Transition::Over(error) => Err(error),
            Transition::Done(end) => {
                let FlowOutcome { report, record, proof } = *end;
                let evidence = EvidenceRecord::of(Facts {
                    provider: way.provider(),
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
                    provider: way.provider(),
                    attempt: state.attempt,
                    record,
                    report,
                    evidence,
                })))
            }
        }
    }

    async fn pend(
        &self,
        way: &dyn ProviderFlow,
        person: &PersonId,
        state: State,
        ask: Prompt,
    ) -> Result<Pending, Error> {
        let latest = self.clock.now() + self.life;
        let expires_at = ask.until.map_or(latest, |until| until.min(latest));
        let attempt = state.attempt.clone();
        let next = State { expires_at, position: ask.position, ..state };
        let sealed = self.keys.seal(next, person, (&self.clock, &self.store)).await?;
        // An accepted decision ends a flow, so one that waits has none.
        let decision = ask.decision.filter(|decision| !decision.is_accepted());
        Ok(Pending {
            provider: way.provider(),
            attempt,
            next: ask.next,
            expires_at: SystemTime::UNIX_EPOCH
                + std::time::Duration::from_secs(super::state::seconds(expires_at)),
            state: sealed,
            record: ask.record,
            decision,
        })
    }
}

impl State {
    pub(super) fn context<'a>(&'a self, person: &'a PersonId, clock: &'a Clock) -> FlowContext<'a> {
        static NOBODY: std::sync::LazyLock<Identity> = std::sync::LazyLock::new(Identity::new);
        FlowContext { person, attempt: &self.attempt, again: true, known: &NOBODY, clock }
    }
}

impl Transition {
    pub(super) fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed(error, _) | Self::Stay(error) | Self::Over(error) => Some(error),
            Self::Prompt(_) | Self::Done(_) => None,
        }
    }
}

/// Refuses what the state does not wait for, before anything is spent.
pub(super) fn admit(way: &dyn ProviderFlow, open: &State, reply: &Reply) -> Result<(), Error> {
    if let Reply::Callback(CallbackRef { provider, subject }) = reply {
        if *provider != way.provider() {
            return Err(Error::invalid("reply", "the callback is another provider's")
                .with_check("reply.provider")
                .with_hint("nothing was spent"));
        }
        let record = way.ask(&open.position)?.record;
        if record.as_deref() != Some(subject.as_str()) {
            return Err(Error::invalid("reply", "the callback is about another request")
                .with_check("reply.reference")
                .with_hint("nothing was spent; look up the state by the callback's subject"));
        }
    }
    way.admit(&open.position, reply)
}

/// Whether the provider is out of reach, so that another one makes sense.
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
