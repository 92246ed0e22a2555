//! A cache in front of a resolver.

use std::{sync::Arc, time::Duration};

use super::{document::DidDocument, identifier::Did, resolve::ResolveDid};
use crate::{
    auth::refresh::{Fresh, Lifetime, RefreshMap, RefreshPolicy},
    clock::Clock,
    error::Error,
};

/// Caches documents in front of a resolver. Callers who want the same one at the same time wait for one look-up. That
/// there is no document is kept too, for a shorter time; failures are not kept.
///
/// A look-up is driven by whoever waits for it; when all of them leave, it is dropped. There is no background task.
pub struct Cached<R>(Arc<Inner<R>>);

struct Inner<R> {
    resolver: Arc<R>,
    settings: Settings,
    documents: RefreshMap<Option<Arc<DidDocument>>>,
}

#[derive(Clone)]
struct Settings {
    clock: Clock,
    document_ttl: Duration,
    absence_ttl: Duration,
    max_documents: usize,
}

impl<R: ResolveDid + 'static> Cached<R> {
    /// Creates a cache in front of this resolver.
    pub fn new(resolver: R) -> Self {
        let settings = Settings {
            clock: Clock::default(),
            document_ttl: Duration::from_secs(300),
            absence_ttl: Duration::from_secs(30),
            max_documents: 10_000,
        };
        Self::with(Arc::new(resolver), settings)
    }

    fn with(resolver: Arc<R>, settings: Settings) -> Self {
        // Each caller asks for what is right now, so nothing is renewed early, and no look-up waits to be taken up again.
        let policy = RefreshPolicy {
            max_ahead: Duration::ZERO,
            abandoned_after: Some(Duration::ZERO),
            ..RefreshPolicy::default()
        };
        let documents = RefreshMap::new(settings.max_documents, policy, settings.clock.clone());
        Self(Arc::new(Inner { resolver, settings, documents }))
    }

    fn set(&self, set: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.0.settings.clone();
        set(&mut settings);
        Self::with(Arc::clone(&self.0.resolver), settings)
    }

    /// Sets how long a document is kept: a controller who was replaced can log in for so long. Default: 5 minutes.
    #[must_use]
    pub fn document_ttl(self, ttl: Duration) -> Self {
        self.set(|settings| settings.document_ttl = ttl)
    }

    /// Sets how long the absence of a document is kept. Default: 30 seconds.
    #[must_use]
    pub fn absence_ttl(self, ttl: Duration) -> Self {
        self.set(|settings| settings.absence_ttl = ttl)
    }

    /// Sets how many results are kept; the oldest ones are dropped first. Default: 10 000.
    #[must_use]
    pub fn max_documents(self, documents: usize) -> Self {
        self.set(|settings| settings.max_documents = documents.max(1))
    }

    /// Sets the clock.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        self.set(|settings| settings.clock = clock)
    }
}

impl<R: ResolveDid + 'static> ResolveDid for Cached<R> {
    async fn resolve(&self, did: &Did) -> Result<Option<Arc<DidDocument>>, Error> {
        let Inner { resolver, settings, documents } = &*self.0;
        let (document_ttl, absence_ttl) = (settings.document_ttl, settings.absence_ttl);
        let look_up = || {
            let (resolver, did) = (Arc::clone(resolver), did.clone());
            move || {
                let (resolver, did) = (Arc::clone(&resolver), did.clone());
                Box::pin(async move {
                    let value = resolver.resolve(&did).await?;
                    let ttl = if value.is_some() { document_ttl } else { absence_ttl };
                    Ok(Fresh { value, lifetime: Lifetime::For(ttl) })
                }) as _
            }
        };
        Ok(documents.get(did.as_str(), look_up).await?.value)
    }
}

impl<R> Clone for Cached<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

crate::privacy::redacted_debug!(<R> Cached<R> { max_documents: |it| it.0.settings.max_documents, .. });
