//! Nothing personal and no secret of a whole journey shows itself.

use kyckit::{
    Error, ErrorKind,
    error::Effect,
    privacy::{Secret, leak::Canaries},
    selfkey::{
        Client, RelyingPartyConfig,
        attribute::{Attribute, AttributeType, Document, extract_documents},
        kyc_chain::{
            self, Filters,
            user_data::{Reader, UserFile},
        },
        model::{ApplicationUpdate, NewKycUser, UnverifiedToken},
    },
    transport::{MockResponse, MockTransport, Options, Retry, Upload},
};
use serde_json::{Value, json};

use crate::support::*;

const CANARIES: [&str; 16] = [
    KEY,
    "5f2e5edc747a92821d16ab36a77ac729f5e66347",
    "5F2E5EdC747a92821d16AB36a77AC729F5E66347",
    "d423ea9f25e3090b6de29c928eddfcae",
    "e30.c2ln",
    "eyJub25jZSI6InRlc3QifQ",
    "Ada-Canary",
    "canary@example.com",
    "canary-file",
    "canary-name",
    "canary-user-token",
    "canary-key",
    "canary-cookie",
    "canary-note",
    "canary-body",
    "canary-redirect",
];

#[tokio::test]
async fn a_whole_journey_leaks_nothing() {
    let mut capture = Canaries::new(CANARIES).capture();
    #[cfg(feature = "tracing")]
    let _guard = tracing::subscriber::set_default(capture.subscriber());

    let application = json!({
        "id": "A1", "currentStatus": 9,
        "attributes": {"a": {"label": "Name", "schemaId": "http://x.example/first-name.json", "value": "Ada-Canary"}},
        "questions": {"q": {"question": "?", "value": "Ada-Canary"}},
        "payments": [{"transactionHash": "canary-body"}],
        "statusLog": [{"code": 9, "note": "canary-note"}],
        "owners": [{"email": "canary@example.com"}]
    })
    .to_string();
    let memory = logged_in([
        MockResponse::json(200, r#"{"id":"F1"}"#),
        MockResponse::json(201, r#"{"token":"canary-user-token"}"#),
        MockResponse::json(200, r#"{"token":"canary-user-token"}"#),
        MockResponse::json(401, r#"{"redirectTo":"/canary-redirect"}"#),
        MockResponse::json(200, r#"{"redirectTo":"/canary-redirect"}"#),
        MockResponse::json(200, application.clone()),
        MockResponse::json(200, format!("[{application},{{\"name\":\"Ada-Canary\"}}]")),
        MockResponse::json(200, r#"[{"user":{"name":"Ada-Canary"},"message":"canary-note"}]"#),
        MockResponse::json(204, ""),
        MockResponse::json(200, r#"{"_id":"u","email":"canary@example.com","name":"Ada-Canary"}"#),
        MockResponse::json(422, r#"{"code":"Ada Canary","message":"canary-body","errors":["Ada-Canary"]}"#),
        MockResponse::json(200, "canary-body"),
    ]);
    let configured = config().meta(json!({"for": "canary-body"}));
    let builder = builder(&memory, configured);
    capture.debug("builder", &builder);
    capture.debug("key", &key());
    capture.debug("did", key().did());
    capture.debug("public key", &key().public_key());
    capture.debug("signature", &key().sign_message("test").expect("signed"));
    let client = builder.build().expect("a client");
    capture.debug("client", &client);
    let read = UnverifiedToken::read(token(r#"{"nonce":"test"}"#)).expect("a token");
    capture.debug("token", &read);

    let document = Document::new(1, "image/png", Upload::bytes("canary-file")).name("canary-name");
    capture.debug("document", &document);
    let passport =
        Attribute::new("p", AttributeType::Passport, json!({"image": "$document-1", "name": "Ada-Canary"}))
            .document(document);
    capture.debug("attribute", &passport);
    let extracted =
        extract_documents(&json!({"content": "canary-file"}), &json!({"format": "file"}), Vec::new());
    capture.debug("extracted", &extracted);
    let created = client.create_user(&[passport]).await.expect("a user");
    capture.debug("created", &created);
    let user_token = client.user_token().await.expect("a token");
    capture.debug("user token", &user_token);
    capture.error("login", &client.log_in_user(&user_token).await.expect_err("refused"));
    capture.debug("redirect", &client.log_in_user(&user_token).await.expect("logged in"));
    capture.debug("application", &client.application("A1").await.expect("read"));
    capture.error("list", &client.applications().await.expect_err("no id"));
    capture.debug("messages", &client.messages("A1").await.expect("read"));
    let update = ApplicationUpdate::new("t").attribute("a", AttributeType::FirstName, "Ada-Canary");
    capture.debug("update", &update);
    client.update_application("A1", &update).await.expect("changed");
    let user = NewKycUser::person("canary@example.com", "Ada-Canary", "L");
    capture.debug("new user", &user);
    capture.debug("kyc user", &client.create_kyc_user(&user).await.expect("made"));
    capture.error("refused", &client.post_message("A1", "canary-note").await.expect_err("refused"));
    capture.error("no JSON", &client.kyc_user().await.expect_err("no JSON"));
    memory.then_fail(Error::new(ErrorKind::Interrupted, "broke").with_effect(Effect::Unknown));
    capture.error("broke", &client.post_message("A1", "canary-note").await.expect_err("broke"));
    for sent in memory.sent() {
        capture.debug("sent", &sent);
    }
    assert_eq!(memory.unused(), 0, "every answer was asked for");

    let read = |memory: &MockTransport| Options::new().transport(memory.clone()).retry(Retry::never());
    let login = MockResponse::json(200, r#"{"user":{"_id":"x","email":"canary@example.com"}}"#);
    let memory = MockTransport::new([
        login.header("set-cookie", "sid=canary-cookie"),
        MockResponse::json(200, r#"[{"id":"A1"}]"#),
        MockResponse::json(200, application.clone()),
        MockResponse::json(200, format!(r#"{{"items":[{application}]}}"#)),
        MockResponse::json(401, r#"{"message":"canary-key canary-body"}"#),
    ]);
    let reader = Reader::builder("https://kyc.example").options(read(&memory)).build().expect("a reader");
    capture.debug("reader", &reader);
    let none = |_: UserFile| async { Ok(Value::Null) };
    let brought = Secret::new(token(r#"{"sub":"x"}"#));
    capture.debug("user data", &reader.user_data(&brought, "T1", &none).await.expect("data"));
    let builder = kyc_chain::Client::builder("https://kyc.example", "canary-key").options(read(&memory));
    capture.debug("integrations", &builder);
    let client = builder.build().expect("a client");
    let filters = Filters::new().email("canary@example.com");
    capture.debug("filters", &filters);
    capture.debug("applications", &client.applications(&filters, &[]).await.expect("a list"));
    capture.error("unauthorized", &client.users(&filters, &[]).await.expect_err("refused"));
    for sent in memory.sent() {
        capture.debug("sent", &sent);
    }
    assert!(capture.len() >= 60, "only {} texts were looked at", capture.len());
    capture.assert_clean();
}

#[tokio::test]
async fn a_configuration_is_no_secret_and_a_client_shows_its_host() {
    let client = Client::builder(RelyingPartyConfig::new("https://rp.example"), key().did(), key()).build();
    let shown = format!("{:?}", client.expect("a client"));
    assert_eq!(shown, r#"Client { host: Some("rp.example"), dialect: Current, .. }"#);
}
