//! Replies: what the application passes back to a flow.

use std::fmt;

use crate::{
    privacy::Secret,
    provider::ProviderId,
    verified::{Event, Verified},
};

/// Reply to a pending flow. `Debug` shows its kind only.
#[doc(alias = "polling")]
#[doc(alias = "webhook")]
#[derive(Clone)]
#[non_exhaustive]
pub enum Reply {
    /// The passcode that the person typed.
    Passcode(Secret),
    /// The signature of the nonce.
    Signature(Secret),
    /// The query of the return URL, without the `?`.
    Returned(Secret),
    /// No input: the provider is asked for the current status.
    Poll,
    /// A callback arrived: see [`Reply::callback`].
    Callback(CallbackRef),
}

impl Reply {
    /// The passcode that the person typed.
    pub fn passcode(passcode: impl Into<Secret>) -> Self {
        Self::Passcode(passcode.into())
    }

    /// The signature of the nonce.
    pub fn signature(signature: impl Into<Secret>) -> Self {
        Self::Signature(signature.into())
    }

    /// Creates a reply from the query of the return URL.
    pub fn returned(query: impl Into<Secret>) -> Self {
        Self::Returned(query.into())
    }

    /// Creates a reply from a verified callback of this provider.
    ///
    /// It names its subject and wakes the flow. The decision is then read from the provider, since a callback may be a
    /// replay or late.
    pub fn callback<E: Event>(provider: ProviderId, event: &Verified<E>) -> Self {
        Self::Callback(CallbackRef { provider, subject: event.subject().into_owned() })
    }

    /// Returns the stable name of the kind, for evidence and errors.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Passcode(_) => "passcode",
            Self::Signature(_) => "signature",
            Self::Returned(_) => "returned",
            Self::Poll => "poll",
            Self::Callback(_) => "callback",
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// Provider and subject of a verified callback.
#[derive(Clone)]
pub struct CallbackRef {
    pub(super) provider: ProviderId,
    pub(super) subject: String,
}

crate::privacy::redacted_debug!(CallbackRef { provider, .. });
