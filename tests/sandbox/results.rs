//! From a request to its result: three states of a field, services, proofs, ends.

use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use kyckit::{
    clock::{Clock, RandomError, TimeSource},
    error::ErrorKind,
    sandbox::{
        Person,
        shuftipro::{Account, Outcome, ShuftiPro},
    },
};
use serde_json::{Value, json};

use crate::support::{Client, Json as _, NOON, send, start, start_frozen, start_with};

/// The smallest file that counts.
const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

async fn decided(client: &Client, reference: &str, services: Value) -> Value {
    let mut body = services;
    body["reference"] = reference.into();
    let answer = client.post("", body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.bytes);
    if answer.event() == "request.pending" {
        client.sandbox.complete(reference, Outcome::Natural).expect("it is open");
        return client.status(reference).await;
    }
    answer.json()
}

#[tokio::test]
async fn an_absent_field_is_not_checked_an_empty_one_is_read_a_value_is_compared() {
    let client = start().await;
    let person = client.sandbox.person("order-1");
    let answer = decided(
        &client,
        "order-1",
        json!({ "document": { "proof": PNG, "name": "", "dob": person.dob, "issue_date": "", "document_number": "WRONG-1" } }),
    )
    .await;
    assert_eq!(answer["event"], "verification.declined");
    let (data, result) =
        (&answer["verification_data"]["document"], &answer["verification_result"]["document"]);
    // Read.
    assert_eq!((&data["name"]["first_name"], &result["name"]), (&json!(person.first_name), &json!(1)));
    assert_eq!((&data["issue_date"], &result["issue_date"]), (&json!(person.issue_date), &json!(1)));
    // Compared.
    assert_eq!((&data["dob"], &result["dob"]), (&json!(person.dob), &json!(1)));
    assert_eq!((&data["document_number"], &result["document_number"]), (&json!("WRONG-1"), &json!(0)));
    // Absent.
    assert!(data.get("expiry_date").is_none() && result.get("expiry_date").is_none());
    assert_eq!(answer["declined_codes"], json!(["SPDR11"]));
    assert_eq!(answer["services_declined_codes"], json!({ "document": ["SPDR11"] }));
    assert_eq!(answer["declined_reason"], "Document number does not match");
}

#[tokio::test]
async fn each_difference_has_its_code() {
    let client = start().await;
    for (number, (service, fields, code)) in [
        ("document", json!({ "proof": PNG, "name": { "full_name": "Nobody Else" } }), "SPDR07"),
        ("document", json!({ "proof": PNG, "dob": "1901-01-01" }), "SPDR08"),
        ("document", json!({ "proof": PNG, "issue_date": "1991-01-01" }), "SPDR10"),
        ("document", json!({ "proof": PNG, "expiry_date": "2999-01-01" }), "SPDR16"),
        ("document", json!({ "proof": PNG, "age": { "min": 120, "max": 130 } }), "SPDR14"),
        ("address", json!({ "proof": PNG, "full_address": "1 Nowhere, Nocity" }), "SPDR23"),
        ("address", json!({ "proof": PNG, "name": { "first_name": "Nobody" } }), "SPDR22"),
        ("ekyc", json!({ "national_id": "000000000000" }), "SPDR266"),
        ("ekyc", json!({ "personal_details": { "dob": "1901-01-01" } }), "SPDR305"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = decided(&client, &format!("order-{number}"), json!({ service: fields })).await;
        assert_eq!(answer["declined_codes"], json!([code]), "{service} {fields}");
        assert_eq!(answer["services_declined_codes"], json!({ service: [code] }));
    }
}

#[tokio::test]
async fn names_are_compared_whole_or_fuzzily() {
    let client = start().await;
    let jane = client.sandbox.person("order-1");
    let mut typo = jane.last_name.clone().into_exposed();
    typo.push('x');
    let name = |last: &str| json!({ "first_name": jane.first_name, "last_name": last });
    for (reference, name, event) in [
        ("order-1", name(jane.last_name.expose()), "verification.accepted"),
        ("order-2", name(&typo), "verification.declined"),
        (
            "order-3",
            {
                let mut fuzzy = name(&typo);
                fuzzy["fuzzy_match"] = "1".into();
                fuzzy
            },
            "verification.accepted",
        ),
        (
            "order-4",
            json!({ "full_name": jane.full_name().into_exposed().to_uppercase() }),
            "verification.accepted",
        ),
    ] {
        client.sandbox.assign(reference, jane.clone());
        let answer = decided(&client, reference, json!({ "document": { "proof": PNG, "name": name } })).await;
        assert_eq!(answer["event"], event, "{reference}");
    }
}

#[tokio::test]
async fn the_country_of_the_request_is_enforced_on_people_who_were_chosen() {
    let client = start().await;
    let swede = (0..).map(Person::from_seed).find(|person| person.country.expose() == "SE").expect("one");
    client.sandbox.assign("order-1", swede.clone());
    let answer = decided(&client, "order-1", json!({ "country": "GB", "document": { "proof": PNG } })).await;
    assert_eq!(answer["declined_codes"], json!(["SPDR12"]));
    // Others have papers of the country that is asked for.
    let answer = decided(&client, "order-2", json!({ "country": "DE", "document": { "proof": PNG } })).await;
    assert_eq!(
        (&answer["event"], &answer["verification_data"]["document"]["country"]),
        (&json!("verification.accepted"), &json!("DE"))
    );
}

#[tokio::test]
async fn every_service_is_accepted_when_nothing_is_wrong() {
    let client = start().await;
    for (number, (service, fields)) in [
        ("document", json!({ "proof": PNG, "name": "" })),
        ("document_two", json!("")),
        ("face", json!({ "proof": PNG })),
        ("address", json!({ "proof": PNG, "full_address": "" })),
        ("consent", json!({ "proof": PNG, "text": "I agree", "supported_types": ["printed"] })),
        ("phone", json!("")),
        ("background_checks", json!({ "name": { "full_name": "Jane Roe" }, "dob": "1990-10-10" })),
        ("aml_for_businesses", json!({ "business_name": "Example Trading LLC" })),
        ("kyb", json!({ "company_name": "Example Trading LLC" })),
        ("questionnaire", json!({ "uuid": ["TESTQ1"] })),
        ("ekyc", json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = decided(&client, &format!("order-{number}"), json!({ service: fields })).await;
        assert_eq!(answer["event"], "verification.accepted", "{answer}");
        let result = &answer["verification_result"][service];
        assert!(
            result == 1 || result[service] == 1 || result["document"] == 1 || result["address_document"] == 1,
            "{answer}"
        );
        assert_eq!(answer["declined_reason"], Value::Null);
        assert!(answer.get("declined_codes").is_none());
    }
}

#[tokio::test]
async fn screening_finds_who_is_on_the_list() {
    let client =
        start_with(ShuftiPro::builder().watch_person("Zoë Blocked", None).watch_business("Bad Example Ltd"))
            .await;
    let sam = Person::sanctioned();
    let person =
        |name: &str, dob: &str| json!({ "background_checks": { "name": { "full_name": name }, "dob": dob } });
    let hits = |answer: &Value, service: &str| {
        answer["verification_data"][service]["aml_data"]["hits"].as_array().map(Vec::len)
    };
    let answer = decided(&client, "order-1", person("sam sample", sam.dob.expose())).await;
    assert_eq!(
        (hits(&answer, "background_checks"), &answer["declined_codes"]),
        (Some(1), &json!(["SPDR34"]))
    );
    let answer = decided(&client, "order-2", person("Sam Sample", "1950-01-01")).await;
    assert_eq!(
        (hits(&answer, "background_checks"), &answer["event"]),
        (Some(0), &json!("verification.accepted"))
    );
    let answer = decided(&client, "order-3", person("Zoë Blocked", "1950-01-01")).await;
    assert_eq!(hits(&answer, "background_checks"), Some(1));
    let filtered =
        json!({ "background_checks": { "name": { "full_name": "Zoë Blocked" }, "filters": ["warning"] } });
    assert_eq!(hits(&decided(&client, "order-4", filtered).await, "background_checks"), Some(0));
    let business = json!({ "aml_for_businesses": { "business_name": "BAD Example, Ltd." } });
    assert_eq!(hits(&decided(&client, "order-5", business).await, "aml_for_businesses"), Some(1));
    // From the document, when the service itself is empty.
    client.sandbox.assign("order-6", sam);
    let both = json!({ "document": { "proof": PNG, "name": "", "dob": "" }, "background_checks": "" });
    let answer = decided(&client, "order-6", both).await;
    assert_eq!(answer["services_declined_codes"], json!({ "background_checks": ["SPDR34"] }));
}

#[tokio::test]
async fn a_face_is_known_again_and_enrolled_once() {
    let client = start().await;
    let person = Person::from_seed(7);
    let check = json!({ "face": { "proof": PNG, "check_duplicate_request": "1" } });
    for reference in ["order-1", "order-2", "order-3"] {
        client.sandbox.assign(reference, person.clone());
    }
    let first = decided(&client, "order-1", check.clone()).await;
    assert_eq!(first["verification_data"]["face"]["duplicate_account_detected"], "0");
    let second = decided(&client, "order-2", check.clone()).await;
    assert_eq!(second["verification_data"]["face"]["duplicate_account_detected"], "1");
    assert_eq!(second["declined_codes"], json!(["SPDR287"]));
    // A deleted request is forgotten.
    client.post("delete", json!({ "reference": "order-1", "comment": "erase it" })).await;
    assert_eq!(decided(&client, "order-3", check).await["event"], "verification.accepted");

    let one_to_one = |how: &str| json!({ "customer_unique_id": "c-1", "face": { "proof": PNG, "face_authentication": how } });
    for (number, (how, codes)) in [
        ("authenticate", json!(["SPDR343"])),
        ("enroll", Value::Null),
        ("authenticate", Value::Null),
        ("enroll", json!(["SPDR344"])),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = decided(&client, &format!("one-to-one-{number}"), one_to_one(how)).await;
        assert_eq!(answer.get("declined_codes").unwrap_or(&Value::Null), &codes, "{how}");
        assert_eq!(answer["customer_unique_id"], "c-1");
    }
}

#[tokio::test]
async fn a_marked_proof_is_declined_and_one_step_can_end_it_all() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let client = start().await;
    let fake = STANDARD.encode("\u{89}PNG kyckit-sandbox-decline:SPDR18,SPDR06");
    let services = json!({
        "document": { "proof": format!("data:image/png;base64,{fake}") }, "face": { "proof": PNG },
    });
    let answer = decided(&client, "order-1", services.clone()).await;
    assert_eq!(answer["declined_codes"], json!(["SPDR18", "SPDR06"]));
    assert_eq!(
        (&answer["verification_result"]["document"]["document"], &answer["verification_result"]["face"]),
        (&json!(0), &json!(1))
    );
    let mut single = services;
    single["decline_on_single_step"] = "1".into();
    let answer = decided(&client, "order-2", single).await;
    assert_eq!(answer["verification_result"]["face"], Value::Null);
}

#[tokio::test]
async fn warnings_and_enhanced_data_come_on_demand() {
    let client = start().await;
    let asked = json!({ "allow_warnings": "1", "fetch_enhanced_data": "1", "document": { "proof": PNG } });
    let answer = decided(&client, "order-1", asked).await;
    assert!(answer["warnings"]["document"]["png_format_detected"].is_string());
    assert_eq!(
        answer["additional_data"]["document"]["proof"]["dob"],
        json!(client.sandbox.person("order-1").dob)
    );
    let answer = decided(&client, "order-2", json!({ "document": { "proof": PNG } })).await;
    assert!(answer.get("warnings").is_none() && answer.get("additional_data").is_none());
}

#[tokio::test]
async fn an_offsite_call_need_not_wait() {
    let asked =
        |reference: &str| json!({ "reference": reference, "show_results": "0", "face": { "proof": PNG } });
    let client = start().await;
    assert_eq!(client.post("", asked("order-1")).await.event(), "request.received");
    assert_eq!(client.status("order-1").await["event"], "verification.accepted");

    let client = start_with(ShuftiPro::builder().received_as_pending().results_on_demand()).await;
    let answer = client.post("", asked("order-1")).await;
    assert_eq!(answer.event(), "request.pending");
    assert!(answer.json().get("verification_url").is_none());
    assert_eq!(client.status("order-1").await["event"], "request.pending");
    client.sandbox.complete("order-1", Outcome::Natural).expect("open");
    assert_eq!(client.status("order-1").await["event"], "verification.accepted");
}

#[tokio::test]
async fn a_reviewer_has_the_last_word_and_may_change_it() {
    let client = start().await;
    client
        .post("", json!({ "reference": "order-1", "manual_review": "1", "document": { "name": "" } }))
        .await;
    client.sandbox.complete("order-1", Outcome::Natural).expect("open");
    assert_eq!(client.status("order-1").await["event"], "review.pending");
    client.sandbox.complete("order-1", Outcome::Accept).expect("in review");
    assert_eq!(client.status("order-1").await["event"], "verification.accepted");
    let again = client.sandbox.complete("order-1", Outcome::Accept).expect_err("decided");
    assert_eq!(again.kind(), ErrorKind::Conflict);
    client
        .sandbox
        .complete("order-1", Outcome::ChangeToDeclined(vec!["SPDR34".into(), "SPDR07".into()]))
        .expect("decided");
    let status = client.status("order-1").await;
    assert_eq!(status["declined_codes"], json!(["SPDR34", "SPDR07"]));
    assert_eq!(status["verification_result"]["document"]["name"], 0);
    assert_eq!(
        client.sandbox.complete("unknown", Outcome::Accept).expect_err("unknown").kind(),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn a_reviewer_can_go_by_the_papers() {
    let client = start().await;
    let body = json!({ "reference": "order-1", "manual_review": "1", "document": { "dob": "1901-01-01" } });
    client.post("", body).await;
    client.sandbox.complete("order-1", Outcome::Natural).expect("open");
    assert_eq!(client.status("order-1").await["event"], "review.pending");
    client.sandbox.complete("order-1", Outcome::Natural).expect("in review");
    assert_eq!(client.status("order-1").await["declined_codes"], json!(["SPDR08"]));
}

#[tokio::test]
async fn a_journey_carries_its_services() {
    let client = start().await;
    let answer = client.post("", json!({ "reference": "order-1", "journey_id": "q9pDvvCx1669874968" })).await;
    assert_eq!(answer.event(), "request.pending");
    assert_eq!(client.sandbox.verification("order-1").expect("held").services, ["document", "face"]);
    let services = json!({ "phone": "" }).as_object().cloned().expect("an object");
    let client = start_with(ShuftiPro::builder().journey("flow-1", services)).await;
    client.post("", json!({ "reference": "order-1", "journey_id": "flow-1" })).await;
    assert_eq!(client.sandbox.verification("order-1").expect("held").services, ["phone"]);
    let unknown = client.post("", json!({ "reference": "order-2", "journey_id": "flow-2" })).await;
    assert_eq!(unknown.refusal(), (400, String::new(), "journey_id".to_owned()));
}

#[tokio::test]
async fn a_verification_url_ends_with_its_ttl() {
    let (client, time) = start_frozen(ShuftiPro::builder()).await;
    client.post("", json!({ "reference": "order-1", "ttl": 5, "face": "" })).await;
    client.onsite("order-2").await;
    time.advance(Duration::from_secs(299));
    assert_eq!(client.status("order-1").await["event"], "request.pending");
    time.advance(Duration::from_secs(1));
    let status = client.status("order-1").await;
    assert_eq!(status["event"], "request.timeout");
    assert!(status.get("verification_result").is_none());
    assert_eq!(
        client.sandbox.complete("order-1", Outcome::Accept).expect_err("over").kind(),
        ErrorKind::Conflict
    );
    // An hour is the default.
    time.advance(Duration::from_secs(3_300));
    client.sandbox.tick();
    assert_eq!(client.sandbox.verification("order-2").expect("held").event, "request.timeout");
}

/// A clock that goes with tokio's time, which tests pause.
struct TokioTime(tokio::time::Instant);

impl TimeSource for TokioTime {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + NOON + self.0.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        buffer.fill(7);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_verification_url_expires_without_a_call() {
    let clock = Clock::new(TokioTime(tokio::time::Instant::now()));
    let sandbox = ShuftiPro::builder().clock(clock).start().await.expect("a free port");
    for (reference, ttl) in [("order-1", 2), ("order-2", 1)] {
        let url = "https://backend.example.com/";
        let request = json!({ "reference": reference, "ttl": ttl, "face": "", "callback_url": url });
        sandbox.submit(&request).expect("valid");
    }
    let event = |reference| sandbox.verification(reference).expect("held").event;
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert_eq!(event("order-2"), "request.pending");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        (event("order-1").as_str(), event("order-2").as_str()),
        ("request.pending", "request.timeout")
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(event("order-1"), "request.timeout");
    let deliveries = sandbox.deliveries();
    assert_eq!(deliveries.last().map(|delivery| delivery.reference.as_str()), Some("order-1"));
}

#[tokio::test]
async fn deletion_is_final() {
    let client = start().await;
    client.onsite("order-1").await;
    let missing = client.post("delete", json!({ "reference": "order-1" })).await;
    assert_eq!(missing.refusal(), (400, String::new(), "comment".to_owned()));
    let body = json!({ "reference": "order-1", "comment": "Customer asked to delete the data" });
    let deleted = client.post("delete", body.clone()).await;
    assert_eq!(deleted.bytes, r#"{"reference":"order-1","event":"request.deleted"}"#);
    assert_eq!(client.status("order-1").await, json!({ "reference": "order-1", "event": "request.deleted" }));
    assert_eq!(client.post("delete", body).await.refusal(), (400, String::new(), "reference".to_owned()));
}

#[tokio::test]
async fn proofs_open_by_post_with_their_token_for_fifteen_minutes() {
    let (client, time) = start_frozen(ShuftiPro::builder()).await;
    client.onsite("order-1").await;
    assert_eq!(client.status("order-1").await["proofs"], json!([]));
    client.sandbox.complete("order-1", Outcome::Accept).expect("open");
    let proofs = client.status("order-1").await["proofs"].clone();
    let token = proofs["access_token"].as_str().expect("a token");
    let link = |value: &Value| value.as_str().expect("a link").to_owned();
    for (url, media_type, magic) in [
        (link(&proofs["document"]["proof"]), "image/png", b"\x89PNG".as_slice()),
        (link(&proofs["face"]["proof"]), "image/png", b"\x89PNG"),
        (link(&proofs["verification_video"]), "video/mp4", b"\0\0\0\x18ftyp"),
        (link(&proofs["verification_report"]), "application/pdf", b"%PDF-"),
    ] {
        let file = send(client.http.post(&url).json(&json!({ "access_token": token }))).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, media_type));
        assert!(file.bytes.starts_with(magic), "{media_type}");
    }
    let url = link(&proofs["document"]["proof"]);
    assert_eq!(send(client.http.get(&url)).await.status, 405);
    assert_eq!(send(client.http.post(&url).bearer_auth(token)).await.status, 403);
    assert_eq!(send(client.http.post(&url).json(&json!({ "access_token": "x" }))).await.status, 403);
    time.advance(Duration::from_secs(15 * 60 - 1));
    let again = client.status("order-1").await["proofs"].clone();
    assert_ne!(again, proofs);
    time.advance(Duration::from_secs(1));
    let dead = send(client.http.post(&url).json(&json!({ "access_token": token }))).await;
    assert_eq!((dead.status.as_u16(), dead.header("content-type")), (403, "application/json"));
    let fresh = client
        .http
        .post(link(&again["document"]["proof"]))
        .json(&json!({ "access_token": again["access_token"] }));
    assert_eq!(send(fresh).await.status, 200);
}

#[tokio::test]
async fn an_uploaded_proof_comes_back_as_it_was_or_as_large_as_wanted() {
    let services = json!({ "reference": "order-1", "document": { "proof": "data:application/pdf;base64,JVBERi0xLjQ=" } });
    for (size, length) in [(None, 8), (Some(50_000_000), 50_000_000)] {
        let builder = ShuftiPro::builder();
        let client = start_with(match size {
            Some(size) => builder.proof_size(size),
            None => builder,
        })
        .await;
        client.post("", services.clone()).await;
        let proofs = client.status("order-1").await["proofs"].clone();
        let url = proofs["document"]["proof"].as_str().expect("a link");
        let file = send(client.http.post(url).json(&json!({ "access_token": proofs["access_token"] }))).await;
        assert_eq!(file.headers["content-type"], "application/pdf");
        assert_eq!(file.bytes.len(), length);
        assert!(file.bytes.starts_with(b"%PDF-1.4"));
    }
}

#[tokio::test]
async fn a_risk_assessment_has_its_own_path_and_forms() {
    let client = start_with(ShuftiPro::builder().account(Account::new("client", "secret"))).await;
    assert_eq!(client.sandbox.risk_assessment_url().as_str(), client.url("risk-api/"));
    let assessment = json!({ "risk_reference": "37rNhl", "phone_number": "+447700900123" });
    for (body, service, key) in [
        (json!({ "reference": "order-1", "risk_assessment": assessment }), "", "email"),
        (json!({ "reference": "order-1", "email": "jane.roe@example.com" }), "", "risk_assessment"),
        (
            json!({ "reference": "order-1", "email": "jane.roe@example.com", "risk_assessment": { "risk_reference": "37rNhl" } }),
            "risk_assessment",
            "phone_number",
        ),
    ] {
        assert_eq!(client.post("risk-api/", body).await.refusal(), (400, service.to_owned(), key.to_owned()));
    }
    let body =
        json!({ "reference": "order-1", "email": "jane.roe@example.com", "risk_assessment": assessment });
    let answer = client.post("risk-api/", body).await.json();
    let keys: Vec<&String> = answer.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["reference", "event", "verification_url"]);
    client.sandbox.complete("order-1", Outcome::Natural).expect("open");
    let status = client.status("order-1").await;
    assert!(status.get("proofs").is_none());
    let proofs = status["services_proofs"].as_array().expect("a list");
    assert_eq!(proofs.iter().filter(|proof| proof["service"] == "face").count(), 2);
    let data = &status["verification_data"]["risk_assessment"];
    assert_eq!(data["risk_score"]["total_assessment_score"], "12");
    let file = data["questionnaire"][0]["questions"]
        .as_array()
        .and_then(|all| all.last())
        .expect("a question")["answer"]
        .clone();
    let file = file.as_str().expect("a link");
    assert!(file.contains("?access_token="), "{file}");
    assert!(send(client.http.get(file)).await.bytes.starts_with(b"\x89PNG"));
    assert_eq!(send(client.http.get(file.split('?').next().expect("a path"))).await.status, 403);
}

#[tokio::test]
async fn state_is_seeded_without_calls() {
    let client = start().await;
    client.sandbox.submit(&json!({ "reference": "order-1", "face": "" })).expect("valid");
    assert_eq!(client.status("order-1").await["event"], "request.pending");
    client.sandbox.set_event("order-1", "verification.something.new").expect("known");
    assert_eq!(client.status("order-1").await["event"], "verification.something.new");
    let error = client.sandbox.submit(&json!({ "reference": "order-1", "face": "" })).expect_err("taken");
    assert_eq!((error.kind(), error.fields()[0].field.as_str()), (ErrorKind::InvalidRequest, "reference"));
}
