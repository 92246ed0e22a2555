//! A success is an answer of the documented form, also where nothing of it is read.

use futures_util::future::BoxFuture;
use kyckit::{
    Error, ErrorKind,
    credify::market::{Documents, FetchedDocuments},
    selfkey::model::NewKycUser,
    transport::{MockResponse, MockTransport},
};

use super::table::*;

/// What gateways and sign-in pages answer with 200, and what is left of an answer that was cut off.
const PAGES: [(&str, &str); 6] = [
    ("text/html; charset=utf-8", "<!DOCTYPE html><html><body>Please sign in</body></html>"),
    ("text/html", "  <html><form action=/login></form></html>"),
    ("application/json", "<!doctype html><p>Just a moment"),
    ("application/json", r#"{"success":tr"#),
    ("application/json; charset=utf-8", r#"["#),
    (
        "text/plain",
        "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
    ),
];

fn page((label, body): (&str, &str)) -> MockResponse {
    MockResponse::json(200, body.to_owned()).header("content-type", label)
}

type Run = fn(MockTransport) -> BoxFuture<'static, Result<(), Error>>;

/// Calls without an id whose answer is read in part, or not at all.
fn others() -> Vec<(&'static str, Vec<MockResponse>, Run)> {
    vec![
        ("wallet.create_application", login(), |memory| {
            Box::pin(async move { wallet(&memory).create_application("T1", &[]).await.map(drop) })
        }),
        ("wallet.create_user", login(), |memory| {
            Box::pin(async move { wallet(&memory).create_user(&[]).await.map(drop) })
        }),
        ("wallet.create_kyc_user", login(), |memory| {
            Box::pin(async move {
                wallet(&memory).create_kyc_user(&NewKycUser::person("a@b.example", "A", "B")).await.map(drop)
            })
        }),
    ]
}

#[tokio::test]
async fn a_page_or_a_piece_is_no_success_of_any_call() {
    let mut refused = 0;
    for what in PAGES {
        let mut outcomes = Vec::new();
        for call in in_paths() {
            // The text of a gateway is no page, and a file may be any text.
            if call.name.contains("file") && !call.name.contains("files") && what.0 == "text/plain" {
                continue;
            }
            // What is cut off of a file shows in its length, which the connection knows.
            if ["kycc.file", "user_data, file"].contains(&call.name) && !what.1.contains('<') {
                continue;
            }
            let memory = MockTransport::new((call.before)("5ddd"));
            memory.then(page(what));
            outcomes.push((call.name, (call.run)(memory, "5ddd".to_owned()).await));
        }
        for (name, before, run) in others() {
            let memory = MockTransport::new(before);
            memory.then(page(what));
            outcomes.push((name, run(memory).await));
        }
        for (name, outcome) in outcomes {
            // A handle that Credo360 knows is none of these.
            let Err(error) = outcome else { panic!("{name} takes {what:?} for a success") };
            if name.starts_with("credo360") && error.kind() == ErrorKind::InvalidRequest {
                continue;
            }
            assert_eq!(error.kind(), ErrorKind::Decode, "{name} {what:?}: {error}");
            refused += 1;
        }
    }
    println!("{refused} answers refused");
}

#[tokio::test]
async fn a_change_that_got_a_page_may_have_taken_effect() {
    let memory = MockTransport::new([page(PAGES[0])]);
    let question = kyckit::selfkey::kyc_chain::NewQuestion::select("a", "b", ["c"]);
    let error = kycc(&memory).add_question("5ddd", &question).await.expect_err("a page");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Decode, Some("answer.form")));
    assert!(error.may_have_taken_effect());
    assert_eq!((error.operation(), error.attempts()), (Some("add_question"), 1));
}

#[tokio::test]
async fn words_json_and_silence_are_successes_where_they_are_documented() {
    let question = kyckit::selfkey::kyc_chain::NewQuestion::select("a", "b", ["c"]);
    for (status, label, body, by_chain, by_wallet) in [
        (201, "text/html; charset=utf-8", "Created", true, true),
        (200, "text/plain", "OK", true, true),
        (201, "application/json; charset=utf-8", "\"Created\"", true, true),
        (200, "application/json", "{}", true, true),
        (204, "text/plain", "", true, true),
        (200, "text/plain", "", false, true),
    ] {
        let answer = || MockResponse::json(status, body).header("content-type", label);
        let chain = kycc(&MockTransport::new([answer()])).add_question("5ddd", &question).await;
        assert_eq!(chain.is_ok(), by_chain, "{status} {body:?}: {chain:?}");
        let memory = MockTransport::new(login());
        memory.then(answer());
        let posted = wallet(&memory).post_message("5ddd", "hello").await;
        assert_eq!(posted.is_ok(), by_wallet, "{status} {body:?}: {posted:?}");
    }
}

#[tokio::test]
async fn a_document_is_neither_empty_nor_a_page() {
    let url = "https://docs.example/invoice.pdf".parse().expect("a URL");
    let fetched = async |answer: MockResponse| {
        let memory = MockTransport::new([answer]);
        let documents = FetchedDocuments::new(&credify(&memory)).domain("docs.example");
        documents.fetch(&url).await
    };
    let pdf = MockResponse::json(200, "%PDF-1.7 …").header("content-type", "application/pdf");
    assert_eq!(&fetched(pdf).await.expect("a document")[..4], b"%PDF");
    let long = format!("%PDF-1.7 {}", "x".repeat(200_000));
    assert_eq!(fetched(MockResponse::json(200, long.clone())).await.expect("a document"), long);
    for what in PAGES.into_iter().filter(|(_, body)| body.contains('<')).chain([("application/pdf", "")]) {
        let error = fetched(page(what)).await.expect_err(what.1);
        assert_eq!((error.kind(), error.check()), (ErrorKind::Decode, Some("answer.form")), "{what:?}");
        assert!(!error.may_have_taken_effect());
    }
}
