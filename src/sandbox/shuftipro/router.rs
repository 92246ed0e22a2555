//! Router of the fake: paths, methods, credentials, statuses, signatures.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use serde_json::{Map, Value, json};

use super::{
    account::{AccountId, Scheme},
    bodies, calls,
    checks::{Check, Refusal, refuse},
    fake::Fake,
    php,
};
use crate::{
    provider::ProviderId,
    sandbox::{payload::Payload, server::FakeProvider},
    server::headers::has_media_type,
    shuftipro::{PROVIDER, signature},
    wire,
};

/// Route of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route<'a> {
    Call(Call),
    /// A `GET` call without the slash at its end.
    NoSlash(&'static str),
    Page(&'a str),
    Proof(&'a str),
    QuestionnaireFile(&'a str),
}

/// The calls of contract section 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Verify,
    VideoInterview,
    RiskAssessment,
    Status,
    Delete,
    AccessToken,
    AccountInfo,
    DeclineReasons,
}

impl Call {
    const ALL: [Self; 8] = [
        Self::Verify,
        Self::VideoInterview,
        Self::RiskAssessment,
        Self::Status,
        Self::Delete,
        Self::AccessToken,
        Self::AccountInfo,
        Self::DeclineReasons,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Verify => "/",
            Self::VideoInterview => "/service/real_time/verification",
            Self::RiskAssessment => "/risk-api/",
            Self::Status => "/status",
            Self::Delete => "/delete",
            Self::AccessToken => "/get/access/token",
            Self::AccountInfo => "/account/info/",
            Self::DeclineReasons => "/decline/reasons/",
        }
    }

    const fn method(self) -> Method {
        match self {
            Self::AccountInfo | Self::DeclineReasons => Method::GET,
            _ => Method::POST,
        }
    }

    const fn scheme(self) -> Scheme {
        match self {
            Self::Verify | Self::Status | Self::Delete => Scheme::BasicOrBearer,
            _ => Scheme::Basic,
        }
    }
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        if let Some(call) = Call::ALL.into_iter().find(|call| call.path() == path) {
            return Some(Self::Call(call));
        }
        match path {
            "/account/info" => return Some(Self::NoSlash(Call::AccountInfo.path())),
            "/decline/reasons" => return Some(Self::NoSlash(Call::DeclineReasons.path())),
            _ => {}
        }
        let mut segments = path.strip_prefix('/')?.split('/');
        let mut next = || segments.next().unwrap_or_default();
        let route = match (next(), next(), next(), next(), next()) {
            ("verification", "process", token, "", "") => Self::Page(token),
            ("risk-api", "process", "verification", token, "") => Self::Page(token),
            ("api", "pea", id, "", "") => Self::Proof(id),
            ("questionnaire-api", "storage", id, "questionnaire", _) => Self::QuestionnaireFile(id),
            _ => return None,
        };
        Some(route)
    }
}

/// Why a call is refused.
pub(super) enum Refused {
    Invalid(Refusal),
    Taken,
    Forbidden(&'static str),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Invalid(refusal)
    }
}

impl Refused {
    pub(super) fn refusal(self) -> Refusal {
        let (service, key, message) = match self {
            Self::Invalid(refusal) => return refusal,
            Self::Taken => ("", "reference", "The reference has already been taken"),
            Self::Forbidden(service) => (service, "", "This service is not part of the account's plan."),
        };
        Refusal { service: service.to_owned(), key: key.to_owned(), message: message.into() }
    }
}

impl FakeProvider for Fake {
    const PROVIDER: ProviderId = PROVIDER;

    async fn handle(&self, request: Request<Bytes>) -> Response<Payload> {
        self.tick();
        let (head, body) = request.into_parts();
        match Route::of(head.uri.path()) {
            None => message(StatusCode::NOT_FOUND, "Not Found"),
            Some(Route::Call(call)) => self.call(call, &head, &body),
            Some(Route::NoSlash(path)) => moved(path),
            Some(Route::Page(token)) => self.page(&head.method, token, &body),
            Some(Route::Proof(id)) if head.method == Method::POST => {
                let token = wire::json::from_slice::<Value>(&body).unwrap_or_default();
                self.file(id, token.get("access_token").and_then(Value::as_str).unwrap_or_default())
            }
            Some(Route::Proof(_)) => not_allowed(&Method::POST),
            Some(Route::QuestionnaireFile(id)) if head.method == Method::GET => {
                let query = head.uri.query().unwrap_or_default().as_bytes();
                let token = url::form_urlencoded::parse(query).find(|(key, _)| key == "access_token");
                self.file(id, &token.map(|(_, token)| token).unwrap_or_default())
            }
            Some(Route::QuestionnaireFile(_)) => not_allowed(&Method::GET),
        }
    }

    fn route(path: &str) -> Option<&'static str> {
        Some(match Route::of(path)? {
            Route::Call(call) => call.path(),
            Route::NoSlash(path) => path.trim_end_matches('/'),
            Route::Page(_) => "/verification/process/{token}",
            Route::Proof(_) => "/api/pea/{id}",
            Route::QuestionnaireFile(_) => "/questionnaire-api/storage/{id}/questionnaire/{file}",
        })
    }

    fn spoil_signature(headers: &mut HeaderMap) {
        let Some(value) = headers.get(signature::HEADER) else { return };
        // Still 64 hex digits, none of them right.
        let wrong = value.as_bytes().iter().map(|digit| if *digit == b'0' { b'1' } else { b'0' });
        if let Ok(wrong) = HeaderValue::from_bytes(&wrong.collect::<Vec<_>>()) {
            headers.insert(signature::HEADER, wrong);
        }
    }

    fn remove_signature(headers: &mut HeaderMap) {
        headers.remove(signature::HEADER);
    }
}

impl Fake {
    fn call(&self, call: Call, head: &Parts, body: &Bytes) -> Response<Payload> {
        if head.method != call.method() {
            return not_allowed(&call.method());
        }
        if let Some(a_minute) = self.settings.a_minute
            && !self.store().accounts.admit(a_minute, self.now())
        {
            return message(StatusCode::TOO_MANY_REQUESTS, "Too Many Attempts.");
        }
        let caller = self.store().accounts.authorise(&head.headers, call.scheme(), self.now());
        let Some(account) = caller else { return json(StatusCode::UNAUTHORIZED, &bodies::unauthorized()) };
        let request = match read(&head.headers, body) {
            Ok(request) => request,
            Err(refusal) => {
                return self.signed(account, StatusCode::BAD_REQUEST, &bodies::invalid("", &refusal));
            }
        };
        let response = match call {
            Call::Verify | Call::VideoInterview | Call::RiskAssessment => {
                let agent = head.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
                self.verify(account, call, &request, agent.unwrap_or_default())
            }
            Call::Status => self.status(account, &request).map_err(Refused::Invalid),
            Call::Delete => self.erase(account, &request).map_err(Refused::Invalid),
            Call::AccessToken => Ok(self.access_token(account)),
            Call::AccountInfo => Ok(self.account_info(account)),
            Call::DeclineReasons => Ok(calls::decline_reasons()),
        };
        match response {
            Ok(response) => self.signed(account, StatusCode::OK, &response),
            Err(refused) => self.refused(account, refused, &request),
        }
    }

    fn refused(
        &self,
        account: AccountId,
        refused: Refused,
        request: &Map<String, Value>,
    ) -> Response<Payload> {
        let status = match refused {
            Refused::Taken if self.settings.conflict => StatusCode::CONFLICT,
            Refused::Forbidden(_) => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        };
        let reference = request.get("reference").and_then(Value::as_str).unwrap_or_default();
        let mut body = bodies::invalid(reference, &refused.refusal());
        if let (StatusCode::FORBIDDEN, Value::Object(body)) = (status, &mut body) {
            // No event is documented for it, so the status alone tells.
            body.remove("event");
        }
        self.signed(account, status, &body)
    }

    /// A proof, as long as link and token live.
    fn file(&self, id: &str, token: &str) -> Response<Payload> {
        let Some((_, file)) = self.store().open(id, token, self.now()) else {
            return message(StatusCode::FORBIDDEN, "The link has expired or the access token is invalid.");
        };
        let payload = match self.settings.proof_size {
            Some(size) => Payload::padded(file.bytes, size),
            None => Payload::new(file.bytes),
        };
        let mut response = Response::new(payload);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
        response
    }

    /// A response under the account's signature, over exactly the bytes that are sent.
    fn signed(&self, account: AccountId, status: StatusCode, body: &Value) -> Response<Payload> {
        let text = php::json(body);
        let signature = self.store().accounts.sign(account, text.as_bytes());
        let mut response = typed(status, text);
        if let Ok(signature) = HeaderValue::try_from(signature) {
            response.headers_mut().insert(signature::HEADER, signature);
        }
        response
    }
}

/// The body as an object. Without the media type of JSON, PHP sees no fields.
fn read(headers: &HeaderMap, body: &[u8]) -> Check<Map<String, Value>> {
    if body.is_empty() || !has_media_type(headers, "application/json") {
        return Ok(Map::new());
    }
    match wire::json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(Value::Array(list)) if list.is_empty() => Ok(Map::new()),
        _ => refuse("", "", "The request body must be a valid JSON object."),
    }
}

fn typed(status: StatusCode, body: String) -> Response<Payload> {
    let mut response = Response::new(Payload::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn json(status: StatusCode, body: &Value) -> Response<Payload> {
    typed(status, php::json(body))
}

/// A response of the framework in front of the API: no event, no signature.
fn message(status: StatusCode, text: &str) -> Response<Payload> {
    json(status, &json!({ "message": text }))
}

fn not_allowed(method: &Method) -> Response<Payload> {
    let mut response = message(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    if let Ok(method) = HeaderValue::try_from(method.as_str()) {
        response.headers_mut().insert(header::ALLOW, method);
    }
    response
}

/// The contract wants the slash at the end: a redirect may drop `Authorization`.
fn moved(path: &'static str) -> Response<Payload> {
    let mut response = message(StatusCode::MOVED_PERMANENTLY, "Moved Permanently");
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(path));
    response
}
