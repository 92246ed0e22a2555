//! Choosing a provider, and going to another one: never without the person's consent.

use kyckit::{
    ErrorKind, credo360,
    flow::{Capability, Consent, Next, Reply, Requirements},
    identity::VerificationMethod,
    maya,
    provider::PersonAction,
    sandbox::{Fault, Person},
    shuftipro,
};

use crate::support::{next, person, world};

#[tokio::test]
async fn providers_are_chosen_by_what_they_can_do() {
    let world = world().await;
    let select = |wanted: Requirements| {
        let names: Vec<_> =
            world.registry.select(&wanted).into_iter().map(|provider| provider.as_str()).collect();
        names.join(" ")
    };
    assert_eq!(select(Requirements::new()), "shuftipro credo360 maya");
    assert_eq!(select(Requirements::new().country("FR").certainly()), "shuftipro");
    assert_eq!(select(Requirements::new().country("ph")), "shuftipro maya");
    assert_eq!(
        select(Requirements::new().country("us").having(Capability::Reputation)),
        "shuftipro credo360"
    );
    assert_eq!(select(Requirements::new().having(Capability::Document)), "shuftipro");
    assert_eq!(
        select(Requirements::new().having(Capability::Proof(VerificationMethod::PossessionOfKey))),
        "credo360"
    );
    assert_eq!(
        select(
            Requirements::new()
                .having(Capability::Proof(VerificationMethod::Attested))
                .without(PersonAction::OpenUrl)
        ),
        "maya"
    );
    assert_eq!(
        select(Requirements::new().having(Capability::Erasure).having(Capability::Callback)),
        "shuftipro"
    );
    assert_eq!(select(Requirements::new().having(Capability::Wallet)), "");
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
    assert_eq!(passed.what, "provider-skipped:shuftipro");
    assert_eq!(passed.error.as_deref(), Some("provider failed"));
}

#[tokio::test]
async fn whom_the_person_did_not_agree_to_gets_nothing() {
    let world = world().await;
    let start = world.start(&Person::from_seed(7));
    world.shuftipro.inject(Fault::anywhere().html(503).always());
    let none = Consent::given(&person(), [], world.clock.now());
    let error = world.registry.start_with_fallback(shuftipro::PROVIDER, &start, &none).await;
    assert_eq!(error.expect_err("no other provider").kind(), ErrorKind::Provider);
    assert!(world.credo360.server().log().is_empty() && world.maya.server().log().is_empty());

    world.shuftipro.server().clear_faults();
    world.shuftipro.server().clear_log();
    let other = kyckit::flow::PersonId::new("another person").expect("a name");
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
    let error = world.registry.switch_provider(&pending.state, credo360::PROVIDER, &start, &elsewhere).await;
    let error = error.expect_err("not agreed to");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Permission, Some("consent.provider")));
    assert!(world.credo360.server().log().is_empty());

    let agreed = Consent::given(&person(), [credo360::PROVIDER], world.clock.now());
    let step = world.registry.switch_provider(&pending.state, credo360::PROVIDER, &start, &agreed).await;
    assert_eq!(next(step.expect("handed over")).provider, credo360::PROVIDER);
    let late = world.registry.resume(&person(), &pending.state, Reply::Poll).await;
    assert_eq!(late.expect_err("given up").check(), Some("state.used"));
}

#[tokio::test]
async fn a_switch_to_a_provider_that_is_down_leaves_the_person_where_they_were() {
    let world = world().await;
    let start = world.start(&Person::from_seed(7));
    let (pending, reference) = world.begun().await;
    let agreed = Consent::given(&person(), [credo360::PROVIDER], world.clock.now());
    world.credo360.inject(Fault::anywhere().html(503).always());
    let step = world.registry.switch_provider(&pending.state, credo360::PROVIDER, &start, &agreed).await;
    let (error, back) = crate::support::failed(step.expect("the flow that was to be left goes on"));
    assert_eq!((error.kind(), error.provider()), (ErrorKind::Provider, Some(credo360::PROVIDER)));
    assert_eq!((back.provider, &back.attempt), (shuftipro::PROVIDER, &pending.attempt));
    assert!(matches!(back.next, Next::OpenUrl { .. }), "{:?}", back.next);
    // The old state has served; its successor goes on to the end.
    let late = world.registry.resume(&person(), &pending.state, Reply::Poll).await;
    assert_eq!(late.expect_err("spent").check(), Some("state.used"));
    let again = world.registry.switch_provider(&back.state, credo360::PROVIDER, &start, &agreed).await;
    let (_, back) = crate::support::failed(again.expect("as often as it takes"));
    let accept = kyckit::sandbox::shuftipro::Outcome::Accept;
    world.shuftipro.complete(&reference, accept).expect("decided");
    let step = world.registry.resume(&person(), &back.state, Reply::Poll).await;
    let done = crate::support::done(step.expect("resumed"));
    assert!(done.decision().is_accepted());
    let marks: Vec<_> = done.evidence.trail.iter().map(|mark| mark.what.as_str()).collect();
    assert_eq!(marks, ["start", "provider-skipped:credo360", "provider-skipped:credo360", "poll"]);
    assert_eq!(done.evidence.trail[1].error.as_deref(), Some("provider failed"));
}

#[tokio::test]
async fn a_switch_that_the_new_provider_refuses_gives_nothing_up_either() {
    let world = world().await;
    let (pending, _) = world.begun().await;
    let agreed = Consent::given(&person(), [credo360::PROVIDER], world.clock.now());
    // Without a Credo ID nothing can be started there.
    let start = kyckit::flow::Start::new(person());
    let step = world.registry.switch_provider(&pending.state, credo360::PROVIDER, &start, &agreed).await;
    let (error, back) = crate::support::failed(step.expect("the flow that was to be left goes on"));
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(world.credo360.server().log().is_empty(), "nothing was sent");
    assert!(world.registry.resume(&person(), &back.state, Reply::Poll).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_switches_at_once_one_starts_something() {
    let world = std::sync::Arc::new(world().await);
    let (pending, _) = world.begun().await;
    let switches: Vec<_> = (0..10)
        .map(|_| {
            let (world, state) = (std::sync::Arc::clone(&world), pending.state.clone());
            tokio::spawn(async move {
                let start = world.start(&Person::from_seed(7));
                let agreed = Consent::given(&person(), [credo360::PROVIDER], world.clock.now());
                world.registry.switch_provider(&state, credo360::PROVIDER, &start, &agreed).await.map(next)
            })
        })
        .collect();
    let (mut begun, mut used) = (0, 0);
    for switch in switches {
        match switch.await.expect("joined") {
            Ok(pending) => begun += usize::from(pending.provider == credo360::PROVIDER),
            Err(error) => used += usize::from(error.check() == Some("state.used")),
        }
    }
    assert_eq!((begun, used), (1, 9));
    assert_eq!(world.credo360.server().log().len(), 1, "one challenge");
}
