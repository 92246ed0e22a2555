//! An answer is about what was asked for, or it is an error.

use kyckit::{
    Error, ErrorKind,
    privacy::Secret,
    selfkey::{
        Did,
        did::{HttpResolver, ResolveDid},
    },
    shuftipro::{
        request::{DeleteRequest, Face, Reference, RiskAssessmentRequest, VerificationRequest},
        signature::{Rule, sign},
    },
    transport::{MockResponse, MockTransport},
};
use serde_json::json;

use super::table::*;

#[track_caller]
fn assert_other(name: &str, outcome: Result<(), Error>) {
    let error = outcome.expect_err(name);
    let at = format!("{name}: {error}");
    assert_eq!(error.kind(), ErrorKind::Provider, "{at}");
    let check = error.check().unwrap_or_default();
    assert!(
        ["answer.application", "answer.object", "answer.reference", "answer.handle", "did.document"]
            .contains(&check),
        "{at}"
    );
}

#[tokio::test]
async fn every_answer_that_names_another_object_is_an_error() {
    let mut compared = 0;
    for call in in_paths().into_iter().filter(|call| call.names_it) {
        for (asked, named) in
            [("5ddd5b1656fbce7b59389638", "5ddd5b1656fbce7b59389639"), ("a1", "A1"), ("1", "01")]
        {
            let memory = MockTransport::new((call.before)(asked));
            memory.then((call.answer)(named));
            assert_other(call.name, (call.run)(memory, asked.to_owned()).await);
        }
        // A number and its text are the same id, and so is one in the other case of its digits.
        let (asked, named) = ("5ddd5b1656fbce7b59389638", "5DDD5B1656FBCE7B59389638");
        let memory = MockTransport::new((call.before)(asked));
        memory.then((call.answer)(named));
        let outcome = (call.run)(memory, asked.to_owned()).await;
        assert!(outcome.is_ok() || call.name.starts_with("credo360"), "{}: {outcome:?}", call.name);
        compared += 1;
    }
    println!("{compared} calls with an id in their path compare it with what their answer names");
    assert_eq!(compared, 17);
}

#[tokio::test]
async fn both_names_of_an_id_have_to_fit() {
    for body in [r#"{"id":"A1","_id":"A2"}"#, r#"{"id":"A2","_id":"A1"}"#, r#"{"_id":"A2"}"#] {
        let client = kycc(&MockTransport::new([ok(body), ok(body)]));
        assert_other("application", client.application("A1", &[]).await.map(drop));
        assert_other("user", client.user("A1", &[]).await.map(drop));
    }
    let client = kycc(&MockTransport::new([ok(r#"{"id":7,"_id":"7"}"#), ok(r#"{"currentStatus":4}"#)]));
    assert_eq!(client.application("7", &[]).await.expect("a number is its text").id, "7");
    assert_eq!(client.application("7", &["currentStatus"]).await.expect("it names nothing").id, "7");
}

fn signed(reference: &str, event: &str) -> MockResponse {
    let body = json!({"reference": reference, "event": event}).to_string();
    let signature = sign(body.as_bytes(), &Secret::from(SECRET), Rule::Hashed);
    ok(body).header("Signature", &signature)
}

#[tokio::test]
async fn shufti_pro_answers_about_the_reference_that_was_asked_for() {
    let reference = || Reference::new("order-1").expect("a reference");
    let other = || MockTransport::new(vec![signed("order-2", "request.pending"); 4]);
    let request = VerificationRequest::onsite(reference()).face(Face::new());
    let risk = RiskAssessmentRequest::new(reference(), "37rNhl", "a@b.example", "+447700900123");
    let delete = DeleteRequest::new(reference(), "asked for");
    for (name, outcome) in [
        ("status", shuftipro(&other()).status(&reference()).await),
        ("verify", shuftipro(&other()).verify(&request).await),
        ("resume", shuftipro(&other()).resume(&request).await),
        ("assess_risk", shuftipro(&other()).assess_risk(&risk).await),
        ("delete", shuftipro(&other()).delete(&delete).await),
    ] {
        assert_other(name, outcome.map(drop));
    }
}

#[tokio::test]
async fn credo360_proves_and_reads_whom_it_was_asked_for() {
    use kyckit::credo360::{HandleId, Method, Response};

    let handle: HandleId = "02598397346".parse().expect("a handle");
    let challenge = r#"{"challengeId":"c","method":"passcode","validation":{"length":6,"delivery":"sms"}}"#;
    let memory = MockTransport::new([ok(challenge), ok(r#"{"handleId":"02598397347"}"#)]);
    let client = credo360(&memory);
    let mut challenge = client.challenge(&handle, &Method::Passcode).await.expect("a challenge");
    assert_other("validate", client.validate(&mut challenge, &Response::passcode("783423")).await.map(drop));
}

#[tokio::test]
async fn a_document_is_that_of_the_did_that_was_asked_for() {
    let id = |digit: &str| format!("did:selfkey:0x{}", digit.repeat(64));
    let memory = MockTransport::new([ok(json!({"id": id("2")}).to_string())]);
    let resolver = HttpResolver::new("https://resolver.example/1.0", options(&memory)).expect("a resolver");
    let did: Did = id("1").parse().expect("a DID");
    assert_other("resolve", resolver.resolve(&did).await.map(drop));
}
