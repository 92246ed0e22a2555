//! Provider-neutral values of a person: names, dates, places, documents.
//!
//! Texts are kept as the provider gave them. Nothing is translated, transliterated or guessed; where a provider's word
//! has a plain counterpart, the field says which.

use serde::{Deserialize, Serialize};

use crate::{date::Date, error::Sanitized, privacy::Pii, wire::words::stable_words};

/// A name. A name that the provider does not split is in [`full`](Self::full).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Name {
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Pii<String>>,
    /// Middle name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middle: Option<Pii<String>>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Pii<String>>,
    /// The name in one piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<Pii<String>>,
}

/// The day of birth.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BirthDate(pub Pii<Date>);

/// The place of birth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BirthPlace {
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<Pii<String>>,
    /// State, province or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Pii<String>>,
    /// Country: mostly ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Pii<String>>,
}

/// A nationality: mostly ISO 3166-1 alpha-2. A person can have several.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nationality(pub Pii<String>);

/// A gender: `male`, `female`, `other`, or the provider's word where it is none of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gender(pub Pii<String>);

stable_words! {
    /// Kind of a contact.
    pub enum ContactKind {
        /// A mail address.
        Email = "email",
        /// A phone number.
        Phone = "phone",
    }
}

/// A phone number or mail address of the person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Contact {
    /// The kind.
    pub kind: ContactKind,
    /// The number or address.
    pub value: Pii<String>,
    /// Whether the provider calls it the one to use.
    pub primary: bool,
}

impl Contact {
    /// Creates a contact that is not marked as primary.
    pub fn new(kind: ContactKind, value: impl Into<Pii<String>>) -> Self {
        Self { kind, value: value.into(), primary: false }
    }
}

stable_words! {
    /// Kind of an address.
    pub enum AddressKind {
        /// The permanent address.
        Permanent = "permanent",
        /// The present address.
        Present = "present",
    }
}

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Address {
    /// The kind, where the provider states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AddressKind>,
    /// The address in one piece; it may hold line breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatted: Option<Pii<String>>,
    /// Street and number; several lines are separated by line breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<Pii<String>>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<Pii<String>>,
    /// State, province or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Pii<String>>,
    /// Postal code, with its leading zeros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Pii<String>>,
    /// Country: mostly ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Pii<String>>,
}

/// An identity document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Document {
    /// The kind: `passport`, `id_card`, `driving_license`, `social_security_number`, `national_id`, or the provider's
    /// word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Pii<String>>,
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Pii<String>>,
    /// The country that issued it: mostly ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Pii<String>>,
    /// The day of issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<Pii<Date>>,
    /// The last day of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Pii<Date>>,
}

/// Work and income, in the provider's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Work {
    /// The nature of the work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupation: Option<Pii<String>>,
    /// Free text beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupation_details: Option<Pii<String>>,
    /// Source of income.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income_source: Option<Pii<String>>,
    /// Free text beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income_source_details: Option<Pii<String>>,
}

/// A provider's score of a person's conduct or risk. Scales of two providers are not comparable.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Reputation {
    /// The provider's scale, such as `credo_score`.
    pub scale: String,
    /// The score as a decimal number; a text, so that no digit is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Pii<String>>,
    /// The provider's word for it, such as `good`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Pii<String>>,
}

crate::privacy::redacted_debug!(Reputation { scale: |this| Sanitized(&this.scale), .. });

/// An identifier of the person at a provider or network, such as an account id; not a document number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Identifier {
    /// The kind, such as `customer_id` or `did`.
    pub kind: String,
    /// The identifier. It is a text: leading zeros count.
    pub value: Pii<String>,
}

impl Identifier {
    /// Creates an identifier of a kind.
    pub fn new(kind: impl Into<String>, value: impl Into<Pii<String>>) -> Self {
        Self { kind: kind.into(), value: value.into() }
    }
}

crate::privacy::redacted_debug!(Identifier { kind: |this| Sanitized(&this.kind), .. });
