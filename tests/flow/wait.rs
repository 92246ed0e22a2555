//! Callbacks and polling under one deadline.

use std::time::Duration;

use kyckit::{
    ErrorKind,
    flow::{CallbackNotifier, PollPolicy, Reply, Step},
    identity::Outcome,
    sandbox::{Fault, shuftipro::Outcome as Plays},
    shuftipro,
};

use crate::support::{done, failed, next, person, world};

fn minute() -> PollPolicy {
    PollPolicy::until(Duration::from_secs(60))
}

/// Runs something else until the wait is over.
async fn beside<T>(waiting: impl Future<Output = T>, other: impl Future<Output = ()>) -> T {
    tokio::join!(waiting, other).0
}

#[tokio::test]
async fn polling_alone_finds_the_decision() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    world.shuftipro.complete(&reference, Plays::Accept).expect("played");
    // The third answer is the first that comes through.
    world.shuftipro.inject(Fault::on("/status").html(503).times(6));
    let step = world.registry.wait(&person(), &pending.state, &CallbackNotifier::new(), minute()).await;
    assert!(done(step.expect("decided")).decision().is_accepted());
}

#[tokio::test]
async fn at_the_deadline_there_is_a_state_to_go_on_with() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    let before = world.clock.elapsed();
    let step = world.registry.wait(&person(), &pending.state, &CallbackNotifier::new(), minute()).await;
    let later = next(step.expect("not yet"));
    let waited = world.clock.elapsed() - before;
    assert!(waited >= Duration::from_secs(60) && waited < Duration::from_secs(62), "{waited:?}");
    assert_eq!(later.decision.map(|decision| decision.is_accepted()), Some(false));
    let asked = world.shuftipro.server().count("/status");
    assert!((5..40).contains(&asked), "asked now and then: {asked}");

    let again = world.registry.resume(&person(), &pending.state, Reply::Poll).await;
    assert_eq!(again.expect_err("spent").check(), Some("state.used"));
    world.shuftipro.complete(&reference, Plays::Accept).expect("played");
    let step = world.registry.wait(&person(), &later.state, &CallbackNotifier::new(), minute()).await;
    assert!(done(step.expect("decided")).decision().is_accepted());
}

#[tokio::test]
async fn a_provider_that_never_answers_is_waited_for_and_no_state_is_lost() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    world.shuftipro.complete(&reference, Plays::Decline(vec!["SPDR06".to_owned()])).expect("played");
    world.shuftipro.inject(Fault::on("/status").html(503).always());
    let step = world.registry.wait(&person(), &pending.state, &CallbackNotifier::new(), minute()).await;
    let (error, pending) = failed(step.expect("it goes on"));
    assert!(matches!(error.kind(), ErrorKind::Provider | ErrorKind::Unavailable), "{error}");
    world.shuftipro.server().clear_faults();
    world.frozen.advance(Duration::from_secs(600));
    let step = world.registry.wait(&person(), &pending.state, &CallbackNotifier::new(), minute()).await;
    assert_eq!(done(step.expect("decided")).decision().outcome(), Outcome::Declined);
}

#[tokio::test]
async fn an_answer_that_is_not_authentic_ends_the_wait() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    world.shuftipro.complete(&reference, Plays::Accept).expect("played");
    world.shuftipro.inject(Fault::on("/status").no_signature());
    let step = world.registry.wait(&person(), &pending.state, &CallbackNotifier::new(), minute()).await;
    assert_eq!(failed(step.expect("it goes on")).0.kind(), ErrorKind::Signature);
}

#[tokio::test]
async fn a_callback_rings_and_the_wait_is_over() {
    let world = world().await;
    // On the machine's clock, and asking so seldom that without the bell the test would not come to its end.
    let slow = PollPolicy::until(Duration::from_secs(3_600))
        .intervals(Duration::from_secs(3_000), Duration::from_secs(3_000));
    let registry = crate::support::registry(&kyckit::clock::Clock::system(), &world.store)
        .with(kyckit::flow::shuftipro::ShuftiProFlow::new(world.client.clone()));
    let step = registry
        .start(shuftipro::PROVIDER, &world.start(&kyckit::sandbox::Person::from_seed(7)))
        .await
        .expect("begun");
    let pending = next(step);
    let reference = pending.record.clone().expect("a reference");
    let bells = CallbackNotifier::new();
    let asked = world.shuftipro.server().count("/status");
    let person = person();
    let waiting = beside(registry.wait(&person, &pending.state, &bells, slow), async {
        // Once the first round is over, the person finishes and the callback comes.
        while world.shuftipro.server().count("/status") == asked {
            tokio::task::yield_now().await;
        }
        world.shuftipro.complete(&reference, Plays::Accept).expect("played");
        assert!(!bells.notify(shuftipro::PROVIDER, &world.called("another", "verification.accepted")));
        assert!(bells.notify(shuftipro::PROVIDER, &world.called(&reference, "verification.accepted")));
    });
    let step = waiting.await.expect("decided");
    assert!(done(step).decision().is_accepted());
}

#[tokio::test]
async fn a_callback_that_says_too_much_is_not_believed() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    let bells = CallbackNotifier::new();
    let person = person();
    let waiting = beside(world.registry.wait(&person, &pending.state, &bells, minute()), async {
        bells.notify(shuftipro::PROVIDER, &world.called(&reference, "verification.accepted"));
    });
    let step = waiting.await.expect("not yet");
    assert!(!next(step).decision.expect("asked").is_accepted());
}

#[tokio::test]
async fn a_wait_that_is_dropped_costs_no_state() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    let bells = CallbackNotifier::new();
    {
        let person = person();
        let waiting = world.registry.wait(&person, &pending.state, &bells, minute());
        let mut waiting = std::pin::pin!(waiting);
        let polled = futures_util::FutureExt::now_or_never(waiting.as_mut());
        assert!(polled.is_none());
    }
    world.shuftipro.complete(&reference, Plays::Accept).expect("played");
    let step = world.registry.resume(&person(), &pending.state, Reply::Poll).await.expect("resumed");
    assert!(matches!(step, Step::Done(_)));
}
