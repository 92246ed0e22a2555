//! Pagination: lists that come in pages, as a stream that asks for the next page when it is read.
//!
//! A list ends where the provider says so, else with an empty page. How many items came says nothing: a server may give
//! fewer than it was asked for. A server that gives the same items again and again is an error and no endless stream.

use std::{
    collections::{HashSet, VecDeque, hash_map::RandomState},
    hash::BuildHasher,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};

use crate::{
    error::{Error, ErrorKind},
    provider::ProviderId,
};

/// How many pages in a row may bring nothing new. One can: a list that grew at its front moves what was seen to the next
/// page.
const MAX_STALE_PAGES: u32 = 1;
/// Longer lists are taken for endless ones.
const MAX_PAGES: u64 = 100_000;

/// A list that comes in pages, one item after the other: a `Stream`. It asks for a page when its items are read, and ends
/// after an error.
#[doc(alias = "pagination")]
pub struct PageStream<T>(BoxStream<'static, Result<T, Error>>);

impl<T> PageStream<T> {
    /// Reads the next item; none at the end of the list.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        self.0.next().await
    }
}

impl<T> Stream for PageStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<T> std::fmt::Debug for PageStream<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageStream").finish_non_exhaustive()
    }
}

/// Where the next page begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    /// Counted from 1.
    pub(crate) page: u64,
    /// How many items came before it.
    pub(crate) seen: u64,
}

/// What a page has.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// How many items the whole list has, where the provider says.
    pub(crate) total: Option<u64>,
}

struct Walk<T, F> {
    fetch: F,
    next: Option<Position>,
    waiting: VecDeque<T>,
    /// Digests of the names of what came.
    known: HashSet<u64>,
    digest: RandomState,
    stale: u32,
}

/// Walks through a list. Each item has a name, by which it is known when it comes again; it is handed out once. The stream
/// ends after an error.
pub(crate) fn pages<T, F, O>(
    (provider, operation): (ProviderId, &'static str),
    name: fn(&T) -> Option<&str>,
    fetch: F,
) -> PageStream<T>
where
    T: Send + 'static,
    F: Fn(Position) -> O + Send + 'static,
    O: Future<Output = Result<Page<T>, Error>> + Send + 'static,
{
    let walk = Walk {
        fetch,
        next: Some(Position { page: 1, seen: 0 }),
        waiting: VecDeque::new(),
        known: HashSet::new(),
        digest: RandomState::new(),
        stale: 0,
    };
    PageStream(Box::pin(stream::unfold(walk, move |mut walk| async move {
        loop {
            if let Some(item) = walk.waiting.pop_front() {
                return Some((Ok(item), walk));
            }
            let position = walk.next.take()?;
            let taken = match (walk.fetch)(position).await {
                Ok(page) => walk.take(position, page, name),
                Err(error) => Err(error),
            };
            if let Err(error) = taken {
                return Some((Err(error.during(provider, operation)), walk));
            }
        }
    })))
}

impl<T, F> Walk<T, F> {
    fn take(&mut self, at: Position, page: Page<T>, name: fn(&T) -> Option<&str>) -> Result<(), Error> {
        let found = page.items.len() as u64;
        if found == 0 {
            return Ok(());
        }
        let before = self.waiting.len();
        for item in page.items {
            // What has no name cannot be known again.
            let is_new = name(&item).is_none_or(|name| self.known.insert(self.digest.hash_one(name)));
            if is_new {
                self.waiting.push_back(item);
            }
        }
        self.stale = if self.waiting.len() > before { 0 } else { self.stale + 1 };
        if self.stale > MAX_STALE_PAGES || at.page >= MAX_PAGES {
            return Err(Error::new(ErrorKind::Provider, "the pages of the list bring the same items again")
                .with_check("list.repeated")
                .with_hint("the list was not read to its end; read it page by page, or narrow the filters"));
        }
        let seen = at.seen.saturating_add(found);
        if page.total.is_none_or(|total| seen < total) {
            self.next = Some(Position { page: at.page + 1, seen });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    const HERE: (ProviderId, &str) = (ProviderId::new("test"), "list");

    /// A list of so many items at a server that gives so many a page, whatever it was asked for.
    async fn read(count: u64, cap: u64, total: Option<u64>) -> (Vec<String>, u64) {
        let asked = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
        let counter = std::sync::Arc::clone(&asked);
        let list = pages(
            HERE,
            |item: &String| Some(item),
            move |at| {
                counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let items = (at.seen..count.min(at.seen + cap)).map(|number| number.to_string()).collect();
                std::future::ready(Ok(Page { items, total }))
            },
        );
        let items = list.map(|item| item.expect("an item")).collect().await;
        (items, asked.load(std::sync::atomic::Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_list_ends_where_the_provider_says_or_with_an_empty_page() {
        for (count, cap, total, asked) in [
            (120, 50, None, 4),
            (120, 50, Some(120), 3),
            (100, 50, None, 3),
            (100, 50, Some(100), 2),
            (0, 50, None, 1),
            (0, 50, Some(0), 1),
            (1, 1, None, 2),
            (7, 100, None, 2),
            // It has promised more than it has.
            (70, 50, Some(120), 3),
        ] {
            let (items, requests) = read(count, cap, total).await;
            assert_eq!(items, (0..count).map(|number| number.to_string()).collect::<Vec<_>>());
            assert_eq!(requests, asked, "{count} {cap} {total:?}");
        }
    }

    #[tokio::test]
    async fn the_same_page_again_and_again_is_an_error() {
        for total in [None, Some(1_000)] {
            let list = pages(
                HERE,
                |item: &String| Some(item),
                move |_| {
                    let items = (0..50).map(|number| number.to_string()).collect();
                    std::future::ready(Ok(Page { items, total }))
                },
            );
            let read: Vec<_> = list.collect().await;
            assert_eq!(read.len(), 51, "each once, and the error");
            assert!(read[..50].iter().all(Result::is_ok));
            let error = read[50].as_ref().expect_err("it brings nothing new");
            assert_eq!((error.kind(), error.check()), (ErrorKind::Provider, Some("list.repeated")));
            assert_eq!((error.provider(), error.operation()), (Some(HERE.0), Some("list")));
        }
    }

    #[tokio::test]
    async fn what_moves_to_the_next_page_meanwhile_is_handed_out_once() {
        // After the first page, an item was put in front.
        let list = pages(
            HERE,
            |item: &String| Some(item),
            |at| {
                let items: &[&str] = match at.seen {
                    0 => &["a", "b"],
                    2 => &["b"],
                    _ => &[],
                };
                let items = items.iter().map(|item| (*item).to_owned()).collect();
                std::future::ready(Ok(Page { items, total: None }))
            },
        );
        let read: Vec<_> = list.map(|item| item.expect("an item")).collect().await;
        assert_eq!(read, ["a", "b"]);
    }
}
