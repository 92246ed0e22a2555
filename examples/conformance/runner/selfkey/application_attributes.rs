//! Attributes of applications: as a list, by type, and the files inside of them.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Case, Run, each, without_nulls};
use crate::runner::{isolated, same};
use kyckit::__private::vectors::selfkey::{attribute_list, by_type};
use kyckit::selfkey::attribute::{FileObject, SchemaId, resolve_files};

const KNOWN: &[&str] = &["ok", "list", "map", "data", "files", "recommended", "error"];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, KNOWN, check);
}

fn check(case: &Case<'_>) -> Result<(), String> {
    match case.text("operation")? {
        "parse_application_attributes" => {
            let list = attribute_list(&case.input["attributes"]).ok_or("has no attributes")?;
            holds(case, "list", &list)
        }
        "map_by_schema" => {
            if *case.expected("ok") != json!(true) {
                return Err("expects a failure, and there is none".to_owned());
            }
            let list = case.input["list"].as_array().cloned().ok_or("has no list")?;
            let sorted = by_type(list, |one| {
                let schema = one["schemaId"].as_str().ok_or_else(|| one["id"].to_string())?;
                Ok(SchemaId::new(schema))
            });
            holds(case, "map", &json!(sorted))
        }
        "resolve_files" => {
            let seen = Mutex::new(Vec::new());
            let process = |file: FileObject| {
                let content = file.content.into_exposed();
                let stored = json!(format!("file:{content}"));
                if let Ok(mut seen) = seen.lock() {
                    seen.push(content);
                }
                std::future::ready(Ok(stored))
            };
            let resolved = isolated(resolve_files(case.input["data"].clone(), &process))?
                .map_err(|error| error.to_string())?;
            holds(case, "data", resolved.expose())?;
            let seen = seen.into_inner().map_err(|_| "a case panicked")?;
            case.holds("files", &json!(seen))
        }
        other => Err(format!("{other} is no operation that the runner knows")),
    }
}

fn holds(case: &Case<'_>, member: &str, found: &Value) -> Result<(), String> {
    let (found, expected) = (without_nulls(found), without_nulls(case.expected(member)));
    if same(&found, &expected) { Ok(()) } else { Err(format!("{member} is {found}, and not {expected}")) }
}
