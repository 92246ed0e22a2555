//! Flow of SelfKey: the person's wallet signs a nonce, and KYC-Chain is polled for the application of that identity.
//!
//! | step | next |
//! | --- | --- |
//! | start: nothing is sent | [`SignNonce`](super::Next::SignNonce) |
//! | [`Signature`](super::Reply::Signature): checked here; then the newest application of the identity is asked for | the end when it is decided; [`OpenApp`](super::Next::OpenApp) while there is none, or while it is the person's turn; else [`Wait`](super::Next::Wait) |
//! | [`Poll`](super::Reply::Poll): asked for again | as before |
//!
//! The identity comes from what is known of the person: an identifier of the kind `did`. A signature proves that the
//! person has its key, and nothing of who they are; KYC-Chain's review of the application does. The two are bound: an
//! application counts when its owner is the identity that was proven, or KYC-Chain's user of that identity.
//!
//! The wallet signs the nonce's text as an Ethereum personal message and replies with
//! `{"value":"0x…","keyId":"<DID>#keys-1"}` or with the hex digits alone.
//!
//! KYC-Chain's webhooks are not authenticated, so they are no [`Callback`](super::Reply::Callback): take one as a hint
//! to
//! [`Poll`](super::Reply::Poll).

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::{Stream, StreamExt, future::BoxFuture};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    audit::seconds,
    erase::Erased,
    person::random_id,
    provider_flow::{self, FlowContext, FlowOutcome, Prompt, Transition, unexpected_reply},
    registry::Configured,
    reply::Reply,
    step::{Next, Source},
};
use crate::{
    error::{Error, ErrorKind},
    identity::{Identity, Outcome, Report},
    privacy::Pii,
    provider::Capabilities,
    selfkey::{
        CAPABILITIES, Did, Review,
        kyc_chain::{Client, Filters},
        model::{Application, KycUser},
        relying_party::{SignatureVerifier, Signer},
    },
    wire,
};

/// Kind of the identifier that holds a DID.
pub const IDENTIFIER: &str = "did";
/// Time to live of a nonce.
const NONCE_TTL: Duration = Duration::from_secs(10 * 60);
/// How many users, and how many applications of one person, are looked through: more is a filter that does not filter.
const MAX_LISTED: usize = 1_000;
/// Polling interval while an application is under review.
const REVIEW: Duration = Duration::from_secs(30);

/// SelfKey in a [`Registry`](super::Registry).
///
/// ```
/// use kyckit::{
///     flow::{Registry, StateKeys, selfkey::SelfKeyFlow},
///     storage::MemoryOneTime,
///     selfkey::{
///         did::Resolver, kyc_chain::Client, relying_party::SignatureVerifier,
///     },
/// };
///
/// # let key = [7; 32];
/// let client = Client::builder("https://instance.example", "api-key").build()?;
/// let flow = SelfKeyFlow::new(client, SignatureVerifier::new(Resolver::new()))
///     .template("5cbd904b4125d251f98b78ba");
/// let registry =
///     Registry::new(StateKeys::new(key), MemoryOneTime::new()).with(flow);
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone)]
pub struct SelfKeyFlow {
    client: Client,
    verifier: SignatureVerifier,
    template: Option<String>,
}

impl SelfKeyFlow {
    /// Creates a flow over this KYC-Chain instance; the verifier checks the wallets' signatures.
    pub fn new(client: Client, verifier: SignatureVerifier) -> Self {
        Self { client, verifier, template: None }
    }

    /// Sets the template that applications must be for. Default: any.
    #[must_use]
    pub fn template(mut self, id: impl Into<String>) -> Self {
        self.template = Some(id.into());
        self
    }

    /// Verifies the signature.
    async fn sign(&self, signature: &str, position: Position, now: SystemTime) -> Transition {
        if seconds(now) > position.nonce_until {
            let error = Error::new(ErrorKind::Expired, "the nonce is past its time");
            return Transition::Aborted(error.with_check("nonce.expired").with_hint("start another attempt"));
        }
        let signature = match wire::json::from_str(signature) {
            Ok(Value::Object(object)) => Value::Object(object),
            _ => json!({ "value": signature, "keyId": format!("{}#keys-1", position.did) }),
        };
        match self.verifier.verify(&position.message(), &signature, &position.did).await {
            Ok(signer) => {
                let proof = Some(Proof { signature, at: seconds(now) });
                self.look(Position { proof, ..position }, &signer, now).await
            }
            Err(error) => Transition::Unchanged(error),
        }
    }

    /// Polls again after an earlier step verified the signature; it is verified again, so that the state alone proves
    /// nothing.
    async fn poll(&self, position: Position) -> Transition {
        let Some(proof) = &position.proof else {
            return Transition::Aborted(provider_flow::unknown_position());
        };
        let proven_at = SystemTime::UNIX_EPOCH + Duration::from_secs(proof.at.min(1 << 40));
        match self.verifier.verify(&position.message(), &proof.signature, &position.did).await {
            Ok(signer) => self.look(position, &signer, proven_at).await,
            Err(error) => Transition::Unchanged(error),
        }
    }

    /// Reads the newest application of a proven identity.
    async fn look(&self, position: Position, signer: &Signer, proven_at: SystemTime) -> Transition {
        let prompt = |next: Option<Next>, decision| {
            position
                .prompt(next)
                .map_or_else(Transition::Aborted, |prompt| Transition::Prompt(Prompt { decision, ..prompt }))
        };
        let review = match self.review(&position.did).await {
            Ok(Some(review)) => review,
            Ok(None) => return prompt(Some(Next::OpenApp), None),
            Err(error) => {
                return match position.prompt(None) {
                    Ok(prompt) => Transition::Failed(error, prompt),
                    Err(error) => Transition::Aborted(error),
                };
            }
        };
        let record = review.application().id.clone();
        let (source, reported, decision) = review.into_report().into_parts();
        if !decision.is_final() {
            let next = match decision.outcome() {
                Outcome::NeedsAction => Next::OpenApp,
                _ => Next::Wait { at_least: REVIEW },
            };
            return prompt(Some(next), Some(decision));
        }
        let identity = reported.merge(signer.identity(proven_at));
        let report = Report::new(Source::SelfKey(Box::new(source)), identity, decision);
        Transition::Done(Box::new(FlowOutcome { report, record: Some(Pii::new(record)), proof: None }))
    }

    /// Returns the newest application that this identity owns. The lists are filtered by what KYC-Chain documents, an
    /// identity's user and the user's address; the owner is read from the application itself.
    async fn review(&self, did: &str) -> Result<Option<Review>, Error> {
        let same =
            |user: &KycUser| user.did.as_ref().is_some_and(|other| other.expose().eq_ignore_ascii_case(did));
        let users = self.client.all_users(Filters::new().did(did), &[]);
        let Some(user) = first(users, "users", same).await? else { return Ok(None) };
        let Some(email) = &user.email else { return Ok(None) };
        let mut filters = Filters::new().email(email.expose());
        if let Some(template) = &self.template {
            filters = filters.template(template);
        }
        let found = self.client.all_applications(filters.sort("-updatedAt"), &[]);
        let is_theirs = |one: &Application| is_owned(one, did, &user.id);
        let Some(newest) = first(found, "applications", is_theirs).await? else { return Ok(None) };
        let review = self.client.review(&newest.id).await?;
        Ok(is_owned(review.application(), did, &user.id).then_some(review))
    }
}

/// The first of a list, page after page, that is meant.
async fn first<T>(
    mut list: impl Stream<Item = Result<T, Error>> + Unpin,
    what: &'static str,
    is_meant: impl Fn(&T) -> bool,
) -> Result<Option<T>, Error> {
    for _ in 0..MAX_LISTED {
        match list.next().await.transpose()? {
            Some(one) if is_meant(&one) => return Ok(Some(one)),
            Some(_) => {}
            None => return Ok(None),
        }
    }
    let text = format!("KYC-Chain lists more than {MAX_LISTED} {what} for one identity");
    Err(Error::new(ErrorKind::TooLarge, text)
        .with_hint("look whether the instance narrows its lists by did and email"))
}

/// Whether an application names this identity or its user as an owner.
fn is_owned(application: &Application, did: &str, user: &str) -> bool {
    let is_them = |value: &Value| {
        let text =
            |value: &Value| value.as_str().is_some_and(|text| text == user || text.eq_ignore_ascii_case(did));
        text(value) || text(&value["_id"]) || text(&value["did"])
    };
    let raw = application.raw().expose();
    is_them(&raw["owner"]) || raw["owners"].as_array().is_some_and(|owners| owners.iter().any(is_them))
}

/// Position of an application.
#[derive(Serialize, Deserialize)]
struct Position {
    #[serde(rename = "d")]
    did: String,
    #[serde(rename = "n")]
    nonce: String,
    /// Seconds since 1970.
    #[serde(rename = "e")]
    nonce_until: u64,
    /// Proof that the identity is the person's.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    proof: Option<Proof>,
}

#[derive(Serialize, Deserialize)]
struct Proof {
    #[serde(rename = "s")]
    signature: Value,
    /// Seconds since 1970.
    #[serde(rename = "t")]
    at: u64,
}

impl Position {
    fn read(text: &str) -> Result<Self, Error> {
        wire::json::from_str(text).map_err(|_| provider_flow::unknown_position())
    }

    /// Text to sign. It states its purpose, so that a signature cannot be obtained for another one.
    fn message(&self) -> String {
        format!("I prove that this identity is mine: {} {}", self.did, self.nonce)
    }

    /// Returns the prompt: `next`, or what follows from the position.
    fn prompt(&self, next: Option<Next>) -> Result<Prompt, Error> {
        let position = serde_json::to_string(self)
            .map_err(|_| Error::configuration("the position cannot be written"))?;
        let (waits, until) = match self.proof {
            None => {
                let until = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.nonce_until));
                (Next::SignNonce { nonce: Pii::new(self.message()) }, until)
            }
            Some(_) => (Next::Wait { at_least: REVIEW }, None),
        };
        Ok(Prompt { next: next.unwrap_or(waits), position, record: None, until, decision: None })
    }
}

fn did(known: &Identity) -> Result<Did, Error> {
    let mut identifiers = known.identifiers().iter().map(|identifier| identifier.value());
    match identifiers.find(|identifier| identifier.kind == IDENTIFIER) {
        Some(identifier) => Did::parse(identifier.value.expose()),
        None => Err(Error::invalid(IDENTIFIER, "the person's decentralised identity is not known")
            .with_hint(
                "ask the wallet for it, and add it to what is known as an identifier of the kind did",
            )),
    }
}

impl provider_flow::ProviderFlow for SelfKeyFlow {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn start<'a>(&'a self, context: FlowContext<'a>) -> BoxFuture<'a, Result<Transition, Error>> {
        let begin = || {
            let position = Position {
                did: did(context.known)?.as_str().to_owned(),
                nonce: random_id(context.clock)?,
                nonce_until: seconds(context.clock.now() + NONCE_TTL),
                proof: None,
            };
            position.prompt(None).map(Transition::Prompt)
        };
        Box::pin(std::future::ready(begin()))
    }

    fn admit(&self, position: &str, reply: &Reply) -> Result<(), Error> {
        match (reply, Position::read(position)?.proof) {
            (Reply::Signature(_), None) | (Reply::Poll, Some(_)) => Ok(()),
            _ => Err(unexpected_reply()),
        }
    }

    fn prompt(&self, position: &str) -> Result<Prompt, Error> {
        Position::read(position)?.prompt(None)
    }

    fn resume<'a>(
        &'a self,
        context: FlowContext<'a>,
        position: &'a str,
        reply: &'a Reply,
    ) -> BoxFuture<'a, Transition> {
        Box::pin(async move {
            match (Position::read(position), reply) {
                (Ok(position), Reply::Signature(signature)) => {
                    self.sign(signature.expose(), position, context.clock.now()).await
                }
                (Ok(position), Reply::Poll) => self.poll(position).await,
                (Ok(_), _) => Transition::Unchanged(unexpected_reply()),
                (Err(error), _) => Transition::Aborted(error),
            }
        })
    }

    fn erase<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Erased, Error>> {
        let instead = "ask the operator of the KYC-Chain instance to delete the application";
        Box::pin(std::future::ready(Ok(Erased::impossible(instead))))
    }
}

impl From<SelfKeyFlow> for Configured {
    fn from(flow: SelfKeyFlow) -> Self {
        Self(Arc::new(flow))
    }
}

crate::privacy::redacted_debug!(SelfKeyFlow { template, .. });

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_list_is_looked_through_to_its_end_and_to_a_bound() {
        let look = |length: usize, meant: usize| {
            first(stream::iter((0..length).map(Ok)).boxed(), "users", move |at| *at == meant)
        };
        assert_eq!(look(60, 55).await.expect("found"), Some(55));
        assert_eq!(look(MAX_LISTED, MAX_LISTED - 1).await.expect("found"), Some(MAX_LISTED - 1));
        assert_eq!(look(999, 5_000).await.expect("not there"), None);
        let error = look(5_000, 5_000).await.expect_err("too many");
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(error.to_string().contains("more than 1000 users"), "{error}");
    }
}
