//! Authenticated encryption and message authentication codes.

use kyckit::__private::vectors::crypto as vectors;
use serde_json::Value;

use super::{
    Outcome::{self, Refused, Skipped},
    accepted, bytes,
};

pub(super) fn a128cbc_hs256(group: &Value, test: &Value) -> Option<Outcome> {
    match (group["keySize"].as_u64()?, group["tagSize"].as_u64()?) {
        (256, 128) => aead("A128CBC-HS256", test),
        _ => Some(Skipped("a key or tag size that the algorithm does not have")),
    }
}

pub(super) fn aes_gcm(group: &Value, test: &Value) -> Option<Outcome> {
    match (group["keySize"].as_u64()?, group["tagSize"].as_u64()?) {
        (128, 128) => aead("A128GCM", test),
        (256, 128) => aead("A256GCM", test),
        _ => Some(Skipped("a key or tag size that no accepted algorithm has")),
    }
}

fn aead(encryption: &str, test: &Value) -> Option<Outcome> {
    let [key, iv, aad, message] = ["key", "iv", "aad", "msg"].map(|name| bytes(test, name));
    let [ciphertext, tag] = ["ct", "tag"].map(|name| bytes(test, name));
    let (key, iv, aad, message, ciphertext, tag) = (key?, iv?, aad?, message?, ciphertext?, tag?);
    Some(match vectors::open(encryption, &key, &iv, &aad, &ciphertext, &tag) {
        None if vectors::iv_length(encryption) != Some(iv.len()) => {
            Skipped("an initialisation vector of another length")
        }
        None => Refused,
        // Encrypting must give the same bytes.
        Some(opened) => accepted(
            opened == message
                && vectors::seal(encryption, &key, &iv, &aad, &message) == Some((ciphertext, tag)),
        ),
    })
}

pub(super) fn hmac_sha256(group: &Value, test: &Value) -> Option<Outcome> {
    hmac(group, test, 256, vectors::hmac_sha256)
}

pub(super) fn hmac_sha512(group: &Value, test: &Value) -> Option<Outcome> {
    hmac(group, test, 512, vectors::hmac_sha512)
}

fn hmac(group: &Value, test: &Value, size: u32, tag_of: fn(&[u8], &[u8]) -> Vec<u8>) -> Option<Outcome> {
    let (key, message, tag) = (bytes(test, "key")?, bytes(test, "msg")?, bytes(test, "tag")?);
    let fits = vectors::equal(&tag_of(&key, &message), &tag);
    Some(if !fits && group["tagSize"] != size { Skipped("a shortened tag") } else { accepted(fits) })
}
