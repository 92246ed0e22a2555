//! Ed25519 keys in all forms, and signatures.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::common::{List, Outcome, SigningKeys, Verdict, done, equal, lists, refused, text};
use crate::runner::Run;
use kyckit::__private::vectors::credify as vectors;
use kyckit::{
    credify::keys::{SigningKey, VerifyingKey},
    error::Error,
    privacy::Secret,
};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let keys = SigningKeys::load(run);
    let signed = |entry: &Value| signature(&keys, entry);
    let other = |entry: &Value| other_input(&keys, entry);
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
                    "seed_hex",
                    "seed_base64url",
                    "public_hex",
                    "private_pem",
                    "private_base64url",
                    "public_pem",
                    "public_base64url",
                ],
                run: &key,
            },
            List {
                name: "imports",
                members: &[
                    "label",
                    "kind",
                    "text",
                    "password",
                    "reader",
                    "ok",
                    "public_hex",
                    "lenient_ok",
                    "lenient_public_hex",
                    "peer_error",
                    "expect",
                ],
                run: &import,
            },
            List {
                name: "signatures",
                members: &["key", "message", "signature_base64url", "signature_base64", "signature_hex"],
                run: &signed,
            },
            List {
                name: "other_inputs",
                members: &["note", "key", "message", "input", "signature_base64url"],
                run: &other,
            },
            List {
                name: "verify",
                members: &[
                    "label",
                    "message",
                    "signature",
                    "public_pem",
                    "valid",
                    "peer_throws",
                    "peer_valid",
                ],
                run: &verify,
            },
        ],
    );
}

fn key(entry: &Value) -> Outcome {
    let key = done("the seed", SigningKey::from_seed(&Secret::from(text(entry, "seed_base64url")?)))?;
    let public = key.verifying_key();
    let private = |form: Result<Secret, Error>| done("an export", form);
    equal("public_hex", hex::encode(public.to_bytes()).as_str(), text(entry, "public_hex")?)?;
    equal("private_pem", private(key.to_pem())?.expose(), text(entry, "private_pem")?)?;
    equal("private_base64url", private(key.to_base64url())?.expose(), text(entry, "private_base64url")?)?;
    equal("seed_base64url", private(key.to_seed())?.expose(), text(entry, "seed_base64url")?)?;
    let seed = vectors::decode(private(key.to_seed())?.expose()).unwrap_or_default();
    equal("seed_hex", hex::encode(seed).as_str(), text(entry, "seed_hex")?)?;
    equal("public_pem", public.to_pem().as_str(), text(entry, "public_pem")?)?;
    equal("public_base64url", public.to_base64url().as_str(), text(entry, "public_base64url")?)?;
    Ok(Verdict::Passed)
}

fn import(entry: &Value) -> Outcome {
    let (kind, reader) = (text(entry, "kind")?, text(entry, "reader")?);
    let secret = Secret::from(text(entry, "text")?);
    let password = entry["password"].as_str().map(Secret::from);
    let private = |key: SigningKey| key.verifying_key();
    let is_private = !kind.starts_with("public_");
    let read = match (is_private, reader) {
        (true, "strict_pem") => SigningKey::from_pem(&secret, password.as_ref()).map(private),
        (true, "base64url") => SigningKey::from_base64url(&secret).map(private),
        (true, "seed") => SigningKey::from_seed(&secret).map(private),
        (false, "strict_pem") => VerifyingKey::from_pem(secret.expose()),
        (false, "base64url") => VerifyingKey::from_base64url(secret.expose()),
        _ => return Err(format!("{reader} is no reader")),
    };
    match entry["ok"].as_bool().ok_or("has no ok")? {
        true => equal_key(done("the text", read)?, entry, "public_hex")?,
        false => {
            refused(read, &entry["expect"])?;
        }
    }
    if is_private {
        let read = SigningKey::new(&secret, password.as_ref()).map(private);
        match entry["lenient_ok"].as_bool().ok_or("has no lenient_ok")? {
            true => equal_key(done("the lenient reader", read)?, entry, "lenient_public_hex")?,
            false => {
                refused(read, &entry["expect"])?;
            }
        }
    }
    Ok(Verdict::Passed)
}

fn equal_key(key: VerifyingKey, entry: &Value, name: &str) -> Result<(), String> {
    equal(name, hex::encode(key.to_bytes()).as_str(), text(entry, name)?)
}

fn signature(keys: &SigningKeys, entry: &Value) -> Outcome {
    let signature = done("signing", keys.of(entry)?.sign(text(entry, "message")?.as_bytes()))?;
    equal("signature_base64url", vectors::encode(&signature).as_str(), text(entry, "signature_base64url")?)?;
    equal("signature_base64", STANDARD.encode(signature).as_str(), text(entry, "signature_base64")?)?;
    equal("signature_hex", hex::encode(signature).as_str(), text(entry, "signature_hex")?)?;
    Ok(Verdict::Passed)
}

fn other_input(keys: &SigningKeys, entry: &Value) -> Outcome {
    let message = text(entry, "message")?;
    let bytes = match text(entry, "input")? {
        "base64" | "base64url" => vectors::decode(message),
        "hex" => hex::decode(message).ok(),
        other => return Err(format!("{other} is no input")),
    };
    let signature = done("signing", keys.of(entry)?.sign(&bytes.ok_or("the message is not as it says")?))?;
    equal("signature_base64url", vectors::encode(&signature).as_str(), text(entry, "signature_base64url")?)?;
    Ok(Verdict::Passed)
}

fn verify(entry: &Value) -> Outcome {
    let key = done("the key", VerifyingKey::from_pem(text(entry, "public_pem")?))?;
    let fits = key.verifies_text(text(entry, "message")?.as_bytes(), text(entry, "signature")?);
    equal("valid", &Some(fits), &entry["valid"].as_bool())?;
    Ok(Verdict::Passed)
}
