//! Setting a client up.

use std::{sync::Arc, time::Duration};

use http::{
    HeaderValue,
    header::{ACCEPT, ACCEPT_LANGUAGE, USER_AGENT},
};

use super::{Client, Inner, language, named};
use crate::{
    auth::Bearer,
    credify::{
        PROVIDER,
        access_token::{AccessTokens, Exchange},
        environment::{Environment, Locale},
        failure::Dialect,
        keys::SigningKey,
        token::claim::ScopeHashMode,
    },
    error::Error,
    privacy::Secret,
    transport::{self, ApiClient, Options},
};

/// How long an attempt may take: what the provider's own SDK allows.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(8);

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
}

impl Builder {
    /// Sets which of the provider's installations to call. Default: [`Environment::Sandbox`].
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

    /// Sets the entity that signs webhooks, in place of the environment's. The `tis` environments have none of their
    /// own.
    pub fn ecosystem_id(mut self, id: impl Into<String>) -> Self {
        self.ecosystem_id = Some(id.into());
        self
    }

    /// Sets the language of the provider's texts. Default: [`Locale::English`].
    pub fn locale(mut self, locale: Locale) -> Self {
        self.locale = locale;
        self
    }

    /// Sets the organisation's private key, for everything that is signed: claim tokens, authorization URLs, the exchange
    /// of codes.
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.signing_key = Some(key);
        self
    }

    /// Sets what the hash of a scope is taken of. Default: [`ScopeHashMode::PerScope`].
    pub fn scope_hash_mode(mut self, mode: ScopeHashMode) -> Self {
        self.scope_hash_mode = mode;
        self
    }

    /// Shares access tokens with other clients. Default: tokens of its own.
    pub fn access_tokens(mut self, tokens: &AccessTokens) -> Self {
        self.access_tokens = tokens.clone();
        self
    }

    /// Sets timeouts, retries, sizes, connections. See [`Client`] for the defaults.
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
        let user_agent = HeaderValue::from_static(concat!("servicex/rust/", env!("CARGO_PKG_VERSION")));
        let api = ApiClient::new(PROVIDER, &self.options, None)?
            .with_base(api_base.clone())
            .with_attempt_timeout(ATTEMPT_TIMEOUT)
            .with_classifier(Dialect::Api)
            .with_header(ACCEPT, HeaderValue::from_static("application/json, text/plain, */*"))
            .with_header(ACCEPT_LANGUAGE, language(&self.locale)?)
            .with_header(USER_AGENT, user_agent);
        // A token is fetched within another call: were the breaker one, the call that is let through to see whether
        // the provider is back would keep its own token away.
        let exchange = Exchange::new(api.to_other_host().with_base(api_base.clone()), &self.api_key)?;
        let clock = self.options.clock.clone();
        let bearer = self.access_tokens.of(&api_base, &self.api_key, move || Bearer::new(exchange, clock));
        let api = api.with_credentials(Arc::new(bearer.clone()));
        let oidc = api
            .to_other_host()
            .with_base(oidc_base.clone())
            .with_credentials(Arc::new(bearer.clone()))
            .with_classifier(Dialect::Oidc);
        let ecosystem_id = self.ecosystem_id.or_else(|| self.environment.ecosystem_id().map(str::to_owned));
        Ok(Inner {
            api,
            oidc,
            oidc_base,
            ecosystem_id: ecosystem_id.filter(|id| !id.is_empty()),
            bearer,
            signing_key: self.signing_key,
            scope_hash_mode: self.scope_hash_mode,
        })
    }
}

crate::privacy::redacted_debug!(Builder { environment, options, .. });
