//! The record for auditors says what happened, and nothing of whom.

use kyckit::{
    credo360,
    flow::{Consent, Reply},
    identity::{Outcome, VerificationMethod},
    privacy::leak::Canaries,
    sandbox::{Person, shuftipro::Outcome as Plays},
    shuftipro,
};

use crate::support::{NOON, PERSON, done, failed, next, person, world};

#[tokio::test]
async fn a_record_says_what_happened_when_and_how() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    world.frozen.advance(std::time::Duration::from_secs(90));
    world.shuftipro.complete(&reference, Plays::Decline(vec!["SPDR06".to_owned()])).expect("played");
    let reply = world.callback(&reference, "verification.declined");
    let step = world.registry.resume(&person(), &pending.state, reply).await.expect("resumed");
    let evidence = done(step).evidence;
    let json: serde_json::Value = serde_json::from_str(&evidence.to_json()).expect("JSON");
    assert_eq!(json["form"], 1);
    assert_eq!(json["library"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json["provider"], "shuftipro");
    assert_eq!(json["attempt"], reference.as_str());
    assert_eq!((json["started_at"].as_u64(), json["ended_at"].as_u64()), {
        (Some(NOON.as_secs()), Some(NOON.as_secs() + 90))
    });
    assert_eq!(json["outcome"], "declined");
    assert_eq!(json["codes"], serde_json::json!(["SPDR06"]));
    assert_eq!(json["proven_by"], serde_json::json!([]));
    assert_eq!(json["response"]["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(json["response"]["secret"], 0);
    assert_eq!(json["trail"][0], serde_json::json!({ "t": NOON.as_secs(), "w": "start" }));
    assert_eq!(json["trail"][1], serde_json::json!({ "t": NOON.as_secs() + 90, "w": "callback" }));
    assert_eq!(evidence.digest().len(), 64);
    let mut changed = evidence.clone();
    changed.outcome = Outcome::Accepted;
    assert_ne!(changed.digest(), evidence.digest());
}

#[tokio::test]
async fn nothing_personal_is_in_the_record_nor_printed_anywhere() {
    let world = world().await;
    let someone = Person::from_seed(7);
    let owner = Person::from_seed(0);
    let handle = world.credo360.handles().remove(0);
    let canaries = Canaries::new(
        [
            PERSON,
            handle.expose(),
            someone.full_name().expose(),
            someone.last_name.expose(),
            someone.email.expose(),
            someone.document_number.expose(),
            someone.dob.expose(),
            owner.full_name().expose(),
            "verification/process",
        ]
        .map(str::to_owned),
    );
    let mut capture = canaries.capture();
    let start = world.start(&someone);
    capture.debug("start", &start);
    capture.debug("consent", &Consent::given(&person(), [credo360::PROVIDER], world.clock.now()));

    let (pending, reference) = world.begun().await;
    capture.debug("pending", &pending);
    let reply = world.callback(&reference, "verification.accepted");
    capture.debug("reply", &reply);
    world.shuftipro.complete(&reference, Plays::Natural).expect("played");
    let step = world.registry.resume(&person(), &pending.state, reply).await.expect("resumed");
    capture.debug("step", &step);
    let of_documents = done(step);
    assert_eq!(of_documents.evidence.outcome, Outcome::Accepted);
    assert!(of_documents.evidence.proven_by.contains(&VerificationMethod::DocumentChecked));
    capture.text("evidence", of_documents.evidence.to_json());
    capture.debug("evidence", &of_documents.evidence);
    capture.debug("done", &of_documents);

    let pending = next(world.registry.start(credo360::PROVIDER, &start).await.expect("begun"));
    capture.debug("pending", &pending);
    let passcode = world.credo360.passcode(&handle).expect("delivered");
    let wrong = if passcode.expose() == "000000" { "000001" } else { "000000" };
    let step = world.registry.resume(&person(), &pending.state, Reply::passcode(wrong)).await.expect("on");
    capture.debug("failed", &step);
    let (error, pending) = failed(step);
    capture.error("refused", &error);
    let step = world.registry.resume(&person(), &pending.state, Reply::Passcode(passcode)).await.expect("on");
    let of_an_account = done(step);
    capture.text("evidence", of_an_account.evidence.to_json());
    capture.debug("done", &of_an_account);
    assert!(of_an_account.evidence.record_sha256.is_some());
    let stranger = kyckit::flow::PersonId::new("another").expect("a name");
    let refused = world.registry.resume(&stranger, &pending.state, Reply::Poll).await.expect_err("refused");
    capture.error("stranger", &refused);
    capture.assert_clean();
}

#[tokio::test]
async fn a_trail_is_bounded() {
    let world = world().await;
    let (mut pending, reference) = world.begun().await;
    for _ in 0..40 {
        let step = world.registry.resume(&person(), &pending.state, Reply::Poll).await.expect("resumed");
        pending = next(step);
    }
    assert!(pending.state.as_str().len() < 4_096, "{}", pending.state.as_str().len());
    world.shuftipro.complete(&reference, Plays::Accept).expect("played");
    let step = world.registry.resume(&person(), &pending.state, Reply::Poll).await.expect("resumed");
    let evidence = done(step).evidence;
    assert_eq!((evidence.trail.len(), evidence.trail_omitted), (24, 18));
    assert_eq!(evidence.provider, shuftipro::PROVIDER.as_str());
}
