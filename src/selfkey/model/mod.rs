//! What a relying party answers with, read leniently: ids as text or number, lists bare or wrapped, members of every
//! generation.

mod application;
mod change;
mod message;
mod status;
mod template;
mod timestamp;
mod user;

pub use application::{Application, ApplicationAttribute, Question, StatusChange};
pub(crate) use application::{attribute_list, attributes_by_type, read_list, truthy};
pub use change::{ApplicationUpdate, Created, Uploaded};
pub(crate) use message::read_messages;
pub use message::{Author, Message};
pub use status::{Status, View};
pub use template::{MemberRole, MemberTemplate, Template, TemplateId, TemplateSummary, TemplateType};
pub(crate) use template::{read_template, read_templates};
pub use timestamp::Timestamp;
pub use user::{KycUser, NewKycUser, Redirect, UserCreated, UserToken};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::wire;

/// A text, also an empty one; a number as text; `None` for everything else.
pub(crate) fn kept_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    Ok(text_of(&Value::deserialize(deserializer)?).map(T::from))
}

/// The same of a value.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(wire::json::number_text(number)),
        _ => None,
    }
}

/// An id: a text that is not empty, or a number as text.
pub(crate) fn id_of(value: &Value) -> Option<String> {
    text_of(value).filter(|text| !text.is_empty())
}
