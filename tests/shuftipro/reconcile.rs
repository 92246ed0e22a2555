//! Finding what was lost.

use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use kyckit::{
    ErrorKind,
    sandbox::{Fault, shuftipro::Outcome},
    shuftipro::{Decision, OpenVerification, Reconciled},
};

use crate::support::{reference, world};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn what_was_quiet_for_long_is_asked_for_and_nothing_else() {
    let world = world().await;
    let now: SystemTime = world.clock.now();
    for text in ["order-ended", "order-open", "order-fresh", "order-down"] {
        world.seed(text);
    }
    world.sandbox.complete("order-ended", Outcome::Accept).expect("open");
    let mine = [
        OpenVerification::new(reference("order-ended"), now - HOUR),
        OpenVerification::new(reference("order-fresh"), now - HOUR + Duration::from_secs(1)),
        OpenVerification::new(reference("order-open"), now - HOUR * 24),
        OpenVerification::new(reference("order-never"), SystemTime::UNIX_EPOCH),
        // A record from a machine whose clock is ahead.
        OpenVerification::new(reference("order-fresh"), now + HOUR),
        OpenVerification::new(reference("order-down"), now - HOUR * 2),
    ];
    world.sandbox.inject(Fault::on("/status").after(3).times(3).status(503));
    let reconcile = world.client.reconcile(mine, HOUR);
    assert_eq!(world.count("/status"), 0, "nothing is asked before it is looked at");
    let found: Vec<_> = reconcile.collect().await;
    assert_eq!(world.count("/status"), 3 + 3);
    assert_eq!(
        found.iter().map(|(reference, _)| reference.as_str()).collect::<Vec<_>>(),
        ["order-ended", "order-open", "order-never", "order-down"]
    );
    match &found[0].1 {
        Reconciled::Ended(answer) => assert_eq!(answer.decision(), Decision::Accepted),
        other => panic!("{other:?}"),
    }
    match &found[1].1 {
        Reconciled::Open(answer) => assert_eq!(answer.decision(), Decision::Pending),
        other => panic!("{other:?}"),
    }
    match &found[2].1 {
        Reconciled::Failed(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
        other => panic!("{other:?}"),
    }
    match &found[3].1 {
        Reconciled::Failed(error) => assert_eq!((error.kind(), error.attempts()), (ErrorKind::Provider, 3)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_sweep_that_is_dropped_asks_no_further() {
    let world = world().await;
    let mine: Vec<_> = (0..5)
        .map(|number| OpenVerification::new(world.seed(&format!("order-{number}")), SystemTime::UNIX_EPOCH))
        .collect();
    let mut reconcile = world.client.reconcile(mine, HOUR);
    assert!(matches!(reconcile.next().await, Some((_, Reconciled::Open(_)))));
    drop(reconcile);
    assert_eq!(world.count("/status"), 1);
}

#[tokio::test]
async fn a_sweep_keeps_to_the_rate_limit() {
    let world = world().await;
    let order = world.seed("order-1");
    let mine = (0..100).map(|_| OpenVerification::new(order.clone(), SystemTime::UNIX_EPOCH));
    let mut reconcile = world.client.reconcile(mine, HOUR);
    for _ in 0..60 {
        assert!(matches!(reconcile.next().await, Some((_, Reconciled::Open(_)))));
    }
    world.frozen.advance(Duration::from_secs(50));
    assert!(matches!(reconcile.next().await, Some((_, Reconciled::Open(_)))));
    assert_eq!(world.frozen.sleeps(), [Duration::from_secs(10)]);
}
