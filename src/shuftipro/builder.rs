//! The builder of the client.

use std::sync::{Arc, RwLock};

use super::{
    Client, PROVIDER, Region,
    client::{Inner, PROMPT},
    credentials::{Authentication, Credentials},
    failure::classify_raw,
    signature::Rule,
};
#[allow(unused_imports, reason = "named in documentation")]
use crate::error::ErrorKind;
use crate::{
    error::Error,
    privacy::Secret,
    transport::{self, ApiClient, Options, RateLimit, fetch::Guard},
};

/// The lower of the two limits that the provider documents for production accounts (`rate_limiting_and_webhook_ips`).
const RATE: u32 = 60;

/// Builds a [`Client`].
pub struct Builder {
    client_id: String,
    secret_key: Secret,
    older: Vec<Secret>,
    base_url: String,
    risk_base_url: String,
    proof_domains: Vec<String>,
    rule: Rule,
    authentication: Authentication,
    options: Options,
}

impl Client {
    /// Starts a client for an account, by the client id and the secret key of its back office.
    ///
    /// ```
    /// use kyckit::shuftipro::{Client, Region};
    ///
    /// let client = Client::builder("client-id", "secret-key").region(Region::Europe).build()?;
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    pub fn builder(client_id: impl Into<String>, secret_key: impl Into<Secret>) -> Builder {
        Builder::new(client_id.into(), secret_key.into())
    }
}

impl Builder {
    fn new(client_id: String, secret_key: Secret) -> Self {
        Self {
            client_id,
            secret_key,
            older: Vec::new(),
            base_url: Region::default().base_url().to_owned(),
            risk_base_url: "https://ra.shuftipro.com/risk-api/".to_owned(),
            proof_domains: Vec::new(),
            rule: Rule::default(),
            authentication: Authentication::default(),
            options: Options::default(),
        }
    }

    /// Calls a region other than Europe.
    #[must_use]
    pub fn region(self, region: Region) -> Self {
        self.base_url(region.base_url())
    }

    /// Calls another base URL, such as the sandbox's; with or without a trailing slash. Proofs may then come from
    /// there too.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Sends risk assessments elsewhere. Default: `https://ra.shuftipro.com/risk-api/`.
    #[must_use]
    pub fn risk_base_url(mut self, url: impl Into<String>) -> Self {
        self.risk_base_url = url.into();
        self
    }

    /// Opens links to proofs at hosts of this domain as well. Default: `shuftipro.com` and `shuftiapps.com`.
    #[must_use]
    pub fn proof_domain(mut self, domain: impl Into<String>) -> Self {
        self.proof_domains.push(domain.into());
        self
    }

    /// The rule under which this account's messages are signed. Default: [`Rule::Hashed`].
    #[must_use]
    pub fn signature_rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// Accepts signatures made with an older (or the coming) secret key as well, while a rotation lasts.
    #[must_use]
    pub fn also_accept(mut self, secret_key: impl Into<Secret>) -> Self {
        self.older.push(secret_key.into());
        self
    }

    /// What calls are authenticated with. Default: [`Authentication::Basic`].
    #[must_use]
    pub fn authentication(mut self, authentication: Authentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// Time limits, retries, sizes, connections. See [`Client`] for the defaults.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for a base URL that is not https (loopback aside), for an empty
    /// secret key or an impossible client id, and for certificates or proxies that cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        let plain = self.options.allow_plain_http;
        let base = transport::base_url(&self.base_url, plain)?;
        let risk_base = transport::base_url(&self.risk_base_url, plain)?;
        let credentials = Credentials::new(&self.client_id, &self.secret_key, &self.older, self.rule)?;
        let mut guard = Guard::new(&["shuftipro.com", "shuftiapps.com"]);
        self.proof_domains.iter().for_each(|domain| guard.allow_domain(domain));
        if transport::is_loopback(&base) {
            guard.allow_origin(&base);
        }
        let api = ApiClient::new(PROVIDER, &self.options, Some(RateLimit::per_minute(RATE)))?
            .with_classifier(classify_raw)
            .with_attempt_timeout(PROMPT);
        Ok(Inner {
            risk_api: api.to_other_host().with_base(risk_base),
            // A token is fetched within another call: were the breaker one, the call that is let through to see
            // whether the provider is back would keep its own token away.
            token_api: api.to_other_host().with_base(base.clone()),
            proof_api: api.to_foreign_hosts(),
            api: api.with_base(base),
            guard,
            rule: self.rule,
            authentication: self.authentication,
            credentials: RwLock::new(Arc::new(credentials)),
        })
    }
}

crate::privacy::redacted_debug!(Builder { rule, options, .. });
