//! Every documented callback as bytes with signatures under a published key: for tests in any language.
//!
//! The project keeps them as files under `tests/vectors/callbacks/shuftipro/`, one body a file and `index.json` with
//! the headers.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    bodies, checks,
    decision::{Case, FaceHistory, Verdict, evaluate},
    fake::needs_user,
    php,
    screening::Watchlist,
    services,
    state::{Verification, event},
    upload::{self, Upload},
};
use crate::{
    sandbox::Person,
    shuftipro::signature::{Rule, sign},
};

/// The key under which the fixtures are signed. It is published and guards nothing.
pub const FIXTURE_SECRET_KEY: &str = "$2y$10$kyckit/published.fixture.key";

/// 1 February 2025, noon UTC: the day of the fixtures.
const DAY: Duration = Duration::from_secs(1_738_411_200);

/// One callback.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fixture {
    /// What it shows, such as `verification_accepted_document_face`.
    pub name: &'static str,
    /// Its event.
    pub event: String,
    /// The body, byte for byte.
    pub body: Bytes,
    /// The header `Signature` of an account under the hashed rule.
    pub signature_hashed: String,
    /// The same under the legacy rule.
    pub signature_legacy: String,
}

/// All callbacks of the contract's table of events, with the results of every service.
pub fn fixtures() -> Vec<Fixture> {
    let mut all = Vec::new();
    let mut add = |name: &'static str, event: &str, body: Map<String, Value>| {
        let body = Bytes::from(php::json(&Value::Object(body)));
        let secret = FIXTURE_SECRET_KEY.into();
        all.push(Fixture {
            name,
            event: event.to_owned(),
            signature_hashed: sign(&body, &secret, Rule::Hashed),
            signature_legacy: sign(&body, &secret, Rule::Legacy),
            body,
        });
    };
    let document = json!({ "document": { "name": "", "dob": "" } });
    for (name, event) in [
        ("request_pending", event::PENDING),
        ("request_received", event::RECEIVED),
        ("request_timeout", event::TIMEOUT),
        ("request_deleted", event::DELETED),
        ("verification_cancelled", event::CANCELLED),
        ("review_pending", event::REVIEW),
    ] {
        let mut held = verification(&document, json!({ "email": "jane.roe@example.com", "country": "GB" }));
        held.event = event.to_owned();
        add(name, event, body(name, &held));
    }
    for (name, event) in [
        ("request_data_changed", event::DATA_CHANGED),
        ("verification_status_changed", event::STATUS_CHANGED),
    ] {
        add(name, event, bodies::two_keys(&reference(name), event));
    }
    for (name, services, general, verdict) in decided() {
        let mut held = verification(&services, general);
        decide(&mut held, &verdict);
        add(name, &held.event, body(name, &held));
    }
    // The last two stand in sources of 2019 only; a reader meets them in old logs and must not fail on them.
    let mut cancelled = bodies::two_keys(&reference("request_cancelled_2019"), "request.cancelled");
    cancelled
        .extend([("error".to_owned(), Value::from("")), ("verification_url".to_owned(), Value::from(""))]);
    add("request_cancelled_2019", "request.cancelled", cancelled);
    let refusal = checks::Refusal {
        service: services::DOCUMENT.to_owned(),
        key: "dob".to_owned(),
        message: "The dob does not match the format Y-m-d.".into(),
    };
    let invalid = bodies::invalid(&reference("request_invalid_2019"), &refusal);
    add("request_invalid_2019", event::INVALID, invalid.as_object().cloned().unwrap_or_default());
    all
}

/// Name, services, general fields, who decides.
fn decided() -> Vec<(&'static str, Value, Value, Verdict)> {
    let codes = |codes: &[&str]| Verdict::Decline(codes.iter().map(|code| (*code).to_owned()).collect());
    let full = json!({
        "name": "", "dob": "", "age": "", "issue_date": "", "expiry_date": "", "document_number": "", "gender": "",
        "supported_types": ["id_card", "passport"],
    });
    let sam = Person::sanctioned();
    let screened = json!({ "background_checks": {
        "name": { "first_name": sam.first_name, "last_name": sam.last_name }, "dob": sam.dob,
    }});
    vec![
        (
            "verification_accepted_document_face",
            json!({ "document": full, "face": "" }),
            json!({ "country": "GB" }),
            Verdict::Natural,
        ),
        (
            "verification_accepted_enhanced_data",
            json!({ "document": full }),
            json!({ "fetch_enhanced_data": "1", "email": "jane.roe@example.com" }),
            Verdict::Natural,
        ),
        (
            "verification_accepted_warnings",
            json!({ "document": { "proof": "png", "name": "" } }),
            json!({ "allow_warnings": "1" }),
            Verdict::Natural,
        ),
        (
            "verification_accepted_two_documents",
            json!({ "document": { "name": "" }, "document_two": { "name": "", "supported_types": ["passport"] } }),
            json!({}),
            Verdict::Natural,
        ),
        ("verification_accepted_face", json!({ "face": "" }), json!({}), Verdict::Natural),
        (
            "verification_accepted_face_new",
            json!({ "face": { "check_duplicate_request": "1" } }),
            json!({}),
            Verdict::Natural,
        ),
        (
            "verification_accepted_face_enrolled",
            json!({ "face": { "face_authentication": "enroll" } }),
            json!({ "customer_unique_id": "customer-4711" }),
            Verdict::Natural,
        ),
        (
            "verification_accepted_address",
            json!({ "address": { "name": "", "full_address": "", "issue_date": "", "supported_types": ["utility_bill"] } }),
            json!({}),
            Verdict::Natural,
        ),
        (
            "verification_accepted_consent_phone",
            json!({
                "consent": { "text": "I agree / j’accepte", "supported_types": ["printed", "handwritten"] }, "phone": "",
            }),
            json!({}),
            Verdict::Natural,
        ),
        (
            "verification_accepted_background_checks",
            json!({ "background_checks": { "name": { "first_name": "Jane", "last_name": "Roe" }, "dob": "1990-10-10" } }),
            json!({}),
            Verdict::Natural,
        ),
        (
            "verification_accepted_aml_for_businesses",
            json!({ "aml_for_businesses": { "business_name": "Example Trading LLC" } }),
            json!({}),
            Verdict::Natural,
        ),
        (
            "verification_accepted_kyb",
            json!({ "kyb": { "company_name": "Example Trading LLC" } }),
            json!({}),
            Verdict::Natural,
        ),
        (
            "verification_accepted_questionnaire",
            json!({ "questionnaire": { "uuid": ["TESTQ1"] } }),
            json!({}),
            Verdict::Natural,
        ),
        ("verification_accepted_ekyc", json!({ "ekyc": {} }), json!({ "country": "SE" }), Verdict::Natural),
        (
            "verification_accepted_risk_assessment",
            json!({ "risk_assessment": { "risk_reference": "37rNhl", "phone_number": "+447700900123" } }),
            json!({ "email": "jane.roe@example.com", "country": "GB" }),
            Verdict::Natural,
        ),
        (
            "verification_declined_document",
            json!({ "document": full, "face": "" }),
            json!({}),
            codes(&["SPDR06"]),
        ),
        (
            "verification_declined_document_fields",
            json!({ "document": { "name": { "first_name": "John", "last_name": "Doe" }, "dob": "1970-01-01" } }),
            json!({}),
            Verdict::Natural,
        ),
        (
            "verification_declined_several_services",
            json!({ "document": full, "face": "", "address": { "full_address": "" } }),
            json!({}),
            codes(&["SPDR07", "SPDR37", "SPDR23"]),
        ),
        (
            "verification_declined_duplicate_face",
            json!({ "face": { "check_duplicate_request": "1" } }),
            json!({ "fixture": "duplicate" }),
            Verdict::Natural,
        ),
        ("verification_declined_phone", json!({ "phone": "", "face": "" }), json!({}), codes(&["SPDR35"])),
        ("verification_declined_background_checks", screened, json!({}), Verdict::Natural),
        (
            "verification_declined_aml_for_businesses",
            json!({ "aml_for_businesses": { "business_name": "Sanctioned Example Trading" } }),
            json!({}),
            Verdict::Natural,
        ),
        (
            "verification_declined_ekyc",
            json!({ "ekyc": { "national_id": "000000000000" } }),
            json!({}),
            Verdict::Natural,
        ),
        (
            "verification_declined_risk_assessment",
            json!({ "risk_assessment": { "risk_reference": "37rNhl", "phone_number": "+447700900123" } }),
            json!({ "email": "jane.roe@example.com" }),
            codes(&["SPDR303"]),
        ),
    ]
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn reference(name: &str) -> String {
    format!("fixture-{}", name.replace('_', "-"))
}

/// A request that was taken in, without a server.
fn verification(services: &Value, general: Value) -> Verification {
    let services = object(services);
    let offsite = services.values().any(|asked| asked.get("proof").is_some());
    let png = |service: &String| Upload {
        service: service.clone(),
        kind: "proof",
        media_type: "image/png",
        bytes: upload::png("proof"),
    };
    let address = Url::parse("https://app.shuftipro.com/verification/process/fixture");
    #[allow(clippy::expect_used)]
    let verification_url = address.expect("the text is a URL");
    Verification {
        event: event::PENDING.to_owned(),
        general: object(&general),
        uploads: if offsite { services.keys().map(png).collect() } else { Vec::new() },
        onsite: needs_user(&services),
        services,
        person: Person::from_seed(1),
        assigned: false,
        token: String::new(),
        verification_url,
        expires: SystemTime::UNIX_EPOCH + DAY,
        callback_url: None,
        redirect_url: None,
        user_agent: String::new(),
        decided: None,
    }
}

fn decide(held: &mut Verification, verdict: &Verdict) {
    let duplicate = held.general.remove("fixture").is_some();
    let decided = evaluate(
        &Case {
            services: &held.services,
            general: &held.general,
            person: &held.person,
            own_country: false,
            uploads: &held.uploads,
            watchlist: &Watchlist::default(),
            face: FaceHistory { duplicate, enrolled: false },
            now: SystemTime::UNIX_EPOCH + DAY,
        },
        verdict,
    );
    held.event = if decided.accepted { event::ACCEPTED } else { event::DECLINED }.to_owned();
    held.decided = Some(decided);
}

fn body(name: &str, held: &Verification) -> Map<String, Value> {
    bodies::verification(&reference(name), held, || {
        "https://ra.shuftipro.com/questionnaire-api/storage/fixture/questionnaire/fixture.png?access_token=fixture"
            .to_owned()
    })
}
