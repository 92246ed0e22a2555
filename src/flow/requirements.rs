//! Choosing a provider by what it can do: its room's `CAPABILITIES` say it, and this asks them.

use crate::{
    identity::VerificationMethod,
    provider::{Capabilities, Erasure, PersonAction, Results},
};

/// Something that a provider is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// An identity document is examined: [`VerificationMethod::DocumentChecked`].
    Document,
    /// Something is proven by this means.
    Proof(VerificationMethod),
    /// A reputation or a risk is told.
    Reputation,
    /// The person keeps the data in a wallet of their own.
    Wallet,
    /// A result that is not there at once comes by an authenticated callback.
    Callback,
    /// A person's data can be erased by a call.
    Erasure,
}

/// What is asked of a provider, to choose one by: see [`Registry::select`](super::Registry::select).
///
/// ```
/// # #[cfg(all(feature = "maya", feature = "shuftipro"))]
/// # {
/// use kyckit::{flow::{Capability, Requirements}, provider::PersonAction, maya, shuftipro};
///
/// let wanted = Requirements::new().country("PH").having(Capability::Document).without(PersonAction::TypePasscode);
/// assert!(wanted.fits(&shuftipro::CAPABILITIES) && !wanted.fits(&maya::CAPABILITIES));
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
    /// Anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Somebody who can check the identity of people of this country, ISO 3166-1 alpha-2. A provider that does not say
    /// whose identity it checks fits too, unless it has to be [certain](Self::certainly).
    #[must_use]
    pub fn country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }

    /// Only somebody who says that the country is among those served.
    #[must_use]
    pub fn certainly(mut self) -> Self {
        self.certain = true;
        self
    }

    /// Somebody who has this.
    #[must_use]
    pub fn having(mut self, capability: Capability) -> Self {
        self.has.push(capability);
        self
    }

    /// Somebody who never asks the person to do this.
    #[must_use]
    pub fn without(mut self, ask: PersonAction) -> Self {
        self.without.push(ask);
        self
    }

    /// Whether a provider fits.
    pub fn fits(&self, provider: &Capabilities) -> bool {
        let serves = |country: &str| provider.covers(country).unwrap_or(!self.certain);
        self.country.as_deref().is_none_or(serves)
            && self.has.iter().all(|wanted| has(provider, *wanted))
            && !self.without.iter().any(|ask| provider.may_ask(*ask))
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
