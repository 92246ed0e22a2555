//! Flow of Maya: the person opens the Mini App, Maya pushes the person's tokens, and the profile is read.
//!
//! | step | next |
//! | --- | --- |
//! | start: nothing is sent | [`OpenApp`](super::Next::OpenApp) |
//! | [`Returned`](super::Reply::Returned): the landing page's query; the session is redeemed, the profile read | the end |
//! | [`Poll`](super::Reply::Poll), only after the profile of a redeemed session could not be read | the end |
//!
//! The tokens are passed to your token store before they are used, and again after a refresh: they belong to the
//! customer and outlive the flow. A flow that failed midway keeps the newest ones in its sealed state.
//!
//! When an identifier of the kind `customer_id` is known of the person, a profile of another customer is refused.
//!
//! Maya's return has no `state`: the session in the landing page's query does not name a flow, and a person can send
//! their own URL to another person's browser. Hand a query to
//! [`resume`](super::Registry::resume) only when your page knows that it belongs to this visit: see
//! [the recipe](crate::manual::recipes::maya). Credify's return is bound by its `state`, and the return from Shufti Pro
//! is not read at all.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::{
    erase::Erased,
    person::PersonId,
    provider_flow::{self, FlowContext, FlowOutcome, Prompt, Transition, unexpected_reply},
    registry::Configured,
    reply::Reply,
    step::{Next, Source},
};
use crate::{
    error::Error,
    identity::Report,
    maya::{
        CAPABILITIES, Client, CustomerTokens, Profile,
        webhook::{Session, SessionId, Sessions},
    },
    provider::Capabilities,
    storage::OneTimeStore,
    verified::Verified,
    wire,
};

/// Kind of the identifier that holds a customer's id.
pub const IDENTIFIER: &str = "customer_id";

type Redeem = dyn Fn(SessionId) -> BoxFuture<'static, Result<Session, Error>> + Send + Sync;
type Keep = dyn Fn(PersonId, CustomerTokens) -> BoxFuture<'static, Result<(), Error>> + Send + Sync;

/// Maya in a [`Registry`](super::Registry).
///
/// ```
/// use kyckit::{
///     Error,
///     flow::{PersonId, Registry, StateKeys, maya::MayaFlow},
///     storage::MemoryOneTime,
///     maya::{Client, CustomerTokens, webhook::Sessions},
/// };
/// use std::sync::Arc;
///
/// # fn example(client: Client, key: [u8; 32]) {
/// let sessions = Arc::new(Sessions::new(MemoryOneTime::new()));
/// let keep = |person: PersonId, tokens: CustomerTokens| async move {
///     // update customers set tokens = encrypt(tokens.to_json()) where id = person
///     let _ = (person, tokens);
///     Ok::<(), Error>(())
/// };
/// let flow = MayaFlow::new(client, sessions, keep);
/// let registry =
///     Registry::new(StateKeys::new(key), MemoryOneTime::new()).with(flow);
/// # }
/// ```
#[derive(Clone)]
pub struct MayaFlow {
    client: Client,
    redeem: Arc<Redeem>,
    keep: Arc<Keep>,
}

impl MayaFlow {
    /// Creates a flow that redeems sessions from this store and passes tokens to `keep`, which must store them durably
    /// before it returns.
    pub fn new<S, F, Fut>(client: Client, sessions: Arc<Sessions<S>>, keep: F) -> Self
    where
        S: OneTimeStore + 'static,
        F: Fn(PersonId, CustomerTokens) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        Self {
            client,
            redeem: Arc::new(move |id| {
                let sessions = Arc::clone(&sessions);
                Box::pin(async move { sessions.redeem(&id).await })
            }),
            keep: Arc::new(move |person, tokens| Box::pin(keep(person, tokens))),
        }
    }

    /// Reads the profile with these tokens.
    async fn read(&self, person: &PersonId, tokens: CustomerTokens, position: Position) -> Transition {
        let newest = Arc::new(Mutex::new(tokens.clone()));
        let read = async {
            (self.keep)(person.clone(), tokens.clone()).await?;
            let keeper = {
                let (keep, person, newest) = (Arc::clone(&self.keep), person.clone(), Arc::clone(&newest));
                move |tokens: CustomerTokens| {
                    newest.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&tokens);
                    keep(person.clone(), tokens)
                }
            };
            let mut customer = self.client.customer(tokens, keeper);
            if let Some(id) = &position.expected {
                customer = customer.expecting(id.clone());
            }
            customer.profile().await
        };
        match read.await {
            Ok(profile) => done(profile),
            // The tokens are another customer's: with them nothing will come of it.
            Err(error) if error.check() == Some("profile.id") => {
                failed(error, Position { tokens: None, ..position })
            }
            Err(error) => {
                let tokens = newest.lock().unwrap_or_else(PoisonError::into_inner).to_json();
                failed(error, Position { tokens: Some(tokens.expose().to_owned()), ..position })
            }
        }
    }

    async fn go_on(&self, person: &PersonId, position: Position, reply: &Reply) -> Transition {
        match (reply, &position.tokens) {
            (Reply::Returned(query), None) => {
                let Some(id) = SessionId::from_query(query.expose()) else {
                    return Transition::Unchanged(no_session());
                };
                match (self.redeem)(id).await {
                    Ok(session) => self.read(person, session.tokens, position).await,
                    Err(error) => Transition::Unchanged(error),
                }
            }
            (Reply::Poll, Some(tokens)) => match CustomerTokens::from_json(tokens.as_bytes()) {
                Ok(tokens) => self.read(person, tokens, position).await,
                Err(_) => Transition::Aborted(provider_flow::unknown_position()),
            },
            _ => Transition::Unchanged(unexpected_reply()),
        }
    }
}

fn done(profile: Verified<Profile>) -> Transition {
    let proof = Some(Verified::proof(&profile).clone());
    let record = Some(profile.id().clone());
    let (source, identity, decision) = profile.into_report().into_parts();
    let report = Report::new(Source::Maya(Box::new(source)), identity, decision);
    Transition::Done(Box::new(FlowOutcome { report, record, proof }))
}

fn failed(error: Error, position: Position) -> Transition {
    match position.prompt() {
        Ok(prompt) => Transition::Failed(error, prompt),
        Err(error) => Transition::Aborted(error),
    }
}

fn no_session() -> Error {
    Error::invalid("sessionId", "the query has no session id")
        .with_check("reply.query")
        .with_hint("let the person open the Mini App again, from the Maya app")
}

/// Position of an entry.
#[derive(Serialize, Deserialize)]
struct Position {
    /// Customer id that the profile must have.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    /// The tokens, once there are some.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    tokens: Option<String>,
}

impl Position {
    fn read(text: &str) -> Result<Self, Error> {
        wire::json::from_str(text).map_err(|_| provider_flow::unknown_position())
    }

    fn prompt(&self) -> Result<Prompt, Error> {
        let position = serde_json::to_string(self)
            .map_err(|_| Error::configuration("the position cannot be written"))?;
        let next = match &self.tokens {
            None => Next::OpenApp,
            Some(_) => Next::Wait { at_least: Duration::from_secs(1) },
        };
        Ok(Prompt { next, position, record: None, until: None, decision: None })
    }
}

impl provider_flow::ProviderFlow for MayaFlow {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn start<'a>(&'a self, context: FlowContext<'a>) -> BoxFuture<'a, Result<Transition, Error>> {
        let mut identifiers = context.known.identifiers().iter().map(|identifier| identifier.value());
        let expected = identifiers.find(|identifier| identifier.kind == IDENTIFIER);
        let expected = expected.map(|identifier| identifier.value.expose().clone());
        let prompt = Position { expected, tokens: None }.prompt();
        Box::pin(std::future::ready(prompt.map(Transition::Prompt)))
    }

    fn admit(&self, position: &str, reply: &Reply) -> Result<(), Error> {
        match (reply, Position::read(position)?.tokens) {
            (Reply::Returned(query), None) => match SessionId::from_query(query.expose()) {
                Some(_) => Ok(()),
                None => Err(no_session()),
            },
            (Reply::Poll, Some(_)) => Ok(()),
            _ => Err(unexpected_reply()),
        }
    }

    /// A refresh spends the refresh token.
    fn is_read_only(&self, _: &Reply) -> bool {
        false
    }

    fn prompt(&self, position: &str) -> Result<Prompt, Error> {
        Position::read(position)?.prompt()
    }

    fn resume<'a>(
        &'a self,
        context: FlowContext<'a>,
        position: &'a str,
        reply: &'a Reply,
    ) -> BoxFuture<'a, Transition> {
        Box::pin(async move {
            match Position::read(position) {
                Ok(position) => self.go_on(context.person, position, reply).await,
                Err(error) => Transition::Aborted(error),
            }
        })
    }

    fn erase<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Erased, Error>> {
        let instead = "the person withdraws the consent in the Maya app; erase the tokens and the profile that you keep";
        Box::pin(std::future::ready(Ok(Erased::impossible(instead))))
    }
}

impl From<MayaFlow> for Configured {
    fn from(flow: MayaFlow) -> Self {
        Self(Arc::new(flow))
    }
}

crate::privacy::redacted_debug!(MayaFlow { client, .. });
