//! Callbacks: what Shufti Pro posts to your `callback_url`.
//!
//! The body has the shape of every answer, the `Signature` header is checked over the raw bytes, and neither an id nor
//! a time is signed: a captured callback verifies for ever. So hand callbacks to an [`Inbox`](crate::inbox::Inbox),
//! which takes the same body once, keeps a late `request.pending` from overwriting a decision, and asks for a status
//! call where the callback alone cannot be believed: when a decision changes, and for `verification.status.changed`
//! and `request.data.changed`, which carry no result.
//!
//! Answer 200 at once and work later: the provider tries ten times and then stops. The browser's return to
//! `redirect_url` proves nothing and may come before or after the callback.
//!
//! Source: `docs/verification_endpoints/callback_logs`; `docs/kyc/system_insights_and_request_limits`.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use http::HeaderMap;

use super::{
    PROVIDER,
    model::VerificationResponse,
    signature::{self, Rule, Verifier},
};
use crate::{
    clock::Clock,
    error::Error,
    privacy::Secret,
    provider::ProviderId,
    verified::{self, Event, State, Verified},
};

/// Verifies and reads callbacks of one account.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use kyckit::{verified::Verifier, shuftipro::{Callbacks, signature::{Rule, sign}}};
///
/// let secret = "secret-key".into();
/// let body = br#"{"reference":"r-2026-0001","event":"verification.accepted"}"#;
/// let mut headers = HeaderMap::new();
/// headers.insert("signature", HeaderValue::try_from(sign(body, &secret, Rule::Hashed))?);
///
/// let callbacks = Callbacks::new(secret, Rule::Hashed);
/// let callback = callbacks.verify(&headers, body)?;
/// assert!(callback.is_accepted());
///
/// assert!(callbacks.verify(&headers, b"{}").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "webhook")]
#[derive(Clone)]
pub struct Callbacks {
    verifier: Arc<dyn Fn() -> Arc<Verifier> + Send + Sync>,
    clock: Clock,
}

impl Callbacks {
    /// A verifier by the account's secret key and signature rule. A [`Client`](super::Client) has one of its own.
    /// With a key that is empty or blank, every message is refused with
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub fn new(secret_key: impl Into<Secret>, rule: Rule) -> Self {
        let verifier = Arc::new(Verifier::new(secret_key, rule));
        Self::following(move || Arc::clone(&verifier), Clock::default())
    }

    /// A verifier with more than one secret, while a rotation lasts.
    pub fn with(verifier: Verifier) -> Self {
        let verifier = Arc::new(verifier);
        Self::following(move || Arc::clone(&verifier), Clock::default())
    }

    pub(super) fn following(
        verifier: impl Fn() -> Arc<Verifier> + Send + Sync + 'static,
        clock: Clock,
    ) -> Self {
        Self { verifier: Arc::new(verifier), clock }
    }
}

impl verified::Verifier for Callbacks {
    type Event = VerificationResponse;

    fn provider(&self) -> ProviderId {
        PROVIDER
    }

    fn signed_headers(&self) -> &'static [&'static str] {
        &[signature::HEADER]
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Verified<VerificationResponse>, Error> {
        self.verify_at(headers, body, self.clock.now())
    }

    fn verify_at(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        at: SystemTime,
    ) -> Result<Verified<VerificationResponse>, Error> {
        (self.verifier)()
            .open(headers, body, |body| VerificationResponse::read(body, at))
            .map_err(|error| error.during(PROVIDER, "callback"))
    }
}

impl Event for VerificationResponse {
    fn subject(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.reference().unwrap_or_default())
    }

    fn state(&self) -> State {
        let event = self.event();
        if event.needs_status_call() {
            State::Notice
        } else if event.is_terminal() {
            State::terminal(event.as_str().to_owned())
        } else if event.is_known() {
            State::non_terminal(event.as_str().to_owned())
        } else {
            // Whatever it is, the provider can say what it did to the verification.
            State::Notice
        }
    }
}

crate::privacy::redacted_debug!(Callbacks);
