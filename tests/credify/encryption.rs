//! Encrypted claims and userinfo answers.
use kyckit::{
    Error, ErrorKind,
    clock::Clock,
    credify::{
        aggregated::AggregatedClaims,
        claims::{Claims, Profile, ProfileItem, commitment_member},
        encryption::{self, ClaimsFormat},
        keys::{EncryptionKey, VerifyingKey},
        token::{
            claim::{Commitment, Commitments},
            disbursement::{Disbursement, VerifiedDocuments, document},
        },
        userinfo::{ProviderKeys, ScopeClaims, ScopeKeys, UserInfo, UserInfoReader},
    },
    verified::Verified,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Known, MARKET, OTHER_RSA, RSA, USER, clock, nested, signing_key};

fn public() -> EncryptionKey {
    RSA.encryption_key().expect("the public half")
}

const HISTORY: &str = "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:market-name-history-data";
const SCORE: &str = "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:market-name%20score";

/// What the composer of the provider's guide makes.
fn composed() -> Claims {
    let claims = Claims::new()
        .custom(
            HISTORY,
            [
                ("3285592c-9aaf-4182-bff5-941ce5dac483:purchase-count", "12"),
                ("3285592c-9aaf-4182-bff5-941ce5dac483:total-payment-amount", "100000"),
            ],
        )
        .custom(SCORE, [("3285592c-9aaf-4182-bff5-941ce5dac483:market-name%20score", "88")]);
    let commitments = Commitments::from_pairs(
        [HISTORY, SCORE].map(|scope| (scope.to_owned(), Commitment::new("some random value"))),
    );
    claims.with_commitments(&commitments).expect("commitments")
}

#[test]
fn the_composer_of_the_guide_is_built() {
    let expected = json!({
        "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:market-name-history-data": {
            "3285592c-9aaf-4182-bff5-941ce5dac483:purchase-count": "12",
            "3285592c-9aaf-4182-bff5-941ce5dac483:total-payment-amount": "100000",
            "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:market-name-history-data:commitment": "some random value",
        },
        "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:market-name%20score": {
            "3285592c-9aaf-4182-bff5-941ce5dac483:market-name%20score": "88",
            "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:market-name%20score:commitment": "some random value",
        },
    });
    let built = composed();
    assert_eq!(built.to_value().expose().to_string(), expected.to_string());
    assert_eq!(Claims::from_value(expected).expect("claims"), built);
}

/// `_claim_names` of the guide's answer.
fn names() -> Value {
    json!({
        "3285592c-9aaf-4182-bff5-941ce5dac483:purchase-count": HISTORY,
        "3285592c-9aaf-4182-bff5-941ce5dac483:total-payment-amount": HISTORY,
        "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:market-name-history-data:commitment": HISTORY,
        "3285592c-9aaf-4182-bff5-941ce5dac483:market-name%20score": SCORE,
        "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:market-name%20score:commitment": SCORE,
    })
}

#[tokio::test]
async fn the_answer_of_the_guide_is_built_and_read_under_both_names_of_its_second_member() {
    let mut answer =
        encryption::encrypt(&composed(), ClaimsFormat::Aggregated, &public(), &signing_key("market"))
            .expect("encrypted");
    assert_eq!(answer["_claim_names"].to_string(), names().to_string());
    let sources = answer["_claim_sources"].as_object().expect("sources").clone();
    assert_eq!(sources.keys().collect::<Vec<_>>(), [HISTORY, SCORE]);
    for source in sources.values() {
        assert_eq!(source["JWT"].as_str().expect("a token").split('.').count(), 5);
    }
    let read = |answer: Value| async move {
        let info = UserInfoReader::new(&RSA).read(answer).await.expect("read");
        Claims::from_value(json!({
            HISTORY: info.scope(HISTORY).expect("shared").expose(),
            SCORE: info.scope(SCORE).expect("shared").expose(),
        }))
        .expect("claims")
    };
    assert_eq!(read(answer.clone()).await, composed());
    let members = answer.as_object_mut().expect("an object");
    let sources = members.remove("_claim_sources").expect("sources");
    members.insert("_claim_resources".to_owned(), sources);
    assert_eq!(read(answer.clone()).await, composed());
    let aggregated = AggregatedClaims::read(&answer).expect("read").expect("aggregated");
    assert_eq!(aggregated.source_of("3285592c-9aaf-4182-bff5-941ce5dac483:purchase-count"), Some(HISTORY));
    assert_eq!(aggregated.names().count(), 5);
    assert_eq!(aggregated.sources().map(|(source, _)| source).collect::<Vec<_>>(), [HISTORY, SCORE]);
}

#[test]
fn aggregated_claims_of_another_form_are_refused() {
    for (value, path) in [
        (json!({"_claim_names": []}), "_claim_names"),
        (json!({"_claim_names": {"a": 1}}), "_claim_names"),
        (json!({"_claim_names": {}}), "_claim_sources"),
        (json!({"_claim_names": {}, "_claim_sources": {"s": "x"}}), "_claim_sources"),
        (json!({"_claim_names": {}, "_claim_sources": {"s": {"endpoint": "https://x"}}}), "_claim_sources"),
    ] {
        let error = AggregatedClaims::read(&value).expect_err("refused");
        assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some(path)), "{value}");
    }
    assert_eq!(AggregatedClaims::read(&json!({"sub": "x"})).expect("read"), None);
}

#[test]
fn basic_scopes_have_the_layout_of_the_reference_market() {
    let claims = Claims::new()
        .phone("+84381234567")
        .profile(Profile {
            family_name: Some("Nguyễn"),
            given_name: Some("Minh Long"),
            birthdate: Some("1991-12-25"),
            gender: None,
        })
        .email("test@credify.one")
        .address("194 Đ. Nguyễn Công Trứ");
    let expected = json!({
        "phone": {"phone_number": "+84381234567"},
        "profile": {"family_name": "Nguyễn", "given_name": "Minh Long", "birthdate": "1991-12-25"},
        "email": {"email": "test@credify.one"},
        "address": {"address": {"formatted": "194 Đ. Nguyễn Công Trứ"}},
    });
    assert_eq!(claims.to_value().expose().to_string(), expected.to_string());
    assert_eq!(claims.only(&["email", "openid", "phone"]).scopes().collect::<Vec<_>>(), ["phone", "email"]);
    assert_eq!(commitment_member("credit-score"), "credit-score_commitment");

    assert_eq!(
        ProfileItem::list(" Phone,EMAIL,dob ").expect("items"),
        [ProfileItem::Phone, ProfileItem::Email, ProfileItem::Dob]
    );
    assert_eq!(ProfileItem::list("").expect("none"), []);
    assert_eq!(ProfileItem::list("phone,fax").expect_err("refused").kind(), ErrorKind::Configuration);
    assert_eq!(ProfileItem::Gender.scope(), "profile");
}

#[test]
fn what_is_no_claims_object_is_refused() {
    let object = |inner: Value| Value::Object([("a".to_owned(), inner)].into_iter().collect());
    let deep = object(object(nested(10_000)));
    for value in [json!(null), json!([]), json!({"s": null}), json!({"s": "x"}), deep] {
        assert_eq!(Claims::from_value(value).expect_err("refused").kind(), ErrorKind::InvalidRequest);
    }
    for scope in [json!(1), object(nested(127)), object(nested(10_000))] {
        let error = Claims::new().scope("s", scope).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    assert!(Claims::new().scope("s", object(nested(126))).is_ok());
}

/// Gives every scope the same key, or none.
struct Keys(Option<VerifyingKey>);

impl ScopeKeys for Keys {
    async fn signing_key(&self, _: &str) -> Result<Option<VerifyingKey>, Error> {
        Ok(self.0.clone())
    }
}

async fn read(body: &Value, keys: &impl ScopeKeys) -> Result<UserInfo, Error> {
    UserInfoReader::new(&RSA).verify_with(keys).read(body.clone()).await
}

#[tokio::test]
async fn a_scope_is_verified_only_by_the_key_of_its_market() {
    let claims = Claims::new().phone("+84381234567").custom(format!("{MARKET}:tier"), [("c", "gold")]);
    let body = encryption::encrypt_aggregated(&claims, &public(), &signing_key("market")).expect("encrypted");
    let tier = format!("{MARKET}:tier");

    let unknown = read(&body, &Keys(None)).await.expect("read");
    assert!(unknown.verified("phone").is_none());
    assert!(matches!(unknown.scope("phone"), Some(ScopeClaims::Unverified(_))));

    let checked = read(&body, &Keys(Some(signing_key("market").verifying_key()))).await.expect("read");
    let phone = checked.verified("phone").expect("verified");
    assert_eq!(phone.expose()["phone_number"], "+84381234567");
    assert_eq!(Verified::proof(phone).rule, "EdDSA");

    let forged = read(&body, &Keys(Some(signing_key("user").verifying_key()))).await.expect_err("refused");
    assert_eq!((forged.kind(), forged.check()), (ErrorKind::Signature, Some("signature.mismatch")));
    assert_eq!(forged.operation(), Some("userinfo"));

    // The market's id is in the name of a custom scope, and nowhere in that of a standard one.
    let by_name = read(&body, &ProviderKeys::new(&Known)).await.expect("read");
    assert!(by_name.verified(&tier).is_some() && by_name.verified("phone").is_none());
    let named = ProviderKeys::new(&Known).standard_scopes_of(MARKET);
    assert!(read(&body, &named).await.expect("read").verified("phone").is_some());
    let unknown = Claims::new().custom("11111111-1111-4111-8111-111111111111:x", [("a", "b")]);
    let unknown =
        encryption::encrypt_aggregated(&unknown, &public(), &signing_key("market")).expect("encrypted");
    let error = read(&unknown, &ProviderKeys::new(&Known)).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn claims_that_nobody_signed_stay_unverified_whatever_key_is_known() {
    let keys = Keys(Some(signing_key("market").verifying_key()));
    let token = public().encrypt_token(r#"{"phone_number":"+1"}"#).expect("encrypted");
    let aggregated = AggregatedClaims::new().with_source("phone", token, ["phone_number"]).to_value();
    let info = read(&aggregated, &keys).await.expect("read");
    assert!(info.verified("phone").is_none() && info.scope("phone").is_some());

    let fields = encryption::encrypt_fields(&Claims::new().phone("+1"), &public()).expect("encrypted");
    let info = read(&fields, &keys).await.expect("read");
    assert_eq!(info.format(), ClaimsFormat::FieldByField);
    assert!(info.verified("phone").is_none() && info.scope("phone").is_some());
}

#[tokio::test]
async fn a_market_does_not_speak_for_the_provider() {
    let token = public().encrypt_token(r#"{"a":"b"}"#).expect("encrypted");
    for scope in ["sub", "transaction_id", "_claim_names", "iss"] {
        let body = AggregatedClaims::new().with_source(scope, token.as_str(), ["a"]).to_value();
        let error = read(&body, &Keys(None)).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Decode, "{scope}");
    }
}

#[tokio::test]
async fn what_the_protocol_says_is_read_beside_the_claims() {
    let mut body = encryption::encrypt_fields(&Claims::new().phone("+1"), &public()).expect("encrypted");
    body["sub"] = json!(USER);
    body["transaction_id"] = json!("tx-1");
    body["exp"] = json!(5);
    let info = UserInfoReader::new(&RSA).read(body).await.expect("read");
    assert_eq!(info.subject().map(|id| *id.expose()), Some(USER));
    assert_eq!(info.transaction_id(), Some("tx-1"));
    assert_eq!(info.scopes().map(|(scope, _)| scope).collect::<Vec<_>>(), ["phone"]);
    assert_eq!(info.to_unverified_value().expose()["exp"], 5);
}

#[tokio::test]
async fn quotes_go_unless_they_are_to_be_kept() {
    let claims = Claims::new().scope("s", json!({"a": "\"12\"", "l": ["\"x\""]})).expect("claims");
    let body = encryption::encrypt_fields(&claims, &public()).expect("encrypted");
    let removed = UserInfoReader::new(&RSA).read(body.clone()).await.expect("read");
    assert_eq!(*removed.scope("s").expect("s").expose(), json!({"a": "12", "l": ["\"x\""]}));
    let kept = UserInfoReader::new(&RSA).keep_quotes().read(body).await.expect("read");
    assert_eq!(kept.scope("s").expect("s").expose(), claims.get("s").expect("s").into_exposed());
}

#[tokio::test]
async fn answers_that_are_not_for_this_key_or_no_answers_are_refused() {
    let body = encryption::encrypt_fields(&Claims::new().phone("+1"), &public()).expect("encrypted");
    let error = UserInfoReader::new(&OTHER_RSA).read(body).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Decryption);
    for body in [json!(null), json!([]), json!("x")] {
        let error = UserInfoReader::new(&RSA).read(body).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Decode);
    }
    let deep = Value::Object([("a".to_owned(), nested(10_000))].into_iter().collect());
    let error = UserInfoReader::new(&RSA).read(deep).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let token = public().encrypt_token("[1]").expect("encrypted");
    let body = AggregatedClaims::new().with_source("s", token, ["a"]).to_value();
    assert_eq!(UserInfoReader::new(&RSA).read(body).await.expect_err("refused").kind(), ErrorKind::Decode);
}

#[test]
fn every_way_in_which_decryption_fails_is_told_alike() {
    let good = public().encrypt("text").expect("encrypted");
    let tampered = format!("A{}", &good[1..]);
    let texts: Vec<String> = [
        "***",
        "",
        "AAAA",
        &good[..good.len() - 4],
        &tampered,
        &OTHER_RSA.encryption_key().expect("the public half").encrypt("text").expect("encrypted"),
    ]
    .iter()
    .map(|text| RSA.decrypt(text).expect_err("refused").to_string())
    .collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
}

#[test]
fn documents_are_signed_encrypted_and_read_again() {
    let order = "c705f5bb-2e2f-4b90-a65d-633a3365f7de";
    let claims = document(Claims::new(), order, "invoice", "pdf", "JVBERiBpbnZvaWNl").expect("claims");
    let claims = document(claims, order, "delivery", "pdf", "JVBERiBkZWxpdmVyeQ==").expect("claims");
    let commitments = Commitments::generate(&claims, &Clock::system()).expect("commitments");
    let claims = claims.with_commitments(&commitments).expect("commitments");
    let public = public();
    let (key, market) = (signing_key("market"), signing_key("market").verifying_key());
    for (encryption_key, private) in [(None, None), (Some(&public), Some(&*RSA))] {
        let disbursement =
            Disbursement { provider_id: MARKET, entity_id: USER, claims: &claims, encryption_key };
        let answer = disbursement.answer(&key, &clock()).expect("an answer");
        let read = VerifiedDocuments::read(&answer, &market, private).expect("documents");
        assert_eq!((read.order_id(), read.provider_id(), *read.user_id().expose()), (order, MARKET, USER));
        let documents: Vec<_> = read
            .documents()
            .iter()
            .map(|one| (one.name.as_str(), one.content_type.as_str(), one.content.expose().as_str()))
            .collect();
        assert_eq!(
            documents,
            [("invoice", "pdf", "JVBERiBpbnZvaWNl"), ("delivery", "pdf", "JVBERiBkZWxpdmVyeQ==")]
        );
        let commitment = read.documents()[0].commitment.as_deref();
        assert_eq!(commitment, commitments.iter().next().map(|(_, commitment)| commitment.expose()));
        let error = VerifiedDocuments::read(&answer, &signing_key("user").verifying_key(), private);
        assert_eq!(error.expect_err("refused").kind(), ErrorKind::Signature);
    }
}

#[test]
fn documents_of_two_orders_or_none_are_not_answered() {
    let two = document(Claims::new(), "1", "invoice", "pdf", "QQ==").expect("claims");
    let two = document(two, "2", "invoice", "pdf", "QQ==").expect("claims");
    for claims in [Claims::new(), two, Claims::new().phone("+1")] {
        let disbursement =
            Disbursement { provider_id: MARKET, entity_id: USER, claims: &claims, encryption_key: None };
        let error = disbursement.answer(&signing_key("market"), &clock()).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    assert!(document(Claims::new(), "1:2", "invoice", "pdf", "QQ==").is_err());
    assert!(document(Claims::new(), "", "invoice", "pdf", "QQ==").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn texts_of_any_length_survive_the_blocks(text in ".{0,500}") {
        let encrypted = public().encrypt(&text).expect("encrypted");
        prop_assert_eq!(RSA.decrypt(&encrypted).expect("opened").into_exposed(), text);
    }
}
