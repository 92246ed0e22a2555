//! Documents of a BNPL order, which a market hands out so that the merchant is paid.
//!
//! A document is a scope of its own, named `bnpl_order:<order id>:<document>`; its claim has the same name:
//!
//! ```json
//! {"bnpl_order:c705…:invoice": {
//!     "bnpl_order:c705…:invoice": {"content_type": "pdf", "content": "<base64>"},
//!     "bnpl_order:c705…:invoice:commitment": "…"
//! }}
//! ```
//!
//! They are answered as one signed token among [aggregated claims](crate::credify::aggregated).

use serde_json::{Map, Value, json};

use super::{
    jwt::{self, Strictness, Unverified},
    payload::{issued_at, text},
};
use crate::{
    clock::Clock,
    credify::{
        aggregated::AggregatedClaims,
        claims::Claims,
        keys::{DecryptionKey, EncryptionKey, SigningKey, VerifyingKey},
    },
    error::{Error, ErrorKind},
    privacy::Pii,
};

const PREFIX: &str = "bnpl_order";

/// Claims with one document.
///
/// ```
/// use kyckit::credify::{claims::Claims, token::disbursement::document};
///
/// # fn main() -> kyckit::Result<()> {
/// let claims = Claims::new();
/// let claims = document(claims, "c705f5bb-2e2f-4b90-a65d-633a3365f7de", "invoice", "pdf", "JVBERi0xLjc=")?;
/// assert!(claims.has("bnpl_order:c705f5bb-2e2f-4b90-a65d-633a3365f7de:invoice"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the order's id or the document's name is empty or has a
/// colon.
pub fn document(
    claims: Claims,
    order_id: &str,
    name: &str,
    content_type: &str,
    content: &str,
) -> Result<Claims, Error> {
    let key = format!("{PREFIX}:{order_id}:{name}");
    order_of(&key)?;
    let inner = json!({key.as_str(): {"content_type": content_type, "content": content}});
    claims.scope(key, inner)
}

/// Checks that every scope is a document's.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest).
pub(crate) fn check_scopes(claims: &Claims) -> Result<(), Error> {
    claims.scopes().try_for_each(|scope| order_of(scope).map(|_| ()))
}

/// The order's id in the name of a document's scope, which has exactly three parts.
fn order_of(scope: &str) -> Result<&str, Error> {
    let mut parts = scope.split(':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(PREFIX), Some(order), Some(name), None) if !order.is_empty() && !name.is_empty() => Ok(order),
        _ => Err(Error::invalid("claims", "Compose claim is not valid.")),
    }
}

/// The documents of one order, to be signed.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "the provider's SDK takes these and no others")]
pub struct Disbursement<'a> {
    /// The market's id.
    pub provider_id: &'a str,
    /// The user's Credify id.
    pub entity_id: &'a str,
    /// The documents, with or without their commitments.
    pub claims: &'a Claims,
    /// The key to encrypt the contents for; without one they are signed in clear.
    pub encryption_key: Option<&'a EncryptionKey>,
}

impl Disbursement<'_> {
    /// Signs the documents with the market's key.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when there are no documents, a scope is none, or a scope
    /// lacks its document.
    pub fn token(&self, key: &SigningKey, clock: &Clock) -> Result<Pii<String>, Error> {
        self.order_id()?;
        let mut payload = Map::new();
        payload.insert("iat".to_owned(), json!(issued_at(clock)));
        payload.insert("iss".to_owned(), json!(self.provider_id));
        payload.insert("user_id".to_owned(), json!(self.entity_id));
        for scope in self.claims.scopes() {
            let invalid = || Error::invalid("claims", "Disbursement claim object is not valid");
            let members = self.claims.scope_members(scope).ok_or_else(invalid)?;
            let member = |name: &str| members.get(scope)?.get(name)?.as_str();
            let (content_type, content) =
                member("content_type").zip(member("content")).ok_or_else(invalid)?;
            let content = match self.encryption_key {
                Some(key) => json!(key.encrypt(content)?),
                None => json!(content),
            };
            payload.insert(scope.to_owned(), json!({"content_type": content_type, "content": content}));
            let commitment = format!("{scope}:commitment");
            if let Some(text) = members.get(&commitment).and_then(Value::as_str) {
                payload.insert(commitment, json!(text));
            }
        }
        jwt::sign(key, &Value::Object(payload))
    }

    /// The answer of a market's disbursement documents endpoint.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token), and [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the documents are of
    /// more than one order.
    pub fn answer(&self, key: &SigningKey, clock: &Clock) -> Result<Value, Error> {
        let source = format!("{PREFIX}:{}", self.order_id()?);
        let token = self.token(key, clock)?.into_exposed();
        let names = self.claims.scopes().flat_map(|scope| [scope.to_owned(), format!("{scope}:commitment")]);
        Ok(AggregatedClaims::new().with_source(&source, token, names).to_value())
    }

    fn order_id(&self) -> Result<&str, Error> {
        let mut orders = self.claims.scopes().map(order_of);
        let first = orders.next().ok_or_else(|| Error::invalid("claims", "there are no documents"))??;
        for order in orders {
            if order? != first {
                return Err(Error::invalid("claims", "the documents are of more than one order"));
            }
        }
        Ok(first)
    }
}

/// Documents with a checked signature of the market. Only [`read`](Self::read) makes it.
#[derive(Clone)]
pub struct VerifiedDocuments {
    order_id: String,
    provider_id: String,
    user_id: String,
    documents: Vec<Document>,
}

/// One document.
#[derive(Clone)]
#[non_exhaustive]
pub struct Document {
    /// Its name, such as `invoice`.
    pub name: String,
    /// Its form, such as `pdf`.
    pub content_type: String,
    /// Its bytes in base64.
    pub content: Pii<String>,
    /// The commitment of the claim token that was pushed for it.
    pub commitment: Option<String>,
}

impl VerifiedDocuments {
    /// Reads the answer of a market with its key; with a private key the contents are opened.
    ///
    /// # Errors
    ///
    /// [`Signature`](crate::ErrorKind::Signature), [`Decryption`](crate::ErrorKind::Decryption), or
    /// [`Decode`](crate::ErrorKind::Decode) with the path of what is missing.
    pub fn read(answer: &Value, key: &VerifyingKey, private: Option<&DecryptionKey>) -> Result<Self, Error> {
        let broken = |path: &'static str| {
            Error::new(ErrorKind::Decode, "these are no documents of an order").with_path(path)
        };
        let aggregated = AggregatedClaims::read(answer)?.ok_or_else(|| broken("_claim_names"))?;
        let mut sources = aggregated.sources();
        let (Some((source, token)), None) = (sources.next(), sources.next()) else {
            return Err(broken("_claim_sources"));
        };
        let order_id = source
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_prefix(':'))
            .ok_or_else(|| broken("_claim_sources"))?;
        let token = Unverified::parse(token, Strictness::Strict, jwt::LONGEST_WITH_DOCUMENTS)?.verify(key)?;
        let payload = token.payload();
        let member = |name: &'static str| text(payload, name).ok_or_else(|| broken(name));
        let mut documents = Vec::new();
        for (name, value) in payload {
            let Some(inner) = value.as_object() else { continue };
            if order_of(name).ok() != Some(order_id) {
                return Err(broken("_claim_sources"));
            }
            let part = |part: &str| inner.get(part).and_then(Value::as_str).map(str::to_owned);
            let (Some(content_type), Some(content)) = (part("content_type"), part("content")) else {
                return Err(broken("content"));
            };
            let content = match private {
                Some(key) => key.decrypt(&content)?,
                None => Pii::new(content),
            };
            documents.push(Document {
                name: name.rsplit(':').next().unwrap_or_default().to_owned(),
                content_type,
                content,
                commitment: text(payload, &format!("{name}:commitment")),
            });
        }
        Ok(Self {
            order_id: order_id.to_owned(),
            provider_id: member("iss")?,
            user_id: member("user_id")?,
            documents,
        })
    }

    /// The order.
    pub fn order_id(&self) -> &str {
        &self.order_id
    }

    /// The market that signed.
    pub fn provider_id(&self) -> &str {
        &self.provider_id
    }

    /// The user's Credify id.
    pub fn user_id(&self) -> Pii<&str> {
        Pii::new(&self.user_id)
    }

    /// The documents, in order.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }
}

crate::privacy::redacted_debug!(VerifiedDocuments { documents: |this| this.documents.len(), .. });

crate::privacy::redacted_debug!(Document { .. });
