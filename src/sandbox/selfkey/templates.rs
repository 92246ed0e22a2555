//! The templates that are there by default.

use serde_json::{Value, json};

use super::{schemas, settings::TEMPLATE};
use crate::selfkey::attribute::Requirement;

/// One template for today's wallets, and one with requirements that have no ids, as the older page's dialect needs it.
pub(super) fn templates() -> Vec<Value> {
    let asked = |id: &str, title: &str| Requirement::new(schemas::id(id)).id(id).title(title);
    vec![
        json!({
            "id": TEMPLATE,
            "name": "Individual",
            "description": "A person with a passport",
            "type": "individual",
            "attributes": [
                asked("first-name", "First name").required(true),
                asked("last-name", "Last name").required(true),
                asked("email", "E-mail").required(true),
                asked("country-of-residency", "Country of residency").required(true),
                asked("passport", "Passport").required(true),
                asked("middle-name", "Middle name").required(false),
            ],
            "questions": [],
        }),
        json!({
            "id": 1,
            "name": "Simple",
            "description": "A name and an e-mail address",
            "type": "individual",
            "attributes": [schemas::id("first-name"), schemas::id("email")],
        }),
    ]
}
