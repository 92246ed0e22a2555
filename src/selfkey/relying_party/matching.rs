//! What a relying party asks for, matched with what a wallet hands over.
//!
//! Source: `selfkey.js`, `src/identity/attribute-manager`. One thing is stricter here: an attribute that is matched by
//! its id must have the schema that was asked for, since it chooses by which schema it is checked.

use serde_json::{Value, json};

use super::{schemas::Schemas, submitted::SubmittedAttribute};
use crate::selfkey::model::attribute::Requirement;

/// What came of matching: one result for each requirement in order, then one for each attribute that was not asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Matching {
    /// Whether every requirement that is required has a valid attribute.
    pub is_valid: bool,
    /// One by one.
    pub results: Vec<Match>,
}

/// A requirement and the attribute that was found for it, or an attribute that was not asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match {
    /// The place of the requirement in its list.
    pub requirement: Option<usize>,
    /// The place of the attribute in its list.
    pub attribute: Option<usize>,
    /// Whether the attribute is there and valid.
    pub is_valid: bool,
    /// What is wrong, free of the values themselves.
    pub faults: Vec<String>,
}

impl Schemas {
    /// Matches attributes with requirements, and checks their values.
    ///
    /// A requirement with an id takes the first unused attribute of that id; one without takes the first unused
    /// attribute that has no id either and the same schema.
    pub fn match_requirements(
        &self,
        requirements: &[Requirement],
        attributes: &[SubmittedAttribute],
    ) -> Matching {
        match_with(Some(self), requirements, attributes)
    }
}

/// [`Schemas::match_requirements`], without schemas only presence counts.
pub(super) fn match_with(
    schemas: Option<&Schemas>,
    requirements: &[Requirement],
    attributes: &[SubmittedAttribute],
) -> Matching {
    let mut used = vec![false; attributes.len()];
    let mut results = Vec::with_capacity(requirements.len());
    let faults = |attribute: &SubmittedAttribute| match schemas {
        Some(schemas) => schemas.faults(attribute.schema_id.as_str(), attribute.data.expose()),
        None if attribute.data.expose().is_null() => vec!["there is no value".to_owned()],
        None => Vec::new(),
    };
    for (place, requirement) in requirements.iter().enumerate() {
        let found = attributes.iter().enumerate().position(|(at, attribute)| {
            !used[at]
                && match &requirement.id {
                    Some(id) => attribute.id.as_ref() == Some(id),
                    None => attribute.id.is_none() && same_schema(attribute, requirement),
                }
        });
        let faults = match found {
            None => vec!["there is no such attribute".to_owned()],
            Some(at) if !same_schema(&attributes[at], requirement) => {
                vec!["the attribute has another schema than was asked for".to_owned()]
            }
            Some(at) => faults(&attributes[at]),
        };
        if let Some(at) = found {
            used[at] = true;
        }
        results.push(Match {
            requirement: Some(place),
            attribute: found,
            is_valid: faults.is_empty(),
            faults,
        });
    }
    let is_valid = results
        .iter()
        .zip(requirements)
        .all(|(result, asked)| result.is_valid || !asked.required_by_relying_party());
    for (at, attribute) in attributes.iter().enumerate().filter(|(at, _)| !used[*at]) {
        let faults = faults(attribute);
        results.push(Match { requirement: None, attribute: Some(at), is_valid: faults.is_empty(), faults });
    }
    Matching { is_valid, results }
}

impl Matching {
    /// What is wrong with what is required, for a response's `errors`: requirement, schema and texts.
    pub(super) fn to_errors(&self, requirements: &[Requirement]) -> Vec<Value> {
        self.results
            .iter()
            .filter_map(|result| Some((result, requirements.get(result.requirement?)?)))
            .filter(|(result, asked)| asked.required_by_relying_party() && !result.is_valid)
            .map(|(result, asked)| {
                json!({ "id": asked.id, "schemaId": asked.schema_id, "messages": result.faults })
            })
            .collect()
    }
}

fn same_schema(attribute: &SubmittedAttribute, requirement: &Requirement) -> bool {
    attribute.schema_id == requirement.schema_id
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "http://platform.selfkey.org/schema/attribute/first-name.json";

    fn schemas() -> Schemas {
        Schemas::new([(NAME, json!({ "type": "string" }))]).expect("schemas")
    }

    #[test]
    fn the_scheme_of_a_schema_makes_no_difference() {
        let schemas = schemas();
        let asked = [Requirement::new(format!("{} ", NAME.replace("http:", "https:")))];
        let matching = schemas.match_requirements(&asked, &[SubmittedAttribute::new(NAME, json!("Ada"))]);
        assert!(matching.is_valid);
    }

    #[test]
    fn an_attribute_does_not_choose_by_which_schema_it_is_checked() {
        let schemas = schemas();
        let asked = [Requirement::new("http://platform.selfkey.org/schema/attribute/passport.json").id("r1")];
        let matching =
            schemas.match_requirements(&asked, &[SubmittedAttribute::new(NAME, json!("Ada")).id("r1")]);
        assert!(!matching.is_valid);
    }

    #[test]
    fn an_optional_requirement_that_is_not_met_is_no_error() {
        let schemas = schemas();
        let asked = [Requirement::new(NAME).id("a"), Requirement::new(NAME).id("b").required(false)];
        let matching = schemas.match_requirements(&asked, &[]);
        let errors = matching.to_errors(&asked);
        assert_eq!(errors.iter().map(|error| &error["id"]).collect::<Vec<_>>(), ["a"]);
        let asked = [Requirement::new(NAME)];
        let met = schemas.match_requirements(&asked, &[SubmittedAttribute::new(NAME, json!("Ada"))]);
        assert!(met.to_errors(&asked).is_empty());
    }
}
