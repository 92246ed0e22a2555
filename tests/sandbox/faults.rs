//! Faults, met by a real client; `src/sandbox/server/tests.rs` looks at the socket.

use std::time::Duration;

use http::Method;
use kyckit::sandbox::Fault;
use serde_json::json;

use crate::support::{Client, Json as _, send, start};

fn verify(client: &Client, reference: &str) -> reqwest::RequestBuilder {
    client.basic(client.http.post(client.url("")).json(&json!({ "reference": reference, "face": "" })))
}

#[tokio::test]
async fn a_lost_answer_may_or_may_not_have_had_its_effect() {
    let client = start().await;
    client.sandbox.inject(Fault::on("/").method(Method::POST).reset());
    assert!(verify(&client, "order-1").send().await.is_err());
    assert_eq!(client.status("order-1").await["event"], "request.invalid");
    client.sandbox.inject(Fault::on("/").method(Method::POST).after_effect().reset());
    assert!(verify(&client, "order-1").send().await.is_err());
    assert_eq!(client.status("order-1").await["event"], "request.pending");
    // So the second attempt is refused.
    assert_eq!(send(verify(&client, "order-1")).await.status, 400);
}

#[tokio::test]
async fn a_truncated_answer_is_an_error_and_not_a_short_body() {
    let client = start().await;
    client.sandbox.inject(Fault::on("/").truncate());
    let response = verify(&client, "order-1").send().await.expect("a head");
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn signatures_fail_on_demand() {
    let client = start().await;
    for (fault, check) in [
        (Fault::anywhere().wrong_signature(), "signature.mismatch"),
        (Fault::anywhere().no_signature(), "signature.missing"),
    ] {
        client.sandbox.inject(fault);
        let request = client.basic(client.http.get(client.url("account/info/")));
        let answer = send(request).await;
        let error = client.verifier().check(&answer.headers, &answer.bytes).expect_err("it is spoiled");
        assert_eq!(error.check(), Some(check));
    }
    client.get("account/info/").await;
}

#[tokio::test]
async fn a_bomb_goes_off_in_a_client_without_limits() {
    let client = start().await;
    client.sandbox.inject(Fault::anywhere().gzip_bomb(20 << 20));
    let answer = send(client.http.get(client.url(""))).await;
    assert_eq!(answer.bytes.len(), 20 << 20);
}

#[tokio::test]
async fn a_stalled_answer_runs_into_the_clients_timeout() {
    let client = start().await;
    client.sandbox.inject(Fault::anywhere().stall());
    let error =
        verify(&client, "order-1").timeout(Duration::from_millis(30)).send().await.expect_err("silence");
    assert!(error.is_timeout());
    assert_eq!(client.sandbox.server().log()[0].fault, Some("stall"));
    assert_eq!(client.sandbox.server().count("/"), 1);
}
