//! How a relying party is described: its configuration object, and the URLs that follow from it.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Value, json};
use url::Url;

use super::{PROVIDER, attribute::Requirement};
use crate::{
    error::Error,
    transport::{decode, is_loopback, one_segment},
};

/// The value of `Origin` when the relying party sets none. It is no URL, and meant so.
const ORIGIN: &str = "IDW";
/// The name of the endpoint that lists applications: its query is part of it.
const APPLICATION_LIST: &str = "/applications?fields=id,attributes,currentStatus,payments,questions,statusLog,statusName,template,createdAt&baseApplications=true&sort=-createdAt";

/// Which protocol is spoken: the one that wallets and relying parties speak today, or the endpoint list of January
/// 2019 taken at its word.
///
/// | | current | documented |
/// | --- | --- | --- |
/// | challenge | `GET /auth/challenge/{subject}` | `GET /auth/challenge` |
/// | reply | `{"signature":{"value","keyId"}}` | `{"signature":"…"}` |
/// | users | uploads, then JSON | one multipart request |
/// | user token | `GET /users/token?meta=…` | `GET /auth/token` |
/// | login | no credentials, `redirectTo` | wallet token, `redirectUrl` |
/// | template | `GET /templates/{id}` | `GET /templates/{id}/schema.json` |
/// | file | part `document`, `id` | part `file`, `fileId` |
/// | application | `attributes`, `templateId` | and `files` |
/// | user agent | `SelfKeyIDW/…` | `SelfkeyIDW/…` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// What the provider's wallet and library do.
    #[default]
    Current,
    /// The nine calls exactly as the published endpoint list prints them.
    Documented,
}

/// A relying party as its configuration object describes it.
///
/// ```
/// use kyckit::selfkey::RelyingPartyConfig;
///
/// let config = RelyingPartyConfig::from_json(br#"{
///     "rootEndpoint": "/api/v1/selfkey",
///     "website": { "url": "https://site.example/" },
///     "origin": "https://site.example",
///     "endpoints": { "/users/file": false }
/// }"#)?;
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
    /// A relying party whose endpoints are below this URL and nothing else is special.
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

    /// Whether files can be uploaded before a user is created. Otherwise user and files go in one request.
    pub fn offers_user_files(&self) -> bool {
        self.endpoints.get("/users/file") != Some(&Endpoint::Off)
    }

    /// Whether the relying party keeps KYC users: only where the configuration names the endpoint.
    pub fn offers_kyc_users(&self) -> bool {
        self.endpoints.get("/kyc-users").is_some_and(|endpoint| *endpoint != Endpoint::Off)
    }
}

impl Website {
    /// A website by its URL.
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

/// The calls of a relying party, by what they are for. The name of each is what a configuration knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Users,
    UserToken,
    UserFile,
    UserFileLink,
    Templates,
    Template,
    Files,
    Applications,
    ApplicationList,
    Application,
    Payments,
    Chat,
    ChangeStatus,
    Attributes,
    Members,
    KycUsers,
    KycUser,
    AccessToken,
}

impl Call {
    fn name(self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            (Self::UserToken, Dialect::Documented) => "/auth/token",
            (Self::Template, Dialect::Documented) => "/templates/:id/schema.json",
            (Self::Users, _) => "/users",
            (Self::UserToken, _) => "/users/token",
            (Self::UserFile, _) => "/users/file",
            (Self::UserFileLink, _) => "/users/files/:id",
            (Self::Templates, _) => "/templates",
            (Self::Template, _) => "/templates/:id",
            (Self::Files, _) => "/files",
            (Self::Applications, _) => "/applications",
            (Self::ApplicationList, _) => APPLICATION_LIST,
            (Self::Application, _) => "/applications/:id",
            (Self::Payments, _) => "/applications/:id/payments",
            (Self::Chat, _) => "/applications/:id/chat",
            (Self::ChangeStatus, _) => "/applications/:id/change_status",
            (Self::Attributes, _) => "/applications/:id/attributes",
            (Self::Members, _) => "/applications/:applicationId/members",
            (Self::KycUsers, _) => "/kyc-users",
            (Self::KycUser, _) => "/kyc-users/me",
            (Self::AccessToken, _) => "/auth/token",
        }
    }
}

/// A configuration whose root was found good: what URLs are made from.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    config: RelyingPartyConfig,
    root: String,
    dialect: Dialect,
    allow_plain: bool,
}

impl Resolved {
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for a root without a host or with a query, and for one that
    /// is not https (loopback aside).
    pub(crate) fn new(
        config: RelyingPartyConfig,
        dialect: Dialect,
        allow_plain: bool,
    ) -> Result<Self, Error> {
        let root = if is_absolute(&config.root_endpoint) {
            config.root_endpoint.clone()
        } else {
            let website = config.website.as_ref().and_then(|website| website.url.as_deref());
            let website = website.ok_or_else(|| {
                Error::configuration("the root endpoint is a path, and there is no website to join it to")
                    .with_hint("give the root endpoint with its host, or the website's URL")
            })?;
            join(website, &config.root_endpoint)
        };
        let resolved = Self { config, root, dialect, allow_plain };
        let root = resolved.parse(&resolved.root)?;
        if root.query().is_some() || root.fragment().is_some() {
            return Err(Error::configuration("the root endpoint holds a query or a fragment")
                .with_hint("a query belongs to an endpoint of its own"));
        }
        Ok(resolved)
    }

    pub(crate) fn config(&self) -> &RelyingPartyConfig {
        &self.config
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn origin(&self) -> &str {
        self.config.origin.as_deref().unwrap_or(ORIGIN)
    }

    /// What goes to the relying party with users and user tokens unless the call says otherwise.
    pub(crate) fn meta(&self) -> Value {
        self.config.meta.clone().unwrap_or_else(|| json!({}))
    }

    /// The root, with a slash at its end.
    pub(crate) fn base(&self) -> Result<Url, Error> {
        self.parse(&join(&self.root, ""))
    }

    pub(crate) fn url(&self, call: Call) -> Result<Url, Error> {
        self.named(call.name(self.dialect), &[])
    }

    /// The URL of a call about one thing.
    pub(crate) fn url_of(&self, call: Call, id: &str) -> Result<Url, Error> {
        let placeholder = if call == Call::Members { ":applicationId" } else { ":id" };
        self.named(call.name(self.dialect), &[(placeholder, id)])
    }

    /// Where the challenge is asked for, by the text of a [`Subject`](super::Subject): an identity or a public key, so
    /// that all characters are ones that a path may hold.
    pub(crate) fn challenge(&self, subject: &str) -> Result<Url, Error> {
        let mut url = self.named("/auth/challenge", &[])?;
        if self.dialect == Dialect::Current {
            let path = format!("{}/{subject}", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        Ok(url)
    }

    /// Where the reply to a challenge goes.
    pub(crate) fn challenge_reply(&self) -> Result<Url, Error> {
        match self.config.endpoints.get("/auth/challenge-response") {
            Some(Endpoint::At(_)) => self.named("/auth/challenge-response", &[]),
            _ => self.named("/auth/challenge", &[]),
        }
    }

    /// Where the website logs its user in: the one endpoint whose name has no slash.
    pub(crate) fn login(&self) -> Result<Url, Error> {
        let at = match self.config.endpoints.get("login") {
            Some(Endpoint::At(at)) if is_absolute(at) => at.clone(),
            Some(Endpoint::At(at)) => {
                let website = self.config.website.as_ref().and_then(|website| website.url.as_deref());
                join(website.unwrap_or(&self.root), at)
            }
            _ => return self.named("/login", &[]),
        };
        self.parse(&at)
    }

    /// The page on which an applicant goes on with an application.
    pub(crate) fn application_page(&self, id: &str) -> Result<Url, Error> {
        let url = |id: &str| self.parse(&join(&self.root, &format!("/applications/{id}")));
        let (page, harmless) = (url(&segment(id)?)?, url(HARMLESS)?);
        if arrives(&page, &harmless) {
            return Ok(page);
        }
        Err(Error::invalid("id", "the path would not arrive as it was asked for"))
    }

    /// The URL of a named endpoint; each placeholder is filled once.
    pub(crate) fn named(&self, name: &str, values: &[(&str, &str)]) -> Result<Url, Error> {
        let at = |name: &str| match self.config.endpoints.get(name) {
            Some(Endpoint::At(at)) => Some(at.clone()),
            _ => None,
        };
        let place = match at(name) {
            Some(place) => place,
            None if name == APPLICATION_LIST => {
                let query = APPLICATION_LIST.strip_prefix("/applications").unwrap_or_default();
                match at("/applications") {
                    Some(place) if place.contains('?') => {
                        format!("{place}&{}", query.trim_start_matches('?'))
                    }
                    Some(place) => format!("{place}{query}"),
                    None => name.to_owned(),
                }
            }
            None => name.to_owned(),
        };
        let text = if is_absolute(&place) { place } else { join(&self.root, &place) };
        let (mut filled, mut harmless) = (text.clone(), text);
        for (placeholder, value) in values {
            filled = filled.replacen(placeholder, &segment(value)?, 1);
            harmless = harmless.replacen(placeholder, HARMLESS, 1);
        }
        let url = self.parse(&filled)?;
        if values.is_empty() || arrives(&url, &self.parse(&harmless)?) {
            return Ok(url);
        }
        Err(Error::invalid("id", "the path would not arrive as it was asked for; nothing was sent"))
    }

    fn parse(&self, text: &str) -> Result<Url, Error> {
        let url = Url::parse(text)
            .map_err(|_| Error::configuration("an endpoint of the relying party is no URL"))?;
        if url.scheme() != "https" && !(self.allow_plain || is_loopback(&url)) {
            return Err(Error::configuration("an endpoint of the relying party is not https").with_hint(
                "use https; http is for loopback, or say that credentials may travel in the clear",
            ));
        }
        if url.host().is_none() || !url.username().is_empty() || url.password().is_some() {
            return Err(Error::configuration(
                "an endpoint of the relying party has no host, or holds a user or a password",
            ));
        }
        Ok(url)
    }
}

/// The provider's own test: lower case only.
fn is_absolute(text: &str) -> bool {
    text.starts_with("https:") || text.starts_with("http:")
}

/// Puts one slash between two parts; slashes elsewhere stay, and only the first `?` does.
fn join(left: &str, right: &str) -> String {
    let joined = format!("{}/{}", left.trim_end_matches('/'), right.trim_start_matches('/'));
    match joined.split_once('?') {
        Some((path, query)) => format!("{path}?{}", query.replace('?', "&")),
        None => joined,
    }
}

/// An id as one segment of a path: it can neither become two nor climb up.
fn segment(id: &str) -> Result<String, Error> {
    Ok(percent(one_segment("id", id)?, b"-._~:;,@!$'()*+="))
}

/// Whether a URL differs from another, in which something harmless stands in place of an id, in that place only.
fn arrives(url: &Url, harmless: &Url) -> bool {
    let segments = |url: &Url| url.path().split('/').map(str::to_owned).collect::<Vec<_>>();
    let (sent, asked) = (segments(url), segments(harmless));
    url.origin() == harmless.origin()
        && sent.len() == asked.len()
        && sent.iter().zip(&asked).all(|(sent, asked)| sent == asked || asked.contains(HARMLESS))
}

/// What no library changes, wherever it stands in a URL's path.
const HARMLESS: &str = "harmless-0a1b2c3d";

/// A text percent-encoded down to letters, digits and what is allowed beside them.
pub(crate) fn percent(text: &str, beside: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || beside.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A value of a query, percent-encoded down to the unreserved characters (RFC 3986 section 2.3).
pub(crate) fn query_value(text: &str) -> String {
    percent(text, b"-._~")
}

/// Adds a parameter, encoded by ourselves: what follows from a query is compared by its text.
pub(crate) fn add_query(url: &mut Url, name: &str, value: &str) {
    let pair = format!("{}={}", query_value(name), query_value(value));
    let query = match url.query() {
        Some(query) if !query.is_empty() => format!("{query}&{pair}"),
        _ => pair,
    };
    url.set_query(Some(&query));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn resolved(config: RelyingPartyConfig) -> Resolved {
        Resolved::new(config, Dialect::Current, false).expect("a configuration")
    }

    #[test]
    fn an_id_stays_one_segment_and_is_filled_in_as_it_is() {
        let resolved = resolved(RelyingPartyConfig::new("https://rp.example/:id/api"));
        let url = |id: &str| resolved.url_of(Call::Files, id).map(String::from);
        assert_eq!(url("x").expect("a URL"), "https://rp.example/x/api/files");
        let resolved = self::resolved(RelyingPartyConfig::new("https://rp.example/api"));
        let url = |id: &str| resolved.url_of(Call::Chat, id).map(String::from);
        assert_eq!(url("a$&b").expect("a URL"), "https://rp.example/api/applications/a$%26b/chat");
        assert_eq!(
            url("../x?y#z").expect("a URL"),
            "https://rp.example/api/applications/..%2Fx%3Fy%23z/chat"
        );
        for bad in ["", ".", "..", ".\t.", "%2e", "..;a", "a\nb", "\tab", "ab\r"] {
            let error = url(bad).expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert_eq!(error.fields()[0].field, "id");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_and_every_endpoint_is_looked_at() {
        for (root, fine) in [
            ("https://rp.example", true),
            ("http://127.0.0.1:1", true),
            ("http://rp.example", false),
            ("https://u:p@rp.example", false),
            ("https://rp.example/#a", false),
            ("https://", false),
            ("HTTPS://rp.example", false),
            ("ftp://rp.example", false),
        ] {
            let resolved = Resolved::new(RelyingPartyConfig::new(root), Dialect::Current, false);
            assert_eq!(resolved.is_ok(), fine, "{root}");
        }
        let config =
            RelyingPartyConfig::new("https://rp.example").endpoint("/files", "http://other.example/f");
        let error = resolved(config.clone()).url(Call::Files).expect_err("not https");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(Resolved::new(config, Dialect::Current, true).and_then(|all| all.url(Call::Files)).is_ok());
    }

    #[test]
    fn the_website_logs_in_where_it_says() {
        let url = |config: RelyingPartyConfig| resolved(config).login().map(String::from).expect("a URL");
        let config = RelyingPartyConfig::new("https://rp.example/api");
        assert_eq!(url(config.clone()), "https://rp.example/api/login");
        assert_eq!(url(config.clone().endpoint("login", "https://site.example/l")), "https://site.example/l");
        let config = config.website("https://site.example/").endpoint("login", "/lws/login");
        assert_eq!(url(config), "https://site.example/lws/login");
    }

    #[test]
    fn the_documented_dialect_has_names_of_its_own() {
        let config = RelyingPartyConfig::new("https://rp.example/api");
        let resolved = Resolved::new(config, Dialect::Documented, false).expect("a configuration");
        assert_eq!(
            resolved.challenge("did:eth:0x1").expect("a URL").as_str(),
            "https://rp.example/api/auth/challenge"
        );
        assert_eq!(
            resolved.url(Call::UserToken).expect("a URL").as_str(),
            "https://rp.example/api/auth/token"
        );
        assert_eq!(
            resolved.url_of(Call::Template, "7").expect("a URL").as_str(),
            "https://rp.example/api/templates/7/schema.json"
        );
    }

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

    #[test]
    fn a_query_is_encoded_to_the_unreserved_characters() {
        let mut url = Url::parse("https://rp.example/a?b=c").expect("a URL");
        add_query(&mut url, "meta", r#"{"a": "ä+&"}"#);
        assert_eq!(url.query(), Some("b=c&meta=%7B%22a%22%3A%20%22%C3%A4%2B%26%22%7D"));
    }
}
