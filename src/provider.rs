//! Who is asked, and what it can do: the identifier of a provider, and its capabilities as a constant.
//!
//! Each provider's module has a `PROVIDER` and a `CAPABILITIES`. The latter says what this crate can do with the provider,
//! by the provider's public pages; what an account has been granted, only the provider knows.
//!
//! ```
//! # #[cfg(all(feature = "credo360", feature = "maya", feature = "shuftipro"))]
//! # {
//! use kyckit::{credo360, provider::Capabilities, identity::VerificationMethod, maya, shuftipro};
//!
//! let configured: [&Capabilities; 3] = [&credo360::CAPABILITIES, &maya::CAPABILITIES, &shuftipro::CAPABILITIES];
//! let fit = configured.iter().find(|one| one.can_prove(VerificationMethod::DocumentChecked) && one.covers("GB") == Some(true));
//! assert_eq!(fit.map(|one| one.provider.as_str()), Some("shuftipro"));
//! # }
//! ```

pub(crate) mod method;

use std::fmt;

use crate::wire::words::stable_words;
use method::VerificationMethod;

/// The name of an identity provider, such as `shuftipro`.
///
/// Each provider's module has its own as the constant `PROVIDER`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderId(&'static str);

impl ProviderId {
    /// A provider by its name: lower case, as its module is called.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a provider can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Which provider.
    pub provider: ProviderId,
    /// By which means its answers can prove something. An account, a request and a person decide which of them do.
    pub proves: &'static [VerificationMethod],
    /// Of whose people it can check the identity.
    pub countries: Countries,
    /// What it may ask the person to do. None of them twice; which ones, the request decides.
    pub asks: &'static [PersonAction],
    /// How a result comes that is not there at once.
    pub results: Results,
    /// Whether it tells a reputation or a risk.
    pub reputation: bool,
    /// Whether the person keeps the data in a wallet of their own.
    pub wallet: bool,
    /// What becomes of a person's data there when they are to be erased.
    pub erasure: Erasure,
}

impl Capabilities {
    /// For the rooms' constants.
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

    /// Whether its answers can prove something by this means.
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

/// Of whose people a provider can check the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Countries {
    /// Of every country that it takes as a parameter.
    All,
    /// Of these alone, by ISO 3166-1 alpha-2.
    Only(&'static [&'static str]),
    /// The provider does not say, or it depends on who shares the data.
    Unstated,
}

stable_words! {
    /// What a provider may ask the person to do.
    pub enum PersonAction {
        /// To open a page of the provider.
        OpenUrl = "open_url",
        /// To type a code that the provider sent.
        TypePasscode = "type_passcode",
        /// To sign a challenge with a private key.
        Sign = "sign",
        /// To consent in an app or wallet of the provider.
        Consent = "consent",
        /// To hand over images or files.
        GiveFiles = "give_files",
        /// To fill in what is asked for.
        GiveAnswers = "give_answers",
    }
}

stable_words! {
    /// How a result comes that is not there at once.
    pub enum Results {
        /// It is always there at once.
        AtOnce = "at_once",
        /// By asking.
        Polling = "polling",
        /// By a callback that is authenticated, and by asking.
        Callback = "callback",
        /// By a callback that proves nothing and is a hint to ask.
        Hint = "hint",
    }
}

stable_words! {
    /// What becomes of a person's data at a provider when they are to be erased.
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
