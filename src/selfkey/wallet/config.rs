//! How a relying party is described: its configuration object.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use crate::{
    error::Error,
    selfkey::{PROVIDER, model::attribute::Requirement},
    transport::decode,
};

/// A relying party as its configuration object describes it.
///
/// ```
/// use kyckit::selfkey::RelyingPartyConfig;
///
/// let config = RelyingPartyConfig::from_json(
///     br#"{
///     "rootEndpoint": "/api/v1/selfkey",
///     "website": { "url": "https://site.example/" },
///     "origin": "https://site.example",
///     "endpoints": { "/users/file": false }
/// }"#,
/// )?;
/// assert!(!config.offers_user_files());
/// # Ok::<(), kyckit::Error>(())
/// ```
///
/// Source: "Configuring Your Website" of the provider's integration documentation, and the wallet's
/// `relying-party.js`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RelyingPartyConfig {
    /// Where the endpoints are: an absolute URL, or a path below the website's URL.
    pub root_endpoint: String,
    /// The website in front of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<Website>,
    /// What is served elsewhere than its name says, or not at all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "crate::wire::map")]
    pub endpoints: BTreeMap<String, Endpoint>,
    /// The value of the `Origin` header. None: `IDW`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::wire::text")]
    pub origin: Option<String>,
    /// Handed to the relying party when a user is created and when a user token is asked for, as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
    /// What a sign-up asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::wire::list")]
    pub attributes: Vec<Requirement>,
    /// Which templates a marketplace offers.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::wire::texts")]
    pub templates: Vec<String>,
}

/// The website of a relying party.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Website {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::wire::text")]
    pub name: Option<String>,
    /// Where it is; what a relative root is joined to.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::wire::text")]
    pub url: Option<String>,
    /// Its terms of service.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::wire::text")]
    pub terms_url: Option<String>,
    /// Its privacy policy.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::wire::text")]
    pub policy_url: Option<String>,
}

/// What a configuration says of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// It is served here: an absolute URL, or a path below the root.
    At(String),
    /// The feature behind it is switched off.
    Off,
    /// Nothing is said; it is served under its name.
    Default,
}

impl RelyingPartyConfig {
    /// Creates a configuration with all endpoints below this URL.
    ///
    /// The usual one of KYC-Chain is `https://<instance>.instance.kyc-chain.com/api/v2`.
    pub fn new(root_endpoint: impl Into<String>) -> Self {
        Self {
            root_endpoint: root_endpoint.into(),
            website: None,
            endpoints: BTreeMap::new(),
            origin: None,
            meta: None,
            attributes: Vec::new(),
            templates: Vec::new(),
        }
    }

    /// Reads a configuration object. Members that are not known are passed over: `did` among them, which wallets have
    /// ignored since November 2019.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) with the path of what does not fit.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        decode::json(json).map_err(|error| {
            let path = error.path().unwrap_or(".").to_owned();
            Error::configuration("this is not the configuration of a relying party")
                .with_path(path)
                .during(PROVIDER, "config")
        })
    }

    /// Sets the value of the `Origin` header.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Sets where one endpoint is served, such as `/users/token` at `/auth/token`.
    #[must_use]
    pub fn endpoint(mut self, name: impl Into<String>, at: impl Into<String>) -> Self {
        self.endpoints.insert(name.into(), Endpoint::At(at.into()));
        self
    }

    /// Switches the feature behind one endpoint off, such as `/users/file`.
    #[must_use]
    pub fn without(mut self, name: impl Into<String>) -> Self {
        self.endpoints.insert(name.into(), Endpoint::Off);
        self
    }

    /// Sets the website.
    #[must_use]
    pub fn website(mut self, url: impl Into<String>) -> Self {
        self.website.get_or_insert_default().url = Some(url.into());
        self
    }

    /// Sets what is handed to the relying party with users and user tokens.
    #[must_use]
    pub fn meta(mut self, meta: Value) -> Self {
        self.meta = Some(meta);
        self
    }

    /// Returns whether files can be uploaded before a user is created. Otherwise user and files go in one request.
    pub fn offers_user_files(&self) -> bool {
        self.endpoints.get("/users/file") != Some(&Endpoint::Off)
    }

    /// Returns whether the relying party keeps KYC users: only where the configuration names the endpoint.
    pub fn offers_kyc_users(&self) -> bool {
        self.endpoints.get("/kyc-users").is_some_and(|endpoint| *endpoint != Endpoint::Off)
    }
}

impl Website {
    /// Creates a website by its URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..Self::default() }
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(at) => serializer.serialize_str(at),
            Self::Off => serializer.serialize_bool(false),
            Self::Default => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Endpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::String(at) if !at.is_empty() => Self::At(at),
            Value::Bool(false) => Self::Off,
            Value::String(_) | Value::Null | Value::Bool(true) => Self::Default,
            _ => return Err(de::Error::custom("an endpoint is a text or false")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_configuration_is_read_leniently_and_refused_with_a_path() {
        let config = RelyingPartyConfig::from_json(
            br#"{"rootEndpoint":"https://rp.example","did":false,"new":[1],"endpoints":{"/a":"","/b":true,"/c":null,"/d":false,"/e":"x"},"templates":[1,"b"]}"#,
        )
        .expect("a configuration");
        assert_eq!(config.templates, ["1", "b"]);
        assert_eq!(config.endpoints["/a"], Endpoint::Default);
        assert_eq!(config.endpoints["/d"], Endpoint::Off);
        assert_eq!(config.endpoints["/e"], Endpoint::At("x".to_owned()));
        let error = RelyingPartyConfig::from_json(b"{}").expect_err("refused");
        assert_eq!((error.kind(), error.path()), (ErrorKind::Configuration, Some("rootEndpoint")));
        let error = RelyingPartyConfig::from_json(br#"{"rootEndpoint":"x","endpoints":{"/a":7}}"#);
        assert_eq!(error.expect_err("refused").path(), Some("endpoints./a"));
    }
}
