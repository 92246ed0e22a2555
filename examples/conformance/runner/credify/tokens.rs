//! Approval, identity and disbursement tokens.

use serde_json::{Map, Value, json};

use super::{
    common::{List, Outcome, RsaKeys, SigningKeys, Verdict, clock, done, equal, lists, refused, text},
    jwt::same_token,
};
use crate::runner::{Run, same};
use kyckit::__private::vectors::credify as vectors;
use kyckit::{
    credify::{
        claims::Claims,
        keys::{DecryptionKey, SigningKey},
        token::{ApprovalToken, IdentityToken, disbursement::Disbursement},
    },
    error::Error,
    privacy::Pii,
};

const TOKEN: &[&str] = &[
    "kind",
    "key",
    "now_ms",
    "note",
    "args",
    "token",
    "header_json",
    "payload_json",
    "signature",
    "optional",
    "error",
    "expect",
    "content_encrypted_to",
];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let keys = SigningKeys::load(run);
    let token = |entry: &Value| token(&keys, entry);
    let rsa = RsaKeys::load(run);
    let disbursement = |entry: &Value| disbursement(&keys, &rsa, entry);
    let documents = |entry: &Value| documents(&keys, &rsa, entry);
    lists(
        run,
        name,
        file,
        &[],
        &[
            List { name: "tokens", members: TOKEN, run: &token },
            List { name: "disbursement", members: TOKEN, run: &disbursement },
            List {
                name: "disbursement_documents",
                members: &[
                    "label",
                    "key",
                    "now_ms",
                    "provider_id",
                    "entity_id",
                    "claims",
                    "result",
                    "error",
                    "expect",
                    "content_encrypted_to",
                ],
                run: &documents,
            },
        ],
    );
}

fn token(keys: &SigningKeys, entry: &Value) -> Outcome {
    let (args, key, clock) = (&entry["args"], keys.of(entry)?, clock(entry)?);
    let token = match text(entry, "kind")? {
        "approval" => {
            let scopes = args["scopes"].as_array().ok_or("has no scopes")?;
            let scopes: Vec<&str> = scopes.iter().filter_map(Value::as_str).collect();
            let approval = ApprovalToken {
                client_id: text(args, "client_id")?,
                entity_id: text(args, "entity_id")?,
                scopes: &scopes,
                offer_code: args["offer_code"].as_str(),
            };
            approval.sign(key, &clock)
        }
        "identity" => {
            let identity = IdentityToken {
                entity_id: text(args, "entity_id")?,
                source: text(args, "identity_source")?,
                hash: text(args, "identity_hash")?,
            };
            identity.sign(key, &clock)
        }
        "request" if entry["optional"] == true => {
            return Ok(Verdict::Skipped("a request without an issuer passes no check, so none is made"));
        }
        kind => return Err(format!("{kind} is no kind of token")),
    };
    judge(token, entry)
}

fn judge(token: Result<Pii<String>, Error>, entry: &Value) -> Outcome {
    if entry.get("token").is_none() {
        return refused(token, &entry["expect"]);
    }
    same_token(done("the token", token)?.expose(), entry)?;
    Ok(Verdict::Passed)
}

/// The key that the contents of documents are encrypted for, where the entry or its arguments name one.
fn recipient<'a>(rsa: &'a RsaKeys, entry: &Value) -> Result<Option<&'a DecryptionKey>, String> {
    const NAME: &str = "content_encrypted_to";
    match entry.get(NAME).or_else(|| entry["args"].get(NAME)) {
        None | Some(Value::Null) => Ok(None),
        Some(name) => rsa.get(name.as_str().ok_or("names its key by something else than a text")?).map(Some),
    }
}

fn disbursement(keys: &SigningKeys, rsa: &RsaKeys, entry: &Value) -> Outcome {
    let args = &entry["args"];
    let (key, clock) = (keys.of(entry)?, clock(entry)?);
    let claims = done("the claims", Claims::from_value(args["claims"].clone()))?;
    let plain = Disbursement {
        provider_id: text(args, "provider_id")?,
        entity_id: text(args, "entity_id")?,
        claims: &claims,
        encryption_key: None,
    };
    let Some(recipient) = recipient(rsa, entry)? else { return judge(plain.token(key, &clock), entry) };
    let public = done("the public half", recipient.encryption_key())?;
    let token = Disbursement { encryption_key: Some(&public), ..plain }.token(key, &clock);
    if let Some(refusal) = entry["expect"].get("error") {
        return refused(token, &json!({"error": refusal, "or": entry["expect"]["or"]}));
    }
    let wanted = payload(key, done("the token", plain.token(key, &clock))?.expose())?;
    let ours = payload(key, done("the token", token)?.expose())?;
    equal(
        "a content in clear",
        &ours.iter().any(|(name, value)| is_document(value) && wanted[name] == *value),
        &false,
    )?;
    equal("what was encrypted", &decrypted(ours, recipient)?, &wanted)?;
    // One that another implementation made cannot have the same bytes, and opens to the same.
    if let Some(token) = entry["token"].as_str() {
        equal("what the given token holds", &decrypted(payload(key, token)?, recipient)?, &wanted)?;
    }
    Ok(Verdict::Passed)
}

fn is_document(value: &Value) -> bool {
    value["content"].is_string()
}

/// The payload of a token that the key signed.
fn payload(key: &SigningKey, token: &str) -> Result<Map<String, Value>, String> {
    match done("the token", vectors::token_payload(token, &key.verifying_key()))? {
        Value::Object(payload) => Ok(payload),
        _ => Err("the payload is not an object".to_owned()),
    }
}

/// The same with the contents of all documents decrypted.
fn decrypted(mut payload: Map<String, Value>, key: &DecryptionKey) -> Result<Map<String, Value>, String> {
    for value in payload.values_mut().filter(|value| is_document(value)) {
        let plain = done("a content", key.decrypt(text(value, "content")?))?;
        value["content"] = plain.into_exposed().into();
    }
    Ok(payload)
}

fn documents(keys: &SigningKeys, rsa: &RsaKeys, entry: &Value) -> Outcome {
    let (key, clock) = (keys.of(entry)?, clock(entry)?);
    let claims = done("the claims", Claims::from_value(entry["claims"].clone()))?;
    let plain = Disbursement {
        provider_id: text(entry, "provider_id")?,
        entity_id: text(entry, "entity_id")?,
        claims: &claims,
        encryption_key: None,
    };
    let Some(recipient) = recipient(rsa, entry)? else {
        let answer = plain.answer(key, &clock);
        let Some(wanted) = entry.get("result") else { return refused(answer, &entry["expect"]) };
        equal("the answer", &same(&done("the answer", answer)?, wanted), &true)?;
        return Ok(Verdict::Passed);
    };
    let public = done("the public half", recipient.encryption_key())?;
    let answer = Disbursement { encryption_key: Some(&public), ..plain }.answer(key, &clock);
    if entry.get("result").is_none() {
        return refused(answer, &entry["expect"]);
    }
    let (ours, wanted) = (done("the answer", answer)?, done("the answer", plain.answer(key, &clock))?);
    for answer in [&ours, &entry["result"]] {
        equal("the names", &same(&answer["_claim_names"], &wanted["_claim_names"]), &true)?;
        for (source, claims) in wanted["_claim_sources"].as_object().into_iter().flatten() {
            let opened =
                decrypted(payload(key, text(&answer["_claim_sources"][source], "JWT")?)?, recipient)?;
            equal("what was encrypted", &opened, &payload(key, text(claims, "JWT")?)?)?;
        }
    }
    Ok(Verdict::Passed)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The cases of the vectors with the contents encrypted: the recorded token in clear cannot be what is wanted, and one
    /// that is encrypted can.
    #[test]
    fn contents_that_are_encrypted_are_opened_and_compared() {
        let run =
            Run::new(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/credify")).expect("a folder");
        let (keys, rsa) = (SigningKeys::load(&run), RsaKeys::load(&run));
        let file = std::fs::read(run.dir.join("tokens.json")).expect("read");
        let file: Value = serde_json::from_slice(&file).expect("JSON");
        let judged = |mut entry: Value, token: Option<String>, name: &str| {
            entry["content_encrypted_to"] = name.into();
            let members = entry.as_object_mut().expect("an entry");
            for member in ["token", "header_json", "payload_json", "signature"] {
                members.remove(member);
            }
            if let Some(token) = token {
                members.insert("token".to_owned(), token.into());
            }
            crate::runner::credify::common::known(&entry, TOKEN)
                .and_then(|()| disbursement(&keys, &rsa, &entry))
                .map(|_| ())
        };
        let entries = file["disbursement"].as_array().expect("a list");
        let clear = entries[0]["token"].as_str().map(str::to_owned);
        assert_eq!(judged(entries[0].clone(), None, "rsa-3072"), Ok(()));
        assert_eq!(judged(entries[1].clone(), None, "rsa-2048"), Ok(()));
        assert_eq!(judged(entries[2].clone(), None, "rsa-3072"), Ok(()), "still refused");
        assert!(judged(entries[0].clone(), clear, "rsa-3072").is_err());
        assert!(judged(entries[0].clone(), None, "no such key").is_err());

        let public = rsa.get("rsa-3072").expect("a key").encryption_key().expect("a key");
        let args = &entries[0]["args"];
        let claims = Claims::from_value(args["claims"].clone()).expect("claims");
        let made = Disbursement {
            provider_id: args["provider_id"].as_str().expect("a text"),
            entity_id: args["entity_id"].as_str().expect("a text"),
            claims: &claims,
            encryption_key: Some(&public),
        };
        let (key, clock) = (keys.of(&entries[0]).expect("a key"), clock(&entries[0]).expect("a time"));
        let token = made.token(key, &clock).expect("signed").into_exposed();
        assert_eq!(judged(entries[0].clone(), Some(token.clone()), "rsa-3072"), Ok(()));
        assert!(judged(entries[0].clone(), Some(token), "rsa-2048").is_err());

        let mut answers = file["disbursement_documents"][0].clone();
        answers["content_encrypted_to"] = "rsa-3072".into();
        assert!(documents(&keys, &rsa, &answers).is_err(), "the recorded answer is in clear");
        let claims = Claims::from_value(answers["claims"].clone()).expect("claims");
        let made = Disbursement {
            provider_id: answers["provider_id"].as_str().expect("a text"),
            entity_id: answers["entity_id"].as_str().expect("a text"),
            claims: &claims,
            encryption_key: Some(&public),
        };
        let clock = super::clock(&answers).expect("a time");
        answers["result"] = made.answer(keys.of(&answers).expect("a key"), &clock).expect("an answer");
        assert!(documents(&keys, &rsa, &answers).is_ok());
    }
}
