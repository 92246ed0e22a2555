//! A fake Credify: the API, the OpenID Connect core on a port of its own, and people with wallets.
//!
//! It checks what the contract names: API keys are exchanged for tokens that end; claim tokens have to be signed by the
//! organisation that pushes them; the request in an authorization URL by the service provider; a code serves once, for
//! the client and the redirection it was made for. Wallets sign approvals, claims are encrypted for the key of the
//! request in either form, and webhooks are signed, all for real, under keys that are published with the crate and
//! guard nothing.
//!
//! Answers have the media type `application/json` and nothing behind it, since the provider's own SDK understands no
//! other.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use kyckit::{credify::model::OfferQuery, sandbox::credify::Credify};
//!
//! let sandbox = Credify::start().await?;
//! let client = sandbox.client_builder().build()?;
//! let offers = client.offers(&OfferQuery::new("user-4711")).await?;
//! assert_eq!(offers[0].code.as_deref(), Some("offer-1"));
//! # Ok(()) }
//! ```
//!
//! | behaviour | how to get it |
//! | --- | --- |
//! | the person agrees | [`Credify::agree`], a program that follows the URL, or a button on the page that browsers get |
//! | the person refuses | the other button |
//! | who the person is, and what is known | [`Credify::add_user`], [`Credify::set_claims`] |
//! | the aggregated form of claims | [`Builder::claims_format`] |
//! | tokens for a market's endpoints | [`Credify::present`]; with [`Credify::agree`] come those of encrypted claims |
//! | a webhook | [`Credify::send_webhook`], [`Credify::sign_webhook`] |
//! | another ecosystem key | [`Credify::change_ecosystem_key`] |
//! | offers, campaigns | [`Credify::set_offer`], [`Credify::set_campaigns`] |
//! | what was pushed, how a transaction stands | [`Credify::claim_tokens`], [`Credify::transaction`] |
//! | lost access tokens | [`Credify::revoke_access_tokens`] |
//! | time passes | [`Builder::clock`] with a frozen clock |

mod api;
mod oidc;
mod world;

use std::{io, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::Value;
use url::{Url, form_urlencoded};

use self::{
    api::Api,
    oidc::Oidc,
    world::{User, World},
};
use super::{Fault, Person, ProviderInfo, Server, server::Bound};
use crate::{
    clock::Clock,
    credify::{
        self, Environment, PROVIDER,
        claims::Claims,
        encryption::ClaimsFormat,
        keys::{DecryptionKey, SigningKey, VerifyingKey},
        webhook::{Message, body_hash},
    },
    error::{Error, Result},
    privacy::{Pii, Secret},
    transport::{ApiClient, BufferedResponse, HttpSettings, Options, Retry, is_loopback},
};

/// The service provider of the fake.
pub const ORGANISATION_ID: &str = "8e0b198b-f112-4612-96bb-9d2c8b8ca0c3";
/// The service provider's API key. It guards nothing.
pub const ORGANISATION_API_KEY: &str = "sandbox-api-key-5b1e";
/// The market of the fake.
pub const MARKET_ID: &str = "40f9a736-0d97-409b-a0f7-d23ebca20bde";
/// The market's API key. It guards nothing.
pub const MARKET_API_KEY: &str = "sandbox-market-api-key-0c77";
/// The Credify id of the person who is there from the start.
pub const USER_ID: &str = "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512";

/// What came of a person's agreeing to an authorization.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Agreed {
    /// Where the browser goes; with `form_post` it posts [`form`](Self::form) there.
    pub redirect_url: Secret,
    /// What comes back, as a form.
    pub form: Secret,
    /// The state that comes back.
    pub state: Secret,
    /// The code that comes back.
    pub code: Option<Secret>,
    /// The token that comes back in the place of a code, when the URL asked for one.
    pub access_token: Option<Secret>,
    /// Who agreed.
    pub user_id: Pii<String>,
    /// `request_token` of Credify's call for encrypted claims to the market.
    pub request_token: Secret,
    /// `approval_token` of that call.
    pub approval_token: Secret,
    /// The bearer token of that call.
    pub market_token: Secret,
}

/// How the fake is set up; see [`Credify::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    settings: Settings,
    port: u16,
    oidc_port: u16,
}

/// What the fake goes by.
#[derive(Clone, Debug)]
struct Settings {
    clock: Clock,
    token_life: Duration,
    format: ClaimsFormat,
}

impl Builder {
    /// The clock by which tokens end. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// How long the access token of an API key lives. Default: a day.
    #[must_use]
    pub fn token_life(mut self, life: Duration) -> Self {
        self.settings.token_life = life;
        self
    }

    /// The form in which claims are shared. Default: field by field.
    #[must_use]
    pub fn claims_format(mut self, format: ClaimsFormat) -> Self {
        self.settings.format = format;
        self
    }

    /// The API's port on 127.0.0.1. Default: a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The OpenID Connect core's port on 127.0.0.1. Default: a free one.
    #[must_use]
    pub fn oidc_port(mut self, port: u16) -> Self {
        self.oidc_port = port;
        self
    }

    /// Starts it on the current runtime.
    ///
    /// # Errors
    ///
    /// When a port is taken, or the keys are no keys.
    pub async fn start(self) -> io::Result<Credify> {
        let (api, oidc) = (Bound::new(self.port).await?, Bound::new(self.oidc_port).await?);
        let clock = self.settings.clock.clone();
        let world = World::new(self.settings, oidc.base_url().clone());
        let world = Arc::new(world.map_err(io::Error::other)?);
        Ok(Credify {
            server: api.serve(Arc::new(Api(Arc::clone(&world))), clock.clone()),
            oidc_server: oidc.serve(Arc::new(Oidc(Arc::clone(&world))), clock),
            world,
        })
    }
}

/// A running fake Credify. It ends when this is dropped.
pub struct Credify {
    server: Server,
    oidc_server: Server,
    world: Arc<World>,
}

crate::privacy::redacted_debug!(Credify { server, oidc_server, .. });

/// Setting up and reaching it.
impl Credify {
    /// A setup with one market, one service provider, one person, one offer.
    pub fn builder() -> Builder {
        Builder {
            settings: Settings {
                clock: Clock::system(),
                token_life: Duration::from_secs(24 * 3600),
                format: ClaimsFormat::default(),
            },
            port: 0,
            oidc_port: 0,
        }
    }

    /// Starts one on free ports.
    ///
    /// # Errors
    ///
    /// As [`Builder::start`].
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// The API's base, with a slash at its end.
    pub fn base_url(&self) -> &Url {
        self.server.base_url()
    }

    /// The OpenID Connect core's base, with a slash at its end.
    pub fn oidc_base(&self) -> &Url {
        self.oidc_server.base_url()
    }

    /// The builder of a service provider's client that is pointed here.
    pub fn client_builder(&self) -> credify::Builder {
        self.pointed(ORGANISATION_API_KEY, &self.world.organisation)
    }

    /// The builder of a market's client that is pointed here.
    pub fn market_client_builder(&self) -> credify::Builder {
        self.pointed(MARKET_API_KEY, &self.world.market)
    }

    fn pointed(&self, api_key: &str, key: &SigningKey) -> credify::Builder {
        credify::Client::builder(api_key)
            .environment(Environment::Local)
            .api_base(self.base_url().as_str())
            .oidc_base(self.oidc_base().as_str())
            .signing_key(key.clone())
    }

    /// The service provider's key on record, which opens claims that were asked for without a key of their own.
    pub fn decryption_key(&self) -> &DecryptionKey {
        &self.world.decryption
    }

    /// The service provider's signing key.
    pub fn signing_key(&self) -> &SigningKey {
        &self.world.organisation
    }

    /// The market's signing key.
    pub fn market_signing_key(&self) -> &SigningKey {
        &self.world.market
    }

    pub(super) fn info(&self) -> ProviderInfo {
        // The key is published with the crate, and a key that was read can be written.
        let key = self.world.organisation.to_base64url().unwrap_or_else(|_| Secret::from(""));
        ProviderInfo {
            provider: PROVIDER,
            base_url: self.base_url().clone(),
            settings: vec![
                ("CREDIFY_MODE", Environment::Local.as_str().into()),
                ("CREDIFY_API_BASE", self.base_url().as_str().into()),
                ("CREDIFY_OIDC_BASE", self.oidc_base().as_str().into()),
                ("CREDIFY_ORGANISATION_ID", ORGANISATION_ID.into()),
                ("CREDIFY_API_KEY", ORGANISATION_API_KEY.into()),
                ("CREDIFY_SIGNING_KEY", key),
            ],
        }
    }

    /// The API's server: its log, its recordings, its faults.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The OpenID Connect core's server.
    pub fn oidc_server(&self) -> &Server {
        &self.oidc_server
    }

    /// Short for [`Server::inject`] of the API's server.
    pub fn inject(&self, fault: Fault) {
        self.server.inject(fault);
    }
}

/// Playing the person and the provider.
impl Credify {
    /// The person opens an authorization URL and agrees to all that it asks for; the wallet signs it.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the core refuses the URL.
    pub fn agree(&self, authorization_url: &str) -> Result<Agreed> {
        let refused = |what: &'static str| Error::invalid("authorization_url", what);
        let url = Url::parse(authorization_url).map_err(|_| refused("the authorization URL is no URL"))?;
        let query = form_urlencoded::parse(url.query().unwrap_or_default().as_bytes()).into_owned().collect();
        self.world.authorize(&query).map_err(|refusal| refused(refusal.description))
    }

    /// Adds a person with a fresh wallet, and gives the Credify id.
    ///
    /// # Errors
    ///
    /// When there is no randomness for a key.
    pub fn add_user(&self, person: Person) -> Result<String> {
        let wallet = SigningKey::generate(&self.world.settings.clock)?;
        let id = self.world.id();
        let mut store = self.world.store();
        let entity = world::Entity { signing: Some(wallet.verifying_key().to_pem()), encryption: None };
        store.entities.insert(id.clone(), entity);
        store.users.insert(id.clone(), User { person, wallet, claims: None, commitments: None });
        Ok(id)
    }

    /// The person of a Credify id.
    pub fn person(&self, user_id: &str) -> Option<Person> {
        self.world.store().users.get(user_id).map(|user| user.person.clone())
    }

    /// What is known of a person, in place of what the fake makes of it. Commitments are added when it is shared.
    pub fn set_claims(&self, user_id: &str, claims: Claims) {
        if let Some(user) = self.world.store().users.get_mut(user_id) {
            user.claims = Some(claims);
            user.commitments = None;
        }
    }

    /// A token as Credify presents it to a market or a service provider: of this client, with these scopes, for these
    /// addresses. It is good for an hour.
    pub fn present(&self, client_id: &str, scope: &str, audience: &[&str]) -> Secret {
        Secret::from(self.world.present(client_id, scope, audience))
    }

    /// Adds or replaces an offer.
    pub fn set_offer(&self, code: &str, offer: Value) {
        self.world.store().offers.insert(code.to_owned(), offer);
    }

    /// Replaces the campaigns.
    pub fn set_campaigns(&self, campaigns: impl IntoIterator<Item = Value>) {
        self.world.store().campaigns = campaigns.into_iter().collect();
    }

    /// The claim tokens of the latest push for a person.
    pub fn claim_tokens(&self, user_id: &str) -> Vec<Pii<String>> {
        let tokens = self.world.store().claim_tokens.get(user_id).cloned().unwrap_or_default();
        tokens.into_iter().map(Pii::new).collect()
    }

    /// The latest reported status of a transaction.
    pub fn transaction(&self, id: &str) -> Option<Value> {
        self.world.store().transactions.get(id).cloned()
    }

    /// Forgets all access tokens, as a restart of the provider would.
    pub fn revoke_access_tokens(&self) {
        self.world.store().access.clear();
    }

    /// The ecosystem signs with another key from now on.
    ///
    /// # Errors
    ///
    /// When there is no randomness for a key.
    pub fn change_ecosystem_key(&self) -> Result<()> {
        let key = SigningKey::generate(&self.world.settings.clock)?;
        let mut store = self.world.store();
        let id = Environment::Local.ecosystem_id().unwrap_or_default().to_owned();
        let entity = world::Entity { signing: Some(key.verifying_key().to_pem()), encryption: None };
        store.entities.insert(id, entity);
        store.ecosystem = key;
        Ok(())
    }

    /// The key that the ecosystem's signatures fit.
    pub fn ecosystem_key(&self) -> VerifyingKey {
        self.world.store().ecosystem.verifying_key()
    }

    /// The headers of a webhook to a registered URL.
    ///
    /// # Errors
    ///
    /// For what fits no header.
    pub fn sign_webhook(
        &self,
        endpoint: &str,
        event_id: &str,
        timestamp: &str,
        body: &[u8],
    ) -> Result<HeaderMap> {
        let text = Message { signature: "", event_id, timestamp, body }.signed(endpoint, &body_hash(body));
        let signature = self.world.store().ecosystem.sign(text.as_bytes())?;
        let signature = crate::credify::json::hash::encode(&signature);
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("signature", signature.as_str()),
            ("x-event-id", event_id),
            ("x-event-timestamp", timestamp),
            ("x-signature-algorithm", "Ed25519"),
        ] {
            let value = HeaderValue::try_from(value)
                .map_err(|_| Error::invalid("headers", "the value fits no header"))?;
            headers.insert(name, value);
        }
        Ok(headers)
    }

    /// Sends a webhook of now to a registered URL, signed, and gives the status of the answer.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for a URL that is not on loopback: the sandbox sends nowhere
    /// else. [`Connect`](crate::ErrorKind::Connect) and the like when no server answers there.
    pub async fn send_webhook(&self, url: &Url, body: &Value) -> Result<StatusCode> {
        if !is_loopback(url) {
            return Err(Error::configuration("the sandbox sends webhooks to loopback only"));
        }
        let timestamp = time::OffsetDateTime::from(self.world.now())
            .format(&time::format_description::well_known::Rfc3339)
            .map_err(|_| Error::configuration("the clock stands at a time that cannot be written"))?;
        let body = body.to_string();
        let headers = self.sign_webhook(url.as_str(), &self.world.id(), &timestamp, body.as_bytes())?;
        let options = Options::new().retry(Retry::never()).http(HttpSettings::new().no_proxy());
        // A refusal is an answer as good as any.
        let api = ApiClient::new(PROVIDER, &options, None)?.with_classifier(|_: &BufferedResponse| Ok(()));
        let call = api.call_url("webhook", Method::POST, url.clone()).headers(headers).json_text(Ok(body));
        let answer = call.about_one_object(false).send().await?;
        Ok(answer.status)
    }
}
