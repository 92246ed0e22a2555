//! The answer of `GET /users/{handleId}`.
//!
//! Source: the provider's page "User Info" and its sections. Where its table and its samples differ, both forms are
//! read.

use std::{collections::BTreeMap, time::SystemTime};

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::{Extra, Handle, Kind, Verification, timestamp, verification};
use crate::{
    UnreadMember,
    privacy::Pii,
    wire::{
        self, open_enum,
        unread::{Message, Unread},
    },
};

/// What Credo360 tells of a user, as of the moment of reading: users can withhold parts of their profile and remove
/// verifications at any time.
///
/// Nothing in it is signed. That it comes from Credo360 rests on TLS alone, and that the person in front of you *is*
/// this user is proven by an [`Ownership`](crate::credo360::Ownership) and by nothing in here.
///
/// `Debug` shows the status of the Credo ID and the kinds of the verifications.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct User {
    /// The Credo ID and its status. Look at the status: a suspended user still has a profile and a score.
    #[serde(deserialize_with = "wire::only_object")]
    pub handle: Handle,
    /// The public profile: what the user says of themself and does not withhold.
    #[serde(default, deserialize_with = "wire::optional_object")]
    pub profile: Option<Profile>,
    /// The reputation.
    #[serde(deserialize_with = "wire::only_object")]
    pub reputation: Reputation,
    /// What Credo360 has verified, in the order of the answer. Empty also when the answer has no such member.
    #[serde(default, deserialize_with = "verification::list")]
    pub verifications: Vec<Verification>,
    /// Which payment methods the user can use, by name, such as `credoWallet` and `coinbase`. A member that is no
    /// JSON bool is left out.
    #[serde(default, deserialize_with = "payments")]
    pub payments: Pii<BTreeMap<String, bool>>,
    /// When the account was made. Always there by the documentation; `None` when it cannot be read.
    #[serde(default, deserialize_with = "timestamp::personal")]
    pub member_since: Option<Pii<SystemTime>>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
    #[serde(skip)]
    unread: Unread,
}

impl Message for User {
    /// - `handle`: whom the response is about, and whether the Credo ID is good
    /// - the score and its quality: they are what is asked for
    const STRICT: &'static [&'static str] = &["handle", "reputation.score", "reputation.quality"];

    fn unread_mut(&mut self) -> &mut Unread {
        &mut self.unread
    }
}

impl User {
    /// The members that are not of the documented type, and absent therefore. The Credo ID, its status, and the score are
    /// never among them: a response in which those are mistyped is refused.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }

    /// The first verification of a kind. None of a kind is no finding: the user may have removed it.
    pub fn verification(&self, kind: &Kind) -> Option<&Verification> {
        self.verifications.iter().find(|verification| verification.kind == *kind)
    }
}

/// A user's public profile. What is `None` is withheld by the user's privacy settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    /// The name.
    #[serde(deserialize_with = "wire::only_object")]
    pub name: Name,
    /// The picture.
    #[serde(default, deserialize_with = "wire::optional_object")]
    pub picture: Option<Picture>,
    /// Where the user lives.
    #[serde(default, deserialize_with = "wire::optional_object")]
    pub location: Option<Location>,
    /// The age.
    #[serde(default, deserialize_with = "wire::optional_object")]
    pub age: Option<Age>,
    /// The gender.
    #[serde(default, deserialize_with = "wire::personal")]
    pub gender: Option<Pii<Gender>>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A user's name. On the wire `firstName` and `lastName`, or `first` and `Last`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Name {
    /// The first name: always there.
    pub first: Pii<String>,
    /// The last name, or as much of it as the user shows.
    pub last: Option<Pii<String>>,
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `alias`: an answer that has both spellings is no error.
        #[derive(Deserialize)]
        #[serde(default)]
        #[derive(Default)]
        struct Wire {
            #[serde(rename = "firstName")]
            first_name: Option<Pii<String>>,
            first: Option<Pii<String>>,
            #[serde(rename = "lastName")]
            last_name: Option<Pii<String>>,
            #[serde(rename = "Last")]
            capital_last: Option<Pii<String>>,
            last: Option<Pii<String>>,
        }
        let wire = Wire::deserialize(deserializer)?;
        Ok(Self {
            first: wire.first_name.or(wire.first).ok_or_else(|| D::Error::missing_field("firstName"))?,
            last: wire.last_name.or(wire.capital_last).or(wire.last),
        })
    }
}

/// A user's picture.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Picture {
    /// Where it was taken from, such as `facebook`.
    #[serde(default, deserialize_with = "wire::personal")]
    pub source: Option<Pii<String>>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "timestamp::personal")]
    pub updated_on: Option<Pii<SystemTime>>,
    /// The URL of the picture, as it came. It is a URL from outside: fetch it with care or not at all.
    #[serde(default, deserialize_with = "wire::personal")]
    pub full_url: Option<Pii<String>>,
    /// The URL of a small version, as it came.
    #[serde(default, deserialize_with = "wire::personal")]
    pub thumb_url: Option<Pii<String>>,
}

/// Where a user lives, by their own word.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Location {
    /// The country: always there, two lower-case letters in the provider's samples (`us`).
    pub country: Pii<String>,
    /// The state or region. On the wire `state` or `region`.
    pub region: Option<Pii<String>>,
    /// The city.
    pub city: Option<Pii<String>>,
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            country: Pii<String>,
            #[serde(default, deserialize_with = "wire::personal")]
            state: Option<Pii<String>>,
            #[serde(default, deserialize_with = "wire::personal")]
            region: Option<Pii<String>>,
            #[serde(default, deserialize_with = "wire::personal")]
            city: Option<Pii<String>>,
        }
        let wire = Wire::deserialize(deserializer)?;
        Ok(Self { country: wire.country, region: wire.state.or(wire.region), city: wire.city })
    }
}

/// A user's age.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Age {
    /// In whole years.
    #[serde(deserialize_with = "years")]
    pub years: Pii<u32>,
}

open_enum! {
    /// A user's gender.
    pub enum Gender {
        /// On the wire:
        Male = "male",
        /// On the wire:
        Female = "female",
        /// Neither of the two; on the wire:
        Neither = "other",
    }
}

/// A user's reputation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Reputation {
    /// The Credo score: documented as an integer from 60 to 360 (elsewhere from 90), taken as it comes.
    #[serde(deserialize_with = "score")]
    pub score: Pii<f64>,
    /// What the score amounts to.
    pub quality: Pii<Quality>,
    /// What it is made of.
    #[serde(default, deserialize_with = "wire::only_object")]
    pub segments: Segments,
}

open_enum! {
    /// The quality of a reputation or of one of its segments.
    pub enum Quality {
        /// The account is younger than two weeks. It says nothing about the score:
        Provisional = "provisional",
        /// The lowest:
        Poor = "poor",
        /// The second:
        Fair = "fair",
        /// The third:
        Good = "good",
        /// The highest:
        Excellent = "excellent",
    }
}

/// The segments of a reputation.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Segments {
    /// Who the user is.
    #[serde(default, deserialize_with = "wire::optional_object")]
    pub identity: Option<IdentitySegment>,
    /// What the user did.
    #[serde(default, deserialize_with = "wire::optional_object")]
    pub behavior: Option<BehaviorSegment>,
    /// What others say of the user.
    #[serde(default, deserialize_with = "wire::optional_object")]
    pub endorsements: Option<EndorsementsSegment>,
}

/// The identity segment of a reputation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct IdentitySegment {
    /// The score, 99 in the provider's sample.
    #[serde(deserialize_with = "score")]
    pub score: Pii<f64>,
    /// What the score amounts to.
    pub quality: Pii<Quality>,
    /// How many verifications it rests on.
    #[serde(default, deserialize_with = "wire::whole")]
    pub verifications: Option<Pii<u32>>,
}

/// The behavior segment of a reputation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct BehaviorSegment {
    /// The score, 77.09 in the provider's sample.
    #[serde(deserialize_with = "score")]
    pub score: Pii<f64>,
    /// What the score amounts to.
    pub quality: Pii<Quality>,
    /// How many transactions it rests on.
    #[serde(default, deserialize_with = "wire::whole")]
    pub transactions: Option<Pii<u32>>,
    /// With how many others.
    #[serde(default, deserialize_with = "wire::whole")]
    pub transactors: Option<Pii<u32>>,
    /// How many ratings they gave.
    #[serde(default, deserialize_with = "wire::whole")]
    pub ratings: Option<Pii<u32>>,
    /// How many reviews they wrote.
    #[serde(default, deserialize_with = "wire::whole")]
    pub reviews: Option<Pii<u32>>,
}

/// The endorsements segment of a reputation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EndorsementsSegment {
    /// The score, 82 in the provider's sample.
    #[serde(deserialize_with = "score")]
    pub score: Pii<f64>,
    /// What the score amounts to.
    pub quality: Pii<Quality>,
    /// How many contacts the user has.
    #[serde(default, deserialize_with = "wire::whole")]
    pub contacts: Option<Pii<u32>>,
    /// Their average Credo score.
    #[serde(default, deserialize_with = "optional_score")]
    pub average_score: Option<Pii<f64>>,
    /// How many reviews they wrote.
    #[serde(default, deserialize_with = "wire::whole")]
    pub reviews: Option<Pii<u32>>,
}

/// A score that must be there, with or without a fraction.
fn score<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pii<f64>, D::Error> {
    optional_score(deserializer)?.ok_or_else(|| D::Error::custom("a score is a number"))
}

/// A score, with or without a fraction.
pub(super) fn optional_score<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Pii<f64>>, D::Error> {
    wire::number(deserializer).map(|score| score.map(Pii::new))
}

fn years<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pii<u32>, D::Error> {
    wire::whole(deserializer)?.ok_or_else(|| D::Error::custom("an age is a whole number"))
}

fn payments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pii<BTreeMap<String, bool>>, D::Error> {
    let members = wire::map::<D, Value>(deserializer)?;
    let bools = members.into_iter().filter_map(|(name, value)| Some((name, value.as_bool()?)));
    Ok(Pii::new(bools.collect()))
}
