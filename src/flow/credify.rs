//! Flow of Credify: the person consents on Credify's page and returns with a code, with which the shared claims are
//! read.
//!
//! | step | next |
//! | --- | --- |
//! | start: nothing is sent | [`OpenUrl`](super::Next::OpenUrl), then the person's return |
//! | [`Returned`](super::Reply::Returned): the code is exchanged, the shared claims are read | the end |
//! | [`Poll`](super::Reply::Poll), only after the claims of a redeemed code could not be read | the end |
//!
//! The person's return is bound to the flow twice: by the sealed state, and by the `state` of OpenID Connect, which is
//! compared in constant time before anything is spent. A code can be used once: when the exchange fails in a way that
//! may have used it, the flow is over.
//!
//! The claims come encrypted for the key that the provider has on record ([`CredifyFlow::new`]): it stays with the
//! service. With
//! [`CredifyFlow::fresh_keys`] each flow has a key of its own, which travels inside of the sealed state.
//!
//! A known phone number (with the country code) is filled in on Credify's page.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::{
    erase::Erased,
    provider_flow::{self, FlowContext, FlowOutcome, Prompt, Transition, unexpected_reply},
    registry::Configured,
    reply::Reply,
    step::{Next, ReturnMode, Source},
};
use crate::{
    clock::Clock,
    credify::{
        CAPABILITIES, Client,
        authorization::AuthorizationRequest,
        keys::DecryptionKey,
        userinfo::{ProviderKeys, UserInfoReader},
    },
    crypto,
    error::{Error, ErrorKind},
    identity::{ContactKind, Identity, Report},
    privacy::{Pii, Secret},
    provider::Capabilities,
    wire,
};

/// Credify in a [`Registry`](super::Registry), for a service provider.
///
/// ```
/// use kyckit::{
///     clock::Clock,
///     credify::{
///         Client,
///         keys::{DecryptionKey, SigningKey},
///     },
///     flow::{Registry, StateKeys, credify::CredifyFlow},
///     storage::MemoryOneTime,
/// };
///
/// # fn example(key: [u8; 32], decryption_key: DecryptionKey, market: &str) -> kyckit::Result<()> {
/// let client = Client::builder("api-key")
///     .signing_key(SigningKey::generate(&Clock::system())?)
///     .build()?;
/// let flow = CredifyFlow::new(
///     client,
///     "client-id",
///     "https://provider.example/callback",
///     decryption_key,
/// )
/// .scopes(["openid", "profile", "phone"])
/// .required(["profile"])
/// .signed_by(market);
/// let registry =
///     Registry::new(StateKeys::new(key), MemoryOneTime::new()).with(flow);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CredifyFlow {
    client: Client,
    client_id: String,
    redirect_uri: String,
    on_record: Option<DecryptionKey>,
    scopes: Vec<String>,
    required: Vec<String>,
    market: Option<String>,
}

impl CredifyFlow {
    /// Creates a flow that decrypts with the private half of the key that Credify has on record for the service
    /// provider. It requests `openid` and `profile`, and requires `profile`.
    pub fn new(
        client: Client,
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
        decryption_key: DecryptionKey,
    ) -> Self {
        Self { on_record: Some(decryption_key), ..Self::fresh_keys(client, client_id, redirect_uri) }
    }

    /// Creates a flow that generates a key for each start, on the pool for blocking work: this takes up to seconds of
    /// processor time, and the sealed state is some kilobytes long.
    pub fn fresh_keys(client: Client, client_id: impl Into<String>, redirect_uri: impl Into<String>) -> Self {
        Self {
            client,
            client_id: client_id.into(),
            redirect_uri: redirect_uri.into(),
            on_record: None,
            scopes: vec!["openid".to_owned(), "profile".to_owned()],
            required: vec!["profile".to_owned()],
            market: None,
        }
    }

    /// Sets the requested scopes; they must include `openid`.
    #[must_use]
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the scopes that must be shared for an accepted decision.
    #[must_use]
    pub fn required<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.required = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the market that signs the standard scopes, which their names do not say. Without it, what the market shares
    /// is not verified and never leads to an accepted decision.
    #[must_use]
    pub fn signed_by(mut self, market: impl Into<String>) -> Self {
        self.market = Some(market.into());
        self
    }

    async fn begin(&self, known: &Identity) -> Result<Prompt, Error> {
        let scopes = self.scopes.clone();
        let mut request = AuthorizationRequest::new(&self.client_id, &self.redirect_uri, scopes);
        let mut contacts = known.contacts().iter().map(|contact| contact.value());
        if let Some(phone) = contacts.find(|contact| contact.kind == ContactKind::Phone) {
            request = request.phone_number(phone.value.expose().clone());
        }
        let begun = match &self.on_record {
            Some(_) => self.client.authorization(&request.encrypted_for_key_on_record())?,
            None => {
                let client = self.client.clone();
                let made = tokio::task::spawn_blocking(move || client.authorization(&request)).await;
                made.map_err(|_| Error::store("the pool for blocking work ended"))??
            }
        };
        let key = begun.decryption_key.as_ref().map(DecryptionKey::to_base64url).transpose()?;
        Position {
            url: begun.url.into_exposed(),
            state: begun.state.expose().to_owned(),
            key: key.map(|key| key.expose().to_owned()),
            token: None,
        }
        .prompt()
    }

    /// Exchanges the code for a token. A code can be used once.
    async fn exchange(&self, query: &Secret, position: Position, clock: &Clock) -> Transition {
        let code = match Returned::read(query).and_then(|returned| returned.code()) {
            Ok(code) => code,
            Err(error) => return Transition::Aborted(error),
        };
        match self.client.user_token(&self.client_id, &code, &self.redirect_uri).await {
            Ok(token) => {
                let token = Some(token.access_token.expose().to_owned());
                self.read(Position { token, ..position }, clock).await
            }
            // Provably not used: the same return is good once more.
            Err(error) if error.is_retryable() && !error.may_have_taken_effect() => {
                Transition::Unchanged(error)
            }
            Err(error) => Transition::Aborted(error.with_hint("start another attempt: a code serves once")),
        }
    }

    /// Reads the shared claims with the token.
    async fn read(&self, position: Position, clock: &Clock) -> Transition {
        let read = async {
            let key = match (&self.on_record, &position.key) {
                (_, Some(key)) => &DecryptionKey::from_base64url(&key.as_str().into())?,
                (Some(key), None) => key,
                (None, None) => return Err(provider_flow::unknown_position()),
            };
            let token = Secret::new(position.token.as_deref().unwrap_or_default());
            let keys = ProviderKeys::new(&self.client);
            let keys = match &self.market {
                Some(market) => keys.standard_scopes_of(market),
                None => keys,
            };
            self.client.userinfo(&token, &UserInfoReader::new(key).verify_with(&keys)).await
        };
        match read.await {
            Ok(info) => {
                let required: Vec<&str> = self.required.iter().map(String::as_str).collect();
                let record = info.subject().map(|subject| Pii::from(*subject.expose()));
                let (source, identity, decision) = info.into_report(&required, clock.now()).into_parts();
                let report = Report::new(Source::Credify(Box::new(source)), identity, decision);
                Transition::Done(Box::new(FlowOutcome { report, record, proof: None }))
            }
            Err(error) if error.is_retryable() => match position.prompt() {
                Ok(prompt) => Transition::Failed(error, prompt),
                Err(error) => Transition::Aborted(error),
            },
            Err(error) => Transition::Aborted(error),
        }
    }
}

/// Query parameters of the return URL (RFC 6749 section 4.1.2).
#[derive(Default)]
struct Returned {
    state: Option<String>,
    code: Option<Secret>,
    error: Option<String>,
}

impl Returned {
    /// Reads the parameters; one that appears twice is refused.
    fn read(query: &Secret) -> Result<Self, Error> {
        let mut returned = Self::default();
        let twice = || Error::invalid("query", "a parameter appears twice").with_check("reply.query");
        for (name, value) in form_urlencoded::parse(query.expose_bytes()) {
            let is_twice = match &*name {
                "state" => returned.state.replace(value.into_owned()).is_some(),
                "code" => returned.code.replace(Secret::new(value)).is_some(),
                "error" => returned.error.replace(value.into_owned()).is_some(),
                _ => false,
            };
            if is_twice {
                return Err(twice());
            }
        }
        Ok(returned)
    }

    fn code(self) -> Result<Secret, Error> {
        if let Some(error) = self.error {
            let kind =
                if error == "access_denied" { ErrorKind::Permission } else { ErrorKind::InvalidRequest };
            return Err(Error::new(kind, "the person came back without consent, by an error")
                .with_code(error)
                .with_check("reply.refused")
                .with_hint("start another attempt when the person wants to"));
        }
        let code = self.code.filter(|code| !code.expose().is_empty());
        code.ok_or_else(|| Error::invalid("code", "there is no code in the query").with_check("reply.query"))
    }
}

/// Position of an authorization.
#[derive(Serialize, Deserialize)]
struct Position {
    #[serde(rename = "u")]
    url: String,
    #[serde(rename = "s")]
    state: String,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl Position {
    fn read(text: &str) -> Result<Self, Error> {
        wire::json::from_str(text).map_err(|_| provider_flow::unknown_position())
    }

    fn prompt(&self) -> Result<Prompt, Error> {
        let position = serde_json::to_string(self)
            .map_err(|_| Error::configuration("the position cannot be written"))?;
        let next = match &self.token {
            None => Next::OpenUrl { url: Pii::from(self.url.as_str()), then: ReturnMode::Return },
            Some(_) => Next::Wait { at_least: Duration::from_secs(1) },
        };
        Ok(Prompt { next, position, record: None, until: None, decision: None })
    }
}

impl provider_flow::ProviderFlow for CredifyFlow {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn start<'a>(&'a self, context: FlowContext<'a>) -> BoxFuture<'a, Result<Transition, Error>> {
        Box::pin(async move { self.begin(context.known).await.map(Transition::Prompt) })
    }

    fn admit(&self, position: &str, reply: &Reply) -> Result<(), Error> {
        let position = Position::read(position)?;
        match (reply, &position.token) {
            (Reply::Returned(query), None) => {
                let returned = Returned::read(query)?;
                let state = returned.state.as_deref().unwrap_or_default();
                if crypto::equal(state.as_bytes(), position.state.as_bytes()) {
                    return Ok(());
                }
                Err(Error::new(
                    ErrorKind::Permission,
                    "the state that came back is not the one that was sent",
                )
                .with_check("reply.state")
                .with_hint("nothing was spent; the return may belong to another person's visit"))
            }
            (Reply::Poll, Some(_)) => Ok(()),
            _ => Err(unexpected_reply()),
        }
    }

    fn prompt(&self, position: &str) -> Result<Prompt, Error> {
        Position::read(position)?.prompt()
    }

    fn resume<'a>(
        &'a self,
        context: FlowContext<'a>,
        position: &'a str,
        reply: &'a Reply,
    ) -> BoxFuture<'a, Transition> {
        Box::pin(async move {
            let position = match Position::read(position) {
                Ok(position) => position,
                Err(error) => return Transition::Aborted(error),
            };
            match (reply, &position.token) {
                (Reply::Returned(query), None) => self.exchange(query, position, context.clock).await,
                (Reply::Poll, Some(_)) => self.read(position, context.clock).await,
                _ => Transition::Unchanged(unexpected_reply()),
            }
        })
    }

    fn erase<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Erased, Error>> {
        let instead = "the person ends the consent in the wallet; erase what you keep of the shared claims";
        Box::pin(std::future::ready(Ok(Erased::impossible(instead))))
    }
}

impl From<CredifyFlow> for Configured {
    fn from(flow: CredifyFlow) -> Self {
        Self(Arc::new(flow))
    }
}

crate::privacy::redacted_debug!(CredifyFlow { scopes, .. });
