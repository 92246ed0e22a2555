//! Credify within the process, for trying the market out: it knows five tokens, one person and one service provider, and
//! takes what it is given. `kyckit::sandbox::credify` is the one for tests.

use std::error::Error;

use futures_util::stream;
use http::{HeaderMap, Method, StatusCode};
use kyckit::{
    clock::Clock,
    credify::{
        Client, Environment,
        json::sha256,
        keys::{DecryptionKey, SigningKey},
        token::{ApprovalToken, RequestToken},
    },
    transport::{Body, Options, Request, Response, Transport},
};
use serde_json::{Value, json};

/// The market.
pub const MARKET_ID: &str = "40f9a736-0d97-409b-a0f7-d23ebca20bde";
const CONSUMER: &str = "8e0b198b-f112-4612-96bb-9d2c8b8ca0c3";
const USER: &str = "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512";
const ORDER: &str = "c705f5bb-2e2f-4b90-a65d-633a3365f7de";

/// What it knows of tokens: the word, the scopes.
const TOKENS: [(&str, &str); 5] = [
    ("demo-filter", "claim_provider:read_filtered_offers"),
    ("demo-counts", "oidc_client:read_user_counts"),
    ("demo-evaluate", "individual:read_evaluated_offer"),
    ("demo-claims", "oidc_client:read_encrypted_claims"),
    ("demo-documents", "bnpl_order:c705f5bb-2e2f-4b90-a65d-633a3365f7de"),
];

#[derive(Clone)]
pub struct Offline {
    market: SigningKey,
    consumer: SigningKey,
    wallet: SigningKey,
    ecosystem: SigningKey,
    reader: DecryptionKey,
}

impl Offline {
    pub fn new() -> Result<Self, kyckit::Error> {
        let clock = Clock::system();
        Ok(Self {
            market: SigningKey::generate(&clock)?,
            consumer: SigningKey::generate(&clock)?,
            wallet: SigningKey::generate(&clock)?,
            ecosystem: SigningKey::generate(&clock)?,
            reader: DecryptionKey::generate()?,
        })
    }

    /// A market's client that talks to it.
    pub fn client(&self) -> Result<Client, kyckit::Error> {
        Client::builder("offline")
            .environment(Environment::Local)
            .signing_key(self.market.clone())
            .options(Options::new().transport(self.clone()))
            .build()
    }

    /// The two calls whose tokens are of now.
    pub fn print_commands(
        &self,
        address: &str,
        webhook_url: &str,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let clock = Clock::system();
        let prefix = super::server::setting("CREDIFY_PREFIX", "/v1");
        let key = self.reader.encryption_key()?;
        let scopes = ["openid", "phone", "profile", "email", "40f9a736-0d97-409b-a0f7-d23ebca20bde:loyalty"];
        let request = RequestToken { client_id: CONSUMER, encryption_key: Some(&key), scopes: &scopes };
        let request = request.sign(&self.consumer, &clock)?;
        let approval =
            ApprovalToken { client_id: CONSUMER, entity_id: USER, scopes: &scopes, offer_code: None };
        let approval = approval.sign(&self.wallet, &clock)?;
        let body =
            json!({"user_id": USER, "request_token": request.expose(), "approval_token": approval.expose()});
        println!("\n# encrypted claims, within the hour, after a push:");
        println!(
            "curl -H 'authorization: Bearer demo-claims' http://{address}{prefix}/api/claims/request -d '{body}'"
        );

        let event =
            json!({"type": "BNPL_ORDER_STATUS_UPDATED", "order_id": ORDER, "order_status": "APPROVED"})
                .to_string();
        let (id, time) = ("51750a4a-0a6b-4c2a-9c6f-827277c35e66", clock.unix_seconds());
        let hash = sha256(&Value::String(event.clone()))?;
        let signature =
            self.ecosystem.sign(format!("POST\n{webhook_url}\n{id}\n{time}\n{hash}").as_bytes())?;
        let signature = base64url(&signature);
        println!("# a webhook, within the day:");
        println!(
            "curl -H 'signature: {signature}' -H 'x-event-id: {id}' -H 'x-event-timestamp: {time}' \
             http://{address}{prefix}/webhook -d '{event}'\n"
        );
        Ok(())
    }

    fn answer(&self, method: &Method, path: &str, query: &str, body: &Value) -> Option<Value> {
        let order = json!({"id": ORDER, "reference_id": "r-1", "order_status": "PENDING", "order_lines": []});
        let data = match (method.as_str(), path) {
            // A token that does not say when it ends.
            ("POST", "/v1/token") => json!({"access_token": "offline"}),
            ("POST", "/v1/oauth2/introspect") => introspection(body),
            ("GET", "/v1/entity/public-key") => {
                let key = match query.strip_prefix("entity_id=")? {
                    CONSUMER => &self.consumer,
                    USER => &self.wallet,
                    other if Environment::Local.ecosystem_id() == Some(other) => &self.ecosystem,
                    _ => return None,
                };
                json!({"signing": key.verifying_key().to_pem()})
            }
            ("POST", "/v1/integration/bnpl-consumers/orders") => order,
            ("GET", "/v1/integration/bnpl-consumers/orders") => json!({"orders": [order]}),
            ("POST", "/v1/claim-providers/offers") => json!({"offers": []}),
            ("POST", path) if path.ends_with("/simulation") => json!({"simulations": []}),
            ("POST", path) if order_of(path) == Some(ORDER) => json!({"id": ORDER}),
            ("PUT", path) if path.ends_with("/claims") && order_of(path).is_none_or(|id| id == ORDER) => {
                json!({})
            }
            _ => return None,
        };
        Some(json!({"success": true, "data": data}))
    }
}

fn introspection(asked: &Value) -> Value {
    let known = TOKENS.iter().find(|(token, _)| asked["token"] == *token);
    let wanted = asked["scope"].as_str();
    match known.filter(|(_, scope)| wanted.is_none_or(|wanted| wanted == *scope)) {
        None => json!({"active": false}),
        Some((_, scope)) => json!({
            "active": true, "scope": scope, "client_id": CONSUMER,
            "aud": ["https://market.example/v1/api/offers/filter"],
        }),
    }
}

impl Transport for Offline {
    async fn send(&self, request: Request) -> Result<Response, kyckit::Error> {
        let body: Value = match &request.body {
            Body::Bytes(bytes) => serde_json::from_slice(bytes).unwrap_or_default(),
            _ => Value::Null,
        };
        let url = &request.url;
        let (status, bytes) = if url.host_str() == Some("documents.example") {
            (StatusCode::OK, format!("%PDF-1.7 {}", url.path()))
        } else {
            match self.answer(&request.method, url.path(), url.query().unwrap_or_default(), &body) {
                Some(answer) => (StatusCode::OK, answer.to_string()),
                None => (StatusCode::NOT_FOUND, r#"{"success":false,"errors":[]}"#.to_owned()),
            }
        };
        let body = Box::pin(stream::iter([Ok(bytes.into())]));
        Ok(Response::new(status, HeaderMap::new(), body))
    }
}

/// Base64url without padding.
fn base64url(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The id of the order that a path is about.
fn order_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/v1/integration/bnpl-consumers/orders/")?;
    rest.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_order() {
        let path = format!("/v1/integration/bnpl-consumers/orders/{ORDER}/cancel");
        assert_eq!(order_of(&path), Some(ORDER));
        assert_eq!(order_of("/v1/integration/bnpl-consumers/orders/other/cancel"), Some("other"));
        assert_eq!(order_of("/v1/claim-providers/offers"), None);
    }
}
