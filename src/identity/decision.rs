//! Decisions of providers.

use std::{fmt, time::SystemTime};

use super::{moment::Moment, person::Identity, provenance::ProviderName, reason::Reason};
use crate::{error::Sanitized, provider::ProviderId, wire::words::stable_words};

stable_words! {
    /// Outcome of a decision.
    pub enum Outcome {
        /// The provider verified what it was asked to verify.
        Accepted = "accepted",
        /// The provider did not: the reasons say why, and whether another try makes sense.
        Declined = "declined",
        /// No decision yet; the person need not act.
        Pending = "pending",
        /// No decision yet; the person must act.
        NeedsAction = "needs_action",
        /// Time ran out, or what was known was deleted: there will be no decision of this request.
        Expired = "expired",
    }
}

/// A provider's decision, with its reasons.
///
/// An accepted one is made only by a provider's module, from a type that stands for a verified response. There is no
/// public constructor and no `Deserialize`: what is read back from a store is a
/// [`RecordedDecision`].
///
/// `Debug` shows all of it but the time: it holds nothing personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Decision {
    outcome: Outcome,
    provider: ProviderName,
    at: Moment,
    reasons: Vec<Reason>,
    codes: Vec<String>,
}

impl Decision {
    /// For the conversions in the providers' modules only: the caller holds the verified type of its module.
    pub(crate) fn accepted(provider: ProviderId, at: SystemTime) -> Self {
        Self::made(Outcome::Accepted, provider, at, Vec::new())
    }

    pub(crate) fn declined(
        provider: ProviderId,
        at: SystemTime,
        reasons: impl IntoIterator<Item = Reason>,
    ) -> Self {
        Self::made(Outcome::Declined, provider, at, reasons)
    }

    pub(crate) fn pending(provider: ProviderId, at: SystemTime, reason: Reason) -> Self {
        Self::made(Outcome::Pending, provider, at, [reason])
    }

    pub(crate) fn needs_action(
        provider: ProviderId,
        at: SystemTime,
        reasons: impl IntoIterator<Item = Reason>,
    ) -> Self {
        Self::made(Outcome::NeedsAction, provider, at, reasons)
    }

    pub(crate) fn expired(provider: ProviderId, at: SystemTime, reason: Reason) -> Self {
        Self::made(Outcome::Expired, provider, at, [reason])
    }

    fn made(
        outcome: Outcome,
        provider: ProviderId,
        at: SystemTime,
        reasons: impl IntoIterator<Item = Reason>,
    ) -> Self {
        let mut decision = Self {
            outcome,
            provider: provider.into(),
            at: Moment::of(at),
            reasons: Vec::new(),
            codes: Vec::new(),
        };
        reasons.into_iter().for_each(|reason| decision.remark(reason));
        decision
    }

    /// Adds a reason, once. It does not change the outcome: an accepted decision may carry remarks.
    pub(crate) fn remark(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Adds the provider's own codes, as they came.
    pub(crate) fn with_codes(mut self, codes: impl IntoIterator<Item = String>) -> Self {
        self.codes.extend(codes);
        self
    }

    /// Returns the outcome.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether the provider verified the person.
    pub fn is_accepted(&self) -> bool {
        self.outcome == Outcome::Accepted
    }

    /// Whether the provider is done, for now: some providers reopen what they decided.
    pub fn is_final(&self) -> bool {
        self.outcome.is_final()
    }

    /// Returns the provider.
    pub fn provider(&self) -> &ProviderName {
        &self.provider
    }

    /// Returns when the provider's response was received: the decision held at that moment.
    pub fn at(&self) -> SystemTime {
        self.at.time()
    }

    /// Why, each once, in the provider's order. An accepted decision has mostly none; where it has, they are remarks.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The provider's own codes, for its support and for your records.
    pub fn codes(&self) -> &[String] {
        &self.codes
    }

    pub(super) fn moment(&self) -> Moment {
        self.at
    }
}

impl Outcome {
    /// Whether nothing more will come of this request by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Accepted | Self::Declined | Self::Expired)
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<String> = self.codes.iter().map(|code| Sanitized(code).to_string()).collect();
        f.debug_struct("Decision")
            .field("outcome", &self.outcome)
            .field("provider", &self.provider)
            .field("reasons", &self.reasons)
            .field("codes", &codes)
            .finish_non_exhaustive()
    }
}

/// A decision that was written down and read back: what was once decided, by the word of your store.
///
/// It is another type than [`Decision`], and none becomes the other: a function that grants something takes a
/// `Decision`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordedDecision {
    pub(super) outcome: Outcome,
    pub(super) provider: ProviderName,
    pub(super) at: Moment,
    pub(super) reasons: Vec<Reason>,
    pub(super) codes: Vec<String>,
}

impl RecordedDecision {
    /// Returns the recorded outcome.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns the recorded provider.
    pub fn provider(&self) -> &ProviderName {
        &self.provider
    }

    /// Returns the recorded time of the provider's response.
    pub fn at(&self) -> SystemTime {
        self.at.time()
    }

    /// Why, by the record.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The provider's own codes, by the record.
    pub fn codes(&self) -> &[String] {
        &self.codes
    }
}

crate::privacy::redacted_debug!(RecordedDecision { outcome, provider, reasons, .. });

/// A provider's response, and what it says in words of no provider. Nothing is lost: the response itself stays reachable.
///
/// Made by the providers' modules: each has an `into_report` on its verified response.
#[derive(Clone)]
pub struct Report<S> {
    source: S,
    identity: Identity,
    decision: Decision,
}

impl<S> Report<S> {
    pub(crate) fn new(source: S, identity: Identity, decision: Decision) -> Self {
        Self { source, identity, decision }
    }

    /// Returns the identity and what was proven.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the provider's decision.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The provider's response itself.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// Returns source, identity and decision.
    pub fn into_parts(self) -> (S, Identity, Decision) {
        (self.source, self.identity, self.decision)
    }

    /// The neutral parts without the response, as where reports of several providers meet.
    pub fn without_source(self) -> Report<()> {
        Report { source: (), identity: self.identity, decision: self.decision }
    }
}

crate::privacy::redacted_debug!(<S> Report<S> { identity, decision, .. });
