//! The builder of the client.

use std::{sync::Arc, time::Duration};

use http::HeaderName;
use url::Url;

use super::{
    Client, PROVIDER, SANDBOX_BASE_URL, TokenAlgorithms,
    client::Inner,
    client_token::{ClientCredentials, basic},
    failure::classify,
    token::{LEEWAY, TokenReader},
};
#[allow(unused_imports, reason = "named in documentation")]
use crate::error::ErrorKind;
use crate::{
    auth::Bearer,
    error::Error,
    privacy::Secret,
    transport::{self, ApiClient, Options, fetch::Guard},
};

/// How long an attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// The header under which Maya takes a request's id. Its support asks for it.
const REQUEST_REFERENCE: HeaderName = HeaderName::from_static("request-reference-no");

/// Builds a [`Client`].
#[must_use = "a client comes out of `build`"]
pub struct Builder {
    client_id: String,
    client_secret: Secret,
    token_url: Option<String>,
    scope: Option<String>,
    base_url: String,
    keys: Option<(Secret, Secret)>,
    algorithms: TokenAlgorithms,
    leeway: Duration,
    document_domains: Vec<String>,
    options: Options,
}

impl Client {
    /// Starts a client for a Mini App, by the client id and client secret that Maya handed over.
    ///
    /// The token endpoint has no default: it is not public, and a guessed host would be sent the secret. The keys are
    /// the two JWKs of the onboarding, as text.
    ///
    /// ```no_run
    /// use kyckit::maya::Client;
    ///
    /// let client = Client::builder("client-id", "client-secret")
    ///     .token_url(std::env::var("MAYA_TOKEN_URL")?)
    ///     .base_url(std::env::var("MAYA_BASE_URL")?)
    ///     .keys(std::fs::read_to_string("jwe.json")?, std::fs::read_to_string("jws.json")?)
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Builder {
        Builder::new(client_id.into(), client_secret.into())
    }
}

impl Builder {
    fn new(client_id: String, client_secret: Secret) -> Self {
        Self {
            client_id,
            client_secret,
            token_url: None,
            scope: None,
            base_url: SANDBOX_BASE_URL.to_owned(),
            keys: None,
            algorithms: TokenAlgorithms::default(),
            leeway: LEEWAY,
            document_domains: Vec::new(),
            options: Options::default(),
        }
    }

    /// Where client tokens are fetched: the whole URL, host and path. Required; Maya names it at the onboarding.
    pub fn token_url(mut self, url: impl Into<String>) -> Self {
        self.token_url = Some(url.into());
        self
    }

    /// Asks for these scopes, separated by blanks, with the client token. Default: none is named, and the client gets
    /// what was granted at the onboarding.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Calls another base URL, with or without a trailing slash: production's, or that of this crate's sandbox. Default:
    /// [`SANDBOX_BASE_URL`].
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The two keys of the onboarding, each as the JSON text of a JWK: the "JWE private JWK" and the "JWS secret JWK".
    /// Required. They are parsed and checked once, by [`build`](Self::build).
    pub fn keys(mut self, jwe_private_jwk: impl Into<Secret>, jws_secret_jwk: impl Into<Secret>) -> Self {
        self.keys = Some((jwe_private_jwk.into(), jws_secret_jwk.into()));
        self
    }

    /// Accepts fewer tokens. Default: [`TokenAlgorithms::All`].
    pub fn token_algorithms(mut self, algorithms: TokenAlgorithms) -> Self {
        self.algorithms = algorithms;
        self
    }

    /// How far Maya's clock may be from ours when a token names times. Default: 60 s.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Opens links to documents at hosts of this domain as well. Default: `amazonaws.com`, where Maya's links lead.
    pub fn document_domain(mut self, domain: impl Into<String>) -> Self {
        self.document_domains.push(domain.into());
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
    /// [`Configuration`](ErrorKind::Configuration) for a missing token URL, for a URL that is not https (loopback
    /// aside), for an empty secret or an impossible client id, and for a key that is missing, of another type, too
    /// short, incomplete or inconsistent: the text names the member, never its value.
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        let plain = self.options.allow_plain_http;
        let base = transport::base_url(&self.base_url, plain)?;
        let token_url = self.token_url.ok_or_else(|| {
            Error::configuration("the token URL is missing").with_hint(
                "Maya names it at the onboarding; it has no default, since it is sent the client secret",
            )
        })?;
        // Checked as a base is, then taken as it stands: its path has no slash at its end.
        transport::base_url(&token_url, plain)
            .map_err(|_| Error::configuration("the token URL is no https URL of a host and a path"))?;
        let token_url =
            Url::parse(&token_url).map_err(|_| Error::configuration("the token URL is no URL"))?;
        let (jwe_private_jwk, jws_secret_jwk) = self.keys.ok_or_else(|| {
            Error::configuration("the keys are missing")
                .with_hint("give the two JWKs that Maya handed over at the onboarding")
        })?;
        let clock = self.options.clock.clone();
        let reader =
            TokenReader::new(&jwe_private_jwk, &jws_secret_jwk, self.algorithms, self.leeway, clock.clone())?;
        let api = ApiClient::new(PROVIDER, &self.options, None)?
            .with_classifier(classify)
            .with_attempt_timeout(ATTEMPT);
        let client_token = ClientCredentials {
            api: api.to_other_host(),
            url: token_url,
            basic: Arc::new(basic(&self.client_id, &self.client_secret)?),
            scope: self.scope,
        };
        let bearer = Bearer::new(client_token.clone(), clock);
        let mut guard = Guard::new(&["amazonaws.com"]);
        self.document_domains.iter().for_each(|domain| guard.allow_domain(domain));
        if transport::is_loopback(&base) {
            guard.allow_origin(&base);
        }
        Ok(Inner {
            document_api: api.to_foreign_hosts(),
            api: api
                .with_base(base)
                .with_request_id_header(REQUEST_REFERENCE)
                .with_credentials(Arc::new(bearer.clone())),
            guard,
            client_token,
            bearer,
            reader: Arc::new(reader),
        })
    }
}

crate::privacy::redacted_debug!(Builder { options, .. });
