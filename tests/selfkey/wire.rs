//! What goes over the wire beyond the recorded requests: the documented dialect, and what older servers answer.

use http::Method;
use kyckit::{
    selfkey::{
        ErrorBody,
        attribute::{Attribute, AttributeType, Document},
        model::{NewKycUser, UserToken},
    },
    transport::{MockResponse, MockTransport, RawRequest, Upload},
};
use serde_json::json;

use crate::support::*;

fn id_card() -> Attribute {
    Attribute::new("national_id", AttributeType::NationalId, json!({"front": "$document-1"}))
        .document(Document::new(1, "image/jpeg", Upload::bytes("front")).name("front.jpg"))
}

fn name() -> Attribute {
    Attribute::new("first_name", AttributeType::FirstName, "Ada")
}

#[tokio::test]
async fn the_nine_calls_of_the_endpoint_list_are_on_the_wire_as_printed() {
    let memory = logged_in([
        MockResponse::json(201, r#"{"message":"User Created Successfully","token":"user-token"}"#),
        MockResponse::json(200, r#"{"token":"user-token"}"#),
        MockResponse::json(200, r#"{"redirectUrl":"https://example.com/success"}"#),
        MockResponse::json(200, r#"{"templates":[{"id":1},{"id":"2"}]}"#),
        MockResponse::json(200, r#"{"template":{"id":1}}"#),
        MockResponse::json(200, r#"{"fileId":"1234"}"#),
        MockResponse::json(201, r#"{"message":"Application Created"}"#),
    ]);
    let client = documented(&memory);
    let created = client.create_user(&[name(), id_card()]).await.expect("a user");
    assert_eq!(created.token.expect("a token").expose(), "user-token");
    let token = client.user_token().await.expect("a token");
    let redirect = client.log_in_user(&token).await.expect("logged in");
    assert_eq!(redirect.to.expose(), "https://example.com/success");
    let templates = client.templates().await.expect("templates");
    let template = client.template(&templates[0].id).await.expect("a template");
    assert_eq!(template.id.as_ref(), Some(&templates[0].id));
    let created = client.create_application(&templates[0].id, &[id_card()]).await.expect("an application");
    assert_eq!(created.id, None);

    assert_eq!(
        lines(&memory),
        [
            "GET /api/auth/challenge",
            "POST /api/auth/challenge",
            "POST /api/users",
            "GET /api/auth/token",
            "POST /api/login",
            "GET /api/templates",
            "GET /api/templates/1/schema.json",
            "POST /api/files",
            "POST /api/applications",
        ]
    );
    let sent = memory.sent();
    let wallet = bearer("first", NOW + 3600);
    for (at, credential) in [
        (0, None),
        (2, Some(&wallet)),
        (3, Some(&wallet)),
        (4, Some(&wallet)),
        (5, None),
        (6, None),
        (7, Some(&wallet)),
        (8, Some(&wallet)),
    ] {
        assert_eq!(header(&sent[at], "authorization"), credential.map(String::as_str), "{at}");
        assert_eq!(header(&sent[at], "user-agent"), Some("SelfkeyIDW/2.1.3"));
        assert_eq!(header(&sent[at], "origin"), Some("IDW"));
    }
    assert_eq!(
        form(&sent[2]),
        "--B\r\nContent-Disposition: form-data; name=\"attributes\"\r\nContent-Type: application/json\r\n\r\n\
         [{\"id\":\"http://platform.selfkey.org/schema/attribute/first-name.json\",\"data\":{\"value\":\"Ada\"}},\
         {\"id\":\"http://platform.selfkey.org/schema/attribute/national-id.json\",\"data\":{\"value\":{\"front\":\"$document-1\"}}}]\r\n\
         --B\r\nContent-Disposition: form-data; name=\"$document-1\"; filename=\"front.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\
         front\r\n--B--\r\n"
    );
    assert_eq!(body(&sent[4]), json!({"token": "user-token"}));
    assert_eq!(
        form(&sent[7]),
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"front.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\
         front\r\n--B--\r\n"
    );
    assert_eq!(
        body(&sent[8]),
        json!({
            "templateId": 1,
            "attributes": [{
                "id": "http://platform.selfkey.org/schema/attribute/national-id.json",
                "data": {"value": {"front": {"id": 1, "mimeType": "image/jpeg", "size": 5, "name": "front.jpg", "content": "1234"}}}
            }],
            "files": ["1234"]
        })
    );
}

#[tokio::test]
async fn the_website_is_told_the_object_as_it_came_and_without_credentials() {
    let memory =
        MockTransport::new([MockResponse::json(200, r#"{"redirectTo":"/in","redirectUrl":"/other"}"#)]);
    let token = UserToken::of(&"t".into());
    let redirect = client(&memory).log_in_user(&token).await.expect("logged in");
    assert_eq!(redirect.to.expose(), "/in");
    let sent = &memory.sent()[0];
    assert_eq!((&sent.method, sent.url.path()), (&Method::POST, "/api/login"));
    assert_eq!(header(sent, "authorization"), None);
    assert_eq!(body(sent), json!({"token": "t"}));
}

#[tokio::test]
async fn user_tokens_of_every_server_are_read() {
    for (answer, token) in
        [(r#"{"token":"t"}"#, Some("t")), (r#"{"jwt":"j"}"#, Some("j")), (r#"{"redirectTo":"/x"}"#, None)]
    {
        let memory = logged_in([MockResponse::json(200, answer)]);
        let read = client(&memory).user_token().await.expect("a token");
        assert_eq!(read.token().as_ref().map(|token| token.expose()), token);
        assert_eq!(read.redirect().is_some(), token.is_none());
        assert_eq!(read.expose().to_string(), answer);
    }
}

#[tokio::test]
async fn file_ids_are_text_or_number_and_files_without_a_schema_find_their_place() {
    let memory = logged_in([MockResponse::json(200, r#"{"id":7}"#), MockResponse::json(201, "")]);
    client(&memory).create_user(&[id_card()]).await.expect("a user");
    let sent = memory.sent();
    assert_eq!(
        body(&sent[3]),
        json!({
            "attributes": [{
                "id": "national_id",
                "schemaId": "http://platform.selfkey.org/schema/attribute/national-id.json",
                "data": {"front": {"id": 1, "mimeType": "image/jpeg", "size": 5, "name": "front.jpg", "content": "7"}}
            }],
            "meta": {}
        })
    );
}

#[tokio::test]
async fn the_meta_of_the_configuration_goes_along() {
    let memory = logged_in([MockResponse::json(201, ""), MockResponse::json(200, r#"{"token":"t"}"#)]);
    let client = builder(&memory, config().meta(json!({"templateId": "5"}))).build().expect("a client");
    client.create_user(&[name()]).await.expect("a user");
    client.user_token().await.expect("a token");
    let sent = memory.sent();
    assert_eq!(body(&sent[2])["meta"], json!({"templateId": "5"}));
    assert_eq!(sent[3].url.query(), Some("meta=%7B%22templateId%22%3A%225%22%7D"));
}

#[tokio::test]
async fn a_file_is_linked_and_a_page_of_kyc_chain_opened() {
    let memory = logged_in([
        MockResponse::json(200, r#"{"url":"https://files.example/1?sig=x"}"#),
        MockResponse::json(200, r#"{"jwt":"a.b.c"}"#),
        MockResponse::json(201, ""),
    ]);
    let client = client(&memory);
    assert_eq!(client.file_link("a/b").await.expect("a link").expose(), "https://files.example/1?sig=x");
    let token = client.access_token().await.expect("a token");
    let page = client.application_page("A1", &token).expect("a page");
    assert_eq!(page.expose(), "https://rp.example/api/applications/A1?access_token=a.b.c");
    let user = NewKycUser::company("ada@example.com", "Analytical Engines", "ltd");
    assert!(client.create_kyc_user(&user).await.expect("made").is_none());
    assert_eq!(
        lines(&memory)[2..],
        ["GET /api/users/files/a%2Fb", "GET /api/auth/token", "POST /api/kyc-users"]
    );
    assert_eq!(
        body(&memory.sent()[4]),
        json!({"email": "ada@example.com", "name": "Analytical Engines", "entityType": "ltd"})
    );
}

#[tokio::test]
async fn additional_files_are_for_what_is_asked_and_nothing_else() {
    let application = r#"{"id":"A1","attributes":{
        "x":{"schemaId":"http://platform.selfkey.org/schema/attribute/cv.json"},
        "y":{"schemaId":"http://platform.selfkey.org/schema/attribute/cv.json","isAdditional":true}}}"#;
    let cv = |id| {
        Attribute::new("", AttributeType::Cv, json!([format!("$document-{id}")])).document(Document::new(
            id,
            "application/pdf",
            Upload::bytes("cv"),
        ))
    };
    let memory = logged_in([
        MockResponse::json(200, r#"{"id":"F1"}"#),
        MockResponse::json(200, application),
        MockResponse::json(204, ""),
    ]);
    client(&memory).upload_additional_files("A1", &[cv(1)]).await.expect("filled in");
    assert_eq!(body(&memory.sent()[4])["attributes"][0]["id"], "y");

    let memory = logged_in([
        MockResponse::json(200, r#"{"id":"F1"}"#),
        MockResponse::json(200, r#"{"id":"F2"}"#),
        MockResponse::json(200, application),
    ]);
    let error = client(&memory).upload_additional_files("A1", &[cv(1), cv(2)]).await.expect_err("one only");
    assert_eq!(error.fields()[0].field, "attributes[1]");
    assert_eq!(ErrorBody::of(&error), None);
}

#[tokio::test]
async fn raw_calls_are_made_like_all_others() {
    let memory = logged_in([MockResponse::json(200, r#"{"a":1}"#)]);
    let request = RawRequest::get(["templates", "a b", "x"]).query("q", "1");
    let answer = client(&memory).raw(request).await.expect("an answer");
    assert_eq!(answer.json::<serde_json::Value>().expect("JSON"), json!({"a": 1}));
    let sent = &memory.sent()[2];
    assert_eq!(sent.url.as_str(), "https://rp.example/api/templates/a%20b/x?q=1");
    assert_eq!(header(sent, "authorization"), Some(bearer("first", NOW + 3600).as_str()));
    assert_eq!(header(sent, "user-agent"), Some("SelfKeyIDW/2.1.3"));
}
