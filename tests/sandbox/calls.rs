//! Who may call, what is refused, what is answered.

use std::time::Duration;

use kyckit::{
    privacy::leak::Canaries,
    sandbox::{
        Sandbox,
        shuftipro::{Account, ShuftiPro},
    },
    shuftipro::signature::{Rule, Verifier},
};
use serde_json::{Value, json};

use crate::support::{Json as _, send, start, start_frozen, start_with};

fn face(reference: &str) -> Value {
    json!({ "reference": reference, "face": "" })
}

#[tokio::test]
async fn only_the_right_credentials_are_let_in() {
    let client = start().await;
    let (id, secret) = (client.sandbox.client_id(), client.sandbox.secret_key().expose());
    let to = |path: &str| client.http.post(client.url(path)).json(&json!({ "reference": "order-1" }));
    for request in [
        to("status"),
        to("status").basic_auth(id, Some("wrong")),
        to("status").basic_auth("wrong", Some(secret)),
        to("status").basic_auth(id, None::<&str>),
        to("status").bearer_auth(secret),
        to("status").header("authorization", "Basic !!!"),
        to("status").header("authorization", "Basic"),
    ] {
        let answer = send(request).await;
        assert_eq!(answer.status, 401);
        assert!(!answer.headers.contains_key("signature"));
        // Section 11.2, as PHP prints it.
        assert_eq!(
            answer.bytes,
            r#"{"reference":"","event":"request.unauthorized","error":{"service":"","key":"","message":"Authorization keys are missing\/invalid."},"email":null,"country":null}"#
        );
    }
    assert_eq!(client.status("order-1").await["event"], "request.invalid");
}

#[tokio::test]
async fn an_access_token_serves_one_request_within_ten_minutes() {
    let (client, time) = start_frozen(ShuftiPro::builder()).await;
    let token = async || {
        let answer = client.post("get/access/token", json!({})).await.json();
        answer["access_token"].as_str().expect("a token").to_owned()
    };
    let with = async |path: &str, token: &str, reference: &str| {
        send(client.http.post(client.url(path)).bearer_auth(token).json(&face(reference))).await.status
    };
    let (first, second) = (token().await, token().await);
    assert_ne!(first, second);
    assert_eq!(with("", &first, "order-1").await, 200);
    assert_eq!(with("", &first, "order-2").await, 401);
    time.advance(Duration::from_secs(599));
    assert_eq!(with("status", &second, "order-1").await, 200);
    let late = token().await;
    time.advance(Duration::from_secs(600));
    assert_eq!(with("status", &late, "order-1").await, 401);
    // Calls that take Basic only.
    for path in ["get/access/token", "risk-api/"] {
        assert_eq!(with(path, &token().await, "order-3").await, 401, "{path}");
    }
    let request = client.http.get(client.url("account/info/")).bearer_auth(token().await);
    assert_eq!(send(request).await.status, 401);
}

#[tokio::test]
async fn a_reference_is_unique_in_its_account_for_ever() {
    let client = start_with(
        ShuftiPro::builder()
            .account(Account::new("one", "secret-1"))
            .account(Account::new("two", "secret-2")),
    )
    .await;
    assert_eq!(client.post("", face("order-1")).await.status, 200);
    let taken = client.post("", face("order-1")).await;
    assert_eq!(taken.refusal(), (400, String::new(), "reference".to_owned()));
    assert_eq!(taken.json()["error"]["message"], "The reference has already been taken");
    assert_eq!(taken.json()["reference"], "order-1");
    client.post("delete", json!({ "reference": "order-1", "comment": "no longer needed" })).await;
    assert_eq!(client.post("", face("order-1")).await.status, 400);
    // The other account has its own.
    let other = client.http.post(client.url("")).basic_auth("two", Some("secret-2")).json(&face("order-1"));
    let other = send(other).await;
    assert_eq!(other.status, 200);
    Verifier::new("secret-2", Rule::Hashed)
        .check(&other.headers, &other.bytes)
        .expect("signed by its own secret");

    let client = start_with(ShuftiPro::builder().conflict_on_used_references()).await;
    client.post("", face("order-1")).await;
    assert_eq!(
        client.post("", face("order-1")).await.refusal(),
        (409, String::new(), "reference".to_owned())
    );
}

#[tokio::test]
async fn answers_are_signed_over_the_bytes_that_php_prints() {
    let legacy = Account::new("old", "$2y$10$a/b.c").legacy();
    let client = start_with(ShuftiPro::builder().account(legacy)).await;
    let body = json!({ "reference": "order-1", "country": "GB", "face": "", "email": "zoë@example.com" });
    let request = client.http.post(client.url("")).basic_auth("old", Some("$2y$10$a/b.c")).json(&body);
    let answer = send(request).await;
    let text = std::str::from_utf8(&answer.bytes).expect("text");
    assert!(text.contains(r#""email":"zo\u00eb@example.com""#), "{text}");
    assert!(text.contains(r#"http:\/\/127.0.0.1:"#), "{text}");
    let proof =
        Verifier::new("$2y$10$a/b.c", Rule::Either).check(&answer.headers, &answer.bytes).expect("signed");
    assert_eq!(proof.rule, "legacy");
}

#[tokio::test]
async fn wrong_requests_are_refused_at_the_right_field() {
    let client = start().await;
    let png = "data:image/png;base64,iVBORw0KGgo=";
    let with = |service: &str, fields: Value| json!({ "reference": "order-1", service: fields });
    let general = |key: &str, value: Value| json!({ "reference": "order-1", "face": "", key: value });
    for (body, service, key) in [
        (json!({ "face": "" }), "", "reference"),
        (json!({ "reference": "short", "face": "" }), "", "reference"),
        (json!({ "reference": "has blanks", "face": "" }), "", "reference"),
        (json!({ "reference": "x".repeat(251), "face": "" }), "", "reference"),
        (json!({ "reference": 17_374_217, "face": "" }), "", "reference"),
        (json!({ "reference": "order-1" }), "", ""),
        (general("country", json!("GBR")), "", "country"),
        (general("language", json!("english")), "", "language"),
        (general("email", json!("nobody")), "", "email"),
        (general("callback_url", json!("ftp://127.0.0.1/")), "", "callback_url"),
        (general("callback_url", json!("https://somewhere.de/kyc")), "", "callback_url"),
        (general("redirect_url", json!("javascript:alert(1)")), "", "redirect_url"),
        (general("verification_mode", json!("audio")), "", "verification_mode"),
        (general("show_results", json!(1)), "", "show_results"),
        (general("allow_offline", json!(true)), "", "allow_offline"),
        (general("ttl", json!("60")), "", "ttl"),
        (general("ttl", json!(0)), "", "ttl"),
        (general("ttl", json!(43_201)), "", "ttl"),
        (with("face", json!("yes")), "", ""),
        (with("document", json!({ "supported_types": ["library_card"] })), "document", "supported_types"),
        (with("document", json!({ "supported_types": "passport" })), "document", "supported_types"),
        (with("document", json!({ "dob": "13.03.1978" })), "document", "dob"),
        (with("document", json!({ "dob": "1978-02-30" })), "document", "dob"),
        (with("document", json!({ "dob": "2999-01-01" })), "document", "dob"),
        (with("document", json!({ "issue_date": "2999-01-01" })), "document", "issue_date"),
        (with("document", json!({ "expiry_date": "1999-01-01" })), "document", "expiry_date"),
        (with("document", json!({ "name": { "last_name": "Roe" } })), "document", "first_name"),
        (with("document", json!({ "name": { "first_name": "x".repeat(33) } })), "document", "first_name"),
        (
            with("document", json!({ "name": { "first_name": "Jane", "fuzzy_match": "0" } })),
            "document",
            "fuzzy_match",
        ),
        (with("document", json!({ "name": "Jane" })), "document", "name"),
        (with("document", json!({ "document_number": "A" })), "document", "document_number"),
        (with("document", json!({ "document_number": "A/B" })), "document", "document_number"),
        (with("document", json!({ "gender": "female" })), "document", "gender"),
        (with("document", json!({ "age": "18" })), "document", "age"),
        (with("document", json!({ "age": { "min": 18 } })), "document", "age"),
        (with("document", json!({ "proof": "not base64!" })), "document", "proof"),
        (with("document", json!({ "proof": "data:text/html;base64,AAAA" })), "document", "proof"),
        (with("document", json!({ "proof": png, "additional_proof": 7 })), "document", "additional_proof"),
        (
            with("document", json!({ "proof": png, "supported_types": ["passport", "id_card"] })),
            "document",
            "supported_types",
        ),
        (with("face", json!({ "check_duplicate_request": 1 })), "face", "check_duplicate_request"),
        (with("face", json!({ "face_authentication": "enroll" })), "", "customer_unique_id"),
        (with("address", json!({ "supported_types": ["postcard"] })), "address", "supported_types"),
        (with("address", json!({ "full_address": "x" })), "address", "full_address"),
        (with("consent", json!({ "supported_types": ["printed"] })), "consent", "text"),
        (with("consent", json!({ "text": ["I agree"] })), "consent", "text"),
        (with("phone", json!({ "phone_number": "0123456789" })), "phone", "phone_number"),
        (with("phone", json!({ "random_code": "23234", "text": "Your code" })), "phone", "text"),
        (with("background_checks", json!("")), "background_checks", "name"),
        (
            with("background_checks", json!({ "name": { "full_name": "Jane Roe" }, "match_score": 80 })),
            "background_checks",
            "match_score",
        ),
        (
            with("background_checks", json!({ "name": { "full_name": "Jane Roe" }, "filters": ["rumour"] })),
            "background_checks",
            "filters",
        ),
        (
            with("background_checks", json!({ "name": { "full_name": "Jane Roe" }, "ongoing": "1" })),
            "background_checks",
            "ongoing",
        ),
        (with("aml_for_businesses", json!({})), "aml_for_businesses", "business_name"),
        (with("kyb", json!({})), "kyb", "company_name"),
        (with("kyb", json!({ "company_registration_number": "1" })), "kyb", "company_jurisdiction_code"),
        (with("questionnaire", json!({ "uuid": "TESTQ1" })), "questionnaire", "uuid"),
        (with("questionnaire", json!({ "uuid": ["1", "2", "3", "4", "5", "6"] })), "questionnaire", "uuid"),
        (with("kyi", json!({ "uuid": ["TESTQ1"] })), "", "email"),
    ] {
        let answer = client.post("", body.clone()).await;
        // A service that is no object is named in the text only where it has no fields of its own.
        let expected = if body["face"] == "yes" { "face" } else { service };
        assert_eq!(answer.refusal(), (400, expected.to_owned(), key.to_owned()), "{body}");
        assert_eq!(answer.event(), "request.invalid");
    }
    // Nothing was created.
    assert_eq!(client.post("", face("order-1")).await.status, 200);
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_refused() {
    let client = start().await;
    for (media_type, body, key) in [
        ("application/json", "{\"reference\":", ""),
        ("application/json", "[1]", ""),
        // PHP sees no fields.
        ("text/plain", "{\"reference\":\"order-1\",\"face\":\"\"}", "reference"),
        ("application/json; charset=utf-8", "", "reference"),
    ] {
        let request = client.http.post(client.url("")).header("content-type", media_type).body(body);
        let answer = send(client.basic(request)).await;
        assert_eq!(answer.refusal(), (400, String::new(), key.to_owned()), "{body}");
    }
    let deep = format!("{{\"reference\":\"order-1\",\"face\":{}{}}}", "[".repeat(500), "]".repeat(500));
    let request = client.http.post(client.url("")).header("content-type", "application/json").body(deep);
    assert_eq!(send(client.basic(request)).await.status, 400);
}

#[tokio::test]
async fn paths_and_methods_are_the_documented_ones() {
    let client = start().await;
    let status = async |request: reqwest::RequestBuilder| send(client.basic(request)).await;
    for path in ["get/access_token", "status/", "api", "v1/", "country/services"] {
        assert_eq!(
            status(client.http.post(client.url(path)).json(&face("order-1"))).await.status,
            404,
            "{path}"
        );
    }
    let answer = status(client.http.get(client.url("status"))).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"));
    assert_eq!(status(client.http.post(client.url("account/info/"))).await.status, 405);
    // Without the slash at its end, a redirect that would drop the credentials.
    let answer = status(client.http.get(client.url("account/info"))).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (301, "/account/info/"));
}

#[tokio::test]
async fn the_small_calls_answer() {
    let client = start_with(
        ShuftiPro::builder().account(Account::new("client", "secret").production().balance("12.50")),
    )
    .await;
    let info = client.get("account/info/").await.json();
    assert_eq!(
        info,
        json!({ "account": {
            "name": "Example Ltd", "status": "production", "balance": { "amount": "12.50", "currency": "USD" },
        }})
    );
    let reasons = client.get("decline/reasons/").await.json();
    let reasons = reasons["decline_reasons"].as_array().expect("a list");
    assert!(reasons.contains(&json!({ "status_code": "SPDR34", "description": "AML screening failed" })));
    // A production account may screen continuously.
    let body = json!({ "name": { "full_name": "Jane Roe" }, "ongoing": "1" });
    let answer = client.post("", json!({ "reference": "order-1", "background_checks": body })).await;
    assert_eq!(answer.event(), "verification.accepted");
}

#[tokio::test]
async fn a_service_outside_the_plan_is_forbidden() {
    let client =
        start_with(ShuftiPro::builder().account(Account::new("client", "secret").services(["face"]))).await;
    assert_eq!(client.post("", face("order-1")).await.status, 200);
    let answer = client.post("", json!({ "reference": "order-2", "face": "", "phone": "" })).await;
    assert_eq!(answer.refusal(), (403, "phone".to_owned(), String::new()));
    assert!(answer.json().get("event").is_none());
}

#[tokio::test]
async fn too_many_calls_a_minute_are_refused_until_the_minute_is_over() {
    let (client, time) = start_frozen(ShuftiPro::builder().rate_limit(2)).await;
    client.status("order-1").await;
    time.advance(Duration::from_secs(30));
    client.status("order-1").await;
    let request = || client.basic(client.http.post(client.url("status")).json(&face("order-1")));
    let answer = send(request()).await;
    assert_eq!(answer.status, 429);
    assert!(!answer.headers.contains_key("retry-after") && !answer.headers.contains_key("signature"));
    // The first of the two is a minute old.
    time.advance(Duration::from_secs(30));
    assert_eq!(send(request()).await.status, 400);
    assert_eq!(send(request()).await.status, 429);
}

#[tokio::test]
async fn every_fake_has_its_own_port() {
    let sandbox = Sandbox::start().await.expect("free ports");
    let providers = sandbox.providers();
    let shuftipro = providers.iter().find(|fake| fake.provider.as_str() == "shuftipro").expect("it is there");
    assert_eq!(shuftipro.base_url, *sandbox.shuftipro.base_url());
    let names: Vec<&str> = shuftipro.settings.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["SHUFTIPRO_BASE_URL", "SHUFTIPRO_CLIENT_ID", "SHUFTIPRO_SECRET_KEY"]);
    assert!(Sandbox::start_at(u16::MAX).await.is_err());
}

#[tokio::test]
async fn nothing_personal_is_printed() {
    let client = start().await;
    let person = client.sandbox.person("order-1");
    let body = json!({
        "reference": "order-1", "email": person.email, "callback_url": "https://backend.example.com/hook?key=k3y-in-query",
        "document": { "name": { "full_name": person.full_name() }, "dob": "" },
    });
    let pending = client.post("", body).await.json();
    client.sandbox.complete("order-1", kyckit::sandbox::shuftipro::Outcome::Natural).expect("open");
    let status = client.status("order-1").await;
    assert_eq!(status["event"], "verification.accepted");
    let link = status["proofs"]["document"]["proof"].as_str().expect("a link").to_owned();
    let token = status["proofs"]["access_token"].as_str().expect("a token").to_owned();
    send(client.http.post(&link).json(&json!({ "access_token": token }))).await;

    let page = pending["verification_url"].as_str().expect("a URL").to_owned();
    send(client.http.get(&page)).await;
    let canaries = Canaries::new([
        person.full_name().into_exposed(),
        person.dob.clone().into_exposed(),
        person.email.clone().into_exposed(),
        person.document_number.clone().into_exposed(),
        client.sandbox.secret_key().expose().to_owned(),
        token,
        link.rsplit('/').next().expect("an id").to_owned(),
        page.rsplit('/').next().expect("a token").to_owned(),
        "k3y-in-query".to_owned(),
    ]);
    let mut capture = canaries.capture();
    capture.debug("person", &person);
    capture.debug("sandbox", &client.sandbox);
    capture.debug("verification", &client.sandbox.verification("order-1"));
    capture.debug("log", &client.sandbox.server().log());
    capture.debug("recorded", &client.sandbox.server().recorded());
    capture.debug("deliveries", &client.sandbox.deliveries());
    capture.debug("account", &Account::default());
    capture.assert_clean();
}
