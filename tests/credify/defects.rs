//! Defects of the provider's own code that must not come back, by the number that its contract gives them. Here are
//! those of cryptography and tokens; the client's are beside its calls.

use kyckit::{
    ErrorKind,
    clock::Clock,
    credify::{
        claims::Claims,
        encryption,
        keys::SigningKey,
        money::{Currency, Money},
        token::claim::{ClaimSigner, Commitments, ScopeHashMode, VerifiedClaimToken},
        userinfo::UserInfoReader,
    },
    privacy::Secret,
};
use serde_json::json;

use crate::support::{HEADER, MARKET, RSA, USER, clock, forge, signing_key};

#[test]
fn defect_3_payloads_are_utf_8_and_signatures_over_them_hold() {
    let key = signing_key("market");
    let payload = json!({"iat": 1, "iss": "Nguyễn", "user_id": "😀", "scope_name": "s", "scope_hash": "h"});
    let token = forge(&key, HEADER, &payload.to_string());
    let read = VerifiedClaimToken::read(&token, &key.verifying_key()).expect("verified");
    assert_eq!((read.provider_id(), *read.user_id().expose()), ("Nguyễn", "😀"));
    let signature = key.sign("Nguyễn".as_bytes()).expect("signed");
    assert!(key.verifying_key().verifies("Nguyễn".as_bytes(), &signature));
}

#[test]
fn defect_4_characters_across_two_blocks_survive() {
    let public = RSA.encryption_key().expect("the public half");
    assert_eq!(public.longest_block(), 318);
    for before in 316..319 {
        let text = format!("{}😀{}", "x".repeat(before), "Đ".repeat(400));
        let encrypted = public.encrypt(&text).expect("encrypted");
        assert_eq!(*RSA.decrypt(&encrypted).expect("opened").expose(), text);
    }
}

#[test]
fn defect_5_the_algorithm_of_a_token_is_looked_at() {
    let key = signing_key("market");
    let payload =
        json!({"iat": 1, "iss": "m", "user_id": "u", "scope_name": "s", "scope_hash": "h"}).to_string();
    for algorithm in ["none", "HS256", "RS256", "ES256", "eddsa"] {
        let token = forge(&key, &format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#), &payload);
        let error = VerifiedClaimToken::read(&token, &key.verifying_key()).expect_err("refused");
        assert_eq!((error.kind(), error.check()), (ErrorKind::Signature, Some("token.algorithm")));
    }
    // The rest of it, dates, bindings and empty scopes, is in `validate`; the inner signature (defect 6) in `encryption`.
}

#[test]
fn defect_8_zero_is_an_amount_and_what_is_no_number_an_error() {
    let zero = Money::new("0".parse().expect("an amount"), Currency::Vnd).expect("money");
    assert_eq!(json!(zero), json!({"currency": "VND", "value": "0"}));
    assert!("abc".parse::<kyckit::credify::money::Amount>().is_err());
}

#[test]
fn defect_9_missing_commitments_are_refused_and_numbers_in_lists_encrypted() {
    let none = Commitments::default();
    let error = Claims::new().phone("+1").with_commitments(&none).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let claims = Claims::new().scope("s", json!({"list": [1, 2.5, true, null, "", "x"]})).expect("claims");
    let public = RSA.encryption_key().expect("the public half");
    let encrypted = encryption::encrypt_fields(&claims, &public).expect("encrypted");
    let opened = encryption::decrypt_fields(&encrypted, &RSA).expect("opened");
    assert_eq!(*opened.expose(), json!({"s": {"list": ["1", "2.5", "true", null, "", "x"]}}));
}

#[tokio::test]
async fn defect_10_clear_scalars_pass_through() {
    let public = RSA.encryption_key().expect("the public half");
    let mut body = encryption::encrypt_fields(&Claims::new().phone("+1"), &public).expect("encrypted");
    for (name, value) in [("exp", json!(5)), ("verified", json!(true)), ("nothing", json!(null))] {
        body[name] = value;
    }
    let info = UserInfoReader::new(&RSA).read(body).await.expect("read");
    let info = info.to_unverified_value().into_exposed();
    assert_eq!((&info["exp"], &info["verified"], &info["nothing"]), (&json!(5), &json!(true), &json!(null)));
    assert_eq!(info["phone"]["phone_number"], "+1");
}

#[test]
fn defect_11_the_hash_of_a_scope_does_not_change_with_another() {
    let key = SigningKey::generate(&Clock::system()).expect("a key");
    let claims = Claims::new().phone("+1").email("a@b.c");
    let changed = Claims::new().phone("+1").email("d@e.f");
    let commitments = Commitments::generate(&claims, &clock()).expect("commitments");
    let hash = |mode: ScopeHashMode, claims: &Claims| {
        let signer = ClaimSigner::new(key.clone(), MARKET).with_mode(mode);
        signer.sign(USER, claims, &commitments, &clock()).expect("signed")[0].clone().into_exposed()
    };
    assert_eq!(hash(ScopeHashMode::default(), &claims), hash(ScopeHashMode::default(), &changed));
    assert_ne!(hash(ScopeHashMode::WholeObject, &claims), hash(ScopeHashMode::WholeObject, &changed));
}

#[test]
fn defect_16_passwords_are_utf_8() {
    let key = signing_key("market");
    for password in ["mật khẩu", "пароль😀", "päss"] {
        let password = Secret::from(password);
        let protected = key.to_encrypted_pem(&password, &Clock::system()).expect("protected");
        let opened = SigningKey::new(&protected, Some(&password)).expect("opened");
        assert_eq!(opened.verifying_key().to_bytes(), key.verifying_key().to_bytes());
        // OpenSSL, which takes the bytes of the password as they are, opens it too.
        let theirs = openssl::pkey::PKey::private_key_from_pem_passphrase(
            protected.expose().as_bytes(),
            password.expose_bytes(),
        );
        assert_eq!(
            theirs.and_then(|key| key.raw_public_key()).expect("opened"),
            key.verifying_key().to_bytes()
        );
    }
}
