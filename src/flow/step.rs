//! Steps of a flow: pending with the next action, or done with the report.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use super::{evidence::EvidenceRecord, person::Attempt, state::SealedState};
use crate::{
    error::Error,
    identity::{Decision, Identity, Report},
    privacy::{Pii, REDACTED},
    provider::ProviderId,
    verified::Verified,
};

/// Result of a call to a flow.
#[derive(Debug)]
#[must_use]
// A caller has to know every outcome, so a new one is to break it.
#[allow(clippy::exhaustive_enums)]
pub enum Step {
    /// An action is needed: see [`Pending::next`].
    Next(Pending),
    /// The call failed, and the flow goes on: the state here replaces the spent one. A wrong passcode and a provider
    /// that does not respond are such failures.
    Failed(Error, Pending),
    /// The flow is done.
    Done(Box<Done>),
}

impl Step {
    /// Returns the pending flow, unless it is done.
    pub fn pending(&self) -> Option<&Pending> {
        match self {
            Self::Next(pending) | Self::Failed(_, pending) => Some(pending),
            Self::Done(_) => None,
        }
    }

    /// Returns the result, when the flow is done.
    pub fn done(&self) -> Option<&Done> {
        match self {
            Self::Done(done) => Some(done),
            _ => None,
        }
    }

    /// Returns the provider's decision so far; `None` before its first response.
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Next(pending) | Self::Failed(_, pending) => pending.decision.as_ref(),
            Self::Done(done) => Some(done.report.decision()),
        }
    }
}

/// A flow that waits for an action.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pending {
    /// The provider of the flow.
    pub provider: ProviderId,
    /// The attempt's id.
    pub attempt: Attempt,
    /// The next action.
    pub next: Next,
    /// The state to resume with, once.
    pub state: SealedState,
    /// When the state expires.
    pub expires_at: SystemTime,
    /// The provider's id of the request, the subject of its callbacks. Store the state under it where callbacks must
    /// find it.
    pub record: Option<String>,
    /// The provider's decision so far; never an accepted one.
    pub decision: Option<Decision>,
}

/// The next action, and who takes it.
#[derive(Clone)]
#[non_exhaustive]
pub enum Next {
    /// The person opens this URL. A holder of the URL can act as the person there.
    OpenUrl {
        /// The address.
        url: Pii<String>,
        /// How the flow continues afterwards.
        then: ReturnMode,
    },
    /// The person opens your service inside of the provider's app, which leads back by [`Reply::Returned`](super::Reply::Returned).
    OpenApp,
    /// The person types the passcode that the provider has sent: [`Reply::Passcode`](super::Reply::Passcode).
    TypePasscode {
        /// Number of digits.
        length: u32,
        /// The provider's word for the delivery channel, such as `sms`.
        delivery: String,
        /// Attempts left, where the provider reports them.
        attempts_left: Option<u32>,
    },
    /// The person's wallet or device signs this nonce: [`Reply::Signature`](super::Reply::Signature).
    SignNonce {
        /// The nonce as the provider wrote it.
        nonce: Pii<String>,
    },
    /// The provider is working: send [`Reply::Poll`](super::Reply::Poll) after a while, or when its callback arrived.
    Wait {
        /// The minimum wait before the next poll.
        at_least: Duration,
    },
}

/// How a flow continues after the provider's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReturnMode {
    /// The provider sends a callback, and can be polled: [`Reply::Callback`](super::Reply::Callback), [`Reply::Poll`](super::Reply::Poll).
    Callback,
    /// The person's browser returns with the result in the URL: [`Reply::Returned`](super::Reply::Returned).
    Return,
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenUrl { then, .. } => {
                f.debug_struct("OpenUrl").field("then", then).finish_non_exhaustive()
            }
            Self::OpenApp => f.write_str("OpenApp"),
            Self::TypePasscode { length, attempts_left, .. } => f
                .debug_struct("TypePasscode")
                .field("length", length)
                .field("attempts_left", attempts_left)
                .finish_non_exhaustive(),
            Self::SignNonce { .. } => f.debug_struct("SignNonce").finish_non_exhaustive(),
            Self::Wait { at_least } => f.debug_struct("Wait").field("at_least", at_least).finish(),
        }
    }
}

/// A completed flow: the provider-neutral report, the provider's own response, and the evidence.
///
/// Completed does not mean accepted: read the report's decision.
#[derive(Debug)]
#[non_exhaustive]
pub struct Done {
    /// The provider of the flow.
    pub provider: ProviderId,
    /// The attempt's id.
    pub attempt: Attempt,
    /// The provider's id of the request or account, by which data can be [erased](super::Registry::erase) where that is
    /// offered.
    pub record: Option<Pii<String>>,
    /// Identity, assurance, decision, and the provider's response.
    pub report: Report<Source>,
    /// Evidence for auditors, without personal data.
    pub evidence: EvidenceRecord,
}

impl Done {
    /// Returns the decision.
    pub fn decision(&self) -> &Decision {
        self.report.decision()
    }

    /// Returns the identity.
    pub fn identity(&self) -> &Identity {
        self.report.identity()
    }
}

/// The provider's own response, in the type of its module.
#[non_exhaustive]
pub enum Source {
    /// The owner of a Credo ID.
    #[cfg(feature = "credo360")]
    Credo360(Box<crate::credo360::Owner>),
    /// The shared claims.
    #[cfg(feature = "credify")]
    Credify(Box<crate::credify::userinfo::UserInfo>),
    /// The customer's profile.
    #[cfg(feature = "maya")]
    Maya(Box<Verified<crate::maya::Profile>>),
    /// The application, as KYC-Chain shows it.
    #[cfg(feature = "selfkey")]
    SelfKey(Box<crate::selfkey::Review>),
    /// The verification.
    #[cfg(feature = "shuftipro")]
    ShuftiPro(Box<Verified<crate::shuftipro::VerificationResponse>>),
}

crate::privacy::redacted_debug!(Source = REDACTED);
