//! A provider that exists in tests only.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use crate::{
    clock::Clock,
    crypto,
    error::{Error, ErrorKind},
    privacy::Secret,
    provider::ProviderId,
    transport::decode,
    verified::{Event, Proof, State, Verified, Verifier},
};

const SIGNATURE: HeaderName = HeaderName::from_static("x-fake-signature");
const TIME: HeaderName = HeaderName::from_static("x-fake-time");

/// Signs and verifies made-up messages, to drive an [`Inbox`](crate::inbox::Inbox), a store and a handler in tests
/// without any real provider.
///
/// The body is JSON: `{"reference":"r-1","state":"pending"}`; more members are ignored. `accepted` and `declined` are
/// terminal, `changed` is a notice, every other state is not terminal. The signature is HMAC-SHA-256, in hex, over the
/// body alone, or over the time, a line feed and the body.
///
/// ```
/// use kyckit::{verified::{Event, State, Verifier}, testkit::FakeProvider};
///
/// let (provider, body) = (FakeProvider::new("secret"), br#"{"reference":"r-1","state":"accepted"}"#);
/// let event = provider.verify(&provider.sign(body), body)?;
/// assert_eq!(event.state(), State::terminal("accepted"));
/// assert!(provider.verify(&FakeProvider::new("other").sign(body), body).is_err());
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FakeProvider {
    secrets: Vec<Secret>,
    window: Option<(Clock, Duration)>,
}

/// A message of the [`FakeProvider`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FakeEvent {
    /// The subject.
    pub reference: String,
    /// The state's word.
    pub state: String,
    /// The signed time, in whole seconds.
    #[serde(skip)]
    pub time: Option<SystemTime>,
}

impl FakeProvider {
    /// The name under which it appears.
    pub const PROVIDER: ProviderId = ProviderId::new("fake");

    /// One whose signature covers the body and no time.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self { secrets: vec![secret.into()], window: None }
    }

    /// One whose signature covers a time as well, which may be off by five minutes either way.
    pub fn with_signed_time(secret: impl Into<Secret>, clock: Clock) -> Self {
        Self { secrets: vec![secret.into()], window: Some((clock, Duration::from_secs(300))) }
    }

    /// Verifies under an older secret as well. Messages are signed under the first.
    #[must_use]
    pub fn also(mut self, secret: impl Into<Secret>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// The headers of a message with this body, at the clock's time where a time is signed.
    pub fn sign(&self, body: &[u8]) -> HeaderMap {
        let at = self.window.as_ref().map_or(SystemTime::UNIX_EPOCH, |(clock, _)| clock.now());
        self.sign_at(body, at)
    }

    /// The headers of a message with this body that the provider wrote at `at`, in whole seconds. The time is left out
    /// where none is signed.
    pub fn sign_at(&self, body: &[u8], at: SystemTime) -> HeaderMap {
        let seconds =
            at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string();
        let time = self.window.as_ref().map(|_| seconds.as_bytes());
        let mut headers = HeaderMap::new();
        if let Some(secret) = self.secrets.first() {
            let digits = hex::encode(mac(secret, time, body));
            headers.extend(HeaderValue::from_str(&digits).ok().map(|value| (SIGNATURE, value)));
        }
        if time.is_some() {
            headers.extend(HeaderValue::from_str(&seconds).ok().map(|value| (TIME, value)));
        }
        headers
    }
}

fn mac(secret: &Secret, time: Option<&[u8]>, body: &[u8]) -> [u8; 32] {
    match time {
        Some(time) => crypto::hmac_sha256(secret.expose_bytes(), &[time, b"\n", body]),
        None => crypto::hmac_sha256(secret.expose_bytes(), &[body]),
    }
}

fn refused(check: &'static str, what: &'static str) -> Error {
    Error::new(ErrorKind::Signature, what).with_check(check).during(FakeProvider::PROVIDER, "callback")
}

impl Verifier for FakeProvider {
    type Event = FakeEvent;

    fn provider(&self) -> ProviderId {
        Self::PROVIDER
    }

    fn signed_headers(&self) -> &'static [&'static str] {
        &["x-fake-signature", "x-fake-time"]
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Verified<FakeEvent>, Error> {
        let now = self.window.as_ref().map_or(SystemTime::UNIX_EPOCH, |(clock, _)| clock.now());
        self.verify_at(headers, body, now)
    }

    fn verify_at(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        at: SystemTime,
    ) -> Result<Verified<FakeEvent>, Error> {
        if self.secrets.iter().any(Secret::is_blank) {
            let error = Error::configuration("a secret for signatures is empty or blank");
            return Err(error.during(Self::PROVIDER, "callback"));
        }
        let header =
            headers.get(SIGNATURE).ok_or_else(|| refused("signature.missing", "there is no signature"))?;
        let mut signature = [0; 32];
        hex::decode_to_slice(header.as_bytes(), &mut signature)
            .map_err(|_| refused("signature.malformed", "the signature is not 64 hex digits"))?;
        let time = match &self.window {
            Some(_) => {
                Some(headers.get(TIME).ok_or_else(|| refused("time.missing", "there is no time"))?.as_bytes())
            }
            None => None,
        };
        let fits = |secret: &Secret| crypto::equal(&mac(secret, time, body), &signature);
        let secret = self
            .secrets
            .iter()
            .position(fits)
            .ok_or_else(|| refused("signature.mismatch", "no secret fits the signature"))?;
        let digest = crypto::sha256(&[time.unwrap_or_default(), b"\n", body]);
        let time = time.map(whole_seconds).transpose()?;
        if let (Some(time), Some((_, window))) = (time, &self.window) {
            let away = time.duration_since(at).or_else(|_| at.duration_since(time)).unwrap_or_default();
            if away > *window {
                return Err(Error::new(ErrorKind::Expired, "the signed time is too far away")
                    .with_check("time.window")
                    .during(Self::PROVIDER, "callback"));
            }
        }
        let event: FakeEvent =
            decode::json(body).map_err(|error| error.during(Self::PROVIDER, "callback"))?;
        Ok(Verified::new(FakeEvent { time, ..event }, Proof::new(secret, "hmac", digest)))
    }
}

fn whole_seconds(header: &[u8]) -> Result<SystemTime, Error> {
    std::str::from_utf8(header)
        .ok()
        .and_then(|text| text.parse::<u32>().ok())
        .map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(seconds)))
        .ok_or_else(|| refused("time.malformed", "the signed time is not a number of seconds"))
}

impl Event for FakeEvent {
    fn subject(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.reference)
    }

    fn state(&self) -> State {
        match self.state.as_str() {
            "accepted" | "declined" => State::terminal(self.state.clone()),
            "changed" => State::Notice,
            _ => State::non_terminal(self.state.clone()),
        }
    }

    fn signed_time(&self) -> Option<SystemTime> {
        self.time
    }
}
