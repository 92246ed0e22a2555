//! Lists that come in pages.

use std::collections::VecDeque;

use futures_util::stream::{self, BoxStream};

use super::{Client, Filters};
use crate::error::Error;

/// How many a page has.
const PAGE: u64 = 100;

/// Walks through a list: as long as a page comes full, there may be another one.
pub(super) fn pages<T, F, O>(
    client: &Client,
    filters: &Filters,
    fields: &[&str],
    fetch: F,
) -> BoxStream<'static, Result<T, Error>>
where
    T: Send + 'static,
    F: Fn(Client, Filters, Vec<String>) -> O + Send + 'static,
    O: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
{
    struct Walk<T, F> {
        client: Client,
        filters: Filters,
        fields: Vec<String>,
        fetch: F,
        page: u64,
        skip: u64,
        waiting: VecDeque<T>,
        done: bool,
    }

    let number = |name: &str| {
        let found = filters.0.iter().rev().find(|(found, _)| found == name);
        found.and_then(|(_, value)| value.parse::<u64>().ok())
    };
    let rest = filters.0.iter().filter(|(name, _)| !matches!(name.as_str(), "limit" | "skip"));
    let walk = Walk {
        client: client.clone(),
        filters: Filters(rest.cloned().collect()),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        fetch,
        page: number("limit").unwrap_or(PAGE).max(1),
        skip: number("skip").unwrap_or(0),
        waiting: VecDeque::new(),
        done: false,
    };
    Box::pin(stream::unfold(walk, |mut walk| async move {
        if walk.waiting.is_empty() && !walk.done {
            let filters = walk.filters.clone().parameter("limit", walk.page.to_string()).skip(walk.skip);
            match (walk.fetch)(walk.client.clone(), filters, walk.fields.clone()).await {
                Ok(page) => {
                    let found = page.len() as u64;
                    walk.done = found < walk.page;
                    walk.skip = walk.skip.saturating_add(found);
                    walk.waiting = page.into();
                }
                Err(error) => {
                    walk.done = true;
                    return Some((Err(error), walk));
                }
            }
        }
        let next = walk.waiting.pop_front()?;
        Some((Ok(next), walk))
    }))
}
