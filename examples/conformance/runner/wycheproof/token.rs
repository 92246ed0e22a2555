//! Tokens of JOSE: signed, encrypted, and both kinds in one file.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kyckit::__private::vectors::crypto as vectors;
use serde_json::Value;

use super::{
    Outcome::{self, Accepted, Outside, Refused, Skipped},
    accepted, bytes, list, text,
};

pub(super) fn signature(group: &Value, test: &Value) -> Option<Outcome> {
    let jwk = group.get("public").or_else(|| group.get("private"))?;
    let name = match (jwk.get("alg").and_then(Value::as_str), text(jwk, "kty")?) {
        (Some(name), _) => name,
        (None, "EC") => "ES256",
        (None, _) => "RS256",
    };
    if !vectors::has_signature_algorithm(name) {
        return Some(Skipped("a key for an algorithm that is not accepted"));
    }
    let Some(token) = text(test, "jws") else {
        return Some(Outside("the JSON serialization, which is not accepted"));
    };
    Some(match vectors::jws_verifies(&jwk.to_string(), name, token) {
        true if test["result"] != "valid" && is_called_valid(group, token) => {
            Skipped("a token that the same group also calls valid")
        }
        true => Accepted,
        false if !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) => {
            Outside("characters that RFC 7515 section 2 does not allow")
        }
        false if header_member(token, "alg").is_some_and(|found| found != name) => {
            Outside("a token by another algorithm than its key is for")
        }
        false => Refused,
    })
}

pub(super) fn encryption(group: &Value, test: &Value) -> Option<Outcome> {
    let jwk = group.get("private")?;
    if jwk.get("keys").is_some() {
        return Some(Skipped("a set of keys in place of one"));
    }
    // A key is for the algorithm that it names; one that names none is for all of its type.
    let algorithm = match jwk.get("alg").map(Value::as_str) {
        Some(Some(name)) if vectors::has_key_encryption(name) => Some(name),
        None if text(jwk, "kty")? == "RSA" => None,
        _ => return Some(Skipped("a key for an algorithm that is not accepted")),
    };
    let Some(token) = text(test, "jwe") else {
        return Some(Outside("the JSON serialization, which is not accepted"));
    };
    let Ok(opened) = vectors::jwe_open(&jwk.to_string(), algorithm, token) else {
        return Some(Skipped("a key that is not accepted"));
    };
    let header = |name| header_member(token, name).unwrap_or_default();
    let is_for_the_key = |name: &str| match algorithm {
        Some(algorithm) => name == algorithm,
        None => vectors::has_key_encryption(name),
    };
    Some(match opened {
        Some(opened) => match bytes(test, "pt") {
            Some(plain) => accepted(opened == plain),
            None => Accepted,
        },
        None if !is_for_the_key(&header("alg")) => {
            Outside("a token by another algorithm than its key is for")
        }
        None if !vectors::has_content_encryption(&header("enc")) => {
            Outside("a content encryption that is not accepted")
        }
        None => Refused,
    })
}

/// Signed and encrypted tokens in one file.
pub(super) fn either(group: &Value, test: &Value) -> Option<Outcome> {
    if ["private", "public"].iter().any(|half| group[*half].get("keys").is_some()) {
        return Some(Skipped("a set of keys in place of one"));
    }
    match test.get("jwe") {
        Some(_) => encryption(group, test),
        None => signature(group, test),
    }
}

fn is_called_valid(group: &Value, token: &str) -> bool {
    list(group, "tests").iter().any(|other| other["jws"] == token && other["result"] == "valid")
}

fn header_member(token: &str, name: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    text(&serde_json::from_slice(&header).ok()?, name).map(str::to_owned)
}
