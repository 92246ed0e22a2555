//! Calls of the market's own system that go on to the provider: simulation, and what newer SDKs added.

use serde_json::Value;

use super::{
    Call, Endpoint, Inner,
    orders::lenient,
    reply::{Refusal, Reply, ok, passed_on, text, texts},
};
use crate::{
    credify::model::{ProductType, SimulationInputs},
    transport::RawRequest,
};

impl Inner {
    pub(super) async fn simulation(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let body = lenient(call.body)?;
        let product = text(&body, "product_type").ok_or(Refusal::INVALID_BODY)?;
        // Later servers take what else there is under `request`.
        let request = body.get("request").and_then(Value::as_object).unwrap_or(&body);
        let providers = match request.get("provider_ids") {
            None | Some(Value::Null) => Vec::new(),
            Some(ids) => texts(ids).ok_or(Refusal::INVALID_BODY)?,
        };
        let providers: Vec<_> = providers.iter().map(String::as_str).collect();
        let inputs = request.get("inputs").and_then(Value::as_object).ok_or(Refusal::INVALID_BODY)?;
        let inputs = inputs.iter().fold(SimulationInputs::new(), |inputs, (name, value)| {
            inputs.other(name.as_str(), value.clone())
        });
        let simulation =
            self.client.simulate(&ProductType::from(product.as_str()), &providers, &inputs).await;
        ok(&simulation.map_err(passed_on)?.into_answer())
    }

    /// `{request}`, or `{id, claimTokens}`, to the address that was set for it.
    pub(super) async fn forward(&self, endpoint: Endpoint, call: &Call<'_>) -> Result<Reply, Refusal> {
        let segments = self.settings.newer.get(&endpoint).ok_or(Refusal::NotConfigured)?;
        let mut body = lenient(call.body)?;
        let request = match endpoint {
            Endpoint::ClaimsValue => {
                let tokens = body.get("claim_tokens").and_then(texts);
                if text(&body, "id").is_none() || tokens.is_none() {
                    return Err(Refusal::INVALID_BODY);
                }
                Value::Object(body)
            }
            _ => body.remove("request").filter(Value::is_object).ok_or(Refusal::INVALID_BODY)?,
        };
        let sent = RawRequest::post(segments).json(&request).map_err(passed_on)?;
        let answer = self.client.raw(sent).await.map_err(passed_on)?;
        ok(&answer.json::<Value>().map_err(passed_on)?)
    }
}
