//! Nothing personal shows itself, in whatever form it is held.

use kyckit::{
    identity::{
        Recorded, RecordedDecision, compare,
        verified_claims::{ClaimSet, Export},
    },
    privacy::leak::{Canaries, Capture},
};
use serde_json::json;

use super::{
    NOW, application, credify_info, credo360_report, maya_report, profile, selfkey_holder, selfkey_review,
    shared, shuftipro_report, unix, vector,
};
use kyckit::identity::Identity;

const CANARIES: [&str; 24] = [
    "Ada",
    "Byron",
    "ada@example.com",
    "St James",
    "5f2e5edc747a92821d16ab36a77ac729f5e66347",
    "Minh Long",
    "+84381234567",
    "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512",
    "Canary-Given",
    "Canary-Family",
    "1980-05-01",
    "1990-10-10",
    "AB-1234567",
    "jane.roe@example.com",
    "ana@example.com",
    "+639170000001",
    "P1234567A",
    "Launchpad",
    "a11938a3bcb675d92d7c1d0e4b71fee3f029",
    "02598397346",
    "Irakliy",
    "Redondo Beach",
    "1510957768",
    "2017-11-17",
];

fn look(capture: &mut Capture, place: &str, identity: &Identity) {
    capture.debug(place, identity);
    capture.debug(place, identity.names());
    capture.debug(place, identity.birth_dates());
    capture.debug(place, identity.birth_places());
    capture.debug(place, identity.nationalities());
    capture.debug(place, identity.contacts());
    capture.debug(place, identity.addresses());
    capture.debug(place, identity.documents());
    capture.debug(place, identity.work());
    capture.debug(place, identity.reputation());
    capture.debug(place, identity.identifiers());
    capture.debug(place, identity.assurance());
    capture.debug(place, &identity.conflicts());
    capture.debug(place, &identity.to_json());
    let claims =
        identity.verified_claims(&Export::new("de_aml").expect("a framework").vouching_for_records());
    capture.debug(place, &claims);
    capture.debug(place, &claims.to_json());
    let recorded = Recorded::from_json(identity.to_json().expose().as_bytes()).expect("a record");
    capture.debug(place, &recorded);
}

#[tokio::test]
async fn a_person_of_five_providers_does_not_show() {
    let mut capture = Canaries::new(CANARIES).capture();
    let mut body = vector("shuftipro/accepted_document.json");
    body["verification_data"]["document"]["name"]["first_name"] = "Canary-Given".into();
    body["verification_data"]["document"]["name"]["last_name"] = "Canary-Family".into();
    let shufti = shuftipro_report(&body).expect("a report");
    let (credo, maya) = (credo360_report(&vector("credo360/user.json")).await, maya_report(&profile()).await);
    capture.debug("shuftipro", &shufti);
    capture.debug("credo360", &credo);
    capture.debug("credo360 owner", credo.source());
    capture.debug("maya", &maya);
    look(&mut capture, "shuftipro", shufti.identity());
    look(&mut capture, "credo360", credo.identity());
    look(&mut capture, "maya", maya.identity());
    let holder = selfkey_holder().into_report(unix(NOW));
    let review = selfkey_review(&application(&json!(2))).await;
    let info = credify_info(&shared(), &["profile"]).await.into_report(&["profile"], unix(NOW));
    capture.debug("selfkey holder", &holder);
    capture.debug("selfkey holder", holder.source());
    capture.debug("selfkey review", &review);
    capture.debug("selfkey review", review.source());
    capture.debug("credify", &info);
    look(&mut capture, "selfkey holder", holder.identity());
    look(&mut capture, "selfkey review", review.identity());
    look(&mut capture, "credify", info.identity());
    let merged = shufti.identity().clone().merge(credo.identity().clone()).merge(maya.identity().clone());
    look(&mut capture, "merged", &merged);
    capture.debug("compared", &compare::names(merged.names()[0].value(), merged.names()[1].value()));
    for decision in [shufti.decision(), credo.decision(), maya.decision()] {
        capture.debug("decision", decision);
        let recorded = RecordedDecision::from_json(decision.to_json().as_bytes()).expect("a record");
        capture.debug("recorded decision", &recorded);
    }
    capture.assert_clean();
}

#[test]
fn what_others_wrote_does_not_show_either() {
    let mut capture = Canaries::new(["Canary Given", "1956-01-28"]).capture();
    let document = json!({
        "sub": "Canary Given",
        "verified_claims": {
            "verification": {
                "trust_framework": "of Canary Given", "assurance_level": "Canary Given", "time": "1956-01-28",
                "evidence": [{
                    "type": "Canary Given", "document_details": {"type": "Canary Given"},
                    "check_details": [{"check_method": "Canary Given", "organization": "Canary Given"}]
                }]
            },
            "claims": {"given_name": "Canary Given", "birthdate": "1956-01-28"}
        }
    });
    let claims = ClaimSet::from_json(document.to_string().as_bytes()).expect("read");
    capture.debug("claims", &claims);
    let mut broken = document.clone();
    broken["verified_claims"]["claims"] = json!(["Canary Given"]);
    capture.error("refused", &ClaimSet::from_json(broken.to_string().as_bytes()).expect_err("refused"));
    let provenance = json!({"provider": "x", "method": "attested", "read_at": "2027-01-15T08:00:00Z"});
    let record = json!({
        "form": "kyckit.identity", "version": 1,
        "reputation": [{"value": {"scale": "of Canary Given"}, "provenance": provenance}],
        "identifiers": [{"value": {"kind": "of Canary Given", "value": "Canary Given"}, "provenance": provenance}]
    });
    let recorded = Recorded::from_json(record.to_string().as_bytes()).expect("a record");
    look(&mut capture, "record", recorded.identity());
    capture.assert_clean();
}
