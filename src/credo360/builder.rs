//! The builder of the client.

use std::{sync::Arc, time::Duration};

use http::header::AUTHORIZATION;

use super::{
    Client, PROVIDER,
    client::{Inner, credential},
};
#[allow(unused_imports, reason = "named in documentation")]
use crate::error::ErrorKind;
use crate::{
    auth::Header,
    error::Error,
    privacy::Secret,
    transport::{self, ApiClient, Options},
};

/// Where the API is.
const BASE_URL: &str = "https://api.credo360.com/";
/// How long an attempt may take; the provider documents nothing.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Builds a [`Client`].
pub struct Builder {
    client_id: Secret,
    base_url: String,
    options: Options,
}

impl Client {
    /// Starts a client, by the client id that Credo360 hands to its API partners. There is no second secret, so the id
    /// is kept as one.
    ///
    /// ```
    /// use kyckit::credo360::Client;
    ///
    /// let client = Client::builder("client-id").build()?;
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    pub fn builder(client_id: impl Into<Secret>) -> Builder {
        Builder::new(client_id.into())
    }
}

impl Builder {
    fn new(client_id: Secret) -> Self {
        Self { client_id, base_url: BASE_URL.to_owned(), options: Options::default() }
    }

    /// Calls another base URL, such as the sandbox's; with or without a trailing slash.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
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
    /// [`Configuration`](ErrorKind::Configuration) for a base URL that is not https (loopback aside), for a client id
    /// that is empty or holds a blank or a control character, and for certificates or proxies that cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        let base = transport::base_url(&self.base_url, self.options.allow_plain_http)?;
        let client_id = Arc::new(Header::new(AUTHORIZATION, credential(&self.client_id)?)?);
        let api = ApiClient::new(PROVIDER, &self.options, None)?
            .with_base(base)
            // The alphabet of a challenge id is not documented, so nothing is left to how a server reads it.
            .with_unreserved_paths()
            .with_attempt_timeout(ATTEMPT)
            .with_credentials(client_id.clone());
        Ok(Inner { api, client_id })
    }
}

crate::privacy::redacted_debug!(Builder { options, .. });
