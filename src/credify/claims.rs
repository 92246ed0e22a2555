//! What a market knows of a user: claims, grouped by scope.
//!
//! ```
//! use kyckit::credify::claims::{Claims, Profile};
//!
//! # fn main() -> kyckit::Result<()> {
//! let claims = Claims::new()
//!     .phone("+84381234567")
//!     .profile(Profile { given_name: Some("Minh Long"), family_name: Some("Nguyễn"), ..Profile::default() })
//!     .custom(
//!         "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:history",
//!         [("3285592c-9aaf-4182-bff5-941ce5dac483:purchase-count", "12")],
//!     );
//! assert_eq!(claims.scopes().count(), 3);
//! # Ok(())
//! # }
//! ```
//!
//! Custom claims are of the types of their definitions: conditions of offers ask for numbers and flags as such.
//! Encryption turns every value into text, so a receiver can compute the hash that was pushed only when it knows the
//! types, or when the claims are texts.
//!
//! Source: "API specs of Markets data sharing" with its sample composer, and the provider's reference market.

use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::json as text;
use crate::{error::Error, privacy::Pii};

/// A claims object: `{scope: {claim: value}}`. The order of scopes and claims is kept.
#[derive(Clone, Default, PartialEq)]
pub struct Claims(Map<String, Value>);

/// The scope `profile`.
#[derive(Clone, Copy, Default)]
#[allow(clippy::exhaustive_structs, reason = "the members of the provider's profile scope")]
pub struct Profile<'a> {
    /// The family name.
    pub family_name: Option<&'a str>,
    /// The given name.
    pub given_name: Option<&'a str>,
    /// The date of birth, `YYYY-MM-DD`.
    pub birthdate: Option<&'a str>,
    /// `male` or `female`.
    pub gender: Option<&'a str>,
}

/// A basic item that a market shares. `name`, `dob` and `gender` make up the scope `profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ProfileItem {
    /// `name`
    Name,
    /// `dob`
    Dob,
    /// `gender`
    Gender,
    /// `phone`
    Phone,
    /// `email`
    Email,
    /// `address`
    Address,
}

impl Claims {
    /// No claims.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a claims object.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is not an object of objects, or is nested deeper
    /// than 128 levels.
    pub fn from_value(value: Value) -> Result<Self, Error> {
        text::bounded(&value, text::DEEPEST)?;
        match value {
            Value::Object(scopes) if scopes.values().all(Value::is_object) => Ok(Self(scopes)),
            _ => Err(Error::invalid("claims", "claims are an object with an object for each scope")),
        }
    }

    /// Adds or replaces a scope.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the claims are not an object, or are nested too deep.
    pub fn scope(mut self, name: impl Into<String>, claims: Value) -> Result<Self, Error> {
        let name = name.into();
        if !claims.is_object() {
            return Err(Error::invalid("claims", "the claims of a scope are an object"));
        }
        // One level is the scope's own.
        text::bounded(&claims, text::DEEPEST - 1)?;
        self.0.insert(name, claims);
        Ok(self)
    }

    /// Adds or replaces a custom scope, with claims that are texts, numbers and flags. Scope and claims are named
    /// `<uuid>:<name>`; the two UUIDs need not be the same. A claim that is null is left out, and so is a float that is
    /// not finite.
    ///
    /// A condition of the type `INTEGER` or `FLOAT` holds for a number and never for its text, one of the type `BOOLEAN`
    /// for a flag.
    ///
    /// ```
    /// use kyckit::credify::claims::Claims;
    /// use serde_json::json;
    ///
    /// let claims = Claims::new()
    ///     .custom("b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:loyalty", [("points", json!(320)), ("tier", json!("gold"))])
    ///     .custom("b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:rates", [("rate", 2.5)]);
    /// # assert_eq!(claims.scopes().count(), 2);
    /// ```
    #[must_use]
    pub fn custom<N, V>(self, name: impl Into<String>, claims: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<Value>,
    {
        let claims = claims.into_iter().map(|(name, value)| (name.into(), value.into()));
        self.with(
            name,
            Value::Object(claims.filter(|(_, value): &(String, Value)| !value.is_null()).collect()),
        )
    }

    /// Adds or replaces the scope `phone`: country code and number, such as `+84381234567`.
    #[must_use]
    pub fn phone(self, number: &str) -> Self {
        self.with("phone", json!({"phone_number": number}))
    }

    /// Adds or replaces the scope `email`.
    #[must_use]
    pub fn email(self, address: &str) -> Self {
        self.with("email", json!({"email": address}))
    }

    /// Adds or replaces the scope `address`: the whole address as one text.
    #[must_use]
    pub fn address(self, formatted: &str) -> Self {
        self.with("address", json!({"address": {"formatted": formatted}}))
    }

    /// Adds or replaces the scope `profile`, with the members that are given. How a name that is one text splits into
    /// two is the application's to say.
    #[must_use]
    pub fn profile(self, profile: Profile<'_>) -> Self {
        let members = [
            ("family_name", profile.family_name),
            ("given_name", profile.given_name),
            ("birthdate", profile.birthdate),
            ("gender", profile.gender),
        ];
        let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
        self.with("profile", members.collect())
    }

    fn with(mut self, name: impl Into<String>, claims: Value) -> Self {
        self.0.insert(name.into(), claims);
        self
    }

    /// The names of the scopes, in order.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there is such a scope.
    pub fn has(&self, scope: &str) -> bool {
        self.0.contains_key(scope)
    }

    /// Whether there are no scopes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The claims of a scope.
    pub fn get(&self, scope: &str) -> Option<Pii<&Value>> {
        self.0.get(scope).map(Pii::new)
    }

    /// These scopes alone, in the order of this object; what is not here is left out.
    #[must_use]
    pub fn only(&self, scopes: &[impl AsRef<str>]) -> Self {
        let wanted = |name: &str| scopes.iter().any(|scope| scope.as_ref() == name);
        Self(
            self.0
                .iter()
                .filter(|(name, _)| wanted(name))
                .map(|(name, claims)| (name.clone(), claims.clone()))
                .collect(),
        )
    }

    /// The claims of each scope.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.0.iter_mut().map(|(scope, claims)| (scope.as_str(), claims))
    }

    /// The claims without the commitments of their scopes.
    pub(crate) fn without_commitments(&self) -> Self {
        let mut claims = self.clone();
        for (scope, claims) in &mut claims.0 {
            if let Value::Object(claims) = claims {
                claims.shift_remove(&commitment_member(scope));
            }
        }
        claims
    }

    /// The object as it goes over the wire.
    pub fn to_value(&self) -> Pii<Value> {
        Pii::new(Value::Object(self.0.clone()))
    }

    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.0
    }

    pub(crate) fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(crate) fn scope_members(&self, scope: &str) -> Option<&Map<String, Value>> {
        self.0.get(scope)?.as_object()
    }
}

/// The member of a scope that carries its commitment: `<scope>:commitment` for a scope with a colon in its name, which
/// custom scopes have, `<scope>_commitment` for the others.
///
/// ```
/// use kyckit::credify::claims::commitment_member;
///
/// assert_eq!(commitment_member("email"), "email_commitment");
/// assert_eq!(commitment_member("b09e8f99:history"), "b09e8f99:history:commitment");
/// ```
pub fn commitment_member(scope: &str) -> String {
    let separator = if scope.contains(':') { ':' } else { '_' };
    format!("{scope}{separator}commitment")
}

impl ProfileItem {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Name, Self::Dob, Self::Gender, Self::Phone, Self::Email, Self::Address];

    /// The word in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Dob => "dob",
            Self::Gender => "gender",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Address => "address",
        }
    }

    /// The scope that the item is part of.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Name | Self::Dob | Self::Gender => "profile",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Address => "address",
        }
    }

    /// Reads a list such as `phone,email,name`: case does not matter, nor do blanks, and the list may be empty.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for a word that is no item.
    pub fn list(text: &str) -> Result<Vec<Self>, Error> {
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::parse).collect()
    }
}

impl FromStr for ProfileItem {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|item| item.as_str().eq_ignore_ascii_case(word)).ok_or_else(|| {
            Error::configuration("a profile item is one of phone, email, name, dob, gender, address")
        })
    }
}

impl Serialize for Claims {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

crate::privacy::redacted_debug!(Claims { scopes: |this| this.0.len(), .. });

crate::privacy::redacted_debug!(Profile<'_> { .. });
