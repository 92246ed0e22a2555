//! Calls that change something, when their answer is lost: sent once, and the truth is found out.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use futures_util::future::BoxFuture;
use kyckit::{
    ErrorKind,
    clock::{Clock, RandomError, TimeSource},
    sandbox::{Fault, RetryAfter, shuftipro::ShuftiPro},
    shuftipro::{
        Client,
        request::{DeleteRequest, RiskAssessmentRequest},
    },
    transport::{HttpSettings, Options},
};

use crate::support::{World, assert_well_formed, hurry, onsite, reference, world};

/// As long as an attempt of `verify` may take.
const ATTEMPT: Duration = Duration::from_secs(15);

fn verify() -> Fault {
    Fault::on("/").method(http::Method::POST)
}

/// What `verify` came to, after the connection was used once before: a client must not take a dead connection for a
/// request that never left.
async fn attempt(world: &World, fault: &Fault) -> Result<String, kyckit::Error> {
    world.client.account().await.expect("a warm connection");
    world.sandbox.inject(fault.clone());
    let answer = hurry(world, ATTEMPT, world.client.verify(&onsite("order-1"))).await;
    assert_eq!(world.count("/"), 1, "sent exactly once: {fault:?}");
    assert_eq!(world.sandbox.server().waiting_faults(), 0, "{fault:?}");
    answer.map(|answer| answer.event().as_str().to_owned())
}

#[tokio::test]
async fn when_it_was_carried_out_the_status_says_so() {
    for fault in [
        verify().after_effect().reset(),
        verify().after_effect().close(),
        verify().after_effect().stall(),
        verify().after_effect().status(500),
        verify().after_effect().status(503),
        verify().after_effect().html(504),
        verify().after_effect().html(524),
        verify().after_effect().redirect(302, "/done"),
        verify().truncate(),
        verify().stall_in_body(),
        verify().drip(1, Duration::from_secs(2)),
    ] {
        let world = world().await;
        let event = attempt(&world, &fault).await.expect("the state of the reference");
        assert_eq!(event, "request.pending", "{fault:?}");
        assert_eq!(world.count("/status"), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn the_state_that_is_told_is_the_real_one() {
    let world = world().await;
    world.sandbox.inject(verify().after_effect().delay(Duration::from_millis(30)).reset());
    let request = onsite("order-1");
    let (answer, ()) = tokio::join!(world.client.verify(&request), async {
        // The person is faster than the network.
        while world.sandbox.verification("order-1").is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        world.sandbox.complete("order-1", kyckit::sandbox::shuftipro::Outcome::Cancel).expect("open");
    });
    assert_eq!(answer.expect("known").event().as_str(), "verification.cancelled");
}

#[tokio::test]
async fn when_it_is_unknown_the_error_says_what_to_do_and_resume_does_it() {
    use ErrorKind::{Interrupted, Provider, Timeout};
    for (fault, kind, code) in [
        (verify().reset_before_reading(), Interrupted, None),
        (verify().reset(), Interrupted, None),
        (verify().close(), Interrupted, None),
        (verify().stall(), Timeout, None),
        (verify().status(500), Provider, Some(500)),
        (verify().status(503), Provider, Some(503)),
        (verify().html(504), Provider, Some(504)),
        (verify().html(524), Provider, Some(524)),
    ] {
        let world = world().await;
        let error = attempt(&world, &fault).await.expect_err("nobody knows of it");
        assert_well_formed(&error, "verify");
        assert_eq!(error.kind(), kind, "{fault:?}");
        assert_eq!(error.status().map(|status| status.as_u16()), code, "{fault:?}");
        assert_eq!((error.attempts(), error.may_have_taken_effect()), (1, true), "{fault:?}");
        assert!(error.to_string().contains("; it may have taken effect; "), "{error}");
        assert!(error.to_string().contains("call resume with the same request"), "{error}");
        assert_eq!(world.count("/status"), 1, "{fault:?}");

        let answer = world.client.resume(&onsite("order-1")).await.expect("now it is taken");
        assert_eq!(answer.event().as_str(), "request.pending", "{fault:?}");
        assert_eq!((world.count("/status"), world.count("/")), (2, 2), "{fault:?}");
    }
}

#[tokio::test]
async fn when_the_status_cannot_be_asked_either_the_first_loss_is_told() {
    let world = world().await;
    world.sandbox.inject(verify().after_effect().reset());
    world.sandbox.inject(Fault::on("/status").times(3).status(503));
    let error = world.client.verify(&onsite("order-1")).await.expect_err("nothing is known");
    assert_well_formed(&error, "verify");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 1));
    assert!(error.may_have_taken_effect());
    assert_eq!((world.count("/"), world.count("/status")), (1, 3));
    // It had been taken: resume finds it and sends nothing.
    let answer = world.client.resume(&onsite("order-1")).await.expect("known");
    assert_eq!((answer.event().as_str(), world.count("/")), ("request.pending", 1));
}

#[tokio::test]
async fn an_answer_that_cannot_be_believed_is_not_taken_for_a_loss() {
    use ErrorKind::{Signature, TooLarge};
    for (fault, kind) in [
        (verify().wrong_signature(), Signature),
        (verify().no_signature(), Signature),
        (verify().after_effect().html(200), Signature),
        (verify().after_effect().invalid_json(), Signature),
        (verify().after_effect().oversize(5 << 20), TooLarge),
        (verify().after_effect().gzip_bomb(64 << 20), TooLarge),
    ] {
        let world = world().await;
        let error = attempt(&world, &fault).await.expect_err("not believed");
        assert_well_formed(&error, "verify");
        assert_eq!((error.kind(), error.attempts()), (kind, 1), "{fault:?}");
        assert!(error.may_have_taken_effect(), "{fault:?}");
        assert_eq!(world.count("/status"), 0, "{fault:?}");
        assert!(world.client.resume(&onsite("order-1")).await.is_ok(), "{fault:?}");
        assert_eq!(world.count("/"), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_final_and_had_no_effect() {
    let world = world().await;
    world.sandbox.inject(verify().rate_limited(RetryAfter::Seconds(3)));
    let error = world.client.verify(&onsite("order-1")).await.expect_err("slow down");
    assert_well_formed(&error, "verify");
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(3))));
    assert_eq!((error.attempts(), error.may_have_taken_effect()), (1, false));
    assert_eq!((world.count("/"), world.count("/status")), (1, 0));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn risk_assessments_are_found_again_as_well() {
    let world = world().await;
    world.sandbox.inject(Fault::on("/risk-api/").after_effect().reset());
    let request =
        RiskAssessmentRequest::new(reference("order-1"), "37rNhl", "jane@example.com", "+447700900123");
    let answer = world.client.assess_risk(&request).await.expect("known");
    assert_eq!(answer.event().as_str(), "request.pending");
    assert_eq!((world.count("/risk-api/"), world.count("/status")), (1, 1));

    world.sandbox.inject(Fault::on("/risk-api/").reset());
    let request =
        RiskAssessmentRequest::new(reference("order-2"), "37rNhl", "jane@example.com", "+447700900123");
    let error = world.client.assess_risk(&request).await.expect_err("unknown");
    assert_well_formed(&error, "assess_risk");
    assert!(error.may_have_taken_effect());
    assert_eq!(world.count("/risk-api/"), 2);
}

#[tokio::test]
async fn a_deletion_is_sent_once_and_the_status_tells_of_it() {
    for fault in [
        Fault::on("/delete").after_effect().reset(),
        Fault::on("/delete").after_effect().html(524),
        Fault::on("/delete").truncate(),
        Fault::on("/delete").after_effect().stall(),
    ] {
        let world = world().await;
        let order = world.seed("order-1");
        let request = DeleteRequest::new(order.clone(), "asked by the customer");
        world.sandbox.inject(fault.clone());
        let error = hurry(&world, ATTEMPT, world.client.delete(&request)).await.expect_err("lost");
        assert_well_formed(&error, "delete");
        assert!(error.may_have_taken_effect() && error.attempts() == 1, "{fault:?}");
        assert!(error.to_string().contains("before repeating"), "{error}");
        assert_eq!((world.count("/delete"), world.count("/status")), (1, 0), "{fault:?}");
        let status = world.client.status(&order).await.expect("still known");
        assert_eq!(status.event().as_str(), "request.deleted", "{fault:?}");
        let again = world.client.delete(&request).await.expect_err("it is gone");
        assert_eq!((again.kind(), again.may_have_taken_effect()), (ErrorKind::InvalidRequest, false));
        assert_eq!(again.fields()[0].field, "reference");
    }
}

/// Waits by starting the provider: between two attempts it comes up.
struct ComesUp {
    port: u16,
    held: Mutex<Option<tokio::net::TcpSocket>>,
    up: Arc<Mutex<Option<ShuftiPro>>>,
}

impl TimeSource for ComesUp {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        drop(self.held.lock().expect("held").take());
        let (up, port) = (Arc::clone(&self.up), self.port);
        Box::pin(async move {
            let sandbox = ShuftiPro::builder().port(port).start().await.expect("the port is free again");
            up.lock().expect("up").replace(sandbox);
        })
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        buffer.fill(7);
        Ok(())
    }
}

#[tokio::test]
async fn a_request_that_never_left_is_sent_again() {
    let held = tokio::net::TcpSocket::new_v4().expect("a socket");
    held.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = held.local_addr().expect("bound");
    let up = Arc::new(Mutex::new(None));
    let clock = ComesUp { port: address.port(), held: Mutex::new(Some(held)), up: Arc::clone(&up) };
    let options = Options::new().clock(Clock::new(clock)).http(HttpSettings::new().no_proxy());
    let client =
        Client::builder(kyckit::sandbox::shuftipro::CLIENT_ID, kyckit::sandbox::shuftipro::SECRET_KEY)
            .base_url(format!("http://{address}"))
            .options(options)
            .build()
            .expect("a client");
    let answer = client.verify(&onsite("order-1")).await.expect("the second connection is taken");
    assert_eq!(answer.event().as_str(), "request.pending");
    let sandbox = up.lock().expect("up").take().expect("started by the wait");
    assert_eq!((sandbox.server().count("/"), sandbox.server().count("/status")), (1, 0));
}

/// Whether the reset comes before the connection stands or after it is the system's affair. Either way nothing is
/// sent twice.
#[tokio::test]
async fn a_connection_that_is_reset_at_once_never_doubles_a_request() {
    let world = world().await;
    world.sandbox.inject(Fault::anywhere().reset_on_connect());
    match world.client.verify(&onsite("order-1")).await {
        Ok(_) => assert_eq!(world.count("/"), 1),
        Err(error) => {
            assert!(error.may_have_taken_effect());
            assert_eq!(world.count("/"), 0);
        }
    }
}
