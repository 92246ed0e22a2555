//! The market's database of orders.

use std::sync::Arc;

use super::order_record::{DocumentReference, OrderRecord};
use crate::{credify::boxed::boxed_twin, error::Error};

/// The market's database of orders.
pub trait Orders: Send + Sync {
    /// Keeps an order that was made. One with the same id is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn keep(&self, order: &OrderRecord) -> impl Future<Output = Result<(), Error>> + Send;

    /// Finds an order by its id.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn get(&self, order_id: &str) -> impl Future<Output = Result<Option<OrderRecord>, Error>> + Send;

    /// Lists the latest orders, the newest first, at most `max` of them.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn latest(&self, max: usize) -> impl Future<Output = Result<Vec<OrderRecord>, Error>> + Send;

    /// Replaces the documents of an order. Doing it again changes nothing; an order that is not there is no error.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn keep_documents(
        &self,
        order_id: &str,
        documents: &[DocumentReference],
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

impl<O: Orders> Orders for Arc<O> {
    async fn keep(&self, order: &OrderRecord) -> Result<(), Error> {
        (**self).keep(order).await
    }

    async fn get(&self, order_id: &str) -> Result<Option<OrderRecord>, Error> {
        (**self).get(order_id).await
    }

    async fn latest(&self, max: usize) -> Result<Vec<OrderRecord>, Error> {
        (**self).latest(max).await
    }

    async fn keep_documents(&self, order_id: &str, documents: &[DocumentReference]) -> Result<(), Error> {
        (**self).keep_documents(order_id, documents).await
    }
}

boxed_twin! {
    pub(super) trait DynOrders: Orders {
        fn keep<'a>(&self, order: &'a OrderRecord) -> Result<(), Error>;
        fn get<'a>(&self, order_id: &'a str) -> Result<Option<OrderRecord>, Error>;
        fn latest<'a>(&self, max: usize) -> Result<Vec<OrderRecord>, Error>;
        fn keep_documents<'a>(
            &self,
            order_id: &'a str,
            documents: &'a [DocumentReference],
        ) -> Result<(), Error>;
    }
}
