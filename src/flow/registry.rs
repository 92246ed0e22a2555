//! The configured providers: selection, fallback order, erasure.

use std::{sync::Arc, time::Duration};

use super::{erase::Erased, provider_flow::ProviderFlow, requirements::Requirements, state::StateKeys};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    provider::ProviderId,
    storage::OneTimeStore,
};

/// Default time to live of a state.
const STATE_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Configured providers and the flows through them. Created once and shared behind an `Arc`.
///
/// All machines that resume each other's flows share the store: it makes a state usable once.
#[doc(alias = "onboarding")]
#[doc(alias = "orchestration")]
#[doc(alias = "long-running operation")]
pub struct Registry<S> {
    pub(super) flows: Vec<Arc<dyn ProviderFlow>>,
    pub(super) keys: StateKeys,
    pub(super) store: S,
    pub(super) clock: Clock,
    pub(super) state_ttl: Duration,
}

/// A configured provider's flow, made from a type such as
/// [`shuftipro::ShuftiProFlow`](super::shuftipro::ShuftiProFlow).
#[derive(Clone)]
pub struct Configured(pub(super) Arc<dyn ProviderFlow>);

crate::privacy::redacted_debug!(Configured { provider: |this| this.0.provider() });

impl<S: OneTimeStore> Registry<S> {
    /// Creates an empty registry. States are sealed under these keys and spent in this store.
    pub fn new(keys: StateKeys, store: S) -> Self {
        Self { flows: Vec::new(), keys, store, clock: Clock::default(), state_ttl: STATE_TTL }
    }

    /// Adds a provider's flow, or replaces the one that was added for the provider before.
    #[must_use]
    pub fn with(mut self, flow: impl Into<Configured>) -> Self {
        let Configured(flow) = flow.into();
        self.flows.retain(|other| other.provider() != flow.provider());
        self.flows.push(flow);
        self
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the time to live of a state, where the provider's own limit is not shorter: from a second to 30 days.
    /// Default: a day.
    #[must_use]
    pub fn state_ttl(mut self, state_ttl: Duration) -> Self {
        self.state_ttl = state_ttl.clamp(Duration::from_secs(1), Duration::from_secs(30 * 86_400));
        self
    }

    /// Returns the providers, in the order in which they were added.
    pub fn providers(&self) -> impl Iterator<Item = ProviderId> {
        self.flows.iter().map(|flow| flow.provider())
    }

    /// Returns the providers that meet the requirements, in the order in which they were added.
    pub fn select(&self, wanted: &Requirements) -> Vec<ProviderId> {
        let fitting = self.flows.iter().filter(|flow| wanted.fits(flow.capabilities()));
        fitting.map(|flow| flow.provider()).collect()
    }

    /// Erases a person's data at a provider, by its [record](super::Done::record). Not reversible.
    ///
    /// [`Erased`] says what happened. Erase your own data as well, the sealed states included; an [evidence record](super::EvidenceRecord) holds nothing personal.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) for a provider that is not configured; those of the provider's client, such as
    /// for a record that it does not know.
    pub async fn erase(&self, provider: ProviderId, record: &str) -> Result<Erased, Error> {
        let flow = self.flow(provider)?;
        flow.erase(record).await.map_err(|error| error.during(provider, "erase"))
    }

    pub(super) fn flow(&self, provider: ProviderId) -> Result<&Arc<dyn ProviderFlow>, Error> {
        self.find(provider.as_str()).ok_or_else(|| not_configured().during(provider, "flow"))
    }

    pub(super) fn find(&self, name: &str) -> Option<&Arc<dyn ProviderFlow>> {
        self.flows.iter().find(|flow| flow.provider().as_str() == name)
    }

    /// Returns the flows to try, in order, each once: the first one, then those that the person consented to, where
    /// configured.
    pub(super) fn order(&self, first: ProviderId, others: &[ProviderId]) -> Vec<&Arc<dyn ProviderFlow>> {
        let mut order: Vec<&Arc<dyn ProviderFlow>> = Vec::new();
        for provider in std::iter::once(&first).chain(others) {
            if let Some(flow) = self.find(provider.as_str())
                && order.iter().all(|other| other.provider() != flow.provider())
            {
                order.push(flow);
            }
        }
        order
    }
}

pub(super) fn not_configured() -> Error {
    Error::new(ErrorKind::NotFound, "this provider is not configured")
        .with_check("state.provider")
        .with_hint("add its flow to the registry")
}

crate::privacy::redacted_debug!(<S> Registry<S> { flows, state_ttl, .. });
