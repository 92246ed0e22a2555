//! RSA: encryption by OAEP, signatures by PKCS #1 v1.5 and PSS.

use kyckit::__private::vectors::crypto as vectors;
use serde_json::Value;

use super::{
    Outcome::{self, Outside, Refused, Skipped},
    accepted, bytes, text,
};

pub(super) fn oaep(group: &Value, test: &Value) -> Option<Outcome> {
    let oaep = match (text(group, "sha")?, text(group, "mgfSha")?) {
        ("SHA-1", "SHA-1") => "RSA-OAEP",
        ("SHA-256", "SHA-256") => "RSA-OAEP-256",
        _ => return Some(Skipped("hashes that no accepted algorithm combines")),
    };
    let key = text(group, "privateKeyPem")?;
    let (message, ciphertext) = (bytes(test, "msg")?, bytes(test, "ct")?);
    Some(match vectors::rsa_decrypt(oaep, key, &ciphertext) {
        Err(_) => Skipped("a key of a size that is not accepted"),
        Ok(Some(opened)) => accepted(opened == message),
        Ok(None) if !bytes(test, "label")?.is_empty() => Outside("a label"),
        Ok(None) => Refused,
    })
}

pub(super) fn pkcs1(group: &Value, test: &Value) -> Option<Outcome> {
    let scheme = match text(group, "sha")? {
        "SHA-256" => "RS256",
        "SHA-512" => "RS512",
        _ => return Some(Skipped("a hash that no accepted algorithm has")),
    };
    signature(scheme, group, test)
}

pub(super) fn pss(group: &Value, test: &Value) -> Option<Outcome> {
    match (text(group, "sha")?, text(group, "mgf")?, text(group, "mgfSha"), group["sLen"].as_u64()) {
        ("SHA-256", "MGF1", Some("SHA-256"), Some(32)) => signature("PS256", group, test),
        _ => Some(Skipped("hashes or a salt that no accepted algorithm combines")),
    }
}

fn signature(scheme: &str, group: &Value, test: &Value) -> Option<Outcome> {
    let (message, signature) = (bytes(test, "msg")?, bytes(test, "sig")?);
    Some(match vectors::rsa_verifies(scheme, text(group, "publicKeyPem")?, &message, &signature) {
        Ok(fits) => accepted(fits),
        Err(_) => Skipped("a key of a size that is not accepted"),
    })
}
