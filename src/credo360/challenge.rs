//! Proving ownership of a Credo ID: the challenge, the response, what is proven.
//!
//! ```text
//!            challenge()                          validate()
//! HandleId ─────────────▶ Challenge ── Response ─────────────▶ Ownership
//!                          │  ▲                      │
//!                          │  └── refused, unclear ──┘
//!                          └─ tells what to ask the user; can be stored and resumed
//! ```
//!
//! Source: the provider's page "Authentication".

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::{
    model::{Delivery, HandleId, Method, optional_timestamp, unix_seconds},
    signer::Signer,
};
use crate::{
    error::{Error, ErrorKind},
    privacy::{Pii, REDACTED, Secret},
    transport::decode,
    wire,
};

/// A challenge that a user can answer to prove ownership of a Credo ID.
///
/// It counts its attempts and knows its end: once it is spent, validated or past its time, nothing is sent any more.
/// There is one of each, so it is not `Clone`.
///
/// # Storing it
///
/// It serialises to a few hundred bytes, so that the user's response may reach another process than the one that
/// created it. There is no secret in it, but the Credo ID: keep it on your side, under the user's session. Store it
/// again after each [`validate`](crate::credo360::Client::validate), so that the count goes on; the provider counts as
/// well, and its count decides.
///
/// ```
/// # use kyckit::{credo360::{Client, Method}, transport::{MockResponse, MockTransport, Options}};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let memory = MockTransport::new([MockResponse::json(200, r#"{"challengeId":"Zi4czDlpdMdP","method":"passcode",
/// #     "validation":{"length":6,"attempts":3,"delivery":"sms"}}"#)]);
/// # let client = Client::builder("client-id").options(Options::new().transport(memory)).build()?;
/// let challenge = client.challenge(&"02598397346".parse()?, &Method::Passcode).await?;
/// let stored = serde_json::to_string(&challenge)?;
/// // Later, maybe elsewhere:
/// let challenge: kyckit::credo360::Challenge = serde_json::from_str(&stored)?;
/// assert_eq!(challenge.attempts().left(), Some(3));
/// # Ok(())
/// # }
/// ```
pub struct Challenge {
    id: ChallengeId,
    handle: HandleId,
    method: Method,
    /// Whole seconds since 1970.
    expires_at: Option<u64>,
    validation: Validation,
    refused: u32,
    unclear: u32,
    closed: bool,
}

impl Challenge {
    /// Reads the answer of `POST /auth/{handleId}`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] with the path.
    pub(super) fn read(bytes: &[u8], handle: HandleId) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Head {
            method: Method,
        }
        /// The method decides the form of `validation`, and may stand behind it.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<V> {
            challenge_id: ChallengeId,
            #[serde(default, deserialize_with = "optional_timestamp")]
            expires_at: Option<SystemTime>,
            validation: V,
        }
        let method = decode::json::<Head>(bytes)?.method;
        let (id, expires_at, validation) = match method {
            Method::Passcode => {
                let body = decode::json::<Body<Passcode>>(bytes)?;
                (body.challenge_id, body.expires_at, Validation::Passcode(body.validation))
            }
            Method::Signature => {
                let body = decode::json::<Body<Nonce>>(bytes)?;
                (body.challenge_id, body.expires_at, Validation::Signature(body.validation))
            }
            Method::Other(_) => {
                let body = decode::json::<Body<Option<Value>>>(bytes)?;
                let validation = Validation::Other(Pii::new(body.validation.unwrap_or_default()));
                (body.challenge_id, body.expires_at, validation)
            }
        };
        Ok(Self {
            id,
            handle,
            method,
            expires_at: expires_at.map(unix_seconds),
            validation,
            refused: 0,
            unclear: 0,
            closed: false,
        })
    }

    /// Its id at the provider: at most 160 characters by its documentation.
    pub fn id(&self) -> &str {
        &self.id.0
    }

    /// The Credo ID that is to be proven.
    pub fn handle(&self) -> &HandleId {
        &self.handle
    }

    /// How the user proves it.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// What to ask the user for.
    pub fn validation(&self) -> &Validation {
        &self.validation
    }

    /// The last second in which it can be validated; `None` when it never expires.
    pub fn expires_at(&self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.expires_at?))
    }

    /// Whether it is past its time.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|last| unix_seconds(now) > last)
    }

    /// How often it was tried.
    pub fn attempts(&self) -> Attempts {
        let allowed = match &self.validation {
            Validation::Passcode(passcode) => passcode.attempts,
            _ => None,
        };
        Attempts { allowed, refused: self.refused, unclear: self.unclear }
    }

    /// Lets a signer sign the nonce.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) when this is no signature challenge; whatever the signer says.
    pub async fn sign<S: Signer + ?Sized>(&self, signer: &S) -> Result<Response, Error> {
        match &self.validation {
            Validation::Signature(nonce) => signer.sign(nonce).await.map(Response::signature),
            _ => Err(Error::invalid("method", "the challenge is not for a signature")),
        }
    }

    /// Refuses what would be sent in vain.
    pub(super) fn admit(&self, response: &Response, now: SystemTime) -> Result<(), Error> {
        let used = |what| Err(Error::new(ErrorKind::AlreadyUsed, what).with_hint("create another challenge"));
        if self.closed {
            return used("the challenge was validated before");
        }
        if self.attempts().left() == Some(0) {
            return used("the attempts of the challenge are used up");
        }
        if self.is_expired(now) {
            return Err(Error::new(ErrorKind::Expired, "the challenge is past its time")
                .with_hint("create another challenge"));
        }
        match (&self.validation, response.to) {
            (Validation::Passcode(passcode), To::Passcode) => passcode.admit(response.text.expose()),
            (Validation::Signature(_), To::Signature) | (Validation::Other(_), To::Other)
                if !response.text.expose().is_empty() =>
            {
                Ok(())
            }
            (Validation::Signature(_), To::Signature) | (Validation::Other(_), To::Other) => {
                Err(Error::invalid("response", "the response is empty"))
            }
            _ => Err(Error::invalid("response", "the response is of another kind than the challenge")),
        }
    }

    /// Counts an attempt with an outcome that is not known yet. It stays so when the call is dropped in the middle.
    pub(super) fn begin(&mut self) {
        self.unclear = self.unclear.saturating_add(1);
    }

    /// Says how the attempt that was begun last came out.
    pub(super) fn settle(&mut self, outcome: Outcome) {
        if outcome != Outcome::Unclear {
            self.unclear = self.unclear.saturating_sub(1);
        }
        match outcome {
            Outcome::Accepted => self.closed = true,
            Outcome::Refused => self.refused = self.refused.saturating_add(1),
            Outcome::NotSent | Outcome::Unclear => {}
        }
    }
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The provider took the response.
    Accepted,
    /// It did not.
    Refused,
    /// Nothing left, or the provider says that it did nothing.
    NotSent,
    /// It may have arrived.
    Unclear,
}

crate::privacy::redacted_debug!(Challenge {
    method,
    expires_at,
    validation,
    attempts: |this| this.attempts(),
    closed,
    ..
});

/// How often a challenge was tried, as far as this side knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempts {
    /// How many the provider allows; `None` for any number.
    pub allowed: Option<u32>,
    /// How many it refused.
    pub refused: u32,
    /// How many may or may not have reached it: the connection broke, or the answer did not come or made no sense.
    pub unclear: u32,
}

impl Attempts {
    /// How many are certainly left: unclear ones count as spent. `None` for any number.
    pub fn left(&self) -> Option<u32> {
        Some(self.allowed?.saturating_sub(self.refused).saturating_sub(self.unclear))
    }
}

/// What the user is asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Validation {
    /// A passcode that has reached the user.
    Passcode(Passcode),
    /// A signature of this nonce.
    Signature(Nonce),
    /// The `validation` object of a method that this version does not know, as it came; null when there is none.
    Other(Pii<Value>),
}

/// What is known of a passcode that has reached the user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Passcode {
    /// How many digits it has: documented as 4 to 8, taken as it comes.
    #[serde(deserialize_with = "length")]
    pub length: u32,
    /// How many attempts there are: documented as 1 to 5, taken as it comes; `None` for any number.
    #[serde(default, deserialize_with = "wire::whole")]
    pub attempts: Option<u32>,
    /// How it has reached the user.
    pub delivery: Delivery,
}

impl Passcode {
    fn admit(&self, text: &str) -> Result<(), Error> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::invalid(
                "response",
                "the passcode holds something else than the digits 0 to 9",
            ));
        }
        if u32::try_from(text.len()) != Ok(self.length) {
            return Err(Error::invalid(
                "response",
                "the passcode does not have the announced number of digits",
            ));
        }
        Ok(())
    }
}

fn length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    wire::whole(deserializer)?.ok_or_else(|| de::Error::custom("a length is a whole number"))
}

/// What the user's private key signs.
///
/// The provider says that it is a base64-encoded value of 256 bits, and its own sample is longer: so there is both the
/// text and, where it decodes, the bytes. `Debug` shows how many.
#[derive(Clone, PartialEq, Eq)]
pub struct Nonce {
    text: String,
    bytes: Option<Vec<u8>>,
}

impl Nonce {
    fn new(text: String) -> Self {
        const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
        const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
        let bytes = STANDARD.decode(&text).or_else(|_| URL_SAFE.decode(&text)).ok();
        Self { text, bytes }
    }

    /// The text as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes behind the text: either base64 alphabet, with or without padding. `None` when it is no base64.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_deref()
    }
}

crate::privacy::redacted_debug!(Nonce { bytes: |this| this.bytes.as_ref().map(Vec::len), .. });

/// A nonce as it stands in `validation`.
#[derive(Serialize, Deserialize)]
struct NonceObject<T> {
    nonce: T,
}

impl Serialize for Nonce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        NonceObject { nonce: self.text() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let NonceObject { nonce } = NonceObject::<String>::deserialize(deserializer)?;
        if nonce.is_empty() {
            // Whoever signs nothing has signed it for ever.
            return Err(de::Error::missing_field("nonce"));
        }
        Ok(Self::new(nonce))
    }
}

/// What the user answers. `Debug` shows its kind alone.
#[derive(Clone)]
pub struct Response {
    to: To,
    text: Secret,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Passcode,
    Signature,
    Other,
}

impl Response {
    /// The passcode that the user typed. Remove blanks around it first: what does not fit is refused before it is sent.
    pub fn passcode(passcode: impl Into<Secret>) -> Self {
        Self { to: To::Passcode, text: passcode.into() }
    }

    /// A signature of the nonce, in the form that the user's key was registered for. The provider documents neither an
    /// algorithm nor an encoding, so it is sent as it is. See also [`Challenge::sign`].
    pub fn signature(signature: impl Into<Secret>) -> Self {
        Self { to: To::Signature, text: signature.into() }
    }

    /// The response to a challenge of a method that this version does not know, sent as it is.
    pub fn other(response: impl Into<Secret>) -> Self {
        Self { to: To::Other, text: response.into() }
    }

    pub(super) fn text(&self) -> &Secret {
        &self.text
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(match self.to {
            To::Passcode => "Passcode",
            To::Signature => "Signature",
            To::Other => "Other",
        })
        .field(&format_args!("{REDACTED}"))
        .finish()
    }
}

/// The proof that a person owns a Credo ID: Credo360 took their response to a challenge for it, and named the very Credo
/// ID that was asked for.
///
/// Only [`Client::validate`](crate::credo360::Client::validate) makes one: there is no public constructor and no
/// `Deserialize`. It says that the person had the user's phone, mailbox or key at that moment. Who the user is, is
/// another question: see [`Kind::is_identity_check`](crate::credo360::Kind::is_identity_check).
///
/// ```compile_fail,E0451
/// use kyckit::credo360::Ownership;
/// fn of_another(proven: Ownership) -> Ownership {
///     Ownership { handle: "02598397346".parse().unwrap(), ..proven }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ownership {
    handle: HandleId,
    method: Method,
    proven_at: SystemTime,
}

impl Ownership {
    /// For `Client::validate` alone: call it after the handles were compared.
    pub(super) fn new(handle: HandleId, method: Method, proven_at: SystemTime) -> Self {
        Self { handle, method, proven_at }
    }

    /// From a sealed state of this backend alone, in which a flow keeps a proof while the owner cannot be read.
    #[cfg(feature = "flow")]
    pub(crate) fn resumed(handle: HandleId, method: Method, proven_at: SystemTime) -> Self {
        Self::new(handle, method, proven_at)
    }

    /// The Credo ID that is owned.
    pub fn handle(&self) -> &HandleId {
        &self.handle
    }

    /// How it was proven.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// When the provider's answer was there, by the client's clock.
    pub fn proven_at(&self) -> SystemTime {
        self.proven_at
    }
}

/// The id of a challenge: any text that a path can carry.
#[derive(Serialize)]
#[serde(transparent)]
struct ChallengeId(String);

impl<'de> Deserialize<'de> for ChallengeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Far above the documented 160 characters, far below what servers take in a path.
        const MAX_BYTES: usize = 2048;
        let id = String::deserialize(deserializer)?;
        // In a path the two dots mean another path.
        if id.is_empty() || id.len() > MAX_BYTES || matches!(id.as_str(), "." | "..") {
            return Err(de::Error::custom("a challenge id fits into a path"));
        }
        Ok(Self(id))
    }
}

/// A challenge as it is stored: the provider's names for what is the provider's.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored<Handle, Id, Text, Form> {
    handle_id: Handle,
    challenge_id: Id,
    method: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
    validation: Form,
    refused: u32,
    unclear: u32,
    closed: bool,
}

impl Serialize for Challenge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored {
            handle_id: &self.handle,
            challenge_id: &self.id,
            method: &self.method,
            expires_at: self.expires_at,
            validation: &self.validation,
            refused: self.refused,
            unclear: self.unclear,
            closed: self.closed,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Challenge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::<HandleId, ChallengeId, Method, Value>::deserialize(deserializer)?;
        // The text of serde_json could quote what was stored.
        let misfit = |_| de::Error::custom("`validation` does not fit `method`");
        let validation = match stored.method {
            Method::Passcode => {
                serde_json::from_value(stored.validation).map(Validation::Passcode).map_err(misfit)?
            }
            Method::Signature => {
                serde_json::from_value(stored.validation).map(Validation::Signature).map_err(misfit)?
            }
            Method::Other(_) => Validation::Other(Pii::new(stored.validation)),
        };
        Ok(Self {
            id: stored.challenge_id,
            handle: stored.handle_id,
            method: stored.method,
            expires_at: stored.expires_at,
            validation,
            refused: stored.refused,
            unclear: stored.unclear,
            closed: stored.closed,
        })
    }
}
