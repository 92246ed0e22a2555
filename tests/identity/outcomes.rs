//! Each provider, each outcome: only the verified and accepting answer accepts, and only what was checked is verified.

use kyckit::{
    ErrorKind, credify,
    credo360::{self, Method, User},
    identity::{Attribute, AttributeValue, Identity, Outcome, Reason, VerificationMethod},
    maya, selfkey,
    shuftipro::{self, decline::DeclineCode},
};
use serde_json::{Value, json};

use super::{
    NOW, application, credify_info, credo360_owner, credo360_report, maya_report, profile, selfkey_holder,
    selfkey_review, shared, shuftipro_report, unix, vector,
};

fn means<T: AttributeValue>(list: &[Attribute<T>]) -> Vec<VerificationMethod> {
    list.iter().map(|attribute| attribute.provenance().method()).collect()
}

fn proven(identity: &Identity) -> Vec<VerificationMethod> {
    identity.assurance().proven().map(|finding| finding.method()).collect()
}

fn is_any_verified(identity: &Identity) -> bool {
    identity.assurance().proven().next().is_some()
        || identity.names().iter().any(Attribute::is_verified)
        || identity.birth_dates().iter().any(Attribute::is_verified)
        || identity.birth_places().iter().any(Attribute::is_verified)
        || identity.nationalities().iter().any(Attribute::is_verified)
        || identity.genders().iter().any(Attribute::is_verified)
        || identity.contacts().iter().any(Attribute::is_verified)
        || identity.addresses().iter().any(Attribute::is_verified)
        || identity.documents().iter().any(Attribute::is_verified)
        || identity.work().iter().any(Attribute::is_verified)
        || identity.reputation().iter().any(Attribute::is_verified)
        || identity.identifiers().iter().any(Attribute::is_verified)
}

/// A body in which every check came to `1`, under this event.
pub fn everything_passed(event: &str) -> Value {
    let mut body = vector("shuftipro/accepted_document.json");
    body["event"] = event.into();
    body["verification_data"]["address"] =
        vector("shuftipro/accepted_address.json")["verification_data"]["address"].clone();
    for service in ["address", "background_checks", "phone", "ekyc"] {
        body["verification_result"][service] = match service {
            "address" => json!({"address_document": 1, "full_address": 1, "name": 1}),
            "ekyc" => json!({"ekyc": 1}),
            _ => json!(1),
        };
    }
    body
}

#[test]
fn of_shuftipro_only_the_accepting_event_accepts() {
    use Outcome::{Accepted, Declined, Expired, Pending};
    for (event, outcome, reasons) in [
        ("verification.accepted", Accepted, vec![]),
        ("verification.declined", Declined, vec![Reason::Unspecified]),
        ("verification.cancelled", Declined, vec![Reason::CancelledByPerson]),
        ("request.pending", Pending, vec![Reason::InProgress]),
        ("request.received", Pending, vec![Reason::InProgress]),
        ("review.pending", Pending, vec![Reason::ManualReview]),
        ("request.timeout", Expired, vec![Reason::NotFinishedInTime]),
        ("request.deleted", Expired, vec![Reason::Deleted]),
        ("request.data.changed", Pending, vec![Reason::StatusUnknown]),
        ("verification.status.changed", Pending, vec![Reason::StatusUnknown]),
        ("request.cancelled", Pending, vec![Reason::StatusUnknown]),
        ("verification.approved", Pending, vec![Reason::StatusUnknown]),
        ("VERIFICATION.ACCEPTED", Pending, vec![Reason::StatusUnknown]),
        ("verification.accepted ", Pending, vec![Reason::StatusUnknown]),
    ] {
        let report = shuftipro_report(&everything_passed(event)).expect("a report");
        let decision = report.decision();
        assert_eq!((decision.outcome(), decision.reasons()), (outcome, &reasons[..]), "{event}");
        assert_eq!(decision.is_accepted(), event == "verification.accepted", "{event}");
        assert_eq!(is_any_verified(report.identity()), event == "verification.accepted", "{event}");
        assert_eq!(*decision.provider(), shuftipro::PROVIDER);
        assert_eq!(decision.at(), unix(NOW));
        assert_eq!(report.source().event().as_str(), event, "the answer stays reachable");
    }
    for event in ["request.invalid", "request.unauthorized"] {
        let error = shuftipro_report(&everything_passed(event)).expect_err("no decision");
        let kind =
            if event == "request.invalid" { ErrorKind::InvalidRequest } else { ErrorKind::Authentication };
        assert_eq!((error.kind(), error.provider()), (kind, Some(shuftipro::PROVIDER)), "{event}");
    }
}

#[test]
fn of_shuftipro_a_person_who_has_a_page_to_open_has_to_act() {
    let report = shuftipro_report(&vector("shuftipro/request_pending.json")).expect("a report");
    assert_eq!(report.decision().outcome(), Outcome::NeedsAction);
    assert_eq!(report.decision().reasons(), [Reason::OpenVerification]);
}

#[test]
fn of_shuftipro_a_value_is_verified_by_its_own_check() {
    let report = shuftipro_report(&everything_passed("verification.accepted")).expect("a report");
    let identity = report.identity();
    let expected = [
        VerificationMethod::PossessionOfContact,
        VerificationMethod::DocumentChecked,
        VerificationMethod::AddressDocumentChecked,
        VerificationMethod::Liveness,
        VerificationMethod::FaceMatch,
        VerificationMethod::DatabaseMatch,
        VerificationMethod::SanctionsScreening,
    ];
    assert_eq!(proven(identity), expected);
    assert_eq!(means(identity.birth_dates()), [VerificationMethod::DocumentChecked]);
    // Its check is `""`: not asked for.
    assert_eq!(means(identity.genders()), [VerificationMethod::SelfAsserted]);
    // What the request said.
    assert_eq!(means(identity.contacts()), [VerificationMethod::SelfAsserted]);
    assert_eq!(means(identity.addresses()), [VerificationMethod::AddressDocumentChecked]);
    let document = &identity.documents()[0];
    assert!(document.is_verified());
    assert_eq!(document.value().number.as_ref().map(|number| number.expose().as_str()), Some("AB-1234567"));

    for (check, outcome, expected) in [
        ("dob", json!(0), VerificationMethod::CheckFailed),
        ("dob", json!(null), VerificationMethod::SelfAsserted),
        ("dob", json!(""), VerificationMethod::SelfAsserted),
        ("dob", json!(2), VerificationMethod::SelfAsserted),
        ("dob", json!("1"), VerificationMethod::DocumentChecked),
        // A document that is not genuine proves nothing of what stands on it.
        ("document", json!(0), VerificationMethod::CheckFailed),
        ("document", json!(null), VerificationMethod::SelfAsserted),
    ] {
        let mut body = everything_passed("verification.accepted");
        body["verification_result"]["document"][check] = outcome.clone();
        let identity = shuftipro_report(&body).expect("a report").identity().clone();
        assert_eq!(means(identity.birth_dates()), [expected], "{check} {outcome}");
        let checked = identity.assurance().proves(VerificationMethod::DocumentChecked);
        assert_eq!(checked, check != "document", "{check} {outcome}");
    }
}

#[test]
fn of_shuftipro_a_document_holds_until_it_expires() {
    let mut body = everything_passed("verification.accepted");
    body["verification_data"]["document"]["expiry_date"] = "2031-05-01".into();
    let report = shuftipro_report(&body).expect("a report");
    let provenance = report.identity().names().iter().find(|name| name.provenance().until().is_some());
    let provenance = provenance.expect("the document's name").provenance();
    assert!(provenance.is_verified_on("2031-05-01".parse().expect("a day")));
    assert!(!provenance.is_verified_on("2031-05-02".parse().expect("a day")));
    assert_eq!((provenance.read_at(), provenance.verified_at()), (unix(NOW), None));
}

#[test]
fn of_shuftipro_every_sample_answer_becomes_what_its_event_says() {
    let index = vector("shuftipro/index.json");
    let mut seen = 0;
    for file in index["files"].as_array().expect("files") {
        let name = file["file"].as_str().expect("a name");
        let body = vector(&format!("shuftipro/{name}"));
        let Some(event) = body["event"].as_str().filter(|_| file["kind"] != "request") else { continue };
        seen += 1;
        let report = match shuftipro_report(&body) {
            Ok(report) => report,
            Err(error) => {
                assert!(matches!(event, "request.invalid" | "request.unauthorized"), "{name}: {error}");
                continue;
            }
        };
        assert_eq!(report.decision().is_accepted(), event == "verification.accepted", "{name}");
        let verified = is_any_verified(report.identity());
        assert!(!verified || event == "verification.accepted", "{name}");
    }
    assert!(seen >= 30, "{seen} answers were read");
}

#[test]
fn of_shuftipro_remarks_do_not_change_what_was_accepted() {
    let warned = shuftipro_report(&vector("shuftipro/accepted_document_warnings.json")).expect("a report");
    assert!(warned.decision().is_accepted());
    assert_eq!(warned.decision().reasons(), [Reason::AcceptedWithWarnings]);
    // Those that are not of the documented form are not taken for none.
    for warnings in [
        json!(["x"]),
        json!("blurred"),
        json!({"document": [1]}),
        json!({"document": {"key": [true]}}),
        json!(7),
    ] {
        let report = shuftipro_report(&json!({
            "reference": "r-1", "event": "verification.accepted", "verification_result": {"face": 1}, "warnings": warnings,
        }));
        let report = report.expect("a decision");
        assert_eq!(report.decision().reasons(), [Reason::AcceptedWithWarnings], "{warnings}");
    }
    // The name was not processed.
    assert!(!warned.identity().names().iter().any(Attribute::is_verified));
    assert!(warned.identity().birth_dates().iter().all(Attribute::is_verified));

    let assessed = shuftipro_report(&vector("shuftipro/status_risk_assessment.json")).expect("a report");
    assert!(assessed.decision().is_accepted());
    assert_eq!(assessed.decision().reasons(), [Reason::PartNotAccepted]);
    assert_eq!(assessed.identity().reputation()[0].value().scale, "risk_score");
}

#[test]
fn of_shuftipro_declines_have_reasons_and_the_codes_stay() {
    let report = shuftipro_report(&vector("shuftipro/declined_aml_hits.json")).expect("a report");
    assert_eq!(report.decision().outcome(), Outcome::Declined);
    assert_eq!(report.decision().reasons(), [Reason::ScreeningMatch]);
    assert!(!report.decision().codes().is_empty());

    let mut body = everything_passed("verification.declined");
    body["declined_codes"] = json!(["SPDR08", "SPDR999", "SPDR08", "SPDR37"]);
    body["services_declined_codes"] = json!({"document": ["SPDR11", "SPDR08"]});
    body["verification_result"]["document"]["document_must_not_be_expired"] = json!(0);
    let report = shuftipro_report(&body).expect("a report");
    assert_eq!(
        report.decision().reasons(),
        [
            Reason::BirthDateMismatch,
            Reason::Unspecified,
            Reason::LivenessFailed,
            Reason::DocumentNumberMismatch,
            Reason::DocumentExpired,
        ]
    );
    assert_eq!(report.decision().codes(), ["SPDR08", "SPDR999", "SPDR37", "SPDR11"]);
}

/// The reasons follow the gists that the contract lists: a code has a reason exactly when it has a gist.
#[test]
fn of_shuftipro_every_code_with_a_text_has_a_reason() {
    for number in 0..1000 {
        let code = DeclineCode::from(format!("SPDR{number:02}"));
        assert_eq!(code.gist().is_some(), code.reason() != Reason::Unspecified, "{code}");
    }
    for (code, reason) in [
        ("SPDR34", Reason::ScreeningMatch),
        ("SPDR160", Reason::ScreeningMatch),
        ("SPDR129", Reason::BusinessScreeningMatch),
        ("SPDR266", Reason::NotFoundInDatabase),
        ("SPDR282", Reason::TestDocument),
        ("SPDR299", Reason::UnderAge),
        ("SPDR239", Reason::DocumentAltered),
        ("SPDR240", Reason::Unspecified),
        ("1001", Reason::Unspecified),
    ] {
        assert_eq!(DeclineCode::from(code).reason(), reason, "{code}");
    }
}

#[tokio::test]
async fn of_maya_only_exactly_kyc1_accepts() {
    use Outcome::{Accepted, NeedsAction, Pending};
    for (status, outcome, reasons) in [
        (json!("KYC1"), Accepted, vec![]),
        (json!("KYC0"), NeedsAction, vec![Reason::AccountNotVerified]),
        (json!(null), Pending, vec![Reason::StatusUnknown]),
        (json!("KYC2"), Pending, vec![Reason::StatusUnknown]),
        (json!("kyc1"), Pending, vec![Reason::StatusUnknown]),
        (json!("KYC1 "), Pending, vec![Reason::StatusUnknown]),
        (json!(""), Pending, vec![Reason::StatusUnknown]),
    ] {
        let mut profile = profile();
        profile["kycStatus"] = status.clone();
        let report = maya_report(&profile).await;
        let decision = report.decision();
        assert_eq!((decision.outcome(), decision.reasons()), (outcome, &reasons[..]), "{status}");
        assert_eq!((decision.is_accepted(), decision.at()), (status == "KYC1", unix(NOW)), "{status}");
        assert_eq!(*decision.provider(), maya::PROVIDER);
        // The customer has the account, whatever Maya knows of it; nothing else is proven without `KYC1`.
        let mut expected = vec![VerificationMethod::PossessionOfAccount];
        expected.extend((status == "KYC1").then_some(VerificationMethod::Attested));
        assert_eq!(proven(report.identity()), expected, "{status}");
        assert_eq!(report.identity().names()[0].is_verified(), status == "KYC1", "{status}");
        assert_eq!(report.source().raw().expose(), &profile, "the profile stays reachable");
    }
}

#[tokio::test]
async fn of_maya_a_value_is_verified_by_its_own_status() {
    let report = maya_report(&profile()).await;
    let identity = report.identity();
    assert_eq!(means(identity.names()), [VerificationMethod::Attested]);
    assert_eq!(means(identity.birth_dates()), [VerificationMethod::Attested]);
    assert_eq!(
        identity.birth_dates()[0].value().0.expose().to_string(),
        "1980-05-01",
        "the month comes first"
    );
    assert_eq!(means(identity.nationalities()), [VerificationMethod::Attested]);
    assert_eq!(means(identity.addresses()), [VerificationMethod::Attested]);
    assert_eq!(means(identity.work()), [VerificationMethod::Attested]);
    let document = &identity.documents()[0];
    assert_eq!(document.provenance().until().map(|day| day.to_string()).as_deref(), Some("2033-01-02"));
    let mail = |address: &str| {
        let contact = identity.contacts().iter().find(|contact| contact.value().value.expose() == address);
        contact.expect("a contact").provenance().method()
    };
    assert_eq!(
        (mail("ana@example.com"), mail("old@example.com")),
        (VerificationMethod::Attested, VerificationMethod::SelfAsserted)
    );

    for (status, expected) in [
        (json!("FAILED"), VerificationMethod::CheckFailed),
        (json!(null), VerificationMethod::SelfAsserted),
        (json!("PENDING"), VerificationMethod::SelfAsserted),
        (json!("passed"), VerificationMethod::SelfAsserted),
    ] {
        let mut profile = profile();
        profile["name"]["verificationStatus"] = status.clone();
        assert_eq!(means(maya_report(&profile).await.identity().names()), [expected], "{status}");
    }
    let bare = maya_report(&json!({"id": "a"})).await;
    assert_eq!(bare.decision().outcome(), Outcome::Pending);
    assert!(bare.identity().names().is_empty());
}

#[tokio::test]
async fn of_credo360_only_an_identity_check_of_a_valid_owner_accepts() {
    let sample = vector("credo360/user.json");
    let report = credo360_report(&sample).await;
    assert!(report.decision().is_accepted());
    assert_eq!(*report.decision().provider(), credo360::PROVIDER);
    assert_eq!(report.source().user().verifications.len(), 8, "the user stays reachable");
    // Nothing says that the name in the profile belongs to the number that was checked.
    assert_eq!(means(report.identity().names()), [VerificationMethod::SelfAsserted]);
    assert_eq!(means(report.identity().addresses()), [VerificationMethod::SelfAsserted]);
    assert!(report.identity().assurance().proves(VerificationMethod::DatabaseMatch));
    assert!(
        !report.identity().assurance().proves(VerificationMethod::DocumentChecked),
        "no document was checked"
    );

    // Each other kind alone, also an unknown one: an account is not an identity.
    for kind in [
        "email",
        "phone",
        "facebook",
        "linkedIn",
        "reddit",
        "twitter",
        "dwolla",
        "coinbase",
        "passport",
        "Blockscore",
    ] {
        let mut user = sample.clone();
        user["verifications"] = json!({kind: {"verifiedOn": 1_524_046_183_116_u64, "score": 100}});
        let report = credo360_report(&user).await;
        assert_eq!(report.decision().outcome(), Outcome::NeedsAction, "{kind}");
        assert_eq!(report.decision().reasons(), [Reason::IdentityNotChecked], "{kind}");
        let proven = proven(report.identity());
        let possession = [VerificationMethod::PossessionOfAccount, VerificationMethod::PossessionOfContact];
        assert!(proven.iter().all(|means| possession.contains(means)), "{kind}: {proven:?}");
    }

    for (status, outcome, reason) in [
        ("suspended", Outcome::Declined, Reason::AccountSuspended),
        ("deactivated", Outcome::Declined, Reason::AccountDeactivated),
        ("frozen", Outcome::Pending, Reason::StatusUnknown),
        ("Valid", Outcome::Pending, Reason::StatusUnknown),
    ] {
        let mut user = sample.clone();
        user["handle"]["status"] = status.into();
        let report = credo360_report(&user).await;
        assert_eq!(
            (report.decision().outcome(), report.decision().reasons()),
            (outcome, &[reason][..]),
            "{status}"
        );
        assert_eq!(
            proven(report.identity()),
            [VerificationMethod::PossessionOfAccount],
            "{status}: of a barred account"
        );
    }
}

#[tokio::test]
async fn of_credo360_a_signature_also_proves_a_key_and_everything_has_its_time() {
    let owner = credo360_owner(&vector("credo360/user.json"), Method::Signature).await;
    let identity = owner.identity();
    let finding =
        |means| identity.assurance().proven().find(|finding| finding.method() == means).expect("proven");
    assert_eq!(finding(VerificationMethod::PossessionOfKey).verified_at(), Some(unix(NOW)));
    let checked = finding(VerificationMethod::DatabaseMatch);
    assert_eq!(checked.verified_at(), Some(unix(1_510_957_768)), "cut down to seconds");
    assert_eq!((checked.read_at(), checked.until()), (unix(NOW), None), "it holds at the moment of reading");
}

#[test]
fn of_credo360_a_user_without_proven_ownership_proves_nothing() {
    let user: User = serde_json::from_value(vector("credo360/user.json")).expect("a user");
    let identity = user.identity(unix(NOW));
    assert!(!identity.names().is_empty() && !identity.identifiers().is_empty());
    assert!(!is_any_verified(&identity));
}

#[tokio::test]
async fn of_selfkey_only_an_approved_application_accepts() {
    use Outcome::{Accepted, Declined, NeedsAction, Pending};
    // The contract's table of statuses.
    for (status, outcome, reason) in [
        (0, Pending, Reason::InProgress),
        (1, Pending, Reason::InProgress),
        (3, Declined, Reason::Unspecified),
        (4, Pending, Reason::ManualReview),
        (5, Pending, Reason::InProgress),
        (6, Pending, Reason::InProgress),
        (7, Declined, Reason::RefusedByPerson),
        (8, Declined, Reason::CancelledByPerson),
        (9, NeedsAction, Reason::MoreInformationNeeded),
        (10, Pending, Reason::InProgress),
        (11, NeedsAction, Reason::OpenVerification),
        (12, Pending, Reason::ManualReview),
        (13, Pending, Reason::InProgress),
        (14, Pending, Reason::ManualReview),
        (15, Pending, Reason::ManualReview),
        (16, Pending, Reason::InProgress),
        (17, Pending, Reason::StatusUnknown),
        (-2, Pending, Reason::StatusUnknown),
        (202, Pending, Reason::StatusUnknown),
    ] {
        let report = selfkey_review(&application(&json!(status))).await;
        let decision = report.decision();
        assert_eq!((decision.outcome(), decision.reasons()), (outcome, &[reason][..]), "{status}");
        assert_eq!(decision.codes(), [status.to_string()]);
        assert!(!is_any_verified(report.identity()), "{status}");
        assert!(!report.identity().names().is_empty(), "{status}: what was handed in is there");
    }
    let unknown = selfkey_review(&application(&json!(null))).await;
    assert_eq!(unknown.decision().outcome(), Outcome::Pending);

    let approved = selfkey_review(&application(&json!(2))).await;
    assert_eq!(approved.decision().outcome(), Accepted);
    assert_eq!((approved.decision().reasons(), approved.decision().at()), (&[][..], unix(NOW)));
    assert_eq!(*approved.decision().provider(), selfkey::PROVIDER);
    assert_eq!(approved.source().application().raw().expose(), &application(&json!(2)), "it stays reachable");
    let identity = approved.identity();
    assert_eq!(proven(identity), [VerificationMethod::Attested]);
    assert_eq!(means(identity.names()), [VerificationMethod::Attested]);
    assert_eq!(means(identity.birth_dates()), [VerificationMethod::Attested]);
    assert_eq!(means(identity.nationalities()), [VerificationMethod::Attested]);
    assert_eq!(means(identity.contacts()), [VerificationMethod::Attested]);
    assert_eq!(means(identity.addresses()), [VerificationMethod::Attested]);
    let document = &identity.documents()[0];
    assert_eq!(document.provenance().until().map(|day| day.to_string()).as_deref(), Some("2030-01-01"));
    assert_eq!(document.value().issued.map(|day| day.expose().to_string()).as_deref(), Some("2020-01-02"));
}

#[tokio::test]
async fn of_selfkey_an_attribute_that_is_called_invalid_has_failed_and_its_name_with_it() {
    let mut invalid = application(&json!(2));
    invalid["attributes"]["a"]["valid"] = json!(false);
    let report = selfkey_review(&invalid).await;
    assert_eq!(
        means(report.identity().names()),
        [VerificationMethod::CheckFailed],
        "a name is as good as its worst part"
    );
    assert_eq!(means(report.identity().birth_dates()), [VerificationMethod::Attested]);
}

#[tokio::test]
async fn of_selfkey_another_application_is_no_review() {
    use kyckit::{
        selfkey::kyc_chain::Client,
        transport::{MockResponse, MockTransport, Options},
    };
    let mut other = application(&json!(2));
    other["id"] = "A2".into();
    let memory = MockTransport::new([MockResponse::json(200, other.to_string())]);
    let client =
        Client::builder("https://kyc.example", "api-key").options(Options::new().transport(memory.clone()));
    let error = client.build().expect("good settings").review("A1").await.expect_err("another one");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Provider, Some("answer.application")));
    assert_eq!(error.operation(), Some("review"));
    assert_eq!(memory.sent()[0].url.path(), "/integrations/v2/applications/A1");
}

#[test]
fn of_selfkey_a_wallet_proves_a_key_and_no_identity() {
    let report = selfkey_holder().into_report(unix(NOW));
    assert_eq!(report.decision().outcome(), Outcome::NeedsAction);
    assert_eq!(report.decision().reasons(), [Reason::IdentityNotChecked]);
    assert_eq!(proven(report.identity()), [VerificationMethod::PossessionOfKey]);
    let did = &report.identity().identifiers()[0];
    assert_eq!((did.value().kind.as_str(), did.is_verified()), ("did", true));
    assert_eq!(did.value().value.expose(), "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347");
    assert!(report.identity().names().is_empty());
}

#[tokio::test]
async fn of_credify_only_required_scopes_with_checked_signatures_accept() {
    use Outcome::{Accepted, NeedsAction, Pending};
    let all: &'static [&'static str] = &["profile", "phone", "email", "address"];
    for (required, known, outcome, reasons) in [
        (&["profile", "phone"][..], all, Accepted, vec![]),
        (&["profile", "phone"], &["profile", "phone"], Accepted, vec![]),
        (&["profile", "phone"], &["profile"], Pending, vec![Reason::SignatureNotVerified]),
        (&["profile"], &[], Pending, vec![Reason::SignatureNotVerified]),
        (&["profile", "income"], all, NeedsAction, vec![Reason::ConsentMissing]),
        (&["PROFILE"], all, NeedsAction, vec![Reason::ConsentMissing]),
        (&[], all, NeedsAction, vec![Reason::IdentityNotChecked]),
    ] {
        let report = credify_info(&shared(), known).await.into_report(required, unix(NOW));
        let decision = report.decision();
        assert_eq!(
            (decision.outcome(), decision.reasons()),
            (outcome, &reasons[..]),
            "{required:?} of {known:?}"
        );
        assert_eq!((decision.at(), decision.provider() == &credify::PROVIDER), (unix(NOW), true));
        let identity = report.identity();
        let means_of = |scope: &str| {
            if known.contains(&scope) {
                VerificationMethod::Attested
            } else {
                VerificationMethod::SelfAsserted
            }
        };
        assert_eq!(means(identity.names()), [means_of("profile")], "{known:?}");
        assert_eq!(means(identity.birth_dates()), [means_of("profile")], "{known:?}");
        assert_eq!(means(identity.addresses()), [means_of("address")], "{known:?}");
        assert_eq!(identity.contacts().len(), 2);
        assert_eq!(identity.assurance().proves(VerificationMethod::Attested), !known.is_empty());
        // The response around the scopes is not signed.
        assert!(!identity.identifiers()[0].is_verified());
        assert!(report.source().scope("profile").is_some(), "the answer stays reachable");
    }
}

#[tokio::test]
async fn of_credify_unsigned_claims_prove_nothing() {
    use kyckit::credify::{claims::Claims, encryption::encrypt_fields, userinfo::UserInfoReader};
    let claims = Claims::from_value(shared()).expect("claims");
    let key = super::CONSUMER.encryption_key().expect("a key");
    let body = encrypt_fields(&claims, &key).expect("encrypted");
    let keys = super::MarketOf(&["profile", "phone", "email", "address"]);
    let info = UserInfoReader::new(&super::CONSUMER).verify_with(&keys).read(body).await.expect("an answer");
    let report = info.into_report(&["profile"], unix(NOW));
    assert_eq!(report.decision().reasons(), [Reason::SignatureNotVerified]);
    assert!(!report.identity().names().is_empty() && !is_any_verified(report.identity()));
}
