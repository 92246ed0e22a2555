//! What refusals are taken for.

use serde_json::{Value, json};

use super::{Case, Run, each};
use crate::runner::isolated;
use kyckit::{
    selfkey::{Client, ErrorBody, RelyingPartyConfig, WalletKey},
    transport::{MockResponse, MockTransport, Options, Retry},
};

const KNOWN: &[&str] = &["kind", "code", "login_again", "message", "source"];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, KNOWN, check);
}

fn check(case: &Case<'_>) -> Result<(), String> {
    let status = case.input["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let body = match &case.input["body"] {
        Value::Null => "<html><title>502</title></html>".to_owned(),
        body => body.to_string(),
    };
    let memory = MockTransport::new([MockResponse::json(status.ok_or("has no status")?, body)]);
    let key = WalletKey::from_hex(format!("{:064x}", 1)).map_err(|error| error.to_string())?;
    let client = Client::builder(RelyingPartyConfig::new("https://rp.example"), key.did(), key.clone())
        .options(Options::new().transport(memory).retry(Retry::never()))
        .build()
        .map_err(|error| error.to_string())?;
    // One reader stands behind every call; this one needs no session first.
    let Err(error) = isolated(client.templates())? else { return Err("is no refusal".to_owned()) };
    let failure = ErrorBody::of(&error);
    case.holds("kind", &json!(failure.map(ErrorBody::as_str)))?;
    case.holds("code", &json!(error.code()))?;
    case.holds("login_again", &json!(failure.is_some_and(ErrorBody::login_again)))
}
