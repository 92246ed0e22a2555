//! Erasing a person at a provider: one question, and an answer that says what really happened.

use std::time::SystemTime;

use crate::provider::Erasure;

/// What became of a person's data at a provider.
///
/// The five [words](Erasure) are different things: a regulator who asks for deletion is not served by one that hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Erased {
    /// What happened.
    pub outcome: Erasure,
    /// When the data will be gone at the latest, for [`Erasure::Scheduled`] where the provider tells.
    pub by: Option<SystemTime>,
    /// What can be done instead, for [`Erasure::Impossible`].
    pub instead: Option<&'static str>,
}

impl Erased {
    /// The data are gone.
    #[cfg_attr(not(feature = "shuftipro"), allow(dead_code))]
    pub(super) const fn deleted() -> Self {
        Self { outcome: Erasure::Deleted, by: None, instead: None }
    }

    /// There is no call for it.
    pub(super) const fn impossible(instead: &'static str) -> Self {
        Self { outcome: Erasure::Impossible, by: None, instead: Some(instead) }
    }

    /// Whether nothing more has to be done for the person to be forgotten there: deleted, or scheduled to be.
    pub const fn is_enough(&self) -> bool {
        matches!(self.outcome, Erasure::Deleted | Erasure::Scheduled)
    }
}
