//! One application, and what becomes of it.

use serde_json::{Map, Value, json};

use super::super::{store::Change, submitted::SubmittedAttribute};
use crate::selfkey::model::attribute::Requirement;

/// The status of an application that was handed in.
pub(super) const UPLOADED: i64 = 4;
/// The status in which the applicant has to act.
pub(super) const ADDITIONAL_REQUESTED: i64 = 9;

/// An application as the store keeps it.
pub(super) struct StoredApplication {
    pub(super) holder: String,
    pub(super) body: Value,
    pub(super) messages: Vec<Value>,
    /// Whether it belongs to a member of another application.
    pub(super) is_member: bool,
}

impl StoredApplication {
    /// How many entries there are of the kind that the change adds to.
    pub(super) fn entries(&self, change: &Change) -> usize {
        let length = |name: &str| match &self.body[name] {
            Value::Array(list) => list.len(),
            Value::Object(map) => map.len(),
            _ => 0,
        };
        match change {
            Change::Answers { .. } => length("questions").max(length("attributes")),
            Change::Payment { .. } => length("payments"),
            Change::Status { .. } => length("statusLog"),
            Change::Message(_) => self.messages.len(),
            Change::Requirement { .. } => length("attributes"),
        }
    }

    pub(super) fn set_status(&mut self, code: i64, note: Option<Value>, now: &str) {
        self.body["currentStatus"] = code.into();
        self.body["statusName"] = status_name(code).into();
        self.body["updatedAt"] = now.into();
        let length = self.body["statusLog"].as_array().map_or(0, Vec::len);
        let mut entry = json!({ "_id": format!("{}-{length}", self.body["id"].as_str().unwrap_or_default()), "timestamp": now, "code": code });
        if let Some(note) = note {
            entry["note"] = note;
        }
        if let Some(log) = self.body["statusLog"].as_array_mut() {
            log.insert(0, entry);
        }
    }

    pub(super) fn apply(&mut self, change: Change, id: String, now: &str) {
        match change {
            Change::Answers { attributes, questions } => {
                if let Some(map) = self.body["attributes"].as_object_mut() {
                    fill_in(map, attributes);
                }
                if let (Some(map), Some(answers)) =
                    (self.body["questions"].as_object_mut(), questions.expose().as_object())
                {
                    map.extend(answers.clone());
                }
                self.body["updatedAt"] = now.into();
            }
            Change::Payment { transaction_hash } => {
                if let Some(payments) = self.body["payments"].as_array_mut() {
                    payments.push(json!({ "transactionHash": transaction_hash, "createdAt": now }));
                }
            }
            Change::Status { code, note } => {
                self.set_status(code, note.map(|note| note.expose().as_str().into()), now);
            }
            Change::Message(message) => self.messages.push(json!({
                "id": id, "user": {}, "roles": [], "createdAt": now, "message": message.expose(),
            })),
            Change::Requirement { schema_id, title } => {
                self.body["attributes"][id] = json!({
                    "label": title, "description": null, "optional": false, "isAdditional": true,
                    "valid": false, "value": null, "schemaId": schema_id,
                });
            }
        }
    }
}

/// A requirement of an application with what was answered.
pub(super) fn entry(asked: &Requirement, value: Option<Value>) -> Value {
    json!({
        "label": asked.title, "description": null, "optional": !asked.required_by_relying_party(), "isAdditional": false,
        "valid": value.is_some(), "value": value, "schemaId": asked.schema_id,
    })
}

/// Puts attributes where they were asked for: by their ids, else by their schemas; what was not asked for stands
/// behind.
pub(super) fn fill_in(map: &mut Map<String, Value>, attributes: Vec<SubmittedAttribute>) {
    for attribute in attributes {
        let by_id = attribute.id.filter(|id| map.contains_key(id));
        let place = by_id.or_else(|| {
            let open =
                |entry: &Value| entry["schemaId"] == attribute.schema_id.as_str() && entry["value"].is_null();
            map.iter().find(|(_, entry)| open(entry)).map(|(name, _)| name.clone())
        });
        let place = place.unwrap_or_else(|| attribute.schema_id.as_str().to_owned());
        let value = attribute.data.into_exposed();
        match map.get_mut(&place) {
            Some(entry) => {
                entry["value"] = value;
                entry["valid"] = true.into();
            }
            None => {
                let asked = Requirement::new(attribute.schema_id).id(place.clone()).required(false);
                map.insert(place, entry(&asked, Some(value)));
            }
        }
    }
}

/// The text that is shown for a status.
pub(super) fn status_name(code: i64) -> &'static str {
    match code {
        0 => "Missing",
        2 => "Approved",
        3 => "Rejected",
        4 => "Submitted",
        5 => "Invited",
        7 => "Declined",
        8 => "Cancelled",
        10 => "Corporate Details",
        12 => "Partially Approved",
        13 => "Send Tokens",
        14 => "Manager Assigned",
        16 => "Reopened",
        _ => "In Progress",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The provider's list of statuses.
    #[test]
    fn a_status_is_shown_by_its_name() {
        let named: Vec<_> = (0..=16).map(status_name).collect();
        assert_eq!(named[0], "Missing");
        assert_eq!(named[2..6], ["Approved", "Rejected", "Submitted", "Invited"]);
        assert_eq!(named[7..9], ["Declined", "Cancelled"]);
        assert_eq!(
            [named[10], named[12], named[16]],
            ["Corporate Details", "Partially Approved", "Reopened"]
        );
    }
}
