//! The endpoints: a file each, with its request, how that is read, and its handler over the parts that it needs.

pub(super) mod bnpl_redirect;
pub(super) mod cancel_order;
pub(super) mod create_order;
pub(super) mod disburse_order;
pub(super) mod disbursement_documents;
pub(super) mod encrypted_claims;
pub(super) mod evaluate_offer;
pub(super) mod filter_offers;
pub(super) mod forward;
pub(super) mod list_orders;
pub(super) mod orders_of_user;
pub(super) mod push_claims;
pub(super) mod push_disbursement_claims;
pub(super) mod simulation;
pub(super) mod user_segment;
pub(super) mod webhook;

use serde_json::json;

use super::endpoint::Endpoint;
use crate::credify::server::{
    rejection::Rejection,
    reply::{Reply, json_reply},
    request::Request,
};

/// The handlers of all endpoints.
pub(super) struct Endpoints {
    pub(super) push_claims: push_claims::PushClaims,
    pub(super) filter_offers: filter_offers::FilterOffers,
    pub(super) user_segment: user_segment::UserSegment,
    pub(super) evaluate_offer: evaluate_offer::EvaluateOffer,
    pub(super) encrypted_claims: encrypted_claims::EncryptedClaims,
    pub(super) bnpl_redirect: bnpl_redirect::BnplRedirect,
    pub(super) disbursement_documents: disbursement_documents::DisbursementDocuments,
    pub(super) webhook: webhook::Webhook,
    pub(super) push_disbursement_claims: push_disbursement_claims::PushDisbursementClaims,
    pub(super) simulation: simulation::Simulate,
    pub(super) create_order: create_order::CreateOrder,
    pub(super) list_orders: list_orders::ListOrders,
    pub(super) orders_of_user: orders_of_user::OrdersOfUser,
    pub(super) cancel_order: cancel_order::CancelOrder,
    pub(super) disburse_order: disburse_order::DisburseOrder,
    pub(super) forward: forward::Forward,
}

impl Endpoints {
    pub(super) async fn answer(&self, endpoint: Endpoint, request: &Request<'_>) -> Result<Reply, Rejection> {
        match endpoint {
            Endpoint::Health => Ok(json_reply(&json!({"message": "OK"}))?),
            Endpoint::PushClaims => self.push_claims.answer(request).await,
            Endpoint::FilterOffers => self.filter_offers.answer(request).await,
            Endpoint::UserSegment => self.user_segment.answer(request).await,
            Endpoint::EvaluateOffer => self.evaluate_offer.answer(request).await,
            Endpoint::EncryptedClaims => self.encrypted_claims.answer(request).await,
            Endpoint::BnplRedirect => self.bnpl_redirect.answer(request),
            Endpoint::DisbursementDocuments => self.disbursement_documents.answer(request).await,
            Endpoint::Webhook => self.webhook.answer(request).await,
            Endpoint::PushDisbursementClaims => self.push_disbursement_claims.answer(request).await,
            Endpoint::Simulation => self.simulation.answer(request).await,
            Endpoint::CreateOrder => self.create_order.answer(request).await,
            Endpoint::Orders => self.list_orders.answer().await,
            Endpoint::OrdersOfUser => self.orders_of_user.answer(request).await,
            Endpoint::CancelOrder => self.cancel_order.answer(request).await,
            Endpoint::DisburseOrder => self.disburse_order.answer(request).await,
            Endpoint::Intent | Endpoint::Product | Endpoint::OwnOffers | Endpoint::ClaimsValue => {
                self.forward.answer(endpoint, request).await
            }
        }
    }
}
