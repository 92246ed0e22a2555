//! Orders that are paid later, made and changed by the market's own system.

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Call, DocumentReference, Inner,
    push::is_sane,
    reply::{Refusal, Reply, internal, object, ok, passed_on, text},
};
use crate::{
    credify::{
        json::case::snake_keys,
        model::{NewOrder, NewOrderLine, Quantity},
        money::Money,
    },
    error::Error,
    privacy::Pii,
};

/// How many lines an order may have.
const LINES: usize = 1_000;

/// The market's database of orders.
pub trait Orders: Send + Sync {
    /// Keeps an order that was made. One with the same id is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn keep<'a>(&'a self, order: &'a OrderRecord) -> BoxFuture<'a, Result<(), Error>>;

    /// An order by its id.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn get<'a>(&'a self, order_id: &'a str) -> BoxFuture<'a, Result<Option<OrderRecord>, Error>>;

    /// The latest orders, the newest first, as many as are asked for.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn latest(&self, most: usize) -> BoxFuture<'_, Result<Vec<OrderRecord>, Error>>;

    /// Replaces the documents of an order. Doing it again changes nothing; an order that is not there is no error.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn keep_documents<'a>(
        &'a self,
        order_id: &'a str,
        documents: &'a [DocumentReference],
    ) -> BoxFuture<'a, Result<(), Error>>;
}

impl<O: Orders + ?Sized> Orders for Arc<O> {
    fn keep<'a>(&'a self, order: &'a OrderRecord) -> BoxFuture<'a, Result<(), Error>> {
        (**self).keep(order)
    }

    fn get<'a>(&'a self, order_id: &'a str) -> BoxFuture<'a, Result<Option<OrderRecord>, Error>> {
        (**self).get(order_id)
    }

    fn latest(&self, most: usize) -> BoxFuture<'_, Result<Vec<OrderRecord>, Error>> {
        (**self).latest(most)
    }

    fn keep_documents<'a>(
        &'a self,
        order_id: &'a str,
        documents: &'a [DocumentReference],
    ) -> BoxFuture<'a, Result<(), Error>> {
        (**self).keep_documents(order_id, documents)
    }
}

/// An order as the market keeps it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::exhaustive_structs, reason = "the application's database has all of it")]
pub struct OrderRecord {
    /// The provider's id.
    pub id: String,
    /// The market's own reference.
    pub reference_id: String,
    /// Whose order it is: the market's own id of the user.
    pub local_id: Option<Pii<String>>,
    /// Its documents.
    #[serde(default)]
    pub documents: Vec<DocumentReference>,
}

impl fmt::Debug for OrderRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderRecord").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How many orders are listed.
const LISTED: usize = 100;

impl Inner {
    pub(super) async fn create_order(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let body = lenient(call.body)?;
        let reference_id =
            text(&body, "reference_id").filter(|id| is_sane(id)).ok_or(Refusal::INVALID_BODY)?;
        let local_id = text(&body, "local_id");
        let amount =
            body.get("total_amount").and_then(money).ok_or(Refusal::Invalid("Invalid total_amount"))?;
        let lines = body.get("order_lines").and_then(Value::as_array).filter(|lines| lines.len() <= LINES);
        let lines = lines.ok_or(Refusal::Invalid("Invalid order_lines"))?;
        let lines: Option<Vec<_>> = lines.iter().map(line).collect();
        let lines = lines.ok_or(Refusal::Invalid("Invalid order_lines"))?;
        if let Some(id) = &local_id {
            let user = self.users.by_local_id(id).await.map_err(internal)?;
            user.ok_or_else(|| self.as_reference(Refusal::NotFound("There is no such user")))?;
        }
        let order = NewOrder::new(reference_id.as_str(), self.settings.recipient.clone())
            .total_amount(amount)
            .lines(lines);
        let order = self.client.create_order(&order).await.map_err(passed_on)?;
        if let Some(id) = &order.id {
            let record = OrderRecord {
                id: id.clone(),
                reference_id,
                local_id: local_id.map(Pii::new),
                documents: Vec::new(),
            };
            self.orders.keep(&record).await.map_err(internal)?;
        }
        ok(&order)
    }

    pub(super) async fn list_orders(&self) -> Result<Reply, Refusal> {
        let orders = self.orders.latest(LISTED).await.map_err(internal)?;
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
        ok(&orders)
    }

    pub(super) async fn orders_of_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        ok(&self.client.orders(call.id).await.map_err(passed_on)?)
    }

    pub(super) async fn cancel_order(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        ok(&self.client.revert_payment(call.id).await.map_err(passed_on)?)
    }

    pub(super) async fn disburse_order(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        ok(&self.client.disburse(call.id).await.map_err(passed_on)?)
    }
}

/// The object in a body, whose members may be named in either case.
pub(super) fn lenient(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let members = object(body)?;
    match snake_keys(&Value::Object(members)) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Refusal::INVALID_BODY),
    }
}

fn money(value: &Value) -> Option<Money> {
    let money: Money = serde_json::from_value(value.clone()).ok()?;
    // The constructor knows the currencies.
    Money::new(money.value().clone(), money.currency().clone()).ok()
}

/// A line; none when a member that is there is not what it has to be.
fn line(value: &Value) -> Option<NewOrderLine> {
    let members = value.as_object()?;
    let mut line = NewOrderLine::new(text(members, "name")?, text(members, "reference_id")?);
    let optional = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    };
    if let Some(url) = optional("image_url")? {
        line = line.image_url(url);
    }
    if let Some(category) = optional("category")? {
        line = line.category(category);
    }
    if let Some(url) = optional("product_url")? {
        line = line.product_url(url);
    }
    if let Some(unit) = optional("measurement_unit")? {
        line = line.measurement_unit(unit);
    }
    if let Some(quantity) = members.get("quantity").filter(|value| !value.is_null()) {
        line = line.quantity(serde_json::from_value::<Quantity>(quantity.clone()).ok()?);
    }
    if let Some(price) = members.get("unit_price").filter(|value| !value.is_null()) {
        line = line.unit_price(money(price)?);
    }
    if let Some(subtotal) = members.get("subtotal").filter(|value| !value.is_null()) {
        line = line.subtotal(money(subtotal)?);
    }
    Some(line)
}
