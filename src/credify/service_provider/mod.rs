//! A service provider's server: a person is sent to Credify, comes back, and what was shared is read.
//!
//! | path | what |
//! | --- | --- |
//! | `GET /oidc` | begins: 302 to Credify, with a signed request for the person named in the query |
//! | `POST /oidc` | ends: `{access_token, state}` to what was shared, decrypted |
//! | `POST /user-existence` | Credify asks whether a person is a customer already (deprecated by the provider) |
//! | `GET /user-existence` | the same by the SHA-256 of the telephone number (older still) |
//!
//! [`ServiceProvider::answer`] takes method, path, headers and body, and gives status, headers and body; the adapter for
//! axum is `service_provider::axum::router`, with the feature `axum`.
//!
//! Anybody may begin, so what a begin costs is bounded. An RSA key takes a processor up to seconds to make: one is made
//! at most once in [`Builder::key_ttl`], and authorizations that begin meanwhile share it. No more than
//! [`Builder::max_starts`] authorizations begin in a minute; further ones are answered with 429 and `Retry-After`. What
//! one address may take of that is for the proxy in front to limit, which knows addresses.
//!
//! A state serves once, for ten minutes. The private key that opens what is shared lies in the store under the hash of
//! the state, encrypted with a key that is made of the state: whoever reads the store has nothing.
//!
//! ```no_run
//! use http::{HeaderMap, Method};
//! use kyckit::{storage::MemoryOneTime, credify::{Client, service_provider::ServiceProvider}};
//!
//! # async fn run(client: Client) -> kyckit::Result<()> {
//! let provider = ServiceProvider::builder(
//!     client,
//!     "8e0b198b-f112-4612-96bb-9d2c8b8ca0c3",
//!     "https://provider.example/callback",
//!     ["openid", "phone", "profile"],
//! )
//! .store(MemoryOneTime::new())
//! .build()?;
//! let target = "/oidc?phone_number=%2B84381234567&offer_code=offer-1";
//! let answer = provider.answer(&Method::GET, target, &HeaderMap::new(), b"").await;
//! println!("{} {:?}", answer.status(), answer.headers().get("location"));
//! # Ok(())
//! # }
//! ```
//!
//! Sources: the provider's reference service provider of 2023, and its documentation for the parameters.

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;
mod builder;
mod key_pool;
mod pending_authorization;
mod starts;

use std::{fmt, sync::Arc};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Response};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

pub use builder::Builder;

use self::{
    builder::Settings,
    key_pool::{KeyPool, NoKey},
    pending_authorization::Kept,
    starts::Starts,
};
use super::{
    Client,
    authority::Authority,
    authorization::{Authorization, AuthorizationRequest},
    keys::DecryptionKey,
    market::{
        bearer,
        reply::{Refusal, Reply, internal, object, ok, redirect, text},
    },
    permission::presented,
    token_guard::{Denied, TokenDemand, TokenGuard},
    userinfo::{ProviderKeys, UserInfoReader},
};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    privacy::{Pii, Secret},
    storage::{AnyOneTimeStore, OneTimeStore},
};

/// A service provider's endpoints. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct ServiceProvider(Arc<Inner>);

struct Inner {
    settings: Settings,
    client: Client,
    clock: Clock,
    authority: Arc<dyn Authority>,
    guard: TokenGuard,
    store: AnyOneTimeStore,
    customers: Option<Arc<dyn Customers>>,
    on_failure: Option<OnFailure>,
    keys: KeyPool,
    /// When the latest authorizations began.
    starts: Starts,
}

type OnFailure = Arc<dyn Fn(&Error) + Send + Sync>;

/// Says who is a customer already.
pub trait Customers: Send + Sync {
    /// Whether there is a customer with this telephone number, as Credify writes it: `+84381234567`.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn has_phone<'a>(&'a self, number: Pii<&'a str>) -> BoxFuture<'a, Result<bool, Error>>;

    /// The same by the SHA-256 of the number, as the older endpoint asks; the text is the caller's. By default nobody
    /// is found.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn has_phone_hash<'a>(&'a self, hash: Pii<&'a str>) -> BoxFuture<'a, Result<bool, Error>> {
        let _ = hash;
        Box::pin(async { Ok(false) })
    }
}

impl ServiceProvider {
    /// Starts by the client, the service provider's own id, where a person comes back to, and the scopes that are asked
    /// for, `openid` among them.
    pub fn builder<S: Into<String>>(
        client: Client,
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Builder {
        let scopes = scopes.into_iter().map(Into::into).collect();
        Builder::new(client, client_id.into(), redirect_uri.into(), scopes)
    }

    /// Answers a call: `target` is the path with the query, as it stands in the request line.
    ///
    /// What the caller sees of a failure is a status and a fixed word; the error goes to [`Builder::on_failure`].
    pub async fn answer(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Response<Bytes> {
        let work = self.0.serve(method, target, headers, body);
        let done = tokio::time::timeout(self.0.settings.deadline, work).await;
        done.unwrap_or(Err(Refusal::Later)).unwrap_or_else(|refusal| {
            if let (Refusal::Failed(error), Some(hear)) = (&refusal, &self.0.on_failure) {
                hear(error);
            }
            refusal.reply()
        })
    }

    /// The longest body that is read.
    pub fn body_limit(&self) -> usize {
        self.0.settings.body_limit
    }

    /// How long a call may take.
    pub fn deadline(&self) -> std::time::Duration {
        self.0.settings.deadline
    }
}

impl Inner {
    async fn serve(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Reply, Refusal> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path.strip_prefix(self.settings.prefix.as_str()).unwrap_or_default();
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        if body.len() > self.settings.body_limit {
            return Err(Refusal::TooLarge);
        }
        match (path, method) {
            ("/oidc", &Method::GET) => self.begin(query).await,
            ("/oidc", &Method::POST) => self.complete(body).await,
            ("/user-existence", &Method::POST) => self.user_existence(headers, body).await,
            ("/user-existence", &Method::GET) => self.user_existence_by_hash(headers, query).await,
            ("/oidc" | "/user-existence", _) => Err(Refusal::Method("GET, POST")),
            ("/", &Method::GET) => ok(&json!({"message": "OK"})),
            _ => Err(Refusal::NotFound("Not found")),
        }
    }

    async fn begin(&self, query: &str) -> Result<Reply, Refusal> {
        let request = self.request(query)?;
        self.starts.take(self.clock.elapsed()).map_err(Refusal::TooMany)?;
        let begun = self.authorization(request).await?;
        let now = self.clock.now();
        let kept = Kept { key: begun.decryption_key.as_ref() }.seal(&begun.state, &self.clock);
        let expires_at = now + self.settings.state_lifetime;
        self.store
            .put(
                now,
                &pending_authorization::place(begun.state.expose()),
                kept.map_err(internal)?,
                expires_at,
            )
            .await
            .map_err(internal)?;
        redirect(begun.url.expose())
    }

    fn request(&self, query: &str) -> Result<AuthorizationRequest, Refusal> {
        let mut given = Map::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if value.len() > 200 || value.contains(char::is_control) {
                return Err(Refusal::Invalid("Invalid query"));
            }
            given.entry(name.into_owned()).or_insert_with(|| Value::String(value.into_owned()));
        }
        let value = |name: &str| text(&given, name);
        let settings = &self.settings;
        let mut request =
            AuthorizationRequest::new(&*settings.client_id, &*settings.redirect_uri, settings.scopes.clone())
                .response_type(&*settings.response_type)
                .response_mode(&*settings.response_mode);
        match (value("phone_number"), value("entity_id")) {
            (Some(number), _) => {
                // A `+` that was not escaped is a blank by now.
                let number = number.trim().trim_start_matches('+').to_owned();
                let number = match value("country_code") {
                    Some(code) => {
                        format!("+{}{}", code.trim().trim_start_matches('+'), number.trim_start_matches('0'))
                    }
                    None => format!("+{number}"),
                };
                if number.len() < 2 || !number[1..].bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(Refusal::Invalid("Invalid query"));
                }
                request = request.phone_number(number);
            }
            (None, Some(id)) => request = request.user_id(id),
            (None, None) => return Err(Refusal::Invalid("Invalid query")),
        }
        if let Some(code) = value("offer_code") {
            request = request.offer_code(code);
        }
        if let Some(code) = value("package_code") {
            request = request.package_code(code);
        }
        if let Some(code) = value("dop_code") {
            request = request.dop_code(code);
        }
        if let Some(id) = value("order_id") {
            request = request.order_id(id);
        }
        Ok(if settings.key_on_record.is_some() { request.encrypted_for_key_on_record() } else { request })
    }

    async fn authorization(&self, request: AuthorizationRequest) -> Result<Authorization, Refusal> {
        let invalid = |error: Error| match error.kind() {
            ErrorKind::InvalidRequest => Refusal::Invalid("Invalid query"),
            _ => internal(error),
        };
        let request = match self.settings.key_on_record {
            Some(_) => request,
            None => match self.keys.key().await {
                Ok(key) => request.encrypted_for(key),
                Err(NoKey::Busy) => return Err(Refusal::TooMany(std::time::Duration::from_secs(1))),
                Err(NoKey::Failed(error)) => return Err(internal(error)),
            },
        };
        self.client.authorization(&request).map_err(invalid)
    }

    async fn complete(&self, body: &[u8]) -> Result<Reply, Refusal> {
        let body = object(body)?;
        let (Some(access_token), Some(state)) = (text(&body, "access_token"), text(&body, "state")) else {
            return Err(Refusal::INVALID_BODY);
        };
        let unknown = || Refusal::Invalid("Request not found.");
        let kept = match self.store.redeem(self.clock.now(), &pending_authorization::place(&state)).await {
            Ok(kept) => kept.ok_or_else(unknown)?,
            Err(error) if matches!(error.kind(), ErrorKind::AlreadyUsed | ErrorKind::Expired) => {
                return Err(unknown());
            }
            Err(error) => return Err(internal(error)),
        };
        let key = pending_authorization::open(kept.expose(), &state).map_err(internal)?;
        let key = match (key, &self.settings.key_on_record) {
            (Some(key), _) => key,
            (None, Some(key)) => key.clone(),
            (None, None) => return Err(unknown()),
        };
        let info = self.userinfo(&Secret::new(access_token), &key).await?;
        ok(info.expose())
    }

    async fn userinfo(&self, access_token: &Secret, key: &DecryptionKey) -> Result<Pii<Value>, Refusal> {
        let mut keys = ProviderKeys::new(&*self.authority);
        if let Some(market) = &self.settings.market_id {
            keys = keys.standard_scopes_of(market);
        }
        let reader = UserInfoReader::new(key).verify_with(&keys);
        match self.client.userinfo(access_token, &reader).await {
            Ok(info) => Ok(info.to_unverified_value()),
            Err(error) if error.kind() == ErrorKind::Authentication => Err(Refusal::Unauthorized),
            Err(error) => Err(internal(error)),
        }
    }

    async fn user_existence(&self, headers: &HeaderMap, body: &[u8]) -> Result<Reply, Refusal> {
        let customers = self.customers.as_ref().ok_or(Refusal::NotFound("Not found"))?;
        let token = bearer(headers).ok_or(Refusal::Unauthorized)?;
        let scope = presented::CLAIM_PROVIDER;
        self.guard.admit(scope, &token, &TokenDemand::naming_or_below(scope)).await?;
        let body = object(body)?;
        let Some(number) = text(&body, "phone_number") else {
            let has_other = ["id_number", "id_document"].iter().any(|name| text(&body, name).is_some());
            return Err(if has_other {
                Refusal::Forbidden("This does not support checking with ID")
            } else {
                Refusal::Invalid("Invalid query")
            });
        };
        let exists = customers.has_phone(Pii::new(&number)).await.map_err(internal)?;
        ok(&json!({"data": {"exists": exists}}))
    }

    async fn user_existence_by_hash(&self, headers: &HeaderMap, query: &str) -> Result<Reply, Refusal> {
        let customers = self.customers.as_ref().ok_or(Refusal::NotFound("Not found"))?;
        let refused = || Refusal::Forbidden("Forbidden");
        let token = bearer(headers).ok_or_else(refused)?;
        let scope = presented::READ_USER_EXISTENCE;
        match self.guard.admit(scope, &token, &TokenDemand::asking_for(scope)).await {
            Ok(_) => {}
            Err(Denied::Refused(_)) => return Err(refused()),
            Err(denied) => return Err(denied.into()),
        }
        let hash = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "phone_number");
        let (_, hash) = hash
            .filter(|(_, hash)| !hash.is_empty() && hash.len() <= 200)
            .ok_or(Refusal::Invalid("Invalid query"))?;
        let exists = customers.has_phone_hash(Pii::new(&hash)).await.map_err(internal)?;
        ok(&json!({"data": {"exists": exists}}))
    }
}

impl fmt::Debug for ServiceProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceProvider").field("prefix", &self.0.settings.prefix).finish_non_exhaustive()
    }
}
