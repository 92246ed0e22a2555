//! Readings of single values as the vectors have them, and of profiles that disagree with the documentation.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::*;
use crate::{ErrorKind, UnreadMember, privacy::Pii};

fn try_read(profile: &Value) -> crate::Result<Profile> {
    Profile::read(profile.to_string().into_bytes().into(), SystemTime::UNIX_EPOCH)
}

fn read(profile: &Value) -> Profile {
    try_read(profile).expect("a profile")
}

fn refused_at(profile: &Value) -> String {
    let error = try_read(profile).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Decode, "{profile}");
    assert!(!format!("{error} {error:?}").contains("Ana"));
    error.path().unwrap_or_default().to_owned()
}

/// The seed's sample, with its own texts.
fn sample() -> Value {
    json!({
        "id": "a11938a3bcb675d92d7c1d0e4b71fee3f029",
        "profileId": "778307049099",
        "kycStatus": "KYC1",
        "workDetails": {
            "sourceOfIncome": "EMPLOYMENT", "sourceOfIncomeDetails": null, "natureOfWork": "OTHERS",
            "natureOfWorkDetails": "Others_Product", "verificationStatus": "PASSED"
        },
        "address": [
            {"line1": "6F Launchpad Bldg", "locality": "Brgy. Highway Hills", "city": "Mandaluyong", "country": "PH",
             "type": "PRESENT", "zipCode": "0234", "region": "Metro Manila", "verificationStatus": "PASSED"}
        ],
        "contact": [
            {"type": "MSISDN", "subtype": "PRIMARY", "value": "+639170000001", "verificationStatus": "PASSED"},
            {"type": "EMAIL", "subtype": "RECOVERY", "value": "mailto:[email protected]", "verificationStatus": null}
        ],
        "name": {"firstName": "Ana", "middleName": null, "lastName": "Reyes", "verificationStatus": "PASSED"},
        "birthDetails": {"birthDate": "05-01-1980", "city": "Manila", "nationality": "PH", "country": "PH",
                         "verificationStatus": "FAILED"},
        "identityDocument": [
            {"type": "PASSPORT", "value": null, "frontUrl": "https://b.s3.amazonaws.com/f?X-Amz-Signature=s3cr3t",
             "backUrl": null, "expiryDate": "01-02-2033", "verificationStatus": null}
        ]
    })
}

fn text(value: Option<&Pii<String>>) -> Option<&str> {
    value.map(|text| text.expose().as_str())
}

#[test]
fn every_scope_of_the_sample_is_reachable() {
    let profile = read(&sample());
    assert_eq!(profile.id().expose(), "a11938a3bcb675d92d7c1d0e4b71fee3f029");
    assert_eq!(text(profile.profile_id()), Some("778307049099"));
    assert_eq!(profile.kyc_status(), Some(&KycStatus::Kyc1));
    assert!(profile.is_verified_account());

    let name = profile.name().expect("a name");
    assert_eq!(text(name.first_name.as_ref()), Some("Ana"));
    assert_eq!(text(name.middle_name.as_ref()), None);
    assert!(name.verification_status.as_ref().is_some_and(VerificationStatus::is_passed));

    let birth = profile.birth_details().expect("birth details");
    let day = birth.birth_date.as_ref().and_then(ProfileDate::date).expect("a day").into_exposed();
    assert_eq!(day.to_string(), "1980-05-01", "the month comes first");
    assert_eq!(birth.verification_status, Some(VerificationStatus::Failed));

    let mobile = profile.contact(&ContactType::Msisdn, &ContactSubtype::Primary).expect("a number");
    assert_eq!(mobile.address().expect("a number").into_exposed(), "+639170000001");
    let mail = profile.contact(&ContactType::Email, &ContactSubtype::Recovery).expect("a mail address");
    assert_eq!(mail.address().expect("odd, but no error").into_exposed(), "[email protected]");
    assert_eq!(text(mail.value.as_ref()), Some("mailto:[email protected]"));
    assert_eq!(mail.verification_status, None);

    let address = profile.address(&AddressType::Present).expect("an address");
    assert_eq!(text(address.zip_code.as_ref()), Some("0234"), "leading zeros stay");
    assert_eq!((text(address.line2.as_ref()), text(address.province.as_ref())), (None, None));
    assert_eq!(text(address.locality.as_ref()), Some("Brgy. Highway Hills"));

    let work = profile.work_details().expect("work details");
    assert_eq!(text(work.nature_of_work.as_ref()), Some("OTHERS"));
    assert_eq!(text(work.nature_of_work_details.as_ref()), Some("Others_Product"));
    assert_eq!(text(work.source_of_income.as_ref()), Some("EMPLOYMENT"));

    let document = &profile.identity_documents()[0];
    assert_eq!(text(document.document_type.as_ref()), Some("PASSPORT"));
    let front = document.front.as_ref().expect("a link");
    assert_eq!(front.url().expose(), "https://b.s3.amazonaws.com/f?X-Amz-Signature=s3cr3t");
    assert_eq!(front.expires(), SystemTime::UNIX_EPOCH + Duration::from_secs(900));
    assert!(document.back.is_none());
    assert_eq!(profile.raw().expose(), &sample());
}

#[test]
fn absent_and_null_mean_the_same_and_only_the_id_is_needed() {
    let bare = read(&json!({"id": "a"}));
    let nulls = read(&json!({
        "id": "a", "profileId": null, "kycStatus": null, "name": null, "birthDetails": null, "contact": null,
        "address": null, "workDetails": null, "identityDocument": null
    }));
    for profile in [bare, nulls] {
        assert!(profile.profile_id().is_none() && profile.kyc_status().is_none() && profile.name().is_none());
        assert!(profile.birth_details().is_none() && profile.work_details().is_none());
        assert!(profile.contacts().is_empty() && profile.addresses().is_empty());
        assert!(profile.identity_documents().is_empty() && !profile.is_verified_account());
    }
    let hollow = read(&json!({"id": "a", "name": {}, "contact": [{}, null], "identityDocument": [{}]}));
    assert!(
        hollow.name().is_some_and(|name| name.first_name.is_none() && name.verification_status.is_none())
    );
    assert_eq!((hollow.contacts().len(), hollow.identity_documents().len()), (1, 1));
}

#[test]
fn the_id_and_the_status_are_refused_where_they_stand() {
    for (member, value) in [
        ("id", json!(7)),
        ("id", json!("")),
        ("id", json!(null)),
        ("id", json!(["a"])),
        ("kycStatus", json!(1)),
    ] {
        let mut profile = sample();
        profile[member] = value;
        assert_eq!(refused_at(&profile), member);
    }
    let mut without = sample();
    without.as_object_mut().expect("an object").remove("id");
    assert_eq!(refused_at(&without), "id");
}

#[test]
fn a_side_member_of_another_type_is_absent_and_listed() {
    for (member, value, path) in [
        ("profileId", json!(7), "profileId"),
        ("name", json!("Ana"), "name"),
        ("name", json!([]), "name"),
        ("name", json!(["Ana", null, "Reyes", "PASSED"]), "name"),
        ("name", json!({"firstName": ["Ana"]}), "name.firstName"),
        ("birthDetails", json!({"birthDate": 19_800_501}), "birthDetails.birthDate"),
        ("contact", json!({"type": "EMAIL"}), "contact"),
        ("contact", json!([{"type": "EMAIL"}, ["EMAIL"]]), "contact[1]"),
        ("contact", json!([{"subtype": 1}]), "contact[0].subtype"),
        ("address", json!({"line1": "x"}), "address"),
        ("address", json!([{"zipCode": 1234}]), "address[0].zipCode"),
        ("workDetails", json!([]), "workDetails"),
        ("identityDocument", json!([{"frontUrl": {}}]), "identityDocument[0].frontUrl"),
        ("identityDocument", json!([{"verificationStatus": true}]), "identityDocument[0].verificationStatus"),
    ] {
        let mut profile = sample();
        profile[member] = value;
        let read = read(&profile);
        let unread: Vec<_> = read.unread().iter().map(UnreadMember::path).collect();
        assert_eq!(unread, [path]);
        assert!(!format!("{read:?} {:?}", read.unread()).contains("Ana"));
        assert_eq!(read.raw().expose(), &profile, "the text as it was signed is kept whole");
    }
    let mut profile = sample();
    profile["name"] = json!({"firstName": 7, "lastName": "Reyes"});
    let name = read(&profile).name().expect("a name").clone();
    assert_eq!((name.first_name, name.last_name), (None, Some(Pii::from("Reyes"))));
}

fn contact(raw: &Value) -> Contact {
    read(&json!({"id": "a", "contact": [raw]})).contacts()[0].clone()
}

fn email(raw: &str) -> String {
    contact(&json!({"type": "EMAIL", "value": raw})).address().expect("an address").into_exposed().to_owned()
}

#[test]
fn of_two_spellings_that_differ_the_real_one_counts() {
    let both = json!({"type": "EMAIL", "subType": "RECOVERY", "subtype": "PRIMARY"});
    assert_eq!(contact(&both).subtype, Some(ContactSubtype::Primary));
    assert_eq!(
        contact(&json!({"subType": "RECOVERY", "subtype": null})).subtype,
        Some(ContactSubtype::Recovery)
    );
}

#[test]
fn a_number_keeps_what_looks_like_a_scheme() {
    let number =
        json!({"id": "a", "contact": [{"type": "MSISDN", "value": "mailto:x"}, {"value": "mailto:x"}]});
    for contact in read(&number).contacts() {
        assert_eq!(contact.address().expect("a value").into_exposed(), "mailto:x");
    }
    assert_eq!(email("mailto:mailto:a@example.com"), "mailto:a@example.com", "one");
    assert_eq!(email("mäilto:"), "mäilto:", "no byte of a character is cut");
}

#[test]
fn a_profile_tells_what_it_does_not_carry() {
    use ProfileItem as Item;
    let all = [
        Item::BirthCity,
        Item::BirthCountry,
        Item::BirthDate,
        Item::DocumentFile,
        Item::DocumentNumber,
        Item::FirstName,
        Item::LastName,
        Item::MiddleName,
        Item::MobileNumber,
        Item::Nationality,
        Item::NatureOfWork,
        Item::PermanentAddress,
        Item::PresentAddress,
        Item::PrimaryEmail,
        Item::ProfileId,
        Item::SourceOfIncome,
    ];
    assert_eq!(
        read(&sample()).missing(all),
        [Item::DocumentNumber, Item::MiddleName, Item::PermanentAddress, Item::PrimaryEmail]
    );
    assert_eq!(read(&json!({"id": "a"})).missing(all), all);
    let mut odd = sample();
    odd["birthDetails"]["birthDate"] = json!("31-12-1980");
    odd["contact"] = json!([{"type": "EMAIL", "subtype": "PRIMARY", "value": "mailto:"}]);
    odd["name"]["firstName"] = json!("");
    assert_eq!(
        read(&odd).missing([Item::BirthDate, Item::PrimaryEmail, Item::FirstName, Item::LastName]),
        [Item::BirthDate, Item::PrimaryEmail, Item::FirstName]
    );
    assert_eq!(Item::DocumentFile.scope().as_str(), "identity_document");
}

#[test]
fn nothing_of_a_profile_shows_itself() {
    let profile = read(&sample());
    let mut capture = crate::privacy::leak::Canaries::new([
        "a11938a3bcb675d92d7c1d0e4b71fee3f029",
        "778307049099",
        "Ana",
        "Reyes",
        "Mandaluyong",
        "05-01-1980",
        "1980-05-01",
        "+639170000001",
        "[email protected]",
        "Others_Product",
        "X-Amz-Signature",
        "PASSPORT",
    ])
    .capture();
    capture.debug("profile", &profile);
    capture.debug("name", &profile.name());
    capture.debug("birth details", &profile.birth_details());
    capture.debug("contacts", &profile.contacts());
    capture.debug("addresses", &profile.addresses());
    capture.debug("work details", &profile.work_details());
    capture.debug("documents", &profile.identity_documents());
    capture.assert_clean();
}

#[test]
fn any_side_member_may_be_anything() {
    crate::wire::unread::property::holds(
        &[sample()],
        super::profile::STRICT,
        |body| Profile::read(body.to_vec().into(), SystemTime::UNIX_EPOCH),
        Profile::unread,
        |profile| {
            format!(
                "{:?} {:?} {:?} {:?} {:?} {:?}",
                profile.name(),
                profile.birth_details(),
                profile.contacts(),
                profile.addresses(),
                profile.work_details(),
                profile.identity_documents()
            )
        },
    );
}
