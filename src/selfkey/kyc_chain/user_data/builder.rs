//! The settings of a reader.

use std::{sync::Arc, time::Duration};

use super::{
    super::base::base,
    error_code::ErrorCode,
    reader::{Inner, Reader},
};
use crate::{
    error::Error,
    selfkey::{PROVIDER, failure::Classifier},
    transport::{ApiClient, Options},
};

/// How long an attempt may take; the provider documents nothing.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum size of a file that is read, as the provider's schemas have it.
const MAX_FILE_BYTES: usize = 50_000_000;

/// Builds a [`Reader`].
#[must_use = "a reader comes out of `build`"]
pub struct Builder {
    instance: String,
    options: Options,
}

impl Reader {
    /// Starts a reader of an instance, such as `https://<instance>.instance.kyc-chain.com`.
    pub fn builder(instance_url: impl Into<String>) -> Builder {
        Builder { instance: instance_url.into(), options: Options::default() }
    }
}

impl Builder {
    /// Sets time limits, retries, sizes, connections.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Builds the reader. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::NoInstance`] for an empty URL; [`Configuration`](crate::ErrorKind::Configuration) for one that is
    /// not https (loopback aside), and for certificates or proxies that cannot be read.
    pub fn build(self) -> Result<Reader, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Reader(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        if self.instance.trim().is_empty() {
            return Err(ErrorCode::NoInstance.error());
        }
        let base = base(&self.instance, "api/v2", self.options.allow_plain_http)?;
        let api = ApiClient::new(PROVIDER, &self.options, None)?
            .with_base(base)
            .with_classifier(Classifier)
            .with_attempt_timeout(ATTEMPT_TIMEOUT);
        Ok(Inner { api, max_file_bytes: self.options.max_response_bytes.unwrap_or(MAX_FILE_BYTES) })
    }
}

crate::privacy::redacted_debug!(Builder { options, .. });
