//! Erasing a person at a provider: one question, and an answer that says what really happened.

use std::{fmt, time::SystemTime};

/// What became of a person's data at a provider.
///
/// The five are different things: a regulator who asks for deletion is not served by one that hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Erasure {
    /// The data are gone.
    Deleted,
    /// What names the person was removed; a remainder stays.
    Redacted,
    /// They will be gone.
    Scheduled {
        /// When, at the latest, where the provider tells.
        by: Option<SystemTime>,
    },
    /// They are not shown any more, and still there.
    HiddenOnly,
    /// The provider has no call for it.
    Impossible {
        /// What can be done instead.
        instead: &'static str,
    },
}

impl Erasure {
    /// A stable word: `deleted`, `redacted`, `scheduled`, `hidden_only`, `impossible`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Redacted => "redacted",
            Self::Scheduled { .. } => "scheduled",
            Self::HiddenOnly => "hidden_only",
            Self::Impossible { .. } => "impossible",
        }
    }

    /// Whether nothing more has to be done for the person to be forgotten there: deleted, or scheduled to be.
    pub const fn is_enough(self) -> bool {
        matches!(self, Self::Deleted | Self::Scheduled { .. })
    }
}

impl fmt::Display for Erasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
