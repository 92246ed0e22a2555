//! Webhooks: what Credify posts to the URL that is registered on the dashboard.
//!
//! The ecosystem's key signs the registered URL, the event's id, its time and the hash of the body. So a message can be
//! checked without a secret, and a replay is recognised by its time. [`Webhooks`] fetches the key by itself; an
//! [`Inbox`] then hands out each event once and in order:
//!
//! ```no_run
//! use std::time::Duration;
//! use kyckit::{
//!     credify::{Client, webhook::{EventPayload, WebhookEvent}},
//!     inbox::{Inbox, Action, Delivery},
//!     storage::MemoryInbox,
//!     verified::{Event, State},
//! };
//!
//! async fn handle(delivery: Delivery<WebhookEvent>) -> Result<State, kyckit::Error> {
//!     match delivery.action {
//!         Action::Apply(event) => {
//!             if let EventPayload::Order(order) = event.payload() {
//!                 println!("{} is {}", order.order_id, order.order_status);
//!             }
//!             Ok(event.state())
//!         }
//!         // An event of a type that is not known, or one that came out of order: ask for the order.
//!         Action::FetchFromProvider { .. } => Ok(State::Notice),
//!     }
//! }
//!
//! # async fn run(client: Client, headers: http::HeaderMap, body: Vec<u8>) -> Result<(), kyckit::Error> {
//! let webhooks = client.webhooks("https://market.example/v1/webhook")?;
//! let inbox = Inbox::new(MemoryInbox::new());
//! // In the web server, for each POST; the service `credify::server::webhook` is all of it.
//! let answer = kyckit::credify::webhook::answer(&webhooks.receive(&inbox, &headers, &body).await);
//! // In a worker.
//! while let Some(outcome) = webhooks.work(&inbox, handle).await? {
//!     println!("{outcome:?}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The hash is that of the bytes that were sent, or that of the body written anew as JavaScript does, which is what
//! the provider's own SDK computes. Either is accepted; a body that neither fits is not.
//!
//! Source: the provider's documentation of webhooks with its example, and its Node SDK 1.22.6.

mod event;
mod key;

use std::{
    collections::{HashSet, VecDeque},
    error::Error as StdError,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::Value;
use url::Url;

pub use event::{
    DisbursementRequirement, EventPayload, OfferDispute, OfferTransaction, OrderUpdate, WebhookEvent,
};

use self::key::{EcosystemKey, Rules};
use super::{
    PROVIDER,
    client::Client,
    json::{canonical, hash},
    keys::VerifyingKey,
};
use crate::{
    crypto::sha256,
    error::{Error, ErrorKind},
    inbox::{Delivery, Inbox, MAX_BODY_BYTES, WorkOutcome, response_status},
    provider::ProviderId,
    storage::{InboxStore, Receipt},
    verified::{Proof, State, Verified, Verifier},
    wire,
};

const SIGNATURE: &str = "signature";
const EVENT_ID: &str = "x-event-id";
const TIMESTAMP: &str = "x-event-timestamp";

/// How old a message may be unless another age is set: for how long the provider sends one again is not documented.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);
/// How far the provider's clock may be ahead.
const MAX_AHEAD: Duration = Duration::from_secs(300);

/// The check that failed when no key fits.
const MISMATCH: &str = "signature.mismatch";
const MALFORMED: &str = "signature.malformed";
/// A larger body is compared as it came alone; the provider's events have a few hundred bytes.
const MAX_RESERIALIZED_BYTES: usize = 64 << 10;

/// Verifies and reads the webhooks of one registered URL. Cheap to clone; clones share the key.
///
/// # Defaults
///
/// A message may be a day old and five minutes early. The key is used for ten minutes and then asked for again; when a
/// signature does not fit, it is asked for once more, at most once a minute; the failure of a fetch is remembered for
/// ten seconds. Replays are not refused, since the provider itself delivers an event several times; an inbox drops them.
#[derive(Clone)]
pub struct Webhooks {
    endpoint: Arc<str>,
    keys: Arc<EcosystemKey>,
    max_age: Option<Duration>,
    seen: Option<Arc<Seen>>,
}

impl Client {
    /// The verifier of the webhooks that Credify posts to this URL: exactly as it is registered on the dashboard, with
    /// scheme and host, since it is part of what is signed. Nothing is sent; the key is fetched with the first message.
    ///
    /// The API key needs `organization:read_pub_key`.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) when the environment has no ecosystem id and the builder was given
    /// none, and for what is no URL.
    pub fn webhooks(&self, endpoint: &str) -> Result<Webhooks, Error> {
        let made = || {
            let ecosystem_id = self.ecosystem_id().ok_or_else(|| {
                Error::configuration("it is not known which entity signs the webhooks of this environment")
                    .with_hint("give the ecosystem's id to the client's builder")
            })?;
            let is_url = Url::parse(endpoint).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if !is_url || endpoint.contains(|letter: char| letter.is_control() || letter.is_whitespace()) {
                return Err(Error::configuration("the webhook's URL is not a URL")
                    .with_hint("give it as it is registered: https://…"));
            }
            let keys = EcosystemKey::new(self.clone(), ecosystem_id.to_owned(), Rules::default());
            Ok(Webhooks {
                endpoint: endpoint.into(),
                keys: Arc::new(keys),
                max_age: Some(MAX_AGE),
                seen: None,
            })
        };
        made().map_err(|error| error.during(PROVIDER, "webhooks"))
    }
}

/// Setting it up. Each of the functions that speak of the key starts with no key.
impl Webhooks {
    /// Sets how old a message may be.
    #[must_use]
    pub fn with_max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Takes messages of any age: a captured one can then be replayed for ever, unless an inbox drops it.
    #[must_use]
    pub fn without_max_age(mut self) -> Self {
        self.max_age = None;
        self
    }

    /// Sets how long the key is used before it is asked for again. Longer saves calls, shorter notices a change sooner.
    #[must_use]
    pub fn with_max_key_age(mut self, age: Duration) -> Self {
        self.keys = Arc::new(self.keys.with_rules(|rules| rules.max_age = age));
        self
    }

    /// Sets how long signatures that do not fit lead to no other fetch of the key.
    #[must_use]
    pub fn with_key_cooldown(mut self, cooldown: Duration) -> Self {
        self.keys = Arc::new(self.keys.with_rules(|rules| rules.cooldown = cooldown));
        self
    }

    /// Sets how long the failure to fetch a key is remembered before it is tried again.
    #[must_use]
    pub fn with_failure_ttl(mut self, ttl: Duration) -> Self {
        self.keys = Arc::new(self.keys.with_rules(|rules| rules.failure_ttl = ttl));
        self
    }

    /// Has [`open`](Self::open) refuse an event that it opened before, as long as it is among the latest `events`. It
    /// is remembered in memory, by this value and its clones.
    #[must_use]
    pub fn refusing_replays(mut self, events: usize) -> Self {
        self.seen = Some(Arc::new(Seen { capacity: events.max(1), state: Mutex::default() }));
        self
    }
}

/// Using it.
impl Webhooks {
    /// Verifies a message and reads it, without an inbox. The key is fetched where that is due.
    ///
    /// The same event may come several times, late and out of order: an application that does not use an inbox heeds
    /// [`WebhookEvent::id`] and [`WebhookEvent::time`] itself.
    ///
    /// # Errors
    ///
    /// [`Signature`](ErrorKind::Signature) for a message that is not authentic, with
    /// [diagnosis](Error::diagnosis); [`Expired`](ErrorKind::Expired) for one that is too old;
    /// [`AlreadyUsed`](ErrorKind::AlreadyUsed) for a replay, when those are refused: answer 200 to it;
    /// [`TooLarge`](ErrorKind::TooLarge) for a body over 1 MiB; [`Decode`](ErrorKind::Decode) for an authentic body that
    /// lacks a member; those of [`Client::public_keys`] when the key cannot be had.
    pub async fn open(&self, headers: &HeaderMap, body: &[u8]) -> Result<Verified<WebhookEvent>, Error> {
        let named = |error: Error| error.during(PROVIDER, "webhook");
        if body.len() > MAX_BODY_BYTES {
            return Err(named(Error::new(ErrorKind::TooLarge, "the webhook is longer than 1 MiB")));
        }
        // What is not even formed as a webhook is no reason to fetch a key.
        Message::read(headers, body).map_err(named)?;
        self.ready().await?;
        let event = match self.verify(headers, body) {
            Err(error) if error.check() == Some(MISMATCH) && self.keys.renew().await? => {
                self.verify(headers, body)?
            }
            other => other?,
        };
        match &self.seen {
            Some(seen) if !seen.is_first(Verified::proof(&event).digest) => Err(named(
                Error::new(ErrorKind::AlreadyUsed, "the event was opened before")
                    .with_check("webhook.replayed")
                    .with_hint("it is a delivery of an event that is known: answer 200"),
            )),
            _ => Ok(event),
        }
    }

    /// Verifies a message and keeps it in an inbox; see [`Inbox::receive`]. The key is fetched where that is due.
    ///
    /// # Errors
    ///
    /// Those of [`Inbox::receive`], and those of [`Client::public_keys`] when the key cannot be had. [`answer`] knows
    /// what to answer to each.
    pub async fn receive<S: InboxStore>(
        &self,
        inbox: &Inbox<S>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Receipt, Error> {
        if body.len() <= inbox.body_limit() {
            Message::read(headers, body).map_err(|error| error.during(PROVIDER, "webhook"))?;
            self.ready().await?;
        }
        match inbox.receive(self, headers, body).await {
            Err(error) if error.check() == Some(MISMATCH) && self.keys.renew().await? => {
                inbox.receive(self, headers, body).await
            }
            other => other,
        }
    }

    /// Takes one event of an inbox that waits, and gives it to the handler; see [`Inbox::work`]. The key is fetched
    /// first where that is due, since a process that just started has none.
    ///
    /// # Errors
    ///
    /// Those of [`Inbox::work`], and those of [`Client::public_keys`] when the key cannot be had: nothing was taken out
    /// then.
    pub async fn work<S, F, Fut, E>(&self, inbox: &Inbox<S>, handler: F) -> Result<Option<WorkOutcome>, Error>
    where
        S: InboxStore,
        F: FnOnce(Delivery<WebhookEvent>) -> Fut,
        Fut: Future<Output = Result<State, E>>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.ready().await?;
        inbox.work(self, handler).await
    }

    /// Makes sure that there is a key: for an application that uses the [`Verifier`] itself, which never waits.
    ///
    /// # Errors
    ///
    /// Those of [`Client::public_keys`].
    pub async fn ready(&self) -> Result<(), Error> {
        self.keys.ready().await.map_err(|error| error.during(PROVIDER, "webhook"))
    }

    /// Refuses headers that no webhook has, before the body is read.
    pub(in crate::credify) fn check_headers(headers: &HeaderMap) -> Result<(), Error> {
        Message::read(headers, &[]).map(drop).map_err(|error| error.during(PROVIDER, "webhook"))
    }

    fn check(&self, message: &Message<'_>, at: SystemTime) -> Result<Verified<WebhookEvent>, Error> {
        let keys = self.keys.at(at);
        if keys.is_empty() {
            return Err(Error::new(ErrorKind::Unavailable, "there is no key to check the webhook with")
                .with_hint("call `ready` first, or `open` and `receive`, which do"));
        }
        let hashes = message.hashes();
        let found = keys.iter().find_map(|(position, key)| {
            let fitting = hashes.iter().find(|(_, hash)| message.fits(&self.endpoint, hash, key))?;
            Some((*position, fitting))
        });
        let Some((position, (rule, hash))) = found else {
            return Err(Error::new(ErrorKind::Signature, "Signature of webhook request is not valid.")
                .with_check(MISMATCH)
                .with_diagnosis(self.explanation(message, &hashes, &keys)));
        };
        self.timely(message.timestamp, at)?;
        // Of what was signed: a body with other white space is the same event.
        let digest = sha256(&[message.event_id.as_bytes(), b"\n", hash.as_bytes()]);
        let event = WebhookEvent::read(message.event_id, message.timestamp, message.body)?;
        Ok(Verified::new(event, Proof::new(position, rule, digest)))
    }

    fn timely(&self, timestamp: &str, at: SystemTime) -> Result<(), Error> {
        let Some(max_age) = self.max_age else { return Ok(()) };
        let sent = event::moment(timestamp).ok_or_else(event::undated)?;
        let is_timely = match at.duration_since(sent) {
            Ok(age) => age <= max_age,
            Err(early) => early.duration() <= MAX_AHEAD,
        };
        if is_timely {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Expired, "the webhook was sent too long ago, or in the future")
            .with_check("webhook.time"))
    }

    /// The likeliest mistake is another URL than the registered one.
    fn explanation(
        &self,
        message: &Message<'_>,
        hashes: &[(&'static str, String)],
        keys: &[(usize, VerifyingKey)],
    ) -> Option<&'static str> {
        let endpoint = &*self.endpoint;
        let slash = match endpoint.strip_suffix('/') {
            Some(without) => without.to_owned(),
            None => format!("{endpoint}/"),
        };
        let scheme = match endpoint.strip_prefix("https://") {
            Some(rest) => format!("http://{rest}"),
            None => endpoint.replacen("http://", "https://", 1),
        };
        let (_, hash) = hashes.first()?;
        let (_, key) = keys.first()?;
        let fits = |endpoint: &str| message.fits(endpoint, hash, key);
        if fits(&slash) {
            return Some("endpoint.slash");
        }
        fits(&scheme).then_some("endpoint.scheme")
    }
}

impl Verifier for Webhooks {
    type Event = WebhookEvent;

    fn provider(&self) -> ProviderId {
        PROVIDER
    }

    fn signed_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE, EVENT_ID, TIMESTAMP]
    }

    /// With the key that is at hand: see [`Webhooks::ready`].
    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Verified<WebhookEvent>, Error> {
        self.verify_at(headers, body, self.keys.client().clock().now())
    }

    fn verify_at(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        at: SystemTime,
    ) -> Result<Verified<WebhookEvent>, Error> {
        Message::read(headers, body)
            .and_then(|message| self.check(&message, at))
            .map_err(|error| error.during(PROVIDER, "webhook"))
    }
}

crate::privacy::redacted_debug!(Webhooks { max_age, .. });

/// What is signed, and the signature.
pub(crate) struct Message<'a> {
    pub(crate) signature: &'a str,
    pub(crate) event_id: &'a str,
    pub(crate) timestamp: &'a str,
    pub(crate) body: &'a [u8],
}

impl<'a> Message<'a> {
    fn read(headers: &'a HeaderMap, body: &'a [u8]) -> Result<Self, Error> {
        let message = Self {
            signature: only(headers, SIGNATURE)?,
            event_id: only(headers, EVENT_ID)?,
            timestamp: only(headers, TIMESTAMP)?,
            body,
        };
        if message.is_well_formed() { Ok(message) } else { Err(malformed()) }
    }

    /// A line feed within a value would move what is signed from one to the other.
    fn is_well_formed(&self) -> bool {
        [self.signature, self.event_id, self.timestamp]
            .iter()
            .all(|value| !value.is_empty() && !value.contains(char::is_control))
    }

    /// The hashes that the signature may cover, each with the rule's name: of the bytes, and where that differs, of the
    /// body as JavaScript writes it.
    fn hashes(&self) -> Vec<(&'static str, String)> {
        let mut hashes = vec![("raw", body_hash(self.body))];
        // What is not known to be authentic becomes no large tree.
        if self.body.len() > MAX_RESERIALIZED_BYTES {
            return hashes;
        }
        let again = wire::json::from_slice::<Value>(self.body).ok().and_then(|body| canonical(&body).ok());
        if let Some(text) = again.filter(|text| text.as_bytes() != self.body) {
            hashes.push(("reserialized", body_hash(text.as_bytes())));
        }
        hashes
    }

    fn fits(&self, endpoint: &str, hash: &str, key: &VerifyingKey) -> bool {
        key.verifies_text(self.signed(endpoint, hash).as_bytes(), self.signature)
    }

    /// The text that is signed.
    pub(crate) fn signed(&self, endpoint: &str, hash: &str) -> String {
        format!("POST\n{endpoint}\n{}\n{}\n{hash}", self.event_id, self.timestamp)
    }

    /// Whether the message is authentic, with a key that is given.
    pub(crate) fn is_authentic(&self, endpoint: &str, key: &VerifyingKey) -> bool {
        self.is_well_formed() && self.hashes().iter().any(|(_, hash)| self.fits(endpoint, hash, key))
    }
}

/// The hash of a body, as it stands in what is signed.
pub(crate) fn body_hash(body: &[u8]) -> String {
    hash::encode(&sha256(&[body]))
}

/// The one value of a header.
fn only<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Error> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| malformed()),
        (None, _) => Err(Error::new(ErrorKind::Signature, "a header of the webhook is missing")
            .with_check("signature.missing")),
        (Some(_), Some(_)) => Err(malformed()),
    }
}

fn malformed() -> Error {
    Error::new(ErrorKind::Signature, "a header of the webhook is not what it has to be").with_check(MALFORMED)
}

/// The digests of the latest events.
struct Seen {
    capacity: usize,
    state: Mutex<Digests>,
}

#[derive(Default)]
struct Digests {
    known: HashSet<[u8; 32]>,
    /// The oldest first.
    order: VecDeque<[u8; 32]>,
}

impl Seen {
    fn is_first(&self, digest: [u8; 32]) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.known.insert(digest) {
            return false;
        }
        state.order.push_back(digest);
        if state.order.len() > self.capacity
            && let Some(oldest) = state.order.pop_front()
        {
            state.known.remove(&oldest);
        }
        true
    }
}

/// What to answer Credify: the status of [`response_status`], and a word for its logs.
pub fn answer(result: &Result<Receipt, Error>) -> Response<String> {
    let status = response_status(result);
    let word = match status {
        StatusCode::OK => "Success",
        StatusCode::UNAUTHORIZED => "Unauthorized",
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => "Invalid body",
        _ => "Try again later",
    };
    let mut response = Response::new(format!(r#"{{"message":"{word}"}}"#));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
