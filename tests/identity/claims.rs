//! OpenID Connect for Identity Assurance: every output fits the standard's own schema, every example survives.

use std::{fs, path::PathBuf, sync::LazyLock};

use boon::{Compiler, SchemaIndex, Schemas};
use kyckit::{
    ErrorKind,
    identity::{
        Attribute, Contact, ContactKind, Identity, Name, Recorded,
        verified_claims::{ClaimSet, Entries, Export},
    },
    provider::ProviderId,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    NOW, application, credify_info, credo360_report, maya_report, merge::identity, profile, selfkey_review,
    shared, shuftipro_report, unix, vector,
};

const BASE: &str = "https://bitbucket.org/openid/ekyc-ida/raw/master/schema/";

/// The schema, with and without looking at formats.
static SCHEMA: LazyLock<(Schemas, [SchemaIndex; 2])> = LazyLock::new(|| {
    let mut schemas = Schemas::new();
    let compiled = [true, false].map(|formats| {
        let mut compiler = Compiler::new();
        if formats {
            compiler.enable_format_assertions();
        }
        // Two compilers share the schemas, so each has names of its own.
        let named = |text: &str| text.replace(BASE, &format!("{BASE}{formats}/"));
        for name in ["verified_claims.json", "claims_schema.json"] {
            let schema = named(&vector(&format!("openid-ida/{name}")).to_string());
            let schema = serde_json::from_str(&schema).expect("JSON");
            compiler.add_resource(&named(&format!("{BASE}{name}")), schema).expect("a schema");
        }
        // The part that requests are made of is referred to, and nothing here is a request.
        let requests = named(&format!("{BASE}verified_claims_request.json"));
        let schema = json!({"$id": requests, "$defs": {"verified_claims_def": {}}});
        compiler.add_resource(&requests, schema).expect("a schema");
        compiler.compile(&named(&format!("{BASE}verified_claims.json")), &mut schemas).expect("it compiles")
    });
    (schemas, compiled)
});

/// What the schema finds wrong.
fn faults(document: &Value, formats: bool) -> Option<String> {
    let (schemas, [strict, lenient]) = &*SCHEMA;
    let schema = if formats { strict } else { lenient };
    schemas.validate(document, *schema).err().map(|error| error.to_string())
}

fn export() -> Export {
    Export::new("de_aml").expect("a framework").verification_process("f24c6f-6d3f-4ec5-973e-b0d8506f3bc7")
}

fn written(identity: &Identity) -> Value {
    let claims = identity.verified_claims(&export()).to_json().into_exposed();
    assert_eq!(faults(&claims, true), None);
    assert_eq!(ClaimSet::from_json(claims.to_string().as_bytes()).expect("read").to_json().expose(), &claims);
    claims
}

#[tokio::test]
async fn the_words_of_selfkey_and_credify_fit_too() {
    let claims = written(selfkey_review(&application(&json!(2))).await.identity());
    assert_eq!(claims["verified_claims"][0]["claims"]["birthdate"], "1985-12-10");
    assert_eq!(written(selfkey_review(&application(&json!(3))).await.identity()), json!({}));
    let info = credify_info(&shared(), &["profile", "phone"]).await;
    assert_eq!(
        written(&info.identity(unix(NOW)))["verified_claims"][0]["claims"],
        json!({
            "given_name": "Minh Long", "family_name": "Nguyễn", "birthdate": "1991-12-25", "gender": "male",
            "phone_number": "+84381234567", "phone_number_verified": true
        })
    );
}

/// The schema is not one that takes anything.
#[test]
fn the_schema_refuses_what_is_wrong() {
    for wrong in [
        json!({"verified_claims": {"claims": {}}}),
        json!({"verified_claims": {"verification": {}, "claims": {}}}),
        json!({"verified_claims": {"verification": {"trust_framework": "x"}, "claims": {"birthdate": "31.10.1990"}}}),
        json!({"verified_claims": {"verification": {"trust_framework": "x", "evidence": []}, "claims": {}}}),
    ] {
        assert!(faults(&wrong, true).is_some(), "{wrong}");
    }
}

#[test]
fn the_examples_are_read_without_loss() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/openid-ida/examples");
    let mut seen = 0;
    for file in fs::read_dir(folder).expect("the examples") {
        let path = file.expect("a file").path();
        let bytes = fs::read(&path).expect("readable");
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(faults(&document, false), None, "{}", path.display());
        let read = ClaimSet::from_json(&bytes).expect("an example");
        assert_eq!(read.to_json().expose(), &document, "{}", path.display());
        let entries = match &document["verified_claims"] {
            Value::Null => 0,
            Value::Array(list) => list.len(),
            _ => 1,
        };
        assert_eq!(read.entries().len(), entries, "{}", path.display());
        seen += 1;
    }
    assert_eq!(seen, 30);
    let eidas =
        ClaimSet::from_json(vector("openid-ida/examples/eidas.json").to_string().as_bytes()).expect("read");
    let entry = &eidas.entries()[0];
    assert_eq!(entry.verification.trust_framework, "eidas");
    assert_eq!(entry.verification.assurance_level.as_deref(), Some("substantial"));
    assert_eq!(entry.claims.expose()["given_name"], "Max");
    assert!(matches!(eidas.verified_claims, Some(Entries::One(_))));
}

#[test]
fn what_is_no_document_of_claims_is_refused_where_it_stands() {
    for (document, path) in [
        (json!({"verified_claims": 1}), "verified_claims"),
        (json!({"verified_claims": {"claims": {}}}), "verified_claims"),
        (json!([]), "."),
        (json!("text"), "."),
    ] {
        let error = ClaimSet::from_json(document.to_string().as_bytes()).expect_err("refused");
        assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some(path)), "{document}");
    }
    assert!(ClaimSet::from_json(b"{} {}").is_err());
    assert_eq!(Export::new(" ").expect_err("no name").kind(), ErrorKind::InvalidRequest);
}

#[test]
fn a_checked_document_is_written_as_evidence() {
    let mut body = vector("shuftipro/accepted_document.json");
    body["verification_data"]["document"]["expiry_date"] = "2031-05-01".into();
    body["verification_result"]["background_checks"] = json!(1);
    let claims = written(shuftipro_report(&body).expect("a report").identity());
    assert_eq!(
        claims,
        json!({"verified_claims": [{
            "verification": {
                "trust_framework": "de_aml",
                "assurance_process": {"assurance_details": [{
                    "assurance_type": "counter_fraud",
                    "evidence_ref": [{"check_id": "shuftipro.sanctions_screening"}]
                }]},
                "time": "2027-01-15T08:00:00Z",
                "verification_process": "f24c6f-6d3f-4ec5-973e-b0d8506f3bc7",
                "evidence": [
                    {
                        "type": "document",
                        "check_details": [
                            {"check_method": "vri", "organization": "shuftipro"},
                            {"check_method": "bvr", "organization": "shuftipro"}
                        ],
                        "document_details": {
                            "type": "idcard", "document_number": "AB-1234567", "date_of_issuance": "2015-10-10",
                            "date_of_expiry": "2031-05-01", "issuer": {"country": "GB", "country_code": "GB"}
                        }
                    },
                    {
                        "type": "electronic_record",
                        "check_details": [{
                            "check_method": "data", "organization": "shuftipro",
                            "check_id": "shuftipro.sanctions_screening"
                        }]
                    }
                ]
            },
            // The gender was not checked, the mail address is the request's.
            "claims": {"given_name": "Jane", "family_name": "Roe", "name": "Jane Roe", "birthdate": "1990-10-10"}
        }]})
    );
}

#[tokio::test]
async fn a_providers_word_is_written_as_a_vouch() {
    let claims = written(maya_report(&profile()).await.identity());
    let entry = &claims["verified_claims"][0];
    assert_eq!(
        entry["verification"]["evidence"],
        json!([{"type": "vouch", "attestation": {"type": "digital_attestation", "voucher": {"organization": "maya"}}}])
    );
    assert_eq!(
        entry["claims"],
        json!({
            "given_name": "Ana", "middle_name": "Cruz", "family_name": "Reyes", "birthdate": "1980-05-01",
            "place_of_birth": {"locality": "Manila", "country": "PH"}, "nationalities": ["PH"],
            "address": {"street_address": "6F Launchpad Bldg\nBrgy. Highway Hills", "locality": "Mandaluyong",
                        "region": "Metro Manila", "postal_code": "0234", "country": "PH", "country_code": "PH"},
            "email": "ana@example.com", "email_verified": true,
            "phone_number": "+639170000001", "phone_number_verified": true
        })
    );
}

#[tokio::test]
async fn unverified_values_are_not_written() {
    let mut unverified = profile();
    unverified["kycStatus"] = "KYC0".into();
    let credo = credo360_report(&vector("credo360/user.json")).await;
    let declined = shuftipro_report(&vector("shuftipro/declined_document.json")).expect("a report");
    let recorded = maya_report(&profile()).await.identity().clone().into_recorded();
    let mut typed = Identity::new();
    let mut name = Name::default();
    name.full = Some("Jane Roe".into());
    typed.add(Attribute::self_asserted(name, ProviderId::new("sign-up"), unix(NOW)));
    for identity in
        [maya_report(&unverified).await.identity(), credo.identity(), declined.identity(), &recorded, &typed]
    {
        assert_eq!(written(identity), json!({}));
    }
    // A record is written when the caller vouches for the store, and the self-asserted name still is not.
    let vouched = export().vouching_for_records();
    assert_eq!(typed.verified_claims(&vouched).entries().len(), 0);
    let claims = recorded.verified_claims(&vouched);
    assert_eq!(claims.entries().len(), 1);
    assert_eq!(faults(claims.to_json().expose(), true), None);
}

#[tokio::test]
async fn what_the_form_cannot_hold_is_left_out() {
    let mut profile = profile();
    profile["birthDetails"]["nationality"] = "Filipino".into();
    profile["birthDetails"]["country"] = "The Philippines".into();
    profile["contact"] = json!([
        {"type": "EMAIL", "subtype": "PRIMARY", "value": "not an address", "verificationStatus": "PASSED"},
        {"type": "MSISDN", "subtype": "PRIMARY", "value": "0917 000 0001", "verificationStatus": "PASSED"},
    ]);
    let mut second = profile["address"][0].clone();
    second["line1"] = "another".into();
    profile["address"].as_array_mut().expect("a list").push(second);
    let claims = written(maya_report(&profile).await.identity());
    let claims = &claims["verified_claims"][0]["claims"];
    for name in
        ["nationalities", "email", "email_verified", "phone_number", "phone_number_verified", "address"]
    {
        assert_eq!(claims[name], Value::Null, "{name}");
    }
    assert_eq!(claims["place_of_birth"], json!({"locality": "Manila"}));
}

#[tokio::test]
async fn each_provider_has_its_own_entry() {
    let shufti = shuftipro_report(&vector("shuftipro/accepted_document.json")).expect("a report");
    let merged = shufti.identity().clone().merge(maya_report(&profile()).await.identity().clone());
    let claims = written(&merged);
    let names: Vec<_> = claims["verified_claims"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| entry["claims"]["given_name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["Ana", "Jane"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_output_fits_the_schema(one in identity(), two in identity(), odd in ".{0,30}") {
        let mut identity = one.merge(two);
        let contact = Contact::new(ContactKind::Email, odd.as_str());
        identity.add(Attribute::self_asserted(contact, ProviderId::new("sign-up"), unix(NOW)));
        written(&identity);
    }

    /// Whatever text stands where the schema wants a form: written from a record, which can hold anything.
    #[test]
    fn odd_values_never_break_the_form(odd in ".{0,30}") {
        let provenance = json!({"provider": "x", "method": "document_checked", "read_at": "2027-01-15T08:00:00Z"});
        let value = |value: Value| json!([{"value": value, "provenance": provenance}]);
        let record = json!({
            "form": "kyckit.identity", "version": 1,
            "names": value(json!({"given": odd})), "nationalities": value(json!(odd)), "genders": value(json!(odd)),
            "birth_places": value(json!({"country": odd})),
            "contacts": [
                {"value": {"kind": "email", "value": odd, "primary": true}, "provenance": provenance},
                {"value": {"kind": "phone", "value": odd, "primary": true}, "provenance": provenance},
            ],
            "addresses": value(json!({"country": odd, "locality": odd})),
            "documents": value(json!({"kind": odd, "country": odd})),
            "assurance": [provenance]
        });
        let recorded = Recorded::from_json(record.to_string().as_bytes()).expect("a record");
        let claims = recorded.identity().verified_claims(&export().vouching_for_records());
        prop_assert_eq!(faults(claims.to_json().expose(), true), None);
    }
}
