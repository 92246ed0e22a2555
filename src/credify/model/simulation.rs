//! What a product would cost a person.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a simulation goes by. Amounts and durations are sent as they are given: the provider takes numbers and texts.
///
/// ```
/// use kyckit::credify::model::SimulationInputs;
/// use serde_json::json;
///
/// let inputs = SimulationInputs::new()
///     .market("market-id")
///     .transaction_amount(json!({ "value": "25689000", "currency": "VND" }))
///     .loan_tenor(json!({ "value": 30, "unit": "DAY" }))
///     .disbursement_date("2022-09-12");
/// ```
///
/// Source: the provider's Node SDK 1.22.6.
#[derive(Clone, Debug, Default, Serialize)]
#[must_use = "inputs do nothing until they are sent"]
pub struct SimulationInputs {
    #[serde(skip_serializing_if = "Option::is_none")]
    market: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_amount: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loan_tenor: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    down_payment: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disbursement_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<SimulationProduct>,
    #[serde(flatten)]
    more: std::collections::BTreeMap<String, Value>,
}

/// What would be bought.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct SimulationProduct {
    /// Who makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// What kind of thing it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl SimulationProduct {
    /// A product by maker, category and name.
    pub fn new(
        manufacturer: impl Into<String>,
        category: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            manufacturer: Some(manufacturer.into()),
            category: Some(category.into()),
            name: Some(name.into()),
        }
    }
}

impl SimulationInputs {
    /// Without inputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// The market's id.
    pub fn market(mut self, market: impl Into<String>) -> Self {
        self.market = Some(market.into());
        self
    }

    /// What is to be paid for, as `{value, currency}`.
    pub fn transaction_amount(mut self, amount: impl Into<Value>) -> Self {
        self.transaction_amount = Some(amount.into());
        self
    }

    /// For how long, as `{value, unit}`.
    pub fn loan_tenor(mut self, tenor: impl Into<Value>) -> Self {
        self.loan_tenor = Some(tenor.into());
        self
    }

    /// What is paid at once, as `{value, currency}`.
    pub fn down_payment(mut self, amount: impl Into<Value>) -> Self {
        self.down_payment = Some(amount.into());
        self
    }

    /// When the money is paid out: `yyyy-mm-dd`.
    pub fn disbursement_date(mut self, date: impl Into<String>) -> Self {
        self.disbursement_date = Some(date.into());
        self
    }

    /// What would be bought.
    pub fn product(mut self, product: SimulationProduct) -> Self {
        self.product = Some(product);
        self
    }

    /// An input that has no function here, such as `market_id`.
    pub fn other(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.more.insert(name.into(), value.into());
        self
    }
}

/// The provider's response to a simulation. Its members are not documented, so it is kept whole.
#[derive(Clone)]
pub struct Simulation(Value);

impl Simulation {
    pub(in crate::credify) const fn new(answer: Value) -> Self {
        Self(answer)
    }

    /// What stands under `data`; `null` when there is nothing.
    pub fn data(&self) -> &Value {
        &self.0["data"]
    }

    /// The whole answer.
    pub const fn answer(&self) -> &Value {
        &self.0
    }

    /// The whole answer.
    pub fn into_answer(self) -> Value {
        self.0
    }
}

crate::privacy::redacted_debug!(Simulation);
