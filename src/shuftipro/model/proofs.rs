//! Links to what the person showed: images, videos, reports.
//!
//! Source: `docs/verification_endpoints/responses`.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{QuestionType, QuestionnairePart};
use crate::{
    error::{Error, ErrorKind},
    privacy::{REDACTED, Secret},
    wire,
};

/// How long a link opens its file, from the status call on.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The key that holds the token which opens links: never a link itself.
const ACCESS_TOKEN: &str = "access_token";

/// An address in an answer. Whoever has it can open it, so it does not show itself.
#[derive(Clone)]
pub struct Link(Secret);

impl Link {
    pub(super) fn new(text: Secret) -> Self {
        Self(text)
    }

    /// The address, checked: `https`, or `http` on the loopback, with a host and without a user name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when it is anything else. The text is never in the error.
    pub fn url(&self) -> Result<Url, Error> {
        Url::parse(self.0.expose())
            .ok()
            .filter(|url| {
                url.username().is_empty() && url.password().is_none() && url.has_host() && scheme_is_safe(url)
            })
            .ok_or_else(|| Error::new(ErrorKind::Decode, "a link of the answer is no https address"))
    }

    /// The host's name, where the text is an address with a host.
    pub fn host(&self) -> Option<String> {
        Url::parse(self.0.expose()).ok()?.host_str().map(str::to_owned)
    }

    /// The text, as it came and unchecked.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

crate::privacy::redacted_debug!(Link = REDACTED);

/// `https`, or `http` to this machine, where a sandbox runs.
pub(crate) fn scheme_is_safe(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(url::Host::Domain(name))) => name == "localhost",
        ("http", Some(url::Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(url::Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

/// How a link is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Method {
    /// `GET`: the token is in the address. Older links, and files of questionnaires.
    Get,
    /// `POST` with the token in the body: all links of today.
    Post,
}

impl Method {
    /// The method's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Where in the answer a link stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// `proofs`, or `proof` as it was called in 2019.
    Proofs,
    /// `services_proofs` of a risk assessment.
    ServicesProofs,
    /// The answer to a question that asks for a file.
    Questionnaire,
}

/// A link to a file: an image, a video, a report.
///
/// It opens for 15 minutes after the status call. Store neither it nor its token: ask the status again for fresh ones.
#[derive(Clone, Debug)]
pub struct ProofLink {
    origin: Origin,
    service: Option<String>,
    kind: String,
    link: Link,
    access_token: Option<Secret>,
    expires: SystemTime,
}

impl ProofLink {
    /// Where in the answer it stood.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The service it belongs to, by key; `None` for what belongs to the whole request, such as the report. Repeats in
    /// a risk assessment, where a service may run twice.
    pub fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }

    /// What it shows, in the provider's word: `proof`, `additional_proof`, `verification_video`,
    /// `verification_report`; `file` for a questionnaire's. Open.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The link's name in one word: `document.proof`, `verification_report`.
    pub fn name(&self) -> String {
        name(self.service(), &self.kind)
    }

    /// The address.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// How it is opened, by the form of its address: with an `access_token` in the query by `GET`, otherwise by
    /// `POST` with the token in the body. No credentials of the API belong in either.
    pub fn method(&self) -> Method {
        let carries_token = Url::parse(self.link.expose())
            .is_ok_and(|url| url.query_pairs().any(|(key, _)| key == "access_token"));
        if carries_token { Method::Get } else { Method::Post }
    }

    /// The token that opens it by `POST`. Answers about risk assessments have been seen without one.
    pub fn access_token(&self) -> Option<&Secret> {
        self.access_token.as_ref()
    }

    /// When it stops to open: 15 minutes after the answer was received.
    pub fn expires(&self) -> SystemTime {
        self.expires
    }

    /// Whether it has stopped to open.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        now >= self.expires
    }
}

/// `proofs`: an object a service, and plain texts between them.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Proofs(#[serde(deserialize_with = "wire::map")] BTreeMap<String, Value>);

/// An entry of `services_proofs`: a service's run.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ServiceProofs {
    #[serde(deserialize_with = "wire::text")]
    service: Option<String>,
    #[serde(flatten)]
    kinds: serde_json::Map<String, Value>,
}

impl Proofs {
    pub(super) fn access_token(&self) -> Option<Secret> {
        self.0.get(ACCESS_TOKEN)?.as_str().filter(|text| !text.is_empty()).map(Secret::from)
    }
}

/// Gathers the links of an answer, and what stands among them and is none.
pub(super) struct Gatherer {
    pub(super) links: Vec<ProofLink>,
    pub(super) others: BTreeMap<String, Value>,
    access_token: Option<Secret>,
    expires: SystemTime,
}

impl Gatherer {
    pub(super) fn new(received: SystemTime, access_token: Option<Secret>) -> Self {
        // A clock so far ahead that the sum overflows makes the link expire at once.
        let expires = received.checked_add(LIFETIME).unwrap_or(received);
        Self { links: Vec::new(), others: BTreeMap::new(), access_token, expires }
    }

    pub(super) fn proofs(&mut self, proofs: &Proofs) {
        for (key, value) in &proofs.0 {
            match value {
                Value::Object(kinds) => self.kinds(Origin::Proofs, Some(key), kinds),
                value => self.add(Origin::Proofs, None, key, value),
            }
        }
    }

    pub(super) fn service_proofs(&mut self, entries: &[ServiceProofs]) {
        for entry in entries {
            self.kinds(Origin::ServicesProofs, entry.service.as_deref(), &entry.kinds);
        }
    }

    pub(super) fn questionnaire(&mut self, service: &str, parts: &[QuestionnairePart]) {
        let questions = parts.iter().flat_map(|part| &part.questions);
        for question in questions.filter(|question| question.kind == Some(QuestionType::File)) {
            for answer in &question.answers {
                self.link(Origin::Questionnaire, Some(service), "file", answer.expose());
            }
        }
    }

    fn kinds(&mut self, origin: Origin, service: Option<&str>, kinds: &serde_json::Map<String, Value>) {
        for (kind, value) in kinds {
            self.add(origin, service, kind, value);
        }
    }

    fn add(&mut self, origin: Origin, service: Option<&str>, kind: &str, value: &Value) {
        match value {
            _ if kind == ACCESS_TOKEN => {}
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::Array(list) if list.is_empty() => {}
            Value::String(text) => self.link(origin, service, kind, text),
            other => {
                self.others.insert(name(service, kind), other.clone());
            }
        }
    }

    fn link(&mut self, origin: Origin, service: Option<&str>, kind: &str, text: &str) {
        self.links.push(ProofLink {
            origin,
            service: service.map(str::to_owned),
            kind: kind.to_owned(),
            link: Link(Secret::from(text)),
            access_token: self.access_token.clone(),
            expires: self.expires,
        });
    }
}

fn name(service: Option<&str>, kind: &str) -> String {
    service.map_or_else(|| kind.to_owned(), |service| format!("{service}.{kind}"))
}
