//! Lists that come in pages.

use futures_util::stream::BoxStream;

use super::{Client, Filters};
use crate::{
    error::Error,
    selfkey::PROVIDER,
    transport::pages::{self, Page},
};

/// How many a page has, unless a filter says otherwise.
const PAGE: u64 = 100;

/// Walks through a list, page by page. KYC-Chain does not say how long a list is, and a page may have fewer items than were
/// asked for, so an empty one is the end.
pub(super) fn pages<T, F, O>(
    client: &Client,
    (operation, filters): (&'static str, &Filters),
    fields: &[&str],
    name: fn(&T) -> Option<&str>,
    fetch: F,
) -> BoxStream<'static, Result<T, Error>>
where
    T: Send + 'static,
    F: Fn(Client, Filters, Vec<String>) -> O + Send + Sync + 'static,
    O: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
{
    let number = |name: &str| {
        let found = filters.0.iter().rev().find(|(found, _)| found == name);
        found.and_then(|(_, value)| value.parse::<u64>().ok())
    };
    let (limit, first) = (number("limit").unwrap_or(PAGE).max(1), number("skip").unwrap_or(0));
    let rest = filters.0.iter().filter(|(name, _)| !matches!(name.as_str(), "limit" | "skip"));
    let filters = Filters(rest.cloned().collect()).parameter("limit", limit.to_string());
    let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    let client = client.clone();
    pages::pages((PROVIDER, operation), name, move |at| {
        let filters = filters.clone().skip(first.saturating_add(at.seen));
        let found = fetch(client.clone(), filters, fields.clone());
        async move { Ok(Page { items: found.await?, total: None }) }
    })
}
