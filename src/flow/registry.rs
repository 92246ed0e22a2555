//! The configured providers: which there are, which fit, and who is asked when one does not answer.

use std::{sync::Arc, time::Duration};

use super::{erase::Erased, provider_flow::ProviderFlow, requirements::Requirements, state::StateKeys};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    inbox::OneTimeStore,
    provider::ProviderId,
};

/// How long a state lives unless the provider's own time is shorter or the registry is told otherwise.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// The configured providers, and the machine that goes their ways. Made once; shared behind an `Arc`.
///
/// The store is shared by all machines that resume each other's flows: it is what makes a state good for one use.
pub struct Registry<S> {
    pub(super) ways: Vec<Arc<dyn ProviderFlow>>,
    pub(super) keys: StateKeys,
    pub(super) store: S,
    pub(super) clock: Clock,
    pub(super) life: Duration,
}

/// One configured provider, made out of the `ProviderFlow` of its module, such as [`shuftipro::ShuftiProFlow`](super::shuftipro::ShuftiProFlow).
#[derive(Clone)]
pub struct Configured(pub(super) Arc<dyn ProviderFlow>);

crate::privacy::redacted_debug!(Configured { provider: |this| this.0.provider() });

impl<S: OneTimeStore> Registry<S> {
    /// An empty registry. States are sealed under these keys and spent in this store.
    pub fn new(keys: StateKeys, store: S) -> Self {
        Self { ways: Vec::new(), keys, store, clock: Clock::default(), life: LIFE }
    }

    /// Adds a provider, or takes the place of the one that was added for it before.
    #[must_use]
    pub fn with(mut self, way: impl Into<Configured>) -> Self {
        let Configured(way) = way.into();
        self.ways.retain(|other| other.provider() != way.provider());
        self.ways.push(way);
        self
    }

    /// Looks at another clock. Default: the machine's.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How long a state lives, unless the provider's own time is shorter: from a second to 30 days. Default: a day.
    #[must_use]
    pub fn with_life(mut self, life: Duration) -> Self {
        self.life = life.clamp(Duration::from_secs(1), Duration::from_secs(30 * 86_400));
        self
    }

    /// The providers, in the order in which they were added.
    pub fn providers(&self) -> impl Iterator<Item = ProviderId> {
        self.ways.iter().map(|way| way.provider())
    }

    /// The providers that fit, in the order in which they were added.
    pub fn select(&self, wanted: &Requirements) -> Vec<ProviderId> {
        let fitting = self.ways.iter().filter(|way| wanted.fits(way.capabilities()));
        fitting.map(|way| way.provider()).collect()
    }

    /// Erases what a provider holds under a name of its own: [`Done::record`](super::Done::record). Not reversible.
    ///
    /// It says what really happened: [`Erased`]. What you hold yourself is yours to erase, the sealed states included;
    /// an [evidence](super::EvidenceRecord) record holds nothing personal.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) for a provider that is not configured; those of the provider's client, such as
    /// for a record that it does not know.
    pub async fn erase(&self, provider: ProviderId, record: &str) -> Result<Erased, Error> {
        let way = self.way(provider)?;
        way.erase(record).await.map_err(|error| error.during(provider, "erase"))
    }

    pub(super) fn way(&self, provider: ProviderId) -> Result<&Arc<dyn ProviderFlow>, Error> {
        self.find(provider.as_str()).ok_or_else(|| unknown().during(provider, "flow"))
    }

    pub(super) fn find(&self, name: &str) -> Option<&Arc<dyn ProviderFlow>> {
        self.ways.iter().find(|way| way.provider().as_str() == name)
    }

    /// Whom to ask, in order, each once: the first one, then those that the person consented to, where configured.
    pub(super) fn order(&self, first: ProviderId, others: &[ProviderId]) -> Vec<&Arc<dyn ProviderFlow>> {
        let mut order: Vec<&Arc<dyn ProviderFlow>> = Vec::new();
        for provider in std::iter::once(&first).chain(others) {
            if let Some(way) = self.find(provider.as_str())
                && order.iter().all(|other| other.provider() != way.provider())
            {
                order.push(way);
            }
        }
        order
    }
}

pub(super) fn unknown() -> Error {
    Error::new(ErrorKind::NotFound, "this provider is not configured")
        .with_check("state.provider")
        .with_hint("add its way to the registry")
}

crate::privacy::redacted_debug!(<S> Registry<S> { ways, life, .. });
