//! The URLs of a relying party's calls, as they follow from its configuration.

use serde_json::{Value, json};
use url::Url;

use super::config::{Endpoint, RelyingPartyConfig};
use crate::{
    error::Error,
    selfkey::{Dialect, query::percent},
    transport::{is_loopback, one_segment},
};

/// The value of `Origin` when the relying party sets none. It is no URL, and meant so.
const ORIGIN: &str = "IDW";
/// The name of the endpoint that lists applications: its query is part of it.
const APPLICATION_LIST: &str = "/applications?fields=id,attributes,currentStatus,payments,questions,statusLog,statusName,template,createdAt&baseApplications=true&sort=-createdAt";

/// The endpoints of a relying party, by what they are for. The text of each is what a configuration knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndpointName {
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

impl EndpointName {
    fn text(self, dialect: Dialect) -> &'static str {
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

/// The URLs of a relying party, made from a configuration with a valid root.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    config: RelyingPartyConfig,
    root: String,
    dialect: Dialect,
    allow_plain: bool,
}

impl Endpoints {
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
        let endpoints = Self { config, root, dialect, allow_plain };
        let root = endpoints.parse(&endpoints.root)?;
        if root.query().is_some() || root.fragment().is_some() {
            return Err(Error::configuration("the root endpoint holds a query or a fragment")
                .with_hint("a query belongs to an endpoint of its own"));
        }
        Ok(endpoints)
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

    pub(crate) fn url(&self, name: EndpointName) -> Result<Url, Error> {
        self.named(name.text(self.dialect), &[])
    }

    /// The URL of a call about one thing.
    pub(crate) fn url_of(&self, name: EndpointName, id: &str) -> Result<Url, Error> {
        let placeholder = if name == EndpointName::Members { ":applicationId" } else { ":id" };
        self.named(name.text(self.dialect), &[(placeholder, id)])
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

    /// Where the website logs its user in: the one endpoint without a slash in its name.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn endpoints(config: RelyingPartyConfig) -> Endpoints {
        Endpoints::new(config, Dialect::Current, false).expect("a configuration")
    }

    #[test]
    fn an_id_stays_one_segment_and_is_filled_in_as_it_is() {
        let endpoints = endpoints(RelyingPartyConfig::new("https://rp.example/:id/api"));
        let url = |id: &str| endpoints.url_of(EndpointName::Files, id).map(String::from);
        assert_eq!(url("x").expect("a URL"), "https://rp.example/x/api/files");
        let endpoints = self::endpoints(RelyingPartyConfig::new("https://rp.example/api"));
        let url = |id: &str| endpoints.url_of(EndpointName::Chat, id).map(String::from);
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
            let endpoints = Endpoints::new(RelyingPartyConfig::new(root), Dialect::Current, false);
            assert_eq!(endpoints.is_ok(), fine, "{root}");
        }
        let config =
            RelyingPartyConfig::new("https://rp.example").endpoint("/files", "http://other.example/f");
        let error = endpoints(config.clone()).url(EndpointName::Files).expect_err("not https");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(
            Endpoints::new(config, Dialect::Current, true)
                .and_then(|all| all.url(EndpointName::Files))
                .is_ok()
        );
    }

    #[test]
    fn the_website_logs_in_where_it_says() {
        let url = |config: RelyingPartyConfig| endpoints(config).login().map(String::from).expect("a URL");
        let config = RelyingPartyConfig::new("https://rp.example/api");
        assert_eq!(url(config.clone()), "https://rp.example/api/login");
        assert_eq!(url(config.clone().endpoint("login", "https://site.example/l")), "https://site.example/l");
        let config = config.website("https://site.example/").endpoint("login", "/lws/login");
        assert_eq!(url(config), "https://site.example/lws/login");
    }

    #[test]
    fn the_documented_dialect_has_names_of_its_own() {
        let config = RelyingPartyConfig::new("https://rp.example/api");
        let endpoints = Endpoints::new(config, Dialect::Documented, false).expect("a configuration");
        assert_eq!(
            endpoints.challenge("did:eth:0x1").expect("a URL").as_str(),
            "https://rp.example/api/auth/challenge"
        );
        assert_eq!(
            endpoints.url(EndpointName::UserToken).expect("a URL").as_str(),
            "https://rp.example/api/auth/token"
        );
        assert_eq!(
            endpoints.url_of(EndpointName::Template, "7").expect("a URL").as_str(),
            "https://rp.example/api/templates/7/schema.json"
        );
    }
}
