//! KYC-Chain, server to server: pages, cookies, and a webhook that is believed in nothing.

use axum::Router;
use futures_util::TryStreamExt;
use kyckit::{
    ErrorKind,
    privacy::Secret,
    selfkey::{
        ErrorBody,
        kycc::{
            integrations::{Client, Filters},
            user_data::{Reader, Refusal, UserFile},
            webhook::StatusHint,
        },
        model::Status,
    },
    transport::{MockResponse, MockTransport, Options, Retry},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::*;

fn options(memory: &MockTransport) -> Options {
    Options::new().transport(memory.clone()).retry(Retry::never())
}

fn client(memory: &MockTransport) -> Client {
    Client::builder("https://kyc.example/", "test-api-key")
        .options(options(memory))
        .build()
        .expect("a client")
}

fn page(ids: std::ops::Range<u32>) -> MockResponse {
    let items: Vec<_> = ids.map(|id| json!({"id": format!("A{id}"), "currentStatus": 4})).collect();
    MockResponse::json(200, json!({ "items": items }).to_string())
}

#[tokio::test]
async fn pages_are_read_as_the_stream_is() {
    let memory = MockTransport::new([page(0..2), page(2..4), page(4..5), page(0..0)]);
    let client = client(&memory);
    let mut all = client.all_applications(Filters::new().sort("updatedAt").limit(2), &["id"]);
    assert!(memory.sent().is_empty());
    assert_eq!(all.try_next().await.expect("read").expect("one").id, "A0");
    assert_eq!(memory.sent().len(), 1);
    let rest: Vec<_> = all.try_collect().await.expect("the rest");
    assert_eq!(rest.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["A1", "A2", "A3", "A4"]);
    assert_eq!(
        lines(&memory),
        [0, 2, 4, 5].map(|skip| format!(
            "GET /integrations/v2/applications?sort=updatedAt&limit=2&skip={skip}&fields=id"
        ))
    );
    for sent in memory.sent() {
        assert_eq!(header(&sent, "apikey"), Some("test-api-key"));
        assert!(sent.headers["apikey"].is_sensitive());
        assert_eq!(header(&sent, "authorization"), None);
        assert_eq!(header(&sent, "origin"), None);
    }
}

#[tokio::test]
async fn users_come_in_pages_too() {
    let users = |ids: &[&str]| {
        let items: Vec<_> = ids.iter().map(|id| json!({ "_id": id })).collect();
        MockResponse::json(200, json!({ "items": items }).to_string())
    };
    let memory = MockTransport::new([users(&["a"]), users(&[])]);
    let all = client(&memory).all_users(Filters::new().did("did:eth:0x1").limit(1).skip(5), &["did"]);
    let all: Vec<_> = all.try_collect().await.expect("users");
    assert_eq!(all[0].id, "a");
    assert_eq!(
        lines(&memory),
        [5, 6].map(|skip| format!(
            "GET /integrations/v2/users?did=did%3Aeth%3A0x1&limit=1&skip={skip}&fields=did"
        ))
    );
}

/// A server that gives fifty at the most, whatever it is asked for, and one that gives the same ones whatever it is asked
/// for.
async fn capped(is_deaf: bool) -> Server {
    let list = move |axum::extract::RawQuery(query): axum::extract::RawQuery| async move {
        let query = query.unwrap_or_default();
        let number = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(found, _)| found == name).and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let skip = if is_deaf { 0 } else { number("skip").unwrap_or(0) };
        let limit = number("limit").unwrap_or(50).min(50);
        let items: Vec<_> = (skip..120.min(skip + limit))
            .map(|id| json!({ "id": format!("A{id}"), "currentStatus": 4 }))
            .collect();
        axum::Json(json!({ "items": items }))
    };
    let router = Router::new()
        .route("/integrations/v2/applications", axum::routing::get(list))
        .route("/integrations/v2/users", axum::routing::get(list));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    Server { url, serving: tokio::spawn(async { axum::serve(listener, router).await.expect("served") }) }
}

struct Server {
    url: String,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    fn client(&self) -> Client {
        let http = kyckit::transport::HttpSettings::new().no_proxy();
        Client::builder(&self.url, "test-api-key")
            .options(Options::new().http(http))
            .build()
            .expect("a client")
    }
}

#[tokio::test]
async fn a_list_is_read_to_its_end_though_the_server_gives_less_than_it_was_asked_for() {
    let server = capped(false).await;
    let expected: Vec<_> = (0..120).map(|id| format!("A{id}")).collect();
    for filters in [Filters::new(), Filters::new().limit(100), Filters::new().limit(7)] {
        let all: Vec<_> =
            server.client().all_applications(filters.clone(), &[]).try_collect().await.expect("to its end");
        assert_eq!(all.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), expected);
        let all: Vec<_> = server.client().all_users(filters, &[]).try_collect().await.expect("to its end");
        assert_eq!(all.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), expected);
    }
    let all: Vec<_> = server
        .client()
        .all_applications(Filters::new().skip(110), &[])
        .try_collect()
        .await
        .expect("the rest");
    assert_eq!(all.len(), 10);
}

#[tokio::test]
async fn a_server_that_gives_the_same_page_again_and_again_is_an_error() {
    use futures_util::StreamExt;

    let server = capped(true).await;
    let read: Vec<_> = server.client().all_applications(Filters::new(), &[]).collect().await;
    assert_eq!(read.len(), 51);
    let error = read[50].as_ref().expect_err("it brings nothing new");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Provider, Some("list.repeated")));
    assert_eq!(error.operation(), Some("applications"));
    let read: Vec<_> = server.client().all_users(Filters::new(), &[]).collect().await;
    assert_eq!(read.iter().filter(|item| item.is_err()).count(), 1);
}

#[tokio::test]
async fn a_page_that_fails_ends_the_stream_and_an_empty_one_is_the_last() {
    let memory = MockTransport::new([page(0..2), MockResponse::json(500, "{}")]);
    let mut all = client(&memory).all_applications(Filters::new().limit(2), &[]);
    assert!(all.try_next().await.is_ok() && all.try_next().await.is_ok());
    let error = all.try_next().await.expect_err("failed");
    assert_eq!(ErrorBody::of(&error), Some(ErrorBody::Server));
    assert!(all.try_next().await.expect("over").is_none());

    let memory = MockTransport::new([page(0..2), page(0..0)]);
    let all: Vec<_> =
        client(&memory).all_applications(Filters::new().limit(2), &[]).try_collect().await.expect("all");
    assert_eq!((all.len(), memory.unused()), (2, 0));
}

#[tokio::test]
async fn an_application_of_few_fields_is_the_one_that_was_asked_for() {
    let memory = MockTransport::new([MockResponse::json(200, r#"{"currentStatus":2}"#)]);
    let application = client(&memory).application("A1", &["currentStatus"]).await.expect("read");
    assert_eq!((application.id.as_str(), application.status), ("A1", Some(Status::Approved)));
}

#[test]
fn a_key_is_needed_and_can_be_replaced() {
    assert_eq!(
        Client::builder("https://kyc.example", " ").build().expect_err("empty").kind(),
        ErrorKind::Configuration
    );
    assert!(Client::builder("http://kyc.example", "k").build().is_err());
    let client = client(&MockTransport::default());
    assert!(client.replace_api_key("a\nb").is_err());
    assert!(client.replace_api_key("other").is_ok());
}

async fn nothing(_: UserFile) -> Result<Value, kyckit::Error> {
    Ok(Value::Null)
}

#[tokio::test]
async fn all_cookies_of_the_login_go_back() {
    let login =
        MockResponse::json(200, r#"{"user":{"_id":"x"}}"#).header("set-cookie", "sid=1; Path=/; HttpOnly");
    let memory = MockTransport::new([login, MockResponse::json(200, "[]")]);
    let reader = Reader::builder("https://kyc.example").options(options(&memory)).build().expect("a reader");
    let error = reader.user_data(&Secret::new(token(r#"{"sub":"x"}"#)), "T1", &nothing).await;
    assert_eq!(Refusal::of(&error.expect_err("no application")), Some(Refusal::InvalidUser));
    assert_eq!(header(&memory.sent()[1], "cookie"), Some("sid=1"));
    assert!(memory.sent()[1].headers["cookie"].is_sensitive());
}

#[tokio::test]
async fn a_server_that_is_down_does_not_make_a_token_invalid() {
    let memory = MockTransport::new([MockResponse::json(503, "{}"), MockResponse::json(429, "{}")]);
    let reader = Reader::builder("https://kyc.example").options(options(&memory)).build().expect("a reader");
    for kind in [ErrorKind::Provider, ErrorKind::RateLimited] {
        let error = reader.user_data(&"t".into(), "T1", &nothing).await.expect_err("down");
        assert_eq!((Refusal::of(&error), error.kind()), (None, kind));
    }
}

#[tokio::test]
async fn a_hint_is_confirmed_by_reading() {
    let hint =
        StatusHint::read(br#"{"applicationId":"../A1","status":2,"updatedAt":"2020-04-08T12:26:26.479Z"}"#);
    let hint = hint.expect("a hint");
    let memory = MockTransport::new([MockResponse::json(200, r#"{"id":"../A1","currentStatus":9}"#)]);
    let application = hint.confirm(&client(&memory), &[]).await.expect("read");
    assert_eq!(
        (hint.status, application.status),
        (Some(Status::Approved), Some(Status::AdditionalRequested))
    );
    assert_eq!(lines(&memory), ["GET /integrations/v2/applications/..%2FA1"]);
    for bad in ["", "[]", "{}", r#"{"applicationId":""}"#, r#"{"applicationId":{}}"#] {
        assert_eq!(StatusHint::read(bad.as_bytes()).expect_err(bad).kind(), ErrorKind::Decode);
    }
    let long = format!(r#"{{"applicationId":"{}"}}"#, "a".repeat(200));
    assert!(StatusHint::read(long.as_bytes()).is_err());
}

/// Posts to the route over a real socket: status and body of the answer.
async fn posted(body: &str, failing: bool) -> (u16, String) {
    let route = kyckit::selfkey::server::status_webhook(move |hint: StatusHint| async move {
        assert_eq!(hint.application_id, "A1");
        if failing { Err(kyckit::Error::store("full")) } else { Ok(()) }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let server =
        tokio::spawn(async move { axum::serve(listener, Router::new().route_service("/hook", route)).await });
    let mut socket = TcpStream::connect(address).await.expect("connected");
    let head = format!(
        "POST /hook HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    // A server that refuses early may close before all is written.
    let _ = socket.write_all(format!("{head}{body}").as_bytes()).await;
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    server.abort();
    let answer = String::from_utf8(answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    (head[9..12].parse().expect("a status"), body.to_owned())
}

#[tokio::test]
async fn the_route_answers_as_documented() {
    let hint = r#"{"applicationId":"A1","status":2}"#;
    assert_eq!(posted(hint, false).await, (200, r#"{"status":"ok"}"#.to_owned()));
    assert_eq!(posted(hint, true).await.0, 500);
    assert_eq!(posted("{}", false).await.0, 400);
    assert_eq!(posted(&" ".repeat(65 * 1024), false).await.0, 413);
}
