//! A person or an organisation as it is created. The provider has deprecated this.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::IdentityDocumentType;
use crate::privacy::{Pii, Secret};

/// Who is to be created. A name, a mail address and a telephone number are needed.
///
/// ```
/// use kyckit::credify::model::{EntityName, EntityProfile};
///
/// let profile = EntityProfile::new()
///     .name(EntityName::new("Jane", "Roe"))
///     .email("jane.roe@example.com")
///     .phone("+84", "38123456789")
///     .date_of_birth("1991-12-25");
/// ```
///
/// Source: the provider's Node SDK 1.22.6.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
#[must_use = "a profile does nothing until it is sent"]
pub struct EntityProfile {
    /// The name in Latin letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<EntityName>,
    /// The name as it is written at home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_name: Option<EntityName>,
    /// Mail addresses.
    #[serde(default)]
    pub emails: Vec<EmailAddress>,
    /// Telephone numbers.
    #[serde(default)]
    pub phones: Vec<PhoneNumber>,
    /// The date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dob: Option<DateOfBirth>,
    /// The postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The nationality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nationality: Option<Nationality>,
    /// A paper of the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub giid: Option<GovernmentId>,
    /// Members that have no field here.
    #[serde(flatten)]
    pub extra: Pii<BTreeMap<String, Value>>,
}

/// A name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct EntityName {
    /// First name.
    #[serde(default)]
    pub first_name: Pii<String>,
    /// Last name.
    #[serde(default)]
    pub last_name: Pii<String>,
}

/// A mail address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct EmailAddress {
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Pii<String>>,
}

/// A telephone number.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct PhoneNumber {
    /// The number without the country's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<Pii<String>>,
    /// The country's code, such as `+84`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
}

/// A date of birth.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct DateOfBirth {
    /// `yyyy-mm-dd`
    #[serde(default)]
    pub date: Pii<String>,
}

/// A postal address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Address {
    /// Post code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Pii<String>>,
    /// Country, three letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Pii<String>>,
    /// Province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<Pii<String>>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<Pii<String>>,
    /// The rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_line: Option<Pii<String>>,
}

/// A nationality.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Nationality {
    /// Country, three letters.
    #[serde(default)]
    pub country: Pii<String>,
}

/// A paper of the state that names a person.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct GovernmentId {
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Pii<String>>,
    /// The country it is of, three letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Pii<String>>,
    /// The day it was issued, `yyyy-mm-dd`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<Pii<String>>,
    /// The day it expires, `yyyy-mm-dd`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_date: Option<Pii<String>>,
    /// Its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub giid_type: Option<IdentityDocumentType>,
}

/// Keys for an entity, as texts that the provider keeps: public keys in PEM, secrets in PEM under a password.
#[derive(Clone)]
#[non_exhaustive]
pub struct EntityKeys {
    /// The Ed25519 public key.
    pub signing_public_key: String,
    /// The Ed25519 private key, protected.
    pub signing_secret: Secret,
    /// The RSA public key.
    pub encryption_public_key: String,
    /// The RSA private key, protected.
    pub encryption_secret: Secret,
}

impl EntityKeys {
    /// Keys that were made elsewhere; nothing of them is checked.
    pub fn new(
        signing_public_key: impl Into<String>,
        signing_secret: impl Into<Secret>,
        encryption_public_key: impl Into<String>,
        encryption_secret: impl Into<Secret>,
    ) -> Self {
        Self {
            signing_public_key: signing_public_key.into(),
            signing_secret: signing_secret.into(),
            encryption_public_key: encryption_public_key.into(),
            encryption_secret: encryption_secret.into(),
        }
    }
}

crate::privacy::redacted_debug!(EntityKeys);

impl EntityProfile {
    /// No data yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name in Latin letters.
    pub fn name(mut self, name: EntityName) -> Self {
        self.name = Some(name);
        self
    }

    /// The name as it is written at home.
    pub fn local_name(mut self, name: EntityName) -> Self {
        self.local_name = Some(name);
        self
    }

    /// Adds a mail address.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.emails.push(EmailAddress { email: Some(Pii::new(email.into())) });
        self
    }

    /// Adds a telephone number by the country's code and the rest.
    pub fn phone(mut self, country_code: impl Into<String>, number: impl Into<String>) -> Self {
        self.phones.push(PhoneNumber {
            phone_number: Some(Pii::new(number.into())),
            country_code: Some(country_code.into()),
        });
        self
    }

    /// The date of birth: `yyyy-mm-dd`.
    pub fn date_of_birth(mut self, date: impl Into<String>) -> Self {
        self.dob = Some(DateOfBirth { date: Pii::new(date.into()) });
        self
    }
}

impl EntityName {
    /// A name by its two parts.
    pub fn new(first_name: impl Into<String>, last_name: impl Into<String>) -> Self {
        Self { first_name: Pii::new(first_name.into()), last_name: Pii::new(last_name.into()) }
    }
}
