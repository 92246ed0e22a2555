//! Requests as the vectors describe them, fed to the typed builders. Every member is taken out as it is used; one that
//! is left is unknown, and a failure.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Map, Value};

use kyckit::__private::vectors::shuftipro as vectors;
use kyckit::{
    date::Date,
    privacy::Pii,
    shuftipro::{
        model::Service,
        proof::Proof,
        request::{
            Address, AmlForBusinesses, BackgroundChecks, Consent, DeleteRequest, Document, Face, Kyb, Name,
            Phone, Questionnaire, Reference, RiskAssessmentRequest, VerificationRequest,
        },
    },
};

type Result<T, E = String> = std::result::Result<T, E>;

/// The body that the crate's builders make of a description.
pub(super) fn build(description: &Map<String, Value>) -> Result<Bytes> {
    let mut given = Members::new("", description.clone());
    let call = given.text("call")?.ok_or("names no call")?;
    let body = match call.as_str() {
        "verify" => verify(&mut given)?,
        "risk_assessment" => risk_assessment(&mut given)?,
        "status" => Ok(vectors::status_body(&given.reference()?).into()),
        "delete" => DeleteRequest::new(given.reference()?, given.needed("comment")?).body(),
        "proof_download" => vectors::download_body(&given.needed("access_token")?.into()).map(Into::into),
        _ => return Err("names an unknown call".to_owned()),
    };
    given.close()?;
    body.map_err(|error| error.to_string())
}

fn verify(given: &mut Members) -> Result<Result<Bytes, kyckit::Error>> {
    let reference = given.reference()?;
    let services = given.members("services")?;
    let mut request = match given.text("journey_id")? {
        Some(journey) => VerificationRequest::journey(reference, journey),
        None if services.as_ref().is_some_and(Members::has_proof) => VerificationRequest::offsite(reference),
        None => VerificationRequest::onsite(reference),
    };
    if let Some(url) = given.text("callback_url")? {
        request = request.callback_url(url);
    }
    if let Some(url) = given.text("redirect_url")? {
        request = request.redirect_url(url);
    }
    if let Some(email) = given.text("email")? {
        request = request.email(email);
    }
    if let Some(country) = given.text("country")? {
        request = request.country(country);
    }
    if let Some(language) = given.text("language")? {
        request = request.language(language);
    }
    if let Some(mode) = given.text("verification_mode")? {
        request = request.verification_mode(mode.as_str());
    }
    if let Some(minutes) = given.number("ttl_minutes")? {
        request = request.ttl_minutes(minutes);
    }
    if let Some(mut flags) = given.members("flags")? {
        for name in flags.names() {
            let on = flags.flag(&name)?.ok_or("a flag is neither true nor false")?;
            request = flag(request, &name, on)?;
        }
    }
    if let Some(mut services) = services {
        for name in services.names() {
            request = service(request, &name, services.state(&name)?)?;
        }
    }
    Ok(request.body())
}

fn flag(request: VerificationRequest, name: &str, on: bool) -> Result<VerificationRequest> {
    Ok(match name {
        "allow_offline" => request.allow_offline(on),
        "allow_online" => request.allow_online(on),
        "show_consent" => request.show_consent(on),
        "show_privacy_policy" => request.show_privacy_policy(on),
        "show_results" => request.show_results(on),
        "show_feedback_form" => request.show_feedback_form(on),
        "manual_review" => request.manual_review(on),
        "decline_on_single_step" => request.decline_on_single_step(on),
        "allow_retry" => request.allow_retry(on),
        "enhanced_originality_checks" => request.enhanced_originality_checks(on),
        "allow_na_ocr_inputs" => request.allow_na_ocr_inputs(on),
        "allow_warnings" => request.allow_warnings(on),
        "fetch_enhanced_data" => request.fetch_enhanced_data(on),
        _ => return Err(format!("flags.{name} is not a known flag")),
    })
}

fn service(request: VerificationRequest, name: &str, state: State) -> Result<VerificationRequest> {
    let fields = match state {
        State::Empty => {
            let service = Service::from(name);
            return if service.is_known() {
                Ok(request.with_defaults(service))
            } else {
                Err(format!("services.{name} is not a known service"))
            };
        }
        State::Value(Value::Object(fields)) => fields,
        State::Value(_) => return Err(format!("services.{name} is not an object")),
    };
    let mut given = Members::new(name, fields);
    let request = match name {
        "document" => request.document(document(&mut given)?),
        "document_two" => request.document_two(document(&mut given)?),
        "face" => request.face(face(&mut given)?),
        "address" => request.address(address(&mut given)?),
        "consent" => request.consent(consent(&mut given)?),
        "phone" => request.phone(Phone::new()),
        "background_checks" => request.background_checks(background_checks(&mut given)?),
        "aml_for_businesses" => request.aml_for_businesses(aml_for_businesses(&mut given)?),
        "kyb" => request.kyb(kyb(&mut given)?),
        "questionnaire" => request.questionnaire(questionnaire(&mut given)?),
        _ => return Err(format!("services.{name} is not a known service")),
    };
    given.close()?;
    Ok(request)
}

/// Calls the setter of a field's state.
macro_rules! field {
    ($builder:ident, $given:ident, $key:literal, $read:ident => $empty:ident, $set:ident) => {
        if let Some(state) = $given.optional_state($key)? {
            $builder = match state {
                State::Empty => $builder.$empty(),
                State::Value(value) => $builder.$set($read(&value)?),
            };
        }
    };
}

/// Calls a setter when the member is there.
macro_rules! member {
    ($builder:ident, $given:ident . $take:ident($key:literal), $set:ident) => {
        if let Some(value) = $given.$take($key)? {
            $builder = $builder.$set(value);
        }
    };
}

fn document(given: &mut Members) -> Result<Document> {
    let mut document = Document::new();
    field!(document, given, "proof", proof => ask_proof, proof);
    field!(document, given, "additional_proof", proof => ask_additional_proof, additional_proof);
    field!(document, given, "name", name => read_name, name);
    field!(document, given, "dob", date => read_dob, dob);
    field!(document, given, "issue_date", date => read_issue_date, issue_date);
    field!(document, given, "expiry_date", date => read_expiry_date, expiry_date);
    field!(document, given, "document_number", text => read_document_number, document_number);
    member!(document, given.texts("supported_types"), supported_types);
    Ok(document)
}

fn face(given: &mut Members) -> Result<Face> {
    let mut face = Face::new();
    field!(face, given, "proof", proof => ask_proof, proof);
    Ok(face)
}

fn address(given: &mut Members) -> Result<Address> {
    let mut address = Address::new();
    field!(address, given, "proof", proof => ask_proof, proof);
    field!(address, given, "name", name => read_name, name);
    field!(address, given, "issue_date", date => read_issue_date, issue_date);
    field!(address, given, "document_number", text => read_document_number, document_number);
    member!(address, given.texts("supported_types"), supported_types);
    Ok(address)
}

fn consent(given: &mut Members) -> Result<Consent> {
    let mut consent = Consent::new(given.needed("text")?);
    field!(consent, given, "proof", proof => ask_proof, proof);
    member!(consent, given.texts("supported_types"), supported_types);
    Ok(consent)
}

fn background_checks(given: &mut Members) -> Result<BackgroundChecks> {
    let mut checks = BackgroundChecks::default();
    field!(checks, given, "name", name => read_name, name);
    field!(checks, given, "dob", date => read_dob, dob);
    member!(checks, given.texts("filters"), filters);
    member!(checks, given.texts("countries"), countries);
    member!(checks, given.number("match_score"), match_score);
    member!(checks, given.flag("ongoing"), ongoing);
    member!(checks, given.flag("alias_search"), alias_search);
    member!(checks, given.flag("rca_search"), rca_search);
    Ok(checks)
}

fn aml_for_businesses(given: &mut Members) -> Result<AmlForBusinesses> {
    let mut business = AmlForBusinesses::new(given.needed("business_name")?);
    if let Some(day) = given.text("incorporation_date")? {
        business = business.business_incorporation_date(date_of(&day)?);
    }
    member!(business, given.texts("filters"), filters);
    member!(business, given.texts("countries"), countries);
    member!(business, given.number("match_score"), match_score);
    member!(business, given.flag("ongoing"), ongoing);
    member!(business, given.flag("alias_search"), alias_search);
    member!(business, given.flag("rca_search"), rca_search);
    Ok(business)
}

fn kyb(given: &mut Members) -> Result<Kyb> {
    let mut kyb = match given.text("mode")?.as_deref() {
        None | Some("standard") => Kyb::standard(),
        Some("enhanced") => Kyb::enhanced(),
        Some(_) => return Err("services.kyb.mode is unknown".to_owned()),
    };
    member!(kyb, given.text("registration_number"), company_registration_number);
    member!(kyb, given.text("jurisdiction_code"), company_jurisdiction_code);
    member!(kyb, given.text("company_name"), company_name);
    member!(kyb, given.texts("country_names"), country_names);
    member!(kyb, given.text("search_type"), search_type);
    Ok(kyb)
}

fn questionnaire(given: &mut Members) -> Result<Questionnaire> {
    let mut questionnaire = Questionnaire::new(given.texts("uuids")?.unwrap_or_default());
    member!(questionnaire, given.text("type"), questionnaire_type);
    Ok(questionnaire)
}

fn risk_assessment(given: &mut Members) -> Result<Result<Bytes, kyckit::Error>> {
    let mut assessment = given.members("risk_assessment")?.ok_or("has no risk_assessment")?;
    let mut request = RiskAssessmentRequest::new(
        given.reference()?,
        assessment.needed("risk_reference")?,
        given.needed("email")?,
        assessment.needed("phone_number")?,
    );
    assessment.close()?;
    member!(request, given.text("callback_url"), callback_url);
    member!(request, given.text("country"), country);
    member!(request, given.text("language"), language);
    member!(request, given.text("verification_mode"), verification_mode);
    Ok(request.body())
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "a value is not a text".to_owned())
}

fn date(value: &Value) -> Result<Pii<Date>> {
    date_of(&text(value)?).map(Pii::new)
}

fn date_of(text: &str) -> Result<Date> {
    text.parse().map_err(|_| "a value is not a date".to_owned())
}

fn name(value: &Value) -> Result<Name> {
    let mut given = Members::of("name", value)?;
    let mut name = Name::default();
    member!(name, given.text("first"), first_name);
    member!(name, given.text("middle"), middle_name);
    member!(name, given.text("last"), last_name);
    member!(name, given.text("full"), full_name);
    if given.flag("fuzzy_match")? == Some(true) {
        name = name.fuzzy_match();
    }
    given.close()?;
    Ok(name)
}

fn proof(value: &Value) -> Result<Proof> {
    let mut given = Members::of("proof", value)?;
    let media_type = given.needed("media_type")?;
    let bytes = STANDARD.decode(given.needed("bytes")?).map_err(|_| "a proof is not base64".to_owned())?;
    given.close()?;
    let proof = match media_type.as_str() {
        "image/jpeg" => Proof::jpeg(bytes),
        "image/png" => Proof::png(bytes),
        "application/pdf" => Proof::pdf(bytes),
        "video/mp4" => Proof::mp4(bytes),
        "video/quicktime" => Proof::mov(bytes),
        _ => return Err("a proof is of an unknown media type".to_owned()),
    };
    proof.map_err(|error| error.to_string())
}

/// A field that is there: empty, or with a value.
enum State {
    Empty,
    Value(Value),
}

/// Members of a description that were not taken yet.
struct Members {
    at: String,
    left: Map<String, Value>,
}

impl Members {
    fn new(at: &str, left: Map<String, Value>) -> Self {
        Self { at: at.to_owned(), left }
    }

    fn of(at: &str, value: &Value) -> Result<Self> {
        match value {
            Value::Object(members) => Ok(Self::new(at, members.clone())),
            _ => Err(format!("{at} is not an object")),
        }
    }

    fn names(&self) -> Vec<String> {
        self.left.keys().cloned().collect()
    }

    /// Whether any service carries a proof.
    fn has_proof(&self) -> bool {
        self.left.values().any(|service| {
            service.get("proof").and_then(|proof| proof.get("state")).and_then(Value::as_str) == Some("value")
        })
    }

    fn take<T>(&mut self, key: &str, what: &str, read: impl FnOnce(Value) -> Option<T>) -> Result<Option<T>> {
        let Some(value) = self.left.remove(key) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| format!("{} is not {what}", self.path(key)))
    }

    fn text(&mut self, key: &str) -> Result<Option<String>> {
        self.take(key, "a text", |value| value.as_str().map(str::to_owned))
    }

    fn needed(&mut self, key: &str) -> Result<String> {
        self.text(key)?.ok_or_else(|| format!("{} is missing", self.path(key)))
    }

    fn reference(&mut self) -> Result<Reference> {
        Reference::new(self.needed("reference")?).map_err(|error| error.to_string())
    }

    fn texts(&mut self, key: &str) -> Result<Option<Vec<String>>> {
        self.take(key, "a list of texts", |value| {
            value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
        })
    }

    fn flag(&mut self, key: &str) -> Result<Option<bool>> {
        self.take(key, "true or false", |value| value.as_bool())
    }

    fn number(&mut self, key: &str) -> Result<Option<u32>> {
        self.take(key, "a number", |value| u32::try_from(value.as_u64()?).ok())
    }

    fn members(&mut self, key: &str) -> Result<Option<Members>> {
        let at = self.path(key);
        self.take(key, "an object", |value| Self::of(&at, &value).ok())
    }

    /// A service: its state, or its fields as they stand.
    fn state(&mut self, key: &str) -> Result<State> {
        match self.left.get(key).and_then(|value| value.get("state")) {
            Some(_) => self.optional_state(key)?.ok_or_else(|| format!("{} is missing", self.path(key))),
            None => Ok(State::Value(self.left.remove(key).unwrap_or(Value::Null))),
        }
    }

    /// A field with three states: absent, empty, value.
    fn optional_state(&mut self, key: &str) -> Result<Option<State>> {
        let Some(mut given) = self.members(key)? else { return Ok(None) };
        let state = match given.text("state")?.as_deref() {
            Some("empty") => State::Empty,
            Some("value") => {
                State::Value(given.left.remove("value").ok_or_else(|| format!("{} has no value", given.at))?)
            }
            _ => return Err(format!("{} is in an unknown state", given.at)),
        };
        given.close()?;
        Ok(Some(state))
    }

    fn close(&self) -> Result<()> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(key) => Err(format!("the builder member {} is not known", self.path(key))),
        }
    }

    fn path(&self, key: &str) -> String {
        if self.at.is_empty() { key.to_owned() } else { format!("{}.{key}", self.at) }
    }
}
