//! The settings of a client.

use std::{sync::Arc, time::Duration};

use http::HeaderName;

use super::{
    base::base,
    client::{Client, Inner},
};
use crate::{
    auth::Header,
    error::{Error, ErrorKind},
    privacy::Secret,
    selfkey::{PROVIDER, failure::Classifier},
    transport::{ApiClient, Options},
};

/// The header of the API key. HTTP ignores the case; the documentation writes `apiKey`.
const API_KEY: HeaderName = HeaderName::from_static("apikey");
/// How long an attempt may take; the provider documents nothing.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// How much longer an upload may take, for each byte: 128 KiB a second.
const UPLOAD_RATE: u64 = 128 * 1024;
/// The maximum size of a file that is read, as the provider's schemas have it.
const MAX_FILE_BYTES: usize = 50_000_000;

/// Builds a [`Client`].
#[must_use = "a client comes out of `build`"]
pub struct Builder {
    instance: String,
    api_key: Secret,
    options: Options,
}

impl Client {
    /// Starts a client of an instance, such as `https://<instance>.instance.kyc-chain.com`, by its API key.
    ///
    /// ```
    /// use kyckit::selfkey::kyc_chain::Client;
    ///
    /// let client = Client::builder("https://kyc.example", "api-key").build()?;
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    pub fn builder(instance_url: impl Into<String>, api_key: impl Into<Secret>) -> Builder {
        Builder { instance: instance_url.into(), api_key: api_key.into(), options: Options::default() }
    }
}

impl Builder {
    /// Sets time limits, retries, sizes, connections. See [`Client`] for the defaults.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for an instance URL that is not https (loopback aside), for an empty
    /// API key or one that does not fit a header, and for certificates or proxies that cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        if self.api_key.is_blank() {
            return Err(Error::new(ErrorKind::Configuration, "the API key is empty"));
        }
        let base = base(&self.instance, "integrations/v2", self.options.allow_plain_http)?;
        let api_key = Arc::new(Header::new(API_KEY, self.api_key)?);
        let api = ApiClient::new(PROVIDER, &self.options, None)?
            .with_base(base)
            .with_classifier(Classifier)
            .with_credentials(Arc::clone(&api_key) as _)
            .with_attempt_timeout(ATTEMPT_TIMEOUT)
            .with_min_upload_rate(UPLOAD_RATE);
        Ok(Inner { api, api_key, max_file_bytes: self.options.max_response_bytes.unwrap_or(MAX_FILE_BYTES) })
    }
}

crate::privacy::redacted_debug!(Builder { options, .. });
