//! Shufti Pro's vectors: `index.json` lists bodies to read, requests to build and files of signature cases.

mod builder;
mod facts;
mod signatures;

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Faults, Run, same};
use kyckit::__private::vectors::shuftipro as vectors;
use kyckit::{
    error::{Error, ErrorKind},
    shuftipro::model::{Operation, VerificationResponse},
    verified::Verified,
};

const INDEX: &str = "index.json";
const RISK_ASSESSMENT_BASE: &str = "https://ra.shuftipro.com/risk-api/";

pub(super) fn run(run: &mut Run) {
    let index = match run.read_json(INDEX) {
        Ok(Value::Object(index)) => index,
        Ok(_) => return run.fault(INDEX, "is not an object"),
        Err(what) => return run.fault(INDEX, &what),
    };
    for list in index.keys().filter(|key| !["about", "totals", "signatures", "files"].contains(&key.as_str()))
    {
        run.fault(INDEX, &format!("holds an unknown list {list}"));
    }
    let mut done = Done::default();
    for entry in list(run, &index, "files") {
        file(run, &entry, &mut done);
    }
    for entry in list(run, &index, "signatures") {
        done.signatures += signatures::run(run, &entry);
    }
    let total = |name| index.get("totals").and_then(|totals| totals.get(name));
    run.total("totals.bodies_read", total("bodies_read"), done.read);
    run.total("totals.bodies_built", total("bodies_built"), done.built);
    run.total("totals.signature_cases", total("signature_cases"), done.signatures);
    run.total("totals.cases", total("cases"), done.read + done.built + done.signatures);
    run.close();
}

#[derive(Default)]
struct Done {
    read: usize,
    built: usize,
    signatures: usize,
}

fn list(run: &mut Run, index: &Map<String, Value>, name: &str) -> Vec<Value> {
    match index.get(name) {
        Some(Value::Array(entries)) => entries.clone(),
        _ => {
            run.fault(INDEX, &format!("holds no list {name}"));
            Vec::new()
        }
    }
}

/// One entry of `files`: one case.
fn file(run: &mut Run, entry: &Value, done: &mut Done) {
    let Some(name) = entry.get("file").and_then(Value::as_str) else {
        return run.fault(INDEX, "holds an entry without a file");
    };
    let bytes = run.read(name);
    let result = match (entry.get("kind").and_then(Value::as_str), bytes) {
        (_, Err(what)) => Err(what),
        (Some("response" | "callback"), Ok(bytes)) => {
            done.read += 1;
            read(entry, &bytes)
        }
        (Some("request"), Ok(bytes)) => {
            done.built += 1;
            build(entry, &bytes)
        }
        _ => Err("has an unknown kind".to_owned()),
    };
    run.file(name, 1);
    run.case(name, &result.unwrap_or_else(|what| vec![what]));
}

/// What the typed reading says of a fact; `None` for one that is not coded.
type Found = Box<dyn Fn(&str) -> Option<Value>>;

/// A body read: every fact of the entry holds.
fn read(entry: &Value, bytes: &[u8]) -> Result<Faults, String> {
    let expected = match entry.get("facts") {
        Some(Value::Object(facts)) if !facts.is_empty() => facts,
        Some(Value::Object(_)) => return Err("has empty facts".to_owned()),
        _ => return Err("has no facts".to_owned()),
    };
    let call = call(entry)?;
    let status = status(entry)?;
    let reading = entry.get("reading").and_then(Value::as_str);
    let found: Found = match reading {
        Some("verification") => {
            let message = Message::read(call, status, bytes)?;
            Box::new(move |fact| facts::verification(&message, fact))
        }
        Some("account") => {
            let account = vectors::account(bytes).map_err(text)?;
            Box::new(move |fact| facts::account(&account, fact))
        }
        Some("access_token") => {
            let token = vectors::access_token(bytes).map_err(text)?;
            Box::new(move |fact| facts::access_token(&token, fact))
        }
        Some("decline_reasons") => {
            let reasons = vectors::decline_reasons(bytes).map_err(text)?;
            Box::new(move |fact| facts::decline_reasons(&reasons, fact))
        }
        _ => return Err("has an unknown reading".to_owned()),
    };
    Ok(expected
        .iter()
        .filter_map(|(fact, expected)| match found(fact) {
            None => Some(format!("{fact} is not a known fact")),
            Some(found) if same(&found, expected) => None,
            Some(found) => Some(format!("{fact} is {found}, expected {expected}")),
        })
        .collect())
}

/// A body as the crate's user meets it: verified, and with the error that it is.
struct Message {
    answer: Verified<VerificationResponse>,
    failure: Option<ErrorKind>,
}

impl Message {
    fn read(call: Option<Operation>, status: Option<StatusCode>, bytes: &[u8]) -> Result<Self, String> {
        let (answer, failure) = vectors::message(call, status, bytes).map_err(text)?;
        Ok(Self { answer, failure })
    }
}

/// A body built: the crate's own builders give the file's JSON.
fn build(entry: &Value, bytes: &[u8]) -> Result<Faults, String> {
    if entry.get("compare").and_then(Value::as_str) != Some("json") {
        return Err("has an unknown way to compare".to_owned());
    }
    let builder = match entry.get("builder") {
        Some(Value::Object(builder)) if !builder.is_empty() => builder,
        _ => return Err("has no builder".to_owned()),
    };
    let expected: Value = serde_json::from_slice(bytes).map_err(|_| "is not JSON".to_owned())?;
    let built = builder::build(builder)?;
    let built: Value = serde_json::from_slice(&built).map_err(|_| "the built body is not JSON".to_owned())?;
    let differs = !same(&built, &expected);
    Ok(differs.then(|| format!("the built body is {built}, expected {expected}")).into_iter().collect())
}

/// The call that a method and a path name; `None` for a callback.
fn call(entry: &Value) -> Result<Option<Operation>, String> {
    let member = |name| entry.get(name).and_then(Value::as_str);
    match (member("kind"), member("method"), member("path")) {
        (Some("callback"), Some("POST"), Some("callback_url")) => Ok(None),
        (Some("response"), Some("POST"), Some("/")) => Ok(Some(Operation::Verify)),
        (Some("response"), Some("POST"), Some(RISK_ASSESSMENT_BASE)) => Ok(Some(Operation::RiskAssessment)),
        (Some("response"), Some("POST"), Some("/status")) => Ok(Some(Operation::Status)),
        (Some("response"), Some("POST"), Some("/delete")) => Ok(Some(Operation::Delete)),
        (Some("response"), Some("POST"), Some("/get/access/token")) => Ok(Some(Operation::AccessToken)),
        (Some("response"), Some("GET"), Some("/account/info/")) => Ok(Some(Operation::AccountInfo)),
        (Some("response"), Some("GET"), Some("/decline/reasons/")) => Ok(Some(Operation::DeclineReasons)),
        _ => Err("has an unknown method or path".to_owned()),
    }
}

fn status(entry: &Value) -> Result<Option<StatusCode>, String> {
    match entry.get("http_status") {
        None | Some(Value::Null) => Ok(None),
        Some(status) => status
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .and_then(|status| StatusCode::from_u16(status).ok())
            .map(Some)
            .ok_or_else(|| "has an unknown http_status".to_owned()),
    }
}

fn text(error: Error) -> String {
    error.to_string()
}
