//! Which basic items of a user a market shares.

use serde_json::{Value, json};

use super::user::User;
use crate::{
    credify::claims::{Claims, Profile, ProfileItem},
    privacy::Pii,
};

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
