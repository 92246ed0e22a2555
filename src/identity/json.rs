//! The JSON form of an identity and of a decision.
//!
//! # Version 1
//!
//! ```json
//! {
//!   "form": "kyckit.identity",
//!   "version": 1,
//!   "names": [{
//!     "value": {"given": "Jane", "family": "Roe"},
//!     "provenance": {
//!       "provider": "example",
//!       "method": "document_checked",
//!       "verified_at": "2026-11-25T16:40:00Z",
//!       "read_at": "2026-11-25T16:44:05Z",
//!       "until": "2031-05-01"
//!     }
//!   }],
//!   "birth_dates": [{"value": "1990-10-31", "provenance": {}}],
//!   "assurance": [{"provider": "example", "method": "liveness", "read_at": "2026-11-25T16:44:05Z"}]
//! }
//! ```
//!
//! | member | value |
//! | --- | --- |
//! | `names` | `given`, `middle`, `family`, `full` |
//! | `birth_dates`, `nationalities`, `genders` | a text |
//! | `birth_places` | `locality`, `region`, `country` |
//! | `contacts` | `kind` (`email`, `phone`), `value`, `primary` |
//! | `addresses` | `kind` (`permanent`, `present`), `formatted`, `street`, `locality`, `region`, `postal_code`, `country` |
//! | `documents` | `kind`, `number`, `country`, `issued`, `expires` |
//! | `work` | `occupation`, `occupation_details`, `income_source`, `income_source_details` |
//! | `reputation` | `scale`, `score` (a decimal number as text), `grade` |
//! | `identifiers` | `kind`, `value` |
//! | `assurance` | findings: provenances alone |
//!
//! Days are `yyyy-mm-dd`, moments are RFC 3339 in UTC, words are those of [`VerificationMethod`]. What is not known is
//! left out: an empty list, `verified_at`, `until`, every member of a value but `kind`, `value`, `primary` and `scale`.
//! A member that is not in this table is refused, so that nothing is lost without notice; a change of the table is a
//! new version.
//!
//! A decision is `{"form": "kyckit.decision", "version": 1, "outcome", "provider", "at", "reasons", "codes"}`.
//!
//! # A record proves nothing
//!
//! JSON is not authenticated: whether a record is genuine depends on its store, which this crate cannot judge. So an
//! identity that is read back is a [`Recorded`], and every value and finding in it has the
//! [origin](super::Origin::Recorded) of a record: `is_verified` is false, `proves` is false, and nothing turns it back.
//! The form has no member for the origin. A decision that is read back is a [`RecordedDecision`], which is no
//! [`Decision`].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::{
    assurance::Assurance,
    decision::{Decision, Outcome, RecordedDecision},
    moment::Moment,
    person::{Identity, sorted},
    provenance::{Attribute, Provenance, ProviderName, VerificationMethod},
    reason::Reason,
    values::{
        Address, BirthDate, BirthPlace, Contact, Document, Gender, Identifier, Name, Nationality, Reputation,
        Work,
    },
};
use crate::{
    date::Date,
    error::{Error, ErrorKind},
    privacy::Pii,
    wire,
};

/// The version that this crate writes and reads.
pub const VERSION: u64 = 1;

const IDENTITY: &str = "kyckit.identity";
const DECISION: &str = "kyckit.decision";

/// The maximum size of a text, in bytes.
const MAX_LEN: usize = 1024 * 1024;

/// An identity read from a record of your store.
///
/// Nothing in it counts as verified: see [the module](self).
///
/// ```
/// use kyckit::identity::{Identity, Recorded};
///
/// let text = Identity::new().to_json();
/// let recorded = Recorded::from_json(text.expose().as_bytes())?;
/// assert!(recorded.identity().is_empty());
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded(Identity);

impl Recorded {
    /// Reads the JSON form.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode): with the [check](Error::check) `identity.form` when it is no identity,
    /// `identity.version` when it has another version than [`VERSION`], and with the [path](Error::path) when a member
    /// is unknown, missing or of another kind. [`TooLarge`](ErrorKind::TooLarge) above 1 MiB.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let form: IdentityForm = read(json, IDENTITY)?;
        Ok(Self(form.into()))
    }

    /// Returns the identity of the record. Nothing in it counts as verified.
    pub fn identity(&self) -> &Identity {
        &self.0
    }

    /// Returns the identity of the record, such as for merging. Nothing in it counts as verified.
    pub fn into_identity(self) -> Identity {
        self.0
    }
}

impl RecordedDecision {
    /// Reads the JSON form.
    ///
    /// # Errors
    ///
    /// As [`Recorded::from_json`].
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let form: DecisionForm = read(json, DECISION)?;
        let DecisionForm { outcome, provider, at, reasons, codes, .. } = form;
        Ok(Self { outcome, provider, at, reasons, codes })
    }
}

impl Identity {
    /// Writes the [JSON form](super::json).
    pub fn to_json(&self) -> Pii<String> {
        Pii::new(written(self))
    }
}

impl Decision {
    /// Writes the [JSON form](super::json). It holds nothing personal but the time.
    pub fn to_json(&self) -> String {
        written(self)
    }
}

fn written<T: Serialize>(value: &T) -> String {
    #[allow(clippy::expect_used)]
    serde_json::to_string(value).expect("its keys are texts and its moments are in range")
}

fn read<T: for<'de> Deserialize<'de>>(json: &[u8], form: &'static str) -> Result<T, Error> {
    if json.len() > MAX_LEN {
        return Err(Error::new(ErrorKind::TooLarge, "the JSON form has at most 1 MiB"));
    }
    let value: Value = wire::json::from_slice(json)
        .map_err(|_| Error::new(ErrorKind::Decode, "the JSON form is no JSON").with_check("identity.form"))?;
    match fault(&value, form) {
        None => serde_path_to_error::deserialize(value).map_err(|error| {
            Error::new(ErrorKind::Decode, "a member is unknown, missing or of another kind")
                .with_path(error.path().to_string())
        }),
        Some(Fault::Form) => {
            Err(Error::new(ErrorKind::Decode, "it is another form").with_check("identity.form"))
        }
        Some(Fault::Version) => {
            Err(Error::new(ErrorKind::Decode, "another version wrote it").with_check("identity.version"))
        }
    }
}

enum Fault {
    Form,
    Version,
}

fn fault(value: &Value, form: &str) -> Option<Fault> {
    if value.get("form").and_then(Value::as_str) != Some(form) {
        Some(Fault::Form)
    } else if value.get("version").and_then(Value::as_u64) != Some(VERSION) {
        Some(Fault::Version)
    } else {
        None
    }
}

impl Serialize for Identity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn form<T: Clone>(list: &[Attribute<T>]) -> Vec<AttributeForm<T>> {
            list.iter().map(AttributeForm::of).collect()
        }
        IdentityForm {
            form: IDENTITY.to_owned(),
            version: VERSION,
            names: form(&self.names),
            birth_dates: form(&self.birth_dates),
            birth_places: form(&self.birth_places),
            nationalities: form(&self.nationalities),
            genders: form(&self.genders),
            contacts: form(&self.contacts),
            addresses: form(&self.addresses),
            documents: form(&self.documents),
            work: form(&self.work),
            reputation: form(&self.reputation),
            identifiers: form(&self.identifiers),
            assurance: self.assurance.findings().iter().map(ProvenanceForm::of).collect(),
        }
        .serialize(serializer)
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        DecisionForm {
            form: DECISION.to_owned(),
            version: VERSION,
            outcome: self.outcome(),
            provider: self.provider().clone(),
            at: self.moment(),
            reasons: self.reasons().to_vec(),
            codes: self.codes().to_vec(),
        }
        .serialize(serializer)
    }
}

/// Reads the versioned form, as where a record stands inside of one of yours.
impl<'de> Deserialize<'de> for Recorded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form: IdentityForm = embedded(deserializer, IDENTITY)?;
        Ok(Self(form.into()))
    }
}

/// Reads the versioned form, as where a record stands inside of one of yours.
impl<'de> Deserialize<'de> for RecordedDecision {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let DecisionForm { outcome, provider, at, reasons, codes, .. } = embedded(deserializer, DECISION)?;
        Ok(Self { outcome, provider, at, reasons, codes })
    }
}

fn embedded<'de, D, T>(deserializer: D, form: &'static str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: for<'any> Deserialize<'any>,
{
    let value = Value::deserialize(deserializer)?;
    match fault(&value, form) {
        // The text of the cause may quote a value.
        None => T::deserialize(value).map_err(|_| de::Error::custom(Refused(form, "does not fit"))),
        Some(Fault::Form) => Err(de::Error::custom(Refused(form, "is another form"))),
        Some(Fault::Version) => Err(de::Error::custom(Refused(form, "has another version"))),
    }
}

struct Refused(&'static str, &'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "what should be `{}` {}", self.0, self.1)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityForm {
    form: String,
    version: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<AttributeForm<Name>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    birth_dates: Vec<AttributeForm<BirthDate>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    birth_places: Vec<AttributeForm<BirthPlace>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    nationalities: Vec<AttributeForm<Nationality>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    genders: Vec<AttributeForm<Gender>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    contacts: Vec<AttributeForm<Contact>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<AttributeForm<Address>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    documents: Vec<AttributeForm<Document>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    work: Vec<AttributeForm<Work>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reputation: Vec<AttributeForm<Reputation>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    identifiers: Vec<AttributeForm<Identifier>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    assurance: Vec<ProvenanceForm>,
}

impl From<IdentityForm> for Identity {
    fn from(form: IdentityForm) -> Self {
        fn list<T: Ord>(list: Vec<AttributeForm<T>>) -> Vec<Attribute<T>> {
            sorted(list.into_iter().map(AttributeForm::recorded).collect())
        }
        Self {
            names: list(form.names),
            birth_dates: list(form.birth_dates),
            birth_places: list(form.birth_places),
            nationalities: list(form.nationalities),
            genders: list(form.genders),
            contacts: list(form.contacts),
            addresses: list(form.addresses),
            documents: list(form.documents),
            work: list(form.work),
            reputation: list(form.reputation),
            identifiers: list(form.identifiers),
            assurance: Assurance::collect(form.assurance.into_iter().map(ProvenanceForm::recorded)),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeForm<T> {
    value: T,
    provenance: ProvenanceForm,
}

impl<T: Clone> AttributeForm<T> {
    fn of(attribute: &Attribute<T>) -> Self {
        Self { value: attribute.value().clone(), provenance: ProvenanceForm::of(attribute.provenance()) }
    }
}

impl<T> AttributeForm<T> {
    fn recorded(self) -> Attribute<T> {
        Attribute::new(self.value, self.provenance.recorded())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvenanceForm {
    provider: ProviderName,
    method: VerificationMethod,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verified_at: Option<Moment>,
    read_at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
}

impl ProvenanceForm {
    fn of(provenance: &Provenance) -> Self {
        let (verified_at, read_at) = provenance.moments();
        Self {
            provider: provenance.provider().clone(),
            method: provenance.method(),
            verified_at,
            read_at,
            until: provenance.until(),
        }
    }

    fn recorded(self) -> Provenance {
        Provenance::recorded(self.provider, self.method, (self.verified_at, self.read_at), self.until)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionForm {
    form: String,
    version: u64,
    outcome: Outcome,
    provider: ProviderName,
    at: Moment,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    codes: Vec<String>,
}
