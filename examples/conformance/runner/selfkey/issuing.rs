//! `jwt-hs512-issue.json`, `jwt-rs512-issue.json` and `tokens-issued.json`: tokens, text by text.

use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{Case, each};
use crate::runner::Run;
use kyckit::{
    clock::{Clock, RandomError, TimeSource},
    error::Error,
    privacy::Secret,
    selfkey::relying_party::{ACCESS_LIFE, TokenIssuer, TokenVerifier, parse_life},
};

pub(super) fn jwt(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, &["error", "header", "ok", "payload", "signature_b64url", "token"], |case| {
        let issued = issue(case)?;
        match (case.expect["ok"].as_bool(), issued) {
            (Some(true), Ok(token)) => case.holds("token", &token.expose().into()),
            (Some(false), Err(_)) => Ok(()),
            (Some(expected), found) => Err(format!("ok is {}, and not {expected}", found.is_ok())),
            (None, _) => Err("does not say whether it is issued".to_owned()),
        }
    });
}

fn issue(case: &Case<'_>) -> Result<Result<Secret, Error>, String> {
    let key = case.input.get("secret").or_else(|| case.input.get("private_key_pem"));
    let key = key.and_then(Value::as_str).ok_or("has no key")?;
    let life = match &case.input["expires_in"] {
        Value::Null => Ok(ACCESS_LIFE),
        Value::Number(seconds) => Ok(Duration::from_secs(seconds.as_u64().ok_or("has no lifetime")?)),
        Value::String(text) => parse_life(text),
        _ => return Err("has a lifetime of another type".to_owned()),
    };
    let clock = Clock::frozen(case.now()?).0;
    let subject = case.text("subject")?;
    Ok(issuer(case.text("algorithm")?, key)
        .and_then(|issuer| issuer.clock(clock).issue(subject, life?, &case.input["claims"])))
}

pub(super) fn challenges(run: &mut Run, name: &str, file: &Value) {
    let known =
        ["header", "lifetime_seconds", "nonce_length", "payload", "signature_b64url", "token", "verify_key"];
    each(run, name, file, &known, |case| {
        let random = match &case.input["random_hex"] {
            Value::Null => None,
            value => Some(hex::decode(value.as_str().unwrap_or_default()).map_err(|_| "has no hex digits")?),
        };
        let is_challenge = random.is_some();
        let clock = Clock::new(Scripted { now: case.now()?, bytes: random.unwrap_or_default() });
        let (algorithm, key) = (case.text("algorithm")?, case.text("signing_key")?);
        let issuer = issuer(algorithm, key).map_err(|error| error.to_string())?.clock(clock.clone());
        let did = case.text("did")?;
        let token = if is_challenge { issuer.issue_challenge(did) } else { issuer.issue_access(did) };
        let token = token.map_err(|error| error.to_string())?;
        case.holds("token", &token.expose().into())?;

        let key = case.input.get("verify_key").or_else(|| case.expect.get("verify_key"));
        let key = key.and_then(Value::as_str).ok_or("has no key to verify with")?;
        let verifier = verifier(algorithm, key).map_err(|error| error.to_string())?.clock(clock);
        let payload = if is_challenge {
            verifier.challenge(token.expose()).map(|claims| claims.to_value())
        } else {
            verifier.access(token.expose()).map(|claims| claims.to_value())
        };
        let payload = payload.map_err(|error| format!("does not validate: {error}"))?;
        let facts = json!({
            "lifetime_seconds": payload["exp"].as_u64().zip(payload["iat"].as_u64()).map(|(exp, iat)| exp - iat),
            "nonce_length": payload["nonce"].as_str().map(str::len),
            "payload": payload,
        });
        for (fact, found) in facts.as_object().into_iter().flatten() {
            if case.expect.get(fact).is_some() {
                case.holds(fact, found)?;
            }
        }
        Ok(())
    });
}

/// The library's names of the two algorithms, whatever their case.
pub(super) fn issuer(algorithm: &str, key: &str) -> Result<TokenIssuer, Error> {
    match algorithm.to_ascii_lowercase().as_str() {
        "hmac" => TokenIssuer::hmac(key),
        "rsa" => TokenIssuer::rsa(key),
        _ => Err(Error::configuration("there is no such algorithm")),
    }
}

pub(super) fn verifier(algorithm: &str, key: &str) -> Result<TokenVerifier, Error> {
    match algorithm.to_ascii_lowercase().as_str() {
        "hmac" => TokenVerifier::hmac(key),
        "rsa" => TokenVerifier::rsa(key),
        _ => Err(Error::configuration("there is no such algorithm")),
    }
}

/// A time and random bytes that are known beforehand.
struct Scripted {
    now: SystemTime,
    bytes: Vec<u8>,
}

impl TimeSource for Scripted {
    fn now(&self) -> SystemTime {
        self.now
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        if self.bytes.len() != buffer.len() {
            return Err(RandomError);
        }
        buffer.copy_from_slice(&self.bytes);
        Ok(())
    }
}
