//! Signature cases: headers that each rule must accept, and headers that it must refuse.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::{Faults, INDEX, Run};
use kyckit::{
    error::{Error, ErrorKind},
    shuftipro::signature::{HEADER, Rule, Verifier},
};

/// Runs one file of the list `signatures` and tells its number of cases.
pub(super) fn run(run: &mut Run, entry: &Value) -> usize {
    let Some(name) = entry.get("file").and_then(Value::as_str) else {
        run.fault(INDEX, "holds signatures without a file");
        return 0;
    };
    let check = match entry.get("form").and_then(Value::as_str) {
        Some("text" | "bytes") => accept,
        Some("refuse") => refuse,
        _ => {
            run.unlisted.remove(name);
            run.fault(name, "has an unknown form");
            return 0;
        }
    };
    let cases = match run.read_json(name) {
        Ok(Value::Array(cases)) => cases,
        Ok(_) => {
            run.fault(name, "is not a list of cases");
            return 0;
        }
        Err(what) => {
            run.fault(name, &what);
            return 0;
        }
    };
    run.file(name, cases.len());
    let bytes = entry.get("form").and_then(Value::as_str) == Some("bytes");
    for case in &cases {
        let title = case.get("name").and_then(Value::as_str).unwrap_or("a case without a name");
        let faults = check(case, bytes).unwrap_or_else(|what| vec![what]);
        run.case(&format!("{name} {title}"), &faults);
    }
    run.total(name, entry.get("cases"), cases.len());
    cases.len()
}

/// Each header fits under its own rule and under either of the two, and is refused under the other: six checks.
fn accept(case: &Value, bytes: bool) -> Result<Faults, String> {
    let body = body(case, bytes)?;
    let secret = text(case, "secret_key")?;
    let mut faults = Faults::new();
    for (own, name, other) in [(Rule::Hashed, "hashed", Rule::Legacy), (Rule::Legacy, "legacy", Rule::Hashed)]
    {
        let headers = header(text(case, &format!("signature_{name}"))?)?;
        let check = |rule| Verifier::new(secret, rule).check(&headers, &body);
        for rule in [own, Rule::Either] {
            if check(rule).ok().map(|proof| proof.rule) != Some(name) {
                faults.push(format!("the {name} signature is not accepted, with its name, under {rule:?}"));
            }
        }
        if let Some(fault) = accepted(check(other)) {
            faults.push(format!("the {name} signature under the other rule: {fault}"));
        }
    }
    Ok(faults)
}

/// The header is refused as a wrong signature.
fn refuse(case: &Value, _bytes: bool) -> Result<Faults, String> {
    let rule = match text(case, "rule")? {
        "hashed" => Rule::Hashed,
        "legacy" => Rule::Legacy,
        _ => return Err("names an unknown rule".to_owned()),
    };
    let body = body(case, false)?;
    let headers = header(text(case, "header")?)?;
    let result = Verifier::new(text(case, "secret_key")?, rule).check(&headers, &body);
    Ok(accepted(result).into_iter().collect())
}

fn accepted<T>(result: Result<T, Error>) -> Option<String> {
    match result {
        Ok(_) => Some("is accepted".to_owned()),
        Err(error) if error.kind() == ErrorKind::Signature => None,
        Err(error) => Some(format!("fails with another error: {error}")),
    }
}

fn body(case: &Value, bytes: bool) -> Result<Vec<u8>, String> {
    if bytes {
        STANDARD.decode(text(case, "body_base64")?).map_err(|_| "body_base64 is not base64".to_owned())
    } else {
        text(case, "body").map(|body| body.as_bytes().to_vec())
    }
}

fn text<'a>(case: &'a Value, member: &str) -> Result<&'a str, String> {
    case.get(member).and_then(Value::as_str).ok_or_else(|| format!("has no {member}"))
}

fn header(value: &str) -> Result<HeaderMap, String> {
    let value = HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| "the header holds what no HTTP header can hold".to_owned())?;
    Ok(HeaderMap::from_iter([(http::HeaderName::from_static(HEADER), value)]))
}
