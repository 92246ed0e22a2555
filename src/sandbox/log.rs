//! Request log of the sandbox.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, request::Parts};

use crate::provider::ProviderId;

/// Entries and recordings that are kept; counts go on.
const ENTRIES: usize = 10_000;
/// Bytes of bodies that are kept in all; the oldest recordings go first.
const BODIES: usize = 256 << 20;

/// A request in the log, without personal data and secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// A number of its own, counted from 1; answers carry it as `X-Request-Id`.
    pub id: u64,
    /// Time of the request's head, by the sandbox's clock.
    pub at: SystemTime,
    /// The provider of the fake.
    pub provider: ProviderId,
    /// The method.
    pub method: Method,
    /// The path as the contract names it, such as `/api/pea/{id}`, or `(unknown)`; the path itself can hold tokens.
    pub route: &'static str,
    /// The status of the response; `None` when none was sent (yet).
    pub status: Option<StatusCode>,
    /// The [fault](super::Fault) that was met, by the name of the method that asked for it.
    pub fault: Option<&'static str>,
    /// True when the fake itself failed: a defect of the sandbox, answered 500.
    pub panicked: bool,
}

/// A recorded request, for tests. `Debug` shows sizes, not contents.
#[derive(Clone)]
#[non_exhaustive]
pub struct Recorded {
    /// The [`Entry::id`].
    pub id: u64,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// All headers, also `Authorization`.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
}

crate::privacy::redacted_debug!(Recorded {
    id,
    method,
    headers: |this| this.headers.len(),
    body_bytes: |this| this.body.len(),
    ..
});

/// Request log of one fake.
#[derive(Default)]
pub(super) struct Log(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    last: u64,
    entries: VecDeque<Entry>,
    recorded: VecDeque<Recorded>,
    body_bytes: usize,
    counts: HashMap<&'static str, u64>,
}

impl Log {
    pub(super) fn open(
        &self,
        provider: ProviderId,
        at: SystemTime,
        method: &Method,
        route: &'static str,
    ) -> u64 {
        self.with(|log| {
            log.last += 1;
            *log.counts.entry(route).or_default() += 1;
            if log.entries.len() == ENTRIES {
                log.entries.pop_front();
            }
            log.entries.push_back(Entry {
                id: log.last,
                at,
                provider,
                method: method.clone(),
                route,
                status: None,
                fault: None,
                panicked: false,
            });
            log.last
        })
    }

    pub(super) fn record(&self, id: u64, head: &Parts, body: &Bytes) {
        self.with(|log| {
            log.body_bytes += body.len();
            log.recorded.push_back(Recorded {
                id,
                method: head.method.clone(),
                uri: head.uri.clone(),
                headers: head.headers.clone(),
                body: body.clone(),
            });
            while log.recorded.len() > ENTRIES || (log.body_bytes > BODIES && log.recorded.len() > 1) {
                let gone = log.recorded.pop_front().map_or(0, |oldest| oldest.body.len());
                log.body_bytes -= gone;
            }
        });
    }

    /// Changes an entry that is still kept.
    pub(super) fn update(&self, id: u64, change: impl FnOnce(&mut Entry)) {
        self.with(|log| {
            let Some(first) = log.entries.front().map(|entry| entry.id) else { return };
            let index = id.checked_sub(first).and_then(|index| usize::try_from(index).ok());
            if let Some(entry) = index.and_then(|index| log.entries.get_mut(index)) {
                change(entry);
            }
        });
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.with(|log| log.entries.iter().cloned().collect())
    }

    pub(super) fn recorded(&self) -> Vec<Recorded> {
        self.with(|log| log.recorded.iter().cloned().collect())
    }

    pub(super) fn count(&self, route: &str) -> u64 {
        self.with(|log| log.counts.get(route).copied().unwrap_or(0))
    }

    /// Forgets everything but the numbering.
    pub(super) fn clear(&self) {
        self.with(|log| *log = Inner { last: log.last, ..Inner::default() });
    }

    fn with<R>(&self, act: impl FnOnce(&mut Inner) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(log: &Log) -> u64 {
        log.open(ProviderId::new("x"), SystemTime::UNIX_EPOCH, &Method::GET, "/")
    }

    #[test]
    fn the_log_is_bounded_and_its_counts_go_on() {
        let log = Log::default();
        let first = open(&log);
        for _ in 0..ENTRIES {
            open(&log);
        }
        log.update(first, |_| panic!("it is gone"));
        let last = ENTRIES as u64 + 1;
        log.update(last, |entry| entry.status = Some(StatusCode::OK));
        assert_eq!(log.entries().len(), ENTRIES);
        assert_eq!(
            log.entries().last().map(|entry| (entry.id, entry.status)),
            Some((last, Some(StatusCode::OK)))
        );
        assert_eq!(log.count("/"), last);
    }

    #[test]
    fn old_bodies_are_dropped_for_new_ones() {
        let log = Log::default();
        let (head, ()) = http::Request::new(()).into_parts();
        let half = Bytes::from(vec![0; BODIES / 2]);
        for id in 1..=3 {
            log.record(id, &head, &half);
        }
        assert_eq!(log.recorded().iter().map(|recorded| recorded.id).collect::<Vec<_>>(), [2, 3]);
    }
}
