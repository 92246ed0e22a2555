//! A cache in front of a resolver.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use super::{document::DidDocument, identifier::Did, resolve::ResolveDid};
use crate::{clock::Clock, error::Error};

/// Caches documents in front of a resolver. Callers who want the same one at the same time wait for one look-up. That
/// there is no document is kept too, for a shorter time; failures are not kept.
///
/// A look-up is driven by whoever waits for it; when all of them leave, it is dropped. There is no background task.
pub struct Cached<R>(Arc<Shelf<R>>);

struct Shelf<R> {
    resolver: Arc<R>,
    settings: Settings,
    state: Mutex<State>,
}

#[derive(Clone)]
struct Settings {
    clock: Clock,
    document_ttl: Duration,
    absence_ttl: Duration,
    max_documents: usize,
}

#[derive(Default)]
struct State {
    kept: HashMap<String, Kept>,
    /// Keys in the order in which they were kept, with the edition that distinguishes a fresh entry from a replaced
    /// one.
    order: VecDeque<(u64, String)>,
    edition: u64,
    look_ups: HashMap<String, LookUp>,
}

struct Kept {
    document: Option<Arc<DidDocument>>,
    until: Duration,
    edition: u64,
}

type LookUp = Shared<BoxFuture<'static, Result<Option<Arc<DidDocument>>, Arc<Error>>>>;

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
        Self(Arc::new(Shelf { resolver, settings, state: Mutex::default() }))
    }

    fn set(&self, set: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.0.settings.clone();
        set(&mut settings);
        Self::with(Arc::clone(&self.0.resolver), settings)
    }

    /// Sets how long a document is kept: a controller who was replaced can log in for so long. Default: 5 minutes.
    #[must_use]
    pub fn document_ttl(self, age: Duration) -> Self {
        self.set(|settings| settings.document_ttl = age)
    }

    /// Sets how long the absence of a document is kept. Default: 30 seconds.
    #[must_use]
    pub fn absence_ttl(self, age: Duration) -> Self {
        self.set(|settings| settings.absence_ttl = age)
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

    async fn find(&self, did: &Did) -> Result<Option<Arc<DidDocument>>, Error> {
        let shelf = &*self.0;
        let look_up = {
            let mut state = shelf.state();
            if let Some(kept) = state.kept.get(did.as_str())
                && shelf.settings.clock.elapsed() < kept.until
            {
                return Ok(kept.document.clone());
            }
            let (resolver, asked) = (Arc::clone(&shelf.resolver), did.clone());
            state
                .look_ups
                .entry(did.as_str().to_owned())
                .or_insert_with(|| {
                    async move { resolver.resolve(&asked).await.map_err(Arc::new) }.boxed().shared()
                })
                .clone()
        };
        let waiting = Waiting { shelf, did, look_up };
        let outcome = waiting.look_up.clone().await;
        waiting.settle(&outcome);
        drop(waiting);
        outcome.map_err(Error::duplicate)
    }
}

impl<R> Shelf<R> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn keep(&mut self, did: &str, document: Option<Arc<DidDocument>>, until: Duration, max_documents: usize) {
        self.edition += 1;
        let edition = self.edition;
        self.kept.insert(did.to_owned(), Kept { document, until, edition });
        self.order.push_back((edition, did.to_owned()));
        // A key that was kept anew stands in line twice; its older place is passed over.
        while self.kept.len() > max_documents || self.order.len() > max_documents.saturating_mul(2) {
            let Some((edition, oldest)) = self.order.pop_front() else { break };
            if self.kept.get(&oldest).is_some_and(|kept| kept.edition == edition) {
                self.kept.remove(&oldest);
            }
        }
    }
}

/// One caller who waits for a look-up.
struct Waiting<'a, R> {
    shelf: &'a Shelf<R>,
    did: &'a Did,
    look_up: LookUp,
}

impl<R> Waiting<'_, R> {
    /// The first one to see the outcome keeps it.
    fn settle(&self, outcome: &Result<Option<Arc<DidDocument>>, Arc<Error>>) {
        let settings = &self.shelf.settings;
        let mut state = self.shelf.state();
        if !state.look_ups.get(self.did.as_str()).is_some_and(|other| other.ptr_eq(&self.look_up)) {
            return;
        }
        state.look_ups.remove(self.did.as_str());
        if let Ok(document) = outcome {
            let age = if document.is_some() { settings.document_ttl } else { settings.absence_ttl };
            let until = settings.clock.elapsed().saturating_add(age);
            state.keep(self.did.as_str(), document.clone(), until, settings.max_documents);
        }
    }
}

impl<R> Drop for Waiting<'_, R> {
    fn drop(&mut self) {
        let mut state = self.shelf.state();
        let abandoned = state.look_ups.get(self.did.as_str()).is_some_and(|other| {
            // Its own place in the list, and this one.
            other.ptr_eq(&self.look_up) && other.strong_count().is_some_and(|shares| shares <= 2)
        });
        if abandoned {
            state.look_ups.remove(self.did.as_str());
        }
    }
}

impl<R: ResolveDid + 'static> ResolveDid for Cached<R> {
    async fn resolve(&self, did: &Did) -> Result<Option<Arc<DidDocument>>, Error> {
        self.find(did).await
    }
}

impl<R> Clone for Cached<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

crate::privacy::redacted_debug!(<R> Cached<R> { max_documents: |it| it.0.settings.max_documents, .. });
