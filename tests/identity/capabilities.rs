//! The table of capabilities says what the modules do: no more, and no less.

use std::collections::BTreeSet;

use kyckit::{
    credify,
    credo360::{self, Method},
    identity::{Identity, VerificationMethod},
    maya,
    provider::{Capabilities, Countries, Erasure, PersonAction, Results},
    selfkey,
    shuftipro::{self, Callbacks},
    verified::Verifier,
};
use serde_json::json;

use super::{
    NOW, application, credify_info, credo360_owner, credo360_report, maya_report,
    outcomes::everything_passed, profile, selfkey_holder, selfkey_review, shared, shuftipro_report, unix,
    vector,
};

const ALL: [&Capabilities; 5] = [
    &credify::CAPABILITIES,
    &credo360::CAPABILITIES,
    &maya::CAPABILITIES,
    &selfkey::CAPABILITIES,
    &shuftipro::CAPABILITIES,
];

fn proven(identities: &[&Identity]) -> BTreeSet<VerificationMethod> {
    identities
        .iter()
        .flat_map(|identity| identity.assurance().proven().map(|finding| finding.method()))
        .collect()
}

fn listed(capabilities: &Capabilities) -> BTreeSet<VerificationMethod> {
    capabilities.proves.iter().copied().collect()
}

#[tokio::test]
async fn what_the_answers_prove_is_what_is_listed() {
    let shufti = shuftipro_report(&everything_passed("verification.accepted")).expect("a report");
    assert_eq!(proven(&[shufti.identity()]), listed(&shuftipro::CAPABILITIES));
    assert_eq!(proven(&[maya_report(&profile()).await.identity()]), listed(&maya::CAPABILITIES));
    let sample = vector("credo360/user.json");
    let (passcode, signature) =
        (credo360_report(&sample).await, credo360_owner(&sample, Method::Signature).await.identity());
    assert_eq!(proven(&[passcode.identity(), &signature]), listed(&credo360::CAPABILITIES));
    let holder = selfkey_holder().into_report(unix(NOW));
    let review = selfkey_review(&application(&json!(2))).await;
    assert_eq!(proven(&[holder.identity(), review.identity()]), listed(&selfkey::CAPABILITIES));
    let info = credify_info(&shared(), &["profile"]).await.identity(unix(NOW));
    assert_eq!(proven(&[&info]), listed(&credify::CAPABILITIES));
}

#[tokio::test]
async fn reputation_is_reported_where_it_is_listed() {
    let assessed = shuftipro_report(&vector("shuftipro/status_risk_assessment.json")).expect("a report");
    let credo = credo360_report(&vector("credo360/user.json")).await;
    let maya = maya_report(&profile()).await;
    for (identity, capabilities) in [
        (assessed.identity(), shuftipro::CAPABILITIES),
        (credo.identity(), credo360::CAPABILITIES),
        (maya.identity(), maya::CAPABILITIES),
    ] {
        assert_eq!(!identity.reputation().is_empty(), capabilities.reputation, "{:?}", capabilities.provider);
    }
}

/// It compiles only while the calls are there.
#[test]
fn what_is_listed_can_be_called() {
    fn verifies<T: Verifier>() {}
    assert_eq!(shuftipro::CAPABILITIES.results, Results::Callback);
    verifies::<Callbacks>();
    assert_eq!(shuftipro::CAPABILITIES.erasure, Erasure::Deleted);
    let _ = shuftipro::Client::delete;
    assert!(
        credo360::CAPABILITIES.may_ask(PersonAction::TypePasscode)
            && credo360::CAPABILITIES.may_ask(PersonAction::Sign)
    );
    let _ = |code: &str| credo360::Response::passcode(code);
    let _ = |signature: &str| credo360::Response::signature(signature);
}

#[test]
fn countries_are_asked_in_any_case_and_not_invented() {
    assert_eq!(shuftipro::CAPABILITIES.covers("gb"), Some(true));
    assert_eq!(maya::CAPABILITIES.covers("ph"), Some(true));
    assert_eq!(maya::CAPABILITIES.covers("GB"), Some(false));
    assert_eq!(selfkey::CAPABILITIES.covers("GB"), None);
    assert_eq!(credo360::CAPABILITIES.covers("US"), Some(true));
    let mut unstated = maya::CAPABILITIES;
    unstated.countries = Countries::Unstated;
    assert_eq!(unstated.covers("PH"), None);
}

#[test]
fn every_row_is_of_its_own_provider_and_says_nothing_twice() {
    let providers: BTreeSet<_> = ALL.iter().map(|one| one.provider.as_str()).collect();
    assert_eq!(providers.len(), ALL.len());
    for one in ALL {
        assert_eq!(one.proves.len(), listed(one).len(), "{:?}", one.provider);
        assert!(one.proves.iter().all(|means| means.proves()), "{:?}", one.provider);
        assert!(!one.asks.is_empty(), "{:?}", one.provider);
        assert_eq!(serde_json::to_value(one.erasure).expect("a word"), json!(one.erasure.as_str()));
    }
}
