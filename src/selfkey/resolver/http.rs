//! Documents from a resolver over HTTP.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;
use url::Url;

use super::{Cached, DidDocument, Known, ResolveDid, known};
use crate::{
    error::{Error, ErrorKind},
    selfkey::{Did, PROVIDER},
    transport::{
        self, AddressPolicy, Options, Payload, decode,
        form::Form,
        retry::Idempotency,
        send::{Call, Channel},
    },
};

/// The largest document that is read.
const LARGEST: usize = 64 * 1024;
/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Asks a resolver over HTTP: `GET {base}/{did}`, as the Universal Resolver has it, with a cache in front ([`Cached`]).
///
/// The answer is a document, or an object with one as `didDocument`; 404 and 410 mean that there is none. `did:eth` is
/// never asked for: nobody knows better than the DID itself. A document of another DID than the one asked for is an
/// error, never an answer. Who runs the resolver decides who can log in.
///
/// ```no_run
/// # fn example() -> kyckit::Result<()> {
/// use kyckit::{selfkey::resolver::HttpResolver, transport::Options};
///
/// let resolver = HttpResolver::new("https://resolver.example/1.0/identifiers", Options::new())?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct HttpResolver(Cached<Remote>);

struct Remote {
    base: Url,
    channel: Channel,
}

impl HttpResolver {
    /// A resolver below this URL.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for a URL that is not https, except on loopback.
    pub fn new(base_url: &str, options: Options) -> Result<Self, Error> {
        let base = transport::base_url(base_url, options.allow_plain_http)?;
        let channel = Channel::new(PROVIDER, &options, None)?;
        Ok(Self(Cached::new(Remote { base, channel }).clock(options.clock)))
    }

    /// How long a document is believed. Default: as [`Cached::max_age`].
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.0 = self.0.max_age(age);
        self
    }

    /// How long it is believed that there is no document. Default: as [`Cached::max_age_of_none`].
    #[must_use]
    pub fn max_age_of_none(mut self, age: Duration) -> Self {
        self.0 = self.0.max_age_of_none(age);
        self
    }

    /// How many documents are kept. Default: as [`Cached::capacity`].
    #[must_use]
    pub fn capacity(mut self, documents: usize) -> Self {
        self.0 = self.0.capacity(documents);
        self
    }
}

impl ResolveDid for HttpResolver {
    fn resolve<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<Option<Arc<DidDocument>>, Error>> {
        Box::pin(async move {
            match known(did)? {
                Known::Eth => Ok(Some(Arc::new(DidDocument::of_address(did, did.id())))),
                Known::SelfKey(_) => self.0.resolve(did).await,
            }
        })
    }
}

impl ResolveDid for Remote {
    fn resolve<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<Option<Arc<DidDocument>>, Error>> {
        Box::pin(async move {
            let mut headers = HeaderMap::new();
            let accepted = HeaderValue::from_static("application/did+ld+json, application/json");
            headers.insert(header::ACCEPT, accepted);
            let mut limits = self.channel.limits(ATTEMPT);
            limits.bytes = limits.bytes.min(LARGEST);
            let answer = self
                .channel
                .send(Call {
                    operation: "resolve_did",
                    method: Method::GET,
                    url: transport::join(&self.base, &[transport::one_segment("did", did.as_str())?])?,
                    headers,
                    payload: Payload::Empty,
                    idempotency: Idempotency::Idempotent,
                    limits,
                    authorize: None,
                    classify: &|answer| match answer.status {
                        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
                        _ => answer.status_error().map_or(Ok(()), Err),
                    },
                    request_id: None,
                    addresses: AddressPolicy::Any,
                    one_object: true,
                })
                .await?;
            if !answer.status.is_success() {
                // A gateway's page says nothing of the DID.
                answer.has_form(Form::Any)?;
                return Ok(None);
            }
            read(&answer.body, did).map_err(|error| answer.fail(error))
        })
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

impl fmt::Debug for HttpResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpResolver")
    }
}
