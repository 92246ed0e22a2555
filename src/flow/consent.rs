//! A person's consent to send personal data to another provider.

use std::time::SystemTime;

use super::PersonId;
use crate::{
    error::{Error, ErrorKind},
    provider::ProviderId,
};

/// Consent of a person that these providers may receive the personal data when the first one does not respond.
///
/// Functions that send data to another provider require it. Make it from what the person was shown and agreed to, and
/// from nothing else: a default is not a consent.
///
/// ```
/// use kyckit::{
///     flow::{Consent, PersonId},
///     provider::ProviderId,
/// };
///
/// # let now = std::time::SystemTime::UNIX_EPOCH;
/// let person = PersonId::new("customer 4711")?;
/// let consent = Consent::given(&person, [ProviderId::new("maya")], now);
/// assert!(
///     consent.covers(ProviderId::new("maya"))
///         && !consent.covers(ProviderId::new("shuftipro"))
/// );
/// # Ok::<(), kyckit::Error>(())
/// ```
///
/// A fallback without it does not compile:
///
/// ```compile_fail,E0061
/// # async fn run(registry: kyckit::flow::Registry<kyckit::storage::MemoryOneTime>, start: kyckit::flow::Start) {
/// let first = kyckit::provider::ProviderId::new("shuftipro");
/// let step = registry.start_with_fallback(first, &start).await;
/// # }
/// ```
#[derive(Clone)]
pub struct Consent {
    person: PersonId,
    providers: Vec<ProviderId>,
    given_at: SystemTime,
}

impl Consent {
    /// Creates a consent from what the person agreed to, and when. The providers are tried in this order.
    pub fn given(
        person: &PersonId,
        providers: impl IntoIterator<Item = ProviderId>,
        given_at: SystemTime,
    ) -> Self {
        Self { person: person.clone(), providers: providers.into_iter().collect(), given_at }
    }

    /// Returns the providers, in order.
    pub fn providers(&self) -> &[ProviderId] {
        &self.providers
    }

    /// Whether the consent covers this provider.
    pub fn covers(&self, provider: ProviderId) -> bool {
        self.providers.contains(&provider)
    }

    /// Returns the time at which it was given.
    pub fn given_at(&self) -> SystemTime {
        self.given_at
    }

    /// Refuses another person's consent.
    pub(super) fn admit(&self, person: &PersonId) -> Result<(), Error> {
        if self.person == *person {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Permission, "the consent is another person's").with_check("consent.person"))
    }

    /// Refuses a provider that the person did not agree to.
    pub(super) fn admit_provider(&self, provider: ProviderId) -> Result<(), Error> {
        if self.covers(provider) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Permission, "the person did not consent to this provider")
            .with_check("consent.provider")
            .with_hint("nothing was sent; ask the person first"))
    }
}

crate::privacy::redacted_debug!(Consent { providers, .. });
