//! A plain HTTP client of the fake Shufti Pro, and a server that takes its callbacks.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap};
use http::StatusCode;
use kyckit::{
    clock::{Clock, Frozen},
    sandbox::shuftipro::{Builder, ShuftiPro},
    shuftipro::signature::{Rule, Verifier},
};
use serde_json::{Value, json};

/// 1 February 2025, noon UTC.
pub const NOON: Duration = Duration::from_secs(1_738_411_200);

pub struct Client {
    pub sandbox: ShuftiPro,
    pub http: reqwest::Client,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn event(&self) -> String {
        self.json()["event"].as_str().unwrap_or_default().to_owned()
    }

    /// Service and key of the refusal.
    pub fn refusal(&self) -> (u16, String, String) {
        let error = &self.json()["error"];
        let text = |key: &str| error[key].as_str().unwrap_or("-").to_owned();
        (self.status.as_u16(), text("service"), text("key"))
    }
}

/// What reqwest has behind a feature that the crate does not need.
pub trait Json {
    fn json(self, body: &Value) -> Self;
}

impl Json for reqwest::RequestBuilder {
    fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }
}

pub async fn start() -> Client {
    start_with(ShuftiPro::builder()).await
}

pub async fn start_with(builder: Builder) -> Client {
    let sandbox = builder.start().await.expect("a free port");
    Client { sandbox, http: http() }
}

pub async fn start_frozen(builder: Builder) -> (Client, Frozen) {
    let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + NOON);
    (start_with(builder.clock(clock)).await, frozen)
}

pub fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    // There is no TLS on loopback, and reading the machine's certificates takes its time.
    builder.tls_certs_only([]).timeout(Duration::from_secs(20)).build().expect("a client")
}

impl Client {
    pub fn url(&self, path: &str) -> String {
        self.sandbox.base_url().join(path).expect("a path").into()
    }

    pub fn verifier(&self) -> Verifier {
        Verifier::new(self.sandbox.secret_key().clone(), Rule::Hashed)
    }

    /// A call with the first account's Basic credentials; the signature has to fit.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let request = self.http.post(self.url(path)).json(&body);
        let answer = send(self.basic(request)).await;
        self.verifier().check(&answer.headers, &answer.bytes).expect("it is signed");
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        let answer = send(self.basic(self.http.get(self.url(path)))).await;
        self.verifier().check(&answer.headers, &answer.bytes).expect("it is signed");
        answer
    }

    pub fn basic(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.basic_auth(self.sandbox.client_id(), Some(self.sandbox.secret_key().expose()))
    }

    pub async fn status(&self, reference: &str) -> Value {
        self.post("status", json!({ "reference": reference })).await.json()
    }

    /// Takes an onsite request with document and face in.
    pub async fn onsite(&self, reference: &str) -> Answer {
        let answer = self
            .post("", json!({ "reference": reference, "document": { "name": "", "dob": "" }, "face": "" }))
            .await;
        assert_eq!(answer.event(), "request.pending");
        answer
    }
}

pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, bytes: response.bytes().await.expect("a body") }
}

/// Takes callbacks and answers them with the given statuses; 200 when none is left.
pub struct Receiver {
    pub url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<VecDeque<u16>>,
    taken: Mutex<Vec<(HeaderMap, Bytes)>>,
    /// How many callbacks are being answered, and how many were at most.
    at_once: Mutex<(usize, usize)>,
}

impl Receiver {
    pub async fn start(answers: &[u16]) -> Self {
        let shared =
            Arc::new(Shared { answers: Mutex::new(answers.iter().copied().collect()), ..Shared::default() });
        let app = Router::new().fallback(take).with_state(Arc::clone(&shared));
        let listener =
            tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
        let url = format!("http://{}/callback", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, shared }
    }

    pub fn taken(&self) -> Vec<(HeaderMap, Bytes)> {
        self.shared.taken.lock().expect("taken").clone()
    }

    pub fn most_at_once(&self) -> usize {
        self.shared.at_once.lock().expect("at once").1
    }

    pub fn events(&self) -> Vec<String> {
        let event = |(_, body): (HeaderMap, Bytes)| {
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            body["event"].as_str().expect("an event").to_owned()
        };
        self.taken().into_iter().map(event).collect()
    }
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    shared.taken.lock().expect("taken").push((headers, body));
    let change = |by: isize| {
        let mut at_once = shared.at_once.lock().expect("at once");
        at_once.0 = at_once.0.saturating_add_signed(by);
        at_once.1 = at_once.1.max(at_once.0);
    };
    change(1);
    tokio::time::sleep(Duration::from_millis(2)).await;
    change(-1);
    let status = shared.answers.lock().expect("answers").pop_front().unwrap_or(200);
    StatusCode::from_u16(status).expect("a status")
}
