//! Callbacks: signed, in order, repeated until they are taken, and never sent elsewhere.

use std::time::Duration;

use kyckit::{
    error::ErrorKind,
    sandbox::shuftipro::{Callback, CallbackPolicy, DeliveryState, Order, Outcome, ShuftiPro},
};
use serde_json::{Value, json};

use crate::support::{Client, Receiver, start, start_frozen, start_with};

fn quick(tries: u32) -> kyckit::sandbox::shuftipro::Builder {
    let mut policy = CallbackPolicy::default();
    policy.tries = tries;
    policy.interval = Duration::from_millis(1);
    ShuftiPro::builder().callbacks(policy)
}

async fn pending(client: &Client, receiver: &Receiver, reference: &str) {
    let body = json!({ "reference": reference, "callback_url": receiver.url, "document": { "name": "" } });
    assert_eq!(client.post("", body).await.event(), "request.pending");
}

#[tokio::test]
async fn a_result_follows_its_pending_and_both_are_signed() {
    let (client, receiver) = (start().await, Receiver::start(&[]).await);
    pending(&client, &receiver, "order-1").await;
    client.sandbox.complete("order-1", Outcome::Natural).expect("open");
    client.sandbox.settled().await;
    assert_eq!(receiver.events(), ["request.pending", "verification.accepted"]);
    // The second one waited for the first.
    assert_eq!(receiver.most_at_once(), 1);
    for (headers, body) in receiver.taken() {
        assert_eq!(headers["content-type"], "application/json");
        client.verifier().check(&headers, &body).expect("signed");
    }
    let last: Value = serde_json::from_slice(&receiver.taken()[1].1).expect("JSON");
    assert_eq!(
        last["verification_data"]["document"]["name"]["first_name"],
        json!(client.sandbox.person("order-1").first_name)
    );
    assert!(last.get("proofs").is_none());
}

#[tokio::test]
async fn every_outcome_sends_a_callback() {
    let (client, receiver) = (start().await, Receiver::start(&[]).await);
    for (number, (outcome, event)) in [
        (Outcome::Accept, "verification.accepted"),
        (Outcome::Decline(vec!["SPDR06".into()]), "verification.declined"),
        (Outcome::Cancel, "verification.cancelled"),
        (Outcome::Timeout, "request.timeout"),
        (Outcome::Review, "review.pending"),
        (Outcome::DataChanged, "request.data.changed"),
    ]
    .into_iter()
    .enumerate()
    {
        let reference = format!("order-{number}");
        pending(&client, &receiver, &reference).await;
        client.sandbox.complete(&reference, outcome).expect("open");
        client.sandbox.settled().await;
        assert_eq!(receiver.events().last().map(String::as_str), Some(event));
    }
    client.sandbox.complete("order-0", Outcome::ChangeToDeclined(vec!["SPDR34".into()])).expect("decided");
    client.post("delete", json!({ "reference": "order-2", "comment": "erase it" })).await;
    client.sandbox.settled().await;
    let taken = receiver.taken();
    let last_two: Vec<&[u8]> = taken[taken.len() - 2..].iter().map(|(_, body)| body.as_ref()).collect();
    assert!(
        last_two.contains(&br#"{"reference":"order-0","event":"verification.status.changed"}"#.as_slice())
    );
    assert!(last_two.contains(&br#"{"reference":"order-2","event":"request.deleted"}"#.as_slice()));
}

#[tokio::test]
async fn a_timed_out_url_sends_a_callback() {
    let receiver = Receiver::start(&[]).await;
    let (client, time) = start_frozen(ShuftiPro::builder()).await;
    pending(&client, &receiver, "order-1").await;
    time.advance(Duration::from_secs(3_600));
    client.sandbox.tick();
    client.sandbox.settled().await;
    assert_eq!(receiver.events(), ["request.pending", "request.timeout"]);
}

#[tokio::test]
async fn a_callback_is_repeated_until_it_is_taken() {
    let (client, receiver) = (start_with(quick(10)).await, Receiver::start(&[500, 404, 302, 204]).await);
    pending(&client, &receiver, "order-1").await;
    client.sandbox.settled().await;
    let taken = receiver.taken();
    assert_eq!(taken.len(), 4);
    assert!(
        taken
            .iter()
            .all(|(headers, body)| *body == taken[0].1 && headers["signature"] == taken[0].0["signature"])
    );
    let delivery = &client.sandbox.deliveries()[0];
    assert_eq!((delivery.state, delivery.event.as_str()), (DeliveryState::Delivered, "request.pending"));
    let statuses: Vec<u16> =
        delivery.tries.iter().filter_map(|(_, status)| Some((*status)?.as_u16())).collect();
    assert_eq!(statuses, [500, 404, 302, 204]);
}

#[tokio::test]
async fn it_is_given_up_after_ten_tries() {
    assert_eq!(CallbackPolicy::default().tries, 10);
    let (client, receiver) = (start_with(quick(10)).await, Receiver::start(&[500; 20]).await);
    pending(&client, &receiver, "order-1").await;
    client.sandbox.settled().await;
    assert_eq!(receiver.taken().len(), 10);
    assert_eq!(client.sandbox.deliveries()[0].state, DeliveryState::PermanentFailed);
}

#[tokio::test]
async fn nothing_is_sent_to_other_hosts() {
    let client = start().await;
    let asked =
        |reference: &str, url: &str| json!({ "reference": reference, "callback_url": url, "face": "" });
    let refused = client.post("", asked("order-1", "http://192.0.2.1/kyc")).await;
    assert_eq!(refused.refusal(), (400, String::new(), "callback_url".to_owned()));
    client.post("", asked("order-1", "https://backend.example.com/kyc")).await;
    client.sandbox.settled().await;
    let delivery = &client.sandbox.deliveries()[0];
    assert_eq!((delivery.state, delivery.tries.len()), (DeliveryState::Withheld, 0));
    client
        .verifier()
        .check(
            &[(
                "signature".parse().expect("a name"),
                delivery.signature.as_deref().expect("signed").parse().expect("a value"),
            )]
            .into_iter()
            .collect(),
            &delivery.body,
        )
        .expect("it is signed all the same");
}

#[tokio::test]
async fn callbacks_come_twice_forged_bare_and_in_two_keys_on_demand() {
    let (client, receiver) = (start_with(quick(1)).await, Receiver::start(&[]).await);
    pending(&client, &receiver, "order-1").await;
    client.sandbox.complete("order-1", Outcome::Accept).expect("open");
    client.sandbox.settled().await;
    for callback in [
        Callback::current().copies(2),
        Callback::current().wrongly_signed(),
        Callback::current().unsigned(),
        Callback::of_event("verification.status.changed"),
    ] {
        client.sandbox.deliver("order-1", callback).expect("it has a callback_url");
    }
    client.sandbox.settled().await;
    let taken = receiver.taken();
    let checks: Vec<Option<&str>> = taken[2..]
        .iter()
        .map(|(headers, body)| client.verifier().check(headers, body).err().and_then(|error| error.check()))
        .collect();
    assert_eq!(checks, [None, None, Some("signature.mismatch"), Some("signature.missing"), None]);
    assert!(taken[1..=4].iter().all(|(_, body)| *body == taken[1].1));
    assert_eq!(taken[6].1, r#"{"reference":"order-1","event":"verification.status.changed"}"#);

    client.post("", json!({ "reference": "order-2", "face": "" })).await;
    let nowhere = client.sandbox.deliver("order-2", Callback::current()).expect_err("no callback_url");
    assert_eq!(nowhere.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn held_callbacks_are_let_go_in_either_order() {
    let (client, receiver) = (start().await, Receiver::start(&[]).await);
    for (order, expected) in [
        (Order::Queued, ["request.pending", "verification.accepted"]),
        (Order::Reversed, ["verification.accepted", "request.pending"]),
    ] {
        let reference = format!("order-{order:?}");
        client.sandbox.hold_callbacks();
        pending(&client, &receiver, &reference).await;
        client.sandbox.complete(&reference, Outcome::Accept).expect("open");
        client.sandbox.settled().await;
        let before = receiver.taken().len();
        client.sandbox.release_callbacks(order);
        client.sandbox.settled().await;
        assert_eq!(receiver.events()[before..], expected);
    }
}

#[tokio::test]
async fn a_late_callback_is_overtaken() {
    let (client, receiver) = (start().await, Receiver::start(&[]).await);
    pending(&client, &receiver, "order-1").await;
    client.sandbox.settled().await;
    client.sandbox.deliver("order-1", Callback::current().delayed(Duration::from_millis(30))).expect("known");
    client.sandbox.complete("order-1", Outcome::Accept).expect("open");
    client.sandbox.settled().await;
    assert_eq!(receiver.events(), ["request.pending", "verification.accepted", "request.pending"]);
}

#[tokio::test]
async fn an_offsite_result_is_returned_and_sent() {
    let (client, receiver) = (start().await, Receiver::start(&[]).await);
    let proof = "data:image/png;base64,iVBORw0KGgo=";
    let body = json!({ "reference": "order-1", "callback_url": receiver.url, "face": { "proof": proof } });
    let answer = client.post("", body).await;
    client.sandbox.settled().await;
    assert_eq!(receiver.taken()[0].1, answer.bytes);
    let body = json!({
        "reference": "order-2", "callback_url": receiver.url, "face": { "proof": proof }, "show_results": "0",
    });
    assert_eq!(client.post("", body).await.event(), "request.received");
    client.sandbox.settled().await;
    assert_eq!(receiver.events(), ["verification.accepted", "verification.accepted"]);
}
