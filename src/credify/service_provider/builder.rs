//! Setting a service provider up.

use std::{sync::Arc, time::Duration};

use super::{
    customers::{Customers, DynCustomers},
    endpoints::{
        begin::Begin, complete::Complete, user_existence::UserExistence,
        user_existence_by_hash::UserExistenceByHash,
    },
    key_pool::KeyPool,
    pending_authorization::PendingAuthorizations,
    server::{Inner, OnFailure, ServiceProvider},
    start_limiter::StartLimiter,
};
use crate::{
    credify::{
        Client, PROVIDER,
        authority::{Authority, IntrospectionLimits, SharedAuthority},
        authorization::AuthorizationRequest,
        keys::DecryptionKey,
        permission::oidc,
        server::token_guard::TokenGuard,
    },
    error::Error,
    storage::{AnyOneTimeStore, OneTimeStore},
};

/// Callers that wait for a key at once, beyond which further ones are refused.
const MAX_WAITING: usize = 256;

/// What a service provider is set to.
struct Settings {
    client_id: String,
    redirect_uri: String,
    scopes: Vec<String>,
    prefix: String,
    response_type: String,
    response_mode: String,
    state_ttl: Duration,
    request_timeout: Duration,
    max_body_bytes: usize,
    key_ttl: Duration,
    max_starts: u32,
    key_on_record: Option<DecryptionKey>,
    market_id: Option<String>,
}

impl ServiceProvider {
    /// Starts by the client, the service provider's own id, where a person comes back to, and the scopes that are asked
    /// for, `openid` among them.
    pub fn builder<S: Into<String>>(
        client: Client,
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Builder {
        let scopes = scopes.into_iter().map(Into::into).collect();
        Builder::new(client, client_id.into(), redirect_uri.into(), scopes)
    }
}

/// Builds a [`ServiceProvider`].
#[must_use = "a service provider comes out of `build`"]
pub struct Builder {
    settings: Settings,
    client: Client,
    authority: Option<SharedAuthority>,
    introspection_limits: IntrospectionLimits,
    store: Option<AnyOneTimeStore>,
    customers: Option<Arc<dyn DynCustomers>>,
    on_failure: Option<OnFailure>,
}

impl Builder {
    fn new(client: Client, client_id: String, redirect_uri: String, scopes: Vec<String>) -> Self {
        Self {
            settings: Settings {
                client_id,
                redirect_uri,
                scopes,
                prefix: String::new(),
                response_type: "token".to_owned(),
                response_mode: "fragment".to_owned(),
                state_ttl: Duration::from_secs(600),
                request_timeout: Duration::from_secs(30),
                max_body_bytes: 64 << 10,
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

    /// Sets where states are kept until the person comes back. Required.
    pub fn store(mut self, store: impl OneTimeStore + 'static) -> Self {
        self.store = Some(AnyOneTimeStore::new(store));
        self
    }

    /// Sets the database of customers. Without it the endpoint of user existence is not there.
    pub fn customers(mut self, customers: impl Customers + 'static) -> Self {
        self.customers = Some(Arc::new(customers));
        self
    }

    /// Sets what answers for tokens and entities, in place of the client: tests hand in their own.
    pub fn authority(mut self, authority: impl Authority + 'static) -> Self {
        self.authority = Some(SharedAuthority::new(authority));
        self
    }

    /// Sets what all paths begin with. Default: nothing.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.prefix = prefix.into();
        self
    }

    /// Sets what comes back with the person, and how. Default: `token` in the `fragment`, as the completion takes it.
    pub fn response(mut self, kind: impl Into<String>, mode: impl Into<String>) -> Self {
        self.settings.response_type = kind.into();
        self.settings.response_mode = mode.into();
        self
    }

    /// Sets how long a person may take. Default: ten minutes.
    pub fn state_ttl(mut self, ttl: Duration) -> Self {
        self.settings.state_ttl = ttl;
        self
    }

    /// Sets how long a request may take before it is answered with 503. Default: 30 s.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.settings.request_timeout = timeout;
        self
    }

    /// Sets the largest size of a body. Default: 64 KiB.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_body_bytes = bytes;
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

    /// Sets how long a key serves that was made for an authorization: others that begin meanwhile have their claims encrypted
    /// for it as well. Making one takes up to seconds of a processor's time, so this bounds what a caller can cause by
    /// calls. Zero makes one for each. Default: 60 s.
    pub fn key_ttl(mut self, ttl: Duration) -> Self {
        self.settings.key_ttl = ttl;
        self
    }

    /// Sets how many authorizations may begin within a minute, by all callers together; further ones are answered with 429
    /// and `Retry-After`. Zero is taken as one. Default: 600.
    pub fn max_starts(mut self, per_minute: u32) -> Self {
        self.settings.max_starts = per_minute;
        self
    }

    /// Sets the market that shares the standard scopes (`phone`, `profile` …), which do not name one: its signature is
    /// then checked where claims come signed.
    pub fn standard_scopes_of(mut self, market_id: impl Into<String>) -> Self {
        self.settings.market_id = Some(market_id.into());
        self
    }

    /// Sets a hook for what failed: the caller sees nothing of it. Nothing personal is in the error.
    pub fn on_failure(mut self, hook: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.on_failure = Some(Arc::new(hook));
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

    fn checked(self) -> Result<ServiceProvider, Error> {
        let (settings, client) = (self.settings, self.client);
        if settings.client_id.is_empty() || settings.redirect_uri.is_empty() {
            return Err(Error::configuration("the service provider has no id, or nowhere to come back to"));
        }
        if !settings.scopes.iter().any(|scope| scope == oidc::OPENID) {
            return Err(Error::configuration("openid is required."));
        }
        client.signing_key()?;
        let store = self.store.ok_or_else(|| {
            Error::configuration("the service provider has no store for states")
                .with_hint("give `store`; `MemoryOneTime` serves a single process")
        })?;
        let clock = client.clock().clone();
        let authority = self.authority.unwrap_or_else(|| SharedAuthority::new(client.clone()));
        let guard = Arc::new(TokenGuard::new(authority.clone(), clock.clone(), self.introspection_limits));
        let pending =
            Arc::new(PendingAuthorizations { store, clock: clock.clone(), ttl: settings.state_ttl });
        let request = AuthorizationRequest::new(settings.client_id, settings.redirect_uri, settings.scopes)
            .response_type(settings.response_type)
            .response_mode(settings.response_mode);
        let keys = match settings.key_on_record {
            Some(_) => None,
            None => Some(KeyPool::new(clock.clone(), settings.key_ttl, MAX_WAITING)),
        };
        Ok(ServiceProvider(Arc::new(Inner {
            prefix: settings.prefix.trim_end_matches('/').to_owned(),
            begin: Begin {
                client: client.clone(),
                request,
                keys,
                starts: StartLimiter::new(settings.max_starts),
                pending: pending.clone(),
                clock,
            },
            complete: Complete {
                client,
                authority,
                pending,
                key_on_record: settings.key_on_record,
                market_id: settings.market_id,
            },
            user_existence: UserExistence { guard: guard.clone(), customers: self.customers.clone() },
            user_existence_by_hash: UserExistenceByHash { guard, customers: self.customers },
            on_failure: self.on_failure,
            request_timeout: settings.request_timeout,
            max_body_bytes: settings.max_body_bytes,
        })))
    }
}

crate::privacy::redacted_debug!(Builder { prefix: |this| this.settings.prefix, .. });
