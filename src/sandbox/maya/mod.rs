//! A fake Maya: the token endpoint, the Mini App API, the document storage, and the app that opens a Mini App.
//!
//! It checks what the contract names: every required header, a fresh `Request-Reference-No` for each request, the right
//! token in the right header. Client tokens end after an hour, customer tokens after ten minutes, links to documents
//! after fifteen. A refresh replaces both of a customer's tokens and spends the old ones; a session id is what the
//! partner made of a push. Profiles are signed and encrypted for real, under keys that are published with the crate and
//! guard nothing. Statuses and bodies of refusals are not documented by the provider; those here are of the shapes that
//! its services are known to use.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use kyckit::sandbox::maya::Maya;
//!
//! let sandbox = Maya::start().await?;
//! let client = sandbox.client_builder().build()?;
//! let profile = client.profile(&sandbox.issue(7)).await?;
//! assert!(profile.is_verified_account());
//! # Ok(()) }
//! ```
//!
//! | behaviour | how to get it |
//! | --- | --- |
//! | who a customer is | a number: [`Maya::person`], [`Maya::assign`], [`Maya::set_profile`] |
//! | the customer opens the Mini App | [`Maya::open_mini_app`] pushes to your Session URL |
//! | tokens without a push | [`Maya::issue`], [`Maya::issue_expired`] |
//! | a profile that must be refused | [`Maya::spoil`] |
//! | the table's spelling in place of the sample's | [`Builder::spelling`] |
//! | fewer scopes | [`Builder::scopes`] |
//! | lost tokens | [`Maya::revoke`], [`Maya::revoke_client_tokens`] |
//! | a spent refresh token that came again | [`Maya::replayed_refreshes`] |
//! | time passes | [`Builder::clock`] with a frozen clock |
//!
//! The faults on signatures of [`Fault`] do nothing here, since Maya signs no headers: spoil the token instead.
//!
//! For clients in other languages, `GET /keys/jwe.json` and `GET /keys/jws.json` give the two JWKs.

mod fake;
mod profile;
mod state;

use std::{io, sync::Arc, time::Duration};

use http::Method;
use serde_json::{Value, json};
use url::Url;

pub use self::profile::Spelling;
use self::{fake::Fake, state::Store};
use super::{Fault, Person, ProviderInfo, Server, server::Bound};
use crate::{
    clock::Clock,
    error::{Error, Result},
    maya::{self, CustomerTokens, PROVIDER, Scope},
    privacy::Secret,
    transport::{ApiClient, BufferedResponse, HttpSettings, Options, Retry, is_loopback},
    wire,
};

/// The client id of the fake.
pub const CLIENT_ID: &str = "sandbox-mini-app";
/// The client secret of the fake. It guards nothing.
pub const CLIENT_SECRET: &str = "sandbox-client-secret-0f6b1c";

/// Fault of the next profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spoil {
    /// Inflates to 16 MiB.
    Bomb,
    /// A byte of the ciphertext is changed.
    Encryption,
    /// Its `exp` lies an hour back.
    Expired,
    /// Signed under another secret.
    Signature,
    /// Its inner `alg` is `none`.
    Unsigned,
}

/// Result of opening the Mini App.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Opened {
    /// The status with which the Session URL answered.
    pub status: http::StatusCode,
    /// URL of the web view: the landing page with the `sessionId`. `None` when the push was refused.
    pub landing_url: Option<Secret>,
    /// The tokens that were pushed.
    pub tokens: CustomerTokens,
}

/// Builder of the fake; see [`Maya::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    settings: Settings,
    port: u16,
}

/// Settings of the fake.
#[derive(Clone, Debug)]
struct Settings {
    clock: Clock,
    token_life: Duration,
    scopes: Vec<Scope>,
    spelling: Spelling,
    file_size: Option<u64>,
}

impl Builder {
    /// The clock by which tokens and links end. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Sets the time to live of a customer's access token. Default: 10 minutes; the provider's is not documented.
    #[must_use]
    pub fn token_life(mut self, life: Duration) -> Self {
        self.settings.token_life = life;
        self
    }

    /// The scopes that the client was granted; `openid` is always among them. Default: all.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.settings.scopes = scopes.into_iter().collect();
        self
    }

    /// Sets the spelling of profiles where the provider's pages disagree. Default: as in its sample.
    #[must_use]
    pub fn spelling(mut self, spelling: Spelling) -> Self {
        self.settings.spelling = spelling;
        self
    }

    /// Every document has this many bytes: a true file, then zeros. It is streamed and never held.
    #[must_use]
    pub fn file_size(mut self, bytes: u64) -> Self {
        self.settings.file_size = Some(bytes);
        self
    }

    /// The port on 127.0.0.1. Default: a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts it on the current runtime.
    ///
    /// # Errors
    ///
    /// When the port is taken, or the keys are no keys.
    pub async fn start(self) -> io::Result<Maya> {
        let bound = Bound::new(self.port).await?;
        let clock = self.settings.clock.clone();
        let fake = Arc::new(Fake::new(bound.base_url().clone(), self.settings).map_err(io::Error::other)?);
        Ok(Maya { server: bound.serve(Arc::clone(&fake), clock), fake })
    }
}

/// A running fake Maya. It ends when this is dropped.
pub struct Maya {
    server: Server,
    fake: Arc<Fake>,
}

crate::privacy::redacted_debug!(Maya { server, .. });

/// Setting up and reaching it.
impl Maya {
    /// A setup with every scope.
    pub fn builder() -> Builder {
        Builder {
            settings: Settings {
                clock: Clock::system(),
                token_life: Duration::from_secs(600),
                scopes: vec![
                    Scope::Profile,
                    Scope::Contact,
                    Scope::Address,
                    Scope::WorkDetails,
                    Scope::IdentityDocument,
                ],
                spelling: Spelling::default(),
                file_size: None,
            },
            port: 0,
        }
    }

    /// Starts one on a free port.
    ///
    /// # Errors
    ///
    /// As [`Builder::start`].
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// The Mini App API's base, with a slash at its end.
    pub fn base_url(&self) -> &Url {
        self.server.base_url()
    }

    /// The token endpoint: another host at the provider, another path here.
    pub fn token_url(&self) -> String {
        format!("{}token", self.base_url())
    }

    /// A client's builder that is pointed here, with the credentials and keys of the fake.
    pub fn client_builder(&self) -> maya::Builder {
        let (jwe_private_jwk, jws_secret_jwk) = self.keys();
        maya::Client::builder(CLIENT_ID, CLIENT_SECRET)
            .base_url(self.base_url().as_str())
            .token_url(self.token_url())
            .keys(jwe_private_jwk, jws_secret_jwk)
    }

    /// The JWE private JWK and the JWS secret JWK. They are published with the crate.
    pub fn keys(&self) -> (Secret, Secret) {
        self.fake.keys()
    }

    pub(super) fn info(&self) -> ProviderInfo {
        ProviderInfo {
            provider: PROVIDER,
            base_url: self.base_url().clone(),
            settings: vec![
                ("MAYA_BASE_URL", self.base_url().as_str().into()),
                ("MAYA_TOKEN_URL", self.token_url().into()),
                ("MAYA_CLIENT_ID", CLIENT_ID.into()),
                ("MAYA_CLIENT_SECRET", CLIENT_SECRET.into()),
            ],
        }
    }

    /// The server: its log, its recordings, its faults.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Short for [`Server::inject`].
    pub fn inject(&self, fault: Fault) {
        self.server.inject(fault);
    }
}

/// Playing the customer and the provider.
impl Maya {
    /// Returns the customer of this number.
    pub fn person(&self, customer: u64) -> Person {
        self.store().person(customer)
    }

    /// Chooses who the customer of this number is.
    pub fn assign(&self, customer: u64, person: Person) {
        self.store().people.insert(customer, person);
    }

    /// Sends this payload as the customer's profile, whatever it is.
    pub fn set_profile(&self, customer: u64, payload: Value) {
        self.store().profiles.insert(customer, payload);
    }

    /// The payload that the customer's profile has now; its links are fresh.
    pub fn profile(&self, customer: u64) -> Value {
        self.fake.payload(customer)
    }

    /// Fresh tokens of a customer, without a push.
    pub fn issue(&self, customer: u64) -> CustomerTokens {
        self.fake.issue(customer, true)
    }

    /// Returns tokens of a customer with an access token that expired an hour ago, and a valid refresh token.
    pub fn issue_expired(&self, customer: u64) -> CustomerTokens {
        self.fake.issue(customer, false)
    }

    /// The customer taps the tile: pushes fresh tokens to the Session URL, and tells where the web view then goes.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for a Session URL that is not on loopback: the sandbox sends
    /// nowhere else. [`Connect`](crate::ErrorKind::Connect) and the like when nothing listens there.
    pub async fn open_mini_app(&self, customer: u64, session_url: &Url, landing_url: &Url) -> Result<Opened> {
        self.push(self.issue(customer), session_url, landing_url).await
    }

    /// The same with tokens of your own, such as expired ones.
    ///
    /// # Errors
    ///
    /// As [`open_mini_app`](Self::open_mini_app).
    pub async fn push(&self, tokens: CustomerTokens, session_url: &Url, landing_url: &Url) -> Result<Opened> {
        if !is_loopback(session_url) {
            return Err(Error::configuration("the sandbox pushes to loopback only"));
        }
        let options = Options::new().retry(Retry::never()).http(HttpSettings::new().no_proxy());
        // A refusal is an answer as good as any.
        let api = ApiClient::new(PROVIDER, &options, None)?.with_classifier(|_: &BufferedResponse| Ok(()));
        let answer = api
            .call_url("push", Method::POST, session_url.clone())
            .json_text(Ok(tokens.to_json().expose().to_owned()))
            .request_id_header(Some(fake::REQUEST_REFERENCE))
            .about_one_object(false)
            .send()
            .await?;
        let status = answer.status;
        let body: Value = wire::json::from_slice(&answer.body).unwrap_or_default();
        let landing_url = body["sessionId"].as_str().filter(|_| status.is_success()).map(|id| {
            let mut url = landing_url.clone();
            url.query_pairs_mut().append_pair("sessionId", id);
            Secret::new(url.as_str())
        });
        Ok(Opened { status, landing_url, tokens })
    }

    /// Spoils the next profile that is asked for; several wait in line.
    pub fn spoil(&self, how: Spoil) {
        self.store().spoils.push_back(how);
    }

    /// Forgets a customer's tokens: only a push gives new ones.
    pub fn revoke(&self, customer: u64) {
        self.store().revoke(customer);
    }

    /// Forgets all client tokens, as a restart of the provider would.
    pub fn revoke_client_tokens(&self) {
        self.store().client_tokens.clear();
    }

    /// Returns how often a spent refresh token was sent; a correct client never sends one.
    pub fn replayed_refreshes(&self) -> u64 {
        self.store().replayed
    }

    fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.fake.store()
    }
}

/// A refusal of the gateway's shape.
fn gateway(code: &str, text: &str) -> Value {
    json!({ "error": text, "code": code })
}
