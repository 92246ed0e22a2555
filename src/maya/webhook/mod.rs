//! The Session URL: Maya pushes a customer's tokens here before it opens the Mini App.
//!
//! Sources: "Session URL API Contract", "Partner Hosted Endpoints", "Maya Mini App".
//!
//! 1. Maya POSTs the tokens. [`Sessions::receive`] checks and keeps them and gives a fresh `sessionId`, which is the
//!    answer. Nothing slow happens here: Maya waits, and so does the customer.
//! 2. Maya opens the landing page with `?sessionId=…` in the web view. [`Sessions::redeem`] exchanges the id for the
//!    tokens, once. The slow work, such as reading the profile, comes after that.
//! 3. The application sets its own cookie. Maya's tokens never go to the browser, and the id is taken off the address.
//!
//! The push is not authenticated: there is no signature and no list of addresses. Keep the URL unguessable, and take
//! the tokens for what they are until a profile was read with them: text from a stranger. Nor does the session id say which
//! browser it belongs to: [the recipe](crate::manual::recipes::maya) has what a landing page must not do.
//!
//! [`server::session`](super::server::session) serves the Session URL.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), kyckit::Error> {
//! use http::{HeaderMap, HeaderValue};
//! use kyckit::{ErrorKind, storage::MemoryOneTime, maya::webhook::{SessionId, Sessions}};
//!
//! let sessions = Sessions::new(MemoryOneTime::new());
//!
//! // Maya pushes.
//! let mut headers = HeaderMap::new();
//! headers.insert("content-type", HeaderValue::from_static("application/json"));
//! headers.insert("request-reference-no", HeaderValue::from_static("0b9f3a52-5f0e-4c57-9a55-6c3f2f6f8f11"));
//! let body = br#"{"accessToken":"j.w.e.1.x","refreshToken":"r.0.1","expiresAt":1893452400}"#;
//! let id = sessions.receive(&headers, body).await?;
//!
//! // The customer's browser comes to the landing page.
//! let query = format!("lang=en&sessionId={}", id.expose());
//! let id = SessionId::from_query(&query).expect("Maya appended one");
//! let session = sessions.redeem(&id).await?;
//! assert_eq!(session.tokens.refresh_token().expose(), "r.0.1");
//!
//! // Once.
//! assert_eq!(sessions.redeem(&id).await.unwrap_err().kind(), ErrorKind::AlreadyUsed);
//! # Ok(())
//! # }
//! ```

mod sealed;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use url::form_urlencoded;

use super::{CustomerTokens, PROVIDER};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    privacy::{REDACTED, Secret},
    server::headers::has_media_type,
    storage::OneTimeStore,
    transport::request_id,
};

/// The size limit of a push, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;
/// How long a session id serves unless said otherwise.
const LIFE: Duration = Duration::from_secs(5 * 60);
/// The header with Maya's own id of the push.
const REQUEST_REFERENCE: &str = "request-reference-no";
/// How long a reference may be to be kept; a UUID has 36 characters.
const MAX_REFERENCE_BYTES: usize = 80;
/// Under which name Maya appends the id to the landing page's address.
const PARAMETER: &str = "sessionId";

/// A customer's tokens as Maya pushed them. Its arrival proves nothing about who the customer is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Session {
    /// The tokens. They may be past their end already: a [`Customer`](super::Customer) refreshes them then.
    pub tokens: CustomerTokens,
    /// Maya's id of the push (`Request-Reference-No`), which its support asks for. Absent when Maya sent none.
    pub request_reference: Option<String>,
    /// When it arrived.
    pub received: SystemTime,
}

impl Session {
    /// Reads a push: its headers and its body.
    ///
    /// # Errors
    ///
    /// [`TooLarge`](ErrorKind::TooLarge) over [`BODY_LIMIT`]; [`InvalidRequest`](ErrorKind::InvalidRequest) when the
    /// content type is not `application/json`; [`Decode`](ErrorKind::Decode) with the path of the member that is
    /// missing or wrong, as for [`CustomerTokens::from_json`].
    pub fn read(headers: &HeaderMap, body: &[u8], received: SystemTime) -> Result<Self, Error> {
        if body.len() > BODY_LIMIT {
            return Err(Error::new(ErrorKind::TooLarge, "the push is longer than the limit"));
        }
        // It also keeps pages in a browser from posting here without asking first.
        if !has_media_type(headers, "application/json") {
            return Err(Error::invalid("Content-Type", "the content type is not application/json"));
        }
        Ok(Self { tokens: CustomerTokens::from_json(body)?, request_reference: reference(headers), received })
    }
}

fn reference(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(REQUEST_REFERENCE)?.to_str().ok()?.trim();
    let fits = !text.is_empty()
        && text.len() <= MAX_REFERENCE_BYTES
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}

/// A one-time `sessionId`: 1 to 255 of `A-Z a-z 0-9 - _`. Whoever has it can redeem it, so it does not show itself;
/// keep it out of logs, and set `Referrer-Policy: no-referrer` on the landing page.
#[derive(Clone)]
pub struct SessionId(Secret);

impl SessionId {
    /// An id by its text.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) when it is no such text.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        let in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=255).contains(&text.len()) && text.bytes().all(in_alphabet) {
            Ok(Self(Secret::new(text)))
        } else {
            Err(Error::invalid(
                PARAMETER,
                "the session id is not 1 to 255 letters, digits, hyphens or underscores",
            ))
        }
    }

    /// The id in the query of the landing page's address. None when there is none, or none that could be one.
    pub fn from_query(query: &str) -> Option<Self> {
        Self::from_query_named(query, PARAMETER)
    }

    /// The same for a landing page where Maya uses another parameter: the name `sessionId` is not documented, but what
    /// partners read.
    pub fn from_query_named(query: &str, parameter: &str) -> Option<Self> {
        let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == parameter)?;
        Self::new(value).ok()
    }

    /// The id.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// A UUID of version 4.
    fn random(clock: &Clock) -> Result<Self, Error> {
        request_id(clock).map(|id| Self(Secret::new(id)))
    }
}

crate::privacy::redacted_debug!(SessionId = REDACTED);

/// Sessions between the push and the customer's arrival.
///
/// What the store holds is encrypted, under a key that only the session id gives, and it knows the id by its digest
/// only: whoever reads the store can neither redeem a session nor see a token.
///
/// Anybody who knows the Session URL can push, and all pushes come from Maya's addresses, so there is no quota by caller: the
/// secret path keeps strangers from filling the store, and a place is free again after the session's life.
///
/// # Defaults
///
/// A session id serves for 5 minutes; the machine's clock.
#[doc(alias = "webhook")]
pub struct Sessions<S> {
    store: S,
    life: Duration,
    clock: Clock,
}

impl<S: OneTimeStore> Sessions<S> {
    /// Sessions in this store. One store serves all processes behind the Session URL and the landing page.
    pub fn new(store: S) -> Self {
        Self { store, life: LIFE, clock: Clock::default() }
    }

    /// How long a session id serves. Default: 5 minutes.
    #[must_use]
    pub fn life(mut self, life: Duration) -> Self {
        self.life = life;
        self
    }

    /// Another source of time and randomness, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Takes a push in: checks it, keeps it under a fresh id, and gives that id. [`answer`] makes the response of it.
    ///
    /// # Errors
    ///
    /// As [`Session::read`]; [`Store`](ErrorKind::Store) when it could not be kept.
    pub async fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Result<SessionId, Error> {
        let received = async {
            let session = Session::read(headers, body, self.clock.now())?;
            let id = SessionId::random(&self.clock)?;
            self.put(&session, &id).await?;
            Ok(id)
        };
        received.await.map_err(|error: Error| error.during(PROVIDER, "receive_session"))
    }

    /// Keeps a session under an id of the application's own.
    ///
    /// # Errors
    ///
    /// [`Conflict`](ErrorKind::Conflict) for an id that was used before; [`Store`](ErrorKind::Store).
    pub async fn keep(&self, session: &Session, id: &SessionId) -> Result<(), Error> {
        self.put(session, id).await.map_err(|error| error.during(PROVIDER, "keep_session"))
    }

    /// Exchanges an id for its session, once: of fifty visitors with the same id at the same time, one gets it.
    ///
    /// # Errors
    ///
    /// [`AlreadyUsed`](ErrorKind::AlreadyUsed), [`Expired`](ErrorKind::Expired), [`NotFound`](ErrorKind::NotFound).
    /// Tell the three apart in logs only: the visitor gets one and the same page, which leads back to the Maya app.
    /// [`Store`](ErrorKind::Store) when the store failed.
    pub async fn redeem(&self, id: &SessionId) -> Result<Session, Error> {
        let redeemed = async {
            let now = self.clock.now();
            let sealed = self.store.redeem(now, &sealed::key(id)).await?;
            let sealed = sealed.ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such session"))?;
            sealed::open(id, sealed.expose())
        };
        redeemed.await.map_err(|error| {
            error
                .during(PROVIDER, "redeem_session")
                .with_hint("the customer has to open the Mini App again, from the Maya app")
        })
    }

    async fn put(&self, session: &Session, id: &SessionId) -> Result<(), Error> {
        let sealed = sealed::seal(session, id, &self.clock)?;
        let now = self.clock.now();
        self.store.put(now, &sealed::key(id), sealed, now + self.life).await
    }
}

crate::privacy::redacted_debug!(<S> Sessions<S> { life, .. });

/// The response to a push: 200 with `{"sessionId": …}` exactly when the tokens are kept. A refusal tells no more than
/// its status: 400, 413 and 415 for what was pushed, 503 when the store failed, 429 with `Retry-After` when it is full.
pub fn answer(received: &Result<SessionId, Error>) -> Response<String> {
    let wait = received.as_ref().err().filter(|error| error.kind() == ErrorKind::Store);
    let wait = wait.and_then(Error::retry_after);
    let (status, body) = match received {
        // The alphabet of an id needs no escapes.
        Ok(id) => (StatusCode::OK, format!(r#"{{"sessionId":"{}"}}"#, id.expose())),
        Err(error) => match error.kind() {
            ErrorKind::Decode => refusal(StatusCode::BAD_REQUEST, "invalid_request"),
            ErrorKind::InvalidRequest => {
                refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            }
            ErrorKind::TooLarge => refusal(StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            _ if wait.is_some() => refusal(StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            _ => refusal(StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        },
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(wait) = wait {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    response
}

fn refusal(status: StatusCode, word: &str) -> (StatusCode, String) {
    (status, format!(r#"{{"error":"{word}"}}"#))
}
