//! Lists that come in pages.

use super::{client::Client, filters::Filters};
use crate::{
    error::Error,
    selfkey::{
        PROVIDER,
        model::{Application, KycUser},
    },
    transport::pages::{self, Page, PageStream},
};

/// How many a page has, unless a filter says otherwise.
const PAGE: u64 = 100;

impl Client {
    /// Streams all applications that the filters let through, page by page (pagination). A limit among the filters is
    /// the length of a page (100 unless it says otherwise), and a number to skip is where it starts. The list ends with
    /// an empty page: KYC-Chain says nowhere how long it is.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// use futures_util::TryStreamExt;
    /// use kyckit::selfkey::kyc_chain::Filters;
    ///
    /// let mut all = client.all_applications(
    ///     Filters::new().sort("updatedAt"),
    ///     &["id", "currentStatus"],
    /// );
    /// while let Some(application) = all.try_next().await? {
    ///     println!("{}", application.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call); [`Provider`](crate::ErrorKind::Provider) with the
    /// [check](Error::check) `list.repeated` when the pages bring the same items again. The stream ends after an error.
    pub fn all_applications(&self, filters: Filters, fields: &[&str]) -> PageStream<Application> {
        let fetch = |client: Client, filters: Filters, fields: Vec<String>| async move {
            client.applications(&filters, &as_strs(&fields)).await
        };
        pages(self, ("applications", &filters), fields, |one: &Application| Some(&one.id), fetch)
    }

    /// Streams all users that the filters let through, page by page: as [`all_applications`](Self::all_applications).
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call); the stream ends after an error.
    pub fn all_users(&self, filters: Filters, fields: &[&str]) -> PageStream<KycUser> {
        let fetch = |client: Client, filters: Filters, fields: Vec<String>| async move {
            client.users(&filters, &as_strs(&fields)).await
        };
        pages(self, ("users", &filters), fields, |one: &KycUser| Some(&one.id), fetch)
    }
}

/// Walks through a list, page by page. KYC-Chain does not say how long a list is, and a page may have fewer items than
/// were asked for, so an empty one is the end.
fn pages<T, F, O>(
    client: &Client,
    (operation, filters): (&'static str, &Filters),
    fields: &[&str],
    name: fn(&T) -> Option<&str>,
    fetch: F,
) -> PageStream<T>
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

fn as_strs(fields: &[String]) -> Vec<&str> {
    fields.iter().map(String::as_str).collect()
}
