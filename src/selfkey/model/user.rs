//! Users: of a relying party, and of KYC-Chain.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::lenient::id_of;
use crate::{
    error::{Error, ErrorKind},
    privacy::{Pii, REDACTED, Secret},
    wire::unread::{Shape, Unread, UnreadMember, prune},
};

/// A user that was made, or changed: the second sign-up of a subject changes its user.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UserCreated {
    /// A user token, from relying parties that hand one out at once: it opens the user's session in the browser.
    pub token: Option<Secret>,
}

/// What a relying party says of its user for the website: an object that is handed on unchanged to
/// [`Client::log_in_user`](crate::selfkey::Client::log_in_user) or to the web page. Whoever has it is the user, so
/// `Debug` shows nothing.
#[derive(Clone)]
pub struct UserToken(Value);

impl UserToken {
    pub(crate) fn new(object: Value) -> Result<Self, Error> {
        if object.is_object() {
            return Ok(Self(object));
        }
        Err(Error::new(ErrorKind::Decode, "a user token is an object").with_path("."))
    }

    /// Creates a user token from a token alone, such as the one of [`UserCreated`].
    pub fn of(token: &Secret) -> Self {
        Self(serde_json::json!({ "token": token.expose() }))
    }

    /// Returns the token itself, where the object has one: the member `token`, else `jwt`.
    pub fn token(&self) -> Option<Secret> {
        ["token", "jwt"].into_iter().find_map(|name| self.0[name].as_str()).map(Secret::from)
    }

    /// Returns where the website sends its user instead.
    pub fn redirect(&self) -> Option<Redirect> {
        Redirect::of(&self.0)
    }

    /// Returns the whole object, to be used with care: it logs in.
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for UserToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UserToken").field(&format_args!("{REDACTED}")).finish()
    }
}

/// Where a website sends its user: a URL, or a path below the website. It may open a session, so `Debug` does not show
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redirect {
    /// The URL or path as it came.
    pub to: Pii<String>,
}

impl Redirect {
    /// The member `redirectTo`, else `redirectUrl`.
    pub(crate) fn of(body: &Value) -> Option<Self> {
        let to = ["redirectTo", "redirectUrl"].into_iter().find_map(|name| body[name].as_str());
        to.map(|to| Self { to: to.into() })
    }
}

/// A user of KYC-Chain.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KycUser {
    /// What KYC-Chain knows the user by.
    pub id: String,
    /// The e-mail address.
    pub email: Option<Pii<String>>,
    /// The name of the person or of the company.
    pub name: Option<Pii<String>>,
    /// The identity.
    pub did: Option<Pii<String>>,
    raw: Pii<Value>,
    unread: Unread,
}

impl KycUser {
    pub(crate) fn read(raw: Value) -> Result<Self, Error> {
        let id = id_of(&raw["_id"]).or_else(|| id_of(&raw["id"]));
        let text = |name: &str| raw[name].as_str().filter(|text| !text.is_empty()).map(Pii::from);
        let shapes = ["email", "name", "did"].map(|name| (name, Shape::Text));
        let unread = prune(&mut raw.clone(), &shapes);
        Ok(Self {
            id: id.ok_or_else(|| {
                Error::new(ErrorKind::Decode, "a member is missing or of another type").with_path("_id")
            })?,
            email: text("email"),
            name: text("name"),
            did: text("did"),
            raw: Pii::new(raw),
            unread,
        })
    }

    /// Returns the members that are not of the documented type, and absent therefore. The id is never among them.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }

    /// Everything that came.
    pub fn raw(&self) -> &Pii<Value> {
        &self.raw
    }
}

/// A user of KYC-Chain to be made.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewKycUser {
    email: Pii<String>,
    name: Pii<String>,
    entity_type: Option<String>,
}

impl NewKycUser {
    /// Creates a person by first and last name.
    pub fn person(email: impl Into<String>, first_name: &str, last_name: &str) -> Self {
        Self {
            email: email.into().into(),
            name: format!("{first_name} {last_name}").into(),
            entity_type: None,
        }
    }

    /// Creates a company by its name and its kind: the value of the attribute `legal-entity-type`, such as `ltd`.
    pub fn company(
        email: impl Into<String>,
        name: impl Into<String>,
        entity_type: impl Into<String>,
    ) -> Self {
        Self { email: email.into().into(), name: name.into().into(), entity_type: Some(entity_type.into()) }
    }
}
