//! What refusals are taken for, and what is refused here.

use std::time::Duration;

use kyckit::{
    Error, ErrorKind,
    error::Effect,
    selfkey::{
        Client, ErrorBody, RelyingPartyConfig,
        attribute::{Attribute, AttributeType, Document},
    },
    transport::{MockResponse, MockTransport, Options, Retry, Upload},
};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_wait_is_obeyed_and_an_unclear_change_says_so() {
    let busy = || MockResponse::json(429, "{}").header("retry-after", "7");
    let memory = logged_in([busy()]);
    let error = client(&memory).post_message("a", "b").await.expect_err("busy");
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(7))));

    let memory = logged_in([busy(), MockResponse::json(200, "[]")]);
    assert!(client(&memory).applications().await.is_ok());

    let memory = logged_in([]);
    memory.then_fail(Error::new(ErrorKind::Interrupted, "broke").with_effect(Effect::Unknown));
    let error = client(&memory).create_application("t", &[]).await.expect_err("broke");
    assert!(error.may_have_taken_effect());
    assert_eq!(error.operation(), Some("create_application"));
    assert_eq!(memory.sent().len(), 3);
}

#[tokio::test]
async fn faults_of_the_relying_party_are_kept() {
    let refusal = r#"{"code":"invalid_attributes","message":"no","errors":["no attribute for requirement",{"message":"bad"}]}"#;
    let memory = logged_in([MockResponse::json(422, refusal)]);
    let error = client(&memory).create_user(&[]).await.expect_err("refused");
    assert_eq!(ErrorBody::of(&error), Some(ErrorBody::Validation));
    let fields: Vec<_> =
        error.fields().iter().map(|field| (field.field.as_str(), field.message.expose().as_str())).collect();
    assert_eq!(fields, [("errors[0]", "no attribute for requirement"), ("errors[1]", "bad")]);
    assert_eq!((error.code(), error.provider_message()), (Some("invalid_attributes"), Some("no")));
}

#[tokio::test]
async fn a_failed_login_tells_where_the_user_is_sent() {
    let token = kyckit::selfkey::model::UserToken::of(&"t".into());
    let memory = MockTransport::new([MockResponse::json(
        401,
        r#"{"redirectTo":"/failure.html?error=Invalid+Token"}"#,
    )]);
    let error = client(&memory).log_in_user(&token).await.expect_err("refused");
    assert_eq!(ErrorBody::of(&error), Some(ErrorBody::LoginFailed));
    assert_eq!(error.provider_message(), Some("/failure.html?error=Invalid+Token"));
    assert_eq!(error.code(), None);
}

#[tokio::test]
async fn a_gateway_in_front_hides_nothing() {
    let memory = MockTransport::new([MockResponse::json(502, "<html>").header("content-type", "text/html")]);
    let options = Options::new().transport(memory.clone()).retry(Retry::never());
    let client = Client::builder(config(), key().did(), key()).options(options).build().expect("a client");
    let error = client.templates().await.expect_err("down");
    assert_eq!((ErrorBody::of(&error), error.kind()), (Some(ErrorBody::Server), ErrorKind::Provider));
    assert!(error.is_retryable());
}

fn passport() -> Attribute {
    Attribute::new("p", AttributeType::Passport, json!({"image": "$document-1"}))
}

fn document(id: u64, bytes: &'static str) -> Document {
    Document::new(id, "image/png", Upload::bytes(bytes))
}

#[tokio::test]
async fn what_cannot_be_good_is_refused_before_anything_is_sent() {
    let required = Attribute::without_data("a", AttributeType::FirstName).required(true);
    for (attributes, field) in [
        (vec![required], "attributes[0]"),
        (vec![passport()], "attributes[0].documents"),
        (vec![passport().document(document(2, "x"))], "attributes[0].documents"),
        (vec![passport().document(document(1, "x")).document(document(2, "y"))], "attributes[0].documents"),
        (
            vec![
                Attribute::new("a", AttributeType::FirstName, "Ada"),
                Attribute::new("b", AttributeType::Cv, json!(["$document-1", "$document-1"]))
                    .document(document(1, "x")),
            ],
            "attributes[1].documents",
        ),
    ] {
        let memory = MockTransport::default();
        let client = client(&memory);
        for error in [
            client.create_application("t", &attributes).await.expect_err(field),
            client.create_user(&attributes).await.expect_err(field),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert_eq!(error.fields()[0].field, field);
            assert_eq!(error.attempts(), 0);
        }
        assert!(memory.sent().is_empty());
    }
}

#[tokio::test]
async fn one_form_has_no_two_documents_of_one_number() {
    let memory = MockTransport::default();
    let client = builder(&memory, config().without("/users/file")).build().expect("a client");
    let attributes = [passport().document(document(1, "x")), passport().document(document(1, "y"))];
    let error = client.create_user(&attributes).await.expect_err("twice");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(memory.sent().is_empty());
}

#[tokio::test]
async fn a_file_beyond_the_limit_is_not_sent() {
    let memory = MockTransport::default();
    let client = client(&memory);
    let large = Document::new(1, "image/png", Upload::once(50_000_001, tokio::io::empty()));
    let error = client.upload_file(&large, None).await.expect_err("too large");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::TooLarge, Some("upload_file")));
    let error = client.create_user(&[passport().document(large)]).await.expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(memory.sent().is_empty());
}

#[tokio::test]
async fn an_answer_that_lacks_what_is_needed_names_it() {
    let memory =
        logged_in([MockResponse::json(200, "{}"), MockResponse::json(200, r#"[{"id":"a"},{"x":1}]"#)]);
    let client = client(&memory);
    let error = client.upload_file(&document(1, "x"), None).await.expect_err("no id");
    assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some("id")));
    // The file is there all the same.
    assert!(error.may_have_taken_effect());
    let error = client.applications().await.expect_err("no id");
    assert_eq!(error.path(), Some("[1].id"));
}

#[test]
fn a_root_that_makes_no_sense_makes_no_client() {
    for root in ["/api", "https://rp.example/api?tenant=1", "http://rp.example", "rp.example"] {
        let client = Client::builder(RelyingPartyConfig::new(root), key().did(), key()).build();
        assert_eq!(client.expect_err(root).kind(), ErrorKind::Configuration);
    }
    let client = Client::builder(config().origin("a\r\nb"), key().did(), key()).build();
    assert_eq!(client.expect_err("no header").kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_page_in_place_of_not_found_is_no_absence() {
    let page = || MockResponse::json(404, "<html><h1>404</h1></html>");
    let client = client(&logged_in([page(), page()]));
    for error in
        [client.applications().await.expect_err("a page"), client.kyc_user().await.expect_err("a page")]
    {
        assert_eq!(
            (error.kind(), error.status().map(|status| status.as_u16())),
            (ErrorKind::Provider, Some(404))
        );
        assert!(!error.is_retryable());
    }
}

#[tokio::test]
async fn a_refusal_behind_a_byte_order_mark_keeps_its_code() {
    let body = "\u{feff}{\"code\":\"user_does_not_exist\",\"message\":\"m\"}";
    let client = client(&logged_in([MockResponse::json(400, body)]));
    let error = client.application("a").await.expect_err("refused");
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("user_does_not_exist")));
}

#[tokio::test]
async fn a_user_of_another_identity_is_refused() {
    let body = |did: &str| MockResponse::json(200, format!(r#"{{"_id":"u","did":"{did}"}}"#));
    let memory = MockTransport::new([challenge(), wallet_token("first", NOW + 3600)]);
    memory.then(body(&DID.to_uppercase().replace("DID:ETH:0X", "did:eth:0x")));
    memory.then(body("did:eth:0x1111111111111111111111111111111111111111"));
    let client = builder(&memory, config().endpoint("/kyc-users", "/kyc-users")).build().expect("a client");
    assert_eq!(client.log_in().await.map(|_| client.known_kyc_user().is_some()).ok(), Some(true));
    let error = client.kyc_user().await.expect_err("another identity");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Provider, Some("answer.object")));
}
