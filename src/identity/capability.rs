//! Capabilities of the providers, as constants, for choosing one before a call.
//!
//! Each provider's module has a `CAPABILITIES`. It says what this crate can do with the provider, by the provider's
//! public pages; what an account is granted is not known here.
//!
//! ```
//! # #[cfg(all(feature = "credo360", feature = "maya", feature = "shuftipro"))]
//! # {
//! use kyckit::{
//!     credo360,
//!     identity::{Capabilities, VerificationMethod},
//!     maya, shuftipro,
//! };
//!
//! let configured: [&Capabilities; 3] =
//!     [&credo360::CAPABILITIES, &maya::CAPABILITIES, &shuftipro::CAPABILITIES];
//! let fit = configured.iter().find(|one| {
//!     one.can_prove(VerificationMethod::DocumentChecked)
//!         && one.covers("GB") == Some(true)
//! });
//! assert_eq!(fit.map(|one| one.provider.as_str()), Some("shuftipro"));
//! # }
//! ```

use super::{provenance::VerificationMethod, words::stable_words};
use crate::provider::ProviderId;

/// Capabilities of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// The provider's name.
    pub provider: ProviderId,
    /// Methods by which its responses can prove something; which ones do depends on account, request and person.
    pub proves: &'static [VerificationMethod],
    /// The countries of the people that it can check.
    pub countries: Countries,
    /// Actions that it may ask of the person, each once; the request decides which ones.
    pub asks: &'static [PersonAction],
    /// How late results arrive.
    pub results: Results,
    /// Whether it reports a reputation or a risk.
    pub reputation: bool,
    /// Whether the person keeps the data in a wallet of their own.
    pub wallet: bool,
    /// What an erasure does to a person's data.
    pub erasure: Erasure,
}

impl Capabilities {
    /// For the constants of the providers' modules.
    pub(crate) const fn new(
        provider: ProviderId,
        proves: &'static [VerificationMethod],
        countries: Countries,
        asks: &'static [PersonAction],
    ) -> Self {
        Self {
            provider,
            proves,
            countries,
            asks,
            results: Results::AtOnce,
            reputation: false,
            wallet: false,
            erasure: Erasure::Impossible,
        }
    }

    /// Whether its responses can prove something by this method.
    pub fn can_prove(&self, means: VerificationMethod) -> bool {
        self.proves.contains(&means)
    }

    /// Whether it may ask the person to do this.
    pub fn may_ask(&self, ask: PersonAction) -> bool {
        self.asks.contains(&ask)
    }

    /// Whether it can check the identity of people of this country, ISO 3166-1 alpha-2 in any case; `None` when the
    /// provider does not say.
    pub fn covers(&self, country: &str) -> Option<bool> {
        match self.countries {
            Countries::All => Some(true),
            Countries::Only(countries) => {
                Some(countries.iter().any(|listed| listed.eq_ignore_ascii_case(country)))
            }
            Countries::Unstated => None,
        }
    }
}

/// Countries of the people that a provider can check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Countries {
    /// Every country that it takes as a parameter.
    All,
    /// These only, by ISO 3166-1 alpha-2.
    Only(&'static [&'static str]),
    /// The provider does not say, or it depends on who shares the data.
    Unstated,
}

stable_words! {
    /// Action that a provider may ask of the person.
    pub enum PersonAction {
        /// To open a page of the provider.
        OpenUrl = "open_url",
        /// To type a code that the provider sent.
        TypePasscode = "type_passcode",
        /// To sign a challenge with a private key.
        Sign = "sign",
        /// To consent in an app or wallet of the provider.
        Consent = "consent",
        /// To upload images or files.
        GiveFiles = "give_files",
        /// To fill in what is asked for.
        GiveAnswers = "give_answers",
    }
}

stable_words! {
    /// How late results arrive.
    pub enum Results {
        /// Results are never late.
        AtOnce = "at_once",
        /// By polling.
        Polling = "polling",
        /// By an authenticated callback, and by polling.
        Callback = "callback",
        /// By an unauthenticated callback, a hint to poll.
        Hint = "hint",
    }
}

stable_words! {
    /// What an erasure does to a person's data at a provider.
    pub enum Erasure {
        /// They are deleted.
        Deleted = "deleted",
        /// They are made unreadable, and the record stays.
        Redacted = "redacted",
        /// They are deleted later.
        Scheduled = "scheduled",
        /// They are hidden, and stay.
        HiddenOnly = "hidden_only",
        /// The provider has no call for it: ask its support.
        Impossible = "impossible",
    }
}
