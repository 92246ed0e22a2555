//! The answers of the small calls: account, access token, decline reasons.
//!
//! Source: `docs/verification_endpoints/responses`, `docs/eidv/authorization`, `docs/aml/decline_reasons`.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use serde::Deserialize;
use serde_json::Value;

use super::{Extra, missing};
use crate::{
    error::Error,
    privacy::Secret,
    shuftipro::decline::DeclineCode,
    transport::decode,
    wire::{
        self, open_enum,
        unread::{Unread, UnreadMember},
    },
};

/// The account behind the credentials.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Account {
    /// Its name.
    #[serde(deserialize_with = "wire::text")]
    pub name: Option<String>,
    /// Whether it is in production.
    #[serde(deserialize_with = "wire::text")]
    pub status: Option<AccountStatus>,
    /// What is left on it.
    #[serde(deserialize_with = "wire::object")]
    pub balance: Balance,
    /// The monthly plan by service, as JSON: only production accounts with a plan have one, and its form is known from
    /// a third party.
    #[serde(deserialize_with = "wire::map")]
    pub subscription_plan_details: BTreeMap<String, Value>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
    #[serde(skip)]
    unread: Unread,
}

/// What is left on an account.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Balance {
    /// A decimal number such as `99.85`, spelled as on the wire.
    #[serde(deserialize_with = "wire::text")]
    pub amount: Option<String>,
    /// ISO 4217.
    #[serde(deserialize_with = "wire::text")]
    pub currency: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

open_enum! {
    /// What an account may do.
    pub enum AccountStatus {
        /// Verify people:
        Production = "production",
        /// Verify the provider's test documents alone:
        Trial = "trial",
    }
}

impl Account {
    /// The members of the response that are not of the documented type, and absent therefore.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }

    /// Reads the answer of `GET /account/info/`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Body {
            #[serde(deserialize_with = "wire::filled")]
            account: Option<Account>,
        }
        // The amount is what an alarm for an empty account rests on.
        let (body, unread) = decode::lenient::<Body>(bytes, &["account.balance.amount"])?;
        let account = body.account.ok_or_else(|| missing("account"))?;
        Ok(Self { unread, ..account })
    }
}

/// A token that stands in for the credentials in one request.
///
/// It is for front ends and mobile kits, so that the secret stays on the backend. Ask for it right before it is handed
/// out, and never keep it.
#[derive(Clone, Debug)]
pub struct AccessToken {
    token: Secret,
    expires: SystemTime,
}

impl AccessToken {
    /// The provider's pages disagree between 10 minutes and an hour: the shorter is safe.
    const LIFETIME: Duration = Duration::from_secs(10 * 60);

    /// Reads the answer of `POST /get/access/token`.
    pub(crate) fn read(bytes: &[u8], received: SystemTime) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default, deserialize_with = "wire::text")]
            access_token: Option<Secret>,
        }
        let token = decode::json::<Body>(bytes)?.access_token.ok_or_else(|| missing("access_token"))?;
        Ok(Self { token, expires: received.checked_add(Self::LIFETIME).unwrap_or(received) })
    }

    /// The token, for one request.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// The token, for one request.
    pub fn into_token(self) -> Secret {
        self.token
    }

    /// When it is dead: 10 minutes after it was received.
    pub fn expires(&self) -> SystemTime {
        self.expires
    }
}

/// A decline code with the provider's text of today.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeclineReason {
    /// The code.
    pub code: DeclineCode,
    /// Its text.
    pub description: Option<String>,
}

impl DeclineReason {
    /// Reads the answer of `GET /decline/reasons/`. It gives texts, and is not a closed list of codes.
    pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Self>, Error> {
        #[derive(Deserialize)]
        struct Body {
            #[serde(deserialize_with = "wire::list")]
            decline_reasons: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            #[serde(deserialize_with = "wire::text")]
            status_code: Option<DeclineCode>,
            #[serde(default, deserialize_with = "wire::text")]
            description: Option<String>,
        }
        // The texts are for people.
        let (Body { decline_reasons: entries }, _) =
            decode::lenient::<Body>(bytes, &["decline_reasons[].status_code"])?;
        Ok(entries
            .into_iter()
            .filter_map(|entry| Some(Self { code: entry.status_code?, description: entry.description }))
            .collect())
    }
}
