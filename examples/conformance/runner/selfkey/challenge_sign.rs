//! Signing a challenge, and the body of the reply.

use serde_json::{Value, json};

use super::{Case, Run, each};
use kyckit::__private::vectors::selfkey::{challenge_reply, check_signature, personal_message_hash};
use kyckit::selfkey::{Subject, WalletKey};

const KNOWN: &[&str] = &[
    "message_utf8_hex",
    "prefix_hex",
    "digest_hex",
    "r",
    "s",
    "v",
    "recovery_id",
    "signature",
    "signature_recovery_id_form",
    "address",
    "address_checksum",
    "public_key",
    "did",
    "key_id",
    "reply_body",
    "legacy_reply_body",
];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, KNOWN, check);
}

fn check(case: &Case<'_>) -> Result<(), String> {
    let key = WalletKey::from_hex(case.text("private_key")?).map_err(|error| error.to_string())?;
    let message = case.text("message")?;
    let signature = key.sign_message(message).map_err(|error| error.to_string())?;
    let subject = Subject::from(key.did());
    check_signature(&signature, &subject, message).map_err(|error| error.to_string())?;

    let bytes = hex::decode(signature.to_hex().trim_start_matches("0x"))
        .map_err(|_| "a signature that is not hex")?;
    let mut by_recovery_id = bytes.clone();
    *by_recovery_id.last_mut().ok_or("a signature without bytes")? -= 27;
    let address = key.address();
    for (member, found) in [
        ("digest_hex", json!(hex::encode(personal_message_hash(message.as_bytes())))),
        ("r", json!(hex::encode(&bytes[..32]))),
        ("s", json!(hex::encode(&bytes[32..64]))),
        ("v", json!(bytes[64])),
        ("recovery_id", json!(by_recovery_id[64])),
        ("signature", json!(signature.to_hex())),
        ("signature_recovery_id_form", json!(format!("0x{}", hex::encode(by_recovery_id)))),
        ("address", json!(address.to_ascii_lowercase())),
        ("address_checksum", json!(address)),
        ("public_key", json!(key.public_key().to_hex())),
        ("did", json!(key.did().as_str())),
        ("key_id", json!(key.did().key_id())),
        ("reply_body", challenge_reply(&subject, &signature)),
        ("legacy_reply_body", challenge_reply(&Subject::from(key.public_key()), &signature)),
    ] {
        case.holds(member, &found)?;
    }
    Ok(())
}
