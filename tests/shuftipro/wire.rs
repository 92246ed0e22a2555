//! What leaves: method, URL, headers and body of every call, to the byte.

use std::sync::{Arc, Mutex};

use http::Method;
use kyckit::{
    shuftipro::{
        Client, Region,
        model::{DocumentType, Service},
        proof::Proof,
        request::{
            DeleteRequest, Document, Face, Name, Reference, RiskAssessmentRequest, VerificationRequest,
        },
    },
    transport::{MockTransport, Options, Progress, RawRequest, RecordedRequest},
};

use crate::support::{
    CLIENT_ID, OtherServer, SECRET, builder_of, clock, header, in_memory, onsite, over, reference, says,
    signed, world,
};

/// `client-id:$2y$10$abc/def.ghi` in base64 (RFC 4648, section 4).
const BASIC: &str = "Basic Y2xpZW50LWlkOiQyeSQxMCRhYmMvZGVmLmdoaQ==";

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n";

fn only(memory: &MockTransport) -> RecordedRequest {
    let mut sent = memory.sent();
    assert_eq!(sent.len(), 1);
    sent.remove(0)
}

/// Checks a JSON call that carries the account's credentials.
fn assert_sent(sent: &RecordedRequest, method: Method, url: &str, body: &str) {
    assert_eq!((&sent.method, sent.url.as_str()), (&method, url));
    assert_eq!(sent.body, body, "{url}");
    assert_eq!(header(&sent.headers, "authorization"), Some(BASIC), "{url}");
    assert!(sent.headers["authorization"].is_sensitive(), "{url}");
    assert_eq!(header(&sent.headers, "accept"), Some("application/json"), "{url}");
    let media_type = (!body.is_empty()).then_some("application/json");
    assert_eq!(header(&sent.headers, "content-type"), media_type, "{url}");
    let names = if body.is_empty() { 2 } else { 3 };
    assert_eq!(sent.headers.len(), names, "no other header: {url}");
}

#[tokio::test]
async fn verify_onsite() {
    let (client, memory, _) = in_memory([says("order-2026-0001", "request.pending")]);
    let request = VerificationRequest::onsite(reference("order-2026-0001"))
        .country("GB")
        .language("EN")
        .email("jane.roe@example.com")
        .callback_url("https://backend.example.com/kyc")
        .ttl_minutes(30)
        .show_results(false)
        .document(
            Document::new()
                .supported_types([DocumentType::Passport])
                .name(Name::first_last("Zoë", "Roe").fuzzy_match())
                .read_dob(),
        )
        .face(Face::new())
        .with_defaults(Service::Phone);
    client.verify(&request).await.expect("pending");
    assert_sent(
        &only(&memory),
        Method::POST,
        "https://api.shuftipro.com/",
        concat!(
            r#"{"reference":"order-2026-0001","country":"GB","language":"EN","email":"jane.roe@example.com","#,
            r#""callback_url":"https://backend.example.com/kyc","ttl":30,"show_results":"0","#,
            r#""document":{"supported_types":["passport"],"#,
            r#""name":{"first_name":"Zoë","last_name":"Roe","fuzzy_match":"1"},"dob":""},"face":{},"phone":""}"#,
        ),
    );
}

#[tokio::test]
async fn verify_offsite_and_its_progress() {
    const BODY: &str =
        r#"{"reference":"order-2026-0002","face":{"proof":"data:image/png;base64,iVBORw0KGgo="}}"#;
    let face = Face::new().proof(Proof::png(PNG).expect("a PNG"));
    let request = VerificationRequest::offsite(reference("order-2026-0002")).face(face);
    let (client, memory, _) = in_memory([says("order-2026-0002", "verification.declined")]);
    // A declined verification is no error.
    assert!(!client.verify(&request).await.expect("a result").is_accepted());
    assert_sent(&only(&memory), Method::POST, "https://api.shuftipro.com/", BODY);

    let (client, memory, _) = in_memory([says("order-2026-0002", "verification.accepted")]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let progress = {
        let told = Arc::clone(&told);
        Progress::new(move |so_far, whole| told.lock().expect("told").push((so_far, whole)))
    };
    client.verify_with_progress(&request, progress).await.expect("a result");
    assert_sent(&only(&memory), Method::POST, "https://api.shuftipro.com/", BODY);
    let length = BODY.len() as u64;
    assert_eq!(*told.lock().expect("told"), [(length, Some(length))]);
}

#[tokio::test]
async fn verify_by_journey() {
    let (client, memory, _) = in_memory([says("order-2026-0003", "request.pending")]);
    let request = VerificationRequest::journey(reference("order-2026-0003"), "q9pDvvCx1669874968");
    client.verify(&request).await.expect("pending");
    assert_sent(
        &only(&memory),
        Method::POST,
        "https://api.shuftipro.com/",
        r#"{"reference":"order-2026-0003","journey_id":"q9pDvvCx1669874968"}"#,
    );
}

#[tokio::test]
async fn risk_assessments_go_to_their_own_host_and_their_status_to_the_common_one() {
    let (client, memory, _) = in_memory([
        says("order-2026-0004", "request.pending"),
        says("order-2026-0004", "verification.accepted"),
    ]);
    let request = RiskAssessmentRequest::new(
        reference("order-2026-0004"),
        "37rNhl",
        "jane.roe@example.com",
        "+447700900123",
    );
    client.assess_risk(&request).await.expect("pending");
    client.status(&reference("order-2026-0004")).await.expect("decided");
    let sent = memory.sent();
    assert_sent(
        &sent[0],
        Method::POST,
        "https://ra.shuftipro.com/risk-api/",
        concat!(
            r#"{"reference":"order-2026-0004","email":"jane.roe@example.com","#,
            r#""risk_assessment":{"risk_reference":"37rNhl","phone_number":"+447700900123"}}"#,
        ),
    );
    let status = r#"{"reference":"order-2026-0004"}"#;
    assert_sent(&sent[1], Method::POST, "https://api.shuftipro.com/status", status);
}

#[tokio::test]
async fn status_and_delete() {
    let (client, memory, _) = in_memory([
        says("order-2026-0005", "review.pending"),
        says("order-2026-0005", "request.deleted"),
        says("17374217 ü", "request.timeout"),
    ]);
    client.status(&reference("order-2026-0005")).await.expect("known");
    let request = DeleteRequest::new(reference("order-2026-0005"), "asked by the customer");
    client.delete(&request).await.expect("deleted");
    client.status(&Reference::existing("17374217 ü").expect("short enough")).await.expect("known");
    let sent = memory.sent();
    let body = r#"{"reference":"order-2026-0005"}"#;
    assert_sent(&sent[0], Method::POST, "https://api.shuftipro.com/status", body);
    let body = r#"{"reference":"order-2026-0005","comment":"asked by the customer"}"#;
    assert_sent(&sent[1], Method::POST, "https://api.shuftipro.com/delete", body);
    assert_sent(&sent[2], Method::POST, "https://api.shuftipro.com/status", r#"{"reference":"17374217 ü"}"#);
}

#[tokio::test]
async fn the_small_calls() {
    let (client, memory, _) = in_memory([
        signed(200, r#"{"access_token":"a3"}"#),
        signed(200, r#"{"account":{"name":"Your Company","status":"trial","balance":{"amount":"0.10"}}}"#),
        signed(200, r#"{"decline_reasons":[{"status_code":"SPDR34","description":"AML"}]}"#),
    ]);
    let token = client.access_token().await.expect("a token");
    assert_eq!(token.token().expose(), "a3");
    let account = client.account().await.expect("an account");
    assert_eq!(account.balance.amount.as_deref(), Some("0.10"));
    assert_eq!(client.decline_reasons().await.expect("reasons").len(), 1);
    let sent = memory.sent();
    assert_sent(&sent[0], Method::POST, "https://api.shuftipro.com/get/access/token", "{}");
    // A redirect to the slash could drop the credentials, so it is there from the start.
    assert_sent(&sent[1], Method::GET, "https://api.shuftipro.com/account/info/", "");
    assert_sent(&sent[2], Method::GET, "https://api.shuftipro.com/decline/reasons/", "");
}

#[tokio::test]
async fn raw_calls() {
    let (client, memory, _) = in_memory([signed(200, "{}"), signed(200, "[1]")]);
    let request = RawRequest::post(["service", "real_time", "verification"])
        .query("a b", "c&d/é")
        .json(&serde_json::json!({ "reference": "order-2026-0006" }))
        .expect("JSON");
    client.raw(request).await.expect("an answer");
    let answer = client.raw(RawRequest::get(["a/b", "..c", ""])).await.expect("an answer");
    assert_eq!(answer.json::<Vec<u8>>().expect("JSON"), [1]);
    let sent = memory.sent();
    assert_sent(
        &sent[0],
        Method::POST,
        "https://api.shuftipro.com/service/real_time/verification?a+b=c%26d%2F%C3%A9",
        r#"{"reference":"order-2026-0006"}"#,
    );
    assert_sent(&sent[1], Method::GET, "https://api.shuftipro.com/a%2Fb/..c/", "");
    let climbing = client.raw(RawRequest::get(["..", "x"])).await.expect_err("refused");
    assert_eq!(climbing.kind(), kyckit::ErrorKind::InvalidRequest);
    assert_eq!(memory.sent().len(), 2);
}

#[tokio::test]
async fn regions_and_bases_with_and_without_a_slash() {
    let bases = [
        (Region::Europe.base_url(), "https://api.shuftipro.com/"),
        (Region::UnitedStates.base_url(), "https://us-api.shuftipro.com/"),
        (Region::UnitedArabEmirates.base_url(), "https://uae-api.shuftipro.com/"),
        (Region::Qatar.base_url(), "https://qt-api.shuftipro.com/"),
        (Region::Oman.base_url(), "https://om-api.shuftipro.com/"),
        ("https://gateway.example/kyc", "https://gateway.example/kyc/"),
        ("https://gateway.example/kyc/", "https://gateway.example/kyc/"),
        ("https://gateway.example", "https://gateway.example/"),
    ];
    for (base, expected) in bases {
        let memory = MockTransport::new([
            says("order-1", "request.pending"),
            says("order-1", "request.pending"),
            signed(200, r#"{"account":{"name":"Your Company"}}"#),
        ]);
        let client = Client::builder(CLIENT_ID, SECRET)
            .base_url(base)
            .options(Options::new().transport(memory.clone()).clock(clock().0))
            .build()
            .expect("a client");
        client.verify(&onsite("order-1")).await.expect("pending");
        client.status(&reference("order-1")).await.expect("pending");
        client.account().await.expect("an account");
        let urls: Vec<String> = memory.sent().iter().map(|sent| sent.url.to_string()).collect();
        assert_eq!(
            urls,
            [expected.to_owned(), format!("{expected}status"), format!("{expected}account/info/")]
        );
    }
    let memory = MockTransport::new([says("order-1", "request.pending")]);
    let client = Client::builder(CLIENT_ID, SECRET)
        .region(Region::Oman)
        .risk_base_url("https://risk.example/api")
        .options(Options::new().transport(memory.clone()))
        .build()
        .expect("a client");
    let request = RiskAssessmentRequest::new(reference("order-1"), "37rNhl", "a@b.example", "+447700900123");
    client.assess_risk(&request).await.expect("pending");
    assert_eq!(only(&memory).url.as_str(), "https://risk.example/api/");
}

#[tokio::test]
async fn what_is_refused_locally_is_never_sent() {
    let (client, memory, _) = in_memory([]);
    let empty = VerificationRequest::onsite(reference("order-1"));
    let error = client.verify(&empty).await.expect_err("no service");
    assert_eq!((error.kind(), error.operation()), (kyckit::ErrorKind::InvalidRequest, Some("verify")));
    assert_eq!((error.attempts(), error.may_have_taken_effect()), (0, false));
    let short = DeleteRequest::new(reference("order-1"), "why");
    let error = client.delete(&short).await.expect_err("too short a comment");
    assert_eq!(error.fields()[0].field, "comment");
    assert!(memory.sent().is_empty());
}

/// What the socket adds to it.
#[tokio::test]
async fn on_the_socket_there_is_nothing_else() {
    let world = world().await;
    world.client.verify(&onsite("order-1")).await.expect("pending");
    world.client.account().await.expect("an account");
    let posted = world.sent("/").remove(0);
    let mut names: Vec<&str> = posted.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    let expected = [
        "accept",
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ];
    assert_eq!(names, expected);
    assert_eq!(header(&posted.headers, "user-agent"), Some(concat!("kyckit/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(header(&posted.headers, "accept-encoding"), Some("gzip"));
    assert_eq!(header(&posted.headers, "content-length"), Some(posted.body.len().to_string().as_str()));
    let got = world.sent("/account/info/").remove(0);
    assert_eq!((&got.method, got.body.len()), (&Method::GET, 0));
    assert!(got.headers.get("content-type").is_none());
}

#[tokio::test]
async fn an_upload_with_progress_is_not_sent_in_chunks() {
    let world = world().await;
    let mut file = PNG.to_vec();
    file.resize(200_000, 7);
    let face = Face::new().proof(Proof::png(file).expect("a PNG"));
    let request = VerificationRequest::offsite(reference("order-1")).face(face);
    let body = request.body().expect("a body");
    let told = Arc::new(Mutex::new(Vec::new()));
    let progress = {
        let told = Arc::clone(&told);
        Progress::new(move |so_far, whole| told.lock().expect("told").push((so_far, whole)))
    };
    world.client.verify_with_progress(&request, progress).await.expect("a result");
    let sent = world.sent("/").remove(0);
    assert_eq!(sent.body, body);
    assert_eq!(header(&sent.headers, "content-length"), Some(body.len().to_string().as_str()));
    assert!(sent.headers.get("transfer-encoding").is_none());
    let told = told.lock().expect("told");
    let length = body.len() as u64;
    assert!(told.is_sorted() && told.iter().all(|(_, whole)| *whole == Some(length)));
    assert_eq!(told.last().map(|last| last.0), Some(length));
    assert!(told.len() > 3, "in pieces");
}

#[tokio::test]
async fn cookies_are_not_kept() {
    let memory = MockTransport::new([
        says("order-1", "request.pending").header("set-cookie", "session=1"),
        says("order-1", "request.pending"),
    ]);
    let (client, _) = over(&memory, Options::new());
    for _ in 0..2 {
        client.status(&reference("order-1")).await.expect("pending");
    }
    assert!(memory.sent().iter().all(|sent| !sent.headers.contains_key("cookie")));

    // Nor by the built-in transport.
    let other = OtherServer::start().await;
    let world = world().await;
    let client = builder_of(&world.sandbox, Options::new().clock(world.clock.clone()))
        .base_url(other.url.as_str())
        .build()
        .expect("a client");
    for _ in 0..2 {
        client.account().await.expect_err("not signed");
    }
    let seen = other.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|headers| !headers.contains_key("cookie")));
}
