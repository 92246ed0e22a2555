//! Fake providers, their flows, and registries over one frozen clock.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use kyckit::{
    Error,
    clock::{Clock, Frozen},
    credo360,
    flow::{self, Attempt, Done, Pending, PersonId, Registry, Reply, Start, StateKeys, Step},
    identity::{Attribute, Contact, ContactKind, Identifier, Identity, Name},
    maya::{CustomerTokens, webhook::Sessions},
    provider::ProviderId,
    sandbox::{Person, credo360::Credo360, maya::Maya, shuftipro::ShuftiPro},
    shuftipro,
    storage::MemoryOneTime,
    transport::{HttpSettings, Options},
    verified::{Verified, Verifier},
};

/// 1 February 2025, noon UTC.
pub const NOON: Duration = Duration::from_secs(1_738_411_200);
pub const KEY: [u8; 32] = [7; 32];
/// A name of a person of the application's own, easy to find in what leaks.
pub const PERSON: &str = "customer-row-4711";

pub fn clock() -> (Clock, Frozen) {
    Clock::frozen(SystemTime::UNIX_EPOCH + NOON)
}

pub fn person() -> PersonId {
    PersonId::new(PERSON).expect("a name")
}

pub type Store = Arc<MemoryOneTime>;

pub fn registry(clock: &Clock, store: &Store) -> Registry<Store> {
    Registry::new(StateKeys::new(KEY), Arc::clone(store)).clock(clock.clone())
}

pub fn store() -> Store {
    Arc::new(MemoryOneTime::new())
}

/// All providers on one frozen clock.
pub struct World {
    pub clock: Clock,
    pub frozen: Frozen,
    pub store: Store,
    pub shuftipro: ShuftiPro,
    pub client: shuftipro::Client,
    pub credo360: Credo360,
    pub maya: Maya,
    pub sessions: Arc<Sessions<MemoryOneTime>>,
    /// What Maya's keeper was given.
    pub kept: Arc<Mutex<Vec<(String, CustomerTokens)>>>,
    pub registry: Registry<Store>,
    begun: AtomicU32,
}

pub fn options(clock: &Clock) -> Options {
    Options::new().clock(clock.clone()).http(HttpSettings::new().no_proxy())
}

pub async fn world() -> World {
    let (clock, frozen) = clock();
    let shuftipro = ShuftiPro::builder().clock(clock.clone()).start().await.expect("a free port");
    let credo360 = Credo360::builder().clock(clock.clone()).start().await.expect("a free port");
    let maya = Maya::builder().clock(clock.clone()).start().await.expect("a free port");
    let client = shuftipro::Client::builder(shuftipro.client_id(), shuftipro.secret_key().clone())
        .base_url(shuftipro.base_url().as_str())
        .options(options(&clock))
        .build()
        .expect("a client");
    let owner = credo360::Client::builder(credo360.client_id().clone())
        .base_url(credo360.base_url().as_str())
        .options(options(&clock))
        .build()
        .expect("a client");
    let profile = maya.client_builder().options(options(&clock)).build().expect("a client");
    let sessions = Arc::new(Sessions::new(MemoryOneTime::new()).clock(clock.clone()));
    let kept: Arc<Mutex<Vec<(String, CustomerTokens)>>> = Arc::default();
    let keep = {
        let kept = Arc::clone(&kept);
        move |person: PersonId, tokens: CustomerTokens| {
            kept.lock().expect("lock").push((person.expose().to_owned(), tokens));
            std::future::ready(Ok::<(), Error>(()))
        }
    };
    let store = store();
    let registry = registry(&clock, &store)
        .with(flow::shuftipro::ShuftiProFlow::new(client.clone()))
        .with(flow::credo360::Credo360Flow::new(owner).methods([credo360::Method::Passcode]))
        .with(flow::maya::MayaFlow::new(profile, Arc::clone(&sessions), keep));
    World {
        clock,
        frozen,
        store,
        shuftipro,
        client,
        credo360,
        maya,
        sessions,
        kept,
        registry,
        begun: AtomicU32::new(100),
    }
}

impl World {
    /// A start that knows of a sandbox's person what a form would ask for, the first Credo ID included.
    pub fn start(&self, someone: &Person) -> Start {
        let source = ProviderId::new("sign-up");
        let now = self.clock.now();
        let mut name = Name::default();
        name.full = Some(someone.full_name());
        let mut known = Identity::new();
        known.add(Attribute::self_asserted(name, source, now));
        let mail = Contact::new(ContactKind::Email, someone.email.clone());
        known.add(Attribute::self_asserted(mail, source, now));
        let handle = self.credo360.handles().remove(0);
        let handle = Identifier::new(flow::credo360::IDENTIFIER, handle.expose());
        known.add(Attribute::self_asserted(handle, source, now));
        Start::new(person()).known_identity(known)
    }

    /// A verification that has begun, and its reference, with a person that the sandbox knows.
    pub async fn begun(&self) -> (Pending, String) {
        let someone = Person::from_seed(7);
        let number = self.begun.fetch_add(1, Ordering::SeqCst);
        let attempt = Attempt::derive(&"a key".into(), &person(), number);
        let reference = attempt.as_str().to_owned();
        self.shuftipro.assign(reference.clone(), someone.clone());
        let start = self.start(&someone).attempt(attempt);
        let pending = next(self.registry.start(shuftipro::PROVIDER, &start).await.expect("begun"));
        assert_eq!(pending.record.as_ref(), Some(&reference));
        (pending, reference)
    }

    /// A callback of this body, signed as the provider signs, and verified.
    pub fn callback(&self, reference: &str, event: &str) -> Reply {
        Reply::callback(shuftipro::PROVIDER, &self.called(reference, event))
    }

    pub fn called(&self, reference: &str, event: &str) -> Verified<shuftipro::VerificationResponse> {
        let body = serde_json::json!({ "reference": reference, "event": event }).to_string();
        let signature = shuftipro::signature::sign(
            body.as_bytes(),
            self.shuftipro.secret_key(),
            shuftipro::signature::Rule::Hashed,
        );
        let mut headers = HeaderMap::new();
        headers.insert("signature", HeaderValue::try_from(signature).expect("a header"));
        self.client.callbacks().verify(&headers, body.as_bytes()).expect("genuine")
    }

    /// The query with which a customer's browser comes to the landing page.
    pub async fn tapped(&self, customer: u64) -> String {
        let tokens = self.maya.issue(customer).to_json();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let id = self.sessions.receive(&headers, tokens.expose_bytes()).await.expect("kept");
        format!("lang=en&sessionId={}", id.expose())
    }
}

pub fn next(step: Step) -> Pending {
    match step {
        Step::Next(pending) => pending,
        other => panic!("not what was expected: {other:?}"),
    }
}

pub fn failed(step: Step) -> (Error, Pending) {
    match step {
        Step::Failed(error, pending) => (error, pending),
        other => panic!("not what was expected: {other:?}"),
    }
}

pub fn done(step: Step) -> Done {
    match step {
        Step::Done(done) => *done,
        other => panic!("not what was expected: {other:?}"),
    }
}
