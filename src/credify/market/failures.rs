//! Where the market reports what failed.

use std::sync::Arc;

use super::endpoint::Endpoint;
use crate::error::Error;

type Hook = dyn Fn(Option<Endpoint>, &Error) + Send + Sync;

/// The application's hook for what failed.
#[derive(Clone, Default)]
pub(super) struct Failures(Option<Arc<Hook>>);

impl Failures {
    pub(super) fn to(hook: impl Fn(Option<Endpoint>, &Error) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(super) fn report(&self, endpoint: Option<Endpoint>, error: &Error) {
        if let Some(hook) = &self.0 {
            hook(endpoint, error);
        }
    }
}
