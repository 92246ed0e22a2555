//! Flow of Credo360: the person proves to own a Credo ID by a passcode or a signature, and the owner's data are read.
//!
//! | step | next |
//! | --- | --- |
//! | start: a challenge | [`TypePasscode`](super::Next::TypePasscode) or [`SignNonce`](super::Next::SignNonce) |
//! | [`Passcode`](super::Reply::Passcode), [`Signature`](super::Reply::Signature) | the end; after a wrong one, as before |
//! | [`Poll`](super::Reply::Poll), only after a proof when the owner's data could not be read | the end |
//!
//! The Credo ID comes from the known identity: an identifier of the kind `credo_id`.
//!
//! A wrong passcode is a [`Failed`](super::Step::Failed) with the check `response.refused` while attempts are left. A
//! challenge that is spent or past its time is over: start another attempt.
//!
//! An accepted decision needs an identity check of Credo360. A person who merely owns the Credo ID ends with
//! `needs_action`: see [`credo360::Owner::into_report`](crate::credo360::Owner::into_report).

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::{
    audit::seconds,
    erase::Erased,
    provider_flow::{self, FlowContext, FlowOutcome, Prompt, Transition, unexpected_reply},
    registry::Configured,
    reply::Reply,
    step::{Next, Source},
};
use crate::{
    credo360::{CAPABILITIES, Challenge, Client, HandleId, Method, Ownership, Response, Validation},
    error::{Error, ErrorKind},
    identity::{Identity, Report},
    privacy::Pii,
    provider::Capabilities,
    wire,
};

/// Kind of the identifier that holds a Credo ID.
pub const IDENTIFIER: &str = "credo_id";

/// Credo360 in a [`Registry`](super::Registry).
///
/// ```
/// use kyckit::{
///     credo360::{Client, Method},
///     flow::{Registry, StateKeys, credo360::Credo360Flow},
///     storage::MemoryOneTime,
/// };
///
/// # let key = [7; 32];
/// let client = Client::builder("client-id").build()?;
/// let flow =
///     Credo360Flow::new(client).methods([Method::Signature, Method::Passcode]);
/// let registry =
///     Registry::new(StateKeys::new(key), MemoryOneTime::new()).with(flow);
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone)]
pub struct Credo360Flow {
    client: Client,
    methods: Vec<Method>,
}

impl Credo360Flow {
    /// Creates a flow that proves ownership by a passcode.
    pub fn new(client: Client) -> Self {
        Self { client, methods: vec![Method::Passcode] }
    }

    /// Sets the methods, in order of preference; the first that is available to the person is used:
    /// [`Method::Passcode`],
    /// [`Method::Signature`]. Default: the passcode only.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.methods = methods.into_iter().collect();
        self
    }

    async fn challenge(&self, handle: &HandleId) -> Result<Challenge, Error> {
        match self.methods.as_slice() {
            [only] => self.client.challenge(handle, only).await,
            several => self.client.challenge_by_preference(handle, several).await,
        }
    }

    /// Reads the owner. The proof is kept in the state when that fails, so that the person need not prove it again.
    async fn read(&self, ownership: Ownership) -> Transition {
        match self.client.owner(&ownership).await {
            Ok(owner) => {
                let record = Some(Pii::from(ownership.handle().expose()));
                let (source, identity, decision) = owner.into_report().into_parts();
                let report = Report::new(Source::Credo360(Box::new(source)), identity, decision);
                Transition::Done(Box::new(FlowOutcome { report, record, proof: None }))
            }
            Err(error) => match Position::Proven(Proven::of(&ownership)).prompt() {
                Ok(prompt) => Transition::Failed(error, prompt),
                Err(error) => Transition::Aborted(error),
            },
        }
    }

    async fn validate(&self, mut challenge: Challenge, response: Response) -> Transition {
        let error = match self.client.validate(&mut challenge, &response).await {
            Ok(ownership) => return self.read(ownership).await,
            Err(error) => error,
        };
        let is_over = challenge.attempts().left() == Some(0)
            || matches!(error.kind(), ErrorKind::AlreadyUsed | ErrorKind::Expired)
            || error.check() == Some("answer.handle");
        if is_over {
            return Transition::Aborted(error);
        }
        match Position::Challenged(Box::new(challenge)).prompt() {
            Ok(prompt) => Transition::Failed(error, prompt),
            Err(error) => Transition::Aborted(error),
        }
    }
}

/// Position of a proof of ownership.
#[derive(Serialize, Deserialize)]
enum Position {
    #[serde(rename = "c")]
    Challenged(Box<Challenge>),
    #[serde(rename = "p")]
    Proven(Proven),
}

/// An ownership that was proven in a step before.
#[derive(Serialize, Deserialize)]
struct Proven {
    #[serde(rename = "h")]
    handle: HandleId,
    #[serde(rename = "m")]
    method: Method,
    /// Seconds since 1970.
    #[serde(rename = "t")]
    at: u64,
}

impl Proven {
    fn of(ownership: &Ownership) -> Self {
        Self {
            handle: ownership.handle().clone(),
            method: ownership.method().clone(),
            at: seconds(ownership.proven_at()),
        }
    }

    /// Called only with what comes out of a sealed state, which this backend alone can have made.
    fn ownership(self) -> Ownership {
        let proven_at = SystemTime::UNIX_EPOCH + Duration::from_secs(self.at.min(1 << 40));
        Ownership::resumed(self.handle, self.method, proven_at)
    }
}

impl Position {
    fn read(text: &str) -> Result<Self, Error> {
        wire::json::from_str(text).map_err(|_| provider_flow::unknown_position())
    }

    fn prompt(&self) -> Result<Prompt, Error> {
        let position = serde_json::to_string(self)
            .map_err(|_| Error::configuration("the position cannot be written"))?;
        let (next, until) = match self {
            // Past the last second in which the challenge can be validated.
            Self::Challenged(challenge) => (
                next(challenge)?,
                challenge.expires_at().and_then(|last| last.checked_add(Duration::from_secs(1))),
            ),
            Self::Proven(_) => (Next::Wait { at_least: Duration::from_secs(1) }, None),
        };
        Ok(Prompt { next, position, record: None, until, decision: None })
    }
}

fn next(challenge: &Challenge) -> Result<Next, Error> {
    match challenge.validation() {
        Validation::Passcode(passcode) => Ok(Next::TypePasscode {
            length: passcode.length,
            delivery: passcode.delivery.as_str().to_owned(),
            attempts_left: challenge.attempts().left(),
        }),
        Validation::Signature(nonce) => Ok(Next::SignNonce { nonce: Pii::from(nonce.text()) }),
        _ => Err(Error::new(ErrorKind::Provider, "the challenge is of a method that was not asked for")
            .with_check("challenge.method")),
    }
}

fn handle(known: &Identity) -> Result<HandleId, Error> {
    let mut identifiers = known.identifiers().iter().map(|identifier| identifier.value());
    match identifiers.find(|identifier| identifier.kind == IDENTIFIER) {
        Some(identifier) => HandleId::new(identifier.value.expose().clone()),
        None => Err(Error::invalid(IDENTIFIER, "the person's Credo ID is not known")
            .with_hint("ask for it, and add it to what is known as an identifier of the kind credo_id")),
    }
}

impl provider_flow::ProviderFlow for Credo360Flow {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn start<'a>(&'a self, context: FlowContext<'a>) -> BoxFuture<'a, Result<Transition, Error>> {
        Box::pin(async move {
            let challenge = self.challenge(&handle(context.known)?).await?;
            Position::Challenged(Box::new(challenge)).prompt().map(Transition::Prompt)
        })
    }

    fn admit(&self, position: &str, reply: &Reply) -> Result<(), Error> {
        match (Position::read(position)?, reply) {
            (Position::Challenged(challenge), Reply::Passcode(_))
                if matches!(challenge.validation(), Validation::Passcode(_)) =>
            {
                Ok(())
            }
            (Position::Challenged(challenge), Reply::Signature(_))
                if matches!(challenge.validation(), Validation::Signature(_)) =>
            {
                Ok(())
            }
            (Position::Proven(_), Reply::Poll) => Ok(()),
            _ => Err(unexpected_reply()),
        }
    }

    fn prompt(&self, position: &str) -> Result<Prompt, Error> {
        Position::read(position)?.prompt()
    }

    fn resume<'a>(
        &'a self,
        _: FlowContext<'a>,
        position: &'a str,
        reply: &'a Reply,
    ) -> BoxFuture<'a, Transition> {
        Box::pin(async move {
            match (Position::read(position), reply) {
                (Ok(Position::Challenged(challenge)), Reply::Passcode(passcode)) => {
                    self.validate(*challenge, Response::passcode(passcode.clone())).await
                }
                (Ok(Position::Challenged(challenge)), Reply::Signature(signature)) => {
                    self.validate(*challenge, Response::signature(signature.clone())).await
                }
                (Ok(Position::Proven(proven)), Reply::Poll) => self.read(proven.ownership()).await,
                (Ok(_), _) => Transition::Unchanged(unexpected_reply()),
                (Err(error), _) => Transition::Aborted(error),
            }
        })
    }

    fn erase<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Erased, Error>> {
        let instead = "the person deletes the Credo360 account, or what was shared, by themselves";
        Box::pin(std::future::ready(Ok(Erased::impossible(instead))))
    }
}

impl From<Credo360Flow> for Configured {
    fn from(flow: Credo360Flow) -> Self {
        Self(Arc::new(flow))
    }
}

crate::privacy::redacted_debug!(Credo360Flow { methods, .. });
