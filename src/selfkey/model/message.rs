//! Messages between an applicant and those who check.

use serde::Deserialize;
use serde_json::Value;

use super::timestamp::Timestamp;
use crate::{
    error::Error,
    privacy::Pii,
    transport::decode,
    wire::{
        OnlyObject,
        unread::{Unread, UnreadMember},
    },
};

/// One message about an application.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Message {
    /// What the relying party knows it by.
    #[serde(default, deserialize_with = "super::lenient::kept_text")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "crate::wire::object")]
    user: User,
    /// The writer's roles; empty for the applicant.
    #[serde(default, deserialize_with = "crate::wire::texts")]
    pub roles: Vec<String>,
    /// When it was written.
    #[serde(default, deserialize_with = "super::lenient::kept_text")]
    pub created_at: Option<Timestamp>,
    /// The text.
    pub message: Pii<String>,
    #[serde(skip)]
    unread: Unread,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct User {
    #[serde(deserialize_with = "crate::wire::personal")]
    name: Option<Pii<String>>,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Author {
    /// A person who checks the application.
    Certifier,
    /// The applicant.
    Person,
}

/// Reads a list of messages. The text of each has to be there: it is what a message is.
pub(crate) fn read_messages(body: &[u8]) -> Result<Vec<Message>, Error> {
    let list: Vec<Value> = decode::json(body)?;
    let read = list.into_iter().enumerate().map(|(at, message)| {
        let (OnlyObject(message), unread) =
            decode::lenient_value::<OnlyObject<Message>>(message, &["message"]).map_err(|error| {
                let path = format!("[{at}].{}", error.path().unwrap_or("."));
                error.with_path(path)
            })?;
        Ok(Message { unread, ..message })
    });
    read.collect()
}

impl Message {
    /// Returns the members that are not of the documented type, and absent therefore.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }

    /// Returns who wrote it: whoever has a role is a certifier.
    pub fn author(&self) -> Author {
        if self.roles.is_empty() { Author::Person } else { Author::Certifier }
    }

    /// Returns the writer's name; one without is shown as `Certifier`.
    pub fn name(&self) -> Pii<&str> {
        Pii::new(self.user.name.as_ref().map_or("Certifier", |name| name.expose()))
    }
}
