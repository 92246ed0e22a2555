//! The fake instance: from a request to a response.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

use super::{
    response::{Outcome, json_response},
    routes, schemas,
    settings::Settings,
    templates::templates,
};
use crate::{
    error::{Error, Result},
    privacy::Secret,
    provider::ProviderId,
    sandbox::{
        payload::Payload,
        server::{FakeProvider, Tasks},
    },
    selfkey::{
        Dialect, PROVIDER,
        did::Resolver,
        relying_party::{Memory, RelyingParty, Schemas, TokenIssuer, generate_secret},
    },
    transport::{ApiClient, Body, BufferedResponse, HttpSettings, Options, Retry, is_loopback},
    wire,
};

pub(super) const ROOT: &str = "/api/v2";
pub(super) const DOCUMENTED_ROOT: &str = "/documented";
const INTEGRATIONS_ROOT: &str = "/integrations/v2";
/// How long a user's token and a session live.
const SESSION_TTL: Duration = Duration::from_secs(3600);

pub(super) struct Instance {
    base: Url,
    store: Memory,
    current: RelyingParty,
    documented: RelyingParty,
    tokens: TokenIssuer,
    pub(super) settings: Settings,
    api: ApiClient,
    tasks: Tasks,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    /// Cookies of the internal API, with the user and the end.
    pub(super) sessions: HashMap<String, (String, SystemTime)>,
    /// How far an application has come by itself.
    steps: HashMap<String, usize>,
}

impl Instance {
    pub(super) fn new(base: Url, settings: Settings, tasks: Tasks) -> Result<Self> {
        if settings.webhook.as_ref().is_some_and(|url| !is_loopback(url)) {
            return Err(Error::configuration("the sandbox posts to loopback only"));
        }
        let store = Memory::new().clock(settings.clock.clone()).landing("/welcome");
        for template in templates() {
            store.add_template_value(template);
        }
        let tokens = TokenIssuer::hmac(generate_secret(&settings.clock)?)?
            .clock(settings.clock.clone())
            .challenge_ttl(settings.challenge_ttl)
            .access_ttl(settings.access_ttl);
        let party = |dialect| {
            Ok::<_, Error>(
                RelyingParty::builder(tokens.clone())
                    .resolver(Resolver::new().controllers(settings.controllers.clone()))
                    .store(store.clone())
                    .schemas(Schemas::new(schemas::all())?)
                    .max_file_bytes(settings.max_file_bytes)
                    .dialect(dialect)
                    .build(),
            )
        };
        let options = Options::new().retry(Retry::never()).http(HttpSettings::new().no_proxy());
        Ok(Self {
            base,
            current: party(Dialect::Current)?,
            documented: party(Dialect::Documented)?,
            store,
            tokens,
            api: ApiClient::new(PROVIDER, &options, None)?.with_classifier(|_: &BufferedResponse| Ok(())),
            settings,
            tasks,
            state: Mutex::default(),
        })
    }

    pub(super) fn store(&self) -> &Memory {
        &self.store
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_status(&self, id: &str, code: i64, note: Option<&str>) -> bool {
        let known = self.store.set_status(id, code, note);
        if known {
            self.post(id, code);
        }
        known
    }

    /// Posts a new status to the webhook; whether it listens does not matter here.
    fn post(&self, id: &str, code: i64) {
        let Some(url) = self.settings.webhook.clone() else { return };
        let since = self.settings.clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let moment = OffsetDateTime::UNIX_EPOCH + since;
        let body = json!({
            "applicationId": id,
            "status": code,
            "updatedAt": moment.format(&Rfc3339).unwrap_or_default(),
        });
        let api = self.api.clone();
        self.tasks.spawn(async move {
            let _ =
                api.call_url("webhook", Method::POST, url).json(&body).about_one_object(false).send().await;
        });
    }

    /// After the wallet has read an application, it takes its next step.
    fn step(&self, id: &str) {
        let next = {
            let mut state = self.state();
            let taken = state.steps.entry(id.to_owned()).or_default();
            let next = self.settings.progress.get(*taken).copied();
            *taken += usize::from(next.is_some());
            next
        };
        // What is decided stays decided.
        let is_open = self
            .store
            .any_application(id)
            .is_some_and(|application| !matches!(application["currentStatus"].as_i64(), Some(2 | 3 | 7 | 8)));
        if let (true, Some(code)) = (is_open, next) {
            self.set_status(id, code, None);
        }
    }

    pub(super) fn user_token(&self, did: &str) -> Option<Secret> {
        let key = did.to_ascii_lowercase();
        let users = self.store.kyc_users();
        let user = users
            .iter()
            .find(|user| user["did"].as_str().is_some_and(|did| did.eq_ignore_ascii_case(&key)))?;
        self.tokens.issue(user["_id"].as_str()?, SESSION_TTL, &json!({ "tokenType": "KYCC" })).ok()
    }

    /// The holder of one of the tokens above.
    pub(super) fn user_of(&self, token: &str) -> Option<Value> {
        let claims = self.tokens.verifier().claims(token).ok()?;
        let users = self.store.kyc_users();
        users.into_iter().find(|user| claims["tokenType"] == "KYCC" && user["_id"] == claims["sub"])
    }

    /// Bytes that cannot be guessed.
    pub(super) fn word(&self) -> String {
        hex::encode(self.settings.clock.random::<16>().unwrap_or_default())
    }

    pub(super) fn expires_at(&self) -> SystemTime {
        self.settings.clock.now() + SESSION_TTL
    }

    async fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        let below = |root: &str| path.strip_prefix(root).filter(|rest| rest.starts_with('/'));
        let outcome = if let Some(rest) = below(INTEGRATIONS_ROOT) {
            self.integrations(rest, &request).await
        } else if let Some(rest) = below(DOCUMENTED_ROOT) {
            Ok(self.serve(&self.documented, rest, request).await)
        } else if let Some(rest) = below("/sandbox/applications") {
            self.helper(rest, &request)
        } else if let Some(rest) = below(ROOT) {
            match self.internal(rest, &request) {
                Some(outcome) => outcome,
                None => Ok(self.current(rest, request).await),
            }
        } else {
            Err((StatusCode::NOT_FOUND, "there is no such path"))
        };
        outcome.unwrap_or_else(|(status, message)| json_response(status, &json!({ "message": message })))
    }

    async fn current(&self, path: &str, request: Request<Bytes>) -> Response<Bytes> {
        // The instance's own names for two of the calls.
        let path = match (request.method(), path) {
            (&Method::POST, "/lws_users") => "/users",
            (&Method::GET, "/auth/token") => return self.access_token(request.headers()),
            (_, path) => path,
        };
        let read = (request.method() == Method::GET).then(|| path.strip_prefix("/applications/")).flatten();
        let read = read.filter(|id| !id.contains('/')).map(str::to_owned);
        let response = self.serve(&self.current, path, request).await;
        if let Some(id) = read.filter(|_| response.status() == StatusCode::OK) {
            self.step(&id);
        }
        response
    }

    async fn serve(&self, party: &RelyingParty, path: &str, request: Request<Bytes>) -> Response<Bytes> {
        let (mut head, body) = request.into_parts();
        let uri = match head.uri.query() {
            Some(query) => Uri::try_from(format!("{path}?{query}")),
            None => Uri::try_from(path),
        };
        if let Ok(uri) = uri {
            head.uri = uri;
        }
        let body = if body.is_empty() { Body::Empty } else { Body::Bytes(body) };
        party.handle(Request::from_parts(head, body), IpAddr::V4(Ipv4Addr::LOCALHOST)).await
    }

    /// `GET /auth/token`: the token for the instance's own pages. The wallet must have made itself known.
    fn access_token(&self, headers: &HeaderMap) -> Response<Bytes> {
        let refused = |status, code: &str| json_response(status, &json!({ "code": code, "message": code }));
        let Ok(holder) = self.current.holder(headers) else {
            return refused(StatusCode::UNAUTHORIZED, "token_invalid");
        };
        match self.user_token(holder.as_str()) {
            Some(token) => json_response(StatusCode::OK, &json!({ "jwt": token.expose() })),
            None => refused(StatusCode::NOT_FOUND, "user_does_not_exist"),
        }
    }

    /// `POST /sandbox/applications/{id}/status`
    fn helper(&self, path: &str, request: &Request<Bytes>) -> Outcome {
        let id = path.strip_prefix('/').and_then(|rest| rest.strip_suffix("/status"));
        let body: Value = wire::json::from_slice(request.body()).unwrap_or_default();
        match (request.method(), id, body["code"].as_i64()) {
            (&Method::POST, Some(id), Some(code)) => {
                if !self.set_status(id, code, body["note"].as_str()) {
                    return Err((StatusCode::NOT_FOUND, "there is no such application"));
                }
                Ok(json_response(StatusCode::OK, &json!({ "status": "ok" })))
            }
            (&Method::POST, Some(_), None) => Err((StatusCode::BAD_REQUEST, "code is needed")),
            _ => Err((StatusCode::NOT_FOUND, "there is no such path")),
        }
    }

    /// Where the applicant sees an application.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }
}

impl FakeProvider for Instance {
    const PROVIDER: ProviderId = PROVIDER;

    async fn handle(&self, request: Request<Bytes>) -> Response<Payload> {
        self.respond(request).await.map(Payload::new)
    }

    fn route(path: &str) -> Option<&'static str> {
        routes::route(path)
    }

    // Responses are not signed, so there is nothing to spoil.

    fn spoil_signature(_: &mut HeaderMap) {}

    fn remove_signature(_: &mut HeaderMap) {}
}
