//! Tokens: what is signed is what was asked for, and what is refused says why.

use std::time::{Duration, SystemTime};

use kyckit::{
    ErrorKind,
    clock::Clock,
    credify::{
        claims::Claims,
        keys::{EncryptionKey, SigningKey, VerifyingKey},
        token::{
            RequestToken,
            claim::{ClaimSigner, Commitment, Commitments, ScopeHashMode, VerifiedClaimToken},
        },
    },
    privacy::Secret,
};
use serde_json::json;

const MARKET: &str = "40f9a736-0d97-409b-a0f7-d23ebca20bde";
const USER: &str = "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512";

fn clock() -> Clock {
    Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(1_664_236_800)).0
}

fn claims() -> Claims {
    Claims::new().phone("+84381234567").email("test@credify.one").custom("u:s", [("v:c", "12")])
}

fn sign(mode: ScopeHashMode) -> (Vec<String>, Commitments, VerifyingKey) {
    let key = SigningKey::generate(&clock()).expect("a key");
    let public = key.verifying_key();
    let commitments = Commitments::generate(&claims(), &clock()).expect("commitments");
    let signer = ClaimSigner::new(key, MARKET).with_mode(mode);
    let tokens = signer.sign(USER, &claims(), &commitments, &clock()).expect("signed");
    (tokens.into_iter().map(|token| token.into_exposed()).collect(), commitments, public)
}

#[test]
fn the_receiver_of_one_scope_can_check_it_alone() {
    let (tokens, commitments, key) = sign(ScopeHashMode::PerScope);
    let shared = claims().only(&["u:s"]).with_commitments(&commitments).expect("commitments");
    let token = VerifiedClaimToken::read(&tokens[2], &key).expect("verified");
    assert_eq!((token.provider_id(), *token.user_id().expose(), token.scope()), (MARKET, USER, "u:s"));
    assert_eq!(token.issued_at(), 1_664_236_740);
    assert_eq!(token.matches(&shared, &ScopeHashMode::ALL), Some(ScopeHashMode::PerScope));
    assert_eq!(token.matches(&shared, &[ScopeHashMode::WholeObject, ScopeHashMode::Legacy101]), None);

    let other = Claims::new().custom("u:s", [("v:c", "13")]).with_commitments(&commitments).expect("them");
    assert_eq!(token.matches(&other, &ScopeHashMode::ALL), None);
    assert_eq!(token.matches(&claims(), &ScopeHashMode::ALL), None, "without the commitment");
}

#[test]
fn the_other_modes_are_found_by_a_verifier_that_is_given_them() {
    for mode in ScopeHashMode::ALL {
        let (tokens, commitments, key) = sign(mode);
        let shared = claims().with_commitments(&commitments).expect("commitments");
        for token in &tokens {
            let token = VerifiedClaimToken::read(token, &key).expect("verified");
            let commitment = commitments.get(token.scope()).expect("a commitment");
            assert_eq!(token.matches_with(&claims(), commitment, &ScopeHashMode::ALL), Some(mode));
            // The legacy form names the commitment in another way where a scope has no colon.
            assert_eq!(
                token.matches(&shared, &[mode]).is_some(),
                mode != ScopeHashMode::Legacy101 || token.scope() == "u:s"
            );
        }
    }
}

#[test]
fn a_claim_token_of_another_market_or_without_a_member_is_refused() {
    let (tokens, ..) = sign(ScopeHashMode::PerScope);
    let other = SigningKey::generate(&Clock::system()).expect("a key");
    let error = VerifiedClaimToken::read(&tokens[0], &other.verifying_key()).expect_err("refused");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Signature, Some("signature.mismatch")));
    let request = RequestToken { client_id: MARKET, encryption_key: None, scopes: &["openid"] };
    let token = request.sign(&other, &clock()).expect("signed");
    let error = VerifiedClaimToken::read(token.expose(), &other.verifying_key()).expect_err("refused");
    assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some("user_id")));
}

#[test]
fn commitments_are_random_and_survive_being_kept() {
    let commitments = Commitments::generate(&claims(), &Clock::system()).expect("commitments");
    let texts: Vec<_> = commitments.iter().map(|(_, commitment)| commitment.expose().to_owned()).collect();
    assert!(texts.iter().all(|text| text.len() == 43));
    assert!(texts[0] != texts[1] && texts[1] != texts[2]);
    let kept = serde_json::to_string(&commitments).expect("JSON");
    let read: Commitments = serde_json::from_str(&kept).expect("read");
    assert_eq!(read.iter().map(|(scope, _)| scope).collect::<Vec<_>>(), ["phone", "email", "u:s"]);
    assert_eq!(read.get("email").map(Commitment::expose), Some(texts[1].as_str()));
    assert!(serde_json::from_value::<Commitments>(json!({"a": 1})).is_err());
}

#[test]
fn a_scope_without_a_commitment_is_neither_signed_nor_shared() {
    let some = Commitments::generate(&Claims::new().phone("1"), &clock()).expect("commitments");
    let signer = ClaimSigner::new(SigningKey::generate(&clock()).expect("a key"), MARKET);
    let error = signer.sign(USER, &claims(), &some, &clock()).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(claims().with_commitments(&some).expect_err("refused").kind(), ErrorKind::InvalidRequest);
}

#[test]
fn keys_of_the_wrong_kind_are_refused() {
    // Published with the provider's libraries.
    let ed25519 = "MC4CAQAwBQYDK2VwBCIEIPqO4b4UtXSaWGp5u38rCXYu4/LdbaSk7lD46LtRUu44";
    let key = SigningKey::new(&Secret::from(ed25519), None).expect("a key");
    let public = key.verifying_key();
    for error in [
        EncryptionKey::new(&public.to_pem()).expect_err("refused"),
        EncryptionKey::new(&public.to_base64url()).expect_err("refused"),
        VerifyingKey::new(ed25519).expect_err("refused"),
        VerifyingKey::new(key.to_pem().expect("PEM").expose()).expect_err("refused"),
        SigningKey::new(&Secret::from(public.to_pem()), None).expect_err("refused"),
        SigningKey::new(&Secret::from("!"), None).expect_err("refused"),
        key.to_encrypted_pem(&Secret::from(""), &clock()).expect_err("refused"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    }
}

#[test]
fn a_request_without_openid_is_not_signed() {
    let key = SigningKey::generate(&clock()).expect("a key");
    for scopes in [&[][..], &["phone"], &["openid phone"]] {
        let request = RequestToken { client_id: "c", encryption_key: None, scopes };
        let error = request.sign(&key, &clock()).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}
