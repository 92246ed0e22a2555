//! The JSON form: what goes out comes back, worth less, and nothing else comes back.

use kyckit::{
    ErrorKind,
    identity::{Identity, Outcome, Reason, Recorded, RecordedDecision, json::VERSION},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{maya_report, merge::identity, profile, shuftipro_report, vector};

fn text(identity: &Identity) -> String {
    identity.to_json().into_exposed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_goes_out_comes_back_as_a_record(one in identity(), two in identity()) {
        let identity = one.merge(two);
        let recorded = Recorded::from_json(text(&identity).as_bytes()).expect("a record");
        prop_assert_eq!(recorded.identity(), &identity.clone().into_recorded());
        prop_assert_eq!(recorded.identity().assurance().proven().count(), 0);
        let of_two = |identity: &Identity| identity.assurance().recorded().count();
        prop_assert!(of_two(recorded.identity()) <= identity.assurance().findings().len());
        // Written again, it is what it was; embedded in another form, too.
        let again = text(recorded.identity());
        let embedded: Recorded = serde_json::from_str(&again).expect("a record");
        prop_assert_eq!(embedded, recorded);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Recorded::from_json(&bytes).is_err());
        prop_assert!(RecordedDecision::from_json(&bytes).is_err());
    }
}

/// The form is a promise to those who stored it: this is version 1.
#[tokio::test]
async fn version_1_looks_like_this() {
    let report = maya_report(&profile()).await;
    let written: Value = serde_json::from_str(&text(report.identity())).expect("JSON");
    let provenance = json!({"provider": "maya", "method": "attested", "read_at": "2027-01-15T08:00:00Z"});
    let account =
        json!({"provider": "maya", "method": "possession_of_account", "read_at": "2027-01-15T08:00:00Z"});
    let stated = json!({"provider": "maya", "method": "self_asserted", "read_at": "2027-01-15T08:00:00Z"});
    let mut until = provenance.clone();
    until["until"] = "2033-01-02".into();
    let expected = json!({
        "form": "kyckit.identity", "version": 1,
        "names": [{"value": {"given": "Ana", "middle": "Cruz", "family": "Reyes"}, "provenance": provenance}],
        "birth_dates": [{"value": "1980-05-01", "provenance": provenance}],
        "birth_places": [{"value": {"locality": "Manila", "country": "PH"}, "provenance": provenance}],
        "nationalities": [{"value": "PH", "provenance": provenance}],
        "contacts": [
            {"value": {"kind": "email", "value": "ana@example.com", "primary": true}, "provenance": provenance},
            {"value": {"kind": "email", "value": "old@example.com", "primary": false}, "provenance": stated},
            {"value": {"kind": "phone", "value": "+639170000001", "primary": true}, "provenance": provenance},
        ],
        "addresses": [{
            "value": {"kind": "present", "street": "6F Launchpad Bldg\nBrgy. Highway Hills",
                      "locality": "Mandaluyong", "region": "Metro Manila", "postal_code": "0234", "country": "PH"},
            "provenance": provenance
        }],
        "documents": [{
            "value": {"kind": "passport", "number": "P1234567A", "expires": "2033-01-02"},
            "provenance": until
        }],
        "work": [{
            "value": {"occupation": "OTHERS", "occupation_details": "Baker", "income_source": "EMPLOYMENT"},
            "provenance": provenance
        }],
        "identifiers": [
            {"value": {"kind": "customer_id", "value": "a11938a3bcb675d92d7c1d0e4b71fee3f029"}, "provenance": account},
            {"value": {"kind": "profile_id", "value": "778307049099"}, "provenance": account},
        ],
        "assurance": [account, provenance]
    });
    assert_eq!(written, expected);
    assert_eq!(VERSION, 1);

    let decision: Value = serde_json::from_str(&report.decision().to_json()).expect("JSON");
    let expected = json!({
        "form": "kyckit.decision", "version": 1, "outcome": "accepted", "provider": "maya",
        "at": "2027-01-15T08:00:00Z"
    });
    assert_eq!(decision, expected);
}

#[test]
fn a_decision_comes_back_as_a_record_of_it() {
    let declined = shuftipro_report(&vector("shuftipro/declined_aml_hits.json")).expect("a report");
    let recorded = RecordedDecision::from_json(declined.decision().to_json().as_bytes()).expect("a record");
    assert_eq!(recorded.outcome(), Outcome::Declined);
    assert_eq!(recorded.reasons(), [Reason::ScreeningMatch]);
    assert_eq!(recorded.codes(), declined.decision().codes());
    assert_eq!(recorded.provider(), declined.decision().provider());
    assert_eq!(recorded.at(), declined.decision().at());
    let embedded: RecordedDecision = serde_json::from_str(&declined.decision().to_json()).expect("a record");
    assert_eq!(embedded, recorded);
}

#[test]
fn another_form_and_another_version_are_refused_and_say_so() {
    let good = json!({"form": "kyckit.identity", "version": 1});
    assert!(Recorded::from_json(good.to_string().as_bytes()).expect("a record").identity().is_empty());
    let refused = |member: &str, value: Value| {
        let mut other = good.clone();
        other[member] = value;
        let error = Recorded::from_json(other.to_string().as_bytes()).expect_err("refused");
        assert!(serde_json::from_value::<Recorded>(other).is_err());
        assert_eq!(error.kind(), ErrorKind::Decode);
        (error.check(), error.path().map(str::to_owned))
    };
    for version in [json!(0), json!(2), json!("1"), json!(1.5), json!(-1), json!(null)] {
        assert_eq!(refused("version", version), (Some("identity.version"), None));
    }
    for form in [json!("kyckit.decision"), json!(null), json!(1)] {
        assert_eq!(refused("form", form), (Some("identity.form"), None));
    }
    assert_eq!(refused("standing", json!("observed")).0, None);
    let error = Recorded::from_json(br#"{"form":"kyckit.identity"}"#).expect_err("no version");
    assert_eq!(error.check(), Some("identity.version"));
    let error = Recorded::from_json(&vec![b' '; 1024 * 1024 + 1]).expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

/// The form has no member for the origin, so none can be written in.
#[test]
fn nothing_written_into_a_record_verifies_anything() {
    let provenance =
        json!({"provider": "shuftipro", "method": "document_checked", "read_at": "2027-01-15T08:00:00Z"});
    let record = json!({
        "form": "kyckit.identity", "version": 1,
        "names": [{"value": {"full": "Jane Roe"}, "provenance": provenance}],
        "assurance": [provenance]
    });
    let recorded = Recorded::from_json(record.to_string().as_bytes()).expect("a record");
    assert!(!recorded.identity().names()[0].is_verified());
    assert_eq!(recorded.identity().assurance().proven().count(), 0);
    assert_eq!(recorded.identity().assurance().recorded().count(), 1);

    for (path, value) in [
        ("names[0].provenance", json!({"standing": "observed"})),
        ("names[0].provenance", json!({"method": "certain"})),
        ("names[0].provenance", json!({"provider": "Jane Roe, born 1990"})),
        ("names[0].provenance", json!({"read_at": "yesterday"})),
        ("names[0].provenance", json!({"until": "2031-02-30"})),
        ("names[0].value", json!({"nick": "JR"})),
    ] {
        let mut changed = record.clone();
        let member = path.rsplit('.').next().expect("a member");
        for (name, value) in value.as_object().expect("members") {
            changed["names"][0][member][name] = value.clone();
        }
        let error = Recorded::from_json(changed.to_string().as_bytes()).expect_err("refused");
        let at = error.path().expect("a path");
        assert!(at.starts_with(path), "{path}: {at}");
        assert!(!format!("{error} {error:?}").contains("Jane"), "a value is quoted");
    }
}
