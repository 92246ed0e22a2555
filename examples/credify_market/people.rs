//! The users of `USERS_FILE`, with the custom scopes of `SCOPES_FILE`.
//!
//! ```json
//! [{"id": 7, "firstName": "Thị Hoa", "lastName": "Lê", "email": "hoa@example.com", "phoneCountryCode": "+84",
//!   "phoneNumber": "912345678", "address": "5 Phố Huế, Hà Nội", "dob": "1988-03-08", "gender": "female",
//!   "loyaltyPoint": 320, "tier": "platinum", "credifyId": ""}]
//! ```
//!
//! Names in snake case do as well. Whatever other fields there are can be claims, as numbers, flags and texts:
//!
//! ```json
//! {"40f9a736-0d97-409b-a0f7-d23ebca20bde:loyalty":
//!     {"40f9a736-0d97-409b-a0f7-d23ebca20bde:points": "loyaltyPoint",
//!      "40f9a736-0d97-409b-a0f7-d23ebca20bde:tier": "tier"}}
//! ```

use std::{error::Error, fs};

use kyckit::credify::{
    claims::Claims,
    market::{DisclosurePolicy, User},
    offer::Segments,
    segment::{Dialect, Mapping, Query},
};
use serde_json::{Map, Value, json};

/// The users and the scopes, as they stand in the files, and what is shared of them.
#[derive(Clone)]
pub struct People {
    pub users: Vec<Map<String, Value>>,
    scopes: Map<String, Value>,
    sharing: DisclosurePolicy,
    mapping: Mapping,
}

/// Reads the files; without them there are two users and one scope.
pub fn load(
    users: Option<String>,
    scopes: Option<String>,
    sharing: DisclosurePolicy,
) -> Result<People, Box<dyn Error + Send + Sync>> {
    let users: Value = match users {
        Some(path) => serde_json::from_slice(&fs::read(path)?)?,
        None => json!([
            {"id": 7, "firstName": "Thị Hoa", "lastName": "Lê", "email": "hoa@example.com",
             "phoneCountryCode": "+84", "phoneNumber": "912345678", "address": "5 Phố Huế, Hà Nội",
             "dob": "1988-03-08", "gender": "female", "loyaltyPoint": 320, "tier": "platinum"},
            {"id": 8, "firstName": "An", "lastName": "Võ", "email": "an@example.com", "phoneCountryCode": "+84",
             "phoneNumber": "933333333", "address": "Đà Nẵng", "dob": "1995-05-05", "gender": "male"},
        ]),
    };
    let scopes: Value = match scopes {
        Some(path) => serde_json::from_slice(&fs::read(path)?)?,
        None => json!({"40f9a736-0d97-409b-a0f7-d23ebca20bde:loyalty": {
            "40f9a736-0d97-409b-a0f7-d23ebca20bde:points": "loyaltyPoint",
            "40f9a736-0d97-409b-a0f7-d23ebca20bde:tier": "tier",
        }}),
    };
    // No database follows NUL into a document, so that none would count what is behind it.
    if has_nul(&users) || has_nul(&scopes) {
        return Err("USERS_FILE or SCOPES_FILE holds NUL".into());
    }
    let (Value::Array(users), Value::Object(scopes)) = (users, scopes) else {
        return Err("USERS_FILE is an array of users, SCOPES_FILE an object of scopes".into());
    };
    let users: Option<Vec<_>> = users
        .into_iter()
        .map(|user| match user {
            Value::Object(user) if id(&user).is_some() => Some(user),
            _ => None,
        })
        .collect();
    let users = users.ok_or("each user is an object with an id")?;
    let mapping = Mapping::new("customers")?.document("claims")?.user_id("credify_id")?;
    Ok(People { users, scopes, sharing, mapping })
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// The market's own id of a user.
pub fn id(user: &Map<String, Value>) -> Option<String> {
    field(user, "id", "local_id")
}

impl People {
    /// All that is shared of a user, for the database to keep beside the fields: conditions are asked of this.
    pub fn claims(&self, fields: &Map<String, Value>) -> String {
        self.sharing.claims(&self.user(fields, None)).to_value().expose().to_string()
    }

    /// Counts segments where the users are, in one query over the documents of claims. None for what SQL cannot say
    /// equally, such as a claim with a quote in its name: then they are counted one by one.
    ///
    /// Claims that many conditions ask for deserve columns of their own: `Mapping::text` and its like.
    pub fn query(
        &self,
        segments: &Segments,
        without: &[String],
        sharing: &DisclosurePolicy,
        dialect: Dialect,
    ) -> Option<Query> {
        let without: Vec<_> = without.iter().map(String::as_str).filter(|id| !id.contains('\0')).collect();
        let query = self.mapping.count_without(segments, dialect, &without).ok();
        query.filter(|_| *sharing == self.sharing)
    }

    /// A user as the market knows it, from what the database keeps.
    pub fn user(&self, fields: &Map<String, Value>, credify_id: Option<String>) -> User {
        let mut custom = Claims::new();
        for (scope, claims) in &self.scopes {
            let claims = claims.as_object().into_iter().flatten();
            let claims: Vec<_> = claims
                .filter_map(|(claim, name)| Some((claim.clone(), scalar(fields.get(name.as_str()?)?)?)))
                .collect();
            if !claims.is_empty() {
                custom = custom.custom(scope.as_str(), claims);
            }
        }
        User {
            local_id: id(fields).unwrap_or_default(),
            credify_id,
            phone_country_code: field(fields, "phoneCountryCode", "phone_country_code"),
            phone_number: field(fields, "phoneNumber", "phone_number"),
            email: field(fields, "email", "email"),
            family_name: field(fields, "lastName", "last_name"),
            given_name: field(fields, "firstName", "first_name"),
            birthdate: field(fields, "dob", "birthdate"),
            gender: field(fields, "gender", "gender"),
            address: field(fields, "address", "address"),
            custom,
        }
    }
}

/// A field that is there and not empty.
pub fn field(fields: &Map<String, Value>, name: &str, other: &str) -> Option<String> {
    let value = fields.get(name).or_else(|| fields.get(other))?;
    text(value).filter(|text| !text.is_empty())
}

/// A claim keeps the type of its field: conditions ask for numbers and flags as such. A list or an object becomes its
/// text.
fn scalar(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value.clone()),
        Value::Array(_) | Value::Object(_) => Some(value.to_string().into()),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
