//! The four calls, as the fake answers them.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method as Verb, Request, Response, StatusCode, header, request::Parts};
use serde_json::{Value, json};

use super::{CLIENT_ID, ChallengeState, User};
use crate::{
    clock::Clock,
    credo360::{HandleId, Method, PROVIDER, model::HandleStatus},
    crypto,
    privacy::Secret,
    provider::ProviderId,
    sandbox::{payload::Payload, server::FakeProvider},
    server::headers::{credentials, has_media_type},
    wire,
};

/// Settings of the fake.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) client_id: Secret,
    pub(super) length: u32,
    pub(super) attempts: Option<u32>,
    pub(super) lifetime: Option<Duration>,
    pub(super) clock: Clock,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            client_id: CLIENT_ID.into(),
            length: 6,
            attempts: Some(3),
            lifetime: Some(Duration::from_secs(300)),
            clock: Clock::system(),
        }
    }
}

/// A fake Credo360.
pub(super) struct Fake {
    rules: Rules,
    state: Mutex<State>,
    drawn: AtomicU64,
}

struct State {
    users: Vec<User>,
    challenges: HashMap<String, Held>,
    delivered: HashMap<HandleId, Vec<Secret>>,
}

/// A challenge.
struct Held {
    state: ChallengeState,
    /// The last second in which it can be validated.
    expires_at: Option<u64>,
    /// The maximum number of wrong responses.
    attempts: Option<u32>,
    right: Right,
}

/// The expected response.
enum Right {
    Passcode(Secret),
    Signature(Nonce),
}

struct Nonce {
    bytes: [u8; 32],
    text: String,
}

/// A response, or a refusal with its text.
type Reply = Result<Value, (StatusCode, &'static str)>;

enum Route<'a> {
    Auth(&'a str),
    Users(&'a str),
    /// Not the provider's: the user's phone, for clients that are not written in Rust.
    Passcodes(&'a str),
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let (call, id) = path.strip_prefix('/')?.rsplit_once('/')?;
        if id.is_empty() {
            return None;
        }
        match call {
            "auth" => Some(Self::Auth(id)),
            "users" => Some(Self::Users(id)),
            "sandbox/passcodes" => Some(Self::Passcodes(id)),
            _ => None,
        }
    }
}

impl FakeProvider for Fake {
    const PROVIDER: ProviderId = PROVIDER;

    async fn handle(&self, request: Request<Bytes>) -> Response<Payload> {
        let (head, body) = request.into_parts();
        let (status, response) = match self.response(&head, &body) {
            Ok(response) => (StatusCode::OK, response),
            Err((status, text)) => (status, json!({ "error": text })),
        };
        let mut response = Response::new(Payload::from(response.to_string()));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }

    fn route(path: &str) -> Option<&'static str> {
        Some(match Route::of(path)? {
            Route::Auth(_) => "/auth/{id}",
            Route::Users(_) => "/users/{handleId}",
            Route::Passcodes(_) => "/sandbox/passcodes/{handleId}",
        })
    }

    // Answers are not signed, so there is nothing to spoil.

    fn spoil_signature(_: &mut HeaderMap) {}

    fn remove_signature(_: &mut HeaderMap) {}
}

impl Fake {
    pub(super) fn new(users: Vec<User>, rules: Rules) -> Self {
        let state = State { users, challenges: HashMap::new(), delivered: HashMap::new() };
        Self { rules, state: Mutex::new(state), drawn: AtomicU64::new(0) }
    }

    pub(super) fn client_id(&self) -> &Secret {
        &self.rules.client_id
    }

    pub(super) fn handles(&self) -> Vec<HandleId> {
        self.state().users.iter().map(|user| user.handle.clone()).collect()
    }

    pub(super) fn add(&self, user: User) {
        let mut state = self.state();
        match state.users.iter_mut().find(|old| old.handle == user.handle) {
            Some(old) => *old = user,
            None => state.users.push(user),
        }
    }

    pub(super) fn passcode(&self, handle: &HandleId) -> Option<Secret> {
        self.state().delivered.get(handle)?.last().cloned()
    }

    pub(super) fn deliveries(&self, handle: &HandleId) -> usize {
        self.state().delivered.get(handle).map_or(0, Vec::len)
    }

    pub(super) fn challenge(&self, id: &str) -> Option<ChallengeState> {
        self.state().challenges.get(id).map(|held| held.state.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn response(&self, head: &Parts, body: &[u8]) -> Reply {
        let route = Route::of(head.uri.path()).ok_or((StatusCode::NOT_FOUND, "there is no such path"))?;
        if !matches!(route, Route::Passcodes(_)) {
            self.authorise(&head.headers)?;
        }
        match (route, &head.method) {
            (Route::Auth(id), &Verb::GET) => {
                let state = self.state();
                let methods: Vec<_> = find(&state, id)?.methods();
                Ok(json!({ "methods": methods }))
            }
            (Route::Auth(id), &Verb::POST) => self.create(id, head.uri.query().unwrap_or_default()),
            (Route::Auth(id), &Verb::PATCH) => self.validate(&decoded(id)?, &head.headers, body),
            (Route::Users(id), &Verb::GET) => {
                find(&self.state(), id).map(|user| user.body(self.rules.clock.now()))
            }
            (Route::Passcodes(id), &Verb::GET) => {
                let state = self.state();
                let delivered = state.delivered.get(&find(&state, id)?.handle);
                Ok(
                    json!({ "passcode": delivered.and_then(|delivered| delivered.last()).map(Secret::expose) }),
                )
            }
            _ => Err((StatusCode::METHOD_NOT_ALLOWED, "this path has no such method")),
        }
    }

    fn authorise(&self, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let given = values.next().and_then(|value| credentials(value.to_str().ok()?, "client"));
        match (given, values.next()) {
            (Some(given), None) if crypto::equal(given.as_bytes(), self.rules.client_id.expose_bytes()) => {
                Ok(())
            }
            _ => Err((StatusCode::UNAUTHORIZED, "the client is not known")),
        }
    }

    fn create(&self, id: &str, query: &str) -> Reply {
        let method = url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "method")
            .map_or(Method::Passcode, |(_, method)| Method::from(method.as_ref()));
        let mut state = self.state();
        let user = find(&state, id)?;
        if user.status != HandleStatus::Valid {
            return Err((StatusCode::FORBIDDEN, "the user is not valid"));
        }
        if !user.methods().contains(&method) {
            return Err((StatusCode::BAD_REQUEST, "the method is not available to the user"));
        }
        let (handle, delivery) = (user.handle.clone(), user.delivery.clone());
        let (right, validation, attempts) = if method == Method::Passcode {
            let passcode = self.digits();
            state.delivered.entry(handle.clone()).or_default().push(passcode.clone());
            let mut validation = json!({ "length": self.rules.length, "delivery": delivery });
            if let Some(attempts) = self.rules.attempts {
                validation["attempts"] = attempts.into();
            }
            (Right::Passcode(passcode), validation, self.rules.attempts)
        } else {
            let bytes = self.draw();
            let nonce = Nonce { bytes, text: STANDARD.encode(bytes) };
            let validation = json!({ "nonce": nonce.text });
            (Right::Signature(nonce), validation, None)
        };
        let expires_at = self
            .rules
            .lifetime
            .map(|lifetime| self.rules.clock.unix_seconds().saturating_add(lifetime.as_secs()));
        // 65 bytes fill 88 characters, the last of which is padding.
        let id = STANDARD.encode([&self.draw()[..], &self.draw(), &[0xff]].concat());
        let id = format!("+/{id}");
        let mut response = json!({ "challengeId": id, "method": method, "validation": validation });
        if let Some(expires_at) = expires_at {
            response["expiresAt"] = expires_at.into();
        }
        let held = ChallengeState { handle, wrong: 0, validated: false };
        state.challenges.insert(id, Held { state: held, expires_at, attempts, right });
        Ok(response)
    }

    fn validate(&self, id: &str, headers: &HeaderMap, body: &[u8]) -> Reply {
        let is_json = has_media_type(headers, "application/json");
        let response = wire::json::from_slice::<Value>(body).ok();
        let response = response.as_ref().and_then(|body| body.get("response")).and_then(Value::as_str);
        let (true, Some(response)) = (is_json, response) else {
            return Err((StatusCode::BAD_REQUEST, "the body is no JSON object with a response"));
        };
        let mut state = self.state();
        let State { users, challenges, .. } = &mut *state;
        let held = challenges.get_mut(id).ok_or((StatusCode::NOT_FOUND, "there is no such challenge"))?;
        if held.state.validated || held.attempts.is_some_and(|attempts| held.state.wrong >= attempts) {
            return Err((StatusCode::CONFLICT, "the challenge was validated or is spent"));
        }
        if held.expires_at.is_some_and(|last| self.rules.clock.unix_seconds() > last) {
            return Err((StatusCode::GONE, "the challenge is past its time"));
        }
        let user = users.iter().find(|user| user.handle == held.state.handle);
        let right = match &held.right {
            Right::Passcode(passcode) => crypto::equal(passcode.expose_bytes(), response.as_bytes()),
            Right::Signature(nonce) => user.is_some_and(|user| signed(user, nonce, response)),
        };
        if !right {
            held.state.wrong += 1;
            return Err((StatusCode::BAD_REQUEST, "the response is wrong"));
        }
        held.state.validated = true;
        Ok(json!({ "handleId": held.state.handle }))
    }

    fn digits(&self) -> Secret {
        let mut digits = String::new();
        while digits.len() < self.rules.length as usize {
            digits.extend(
                self.draw().iter().filter(|byte| **byte < 250).map(|byte| char::from(b'0' + byte % 10)),
            );
        }
        digits.truncate(self.rules.length as usize);
        Secret::new(digits)
    }

    /// Bytes that never come twice, also when a frozen clock draws the same ones again.
    fn draw(&self) -> [u8; 32] {
        let random = self.rules.clock.random::<32>().unwrap_or_default();
        crypto::sha256(&[&random, &self.drawn.fetch_add(1, Ordering::Relaxed).to_le_bytes()])
    }
}

#[cfg(any(feature = "jose", feature = "secp256k1"))]
fn signed(user: &User, nonce: &Nonce, response: &str) -> bool {
    let messages = [&nonce.bytes[..], nonce.text.as_bytes()];
    user.keys.iter().any(|key| messages.into_iter().any(|message| key.verifies(message, response)))
}

#[cfg(not(any(feature = "jose", feature = "secp256k1")))]
fn signed(_: &User, nonce: &Nonce, _: &str) -> bool {
    // Without keys no nonce is handed out.
    let _ = (nonce.bytes, &nonce.text);
    false
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a User, (StatusCode, &'static str)> {
    let id = decoded(id)?;
    let user = state.users.iter().find(|user| user.handle.expose() == id);
    user.ok_or((StatusCode::NOT_FOUND, "there is no such user"))
}

/// Undoes percent-encoding.
fn decoded(segment: &str) -> Result<String, (StatusCode, &'static str)> {
    let malformed = (StatusCode::BAD_REQUEST, "the path is malformed");
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2).ok_or(malformed)?;
        let mut byte = [0];
        hex::decode_to_slice(digits, &mut byte).map_err(|_| malformed)?;
        bytes.push(byte[0]);
        rest = behind;
    }
    String::from_utf8(bytes).map_err(|_| malformed)
}
