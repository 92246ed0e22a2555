//! The vectors of Maya's nested profile tokens, as far as they concern the token and not the profile.

use std::time::{Duration, SystemTime};

use super::{
    super::{
        check,
        claims::{ClaimRules, Claims},
        nested::NestedReader,
    },
    *,
};
use crate::{ErrorKind, clock::Clock};

const CASES: &str = include_str!("../../../../tests/vectors/maya/cases.json");

fn category(reader: &NestedReader, token: &str) -> Result<Value, &'static str> {
    let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(1_760_000_000));
    let verified = reader.open(token.as_bytes()).map_err(|error| match error.check() {
        Some(check::MALFORMED) => "malformed",
        Some(check::ALGORITHM) => "algorithm_not_allowed",
        Some(check::DECRYPTION) => "decrypt_failed",
        Some(check::TOO_LARGE) => "too_large",
        Some(check::MISMATCH) => "signature_invalid",
        _ => "unknown",
    })?;
    let claims = Claims::read(verified.payload()).map_err(|_| "payload_invalid")?;
    let rules = ClaimRules::new().leeway(Duration::from_secs(60)).require(["id"]);
    claims.check(&rules, &clock).map_err(Error::from).map_err(|error| match error.kind() {
        ErrorKind::Expired => "expired",
        _ => "payload_invalid",
    })?;
    match claims.get("id") {
        Some(Value::String(id)) if !id.is_empty() => Ok(Value::Object(claims.into_map())),
        _ => Err("payload_invalid"),
    }
}

fn reader() -> NestedReader {
    let mac = jwk("jws_secret_jwk").to_string();
    let mac = VerificationKey::from_jwk(&mac, SignatureAlgorithm::Hs256, Labels::Checked).expect("key");
    NestedReader::new(decrypter(), mac, MIB)
}

#[test]
fn every_token_is_opened_or_refused_as_the_contract_says() {
    let reader = reader();
    let cases = serde_json::from_str::<Value>(CASES).expect("JSON");
    let cases = cases.as_array().expect("a list");
    assert_eq!(cases.len(), 70);
    for case in cases {
        let outcome = category(&reader, case["token"].as_str().expect("text"));
        match (&case["expect"]["ok"], &case["expect"]["err"]) {
            (Value::Null, Value::String(expected)) => {
                assert_eq!(outcome.err(), Some(expected.as_str()), "{}", case["name"]);
            }
            (expected, _) => assert_eq!(outcome.as_ref(), Ok(expected), "{}", case["name"]),
        }
    }
}

#[test]
fn nothing_inside_an_encrypted_token_is_believed_without_its_signature() {
    let reader = reader();
    let wrap = |content: &str| {
        encrypted(KeyEncryption::RsaOaep, ContentEncryption::A256Gcm, false, content.as_bytes())
    };
    let signed = super::super::sign::sign(&mac_signer(), None, br#"{"id":"x"}"#).expect("signed");
    for (content, word) in [
        (r#"{"id":"x"}"#.to_owned(), check::MALFORMED),
        (wrap("inner"), check::MALFORMED),
        (format!("{signed}\n"), check::MALFORMED),
        (signed, check::MISMATCH),
    ] {
        let error = reader.open(wrap(&content).as_bytes()).expect_err("refused");
        assert_eq!((error.kind(), error.check()), (ErrorKind::Signature, Some(word)));
    }
}
