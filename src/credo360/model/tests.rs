use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{ErrorKind, UnreadMember, transport::decode};

/// The sample of the provider's page.
const SAMPLE: &str = include_str!("../../../tests/vectors/credo360/user.json");
/// The second form of a profile on the same page.
const PROFILE: &str = include_str!("../../../tests/vectors/credo360/profile-variant.json");

fn sample() -> Value {
    serde_json::from_str(SAMPLE).expect("the sample is JSON")
}

/// The sample with the value at a JSON pointer replaced, or taken out.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut sample = sample();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = sample.pointer_mut(parent).and_then(Value::as_object_mut).expect(pointer);
    match value {
        Some(value) => parent.insert(name.to_owned(), value),
        None => parent.remove(name),
    };
    sample
}

fn read(body: &Value) -> User {
    decode::message(body.to_string().as_bytes()).expect("a user")
}

fn refused_at(body: &Value) -> String {
    let error = decode::message::<User>(body.to_string().as_bytes()).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Decode);
    error.path().unwrap_or_default().to_owned()
}

fn ms(milliseconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)
}

fn text(text: &Option<Pii<String>>) -> Option<&str> {
    text.as_ref().map(|text| text.expose().as_str())
}

#[test]
fn every_value_of_the_sample_is_read() {
    let user = read(&sample());
    assert_eq!((user.handle.id.expose(), &user.handle.status), ("02598397346", &HandleStatus::Valid));
    let profile = user.profile.as_ref().expect("there");
    assert_eq!(profile.name.first.expose(), "Irakliy");
    assert_eq!(text(&profile.name.last), Some("K"));
    let location = profile.location.as_ref().expect("there");
    assert_eq!(location.country.expose(), "us");
    assert_eq!((text(&location.region), text(&location.city)), (Some("California"), Some("Redondo Beach")));
    assert_eq!((&profile.picture, &profile.age, &profile.gender), (&None, &None, &None));

    let reputation = &user.reputation;
    assert_eq!((*reputation.score.expose(), reputation.quality.expose()), (288.0, &Quality::Good));
    let identity = reputation.segments.identity.as_ref().expect("there");
    assert_eq!((*identity.score.expose(), identity.quality.expose()), (99.0, &Quality::Excellent));
    assert_eq!(identity.verifications, Some(Pii::new(8)));
    let behavior = reputation.segments.behavior.as_ref().expect("there");
    assert_eq!((*behavior.score.expose(), behavior.quality.expose()), (77.09, &Quality::Good));
    assert_eq!((behavior.transactions, behavior.transactors), (Some(Pii::new(157)), Some(Pii::new(56))));
    assert_eq!((behavior.ratings, behavior.reviews), (Some(Pii::new(42)), Some(Pii::new(1))));
    let endorsements = reputation.segments.endorsements.as_ref().expect("there");
    assert_eq!((*endorsements.score.expose(), endorsements.quality.expose()), (82.0, &Quality::Good));
    assert_eq!((endorsements.contacts, endorsements.reviews), (Some(Pii::new(12)), Some(Pii::new(2))));
    assert_eq!(endorsements.average_score, Some(Pii::new(262.0)));

    let found: Vec<_> = user
        .verifications
        .iter()
        .map(|one| (one.kind.clone(), one.score.map(Pii::into_exposed), one.verified_on.into_exposed()))
        .collect();
    assert_eq!(
        found,
        [
            (Kind::Email, Some(5.0), ms(1_524_046_183_116)),
            (Kind::Phone, Some(40.0), ms(1_527_368_780_427)),
            (Kind::Facebook, Some(49.0), ms(1_512_764_091_433)),
            (Kind::LinkedIn, Some(48.0), ms(1_512_764_190_356)),
            (Kind::Reddit, Some(5.0), ms(1_502_228_502_704)),
            (Kind::Blockscore, Some(100.0), ms(1_510_957_768_433)),
            (Kind::Dwolla, Some(43.0), ms(1_504_642_798_327)),
            (Kind::Coinbase, Some(10.0), ms(1_532_143_480_316)),
        ]
    );
    let details = |kind| user.verification(&kind).map(|one| one.details.clone()).expect("there");
    assert_eq!(
        details(Kind::Phone),
        Details::Phone(Phone {
            country_code: Some(Pii::new(1)),
            country: None,
            area_code: Some(Pii::from("760")),
            last_two_digits: Some(Pii::from("12")),
        })
    );
    assert_eq!(details(Kind::Facebook), Details::Facebook(Some(Pii::new(640))));
    assert_eq!(details(Kind::LinkedIn), Details::LinkedIn(Some(Pii::new(500))));
    let created_on = Some(Pii::new(ms(1_460_421_184_000)));
    assert_eq!(details(Kind::Reddit), Details::Reddit(Reddit { created_on, karma: None }));
    assert_eq!(details(Kind::Blockscore), Details::Blockscore(Some(Pii::new(Document::Ssn))));
    let created_on = Some(Pii::new(ms(1_504_638_397_323)));
    assert_eq!(details(Kind::Dwolla), Details::Dwolla(Dwolla { created_on, accounts: Some(Pii::new(1)) }));
    let created_on = Some(Pii::new(ms(1_404_766_971_000)));
    assert_eq!(details(Kind::Coinbase), Details::Coinbase(Coinbase { created_on }));
    assert_eq!(user.verification(&Kind::Twitter), None);

    let payments: Vec<_> = user.payments.expose().iter().map(|(name, can)| (name.as_str(), *can)).collect();
    assert_eq!(payments, [("coinbase", true), ("credoWallet", true)]);
    assert_eq!(user.member_since, Some(Pii::new(ms(1_482_750_938_147))));
    let extras = user.verifications.iter().map(|one| &one.extra).chain([&user.extra, &profile.extra]);
    assert!(extras.into_iter().all(|extra| extra.expose().is_empty()), "nothing of the sample is left over");
}

#[test]
fn the_second_form_of_a_profile_is_read() {
    let variant: Value = serde_json::from_str(PROFILE).expect("JSON");
    let profile = read(&with("/profile", Some(variant))).profile.expect("there");
    assert_eq!((profile.name.first.expose().as_str(), text(&profile.name.last)), ("Alex", Some("K")));
    let picture = profile.picture.expect("there");
    assert_eq!(text(&picture.source), Some("facebook"));
    assert_eq!(picture.updated_on, Some(Pii::new(ms(1_493_840_810_506))));
    assert_eq!(text(&picture.full_url), Some("https://img.example/full"));
    assert_eq!(text(&picture.thumb_url), Some("https://img.example/thumb"));
    assert_eq!(text(&profile.location.expect("there").region), Some("California"));
    assert_eq!(profile.age.map(|age| age.years), Some(Pii::new(25)));
    assert_eq!(profile.gender, Some(Pii::new(Gender::Female)));
}

#[test]
fn both_spellings_at_once_are_no_error_and_the_first_counts() {
    let name = json!({ "firstName": "A", "first": "B", "lastName": "C", "Last": "D", "last": "E" });
    let name = read(&with("/profile/name", Some(name))).profile.expect("there").name;
    assert_eq!((name.first.expose().as_str(), text(&name.last)), ("A", Some("C")));
    let last = |name| {
        text(&read(&with("/profile/name", Some(name))).profile.expect("there").name.last).map(str::to_owned)
    };
    assert_eq!(last(json!({ "first": "B", "Last": "D", "last": "E" })).as_deref(), Some("D"));
    assert_eq!(last(json!({ "first": "B", "last": "E" })).as_deref(), Some("E"));
    assert_eq!(last(json!({ "first": "B", "lastName": null })), None);
    let location = json!({ "country": "us", "state": "California", "region": "West" });
    let location = read(&with("/profile/location", Some(location))).profile.expect("there").location;
    assert_eq!(text(&location.expect("there").region), Some("California"));
}

#[test]
fn what_is_withheld_is_none() {
    for absent in [None, Some(Value::Null)] {
        assert_eq!(read(&with("/profile", absent.clone())).profile, None);
        assert!(read(&with("/verifications", absent.clone())).verifications.is_empty());
        assert!(read(&with("/payments", absent.clone())).payments.expose().is_empty());
        let profile = read(&with("/profile/location", absent)).profile.expect("there");
        assert_eq!(profile.location, None);
    }
    let bare = json!({ "name": { "first": "Alex" } });
    let profile = read(&with("/profile", Some(bare))).profile.expect("there");
    assert_eq!((profile.name.last, profile.picture, profile.location), (None, None, None));
    assert_eq!((profile.age, profile.gender), (None, None));
    let user = read(&with("/reputation/segments/endorsements", None));
    assert_eq!(user.reputation.segments.endorsements, None);
}

#[test]
fn verifications_come_as_a_list_too() {
    let list = json!([
        { "type": "email", "score": 5, "verifiedOn": 1_524_046_183_116_u64 },
        { "kind": "twitter", "followers": "12", "score": 3.5, "verifiedOn": 1_524_046_183 },
        { "type": "passport", "kind": "machine-readable", "mrz": ["x"], "verifiedOn": 1_524_046_183 },
        null,
        { "type": "reddit", "karma": -3, "verifiedOn": 1_524_046_183 },
    ]);
    let user = read(&with("/verifications", Some(list)));
    let kinds: Vec<_> = user.verifications.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["email", "twitter", "passport", "reddit"]);
    assert_eq!(user.verifications[1].details, Details::Twitter(Some(Pii::new(12))));
    assert_eq!(user.verifications[1].score, Some(Pii::new(3.5)));
    let passport = &user.verifications[2];
    assert_eq!((&passport.kind, &passport.details), (&Kind::Other("passport".into()), &Details::None));
    let kept: Vec<_> =
        passport.extra.expose().iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    assert_eq!(kept, [("kind", json!("machine-readable")), ("mrz", json!(["x"]))]);
    let reddit = Reddit { created_on: None, karma: Some(Pii::new(-3)) };
    assert_eq!(user.verifications[3].details, Details::Reddit(reddit));
}

#[test]
fn new_words_and_new_members_are_kept() {
    let mut body =
        with("/verifications/passport", Some(json!({ "verifiedOn": 1, "document": { "mrz": "x" } })));
    body["handle"]["status"] = json!("archived");
    body["reputation"]["quality"] = json!("stellar");
    body["profile"]["gender"] = json!("unspecified");
    body["profile"]["pronouns"] = json!("they");
    body["payments"]["card"] = json!({ "brand": "x" });
    body["verifications"]["email"]["domain"] = json!("example.com");
    body["badges"] = json!([1]);
    let user = read(&body);
    assert_eq!(user.handle.status.as_str(), "archived");
    assert_eq!(user.reputation.quality.expose().as_str(), "stellar");
    let profile = user.profile.as_ref().expect("there");
    assert_eq!(profile.gender.as_ref().map(|gender| gender.expose().as_str()), Some("unspecified"));
    assert_eq!(profile.extra.expose()["pronouns"], json!("they"));
    assert_eq!(user.extra.expose()["badges"], json!([1]));
    assert_eq!(user.payments.expose().len(), 2, "what is no bool is left out");
    let passport = user.verification(&Kind::Other("passport".into())).expect("kept");
    assert_eq!(passport.extra.expose()["document"], json!({ "mrz": "x" }));
    let email = user.verification(&Kind::Email).expect("there");
    assert_eq!(email.extra.expose()["domain"], json!("example.com"));
}

#[test]
fn scores_are_numbers_of_any_size() {
    for (wire, score) in [(json!(288.5), 288.5), (json!("59"), 59.0), (json!(361), 361.0), (json!(0), 0.0)] {
        assert_eq!(*read(&with("/reputation/score", Some(wire))).reputation.score.expose(), score);
    }
}

#[test]
fn only_the_check_of_a_document_is_an_identity_check() {
    let checks: Vec<_> =
        read(&sample()).verifications.into_iter().filter(|one| one.kind.is_identity_check()).collect();
    assert_eq!(checks.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), ["blockscore"]);
    assert!(!Kind::from("passport").is_identity_check(), "nothing is known of an unknown kind");
}

#[test]
fn what_the_score_and_its_owner_rest_on_is_named_by_its_path_when_it_is_missing_or_mistyped() {
    for (pointer, path) in [
        ("/handle", "handle"),
        ("/handle/id", "handle.id"),
        ("/handle/status", "handle.status"),
        ("/reputation", "reputation"),
        ("/reputation/score", "reputation.score"),
        ("/reputation/quality", "reputation.quality"),
    ] {
        assert_eq!(refused_at(&with(pointer, None)), path);
        assert_eq!(refused_at(&with(pointer, Some(Value::Null))), path, "null at {pointer}");
        assert!(refused_at(&with(pointer, Some(json!([true])))).starts_with(path), "a list at {pointer}");
    }
    assert_eq!(refused_at(&with("/handle/id", Some(json!(2_598_397_346_u64)))), "handle.id");
}

#[test]
fn a_side_member_of_another_type_is_absent_and_listed() {
    let unread = |pointer, value| {
        let user = read(&with(pointer, value));
        assert_eq!(*user.reputation.score.expose(), 288.0);
        user.unread().iter().map(|member| member.path().to_owned()).collect::<Vec<_>>()
    };
    for (pointer, path) in [
        ("/profile/name", "profile.name"),
        ("/profile/name/firstName", "profile.name.firstName"),
        ("/profile/location/country", "profile.location.country"),
        ("/profile/gender", "profile.gender"),
        ("/reputation/segments", "reputation.segments"),
        ("/reputation/segments/behavior/score", "reputation.segments.behavior.score"),
        ("/verifications", "verifications[0]"),
        ("/verifications/phone", "verifications.phone"),
        ("/verifications/phone/verifiedOn", "verifications.phone.verifiedOn"),
        ("/payments", "payments"),
        ("/memberSince", "memberSince"),
    ] {
        assert_eq!(unread(pointer, Some(json!(["x"])))[0], path, "a list at {pointer}");
    }
    assert_eq!(unread("/profile/age", Some(json!({ "years": 1.5 })))[0], "profile.age.years");
    assert_eq!(unread("/verifications/passport", Some(json!({})))[0], "verifications.passport");
    let list =
        json!([{ "score": 1 }, { "type": "email" }, { "type": "email", "score": [], "verifiedOn": 1 }]);
    let user = read(&with("/verifications", Some(list)));
    assert_eq!(user.verifications.len(), 1);
    let paths: Vec<_> = user.unread().iter().map(UnreadMember::path).collect();
    assert_eq!(paths, ["verifications[0]", "verifications[1]", "verifications[2].score"]);
    assert_eq!(read(&with("/memberSince", None)).member_since, None);
}

#[test]
fn debug_shows_words_and_no_person() {
    let mut body = with("/verifications/passport", Some(json!({ "verifiedOn": 1, "mrz": "P<UTOERIKSSON" })));
    body["nickname"] = json!("Iraklion77");
    let text = format!("{:?}", read(&body));
    assert!(text.contains("Valid") && text.contains("LinkedIn") && text.contains("passport"), "{text}");
    for personal in [
        "02598397346",
        "Irakliy",
        "Redondo",
        "California",
        "288",
        "77.09",
        "Good",
        "640",
        "760",
        "12",
        "Ssn",
        "15240",
        "coinbase",
        "ERIKSSON",
        "Iraklion",
        "14827",
    ] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode::message::<User>(&bytes);
    }

    #[test]
    fn no_value_at_any_place_panics(
        place in 0_usize..17,
        value in prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
            proptest::collection::vec(any::<i32>(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(".{0,5}", any::<i64>(), 0..3).prop_map(|map| json!(map)),
        ],
    ) {
        let places = [
            "/handle", "/handle/id", "/profile", "/profile/name", "/profile/name/first", "/profile/picture",
            "/profile/location", "/profile/age", "/profile/gender", "/reputation/score",
            "/reputation/segments/behavior", "/verifications", "/verifications/phone", "/verifications/passport",
            "/verifications/email/verifiedOn", "/payments", "/memberSince",
        ];
        let _ = decode::message::<User>(with(places[place], Some(value)).to_string().as_bytes());
    }
}

#[test]
fn any_side_member_may_be_anything() {
    let list = json!([
        { "type": "email", "score": 5, "verifiedOn": 1_524_046_183_116_u64 },
        { "kind": "twitter", "followers": "12", "score": 3.5, "verifiedOn": 1_524_046_183 },
    ]);
    let variant: Value = serde_json::from_str(PROFILE).expect("JSON");
    let messages = [sample(), with("/verifications", Some(list)), with("/profile", Some(variant))];
    crate::wire::unread::property::holds(
        &messages,
        <User as crate::wire::unread::Message>::STRICT,
        decode::message::<User>,
        User::unread,
        |user| format!("{:?} {:?} {:?}", user.profile, user.reputation, user.verifications),
    );
}
