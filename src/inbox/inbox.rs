//! Inbox: what it promises, its settings, and its first half, which receives.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, StatusCode};

use super::message;
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    privacy::Pii,
    provider::ProviderId,
    storage::{InboxStore, NewEvent, Receipt},
    verified::{Event, Proof, Verified, Verifier},
};

/// Default for the size of a received body: 1 MiB.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// The longest subject in bytes.
const MAX_SUBJECT_BYTES: usize = 512;

/// Receives webhooks, stores them before they are acknowledged, and delivers each to a handler, in order.
///
/// It has two halves, since a provider waits for a response for seconds only and gives up after a few tries:
///
/// - [`receive`](Self::receive) verifies the raw bytes, parses them, and keeps the event in the store. Respond to the
///   provider at once, with [`response_status`].
/// - [`work`](Self::work) leases a waiting event and delivers it to a handler, in this process or in another.
///
/// # What is promised
///
/// - **At least once.** An event is removed in the same step that records its success. When a handler fails, or the process
///   ends between the two, the event is delivered again. So handlers are idempotent.
/// - **One at a time, in order of arrival**, for the events of one subject, over all machines that share the store and
///   have clocks that agree within a tenth of the lease. A handler is stopped before its lease ends.
/// - **A repeat is a duplicate** while its bytes are those of what was applied last. When something else was applied
///   since, the same bytes count again.
/// - **An older event is refused** where the signature covers a time: what is older than what was applied is
///   [superseded](super::WorkOutcome::Superseded).
/// - **A terminal state is never overwritten by an event that is not terminal.**
/// - **What the event does not settle is fetched from the provider**: see [`Reason`](super::Reason) for the cases. The
///   handler returns the state that the application holds in the end, and the next event is measured against that.
///
/// # Events that were stored under a retired secret
///
/// The store keeps the signed headers and the raw body, and [`work`](Self::work) verifies them again, so that write access
/// to the store is not enough to make a [`Verified`]. When that fails, since the secret was retired meanwhile, the event
/// is neither lost nor believed: the handler is asked to [fetch the state](super::Action::FetchFromProvider) of its subject.
#[doc(alias = "webhook")]
#[doc(alias = "callback")]
#[doc(alias = "idempotency")]
#[doc(alias = "deduplication")]
#[doc(alias = "dead letter")]
#[doc(alias = "lease")]
#[doc(alias = "queue")]
pub struct Inbox<S> {
    pub(super) store: S,
    pub(super) clock: Clock,
    account: Option<String>,
    max_body_bytes: usize,
    pub(super) lease: Duration,
    pub(super) first_retry_wait: Duration,
    pub(super) max_retry_wait: Duration,
    secrets_seen: Mutex<BTreeMap<(ProviderId, usize), SystemTime>>,
}

impl<S: InboxStore> Inbox<S> {
    /// Creates an inbox over a store, on the machine's clock.
    ///
    /// Defaults: bodies up to [`MAX_BODY_BYTES`], a lease of 5 minutes, waits after a failure from 5 seconds to 10
    /// minutes.
    pub fn new(store: S) -> Self {
        Self {
            store,
            clock: Clock::system(),
            account: None,
            max_body_bytes: MAX_BODY_BYTES,
            lease: Duration::from_secs(300),
            first_retry_wait: Duration::from_secs(5),
            max_retry_wait: Duration::from_secs(600),
            secrets_seen: Mutex::default(),
        }
    }

    /// Sets the clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the account, which keeps its events apart from those of the provider's other accounts in the same store. Use
    /// the same name for receiving and for working.
    #[must_use]
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = Some(name.into());
        self
    }

    /// Sets the size from which on a body is refused, in bytes. Default: [`MAX_BODY_BYTES`].
    #[must_use]
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Sets how long an event is leased: from a second to a day, 5 minutes by default. A handler is stopped after nine
    /// tenths of it; after the crash of a worker, its subject waits for the rest of it.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease.clamp(Duration::from_secs(1), Duration::from_secs(86_400));
        self
    }

    /// Sets how long an event waits after a handler's first failure, and at most; from a millisecond to a day. The wait
    /// doubles each time, less up to a half by chance (backoff with jitter); a longer
    /// [`Error::retry_after`] of the handler's error counts, up to `max`.
    #[must_use]
    #[doc(alias = "backoff")]
    pub fn retry_waits(mut self, first: Duration, max: Duration) -> Self {
        let (least, most) = (Duration::from_millis(1), Duration::from_secs(86_400));
        self.first_retry_wait = first.clamp(least, most);
        self.max_retry_wait = max.clamp(self.first_retry_wait, most);
        self
    }

    /// How many bytes of a body a route reads for this inbox.
    pub(crate) fn body_limit(&self) -> usize {
        self.max_body_bytes
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// When a secret last fitted a message that this inbox received, by its position in the verifier
    /// ([`Proof::secret`]), since the process started. An old secret that was not seen for longer than the provider's
    /// retries last can be retired.
    pub fn secret_last_seen(&self, provider: ProviderId, secret: usize) -> Option<SystemTime> {
        self.secrets_seen.lock().unwrap_or_else(PoisonError::into_inner).get(&(provider, secret)).copied()
    }

    /// Verifies a message over its raw bytes, parses it and keeps it. When this returns, the event is as durable as
    /// the store is: respond to the provider before any slow work.
    ///
    /// `body` is the body as it came, after removal of transfer and content encoding and before anything parsed it. The
    /// message is checked and parsed once here, and once more by [`work`](Self::work).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] for a body over the limit; the verifier's errors, unchanged; [`ErrorKind::Decode`] for a
    /// subject that is empty, too long or holds control characters; [`ErrorKind::Configuration`] when the verifier does
    /// not name all headers that it reads; [`ErrorKind::Store`] when the event may not be kept. [`response_status`] gives
    /// the status for each.
    pub async fn receive<V>(&self, verifier: &V, headers: &HeaderMap, body: &[u8]) -> Result<Receipt, Error>
    where
        V: Verifier + ?Sized,
    {
        let provider = verifier.provider();
        let named = |error: Error| error.during(provider, "receive");
        let event = self.open(verifier, headers, body).map_err(named)?;
        self.store.insert(event).await.map_err(named)
    }

    fn open<V>(&self, verifier: &V, headers: &HeaderMap, body: &[u8]) -> Result<NewEvent, Error>
    where
        V: Verifier + ?Sized,
    {
        if body.len() > self.max_body_bytes {
            return Err(Error::new(ErrorKind::TooLarge, "the body is longer than the inbox takes"));
        }
        let received_at = self.clock.now();
        // What could not be verified again later must not be stored as if it could: only what is kept is looked at.
        let kept = message::only(headers, verifier.signed_headers());
        let event = match verifier.verify_at(&kept, body, received_at) {
            Ok(event) => event,
            Err(error) => return Err(self.diagnose(verifier, headers, body, received_at, error)),
        };
        self.note(verifier.provider(), Verified::proof(&event), received_at);
        let subject = event.subject().into_owned();
        if subject.is_empty() || subject.len() > MAX_SUBJECT_BYTES || subject.chars().any(char::is_control) {
            return Err(Error::new(ErrorKind::Decode, "the message names no usable subject"));
        }
        Ok(NewEvent {
            queue: self.queue(verifier.provider()),
            subject,
            digest: Verified::proof(&event).digest,
            received_at,
            message: Pii::new(message::pack(&kept, body)),
        })
    }

    /// Tells a forged message from a verifier that reads headers which it does not name. Asked only until a first message
    /// of the provider was verified, after which the verifier is known to name them.
    fn diagnose<V>(
        &self,
        verifier: &V,
        headers: &HeaderMap,
        body: &[u8],
        received_at: SystemTime,
        error: Error,
    ) -> Error
    where
        V: Verifier + ?Sized,
    {
        let provider = verifier.provider();
        let seen = self.secrets_seen.lock().unwrap_or_else(PoisonError::into_inner);
        let has_fitted = seen.keys().any(|(fitted, _)| *fitted == provider);
        drop(seen);
        if !has_fitted && verifier.verify_at(headers, body, received_at).is_ok() {
            return Error::configuration("the verifier reads headers that it does not name");
        }
        error
    }

    pub(super) fn queue(&self, provider: ProviderId) -> String {
        match &self.account {
            Some(account) => format!("{provider}/{account}"),
            None => provider.to_string(),
        }
    }

    fn note(&self, provider: ProviderId, proof: &Proof, now: SystemTime) {
        self.secrets_seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((provider, proof.secret), now);
    }
}

crate::privacy::redacted_debug!(<S> Inbox<S> { max_body_bytes, lease, .. });

/// The status of the response to a provider: 200 exactly when the event is kept or known. No body goes with it, since a
/// refusal's details help a forger only.
///
/// | result | status | the provider |
/// | --- | --- | --- |
/// | any [`Receipt`] | 200 | is done |
/// | signature or decryption failed, expired, already used | 401 | may try again, in vain |
/// | not understood | 400 | may try again, in vain |
/// | too large | 413 | may try again, in vain |
/// | wrong configuration | 500 | tries again |
/// | anything else: the store failed, a key could not be fetched | 503 | tries again |
pub fn response_status(result: &Result<Receipt, Error>) -> StatusCode {
    match result {
        Ok(_) => StatusCode::OK,
        Err(error) => refusal_status(error),
    }
}

pub(super) fn refusal_status(error: &Error) -> StatusCode {
    match error.kind() {
        ErrorKind::Signature | ErrorKind::Decryption | ErrorKind::Expired | ErrorKind::AlreadyUsed => {
            StatusCode::UNAUTHORIZED
        }
        ErrorKind::Decode | ErrorKind::InvalidRequest => StatusCode::BAD_REQUEST,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Configuration => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}
