//! Flow of Shufti Pro: the person opens a page and shows the documents, and the provider is polled for the result.
//!
//! | step | next |
//! | --- | --- |
//! | start: `POST /` | [`OpenUrl`](super::Next::OpenUrl), then a callback; [`Wait`](super::Next::Wait) where there is no page |
//! | [`Poll`](super::Reply::Poll), [`Callback`](super::Reply::Callback), [`Returned`](super::Reply::Returned): `POST /status` | the end when it is decided, else as before |
//!
//! The attempt is the reference. A callback, or the browser that comes back, wakes the flow and decides nothing: the
//! status does.
//!
//! Of what is known of the person, the name is compared with the document and the mail address is sent along, unless
//! [`ShuftiProFlow::request`] says otherwise.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::{
    erase::Erased,
    person::PersonId,
    provider_flow::{self, FlowContext, FlowOutcome, Prompt, Transition, unexpected_reply},
    registry::Configured,
    reply::Reply,
    step::{Next, ReturnMode, Source},
};
use crate::{
    error::{Error, ErrorKind},
    identity::{ContactKind, Decision, Identity, Report},
    privacy::Pii,
    provider::Capabilities,
    shuftipro::{
        CAPABILITIES, Client, Decision as Decided, Event, VerificationResponse,
        request::{DeleteRequest, Document, Face, Name, Reference, VerificationRequest},
    },
    verified::Verified,
    wire,
};

/// Polling interval while a decision is pending.
const REVIEW: Duration = Duration::from_secs(15);

type MakeRequest =
    dyn Fn(&PersonId, &Identity, Reference) -> Result<VerificationRequest, Error> + Send + Sync;

/// Shufti Pro in a [`Registry`](super::Registry).
///
/// ```
/// use kyckit::{
///     flow::{Registry, StateKeys, shuftipro::ShuftiProFlow},
///     storage::MemoryOneTime,
///     shuftipro::Client,
/// };
///
/// # let key = [7; 32];
/// let client = Client::builder("client-id", "secret-key").build()?;
/// let flow = ShuftiProFlow::new(client)
///     .callback_url("https://backend.example/callbacks/shuftipro");
/// let registry =
///     Registry::new(StateKeys::new(key), MemoryOneTime::new()).with(flow);
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone)]
pub struct ShuftiProFlow {
    client: Client,
    callback_url: Option<String>,
    redirect_url: Option<String>,
    make: Option<Arc<MakeRequest>>,
}

impl ShuftiProFlow {
    /// Creates a flow that checks a document (name, birth date, number) and a face on the provider's page.
    pub fn new(client: Client) -> Self {
        Self { client, callback_url: None, redirect_url: None, make: None }
    }

    /// Sets the URL for callbacks.
    #[must_use]
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_url = Some(url.into());
        self
    }

    /// Sets the URL to which the person is redirected at the end. A redirect proves nothing.
    #[must_use]
    pub fn redirect_url(mut self, url: impl Into<String>) -> Self {
        self.redirect_url = Some(url.into());
        self
    }

    /// Replaces the request by one that `make` builds from the known identity. The reference is the attempt and must be
    /// the request's; the URLs above are not added to it.
    #[must_use]
    pub fn request(
        mut self,
        make: impl Fn(&PersonId, &Identity, Reference) -> Result<VerificationRequest, Error>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.make = Some(Arc::new(make));
        self
    }

    fn make(&self, context: FlowContext<'_>) -> Result<VerificationRequest, Error> {
        let reference = Reference::new(context.attempt.as_str())?;
        if let Some(make) = &self.make {
            let request = make(context.person, context.known, reference.clone())?;
            if *request.reference() != reference {
                return Err(Error::invalid(
                    "reference",
                    "the request has another reference than the attempt",
                ));
            }
            return Ok(request);
        }
        let mut document = Document::new().read_dob().read_document_number();
        document = match full_name(context.known) {
            Some(name) => document.name(Name::full(name)),
            None => document.read_name(),
        };
        let mut request = VerificationRequest::onsite(reference).document(document).face(Face::new());
        if let Some(url) = &self.callback_url {
            request = request.callback_url(url.clone());
        }
        if let Some(url) = &self.redirect_url {
            request = request.redirect_url(url.clone());
        }
        let mut contacts = context.known.contacts().iter().map(|contact| contact.value());
        if let Some(mail) = contacts.find(|contact| contact.kind == ContactKind::Email) {
            request = request.email(mail.value.clone());
        }
        Ok(request)
    }

    fn step(response: Verified<VerificationResponse>, position: Position) -> Result<Transition, Error> {
        let record = response.reference().unwrap_or_default().to_owned();
        if record != position.reference {
            return Err(Error::new(ErrorKind::Provider, "the response is about another reference")
                .with_check("answer.reference"));
        }
        let is_final = matches!(
            response.decision(),
            Decided::Accepted | Decided::Declined | Decided::Cancelled | Decided::TimedOut | Decided::Deleted
        );
        if is_final {
            let proof = Verified::proof(&response).clone();
            let (source, identity, decision) = response.into_report()?.into_parts();
            let report = Report::new(Source::ShuftiPro(Box::new(source)), identity, decision);
            return Ok(Transition::Done(Box::new(FlowOutcome {
                report,
                record: Some(Pii::new(record)),
                proof: Some(proof),
            })));
        }
        // A status may leave the address out; the one of the start serves as long as it is the person's turn.
        let url = response.verification_url().map(|url| url.expose().to_owned()).or(position.url);
        let url = url.filter(|_| *response.event() == Event::RequestPending);
        let (_, _, decision) = response.into_report()?.into_parts();
        let position = Position { url, ..position };
        position.prompt(Some(decision)).map(Transition::Prompt)
    }
}

/// Returns the name to compare with the document.
fn full_name(known: &Identity) -> Option<String> {
    let name = known.names().first()?.value();
    if let Some(full) = &name.full {
        return Some(full.expose().clone());
    }
    let parts = [&name.given, &name.middle, &name.family];
    let parts: Vec<&str> = parts.into_iter().flatten().map(|part| part.expose().as_str()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Position of a verification.
#[derive(Clone, Serialize, Deserialize)]
struct Position {
    #[serde(rename = "r")]
    reference: String,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl Position {
    fn read(text: &str) -> Result<Self, Error> {
        wire::json::from_str(text).map_err(|_| provider_flow::unknown_position())
    }

    fn prompt(self, decision: Option<Decision>) -> Result<Prompt, Error> {
        let position = serde_json::to_string(&self)
            .map_err(|_| Error::configuration("the position cannot be written"))?;
        let next = match self.url {
            Some(url) => Next::OpenUrl { url: Pii::new(url), then: ReturnMode::Callback },
            None => Next::Wait { at_least: REVIEW },
        };
        Ok(Prompt { next, position, record: Some(self.reference), until: None, decision })
    }
}

impl provider_flow::ProviderFlow for ShuftiProFlow {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn start<'a>(&'a self, context: FlowContext<'a>) -> BoxFuture<'a, Result<Transition, Error>> {
        Box::pin(async move {
            let request = self.make(context)?;
            let response = match context.may_have_started {
                true => self.client.resume(&request).await?,
                false => self.client.verify(&request).await?,
            };
            Self::step(response, Position { reference: context.attempt.as_str().to_owned(), url: None })
        })
    }

    fn admit(&self, _: &str, reply: &Reply) -> Result<(), Error> {
        match reply {
            Reply::Poll | Reply::Callback(_) | Reply::Returned(_) => Ok(()),
            _ => Err(unexpected_reply()),
        }
    }

    fn is_read_only(&self, _: &Reply) -> bool {
        true
    }

    fn prompt(&self, position: &str) -> Result<Prompt, Error> {
        Position::read(position)?.prompt(None)
    }

    fn resume<'a>(
        &'a self,
        _: FlowContext<'a>,
        position: &'a str,
        _: &'a Reply,
    ) -> BoxFuture<'a, Transition> {
        Box::pin(async move {
            let asked = async {
                let position = Position::read(position)?;
                let response = self.client.status(&Reference::existing(position.reference.clone())?).await?;
                Self::step(response, position)
            };
            asked.await.unwrap_or_else(Transition::Unchanged)
        })
    }

    fn erase<'a>(&'a self, record: &'a str) -> BoxFuture<'a, Result<Erased, Error>> {
        Box::pin(async move {
            let reference = Reference::existing(record)?;
            let request = DeleteRequest::new(reference.clone(), "erased on request of the person");
            let refused = match self.client.delete(&request).await {
                Ok(response) if response.decision() == Decided::Deleted => return Ok(Erased::deleted()),
                Ok(_) => Error::new(ErrorKind::Provider, "the provider did not say that it deleted anything")
                    .with_check("answer.event"),
                Err(error) => error,
            };
            // An earlier deletion may have succeeded though its response was lost.
            match self.client.status(&reference).await {
                Ok(response) if response.decision() == Decided::Deleted => Ok(Erased::deleted()),
                _ => Err(refused),
            }
        })
    }
}

impl From<ShuftiProFlow> for Configured {
    fn from(flow: ShuftiProFlow) -> Self {
        Self(Arc::new(flow))
    }
}

crate::privacy::redacted_debug!(ShuftiProFlow { client, .. });
