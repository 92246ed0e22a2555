//! Reading, by promise. In the crate, since an answer can be read nowhere else.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, HeaderValue, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    error::{Error, ErrorKind},
    privacy::{Secret, leak::Canaries},
    shuftipro::{
        decline::DeclineCode,
        failure::failure,
        signature::{self, Rule, Verifier},
    },
    verified::Verified,
};

const SEED_PENDING: &[u8] = include_bytes!("../../../tests/data/shuftipro/seed_pending.json");
const SEED_STATUS: &[u8] = include_bytes!("../../../tests/data/shuftipro/seed_status.json");
const RECEIVED: SystemTime = SystemTime::UNIX_EPOCH;

fn read(body: impl AsRef<[u8]>) -> VerificationResponse {
    VerificationResponse::read(body.as_ref(), RECEIVED).expect("an answer")
}

/// An accepted answer with more members.
fn accepted(members: Value) -> VerificationResponse {
    let mut body = json!({"reference": "reference-1", "event": "verification.accepted"});
    body.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
    read(body.to_string())
}

fn verified(body: &[u8]) -> Verified<VerificationResponse> {
    let secret = Secret::from("secret");
    let mut headers = HeaderMap::new();
    let header = signature::sign(body, &secret, Rule::Hashed);
    headers.insert(signature::HEADER, HeaderValue::from_str(&header).expect("hex"));
    Verifier::new(secret, Rule::Hashed)
        .open(&headers, body, |body| VerificationResponse::read(body, RECEIVED))
        .expect("verified")
}

fn refused_at(body: &str) -> String {
    let error = VerificationResponse::read(body.as_bytes(), RECEIVED).expect_err(body);
    assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
    error.path().unwrap_or_default().to_owned()
}

/// Every body to read among the vectors, by file.
fn bodies() -> BTreeMap<String, Vec<u8>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/shuftipro");
    let index: Value =
        serde_json::from_slice(&fs::read(dir.join("index.json")).expect("an index")).expect("JSON");
    let entries = index["files"].as_array().expect("a list").iter();
    entries
        .filter(|entry| entry["reading"] == "verification")
        .map(|entry| entry["file"].as_str().expect("a name").to_owned())
        .map(|file| (file.clone(), fs::read(dir.join(file)).expect("a body")))
        .collect()
}

/// Every leaf of a JSON document by its path; empty maps and lists are leaves.
fn leaves(value: &Value, at: &str, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                leaves(value, &format!("{at}/{key}"), into);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (index, value) in list.iter().enumerate() {
                leaves(value, &format!("{at}/{index}"), into);
            }
        }
        leaf => {
            into.insert(at.to_owned(), leaf.clone());
        }
    }
}

mod seed {
    use super::*;

    #[test]
    fn the_pending_body_reads_whole() {
        let answer = read(SEED_PENDING);
        assert_eq!(answer.reference(), Some("17374217"));
        assert_eq!(*answer.event(), Event::RequestPending);
        let url = answer.verification_url().expect("an address").url().expect("https");
        assert_eq!(url.host_str(), Some("ra.shuftipro.com"));
        assert_eq!(
            url.path(),
            "/risk-api/process/verification/RPQ8hwPE3cdHKho2wjK7CVQJCQxNx5Rwmb81k3ediXLSWhQM5QibGBWOSgCVjZJd"
        );
        assert!(answer.extra().expose().is_empty());
    }

    /// Spells the typed answer out again; every leaf of the seed must be among it, and nothing else.
    #[test]
    fn every_value_of_the_status_body_is_reached_by_types() {
        let answer = read(SEED_STATUS);
        let assessment = answer.risk_assessment().expect("an assessment");
        let agent = &answer.info().agent;
        let place = &answer.info().geolocation;
        let (mut face, mut proofs) = (0, Vec::new());
        for service in ["face", "document", "face"] {
            let skip = if service == "face" { face } else { 0 };
            face += usize::from(service == "face");
            let links = answer
                .proofs()
                .iter()
                .filter(|link| link.origin() == Origin::ServicesProofs && link.service() == Some(service));
            let count = if service == "face" { 1 } else { 2 };
            let mut entry = json!({"service": service});
            for link in links.skip(skip).take(count) {
                entry[link.kind()] = json!(link.link().expose());
            }
            proofs.push(entry);
        }
        let questions: Vec<_> = assessment
            .questionnaire
            .iter()
            .map(|part| {
                let questions: Vec<_> = part
                    .questions
                    .iter()
                    .map(|one| json!({"question": one.question, "answer": one.answers[0], "type": one.kind}))
                    .collect();
                json!({"title": part.title, "questions": questions})
            })
            .collect();
        let points = assessment.fraud_prevention.iter();
        let points: Vec<_> = points
            .map(|point| json!({"point_name": point.point_name, "point_score": point.point_score}))
            .collect();
        let services = assessment.services.iter();
        let services: Vec<_> = services
            .map(|service| json!({"service_name": service.service_name, "status": service.status}))
            .collect();
        let risk = match answer.verification_result().service("risk_assessment") {
            Some(ServiceResult::Overall(Outcome::Accepted)) => json!(1),
            other => panic!("{other:?}"),
        };
        let score = &assessment.risk_score;
        // Absent texts are "" in one place and null in another: null here stands for either.
        let spelled = json!({
            "reference": answer.reference(),
            "event": answer.event(),
            "country": answer.country(),
            "services_proofs": proofs,
            "verification_data": {"risk_assessment": {
                "title": assessment.title,
                "fraud_prevention": points,
                "questionnaire": questions,
                "risk_score": {
                    "range_name": score.range_name,
                    "total_assessment_score": score.total_assessment_score,
                    "fraud_prevention_score": score.fraud_prevention_score,
                    "questionnaire_score": score.questionnaire_score,
                },
                "services": services,
            }},
            "verification_result": {"risk_assessment": risk},
            "info": {
                "agent": {
                    "is_desktop": agent.is_desktop,
                    "is_phone": agent.is_phone,
                    "useragent": agent.useragent,
                    "device_name": agent.device_name,
                    "browser_name": agent.browser_name,
                    "platform_name": agent.platform_name,
                },
                "geolocation": {
                    "host": place.host,
                    "ip": place.ip,
                    "rdns": place.rdns,
                    "asn": place.asn,
                    "isp": place.isp,
                    "country_name": place.country_name,
                    "country_code": place.country_code,
                    "region_name": place.region_name,
                    "region_code": place.region_code,
                    "city": place.city,
                    "postal_code": place.postal_code,
                    "continent_name": place.continent_name,
                    "continent_code": place.continent_code,
                    "latitude": place.latitude,
                    "longitude": place.longitude,
                    "metro_code": place.metro_code,
                    "timezone": place.timezone,
                },
            },
        });
        let (mut expected, mut found) = (BTreeMap::new(), BTreeMap::new());
        leaves(&serde_json::from_slice(SEED_STATUS).expect("JSON"), "", &mut expected);
        leaves(&spelled, "", &mut found);
        for value in expected.values_mut().filter(|value| **value == json!("")) {
            *value = Value::Null;
        }
        assert_eq!(expected.len(), 59);
        assert_eq!(found, expected);
        for extra in [
            answer.extra(),
            answer.other_proofs(),
            &answer.info().extra,
            &agent.extra,
            &place.extra,
            &assessment.extra,
        ] {
            assert!(extra.expose().is_empty(), "a key of the seed is not typed");
        }
    }

    #[test]
    fn an_accepted_assessment_tells_its_declined_service() {
        let answer = verified(SEED_STATUS);
        assert!(answer.is_accepted());
        assert_eq!(answer.declined_services().collect::<Vec<_>>(), ["phone"]);
    }
}

mod decisions {
    use super::*;

    fn decision(event: &str) -> Decision {
        verified(json!({"reference": "r-00001", "event": event}).to_string().as_bytes()).decision()
    }

    #[test]
    fn the_event_alone_decides() {
        use Decision::*;
        for (event, expected) in [
            ("verification.accepted", Accepted),
            ("verification.declined", Declined),
            ("verification.cancelled", Cancelled),
            ("request.pending", Pending),
            ("request.received", Pending),
            ("review.pending", Pending),
            ("request.invalid", Invalid),
            ("request.unauthorized", Unauthorized),
            ("request.deleted", Deleted),
            ("request.timeout", TimedOut),
            ("verification.status.changed", Other),
            ("request.data.changed", Other),
            ("request.cancelled", Other),
            ("request.accepted", Other),
            ("verification.approved", Other),
            ("VERIFICATION.ACCEPTED", Other),
            ("verification.accepted ", Other),
        ] {
            assert_eq!(decision(event), expected, "{event}");
        }
    }

    #[test]
    fn results_do_not_decide() {
        let body =
            br#"{"reference":"r-00001","event":"verification.declined","verification_result":{"face":1}}"#;
        assert!(!verified(body).is_accepted());
        let body =
            br#"{"reference":"r-00001","event":"verification.accepted","verification_result":{"face":0}}"#;
        assert!(verified(body).is_accepted());
    }

    #[test]
    fn an_answer_without_event_or_reference_is_no_answer() {
        assert_eq!(refused_at("{}"), "event");
        assert_eq!(refused_at(r#"{"reference":"r-00001"}"#), "event");
        assert_eq!(refused_at(r#"{"reference":"r-00001","event":""}"#), "event");
        for reference in ["", r#","reference":"""#, r#","reference":null"#, r#","reference":[]"#] {
            assert_eq!(
                refused_at(&format!(r#"{{"event":"verification.accepted"{reference}}}"#)),
                "reference"
            );
        }
        // Two events are no event: which of them counts must not depend on who reads.
        refused_at(
            r#"{"reference":"r-00001","event":"verification.accepted","event":"verification.declined"}"#,
        );
        let refused = read(r#"{"event":"request.unauthorized","reference":""}"#);
        assert_eq!(refused.reference(), None);
    }
}

mod reading {
    use super::*;

    #[test]
    fn every_object_may_be_an_empty_list() {
        let empty = accepted(json!({
            "error": [], "verification_result": [], "verification_data": [], "info": [], "additional_data": [],
            "warnings": [], "declined_codes": [], "services_declined_codes": [], "proofs": [], "proof": [],
            "services_proofs": [], "token": "",
        }));
        assert!(empty.verification_result().is_empty() && empty.additional_data().is_empty());
        assert!(empty.verification_data().services().is_empty() && empty.proofs().is_empty());
        let inner = accepted(json!({
            "verification_data": {"document": [], "address": {"name": []}, "background_checks": {"aml_data": []},
                "ekyc": {"personal_details": []}, "risk_assessment": {"risk_score": [], "services": []}},
            "verification_result": {"document": []},
            "info": {"agent": [], "geolocation": []},
            "additional_data": {"document": {"proof": []}},
            "warnings": {"document": []},
            "services_declined_codes": {"document": []},
            "proofs": {"document": []},
        }));
        let mut services = inner.verification_data().services();
        services.sort_unstable();
        assert_eq!(services, ["address", "background_checks", "document", "ekyc", "risk_assessment"]);
        let checks = inner.verification_data().background_checks.as_ref().expect("the key is there");
        assert_eq!(checks.aml_data, None);
    }

    #[test]
    fn results_have_three_outcomes_and_keep_the_rest() {
        let answer = accepted(json!({"verification_result": {
            "face": 1, "phone": "0", "consent": null, "email": "", "kyb": 1.0, "odd": 2,
            "document": {"dob": "1", "name": 0, "age": null, "gender": "M", "proof": true},
            "address": {"name": 1, "dob": null}, "empty": {}, "open": {"a": "?"},
        }}));
        let result = answer.verification_result();
        let overall = |service| match result.service(service) {
            Some(ServiceResult::Overall(outcome)) => outcome.clone(),
            other => panic!("{service}: {other:?}"),
        };
        assert_eq!(overall("face"), Outcome::Accepted);
        assert_eq!(overall("phone"), Outcome::Declined);
        assert_eq!(overall("consent"), Outcome::NotProcessed);
        assert_eq!(overall("email"), Outcome::NotProcessed);
        assert_eq!(overall("kyb"), Outcome::Accepted);
        assert_eq!(overall("odd"), Outcome::Other(json!(2).into()));
        assert_eq!(result.check("document", "dob"), Some(&Outcome::Accepted));
        assert_eq!(result.check("document", "gender"), Some(&Outcome::Other(json!("M").into())));
        assert_eq!(result.check("document", "proof"), Some(&Outcome::Other(json!(true).into())));
        assert_eq!(result.check("document", "absent"), None);
        let summary = |service| result.service(service).map(ServiceResult::summary);
        assert_eq!(summary("document"), Some(Outcome::Declined));
        assert_eq!(summary("address"), Some(Outcome::Accepted));
        assert_eq!(summary("empty"), Some(Outcome::NotProcessed));
        assert_eq!(summary("open"), Some(Outcome::NotProcessed));
        assert_eq!(summary("face"), Some(Outcome::Accepted));
    }

    #[test]
    fn what_is_not_known_is_kept() {
        let answer = accepted(json!({
            "event": "verification.reopened",
            "new_key": {"a": [1]},
            "declined_codes": ["SPDR06", "NEW-1"],
            "verification_data": {
                "iris": {"colour": "brown"},
                "document": {"selected_type": ["library_card"], "place_of_issue": "Leeds"},
                "background_checks": {"aml_data": {"hits": [{"types": ["pep-class-9"], "score": "0.5", "rank": 1}]}},
            },
            "info": {"network": 1, "agent": {"engine": "x"}},
        }));
        assert_eq!(*answer.event(), Event::Other("verification.reopened".to_owned()));
        assert_eq!(answer.extra().expose()["new_key"], json!({"a": [1]}));
        assert_eq!(answer.declined_codes(), [DeclineCode::from("SPDR06"), DeclineCode::from("NEW-1")]);
        let data = answer.verification_data();
        assert_eq!(data.extra.expose()["iris"], json!({"colour": "brown"}));
        let document = data.document.as_ref().expect("a document");
        assert_eq!(document.selected_types, [DocumentType::Other("library_card".to_owned())]);
        assert_eq!(document.extra.expose()["place_of_issue"], json!("Leeds"));
        let aml = data.background_checks.as_ref().and_then(|checks| checks.aml_data.as_ref()).expect("aml");
        assert_eq!(aml.hits[0].types, [AmlType::Other("pep-class-9".to_owned())]);
        assert_eq!(aml.hits[0].score, Some(0.5));
        assert_eq!(aml.hits[0].extra.expose()["rank"], json!(1));
        assert_eq!(answer.info().extra.expose()["network"], json!(1));
        assert_eq!(answer.info().agent.extra.expose()["engine"], json!("x"));
    }

    #[test]
    fn what_a_decision_rests_on_is_an_error_with_its_path() {
        let risk = r#"{"event":"a","reference":"r","verification_data":{"risk_assessment":{"services":"#;
        for (body, path) in [
            (r#"{"event":{},"reference":"r"}"#.to_owned(), "event"),
            (r#"{"reference":"r"}"#.to_owned(), "event"),
            (r#"{"event":"verification.accepted","reference":false}"#.to_owned(), "reference"),
            (r#"{"event":"verification.accepted"}"#.to_owned(), "reference"),
            (r#"{"event":"a","reference":"r","verification_result":"1"}"#.to_owned(), "verification_result"),
            (r#"{"event":"a","reference":"r","verification_url":{}}"#.to_owned(), "verification_url"),
            (format!("{risk}7}}}}}}"), "verification_data.risk_assessment.services"),
            (
                format!(r#"{risk}[{{"status":false}}]}}}}}}"#),
                "verification_data.risk_assessment.services[0].status",
            ),
        ] {
            assert_eq!(refused_at(&body), path);
        }
    }

    #[test]
    fn a_side_member_of_another_kind_is_absent_and_listed() {
        let unread = |members: &str| {
            let body = format!(r#"{{"reference":"r-00001","event":"verification.accepted",{members}}}"#);
            let answer = verified(body.as_bytes());
            assert!(answer.is_accepted());
            answer.unread().iter().map(|member| member.path().to_owned()).collect::<Vec<_>>()
        };
        for (members, path) in [
            (r#""country":{}"#, "country"),
            (r#""country":false"#, "country"),
            (r#""verification_data":"Jane""#, "verification_data"),
            (
                r#""verification_data":{"document":{"name":{"first_name":["x"]}}}"#,
                "verification_data.document.name.first_name",
            ),
            (r#""verification_data":{"document":{"age":"N/A"}}"#, "verification_data.document.age"),
            (
                r#""verification_data":{"document":{"face_match_confidence":"98%"}}"#,
                "verification_data.document.face_match_confidence",
            ),
            (
                r#""verification_data":{"background_checks":{"aml_data":{"hits":[{},{"score":true}]}}}"#,
                "verification_data.background_checks.aml_data.hits[1].score",
            ),
            (r#""verification_data":{"risk_assessment":7}"#, "verification_data.risk_assessment"),
            (r#""services_declined_codes":{"face":[{}]}"#, "services_declined_codes.face[0]"),
            (r#""info":{"geolocation":{"ip":{}}}"#, "info.geolocation.ip"),
            (r#""info":{"geolocation":{"host":false}}"#, "info.geolocation.host"),
            (r#""warnings":["x"]"#, "warnings"),
            (r#""proofs":"x""#, "proofs"),
        ] {
            assert_eq!(unread(members), [path]);
        }
        assert_eq!(unread(r#""info":{"geolocation":{"host":"\ud800"}}"#), [] as [&str; 0]);
        assert_eq!(unread(r#""verification_data":{"document":{"age":1e400}}"#), [] as [&str; 0]);
    }

    #[test]
    fn a_member_that_is_named_twice_in_a_signed_text_is_refused() {
        for body in [
            r#"{"event":"verification.declined","reference":"r","event":"verification.accepted"}"#,
            r#"{"event":"verification.declined","reference":"r","\u0065vent":"verification.accepted"}"#,
            r#"{"event":"verification.accepted","reference":"r","new":1,"new":2}"#,
            r#"{"event":"verification.accepted","reference":"r","verification_result":{"face":1,"face":0}}"#,
            r#"{"event":"verification.accepted","reference":"r","additional_data":{"a":{"b":{"c":1,"c":2}}}}"#,
        ] {
            let error = VerificationResponse::read(body.as_bytes(), RECEIVED).expect_err(body);
            assert_eq!(
                (error.kind(), error.check()),
                (ErrorKind::Decode, Some("json.repeated_name")),
                "{body}"
            );
        }
    }

    #[test]
    fn lists_that_php_wrote_as_objects_are_lists() {
        let answer = verified(
            br#"{"reference":"r","event":"verification.declined","declined_codes":{"0":"SPDR01","2":"SPDR05"},
                "services_declined_codes":{"face":{"1":"SPDR01"}},"services_proofs":{},
                "verification_data":{"document":{"selected_type":{}}}}"#,
        );
        let codes = answer.declined_codes().iter().map(|code| code.as_str()).collect::<Vec<_>>();
        assert_eq!(codes, ["SPDR01", "SPDR05"]);
        assert_eq!(answer.services_declined_codes()["face"].len(), 1);
        assert!(answer.unread().is_empty());
    }

    #[test]
    fn bodies_that_are_no_json_are_named_and_not_shown() {
        for (body, what) in [
            ("<html><h1>504 Jane Roe</h1></html>", "not JSON"),
            ("", "ends in the middle"),
            (r#"{"reference":"Jane Roe"#, "ends in the middle"),
            (r#"["Jane Roe"]"#, "another type"),
            (r#"{"event":"request.pending","reference":"r-00001"}Jane Roe"#, "more behind"),
        ] {
            let error = VerificationResponse::read(body.as_bytes(), RECEIVED).expect_err(body);
            assert_eq!(error.kind(), ErrorKind::Decode);
            let text = format!("{error} {error:?}");
            assert!(text.contains(what) && !text.contains("Jane"), "{body}: {text}");
        }
    }

    #[test]
    fn a_byte_order_mark_and_php_escapes_are_read() {
        let answer = read(
            "\u{FEFF}{\"reference\":\"r-00001\",\"event\":\"request.pending\",\
             \"verification_url\":\"https:\\/\\/app.shuftipro.com\\/p\\/\\u010D\"}",
        );
        assert_eq!(answer.verification_url().expect("a link").expose(), "https://app.shuftipro.com/p/č");
    }

    #[test]
    fn dates_that_are_days_are_dates() {
        let answer = accepted(json!({"verification_data": {
            "document": {"dob": "1990-10-10", "expiry_date": "0000-00-00"},
        }}));
        let document = answer.verification_data().document.as_ref().expect("a document");
        assert_eq!(
            document.date_of_birth().map(|day| day.expose().to_string()).as_deref(),
            Some("1990-10-10")
        );
        assert_eq!(document.date_of_expiry(), None);
    }
}

mod links {
    use super::*;

    fn proof(url: &str) -> ProofLink {
        accepted(json!({"proofs": {"access_token": "token", "face": {"proof": url}}})).proofs()[0].clone()
    }

    #[test]
    fn links_of_every_place_are_in_one_list() {
        let answer = accepted(json!({
            "proofs": {
                "access_token": "5f1d7a84", "verification_report": "https://ns.shuftipro.com/api/pea/1",
                "document": {"proof": "https://ns.shuftipro.com/api/pea/2", "additional_proof": "", "size": {"w": 1}},
                "address": [], "face": null,
            },
            "proof": {"face": {"proof": "https://api.shuftipro.com/storage/x/proof.png?access_token=abc"}},
            "services_proofs": [{"service": "face", "proof": "https://st-ns.shuftiapps.com/api/pea/3"}],
            "verification_data": {"questionnaire": [{"questions": [
                {"type": "file", "answer": "https://ra.shuftipro.com/questionnaire-api/storage/f?access_token=q"},
                {"type": "radio", "answer": "https://example.com"},
                {"type": "file", "answer": ""},
            ]}]},
        }));
        let names: Vec<_> =
            answer.proofs().iter().map(|link| (link.name(), link.method().as_str())).collect();
        assert_eq!(
            names,
            [
                ("document.proof".to_owned(), "POST"),
                ("verification_report".to_owned(), "POST"),
                ("face.proof".to_owned(), "GET"),
                ("face.proof".to_owned(), "POST"),
                ("questionnaire.file".to_owned(), "GET"),
            ]
        );
        assert!(
            answer.proofs().iter().all(|link| link.access_token().map(Secret::expose) == Some("5f1d7a84"))
        );
        assert_eq!(answer.proofs_access_token().map(Secret::expose), Some("5f1d7a84"));
        assert_eq!(answer.other_proofs().expose()["document.size"], json!({"w": 1}));
    }

    #[test]
    fn the_seed_has_four_proofs_and_the_file_of_a_question() {
        let answer = read(SEED_STATUS);
        let names: Vec<_> = answer.proofs().iter().map(ProofLink::name).collect();
        assert_eq!(
            names,
            [
                "face.proof",
                "document.proof",
                "document.additional_proof",
                "face.proof",
                "risk_assessment.file"
            ]
        );
        assert_eq!(answer.proofs()[4].method(), Method::Get);
        assert!(answer.proofs_access_token().is_none());
    }

    #[test]
    fn a_link_ends_a_quarter_of_an_hour_after_its_receipt() {
        let link = proof("https://ns.shuftipro.com/api/pea/1");
        let end = RECEIVED + Duration::from_secs(900);
        assert_eq!(link.expires(), end);
        assert!(!link.is_expired(end - Duration::from_nanos(1)));
        assert!(link.is_expired(end));
    }

    #[test]
    fn the_form_of_the_address_tells_how_it_is_opened() {
        for (url, method) in [
            ("https://ns.shuftipro.com/api/pea/1", Method::Post),
            ("https://ns.shuftipro.com/api/pea/1?access_token=a", Method::Get),
            ("https://ns.shuftipro.com/api/pea/1?x=1&access_token=", Method::Get),
            ("https://ns.shuftipro.com/access_token/1?token=a", Method::Post),
            ("https://ns.shuftipro.com/1#access_token=a", Method::Post),
            ("access_token", Method::Post),
        ] {
            assert_eq!(proof(url).method(), method, "{url}");
        }
    }

    #[test]
    fn only_safe_addresses_come_out() {
        for good in
            ["https://ns.shuftipro.com/a", "http://127.0.0.1:4804/a", "http://[::1]/a", "http://localhost/a"]
        {
            assert!(proof(good).link().url().is_ok(), "{good}");
        }
        for bad in [
            "http://ns.shuftipro.com/a",
            "http://localhost.example.com/",
            "http://10.0.0.1/",
            "ftp://ns.shuftipro.com/",
            "file:///etc/passwd",
            "https://user:word@ns.shuftipro.com/",
            "https://user@ns.shuftipro.com/",
            "javascript:alert(1)",
            "/relative",
            "https://",
        ] {
            let error = proof(bad).link().url().expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::Decode);
        }
    }
}

mod failures {
    use super::*;

    const CALLS: [Operation; 7] = [
        Operation::Verify,
        Operation::RiskAssessment,
        Operation::Status,
        Operation::Delete,
        Operation::AccessToken,
        Operation::AccountInfo,
        Operation::DeclineReasons,
    ];

    fn fail(call: Operation, status: u16, body: &str) -> Option<Error> {
        failure(Some(call), StatusCode::from_u16(status).expect("a status"), body.as_bytes())
    }

    fn kind(call: Operation, status: u16, body: &str) -> Option<ErrorKind> {
        fail(call, status, body).map(|error| error.kind())
    }

    const ABOUT_REFERENCE: &str = r#"{"reference":"r-00001","event":"request.invalid","error":{"service":"","key":"reference","message":"Jane Roe taken"}}"#;

    #[test]
    fn a_result_is_no_error_whatever_its_status() {
        for call in CALLS {
            assert_eq!(kind(call, 200, "{}"), None);
            assert_eq!(kind(call, 204, ""), None);
            for event in
                ["verification.declined", "verification.accepted", "request.pending", "permission.denied"]
            {
                let body = json!({"reference": "r-00001", "event": event}).to_string();
                for status in [200, 400, 404, 500] {
                    assert_eq!(kind(call, status, &body), None, "{event} {status}");
                }
            }
        }
    }

    #[test]
    fn the_event_wins_over_the_status() {
        let unauthorized = r#"{"reference":"","event":"request.unauthorized","error":{"message":"x"}}"#;
        let invalid = r#"{"reference":"r-00001","event":"request.invalid","error":{"service":"document","key":"dob","message":"x"}}"#;
        for call in CALLS {
            for status in [200, 400, 401, 404, 409, 500] {
                assert_eq!(kind(call, status, unauthorized), Some(ErrorKind::Authentication));
                assert_eq!(kind(call, status, invalid), Some(ErrorKind::InvalidRequest));
            }
        }
    }

    #[test]
    fn a_fault_at_the_reference_means_what_the_call_means() {
        for status in [200, 400, 409] {
            assert_eq!(kind(Operation::Verify, status, ABOUT_REFERENCE), Some(ErrorKind::Conflict));
            assert_eq!(kind(Operation::RiskAssessment, status, ABOUT_REFERENCE), Some(ErrorKind::Conflict));
            assert_eq!(kind(Operation::Status, status, ABOUT_REFERENCE), Some(ErrorKind::NotFound));
            assert_eq!(kind(Operation::Delete, status, ABOUT_REFERENCE), Some(ErrorKind::InvalidRequest));
        }
        // A service's own reference is another thing.
        let of_service =
            r#"{"event":"request.invalid","error":{"service":"kyb","key":"reference","message":"x"}}"#;
        assert_eq!(kind(Operation::Verify, 400, of_service), Some(ErrorKind::InvalidRequest));
        // A callback names no call.
        let answer = read(ABOUT_REFERENCE);
        assert_eq!(answer.failure(None).map(|error| error.kind()), Some(ErrorKind::InvalidRequest));
        assert_eq!(
            answer.failure(Some(Operation::Status)).map(|error| error.kind()),
            Some(ErrorKind::NotFound)
        );
    }

    #[test]
    fn without_an_event_the_status_decides() {
        use ErrorKind::*;
        for body in ["", "<html>Jane Roe</html>", "[]", "{}", "null", r#"{"event":null}"#, r#"{"event":{}}"#]
        {
            for (status, expected) in [
                (400, InvalidRequest),
                (401, Authentication),
                (402, InvalidRequest),
                (403, Permission),
                (404, NotFound),
                (409, Conflict),
                (422, InvalidRequest),
                (429, RateLimited),
                (500, Provider),
                (504, Provider),
                (524, Provider),
            ] {
                for call in CALLS {
                    let error = fail(call, status, body).expect("an error");
                    assert_eq!(error.kind(), expected, "{status} {body}");
                    assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
                    assert!(!format!("{error} {error:?}").contains("Jane"));
                }
            }
        }
    }

    #[test]
    fn what_the_provider_said_is_reached_and_not_printed() {
        let body = r#"{"event":"request.invalid","error":{"service":"address","key":"full_address","message":["The Jane Street is required.","","Too short."]}}"#;
        let error = fail(Operation::Verify, 400, body).expect("an error");
        assert_eq!(error.code(), Some("request.invalid"));
        assert_eq!(error.provider_message(), Some("The Jane Street is required.; Too short."));
        let fields: Vec<_> = error
            .fields()
            .iter()
            .map(|field| (field.field.as_str(), field.message.expose().as_str()))
            .collect();
        assert_eq!(
            fields,
            [
                ("address.full_address", "The Jane Street is required."),
                ("address.full_address", "Too short.")
            ]
        );
        assert!(!format!("{error} {error:?}").contains("Jane"));
        assert!(error.to_string().contains("field address.full_address"));

        for (error, field, message) in [
            (r#"{"service":"","key":"ttl","message":"bad"}"#, Some("ttl"), Some("bad")),
            (r#"{"service":"face","key":""}"#, Some("face"), None),
            (r#"{"message":{"dob":["a","b"],"name":"c"}}"#, None, Some("a; b; c")),
            (r#""plain text""#, None, Some("plain text")),
            (r#""""#, None, None),
            ("[]", None, None),
            ("7", None, None),
            (r#"{"service":7,"key":[],"message":{"a":{"b":"deep"}}}"#, None, Some("deep")),
        ] {
            let body = format!(r#"{{"event":"request.invalid","error":{error}}}"#);
            let failed = fail(Operation::Verify, 400, &body).expect("an error");
            assert_eq!(failed.fields().first().map(|field| field.field.as_str()), field, "{error}");
            assert_eq!(failed.provider_message(), message, "{error}");
        }
    }

    #[test]
    fn only_calls_that_change_something_leave_their_effect_unknown() {
        for call in CALLS {
            let unknown = matches!(call, Operation::Verify | Operation::RiskAssessment | Operation::Delete);
            assert_eq!(fail(call, 504, "<html>").map(|error| error.may_have_taken_effect()), Some(unknown));
            assert_eq!(fail(call, 400, "<html>").map(|error| error.may_have_taken_effect()), Some(false));
        }
    }
}

mod small_calls {
    use super::*;

    #[test]
    fn an_access_token_lives_ten_minutes_and_must_be_there() {
        let token = AccessToken::read(br#"{"access_token":"abcdef"}"#, RECEIVED).expect("a token");
        assert_eq!(token.token().expose(), "abcdef");
        assert_eq!(token.expires(), RECEIVED + Duration::from_secs(600));
        assert!(!format!("{token:?}").contains("abcdef"));
        for body in ["{}", r#"{"access_token":""}"#, r#"{"access_token":null}"#] {
            let error = AccessToken::read(body.as_bytes(), RECEIVED).expect_err(body);
            assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some("access_token")));
        }
    }

    #[test]
    fn an_account_must_be_there() {
        for body in ["{}", r#"{"account":[]}"#, r#"{"account":""}"#] {
            let error = Account::read(body.as_bytes()).expect_err(body);
            assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some("account")));
        }
        let account = Account::read(br#"{"account":{"status":"frozen","new":1}}"#).expect("an account");
        assert_eq!(account.status, Some(AccountStatus::Other("frozen".to_owned())));
        assert_eq!(account.extra.expose()["new"], json!(1));
    }

    #[test]
    fn decline_reasons_must_be_there() {
        let error = DeclineReason::read(b"{}").expect_err("nothing");
        assert_eq!(error.path(), Some("decline_reasons"));
        let error = DeclineReason::read(br#"{"decline_reasons":[{"description":"of nothing"}]}"#);
        assert_eq!(error.expect_err("no code").path(), Some("decline_reasons[0].status_code"));
        let body = br#"{"decline_reasons":[{"status_code":"SPDR01"},{"status_code":""}]}"#;
        let reasons = DeclineReason::read(body).expect("reasons");
        assert_eq!(reasons.len(), 1);
        assert_eq!(reasons[0].code.number(), Some(1));
    }
}

mod privacy {
    use super::*;

    /// Keys of the wire with values that say nothing of a person: what kind of thing it is, and no more.
    const OPEN: [&str; 20] = [
        "event",
        "status",
        "service",
        "service_name",
        "type",
        "types",
        "aml_types",
        "filters",
        "match_types",
        "entity_type",
        "selected_type",
        "supported_types",
        "declined_codes",
        "services_declined_codes",
        "title",
        "question",
        "point_name",
        "key",
        "reference",
        "declined_reason",
    ];

    /// Every text of a body that is long enough to be distinct from others, except those that are open.
    fn personal(value: &Value, key: &str, into: &mut Vec<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(inner, value)| {
                personal(value, if OPEN.contains(&key) { key } else { inner }, into);
            }),
            Value::Array(list) => list.iter().for_each(|value| personal(value, key, into)),
            Value::String(text) if text.len() >= 6 && !OPEN.contains(&key) => into.push(text.clone()),
            _ => {}
        }
    }

    #[test]
    fn no_debug_output_tells_of_a_person() {
        let mut bodies = bodies();
        bodies.insert("seed".to_owned(), SEED_STATUS.to_vec());
        let mut seen = 0;
        for (file, body) in bodies {
            let mut texts = Vec::new();
            personal(&serde_json::from_slice(&body).expect("JSON"), "", &mut texts);
            if texts.is_empty() {
                continue;
            }
            seen += texts.len();
            let canaries = Canaries::new(&texts);
            let mut capture = canaries.capture();
            let answer = read(&body);
            capture.debug(format!("{file}: the answer"), &answer);
            capture.debug(format!("{file}: verified"), &verified(&body));
            capture.debug(format!("{file}: error"), answer.error());
            capture.debug(format!("{file}: data"), answer.verification_data());
            capture.debug(format!("{file}: result"), answer.verification_result());
            capture.debug(format!("{file}: info"), answer.info());
            capture.debug(format!("{file}: additional data"), answer.additional_data());
            capture.debug(format!("{file}: warnings"), answer.warnings());
            capture.debug(format!("{file}: proofs"), answer.proofs());
            capture.debug(format!("{file}: url"), &answer.verification_url());
            capture.debug(format!("{file}: extra"), answer.extra());
            if let Some(error) = failure(Some(Operation::Verify), StatusCode::BAD_REQUEST, &body) {
                capture.error(format!("{file}: failure"), &error);
            }
            capture.assert_clean();
        }
        assert!(seen > 200, "{seen} texts are too few to prove anything");
    }
}

/// Any JSON, a few levels deep, with the keys of the wire among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let keys = prop_oneof![
        "[a-z_]{1,12}",
        prop::sample::select(vec![
            "reference",
            "event",
            "error",
            "verification_result",
            "verification_data",
            "info",
            "additional_data",
            "document",
            "name",
            "proofs",
            "proof",
            "services_proofs",
            "service",
            "aml_data",
            "hits",
            "fields",
            "risk_assessment",
            "questionnaire",
            "questions",
            "answer",
            "type",
            "agent",
            "warnings",
            "declined_codes",
            "services_declined_codes",
            "account",
            "access_token",
            "decline_reasons",
            "status_code",
            "score",
            "age",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        Just(Value::from("verification.accepted")),
        Just(Value::from("file")),
        Just(Value::from("https://ns.shuftipro.com/api/pea/1")),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(keys.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Reads bytes in every way there is, and looks at all of it.
fn read_every_way(body: &[u8]) {
    if let Ok(answer) = VerificationResponse::read_any(body, RECEIVED) {
        let _ = format!("{answer:?} {:?} {:?}", answer.verification_data(), answer.proofs());
        for link in answer.proofs() {
            let _ = (link.method(), link.name(), link.link().url(), link.link().host());
        }
        let _ = answer.declined_services().count();
    }
    if let Err(error) = VerificationResponse::read(body, RECEIVED) {
        assert_eq!(error.kind(), ErrorKind::Decode);
        let _ = format!("{error} {error:?}");
    }
    let _ = (Account::read(body), AccessToken::read(body, RECEIVED), DeclineReason::read(body));
    for status in [200, 400, 500] {
        let _ = failure(Some(Operation::Status), StatusCode::from_u16(status).expect("a status"), body);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_bytes_never_panics(body in prop::collection::vec(any::<u8>(), 0..256)) {
        read_every_way(&body);
    }

    #[test]
    fn reading_json_never_panics(body in any_json()) {
        read_every_way(body.to_string().as_bytes());
    }

    /// A body of the vectors with one of its leaves replaced by anything.
    #[test]
    fn reading_a_spoiled_body_never_panics(file in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), with in any_json()) {
        let bodies: Vec<_> = bodies().into_values().collect();
        let mut body: Value = serde_json::from_slice(&bodies[file.index(bodies.len())]).expect("JSON");
        let mut paths = BTreeMap::new();
        leaves(&body, "", &mut paths);
        let paths: Vec<_> = paths.into_keys().collect();
        *body.pointer_mut(&paths[place.index(paths.len())]).expect("a place") = with;
        read_every_way(body.to_string().as_bytes());
    }

    /// A body cut anywhere is refused as cut off or as no JSON, never taken for something else.
    #[test]
    fn a_truncated_body_is_refused(file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        let bodies: Vec<_> = bodies().into_values().collect();
        let body = &bodies[file.index(bodies.len())].trim_ascii_end();
        let error = VerificationResponse::read(&body[..at.index(body.len())], RECEIVED).expect_err("cut off");
        prop_assert_eq!(error.kind(), ErrorKind::Decode);
    }
}

#[test]
fn any_side_member_may_be_anything() {
    let messages: Vec<Value> = bodies()
        .values()
        .filter_map(|body| serde_json::from_slice(body).ok())
        .filter(|body: &Value| {
            body["event"].is_string() && body["reference"].as_str().is_some_and(|text| !text.is_empty())
        })
        .collect();
    assert!(messages.len() > 20, "{}", messages.len());
    crate::wire::unread::property::holds(
        &messages,
        super::response::STRICT,
        |body| VerificationResponse::read(body, RECEIVED),
        VerificationResponse::unread,
        |answer| {
            let report = verified_shape(answer);
            format!("{report} {:?} {:?} {:?}", answer.declined_codes(), answer.proofs(), answer.warnings())
        },
    );
}

fn verified_shape(answer: &VerificationResponse) -> String {
    use crate::verified::{Proof, Verified};
    let answer = Verified::new(answer.clone(), Proof::new(0, "test", [0; 32]));
    let decision = answer.decision();
    format!("{decision:?} {}", answer.identity().to_json().expose())
}
