//! Documents of orders: fetched where the market's own system says they lie, and handed out to be paid.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{
    Call, DocumentReference, Inner,
    access::bearer,
    pending::{About, order_slot},
    push::is_sane,
    reply::{Refusal, Reply, internal, object, ok, redirect, text},
};
use crate::{
    credify::{
        Client, PROVIDER,
        claims::Claims,
        model::DocumentType,
        token::{
            claim::Commitments,
            disbursement::{Disbursement, document},
        },
    },
    error::{Error, ErrorKind},
    transport::{
        Payload,
        fetch::{Fetch, Guard},
        send::Channel,
    },
};

/// What every PDF begins with; the version comes behind it (ISO 32000-1, section 7.5.2).
const PDF: &[u8] = b"%PDF";

/// The longest text that is passed on to the page of a payment.
const LONGEST_MESSAGE: usize = 500;

/// Fetches documents of orders.
pub trait Documents: Send + Sync {
    /// The bytes of a document.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for a URL that may not be opened, which the caller is told as bad
    /// input; otherwise why it could not be had.
    fn fetch<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Bytes, Error>>;
}

/// Fetches documents over https, from hosts that are listed: at public addresses only, without credentials and without
/// redirects.
pub struct FetchedDocuments {
    channel: Channel,
    guard: Guard,
    largest: usize,
}

impl FetchedDocuments {
    /// No host is listed yet. Time limits are those of the client.
    pub fn new(client: &Client) -> Self {
        Self { channel: client.foreign_channel(), guard: Guard::default(), largest: 10 << 20 }
    }

    /// Lists a domain with the hosts below it.
    #[must_use]
    pub fn domain(mut self, domain: &str) -> Self {
        self.guard.allow_domain(domain);
        self
    }

    /// Lists an origin whatever its scheme, port and address: for a store within the market's own network.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for what is no URL.
    pub fn origin(mut self, url: &str) -> Result<Self, Error> {
        let url = Url::parse(url).map_err(|_| {
            Error::configuration("the origin of documents is not a URL").during(PROVIDER, "documents")
        })?;
        self.guard.allow_origin(&url);
        Ok(self)
    }

    /// The largest document. Default: 10 MiB.
    #[must_use]
    pub fn largest(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }
}

impl Documents for FetchedDocuments {
    fn fetch<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Bytes, Error>> {
        Box::pin(async move {
            let mut limits = self.channel.limits(std::time::Duration::from_secs(20));
            limits.bytes = self.largest;
            let fetch = Fetch {
                operation: "document",
                method: http::Method::GET,
                url: url.clone(),
                payload: Payload::Empty,
                limits,
                progress: None,
                inspect: &|_| Ok(()),
            };
            let mut bytes = Vec::new();
            self.channel.fetch(&self.guard, fetch, &mut bytes).await?;
            Ok(bytes.into())
        })
    }
}

impl fmt::Debug for FetchedDocuments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchedDocuments").field("largest", &self.largest).finish_non_exhaustive()
    }
}

impl Inner {
    pub(super) fn bnpl_redirect(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let Some(page) = &self.settings.bnpl_page else { return Err(Refusal::NotFound("Not found")) };
        let message = form_urlencoded::parse(call.query.as_bytes()).find(|(name, _)| name == "error_message");
        let mut page = page.clone();
        if let Some((_, message)) = message {
            let message: String =
                message.chars().filter(|char| !char.is_control()).take(LONGEST_MESSAGE).collect();
            page.query_pairs_mut().append_pair("error_message", &message);
        }
        redirect(page.as_str())
    }

    pub(super) async fn push_disbursement_claims(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let body = object(call.body)?;
        let Some(order_id) = text(&body, "order_id").filter(|id| is_sane(id) && !id.contains(':')) else {
            return Err(Refusal::INVALID_BODY);
        };
        let documents = body.get("documents").and_then(references).ok_or(Refusal::INVALID_BODY)?;
        let credify_id = self.credify_id_of(&order_id).await?;
        let claims = self.document_claims(&order_id, &documents).await?;
        let _turn = self.turn(&credify_id).await;
        self.push(&credify_id, &claims, About::Order { order_id, documents }).await?;
        ok(&json!({"credifyId": credify_id}))
    }

    pub(super) async fn disbursement_documents(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let token = bearer(call.headers).ok_or(Refusal::INVALID_BODY)?;
        let order_id = call.id;
        self.demand_documents(&token, order_id).await?;
        let order = self.orders.get(order_id).await.map_err(internal)?;
        let documents = order.map(|order| order.documents).unwrap_or_default();
        if documents.is_empty() {
            return Err(self.as_reference(Refusal::NotFound("There are no documents of this order")));
        }
        let credify_id = self.credify_id_of(order_id).await?;
        let commitments = self.commitments.commitments(&credify_id, &order_slot(order_id)).await;
        let commitments: Commitments = commitments.map_err(internal)?.unwrap_or_default();
        let claims = self.document_claims(order_id, &documents).await?;
        let answer = Disbursement {
            provider_id: &self.settings.market_id,
            entity_id: &credify_id,
            claims: &claims.with_commitments(&commitments).map_err(internal)?,
            encryption_key: None,
        };
        let key = self.client.signing_key().map_err(internal)?;
        ok(&answer.answer(key, &self.clock).map_err(internal)?)
    }

    async fn credify_id_of(&self, order_id: &str) -> Result<String, Refusal> {
        let unknown = || self.as_reference(Refusal::NotFound("No Credify ID associated with this Order ID"));
        let order = self.orders.get(order_id).await.map_err(internal)?.ok_or_else(unknown)?;
        let local_id = order.local_id.ok_or_else(unknown)?;
        let user = self.users.by_local_id(local_id.expose()).await.map_err(internal)?.ok_or_else(unknown)?;
        user.credify_id.ok_or_else(unknown)
    }

    /// The documents as claims, without commitments.
    async fn document_claims(
        &self,
        order_id: &str,
        documents: &[DocumentReference],
    ) -> Result<Claims, Refusal> {
        let mut claims = Claims::new();
        for reference in documents {
            let url = Url::parse(reference.url.expose()).map_err(|_| Refusal::INVALID_BODY)?;
            let bytes = self.documents.fetch(&url).await.map_err(|error| match error.kind() {
                ErrorKind::Configuration => Refusal::Invalid("A document's address is not allowed"),
                ErrorKind::TooLarge => Refusal::Invalid("A document is too large"),
                _ => internal(error),
            })?;
            // Whoever names an address must not get just anything that lies there signed and handed on.
            if !bytes.starts_with(PDF) {
                return Err(Refusal::Invalid("A document is not a PDF"));
            }
            let content = STANDARD.encode(&bytes);
            claims = document(claims, order_id, &reference.name, "pdf", &content)
                .map_err(|_| Refusal::INVALID_BODY)?;
        }
        Ok(claims)
    }
}

/// The documents of a body: known kinds in lower case, each with a URL; at least one.
fn references(documents: &Value) -> Option<Vec<DocumentReference>> {
    let documents = documents.as_object().filter(|documents| !documents.is_empty())?;
    documents
        .iter()
        .map(|(name, url)| {
            let is_known = *name == name.to_ascii_lowercase()
                && DocumentType::from(name.to_ascii_uppercase().as_str()).is_known();
            let url = url.as_str().filter(|url| url.len() <= 2_048)?;
            is_known.then(|| DocumentReference { name: name.clone(), url: url.into() })
        })
        .collect()
}
