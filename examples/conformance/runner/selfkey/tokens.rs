//! The client's token reader: recorded tokens and the documents' samples.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Case, Run, each};
use kyckit::selfkey::token::UnverifiedToken;

const KNOWN: &[&str] = &[
    "ok",
    "header",
    "payload",
    "expired",
    "has_exp",
    "message_to_sign",
    // Information.
    "error",
    "hs256_key_utf8",
    "round_trip_identical",
    "signature_matches_key",
    "to_string",
];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, KNOWN, check);
}

fn check(case: &Case<'_>) -> Result<(), String> {
    let text = case.text("token")?;
    let token = match (UnverifiedToken::read(text), &case.expect["ok"]) {
        (Ok(_), Value::Bool(false)) => return Err("was read, and not refused".to_owned()),
        (Err(_), Value::Bool(false)) => return Ok(()),
        (Ok(token), _) => token,
        (Err(error), _) => return Err(error.to_string()),
    };
    if token.text().expose() != text {
        return Err("the received text is lost".to_owned());
    }
    case.holds("payload", token.payload().expose())?;
    case.holds("message_to_sign", &json!(token.message_to_sign()))?;
    case.holds("expired", &json!(token.is_expired(case.now()?, Duration::ZERO)))?;
    if !case.expect["header"].is_null() {
        case.holds("header", token.header())?;
    }
    if !case.expect["has_exp"].is_null() {
        case.holds("has_exp", &json!(token.expires().is_some()))?;
    }
    Ok(())
}
