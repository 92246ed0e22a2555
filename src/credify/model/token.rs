//! Tokens that the provider hands out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::text;
use crate::privacy::{Pii, Secret};

/// What a person's authorization code was exchanged for.
///
/// Source: OAuth 2.0 (RFC 6749, section 5.1) and OpenID Connect Core 1.0, section 3.1.3.3.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct UserToken {
    /// The person's access token, for [`Client::userinfo`](crate::credify::Client::userinfo).
    pub access_token: Secret,
    /// For how long it serves, in seconds.
    #[serde(default, deserialize_with = "crate::wire::whole")]
    pub expires_in: Option<u64>,
    /// The id token, as it came: its signature is not checked here.
    #[serde(default)]
    pub id_token: Option<Secret>,
    /// What replaces it, when `offline_access` was granted.
    #[serde(default)]
    pub refresh_token: Option<Secret>,
    /// The scopes that were granted, separated by blanks.
    #[serde(default, deserialize_with = "text")]
    pub scope: Option<String>,
    /// Its kind: `bearer`.
    #[serde(default, deserialize_with = "text")]
    pub token_type: Option<String>,
    /// Members that have no field here.
    #[serde(flatten)]
    pub extra: Pii<BTreeMap<String, Value>>,
}
