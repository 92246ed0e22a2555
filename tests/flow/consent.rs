//! Choosing a provider, and going to another one: never without the person's consent.

use kyckit::{
    ErrorKind, credo360,
    flow::{Capability, Consent, Next, Reply, Wanted},
    identity::{Ask, Means},
    maya,
    sandbox::{Fault, Person},
    shuftipro,
};

use crate::support::{next, person, world};

#[tokio::test]
async fn providers_are_chosen_by_what_they_can_do() {
    let world = world().await;
    let select = |wanted: Wanted| {
        let names: Vec<_> =
            world.registry.select(&wanted).into_iter().map(|provider| provider.as_str()).collect();
        names.join(" ")
    };
    assert_eq!(select(Wanted::new()), "shuftipro credo360 maya");
    assert_eq!(select(Wanted::new().country("FR").certainly()), "shuftipro");
    assert_eq!(select(Wanted::new().country("ph")), "shuftipro maya");
    assert_eq!(select(Wanted::new().country("us").having(Capability::Reputation)), "shuftipro credo360");
    assert_eq!(select(Wanted::new().having(Capability::Document)), "shuftipro");
    assert_eq!(select(Wanted::new().having(Capability::Proof(Means::PossessionOfKey))), "credo360");
    assert_eq!(
        select(Wanted::new().having(Capability::Proof(Means::Attested)).without(Ask::OpenUrl)),
        "maya"
    );
    assert_eq!(select(Wanted::new().having(Capability::Erasure).having(Capability::Callback)), "shuftipro");
    assert_eq!(select(Wanted::new().having(Capability::Wallet)), "");
}

#[tokio::test]
async fn with_consent_the_next_one_is_asked_when_the_first_is_out_of_reach() {
    let world = world().await;
    let start = world.start(&Person::from_seed(7));
    world.shuftipro.inject(Fault::anywhere().html(503).always());
    let consent = Consent::given(&person(), [credo360::PROVIDER, maya::PROVIDER], world.clock.now());
    let step = world.registry.start_with_fallback(shuftipro::PROVIDER, &start, &consent).await;
    let pending = next(step.expect("the second answers"));
    assert_eq!(pending.provider, credo360::PROVIDER);
    let Next::TypePasscode { .. } = pending.next else { panic!("{:?}", pending.next) };
    let passcode = world.credo360.passcode(&world.credo360.handles()[0]).expect("delivered");
    let step = world.registry.resume(&person(), &pending.state, Reply::Passcode(passcode)).await;
    let done = crate::support::done(step.expect("proven"));
    let passed = &done.evidence.trail[0];
    assert_eq!(passed.what, "passed-over:shuftipro");
    assert_eq!(passed.error.as_deref(), Some("provider failed"));
}

#[tokio::test]
async fn whom_the_person_did_not_agree_to_gets_nothing() {
    let world = world().await;
    let start = world.start(&Person::from_seed(7));
    world.shuftipro.inject(Fault::anywhere().html(503).always());
    let nobody = Consent::given(&person(), [], world.clock.now());
    let error = world.registry.start_with_fallback(shuftipro::PROVIDER, &start, &nobody).await;
    assert_eq!(error.expect_err("nobody else").kind(), ErrorKind::Provider);
    assert!(world.credo360.server().log().is_empty() && world.maya.server().log().is_empty());

    world.shuftipro.server().clear_faults();
    world.shuftipro.server().clear_log();
    let other = kyckit::flow::PersonId::new("somebody else").expect("a name");
    let foreign = Consent::given(&other, [credo360::PROVIDER], world.clock.now());
    let error = world.registry.start_with_fallback(shuftipro::PROVIDER, &start, &foreign).await;
    let error = error.expect_err("another person's consent");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Permission, Some("consent.person")));
    assert!(world.shuftipro.server().log().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_refused_request_is_handed_back_and_not_tried_elsewhere() {
    let world = world().await;
    let start = world.start(&Person::from_seed(7));
    world.shuftipro.inject(Fault::anywhere().status(401).always());
    let consent = Consent::given(&person(), [credo360::PROVIDER], world.clock.now());
    let error = world.registry.start_with_fallback(shuftipro::PROVIDER, &start, &consent).await;
    assert_eq!(error.expect_err("refused").kind(), ErrorKind::Authentication);
    assert!(world.credo360.server().log().is_empty());
}

#[tokio::test]
async fn a_flow_is_handed_over_with_consent_alone() {
    let world = world().await;
    let start = world.start(&Person::from_seed(7));
    let (pending, _) = world.begun().await;
    let elsewhere = Consent::given(&person(), [maya::PROVIDER], world.clock.now());
    let error = world.registry.hand_over(&pending.state, credo360::PROVIDER, &start, &elsewhere).await;
    let error = error.expect_err("not agreed to");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Permission, Some("consent.provider")));
    assert!(world.credo360.server().log().is_empty());

    let agreed = Consent::given(&person(), [credo360::PROVIDER], world.clock.now());
    let step = world.registry.hand_over(&pending.state, credo360::PROVIDER, &start, &agreed).await;
    assert_eq!(next(step.expect("handed over")).provider, credo360::PROVIDER);
    let late = world.registry.resume(&person(), &pending.state, Reply::Look).await;
    assert_eq!(late.expect_err("given up").check(), Some("state.used"));
}
