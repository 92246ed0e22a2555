//! What Credo360 has verified of a user.
//!
//! Source: the provider's page "User Verifications". Its sample has an object keyed by kind, its text an array; both
//! are read, the array with entries that name their kind in `type` or `kind`.

use std::{collections::BTreeMap, fmt, time::SystemTime};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use super::{Extra, timestamp, user::optional_score};
use crate::{
    privacy::Pii,
    wire::{self, open_enum},
};

open_enum! {
    /// A kind of verification. The provider's list may grow.
    ///
    /// | kind | what it proves |
    /// | --- | --- |
    /// | `email` | a verified mail address, which is not given |
    /// | `phone` | a mobile phone with a number of a country |
    /// | `facebook`, `linkedIn`, `reddit`, `twitter` | an account there |
    /// | `blockscore` | **an identity check**: the Social Security number was checked |
    /// | `dwolla` | a Credo wallet with verified bank accounts |
    /// | `coinbase` | an account there |
    pub enum Kind {
        /// A mail address:
        Email = "email",
        /// A mobile phone:
        Phone = "phone",
        /// A Facebook account:
        Facebook = "facebook",
        /// A LinkedIn account:
        LinkedIn = "linkedIn",
        /// A Reddit account:
        Reddit = "reddit",
        /// A Twitter account:
        Twitter = "twitter",
        /// The Social Security number, checked through BlockScore:
        Blockscore = "blockscore",
        /// A Credo wallet and its bank accounts:
        Dwolla = "dwolla",
        /// A Coinbase account:
        Coinbase = "coinbase",
    }
}

impl Kind {
    /// True for the one kind that rests on an identity document. All others prove that the user has an account, a phone
    /// or an address; nothing is known of an unknown kind.
    pub const fn is_identity_check(&self) -> bool {
        matches!(self, Self::Blockscore)
    }
}

open_enum! {
    /// What an identity check looked at.
    pub enum Document {
        /// The Social Security number:
        Ssn = "ssn",
    }
}

/// One thing that Credo360 has verified of a user. `Debug` shows its kind alone.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verification {
    /// What was verified.
    pub kind: Kind,
    /// When.
    pub verified_on: Pii<SystemTime>,
    /// How much it counts in the user's reputation.
    pub score: Option<Pii<f64>>,
    /// What the kind has of its own.
    pub details: Details,
    /// Members that this version does not know. Of an unknown kind: all members but the date and the score.
    pub extra: Extra,
}

/// What a kind of verification has of its own. A count or a date that the answer lacks is `None`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Details {
    /// Nothing: `email`, and kinds that this version does not know.
    None,
    /// `phone`
    Phone(Phone),
    /// `facebook`: how many friends.
    Facebook(Option<Pii<u32>>),
    /// `linkedIn`: how many connections.
    LinkedIn(Option<Pii<u32>>),
    /// `reddit`
    Reddit(Reddit),
    /// `twitter`: how many followers.
    Twitter(Option<Pii<u32>>),
    /// `blockscore`: what was checked.
    Blockscore(Option<Pii<Document>>),
    /// `dwolla`
    Dwolla(Dwolla),
    /// `coinbase`
    Coinbase(Coinbase),
}

/// A verified mobile phone.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Phone {
    /// The calling code of the country, such as 1.
    pub country_code: Option<Pii<u32>>,
    /// The country, which the provider's text names and its sample lacks.
    pub country: Option<Pii<String>>,
    /// The area code.
    pub area_code: Option<Pii<String>>,
    /// The last two digits of the number.
    pub last_two_digits: Option<Pii<String>>,
}

/// A verified Reddit account.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Reddit {
    /// When the account was made.
    pub created_on: Option<Pii<SystemTime>>,
    /// Its karma, which can be negative.
    pub karma: Option<Pii<i64>>,
}

/// A verified Credo wallet.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Dwolla {
    /// When the wallet was made.
    pub created_on: Option<Pii<SystemTime>>,
    /// How many bank accounts of it are verified.
    pub accounts: Option<Pii<u32>>,
}

/// A verified Coinbase account.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Coinbase {
    /// When the account was made.
    pub created_on: Option<Pii<SystemTime>>,
}

/// The members of all known kinds: a name means the same in each of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    #[serde(deserialize_with = "timestamp::required")]
    verified_on: Pii<SystemTime>,
    #[serde(default, deserialize_with = "optional_score")]
    score: Option<Pii<f64>>,
    #[serde(default, deserialize_with = "wire::whole")]
    country_code: Option<Pii<u32>>,
    #[serde(default, deserialize_with = "wire::personal")]
    country: Option<Pii<String>>,
    #[serde(default, deserialize_with = "wire::personal")]
    area_code: Option<Pii<String>>,
    #[serde(default, rename = "last2digits", deserialize_with = "wire::personal")]
    last_two_digits: Option<Pii<String>>,
    #[serde(default, deserialize_with = "wire::whole")]
    friends: Option<Pii<u32>>,
    #[serde(default, deserialize_with = "wire::whole")]
    connections: Option<Pii<u32>>,
    #[serde(default, deserialize_with = "timestamp::personal")]
    created_on: Option<Pii<SystemTime>>,
    #[serde(default, deserialize_with = "karma")]
    karma: Option<Pii<i64>>,
    #[serde(default, deserialize_with = "wire::whole")]
    followers: Option<Pii<u32>>,
    #[serde(default, deserialize_with = "wire::personal")]
    document: Option<Pii<Document>>,
    #[serde(default, deserialize_with = "wire::whole")]
    accounts: Option<Pii<u32>>,
    #[serde(flatten)]
    extra: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unknown {
    #[serde(deserialize_with = "timestamp::required")]
    verified_on: Pii<SystemTime>,
    #[serde(default, deserialize_with = "optional_score")]
    score: Option<Pii<f64>>,
    #[serde(flatten)]
    extra: BTreeMap<String, Value>,
}

impl Verification {
    fn known(kind: Kind, entry: Known) -> Self {
        let created_on = entry.created_on;
        let details = match kind {
            Kind::Email | Kind::Other(_) => Details::None,
            Kind::Phone => Details::Phone(Phone {
                country_code: entry.country_code,
                country: entry.country,
                area_code: entry.area_code,
                last_two_digits: entry.last_two_digits,
            }),
            Kind::Facebook => Details::Facebook(entry.friends),
            Kind::LinkedIn => Details::LinkedIn(entry.connections),
            Kind::Reddit => Details::Reddit(Reddit { created_on, karma: entry.karma }),
            Kind::Twitter => Details::Twitter(entry.followers),
            Kind::Blockscore => Details::Blockscore(entry.document),
            Kind::Dwolla => Details::Dwolla(Dwolla { created_on, accounts: entry.accounts }),
            Kind::Coinbase => Details::Coinbase(Coinbase { created_on }),
        };
        Self {
            kind,
            verified_on: entry.verified_on,
            score: entry.score,
            details,
            extra: Pii::new(entry.extra),
        }
    }

    fn unknown(kind: Kind, entry: Unknown) -> Self {
        Self {
            kind,
            verified_on: entry.verified_on,
            score: entry.score,
            details: Details::None,
            extra: Pii::new(entry.extra),
        }
    }
}

fn karma<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pii<i64>>, D::Error> {
    // A float that is out of range becomes the nearest number that is not.
    #[allow(clippy::cast_possible_truncation)]
    wire::number(deserializer).map(|karma| karma.map(|karma| Pii::new(karma as i64)))
}

/// Both documented forms, and nothing for `null`.
pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Verification>, D::Error> {
    deserializer.deserialize_any(Forms)
}

struct Forms;

impl<'de> Visitor<'de> for Forms {
    type Value = Vec<Verification>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("verifications by their kind, or a list of them")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut verifications = Vec::new();
        while let Some(kind) = map.next_key::<Kind>()? {
            verifications.extend(map.next_value_seed(Entry(kind))?);
        }
        Ok(verifications)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut verifications = Vec::new();
        while let Some(Named(verification)) = list.next_element()? {
            verifications.extend(verification);
        }
        Ok(verifications)
    }
}

/// The entry of a kind that is known from outside of it; `null` is none.
struct Entry(Kind);

impl<'de> DeserializeSeed<'de> for Entry {
    type Value = Option<Verification>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let Self(kind) = self;
        Ok(if kind.is_known() {
            Option::<Known>::deserialize(deserializer)?.map(|entry| Verification::known(kind, entry))
        } else {
            Option::<Unknown>::deserialize(deserializer)?.map(|entry| Verification::unknown(kind, entry))
        })
    }
}

/// An entry that names its kind itself.
struct Named(Option<Verification>);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(mut entry) = Option::<serde_json::Map<String, Value>>::deserialize(deserializer)? else {
            return Ok(Self(None));
        };
        let kind = ["type", "kind"].into_iter().find_map(|name| match entry.get(name) {
            Some(Value::String(kind)) => Some((name, Kind::from(kind.as_str()))),
            _ => None,
        });
        let (name, kind) = kind.ok_or_else(|| de::Error::missing_field("type"))?;
        entry.remove(name);
        // The text of the error is looked through for the name of a missing member, and then dropped.
        Entry(kind).deserialize(Value::Object(entry)).map(Self).map_err(de::Error::custom)
    }
}
