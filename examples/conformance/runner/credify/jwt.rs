//! The form of tokens, made and read.

use serde_json::{Value, json};

use super::common::{List, Outcome, SigningKeys, Verdict, clock, done, equal, lists, refused, text};
use crate::runner::{Run, same};
use kyckit::{
    __private::vectors::credify::{encode, read_token, sign},
    credify::token::login_token,
};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let keys = SigningKeys::load(run);
    let generate = |entry: &Value| generate(&keys, entry);
    let login = |entry: &Value| login(&keys, entry);
    let parse = |entry: &Value| parse(&keys, entry);
    lists(
        run,
        name,
        file,
        &[],
        &[
            List {
                name: "generate",
                members: &["key", "payload_json_in", "token", "header_json", "payload_json", "signature"],
                run: &generate,
            },
            List {
                name: "login_token",
                members: &["key", "now_ms", "token", "header_json", "payload_json", "signature"],
                run: &login,
            },
            List {
                name: "parse",
                members: &["label", "note", "token", "peer", "valid_signature_by_published_key", "expect"],
                run: &parse,
            },
        ],
    );
}

fn generate(keys: &SigningKeys, entry: &Value) -> Outcome {
    let payload: Value =
        serde_json::from_str(text(entry, "payload_json_in")?).map_err(|_| "the payload is not JSON")?;
    let token = done("the token", sign(keys.of(entry)?, &payload))?;
    same_token(token.expose(), entry)?;
    Ok(Verdict::Passed)
}

fn login(keys: &SigningKeys, entry: &Value) -> Outcome {
    let token = done("the token", login_token(keys.of(entry)?, &clock(entry)?))?;
    same_token(token.expose(), entry)?;
    Ok(Verdict::Passed)
}

/// The token and, where they are recorded, its parts.
pub(super) fn same_token(token: &str, entry: &Value) -> Result<(), String> {
    equal("the token", token, text(entry, "token")?)?;
    let parts = format!(
        "{}.{}.{}",
        encode(text(entry, "header_json")?.as_bytes()),
        encode(text(entry, "payload_json")?.as_bytes()),
        text(entry, "signature")?
    );
    equal("a part of the token", token, parts.as_str())
}

fn parse(keys: &SigningKeys, entry: &Value) -> Outcome {
    let parsed = read_token(text(entry, "token")?, &keys.get("published")?.verifying_key());
    let Some(wanted) = entry["expect"].get("ok") else { return refused(parsed, &entry["expect"]) };
    let (header, payload, signature_valid) = done("the token", parsed)?;
    let ours = json!({ "header": header, "payload": payload, "signature_valid": signature_valid });
    equal("what was read", &same(&ours, wanted), &true)?;
    Ok(Verdict::Passed)
}
