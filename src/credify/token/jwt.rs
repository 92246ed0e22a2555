//! The form of all tokens (RFC 7515 section 7.1): made in one way only, and read without trust.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{
    credify::{
        json::{self, hash},
        keys::{SigningKey, VerifyingKey},
    },
    crypto::jose::{
        check,
        claims::{LATEST_DATE, Refusal},
    },
    error::{Error, ErrorKind},
    privacy::Pii,
    wire,
};

/// `{"alg":"EdDSA","typ":"JWT"}`
const HEADER: &str = "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9";

/// Characters of the longest token but for those that carry documents.
pub(crate) const LONGEST: usize = 1024 * 1024;
/// Characters of the longest token that carries documents.
pub(crate) const LONGEST_WITH_DOCUMENTS: usize = 64 * 1024 * 1024;

/// Signs a payload: its canonical text, with the members in the order in which they were added.
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] for a payload that is nested too deep.
pub(crate) fn sign(key: &SigningKey, payload: &Value) -> Result<Pii<String>, Error> {
    sign_text(key, &json::canonical(payload)?)
}

/// [`sign`] for a payload that is text already.
pub(crate) fn sign_text(key: &SigningKey, payload: &str) -> Result<Pii<String>, Error> {
    let mut token = String::with_capacity(HEADER.len() + payload.len() / 3 * 4 + 96);
    token.push_str(HEADER);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(Pii::new(token))
}

/// Which headers are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// `alg` is `EdDSA`, no extension is asked for, and there are three parts.
    Strict,
    /// `alg` may be any word: it is never acted on, and what verifies is an Ed25519 signature all the same. Parts
    /// behind the third are not looked at.
    AsPeer,
}

/// A token that was taken apart and not verified: what it says may serve to find the key to verify it with.
pub(crate) struct Unverified {
    header: Map<String, Value>,
    payload: Map<String, Value>,
    signed: String,
    signature: Option<Vec<u8>>,
}

impl Unverified {
    /// Takes a token apart.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Signature`] with the check `token.malformed` or `token.algorithm`; [`ErrorKind::TooLarge`].
    pub(crate) fn parse(token: &str, strictness: Strictness, longest: usize) -> Result<Self, Error> {
        if token.len() > longest {
            return Err(Error::new(ErrorKind::TooLarge, "the token is longer than the limit")
                .with_check(check::TOO_LARGE));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed());
        };
        if strictness == Strictness::Strict && parts.next().is_some() {
            return Err(malformed());
        }
        let signed = token[..header.len() + 1 + payload.len()].to_owned();
        let header = object(header).ok_or_else(malformed)?;
        let word = |name| header.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
        let Some(algorithm) = word("alg").filter(|_| word("typ").is_some()) else {
            return Err(malformed());
        };
        if strictness == Strictness::Strict && (algorithm != "EdDSA" || header.contains_key("crit")) {
            return Err(Error::new(ErrorKind::Signature, "the token's header asks for what is not accepted")
                .with_check(check::ALGORITHM));
        }
        let payload = object(payload).ok_or_else(malformed)?;
        // What is no base64 is a signature that does not fit.
        Ok(Self { header, payload, signed, signature: hash::decode(signature) })
    }

    /// The header, unverified.
    pub(crate) fn header(&self) -> &Map<String, Value> {
        &self.header
    }

    /// The payload, unverified.
    pub(crate) fn payload(&self) -> &Map<String, Value> {
        &self.payload
    }

    /// Verifies the signature over the parts as they came.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Signature`] with the check `signature.mismatch`.
    pub(crate) fn verify(self, key: &VerifyingKey) -> Result<Verified, Error> {
        if self.is_signed_by(key) {
            return Ok(Verified(self.payload));
        }
        Err(Error::new(ErrorKind::Signature, "the token was not signed with this key")
            .with_check(check::MISMATCH))
    }

    pub(crate) fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        self.signature.as_deref().is_some_and(|signature| key.verifies(self.signed.as_bytes(), signature))
    }
}

/// The payload of a token with a verified signature.
pub(crate) struct Verified(Map<String, Value>);

impl Verified {
    pub(crate) fn payload(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(crate) fn into_payload(self) -> Map<String, Value> {
        self.0
    }
}

crate::privacy::redacted_debug!(Unverified { .. });

crate::privacy::redacted_debug!(Verified { .. });

/// When the token was made, in seconds; none for a date that is no number.
///
/// # Errors
///
/// [`ErrorKind::Decode`] with the check `claim.out_of_range` for a number that is no time in seconds: beyond the year
/// 9999, as a time in milliseconds is.
pub(crate) fn issued_at(payload: &Map<String, Value>) -> Result<Option<i64>, Error> {
    let Some(seconds) = payload.get("iat").and_then(Value::as_f64) else { return Ok(None) };
    if seconds.abs() > LATEST_DATE as f64 {
        return Err(Refusal::out_of_range("iat").into());
    }
    #[allow(clippy::cast_possible_truncation, reason = "checked to be within")]
    Ok(Some(seconds.floor() as i64))
}

fn malformed() -> Error {
    Error::new(ErrorKind::Signature, "this is not a signed token in compact form")
        .with_check(check::MALFORMED)
}

/// A part that holds an object. It is UTF-8, and serde_json limits its depth to 128.
fn object(part: &str) -> Option<Map<String, Value>> {
    wire::json::from_slice(&hash::decode(part)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::privacy::Secret;

    fn key() -> SigningKey {
        // RFC 8032 section 7.1, test 2.
        SigningKey::from_seed(&Secret::from("TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs")).expect("a key")
    }

    fn parse(token: &str) -> Result<Unverified, Error> {
        Unverified::parse(token, Strictness::Strict, LONGEST)
    }

    #[test]
    fn a_token_in_which_anything_was_changed_does_not_verify() {
        let token = sign(&key(), &json!({"iat": 1, "iss": "x"})).expect("signed").into_exposed();
        let public = key().verifying_key();
        assert!(parse(&token).expect("parsed").verify(&public).is_ok());
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            let verified = parse(&changed).and_then(|token| token.verify(&public));
            assert_eq!(verified.expect_err("refused").kind(), ErrorKind::Signature, "{position}");
        }
    }

    #[test]
    fn headers_that_ask_for_something_else_are_refused() {
        let token = |header: &str| format!("{}.{}.x", hash::encode(header.as_bytes()), hash::encode(b"{}"));
        for (header, word) in [
            (r#"{"alg":"none","typ":"JWT"}"#, check::ALGORITHM),
            (r#"{"alg":"HS256","typ":"JWT"}"#, check::ALGORITHM),
            (r#"{"alg":"EdDSA","typ":"JWT","crit":["exp"]}"#, check::ALGORITHM),
            (r#"{"alg":"EdDSA"}"#, check::MALFORMED),
            (r#"{"alg":1,"typ":"JWT"}"#, check::MALFORMED),
            ("[]", check::MALFORMED),
        ] {
            assert_eq!(parse(&token(header)).expect_err("refused").check(), Some(word), "{header}");
        }
        let long = "a".repeat(LONGEST + 1);
        assert_eq!(parse(&long).expect_err("refused").kind(), ErrorKind::TooLarge);
    }

    #[test]
    fn a_payload_nested_too_deep_is_refused() {
        let payload = format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let token = sign_text(&key(), &payload).expect("signed").into_exposed();
        assert_eq!(parse(&token).expect_err("refused").check(), Some(check::MALFORMED));
    }

    proptest! {
        #[test]
        fn parsing_never_panics(token in "[-_A-Za-z0-9=.é]{0,60}") {
            let _ = parse(&token);
        }

        #[test]
        fn what_is_signed_is_read_again(
            members in prop::collection::btree_map(".{0,6}", prop_oneof![
                any::<bool>().prop_map(Value::from), ".{0,9}".prop_map(Value::from),
            ], 0..5),
        ) {
            let payload: Map<String, Value> = members.into_iter().collect();
            let token = sign(&key(), &Value::Object(payload.clone())).expect("signed").into_exposed();
            let verified = parse(&token).expect("parsed").verify(&key().verifying_key()).expect("verified");
            prop_assert_eq!(verified.into_payload(), payload);
        }
    }
}
