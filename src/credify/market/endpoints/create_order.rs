//! `POST /orders`: the market's own system makes an order that is paid later.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{
    credify::{
        Client,
        market::{
            order_record::OrderRecord, orders::DynOrders, reference::ReferenceStatuses, users::DynUsers,
        },
        model::{NewOrder, NewOrderLine, PaymentRecipient, Quantity},
        money::Money,
        server::{
            members::{given, is_id, object_of_either_case, text},
            rejection::{Rejection, passed_on},
            reply::{Reply, json_reply},
            request::Request,
        },
    },
    privacy::Pii,
};

/// How many lines an order may have.
const MAX_LINES: usize = 1_000;

struct CreateOrderRequest {
    reference_id: String,
    local_id: Option<String>,
    total_amount: Money,
    lines: Vec<NewOrderLine>,
}

impl CreateOrderRequest {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let body = object_of_either_case(body)?;
        let reference_id =
            text(&body, "reference_id").filter(|id| is_id(id)).ok_or(Rejection::INVALID_BODY)?;
        let local_id = text(&body, "local_id");
        let total_amount =
            body.get("total_amount").and_then(money).ok_or(Rejection::Invalid("Invalid total_amount"))?;
        let lines = body.get("order_lines").and_then(Value::as_array);
        let lines = lines
            .filter(|lines| lines.len() <= MAX_LINES)
            .and_then(|lines| lines.iter().map(line).collect())
            .ok_or(Rejection::Invalid("Invalid order_lines"))?;
        Ok(Self { reference_id, local_id, total_amount, lines })
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
    if let Some(url) = optional_text(members, "image_url")? {
        line = line.image_url(url);
    }
    if let Some(category) = optional_text(members, "category")? {
        line = line.category(category);
    }
    if let Some(url) = optional_text(members, "product_url")? {
        line = line.product_url(url);
    }
    if let Some(unit) = optional_text(members, "measurement_unit")? {
        line = line.measurement_unit(unit);
    }
    if let Some(quantity) = given(members, "quantity") {
        line = line.quantity(serde_json::from_value::<Quantity>(quantity.clone()).ok()?);
    }
    if let Some(price) = given(members, "unit_price") {
        line = line.unit_price(money(price)?);
    }
    if let Some(subtotal) = given(members, "subtotal") {
        line = line.subtotal(money(subtotal)?);
    }
    Some(line)
}

/// A text that may be missing; none when the member is something else.
fn optional_text(members: &Map<String, Value>, name: &str) -> Option<Option<String>> {
    match given(members, name) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    }
}

pub(in super::super) struct CreateOrder {
    pub(in super::super) client: Client,
    pub(in super::super) users: Arc<dyn DynUsers>,
    pub(in super::super) orders: Arc<dyn DynOrders>,
    pub(in super::super) recipient: PaymentRecipient,
    pub(in super::super) statuses: ReferenceStatuses,
}

impl CreateOrder {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let request = CreateOrderRequest::read(request.body)?;
        if let Some(id) = &request.local_id {
            let user = self.users.by_local_id(id).await?;
            user.ok_or_else(|| self.statuses.of(Rejection::NotFound("There is no such user")))?;
        }
        let order = NewOrder::new(request.reference_id.as_str(), self.recipient.clone())
            .total_amount(request.total_amount)
            .lines(request.lines);
        let order = self.client.create_order(&order).await.map_err(passed_on)?;
        if let Some(id) = &order.id {
            let record = OrderRecord {
                id: id.clone(),
                reference_id: request.reference_id,
                local_id: request.local_id.map(Pii::new),
                documents: Vec::new(),
            };
            self.orders.keep(&record).await?;
        }
        Ok(json_reply(&order)?)
    }
}
