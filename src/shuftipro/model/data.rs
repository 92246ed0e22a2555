//! `verification_data`: what was read from the proofs and verified.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{
    AddressType, AmlData, ConsentType, DocumentType, Extra, Gender, QuestionnairePart, RiskAssessment,
};
use crate::{date::Date, privacy::Pii, wire};

/// What was read from the proofs and verified, by service.
///
/// A service is there when its key was in the answer, and holds what was asked for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct VerificationData {
    /// The identity document.
    #[serde(deserialize_with = "wire::present")]
    pub document: Option<DocumentData>,
    /// The second identity document.
    #[serde(deserialize_with = "wire::present")]
    pub document_two: Option<DocumentData>,
    /// The face.
    #[serde(deserialize_with = "wire::present")]
    pub face: Option<FaceData>,
    /// The proof of address.
    #[serde(deserialize_with = "wire::present")]
    pub address: Option<AddressData>,
    /// The note of consent.
    #[serde(deserialize_with = "wire::present")]
    pub consent: Option<ConsentData>,
    /// The screening of the person.
    #[serde(deserialize_with = "wire::present")]
    pub background_checks: Option<BackgroundChecksData>,
    /// The screening of the business.
    #[serde(deserialize_with = "wire::present")]
    pub aml_for_businesses: Option<BackgroundChecksData>,
    /// The electronic identity verification.
    #[serde(deserialize_with = "wire::present")]
    pub ekyc: Option<EkycData>,
    /// The company's record. Its keys are open and change, so it stays JSON.
    #[serde(deserialize_with = "there")]
    pub kyb: Option<Pii<Value>>,
    /// The risk assessment.
    #[serde(deserialize_with = "wire::present")]
    pub risk_assessment: Option<RiskAssessment>,
    /// The questionnaire, where it is a service of its own.
    #[serde(deserialize_with = "parts")]
    pub questionnaire: Option<Vec<QuestionnairePart>>,
    /// Services that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl VerificationData {
    /// The services that the answer has data of, by their keys, in no particular order.
    pub fn services(&self) -> Vec<&str> {
        let known = [
            ("document", self.document.is_some()),
            ("document_two", self.document_two.is_some()),
            ("face", self.face.is_some()),
            ("address", self.address.is_some()),
            ("consent", self.consent.is_some()),
            ("background_checks", self.background_checks.is_some()),
            ("aml_for_businesses", self.aml_for_businesses.is_some()),
            ("ekyc", self.ekyc.is_some()),
            ("kyb", self.kyb.is_some()),
            ("risk_assessment", self.risk_assessment.is_some()),
            ("questionnaire", self.questionnaire.is_some()),
        ];
        let known = known.into_iter().filter_map(|(service, there)| there.then_some(service));
        known.chain(self.extra.expose().keys().map(String::as_str)).collect()
    }
}

fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pii<Value>>, D::Error> {
    Value::deserialize(deserializer).map(|value| Some(Pii::new(value)))
}

fn parts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<QuestionnairePart>>, D::Error> {
    wire::list(deserializer).map(Some)
}

/// A name as a document states it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NameData {
    /// Given name.
    #[serde(deserialize_with = "wire::text")]
    pub first_name: Option<Pii<String>>,
    /// Middle name.
    #[serde(deserialize_with = "wire::text")]
    pub middle_name: Option<Pii<String>>,
    /// Family name.
    #[serde(deserialize_with = "wire::text")]
    pub last_name: Option<Pii<String>>,
    /// The name in one piece.
    #[serde(deserialize_with = "wire::text")]
    pub full_name: Option<Pii<String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An identity document.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DocumentData {
    /// The name. Without any member when the document's name was not asked for.
    #[serde(deserialize_with = "wire::object")]
    pub name: NameData,
    /// The birth date, `yyyy-mm-dd`; see [`date_of_birth`](Self::date_of_birth).
    #[serde(deserialize_with = "wire::text")]
    pub dob: Option<Pii<String>>,
    /// The age in years.
    #[serde(deserialize_with = "wire::whole")]
    pub age: Option<Pii<u32>>,
    /// The day of issue, `yyyy-mm-dd`.
    #[serde(deserialize_with = "wire::text")]
    pub issue_date: Option<Pii<String>>,
    /// The last day of validity, `yyyy-mm-dd`.
    #[serde(deserialize_with = "wire::text")]
    pub expiry_date: Option<Pii<String>>,
    /// The document's number.
    #[serde(deserialize_with = "wire::text")]
    pub document_number: Option<Pii<String>>,
    /// The issuing country, ISO 3166-1 alpha-2; other words have been seen.
    #[serde(deserialize_with = "wire::text")]
    pub country: Option<Pii<String>>,
    /// The nationality.
    #[serde(deserialize_with = "wire::text")]
    pub nationality: Option<Pii<String>>,
    /// The gender.
    #[serde(deserialize_with = "wire::personal")]
    pub gender: Option<Pii<Gender>>,
    /// The address on the document.
    #[serde(deserialize_with = "wire::text")]
    pub full_address: Option<Pii<String>>,
    /// How surely the face is the one on the document, 0 to 100.
    #[serde(deserialize_with = "wire::number")]
    pub face_match_confidence: Option<f64>,
    /// What the document is; empty when nothing was chosen. A list, although one type is chosen.
    #[serde(rename = "selected_type", deserialize_with = "wire::texts")]
    pub selected_types: Vec<DocumentType>,
    /// What was allowed.
    #[serde(deserialize_with = "wire::texts")]
    pub supported_types: Vec<DocumentType>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl DocumentData {
    /// The birth date, when it is a day of the calendar.
    pub fn date_of_birth(&self) -> Option<Pii<Date>> {
        day(self.dob.as_ref())
    }

    /// The last day of validity, when it is a day of the calendar.
    pub fn date_of_expiry(&self) -> Option<Pii<Date>> {
        day(self.expiry_date.as_ref())
    }
}

fn day(text: Option<&Pii<String>>) -> Option<Pii<Date>> {
    text?.expose().parse().ok().map(Pii::new)
}

/// The face.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct FaceData {
    /// Whether the face was found in your earlier requests, where that was asked for.
    #[serde(deserialize_with = "wire::flag")]
    pub duplicate_account_detected: Option<bool>,
    /// Keys that this version does not know, the estimated age range among them.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A proof of address.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AddressData {
    /// The name on the document.
    #[serde(deserialize_with = "wire::object")]
    pub name: NameData,
    /// The address; it may hold line breaks.
    #[serde(deserialize_with = "wire::text")]
    pub full_address: Option<Pii<String>>,
    /// The country, ISO 3166-1 alpha-2; other words have been seen.
    #[serde(deserialize_with = "wire::text")]
    pub country: Option<Pii<String>>,
    /// The day of issue, `yyyy-mm-dd`.
    #[serde(deserialize_with = "wire::text")]
    pub issue_date: Option<Pii<String>>,
    /// The document's number.
    #[serde(deserialize_with = "wire::text")]
    pub document_number: Option<Pii<String>>,
    /// What the document is; empty when nothing was chosen.
    #[serde(rename = "selected_type", deserialize_with = "wire::texts")]
    pub selected_types: Vec<AddressType>,
    /// What was allowed.
    #[serde(deserialize_with = "wire::texts")]
    pub supported_types: Vec<AddressType>,
    /// The address in parts, with enhanced verification.
    #[serde(deserialize_with = "wire::object")]
    pub address_decomposition: AddressDecomposition,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An address in parts.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AddressDecomposition {
    /// Town.
    #[serde(deserialize_with = "wire::text")]
    pub locality: Option<Pii<String>>,
    /// State or province.
    #[serde(deserialize_with = "wire::text")]
    pub administrative_area: Option<Pii<String>>,
    /// Region's code.
    #[serde(deserialize_with = "wire::text")]
    pub region_code: Option<Pii<String>>,
    /// Country's code.
    #[serde(deserialize_with = "wire::text")]
    pub country_code: Option<Pii<String>>,
    /// The lines above the town.
    #[serde(deserialize_with = "wire::texts")]
    pub address_lines: Vec<Pii<String>>,
    /// Language's code; `language_Code` on the wire.
    #[serde(rename = "language_Code", alias = "language_code", deserialize_with = "wire::text")]
    pub language_code: Option<Pii<String>>,
    /// Postal code; `postal_Code` on the wire.
    #[serde(rename = "postal_Code", alias = "postal_code", deserialize_with = "wire::text")]
    pub postal_code: Option<Pii<String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A note of consent.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ConsentData {
    /// What the note says.
    #[serde(deserialize_with = "wire::text")]
    pub text: Option<Pii<String>>,
    /// How it is written; empty when nothing was chosen.
    #[serde(rename = "selected_type", deserialize_with = "wire::texts")]
    pub selected_types: Vec<ConsentType>,
    /// What was allowed.
    #[serde(deserialize_with = "wire::texts")]
    pub supported_types: Vec<ConsentType>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A screening: who was looked for, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct BackgroundChecksData {
    /// The name that was looked for.
    #[serde(deserialize_with = "wire::object")]
    pub name: NameData,
    /// The birth date that was looked for, `yyyy-mm-dd`.
    #[serde(deserialize_with = "wire::text")]
    pub dob: Option<Pii<String>>,
    /// What was found; `None` when the answer holds no screening or an empty one.
    #[serde(deserialize_with = "wire::filled")]
    pub aml_data: Option<AmlData>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An electronic identity verification.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EkycData {
    /// The person.
    #[serde(deserialize_with = "wire::object")]
    pub personal_details: PersonalDetails,
    /// Ways to reach the person. The keys vary by country, so they stay JSON.
    #[serde(deserialize_with = "wire::map")]
    pub contact_details: BTreeMap<String, Pii<Value>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A person, as a database knows them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PersonalDetails {
    /// Given name.
    #[serde(deserialize_with = "wire::text")]
    pub first_name: Option<Pii<String>>,
    /// Middle name.
    #[serde(deserialize_with = "wire::text")]
    pub middle_name: Option<Pii<String>>,
    /// Family name.
    #[serde(deserialize_with = "wire::text")]
    pub last_name: Option<Pii<String>>,
    /// National identification number.
    #[serde(deserialize_with = "wire::text")]
    pub national_id: Option<Pii<String>>,
    /// Gender.
    #[serde(deserialize_with = "wire::personal")]
    pub gender: Option<Pii<Gender>>,
    /// Birth date, `yyyy-mm-dd`.
    #[serde(deserialize_with = "wire::text")]
    pub dob: Option<Pii<String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}
