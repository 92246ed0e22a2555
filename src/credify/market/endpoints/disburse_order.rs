//! `POST /orders/{order id}/disburse`: asks for the money of an order.

use crate::credify::{
    Client,
    server::{
        rejection::{Rejection, passed_on},
        reply::{Reply, json_reply},
        request::Request,
    },
};

pub(in super::super) struct DisburseOrder {
    pub(in super::super) client: Client,
}

impl DisburseOrder {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        Ok(json_reply(&self.client.disburse(request.id).await.map_err(passed_on)?)?)
    }
}
