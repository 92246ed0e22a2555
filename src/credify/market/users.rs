//! The market's users: whom it knows, and what it knows of them.

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::{
    credify::{
        claims::{Claims, Profile, ProfileItem},
        offer::Segments,
    },
    error::Error,
    privacy::Pii,
};

/// The market's database of users.
///
/// A Credify id that two users have belongs to none of them: [`by_credify_id`](Self::by_credify_id) then gives `None`.
pub trait Users: Send + Sync {
    /// A user by the market's own id.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn by_local_id<'a>(&'a self, local_id: &'a str) -> BoxFuture<'a, Result<Option<User>, Error>>;

    /// A user by the Credify id, when exactly one has it.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn by_credify_id<'a>(&'a self, credify_id: &'a str) -> BoxFuture<'a, Result<Option<User>, Error>>;

    /// Keeps that the user has this Credify id, in place of another one. Doing it again changes nothing. A user who is
    /// not there any more is no error.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn connect<'a>(&'a self, local_id: &'a str, credify_id: &'a str) -> BoxFuture<'a, Result<(), Error>>;

    /// How many users belong to each segment; users whose Credify id is among `without` are left out.
    ///
    /// Where users are many, this is a query of the database: see `credify::segment`, with the feature `sql`. Where
    /// they are few, it is [`Segments::count_user`] for each, over the claims that [`DisclosurePolicy::claims`] composes.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn count<'a>(
        &'a self,
        segments: &'a Segments,
        without: &'a [String],
        sharing: &'a DisclosurePolicy,
    ) -> BoxFuture<'a, Result<Vec<u64>, Error>>;
}

impl<U: Users + ?Sized> Users for Arc<U> {
    fn by_local_id<'a>(&'a self, local_id: &'a str) -> BoxFuture<'a, Result<Option<User>, Error>> {
        (**self).by_local_id(local_id)
    }

    fn by_credify_id<'a>(&'a self, credify_id: &'a str) -> BoxFuture<'a, Result<Option<User>, Error>> {
        (**self).by_credify_id(credify_id)
    }

    fn connect<'a>(&'a self, local_id: &'a str, credify_id: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        (**self).connect(local_id, credify_id)
    }

    fn count<'a>(
        &'a self,
        segments: &'a Segments,
        without: &'a [String],
        sharing: &'a DisclosurePolicy,
    ) -> BoxFuture<'a, Result<Vec<u64>, Error>> {
        (**self).count(segments, without, sharing)
    }
}

/// A user, with all that the market may ever share.
#[derive(Clone, Default)]
#[allow(clippy::exhaustive_structs, reason = "the application fills in all of it")]
pub struct User {
    /// The market's own id.
    pub local_id: String,
    /// The Credify id; none before the user was connected.
    pub credify_id: Option<String>,
    /// Country code of the telephone number, such as `+84`.
    pub phone_country_code: Option<String>,
    /// Telephone number without the country code.
    pub phone_number: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Family name. How a name that is one text splits into two is the application's to say.
    pub family_name: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Date of birth, `YYYY-MM-DD`.
    pub birthdate: Option<String>,
    /// `male` or `female`.
    pub gender: Option<String>,
    /// The address as one text.
    pub address: Option<String>,
    /// Custom scopes with their claims, without commitments. The UUIDs of scope and claim need not be the same.
    pub custom: Claims,
}

/// Which basic items a market shares. What is not among them appears in no claims and in no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosurePolicy(Vec<ProfileItem>);

impl DisclosurePolicy {
    /// These items; there may be none.
    pub fn of(items: impl IntoIterator<Item = ProfileItem>) -> Self {
        Self(items.into_iter().collect())
    }

    /// All items.
    pub fn all() -> Self {
        Self(ProfileItem::ALL.to_vec())
    }

    /// The claims of a user: the custom scopes, then `phone`, `profile`, `email` and `address`, each when it is shared
    /// and known.
    pub fn claims(&self, user: &User) -> Claims {
        let shared = |item, value: &'_ Option<String>| value.clone().filter(|_| self.has(item));
        let mut claims = user.custom.clone();
        if let Some(number) = self.whole_number(user) {
            claims = claims.phone(&number);
        }
        let (family_name, given_name) =
            (shared(ProfileItem::Name, &user.family_name), shared(ProfileItem::Name, &user.given_name));
        let (birthdate, gender) =
            (shared(ProfileItem::Dob, &user.birthdate), shared(ProfileItem::Gender, &user.gender));
        if [&family_name, &given_name, &birthdate, &gender].into_iter().any(Option::is_some) {
            claims = claims.profile(Profile {
                family_name: family_name.as_deref(),
                given_name: given_name.as_deref(),
                birthdate: birthdate.as_deref(),
                gender: gender.as_deref(),
            });
        }
        if let Some(email) = shared(ProfileItem::Email, &user.email) {
            claims = claims.email(&email);
        }
        if let Some(address) = shared(ProfileItem::Address, &user.address) {
            claims = claims.address(&address);
        }
        claims
    }

    /// What goes in clear beside encrypted claims.
    pub(super) fn verification_info(&self, user: &User) -> Pii<Value> {
        let mut info = serde_json::Map::new();
        if self.has(ProfileItem::Phone) && user.phone_number.is_some() {
            let phone = json!({"phone_number": user.phone_number, "country_code": user.phone_country_code});
            info.insert("phone".to_owned(), phone);
        }
        if self.has(ProfileItem::Email) && user.email.is_some() {
            info.insert("email".to_owned(), json!({"email": user.email}));
        }
        if self.has(ProfileItem::Name) && (user.family_name.is_some() || user.given_name.is_some()) {
            let profile = json!({"family_name": user.family_name, "given_name": user.given_name});
            info.insert("profile".to_owned(), profile);
        }
        Pii::new(Value::Object(info))
    }

    fn whole_number(&self, user: &User) -> Option<String> {
        let number = user.phone_number.as_deref().filter(|_| self.has(ProfileItem::Phone))?;
        Some(format!("{}{number}", user.phone_country_code.as_deref().unwrap_or_default()))
    }

    fn has(&self, item: ProfileItem) -> bool {
        self.0.contains(&item)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("custom", &self.custom).finish_non_exhaustive()
    }
}
