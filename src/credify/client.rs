//! The client: one method per remote call, a file an area.

mod bnpl;
pub(super) mod builder;
mod campaigns;
pub(super) mod claims;
mod entity;
pub(super) mod envelope;
mod introspection;
mod offers;
mod oidc;
mod orders;
mod simulation;

use std::{fmt, sync::Arc};

use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_LANGUAGE, AUTHORIZATION},
};
use url::Url;

use super::{
    PROVIDER,
    environment::Locale,
    keys::SigningKey,
    token::claim::{ClaimSigner, ScopeHashMode},
};
use crate::{
    auth::Bearer,
    clock::Clock,
    error::Error,
    privacy::Secret,
    transport::{self, ApiClient, Authorize, RawRequest, RawResponse},
};

/// A client of one organisation. Cheap to clone; clones share connections, the access token and the keys.
///
/// # Defaults
///
/// 8 s an attempt and 24 s a call; three attempts for what may be repeated; answers up to 4 MiB; no rate limit, since
/// none is documented; the access token is kept until a minute before its end. Redirects are not followed.
///
/// # What is repeated
///
/// Reading, introspection and the push of claim tokens, always with the same tokens. Orders, their completion,
/// reversal and disbursement, the status of a transaction, the exchange of a code and new entities are sent once,
/// unless the request provably never left.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    api: ApiClient,
    oidc: ApiClient,
    oidc_base: Url,
    ecosystem_id: Option<String>,
    bearer: Bearer,
    signing_key: Option<SigningKey>,
    scope_hash_mode: ScopeHashMode,
}

impl Client {
    /// The same client with another language for the provider's texts.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for a language that fits no header.
    pub fn in_language(&self, locale: &Locale) -> Result<Self, Error> {
        let language = language(locale).map_err(named("in_language"))?;
        let mut inner = (*self.0).clone();
        inner.api = inner.api.with_header(ACCEPT_LANGUAGE, language.clone());
        inner.oidc = inner.oidc.with_header(ACCEPT_LANGUAGE, language);
        Ok(Self(Arc::new(inner)))
    }

    /// The access token of the API key, exchanged where that is due: for calls that are made elsewhere. Every call of
    /// this client puts it on by itself.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client) -> kyckit::Result<()> {
    /// let token = client.access_token().await?;
    /// let header = format!("Bearer {}", token.expose());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn access_token(&self) -> Result<Secret, Error> {
        let mut headers = HeaderMap::new();
        self.0.bearer.authorize(&mut headers).await.map_err(named("access_token"))?;
        let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        token.map(Secret::from).ok_or_else(|| Error::configuration("there is no access token"))
    }

    /// Makes a call of the API that this client has no method for: access token, limits, retries and errors are those
    /// of every call.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client) -> kyckit::Result<()> {
    /// use kyckit::transport::RawRequest;
    ///
    /// let answer = client.raw(RawRequest::get(["v1", "something-new"]).query("limit", "10")).await?;
    /// let body: serde_json::Value = answer.json()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn raw(&self, request: RawRequest) -> Result<RawResponse, Error> {
        self.0.api.raw(request).send().await.map(RawResponse::of)
    }

    pub(super) fn clock(&self) -> &Clock {
        self.0.api.clock()
    }

    pub(super) fn oidc_base(&self) -> &Url {
        &self.0.oidc_base
    }

    pub(super) fn ecosystem_id(&self) -> Option<&str> {
        self.0.ecosystem_id.as_deref()
    }

    /// The organisation's key, which everything that is signed needs.
    pub(super) fn signing_key(&self) -> Result<&SigningKey, Error> {
        self.0.signing_key.as_ref().ok_or_else(|| {
            Error::configuration("the client has no signing key")
                .with_hint("give the organisation's private key to the builder")
        })
    }

    /// Signs claim tokens as this client does.
    pub(super) fn claim_signer(&self, provider_id: &str) -> Result<ClaimSigner, Error> {
        Ok(ClaimSigner::new(self.signing_key()?.clone(), provider_id).with_mode(self.0.scope_hash_mode))
    }

    /// Calls addresses that are not the provider's.
    pub(super) fn foreign_hosts(&self) -> ApiClient {
        self.0.api.to_foreign_hosts()
    }
}

/// Names an error that came up before anything was sent.
fn named(operation: &'static str) -> impl Fn(Error) -> Error {
    move |error| error.during(PROVIDER, operation)
}

/// Refuses an id that would not arrive as what it is in a path or a query, and so ask for something else. `what` is the
/// provider's own text for an empty one.
fn filled(
    operation: &'static str,
    field: &'static str,
    value: &str,
    what: &'static str,
) -> Result<(), Error> {
    if value.is_empty() {
        return Err(Error::invalid(field, what).during(PROVIDER, operation));
    }
    transport::one_segment(field, value).map(drop).map_err(named(operation))
}

/// Refuses a word that the provider does not list before anything is sent.
fn known(
    operation: &'static str,
    is_known: bool,
    field: &'static str,
    what: &'static str,
) -> Result<(), Error> {
    if is_known { Ok(()) } else { Err(Error::invalid(field, what)).map_err(named(operation)) }
}

fn language(locale: &Locale) -> Result<HeaderValue, Error> {
    transport::header_value(locale.as_str().as_bytes(), "the language holds what no header holds")
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.api.base().and_then(Url::host_str);
        f.debug_struct("Client").field("host", &host).finish_non_exhaustive()
    }
}
