//! The flows from start to end, provider by provider, and everything that must not end in an accepted decision.

use kyckit::{
    ErrorKind, credo360,
    flow::{self, Next, Registry, Reply, ReturnMode, Start, Step},
    identity::{Attribute, Identifier, Identity, Outcome, Reason, VerificationMethod},
    maya,
    sandbox::{Fault, Person, shuftipro::Outcome as Plays},
    shuftipro,
};

use crate::support::{World, done, failed, next, person, world};

async fn look(world: &World, pending: &flow::Pending) -> Step {
    world.registry.resume(&person(), &pending.state, Reply::Poll).await.expect("resumed")
}

#[tokio::test]
async fn shufti_pro_from_start_to_end() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    assert_eq!(pending.provider, shuftipro::PROVIDER);
    assert_eq!(pending.attempt.as_str(), reference);
    let Next::OpenUrl { url, then: ReturnMode::Callback } = &pending.next else {
        panic!("{:?}", pending.next)
    };
    let held = world.shuftipro.verification(&reference).expect("held");
    assert_eq!(Some(url.expose().as_str()), held.verification_url.as_ref().map(|url| url.as_str()));
    assert_eq!(pending.decision.as_ref().map(|decision| decision.outcome()), Some(Outcome::NeedsAction));

    // The person has not finished: the page stays open.
    let pending = next(look(&world, &pending).await);
    assert!(matches!(pending.next, Next::OpenUrl { .. }));
    world.shuftipro.complete(&reference, Plays::Natural).expect("shown");
    let done = done(look(&world, &pending).await);
    assert!(done.decision().is_accepted());
    assert!(done.identity().assurance().proves(VerificationMethod::DocumentChecked));
    assert_eq!(done.record.as_ref().map(|record| record.expose().as_str()), Some(reference.as_str()));
    let flow::Source::ShuftiPro(response) = done.report.source() else { panic!("another source") };
    assert_eq!(response.reference(), Some(reference.as_str()));
}

#[tokio::test]
async fn of_all_outcomes_of_shufti_pro_one_is_accepted() {
    let world = world().await;
    for (plays, outcome, reason) in [
        (Plays::Accept, Outcome::Accepted, None),
        (Plays::Decline(vec!["SPDR06".to_owned()]), Outcome::Declined, Some(Reason::DocumentNotOriginal)),
        (Plays::Cancel, Outcome::Declined, Some(Reason::CancelledByPerson)),
        (Plays::Timeout, Outcome::Expired, Some(Reason::NotFinishedInTime)),
    ] {
        let (pending, reference) = world.begun().await;
        world.shuftipro.complete(&reference, plays).expect("played");
        let done = done(look(&world, &pending).await);
        assert_eq!(done.decision().outcome(), outcome);
        assert_eq!(done.decision().reasons().first().copied(), reason);
        assert_eq!(done.decision().is_accepted(), outcome == Outcome::Accepted);
        assert_eq!(done.evidence.outcome, outcome);
        if outcome != Outcome::Accepted {
            assert_eq!(done.identity().assurance().proven().count(), 0);
        }
    }
    for (event, outcome) in [
        ("request.pending", Outcome::NeedsAction),
        ("request.received", Outcome::Pending),
        ("review.pending", Outcome::Pending),
        ("verification.status.changed", Outcome::Pending),
        ("request.data.changed", Outcome::Pending),
        ("verification.accepted.maybe", Outcome::Pending),
    ] {
        let (pending, reference) = world.begun().await;
        world.shuftipro.set_event(&reference, event).expect("set");
        let pending = next(look(&world, &pending).await);
        let decision = pending.decision.expect("a decision");
        // A status may leave the person's page out, and with it who has to act.
        let fits = decision.outcome() == outcome || event == "request.pending";
        assert!(fits && !decision.is_accepted(), "{event}: {decision:?}");
        assert_eq!(matches!(pending.next, Next::OpenUrl { .. }), event == "request.pending", "{event}");
    }
}

#[tokio::test]
async fn a_callback_wakes_and_the_status_decides() {
    let world = world().await;
    // Genuine, and ahead of the status, or a replay of another day: nothing is accepted.
    let (pending, reference) = world.begun().await;
    let reply = world.callback(&reference, "verification.accepted");
    let pending = next(world.registry.resume(&person(), &pending.state, reply).await.expect("resumed"));
    assert!(pending.decision.is_some_and(|decision| !decision.is_accepted()));

    // The provider declined meanwhile; the captured callback still says accepted.
    world.shuftipro.complete(&reference, Plays::Decline(vec!["SPDR06".to_owned()])).expect("played");
    let reply = world.callback(&reference, "verification.accepted");
    let step = world.registry.resume(&person(), &pending.state, reply).await.expect("resumed");
    assert_eq!(done(step).decision().outcome(), Outcome::Declined);

    // The end is the end: no later callback finds a state to go on with.
    let reply = world.callback(&reference, "verification.accepted");
    let error = world.registry.resume(&person(), &pending.state, reply).await.expect_err("spent");
    assert_eq!(error.check(), Some("state.used"));
}

#[tokio::test]
async fn old_news_does_not_hide_a_decision() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    world.shuftipro.complete(&reference, Plays::Accept).expect("played");
    let reply = world.callback(&reference, "request.pending");
    let step = world.registry.resume(&person(), &pending.state, reply).await.expect("resumed");
    assert!(done(step).decision().is_accepted());
}

#[tokio::test]
async fn an_accepted_answer_for_another_reference_is_refused() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    let (_, other) = world.begun().await;
    world.shuftipro.complete(&other, Plays::Accept).expect("played");
    let before = world.shuftipro.server().count("/status");
    let reply = world.callback(&other, "verification.accepted");
    let error = world.registry.resume(&person(), &pending.state, reply).await.expect_err("refused");
    assert_eq!((error.kind(), error.check()), (ErrorKind::InvalidRequest, Some("reply.reference")));
    let called = world.called(&reference, "verification.accepted");
    let reply = Reply::callback(maya::PROVIDER, &called);
    let error = world.registry.resume(&person(), &pending.state, reply).await.expect_err("refused");
    assert_eq!((error.kind(), error.check()), (ErrorKind::InvalidRequest, Some("reply.provider")));
    assert_eq!(world.shuftipro.server().count("/status"), before, "no call was made");
    assert!(!next(look(&world, &pending).await).decision.expect("asked").is_accepted());
}

#[tokio::test]
async fn a_provider_that_does_not_answer_costs_no_state() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    world.shuftipro.complete(&reference, Plays::Accept).expect("played");
    world.shuftipro.inject(Fault::on("/status").html(503).always());
    let (error, pending) = failed(look(&world, &pending).await);
    assert_eq!(error.kind(), ErrorKind::Provider);
    assert!(pending.decision.is_none());
    world.shuftipro.inject(Fault::on("/status").wrong_signature().always());
    world.shuftipro.server().clear_faults();
    world.shuftipro.inject(Fault::on("/status").wrong_signature().always());
    let (error, pending) = failed(look(&world, &pending).await);
    assert_eq!(error.kind(), ErrorKind::Signature);
    world.shuftipro.server().clear_faults();
    let done = done(look(&world, &pending).await);
    assert!(done.decision().is_accepted());
    let failures: Vec<_> = done.evidence.trail.iter().filter_map(|mark| mark.error.as_deref()).collect();
    assert_eq!(failures, ["provider failed", "signature check failed"]);
}

#[tokio::test]
async fn a_start_that_is_repeated_is_one_verification() {
    let world = world().await;
    let someone = Person::from_seed(7);
    let attempt = flow::Attempt::derive(&"a key".into(), &person(), 1);
    let start = world.start(&someone).attempt(attempt.clone());
    let first = next(world.registry.start(shuftipro::PROVIDER, &start).await.expect("begun"));
    let again = next(world.registry.start(shuftipro::PROVIDER, &start).await.expect("begun again"));
    assert_eq!(
        (first.record.as_deref(), again.record.as_deref()),
        (Some(attempt.as_str()), Some(attempt.as_str()))
    );
    assert_eq!(world.shuftipro.server().count("/"), 1);
}

#[tokio::test]
async fn credo360_by_passcode_with_a_slip() {
    let world = world().await;
    let start = world.start(&Person::from_seed(0));
    let pending = next(world.registry.start(credo360::PROVIDER, &start).await.expect("begun"));
    let left = |pending: &flow::Pending| match &pending.next {
        Next::TypePasscode { length: 6, attempts_left, .. } => *attempts_left,
        other => panic!("{other:?}"),
    };
    assert_eq!(left(&pending), Some(3));
    let handle = world.credo360.handles().remove(0);
    let passcode = world.credo360.passcode(&handle).expect("delivered");
    let wrong = if passcode.expose() == "000000" { "000001" } else { "000000" };
    let step = world.registry.resume(&person(), &pending.state, Reply::passcode(wrong)).await;
    let (error, pending) = failed(step.expect("it goes on"));
    assert_eq!(error.check(), Some("response.refused"));
    assert_eq!(left(&pending), Some(2));
    // Nothing is sent that cannot be right, and no attempt is spent.
    let step = world.registry.resume(&person(), &pending.state, Reply::passcode("12")).await;
    let (error, pending) = failed(step.expect("it goes on"));
    assert_eq!((error.kind(), left(&pending)), (ErrorKind::InvalidRequest, Some(2)));

    let step = world.registry.resume(&person(), &pending.state, Reply::Passcode(passcode)).await;
    let done = done(step.expect("proven"));
    assert!(done.decision().is_accepted());
    assert!(done.identity().assurance().proves(VerificationMethod::PossessionOfAccount));
    let kinds: Vec<_> = done.evidence.trail.iter().map(|mark| mark.what.as_str()).collect();
    assert_eq!(kinds, ["start", "passcode", "passcode", "passcode"]);
}

#[tokio::test]
async fn credo360_is_over_when_the_attempts_are() {
    let world = world().await;
    let start = world.start(&Person::from_seed(0));
    let mut pending = next(world.registry.start(credo360::PROVIDER, &start).await.expect("begun"));
    let passcode = world.credo360.passcode(&world.credo360.handles()[0]).expect("delivered");
    let wrong = if passcode.expose() == "000000" { "000001" } else { "000000" };
    for _ in 0..2 {
        let step = world.registry.resume(&person(), &pending.state, Reply::passcode(wrong)).await;
        pending = failed(step.expect("it goes on")).1;
    }
    let over = world.registry.resume(&person(), &pending.state, Reply::passcode(wrong)).await;
    assert_eq!(over.expect_err("over").check(), Some("response.refused"));
    let late = world.registry.resume(&person(), &pending.state, Reply::Passcode(passcode)).await;
    assert_eq!(late.expect_err("spent").check(), Some("state.used"));
}

#[tokio::test]
async fn a_proof_is_not_lost_when_the_owner_cannot_be_read() {
    let world = world().await;
    let start = world.start(&Person::from_seed(0));
    let pending = next(world.registry.start(credo360::PROVIDER, &start).await.expect("begun"));
    let passcode = world.credo360.passcode(&world.credo360.handles()[0]).expect("delivered");
    world.credo360.inject(Fault::on("/users/*").html(503).always());
    let step = world.registry.resume(&person(), &pending.state, Reply::Passcode(passcode)).await;
    let (error, pending) = failed(step.expect("it goes on"));
    assert_eq!(error.kind(), ErrorKind::Provider);
    assert!(matches!(pending.next, Next::Wait { .. }));
    let (_, pending) = failed(look(&world, &pending).await);
    world.credo360.server().clear_faults();
    assert!(done(look(&world, &pending).await).decision().is_accepted());
}

#[tokio::test]
async fn owning_a_credo_id_is_no_identity_check() {
    let world = world().await;
    // The third default user is suspended and may do nothing; a user of our own owns a phone and nothing else.
    let handle: credo360::HandleId = "02598397399".parse().expect("a Credo ID");
    let user = kyckit::sandbox::credo360::User::new(handle.clone(), Person::from_seed(3))
        .verified([credo360::Kind::Phone]);
    world.credo360.add(user);
    let mut known = Identity::new();
    let identifier = Identifier::new(flow::credo360::IDENTIFIER, handle.expose());
    let source = kyckit::provider::ProviderId::new("sign-up");
    known.add(Attribute::self_asserted(identifier, source, world.clock.now()));
    let start = Start::new(person()).known_identity(known);
    let pending = next(world.registry.start(credo360::PROVIDER, &start).await.expect("begun"));
    let passcode = world.credo360.passcode(&handle).expect("delivered");
    let step = world.registry.resume(&person(), &pending.state, Reply::Passcode(passcode)).await;
    let done = done(step.expect("proven"));
    assert_eq!(done.decision().outcome(), Outcome::NeedsAction);
    assert_eq!(done.decision().reasons(), [Reason::IdentityNotChecked]);
}

#[tokio::test]
async fn a_start_without_a_credo_id_sends_nothing() {
    let world = world().await;
    let error = world.registry.start(credo360::PROVIDER, &Start::new(person())).await.expect_err("refused");
    assert_eq!((error.kind(), error.fields()[0].field.as_str()), (ErrorKind::InvalidRequest, "credo_id"));
    assert!(world.credo360.server().log().is_empty());
}

#[cfg(feature = "jose")]
#[tokio::test]
async fn credo360_by_signature() {
    use kyckit::credo360::{
        Nonce,
        signer::{KeySigner, Signer},
    };
    let world = world().await;
    let client = credo360::Client::builder(world.credo360.client_id().clone())
        .base_url(world.credo360.base_url().as_str())
        .options(crate::support::options(&world.clock))
        .build()
        .expect("a client");
    let flow = flow::credo360::Credo360Flow::new(client)
        .methods([credo360::Method::Signature, credo360::Method::Passcode]);
    let registry: Registry<_> = crate::support::registry(&world.clock, &world.store).with(flow);
    let start = world.start(&Person::from_seed(0));
    let pending = next(registry.start(credo360::PROVIDER, &start).await.expect("begun"));
    let Next::SignNonce { nonce } = &pending.next else { panic!("{:?}", pending.next) };
    let nonce: Nonce =
        serde_json::from_value(serde_json::json!({ "nonce": nonce.expose() })).expect("a nonce");
    let signer = KeySigner::ed25519(kyckit::sandbox::credo360::PRIVATE_KEY, None).expect("a key");
    let signature = signer.sign(&nonce).await.expect("signed");
    let step = registry.resume(&person(), &pending.state, Reply::signature(signature)).await;
    let done = done(step.expect("proven"));
    assert!(done.identity().assurance().proves(VerificationMethod::PossessionOfKey));
}

#[tokio::test]
async fn maya_from_the_tile_to_the_profile() {
    let world = world().await;
    let start = Start::new(person());
    let pending = next(world.registry.start(maya::PROVIDER, &start).await.expect("begun"));
    assert!(matches!(pending.next, Next::OpenApp));
    // An address without a session spends nothing.
    let none = world.registry.resume(&person(), &pending.state, Reply::returned("lang=en")).await;
    assert_eq!(none.expect_err("refused").check(), Some("reply.query"));
    let query = world.tapped(7).await;
    let step = world.registry.resume(&person(), &pending.state, Reply::returned(query.clone())).await;
    let done = done(step.expect("read"));
    assert!(done.decision().is_accepted());
    assert!(done.identity().assurance().proves(VerificationMethod::Attested));
    assert_eq!(world.kept.lock().expect("lock").len(), 1, "the tokens were kept before they were used");
    assert!(done.evidence.response.is_some());

    // A session serves once: the person who comes with a used one is asked to open the app again.
    let pending = next(world.registry.start(maya::PROVIDER, &start).await.expect("begun"));
    let step = world.registry.resume(&person(), &pending.state, Reply::returned(query)).await;
    let (error, pending) = failed(step.expect("it goes on"));
    assert_eq!(error.kind(), ErrorKind::AlreadyUsed);
    assert!(matches!(pending.next, Next::OpenApp));
}

#[tokio::test]
async fn a_session_is_not_lost_when_the_profile_cannot_be_read() {
    let world = world().await;
    let pending = next(world.registry.start(maya::PROVIDER, &Start::new(person())).await.expect("begun"));
    let query = world.tapped(7).await;
    world.maya.inject(Fault::on("/profile").html(503).always());
    let step = world.registry.resume(&person(), &pending.state, Reply::returned(query)).await;
    let (_, pending) = failed(step.expect("it goes on"));
    assert!(matches!(pending.next, Next::Wait { .. }));
    world.maya.server().clear_faults();
    assert!(done(look(&world, &pending).await).decision().is_accepted());
}

#[tokio::test]
async fn an_unverified_account_and_another_customer_are_not_accepted() {
    let world = world().await;
    for (status, outcome) in [
        (Some("KYC0"), Outcome::NeedsAction),
        (Some("kyc1"), Outcome::Pending),
        (Some("KYC2"), Outcome::Pending),
        (None, Outcome::Pending),
    ] {
        let mut profile = world.maya.profile(8);
        let members = profile.as_object_mut().expect("an object");
        members.remove("kycStatus");
        if let Some(status) = status {
            members.insert("kycStatus".to_owned(), status.into());
        }
        world.maya.set_profile(8, profile);
        let pending = next(world.registry.start(maya::PROVIDER, &Start::new(person())).await.expect("begun"));
        let query = world.tapped(8).await;
        let step = world.registry.resume(&person(), &pending.state, Reply::returned(query)).await;
        assert_eq!(done(step.expect("read")).decision().outcome(), outcome, "{status:?}");
    }

    let mut known = Identity::new();
    let source = kyckit::provider::ProviderId::new("sign-up");
    let id = Identifier::new(flow::maya::IDENTIFIER, "another-customer".to_owned());
    known.add(Attribute::self_asserted(id, source, world.clock.now()));
    let start = Start::new(person()).known_identity(known);
    let pending = next(world.registry.start(maya::PROVIDER, &start).await.expect("begun"));
    let query = world.tapped(7).await;
    let step = world.registry.resume(&person(), &pending.state, Reply::returned(query)).await;
    let (error, pending) = failed(step.expect("it goes on"));
    assert_eq!(error.check(), Some("profile.id"));
    assert!(matches!(pending.next, Next::OpenApp), "the tokens of another customer are let go");
}

#[tokio::test]
async fn a_provider_that_is_not_configured_is_named() {
    let world = world().await;
    let empty = crate::support::registry(&world.clock, &world.store);
    let error = empty.start(maya::PROVIDER, &Start::new(person())).await.expect_err("refused");
    assert_eq!((error.kind(), error.check()), (ErrorKind::NotFound, Some("state.provider")));
    assert_eq!(error.provider(), Some(maya::PROVIDER));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_starts_of_one_attempt_are_one_verification_and_ten_equal_answers() {
    let world = std::sync::Arc::new(world().await);
    let attempt = flow::Attempt::derive(&"a key".into(), &person(), 4_000);
    let start = world.start(&Person::from_seed(7)).attempt(attempt.clone());
    let starts: Vec<_> = (0..10)
        .map(|_| {
            let (world, start) = (std::sync::Arc::clone(&world), start.clone());
            tokio::spawn(async move { world.registry.start(shuftipro::PROVIDER, &start).await })
        })
        .collect();
    let mut pages = std::collections::BTreeSet::new();
    for start in starts {
        let pending = next(start.await.expect("joined").expect("begun"));
        let Next::OpenUrl { url, .. } = pending.next else { panic!("{:?}", pending.next) };
        pages.insert((pending.record.expect("a record"), url.into_exposed()));
    }
    assert_eq!(pages.len(), 1, "one verification");
    assert_eq!(pages.first().map(|(record, _)| record.as_str()), Some(attempt.as_str()));
}

#[tokio::test]
async fn a_reference_that_is_taken_in_between_is_asked_for() {
    let world = world().await;
    let attempt = flow::Attempt::derive(&"a key".into(), &person(), 5_000);
    let start = world.start(&Person::from_seed(7)).attempt(attempt);
    let first = next(world.registry.start(shuftipro::PROVIDER, &start).await.expect("begun"));
    // The second start's first look comes before the provider knows of the first one.
    world.shuftipro.inject(Fault::on("/status").status(404));
    let second = next(world.registry.start(shuftipro::PROVIDER, &start).await.expect("the same one"));
    assert_eq!(first.record, second.record);
    let (Next::OpenUrl { url: one, .. }, Next::OpenUrl { url: two, .. }) = (&first.next, &second.next) else {
        panic!("{:?} {:?}", first.next, second.next)
    };
    assert_eq!(one.expose(), two.expose());
}

#[tokio::test]
async fn a_poll_that_fails_spends_the_state_and_hands_the_next_one_out() {
    let world = world().await;
    let (pending, _) = world.begun().await;
    world.shuftipro.inject(Fault::on("/status").html(503).always());
    let (error, after) = failed(look(&world, &pending).await);
    assert_eq!(error.kind(), ErrorKind::Provider);
    let used = world.registry.resume(&person(), &pending.state, Reply::Poll).await;
    assert_eq!(used.expect_err("spent by the failed poll").check(), Some("state.used"));
    world.shuftipro.server().clear_faults();
    next(look(&world, &after).await);
}
