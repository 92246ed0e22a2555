//! The provider's checks of a request: what is refused before anything is created.
//!
//! Stricter than the provider in one point: flags must be the documented strings `"0"` and `"1"`, although it is known
//! to take the numbers as well, so that a client that sends others is found out here.
//!
//! Sources: contract sections 3 and 5. The texts are Laravel's, which the documented ones are too.

use serde_json::{Map, Value};
use url::Url;

use super::{services, upload::Upload};

/// Why a request is refused: the `error` object of section 11.2.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) service: String,
    pub(super) key: String,
    pub(super) message: Value,
}

/// The outcome of a check.
pub(super) type Check<T = ()> = Result<T, Refusal>;

pub(super) fn refuse<T>(service: &str, key: &str, message: impl Into<Value>) -> Check<T> {
    Err(Refusal { service: service.to_owned(), key: key.to_owned(), message: message.into() })
}

/// One object of the request, and the service it belongs to; the general fields belong to `""`.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) service: &'a str,
    pub(super) map: &'a Map<String, Value>,
    /// `yyyy-mm-dd`, which sorts like the days do.
    pub(super) today: &'a str,
}

impl<'a> Fields<'a> {
    /// The value, unless it is absent, null or one of the empty forms that ask for reading (3.1).
    pub(super) fn given(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !is_empty(value))
    }

    fn refuse<T>(&self, key: &str, message: impl Into<Value>) -> Check<T> {
        refuse(self.service, key, message)
    }

    pub(super) fn required(&self, key: &str) -> Check {
        match self.given(key) {
            Some(_) => Ok(()),
            None => self.refuse(key, format!("The {} field is required.", words(key))),
        }
    }

    /// A text within these bounds, in characters.
    pub(super) fn text(&self, key: &str, least: usize, most: usize) -> Check<Option<&'a str>> {
        let Some(value) = self.given(key) else { return Ok(None) };
        let name = words(key);
        let Some(text) = value.as_str() else {
            return self.refuse(key, format!("The {name} must be a string."));
        };
        match text.chars().count() {
            length if length < least => {
                self.refuse(key, format!("The {name} must be at least {least} characters."))
            }
            length if length > most => {
                self.refuse(key, format!("The {name} may not be greater than {most} characters."))
            }
            _ => Ok(Some(text)),
        }
    }

    pub(super) fn flags(&self, keys: &[&str]) -> Check {
        for key in keys {
            if let Some(value) = self.given(key)
                && !matches!(value.as_str(), Some("0" | "1"))
            {
                return self.refuse(key, format!("The {} must be \"0\" or \"1\".", words(key)));
            }
        }
        Ok(())
    }

    pub(super) fn one_of(&self, key: &str, allowed: &[&str]) -> Check {
        match self.given(key) {
            Some(value) if !value.as_str().is_some_and(|text| allowed.contains(&text)) => self.invalid(key),
            _ => Ok(()),
        }
    }

    /// A list of texts; `None` allows all.
    pub(super) fn list(&self, key: &str, allowed: Option<&[&str]>) -> Check<Vec<&'a str>> {
        let Some(value) = self.given(key) else { return Ok(Vec::new()) };
        let Some(list) = value.as_array() else {
            return self.refuse(key, format!("The {} must be an array.", words(key)));
        };
        let mut texts = Vec::new();
        for member in list {
            match member.as_str() {
                Some(text) if allowed.is_none_or(|allowed| allowed.contains(&text)) => texts.push(text),
                _ => return self.invalid(key),
            }
        }
        Ok(texts)
    }

    pub(super) fn date(&self, key: &str, side: Side) -> Check {
        let Some(value) = self.given(key) else { return Ok(()) };
        let Some(date) = value.as_str().filter(|text| is_date(text)) else {
            return self.refuse(key, format!("The {key} does not match the format Y-m-d."));
        };
        match side {
            Side::Past if date >= self.today => {
                self.refuse(key, format!("The {} must be a date before today.", words(key)))
            }
            Side::Future if date <= self.today => {
                self.refuse(key, format!("The {} must be a date after today.", words(key)))
            }
            _ => Ok(()),
        }
    }

    fn two_letters(&self, key: &str) -> Check {
        match self.given(key) {
            Some(value)
                if !value.as_str().is_some_and(|text| {
                    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
                }) =>
            {
                self.invalid(key)
            }
            _ => Ok(()),
        }
    }

    fn object(&self, key: &str) -> Check<Option<Fields<'a>>> {
        match self.given(key) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Fields { map, ..*self })),
            Some(_) => self.refuse(key, format!("The {} must be an object.", words(key))),
        }
    }

    fn age(&self) -> Check {
        let whole = |value: &Value| value.is_u64();
        match self.given("age") {
            Some(Value::Object(range))
                if !["min", "max"].iter().all(|key| range.get(*key).is_some_and(whole)) =>
            {
                self.invalid("age")
            }
            Some(Value::Object(_)) | None => Ok(()),
            Some(value) if whole(value) => Ok(()),
            Some(_) => self.refuse("age", "The age must be an integer."),
        }
    }

    /// The name object of 5.1.
    fn name(&self) -> Check {
        let Some(name) = self.object("name")? else { return Ok(()) };
        for key in ["first_name", "middle_name", "last_name"] {
            name.text(key, 1, 32)?;
        }
        name.text("full_name", 1, 100)?;
        if name.given("full_name").is_none() {
            name.required("first_name")?;
        }
        name.one_of("fuzzy_match", &["1"])
    }

    fn uuids(&self) -> Check {
        self.required("uuid")?;
        match self.list("uuid", None)?.len() {
            1..=5 => self.one_of("questionnaire_type", &["pre_kyc", "post_kyc"]),
            _ => self.refuse("uuid", "The uuid may not have more than 5 items."),
        }
    }

    /// `proof` and `additional_proof` (3.2), taken out as files.
    fn proofs(&self, types: &[&str], uploads: &mut Vec<Upload>) -> Check {
        for kind in ["proof", "additional_proof"] {
            let Some(value) = self.given(kind) else { continue };
            let file = value.as_str().map_or(Err("The proof must be a string."), Upload::decode);
            match file {
                Ok((media_type, bytes)) => {
                    uploads.push(Upload { service: self.service.to_owned(), kind, media_type, bytes })
                }
                Err(message) => return self.refuse(kind, message),
            }
        }
        let offsite = self.given("proof").is_some();
        if offsite && types.len() > 1 {
            return self.refuse("supported_types", "The supported types may not have more than 1 items.");
        }
        Ok(())
    }

    fn invalid<T>(&self, key: &str) -> Check<T> {
        self.refuse(key, format!("The selected {} is invalid.", words(key)))
    }
}

/// On which side of today a date has to be.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Past,
    Future,
}

/// True for the forms that ask for reading, and for null.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn words(key: &str) -> String {
    key.replace('_', " ")
}

/// A day of the calendar as `yyyy-mm-dd`.
fn is_date(text: &str) -> bool {
    time::Date::parse(text, time::macros::format_description!("[year]-[month]-[day]")).is_ok()
}

const MODES: &[&str] = &["any", "image_only", "video_only"];
const DOCUMENT_TYPES: &[&str] = &["passport", "id_card", "driving_license", "credit_or_debit_card"];
const CONSENT_TYPES: &[&str] = &["handwritten", "printed"];
/// Section 13.3.
const ADDRESS_TYPES: &[&str] = &[
    "id_card",
    "passport",
    "driving_license",
    "utility_bill",
    "bank_statement",
    "rent_agreement",
    "employer_letter",
    "insurance_agreement",
    "tax_bill",
    "envelope",
    "cpr_smart_card_reader_copy",
    "property_tax",
    "lease_agreement",
    "insurance_card",
    "permanent_residence_permit",
    "credit_card_statement",
    "insurance_policy",
    "e_commerce_receipt",
    "bank_letter_receipt",
    "birth_certificate",
    "salary_slip",
    "any",
];

/// Longest `ttl`, 30 days in minutes (INFERRED).
const MAX_TTL: u64 = 43_200;

/// `reference` of any call.
pub(super) fn reference<'a>(fields: &Fields<'a>) -> Check<&'a str> {
    fields.required("reference")?;
    let text = fields.text("reference", 6, 250)?.unwrap_or_default();
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
        Ok(text)
    } else {
        fields.refuse("reference", "The reference may only contain letters, numbers, dashes and dots.")
    }
}

/// The general fields of section 3; `registered` says whether a host is one of the account's.
pub(super) fn general(fields: &Fields<'_>, registered: impl Fn(&Url) -> bool) -> Check {
    fields.two_letters("country")?;
    fields.two_letters("language")?;
    if fields.text("email", 6, 128)?.is_some_and(|email| !email.contains('@')) {
        return fields.refuse("email", "The email must be a valid email address.");
    }
    for key in ["callback_url", "redirect_url"] {
        let Some(text) = fields.text(key, 6, 250)? else { continue };
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let Some(url) = url else {
            return fields.refuse(key, format!("The {} format is invalid.", words(key)));
        };
        if !registered(&url) {
            return fields.refuse(key, format!("The {} domain is not registered.", words(key)));
        }
    }
    fields.one_of("verification_mode", MODES)?;
    fields.flags(&[
        "allow_offline",
        "allow_online",
        "show_consent",
        "show_privacy_policy",
        "show_results",
        "show_feedback_form",
        "manual_review",
        "decline_on_single_step",
        "allow_retry",
        "enhanced_originality_checks",
        "allow_na_ocr_inputs",
        "allow_warnings",
        "fetch_enhanced_data",
    ])?;
    match fields.given("ttl").map(Value::as_u64) {
        None => {}
        Some(Some(1..=MAX_TTL)) => {}
        Some(None) => return fields.refuse("ttl", "The ttl must be an integer."),
        Some(Some(_)) => return fields.refuse("ttl", "The ttl must be between 1 and 43200."),
    }
    fields.text("journey_id", 1, 250)?;
    fields.text("customer_unique_id", 1, 250)?;
    Ok(())
}

/// One service of section 5. Its proofs are taken out into `uploads`.
pub(super) fn service(fields: &Fields<'_>, general: &Fields<'_>, uploads: &mut Vec<Upload>) -> Check {
    fields.one_of("verification_mode", MODES)?;
    fields.flags(&["allow_offline", "allow_online"])?;
    match fields.service {
        services::DOCUMENT | services::DOCUMENT_TWO => document(fields, uploads),
        services::FACE => face(fields, general, uploads),
        services::ADDRESS => address(fields, uploads),
        services::CONSENT => consent(fields, uploads),
        services::PHONE => phone(fields),
        services::BACKGROUND_CHECKS => {
            fields.name()?;
            fields.date("dob", Side::Past)?;
            if fields.given("name").is_none() && !general.map.contains_key(services::DOCUMENT) {
                return fields.refuse("name", "The name field is required.");
            }
            screening(fields)
        }
        services::AML_FOR_BUSINESSES => {
            fields.required("business_name")?;
            fields.text("business_name", 1, 255)?;
            fields.date("business_incorporation_date", Side::Past)?;
            screening(fields)
        }
        services::KYB => kyb(fields),
        services::QUESTIONNAIRE => fields.uuids(),
        services::KYI => {
            general.required("email")?;
            fields.uuids()
        }
        services::EKYC => {
            fields.text("national_id", 1, 100)?;
            fields.object("personal_details").map(drop)
        }
        services::RISK_ASSESSMENT => {
            fields.required("risk_reference")?;
            fields.text("risk_reference", 1, 6)?;
            fields.required("phone_number")?;
            number(fields)
        }
        _ => Ok(()),
    }
}

fn document(fields: &Fields<'_>, uploads: &mut Vec<Upload>) -> Check {
    let types = fields.list("supported_types", Some(DOCUMENT_TYPES))?;
    fields.name()?;
    fields.date("dob", Side::Past)?;
    fields.date("issue_date", Side::Past)?;
    fields.date("expiry_date", Side::Future)?;
    fields.age()?;
    if fields
        .text("document_number", 2, 100)?
        .is_some_and(|text| !text.chars().all(|char| char.is_alphanumeric() || ".- _,".contains(char)))
    {
        return fields.refuse("document_number", "The document number format is invalid.");
    }
    fields.one_of("gender", &["M", "F", "O", "m", "f", "o"])?;
    fields.flags(&["allow_ekyc", "show_ocr_form", "fetch_enhanced_data", "backside_proof_required"])?;
    instructions(fields)?;
    fields.proofs(&types, uploads)
}

fn instructions(fields: &Fields<'_>) -> Check {
    let Some(inner) = fields.object("verification_instructions")? else { return Ok(()) };
    inner.flags(&[
        "allow_paper_based",
        "allow_photocopy",
        "allow_colorcopy",
        "allow_black_and_white",
        "allow_laminated",
        "allow_screenshot",
        "allow_cropped",
        "allow_scanned",
        "allow_e_document",
        "allow_handwritten_document",
    ])
}

fn face(fields: &Fields<'_>, general: &Fields<'_>, uploads: &mut Vec<Upload>) -> Check {
    fields.flags(&["check_duplicate_request"])?;
    fields.age()?;
    fields.one_of("face_authentication", &["enroll", "authenticate"])?;
    if fields.given("face_authentication").is_some() {
        general.required("customer_unique_id")?;
    }
    fields.proofs(&[], uploads)
}

fn address(fields: &Fields<'_>, uploads: &mut Vec<Upload>) -> Check {
    let types = fields.list("supported_types", Some(ADDRESS_TYPES))?;
    fields.text("full_address", 2, 250)?;
    fields.name()?;
    fields.date("issue_date", Side::Past)?;
    fields.flags(&["address_fuzzy_match", "backside_proof_required", "show_ocr_form"])?;
    instructions(fields)?;
    fields.proofs(&types, uploads)
}

fn consent(fields: &Fields<'_>, uploads: &mut Vec<Upload>) -> Check {
    let types = fields.list("supported_types", Some(CONSENT_TYPES))?;
    fields.required("text")?;
    fields.text("text", 2, 100)?;
    fields.flags(&["with_face"])?;
    fields.proofs(&types, uploads)
}

fn number(fields: &Fields<'_>) -> Check {
    let Some(number) = fields.text("phone_number", 6, 64)? else { return Ok(()) };
    match number.strip_prefix('+') {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
        _ => fields.refuse("phone_number", "The phone number format is invalid."),
    }
}

fn phone(fields: &Fields<'_>) -> Check {
    number(fields)?;
    let code = fields.text("random_code", 2, 10)?;
    let text = fields.text("text", 2, 100)?;
    if let (Some(code), Some(text)) = (code, text)
        && !text.contains(code)
    {
        return fields.refuse("text", "The text must contain the random code.");
    }
    fields.flags(&["validate_phone"])?;
    fields.list("supported_channel", None).map(drop)
}

fn screening(fields: &Fields<'_>) -> Check {
    fields.flags(&["ongoing", "alias_search", "rca_search"])?;
    fields.list("filters", Some(services::AML_TYPES))?;
    fields.list("countries", None)?;
    match fields.given("match_score") {
        None => Ok(()),
        Some(Value::String(text)) if text.parse::<u8>().is_ok_and(|score| score <= 100) => Ok(()),
        Some(_) => fields.refuse("match_score", "The match score must be a string between 0 and 100."),
    }
}

fn kyb(fields: &Fields<'_>) -> Check {
    fields.flags(&["advanced_search"])?;
    fields.text("company_name", 3, 255)?;
    fields.text("company_registration_number", 1, 100)?;
    fields.one_of("search_type", &["contains", "start_with", "fuzzy"])?;
    let countries = fields.list("country_names", None)?;
    let named = fields.given("company_name").is_some();
    let numbered = fields.given("company_registration_number").is_some();
    if fields.given("advanced_search").and_then(Value::as_str) == Some("1") {
        if countries.len() != 1 {
            return fields.refuse("country_names", "The country names must contain 1 items.");
        }
    } else if numbered {
        fields.required("company_jurisdiction_code")?;
    }
    if named || numbered || fields.given("proofs").is_some() {
        Ok(())
    } else {
        fields.refuse("company_name", "The company name field is required.")
    }
}
