//! Where the documents of orders are fetched from.

use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::{
    credify::{Client, PROVIDER, boxed::boxed_twin},
    error::Error,
    transport::{
        ApiClient, Payload,
        fetch::{Fetch, Guard},
    },
};

/// How long an attempt to fetch a document may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
/// The largest document unless another limit is set.
const MAX_DOCUMENT_BYTES: usize = 10 << 20;

/// Fetches documents of orders.
pub trait Documents: Send + Sync {
    /// Fetches the bytes of a document.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for a URL that may not be opened, which is answered as bad
    /// input; otherwise why the document could not be fetched.
    fn fetch(&self, url: &Url) -> impl Future<Output = Result<Bytes, Error>> + Send;
}

boxed_twin! {
    pub(super) trait DynDocuments: Documents {
        fn fetch<'a>(&self, url: &'a Url) -> Result<Bytes, Error>;
    }
}

/// Fetches documents over https, from hosts that are listed: at public addresses only, without credentials and without
/// redirects.
pub struct FetchedDocuments {
    hosts: ApiClient,
    guard: Guard,
    max_bytes: usize,
}

impl FetchedDocuments {
    /// No host is listed yet. Timeouts are those of the client.
    pub fn new(client: &Client) -> Self {
        Self { hosts: client.foreign_hosts(), guard: Guard::default(), max_bytes: MAX_DOCUMENT_BYTES }
    }

    /// Lists a domain with the hosts below it.
    #[must_use]
    pub fn domain(mut self, domain: &str) -> Self {
        self.guard.allow_domain(domain);
        self
    }

    /// Lists an origin whatever its scheme, port and address: for a store within the market's own network.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for what is no URL.
    pub fn origin(mut self, url: &str) -> Result<Self, Error> {
        let url = Url::parse(url).map_err(|_| {
            Error::configuration("the origin of documents is not a URL").during(PROVIDER, "documents")
        })?;
        self.guard.allow_origin(&url);
        Ok(self)
    }

    /// Sets the largest size of a document. Default: 10 MiB.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }
}

impl Documents for FetchedDocuments {
    async fn fetch(&self, url: &Url) -> Result<Bytes, Error> {
        let mut limits = self.hosts.limits(ATTEMPT_TIMEOUT);
        limits.bytes = self.max_bytes;
        let fetch = Fetch {
            operation: "document",
            method: http::Method::GET,
            url: url.clone(),
            payload: Payload::Empty,
            limits,
            progress: None,
            inspect: &|_| Ok(()),
        };
        let mut bytes = Vec::new();
        self.hosts.fetch(&self.guard, fetch, &mut bytes).await?;
        Ok(bytes.into())
    }
}

crate::privacy::redacted_debug!(FetchedDocuments { max_bytes, .. });
