//! `POST /orders/{order id}/cancel`: takes the payment of an order back.

use crate::credify::{
    Client,
    server::{
        rejection::{Rejection, passed_on},
        reply::{Reply, json_reply},
        request::Request,
    },
};

pub(in super::super) struct CancelOrder {
    pub(in super::super) client: Client,
}

impl CancelOrder {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        Ok(json_reply(&self.client.revert_payment(request.id).await.map_err(passed_on)?)?)
    }
}
