//! The users of the fake, and what it tells of them.

use std::{collections::BTreeSet, time::SystemTime};

use serde_json::{Map, Value, json};

#[cfg(any(feature = "jose", feature = "secp256k1"))]
use super::PublicKey;
use crate::{
    credo360::{Delivery, HandleId, Kind, Method, model::HandleStatus},
    sandbox::Person,
};

/// A user of the fake. What it tells of the user follows from the person.
#[derive(Clone, Debug)]
pub struct User {
    pub(super) handle: HandleId,
    person: Person,
    pub(super) status: HandleStatus,
    pub(super) delivery: Delivery,
    #[cfg(any(feature = "jose", feature = "secp256k1"))]
    pub(super) keys: Vec<PublicKey>,
    withheld: BTreeSet<String>,
    kinds: Vec<Kind>,
    second_form: bool,
}

impl User {
    /// A valid user whom everything is verified of, who withholds nothing and gets passcodes by text message.
    pub fn new(handle: HandleId, person: Person) -> Self {
        Self {
            handle,
            person,
            status: HandleStatus::Valid,
            delivery: Delivery::Sms,
            #[cfg(any(feature = "jose", feature = "secp256k1"))]
            keys: Vec::new(),
            withheld: BTreeSet::new(),
            kinds: vec![
                Kind::Email,
                Kind::Phone,
                Kind::Facebook,
                Kind::LinkedIn,
                Kind::Reddit,
                Kind::Twitter,
                Kind::Blockscore,
                Kind::Dwolla,
                Kind::Coinbase,
            ],
            second_form: false,
        }
    }

    /// How passcodes reach the user.
    #[must_use]
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Registers a public key, which makes signature challenges possible.
    #[cfg(any(feature = "jose", feature = "secp256k1"))]
    #[must_use]
    pub fn key(mut self, key: PublicKey) -> Self {
        self.keys.push(key);
        self
    }

    /// The status of the Credo ID. Only valid users can be challenged.
    #[must_use]
    pub fn status(mut self, status: HandleStatus) -> Self {
        self.status = status;
        self
    }

    /// Withholds a member of the profile (`lastName`, `picture`, `location`, `age`, `gender`), the whole of it
    /// (`profile`), or `payments`.
    #[must_use]
    pub fn withhold(mut self, member: impl Into<String>) -> Self {
        self.withheld.insert(member.into());
        self
    }

    /// Sets what is verified. Default: all known kinds.
    #[must_use]
    pub fn verified(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Tells of the user in the second of the two forms that the provider's page has: other names in the profile,
    /// verifications as a list, `memberSince` in seconds.
    #[must_use]
    pub fn second_form(mut self) -> Self {
        self.second_form = true;
        self
    }

    pub(super) fn methods(&self) -> Vec<Method> {
        if self.status != HandleStatus::Valid {
            return Vec::new();
        }
        #[allow(unused_mut)]
        let mut methods = vec![Method::Passcode];
        #[cfg(any(feature = "jose", feature = "secp256k1"))]
        if !self.keys.is_empty() {
            methods.push(Method::Signature);
        }
        methods
    }

    /// The response of `GET /users/{handleId}`.
    pub(super) fn body(&self, now: SystemTime) -> Value {
        let verified = self.kinds.len() as u64;
        let identity = (verified * 11).min(99);
        let mut body = json!({
            "handle": { "id": self.handle.expose(), "status": self.status.as_str() },
            "reputation": {
                "score": 60 + identity + 145,
                "quality": "good",
                "segments": {
                    "identity": { "score": identity, "quality": "excellent", "verifications": verified },
                    "behavior": {
                        "score": 77.09, "quality": "good",
                        "transactions": 157, "transactors": 56, "ratings": 42, "reviews": 1,
                    },
                    "endorsements": {
                        "score": 68, "quality": "fair", "contacts": 12, "averageScore": 262, "reviews": 2,
                    },
                },
            },
            "verifications": self.verifications(),
            "memberSince": if self.second_form { self.since(0) / 1_000 } else { self.since(0) },
        });
        if !self.withheld.contains("payments") {
            body["payments"] =
                json!({ "credoWallet": true, "coinbase": self.kinds.contains(&Kind::Coinbase) });
        }
        if !self.withheld.contains("profile") {
            body["profile"] = self.profile(now);
        }
        body
    }

    fn profile(&self, now: SystemTime) -> Value {
        let person = &self.person;
        let (first, last, region) =
            if self.second_form { ("first", "Last", "region") } else { ("firstName", "lastName", "state") };
        let mut name = Map::new();
        name.insert(first.to_owned(), json!(person.first_name.expose()));
        if !self.withheld.contains("lastName") {
            name.insert(last.to_owned(), json!(person.last_name.expose()));
        }
        let mut profile = json!({
            "name": name,
            "picture": {
                "source": "facebook",
                "updatedOn": self.since(9),
                "fullUrl": "https://img.example/full",
                "thumbUrl": "https://img.example/thumb",
            },
            "location": {
                "country": person.country.expose().to_lowercase(),
                region: "Example Region",
                "city": person.city.expose(),
            },
            "age": { "years": person.age(now) },
            "gender": if person.gender.expose() == "F" { "female" } else { "male" },
        });
        if let Value::Object(members) = &mut profile {
            members.retain(|name, _| name == "name" || !self.withheld.contains(name));
        }
        profile
    }

    fn verifications(&self) -> Value {
        let entries = self.kinds.iter().enumerate().map(|(index, kind)| {
            let mut entry = self.details(kind);
            entry.insert("score".to_owned(), json!(10 + index));
            entry.insert("verifiedOn".to_owned(), json!(self.since(index as u64 + 1)));
            (kind.as_str().to_owned(), entry)
        });
        if self.second_form {
            let list = entries.map(|(kind, mut entry)| {
                entry.insert("type".to_owned(), kind.into());
                Value::Object(entry)
            });
            return list.collect();
        }
        Value::Object(entries.map(|(kind, entry)| (kind, Value::Object(entry))).collect())
    }

    fn details(&self, kind: &Kind) -> Map<String, Value> {
        let details = match kind {
            Kind::Phone => {
                let digits = self.person.phone.expose().trim_start_matches('+');
                let code =
                    ["44", "33", "46", "1"].into_iter().find(|code| digits.starts_with(code)).unwrap_or("1");
                json!({
                    "countryCode": code.parse::<u32>().unwrap_or(1),
                    "areaCode": digits.get(code.len()..code.len() + 3).unwrap_or_default(),
                    "last2digits": digits.get(digits.len().saturating_sub(2)..).unwrap_or_default(),
                })
            }
            Kind::Facebook => json!({ "friends": 640 }),
            Kind::LinkedIn => json!({ "connections": 500 }),
            Kind::Reddit => json!({ "createdOn": self.since(0), "karma": -3 }),
            Kind::Twitter => json!({ "followers": 12 }),
            Kind::Blockscore => json!({ "document": "ssn" }),
            Kind::Dwolla => json!({ "createdOn": self.since(1), "accounts": 1 }),
            Kind::Coinbase => json!({ "createdOn": self.since(0) }),
            _ => json!({}),
        };
        match details {
            Value::Object(details) => details,
            _ => Map::new(),
        }
    }

    /// Milliseconds: the account is as old as 2016 and a few days more for every person, and this many weeks passed.
    fn since(&self, weeks: u64) -> u64 {
        1_482_750_938_147 + (self.person.seed % 100) * 86_400_000 + weeks * 7 * 86_400_000
    }
}
