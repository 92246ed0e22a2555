//! The event: the state of a request, and the decision that follows from it.

use crate::wire::open_enum;

open_enum! {
    /// The state of a request. It changes from answer to answer.
    ///
    /// Source: `shuftipro.com/help-center/response-events`.
    pub enum Event {
        /// The person has not finished; the answer to an onsite request:
        RequestPending = "request.pending",
        /// Taken, the result comes by callback:
        RequestReceived = "request.received",
        /// Refused for a fault in the request; nothing was created:
        RequestInvalid = "request.invalid",
        /// Refused for the credentials; nothing was created:
        RequestUnauthorized = "request.unauthorized",
        /// The person did not finish in time:
        RequestTimeout = "request.timeout",
        /// Deleted on request:
        RequestDeleted = "request.deleted",
        /// Data was changed in the back office; read the status:
        RequestDataChanged = "request.data.changed",
        /// Verified:
        VerificationAccepted = "verification.accepted",
        /// Not verified; an answer like any other, with HTTP status 200:
        VerificationDeclined = "verification.declined",
        /// The person gave up:
        VerificationCancelled = "verification.cancelled",
        /// The result changed later; read the status:
        VerificationStatusChanged = "verification.status.changed",
        /// A person of the client decides:
        ReviewPending = "review.pending",
    }
}

impl Event {
    /// Whether the provider is done with the request. `verification.accepted` and `verification.declined` may still
    /// change later, which `verification.status.changed` announces. False for an unlisted event.
    pub const fn is_terminal(&self) -> bool {
        match self {
            Self::RequestInvalid
            | Self::RequestUnauthorized
            | Self::RequestTimeout
            | Self::RequestDeleted
            | Self::VerificationAccepted
            | Self::VerificationDeclined
            | Self::VerificationCancelled => true,
            Self::RequestPending
            | Self::RequestReceived
            | Self::RequestDataChanged
            | Self::VerificationStatusChanged
            | Self::ReviewPending
            | Self::Other(_) => false,
        }
    }

    /// Whether the event says only that something changed: it carries no result, and the status call has the truth.
    pub const fn needs_status_call(&self) -> bool {
        matches!(self, Self::VerificationStatusChanged | Self::RequestDataChanged)
    }
}

/// What the provider decided, read from the event alone.
///
/// Nothing but the event decides: an accepted request may hold checks that were not processed, and an accepted risk
/// assessment may list a declined service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decision {
    /// `verification.accepted`
    Accepted,
    /// `verification.declined`
    Declined,
    /// `request.pending`, `request.received`, `review.pending`
    Pending,
    /// `verification.cancelled`
    Cancelled,
    /// `request.invalid`
    Invalid,
    /// `request.unauthorized`
    Unauthorized,
    /// `request.deleted`
    Deleted,
    /// `request.timeout`
    TimedOut,
    /// An event that decides nothing: the two that ask for a status call, and every unlisted one.
    Other,
}

impl Decision {
    /// Kept inside of the crate: a decision is asked of a verified answer.
    pub(super) const fn of(event: &Event) -> Self {
        match event {
            Event::VerificationAccepted => Self::Accepted,
            Event::VerificationDeclined => Self::Declined,
            Event::RequestPending | Event::RequestReceived | Event::ReviewPending => Self::Pending,
            Event::VerificationCancelled => Self::Cancelled,
            Event::RequestInvalid => Self::Invalid,
            Event::RequestUnauthorized => Self::Unauthorized,
            Event::RequestDeleted => Self::Deleted,
            Event::RequestTimeout => Self::TimedOut,
            Event::RequestDataChanged | Event::VerificationStatusChanged | Event::Other(_) => Self::Other,
        }
    }
}
