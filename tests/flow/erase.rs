//! Erasing a person: the answer says what really happened.

use kyckit::{
    ErrorKind, credo360,
    flow::Reply,
    identity::Outcome,
    maya,
    provider::Erasure,
    sandbox::{Fault, shuftipro::Outcome as Plays},
    shuftipro,
};

use crate::support::{done, person, world};

#[tokio::test]
async fn shufti_pro_deletes_and_says_so_again() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    world.shuftipro.complete(&reference, Plays::Accept).expect("played");
    let erased = world.registry.erase(shuftipro::PROVIDER, &reference).await.expect("erased");
    assert_eq!(erased.outcome, Erasure::Deleted);
    assert!(erased.is_enough());
    assert_eq!(
        world.shuftipro.verification(&reference).map(|held| held.event).as_deref(),
        Some("request.deleted")
    );
    // An earlier deletion with a lost response is a deletion.
    let again = world.registry.erase(shuftipro::PROVIDER, &reference).await.expect("erased");
    assert_eq!(again, erased);
    // What was deleted is not accepted any more.
    let step = world.registry.resume(&person(), &pending.state, Reply::Poll).await.expect("resumed");
    assert_eq!(done(step).decision().outcome(), Outcome::Expired);
}

#[tokio::test]
async fn a_deletion_with_a_lost_response_is_found_again() {
    let world = world().await;
    let (_, reference) = world.begun().await;
    world.shuftipro.complete(&reference, Plays::Accept).expect("played");
    world.shuftipro.inject(Fault::on("/delete").after_effect().reset());
    let erased = world.registry.erase(shuftipro::PROVIDER, &reference).await.expect("erased");
    assert_eq!(erased.outcome, Erasure::Deleted);
}

#[tokio::test]
async fn what_did_not_happen_is_not_said() {
    let world = world().await;
    let error = world.registry.erase(shuftipro::PROVIDER, "unknown").await.expect_err("unknown");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    for provider in [credo360::PROVIDER, maya::PROVIDER] {
        let erased = world.registry.erase(provider, "any record").await.expect("answered");
        assert_eq!(erased.outcome, Erasure::Impossible);
        assert!(erased.instead.is_some_and(|instead| !instead.is_empty()) && !erased.is_enough());
    }
}
