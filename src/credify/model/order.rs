//! Orders that are paid later, and the status of an offer's transaction.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use super::{
    text::text,
    words::{OrderStatus, TransactionStatus},
};
use crate::{
    credify::money::{Duration, Money},
    privacy::Pii,
    wire::{
        self,
        unread::{Message, Unread, UnreadMember},
    },
};

/// How much of a thing: a number, or the provider's text for one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Quantity {
    /// A whole number.
    Count(u64),
    /// A number that is not whole.
    Number(f64),
    /// A text.
    Text(String),
}

// By way of a `Value`, which alone knows how serde_json represents a number: which form that is depends on features that
// any crate in the graph can turn on, and what serde derives for an untagged enum knows only one.
impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let unusable = || D::Error::custom("this is no quantity");
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Number(number) => match number.as_u64() {
                Some(count) => Ok(Self::Count(count)),
                None => {
                    let number = number.as_f64().filter(|number| number.is_finite());
                    number.map(Self::Number).ok_or_else(unusable)
                }
            },
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(unusable()),
        }
    }
}

impl From<u64> for Quantity {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<&str> for Quantity {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Quantity {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// An order to be made.
///
/// ```
/// use kyckit::credify::{model::{NewOrder, NewOrderLine, PaymentRecipient}, money::{Currency, Money}};
///
/// let price = Money::new("9000000".parse()?, Currency::Vnd)?;
/// let line = NewOrderLine::new("Phone", "sku-1").quantity(1_u64).unit_price(price.clone()).subtotal(price.clone());
/// let recipient = PaymentRecipient::bank_account("Demo shop", "190", "Hanoi", "Techcombank");
/// let order = NewOrder::new("order-4711", recipient).total_amount(price).line(line);
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[must_use = "an order does nothing until it is sent"]
pub struct NewOrder {
    reference_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_amount: Option<Money>,
    order_lines: Vec<NewOrderLine>,
    payment_recipient: PaymentRecipient,
}

impl NewOrder {
    /// An order by the shop's own reference, and who is paid.
    pub fn new(reference_id: impl Into<String>, payment_recipient: PaymentRecipient) -> Self {
        Self {
            reference_id: reference_id.into(),
            total_amount: None,
            order_lines: Vec::new(),
            payment_recipient,
        }
    }

    /// What all of it costs.
    pub fn total_amount(mut self, amount: Money) -> Self {
        self.total_amount = Some(amount);
        self
    }

    /// Adds a line.
    pub fn line(mut self, line: NewOrderLine) -> Self {
        self.order_lines.push(line);
        self
    }

    /// Adds lines.
    pub fn lines(mut self, lines: impl IntoIterator<Item = NewOrderLine>) -> Self {
        self.order_lines.extend(lines);
        self
    }
}

/// One line of an order to be made. What is not given is not sent.
#[derive(Clone, Debug, Serialize)]
#[must_use = "a line belongs to an order"]
pub struct NewOrderLine {
    name: String,
    reference_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtotal: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measurement_unit: Option<String>,
}

impl NewOrderLine {
    /// A line by the thing's name and the shop's own reference.
    pub fn new(name: impl Into<String>, reference_id: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            reference_id: reference_id.into(),
            image_url: None,
            category: None,
            product_url: None,
            quantity: None,
            unit_price: None,
            subtotal: None,
            measurement_unit: None,
        }
    }

    /// A picture of it.
    pub fn image_url(mut self, url: impl Into<String>) -> Self {
        self.image_url = Some(url.into());
        self
    }

    /// What kind of thing it is.
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// Its page in the shop.
    pub fn product_url(mut self, url: impl Into<String>) -> Self {
        self.product_url = Some(url.into());
        self
    }

    /// How much of it.
    pub fn quantity(mut self, quantity: impl Into<Quantity>) -> Self {
        self.quantity = Some(quantity.into());
        self
    }

    /// What one costs.
    pub fn unit_price(mut self, price: Money) -> Self {
        self.unit_price = Some(price);
        self
    }

    /// What the line costs.
    pub fn subtotal(mut self, amount: Money) -> Self {
        self.subtotal = Some(amount);
        self
    }

    /// What is counted: `EA` for pieces.
    pub fn measurement_unit(mut self, unit: impl Into<String>) -> Self {
        self.measurement_unit = Some(unit.into());
        self
    }
}

/// Who is paid.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct PaymentRecipient {
    /// The account holder's name.
    #[serde(default)]
    pub name: Pii<String>,
    /// The account's number.
    #[serde(default)]
    pub number: Pii<String>,
    /// The bank's branch; may be empty.
    #[serde(default)]
    pub branch: String,
    /// The bank.
    #[serde(default)]
    pub bank: String,
    /// The kind of account: `BANK_ACCOUNT`.
    #[serde(default, rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
}

impl PaymentRecipient {
    /// A bank account by its holder, number, branch and bank.
    pub fn bank_account(
        name: impl Into<String>,
        number: impl Into<String>,
        branch: impl Into<String>,
        bank: impl Into<String>,
    ) -> Self {
        Self {
            name: Pii::new(name.into()),
            number: Pii::new(number.into()),
            branch: branch.into(),
            bank: bank.into(),
            kind: "BANK_ACCOUNT".to_owned(),
        }
    }
}

/// An order as the provider has it. Every member may be missing.
///
/// Source: the provider's reference servers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Order {
    /// Its id: a UUID.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The shop's own reference.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub reference_id: Option<String>,
    /// What all of it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Money>,
    /// Its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_lines: Option<Vec<OrderLine>>,
    /// Who is paid.
    #[serde(default, deserialize_with = "wire::optional_object", skip_serializing_if = "Option::is_none")]
    pub payment_recipient: Option<PaymentRecipient>,
    /// Its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_status: Option<OrderStatus>,
    /// The account under which the person pays later; empty before there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bnpl_account_number: Option<Pii<String>>,
    /// Members that have no field here.
    #[serde(flatten)]
    pub extra: Pii<BTreeMap<String, Value>>,
    #[serde(skip)]
    unread: Unread,
}

impl Message for Order {
    /// - the two ids: which order it is
    /// - the amounts, and where they are paid to
    /// - the status: how far the order is
    const STRICT: &'static [&'static str] = &[
        "id",
        "reference_id",
        "total_amount",
        "order_lines[].quantity",
        "order_lines[].unit_price",
        "order_lines[].subtotal",
        "payment_recipient",
        "order_status",
        "bnpl_account_number",
    ];

    fn unread_mut(&mut self) -> &mut Unread {
        &mut self.unread
    }
}

impl Order {
    /// The members that are not of the documented type, and absent therefore.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }
}

/// One line of an order as the provider has it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct OrderLine {
    /// The thing's name.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The shop's own reference.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub reference_id: Option<String>,
    /// A picture of it.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// What kind of thing it is.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its page in the shop.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub product_url: Option<String>,
    /// How much of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// What one costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Money>,
    /// What the line costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtotal: Option<Money>,
    /// What is counted.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub measurement_unit: Option<String>,
    /// Members that have no field here.
    #[serde(flatten)]
    pub extra: Pii<BTreeMap<String, Value>>,
}

/// What a provider tells of an order that it pays.
#[derive(Clone, Debug, Serialize)]
#[must_use = "it does nothing until it is sent"]
pub struct OrderCompletion {
    credit_limit: Money,
    apr: f64,
    repayment_duration: Duration,
    repayment_interval: Duration,
    overdue_penalty_rate: f64,
    bnpl_account_number: Pii<String>,
    payer_id: Pii<String>,
}

impl OrderCompletion {
    /// All of it: how much the person may owe, the yearly rate in percent, over how long and how often it is paid
    /// back, the rate for being late, the person's account at the provider, and the person's Credify id.
    pub fn new(
        credit_limit: Money,
        apr: f64,
        repayment_duration: Duration,
        repayment_interval: Duration,
        overdue_penalty_rate: f64,
        bnpl_account_number: impl Into<String>,
        payer_id: impl Into<String>,
    ) -> Self {
        Self {
            credit_limit,
            apr,
            repayment_duration,
            repayment_interval,
            overdue_penalty_rate,
            bnpl_account_number: Pii::new(bnpl_account_number.into()),
            payer_id: Pii::new(payer_id.into()),
        }
    }

    /// JSON has no word for what is no number.
    pub(in crate::credify) const fn is_finite(&self) -> bool {
        self.apr.is_finite() && self.overdue_penalty_rate.is_finite()
    }
}

/// What a service provider tells of an offer's transaction.
///
/// ```
/// use kyckit::credify::{model::{TransactionStatus, TransactionUpdate}, money::{Currency, Money}};
///
/// let update = TransactionUpdate::new(TransactionStatus::Completed)
///     .transaction_amount(Money::new("250000".parse()?, Currency::Vnd)?)
///     .reference_id("contract-4711");
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[must_use = "it does nothing until it is sent"]
pub struct TransactionUpdate {
    pub(in crate::credify) onboarding_status: TransactionStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference_id: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vat: Option<Money>,
}

impl TransactionUpdate {
    /// How the onboarding stands.
    pub fn new(status: TransactionStatus) -> Self {
        Self { onboarding_status: status, transaction_amount: None, reference_id: None, vat: None }
    }

    /// What it is worth; zero is sent as zero.
    pub fn transaction_amount(mut self, amount: Money) -> Self {
        self.transaction_amount = Some(amount);
        self
    }

    /// The service provider's own reference.
    pub fn reference_id(mut self, reference: impl Into<String>) -> Self {
        self.reference_id = Some(Some(reference.into()));
        self
    }

    /// Takes a reference away that was reported before: it is sent as `null`.
    pub fn without_reference_id(mut self) -> Self {
        self.reference_id = Some(None);
        self
    }

    /// The tax within the amount.
    pub fn vat(mut self, amount: Money) -> Self {
        self.vat = Some(amount);
        self
    }
}
