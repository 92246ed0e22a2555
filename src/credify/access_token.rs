//! The access token of an API key: exchanged once, kept by API base and API key, renewed by one caller for all.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use http::HeaderName;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{client::envelope::Data, failure::Dialect};
use crate::{
    auth::{Bearer, FetchToken, Header, Token},
    crypto::{jose::claims::LATEST_DATE, sha256},
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{ApiClient, Payload, decode},
    wire,
};

/// A token with its members is a few KiB.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// How long a token without an end serves. One with an end serves until then.
const UNSTATED_TTL: Duration = Duration::from_secs(3600);
/// The longest payload of a token that is looked at, in characters.
const MAX_PAYLOAD_CHARS: usize = 32 * 1024;

/// Access tokens by API base and API key. Cheap to clone; clones share the tokens.
///
/// A client has its own unless the builder is given one: then all clients with the same base and key use one token,
/// whatever their language or signing key, and clients with another base or key never see it.
///
/// ```
/// use kyckit::credify::{AccessTokens, Client, Locale};
///
/// let tokens = AccessTokens::new();
/// let english = Client::builder("api-key").access_tokens(&tokens).build()?;
/// let vietnamese = Client::builder("api-key").access_tokens(&tokens).locale(Locale::Vietnamese).build()?;
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct AccessTokens(Arc<Mutex<HashMap<Place, Bearer>>>);

/// The base, and the key's digest so that the key itself is not held twice.
type Place = (String, [u8; 32]);

impl AccessTokens {
    /// Without tokens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The cache of a base and key, made at the first time it is asked for.
    pub(super) fn of(&self, base: &Url, api_key: &Secret, make: impl FnOnce() -> Bearer) -> Bearer {
        let place = (base.as_str().to_owned(), sha256(&[api_key.expose_bytes()]));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(place).or_insert_with(make).clone()
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let caches = self.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("AccessTokens").field("caches", &caches).finish_non_exhaustive()
    }
}

/// Exchanges an API key: `POST v1/token`.
pub(super) struct Exchange {
    api: ApiClient,
    api_key: Arc<Header>,
}

impl Exchange {
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for a key that is empty or fits no header.
    pub(super) fn new(api: ApiClient, api_key: &Secret) -> Result<Self, Error> {
        if api_key.expose().is_empty() {
            return Err(Error::configuration("the API key is empty"));
        }
        let api_key = Header::new(HeaderName::from_static("x-api-key"), api_key.clone())?;
        Ok(Self { api, api_key: Arc::new(api_key) })
    }
}

#[derive(Deserialize)]
struct Wire {
    access_token: String,
}

impl FetchToken for Exchange {
    fn fetch(&self) -> BoxFuture<'static, Result<Token, Error>> {
        let (api, api_key) = (self.api.clone(), self.api_key.clone());
        Box::pin(async move {
            let call = api.post("token", ["v1", "token"]).payload(Payload::json("{}")).idempotent();
            let call = call.credentials(&*api_key).max_response_bytes(MAX_RESPONSE_BYTES);
            let response = call.about_one_object(false).send().await?;
            let Data(Wire { access_token }) =
                decode::json(&response.body).map_err(|error| Dialect::Api.unusable(&response, error))?;
            if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
                let what = "the token is empty or holds what no token holds";
                return Err(response.fail(Error::new(ErrorKind::Decode, what).with_path("data.access_token")));
            }
            // The end is the provider's time; ours may be another.
            let end = end_of(&access_token).map(|end| response.by_our_clock(end));
            let end = end.unwrap_or(response.received + UNSTATED_TTL);
            Ok(Token::expiring(access_token, end))
        })
    }
}

/// `exp` of a token in the form of a JWT, which is looked at and not verified: the API verifies its own tokens. None for
/// a number that is no time in seconds.
fn end_of(token: &str) -> Option<SystemTime> {
    let payload = token.split('.').nth(1).filter(|payload| payload.len() <= MAX_PAYLOAD_CHARS)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let payload: Value = wire::json::from_slice(&payload).ok()?;
    // Milliseconds read as seconds would be a token that never ends.
    let seconds = payload["exp"].as_f64().filter(|seconds| (0.0..=LATEST_DATE as f64).contains(seconds))?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within")]
    let seconds = seconds as u64;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        format!("e30.{}.AA", URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn the_end_is_what_the_payload_says() {
        let at = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(end_of(&token(r#"{"exp":2000000000,"iat":1}"#)), at(2_000_000_000));
        assert_eq!(end_of(&token(r#"{"exp":2000000000.9}"#)), at(2_000_000_000));
        assert_eq!(end_of(&token(r#"{"exp":0}"#)), at(0));
    }

    #[test]
    fn a_token_that_cannot_be_read_says_no_end() {
        for opaque in [
            "sdk-token",
            "",
            "a.b",
            "a.!.c",
            "..",
            &token("[]"),
            &token(r#"{"exp":-1}"#),
            &token("{}"),
            &token(r#"{"exp":1e300}"#),
            &token(r#"{"exp":1800000000000}"#),
        ] {
            assert_eq!(end_of(opaque), None, "{opaque}");
        }
        assert_eq!(end_of(&token(r#"{"exp":"2000000000"}"#)), None);
        assert_eq!(end_of(&format!("a.{}.c", "A".repeat(MAX_PAYLOAD_CHARS + 1))), None);
    }
}
