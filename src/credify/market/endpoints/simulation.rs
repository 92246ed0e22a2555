//! `POST /simulation`: what a product would cost at providers.

use serde_json::Value;

use crate::credify::{
    Client,
    model::{ProductType, SimulationInputs},
    server::{
        members::{given, object_of_either_case, text, texts},
        rejection::{Rejection, passed_on},
        reply::{Reply, json_reply},
        request::Request,
    },
};

struct SimulationRequest {
    product_type: ProductType,
    provider_ids: Vec<String>,
    inputs: SimulationInputs,
}

impl SimulationRequest {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let body = object_of_either_case(body)?;
        let product_type = text(&body, "product_type").ok_or(Rejection::INVALID_BODY)?;
        // Later servers take the other members under `request`.
        let request = body.get("request").and_then(Value::as_object).unwrap_or(&body);
        let provider_ids = match given(request, "provider_ids") {
            None => Vec::new(),
            Some(ids) => texts(ids).ok_or(Rejection::INVALID_BODY)?,
        };
        let inputs = request.get("inputs").and_then(Value::as_object).ok_or(Rejection::INVALID_BODY)?;
        let inputs = inputs.iter().fold(SimulationInputs::new(), |inputs, (name, value)| {
            inputs.other(name.as_str(), value.clone())
        });
        Ok(Self { product_type: ProductType::from(product_type.as_str()), provider_ids, inputs })
    }
}

pub(in super::super) struct Simulate {
    pub(in super::super) client: Client,
}

impl Simulate {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let request = SimulationRequest::read(request.body)?;
        let providers: Vec<_> = request.provider_ids.iter().map(String::as_str).collect();
        let simulation = self.client.simulate(&request.product_type, &providers, &request.inputs).await;
        Ok(json_reply(&simulation.map_err(passed_on)?.into_answer())?)
    }
}
