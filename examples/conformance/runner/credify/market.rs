//! A market's endpoints against the exchanges that were recorded with the provider's reference server.
//!
//! One market runs all exchanges in order and strictly. For each exchange that names a switch, another market with that
//! switch runs all up to it, and answers as the recording.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::{future::BoxFuture, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};

use super::common::{RsaKeys, SigningKeys, equal, known, text};
use crate::runner::{Run, isolated, same};
use kyckit::__private::vectors::credify as vectors;
use kyckit::{
    clock::{Clock, RandomError, TimeSource},
    credify::{
        Client,
        claims::{Claims, ProfileItem},
        encryption::decrypt_fields,
        keys::DecryptionKey,
        market::{
            Builder, FetchedDocuments, Market, MemoryCommitments, MemoryOrders, MemoryUsers, User,
            danger::AllowAnyCaller,
        },
        token::claim::ScopeHashMode,
    },
    error::Error,
    storage::MemoryInbox,
    transport::{self, Body, Options, Transport},
};

const MEMBERS: &[&str] = &[
    "label",
    "note",
    "rule",
    "switch",
    "request",
    "reference_status",
    "reference_body",
    "reference_body_facts",
    "reference_location",
    "backend_calls",
    "strict_backend_calls",
    "strict_status",
    "strict_body",
    "strict_body_facts",
    "claims_after_decryption",
    "token_payload",
];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let Some(exchanges) = file["exchanges"].as_array() else { return run.fault(name, "has no exchanges") };
    let keys = Keys { signing: SigningKeys::load(run), rsa: RsaKeys::load(run) };
    let strict = stage(file, &keys, None);
    let mut outcomes = Vec::new();
    match strict {
        Ok(stage) => {
            for exchange in exchanges {
                let outcome = known(exchange, MEMBERS).and_then(|()| strictly(&stage, exchange));
                outcomes.push((exchange, outcome));
            }
        }
        Err(fault) => return run.fault(name, &fault),
    }
    for (index, exchange) in exchanges.iter().enumerate() {
        if let Some(switch) = exchange["switch"].as_str()
            && let Some((_, outcome)) = outcomes.get_mut(index)
            && outcome.is_ok()
        {
            *outcome = recorded(file, &keys, &exchanges[..=index], switch);
        }
    }
    run.file(name, outcomes.len());
    for (index, (exchange, outcome)) in outcomes.into_iter().enumerate() {
        let label = format!("{name} exchanges[{index}] {}", exchange["label"].as_str().unwrap_or_default());
        run.case(&label, &outcome.err().into_iter().collect());
    }
}

struct Keys {
    signing: SigningKeys,
    rsa: RsaKeys,
}

/// A market over its fake backend.
struct Stage<'a> {
    market: Market,
    backend: Backend,
    reader: &'a DecryptionKey,
    setup: &'a Value,
    keys: &'a Keys,
}

fn stage<'a>(file: &'a Value, keys: &'a Keys, switch: Option<&str>) -> Result<Stage<'a>, String> {
    let setup = &file["setup"];
    let refused = |error: Error| format!("the market was not built: {error}");
    let backend = Backend { setup: Arc::new(setup.clone()), calls: Arc::default() };
    let clock = clock(setup)?;
    let mode = match switch {
        Some("scope_hash_mode=WholeObject") => ScopeHashMode::WholeObject,
        _ => ScopeHashMode::PerScope,
    };
    let client = Client::builder("api-key")
        .api_base("http://127.0.0.1:1/")
        .ecosystem_id(text(setup, "ecosystem_id")?)
        .signing_key(keys.signing.get(text(setup, "signing_key")?)?.clone())
        .scope_hash_mode(mode)
        .options(Options::new().clock(clock).transport(backend.clone()))
        .build()
        .map_err(refused)?;
    let webhooks = client.webhooks(text(setup, "webhook_url")?).map_err(refused)?.without_max_age();
    let documents = setup["documents"].as_object().ok_or("has no documents")?;
    let documents = documents.keys().try_fold(FetchedDocuments::new(&client), |all, url| all.origin(url));
    let recipient = serde_json::from_value(setup["payment_recipient"].clone());
    let builder = Market::builder(client, text(setup, "market_id")?)
        .prefix(text(setup, "path_prefix")?)
        .callers(AllowAnyCaller)
        .users(users(setup)?)
        .commitments(MemoryCommitments::new())
        .orders(MemoryOrders::new())
        .documents(documents.map_err(refused)?)
        .webhooks(webhooks, MemoryInbox::new())
        .profile_items(ProfileItem::list(text(setup, "shared_items")?).map_err(refused)?)
        .bnpl_page(text(setup, "bnpl_page")?)
        .payment_recipient(recipient.map_err(|_| "has no payment recipient")?);
    let market = switched(builder, switch)?.build().map_err(refused)?;
    Ok(Stage {
        market,
        backend,
        reader: keys.rsa.get(text(setup, "requester_encryption_key")?)?,
        setup,
        keys,
    })
}

fn switched(builder: Builder, switch: Option<&str>) -> Result<Builder, String> {
    Ok(match switch {
        None | Some("scope_hash_mode=WholeObject") => builder,
        Some("empty_scopes_mean_all") => builder.empty_scopes_mean_all(),
        Some("open_disbursement_requirements") => builder.open_disbursement_requirements(),
        Some("reference_statuses") => builder.reference_statuses(),
        Some("validate_request_compat") => builder.validate_request_compat(),
        Some(other) => return Err(format!("{other} is no switch")),
    })
}

/// The users of the setup, with the reference server's one custom scope.
fn users(setup: &Value) -> Result<MemoryUsers, String> {
    let scope = text(setup, "custom_scope")?;
    let (amount, tier) = (text(&setup["custom_claims"], "amount")?, text(&setup["custom_claims"], "tier")?);
    let users = setup["users"].as_array().ok_or("has no users")?;
    users
        .iter()
        .map(|user| {
            let own = |name: &str| user[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
            let claims = json!({amount: user["loyaltyPoint"], tier: user["tier"]});
            let custom = Claims::new().scope(scope, claims).map_err(|error| error.to_string())?;
            Ok(User {
                local_id: user["id"].to_string(),
                credify_id: own("credifyId"),
                phone_country_code: own("phoneCountryCode"),
                phone_number: own("phoneNumber"),
                email: own("email"),
                family_name: own("lastName"),
                given_name: own("firstName"),
                birthdate: own("dob"),
                gender: own("gender"),
                address: own("address"),
                custom,
            })
        })
        .collect()
}

fn strictly(stage: &Stage<'_>, exchange: &Value) -> Result<(), String> {
    let (answer, calls) = played(stage, exchange)?;
    let status = exchange["strict_status"].as_u64().ok_or("has no strict status")?;
    equal("the status", &u64::from(answer.status().as_u16()), &status)?;
    match (exchange.get("strict_body"), exchange.get("strict_body_facts")) {
        (Some(body), None) => equal("the body", &same(&json_of(&answer)?, body), &true)?,
        (None, Some(facts)) => facts_hold(stage, &answer, facts)?,
        _ => return Err("has neither a body nor facts of it".to_owned()),
    }
    let wanted = exchange.get("strict_backend_calls").or_else(|| exchange.get("backend_calls"));
    if status == 200 { same_changes(&calls, wanted) } else { Ok(()) }
}

/// The last exchange as it was recorded, with the switch, on a market that has seen the exchanges before it.
fn recorded(file: &Value, keys: &Keys, exchanges: &[Value], switch: &str) -> Result<(), String> {
    let stage = stage(file, keys, Some(switch))?;
    let (exchange, before) = exchanges.split_last().ok_or("has no exchanges")?;
    for exchange in before {
        played(&stage, exchange)?;
    }
    let (answer, calls) = played(&stage, exchange)?;
    let status = exchange["reference_status"].as_u64().ok_or("has a switch and no recording")?;
    equal("the status with the switch", &u64::from(answer.status().as_u16()), &status)?;
    if let Some(facts) = exchange.get("reference_body_facts") {
        facts_hold(&stage, &answer, facts)?;
    } else if status != 500 {
        let same = same(&json_of(&answer)?, &exchange["reference_body"]);
        equal("the body with the switch", &same, &true)?;
    }
    if status == 200 { same_changes(&calls, exchange.get("backend_calls")) } else { Ok(()) }
}

/// Plays a request: the answer, and what the backend was asked meanwhile.
fn played(stage: &Stage<'_>, exchange: &Value) -> Result<(Response<Bytes>, Vec<Value>), String> {
    let request = &exchange["request"];
    known(request, &["method", "path", "headers", "authorization", "body"])?;
    let method = Method::from_bytes(text(request, "method")?.as_bytes()).map_err(|_| "is no method")?;
    let mut headers = HeaderMap::new();
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name).map_err(|_| "is no header")?;
        let value = value.as_str().and_then(|value| HeaderValue::try_from(value).ok());
        headers.insert(name, value.ok_or("is no header")?);
    }
    if let Some(value) = request["authorization"].as_str() {
        headers.insert(AUTHORIZATION, HeaderValue::try_from(value).map_err(|_| "is no header")?);
    }
    let body = request.get("body").map(Value::to_string).unwrap_or_default();
    stage.backend.take_calls();
    let path = text(request, "path")?;
    let answer = isolated(stage.market.answer(&method, path, &headers, body.as_bytes()))?;
    Ok((answer, stage.backend.take_calls()))
}

fn facts_hold(stage: &Stage<'_>, answer: &Response<Bytes>, facts: &Value) -> Result<(), String> {
    for (fact, wanted) in facts.as_object().ok_or("has facts that are no object")? {
        let holds = match fact.as_str() {
            "location" => {
                let location = answer.headers().get("location").and_then(|location| location.to_str().ok());
                location == wanted.as_str()
            }
            "message" => json_of(answer)?["message"].is_string(),
            "verification_info" => same(&json_of(answer)?["data"]["verification_info"], wanted),
            "claims_decrypted" => {
                let opened = decrypt_fields(&json_of(answer)?["data"]["claims"], stage.reader);
                same(opened.map_err(|error| error.to_string())?.expose(), wanted)
            }
            "snake_case" => {
                same(&vectors::snake_keys(&json_of(answer)?).map_err(|error| error.to_string())?, wanted)
            }
            "claim_names" => same(&json_of(answer)?["_claim_names"], wanted),
            "token_payload" => same(&signed_token(stage, answer, facts)?, wanted),
            // Said with the payload.
            "token_signed_by" => facts.get("token_payload").is_some(),
            other => return Err(format!("{other} is no fact that the runner knows")),
        };
        equal(fact, &holds, &true)?;
    }
    Ok(())
}

/// The payload of the one token among aggregated claims that has a fitting signature.
fn signed_token(stage: &Stage<'_>, answer: &Response<Bytes>, facts: &Value) -> Result<Value, String> {
    let body = json_of(answer)?;
    let mut sources = body["_claim_sources"].as_object().into_iter().flatten();
    let (Some((_, source)), None) = (sources.next(), sources.next()) else {
        return Err("has not one source".to_owned());
    };
    let signer = text(facts, "token_signed_by")?;
    let key = stage.keys.signing.get(text(&stage.setup["signing_keys"], signer)?)?.verifying_key();
    vectors::token_payload(text(source, "JWT")?, &key)
        .map_err(|error| format!("the token was refused: {error}"))
}

/// Those of the calls that change something.
fn same_changes(calls: &[Value], wanted: Option<&Value>) -> Result<(), String> {
    let changes = |calls: &[Value]| {
        let calls = calls.iter().filter(|call| {
            call["method"] != "GET"
                && call["target"] != "/v1/oauth2/introspect"
                && call["target"] != "/v1/token"
        });
        Value::Array(calls.cloned().collect())
    };
    let wanted = wanted.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    equal("what was changed at the backend", &same(&changes(calls), &changes(wanted)), &true)
}

fn json_of(answer: &Response<Bytes>) -> Result<Value, String> {
    serde_json::from_slice(answer.body()).map_err(|_| "the body is not JSON".to_owned())
}

/// The provider's API, as the setup describes it.
#[derive(Clone)]
struct Backend {
    setup: Arc<Value>,
    calls: Arc<Mutex<Vec<Value>>>,
}

impl Backend {
    fn take_calls(&self) -> Vec<Value> {
        std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, request: &transport::Request) -> (StatusCode, Bytes) {
        let url = &request.url;
        if let Some(document) = self.setup["documents"][url.as_str()].as_str() {
            return (StatusCode::OK, vectors::decode(document).unwrap_or_default().into());
        }
        let target = url.as_str().strip_prefix("http://127.0.0.1:1").unwrap_or_default();
        let body: Value = match &request.body {
            Body::Bytes(bytes) => serde_json::from_slice(bytes).unwrap_or_default(),
            _ => Value::Null,
        };
        let mut call = json!({"method": request.method.as_str(), "target": target});
        if !body.is_null() {
            call["body"] = body.clone();
        }
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        let answer = match target.split_once('?') {
            Some(("/v1/entity/public-key", query)) => {
                let entity = query.strip_prefix("entity_id=").unwrap_or_default();
                self.setup["public_keys"].get(entity).map(|keys| json!({"success": true, "data": keys}))
            }
            None if target == "/v1/oauth2/introspect" => Some(self.introspection(&body)),
            _ => {
                let answers = self.setup["backend_answers"].as_array().into_iter().flatten();
                let mut answers = answers.filter(|answer| {
                    answer["method"] == *request.method.as_str() && answer["target"] == target
                });
                answers.next().map(|answer| answer["body"].clone())
            }
        };
        match answer {
            Some(answer) => (StatusCode::OK, answer.to_string().into()),
            None => (StatusCode::NOT_FOUND, Bytes::from_static(br#"{"success":false,"errors":[]}"#)),
        }
    }

    fn introspection(&self, asked: &Value) -> Value {
        let token = asked["token"].as_str().and_then(|token| self.setup["introspection"].get(token));
        let has_scope = |data: &&Value| {
            asked["scope"].as_str().is_none_or(|scope| {
                data["scope"].as_str().is_some_and(|scopes| scopes.split(' ').any(|one| one == scope))
            })
        };
        let data = token.filter(has_scope).cloned().unwrap_or_else(|| json!({"active": false}));
        json!({"success": true, "data": data})
    }
}

impl Transport for Backend {
    async fn send(&self, request: transport::Request) -> Result<transport::Response, Error> {
        let (status, body) = self.answer(&request);
        let body = Box::pin(stream::iter([Ok(body)]));
        Ok(transport::Response::new(status, HeaderMap::new(), body))
    }
}

/// A clock that stands; its random values of 32 bytes are the commitments of the setup, in their order.
struct Recorded {
    now: SystemTime,
    commitments: Mutex<VecDeque<Vec<u8>>>,
    drawn: Mutex<u64>,
}

fn clock(setup: &Value) -> Result<Clock, String> {
    let now = setup["now_ms"].as_u64().ok_or("has no time")?;
    let commitments = setup["commitments"].as_object().ok_or("has no commitments")?;
    let commitments = commitments.values().map(|text| {
        let bytes = text.as_str().and_then(vectors::decode);
        bytes.filter(|bytes| bytes.len() == 32).ok_or("has a commitment that is none")
    });
    Ok(Clock::new(Recorded {
        now: SystemTime::UNIX_EPOCH + Duration::from_millis(now),
        commitments: Mutex::new(commitments.collect::<Result<_, _>>()?),
        drawn: Mutex::new(0),
    }))
}

impl TimeSource for Recorded {
    fn now(&self) -> SystemTime {
        self.now
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        if buffer.len() == 32
            && let Some(bytes) = self.commitments.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
        {
            buffer.copy_from_slice(&bytes);
            return Ok(());
        }
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        *drawn += 1;
        for (place, byte) in buffer.iter_mut().zip(drawn.to_be_bytes().into_iter().rev().cycle()) {
            *place = byte;
        }
        Ok(())
    }
}
