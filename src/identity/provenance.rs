//! Provenance of a value: its source, how and when it was checked, and until when it holds.

use std::{borrow::Cow, fmt, time::SystemTime};

use serde::{Deserialize, Deserializer, Serialize, de};

use super::moment::Moment;
pub use crate::provider::method::VerificationMethod;
use crate::{date::Date, error::Sanitized, provider::ProviderId, wire::words::stable_words};

stable_words! {
    /// Whether a value comes from a response, or from a stored record.
    pub enum Origin {
        /// It comes from a response that this process received and converted.
        Observed = "observed",
        /// It was read from JSON. Its worth depends on the store, which this crate cannot judge: nothing recorded
        /// counts as verified.
        Recorded = "recorded",
    }
}

/// The name of a provider in identity data. Unlike [`ProviderId`] it can be read back.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ProviderName(Cow<'static, str>);

impl ProviderName {
    /// The maximum length of a name that is read, in bytes.
    const MAX_LEN: usize = 64;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<ProviderId> for ProviderName {
    fn from(provider: ProviderId) -> Self {
        Self(Cow::Borrowed(provider.as_str()))
    }
}

impl PartialEq<ProviderId> for ProviderName {
    fn eq(&self, other: &ProviderId) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Sanitized(&self.0), f)
    }
}

impl fmt::Debug for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for ProviderName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        if name.is_empty() || name.len() > Self::MAX_LEN || !name.bytes().all(is_name) {
            return Err(de::Error::custom("not the name of a provider"));
        }
        Ok(Self(Cow::Owned(name)))
    }
}

/// Provenance of a value or a finding.
///
/// Only the conversions in the providers' modules make one: there is no public constructor and no `Deserialize`.
///
/// `Debug` shows provider, method and origin, and no time: the time of a person's verification is personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Provenance {
    provider: ProviderName,
    method: VerificationMethod,
    verified_at: Option<Moment>,
    read_at: Moment,
    until: Option<Date>,
    origin: Origin,
}

impl Provenance {
    /// For the conversions in the providers' modules only: the caller has read in the provider's response that the
    /// method was applied, and that it succeeded.
    pub(crate) fn new(provider: ProviderId, method: VerificationMethod, read_at: SystemTime) -> Self {
        Self {
            provider: provider.into(),
            method,
            verified_at: None,
            read_at: Moment::of(read_at),
            until: None,
            origin: Origin::Observed,
        }
    }

    /// Creates the provenance of a value that was stated and not checked.
    pub(crate) fn self_asserted(source: ProviderId, read_at: SystemTime) -> Self {
        Self::new(source, VerificationMethod::SelfAsserted, read_at)
    }

    /// Creates the provenance of a record, which is never observed.
    pub(super) fn recorded(
        provider: ProviderName,
        method: VerificationMethod,
        (verified_at, read_at): (Option<Moment>, Moment),
        until: Option<Date>,
    ) -> Self {
        Self { provider, method, verified_at, read_at, until, origin: Origin::Recorded }
    }

    /// The same, with the moment of the check.
    pub(crate) fn checked_at(self, time: SystemTime) -> Self {
        Self { verified_at: Some(Moment::of(time)), ..self }
    }

    /// The same, with the last day on which it holds.
    pub(crate) fn valid_until(self, until: Option<Date>) -> Self {
        Self { until, ..self }
    }

    /// The same, as it will be when it was written down and read back.
    pub(super) fn into_recorded(self) -> Self {
        Self { origin: Origin::Recorded, ..self }
    }

    /// Returns the source. For [your own data](Attribute::self_asserted), the name that you gave.
    pub fn provider(&self) -> &ProviderName {
        &self.provider
    }

    /// Returns the method of the check.
    pub fn method(&self) -> VerificationMethod {
        self.method
    }

    /// Returns when the provider checked it; `None` when the provider does not state it.
    pub fn verified_at(&self) -> Option<SystemTime> {
        self.verified_at.map(Moment::time)
    }

    /// Returns when the response was read.
    pub fn read_at(&self) -> SystemTime {
        self.read_at.time()
    }

    /// Returns the last day on which it holds, such as a document's expiry; `None` when no end is known.
    pub fn until(&self) -> Option<Date> {
        self.until
    }

    /// Returns whether it comes from a response or a record.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether it proves something: it was [observed](Origin::Observed), by a method that
    /// [proves](VerificationMethod::proves). It does not look at [`until`](Self::until): see
    /// [`is_verified_on`](Self::is_verified_on).
    pub fn is_verified(&self) -> bool {
        self.origin == Origin::Observed && self.method.proves()
    }

    /// [`is_verified`](Self::is_verified), and the day is not behind [`until`](Self::until).
    pub fn is_verified_on(&self, day: Date) -> bool {
        self.is_verified() && self.until.is_none_or(|until| day <= until)
    }

    pub(super) fn moments(&self) -> (Option<Moment>, Moment) {
        (self.verified_at, self.read_at)
    }
}

crate::privacy::redacted_debug!(Provenance { provider, method, origin, .. });

/// A value with its provenance.
///
/// A verified value comes only from a conversion: a provenance cannot be put on another value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute<T> {
    value: T,
    provenance: Provenance,
}

impl<T> Attribute<T> {
    pub(crate) fn new(value: T, provenance: Provenance) -> Self {
        Self { value, provenance }
    }

    /// Creates a value that was stated and not checked, such as a field of your own form. `source` is a name that you
    /// choose.
    ///
    /// ```
    /// use kyckit::{
    ///     identity::{Attribute, Name},
    ///     provider::ProviderId,
    /// };
    ///
    /// let mut name = Name::default();
    /// name.full = Some("Jane Roe".into());
    /// let typed = Attribute::self_asserted(
    ///     name,
    ///     ProviderId::new("sign-up"),
    ///     std::time::SystemTime::UNIX_EPOCH,
    /// );
    /// assert!(!typed.is_verified());
    /// ```
    pub fn self_asserted(value: T, source: ProviderId, read_at: SystemTime) -> Self {
        Self::new(value, Provenance::self_asserted(source, read_at))
    }

    /// Returns the value.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Returns the provenance.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Whether it was verified: see [`Provenance::is_verified`].
    pub fn is_verified(&self) -> bool {
        self.provenance.is_verified()
    }

    pub(super) fn into_recorded(self) -> Self {
        Self { provenance: self.provenance.into_recorded(), ..self }
    }
}
