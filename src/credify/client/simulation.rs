//! What a product would cost.

use serde::Serialize;
use serde_json::Value;

use super::{Client, filled};
use crate::{
    credify::{
        failure::Dialect,
        model::{ProductType, Simulation, SimulationInputs},
    },
    error::{Error, ErrorKind},
    transport::decode,
};

impl Client {
    /// What a product would cost at providers:
    /// `POST v2/integration/claim-providers/products/{product type}/simulation`. It changes nothing, and is repeated
    /// when it fails. Without providers, all that sell the product are asked.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::credify::{Client, model::{ProductType, SimulationInputs}};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"simulations":[]}}"#),
    /// # ]));
    /// let client = Client::builder("api-key").options(options).build()?;
    /// let inputs = SimulationInputs::new().market("market-id").disbursement_date("2022-09-12");
    /// let simulation = client.simulate(&ProductType::ConsumerBnpl, &[], &inputs).await?;
    /// println!("{}", simulation.data());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn simulate(
        &self,
        product_type: &ProductType,
        provider_ids: &[&str],
        inputs: &SimulationInputs,
    ) -> Result<Simulation, Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            provider_ids: &'a [&'a str],
            inputs: &'a SimulationInputs,
        }

        const OPERATION: &str = "simulate";
        filled(OPERATION, "product_type", product_type.as_str(), "the product type is empty")?;
        let segments =
            ["v2", "integration", "claim-providers", "products", product_type.as_str(), "simulation"];
        let body = Wire { provider_ids, inputs };
        let response = self.0.api.post(OPERATION, segments).json(&body).idempotent().send().await?;
        let body = decode::json(&response.body).and_then(|body: Value| {
            let is_object = body.is_object();
            is_object
                .then_some(body)
                .ok_or_else(|| Error::new(ErrorKind::Decode, "the answer is not an object").with_path("."))
        });
        body.map(Simulation::new).map_err(|error| Dialect::Api.unusable(&response, error))
    }
}
