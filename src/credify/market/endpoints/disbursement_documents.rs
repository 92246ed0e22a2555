//! `POST /api/bnpl/orders/{order id}/disbursement-requirements`: the documents of an order, for the provider that pays.

use std::sync::Arc;

use crate::{
    clock::Clock,
    credify::{
        Client,
        market::{
            commitment_store::DynCommitmentStore, document_claims::DocumentClaims, order_owners::OrderOwners,
            orders::DynOrders, pending_push::order_slot, presented_tokens::PresentedTokens,
            reference::ReferenceStatuses,
        },
        permission::oidc,
        server::{
            bearer::bearer,
            rejection::Rejection,
            reply::{Reply, json_reply},
            request::Request,
        },
        token::disbursement::Disbursement,
        token_demand::TokenDemand,
    },
    privacy::Secret,
};

/// Which token a caller has to present.
#[derive(Clone, Copy)]
pub(in super::super) enum DocumentsAccess {
    /// Any bearer token.
    AnyToken,
    /// A token that is active.
    ActiveToken,
    /// An active token with the scope of the order.
    BoundToOrder,
}

pub(in super::super) struct DisbursementDocuments {
    pub(in super::super) access: DocumentsAccess,
    pub(in super::super) tokens: Arc<PresentedTokens>,
    pub(in super::super) orders: Arc<dyn DynOrders>,
    pub(in super::super) owners: OrderOwners,
    pub(in super::super) commitments: Arc<dyn DynCommitmentStore>,
    pub(in super::super) documents: DocumentClaims,
    pub(in super::super) market_id: String,
    /// Its signing key signs the answer.
    pub(in super::super) client: Client,
    pub(in super::super) clock: Clock,
    pub(in super::super) statuses: ReferenceStatuses,
}

impl DisbursementDocuments {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let token = bearer(request.headers).ok_or(Rejection::INVALID_BODY)?;
        let order_id = request.id;
        self.admit(&token, order_id).await?;
        let order = self.orders.get(order_id).await?;
        let documents = order.map(|order| order.documents).unwrap_or_default();
        if documents.is_empty() {
            return Err(self.statuses.of(Rejection::NotFound("There are no documents of this order")));
        }
        let credify_id = self.owners.credify_id(order_id).await?;
        let commitments = self.commitments.commitments(&credify_id, &order_slot(order_id)).await?;
        let claims = self.documents.fetch(order_id, &documents).await?;
        let disbursement = Disbursement {
            provider_id: &self.market_id,
            entity_id: &credify_id,
            claims: &claims.with_commitments(&commitments.unwrap_or_default())?,
            encryption_key: None,
        };
        Ok(json_reply(&disbursement.answer(self.client.signing_key()?, &self.clock)?)?)
    }

    async fn admit(&self, token: &Secret, order_id: &str) -> Result<(), Rejection> {
        let scope = format!("{}{order_id}", oidc::BNPL_ORDER_PREFIX);
        let (place, demand) = match self.access {
            DocumentsAccess::AnyToken => return Ok(()),
            DocumentsAccess::ActiveToken => (oidc::BNPL_ORDER_PREFIX, TokenDemand::active()),
            DocumentsAccess::BoundToOrder => (scope.as_str(), TokenDemand::asking_for(&scope)),
        };
        self.tokens.admit(place, token, demand).await?;
        Ok(())
    }
}
