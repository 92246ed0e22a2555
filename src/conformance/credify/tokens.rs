//! Approval, identity and disbursement tokens.

use serde_json::Value;

use super::{
    common::{List, Outcome, SigningKeys, Verdict, clock, done, equal, lists, refused, text},
    jwt::same_token,
};
use crate::{
    conformance::{Run, same},
    credify::{
        claims::Claims,
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
];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let keys = SigningKeys::load(run);
    let token = |entry: &Value| token(&keys, entry);
    let disbursement = |entry: &Value| disbursement(&keys, entry);
    let documents = |entry: &Value| documents(&keys, entry);
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

fn disbursement(keys: &SigningKeys, entry: &Value) -> Outcome {
    let args = &entry["args"];
    let claims = done("the claims", Claims::from_value(args["claims"].clone()))?;
    let disbursement = Disbursement {
        provider_id: text(args, "provider_id")?,
        entity_id: text(args, "entity_id")?,
        claims: &claims,
        encryption_key: None,
    };
    judge(disbursement.token(keys.of(entry)?, &clock(entry)?), entry)
}

fn documents(keys: &SigningKeys, entry: &Value) -> Outcome {
    let claims = done("the claims", Claims::from_value(entry["claims"].clone()))?;
    let disbursement = Disbursement {
        provider_id: text(entry, "provider_id")?,
        entity_id: text(entry, "entity_id")?,
        claims: &claims,
        encryption_key: None,
    };
    let answer = disbursement.answer(keys.of(entry)?, &clock(entry)?);
    let Some(wanted) = entry.get("result") else { return refused(answer, &entry["expect"]) };
    equal("the answer", &same(&done("the answer", answer)?, wanted), &true)?;
    Ok(Verdict::Passed)
}
