//! Setting a service provider up.

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::{Customers, Inner, OnFailure, ServiceProvider};
use crate::{
    callback::OneTimeStore,
    credify::{Client, PROVIDER, authority::Authority, keys::DecryptionKey, permission::oidc},
    error::Error,
};

/// Keys that are made at once.
const MAKERS: usize = 2;

/// What a service provider is set to.
pub(super) struct Settings {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) prefix: String,
    pub(super) response_type: String,
    pub(super) response_mode: String,
    pub(super) state_lifetime: Duration,
    pub(super) deadline: Duration,
    pub(super) body_limit: usize,
    pub(super) key_on_record: Option<DecryptionKey>,
    pub(super) market_id: Option<String>,
}

/// Builds a [`ServiceProvider`].
#[must_use = "a service provider comes out of `build`"]
pub struct Builder {
    settings: Settings,
    client: Client,
    authority: Option<Arc<dyn Authority>>,
    store: Option<Arc<dyn OneTimeStore>>,
    customers: Option<Arc<dyn Customers>>,
    on_failure: Option<OnFailure>,
}

impl Builder {
    pub(super) fn new(client: Client, client_id: String, redirect_uri: String, scopes: Vec<String>) -> Self {
        Self {
            settings: Settings {
                client_id,
                redirect_uri,
                scopes,
                prefix: String::new(),
                response_type: "token".to_owned(),
                response_mode: "fragment".to_owned(),
                state_lifetime: Duration::from_secs(600),
                deadline: Duration::from_secs(30),
                body_limit: 64 << 10,
                key_on_record: None,
                market_id: None,
            },
            client,
            authority: None,
            store: None,
            customers: None,
            on_failure: None,
        }
    }

    /// Where states are kept until the person comes back. Required.
    pub fn store(mut self, store: impl OneTimeStore + 'static) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Says who is a customer already. Without it the endpoint of user existence is not there.
    pub fn customers(mut self, customers: impl Customers + 'static) -> Self {
        self.customers = Some(Arc::new(customers));
        self
    }

    /// Answers what is known of tokens and entities, in place of the client: tests hand in their own.
    pub fn authority(mut self, authority: impl Authority + 'static) -> Self {
        self.authority = Some(Arc::new(authority));
        self
    }

    /// What all paths begin with. Default: nothing.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.prefix = prefix.into();
        self
    }

    /// What comes back with the person, and how. Default: `token` in the `fragment`, as the completion takes it.
    pub fn response(mut self, kind: impl Into<String>, mode: impl Into<String>) -> Self {
        self.settings.response_type = kind.into();
        self.settings.response_mode = mode.into();
        self
    }

    /// How long a person may take. Default: ten minutes.
    pub fn state_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.state_lifetime = lifetime;
        self
    }

    /// How long a call may take before it is answered with 503. Default: 30 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// The longest body. Default: 64 KiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// Has the claims encrypted for the key that the provider has on record, of which this is the private half. Default:
    /// a key of its own for each authorization, which takes up to seconds of a processor's time to make.
    pub fn key_on_record(mut self, key: DecryptionKey) -> Self {
        self.settings.key_on_record = Some(key);
        self
    }

    /// The market that shares the standard scopes (`phone`, `profile` …), whose names do not tell: its signature is then
    /// checked where claims come signed.
    pub fn standard_scopes_of(mut self, market_id: impl Into<String>) -> Self {
        self.settings.market_id = Some(market_id.into());
        self
    }

    /// Hears of what failed: the caller is told nothing of it. Nothing personal is in the error.
    pub fn on_failure(mut self, hear: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.on_failure = Some(Arc::new(hear));
        self
    }

    /// Builds it. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) without an id, an address to come back to, the scope
    /// `openid`, a store or a signing key on the client.
    pub fn build(self) -> Result<ServiceProvider, Error> {
        self.checked().map_err(|error| error.during(PROVIDER, "build_service_provider"))
    }

    fn checked(mut self) -> Result<ServiceProvider, Error> {
        if self.settings.client_id.is_empty() || self.settings.redirect_uri.is_empty() {
            return Err(Error::configuration("the service provider has no id, or nowhere to come back to"));
        }
        if !self.settings.scopes.iter().any(|scope| scope == oidc::OPENID) {
            return Err(Error::configuration("openid is required."));
        }
        self.client.signing_key()?;
        let store = self.store.ok_or_else(|| {
            Error::configuration("the service provider has nowhere to keep states")
                .with_hint("give `store`; `MemoryOneTime` serves a single process")
        })?;
        self.settings.prefix = self.settings.prefix.trim_end_matches('/').to_owned();
        Ok(ServiceProvider(Arc::new(Inner {
            settings: self.settings,
            clock: self.client.clock().clone(),
            authority: self.authority.unwrap_or_else(|| Arc::new(self.client.clone())),
            client: self.client,
            store,
            customers: self.customers,
            on_failure: self.on_failure,
            makers: Semaphore::new(MAKERS),
        })))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("prefix", &self.settings.prefix).finish_non_exhaustive()
    }
}
