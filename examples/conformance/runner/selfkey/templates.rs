//! Templates, in a list and in full.

use serde_json::{Value, json};

use super::{Case, Run, each};
use crate::runner::same;
use kyckit::__private::vectors::selfkey::{template, templates};

const KNOWN: &[&str] = &["template", "templates", "source"];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, KNOWN, check);
}

fn check(case: &Case<'_>) -> Result<(), String> {
    let answer = case.input["json"].clone();
    match case.text("kind")? {
        "list" => {
            let read = templates(answer).map_err(|error| error.to_string())?;
            let expected = case.expect["templates"].as_array().ok_or("expects no templates")?;
            if read.len() != expected.len() {
                return Err(format!("{} templates, and not {}", read.len(), expected.len()));
            }
            for (read, expected) in read.iter().zip(expected) {
                let found = json!({
                    "id": read.id.as_str(), "name": read.name, "description": read.description,
                });
                agree(&found, expected, &["id", "name", "description"])?;
            }
            Ok(())
        }
        "detail" => {
            let read = template(answer).map_err(|error| error.to_string())?;
            let attributes: Vec<_> = read
                .attributes
                .iter()
                .map(|one| {
                    json!({
                        "id": one.id, "schemaId": one.schema_id, "required": one.required_by_wallet(),
                        "title": one.title,
                    })
                })
                .collect();
            let found = json!({
                "id": read.id.map(|id| id.as_str().to_owned()), "name": read.name,
                "description": read.description, "type": read.kind, "attributes": attributes,
            });
            let expected = &case.expect["template"];
            agree(&found, expected, &["id", "name", "description", "type"])?;
            let expected = expected["attributes"].as_array().ok_or("expects no attributes")?;
            if attributes.len() != expected.len() {
                return Err(format!("{} attributes, and not {}", attributes.len(), expected.len()));
            }
            attributes
                .iter()
                .zip(expected)
                .try_for_each(|(found, one)| agree(found, one, &["id", "schemaId", "required", "title"]))
        }
        other => Err(format!("{other} is no kind that the runner knows")),
    }
}

/// Compares members; null and absent are the same, and so is what `expected` has beside them.
fn agree(found: &Value, expected: &Value, members: &[&str]) -> Result<(), String> {
    match members.iter().find(|name| !same(&found[**name], &expected[**name])) {
        Some(name) => Err(format!("{name} is {}, and not {}", found[*name], expected[*name])),
        None => Ok(()),
    }
}
