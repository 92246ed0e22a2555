//! Which user an order belongs to.

use std::sync::Arc;

use super::{orders::DynOrders, reference::ReferenceStatuses, users::DynUsers};
use crate::credify::server::rejection::Rejection;

/// Finds the Credify id of the user who made an order.
#[derive(Clone)]
pub(super) struct OrderOwners {
    pub(super) orders: Arc<dyn DynOrders>,
    pub(super) users: Arc<dyn DynUsers>,
    pub(super) statuses: ReferenceStatuses,
}

impl OrderOwners {
    pub(super) async fn credify_id(&self, order_id: &str) -> Result<String, Rejection> {
        let unknown = || self.statuses.of(Rejection::NotFound("No Credify ID associated with this Order ID"));
        let order = self.orders.get(order_id).await?.ok_or_else(unknown)?;
        let local_id = order.local_id.ok_or_else(unknown)?;
        let user = self.users.by_local_id(local_id.expose()).await?.ok_or_else(unknown)?;
        user.credify_id.ok_or_else(unknown)
    }
}
