//! References to documents, put in and taken out.

use serde_json::{Value, json};

use super::{Case, Run, each, without_nulls};
use crate::runner::same;
use kyckit::selfkey::attribute::{extract_documents, insert_documents};

const KNOWN: &[&str] = &["value", "documents", "documents_left"];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, KNOWN, check);
}

fn check(case: &Case<'_>) -> Result<(), String> {
    let documents = case.input["documents"].as_array().cloned().ok_or("has no documents")?;
    let (value, schema) = (&case.input["value"], &case.input["schema"]);
    let (referenced, left) = match case.text("operation")? {
        "insert" => (insert_documents(value, schema, documents), "documents_left"),
        "extract" => (extract_documents(value, schema, documents), "documents"),
        other => return Err(format!("{other} is no operation that the runner knows")),
    };
    let (found, expected) = (without_nulls(referenced.value.expose()), without_nulls(case.expected("value")));
    if !same(&found, &expected) {
        return Err(format!("value is {found}, and not {expected}"));
    }
    case.holds(left, &json!(referenced.documents))
}
