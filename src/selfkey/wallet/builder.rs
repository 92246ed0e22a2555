//! The settings of a client.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::header::{ORIGIN, USER_AGENT};

use super::{
    client::{ATTEMPT_TIMEOUT, Client, Inner},
    config::RelyingPartyConfig,
    core::Core,
    endpoints::Endpoints,
    session::Session,
    signer::{DynWalletSigner, WalletSigner},
    subject::Subject,
};
use crate::{
    auth::{Bearer, refresh::RefreshPolicy},
    error::Error,
    selfkey::{Dialect, PROVIDER, failure::Classifier, model::attribute::MAX_FILE_BYTES},
    transport::{self, ApiClient, Options},
};

/// How much longer an upload may take, for each byte: 128 KiB a second.
const UPLOAD_RATE: u64 = 128 * 1024;
/// How long before its end a wallet token counts as over.
const SKEW: Duration = Duration::from_secs(30);
/// The version of the provider's wallet that speaks this protocol.
const VERSION: &str = "2.1.3";

/// Builds a [`Client`].
#[must_use = "a client comes out of `build`"]
pub struct Builder {
    config: RelyingPartyConfig,
    subject: Subject,
    signer: Arc<dyn DynWalletSigner>,
    dialect: Dialect,
    user_agent: Option<String>,
    skew: Duration,
    max_file_bytes: u64,
    options: Options,
}

impl Client {
    /// Starts a client for a relying party, by whom it logs in as and who signs for that.
    ///
    /// ```
    /// use kyckit::selfkey::{Client, RelyingPartyConfig, WalletKey};
    ///
    /// let key = WalletKey::from_hex(
    ///     "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4",
    /// )?;
    /// let config = RelyingPartyConfig::new("https://rp.example/api/v2");
    /// let client = Client::builder(config, key.did(), key.clone()).build()?;
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    pub fn builder(
        config: RelyingPartyConfig,
        subject: impl Into<Subject>,
        signer: impl WalletSigner + 'static,
    ) -> Builder {
        Builder {
            config,
            subject: subject.into(),
            signer: Arc::new(signer),
            dialect: Dialect::default(),
            user_agent: None,
            skew: SKEW,
            max_file_bytes: MAX_FILE_BYTES,
            options: Options::default(),
        }
    }
}

impl Builder {
    /// Sets the dialect. Default: [`Dialect::Current`].
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Sets the whole `User-Agent`. Default: `SelfKeyIDW/2.1.3`, in the documented dialect
    /// `SelfkeyIDW/2.1.3`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Sets how long before its end a wallet token counts as expired. Default: 30 s.
    pub fn expiry_skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// Sets the maximum size of a file that is sent, in bytes. Default: 50 000 000, as the provider's schemas have it.
    pub fn max_file_bytes(mut self, bytes: u64) -> Self {
        self.max_file_bytes = bytes;
        self
    }

    /// Sets time limits, retries, sizes, connections. See [`Client`] for the defaults.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for a root endpoint without a host, with a query, or that is
    /// not https (loopback aside); for a user agent or an origin that does not fit a header; for certificates or
    /// proxies that cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        let endpoints = Endpoints::new(self.config, self.dialect, self.options.allow_plain_http)?;
        let product = match self.dialect {
            Dialect::Current => "SelfKeyIDW",
            Dialect::Documented => "SelfkeyIDW",
        };
        let user_agent = self.user_agent.unwrap_or_else(|| format!("{product}/{VERSION}"));
        let header = |text: &str| {
            transport::header_value(text.as_bytes(), "the user agent or the origin does not fit a header")
        };
        let api = ApiClient::new(PROVIDER, &self.options, None)?
            .with_base(endpoints.base()?)
            .with_header(USER_AGENT, header(&user_agent)?)
            .with_header(ORIGIN, header(endpoints.origin())?)
            .with_classifier(Classifier)
            .with_attempt_timeout(ATTEMPT_TIMEOUT)
            .with_min_upload_rate(UPLOAD_RATE)
            .with_renewal_for_idempotent_calls();
        let core = Arc::new(Core {
            endpoints,
            api: api.clone(),
            subject: self.subject,
            signer: self.signer,
            skew: self.skew,
            kyc_user: Mutex::default(),
        });
        // A log-in that its caller left may hang at a dead connection: the next call begins one of its own.
        let policy = RefreshPolicy { abandoned_after: Some(Duration::ZERO), ..RefreshPolicy::default() };
        let bearer = Arc::new(Bearer::with_policy(Session::new(&core), policy, api.clock().clone()));
        let api = api.with_credentials(Arc::clone(&bearer) as _);
        Ok(Inner { core, api, bearer, max_file_bytes: self.max_file_bytes })
    }
}

crate::privacy::redacted_debug!(Builder { dialect, options, .. });
