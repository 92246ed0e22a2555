//! The API: who asks, what is asked, what became of it.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    ORGANISATION_ID,
    world::{Entity, Order, World, seconds},
};
use crate::{
    credify::{
        PROVIDER,
        keys::VerifyingKey,
        token::jwt::{self, Strictness, Unverified},
    },
    provider::ProviderId,
    sandbox::{payload::Payload, server::FakeProvider},
    server::headers::credentials,
    wire,
};

pub(super) struct Api(pub(super) Arc<World>);

/// A refusal: status, code, text.
struct Refusal(StatusCode, &'static str, &'static str);

type Answer = Result<Option<Value>, Refusal>;

const UNAUTHORIZED: Refusal = Refusal(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "The token is not valid.");
const INVALID: Refusal = Refusal(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "The request is not valid.");

impl Refusal {
    /// As the provider words it in the language of the call.
    fn answer(&self, headers: &HeaderMap) -> Response<Payload> {
        let Self(status, code, message) = self;
        let locale = text(headers, header::ACCEPT_LANGUAGE.as_str());
        let localized = match locale {
            "vi-VN" => "Yêu cầu không thành công.",
            "ja-JP" => "リクエストに失敗しました。",
            _ => message,
        };
        let entry = json!({
            "code": code, "message": message, "localized_message": { "locale": locale, "text": localized },
        });
        json_answer(*status, &json!({ "success": false, "errors": [entry] }))
    }
}

/// One request, taken apart.
struct Asked<'a> {
    head: &'a Parts,
    path: Vec<String>,
    query: Vec<(String, String)>,
    body: Value,
}

impl Asked<'_> {
    fn query(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    fn word(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default()
    }

    fn part(&self, index: usize) -> &str {
        self.path.get(index).map(String::as_str).unwrap_or_default()
    }
}

impl Api {
    fn ask(&self, asked: &Asked<'_>) -> Answer {
        let path: Vec<_> = asked.path.iter().map(String::as_str).collect();
        let route =
            name(&path).ok_or(Refusal(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such path."))?;
        if asked.head.method != method(route) {
            let what = "The path has another method.";
            return Err(Refusal(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", what));
        }
        if route == "/v1/token" {
            return self.token(asked);
        }
        let organisation = self.admit(&asked.head.headers)?;
        match route {
            "/v1/oauth2/introspect" => Ok(Some(self.introspection(asked))),
            "/v1/entity/public-key" => Ok(Some(self.public_key(asked))),
            "/v1/claim-providers/entities/{id}/claims" => self.claims(&organisation, asked),
            "/v1/claim-providers/offers" => self.offers(asked),
            "/v1/oidc-clients/offers/transactions/{id}/status" => self.transaction(asked),
            "/v1/oidc-clients/campaigns" => self.campaigns(asked),
            "/v1/oidc-clients/offers/{code}" => {
                let offer = self.0.store().offers.get(asked.part(3)).cloned();
                let unknown = Refusal(StatusCode::NOT_FOUND, "OFFER_NOT_FOUND", "offer not found");
                Ok(Some(json!({ "offer": offer.ok_or(unknown)? })))
            }
            "/v1/integration/bnpl-consumers/completed-bnpl-providers" => Ok(Some(self.providers(asked))),
            "/v2/integration/claim-providers/products/{type}/simulation" => simulation(asked),
            "/v1/integration/bnpl-consumers/orders" if asked.head.method == Method::POST => {
                self.new_order(asked)
            }
            "/v1/integration/bnpl-consumers/orders" => Ok(Some(self.orders(asked))),
            "/v1/integration/bnpl-consumers/orders/{id}/revert" => {
                self.change(asked.part(4), &["PENDING", "APPROVED"], "CANCELED")
            }
            "/v1/integration/bnpl-consumers/orders/{id}/disburse" => {
                self.change(asked.part(4), &["APPROVED"], "DISBURSING")
            }
            "/v1/integration/bnpl-providers/orders/{id}/complete" => self.complete(&organisation, asked),
            "/v1/integration/bnpl-providers/orders/{id}" => self.order(asked.part(4)),
            "/v1/bnpl-consumer/orders/{id}" => self.order(asked.part(3)),
            _ => self.entity(asked),
        }
    }

    /// The organisation of the access token that came along.
    fn admit(&self, headers: &HeaderMap) -> Result<String, Refusal> {
        let token = credentials(text(headers, header::AUTHORIZATION.as_str()), "Bearer").unwrap_or_default();
        match self.0.store().access.get(token) {
            Some((organisation, ends)) if self.0.now() < *ends => Ok(organisation.clone()),
            _ => Err(UNAUTHORIZED),
        }
    }

    fn token(&self, asked: &Asked<'_>) -> Answer {
        let organisation = self.0.store().api_keys.get(text(&asked.head.headers, "x-api-key")).cloned();
        let unknown = Refusal(StatusCode::UNAUTHORIZED, "INVALID_API_KEY", "The API key is not valid.");
        let token = self.0.access_token(&organisation.ok_or(unknown)?).map_err(|_| INVALID)?;
        Ok(Some(json!({ "access_token": token })))
    }

    fn introspection(&self, asked: &Asked<'_>) -> Value {
        let (token, now) = (asked.word("token"), self.0.now());
        let store = self.0.store();
        let user = store
            .user_tokens
            .get(token)
            .filter(|(_, ends)| now < *ends)
            .map(|(grant, ends)| (grant.client_id.clone(), grant.scopes.join(" "), Vec::new(), *ends));
        let presented =
            store.presented.get(token).filter(|token| now < token.ends).map(|token| {
                (token.client_id.clone(), token.scope.clone(), token.audience.clone(), token.ends)
            });
        let wanted = asked.body["scope"].as_str();
        let found = user.or(presented).filter(|(_, scope, _, _)| {
            wanted.is_none_or(|wanted| scope.split(' ').any(|held| held == wanted))
        });
        match found {
            None => json!({ "active": false }),
            Some((client_id, scope, audience, ends)) => json!({
                "active": true, "scope": scope, "client_id": client_id, "sub": client_id, "aud": audience,
                "exp": seconds(ends), "iat": seconds(now), "iss": self.0.oidc_base.as_str(),
                "token_type": "access_token", "ext": {},
            }),
        }
    }

    fn public_key(&self, asked: &Asked<'_>) -> Value {
        let entity = self.0.store().entities.get(asked.query("entity_id")).cloned().unwrap_or_default();
        let mut keys = json!({});
        if let Some(key) = entity.signing {
            keys["signing"] = key.into();
        }
        if let Some(key) = entity.encryption {
            keys["encryption"] = key.into();
        }
        keys
    }

    fn claims(&self, organisation: &str, asked: &Asked<'_>) -> Answer {
        let user = asked.part(3);
        let mut store = self.0.store();
        let key = store.entities.get(organisation).and_then(|entity| entity.signing.as_deref());
        let key = key.and_then(|key| VerifyingKey::from_pem(key).ok()).ok_or(INVALID)?;
        let mut tokens = Vec::new();
        for token in asked.body["claim_tokens"].as_array().ok_or(INVALID)? {
            let token = token.as_str().ok_or(INVALID)?;
            let refused =
                Refusal(StatusCode::BAD_REQUEST, "INVALID_CLAIM_TOKEN", "A claim token is not valid.");
            let opened = Unverified::parse(token, Strictness::Strict, jwt::LONGEST)
                .and_then(|token| token.verify(&key))
                .ok()
                .filter(|token| {
                    let payload = token.payload();
                    ["scope_name", "scope_hash"]
                        .iter()
                        .all(|name| payload.get(*name).is_some_and(Value::is_string))
                        && payload.get("iss").is_some_and(|iss| iss == organisation)
                        && payload.get("user_id").is_some_and(|id| id == user)
                });
            opened.ok_or(refused)?;
            tokens.push(token.to_owned());
        }
        store.claim_tokens.insert(user.to_owned(), tokens);
        Ok(Some(json!({})))
    }

    fn offers(&self, asked: &Asked<'_>) -> Answer {
        if asked.word("local_id").is_empty() {
            return Err(INVALID);
        }
        let offers: Vec<_> = self.0.store().offers.values().cloned().collect();
        Ok(Some(json!({ "offers": offers })))
    }

    fn transaction(&self, asked: &Asked<'_>) -> Answer {
        if !matches!(asked.word("onboarding_status"), "PENDING" | "COMPLETED" | "FAILED") {
            return Err(INVALID);
        }
        let mut store = self.0.store();
        let unknown = Refusal(StatusCode::NOT_FOUND, "TRANSACTION_NOT_FOUND", "transaction not found");
        *store.transactions.get_mut(asked.part(4)).ok_or(unknown)? = asked.body.clone();
        Ok(None)
    }

    fn campaigns(&self, asked: &Asked<'_>) -> Answer {
        let (page, limit): (usize, usize) = (
            asked.query("page").parse().map_err(|_| INVALID)?,
            asked.query("limit").parse().map_err(|_| INVALID)?,
        );
        if page == 0 || limit == 0 {
            return Err(INVALID);
        }
        let store = self.0.store();
        let fitting: Vec<_> =
            store.campaigns.iter().filter(|one| one["status"] == asked.query("campaign_status")).collect();
        let found: Vec<_> = fitting.iter().skip((page - 1).saturating_mul(limit)).take(limit).collect();
        Ok(Some(json!({ "campaigns": found, "page": page, "limit": limit, "total_count": fitting.len() })))
    }

    fn providers(&self, asked: &Asked<'_>) -> Value {
        let store = self.0.store();
        let ids = store.completed.get(asked.query("credify_id"));
        let providers: Vec<_> = ids
            .into_iter()
            .flatten()
            .map(|id| {
                json!({
                    "id": id, "name": "Demo provider", "description": "", "app_url": "https://provider.example/",
                    "logo_url": "", "scopes": ["openid"], "categories": [{ "id": "1", "name": "BANK" }],
                })
            })
            .collect();
        json!({ "providers": providers })
    }

    fn new_order(&self, asked: &Asked<'_>) -> Answer {
        if asked.word("reference_id").is_empty() || !asked.body["payment_recipient"].is_object() {
            return Err(INVALID);
        }
        let id = self.0.id();
        let mut body = asked.body.clone();
        body["id"] = id.as_str().into();
        body["order_status"] = "PENDING".into();
        body["bnpl_account_number"] = "".into();
        self.0.store().orders.insert(id, Order { body: body.clone(), owner: None });
        Ok(Some(body))
    }

    fn orders(&self, asked: &Asked<'_>) -> Value {
        let owner = asked.query("credify_id");
        let store = self.0.store();
        let orders: Vec<_> = store
            .orders
            .values()
            .filter(|order| order.owner.as_deref() == Some(owner))
            .map(|order| order.body.clone())
            .collect();
        json!({ "orders": orders })
    }

    fn order(&self, id: &str) -> Answer {
        let order = self.0.store().orders.get(id).map(|order| order.body.clone());
        order.map(Some).ok_or(Refusal(StatusCode::NOT_FOUND, "ORDER_NOT_FOUND", "order not found"))
    }

    /// Moves an order on, when it is where that can be done from.
    fn change(&self, id: &str, from: &[&str], to: &str) -> Answer {
        let mut store = self.0.store();
        let unknown = Refusal(StatusCode::NOT_FOUND, "ORDER_NOT_FOUND", "order not found");
        let order = store.orders.get_mut(id).ok_or(unknown)?;
        if !from.iter().any(|from| order.body["order_status"] == *from) {
            let what = "The order is in another state.";
            return Err(Refusal(StatusCode::CONFLICT, "INVALID_ORDER_STATUS", what));
        }
        order.body["order_status"] = to.into();
        Ok(Some(order.body.clone()))
    }

    fn complete(&self, organisation: &str, asked: &Asked<'_>) -> Answer {
        let payer = asked.word("payer_id");
        if payer.is_empty() || !asked.body["credit_limit"].is_object() {
            return Err(INVALID);
        }
        let id = asked.part(4);
        self.change(id, &["PENDING"], "APPROVED")?;
        let mut store = self.0.store();
        let completed = store.completed.entry(payer.to_owned()).or_default();
        if !completed.iter().any(|known| known == organisation) {
            completed.push(organisation.to_owned());
        }
        let Some(order) = store.orders.get_mut(id) else { return Err(INVALID) };
        order.owner = Some(payer.to_owned());
        order.body["bnpl_account_number"] = asked.body["bnpl_account_number"].clone();
        Ok(Some(order.body.clone()))
    }

    fn entity(&self, asked: &Asked<'_>) -> Answer {
        let key = |name: &str| asked.body[name].as_str().map(str::to_owned);
        let profile = &asked.body["profile"];
        if profile["emails"].as_array().is_none_or(Vec::is_empty) || asked.word("password").is_empty() {
            return Err(INVALID);
        }
        let id = self.0.id();
        let entity = Entity { signing: key("signing_public_key"), encryption: key("encryption_public_key") };
        self.0.store().entities.insert(id.clone(), entity);
        Ok(Some(json!({ "id": id })))
    }
}

/// What is paid each month, without interest.
fn simulation(asked: &Asked<'_>) -> Answer {
    let inputs = &asked.body["inputs"];
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let amount = number(&inputs["transaction_amount"]["value"]).ok_or(INVALID)?;
    let months = number(&inputs["loan_tenor"]["value"]).filter(|months| *months >= 1.0).ok_or(INVALID)?;
    let given: Vec<_> = asked.body["provider_ids"].as_array().ok_or(INVALID)?.clone();
    let providers = if given.is_empty() { vec![json!(ORGANISATION_ID)] } else { given };
    let currency = &inputs["transaction_amount"]["currency"];
    let simulations: Vec<_> = providers
        .iter()
        .map(|id| {
            let payment = json!({ "value": format!("{:.0}", amount / months), "currency": currency });
            json!({ "provider_id": id, "monthly_payment": payment })
        })
        .collect();
    Ok(Some(json!({ "simulations": simulations })))
}

/// The path as the contract names it.
fn name(path: &[&str]) -> Option<&'static str> {
    Some(match path {
        ["v1", "token"] => "/v1/token",
        ["v1", "oauth2", "introspect"] => "/v1/oauth2/introspect",
        ["v1", "entity", "public-key"] => "/v1/entity/public-key",
        ["v1", "claim-providers", "entities", _, "claims"] => "/v1/claim-providers/entities/{id}/claims",
        ["v1", "claim-providers", "offers"] => "/v1/claim-providers/offers",
        ["v1", "oidc-clients", "offers", "transactions", _, "status"] => {
            "/v1/oidc-clients/offers/transactions/{id}/status"
        }
        ["v1", "oidc-clients", "campaigns"] => "/v1/oidc-clients/campaigns",
        ["v1", "oidc-clients", "offers", _] => "/v1/oidc-clients/offers/{code}",
        ["v1", "integration", "bnpl-consumers", "completed-bnpl-providers"] => {
            "/v1/integration/bnpl-consumers/completed-bnpl-providers"
        }
        ["v2", "integration", "claim-providers", "products", _, "simulation"] => {
            "/v2/integration/claim-providers/products/{type}/simulation"
        }
        ["v1", "integration", "bnpl-consumers", "orders"] => "/v1/integration/bnpl-consumers/orders",
        ["v1", "integration", "bnpl-consumers", "orders", _, "revert"] => {
            "/v1/integration/bnpl-consumers/orders/{id}/revert"
        }
        ["v1", "integration", "bnpl-consumers", "orders", _, "disburse"] => {
            "/v1/integration/bnpl-consumers/orders/{id}/disburse"
        }
        ["v1", "integration", "bnpl-providers", "orders", _] => "/v1/integration/bnpl-providers/orders/{id}",
        ["v1", "integration", "bnpl-providers", "orders", _, "complete"] => {
            "/v1/integration/bnpl-providers/orders/{id}/complete"
        }
        ["v1", "bnpl-consumer", "orders", _] => "/v1/bnpl-consumer/orders/{id}",
        ["v1", "idpass", "users"] => "/v1/idpass/users",
        _ => return None,
    })
}

/// The method of a route; the one with two is looked at where it is worked.
fn method(route: &str) -> AnyOf {
    AnyOf(match route {
        "/v1/claim-providers/entities/{id}/claims" | "/v1/oidc-clients/offers/transactions/{id}/status" => {
            &[Method::PUT]
        }
        "/v1/integration/bnpl-consumers/orders" => &[Method::GET, Method::POST],
        "/v1/entity/public-key"
        | "/v1/oidc-clients/campaigns"
        | "/v1/oidc-clients/offers/{code}"
        | "/v1/integration/bnpl-consumers/completed-bnpl-providers"
        | "/v1/integration/bnpl-providers/orders/{id}"
        | "/v1/bnpl-consumer/orders/{id}" => &[Method::GET],
        _ => &[Method::POST],
    })
}

struct AnyOf(&'static [Method]);

impl PartialEq<AnyOf> for Method {
    fn eq(&self, any: &AnyOf) -> bool {
        any.0.contains(self)
    }
}

impl FakeProvider for Api {
    const PROVIDER: ProviderId = PROVIDER;

    async fn handle(&self, request: Request<Bytes>) -> Response<Payload> {
        let (head, body) = request.into_parts();
        let query = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
        let asked = Asked {
            path: head.uri.path().trim_start_matches('/').split('/').map(decoded).collect(),
            query: query.into_owned().collect(),
            body: wire::json::from_slice(&body).unwrap_or_default(),
            head: &head,
        };
        let mut answer = match self.ask(&asked) {
            Ok(Some(data)) => json_answer(StatusCode::OK, &json!({ "success": true, "data": data })),
            Ok(None) => json_answer(StatusCode::OK, &json!({ "success": true })),
            Err(refusal) => refusal.answer(&head.headers),
        };
        if let Ok(trace) = HeaderValue::try_from(self.0.word()) {
            answer.headers_mut().insert("tracer", trace);
        }
        answer
    }

    fn route(path: &str) -> Option<&'static str> {
        name(&path.trim_start_matches('/').split('/').collect::<Vec<_>>())
    }

    // Credify signs its webhooks and its tokens, not its answers.
    fn spoil_signature(_: &mut HeaderMap) {}

    fn remove_signature(_: &mut HeaderMap) {}
}

/// The media type stands bare: with a charset behind it, the provider's own SDK understands nothing.
pub(super) fn json_answer(status: StatusCode, body: &Value) -> Response<Payload> {
    let mut response = Response::new(Payload::new(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A segment of a path without its percent escapes.
fn decoded(segment: &str) -> String {
    // Forms write a blank as `+`, paths write `+` as itself.
    let form = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
