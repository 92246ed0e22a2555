//! Requests: three states a field, one copy a body, and no request that the provider's pages refuse.

use std::time::SystemTime;

use kyckit::{
    Date, Error, ErrorKind,
    clock::Clock,
    privacy::{Secret, leak::Canaries},
    shuftipro::{
        model::{
            AddressType, AmlType, ConsentType, DocumentType, Gender, QuestionnaireType, SearchType, Service,
            VerificationMode,
        },
        proof::Proof,
        request::{
            Address, Age, AmlForBusinesses, BackgroundChecks, Consent, DeleteRequest, Document, Ekyc, Face,
            FaceAuthentication, Kyb, Kyi, Name, Phone, Questionnaire, Reference, RiskAssessmentRequest,
            VerificationInstructions, VerificationRequest,
        },
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn reference() -> Reference {
    Reference::new("reference-1").expect("a reference")
}

fn onsite() -> VerificationRequest {
    VerificationRequest::onsite(reference())
}

fn offsite() -> VerificationRequest {
    VerificationRequest::offsite(reference())
}

fn png() -> Proof {
    Proof::png(&b"\x89PNG\r\n\x1A\n"[..]).expect("a PNG header")
}

/// `data:image/png;base64,` and the base64 of the header.
const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

/// The body as JSON.
fn sent(request: &VerificationRequest) -> Value {
    serde_json::from_slice(&request.body().expect("a body")).expect("JSON")
}

/// The object of one service.
fn service(request: &VerificationRequest, name: &str) -> Value {
    sent(request)[name].clone()
}

/// The field that a refusal names.
fn fault(result: Result<impl Sized, Error>) -> String {
    let error = result.err().expect("a refusal");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.attempts(), 0);
    error.fields()[0].field.clone()
}

#[test]
fn a_field_has_three_states() {
    let absent = service(&onsite().document(Document::new()), "document");
    assert_eq!(absent, json!({}));
    let read = service(
        &onsite().document(
            Document::new()
                .read_name()
                .read_dob()
                .read_age()
                .read_document_number()
                .read_issue_date()
                .read_expiry_date()
                .read_gender()
                .ask_proof()
                .ask_additional_proof(),
        ),
        "document",
    );
    assert_eq!(
        read,
        json!({
            "proof": "", "additional_proof": "", "name": "", "dob": "", "age": "", "document_number": "",
            "issue_date": "", "expiry_date": "", "gender": "",
        })
    );
    let compared = service(
        &onsite().document_two(
            Document::new()
                .name(Name::first_last("Jane", "Roe").middle_name("Q").fuzzy_match())
                .dob(day("1990-10-10"))
                .age(Age::between(18, 65))
                .document_number("AB-1")
                .issue_date(day("2015-10-10"))
                .expiry_date(day("2045-10-10"))
                .gender(Gender::Female),
        ),
        "document_two",
    );
    assert_eq!(
        compared,
        json!({
            "name": {"first_name": "Jane", "middle_name": "Q", "last_name": "Roe", "fuzzy_match": "1"},
            "dob": "1990-10-10", "age": {"min": 18, "max": 65}, "document_number": "AB-1",
            "issue_date": "2015-10-10", "expiry_date": "2045-10-10", "gender": "F",
        })
    );
    // The last word counts.
    assert_eq!(
        service(&onsite().document(Document::new().read_dob().dob(day("1990-10-10"))), "document"),
        json!({"dob": "1990-10-10"})
    );
    assert_eq!(
        service(&onsite().document(Document::ocr()), "document"),
        json!({"name": "", "dob": "", "document_number": "", "issue_date": "", "expiry_date": ""})
    );
}

#[test]
fn a_service_has_three_states() {
    for (known, name) in [
        (Service::Document, "document"),
        (Service::DocumentTwo, "document_two"),
        (Service::Face, "face"),
        (Service::Address, "address"),
        (Service::Consent, "consent"),
        (Service::Phone, "phone"),
        (Service::BackgroundChecks, "background_checks"),
        (Service::AmlForBusinesses, "aml_for_businesses"),
        (Service::Kyb, "kyb"),
        (Service::Questionnaire, "questionnaire"),
        (Service::Ekyc, "ekyc"),
        (Service::Other("two_factor".to_owned()), "two_factor"),
    ] {
        assert_eq!(
            sent(&onsite().with_defaults(known)),
            json!({"reference": "reference-1", name: ""}),
            "{name}"
        );
    }
    assert_eq!(sent(&onsite().face(Face::new())), json!({"reference": "reference-1", "face": {}}));
}

#[test]
fn every_field_goes_out_under_its_own_name() {
    let request = onsite()
        .country("gb")
        .language("en")
        .email("jane.roe@example.com")
        .callback_url("https://backend.example.com")
        .redirect_url("app://done")
        .customer_unique_id("customer 1")
        .verification_mode(VerificationMode::ImageOnly)
        .ttl_minutes(43_201)
        .allow_offline(false)
        .allow_online(true)
        .show_consent(false)
        .show_privacy_policy(true)
        .show_results(false)
        .show_feedback_form(true)
        .manual_review(false)
        .decline_on_single_step(true)
        .allow_retry(false)
        .enhanced_originality_checks(true)
        .allow_na_ocr_inputs(false)
        .allow_warnings(true)
        .fetch_enhanced_data(false)
        .face(Face::new());
    assert_eq!(
        sent(&request),
        json!({
            "reference": "reference-1", "country": "gb", "language": "en", "email": "jane.roe@example.com",
            "callback_url": "https://backend.example.com", "redirect_url": "app://done",
            "customer_unique_id": "customer 1", "verification_mode": "image_only", "ttl": 43_201,
            "allow_offline": "0", "allow_online": "1", "show_consent": "0", "show_privacy_policy": "1",
            "show_results": "0", "show_feedback_form": "1", "manual_review": "0", "decline_on_single_step": "1",
            "allow_retry": "0", "enhanced_originality_checks": "1", "allow_na_ocr_inputs": "0",
            "allow_warnings": "1", "fetch_enhanced_data": "0", "face": {},
        })
    );
}

#[test]
fn the_fields_of_the_services_go_out_under_their_own_names() {
    let document = Document::new()
        .supported_types([DocumentType::Passport, DocumentType::Other("library_card".to_owned())])
        .age(Age::exactly(33))
        .allow_offline(true)
        .allow_online(false)
        .verification_mode(VerificationMode::VideoOnly)
        .allow_ekyc(true)
        .show_ocr_form(false)
        .fetch_enhanced_data(true)
        .backside_proof_required(true)
        .verification_instructions(
            VerificationInstructions::new()
                .allow_paper_based(true)
                .allow_photocopy(false)
                .allow_colorcopy(true)
                .allow_black_and_white(false)
                .allow_laminated(true)
                .allow_screenshot(false)
                .allow_cropped(true)
                .allow_scanned(false)
                .allow_e_document(true)
                .allow_handwritten_document(false),
        );
    assert_eq!(
        service(&onsite().document(document), "document"),
        json!({
            "supported_types": ["passport", "library_card"], "age": 33, "allow_offline": "1", "allow_online": "0",
            "verification_mode": "video_only", "allow_ekyc": "1", "show_ocr_form": "0",
            "fetch_enhanced_data": "1", "backside_proof_required": "1",
            "verification_instructions": {
                "allow_paper_based": "1", "allow_photocopy": "0", "allow_colorcopy": "1",
                "allow_black_and_white": "0", "allow_laminated": "1", "allow_screenshot": "0",
                "allow_cropped": "1", "allow_scanned": "0", "allow_e_document": "1",
                "allow_handwritten_document": "0",
            },
        })
    );
    let face = Face::new()
        .ask_proof()
        .allow_offline(true)
        .allow_online(true)
        .verification_mode(VerificationMode::Any)
        .check_duplicate_request(true)
        .age(Age::between(18, 99))
        .face_authentication(FaceAuthentication::Enroll);
    assert_eq!(
        service(&onsite().customer_unique_id("c").face(face), "face"),
        json!({
            "proof": "", "allow_offline": "1", "allow_online": "1", "verification_mode": "any",
            "check_duplicate_request": "1", "age": {"min": 18, "max": 99}, "face_authentication": "enroll",
        })
    );
    let address = Address::new()
        .ask_proof()
        .supported_types([AddressType::UtilityBill])
        .full_address("12 Example Street\nLeeds")
        .read_name()
        .read_issue_date()
        .read_document_number()
        .address_fuzzy_match(true)
        .allow_offline(false)
        .allow_online(true)
        .verification_mode(VerificationMode::Any)
        .show_ocr_form(true)
        .backside_proof_required(false)
        .enhanced_address_verification(true)
        .verification_instructions(VerificationInstructions::new());
    assert_eq!(
        service(&onsite().address(address), "address"),
        json!({
            "proof": "", "supported_types": ["utility_bill"], "full_address": "12 Example Street\nLeeds",
            "name": "", "issue_date": "", "document_number": "", "address_fuzzy_match": "1",
            "allow_offline": "0", "allow_online": "1", "verification_mode": "any", "show_ocr_form": "1",
            "backside_proof_required": "0", "enhanced_address_verification": "1", "verification_instructions": {},
        })
    );
    let consent = Consent::new("I agree")
        .ask_proof()
        .supported_types([ConsentType::Handwritten])
        .with_face(false)
        .allow_offline(true)
        .allow_online(true)
        .verification_mode(VerificationMode::Any);
    assert_eq!(
        service(&onsite().consent(consent), "consent"),
        json!({
            "proof": "", "text": "I agree", "supported_types": ["handwritten"], "with_face": "0",
            "allow_offline": "1", "allow_online": "1", "verification_mode": "any",
        })
    );
    let phone = Phone::new()
        .phone_number("+441134960000")
        .random_code("9977")
        .text("Your code is 9977")
        .supported_channel(["SMS"])
        .validate_phone(true);
    assert_eq!(
        service(&onsite().phone(phone), "phone"),
        json!({
            "phone_number": "+441134960000", "random_code": "9977", "text": "Your code is 9977",
            "supported_channel": ["SMS"], "validate_phone": "1",
        })
    );
    assert_eq!(
        service(&onsite().phone(Phone::new().ask_phone_number()), "phone"),
        json!({"phone_number": ""})
    );
    let checks = BackgroundChecks::new(Name::full("Sam Sample"), day("1985-09-08"))
        .filters([AmlType::Pep])
        .countries(["GB"])
        .match_score(0_u32)
        .ongoing(true)
        .alias_search(true)
        .rca_search(false);
    assert_eq!(
        service(&onsite().background_checks(checks), "background_checks"),
        json!({
            "name": {"full_name": "Sam Sample"}, "dob": "1985-09-08", "filters": ["pep"], "countries": ["GB"],
            "match_score": "0", "ongoing": "1", "alias_search": "1", "rca_search": "0",
        })
    );
    let business = AmlForBusinesses::new("Example Trading LLC")
        .business_incorporation_date(day("1994-07-05"))
        .match_score(100_u32)
        .countries(["AE"])
        .alias_search(false)
        .rca_search(true);
    assert_eq!(
        service(&onsite().aml_for_businesses(business), "aml_for_businesses"),
        json!({
            "business_name": "Example Trading LLC", "business_incorporation_date": "1994-07-05",
            "match_score": "100", "countries": ["AE"], "alias_search": "0", "rca_search": "1",
        })
    );
    let kyb = Kyb::enhanced()
        .company_registration_number("12345678")
        .search_type(SearchType::StartWith)
        .search_by("number")
        .country_names(["united_kingdom"]);
    assert_eq!(
        service(&onsite().kyb(kyb), "kyb"),
        json!({
            "advanced_search": "1", "company_registration_number": "12345678", "search_type": "start_with",
            "search_by": "number", "country_names": ["united_kingdom"],
        })
    );
    let papers = Kyb::documents().paper("articles", png());
    assert_eq!(
        service(&onsite().country("GB").kyb(papers), "kyb"),
        json!({"proofs": [{"label": "articles", "file": PNG}]})
    );
    let questionnaire = Questionnaire::new(["Q1", "Q2"]).questionnaire_type(QuestionnaireType::PostKyc);
    assert_eq!(
        service(&onsite().questionnaire(questionnaire), "questionnaire"),
        json!({"uuid": ["Q1", "Q2"], "questionnaire_type": "post_kyc"})
    );
    assert_eq!(
        service(&onsite().email("jane.roe@example.com").kyi(Kyi::new(["Q1"]).kyi_request(true)), "kyi"),
        json!({"uuid": ["Q1"], "kyi_request": true})
    );
    let ekyc = Ekyc::new()
        .national_id("199010101234")
        .personal_details(json!({"first_name": "Jane"}))
        .contact_details(json!({"city": "Umeå"}))
        .eidv_verification_type("Passive")
        .verification_method("1x1");
    assert_eq!(
        sent(&onsite().ekyc(ekyc)),
        json!({
            "reference": "reference-1", "eidv_verification_type": "Passive", "verification_method": "1x1",
            "ekyc": {
                "national_id": "199010101234", "personal_details": {"first_name": "Jane"},
                "contact_details": {"city": "Umeå"},
            },
        })
    );
}

#[test]
fn what_a_builder_lacks_is_set_raw() {
    let request = onsite()
        .ttl_minutes(5)
        .face(Face::new().ask_proof().raw("liveness", json!({"level": 2})).raw("proof", json!(null)))
        .raw("ttl", json!("5"))
        .raw("two_factor", json!({}));
    assert_eq!(
        sent(&request),
        json!({
            "reference": "reference-1", "ttl": "5", "two_factor": {},
            "face": {"proof": null, "liveness": {"level": 2}},
        })
    );
    assert_eq!(
        sent(&onsite().raw("two_factor", json!(""))),
        json!({"reference": "reference-1", "two_factor": ""})
    );
}

#[test]
fn onsite_offsite_and_journey_do_not_mix() {
    // Onsite: the person shows the proofs.
    assert_eq!(fault(onsite().document(Document::new().proof(png())).body()), "document.proof");
    assert_eq!(fault(onsite().consent(Consent::new("I agree").proof(png())).body()), "consent.proof");
    // Offsite: all of them are there, and nothing needs the person.
    let whole = offsite()
        .document(
            Document::new().proof(png()).additional_proof(png()).supported_types([DocumentType::IdCard]),
        )
        .face(Face::new().proof(png()))
        .address(Address::new().proof(png()))
        .consent(Consent::new("I agree").proof(png()));
    assert_eq!(
        sent(&whole),
        json!({
            "reference": "reference-1",
            "document": {"proof": PNG, "additional_proof": PNG, "supported_types": ["id_card"]},
            "face": {"proof": PNG}, "address": {"proof": PNG}, "consent": {"proof": PNG, "text": "I agree"},
        })
    );
    assert_eq!(fault(offsite().document(Document::ocr()).body()), "document.proof");
    assert_eq!(fault(offsite().face(Face::new().ask_proof()).body()), "face.proof");
    assert_eq!(fault(offsite().with_defaults(Service::Address).body()), "address.proof");
    assert_eq!(fault(offsite().document(Document::new().additional_proof(png())).body()), "document.proof");
    assert_eq!(fault(offsite().phone(Phone::new()).body()), "phone");
    assert_eq!(fault(offsite().with_defaults(Service::Phone).body()), "phone");
    assert_eq!(fault(offsite().questionnaire(Questionnaire::new(["Q"])).body()), "questionnaire");
    assert_eq!(fault(offsite().email("jane@x.org").kyi(Kyi::new(["Q"])).body()), "kyi");
    // Without proofs there is nothing to show: both forms are the same.
    assert!(offsite().background_checks(BackgroundChecks::of(Name::full("Sam"))).body().is_ok());
    // A journey brings its own services.
    let journey = || VerificationRequest::journey(reference(), "q9pDvvCx1669874968");
    assert_eq!(sent(&journey()), json!({"reference": "reference-1", "journey_id": "q9pDvvCx1669874968"}));
    assert_eq!(fault(journey().face(Face::new()).body()), "face");
    assert_eq!(fault(VerificationRequest::journey(reference(), "").body()), "journey_id");
    // And a request without any service asks for nothing.
    assert_eq!(fault(onsite().body()), "services");
    assert_eq!(fault(offsite().body()), "services");
}

#[test]
fn the_limits_of_the_pages_are_checked_before_sending() {
    let text = |len| "é".repeat(len);
    let with = |request: VerificationRequest| request.face(Face::new()).body();
    let url = |len: usize| format!("https://x.org/{}", "a".repeat(len - 14));

    for (len, fits) in [(5, false), (6, true), (128, true), (129, false)] {
        assert_eq!(with(onsite().email(text(len))).is_ok(), fits, "email {len}");
    }
    for (len, fits) in [(15, true), (250, true), (251, false)] {
        assert_eq!(with(onsite().callback_url(url(len))).is_ok(), fits, "callback_url {len}");
        assert_eq!(with(onsite().redirect_url(url(len))).is_ok(), fits, "redirect_url {len}");
    }
    for bad in
        ["http://backend.example.com/", "backend.example.com", "", "ftp://x.org/", "javascript:alert(1)"]
    {
        assert_eq!(fault(with(onsite().callback_url(bad))), "callback_url", "{bad}");
    }
    for bad in ["www.example.com/done", "javascript:alert(1)", "data:text/html,x", "x:/"] {
        assert_eq!(fault(with(onsite().redirect_url(bad))), "redirect_url", "{bad}");
    }
    assert!(with(onsite().callback_url("http://127.0.0.1:8080/kyc")).is_ok());
    for bad in ["", "G", "GBR", "G1", "ÄÖ", "G "] {
        assert_eq!(fault(with(onsite().country(bad))), "country", "{bad}");
        assert_eq!(fault(with(onsite().language(bad))), "language", "{bad}");
    }
    for good in ["GB", "gb", "XK", "ZZ"] {
        assert!(with(onsite().country(good).language(good)).is_ok(), "{good}");
    }
    assert_eq!(fault(with(onsite().ttl_minutes(0))), "ttl");
    assert!(with(onsite().ttl_minutes(u32::MAX)).is_ok(), "an upper limit is on no page of the provider");

    let document = |document| onsite().document(document).body();
    for (len, fits) in [(1, false), (2, true), (100, true), (101, false)] {
        assert_eq!(
            document(Document::new().document_number(text(len))).is_ok(),
            fits,
            "document number {len}"
        );
    }
    for (len, fits) in [(0, false), (1, true), (32, true), (33, false)] {
        let is_ok = |name| document(Document::new().name(name)).is_ok();
        assert_eq!(is_ok(Name::first(text(len))), fits, "first name {len}");
        assert_eq!(is_ok(Name::first("A").middle_name(text(len))), fits, "middle name {len}");
        assert_eq!(is_ok(Name::first_last("A", text(len))), fits, "last name {len}");
    }
    assert!(document(Document::new().name(Name::full(text(100)))).is_ok());
    assert_eq!(fault(document(Document::new().name(Name::full("")))), "document.name.full_name");
    assert_eq!(
        fault(document(Document::new().name(Name::default().last_name("Roe")))),
        "document.name.first_name"
    );
    assert_eq!(fault(document(Document::new().age(Age::between(20, 19)))), "document.age");
    assert_eq!(fault(onsite().face(Face::new().age(Age::between(20, 19))).body()), "face.age");

    let two = [DocumentType::IdCard, DocumentType::Passport];
    assert!(document(Document::new().supported_types(two.clone())).is_ok());
    let proven = offsite().document(Document::new().proof(png()).supported_types(two));
    assert_eq!(fault(proven.body()), "document.supported_types");
    let proven = offsite()
        .address(Address::new().proof(png()).supported_types([AddressType::IdCard, AddressType::TaxBill]));
    assert_eq!(fault(proven.body()), "address.supported_types");

    for (len, fits) in [(1, false), (2, true), (250, true), (251, false)] {
        let result = onsite().address(Address::new().full_address(text(len))).body();
        assert_eq!(result.is_ok(), fits, "address {len}");
    }
    for (len, fits) in [(1, false), (2, true), (100, true), (101, false)] {
        let result = onsite().consent(Consent::new(text(len))).body();
        assert_eq!(result.is_ok(), fits, "consent {len}");
    }
}

#[test]
fn the_limits_of_the_onsite_services_are_checked() {
    let phone = |phone| onsite().phone(phone).body();
    for (number, fits) in [
        ("+4411", false),
        ("+44113", true),
        ("441134960000", true),
        ("+44 113 496", false),
        ("++44113", false),
        ("+44113x", false),
        ("+٤٤١١٣٤", false),
    ] {
        assert_eq!(phone(Phone::new().phone_number(number)).is_ok(), fits, "{number}");
    }
    assert!(phone(Phone::new().phone_number(format!("+{}", "1".repeat(63)))).is_ok());
    assert_eq!(fault(phone(Phone::new().phone_number("1".repeat(65)))), "phone.phone_number");
    assert_eq!(fault(phone(Phone::new().random_code("1"))), "phone.random_code");
    assert_eq!(fault(phone(Phone::new().random_code("12345678901"))), "phone.random_code");
    assert_eq!(fault(phone(Phone::new().text("a"))), "phone.text");
    assert_eq!(fault(phone(Phone::new().random_code("9977").text("Your code is 9978"))), "phone.text");
    assert!(phone(Phone::new().random_code("9977").text("9977 it is")).is_ok());
    assert!(phone(Phone::new().text("Your code is")).is_ok(), "the provider appends its own code");

    let questions = |count| onsite().questionnaire(Questionnaire::new(vec!["Q"; count])).body();
    let investor = |count| onsite().email("jane@x.org").kyi(Kyi::new(vec!["Q"; count])).body();
    for (count, fits) in [(0, false), (1, true), (5, true), (6, false)] {
        assert_eq!((questions(count).is_ok(), investor(count).is_ok()), (fits, fits), "{count}");
    }
    assert_eq!(fault(onsite().questionnaire(Questionnaire::new([""])).body()), "questionnaire.uuid");
    assert_eq!(fault(onsite().kyi(Kyi::new(["Q"])).body()), "email");
    let face = Face::new().face_authentication(FaceAuthentication::Authenticate);
    assert_eq!(fault(onsite().face(face).body()), "customer_unique_id");
}

#[test]
fn the_limits_of_screening_and_companies_are_checked() {
    let checks =
        |score: u32| onsite().background_checks(BackgroundChecks::of(Name::full("S")).match_score(score));
    assert!(checks(100).body().is_ok());
    assert_eq!(fault(checks(101).body()), "background_checks.match_score");
    let business = |len| onsite().aml_for_businesses(AmlForBusinesses::new("x".repeat(len))).body();
    for (len, fits) in [(0, false), (1, true), (255, true), (256, false)] {
        assert_eq!(business(len).is_ok(), fits, "{len}");
    }
    let kyb = |kyb| onsite().kyb(kyb).body();
    assert_eq!(fault(kyb(Kyb::standard())), "kyb.company_registration_number");
    assert_eq!(
        fault(kyb(Kyb::standard().company_registration_number("1"))),
        "kyb.company_registration_number"
    );
    assert!(kyb(Kyb::standard().company_registration_number("1").company_jurisdiction_code("us_de")).is_ok());
    assert!(kyb(Kyb::standard().company_name("X")).is_ok());
    assert_eq!(fault(kyb(Kyb::enhanced())), "kyb.company_name");
    assert_eq!(fault(kyb(Kyb::enhanced().company_name("ab"))), "kyb.company_name");
    assert!(kyb(Kyb::enhanced().company_name("abc")).is_ok());
    assert_eq!(
        fault(kyb(Kyb::enhanced().company_name("abc").country_names(["a", "b"]))),
        "kyb.country_names"
    );
    assert_eq!(fault(kyb(Kyb::documents())), "kyb.proofs");
    assert_eq!(fault(kyb(Kyb::documents().paper("x", png()))), "country");
    assert_eq!(fault(kyb(Kyb::standard().company_name("X").paper("x", png()))), "kyb.proofs");
}

#[test]
fn a_risk_assessment_names_its_person() {
    let make = |id: &str, email: &str, phone: &str| RiskAssessmentRequest::new(reference(), id, email, phone);
    let body = make("37rNhl", "jane.roe@example.com", "+440000000000")
        .callback_url("https://backend.example.com/kyc")
        .country("GB")
        .language("EN")
        .verification_mode(VerificationMode::Any)
        .raw("new", json!(1))
        .body()
        .expect("a body");
    assert_eq!(
        serde_json::from_slice::<Value>(&body).expect("JSON"),
        json!({
            "reference": "reference-1", "email": "jane.roe@example.com", "country": "GB", "language": "EN",
            "callback_url": "https://backend.example.com/kyc", "verification_mode": "any", "new": 1,
            "risk_assessment": {"risk_reference": "37rNhl", "phone_number": "+440000000000"},
        })
    );
    assert_eq!(fault(make("", "jane@x.org", "+440000").body()), "risk_assessment.risk_reference");
    assert_eq!(fault(make("37rNhl", "j@x.o", "+440000").body()), "email");
    assert_eq!(fault(make("37rNhl", "jane@x.org", "+44").body()), "risk_assessment.phone_number");
    assert_eq!(fault(make("37rNhl", "jane@x.org", "+440000").country("GBR").body()), "country");
    assert_eq!(
        fault(make("37rNhl", "jane@x.org", "+440000").callback_url("http://x.org").body()),
        "callback_url"
    );
}

#[test]
fn a_deletion_has_a_reason_of_a_sentence() {
    let delete = |len| DeleteRequest::new(reference(), "c".repeat(len)).body();
    for (len, fits) in [(4, false), (5, true), (200, true), (201, false)] {
        assert_eq!(delete(len).is_ok(), fits, "{len}");
    }
    assert_eq!(delete(5).expect("a body"), r#"{"reference":"reference-1","comment":"ccccc"}"#);
}

#[test]
fn references_are_letters_digits_dots_underscores_and_hyphens() {
    let long = "a".repeat(250);
    for good in ["17374217", "1234-0987-1234", "kyc.2024_1-A", long.as_str(), "abcdef"] {
        assert_eq!(Reference::new(good).expect(good).as_str(), good);
        assert_eq!(good.parse::<Reference>().expect(good).to_string(), good);
    }
    let longer = "a".repeat(251);
    for bad in
        ["", "12345", longer.as_str(), "with space", "slash/1", "umlaut-ä", "nul-\0-byte", "line\nbreak"]
    {
        assert_eq!(fault(Reference::new(bad)), "reference");
    }
    assert_eq!(Reference::existing("a/b").expect("others' rules").as_str(), "a/b");
    assert_eq!(format!("{:?}", Reference::existing("Jane Roe").expect("a reference")), "[redacted]");
    assert_eq!(fault(Reference::existing("")), "reference");
    assert_eq!(fault(Reference::existing(longer)), "reference");
}

/// The values come from Python's `hmac`: HMAC-SHA-256 over the label, each text behind its length as eight bytes, and
/// the attempt as four, all big-endian; the first 40 hex digits.
#[test]
fn a_derived_reference_is_the_same_after_a_restart() {
    let key = Secret::from("a key of my own");
    let derive = |operation, subject, attempt| Reference::derive(&key, operation, subject, attempt);
    assert_eq!(derive("onboarding", "customer 4711", 1).as_str(), "0fc9567e0ba8e64f949b06411ff4c72bddf3114d");
    assert_eq!(derive("onboarding", "customer 4711", 2).as_str(), "9b6bfc19f2625aae4fbd4bb9d70042728df61726");
    assert_eq!(
        Reference::derive(&Secret::from("ключ"), "", "", 0).as_str(),
        "bef27f6fb49c9944d49e579a1d004f13fd483cb1"
    );
    assert_ne!(derive("ab", "c", 1), derive("a", "bc", 1));
    assert!(Reference::new(derive("x", "y", 1).as_str()).is_ok());
}

#[test]
fn a_random_reference_is_drawn_from_the_clock() {
    let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH);
    let first = Reference::random(&clock).expect("randomness");
    assert_ne!(first, Reference::random(&clock).expect("randomness"));
    assert_eq!(first.as_str().len(), 32);
    assert!(Reference::new(first.as_str()).is_ok());
    let (again, _) = Clock::frozen(SystemTime::UNIX_EPOCH);
    assert_eq!(Reference::random(&again).expect("randomness"), first);
}

#[test]
fn no_debug_output_and_no_refusal_tells_of_a_person() {
    let values = [
        "jane.roe@example.com",
        "Janedotta",
        "Roederer",
        "Quentinia",
        "1990-10-10",
        "AB-1234567",
        "12 Example Street",
        "+441134960000",
        "I, Janedotta, agree",
        "customer-4711-stable",
        "https://backend.example.com/kyc?token=abcdef",
        "991234",
        "199010101234",
        "Example Trading LLC",
        "access-token-1",
        "pixels-of-a-face",
    ];
    let canaries = Canaries::new(values);
    let mut capture = canaries.capture();
    let proof = Proof::png(&b"\x89PNG\r\n\x1A\npixels-of-a-face"[..]).expect("a proof");
    let name =
        || Name::first_last("Janedotta", "Roederer").middle_name("Quentinia").full_name("Janedotta Roederer");
    let document = Document::new()
        .proof(proof.clone())
        .name(name())
        .dob(day("1990-10-10"))
        .document_number("AB-1234567")
        .raw("owner", json!("Janedotta"));
    let request = onsite()
        .email("jane.roe@example.com")
        .callback_url("https://backend.example.com/kyc?token=abcdef")
        .redirect_url("https://backend.example.com/kyc?token=abcdef")
        .customer_unique_id("customer-4711-stable")
        .document(document)
        .address(Address::new().full_address("12 Example Street").name(name()))
        .consent(Consent::new("I, Janedotta, agree"))
        .phone(Phone::new().phone_number("+441134960000").random_code("991234").text("Janedotta"))
        .background_checks(BackgroundChecks::new(name(), day("1990-10-10")))
        .aml_for_businesses(AmlForBusinesses::new("Example Trading LLC"))
        .kyb(Kyb::standard().company_name("Example Trading LLC"))
        .ekyc(Ekyc::new().national_id("199010101234").personal_details(json!({"n": "Janedotta"})))
        .raw("owner", json!("Janedotta"));
    capture.debug("the request", &request);
    capture.error("its refusal", &request.body().expect_err("a proof in an onsite request"));
    capture.debug("the proof", &proof);
    let phone = Phone::new().random_code("991234").text("I, Janedotta, agree");
    capture.error("a wrong text", &onsite().phone(phone).body().expect_err("no code"));
    let long = Name::first("Janedotta".repeat(4));
    capture
        .error("a long name", &onsite().document(Document::new().name(long)).body().expect_err("too long"));
    let risk = RiskAssessmentRequest::new(reference(), "37rNhl", "jane.roe@example.com", "+441134960000");
    capture.debug("the risk assessment", &risk);
    capture.assert_clean();
}

/// A choice of fields, and the JSON that it must give.
#[derive(Clone, Debug)]
struct Choice {
    texts: Vec<String>,
    state: [u8; 6],
    flags: [Option<bool>; 4],
    proofs: Vec<Vec<u8>>,
    types: Vec<u8>,
}

fn choice() -> impl Strategy<Value = Choice> {
    (
        // Texts with all that JSON escapes, and more.
        prop::collection::vec("[\\x00-\\x7F\"\\\\é字😀]{6,20}", 4),
        prop::array::uniform6(0_u8..3),
        prop::array::uniform4(any::<Option<bool>>()),
        prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 3),
        prop::collection::vec(0_u8..4, 0..2),
    )
        .prop_map(|(texts, state, flags, proofs, types)| Choice { texts, state, flags, proofs, types })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_body_is_the_json_of_its_model(choice in choice()) {
        let Choice { texts, state, flags, proofs, types } = choice;
        let files: Vec<_> = proofs
            .iter()
            .map(|tail| Proof::png([b"\x89PNG\r\n\x1A\n", tail.as_slice()].concat()).expect("a header"))
            .collect();
        let mut expected = json!({"reference": "reference-1", "document": {}, "face": {}});
        let mut request = offsite();
        let mut document = Document::new().proof(files[0].clone());
        let mut face = Face::new().proof(files[1].clone());
        expected["document"]["proof"] = json!(files[0].to_data_url());
        expected["face"]["proof"] = json!(files[1].to_data_url());

        if state[0] == 1 {
            document = document.additional_proof(files[2].clone());
            expected["document"]["additional_proof"] = json!(files[2].to_data_url());
        }
        match state[1] {
            1 => {
                document = document.read_name();
                expected["document"]["name"] = json!("");
            }
            2 => {
                document = document.name(Name::full(texts[0].as_str()).last_name(texts[1].as_str()));
                expected["document"]["name"] = json!({"full_name": texts[0], "last_name": texts[1]});
            }
            _ => {}
        }
        match state[2] {
            1 => {
                document = document.read_dob();
                expected["document"]["dob"] = json!("");
            }
            2 => {
                document = document.dob(day("2000-02-29"));
                expected["document"]["dob"] = json!("2000-02-29");
            }
            _ => {}
        }
        match state[3] {
            1 => {
                document = document.read_document_number();
                expected["document"]["document_number"] = json!("");
            }
            2 => {
                document = document.document_number(texts[2].as_str());
                expected["document"]["document_number"] = json!(texts[2]);
            }
            _ => {}
        }
        if let Some(kind) = types.first() {
            let word = ["passport", "id_card", "driving_license", "credit_or_debit_card"][usize::from(*kind)];
            document = document.supported_types([DocumentType::from(word)]);
            expected["document"]["supported_types"] = json!([word]);
        }
        if state[4] == 2 {
            request = request.email(texts[3].as_str());
            expected["email"] = json!(texts[3]);
        }
        if state[5] == 2 {
            request = request.raw(texts[0].as_str(), json!({"deep": [texts[1], null, 1.5]}));
            expected[texts[0].as_str()] = json!({"deep": [texts[1], null, 1.5]});
        }
        let word = |on: bool| if on { "1" } else { "0" };
        if let Some(on) = flags[0] {
            request = request.show_results(on);
            expected["show_results"] = json!(word(on));
        }
        if let Some(on) = flags[1] {
            document = document.fetch_enhanced_data(on);
            expected["document"]["fetch_enhanced_data"] = json!(word(on));
        }
        if let Some(on) = flags[2] {
            face = face.check_duplicate_request(on);
            expected["face"]["check_duplicate_request"] = json!(word(on));
        }
        prop_assert_eq!(sent(&request.document(document).face(face)), expected);
    }
}
