//! What each provider's adapter is to the machine. For this crate alone: see the modules named after the providers.

use std::{fmt, time::SystemTime};

use futures_util::future::BoxFuture;

use super::{
    erase::Erased,
    person::{Attempt, PersonId},
    step::{Next, Reply, Source},
};
use crate::{
    clock::Clock,
    error::Error,
    identity::{Decision, Identity, Report},
    privacy::Pii,
    provider::{Capabilities, ProviderId},
    verified::Proof,
};

/// Goes one provider's way, step by step. It keeps nothing between the steps but the position, a text of its own.
pub(super) trait ProviderFlow: fmt::Debug + Send + Sync {
    fn capabilities(&self) -> &'static Capabilities;

    fn provider(&self) -> ProviderId {
        self.capabilities().provider
    }

    /// Begins. Nothing is known to have happened when it fails, beyond what the error says.
    fn start<'a>(&'a self, context: FlowContext<'a>) -> BoxFuture<'a, Result<Transition, Error>>;

    /// Refuses a reply that this position does not wait for, before the state is spent.
    fn admit(&self, position: &str, reply: &Reply) -> Result<(), Error>;

    /// Whether this reply changes nothing at the provider and nothing here, so that it may be dropped midway.
    fn only_reads(&self, reply: &Reply) -> bool {
        matches!(reply, Reply::Poll | Reply::Callback(_))
    }

    /// What a position waits for, again: after a failure that changed nothing.
    fn ask(&self, position: &str) -> Result<Prompt, Error>;

    /// Goes on from a position with a reply that was admitted.
    fn resume<'a>(
        &'a self,
        context: FlowContext<'a>,
        position: &'a str,
        reply: &'a Reply,
    ) -> BoxFuture<'a, Transition>;

    /// Erases what the provider holds under this name of its own.
    fn erase<'a>(&'a self, record: &'a str) -> BoxFuture<'a, Result<Erased, Error>>;
}

/// Who travels.
#[derive(Clone, Copy)]
pub(super) struct FlowContext<'a> {
    pub(super) person: &'a PersonId,
    pub(super) attempt: &'a Attempt,
    /// Whether the attempt may have been begun before, by a process that crashed.
    pub(super) again: bool,
    /// What is known of the person; empty but at the start.
    pub(super) known: &'a Identity,
    pub(super) clock: &'a Clock,
}

/// What became of a step.
pub(super) enum Transition {
    /// Somebody has to do something.
    Prompt(Prompt),
    /// It failed, and the same or something else has to be done.
    Failed(Error, Prompt),
    /// It failed and changed nothing: what the position waits for stays.
    Stay(Error),
    /// It failed for good: another attempt is needed.
    Over(Error),
    /// The provider has answered.
    Done(Box<FlowOutcome>),
}

/// What has to be done.
pub(super) struct Prompt {
    pub(super) next: Next,
    pub(super) position: String,
    pub(super) record: Option<String>,
    /// When the provider gives up waiting.
    pub(super) until: Option<SystemTime>,
    pub(super) decision: Option<Decision>,
}

/// The provider's answer.
pub(super) struct FlowOutcome {
    pub(super) report: Report<Source>,
    pub(super) record: Option<Pii<String>>,
    pub(super) proof: Option<Proof>,
}

/// The error for a reply that a position does not wait for.
pub(super) fn unexpected() -> Error {
    Error::invalid("reply", "this is not what the flow waits for")
        .with_check("reply.kind")
        .with_hint("nothing was spent")
}

/// The error for a position that another version, or another provider, has written.
pub(super) fn foreign() -> Error {
    Error::new(crate::error::ErrorKind::Decode, "the position in the state is not one of this way")
        .with_check("state.position")
        .with_hint("start another attempt")
}
