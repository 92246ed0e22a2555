//! `GET /orders/credify/{credify id}`: the orders of a person, as the provider has them.

use crate::credify::{
    Client,
    server::{
        rejection::{Rejection, passed_on},
        reply::{Reply, json_reply},
        request::Request,
    },
};

pub(in super::super) struct OrdersOfUser {
    pub(in super::super) client: Client,
}

impl OrdersOfUser {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        Ok(json_reply(&self.client.orders(request.id).await.map_err(passed_on)?)?)
    }
}
