//! The client: one method per remote call, a file an area.

pub(super) mod answer;
mod claims;
mod entity;
mod introspection;
mod offers;
mod oidc;
mod orders;

pub use claims::ClaimPush;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method,
    header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, USER_AGENT},
};
use serde::Serialize;
use url::Url;

use self::answer::{Content, Data, MaybeData};
use super::{
    PROVIDER,
    access_token::{AccessTokens, Exchange},
    environment::{Environment, Locale},
    failure::Side,
    keys::SigningKey,
    token::claim::{ClaimSigner, ScopeHashMode},
};
use crate::{
    auth::Bearer,
    clock::Clock,
    error::Error,
    privacy::Secret,
    transport::{
        self, AddressPolicy, Authorize, Options, Payload, RawRequest, RawResponse,
        retry::Idempotency,
        send::{self, Call, Channel},
    },
};

/// How long an attempt may take: what the provider's own SDK allows.
const ATTEMPT: Duration = Duration::from_secs(8);

/// A client of one organisation. Cheap to clone; clones share connections, the access token and the keys.
///
/// # Defaults
///
/// 8 s an attempt and 24 s a call; three attempts for what may be repeated; answers up to 4 MiB; no rate limit, since
/// none is documented; the access token is kept until a minute before its end. Redirects are not followed.
///
/// # What is repeated
///
/// Reading, introspection and the push of claim tokens, always with the same tokens. Orders, their completion,
/// reversal and disbursement, the status of a transaction, the exchange of a code and new entities are sent once,
/// unless the request provably never left.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    api_base: Url,
    oidc_base: Url,
    ecosystem_id: Option<String>,
    channel: Channel,
    oidc_channel: Channel,
    bearer: Bearer,
    headers: HeaderMap,
    signing_key: Option<SigningKey>,
    scope_hash_mode: ScopeHashMode,
}

/// Builds a [`Client`].
#[must_use = "a client comes out of `build`"]
pub struct Builder {
    api_key: Secret,
    environment: Environment,
    api_base: Option<String>,
    oidc_base: Option<String>,
    ecosystem_id: Option<String>,
    locale: Locale,
    signing_key: Option<SigningKey>,
    scope_hash_mode: ScopeHashMode,
    access_tokens: AccessTokens,
    options: Options,
}

impl Client {
    /// Starts a client for an organisation, by an API key of its dashboard.
    ///
    /// ```no_run
    /// use kyckit::credify::{Client, Environment, keys::SigningKey};
    ///
    /// let key = std::env::var("CREDIFY_SIGNING_KEY")?.into();
    /// let client = Client::builder(std::env::var("CREDIFY_API_KEY")?)
    ///     .environment(Environment::Sandbox)
    ///     .signing_key(SigningKey::new(&key, None)?)
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder(api_key: impl Into<Secret>) -> Builder {
        Builder {
            api_key: api_key.into(),
            environment: Environment::default(),
            api_base: None,
            oidc_base: None,
            ecosystem_id: None,
            locale: Locale::default(),
            signing_key: None,
            scope_hash_mode: ScopeHashMode::default(),
            access_tokens: AccessTokens::new(),
            options: Options::default(),
        }
    }

    /// The same client with another language for the provider's texts.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for a language that fits no header.
    pub fn in_language(&self, locale: &Locale) -> Result<Self, Error> {
        let headers = headers(locale).map_err(|error| error.during(PROVIDER, "in_language"))?;
        Ok(Self(Arc::new(Inner { headers, ..(*self.0).clone() })))
    }

    /// The access token of the API key, exchanged where that is due: for calls that are made elsewhere. Every call of
    /// this client puts it on by itself.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client) -> kyckit::Result<()> {
    /// let token = client.access_token().await?;
    /// let header = format!("Bearer {}", token.expose());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn access_token(&self) -> Result<Secret, Error> {
        let mut headers = HeaderMap::new();
        self.0.bearer.authorize(&mut headers).await.map_err(named("access_token"))?;
        let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        token.map(Secret::from).ok_or_else(|| Error::configuration("there is no access token"))
    }

    /// Makes a call of the API that this client has no method for: access token, limits, retries and errors are those
    /// of every call.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client) -> kyckit::Result<()> {
    /// use kyckit::transport::RawRequest;
    ///
    /// let answer = client.raw(RawRequest::get(["v1", "something-new"]).query("limit", "10")).await?;
    /// let body: serde_json::Value = answer.json()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn raw(&self, request: RawRequest) -> Result<RawResponse, Error> {
        let segments: Vec<_> = request.segments.iter().map(String::as_str).collect();
        let mut url = transport::join(&self.0.api_base, &segments).map_err(named("raw"))?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let call = Outgoing {
            side: Side::Api,
            operation: "raw",
            method: request.method,
            url,
            payload: request.payload,
            idempotency: request.idempotency,
            authorize: &self.0.bearer,
        };
        self.send(call).await.map(RawResponse::of)
    }

    pub(super) fn clock(&self) -> &Clock {
        self.0.channel.clock()
    }

    pub(super) fn oidc_base(&self) -> &Url {
        &self.0.oidc_base
    }

    pub(super) fn ecosystem_id(&self) -> Option<&str> {
        self.0.ecosystem_id.as_deref()
    }

    /// The organisation's key, which everything that is signed needs.
    pub(super) fn signing_key(&self) -> Result<&SigningKey, Error> {
        self.0.signing_key.as_ref().ok_or_else(|| {
            Error::configuration("the client has no signing key")
                .with_hint("give the organisation's private key to the builder")
        })
    }

    /// Signs claim tokens as this client does.
    pub(super) fn claim_signer(&self, provider_id: &str) -> Result<ClaimSigner, Error> {
        Ok(ClaimSigner::new(self.signing_key()?.clone(), provider_id).with_mode(self.0.scope_hash_mode))
    }

    /// For addresses that somebody else names.
    pub(super) fn foreign_channel(&self) -> Channel {
        self.0.channel.to_foreign_hosts()
    }

    /// A call of the API.
    async fn api(&self, ask: Ask<'_>) -> Result<send::BufferedResponse, Error> {
        let operation = ask.operation;
        let mut url = transport::join(&self.0.api_base, ask.segments).map_err(named(operation))?;
        if !ask.query.is_empty() {
            url.query_pairs_mut().extend_pairs(ask.query);
        }
        self.send(Outgoing {
            side: Side::Api,
            operation,
            method: ask.method,
            url,
            payload: ask.body.map_or(Payload::Empty, Payload::json),
            idempotency: ask.idempotency,
            authorize: &self.0.bearer,
        })
        .await
    }

    /// A call of the API whose answer has its content under `data`.
    async fn data<T: Content>(&self, ask: Ask<'_>) -> Result<T, Error> {
        self.data_and_answer(ask).await.map(|(_, data)| data)
    }

    /// The same for a call whose answer names what it is about.
    async fn data_and_answer<T: Content>(&self, ask: Ask<'_>) -> Result<(send::BufferedResponse, T), Error> {
        let answer = self.api(ask).await?;
        match answer::read(&answer.body, |Data(data)| Some(data)) {
            Ok(Data(data)) => Ok((answer, data)),
            Err(error) => Err(Side::Api.unusable(&answer, error)),
        }
    }

    /// The same for a call whose answer may lack `data`.
    async fn data_or_none<T: Content>(&self, ask: Ask<'_>) -> Result<Option<T>, Error> {
        let answer = self.api(ask).await?;
        answer::read(&answer.body, |MaybeData(data)| data.as_mut())
            .map(|MaybeData(data)| data)
            .map_err(|error| Side::Api.unusable(&answer, error))
    }

    async fn send(&self, outgoing: Outgoing<'_>) -> Result<send::BufferedResponse, Error> {
        let side = outgoing.side;
        let channel = match side {
            Side::Api => &self.0.channel,
            Side::Oidc => &self.0.oidc_channel,
        };
        channel
            .send(Call {
                operation: outgoing.operation,
                method: outgoing.method,
                url: outgoing.url,
                headers: self.0.headers.clone(),
                payload: outgoing.payload,
                idempotency: outgoing.idempotency,
                limits: channel.limits(ATTEMPT),
                authorize: Some(outgoing.authorize),
                classify: &|answer| side.classify(answer),
                request_id: None,
                addresses: AddressPolicy::Any,
                one_object: true,
            })
            .await
    }
}

/// A call of the API, before it is put together.
struct Ask<'a> {
    operation: &'static str,
    method: Method,
    segments: &'a [&'a str],
    query: &'a [(&'a str, &'a str)],
    body: Option<Bytes>,
    idempotency: Idempotency,
}

impl<'a> Ask<'a> {
    /// Reading, which may be repeated.
    fn get(operation: &'static str, segments: &'a [&'a str]) -> Self {
        Self {
            operation,
            method: Method::GET,
            segments,
            query: &[],
            body: None,
            idempotency: Idempotency::Idempotent,
        }
    }

    /// A change, which is made once unless [`again`](Self::again) says otherwise.
    fn change(
        operation: &'static str,
        method: Method,
        segments: &'a [&'a str],
        body: &impl Serialize,
    ) -> Result<Self, Error> {
        let body = serde_json::to_vec(body)
            .map_err(|_| Error::invalid("body", "the request cannot be written as JSON"))
            .map_err(named(operation))?;
        let body = Some(body.into());
        Ok(Self { operation, method, segments, query: &[], body, idempotency: Idempotency::NotIdempotent })
    }

    fn post(operation: &'static str, segments: &'a [&'a str], body: &impl Serialize) -> Result<Self, Error> {
        Self::change(operation, Method::POST, segments, body)
    }

    fn query(mut self, query: &'a [(&'a str, &'a str)]) -> Self {
        self.query = query;
        self
    }

    /// Doing it twice is the same as doing it once.
    fn again(mut self) -> Self {
        self.idempotency = Idempotency::Idempotent;
        self
    }
}

struct Outgoing<'a> {
    side: Side,
    operation: &'static str,
    method: Method,
    url: Url,
    payload: Payload,
    idempotency: Idempotency,
    authorize: &'a dyn Authorize,
}

/// Names an error that came up before anything was sent.
fn named(operation: &'static str) -> impl Fn(Error) -> Error {
    move |error| error.during(PROVIDER, operation)
}

/// Refuses an id that would not arrive as what it is in a path or a query, and so ask for something else. `what` is the
/// provider's own text for an empty one.
fn filled(
    operation: &'static str,
    field: &'static str,
    value: &str,
    what: &'static str,
) -> Result<(), Error> {
    if value.is_empty() {
        return Err(Error::invalid(field, what).during(PROVIDER, operation));
    }
    transport::one_segment(field, value).map(drop).map_err(named(operation))
}

fn headers(locale: &Locale) -> Result<HeaderMap, Error> {
    let locale =
        transport::header_value(locale.as_str().as_bytes(), "the language holds what no header holds")?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/plain, */*"));
    headers.insert(ACCEPT_LANGUAGE, locale);
    headers
        .insert(USER_AGENT, HeaderValue::from_static(concat!("servicex/rust/", env!("CARGO_PKG_VERSION"))));
    Ok(headers)
}

impl Builder {
    /// Which of the provider's installations to call. Default: [`Environment::Sandbox`].
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Calls another API base URL than the environment's, with or without a trailing slash.
    pub fn api_base(mut self, url: impl Into<String>) -> Self {
        self.api_base = Some(url.into());
        self
    }

    /// Calls another OpenID Connect core than the environment's, with or without a trailing slash.
    pub fn oidc_base(mut self, url: impl Into<String>) -> Self {
        self.oidc_base = Some(url.into());
        self
    }

    /// The entity whose key signs webhooks, in place of the environment's. The `tis` environments have none of their
    /// own.
    pub fn ecosystem_id(mut self, id: impl Into<String>) -> Self {
        self.ecosystem_id = Some(id.into());
        self
    }

    /// The language of the provider's texts. Default: [`Locale::English`].
    pub fn locale(mut self, locale: Locale) -> Self {
        self.locale = locale;
        self
    }

    /// The organisation's private key, for everything that is signed: claim tokens, authorization URLs, the exchange
    /// of codes.
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.signing_key = Some(key);
        self
    }

    /// What the hash of a scope is taken of. Default: [`ScopeHashMode::PerScope`].
    pub fn scope_hash_mode(mut self, mode: ScopeHashMode) -> Self {
        self.scope_hash_mode = mode;
        self
    }

    /// Shares access tokens with other clients. Default: tokens of its own.
    pub fn access_tokens(mut self, tokens: &AccessTokens) -> Self {
        self.access_tokens = tokens.clone();
        self
    }

    /// Time limits, retries, sizes, connections. See [`Client`] for the defaults.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for an empty or impossible API key or language, and for a base URL
    /// that is not https (loopback aside).
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(named("build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        let plain = self.options.allow_plain_http;
        let api_base = self.api_base.as_deref().unwrap_or(self.environment.api_base());
        let oidc_base = self.oidc_base.as_deref().unwrap_or(self.environment.oidc_base());
        let (api_base, oidc_base) =
            (transport::base_url(api_base, plain)?, transport::base_url(oidc_base, plain)?);
        if self.api_key.is_blank() {
            return Err(Error::configuration("the API key is empty or blank"));
        }
        let headers = headers(&self.locale)?;
        let channel = Channel::new(PROVIDER, &self.options, None)?;
        // A token is fetched within another call: were the breaker one, the call that is let through to see whether
        // the provider is back would keep its own token away.
        let token_channel = channel.to_other_host();
        let exchange = Exchange::new(token_channel, api_base.clone(), headers.clone(), &self.api_key)?;
        let clock = self.options.clock.clone();
        let bearer = self.access_tokens.of(&api_base, &self.api_key, move || Bearer::new(exchange, clock));
        let ecosystem_id = self.ecosystem_id.or_else(|| self.environment.ecosystem_id().map(str::to_owned));
        Ok(Inner {
            oidc_channel: channel.to_other_host(),
            channel,
            api_base,
            oidc_base,
            ecosystem_id: ecosystem_id.filter(|id| !id.is_empty()),
            bearer,
            headers,
            signing_key: self.signing_key,
            scope_hash_mode: self.scope_hash_mode,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("host", &self.0.api_base.host_str()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("environment", &self.environment)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
