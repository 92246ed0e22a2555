//! Every call of the client over a real socket, and what its refusals say.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use futures_util::{
    TryStreamExt,
    future::{self, BoxFuture, Either},
};
use serde_json::{Value, json};

use super::{
    backend::{Asked, Backend, Script},
    call_arguments::{completion, filter, inputs, offer_query, order, read, update},
    common::{List, Outcome, RsaKeys, SigningKeys, Verdict, known, lists, text},
};
use crate::runner::{Run, isolated, same};
use kyckit::__private::vectors::credify as vectors;
use kyckit::{
    clock::{Clock, RandomError, TimeSource},
    credify::{
        Client, Environment, ErrorBody,
        claims::Claims,
        keys::{DecryptionKey, SigningKey},
        model::{EntityKeys, EntityProfile, ProductType},
        userinfo::UserInfoReader,
    },
    error::{Error, ErrorKind},
    transport::{HttpSettings, Options},
};

const CALL: &[&str] = &[
    "operation",
    "args",
    "note",
    "locale",
    "client_options",
    "requests",
    "responses",
    "result",
    "error",
    "expect",
];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let (signing, rsa) = (SigningKeys::load(run), RsaKeys::load(run));
    let outcomes = match isolated(outcomes(file, &signing, &rsa)) {
        Ok(Ok(outcomes)) => outcomes,
        Ok(Err(what)) => return run.fault(name, &what),
        Err(what) => return run.fault(name, what),
    };
    let (calls, errors) = (Mutex::new(outcomes.0), Mutex::new(outcomes.1));
    let next = |outcomes: &Mutex<std::vec::IntoIter<Outcome>>| {
        let next = outcomes.lock().unwrap_or_else(PoisonError::into_inner).next();
        next.unwrap_or_else(|| Err("was not run".to_owned()))
    };
    let (call, error) = (|_: &Value| next(&calls), |_: &Value| next(&errors));
    lists(
        run,
        name,
        file,
        &["setup"],
        &[
            List { name: "calls", members: CALL, run: &call },
            List {
                name: "errors",
                members: &["label", "note", "host", "operation", "args", "response", "error", "expect"],
                run: &error,
            },
        ],
    );
}

type Outcomes = (std::vec::IntoIter<Outcome>, std::vec::IntoIter<Outcome>);

/// What the whole file goes by.
struct Stage<'a> {
    script: Script,
    api: Backend,
    oidc: Backend,
    clock: Clock,
    drawn: Drawn,
    signing_key: &'a SigningKey,
    rsa: &'a RsaKeys,
    access_token: String,
}

async fn outcomes(file: &Value, signing: &SigningKeys, rsa: &RsaKeys) -> Result<Outcomes, String> {
    let setup = &file["setup"];
    known(setup, &["mode", "locale", "signing_key", "access_token", "now_ms"])?;
    let now = Duration::from_millis(setup["now_ms"].as_u64().ok_or("has no time")?);
    let drawn = Drawn::default();
    let stage = Stage {
        script: Script::default(),
        api: Backend::new("api").await?,
        oidc: Backend::new("oidc_core").await?,
        clock: Clock::new(Fixed { now: SystemTime::UNIX_EPOCH + now, drawn: drawn.clone() }),
        drawn,
        signing_key: signing.of(&json!({ "key": setup["signing_key"] }))?,
        rsa,
        access_token: text(setup, "access_token")?.to_owned(),
    };
    let serve = future::join(stage.api.serve(&stage.script), stage.oidc.serve(&stage.script));
    match future::select(Box::pin(serve), Box::pin(play(file, &stage))).await {
        Either::Left(_) => Err("the backend ended".to_owned()),
        Either::Right((outcomes, _)) => outcomes,
    }
}

async fn play(file: &Value, stage: &Stage<'_>) -> Result<Outcomes, String> {
    let environment: Environment =
        text(&file["setup"], "mode")?.parse().map_err(|_| "has an unknown mode")?;
    let mut clients = HashMap::new();
    let mut calls = Vec::new();
    for entry in file["calls"].as_array().into_iter().flatten() {
        let api_key = entry["args"]["api_key"].as_str().unwrap_or("api-key");
        if !clients.contains_key(api_key) {
            clients.insert(api_key.to_owned(), stage.client(environment, api_key)?);
        }
        calls.push(stage.call(&clients[api_key], entry).await);
    }
    let mut errors = Vec::new();
    for entry in file["errors"].as_array().into_iter().flatten() {
        errors.push(stage.refusal(&stage.client(environment, "api-key")?, entry).await);
    }
    Ok((calls.into_iter(), errors.into_iter()))
}

impl Stage<'_> {
    fn client(&self, environment: Environment, api_key: &str) -> Result<Client, String> {
        let options =
            Options::new().clock(self.clock.clone()).http(HttpSettings::new().no_proxy().http1_only());
        Client::builder(api_key)
            .environment(environment)
            .api_base(self.api.base.as_str())
            .oidc_base(self.oidc.base.as_str())
            .signing_key(self.signing_key.clone())
            .options(options)
            .build()
            .map_err(|error| format!("no client could be built: {error}"))
    }

    async fn call(&self, client: &Client, entry: &Value) -> Outcome {
        let expect = &entry["expect"];
        if !expect.is_null() {
            known(expect, &["requests", "responses", "result", "error", "or"])?;
        }
        let says = |name: &str| expect.get(name).or_else(|| entry.get(name));
        let operation = text(entry, "operation")?;
        let answers = says("responses").and_then(Value::as_array).cloned().unwrap_or_default();
        let token = (operation != "token").then(|| self.access_token.clone());
        self.script.start(answers, None, token);
        self.drawn.set(client_options(&entry["client_options"])?);
        let client = match entry["locale"].as_str() {
            Some(locale) => client.in_language(&locale.into()).map_err(|error| error.to_string())?,
            None => client.clone(),
        };
        let result = self.perform(&client, operation, &entry["args"]).await;
        let (asked, unused) = self.script.end();
        let requests = says("requests").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        same_requests(&asked, requests)?;
        // What a correct client does not send is recorded with an answer all the same.
        if unused > 0 && !requests.is_empty() {
            return Err(format!("{unused} answers were not asked for"));
        }
        match (result, expect.get("error")) {
            (Ok(_), Some(_)) => Err("was taken".to_owned()),
            (Ok(result), None) => {
                let wanted = says("result").ok_or("expects neither a result nor an error")?;
                let (ours, wanted) = (snake(&result)?, snake(wanted)?);
                if covers(&ours, &wanted) {
                    Ok(Verdict::Passed)
                } else {
                    Err(format!("the result is {ours}, expected {wanted}"))
                }
            }
            (Err(error), Some(_)) => category(&error, expect, asked.is_empty()),
            (Err(error), None) => Err(format!("failed: {error}")),
        }
    }

    async fn refusal(&self, client: &Client, entry: &Value) -> Outcome {
        let always = Some(entry["response"].clone());
        self.script.start(Vec::new(), always, Some(self.access_token.clone()));
        let result = self.perform(client, text(entry, "operation")?, &entry["args"]).await;
        let (asked, _) = self.script.end();
        if asked.is_empty() || asked.iter().any(|asked| entry["host"] != asked.host) {
            return Err("went to another host".to_owned());
        }
        let Err(error) = result else { return Err("was taken".to_owned()) };
        let expect = entry["expect"].as_object().ok_or("expects nothing")?;
        category(&error, &entry["expect"], false)?;
        for (name, wanted) in expect.iter().filter(|(name, _)| !matches!(name.as_str(), "error" | "or")) {
            let found = fact(&error, name)?;
            if found != *wanted {
                return Err(format!("{name} is {found}, expected {wanted}"));
            }
        }
        Ok(Verdict::Passed)
    }

    fn perform<'a>(
        &'a self,
        client: &'a Client,
        operation: &'a str,
        args: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Error>> {
        Box::pin(async move {
            let word = |name: &str| args[name].as_str().unwrap_or_default();
            match operation {
                "token" => Ok(json!({ "access_token": client.access_token().await?.expose() })),
                "auth.introspect_token" => {
                    client.is_active(&word("token").into(), word("scope")).await.map(Value::from)
                }
                "auth.introspect_token_return_result" => introspection(client, word("token")).await,
                "claims.push" | "claims.push_disbursement_documents" => {
                    let claims = Claims::from_value(args["claims"].clone())?;
                    let (provider, entity) = (word("provider_id"), word("entity_id"));
                    let commitments = if operation == "claims.push" {
                        client.push_claims(provider, entity, &claims).await?
                    } else {
                        client.push_disbursement_documents(provider, entity, &claims).await?
                    };
                    value(&commitments)
                }
                "offer.get_list" => {
                    Ok(json!({ "offers": value(&client.offers(&offer_query(args)?).await?)? }))
                }
                "offer.get_bnpl_info" => value(&client.bnpl_info(&offer_query(args)?).await?),
                "offer.update_status" => {
                    client.update_transaction(word("id"), &update(args)?).await.map(Value::from)
                }
                "offer.get_campaigns" => {
                    let campaigns: Vec<_> = client.campaigns(&filter(args)).try_collect().await?;
                    value(&campaigns)
                }
                "offer.get_offer_detail" => value(&client.offer(word("offer_code")).await?),
                "offer.get_completed_bnpl_providers" => {
                    let providers = client.completed_bnpl_providers(word("credify_id")).await?;
                    Ok(json!({ "success": true, "data": { "providers": value(&providers)? } }))
                }
                "offer.simulate" => {
                    let inputs = inputs(&args["inputs"]);
                    let providers: Vec<_> = args["provider_ids"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_str)
                        .collect();
                    let product = ProductType::from(word("product_type"));
                    client.simulate(&product, &providers, &inputs).await.map(|answer| answer.into_answer())
                }
                "bnpl.create_order" => value(&client.create_order(&order(args)?).await?),
                "bnpl.get_orders" => value(&client.orders(word("credify_id")).await?),
                "bnpl.get_order" => value(&client.order(word("order_id")).await?),
                "bnpl.get_order_detail" => value(&client.order_detail(word("order_id")).await?),
                "bnpl.revert_payment" => value(&client.revert_payment(word("order_id")).await?),
                "bnpl.disbursement" => value(&client.disburse(word("order_id")).await?),
                "bnpl.complete_order" => {
                    value(&client.complete_order(word("order_id"), &completion(args)?).await?)
                }
                "entity.create" => {
                    let profile: EntityProfile = read(&vectors::snake_keys(&args["profile"])?)?;
                    let keys = &args["keys"];
                    let key = |name: &str| keys[name].as_str().unwrap_or_default();
                    let keys = EntityKeys::new(
                        key("signingPublicKey"),
                        key("signingSecret"),
                        key("encryptionPublicKey"),
                        key("encryptionSecret"),
                    );
                    let id = client.create_entity(&profile, &word("password").into(), &keys).await?;
                    Ok(id.into_exposed().into())
                }
                "oidc.generate_access_token" => {
                    let code = word("code").into();
                    let token = client.user_token(word("client_id"), &code, word("redirect_uri")).await?;
                    Ok(json!({
                        "access_token": token.access_token.expose(),
                        "expires_in": token.expires_in,
                        "id_token": token.id_token.as_ref().map(|token| token.expose()),
                        "scope": token.scope,
                        "token_type": token.token_type,
                    }))
                }
                "oidc.userinfo" => {
                    let key: &DecryptionKey =
                        self.rsa.get(word("private_key")).map_err(Error::configuration)?;
                    let reader = UserInfoReader::new(key);
                    let info = client.userinfo(&word("access_token").into(), &reader).await?;
                    Ok(info.to_unverified_value().into_exposed())
                }
                _ => Err(Error::configuration("the runner does not know the operation")),
            }
        })
    }
}

async fn introspection(client: &Client, token: &str) -> Result<Value, Error> {
    let token = client.introspection(&token.into()).await?;
    let mut data = json!({
        "active": token.active,
        "scope": token.scope,
        "client_id": token.client_id,
        "aud": token.audience,
        "sub": token.subject.map(|subject| subject.into_exposed()),
        "exp": token.expires_at,
        "iat": token.issued_at,
        "iss": token.issuer,
        "token_type": token.token_type,
    });
    for (name, value) in token.extra.into_exposed() {
        data[name] = value;
    }
    Ok(json!({ "success": true, "data": data }))
}

fn value(result: &impl serde::Serialize) -> Result<Value, Error> {
    serde_json::to_value(result).map_err(|_| Error::configuration("a result cannot be written"))
}

fn snake(value: &Value) -> Result<Value, String> {
    vectors::snake_keys(value).map_err(|error| error.to_string())
}

/// Every member that is wanted is there with its value; nothing is as good as `null`.
fn covers(ours: &Value, wanted: &Value) -> bool {
    match (ours, wanted) {
        (Value::Object(ours), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| covers(ours.get(name).unwrap_or(&Value::Null), wanted))
        }
        (Value::Array(ours), Value::Array(wanted)) => {
            ours.len() == wanted.len() && ours.iter().zip(wanted).all(|(ours, wanted)| covers(ours, wanted))
        }
        (ours, wanted) => same(ours, wanted),
    }
}

fn same_requests(asked: &[Asked], wanted: &[Value]) -> Result<(), String> {
    if asked.len() != wanted.len() {
        return Err(format!("sent {} requests, expected {}", asked.len(), wanted.len()));
    }
    for (asked, wanted) in asked.iter().zip(wanted) {
        known(wanted, &["host", "method", "target", "headers", "body", "body_json"])?;
        for (name, ours) in [("host", asked.host), ("method", &asked.method), ("target", &asked.target)] {
            if wanted[name] != ours {
                return Err(format!("{name} is {ours}, expected {}", wanted[name]));
            }
        }
        for (name, wanted) in wanted["headers"].as_object().into_iter().flatten() {
            let ours = asked.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
            let ours = match (name.as_str(), ours) {
                ("user-agent", _) => continue,
                ("content-type", Some(ours)) => ours.split(';').next(),
                (_, ours) => ours,
            };
            if wanted.as_str() != ours {
                return Err(format!("{name} is {}, expected {wanted}", ours.unwrap_or("missing")));
            }
        }
        let fits = match wanted.get("body_json") {
            Some(wanted) => serde_json::from_str(&asked.body).is_ok_and(|ours: Value| same(&ours, wanted)),
            None => wanted["body"] == asked.body.as_str(),
        };
        if !fits {
            return Err(format!("sent another body: {}", asked.body));
        }
    }
    Ok(())
}

/// Whether an error is of the category that is expected, or of one that passes beside it.
fn category(error: &Error, expect: &Value, nothing_sent: bool) -> Outcome {
    let others = expect["or"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for wanted in expect["error"].as_str().into_iter().chain(others) {
        let fits = match wanted {
            "InvalidInput" => error.kind() == ErrorKind::InvalidRequest && nothing_sent,
            "Decode" => error.kind() == ErrorKind::Decode,
            // What was missing has a place.
            "UnexpectedObject" => {
                error.kind() == ErrorKind::Decode && error.path().is_some_and(|path| path != ".")
            }
            "Transport" => matches!(error.kind(), ErrorKind::Connect | ErrorKind::Interrupted),
            "Api" => matches!(ErrorBody::of(error), Some(ErrorBody::Api(_))),
            "Oidc" => matches!(ErrorBody::of(error), Some(ErrorBody::Oidc { .. })),
            _ => return Err(format!("{wanted} is no category")),
        };
        if fits {
            return Ok(Verdict::Passed);
        }
    }
    Err(format!("failed otherwise than by {}: {error}", expect["error"]))
}

/// What an error says under the name of an expectation.
fn fact(error: &Error, name: &str) -> Result<Value, String> {
    let entries = match ErrorBody::of(error) {
        Some(ErrorBody::Api(entries)) => entries.as_slice(),
        _ => &[],
    };
    let first = entries.first();
    let (code, description, hint) = match ErrorBody::of(error) {
        Some(ErrorBody::Oidc { error, description, hint, .. }) => {
            (error.as_deref(), description.as_ref(), hint.as_ref())
        }
        _ => (None, None, None),
    };
    Ok(match name {
        "status" => json!(error.status().map(|status| status.as_u16())),
        "code" => json!(error.code()),
        "kept_errors" => json!(entries.len()),
        "trace_id" => json!(error.request_id()),
        "message" => json!(first.and_then(|first| first.message.as_ref()).map(|text| text.expose())),
        "localized_text" => {
            json!(first.and_then(|first| first.localized_text.as_ref()).map(|text| text.expose()))
        }
        "oidc_error" => json!(code),
        "description" => json!(description.map(|text| text.expose())),
        "hint" => json!(hint.map(|text| text.expose())),
        _ => return Err(format!("{name} is no fact that the runner knows")),
    })
}

/// The bytes that stand in the place of random ones.
fn client_options(options: &Value) -> Result<Option<Vec<u8>>, String> {
    if options.is_null() {
        return Ok(None);
    }
    known(options, &["scope_hash_mode", "commitment_bytes_hex"])?;
    if options["scope_hash_mode"] != "PerScope" {
        return Err("the file's client has another mode than the default".to_owned());
    }
    hex::decode(text(options, "commitment_bytes_hex")?).map(Some).map_err(|_| "is no hex".to_owned())
}

/// What is drawn next, whenever random bytes are asked for.
#[derive(Clone, Default)]
struct Drawn(Arc<Mutex<Option<Vec<u8>>>>);

impl Drawn {
    fn set(&self, bytes: Option<Vec<u8>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
    }
}

/// A clock that stands and waits without waiting.
struct Fixed {
    now: SystemTime,
    drawn: Drawn,
}

impl TimeSource for Fixed {
    fn now(&self) -> SystemTime {
        self.now
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        let drawn = self.drawn.0.lock().unwrap_or_else(PoisonError::into_inner);
        let source = drawn.as_deref().filter(|bytes| !bytes.is_empty()).unwrap_or(&[7]);
        buffer.iter_mut().zip(source.iter().cycle()).for_each(|(byte, drawn)| *byte = *drawn);
        Ok(())
    }
}
