//! RSA keys, and values encrypted with them.

use serde_json::Value;

use super::common::{List, Outcome, RsaKeys, Verdict, done, equal, lists, refused, text};
use crate::runner::{Run, same};
use kyckit::__private::vectors::credify as vectors;
use kyckit::{
    credify::{
        claims::Claims,
        encryption::{decrypt_fields, encrypt_fields},
        keys::{DecryptionKey, EncryptionKey},
    },
    error::Error,
    privacy::Secret,
};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let keys = RsaKeys::load(run);
    let string = |entry: &Value| string(&keys, entry);
    let fields = |entry: &Value| fields(&keys, entry);
    let awkward = |entry: &Value| {
        round_trip(&keys, entry, &entry["claims"], entry["expect"].get("ok").ok_or("expects no value")?)?;
        Ok(Verdict::Passed)
    };
    let broken =
        |entry: &Value| refused(keys.of(entry)?.decrypt(text(entry, "ciphertext")?), &entry["expect"]);
    lists(
        run,
        name,
        file,
        &[],
        &[
            List {
                name: "keys",
                members: &[
                    "name",
                    "bits",
                    "private_pem",
                    "private_base64url",
                    "public_pem",
                    "public_base64url",
                    "max_block",
                ],
                run: &key,
            },
            List {
                name: "strings",
                members: &[
                    "key",
                    "plaintext",
                    "ciphertext",
                    "blocks",
                    "note",
                    "utf8_bytes",
                    "peer_decrypts_to",
                ],
                run: &string,
            },
            List {
                name: "field_by_field",
                members: &[
                    "key",
                    "public_key_form",
                    "claims_json",
                    "stringified_claims",
                    "encrypted",
                    "decrypted",
                    "note",
                    "peer_extra_member",
                ],
                run: &fields,
            },
            List {
                name: "encrypt_failures",
                members: &["label", "claims", "peer_ok", "peer_error", "key", "expect"],
                run: &awkward,
            },
            List {
                name: "decrypt_failures",
                members: &["label", "key", "ciphertext", "peer_ok", "peer_error", "peer_plaintext", "expect"],
                run: &broken,
            },
        ],
    );
}

fn key(entry: &Value) -> Outcome {
    let secret = |name| text(entry, name).map(Secret::from);
    let private = |form: Result<Secret, Error>| done("an export", form);
    for key in [
        done("private_pem", DecryptionKey::from_pem(&secret("private_pem")?, None))?,
        done("private_base64url", DecryptionKey::from_base64url(&secret("private_base64url")?))?,
        done("the lenient reader", DecryptionKey::new(&secret("private_pem")?, None))?,
        done("the lenient reader", DecryptionKey::new(&secret("private_base64url")?, None))?,
    ] {
        equal("bits", &Some(key.bits() as u64), &entry["bits"].as_u64())?;
        equal("private_pem", private(key.to_pem())?.expose(), text(entry, "private_pem")?.trim_end())?;
        equal("private_base64url", private(key.to_base64url())?.expose(), text(entry, "private_base64url")?)?;
        let public = done("the public half", key.encryption_key())?;
        equal(
            "public_pem",
            &done("an export", public.to_pem())?,
            &text(entry, "public_pem")?.trim_end().to_owned(),
        )?;
    }
    for form in ["public_pem", "public_base64url"] {
        let key = done(form, EncryptionKey::new(text(entry, form)?))?;
        equal("bits", &Some(key.bits() as u64), &entry["bits"].as_u64())?;
        equal("max_block", &Some(key.longest_block() as u64), &entry["max_block"].as_u64())?;
        let base64url = done("an export", key.to_base64url())?;
        equal("public_base64url", base64url.as_str(), text(entry, "public_base64url")?)?;
    }
    Ok(Verdict::Passed)
}

fn string(keys: &RsaKeys, entry: &Value) -> Outcome {
    let (key, plaintext) = (keys.of(entry)?, text(entry, "plaintext")?);
    let opened = done("the ciphertext", key.decrypt(text(entry, "ciphertext")?))?;
    equal("the plaintext", opened.expose().as_str(), plaintext)?;
    let ours = done("encryption", done("the public half", key.encryption_key())?.encrypt(plaintext))?;
    let bytes = vectors::decode(&ours).ok_or("the ciphertext is not base64url")?;
    equal("blocks", &Some((bytes.len() / (key.bits() / 8)) as u64), &entry["blocks"].as_u64())?;
    equal("the round trip", done("our ciphertext", key.decrypt(&ours))?.expose().as_str(), plaintext)?;
    Ok(Verdict::Passed)
}

fn fields(keys: &RsaKeys, entry: &Value) -> Outcome {
    let opened = done("the claims", decrypt_fields(&entry["encrypted"], keys.of(entry)?))?;
    equal("what was decrypted", &same(opened.expose(), &entry["decrypted"]), &true)?;
    let claims: Value =
        serde_json::from_str(text(entry, "claims_json")?).map_err(|_| "the claims are not JSON")?;
    round_trip(keys, entry, &claims, entry.get("stringified_claims").ok_or("has no stringified_claims")?)?;
    Ok(Verdict::Passed)
}

fn round_trip(keys: &RsaKeys, entry: &Value, claims: &Value, wanted: &Value) -> Result<(), String> {
    let key = keys.of(entry)?;
    let public = done("the public half", key.encryption_key())?;
    let form = match entry["public_key_form"].as_str() {
        Some("pem") | None => done("an export", public.to_pem())?,
        Some("base64url") => done("an export", public.to_base64url())?,
        Some(form) => return Err(format!("{form} is no form of a key")),
    };
    let public = done("the public key", EncryptionKey::new(&form))?;
    let claims = done("the claims", Claims::from_value(claims.clone()))?;
    let encrypted = done("encryption", encrypt_fields(&claims, &public))?;
    let opened = done("our own encryption", decrypt_fields(&encrypted, key))?;
    equal("the round trip", &same(opened.expose(), wanted), &true)
}
