//! The provider's words. Every list is open: an unlisted word is kept, compared by case, and never an error.

use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::{error::Sanitized, wire::open_enum};

open_enum! {
    /// Whether the customer's Maya account is verified: `kycStatus`. Only [`Kyc1`](Self::Kyc1) means that it is.
    pub enum KycStatus {
        /// An unverified account:
        Kyc0 = "KYC0",
        /// A verified account:
        Kyc1 = "KYC1",
    }
}

impl KycStatus {
    /// True for exactly `KYC1`.
    pub fn is_verified(&self) -> bool {
        *self == Self::Kyc1
    }
}

open_enum! {
    /// What kind of contact it is: `contact[].type`.
    pub enum ContactType {
        /// A mail address:
        Email = "EMAIL",
        /// A mobile number:
        Msisdn = "MSISDN",
    }
}

open_enum! {
    /// What the contact is for: `contact[].subtype`. The provider advises to use the primary one only.
    pub enum ContactSubtype {
        /// The one to use:
        Primary = "PRIMARY",
        /// For the recovery of the account:
        Recovery = "RECOVERY",
    }
}

open_enum! {
    /// Which address it is: `address[].type`.
    pub enum AddressType {
        /// Where the customer lives for good:
        Permanent = "PERMANENT",
        /// Where the customer lives now:
        Present = "PRESENT",
    }
}

/// What Maya found when it checked a part of the profile: `verificationStatus`. Absent and `null` mean: not stated.
///
/// The provider's tables say `PASS`, its sample says `PASSED`; both are read as passed, by case.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationStatus {
    /// `FAILED`
    Failed,
    /// `PASS` or `PASSED`
    Passed,
    /// A value that this version of the crate does not list, as it came. It does not count as passed.
    Other(String),
}

impl VerificationStatus {
    /// True for `PASS` and `PASSED` alone.
    pub fn is_passed(&self) -> bool {
        *self == Self::Passed
    }
}

impl From<String> for VerificationStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "FAILED" => Self::Failed,
            "PASS" | "PASSED" => Self::Passed,
            _ => Self::Other(word),
        }
    }
}

impl fmt::Debug for VerificationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed => f.write_str("Failed"),
            Self::Passed => f.write_str("Passed"),
            Self::Other(word) => f.debug_tuple("Other").field(&Sanitized(word)).finish(),
        }
    }
}

impl<'de> Deserialize<'de> for VerificationStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}
