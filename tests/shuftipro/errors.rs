//! What an error keeps of the provider's words.

use kyckit::{
    Error, ErrorKind,
    transport::{MockResponse, MockTransport, Options},
};

use crate::support::{over, reference, signed};

const PAGE: &str = "<html>gateway Ångström at 10:15, token eyJhbGciOiJIUzI1NiJ9.e30.abc</html>";

async fn status(answer: MockResponse, options: Options) -> Error {
    let memory = MockTransport::new([answer.clone(), answer.clone(), answer]);
    let (client, _) = over(&memory, options);
    client.status(&reference("order-1")).await.expect_err("it fails")
}

#[tokio::test]
async fn the_body_of_a_failure_is_kept_only_when_asked_for() {
    let bad_json = r#"{"event":"verification.accepted","reference":{"document":7}}"#;
    for (answer, kind, shown) in [
        (MockResponse::json(524, PAGE), ErrorKind::Provider, "gateway Ångström at 10:15"),
        (MockResponse::json(400, r#"{"message":"odd thing"}"#), ErrorKind::InvalidRequest, "odd thing"),
        (MockResponse::json(200, PAGE), ErrorKind::Signature, "gateway Ångström at 10:15"),
        (signed(200, bad_json), ErrorKind::Decode, r#""document":7"#),
    ] {
        let closed = status(answer.clone(), Options::new()).await;
        assert_eq!((closed.kind(), closed.body_excerpt()), (kind, None));
        let open = status(answer, Options::new().keep_body_excerpt()).await;
        let excerpt = open.body_excerpt().expect("asked for");
        assert!(excerpt.contains(shown), "{excerpt}");
        assert!(!excerpt.contains("eyJ"), "{excerpt}");
        for text in [open.to_string(), format!("{open:?}"), closed.to_string(), format!("{closed:?}")] {
            assert!(!text.contains(shown), "{text}");
        }
    }
}

#[tokio::test]
async fn an_excerpt_is_bounded() {
    let long = "lorem ipsum ".repeat(10_000);
    let error = status(MockResponse::json(500, long), Options::new().keep_body_excerpt()).await;
    let length = error.body_excerpt().expect("asked for").len();
    assert!((1_500..=2_048).contains(&length), "{length}");
}

#[tokio::test]
async fn the_request_id_of_the_provider_is_kept_while_it_looks_like_one() {
    let with = |id: &str| MockResponse::json(403, "{}").header("x-request-id", id);
    let error = status(with("7f3a-19"), Options::new()).await;
    assert_eq!(error.request_id(), Some("7f3a-19"));
    assert!(error.to_string().contains("request 7f3a-19"), "{error}");
    let odd = status(with("Jane Roe <jane@example.com>"), Options::new()).await;
    assert!(!odd.to_string().contains("Jane"), "{odd}");
    assert_eq!(status(with(&"x".repeat(81)), Options::new()).await.request_id(), None);
}
