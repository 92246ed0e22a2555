//! Which applications or users are listed.

use std::fmt;

use url::Url;

use crate::selfkey::{model::Status, query::add_query};

/// Which applications or users are listed: parameters in the order in which they were added.
///
/// ```
/// use kyckit::selfkey::{kyc_chain::Filters, model::Status};
///
/// let filters = Filters::new()
///     .template("5cbd904b4125d251f98b78ba")
///     .statuses([Status::Approved, Status::AdditionalRequested])
///     .sort("-updatedAt");
/// # let _ = filters;
/// ```
#[derive(Clone, Default)]
pub struct Filters(pub(super) Vec<(String, String)>);

impl Filters {
    /// Creates filters that let everything through.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps those for one template.
    #[must_use]
    pub fn template(self, id: &str) -> Self {
        self.parameter("template_id", id)
    }

    /// Keeps those of a person with this e-mail address.
    #[must_use]
    pub fn email(self, email: &str) -> Self {
        self.parameter("email", email)
    }

    /// Keeps those of a person with this DID.
    #[must_use]
    pub fn did(self, did: &str) -> Self {
        self.parameter("did", did)
    }

    /// Keeps those with one of these statuses.
    #[must_use]
    pub fn statuses(self, statuses: impl IntoIterator<Item = Status>) -> Self {
        self.list("current_statuses", statuses.into_iter().map(|status| status.code().to_string()))
    }

    /// Limits their number: the size of a page (pagination).
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        self.parameter("limit", limit.to_string())
    }

    /// Skips the first ones (pagination).
    #[must_use]
    pub fn skip(self, skip: u64) -> Self {
        self.parameter("skip", skip.to_string())
    }

    /// Sorts by a field; `-` in front reverses the order.
    #[must_use]
    pub fn sort(self, field: &str) -> Self {
        self.parameter("sort", field)
    }

    /// Adds any other parameter.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// Adds a parameter that is a list: `name[0]`, `name[1]`, …
    #[must_use]
    pub fn list(mut self, name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let values = values.into_iter().enumerate();
        self.0.extend(values.map(|(at, value)| (format!("{name}[{at}]"), value.into())));
        self
    }

    pub(super) fn put_on(&self, url: &mut Url) {
        self.0.iter().for_each(|(name, value)| add_query(url, name, value));
    }
}

impl fmt::Debug for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values may be a person's.
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
