//! The person's consent to have personal data sent to another provider.

use std::time::SystemTime;

use super::PersonId;
use crate::{
    error::{Error, ErrorKind},
    provider::ProviderId,
};

/// The person has agreed that these providers may get the personal data, should the first one not answer.
///
/// Another provider is asked only where a function was given one of these. Make it out of what the person was shown and
/// agreed to, and of nothing else: a default is no consent.
///
/// ```
/// use kyckit::{provider::ProviderId, flow::{Consent, PersonId}};
///
/// # let now = std::time::SystemTime::UNIX_EPOCH;
/// let person = PersonId::new("customer 4711")?;
/// let consent = Consent::given(&person, [ProviderId::new("maya")], now);
/// assert!(consent.covers(ProviderId::new("maya")) && !consent.covers(ProviderId::new("shuftipro")));
/// # Ok::<(), kyckit::Error>(())
/// ```
///
/// There is no fallback without:
///
/// ```compile_fail,E0061
/// # async fn run(registry: kyckit::flow::Registry<kyckit::inbox::MemoryOneTime>, start: kyckit::flow::Start) {
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
    /// What the person agreed to, and when. The order of the providers is the order in which they are asked.
    pub fn given(
        person: &PersonId,
        providers: impl IntoIterator<Item = ProviderId>,
        given_at: SystemTime,
    ) -> Self {
        Self { person: person.clone(), providers: providers.into_iter().collect(), given_at }
    }

    /// The providers, in order.
    pub fn providers(&self) -> &[ProviderId] {
        &self.providers
    }

    /// Whether this provider may get the data.
    pub fn covers(&self, provider: ProviderId) -> bool {
        self.providers.contains(&provider)
    }

    /// When it was given.
    pub fn given_at(&self) -> SystemTime {
        self.given_at
    }

    /// Refuses the consent of somebody else.
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
