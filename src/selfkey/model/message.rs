//! Messages between an applicant and those who check.

use serde::Deserialize;

use super::Timestamp;
use crate::privacy::Pii;

/// One message about an application.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Message {
    /// What the relying party knows it by.
    #[serde(default, deserialize_with = "super::kept_text")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "crate::wire::object")]
    user: User,
    /// The writer's roles; empty for the applicant.
    #[serde(default, deserialize_with = "crate::wire::texts")]
    pub roles: Vec<String>,
    /// When it was written.
    #[serde(default, deserialize_with = "super::kept_text")]
    pub created_at: Option<Timestamp>,
    /// The text.
    pub message: Pii<String>,
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
    /// Somebody who checks the application.
    Certifier,
    /// The applicant.
    Person,
}

impl Message {
    /// Who wrote it: whoever has a role is a certifier.
    pub fn author(&self) -> Author {
        if self.roles.is_empty() { Author::Person } else { Author::Certifier }
    }

    /// The writer's name; one without is shown as `Certifier`.
    pub fn name(&self) -> Pii<&str> {
        Pii::new(self.user.name.as_ref().map_or("Certifier", |name| name.expose()))
    }
}
