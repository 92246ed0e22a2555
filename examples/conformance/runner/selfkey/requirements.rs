//! `attribute-requirements.json`: what was asked for against what was handed over.

use serde_json::{Value, json};

use super::each;
use crate::runner::Run;
use kyckit::selfkey::{
    attribute::Requirement,
    relying_party::{Schemas, SubmittedAttribute},
};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let schemas = file["schemas"].as_object().into_iter().flatten();
    let schemas = match Schemas::new(schemas.map(|(id, schema)| (id.clone(), schema.clone()))) {
        Ok(schemas) => schemas,
        Err(error) => return run.fault(name, &error.to_string()),
    };
    each(run, name, file, &["error_messages", "results", "valid"], |case| {
        let list =
            |member: &str| case.input[member].as_array().cloned().ok_or_else(|| format!("has no {member}"));
        let attributes: Vec<SubmittedAttribute> = list("attributes")?
            .iter()
            .map(|value| {
                let schema = value["schemaId"].as_str().ok_or("has an attribute without a schema")?;
                let attribute = SubmittedAttribute::new(schema, value["data"].clone());
                Ok(match value["id"].as_str() {
                    Some(id) => attribute.id(id),
                    None => attribute,
                })
            })
            .collect::<Result<_, String>>()?;
        let requirements: Vec<Requirement> = list("requirements")?
            .iter()
            .map(|value| serde_json::from_value(value.clone()).map_err(|error| error.to_string()))
            .collect::<Result<_, _>>()?;
        let matching = schemas.match_requirements(&requirements, &attributes);
        case.holds("valid", &matching.is_valid.into())?;
        let results: Vec<_> = matching
            .results
            .iter()
            .map(|result| {
                let attribute = result.attribute.map(|at| &attributes[at]);
                let requirement = result.requirement.map(|at| {
                    json!({ "id": requirements[at].id, "schemaId": requirements[at].schema_id.as_str() })
                });
                json!({
                    "id": attribute.and_then(|attribute| attribute.id.clone()),
                    "schemaId": attribute.map(|attribute| attribute.schema_id.as_str().to_owned()),
                    "valid": result.is_valid,
                    "requirement": requirement,
                })
            })
            .collect();
        let mut expected = case.expect["results"].as_array().cloned().ok_or("expects no list of results")?;
        for result in &mut expected {
            // Whether it is required follows from the input; ids that are not there are null on our side.
            if let Some(requirement) = result.get_mut("requirement").and_then(Value::as_object_mut) {
                requirement.remove("required");
                requirement.entry("id").or_insert(Value::Null);
            }
        }
        if crate::runner::same(&json!(results), &json!(expected)) {
            return Ok(());
        }
        Err(format!("results are {}, and not {}", json!(results), json!(expected)))
    });
}
