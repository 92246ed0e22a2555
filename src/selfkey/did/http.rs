//! Documents from a resolver over HTTP.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use serde_json::Value;

use super::{
    cached::Cached,
    document::DidDocument,
    identifier::Did,
    method::{Method, method_of},
    resolve::ResolveDid,
};
use crate::{
    error::{Error, ErrorKind},
    selfkey::PROVIDER,
    transport::{self, ApiClient, BufferedResponse, Options, decode, form::Form},
};

/// The maximum size of a document.
const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
/// How long one attempt may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Asks a resolver over HTTP: `GET {base}/{did}`, as the Universal Resolver has it, with a cache in front ([`Cached`]).
///
/// The response is a document, or an object with one as `didDocument`; 404 and 410 mean that there is none. `did:eth`
/// is never asked for: the DID itself says all that there is. A document of another DID than the one asked for is an
/// error, never a result. Who runs the resolver decides who can log in.
///
/// ```no_run
/// # fn example() -> kyckit::Result<()> {
/// use kyckit::{selfkey::did::HttpResolver, transport::Options};
///
/// let resolver = HttpResolver::new(
///     "https://resolver.example/1.0/identifiers",
///     Options::new(),
/// )?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct HttpResolver(Cached<Remote>);

struct Remote {
    api: ApiClient,
}

impl HttpResolver {
    /// Creates a resolver below this URL.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for a URL that is not https, except on loopback.
    pub fn new(base_url: &str, options: Options) -> Result<Self, Error> {
        let base = transport::base_url(base_url, options.allow_plain_http)?;
        let api = ApiClient::new(PROVIDER, &options, None)?
            .with_base(base)
            .with_classifier(classify)
            .with_attempt_timeout(ATTEMPT_TIMEOUT);
        Ok(Self(Cached::new(Remote { api }).clock(options.clock)))
    }

    /// Sets how long a document is kept. Default: as [`Cached::document_ttl`].
    #[must_use]
    pub fn document_ttl(mut self, age: Duration) -> Self {
        self.0 = self.0.document_ttl(age);
        self
    }

    /// Sets how long the absence of a document is kept. Default: as [`Cached::absence_ttl`].
    #[must_use]
    pub fn absence_ttl(mut self, age: Duration) -> Self {
        self.0 = self.0.absence_ttl(age);
        self
    }

    /// Sets how many results are kept. Default: as [`Cached::max_documents`].
    #[must_use]
    pub fn max_documents(mut self, documents: usize) -> Self {
        self.0 = self.0.max_documents(documents);
        self
    }
}

impl ResolveDid for HttpResolver {
    async fn resolve(&self, did: &Did) -> Result<Option<Arc<DidDocument>>, Error> {
        match method_of(did)? {
            Method::Eth => Ok(Some(Arc::new(DidDocument::of_address(did, did.id())))),
            Method::SelfKey(_) => self.0.resolve(did).await,
        }
    }
}

impl ResolveDid for Remote {
    async fn resolve(&self, did: &Did) -> Result<Option<Arc<DidDocument>>, Error> {
        let response = self
            .api
            .get("resolve_did", [])
            .segment("did", did.as_str())
            .accept("application/did+ld+json, application/json")
            .max_response_bytes(MAX_DOCUMENT_BYTES)
            .send()
            .await?;
        if !response.status.is_success() {
            // A gateway's page says nothing of the DID.
            response.has_form(Form::Any)?;
            return Ok(None);
        }
        read(&response.body, did).map_err(|error| response.fail(error))
    }
}

/// 404 and 410 say that there is no document; everything else that is no success is a failure.
fn classify(response: &BufferedResponse) -> Result<(), Error> {
    match response.status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
        _ => response.status_error().map_or(Ok(()), Err),
    }
}

fn read(body: &[u8], did: &Did) -> Result<Option<Arc<DidDocument>>, Error> {
    let whole: Value = decode::json(body)?;
    let document = whole.get("didDocument").unwrap_or(&whole);
    if document.is_null() {
        return Ok(None);
    }
    let document = DidDocument::from_value(document)?;
    if document.id() != did.as_str() {
        return Err(Error::new(
            ErrorKind::Provider,
            "the resolver answered with the document of another DID",
        )
        .with_check("did.document"));
    }
    Ok(Some(Arc::new(document)))
}

crate::privacy::redacted_debug!(HttpResolver);
