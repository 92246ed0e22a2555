//! Router of the fake: paths, methods, headers, tokens.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts,
};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{
    CLIENT_ID, CLIENT_SECRET, Settings, Spoil, gateway,
    profile::{Links, payload},
    state::{File, Store},
};
use crate::{
    crypto::jose::{
        algorithm::{ContentEncryption, KeyEncryption, SignatureAlgorithm},
        encrypt::{Encryption, encrypt},
        keys::{EncryptionKey, Labels, SigningKey},
        sign::sign,
    },
    error::Error,
    maya::{CustomerTokens, PROVIDER},
    privacy::Secret,
    provider::ProviderId,
    sandbox::{files, payload::Payload, server::FakeProvider},
    server::headers::{credentials, has_media_type, lists_media_type},
    wire,
};

/// The vectors' keys: everything that the fake signs is as checkable as they are.
const KEYS: &str = include_str!("../../../tests/vectors/maya/keys.json");
const CLIENT_TOKEN_LIFE: Duration = Duration::from_secs(3600);
const LINK_LIFE: Duration = Duration::from_secs(900);
pub(super) const REQUEST_REFERENCE: HeaderName = HeaderName::from_static("request-reference-no");

pub(super) struct Fake {
    base: Url,
    pub(super) settings: Settings,
    keys: Value,
    encryption: EncryptionKey,
    signing: SigningKey,
    forging: SigningKey,
    store: Mutex<Store>,
}

/// A refusal: its status and its body.
struct Refusal(StatusCode, Value);

type Reply = Result<Response<Payload>, Refusal>;

impl Fake {
    pub(super) fn new(base: Url, settings: Settings) -> Result<Self, Error> {
        let keys: Value = wire::json::from_str(KEYS)
            .map_err(|_| Error::configuration("the sandbox's keys are not JSON"))?;
        let (jwe, jws) = (keys["jwe_private_jwk"].to_string(), keys["jws_secret_jwk"].to_string());
        Ok(Self {
            base,
            encryption: EncryptionKey::from_jwk(&jwe, Labels::Ignored)?,
            signing: SigningKey::from_jwk(&jws, SignatureAlgorithm::Hs256, Labels::Ignored)?,
            forging: SigningKey::from_secret(&[7; 64], SignatureAlgorithm::Hs256)?,
            keys,
            settings,
            store: Mutex::default(),
        })
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keys(&self) -> (Secret, Secret) {
        (self.keys["jwe_private_jwk"].to_string().into(), self.keys["jws_secret_jwk"].to_string().into())
    }

    /// Tokens of a customer; those of before are gone.
    pub(super) fn issue(&self, customer: u64, fresh: bool) -> CustomerTokens {
        let now = self.now();
        let expires = if fresh { now + self.settings.token_life } else { now - Duration::from_secs(3600) };
        let (access, refresh) = (self.parts(5), self.parts(3));
        let mut store = self.store();
        store.access.retain(|_, (owner, _)| *owner != customer);
        store.access.insert(access.clone(), (customer, expires));
        store.refresh.insert(refresh.clone(), customer);
        #[allow(clippy::expect_used)]
        CustomerTokens::new(access, refresh, seconds(expires).max(1))
            .expect("base64url parts and a time of today")
    }

    /// The customer's payload, with fresh links.
    pub(super) fn payload(&self, customer: u64) -> Value {
        if let Some(payload) = self.store().profiles.get(&customer) {
            return payload.clone();
        }
        let links = Links {
            front: self.link(File::Image),
            back: self.link(File::Image),
            video: self.link(File::Video),
        };
        let person = self.store().person(customer);
        payload(customer, &person, &self.settings.scopes, self.settings.spelling, &links)
    }

    fn link(&self, file: File) -> String {
        let id = self.word();
        let link = format!("{}documents/{id}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=900", self.base);
        self.store().links.insert(id, (self.now() + LINK_LIFE, file));
        link
    }

    fn now(&self) -> SystemTime {
        self.settings.clock.now()
    }

    /// An unguessable text.
    fn word(&self) -> String {
        #[allow(clippy::expect_used)]
        let bytes = self.settings.clock.random::<24>().expect("the system's source of randomness answers");
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A token of the right look: parts of base64url with dots between them.
    fn parts(&self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(".")
    }

    /// `POST {token_url}`
    fn token(&self, head: &Parts, body: &Bytes) -> Reply {
        let oauth = |status, code: &str, text: &str| {
            Err(Refusal(status, json!({ "error": code, "error_description": text })))
        };
        let expected = STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
        let given = credentials(text(&head.headers, header::AUTHORIZATION.as_str()), "Basic");
        if given != Some(expected.as_str()) {
            return oauth(StatusCode::UNAUTHORIZED, "invalid_client", "Bad client credentials");
        }
        let form: Vec<_> = form_urlencoded::parse(body).collect();
        let member = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref());
        let is_form = has_media_type(&head.headers, "application/x-www-form-urlencoded");
        match member("grant_type").filter(|_| is_form) {
            None => return oauth(StatusCode::BAD_REQUEST, "invalid_request", "Missing grant type"),
            Some("client_credentials") => {}
            Some(known @ ("refresh_token" | "authorization_code" | "password")) => {
                let what = format!("Unauthorized grant type: {known}");
                return oauth(StatusCode::UNAUTHORIZED, "invalid_client", &what);
            }
            Some(other) => {
                let what = format!("Unsupported grant type: {other}");
                return oauth(StatusCode::BAD_REQUEST, "unsupported_grant_type", &what);
            }
        }
        let token = self.parts(3);
        self.store().client_tokens.insert(token.clone(), self.now() + CLIENT_TOKEN_LIFE);
        let scopes: Vec<_> = self.settings.scopes.iter().map(|scope| scope.as_str()).collect();
        Ok(json_response(
            StatusCode::OK,
            &json!({
                "access_token": token, "token_type": "Bearer", "expires_in": CLIENT_TOKEN_LIFE.as_secs(),
                "scope": format!("openid {}", scopes.join(" ")),
            }),
        ))
    }

    /// What both calls of the Mini App API require.
    fn admit(&self, head: &Parts) -> Result<(), Refusal> {
        let invalid = |field: &str| {
            let parameters = json!([{ "field": field, "description": "missing or invalid" }]);
            let body =
                json!({ "code": "2553", "message": "Missing/invalid parameters.", "parameters": parameters });
            Err(Refusal(StatusCode::BAD_REQUEST, body))
        };
        for name in [header::ACCEPT, header::CONTENT_TYPE] {
            if !lists_media_type(&head.headers, &name, "application/json") {
                return invalid(name.as_str());
            }
        }
        let reference = text(&head.headers, REQUEST_REFERENCE.as_str());
        // A new one for each request.
        if !is_uuid_v4(reference) || !self.store().references.insert(reference.to_owned()) {
            return invalid("Request-Reference-No");
        }
        let authorization = text(&head.headers, header::AUTHORIZATION.as_str());
        if authorization.is_empty() {
            return Err(unauthorized("K001", "Missing authorization header"));
        }
        let token = credentials(authorization, "Bearer").unwrap_or_default();
        match self.store().client_tokens.get(token) {
            Some(end) if self.now() < *end => Ok(()),
            Some(_) => Err(unauthorized("K002", "Expired client token")),
            None => Err(unauthorized("K003", "Invalid authentication credentials")),
        }
    }

    /// `POST /tokens`
    fn refresh(&self, head: &Parts, body: &Bytes) -> Reply {
        self.admit(head)?;
        let body: Value = wire::json::from_slice(body).unwrap_or_default();
        let token = body["refreshToken"].as_str().unwrap_or_default();
        let Some(customer) = self.store().spend(token) else {
            // The provider's own text echoes the token.
            let what = format!("Invalid refresh token: {token}");
            let body = json!({ "error": "invalid_token", "error_description": what });
            return Err(Refusal(StatusCode::BAD_REQUEST, body));
        };
        let tokens = self.issue(customer, true);
        Ok(response(StatusCode::OK, "application/json", Payload::new(tokens.to_json().expose().to_owned())))
    }

    /// `GET /profile`
    fn profile(&self, head: &Parts) -> Reply {
        self.admit(head)?;
        let token = text(&head.headers, "x-authorization");
        let known = self.store().access.get(token).copied();
        let customer = match known {
            Some((customer, end)) if self.now() < end => customer,
            Some(_) => return Err(unauthorized("K002", "Expired customer token")),
            None => return Err(unauthorized("K003", "Invalid customer token")),
        };
        let spoil = self.store().spoils.pop_front();
        let token = self.sealed(self.payload(customer), spoil).map_err(|_| {
            Refusal(StatusCode::INTERNAL_SERVER_ERROR, gateway("K999", "the sandbox cannot encrypt"))
        })?;
        Ok(json_response(StatusCode::OK, &json!({ "data": token })))
    }

    fn sealed(&self, mut payload: Value, spoil: Option<Spoil>) -> Result<String, Error> {
        if spoil == Some(Spoil::Expired) {
            payload["exp"] = json!(seconds(self.now()).saturating_sub(3600));
        }
        let payload = payload.to_string();
        let signed = match spoil {
            Some(Spoil::Signature) => sign(&self.forging, None, payload.as_bytes())?.into_bytes(),
            Some(Spoil::Unsigned) => {
                let part = |bytes: &str| URL_SAFE_NO_PAD.encode(bytes);
                format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&payload)).into_bytes()
            }
            Some(Spoil::Bomb) => vec![b'a'; 16 << 20],
            _ => sign(&self.signing, None, payload.as_bytes())?.into_bytes(),
        };
        let how = Encryption {
            key_encryption: KeyEncryption::RsaOaep,
            content_encryption: ContentEncryption::A256Gcm,
            deflate: spoil == Some(Spoil::Bomb),
            content_type: None,
        };
        let token = encrypt(&self.encryption, how, &signed)?;
        Ok(if spoil == Some(Spoil::Encryption) { changed(&token) } else { token })
    }

    /// `GET` of a pre-signed link
    fn document(&self, head: &Parts, id: &str) -> Reply {
        let storage = |code: &str| {
            let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
            Ok(response(StatusCode::FORBIDDEN, "application/xml", Payload::new(body)))
        };
        // The storage takes one kind of authentication at a time, and none of these is for it.
        if ["authorization", "x-authorization"].iter().any(|name| head.headers.contains_key(*name)) {
            return storage("InvalidArgument");
        }
        let file = self.store().links.get(id).copied().filter(|(end, _)| self.now() < *end);
        let Some((_, file)) = file else { return storage("AccessDenied") };
        let (media_type, bytes) = match file {
            File::Image => ("image/png", files::png("document")),
            File::Video => ("video/mp4", files::mp4()),
        };
        let payload = match self.settings.file_size {
            Some(size) => Payload::padded(bytes, size),
            None => Payload::new(bytes),
        };
        Ok(response(StatusCode::OK, media_type, payload))
    }
}

/// Route of a path.
enum Route<'a> {
    Token,
    Refresh,
    Profile,
    Document(&'a str),
    Key(&'static str),
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        Some(match path {
            "/token" => Self::Token,
            "/tokens" => Self::Refresh,
            "/profile" => Self::Profile,
            "/keys/jwe.json" => Self::Key("jwe_private_jwk"),
            "/keys/jws.json" => Self::Key("jws_secret_jwk"),
            other => Self::Document(other.strip_prefix("/documents/")?),
        })
    }

    fn method(&self) -> Method {
        if matches!(self, Self::Token | Self::Refresh) { Method::POST } else { Method::GET }
    }
}

impl FakeProvider for Fake {
    const PROVIDER: ProviderId = PROVIDER;

    async fn handle(&self, request: Request<Bytes>) -> Response<Payload> {
        let (head, body) = request.into_parts();
        let Some(route) = Route::of(head.uri.path()) else {
            return json_response(StatusCode::NOT_FOUND, &gateway("404", "Not found"));
        };
        if head.method != route.method() {
            return json_response(StatusCode::METHOD_NOT_ALLOWED, &gateway("405", "Method not allowed"));
        }
        let reply = match route {
            Route::Token => self.token(&head, &body),
            Route::Refresh => self.refresh(&head, &body),
            Route::Profile => self.profile(&head),
            Route::Document(id) => self.document(&head, id),
            Route::Key(name) => Ok(json_response(StatusCode::OK, &self.keys[name])),
        };
        reply.unwrap_or_else(|Refusal(status, body)| json_response(status, &body))
    }

    fn route(path: &str) -> Option<&'static str> {
        Some(match Route::of(path)? {
            Route::Token => "/token",
            Route::Refresh => "/tokens",
            Route::Profile => "/profile",
            Route::Document(_) => "/documents/{id}",
            Route::Key(_) => "/keys",
        })
    }

    // Maya signs the token, not a header: see `Maya::spoil`.
    fn spoil_signature(_: &mut HeaderMap) {}

    fn remove_signature(_: &mut HeaderMap) {}
}

fn unauthorized(code: &str, text: &str) -> Refusal {
    Refusal(StatusCode::UNAUTHORIZED, gateway(code, text))
}

fn json_response(status: StatusCode, body: &Value) -> Response<Payload> {
    response(status, "application/json", Payload::new(body.to_string()))
}

fn response(status: StatusCode, media_type: &'static str, body: Payload) -> Response<Payload> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn seconds(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A UUID of version 4 (RFC 9562, section 5.4) in its usual form.
fn is_uuid_v4(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            19 => b"89abAB".contains(&byte),
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The token with one character of its ciphertext changed.
fn changed(token: &str) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    if let Some(ciphertext) = parts.get_mut(3) {
        let first = if ciphertext.starts_with('A') { "B" } else { "A" };
        ciphertext.replace_range(..1, first);
    }
    parts.join(".")
}
