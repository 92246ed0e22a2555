//! Nothing unverified looks verified.

use kyckit::{
    Error, ErrorKind,
    shuftipro::{
        Client, Decision, VerificationResponse,
        signature::{Rule, Verifier},
    },
    transport::{MockResponse, MockTransport, Options, RawRequest},
    verified::{Verified, Verifier as _},
};

use crate::support::{
    CLIENT_ID, SECRET, assert_well_formed, clock, hashed, in_memory, legacy, onsite, reference, signed,
};

const BODY: &str = concat!(
    r#"{"reference":"order-2026-0001","event":"request.pending","#,
    r#""verification_url":"https:\/\/app.shuftipro.com\/verification\/process\/abc"}"#,
);

/// `BODY` under [`SECRET`], computed with Python's `hashlib`.
const HASHED: &str = "e576d60365d936fa7db84610b226d2ba6b687f913a55b00eb7a385765536e7af";
const LEGACY: &str = "23403c3401bc7374662a37caab23c5302fd9cd9b069d281412a07be905292984";

fn answer(signature: &str, body: &str) -> MockResponse {
    MockResponse::json(200, body.to_owned()).header("Signature", signature)
}

fn client(rule: Rule, older: &[&str], answer: MockResponse) -> Client {
    let options = Options::new().transport(MockTransport::new([answer])).clock(clock().0);
    let builder = Client::builder(CLIENT_ID, SECRET).signature_rule(rule).options(options);
    older.iter().fold(builder, |builder, secret| builder.also_accept(*secret)).build().expect("a client")
}

async fn status(
    rule: Rule,
    older: &[&str],
    answer: MockResponse,
) -> Result<Verified<VerificationResponse>, Error> {
    client(rule, older, answer).status(&reference("order-2026-0001")).await
}

#[test]
fn the_tests_sign_as_the_provider_does() {
    assert_eq!(hashed(BODY.as_bytes(), SECRET), HASHED);
    assert_eq!(legacy(BODY.as_bytes(), SECRET), LEGACY);
}

#[tokio::test]
async fn each_rule_takes_its_own_signatures_and_tells_which_fitted() {
    for (rule, header, fitted) in [
        (Rule::Hashed, HASHED, Some("hashed")),
        (Rule::Hashed, LEGACY, None),
        (Rule::Legacy, LEGACY, Some("legacy")),
        (Rule::Legacy, HASHED, None),
        (Rule::Either, HASHED, Some("hashed")),
        (Rule::Either, LEGACY, Some("legacy")),
    ] {
        match (status(rule, &[], answer(header, BODY)).await, fitted) {
            (Ok(answer), Some(fitted)) => {
                assert_eq!((Verified::proof(&answer).rule, Verified::proof(&answer).secret), (fitted, 0));
                assert_eq!(answer.decision(), Decision::Pending);
            }
            (Err(error), None) => {
                assert_well_formed(&error, "status");
                let likely = if rule == Rule::Hashed { "rule.legacy" } else { "rule.hashed" };
                assert_eq!((error.check(), error.diagnosis()), (Some("signature.mismatch"), &[likely][..]));
            }
            (result, fitted) => panic!("{rule:?} {header}: {result:?}, expected {fitted:?}"),
        }
    }
}

/// A forger must not be able to have large bodies parsed, so the diagnosis of a body that a framework has read and written
/// again ends at 64 KiB.
#[test]
fn a_body_of_more_than_64_kib_is_not_parsed_for_a_diagnosis() {
    let verifier = Verifier::new(SECRET, Rule::Hashed);
    let diagnosis = |length: usize| {
        let (head, tail) = (r#"{"reference": "order-1", "event": "request.pending", "note": ""#, r#""}"#);
        let body = format!("{head}{}{tail}", "x".repeat(length - head.len() - tail.len()));
        assert_eq!(body.len(), length);
        let sent = body.replace("\": \"", "\":\"").replace("\", \"", "\",\"");
        let mut headers = http::HeaderMap::new();
        let signature = hashed(sent.as_bytes(), SECRET).parse().expect("a header");
        headers.insert("signature", signature);
        assert!(verifier.check(&headers, sent.as_bytes()).is_ok(), "it was signed as it was sent");
        let error = verifier.check(&headers, body.as_bytes()).expect_err("it was written anew");
        assert_eq!((error.kind(), error.check()), (ErrorKind::Signature, Some("signature.mismatch")));
        error.diagnosis().to_vec()
    };
    assert_eq!(diagnosis(200), ["body.reserialised"]);
    assert_eq!(diagnosis(64 * 1024), ["body.reserialised"]);
    assert!(diagnosis(64 * 1024 + 1).is_empty());
    assert!(diagnosis(1 << 20).is_empty());
}

#[tokio::test]
async fn a_changed_byte_another_secret_and_a_bad_header_are_refused() {
    let accepted = BODY.replace("request.pending", "verification.accepted");
    let other_secret = hashed(BODY.as_bytes(), "another secret");
    for (header, body, check) in [
        (HASHED, accepted.as_str(), "signature.mismatch"),
        (HASHED, &format!("{BODY}\n"), "signature.mismatch"),
        (HASHED, &BODY.replace("\\/", "/"), "signature.mismatch"),
        (&other_secret, BODY, "signature.mismatch"),
        (&HASHED[..63], BODY, "signature.malformed"),
        (&format!("sha256={HASHED}"), BODY, "signature.malformed"),
        ("NmI4NmIyNzNmZjM0ZmNl", BODY, "signature.malformed"),
        ("", BODY, "signature.malformed"),
    ] {
        let error = status(Rule::Hashed, &[], answer(header, body)).await.expect_err(header);
        assert_well_formed(&error, "status");
        assert_eq!((error.kind(), error.check()), (ErrorKind::Signature, Some(check)), "{header}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
        assert!(error.is_verification_failure() && !error.is_retryable());
    }
    let missing = status(Rule::Hashed, &[], MockResponse::json(200, BODY)).await.expect_err("unsigned");
    assert_eq!(missing.check(), Some("signature.missing"));
    let upper = status(Rule::Hashed, &[], answer(&HASHED.to_uppercase(), BODY)).await;
    assert!(upper.is_ok(), "the case of hex is no matter");
}

#[tokio::test]
async fn every_signed_call_is_checked() {
    let unsigned = [
        (r#"{"reference":"order-1","event":"verification.accepted"}"#, "verify"),
        (r#"{"access_token":"a3"}"#, "access_token"),
        (r#"{"account":{"name":"Your Company"}}"#, "account"),
        (r#"{"decline_reasons":[]}"#, "decline_reasons"),
        (r#"{"anything":1}"#, "raw"),
    ];
    for (body, operation) in unsigned {
        let (client, _, _) = in_memory([MockResponse::json(200, body)]);
        let error = match operation {
            "verify" => client.verify(&onsite("order-1")).await.map(drop),
            "access_token" => client.access_token().await.map(drop),
            "account" => client.account().await.map(drop),
            "decline_reasons" => client.decline_reasons().await.map(drop),
            _ => client.raw(RawRequest::get(["anything"])).await.map(drop),
        }
        .expect_err("unsigned");
        assert_well_formed(&error, operation);
        assert_eq!(error.check(), Some("signature.missing"), "{operation}");
        // Only what is not safe to repeat leaves a doubt behind.
        assert_eq!(error.may_have_taken_effect(), operation == "verify", "{operation}");
    }
}

#[tokio::test]
async fn what_is_signed_and_not_understood_says_where() {
    for (body, path) in [
        ("", "."),
        ("null", "."),
        (r#"{"reference":"order-2026-0001","event":"verif"#, "event"),
        (r#"{"reference":"order-2026-0001"}"#, "event"),
        (r#"{"event":"verification.accepted"}"#, "reference"),
        (
            r#"{"reference":"order-2026-0001","event":"verification.accepted","verification_result":7}"#,
            "verification_result",
        ),
    ] {
        let signature = hashed(body.as_bytes(), SECRET);
        let error = status(Rule::Hashed, &[], answer(&signature, body)).await.expect_err(body);
        assert_well_formed(&error, "status");
        assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some(path)), "{body}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
    }
}

#[tokio::test]
async fn while_a_secret_is_rotated_older_ones_count_and_are_told_apart() {
    let older = ["the one before", "the one before that"];
    for (position, secret) in [SECRET, older[0], older[1]].into_iter().enumerate() {
        let signature = hashed(BODY.as_bytes(), secret);
        let answer = status(Rule::Hashed, &older, answer(&signature, BODY)).await.expect("accepted");
        assert_eq!(Verified::proof(&answer).secret, position);
    }
    let forgotten = hashed(BODY.as_bytes(), "long gone");
    let error = status(Rule::Hashed, &older, answer(&forgotten, BODY)).await.expect_err("not accepted");
    assert_eq!(error.check(), Some("signature.mismatch"));
}

#[tokio::test]
async fn an_authentic_answer_about_another_reference_is_thrown_away() {
    let body = r#"{"reference":"order-9999","event":"verification.accepted"}"#;
    let (client, _, _) = in_memory([signed(200, body), signed(200, body), signed(200, body)]);
    let error = client.status(&reference("order-1")).await.expect_err("about somebody else");
    assert_well_formed(&error, "status");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Provider, Some("answer.reference")));
    assert_eq!(error.attempts(), 1, "it is not asked again by itself");
    // Nor does verify take it for a lost answer and believe the next one.
    let error = client.verify(&onsite("order-1")).await.expect_err("about somebody else");
    assert_eq!(error.check(), Some("answer.reference"));
    assert!(error.may_have_taken_effect());
}

#[tokio::test]
async fn a_refusal_is_one_behind_any_status_and_without_a_signature() {
    let refused =
        r#"{"reference":"","event":"request.unauthorized","error":{"service":"","key":"","message":"x"}}"#;
    for answer in [
        MockResponse::json(200, refused),
        signed(200, refused),
        MockResponse::json(401, refused),
        MockResponse::json(401, "<html>401</html>"),
        MockResponse::json(401, ""),
        // The event wins over a status that says otherwise.
        MockResponse::json(500, refused),
        MockResponse::json(404, refused),
    ] {
        let code = answer.status.as_u16();
        let (client, memory, _) = in_memory([answer]);
        let error = client.verify(&onsite("order-1")).await.expect_err("refused");
        assert_well_formed(&error, "verify");
        assert_eq!(error.kind(), ErrorKind::Authentication, "{code}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(code));
        assert_eq!((error.attempts(), error.may_have_taken_effect()), (1, false), "{code}");
        assert_eq!(memory.sent().len(), 1);
    }
}

#[tokio::test]
async fn refusals_keep_what_the_provider_said_and_do_not_show_it() {
    let invalid = concat!(
        r#"{"reference":"order-1","event":"request.invalid","error":{"service":"document","key":"dob","#,
        r#""message":["The dob 1978-03-13 is wrong.","It is in the future."]}}"#,
    );
    for code in [400, 402, 200] {
        let (client, _, _) = in_memory([signed(code, invalid)]);
        let error = client.verify(&onsite("order-1")).await.expect_err("refused");
        assert_well_formed(&error, "verify");
        assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, Some("request.invalid")));
        let fields: Vec<&str> = error.fields().iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["document.dob", "document.dob"]);
        assert_eq!(error.provider_message(), Some("The dob 1978-03-13 is wrong.; It is in the future."));
        assert!(!format!("{error} {error:?}").contains("1978"));
        assert!(error.to_string().contains("field document.dob"));
    }
    for (code, body, kind) in [
        (403, r#"{"error":{"service":"kyb","message":"not in the plan"}}"#, ErrorKind::Permission),
        (404, "", ErrorKind::NotFound),
        (409, "{}", ErrorKind::Conflict),
    ] {
        let (client, _, _) = in_memory([MockResponse::json(code, body)]);
        let error = client.verify(&onsite("order-1")).await.expect_err("refused");
        assert_eq!((error.kind(), error.attempts()), (kind, 1));
        assert!(!error.may_have_taken_effect() && !error.is_retryable());
    }
}

#[tokio::test]
async fn callbacks_are_read_behind_the_same_check() {
    let (client, _, _) = in_memory([]);
    let callbacks = client.callbacks();
    let mut headers = http::HeaderMap::new();
    headers.insert("signature", HASHED.parse().expect("a value"));
    let callback = callbacks.verify(&headers, BODY.as_bytes()).expect("authentic");
    assert_eq!((callback.decision(), callback.reference()), (Decision::Pending, Some("order-2026-0001")));
    for forged in [BODY.replace("request.pending", "verification.accepted"), format!("{BODY} ")] {
        let error = callbacks.verify(&headers, forged.as_bytes()).expect_err("forged");
        assert_well_formed(&error, "callback");
        assert_eq!(error.check(), Some("signature.mismatch"));
    }
    headers.append("signature", HASHED.parse().expect("a value"));
    let error = callbacks.verify(&headers, BODY.as_bytes()).expect_err("twice");
    assert_eq!(error.check(), Some("signature.repeated"));
}
