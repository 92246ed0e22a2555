//! Erasure of a person's data at a provider.

use std::time::SystemTime;

use crate::provider::Erasure;

/// Result of an erasure at a provider.
///
/// The five [outcomes](Erasure) differ: hiding data is not the deletion that a regulator asks for.
#[doc(alias = "GDPR")]
#[doc(alias = "right to erasure")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Erased {
    /// The outcome.
    pub outcome: Erasure,
    /// The latest time of deletion, for [`Erasure::Scheduled`] where the provider states it.
    pub by: Option<SystemTime>,
    /// The alternative, for [`Erasure::Impossible`].
    pub instead: Option<&'static str>,
}

impl Erased {
    /// The data are gone.
    #[cfg_attr(not(feature = "shuftipro"), allow(dead_code))]
    pub(super) const fn deleted() -> Self {
        Self { outcome: Erasure::Deleted, by: None, instead: None }
    }

    /// The provider offers no call for it.
    pub(super) const fn impossible(instead: &'static str) -> Self {
        Self { outcome: Erasure::Impossible, by: None, instead: Some(instead) }
    }

    /// Whether nothing more has to be done for the person to be forgotten there: deleted, or scheduled to be.
    pub const fn is_enough(&self) -> bool {
        matches!(self.outcome, Erasure::Deleted | Erasure::Scheduled)
    }
}
