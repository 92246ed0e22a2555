//! A provider and a network that misbehave, met by a call that is safe to repeat: `status`.

use std::time::Duration;

use kyckit::{
    Error, ErrorKind,
    error::Fault as Blame,
    sandbox::{Fault, RetryAfter, shuftipro::ShuftiPro},
    transport::Options,
};

use crate::support::{
    OtherServer, World, assert_well_formed, builder_of, client_of, hurry, reference, world, world_with,
};

/// Longer than an attempt of `status` may take, shorter than all three of them.
const ATTEMPT: Duration = Duration::from_secs(15);

fn status() -> Fault {
    Fault::on("/status")
}

async fn fail(world: &World) -> Error {
    let order = reference("order-1");
    let error = hurry(world, ATTEMPT, world.client.status(&order)).await.expect_err("it fails for ever");
    assert_well_formed(&error, "status");
    assert!(!error.may_have_taken_effect(), "asking has no effect: {error}");
    error
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_the_second_answer_counts() {
    for fault in [
        status().reset_before_reading(),
        status().reset(),
        status().close(),
        status().truncate(),
        status().stall(),
        status().stall_in_body(),
        status().drip(1, Duration::from_secs(2)),
        status().status(500),
        status().status(503),
        status().html(502),
        status().html(504),
        status().html(524),
        status().rate_limited(RetryAfter::Absent),
    ] {
        let world = world().await;
        let order = world.seed("order-1");
        world.sandbox.inject(fault.clone());
        let answer = hurry(&world, ATTEMPT, world.client.status(&order)).await;
        assert_eq!(answer.expect("the second one").event().as_str(), "request.pending", "{fault:?}");
        assert_eq!(world.count("/status"), 2, "{fault:?}");
        assert_eq!(world.sandbox.server().waiting_faults(), 0);
        let waits = world.frozen.sleeps();
        assert!(waits.len() == 1 && waits[0] < Duration::from_millis(200), "{waits:?}");
    }
}

#[tokio::test]
async fn what_does_not_pass_is_tried_three_times_and_told_as_it_is() {
    use ErrorKind::{Interrupted, Provider, RateLimited, Timeout};
    for (fault, kind, code, blame) in [
        (status().reset_before_reading(), Interrupted, None, Blame::Network),
        (status().reset(), Interrupted, None, Blame::Network),
        (status().close(), Interrupted, None, Blame::Network),
        (status().truncate(), Interrupted, Some(200), Blame::Network),
        (status().stall(), Timeout, None, Blame::Network),
        (status().stall_in_body(), Timeout, Some(200), Blame::Network),
        (status().drip(1, Duration::from_secs(2)), Timeout, Some(200), Blame::Network),
        (status().status(500), Provider, Some(500), Blame::Provider),
        (status().status(503), Provider, Some(503), Blame::Provider),
        (status().html(504), Provider, Some(504), Blame::Provider),
        (status().html(524), Provider, Some(524), Blame::Provider),
        (status().rate_limited(RetryAfter::Absent), RateLimited, Some(429), Blame::Caller),
    ] {
        let world = world().await;
        world.seed("order-1");
        world.sandbox.inject(fault.clone().always());
        let error = fail(&world).await;
        assert_eq!(error.kind(), kind, "{fault:?}");
        assert_eq!(error.status().map(|status| status.as_u16()), code, "{fault:?}");
        assert_eq!((error.attempts(), world.count("/status")), (3, 3), "{fault:?}");
        assert!(error.is_retryable(), "{fault:?}");
        assert_eq!((error.fault(), error.is_timeout()), (blame, kind == Timeout), "{fault:?}");
        assert!(error.to_string().contains("after 3 attempts"), "{error}");
        let waits = world.frozen.sleeps();
        let bounds = [Duration::from_millis(200), Duration::from_millis(400)];
        assert!(waits.len() == 2 && waits.iter().zip(bounds).all(|(wait, bound)| *wait < bound), "{waits:?}");
    }
}

#[tokio::test]
async fn what_is_no_accident_is_not_tried_again() {
    use ErrorKind::{Provider, Signature, TooLarge};
    for (fault, kind, check, code) in [
        (status().oversize(5 << 20), TooLarge, None, 200),
        (status().endless(), TooLarge, None, 200),
        (status().gzip_bomb(1 << 30), TooLarge, None, 200),
        // No signature: neither a page behind a 200 nor half a text is believed far enough to be parsed.
        (status().html(200), Signature, Some("signature.missing"), 200),
        (status().invalid_json(), Signature, Some("signature.missing"), 200),
        (status().no_signature(), Signature, Some("signature.missing"), 200),
        (status().wrong_signature(), Signature, Some("signature.mismatch"), 200),
        (status().redirect(301, "/elsewhere"), Provider, None, 301),
        (status().redirect(307, "/elsewhere"), Provider, None, 307),
    ] {
        let world = world().await;
        world.seed("order-1");
        world.sandbox.inject(fault.clone());
        let error = fail(&world).await;
        assert_eq!((error.kind(), error.check()), (kind, check), "{fault:?}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(code), "{fault:?}");
        assert_eq!((error.attempts(), world.count("/status")), (1, 1), "{fault:?}");
        assert!(!error.is_retryable(), "{fault:?}");
        assert_eq!(error.is_verification_failure(), kind == Signature, "{fault:?}");
        assert!(world.frozen.sleeps().is_empty());
    }
}

#[tokio::test]
async fn the_limit_of_an_answer_is_the_application_s_to_set() {
    let world = world_with(ShuftiPro::builder(), Options::new().max_response_bytes(64)).await;
    world.seed("order-1");
    assert_eq!(fail(&world).await.kind(), ErrorKind::TooLarge);
    let roomy =
        client_of(&world.sandbox, Options::new().max_response_bytes(6 << 20).clock(world.clock.clone()));
    world.sandbox.inject(status().oversize(5 << 20));
    // It is read whole, and then found to be unsigned.
    let error = roomy.status(&reference("order-1")).await.expect_err("blanks");
    assert_eq!(error.kind(), ErrorKind::Signature);
}

#[tokio::test]
async fn the_provider_s_wait_is_kept_in_seconds_and_as_a_date() {
    for (fault, wait) in [
        (status().rate_limited(RetryAfter::Seconds(2)), 2),
        (status().rate_limited(RetryAfter::Date(9)), 9),
        (status().rate_limited(RetryAfter::Seconds(0)), 0),
    ] {
        let world = world().await;
        let order = world.seed("order-1");
        world.sandbox.inject(fault);
        world.client.status(&order).await.expect("the second one");
        let waits = world.frozen.sleeps();
        assert_eq!(waits.iter().map(Duration::as_secs).collect::<Vec<_>>(), [wait]);
        assert_eq!(world.count("/status"), 2);
    }
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun_but_told() {
    let world = world().await;
    world.seed("order-1");
    world.sandbox.inject(status().rate_limited(RetryAfter::Seconds(46)));
    let error = fail(&world).await;
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(46))));
    assert_eq!((error.attempts(), world.count("/status")), (1, 1));
    assert!(world.frozen.sleeps().is_empty());
    assert!(error.to_string().contains("retry in 46 s"), "{error}");
}

#[tokio::test]
async fn a_connection_that_is_reset_at_once_is_made_again() {
    let world = world().await;
    let order = world.seed("order-1");
    world.sandbox.inject(Fault::anywhere().reset_on_connect());
    world.client.status(&order).await.expect("the second one");
    assert_eq!(world.count("/status"), 1);
    assert_eq!(world.frozen.sleeps().len(), 1);
}

#[tokio::test]
async fn a_host_that_takes_no_connection_is_told_apart() {
    // Bound and not listening: the port is refused, and is nobody else's.
    let held = tokio::net::TcpSocket::new_v4().expect("a socket");
    held.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let world = world().await;
    let nowhere = builder_of(&world.sandbox, Options::new().clock(world.clock.clone()))
        .base_url(format!("http://{}", held.local_addr().expect("bound")))
        .build()
        .expect("a client");
    let error = nowhere.status(&reference("order-1")).await.expect_err("refused");
    assert_well_formed(&error, "status");
    assert_eq!((error.kind(), error.attempts(), error.status()), (ErrorKind::Connect, 3, None));
    assert!(error.is_retryable() && !error.may_have_taken_effect());
    assert_eq!(error.fault(), Blame::Network);
}

#[tokio::test]
async fn redirects_to_another_origin_take_nothing_there() {
    let other = OtherServer::start().await;
    for code in [301, 302, 303, 307, 308] {
        let world = world().await;
        world.seed("order-1");
        world.sandbox.inject(Fault::anywhere().always().redirect(code, format!("{}status", other.url)));
        let error = fail(&world).await;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Provider, 1), "{code}");
        assert!(error.to_string().contains("redirects"), "{error}");
        assert!(error.to_string().contains("check the base URL"), "{error}");
        let lost = world.client.verify(&crate::support::onsite("order-2")).await.expect_err("redirected");
        assert_eq!((lost.kind(), world.count("/")), (ErrorKind::Provider, 1), "{code}");
        assert!(world.client.account().await.is_err());
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_clock_that_is_off_does_not_matter() {
    let world = world().await;
    let order = world.seed("order-1");
    world.sandbox.inject(status().skew_date(-86_400));
    world.client.status(&order).await.expect("no time is signed");
}
