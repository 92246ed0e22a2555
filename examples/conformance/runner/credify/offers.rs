//! `offer-evaluation.json`: ranks and scopes as the official package gives them.

use serde_json::{Map, Value};

use super::super::{Faults, Run, same};
use kyckit::{
    credify::offer::{Evaluation, evaluate},
    error::{ErrorKind, Result},
};

const MEMBERS: [&str; 7] =
    ["label", "conditions", "required_custom_scopes", "claims", "expect", "note", "id"];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let Some(file) = file.as_object() else { return run.fault(name, "is not an object") };
    for unknown in
        file.keys().filter(|key| !["description", "oracle", "seed", "count", "cases"].contains(&key.as_str()))
    {
        run.fault(name, &format!("holds an unknown list {unknown}"));
    }
    let cases = file.get("cases").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    run.file(name, cases.len());
    for (index, case) in cases.iter().enumerate() {
        let id = case["id"].as_str().map_or_else(|| format!("{name}[{index}]"), str::to_owned);
        run.case(&id, &one(case).unwrap_or_else(|what| vec![what]));
    }
    run.total(name, file.get("count"), cases.len());
}

fn one(case: &Value) -> Result<Faults, String> {
    let case = case.as_object().ok_or("is not an object")?;
    if let Some(unknown) = case.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
        return Err(format!("{unknown} is no member that the runner knows"));
    }
    let member = |name: &str| case.get(name).ok_or_else(|| format!("has no {name}"));
    let expect = member("expect")?.as_object().ok_or("expects nothing")?;
    let found = evaluate(member("conditions")?, member("required_custom_scopes")?, member("claims")?);
    if let Some(category) = expect.get("error") {
        return refused(expect, category, found);
    }
    let evaluation = found.map_err(|error| error.to_string())?;
    if !same(&Value::from(evaluation.rank()), expect.get("rank").ok_or("expects no rank")?) {
        return Err(format!("the rank is {}", evaluation.rank()));
    }
    let mut faults = Faults::new();
    for (name, wanted) in expect {
        let scopes = match name.as_str() {
            "rank" => continue,
            "used_scopes" => evaluation.used_scopes(),
            "requested_scopes" => evaluation.requested_scopes(),
            other => return Err(format!("{other} is not a known fact")),
        };
        let scopes =
            scopes.map(|scopes| scopes.iter().map(|scope| Value::from(&**scope)).collect::<Vec<_>>());
        let found = scopes.map_or(Value::Null, Value::Array);
        if found != *wanted {
            faults.push(format!("{name} is {found}, expected {wanted}"));
        }
    }
    let lists = ["used_scopes", "requested_scopes"];
    faults.extend(
        lists.iter().filter(|name| !expect.contains_key(**name)).map(|name| format!("expects no {name}")),
    );
    Ok(faults)
}

fn refused(
    expect: &Map<String, Value>,
    category: &Value,
    found: Result<Evaluation<'_>>,
) -> Result<Faults, String> {
    if expect.len() != 1 || category != "InvalidCondition" {
        return Err("expects an error that the runner does not know".to_owned());
    }
    match found {
        Ok(evaluation) => Err(format!("was evaluated to {}", evaluation.rank())),
        Err(error) if error.kind() != ErrorKind::InvalidRequest || error.path().is_none() => {
            Err(format!("was refused as {error}"))
        }
        Err(error) if error.check().is_some_and(|check| check.starts_with("condition.")) => Ok(Faults::new()),
        Err(error) => Err(format!("was refused as {error}")),
    }
}
