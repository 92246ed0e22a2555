//! ECDSA over secp256k1 and P-256: signatures in DER, and as two numbers.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kyckit::__private::vectors::crypto as vectors;
use serde_json::{Value, json};

use super::{
    Outcome::{self, Outside, Refused, Skipped},
    accepted, bytes, text,
};

/// A group's curve with SHA-256, where the crate takes this pair; the two coordinates with 04 in front.
fn curve(group: &Value) -> Option<(Option<Curve>, Vec<u8>)> {
    let key = &group["publicKey"];
    let curve = match (text(key, "curve")?, text(group, "sha")?) {
        ("secp256k1", "SHA-256") => Some(Curve::Secp256k1),
        ("secp256r1", "SHA-256") => Some(Curve::P256),
        _ => None,
    };
    Some((curve, hex::decode(text(key, "uncompressed")?).ok()?))
}

enum Curve {
    P256,
    Secp256k1,
}

const OTHER_CURVE: Outcome = Skipped("a curve or a hash that no accepted algorithm has");
const HIGH_S: Outcome = Outside("a high s, out of which anybody could make a second signature");

/// Signatures in DER by the rules of Bitcoin: a high s is invalid.
pub(super) fn bitcoin(group: &Value, test: &Value) -> Option<Outcome> {
    match curve(group)? {
        (Some(Curve::Secp256k1), key) => secp256k1_der(&key, test),
        _ => Some(OTHER_CURVE),
    }
}

/// Signatures in DER: a high s is valid, and not accepted.
pub(super) fn der(group: &Value, test: &Value) -> Option<Outcome> {
    let (Some(Curve::Secp256k1), key) = curve(group)? else {
        return Some(Skipped("signatures in DER over another curve, or with another hash, are not accepted"));
    };
    let is_high = vectors::has_high_s(&bytes(test, "sig")?);
    Some(if is_high { HIGH_S } else { secp256k1_der(&key, test)? })
}

fn secp256k1_der(key: &[u8], test: &Value) -> Option<Outcome> {
    let (message, signature) = (bytes(test, "msg")?, bytes(test, "sig")?);
    Some(accepted(vectors::secp256k1_verifies(key, &message, &signature)))
}

/// Signatures as two numbers of one length: those of JOSE over P-256, those of wallets over secp256k1.
pub(super) fn pair(group: &Value, test: &Value) -> Option<Outcome> {
    let (curve, key) = curve(group)?;
    let (message, signature) = (bytes(test, "msg")?, bytes(test, "sig")?);
    Some(match curve {
        Some(Curve::P256) => {
            let (x, y) = key.get(1..)?.split_at_checked(32)?;
            let [x, y] = [x, y].map(|number| URL_SAFE_NO_PAD.encode(number));
            let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}).to_string();
            accepted(vectors::jwk_verifies(&jwk, "ES256", &message, &signature))
        }
        Some(Curve::Secp256k1) => match vectors::secp256k1_verifies_pair(&key, &message, &signature) {
            Some((true, _)) => HIGH_S,
            Some((false, fits)) => accepted(fits),
            None => Refused,
        },
        None => OTHER_CURVE,
    })
}
