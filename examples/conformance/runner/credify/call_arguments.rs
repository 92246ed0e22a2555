//! Arguments of recorded calls, as the client's own types.

use kyckit::{
    __private::vectors::credify as vectors,
    credify::model::{
        CampaignFilter, NewOrder, NewOrderLine, OfferQuery, OrderCompletion, PaymentRecipient, ProductType,
        Purchase, Quantity, SimulationInputs, TransactionUpdate,
    },
    error::Error,
};
use serde_json::Value;

use super::money;

pub(super) fn offer_query(args: &Value) -> Result<OfferQuery, Error> {
    let options = &args["options"];
    let mut query = OfferQuery::new(args["id"].as_str().unwrap_or_default());
    if let Some(number) = options["phoneNumber"].as_str() {
        query = query.phone_number(number);
    }
    if let Some(code) = options["countryCode"].as_str() {
        query = query.country_code(code);
    }
    if let Some(id) = options["credifyId"].as_str() {
        query = query.credify_id(id);
    }
    if let Some(types) = options["productTypes"].as_array() {
        query = query.product_types(types.iter().filter_map(Value::as_str).map(ProductType::from));
    }
    if let Some(bnpl) = options.get("bnpl") {
        query = query.purchase(Purchase::new(
            bnpl["itemCategory"].as_str().unwrap_or_default(),
            bnpl["itemCount"].as_u64().unwrap_or_default(),
            needed(money::money(bnpl.get("totalAmount"))?)?,
        ));
    }
    Ok(query)
}

pub(super) fn update(args: &Value) -> Result<TransactionUpdate, Error> {
    let mut update = TransactionUpdate::new(args["status"].as_str().unwrap_or_default().into());
    if let Some(amount) = money::money(args.get("transaction_amount"))? {
        update = update.transaction_amount(amount);
    }
    update = match args.get("reference_id") {
        None => update,
        Some(Value::String(reference)) => update.reference_id(reference.as_str()),
        Some(_) => update.without_reference_id(),
    };
    Ok(match money::money(args.get("vat"))? {
        Some(vat) => update.vat(vat),
        None => update,
    })
}

pub(super) fn filter(args: &Value) -> CampaignFilter {
    let mut filter = CampaignFilter::new();
    if let Some(status) = args["offer_status"].as_str() {
        filter = filter.offer_status(status.into());
    }
    if let Some(status) = args["campaign_status"].as_str() {
        filter = filter.campaign_status(status.into());
    }
    filter
}

pub(super) fn inputs(given: &Value) -> SimulationInputs {
    let mut inputs = SimulationInputs::new();
    for (name, value) in given.as_object().into_iter().flatten() {
        let word = value.as_str().unwrap_or_default();
        inputs = match name.as_str() {
            "market" => inputs.market(word),
            "transactionAmount" => inputs.transaction_amount(value.clone()),
            "loanTenor" => inputs.loan_tenor(value.clone()),
            "downPayment" => inputs.down_payment(value.clone()),
            "disbursementDate" => inputs.disbursement_date(word),
            other => inputs.other(vectors::snake(other), value.clone()),
        };
    }
    inputs
}

pub(super) fn order(args: &Value) -> Result<NewOrder, Error> {
    let recipient: PaymentRecipient = read(&args["payment_recipient"])?;
    let mut order = NewOrder::new(args["reference_id"].as_str().unwrap_or_default(), recipient);
    if let Some(amount) = money::money(args.get("total_amount"))? {
        order = order.total_amount(amount);
    }
    for line in args["order_lines"].as_array().into_iter().flatten() {
        let line = vectors::snake_keys(line)?;
        let word = |name: &str| line[name].as_str().map(str::to_owned);
        let mut made =
            NewOrderLine::new(word("name").unwrap_or_default(), word("reference_id").unwrap_or_default());
        if let Some(url) = word("image_url") {
            made = made.image_url(url);
        }
        if let Some(category) = word("category") {
            made = made.category(category);
        }
        if let Some(url) = word("product_url") {
            made = made.product_url(url);
        }
        if let Some(quantity) = line.get("quantity") {
            made = made.quantity(read::<Quantity>(quantity)?);
        }
        if let Some(price) = money::money(line.get("unit_price"))? {
            made = made.unit_price(price);
        }
        if let Some(subtotal) = money::money(line.get("subtotal"))? {
            made = made.subtotal(subtotal);
        }
        if let Some(unit) = word("measurement_unit") {
            made = made.measurement_unit(unit);
        }
        order = order.line(made);
    }
    Ok(order)
}

pub(super) fn completion(args: &Value) -> Result<OrderCompletion, Error> {
    let number = |name: &str| args[name].as_f64().unwrap_or(f64::NAN);
    let word = |name: &str| args[name].as_str().unwrap_or_default();
    Ok(OrderCompletion::new(
        needed(money::money(args.get("credit_limit"))?)?,
        number("apr"),
        needed(money::duration(args.get("repayment_duration"))?)?,
        needed(money::duration(args.get("repayment_interval"))?)?,
        number("overdue_penalty_rate"),
        word("bnpl_account_number"),
        word("payer_id"),
    ))
}

pub(super) fn needed<T>(value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::configuration("the call has no such argument"))
}

pub(super) fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, Error> {
    serde_json::from_value(value.clone()).map_err(|_| Error::configuration("an argument cannot be read"))
}
