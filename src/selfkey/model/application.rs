//! An application as a relying party or KYC-Chain shows it.

use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value};

use super::{
    attribute::{ByType, SchemaId, by_type},
    lenient::{id_of, text_of, truthy},
    status::Status,
    template::TemplateId,
    timestamp::Timestamp,
};
use crate::{
    error::{Error, ErrorKind},
    privacy::Pii,
    wire::unread::{Shape, Unread, UnreadMember, prune},
};

/// An application.
///
/// Which members are there depends on who is asked and for which fields. What this type has no name for is in
/// [`raw`](Self::raw).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Application {
    /// What the relying party knows it by.
    pub id: String,
    /// For which template it is.
    pub template: Option<TemplateId>,
    /// Where it stands.
    pub status: Option<Status>,
    /// A word for where it stands, to be shown: it is not one-to-one with the status.
    pub status_name: Option<String>,
    /// What was handed in and what is asked for.
    pub attributes: Vec<ApplicationAttribute>,
    /// Free questions.
    pub questions: Vec<Question>,
    /// What was paid, as it came.
    pub payments: Vec<Pii<Value>>,
    /// How it came to stand where it stands, newest first.
    pub status_log: Vec<StatusChange>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was changed last.
    pub updated_at: Option<Timestamp>,
    raw: Pii<Value>,
    unread: Unread,
}

/// What is picked out of an application beside what has to be of its type: the id, which says which application it is,
/// the status, which a decision rests on, and whether an attribute is valid, which its value rests on.
const SIDE_MEMBERS: &[(&str, Shape)] = &[
    ("template", Shape::TextOrObject),
    ("templateId", Shape::TextOrObject),
    ("statusName", Shape::Text),
    ("createdAt", Shape::Text),
    ("updatedAt", Shape::Text),
    ("attributes", Shape::Object),
    ("attributes.*", Shape::Object),
    ("attributes.*.label", Shape::Text),
    ("attributes.*.title", Shape::Text),
    ("attributes.*.description", Shape::Text),
    ("attributes.*.schemaId", Shape::Text),
    ("attributes.*.schema", Shape::TextOrObject),
    ("questions", Shape::Object),
    ("questions.*", Shape::Object),
    ("questions.*.label", Shape::Text),
    ("questions.*.question", Shape::Text),
    ("questions.*.description", Shape::Text),
    ("questions.*.type", Shape::Text),
    ("questions.*.options", Shape::List),
    ("questions.*.options[]", Shape::Text),
    ("questions.*.valid", Shape::Flag),
    ("payments", Shape::List),
    ("statusLog", Shape::List),
    ("statusLog[]", Shape::Object),
    ("statusLog[].timestamp", Shape::Text),
    ("statusLog[].note", Shape::TextOrObject),
];

/// An attribute of an application: a requirement, and what was handed in for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApplicationAttribute {
    /// The id of the requirement.
    pub id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether it must be given.
    pub required: bool,
    /// The kind of attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_id: Option<SchemaId>,
    /// Whether what was handed in is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid: Option<bool>,
    /// What was handed in; files hold the id under which they can be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Pii<Value>>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it was asked for after the application was made.
    #[serde(skip)]
    pub is_additional: bool,
}

/// A free question of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// What the relying party knows it by.
    pub id: String,
    /// What it is called.
    pub label: Option<String>,
    /// The question.
    pub question: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it must be answered.
    pub required: bool,
    /// How it is answered: `input`, `checkbox`, `select`, `date`.
    pub kind: Option<String>,
    /// What can be chosen from.
    pub options: Vec<String>,
    /// The answer.
    pub value: Option<Pii<Value>>,
    /// Whether the answer is good.
    pub valid: Option<bool>,
    /// Whether it was asked after the application was made.
    pub is_additional: bool,
}

/// One step of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusChange {
    /// To where.
    pub status: Option<Status>,
    /// When.
    pub at: Option<Timestamp>,
    /// What was noted.
    pub note: Option<Pii<String>>,
}

impl Application {
    /// Reads an application.
    pub(crate) fn read(raw: Value) -> Result<Self, Error> {
        let missing = |path: &str| {
            Error::new(ErrorKind::Decode, "a member is missing or of another type").with_path(path)
        };
        let whole = Pii::new(raw.clone());
        let mut raw = raw;
        let mut unread = prune(&mut raw, SIDE_MEMBERS);
        let id = id_of(&raw["id"]).or_else(|| id_of(&raw["_id"])).ok_or_else(|| missing("id"))?;
        let status = |value: &Value, path: &str| {
            if value.is_null() {
                Ok(None)
            } else {
                Status::deserialize(value).map(Some).map_err(|_| missing(path))
            }
        };
        // Absent means that there is no objection, so what is there and cannot be read must not pass for it.
        let attributes = raw["attributes"].as_object().into_iter().flatten();
        if let Some((id, _)) =
            attributes.into_iter().find(|(_, one)| !one["valid"].is_null() && !one["valid"].is_boolean())
        {
            return Err(missing(&format!("attributes.{id}.valid")));
        }
        let current_status = status(&raw["currentStatus"], "currentStatus")?;
        // The provider's example server of April 2019 has other names for two of them.
        let template = [&raw["template"], &raw["templateId"]].into_iter().find_map(template);
        let log = |raw: &Value| {
            let named = |name| Some((name, raw[name].as_array()?.clone()));
            ["statusLog", "status"].into_iter().find_map(named).unwrap_or_default()
        };
        // Every step of the application as it came, so that no other step is taken for the newest.
        let (name, steps) = log(whole.expose());
        for (at, step) in steps.iter().enumerate() {
            let path = format!("{name}[{at}].code");
            let code = if step.is_object() { status(&step["code"], &path) } else { Err(missing(&path)) };
            match code {
                // Without a current status the newest step is what the decision rests on.
                Err(error) if at == 0 && current_status.is_none() => return Err(error),
                Err(_) if step.is_object() => unread.push(path, step["code"].clone()),
                _ => {}
            }
        }
        let status_log: Vec<_> = log(&raw).1.iter().map(status_change).collect();
        let newest = status_log.first().and_then(|newest| newest.status);
        let text = |name: &str| text_of(&raw[name]);
        Ok(Self {
            id,
            template,
            status: current_status.or(newest),
            status_name: text("statusName"),
            attributes: raw["attributes"].as_object().map(attribute_list).unwrap_or_default(),
            questions: raw["questions"].as_object().into_iter().flatten().map(question).collect(),
            payments: raw["payments"].as_array().into_iter().flatten().cloned().map(Pii::new).collect(),
            status_log,
            created_at: text("createdAt").map(Timestamp::from),
            updated_at: text("updatedAt").map(Timestamp::from),
            raw: whole,
            unread,
        })
    }

    /// Everything that came, also what this type has no name for.
    pub fn raw(&self) -> &Pii<Value> {
        &self.raw
    }

    /// Returns the members that are not of the documented type, and absent therefore. The id and the status are never
    /// among them: an application in which those are mistyped is refused.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }

    /// Returns the attributes by their type.
    pub fn attributes_by_type(&self) -> ByType<ApplicationAttribute> {
        attributes_by_type(self.attributes.clone())
    }
}

pub(crate) fn attributes_by_type(
    attributes: impl IntoIterator<Item = ApplicationAttribute>,
) -> ByType<ApplicationAttribute> {
    by_type(attributes, |attribute| attribute.schema_id.clone().ok_or_else(|| attribute.id.clone()))
}

/// Reads a list of applications and says which one does not fit.
pub(crate) fn read_list(list: Vec<Value>) -> Result<Vec<Application>, Error> {
    let read = list.into_iter().enumerate().map(|(at, value)| {
        Application::read(value).map_err(|error| {
            let path = format!("[{at}].{}", error.path().unwrap_or("."));
            error.with_path(path)
        })
    });
    read.collect()
}

/// The attributes of an application, in the order of its map.
pub(crate) fn attribute_list(map: &Map<String, Value>) -> Vec<ApplicationAttribute> {
    map.iter()
        .map(|(id, value)| {
            let text = |name: &str| text_of(&value[name]).filter(|text| !text.is_empty());
            // Newer servers write `schemaId`, older ones `schema`, which some fill with the whole of it.
            let schema = [&value["schemaId"], &value["schema"], &value["schema"]["$id"]];
            ApplicationAttribute {
                id: id.clone(),
                title: text("label").or_else(|| text("title")),
                required: !truthy(&value["optional"]),
                schema_id: schema.into_iter().find_map(Value::as_str).map(SchemaId::new),
                valid: value["valid"].as_bool(),
                data: value.get("value").filter(|data| !data.is_null()).cloned().map(Pii::new),
                description: text_of(&value["description"]),
                is_additional: truthy(&value["isAdditional"]),
            }
        })
        .collect()
}

/// The id of a template, also where the template itself stands.
fn template(value: &Value) -> Option<TemplateId> {
    let value = if value.is_object() {
        [&value["_id"], &value["id"]].into_iter().find(|id| !id.is_null())?
    } else {
        value
    };
    serde_json::from_value(value.clone()).ok()
}

fn status_change(value: &Value) -> StatusChange {
    let note = value["note"].as_str().or_else(|| value["note"]["content"].as_str());
    StatusChange {
        status: serde_json::from_value(value["code"].clone()).ok(),
        at: text_of(&value["timestamp"]).map(Timestamp::from),
        note: note.filter(|note| !note.is_empty()).map(Pii::from),
    }
}

fn question((id, value): (&String, &Value)) -> Question {
    let text = |name: &str| text_of(&value[name]).filter(|text| !text.is_empty());
    Question {
        id: id.clone(),
        label: text("label"),
        question: text("question"),
        description: text("description"),
        required: !truthy(&value["optional"]),
        kind: text("type"),
        options: value["options"].as_array().into_iter().flatten().filter_map(text_of).collect(),
        value: value.get("value").filter(|value| !value.is_null()).cloned().map(Pii::new),
        valid: value["valid"].as_bool(),
        is_additional: truthy(&value["isAdditional"]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_generation_is_read_and_nothing_is_lost() {
        let raw = json!({
            "_id": 7, "template": {"_id": "t", "name": "n"}, "currentStatus": "9", "statusName": "In Progress",
            "attributes": {"a": {"schema": {"$id": "http://x.example/email.json"}, "optional": 0, "value": null}},
            "questions": {"q": {"question": "how many?", "type": "select", "options": ["5", 6], "value": "5"}},
            "statusLog": [
                {"code": 9, "timestamp": "2020-04-08T12:26:26.479Z", "note": {"content": "more"}},
                {"code": 4, "note": "first"}, {"note": null}
            ],
            "owners": [{"_id": "o", "email": "ada@example.com"}], "brandNew": [1]
        });
        let application = Application::read(raw.clone()).expect("an application");
        assert_eq!(application.id, "7");
        assert_eq!(application.template, Some("t".into()));
        assert_eq!(application.status, Some(Status::AdditionalRequested));
        assert_eq!(application.attributes[0].schema_id, Some(SchemaId::new("http://x.example/email.json")));
        assert!(application.attributes[0].required && application.attributes[0].data.is_none());
        assert_eq!(application.questions[0].options, ["5", "6"]);
        let notes: Vec<_> = application.status_log.iter().map(|step| step.note.clone()).collect();
        assert_eq!(notes, [Some("more".into()), Some("first".into()), None]);
        assert_eq!(application.raw().expose(), &raw);
        let shown = format!("{application:?}");
        assert!(!shown.contains("ada@") && !shown.contains("more") && !shown.contains("first"), "{shown}");

        let older = json!({"id": "a", "templateId": 3, "status": [{"code": 2}]});
        let older = Application::read(older).expect("an application");
        assert_eq!(
            (older.template.map(|id| json!(id)), older.status),
            (Some(json!(3)), Some(Status::Approved))
        );
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let path = |value| {
            read_list(vec![json!({"id": "a"}), value]).expect_err("refused").path().map(str::to_owned)
        };
        assert_eq!(path(json!({})).as_deref(), Some("[1].id"));
        assert_eq!(path(json!({"id": "b", "currentStatus": {}})).as_deref(), Some("[1].currentStatus"));
        assert_eq!(
            path(json!({"id": "b", "statusLog": [{"code": "x"}]})).as_deref(),
            Some("[1].statusLog[0].code")
        );
        assert_eq!(
            path(json!({"id": "b", "statusLog": [7, {"code": 2}]})).as_deref(),
            Some("[1].statusLog[0].code")
        );
        assert_eq!(path(json!("b")).as_deref(), Some("[1].id"));
    }

    #[test]
    fn any_side_member_may_be_anything() {
        let message = json!({
            "id": "7", "template": {"_id": "t", "name": "n"}, "currentStatus": 9, "statusName": "In Progress",
            "createdAt": "2020-04-08T12:26:26.479Z", "updatedAt": "2020-04-08T12:26:26.479Z",
            "attributes": {"a": {"schema": {"$id": "http://x.example/email.json"}, "optional": 0, "label": "l",
                "title": "t", "description": "d", "valid": true, "schemaId": "http://x.example/email.json",
                "value": "ada@example.com"}},
            "questions": {"q": {"question": "how many?", "type": "select", "options": ["5", 6], "value": "5",
                "label": "l", "description": "d", "valid": false}},
            "payments": [{"amount": 1}],
            "statusLog": [{"code": 9, "timestamp": "2020-04-08T12:26:26.479Z", "note": {"content": "more"}},
                {"code": 4, "note": "first"}],
        });
        crate::wire::unread::property::holds(
            &[message],
            &["id", "_id", "currentStatus", "attributes?.*?.valid"],
            |body| Application::read(crate::transport::decode::json(body)?),
            Application::unread,
            |read| {
                format!(
                    "{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
                    read.status,
                    read.status_name,
                    read.attributes.iter().map(|one| json!(one).to_string()).collect::<Vec<_>>(),
                    read.questions,
                    read.status_log,
                    read.created_at,
                    read.updated_at
                )
            },
        );
    }
}
