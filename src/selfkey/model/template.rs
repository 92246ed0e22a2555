//! What a relying party asks for, application by application.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Number, Value};

use super::{attribute::Requirement, lenient::id_of};
use crate::{
    error::Error,
    transport::decode,
    wire::{
        OnlyObject, open_enum,
        unread::{Unread, UnreadMember},
    },
};

/// What a relying party knows a template by: a text or a number, and sent back in the form in which it came.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TemplateId {
    text: String,
    number: Option<Number>,
}

impl TemplateId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn of(value: &Value) -> Option<Self> {
        let number = match value {
            Value::Number(number) => Some(number.clone()),
            _ => None,
        };
        Some(Self { text: id_of(value)?, number })
    }
}

impl From<&str> for TemplateId {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), number: None }
    }
}

impl From<String> for TemplateId {
    fn from(text: String) -> Self {
        Self { text, number: None }
    }
}

impl From<&TemplateId> for TemplateId {
    fn from(id: &TemplateId) -> Self {
        id.clone()
    }
}

impl fmt::Debug for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&crate::error::Sanitized(&self.text), f)
    }
}

impl Serialize for TemplateId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.number {
            Some(number) => number.serialize(serializer),
            None => serializer.serialize_str(&self.text),
        }
    }
}

impl<'de> Deserialize<'de> for TemplateId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(&Value::deserialize(deserializer)?)
            .ok_or_else(|| de::Error::custom("an id is a text or a number"))
    }
}

/// A template as it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TemplateSummary {
    /// What the relying party knows it by.
    pub id: TemplateId,
    /// What it is called.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    unread: Unread,
}

impl TemplateSummary {
    /// Returns the members that are not of the documented type, and absent therefore.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }
}

open_enum! {
    /// Whom a template is for.
    pub enum TemplateType {
        /// A person.
        Individual = "individual",
        /// A company.
        Corporate = "corporate",
    }
}

open_enum! {
    /// What a person is to a company.
    pub enum MemberRole {
        /// Of a limited company.
        DirectorLtd = "director_ltd",
        /// Holds shares.
        Shareholder = "shareholder",
        /// The ultimate beneficial owner.
        Ubo = "ubo",
        /// Looks on.
        Observer = "observer",
        /// May sign.
        AuthorizedSignatory = "authorizedSignatory",
        /// Something else.
        Unlisted = "other",
        /// Manages.
        Manager = "manager",
        /// Of a limited liability company.
        MemberLlc = "member_llc",
        /// Of a limited liability company.
        OtherLlc = "other_llc",
        /// Of a trust.
        Grantor = "grantor",
        /// Of a trust.
        BeneficiaryTst = "beneficiary_tst",
        /// Of a trust.
        Trustee = "trustee",
        /// Of a trust.
        Protector = "protector",
        /// Of a foundation.
        Founder = "founder",
        /// Of a foundation.
        DirectorFnd = "director_fnd",
        /// Of a foundation.
        Supervisor = "supervisor",
        /// Of a foundation.
        BeneficiaryFnd = "beneficiary_fnd",
        /// Of a partnership.
        GeneralPartner = "generalPartner",
        /// Of a partnership.
        LimitedPartner = "limitedPartner",
        /// Of anything.
        Member = "member",
    }
}

/// Which template members of a company fill in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
#[non_exhaustive]
pub struct MemberTemplate {
    /// Whether it is the one for all others.
    #[serde(deserialize_with = "crate::wire::only_bool")]
    pub is_default: Option<bool>,
    /// Whether the member is a person or a company itself.
    #[serde(deserialize_with = "crate::wire::text")]
    pub member_type: Option<TemplateType>,
    /// For which kinds of company; all when there is none.
    #[serde(deserialize_with = "crate::wire::texts")]
    pub legal_entity_types: Vec<String>,
    /// For which roles.
    #[serde(deserialize_with = "crate::wire::texts")]
    pub member_roles: Vec<MemberRole>,
    /// The template.
    pub template: Option<TemplateId>,
}

/// A template in full.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Template {
    /// What the relying party knows it by. None: it did not say; it is what was asked for.
    pub id: Option<TemplateId>,
    /// What it is called.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whom it is for.
    pub kind: Option<TemplateType>,
    /// What is asked for.
    pub attributes: Vec<Requirement>,
    /// Free questions, as they came.
    pub questions: Vec<Value>,
    /// What is asked of a company's members.
    pub member_templates: Vec<MemberTemplate>,
    unread: Unread,
}

impl Template {
    /// Returns the members that are not of the documented type, and absent therefore. What is required, and by which
    /// schema, is never among them.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }
}

/// What has to be of its type, since something rests on it. Any other member becomes absent when it is not.
///
/// - the three names of an id: which template it is
/// - the id and the schema of each attribute, in all three forms: what a person has to hand in
const STRICT: &[&str] = &[
    "id",
    "templateId",
    "_id",
    "attributes[].id",
    "attributes[].key",
    "attributes[].schemaId",
    "attributes[].attribute",
    "identity_attributes[].id",
    "identity_attributes[].key",
    "identity_attributes[].schemaId",
    "identity_attributes[].attribute",
    "requirements?.questions[]._id",
    "requirements?.questions[].attributeType",
    "requirements?.uploads[]._id",
    "requirements?.uploads[].attributeType",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Wire {
    // `templateId` is the integration documentation's name, `_id` that of KYC-Chain's internal form.
    id: Option<Value>,
    template_id: Option<Value>,
    #[serde(rename = "_id")]
    internal_id: Option<Value>,
    #[serde(deserialize_with = "super::lenient::kept_text")]
    name: Option<String>,
    #[serde(deserialize_with = "super::lenient::kept_text")]
    description: Option<String>,
    #[serde(rename = "type", deserialize_with = "crate::wire::text")]
    kind: Option<TemplateType>,
    #[serde(deserialize_with = "crate::wire::list")]
    attributes: Vec<Requirement>,
    // The name of the provider's example server of April 2019.
    #[serde(rename = "identity_attributes", deserialize_with = "crate::wire::list")]
    identity_attributes: Vec<Requirement>,
    #[serde(deserialize_with = "crate::wire::list")]
    questions: Vec<Value>,
    #[serde(deserialize_with = "crate::wire::list")]
    member_templates: Vec<MemberTemplate>,
    #[serde(deserialize_with = "crate::wire::object")]
    requirements: Internal,
}

/// KYC-Chain's internal form, which it shows inside of applications and without `format=minimum`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Internal {
    #[serde(deserialize_with = "crate::wire::list")]
    questions: Vec<InternalRequirement>,
    #[serde(deserialize_with = "crate::wire::list")]
    uploads: Vec<InternalRequirement>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct InternalRequirement {
    #[serde(rename = "_id", deserialize_with = "crate::wire::text")]
    id: Option<String>,
    #[serde(deserialize_with = "crate::wire::text")]
    attribute_type: Option<String>,
    optional: Value,
    #[serde(deserialize_with = "crate::wire::text")]
    title: Option<String>,
    #[serde(deserialize_with = "crate::wire::text")]
    label: Option<String>,
    #[serde(deserialize_with = "crate::wire::text")]
    description: Option<String>,
}

impl Wire {
    fn id(&self) -> Option<TemplateId> {
        [&self.id, &self.template_id, &self.internal_id].into_iter().flatten().find_map(TemplateId::of)
    }

    fn attributes(&mut self) -> Vec<Requirement> {
        let mut listed = std::mem::take(&mut self.attributes);
        if listed.is_empty() {
            listed = std::mem::take(&mut self.identity_attributes);
        }
        let internal = self.requirements.questions.drain(..).chain(self.requirements.uploads.drain(..));
        let internal = internal.filter_map(|internal| {
            Some(Requirement {
                id: internal.id,
                required: Some(!super::lenient::truthy(&internal.optional)),
                title: internal.title,
                label: internal.label,
                description: internal.description,
                ..Requirement::new(internal.attribute_type?)
            })
        });
        if listed.is_empty() { internal.collect() } else { listed }
    }
}

/// Reads a list: bare, or as a member `templates`.
pub(crate) fn read_templates(response: Value) -> Result<Vec<TemplateSummary>, Error> {
    let templates = match response {
        Value::Object(mut members) => members.shift_remove("templates").unwrap_or_default(),
        bare => bare,
    };
    let templates: Vec<Value> = decode::value(templates)?;
    let read = templates.into_iter().enumerate().map(|(at, template)| {
        let in_list = |error: Error| {
            let path = format!("[{at}].{}", error.path().unwrap_or("."));
            error.with_path(path)
        };
        let (OnlyObject(wire), unread) =
            decode::lenient_value::<OnlyObject<Wire>>(template, STRICT).map_err(in_list)?;
        let id = wire.id().ok_or_else(|| {
            Error::new(crate::ErrorKind::Decode, "a member is missing or of another type")
                .with_path(format!("[{at}].id"))
        })?;
        Ok(TemplateSummary { id, name: wire.name, description: wire.description, unread })
    });
    read.collect()
}

/// Reads one: bare, or as a member `template`.
pub(crate) fn read_template(mut response: Value) -> Result<Template, Error> {
    if response["template"].is_object() {
        response = response["template"].take();
    }
    if !response.is_object() {
        return Err(Error::new(crate::ErrorKind::Decode, "a template is an object").with_path("."));
    }
    let (mut wire, unread) = decode::lenient_value::<Wire>(response, STRICT)?;
    Ok(Template {
        id: wire.id(),
        attributes: wire.attributes(),
        name: wire.name,
        description: wire.description,
        kind: wire.kind,
        questions: wire.questions,
        member_templates: wire.member_templates,
        unread,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_goes_back_as_it_came() {
        let list = read_templates(json!({"templates": [{"id": 1}, {"id": "1"}]})).expect("a list");
        assert_eq!((list[0].id.as_str(), list[1].id.as_str()), ("1", "1"));
        assert_eq!((json!(list[0].id), json!(list[1].id)), (json!(1), json!("1")));
        assert_eq!(json!(TemplateId::from("7")), json!("7"));
        let error = read_templates(json!([{"id": "a"}, {"name": "b"}])).expect_err("refused");
        assert_eq!(error.path(), Some("[1].id"));
        assert!(read_templates(json!({"message": "no"})).is_err());
        assert!(read_template(json!([])).is_err());
    }

    #[test]
    fn the_internal_form_of_kyc_chain_is_read_too() {
        let template = read_template(json!({
            "_id": "5cf4", "requirements": {
                "questions": [{"_id": "q", "question": "how many?"}],
                "uploads": [{"_id": "u", "attributeType": "http://platform.selfkey.org/schema/attribute/cv.json", "optional": true}]
            }
        }))
        .expect("a template");
        assert_eq!(template.id.expect("an id").as_str(), "5cf4");
        assert_eq!(
            template.attributes,
            [Requirement::new("http://platform.selfkey.org/schema/attribute/cv.json")
                .id("u")
                .required(false)]
        );
    }

    #[test]
    fn members_of_a_company_have_templates_of_their_own() {
        let template = read_template(json!({"memberTemplates": [
            {"isDefault": true, "memberType": "individual", "memberRoles": ["director_ltd", "sorcerer"], "template": null},
            {"memberType": "corporate", "template": "t"}
        ]}))
        .expect("a template");
        let [first, second] = &template.member_templates[..] else { panic!("two") };
        assert_eq!(first.member_roles, [MemberRole::DirectorLtd, MemberRole::Other("sorcerer".to_owned())]);
        assert_eq!((first.is_default, first.template.clone()), (Some(true), None));
        assert_eq!(second.template, Some("t".into()));
    }

    #[test]
    fn any_side_member_may_be_anything() {
        let template = json!({
            "id": "t", "name": "n", "description": "d", "type": "individual",
            "attributes": [{"id": "a", "schemaId": "http://x.example/email.json", "required": true, "title": "t",
                "label": "l", "description": "d"}],
            "questions": [{"question": "how many?"}],
            "memberTemplates": [{"isDefault": true, "memberType": "individual", "memberRoles": ["director_ltd"],
                "legalEntityTypes": ["ltd"], "template": "u"}],
        });
        let internal = json!({
            "_id": "5cf4", "requirements": {"uploads": [{"_id": "u", "optional": true, "title": "t",
                "attributeType": "http://platform.selfkey.org/schema/attribute/cv.json"}]},
        });
        crate::wire::unread::property::holds(
            &[template, internal],
            STRICT,
            |body| read_template(decode::json(body)?),
            Template::unread,
            |read| {
                format!(
                    "{:?}{:?}{:?}{:?}{:?}{:?}",
                    read.name,
                    read.description,
                    read.kind,
                    read.attributes,
                    read.questions,
                    read.member_templates
                )
            },
        );
    }
}
