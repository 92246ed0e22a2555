//! `POST /push-disbursement-claims`: the market pushes the documents of an order as claims.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::credify::{
    market::{
        claim_pushes::ClaimPushes, document_claims::DocumentClaims, order_owners::OrderOwners,
        order_record::DocumentReference, pending_push::Subject,
    },
    model::DocumentType,
    server::{
        members::{is_id, object, text},
        rejection::Rejection,
        reply::{Reply, json_reply},
        request::Request,
    },
};

/// The longest URL of a document, in bytes.
const MAX_URL_BYTES: usize = 2_048;

struct PushDisbursementClaimsRequest {
    order_id: String,
    documents: Vec<DocumentReference>,
}

impl PushDisbursementClaimsRequest {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let body = object(body)?;
        let order_id = text(&body, "order_id").filter(|id| is_id(id) && !id.contains(':'));
        match (order_id, body.get("documents").and_then(references)) {
            (Some(order_id), Some(documents)) => Ok(Self { order_id, documents }),
            _ => Err(Rejection::INVALID_BODY),
        }
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
            let url = url.as_str().filter(|url| url.len() <= MAX_URL_BYTES)?;
            is_known.then(|| DocumentReference { name: name.clone(), url: url.into() })
        })
        .collect()
}

pub(in super::super) struct PushDisbursementClaims {
    pub(in super::super) owners: OrderOwners,
    pub(in super::super) documents: DocumentClaims,
    pub(in super::super) pushes: Arc<ClaimPushes>,
}

impl PushDisbursementClaims {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let PushDisbursementClaimsRequest { order_id, documents } =
            PushDisbursementClaimsRequest::read(request.body)?;
        let credify_id = self.owners.credify_id(&order_id).await?;
        let claims = self.documents.fetch(&order_id, &documents).await?;
        let turn = self.pushes.turn(&credify_id).await;
        turn.push(&claims, Subject::Order { order_id, documents }).await?;
        Ok(json_reply(&json!({"credifyId": credify_id}))?)
    }
}
