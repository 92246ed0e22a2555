//! `GET /orders`: the latest orders, as the market keeps them.

use std::sync::Arc;

use serde_json::json;

use crate::credify::{
    market::orders::DynOrders,
    server::{
        rejection::Rejection,
        reply::{Reply, json_reply},
    },
};

/// How many orders are listed.
const MAX_LISTED: usize = 100;

pub(in super::super) struct ListOrders {
    pub(in super::super) orders: Arc<dyn DynOrders>,
}

impl ListOrders {
    pub(super) async fn answer(&self) -> Result<Reply, Rejection> {
        let orders = self.orders.latest(MAX_LISTED).await?;
        let orders: Vec<_> = orders
            .iter()
            .map(|order| {
                let documents: Vec<_> = order.documents.iter().map(|document| &document.name).collect();
                json!({
                    "id": order.id, "reference_id": order.reference_id, "local_id": order.local_id,
                    "documents": documents,
                })
            })
            .collect();
        Ok(json_reply(&orders)?)
    }
}
