//! What a refusal says, and to whom: by the API, by the OpenID Connect core, by neither.

use kyckit::{
    Error, ErrorKind,
    credify::{ErrorBody, model::TransactionStatus, model::TransactionUpdate},
    transport::MockResponse,
};

use super::support::{client, ok};

async fn refused(status: u16, body: &str) -> Error {
    let answer = MockResponse::json(status, body.to_owned()).header("tracer", "trace-1");
    let (client, _, _) = client([answer.clone(), ok(super::support::ACCESS_TOKEN), answer.clone(), answer]);
    client.offer("o").await.expect_err("refused")
}

#[tokio::test]
async fn every_entry_is_kept_with_its_texts_and_the_trace() {
    let error = refused(
        422,
        r#"{"success":false,"errors":[
            {"code":"A","message":"bad","localized_message":{"locale":"vi-VN","text":"sai"}},
            {"code":"B","message":"worse"}, {}, 7]}"#,
    )
    .await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, Some("A")));
    assert_eq!(error.provider_message(), Some("sai"));
    assert_eq!(error.request_id(), Some("trace-1"));
    let Some(ErrorBody::Api(entries)) = ErrorBody::of(&error) else { panic!("the API's own word") };
    let texts: Vec<_> =
        entries.iter().map(|entry| entry.message.as_ref().map(|text| text.expose().as_str())).collect();
    assert_eq!(texts, [Some("bad"), Some("worse"), None, None]);
    assert_eq!(entries[0].locale.as_deref(), Some("vi-VN"));
    let codes: Vec<_> = entries.iter().map(|entry| entry.code.as_deref()).collect();
    assert_eq!(codes, [Some("A"), Some("B"), None, None]);
    // A code says what is wrong and not where: it is shown once, and no field is named.
    assert!(error.fields().is_empty());
    let shown = error.to_string();
    assert!(shown.contains("code A") && !shown.contains("field"), "{shown}");
}

#[tokio::test]
async fn a_status_is_told_whatever_stands_in_the_body() {
    for (status, kind) in [
        (400, ErrorKind::InvalidRequest),
        (403, ErrorKind::Permission),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (401, ErrorKind::Authentication),
        (302, ErrorKind::Provider),
    ] {
        for body in ["", "<h1>no</h1>", "[]", "null", r#"{"errors":{}}"#, r#"{"errors":[]}"#] {
            let error = refused(status, body).await;
            assert_eq!(
                (error.kind(), error.status().map(|s| s.as_u16())),
                (kind, Some(status)),
                "{status} {body}"
            );
            assert!(
                matches!(ErrorBody::of(&error), Some(ErrorBody::Api(entries)) if entries.is_empty()),
                "{body}"
            );
        }
    }
}

#[tokio::test]
async fn the_core_has_a_form_of_its_own_and_its_hint_is_kept() {
    let body = r#"{"error":"invalid_grant","error_description":"expired","error_hint":"ask again"}"#;
    let (client, _, _) = client([MockResponse::json(400, body)]);
    let error = client.user_token("c", &"code".into(), "r").await.expect_err("refused");
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, Some("invalid_grant")));
    let Some(ErrorBody::Oidc { error: code, description, hint, .. }) = ErrorBody::of(&error) else {
        panic!("the core's own word")
    };
    assert_eq!(code.as_deref(), Some("invalid_grant"));
    assert_eq!(description.as_ref().map(|text| text.expose().as_str()), Some("expired"));
    assert_eq!(hint.as_ref().map(|text| text.expose().as_str()), Some("ask again"));
    assert!(!error.may_have_taken_effect(), "a refusal says that nothing was done");
}

#[tokio::test]
async fn a_refused_client_is_told_from_a_refused_code() {
    let (client, _, _) = client([MockResponse::json(400, r#"{"error":"invalid_client"}"#)]);
    let error = client.user_token("c", &"code".into(), "r").await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Authentication);
}

#[tokio::test]
async fn long_and_many_words_of_the_provider_are_cut() {
    let entry = format!(r#"{{"code":"A","message":"{}é"}}"#, "m".repeat(5000));
    let error = refused(400, &format!(r#"{{"errors":[{}]}}"#, vec![entry; 100].join(","))).await;
    let Some(ErrorBody::Api(entries)) = ErrorBody::of(&error) else { panic!("the API's own word") };
    assert_eq!(entries.len(), 32);
    assert!(entries[0].message.as_ref().is_some_and(|text| text.expose().len() <= 2048));
}

#[tokio::test]
async fn what_is_wrong_with_an_answer_is_said_by_its_place() {
    for (body, path) in [
        ("", "."),
        ("{oops", "."),
        ("[]", "."),
        (r#"{"success":true}"#, "data"),
        (r#"{"data":[]}"#, "data"),
        (r#"{"data":{"offer":{"code":{}}}}"#, "data"),
    ] {
        let (client, _, _) = client([ok(body)]);
        let error = client.offer("o").await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        // Where there is no JSON there is no place.
        let fits = error.path().is_some_and(|found| path == "." || found.starts_with(path));
        assert!(fits, "{body}: {error}");
    }
}

#[tokio::test]
async fn an_update_is_answered_by_an_object_that_says_whether_it_was_taken() {
    let update = TransactionUpdate::new(TransactionStatus::Failed).without_reference_id();
    for (body, path) in [("7", "."), ("[]", "."), ("null", "."), ("{}", "success")] {
        let (client, _, _) = client([ok(body)]);
        let error = client.update_transaction("t", &update).await.expect_err(body);
        assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some(path)), "{body}");
    }
}

#[tokio::test]
async fn a_refusal_behind_a_byte_order_mark_keeps_its_code() {
    let body = "\u{feff}{\"errors\":[{\"code\":\"OFFER_NOT_FOUND\",\"message\":\"m\"}]}";
    let (client, _, _) = client([MockResponse::json(404, body)]);
    let error = client.offer("o").await.expect_err("refused");
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("OFFER_NOT_FOUND")));
}

#[tokio::test]
async fn an_update_that_the_provider_did_not_take_is_no_error() {
    let (client, _, _) = client([ok(r#"{"success":false}"#), ok(r#"{"success":"true"}"#)]);
    let update = TransactionUpdate::new(TransactionStatus::Failed).without_reference_id();
    assert!(!client.update_transaction("t", &update).await.expect("an answer"));
    assert!(!client.update_transaction("t", &update).await.expect("an answer"));
}
