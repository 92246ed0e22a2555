//! Requirements for choosing a provider by its `CAPABILITIES`.

use crate::{
    identity::VerificationMethod,
    provider::{Capabilities, Erasure, PersonAction, Results},
};

/// A capability that can be required of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// An identity document is examined: [`VerificationMethod::DocumentChecked`].
    Document,
    /// Something is proven by this method.
    Proof(VerificationMethod),
    /// The provider reports a reputation or a risk.
    Reputation,
    /// The person keeps the data in a wallet of their own.
    Wallet,
    /// Late results arrive by an authenticated callback.
    Callback,
    /// A person's data can be erased by a call.
    Erasure,
}

/// Requirements on a provider, for [`Registry::select`](super::Registry::select).
///
/// ```
/// # #[cfg(all(feature = "maya", feature = "shuftipro"))]
/// # {
/// use kyckit::{
///     flow::{Capability, Requirements},
///     provider::PersonAction,
///     maya, shuftipro,
/// };
///
/// let wanted = Requirements::new()
///     .country("PH")
///     .having(Capability::Document)
///     .without(PersonAction::TypePasscode);
/// assert!(
///     wanted.fits(&shuftipro::CAPABILITIES) && !wanted.fits(&maya::CAPABILITIES)
/// );
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Requirements {
    country: Option<String>,
    certain: bool,
    has: Vec<Capability>,
    without: Vec<PersonAction>,
}

impl Requirements {
    /// Creates requirements that every provider meets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requires that people of this country (ISO 3166-1 alpha-2) can be checked. A provider without a list of countries
    /// fits too, unless the country must be [certain](Self::certainly).
    #[must_use]
    pub fn country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }

    /// Requires that the provider lists the country.
    #[must_use]
    pub fn certainly(mut self) -> Self {
        self.certain = true;
        self
    }

    /// Requires a capability.
    #[must_use]
    pub fn having(mut self, capability: Capability) -> Self {
        self.has.push(capability);
        self
    }

    /// Excludes providers that may ask the person for this action.
    #[must_use]
    pub fn without(mut self, prompt: PersonAction) -> Self {
        self.without.push(prompt);
        self
    }

    /// Whether a provider meets the requirements.
    pub fn fits(&self, provider: &Capabilities) -> bool {
        let serves = |country: &str| provider.covers(country).unwrap_or(!self.certain);
        self.country.as_deref().is_none_or(serves)
            && self.has.iter().all(|wanted| has(provider, *wanted))
            && !self.without.iter().any(|prompt| provider.may_ask(*prompt))
    }
}

fn has(provider: &Capabilities, wanted: Capability) -> bool {
    match wanted {
        Capability::Document => provider.can_prove(VerificationMethod::DocumentChecked),
        Capability::Proof(means) => provider.can_prove(means),
        Capability::Reputation => provider.reputation,
        Capability::Wallet => provider.wallet,
        Capability::Callback => provider.results == Results::Callback,
        Capability::Erasure => provider.erasure != Erasure::Impossible,
    }
}
