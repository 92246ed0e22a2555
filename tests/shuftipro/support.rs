//! Clients with frozen clocks, signed answers made by hand, and a way to let a call's time pass.

use std::{
    future::Future,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::{Router, extract::State};
use http::HeaderMap;
use kyckit::{
    Error,
    clock::{Clock, Frozen},
    sandbox::{
        Recorded,
        shuftipro::{Builder as SandboxBuilder, ShuftiPro},
    },
    shuftipro::{
        Builder, Client,
        request::{Document, Face, Reference, VerificationRequest},
    },
    transport::{HttpSettings, MockResponse, MockTransport, Options},
};
use sha2::{Digest, Sha256};

/// 1 February 2025, noon UTC.
pub const NOON: Duration = Duration::from_secs(1_738_411_200);

/// Client id and secret key of clients over memory; the secret looks like some real ones.
pub const CLIENT_ID: &str = "client-id";
pub const SECRET: &str = "$2y$10$abc/def.ghi";

pub fn clock() -> (Clock, Frozen) {
    Clock::frozen(SystemTime::UNIX_EPOCH + NOON)
}

/// A sandbox and a client of its first account, on one frozen clock: waits between attempts take no time.
pub struct World {
    pub sandbox: ShuftiPro,
    pub client: Client,
    pub clock: Clock,
    pub frozen: Frozen,
}

pub async fn world() -> World {
    world_with(ShuftiPro::builder(), Options::new()).await
}

pub async fn world_with(sandbox: SandboxBuilder, options: Options) -> World {
    let (clock, frozen) = clock();
    let sandbox = sandbox.clock(clock.clone()).start().await.expect("a free port");
    let client = client_of(&sandbox, options.clock(clock.clone()));
    World { sandbox, client, clock, frozen }
}

/// A builder that points at the sandbox. The environment's proxy plays no part.
pub fn builder_of(sandbox: &ShuftiPro, options: Options) -> Builder {
    Client::builder(sandbox.client_id(), sandbox.secret_key().clone())
        .base_url(sandbox.base_url().as_str())
        .risk_base_url(sandbox.risk_assessment_url().as_str())
        .options(options.http(HttpSettings::new().no_proxy()))
}

pub fn client_of(sandbox: &ShuftiPro, options: Options) -> Client {
    builder_of(sandbox, options).build().expect("a client")
}

impl World {
    /// What was sent to a path, oldest first.
    pub fn sent(&self, path: &str) -> Vec<Recorded> {
        let recorded = self.sandbox.server().recorded().into_iter();
        recorded.filter(|recorded| recorded.uri.path() == path).collect()
    }

    /// How many requests there were to a route, those that broke off included.
    pub fn count(&self, route: &str) -> u64 {
        self.sandbox.server().count(route)
    }

    /// Seeds a pending onsite verification without a call of the client.
    pub fn seed(&self, text: &str) -> Reference {
        let body =
            serde_json::json!({ "reference": text, "document": { "name": "", "dob": "" }, "face": "" });
        self.sandbox.submit(&body).expect("a good request");
        reference(text)
    }
}

/// A client over memory, and the memory.
pub fn in_memory(answers: impl IntoIterator<Item = MockResponse>) -> (Client, MockTransport, Frozen) {
    let memory = MockTransport::new(answers);
    let (client, frozen) = over(&memory, Options::new());
    (client, memory, frozen)
}

pub fn over(memory: &MockTransport, options: Options) -> (Client, Frozen) {
    let (clock, frozen) = clock();
    let client = Client::builder(CLIENT_ID, SECRET)
        .options(options.transport(memory.clone()).clock(clock))
        .build()
        .expect("a client");
    (client, frozen)
}

/// The hashed rule, by the contract's words: SHA-256 over the body and the hex of SHA-256 of the secret.
pub fn hashed(body: &[u8], secret: &str) -> String {
    let inner = hex::encode(Sha256::digest(secret));
    hex::encode(Sha256::new().chain_update(body).chain_update(inner).finalize())
}

/// The legacy rule: SHA-256 over the body and the secret.
pub fn legacy(body: &[u8], secret: &str) -> String {
    hex::encode(Sha256::new().chain_update(body).chain_update(secret).finalize())
}

/// An answer as the account [`CLIENT_ID`] gets it.
pub fn signed(status: u16, body: &str) -> MockResponse {
    MockResponse::json(status, body.to_owned()).header("Signature", &hashed(body.as_bytes(), SECRET))
}

/// The usual answer to a request about a reference.
pub fn says(reference: &str, event: &str) -> MockResponse {
    signed(200, &format!(r#"{{"reference":"{reference}","event":"{event}"}}"#))
}

/// The refusal of a reference: unknown to `/status`, taken for `POST /`.
pub fn about_reference(reference: &str) -> MockResponse {
    let error = r#"{"service":"","key":"reference","message":"The selected reference is invalid."}"#;
    signed(400, &format!(r#"{{"reference":"{reference}","event":"request.invalid","error":{error}}}"#))
}

pub fn reference(text: &str) -> Reference {
    Reference::new(text).expect("a reference")
}

/// An onsite request with document and face.
pub fn onsite(text: &str) -> VerificationRequest {
    VerificationRequest::onsite(reference(text)).document(Document::ocr()).face(Face::new())
}

pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(|value| value.to_str().expect("text"));
    assert!(values.next().is_none(), "{name} comes twice");
    first
}

/// What holds of every error of a call: it names provider and operation, is one line, and shows neither where the
/// provider is nor what was sent.
pub fn assert_well_formed(error: &Error, operation: &str) {
    let text = error.to_string();
    assert_eq!(error.provider().map(|provider| provider.as_str()), Some("shuftipro"), "{text}");
    assert_eq!(error.operation(), Some(operation), "{text}");
    assert!(text.starts_with(&format!("shuftipro {operation}: ")), "{text}");
    assert!(!text.contains(['\n', '\r']), "{text}");
    for shown in [text, format!("{error:?}")] {
        for forbidden in ["127.0.0.1", "http:", "https:", "?", "order-", "t0ken"] {
            assert!(!shown.contains(forbidden), "{forbidden} in {shown}");
        }
    }
}

/// Drives a call that runs into its timeouts: whenever a request met a fault that never lets it end, tokio's time moves
/// on by `step`, and all other time is real.
pub async fn hurry<T>(world: &World, step: Duration, call: impl Future<Output = T>) -> T {
    let mut call = pin!(call);
    let mut handled = 0;
    loop {
        tokio::select! {
            biased;
            done = &mut call => return done,
            () = tokio::time::sleep(Duration::from_millis(2)) => {}
        }
        let log = world.sandbox.server().log();
        let endless = ["stall", "stall_in_body", "drip"];
        let stuck = log
            .last()
            .filter(|entry| entry.id > handled && entry.fault.is_some_and(|fault| endless.contains(&fault)));
        if let Some(entry) = stuck {
            handled = entry.id;
            tokio::time::pause();
            tokio::time::advance(step).await;
            tokio::time::resume();
        }
    }
}

/// A server of somebody else's: it answers everything with an empty object and a cookie, and keeps the headers.
pub struct OtherServer {
    pub url: String,
    seen: Arc<Mutex<Vec<HeaderMap>>>,
}

impl OtherServer {
    pub async fn start() -> Self {
        type Seen = Arc<Mutex<Vec<HeaderMap>>>;
        async fn answer(
            State(seen): State<Seen>,
            headers: HeaderMap,
        ) -> ([(&'static str, &'static str); 2], &'static str) {
            seen.lock().expect("seen").push(headers);
            ([("content-type", "application/json"), ("set-cookie", "session=1")], "{}")
        }
        let seen = Seen::default();
        let url = serve(Router::new().fallback(answer).with_state(Arc::clone(&seen))).await;
        Self { url, seen }
    }

    pub fn seen(&self) -> Vec<HeaderMap> {
        self.seen.lock().expect("seen").clone()
    }
}

/// Serves an application on a free port, and tells its base URL.
pub async fn serve(app: Router) -> String {
    let listener =
        tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}
