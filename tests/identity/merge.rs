//! Merging: in any order, nothing lost, nothing raised, contradictions kept.

use std::collections::BTreeSet;

use kyckit::{
    Date,
    identity::{
        Attribute, BirthDate, BirthPlace, ConflictKind, Gender, Identity, Name, Recorded, VerificationMethod,
    },
    provider::ProviderId,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NOW, credo360_report, maya_report, profile, shuftipro_report, unix, vector};

const FORM: ProviderId = ProviderId::new("sign-up");

fn typed(full: &str) -> Attribute<Name> {
    let mut name = Name::default();
    name.full = Some(full.into());
    Attribute::self_asserted(name, FORM, unix(NOW))
}

fn born(day: &str) -> Attribute<BirthDate> {
    let day: Date = day.parse().expect("a day");
    Attribute::self_asserted(BirthDate(day.into()), FORM, unix(NOW))
}

/// What came out of a signed answer, with some of it read back from a record and something typed in beside it.
pub fn identity() -> impl Strategy<Value = Identity> {
    let outcome = prop_oneof![Just(json!(1)), Just(json!(0)), Just(json!(null)), Just(json!("1"))];
    let answer = (
        prop_oneof![
            Just("verification.accepted"),
            Just("verification.accepted"),
            Just("verification.declined")
        ],
        prop_oneof![Just("Jane"), Just("JANE"), Just("Zoë"), Just("Ana")],
        1980_u16..1983,
        prop::collection::vec(outcome, 6),
    );
    (answer, any::<bool>(), prop::option::of(prop_oneof![Just("Jane Roe"), Just("Ana Reyes")])).prop_map(
        |((event, given, year, outcomes), is_recorded, typed_in)| {
            let [document, name, dob, address, face, screening]: [Value; 6] =
                outcomes.try_into().expect("six outcomes");
            let report = shuftipro_report(&json!({
                "reference": "r-2026-0001", "event": event, "email": "jane@example.com",
                "verification_data": {
                    "document": {
                        "name": {"first_name": given, "last_name": "Roe"}, "dob": format!("{year}-05-01"),
                        "document_number": "AB-1234567", "selected_type": ["passport"],
                        "expiry_date": "2031-05-01", "nationality": "GB", "gender": "F", "country": "GB"
                    },
                    "address": {"full_address": "1 High Street\nLondon", "country": "GB"}
                },
                "verification_result": {
                    "document": {"document": document, "name": name, "dob": dob, "document_number": 1,
                                 "selected_type": 1, "document_country": 1, "expiry_date": 1, "gender": 1,
                                 "face_on_document_matched": face},
                    "address": {"address_document": address, "full_address": address},
                    "face": face, "background_checks": screening
                }
            }));
            let mut identity = report.expect("a report").identity().clone();
            if is_recorded {
                identity = identity.into_recorded();
            }
            if let Some(full) = typed_in {
                identity.add(typed(full));
            }
            identity
        },
    )
}

/// Every value with what it rests on, and every finding: those that prove something.
fn verified(identity: &Identity) -> BTreeSet<String> {
    let json: Value = serde_json::from_str(identity.to_json().expose()).expect("JSON");
    let mut found = BTreeSet::new();
    macro_rules! collect {
        ($($list:ident),+) => {
            $(for (at, attribute) in identity.$list().iter().enumerate().filter(|(_, one)| one.is_verified()) {
                assert!(attribute.provenance().method().proves());
                found.insert(format!("{} {}", stringify!($list), json[stringify!($list)][at]));
            })+
        };
    }
    collect!(
        names,
        birth_dates,
        nationalities,
        genders,
        contacts,
        addresses,
        documents,
        work,
        reputation,
        identifiers
    );
    for (at, finding) in identity.assurance().findings().iter().enumerate() {
        if finding.is_verified() {
            found.insert(format!("assurance {}", json["assurance"][at]));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_does_not_matter_in_which_order(one in identity(), two in identity(), three in identity()) {
        let left = one.clone().merge(two.clone()).merge(three.clone());
        let right = one.clone().merge(two.clone().merge(three.clone()));
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(&left, &three.clone().merge(one.clone()).merge(two.clone()));
        prop_assert_eq!(&left, &left.clone().merge(one.clone()), "merging again changes nothing");
        prop_assert_eq!(one.clone().merge(Identity::new()), one);
    }

    #[test]
    fn nothing_is_raised_and_nothing_is_lost(one in identity(), two in identity()) {
        let merged = one.clone().merge(two.clone());
        let parts: BTreeSet<String> = verified(&one).union(&verified(&two)).cloned().collect();
        prop_assert_eq!(verified(&merged), parts);
        for means in VerificationMethod::ALL.iter().copied() {
            let by_a_part = one.assurance().proves(means) || two.assurance().proves(means);
            prop_assert_eq!(merged.assurance().proves(means), by_a_part);
        }
        // At least as much as each, by the only order that there is.
        prop_assert!(merged.assurance() >= one.assurance());
        prop_assert!(merged.assurance() >= two.assurance());
        let among = |all: &Identity, one: &Identity| one.names().iter().all(|name| all.names().contains(name));
        prop_assert!(among(&merged, &one) && among(&merged, &two));
    }

    #[test]
    fn a_record_never_lends_its_standing_to_anything(one in identity()) {
        let recorded = Recorded::from_json(one.to_json().expose().as_bytes()).expect("a record").into_identity();
        prop_assert!(verified(&recorded).is_empty());
        prop_assert_eq!(verified(&one.clone().merge(recorded)), verified(&one));
    }
}

#[tokio::test]
async fn identities_of_three_providers_stay_distinct() {
    let (credo, maya) = (credo360_report(&vector("credo360/user.json")).await, maya_report(&profile()).await);
    let shufti = shuftipro_report(&vector("shuftipro/accepted_document.json")).expect("a report");
    let merged = shufti.identity().clone().merge(credo.identity().clone()).merge(maya.identity().clone());
    let conflicts = merged.conflicts();
    // Jane, Irakliy and Ana are three people, and it shows.
    let names: Vec<_> = conflicts.iter().filter(|conflict| conflict.kind == ConflictKind::Name).collect();
    assert_eq!(names.len(), 3);
    assert!(conflicts.iter().any(|conflict| conflict.kind == ConflictKind::BirthDate));
    for conflict in names {
        let (left, right) = conflict.between;
        assert_eq!(merged.names()[left].provenance(), &conflict.provenances.0);
        assert_eq!(merged.names()[right].provenance(), &conflict.provenances.1);
        assert_ne!(conflict.provenances.0.provider(), conflict.provenances.1.provider());
    }
    // None of the three is more than another.
    let assurances = [shufti.identity(), credo.identity(), maya.identity()].map(Identity::assurance);
    for (at, left) in assurances.iter().enumerate() {
        for right in &assurances[at + 1..] {
            assert_eq!(left.partial_cmp(right), None);
        }
    }
}

#[test]
fn what_contradicts_itself_is_found_and_what_is_only_spelled_otherwise_is_not() {
    let with = |names: &[&str], days: &[&str]| {
        let mut identity = Identity::new();
        names.iter().for_each(|name| identity.add(typed(name)));
        days.iter().for_each(|day| identity.add(born(day)));
        identity.conflicts().into_iter().map(|conflict| conflict.kind).collect::<Vec<_>>()
    };
    assert_eq!(with(&["Jane Roe", "ROE, JANE", "Jane Mary Roe"], &["1990-10-31"]), []);
    assert_eq!(with(&["Jane Roe", "Джейн Роу"], &[]), [], "another script cannot be compared");
    assert_eq!(with(&["Jane Roe", "June Roe"], &[]), [ConflictKind::Name]);
    assert_eq!(with(&[], &["1980-05-01", "1980-01-05"]), [ConflictKind::BirthDate], "one of them is wrong");
    assert_eq!(with(&[], &["1980-05-01", "1980-05-01"]), []);
}

/// A value in another provider's word is not another value, and one that is not understood is none at all.
#[test]
fn words_of_two_providers_for_one_thing_contradict_nothing() {
    let of = |genders: [&str; 2], countries: [&str; 2]| {
        let mut identity = Identity::new();
        for gender in genders {
            identity.add(Attribute::self_asserted(Gender(gender.into()), FORM, unix(NOW)));
        }
        for country in countries {
            let mut place = BirthPlace::default();
            place.country = Some(country.into());
            identity.add(Attribute::self_asserted(place, FORM, unix(NOW)));
        }
        identity.conflicts().into_iter().map(|conflict| conflict.kind).collect::<Vec<_>>()
    };
    for genders in
        [["F", "female"], ["M", "Male"], ["female", "X"], ["male", ""], ["F", "unknown"], ["X", "x"]]
    {
        assert_eq!(of(genders, ["PH", "PHL"]), [], "{genders:?}");
    }
    for countries in [
        ["Viet Nam", "Vietnam"],
        ["Philippines", "PHL"],
        ["608", "Republic of the Philippines"],
        ["UK", "GB"],
        ["EL", "GR"],
        ["Côte d'Ivoire", "Ivory Coast"],
        ["Cote d’Ivoire", "CI"],
        ["PH", "Atlantis"],
        ["", "PH"],
        ["PH", "Unknown"],
    ] {
        assert_eq!(of(["F", "F"], countries), [], "{countries:?}");
    }
    assert_eq!(of(["F", "male"], ["PH", "PH"]), [ConflictKind::Gender]);
    assert_eq!(of(["F", "F"], ["Viet Nam", "PHL"]), [ConflictKind::BirthCountry]);
}

#[test]
fn names_that_are_only_written_otherwise_contradict_nothing() {
    for (one, other) in [
        ("Ja\u{feff}ne Roe", "Jane Roe"),
        ("\u{202a}Jane\u{2060} Roe\u{202c}", "Jane Roe"),
        ("محـمد", "محمد"),
        ("J. James Roe", "John J. Roe"),
        ("Đặng Thị Đào", "DANG THI DAO"),
    ] {
        let mut identity = Identity::new();
        identity.add(typed(one));
        identity.add(typed(other));
        assert_eq!(identity.conflicts(), [], "{one} / {other}");
    }
}

#[test]
fn a_value_with_a_failed_check_contradicts_nothing() {
    let mut body = vector("shuftipro/accepted_document.json");
    body["verification_result"]["document"]["dob"] = json!(0);
    let mut identity = shuftipro_report(&body).expect("a report").identity().clone();
    identity.add(born("1971-01-01"));
    assert_eq!(identity.birth_dates().len(), 2);
    assert_eq!(identity.conflicts(), []);
}
