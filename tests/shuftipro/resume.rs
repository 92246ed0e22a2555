//! Starting again without starting twice.

use std::time::Duration;

use kyckit::{
    ErrorKind,
    privacy::Secret,
    sandbox::{
        Fault,
        shuftipro::{Outcome, ShuftiPro},
    },
    shuftipro::{VerificationResponse, request::Reference},
    transport::Options,
};

use crate::support::{client_of, onsite, world, world_with};

#[tokio::test]
async fn what_is_unknown_is_sent_once() {
    let world = world().await;
    let answer = world.client.resume(&onsite("order-1")).await.expect("taken");
    assert_eq!(answer.event().as_str(), "request.pending");
    assert!(answer.verification_url().is_some());
    assert_eq!((world.count("/status"), world.count("/")), (1, 1));
}

#[tokio::test]
async fn what_is_known_is_never_sent() {
    let world = world().await;
    let request = onsite("order-1");
    world.client.verify(&request).await.expect("taken");
    for (outcome, event) in [
        (None, "request.pending"),
        (Some(Outcome::Review), "review.pending"),
        (Some(Outcome::Decline(vec!["SPDR06".into()])), "verification.declined"),
    ] {
        if let Some(outcome) = outcome {
            world.sandbox.complete("order-1", outcome).expect("open");
        }
        assert_eq!(world.client.resume(&request).await.expect("known").event().as_str(), event);
    }
    assert_eq!((world.count("/status"), world.count("/")), (3, 1));
}

#[tokio::test]
async fn a_status_that_cannot_be_asked_sends_nothing() {
    let world = world().await;
    world.sandbox.inject(Fault::on("/status").times(3).status(503));
    let error = world.client.resume(&onsite("order-1")).await.expect_err("not known");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Provider, Some("status")));
    assert!(!error.may_have_taken_effect());
    assert_eq!(world.count("/"), 0);
}

#[tokio::test]
async fn two_processes_at_once_start_one_verification() {
    for builder in [ShuftiPro::builder(), ShuftiPro::builder().conflict_on_used_references()] {
        let world = world_with(builder, Options::new()).await;
        let other = client_of(&world.sandbox, Options::new().clock(world.clock.clone()));
        let request = onsite("order-1");
        // Both hear that it is unknown before either sends.
        world.sandbox.inject(Fault::on("/status").times(2).after_effect().delay(Duration::from_millis(30)));
        let (one, two) = tokio::join!(world.client.resume(&request), other.resume(&request));
        let (one, two) = (one.expect("one of them"), two.expect("and the other"));
        assert_eq!(one.event().as_str(), "request.pending");
        assert_eq!((two.event(), two.reference()), (one.event(), one.reference()));
        let page =
            |answer: &VerificationResponse| answer.verification_url().map(|url| url.expose().to_owned());
        assert_eq!((page(&one), page(&one).is_some()), (page(&two), true));
        // The one that found the reference taken has asked for its status.
        assert_eq!((world.count("/status"), world.count("/")), (3, 2));
        assert!(other.resume(&request).await.is_ok());
        assert_eq!(world.count("/"), 2);
    }
}

#[tokio::test]
async fn a_reference_that_is_taken_and_unknown_stays_a_conflict() {
    let world = world_with(ShuftiPro::builder().conflict_on_used_references(), Options::new()).await;
    let request = onsite("order-1");
    world.client.verify(&request).await.expect("taken");
    world.sandbox.inject(Fault::on("/status").times(2).status(404));
    let error = world.client.resume(&request).await.expect_err("taken by another account's request");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Conflict, Some("verify")));
    assert!(!error.may_have_taken_effect() && !error.is_retryable());
}

/// HMAC-SHA-256 under the key over `kyckit shuftipro reference`, the operation with its length in eight bytes in front,
/// the subject likewise, and the attempt in four bytes; the first 20 bytes in hex. Computed with Python's `hmac`.
#[test]
fn a_derived_reference_is_the_same_in_every_process_and_version() {
    let key = Secret::from("a key of your own, kept for good");
    let derive = |attempt| Reference::derive(&key, "onboarding", "customer 4711", attempt);
    assert_eq!(derive(1).as_str(), "fdd3ae8351c5b9de9d01887ed0b29b8ed66e5c9a");
    assert_eq!(derive(2).as_str(), "be4d0e26ffa92860f29faef4ce565a879a43c1c6");
    let other = Reference::derive(&"ключ".into(), "", "Zoë", u32::MAX);
    assert_eq!(other.as_str(), "381ac2e9b212367fa6f361afd9c94e79b8e14df5");
    // Parts cannot be shifted into each other.
    assert_ne!(Reference::derive(&key, "onboard", "ing", 1), Reference::derive(&key, "onboarding", "", 1));
}
