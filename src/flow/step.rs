//! What a flow asks for, what comes back, and what it comes to.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use super::{Attempt, EvidenceRecord, SealedState};
use crate::{
    error::Error,
    identity::{Decision, Identity, Report},
    inbox::{Event, Verified},
    privacy::{Pii, REDACTED, Secret},
    provider::ProviderId,
};

/// Where a flow stands after a call.
#[derive(Debug)]
#[must_use]
// A caller has to know every outcome, so a new one is to break it.
#[allow(clippy::exhaustive_enums)]
pub enum Step {
    /// Somebody has to do something: see [`Pending::next`].
    Next(Pending),
    /// The call failed, and nothing is lost: the state here takes the place of the one that was spent. A wrong passcode
    /// is such a failure, and so is a provider that does not answer.
    Failed(Error, Pending),
    /// The flow is at its end.
    Done(Box<Done>),
}

impl Step {
    /// What is to be done, unless the flow is at its end.
    pub fn pending(&self) -> Option<&Pending> {
        match self {
            Self::Next(pending) | Self::Failed(_, pending) => Some(pending),
            Self::Done(_) => None,
        }
    }

    /// What the flow came to, if it is at its end.
    pub fn done(&self) -> Option<&Done> {
        match self {
            Self::Done(done) => Some(done),
            _ => None,
        }
    }

    /// What the provider decided so far; `None` when it was not asked yet.
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Next(pending) | Self::Failed(_, pending) => pending.decision.as_ref(),
            Self::Done(done) => Some(done.report.decision()),
        }
    }
}

/// A flow that waits for somebody.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pending {
    /// At whose house it waits.
    pub provider: ProviderId,
    /// Which try it is.
    pub attempt: Attempt,
    /// What is to be done.
    pub next: Next,
    /// The state to go on with, once.
    pub state: SealedState,
    /// From when on the state is refused.
    pub expires_at: SystemTime,
    /// The provider's own name of the request, by which its callbacks speak of it. Keep the state under it where
    /// callbacks are to find it.
    pub record: Option<String>,
    /// What the provider decided so far. Never an accepted one.
    pub decision: Option<Decision>,
}

/// What has to happen next, and by whom.
#[derive(Clone)]
#[non_exhaustive]
pub enum Next {
    /// The person opens this address. Whoever has it can act as the person there.
    OpenUrl {
        /// The address.
        url: Pii<String>,
        /// How the flow goes on when the person is through.
        then: ReturnMode,
    },
    /// The person opens your service inside of the provider's app, which leads back by [`Reply::Returned`].
    OpenApp,
    /// The person types the passcode that the provider has sent: [`Reply::Passcode`].
    TypePasscode {
        /// How many digits it has.
        length: u32,
        /// Where the provider sent it, in its own word, such as `sms`.
        delivery: String,
        /// How many tries are left, where the provider tells.
        attempts_left: Option<u32>,
    },
    /// The person's wallet or device signs this nonce: [`Reply::Signature`].
    SignNonce {
        /// The nonce as the provider wrote it.
        nonce: Pii<String>,
    },
    /// Nobody but the provider has to do anything: [`Reply::Poll`] again after a while, or when its callback came.
    Wait {
        /// How long to leave it alone.
        at_least: Duration,
    },
}

/// How a flow goes on when the person was at the provider's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReturnMode {
    /// The provider sends a callback, and can be asked: [`Reply::Callback`], [`Reply::Poll`].
    Callback,
    /// The person's browser comes back with the answer in the address: [`Reply::Returned`].
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

/// What came back. `Debug` shows its kind alone.
#[derive(Clone)]
#[non_exhaustive]
pub enum Reply {
    /// The passcode that the person typed.
    Passcode(Secret),
    /// The signature of the nonce.
    Signature(Secret),
    /// The query of the address to which the person's browser came back, without the `?`.
    Returned(Secret),
    /// Nothing came back: the provider is asked how it stands.
    Poll,
    /// A callback came: see [`Reply::callback`].
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

    /// The query of the address to which the person's browser came back.
    pub fn returned(query: impl Into<Secret>) -> Self {
        Self::Returned(query.into())
    }

    /// A callback of this provider, which its verifier found authentic.
    ///
    /// It says whom it is about and wakes the flow. What was decided, the provider is asked: a callback may be a replay,
    /// or older than what came before it.
    pub fn callback<E: Event>(provider: ProviderId, event: &Verified<E>) -> Self {
        Self::Callback(CallbackRef { provider, subject: event.subject().into_owned() })
    }

    /// A stable word for the kind, in evidence and errors.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Passcode(_) => "passcode",
            Self::Signature(_) => "signature",
            Self::Returned(_) => "returned",
            Self::Poll => "look",
            Self::Callback(_) => "callback",
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Whom a verified callback is about.
#[derive(Clone)]
pub struct CallbackRef {
    pub(super) provider: ProviderId,
    pub(super) subject: String,
}

crate::privacy::redacted_debug!(CallbackRef { provider, .. });

/// A flow at its end: what the provider answered, in words of no provider and in its own, and the evidence.
///
/// That it is at its end does not say that the person was accepted: ask the report's decision.
#[derive(Debug)]
#[non_exhaustive]
pub struct Done {
    /// Who answered.
    pub provider: ProviderId,
    /// Which try it was.
    pub attempt: Attempt,
    /// The provider's own name of the request or of the person's account, by which data can be
    /// [erased](super::Registry::erase) where that is offered.
    pub record: Option<Pii<String>>,
    /// Who the person is, what was proven, what was decided, and the answer itself.
    pub report: Report<Source>,
    /// For auditors: what happened, without personal data.
    pub evidence: EvidenceRecord,
}

impl Done {
    /// What was decided.
    pub fn decision(&self) -> &Decision {
        self.report.decision()
    }

    /// Who the person is.
    pub fn identity(&self) -> &Identity {
        self.report.identity()
    }
}

/// The answer itself, as its provider's room has it.
#[non_exhaustive]
pub enum Source {
    /// Of Credo360.
    #[cfg(feature = "credo360")]
    Credo360(Box<crate::credo360::Owner>),
    /// Of Credify.
    #[cfg(feature = "credify")]
    Credify(Box<crate::credify::userinfo::UserInfo>),
    /// Of Maya.
    #[cfg(feature = "maya")]
    Maya(Box<Verified<crate::maya::Profile>>),
    /// Of SelfKey: the application as KYC-Chain shows it.
    #[cfg(feature = "selfkey")]
    SelfKey(Box<crate::selfkey::Review>),
    /// Of Shufti Pro.
    #[cfg(feature = "shuftipro")]
    ShuftiPro(Box<Verified<crate::shuftipro::VerificationResponse>>),
}

crate::privacy::redacted_debug!(Source = REDACTED);
