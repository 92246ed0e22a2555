//! What each provider can do, as a table that tests hold against the modules.

use crate::{error::Provider, identity::Means};

/// Something that a provider's way has or has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Capability {
    /// Tells of identity documents.
    Document,
    /// Tells of a reputation or a risk.
    Reputation,
    /// The person signs with a key of their own.
    Wallet,
    /// Tells of addresses.
    Address,
    /// Tells of work and income.
    Work,
    /// The person goes through pages of the provider.
    HostedPage,
    /// Tells by callback when it is through.
    Callback,
    /// Can be asked how it stands.
    Polling,
    /// Erases a person's data by a call.
    Erasure,
}

impl Capability {
    /// A stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Reputation => "reputation",
            Self::Wallet => "wallet",
            Self::Address => "address",
            Self::Work => "work",
            Self::HostedPage => "hosted_page",
            Self::Callback => "callback",
            Self::Polling => "polling",
            Self::Erasure => "erasure",
        }
    }
}

/// Whom a provider serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Countries {
    /// The provider names no limit.
    Any,
    /// People with an account, a phone or papers of these countries, ISO 3166-1 alpha-2.
    Only(&'static [&'static str]),
}

impl Countries {
    /// Whether this country (two letters) is among them.
    pub fn serves(self, country: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(list) => list.iter().any(|one| one.eq_ignore_ascii_case(country)),
        }
    }
}

/// What one provider can do.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whose these are.
    pub provider: Provider,
    /// By which means its answers can prove something.
    pub proves: &'static [Means],
    /// What else it has.
    pub has: &'static [Capability],
    /// Whom it serves.
    pub countries: Countries,
}

impl Capabilities {
    /// Whether its answers can prove something by this means.
    pub fn can_prove(&self, means: Means) -> bool {
        self.proves.contains(&means)
    }

    /// Whether it has this.
    pub fn has(&self, capability: Capability) -> bool {
        self.has.contains(&capability)
    }

    /// Those of a provider.
    pub fn of(provider: Provider) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.provider == provider)
    }
}

/// What all providers can do.
///
/// | provider | proves by | has | countries |
/// | --- | --- | --- | --- |
/// | Credo360 | possession of account, key and contact; database match; attested reputation | reputation, wallet, document (kind alone), address | any |
/// | Maya | possession of account; attested | document, address, work | PH |
/// | Shufti Pro | document, address document, face, liveness, database, screening, contact; attested risk | document, address, reputation, pages, callbacks, polling, erasure | any |
pub const TABLE: &[Capabilities] = &[
    Capabilities {
        provider: Provider::new("credo360"),
        proves: &[
            Means::PossessionOfAccount,
            Means::PossessionOfKey,
            Means::PossessionOfContact,
            Means::DatabaseMatch,
            Means::Attested,
        ],
        has: &[Capability::Document, Capability::Reputation, Capability::Wallet, Capability::Address],
        countries: Countries::Any,
    },
    Capabilities {
        provider: Provider::new("maya"),
        proves: &[Means::PossessionOfAccount, Means::Attested],
        has: &[Capability::Document, Capability::Address, Capability::Work],
        countries: Countries::Only(&["PH"]),
    },
    Capabilities {
        provider: Provider::new("shuftipro"),
        proves: &[
            Means::PossessionOfContact,
            Means::DocumentChecked,
            Means::AddressDocumentChecked,
            Means::Liveness,
            Means::FaceMatch,
            Means::DatabaseMatch,
            Means::SanctionsScreening,
            Means::Attested,
        ],
        has: &[
            Capability::Document,
            Capability::Reputation,
            Capability::Address,
            Capability::HostedPage,
            Capability::Callback,
            Capability::Polling,
            Capability::Erasure,
        ],
        countries: Countries::Any,
    },
];

/// What is asked of a provider, to choose one by.
///
/// ```
/// use kyckit::{flow::{Capability, Wanted}, identity::Means};
///
/// let wanted = Wanted::new().country("PH").proof(Means::DocumentChecked).having(Capability::Callback);
/// let fitting = wanted.fitting().map(|row| row.provider.as_str()).collect::<Vec<_>>();
/// assert_eq!(fitting, ["shuftipro"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    country: Option<String>,
    proves: Vec<Means>,
    has: Vec<Capability>,
}

impl Wanted {
    /// Anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Somebody who serves this country, ISO 3166-1 alpha-2.
    #[must_use]
    pub fn country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }

    /// Somebody whose answers can prove something by this means.
    #[must_use]
    pub fn proof(mut self, means: Means) -> Self {
        self.proves.push(means);
        self
    }

    /// Somebody who has this.
    #[must_use]
    pub fn having(mut self, capability: Capability) -> Self {
        self.has.push(capability);
        self
    }

    /// Whether a provider fits.
    pub fn fits(&self, row: &Capabilities) -> bool {
        self.country.as_deref().is_none_or(|country| row.countries.serves(country))
            && self.proves.iter().all(|means| row.can_prove(*means))
            && self.has.iter().all(|capability| row.has(*capability))
    }

    /// Every provider of the [table](TABLE) that fits.
    pub fn fitting(&self) -> impl Iterator<Item = &'static Capabilities> {
        TABLE.iter().filter(|row| self.fits(row))
    }
}
