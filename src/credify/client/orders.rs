//! Orders that are paid later. Whatever changes one is sent once: ask for the order before doing it again.

use serde_json::json;

use super::{
    Client,
    envelope::{self, list_of},
    filled, named,
};
use crate::{
    credify::model::{NewOrder, Order, OrderCompletion},
    error::Error,
    transport::Call,
};

const EMPTY: &str = "the order's id is empty";

impl Client {
    /// Makes an order: `POST v1/integration/bnpl-consumers/orders`. Sent once.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::credify::{Client, model::{NewOrder, PaymentRecipient}, money::{Currency, Money}};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"id":"c705f5bb","order_status":"PENDING"}}"#),
    /// # ]));
    /// let client = Client::builder("api-key").options(options).build()?;
    /// let recipient = PaymentRecipient::bank_account("Demo shop", "190", "", "Techcombank");
    /// let order =
    ///     NewOrder::new("order-4711", recipient).total_amount(Money::new("9000000".parse()?, Currency::Vnd)?);
    /// let order = client.create_order(&order).await?;
    /// println!("{:?} {:?}", order.id, order.order_status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call. When it [may have taken effect](Error::may_have_taken_effect), look for the reference among
    /// the person's orders before making it again.
    pub async fn create_order(&self, order: &NewOrder) -> Result<Order, Error> {
        let segments = ["v1", "integration", "bnpl-consumers", "orders"];
        envelope::data(self.0.api.post("create_order", segments).json(order)).await
    }

    /// The orders of a person: `GET v1/integration/bnpl-consumers/orders`. Repeated when it fails.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// # use kyckit::credify::Client;
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"orders":[]}}"#),
    /// # ]));
    /// # let client = Client::builder("api-key").options(options).build()?;
    /// let orders = client.orders("ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512").await?;
    /// # assert!(orders.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for an id that is empty or no UUID of RFC 9562; nothing is
    /// sent then. As for every call.
    pub async fn orders(&self, credify_id: &str) -> Result<Vec<Order>, Error> {
        list_of!(Orders, orders: Order);

        const OPERATION: &str = "orders";
        filled(OPERATION, "credify_id", credify_id, "The CredifyId must be provided")?;
        if !is_uuid(credify_id) {
            return Err(Error::invalid("credify_id", "The CredifyId must be in an UUID format"))
                .map_err(named(OPERATION));
        }
        let segments = ["v1", "integration", "bnpl-consumers", "orders"];
        let call = self.0.api.get(OPERATION, segments).query("credify_id", credify_id);
        envelope::data::<Orders>(call).await.map(|wire| wire.orders)
    }

    /// One order, as the provider that pays sees it: `GET v1/integration/bnpl-providers/orders/{id}`. Repeated when it
    /// fails.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client) -> Result<(), kyckit::Error> {
    /// let order = client.order("c705f5bb-2e2f-4b90-a65d-633a3365f7de").await?;
    /// println!("{:?}", order.order_status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn order(&self, order_id: &str) -> Result<Order, Error> {
        const OPERATION: &str = "order";
        filled(OPERATION, "order_id", order_id, EMPTY)?;
        let segments = ["v1", "integration", "bnpl-providers", "orders", order_id];
        one_order(self.0.api.get(OPERATION, segments), order_id).await
    }

    /// One order, as the market sees it: `GET v1/bnpl-consumer/orders/{id}`. Repeated when it fails.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client) -> Result<(), kyckit::Error> {
    /// let order = client.order_detail("c705f5bb-2e2f-4b90-a65d-633a3365f7de").await?;
    /// println!("{:?}", order.order_status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn order_detail(&self, order_id: &str) -> Result<Order, Error> {
        const OPERATION: &str = "order_detail";
        filled(OPERATION, "order_id", order_id, EMPTY)?;
        let segments = ["v1", "bnpl-consumer", "orders", order_id];
        one_order(self.0.api.get(OPERATION, segments), order_id).await
    }

    /// Tells that a provider pays an order, and how it is paid back:
    /// `POST v1/integration/bnpl-providers/orders/{id}/complete`. Sent once.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::credify::{Client, model::OrderCompletion, money::{Currency, Duration, DurationUnit, Money}};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"id":"c705f5bb"}}"#),
    /// # ]));
    /// let client = Client::builder("api-key").options(options).build()?;
    /// let completion = OrderCompletion::new(
    ///     Money::new("105000".parse()?, Currency::Vnd)?,
    ///     5.6,
    ///     Duration::new(12_u32, DurationUnit::Month)?,
    ///     Duration::new(1_u32, DurationUnit::Month)?,
    ///     0.2,
    ///     "1234567",
    ///     "55b84cff-664b-406e-86d4-9f63d8f15717",
    /// );
    /// client.complete_order("c705f5bb", &completion).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a rate that is no number; as for every call.
    pub async fn complete_order(&self, order_id: &str, completion: &OrderCompletion) -> Result<Order, Error> {
        const OPERATION: &str = "complete_order";
        filled(OPERATION, "order_id", order_id, EMPTY)?;
        if !completion.is_finite() {
            return Err(Error::invalid("apr", "a rate is not a number")).map_err(named(OPERATION));
        }
        let segments = ["v1", "integration", "bnpl-providers", "orders", order_id, "complete"];
        one_order(self.0.api.post(OPERATION, segments).json(completion), order_id).await
    }

    /// Takes the payment of an order back: `POST v1/integration/bnpl-consumers/orders/{id}/revert`. Sent once.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client) -> Result<(), kyckit::Error> {
    /// client.revert_payment("c705f5bb-2e2f-4b90-a65d-633a3365f7de").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call. When it [may have taken effect](Error::may_have_taken_effect), ask for the order's state.
    pub async fn revert_payment(&self, order_id: &str) -> Result<Order, Error> {
        self.act("revert_payment", order_id, "revert").await
    }

    /// Asks for the money of an order: `POST v1/integration/bnpl-consumers/orders/{id}/disburse`. Sent once.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client) -> Result<(), kyckit::Error> {
    /// client.disburse("c705f5bb-2e2f-4b90-a65d-633a3365f7de").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call. When it [may have taken effect](Error::may_have_taken_effect), ask for the order's state.
    pub async fn disburse(&self, order_id: &str) -> Result<Order, Error> {
        self.act("disburse", order_id, "disburse").await
    }

    async fn act(&self, operation: &'static str, order_id: &str, verb: &str) -> Result<Order, Error> {
        filled(operation, "order_id", order_id, EMPTY)?;
        let segments = ["v1", "integration", "bnpl-consumers", "orders", order_id, verb];
        one_order(self.0.api.post(operation, segments).json(&json!({})), order_id).await
    }
}

/// Sends a call about one order, which is answered with that order.
async fn one_order(call: Call<'_>, order_id: &str) -> Result<Order, Error> {
    let (order, response): (Order, _) = envelope::data_and_response(call).await?;
    response.is_about("answer.object", order_id, order.id.as_deref())?;
    Ok(order)
}

/// A UUID of any version of RFC 9562 in its usual form, the nil and the max one too.
fn is_uuid(text: &str) -> bool {
    let has_form = text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if !has_form {
        return false;
    }
    let (version, variant) = (text.as_bytes()[14], text.as_bytes()[19]);
    let is_one_of = |digits: &[u8]| text.bytes().all(|byte| byte == b'-' || digits.contains(&byte));
    ((b'1'..=b'8').contains(&version) && b"89abAB".contains(&variant)) || is_one_of(b"0") || is_one_of(b"fF")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9562, appendices A and B, and section 5.9 and 5.10.
    #[test]
    fn uuids_of_all_versions_are_known() {
        for uuid in [
            "C232AB00-9414-11EC-B3C8-9F6BDECED846",
            "919108f7-52d1-4320-9bac-f847db4148a8",
            "1EC9414C-232A-6B00-B3C8-9F6BDECED846",
            "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
            "2489E9AD-2EE2-8E00-8EC9-32D5F69181C0",
            "00000000-0000-0000-0000-000000000000",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        ] {
            assert!(is_uuid(uuid), "{uuid}");
        }
        for other in [
            "",
            "919108f7-52d1-9320-9bac-f847db4148a8",
            "919108f7-52d1-4320-7bac-f847db4148a8",
            "919108f752d143209bacf847db4148a8",
            "919108f7-52d1-4320-9bac-f847db4148ag",
            "919108f7-52d1-4320-9bac-f847db4148aé",
        ] {
            assert!(!is_uuid(other), "{other}");
        }
    }
}
