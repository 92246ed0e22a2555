//! Interface between the state machine and a provider's flow.

use std::{fmt, time::SystemTime};

use futures_util::future::BoxFuture;

use super::{
    erase::Erased,
    person::{Attempt, PersonId},
    reply::Reply,
    step::{Next, Source},
};
use crate::{
    clock::Clock,
    error::Error,
    identity::{Decision, Identity, Report},
    privacy::Pii,
    provider::{Capabilities, ProviderId},
    verified::Proof,
};

/// A provider's flow, step by step. Between steps it keeps its position only, a text in its own format.
pub(super) trait ProviderFlow: fmt::Debug + Send + Sync {
    fn capabilities(&self) -> &'static Capabilities;

    fn provider(&self) -> ProviderId {
        self.capabilities().provider
    }

    /// Starts the flow. After a failure, the error says what may have happened.
    fn start<'a>(&'a self, context: FlowContext<'a>) -> BoxFuture<'a, Result<Transition, Error>>;

    /// Refuses a reply that does not fit the position, before the state is spent.
    fn admit(&self, position: &str, reply: &Reply) -> Result<(), Error>;

    /// Whether handling this reply changes nothing, here and at the provider, so that the call may be dropped midway.
    fn is_read_only(&self, reply: &Reply) -> bool {
        matches!(reply, Reply::Poll | Reply::Callback(_))
    }

    /// Returns the prompt of a position again, after a failure that changed nothing.
    fn prompt(&self, position: &str) -> Result<Prompt, Error>;

    /// Continues from a position with an admitted reply.
    fn resume<'a>(
        &'a self,
        context: FlowContext<'a>,
        position: &'a str,
        reply: &'a Reply,
    ) -> BoxFuture<'a, Transition>;

    /// Erases the data of this record at the provider.
    fn erase<'a>(&'a self, record: &'a str) -> BoxFuture<'a, Result<Erased, Error>>;
}

/// Context of one step.
#[derive(Clone, Copy)]
pub(super) struct FlowContext<'a> {
    pub(super) person: &'a PersonId,
    pub(super) attempt: &'a Attempt,
    /// Whether a process that crashed may have started the attempt before.
    pub(super) may_have_started: bool,
    /// What is known of the person; empty after the start.
    pub(super) known: &'a Identity,
    pub(super) clock: &'a Clock,
}

/// Result of a step.
pub(super) enum Transition {
    /// An action is needed.
    Prompt(Prompt),
    /// The step failed, and an action is needed.
    Failed(Error, Prompt),
    /// The step failed and changed nothing: the position stays.
    Unchanged(Error),
    /// The attempt failed: another one is needed.
    Aborted(Error),
    /// The flow is complete.
    Done(Box<FlowOutcome>),
}

/// The next action, and the position that waits for it.
pub(super) struct Prompt {
    pub(super) next: Next,
    pub(super) position: String,
    pub(super) record: Option<String>,
    /// When the provider's own limit ends.
    pub(super) until: Option<SystemTime>,
    pub(super) decision: Option<Decision>,
}

/// Result of a completed flow.
pub(super) struct FlowOutcome {
    pub(super) report: Report<Source>,
    pub(super) record: Option<Pii<String>>,
    pub(super) proof: Option<Proof>,
}

/// Returns the error for a reply that does not fit the position.
pub(super) fn unexpected_reply() -> Error {
    Error::invalid("reply", "the flow does not wait for this reply")
        .with_check("reply.kind")
        .with_hint("nothing was spent")
}

/// Returns the error for a position written by another version or another provider.
pub(super) fn unknown_position() -> Error {
    Error::new(crate::error::ErrorKind::Decode, "the position in the state was not written by this flow")
        .with_check("state.position")
        .with_hint("start another attempt")
}
