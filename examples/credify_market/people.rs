//! The users of `USERS_FILE`, with the custom scopes of `SCOPES_FILE`.
//!
//! ```json
//! [{"id": 7, "firstName": "Thị Hoa", "lastName": "Lê", "email": "hoa@example.com", "phoneCountryCode": "+84",
//!   "phoneNumber": "912345678", "address": "5 Phố Huế, Hà Nội", "dob": "1988-03-08", "gender": "female",
//!   "loyaltyPoint": 320, "tier": "platinum", "credifyId": ""}]
//! ```
//!
//! Names in snake case do as well. Whatever other fields there are can be claims:
//!
//! ```json
//! {"40f9a736-0d97-409b-a0f7-d23ebca20bde:loyalty":
//!     {"40f9a736-0d97-409b-a0f7-d23ebca20bde:points": "loyaltyPoint",
//!      "40f9a736-0d97-409b-a0f7-d23ebca20bde:tier": "tier"}}
//! ```

use std::{error::Error, fs};

use kyckit::credify::{claims::Claims, market::User};
use serde_json::{Map, Value, json};

/// The users and the scopes, as they stand in the files.
#[derive(Clone)]
pub struct People {
    pub users: Vec<Map<String, Value>>,
    scopes: Map<String, Value>,
}

/// Reads the files; without them there are two users and one scope.
pub fn load(users: Option<String>, scopes: Option<String>) -> Result<People, Box<dyn Error + Send + Sync>> {
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
    Ok(People { users: users.ok_or("each user is an object with an id")?, scopes })
}

/// The market's own id of a user.
pub fn id(user: &Map<String, Value>) -> Option<String> {
    field(user, "id", "local_id")
}

impl People {
    /// A user as the market knows it, from what the database keeps.
    pub fn user(&self, fields: &Map<String, Value>, credify_id: Option<String>) -> User {
        let mut custom = Claims::new();
        for (scope, claims) in &self.scopes {
            let claims = claims.as_object().into_iter().flatten();
            let claims: Vec<_> = claims
                .filter_map(|(claim, name)| Some((claim.clone(), text(fields.get(name.as_str()?)?)?)))
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

/// Claims are texts: a receiver can then compute the hash that was pushed.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
