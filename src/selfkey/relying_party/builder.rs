//! The settings of a relying party.

use std::sync::Arc;

use super::{
    address::TrustedProxies,
    quota::Quotas,
    schemas::Schemas,
    server::RelyingParty,
    service::Service,
    signature::SignatureVerifier,
    store::{Applications, Files, Templates, Users},
    token::TokenIssuer,
};
use crate::{
    selfkey::{
        Dialect,
        did::{ResolveDid, Resolver},
        model::attribute::{MAX_FILE_BYTES, Requirement},
    },
    storage::{AnyOneTimeStore, MemoryOneTime, OneTimeStore},
};

/// The maximum number of log-ins of one subject while a challenge lives, unless set otherwise.
const MAX_LOGINS_PER_SUBJECT: u32 = 100;
/// The maximum number of log-ins from one address while a challenge lives, unless set otherwise.
const MAX_LOGINS_PER_ADDRESS: u32 = 10_000;
/// The maximum size of a request with files in it, unless set otherwise.
const MAX_REQUEST_BYTES: u64 = 300_000_000;

/// Sets up a [`RelyingParty`].
#[derive(Clone)]
pub struct Builder(Service);

impl RelyingParty {
    /// Starts a relying party that issues its tokens with this key. Its clock is the token issuer's.
    pub fn builder(tokens: TokenIssuer) -> Builder {
        Builder(Service {
            clock: tokens.verifier().time().clone(),
            tokens,
            signatures: SignatureVerifier::new(Resolver::new()),
            nonces: AnyOneTimeStore::new(MemoryOneTime::new()),
            users: None,
            files: None,
            applications: None,
            templates: None,
            schemas: None,
            requirements: Vec::new(),
            dialect: Dialect::Current,
            proxies: TrustedProxies::default(),
            origins: None,
            bind_to_address: true,
            max_file_bytes: MAX_FILE_BYTES,
            max_request_bytes: MAX_REQUEST_BYTES,
            quotas: Arc::new(Quotas::new(MAX_LOGINS_PER_SUBJECT, MAX_LOGINS_PER_ADDRESS)),
            max_logins: (MAX_LOGINS_PER_SUBJECT, MAX_LOGINS_PER_ADDRESS),
        })
    }
}

impl Builder {
    /// Sets the resolver of DIDs. Default: `did:eth` only.
    #[must_use]
    pub fn resolver(mut self, resolver: impl ResolveDid + 'static) -> Self {
        self.0.signatures = self.0.signatures.with_resolver(resolver);
        self
    }

    /// Accepts signatures with a high s, as the provider's library does: whoever sees one can then make a second that
    /// passes. See [`SignatureVerifier::accept_malleable_signatures`].
    #[must_use]
    pub fn accept_malleable_signatures(mut self) -> Self {
        self.0.signatures = self.0.signatures.accept_malleable_signatures();
        self
    }

    /// Sets the store that remembers used challenges. All processes of a service must share it. Default: the memory of
    /// this one.
    #[must_use]
    pub fn nonces(mut self, store: impl OneTimeStore + 'static) -> Self {
        self.0.nonces = AnyOneTimeStore::new(store);
        self
    }

    /// Sets one store that is all four of the application's traits, such as [`Memory`](super::Memory).
    #[must_use]
    pub fn store(self, store: impl Users + Files + Applications + Templates + Clone + 'static) -> Self {
        self.users(store.clone()).files(store.clone()).applications(store.clone()).templates(store)
    }

    /// Sets the application's users.
    #[must_use]
    pub fn users(mut self, users: impl Users + 'static) -> Self {
        self.0.users = Some(Arc::new(users));
        self
    }

    /// Sets the application's files.
    #[must_use]
    pub fn files(mut self, files: impl Files + 'static) -> Self {
        self.0.files = Some(Arc::new(files));
        self
    }

    /// Sets the application's applications.
    #[must_use]
    pub fn applications(mut self, applications: impl Applications + 'static) -> Self {
        self.0.applications = Some(Arc::new(applications));
        self
    }

    /// Sets the application's templates.
    #[must_use]
    pub fn templates(mut self, templates: impl Templates + 'static) -> Self {
        self.0.templates = Some(Arc::new(templates));
        self
    }

    /// Sets the schemas that values are checked by. Without schemas, only their presence is checked.
    #[must_use]
    pub fn schemas(mut self, schemas: Schemas) -> Self {
        self.0.schemas = Some(Arc::new(schemas));
        self
    }

    /// Sets what a sign-up has to hold. Default: nothing.
    #[must_use]
    pub fn sign_up(mut self, requirements: impl IntoIterator<Item = Requirement>) -> Self {
        self.0.requirements = requirements.into_iter().collect();
        self
    }

    /// Sets the protocol that is served. Default: [`Dialect::Current`].
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.0.dialect = dialect;
        self
    }

    /// Sets the proxies that are trusted with the caller's address. Default: none.
    #[must_use]
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.0.proxies = proxies;
        self
    }

    /// Sets the only values of `Origin` that are served, such as `IDW` and the website's URL. Default: any, and none.
    /// The documented dialect has calls without headers, which are served in any case.
    #[must_use]
    pub fn allowed_origins<T: Into<String>>(mut self, origins: impl IntoIterator<Item = T>) -> Self {
        self.0.origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Lets a challenge be answered from another address than it was given to, for wallets that change networks in
    /// between: a challenge and its signature that were intercepted then serve anybody, once. The documented dialect
    /// compares the address in any case.
    #[must_use]
    pub fn allow_changing_address(mut self) -> Self {
        self.0.bind_to_address = false;
        self
    }

    /// Sets the maximum size of a file, in bytes. Default: [`MAX_FILE_BYTES`].
    #[must_use]
    pub fn max_file_bytes(mut self, bytes: u64) -> Self {
        self.0.max_file_bytes = bytes;
        self.0.max_request_bytes = self.0.max_request_bytes.max(bytes.saturating_mul(2));
        self
    }

    /// Sets the maximum size of a sign-up with files in it, in bytes. Default: 300 MB, or twice the size of a file.
    #[must_use]
    pub fn max_request_bytes(mut self, bytes: u64) -> Self {
        self.0.max_request_bytes = bytes;
        self
    }

    /// Sets how often one holder logs in while a challenge lives (30 minutes, unless the token issuer says otherwise);
    /// above it, 429 with `Retry-After` is answered. Every log-in takes a place in the [store](Self::nonces) until
    /// then, so this keeps one key from taking all of them. Counted per process. Default: 100.
    #[must_use]
    pub fn max_logins_per_subject(mut self, logins: u32) -> Self {
        self.0.max_logins.0 = logins;
        self
    }

    /// Sets how often holders log in from one address, or one /64 network of IPv6, while a challenge lives. Behind a
    /// proxy that is not [trusted](Self::trusted_proxies) all holders have one address. Default: 10 000.
    #[must_use]
    pub fn max_logins_per_address(mut self, logins: u32) -> Self {
        self.0.max_logins.1 = logins;
        self
    }

    /// Builds the relying party.
    pub fn build(mut self) -> RelyingParty {
        let (per_subject, per_address) = self.0.max_logins;
        self.0.quotas = Arc::new(Quotas::new(per_subject, per_address));
        RelyingParty(Arc::new(self.0))
    }
}

crate::privacy::redacted_debug!(Builder { dialect: |it| it.0.dialect, .. });
