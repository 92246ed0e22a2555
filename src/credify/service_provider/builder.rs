//! Setting a service provider up.

use std::{fmt, sync::Arc, time::Duration};

use super::{Customers, Inner, OnFailure, ServiceProvider, key_pool::KeyPool, starts::Starts};
use crate::{
    credify::{
        Client, PROVIDER,
        authority::{Authority, IntrospectionLimits},
        keys::DecryptionKey,
        permission::oidc,
        token_guard::TokenGuard,
    },
    error::Error,
    storage::{AnyOneTimeStore, OneTimeStore},
};

/// Callers that wait for a key at once, beyond which further ones are refused.
const MAX_WAITING: usize = 256;

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
    pub(super) key_ttl: Duration,
    pub(super) max_starts: u32,
    pub(super) key_on_record: Option<DecryptionKey>,
    pub(super) market_id: Option<String>,
}

/// Builds a [`ServiceProvider`].
#[must_use = "a service provider comes out of `build`"]
pub struct Builder {
    settings: Settings,
    client: Client,
    authority: Option<Arc<dyn Authority>>,
    introspection_limits: IntrospectionLimits,
    store: Option<AnyOneTimeStore>,
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
                key_ttl: Duration::from_secs(60),
                max_starts: 600,
                key_on_record: None,
                market_id: None,
            },
            client,
            authority: None,
            introspection_limits: IntrospectionLimits::new(),
            store: None,
            customers: None,
            on_failure: None,
        }
    }

    /// Where states are kept until the person comes back. Required.
    pub fn store(mut self, store: impl OneTimeStore + 'static) -> Self {
        self.store = Some(AnyOneTimeStore::new(store));
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

    /// Limits the calls that are made to have presented tokens introspected. Default: see [`IntrospectionLimits`].
    pub fn introspection_limits(mut self, limits: IntrospectionLimits) -> Self {
        self.introspection_limits = limits;
        self
    }

    /// Has the claims encrypted for the key that the provider has on record, of which this is the private half. Default:
    /// keys that are made for the occasion, see [`key_ttl`](Self::key_ttl).
    pub fn key_on_record(mut self, key: DecryptionKey) -> Self {
        self.settings.key_on_record = Some(key);
        self
    }

    /// How long a key serves that was made for an authorization: others that begin meanwhile have their claims encrypted
    /// for it as well. Making one takes up to seconds of a processor's time, so this bounds what anybody can cause by
    /// calls. Zero makes one for each. Default: 60 s.
    pub fn key_ttl(mut self, ttl: Duration) -> Self {
        self.settings.key_ttl = ttl;
        self
    }

    /// How many authorizations may begin within a minute, by all callers together; further ones are answered with 429
    /// and `Retry-After`. Zero is taken as one. Default: 600.
    pub fn max_starts(mut self, per_minute: u32) -> Self {
        self.settings.max_starts = per_minute;
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
        let clock = self.client.clock().clone();
        let authority = self.authority.unwrap_or_else(|| Arc::new(self.client.clone()));
        Ok(ServiceProvider(Arc::new(Inner {
            guard: TokenGuard::new(Arc::clone(&authority), clock.clone(), self.introspection_limits),
            keys: KeyPool::new(clock.clone(), self.settings.key_ttl, MAX_WAITING),
            starts: Starts::new(self.settings.max_starts),
            settings: self.settings,
            clock,
            authority,
            client: self.client,
            store,
            customers: self.customers,
            on_failure: self.on_failure,
        })))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("prefix", &self.settings.prefix).finish_non_exhaustive()
    }
}
