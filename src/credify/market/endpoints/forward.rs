//! `POST /offers`, `/intents`, `/product` and `/claims`: calls of the market's own system that go on to the provider.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    credify::{
        Client,
        market::endpoint::Endpoint,
        server::{
            members::{object_of_either_case, text, texts},
            rejection::{Rejection, passed_on},
            reply::{Reply, json_reply},
            request::Request,
        },
    },
    transport::RawRequest,
};

/// What goes on to the provider.
struct ForwardRequest(Value);

impl ForwardRequest {
    /// Reads `{request}`, or `{id, claimTokens}`.
    fn read(endpoint: Endpoint, body: &[u8]) -> Result<Self, Rejection> {
        let mut body = object_of_either_case(body)?;
        if endpoint != Endpoint::ClaimsValue {
            let request = body.remove("request").filter(Value::is_object);
            return request.map(Self).ok_or(Rejection::INVALID_BODY);
        }
        let tokens = body.get("claim_tokens").and_then(texts);
        if text(&body, "id").is_none() || tokens.is_none() {
            return Err(Rejection::INVALID_BODY);
        }
        Ok(Self(Value::Object(body)))
    }
}

pub(in super::super) struct Forward {
    pub(in super::super) client: Client,
    /// The segments of the path at the provider, of each endpoint that is forwarded.
    pub(in super::super) paths: HashMap<Endpoint, Vec<String>>,
}

impl Forward {
    pub(super) async fn answer(&self, endpoint: Endpoint, request: &Request<'_>) -> Result<Reply, Rejection> {
        let segments = self.paths.get(&endpoint).ok_or(Rejection::NotConfigured)?;
        let ForwardRequest(request) = ForwardRequest::read(endpoint, request.body)?;
        let request = RawRequest::post(segments).json(&request).map_err(passed_on)?;
        let response = self.client.raw(request).await.map_err(passed_on)?;
        Ok(json_reply(&response.json::<Value>().map_err(passed_on)?)?)
    }
}
