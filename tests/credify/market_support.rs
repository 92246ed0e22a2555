//! A market in memory, an authority that knows what a test tells it, and calls to both.

use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use kyckit::{
    Error,
    clock::Clock,
    credify::{
        Client,
        authority::{Authority, Introspection, PublicKeys},
        claims::Claims,
        keys::{DecryptionKey, SigningKey},
        market::{
            Builder, CommitmentStore, DisclosurePolicy, DocumentReference, Market, MemoryCommitments,
            MemoryOrders, MemoryUsers, OrderRecord, Orders, PendingPush, SharedToken, User, Users,
        },
        offer::Segments,
        token::{ApprovalToken, RequestToken, claim::Commitments},
    },
    privacy::Secret,
    sandbox::credify::{Credify, MARKET_ID, USER_ID},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

/// What the market's own front end sends.
pub const FRONT_END: &str = "front-end-secret";
/// A custom scope; its claims have another UUID.
pub const SCOPE: &str = "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:market-name-history-data";
pub const CLAIM: &str = "3285592c-9aaf-4182-bff5-941ce5dac483:purchase-count";
/// A service provider that the authority knows.
pub const CONSUMER: &str = "8e0b198b-f112-4612-96bb-9d2c8b8ca0c3";

pub fn user(local_id: &str) -> User {
    User {
        local_id: local_id.to_owned(),
        credify_id: None,
        phone_country_code: Some("+84".to_owned()),
        phone_number: Some("381234567".to_owned()),
        email: Some("test@credify.one".to_owned()),
        family_name: Some("Nguyễn".to_owned()),
        given_name: Some("Minh Long".to_owned()),
        birthdate: Some("1991-12-25".to_owned()),
        gender: Some("male".to_owned()),
        address: Some("194 Đ. Nguyễn Công Trứ, Quận 1".to_owned()),
        custom: Claims::new().custom(SCOPE, [(CLAIM, "12")]),
    }
}

/// Knows the tokens and keys that it is given.
#[derive(Clone, Default)]
pub struct Known {
    tokens: Arc<Mutex<HashMap<String, Value>>>,
    keys: Arc<Mutex<HashMap<String, PublicKeys>>>,
}

impl Known {
    pub fn token(&self, token: &str, introspection: Value) {
        self.tokens.lock().expect("held").insert(token.to_owned(), introspection);
    }

    pub fn entity(&self, id: &str, key: &SigningKey) {
        let keys = PublicKeys::new(Some(key.verifying_key().to_pem()), None);
        self.keys.lock().expect("held").insert(id.to_owned(), keys);
    }
}

impl Authority for Known {
    async fn introspect(&self, token: &Secret, scope: Option<&str>) -> Result<Introspection, Error> {
        let known = self.tokens.lock().expect("held").get(token.expose()).cloned();
        let known: Introspection =
            serde_json::from_value(known.unwrap_or(json!({}))).expect("an introspection");
        let lacks = scope.is_some_and(|scope| !known.grants(scope));
        Ok(if lacks { Introspection::default() } else { known })
    }

    async fn public_keys(&self, entity_id: &str) -> Result<PublicKeys, Error> {
        let keys = self.keys.lock().expect("held").get(entity_id).cloned();
        Ok(keys.unwrap_or_default())
    }
}

/// A database that works until it is set to break: then the n-th use and all behind it fail, with a text that must not
/// leave.
#[derive(Default)]
pub struct Database {
    pub users: MemoryUsers,
    pub commitments: MemoryCommitments,
    pub orders: MemoryOrders,
    uses: AtomicUsize,
    breaks_at: AtomicUsize,
}

/// What a database says when it fails.
pub const CONFESSION: &str = "FATAL: password authentication failed for user \"market\" (table users)";

impl Database {
    pub fn with(users: impl IntoIterator<Item = User>) -> Arc<Self> {
        let database = Self { breaks_at: AtomicUsize::new(usize::MAX), ..Self::default() };
        users.into_iter().for_each(|user| database.users.insert(user));
        Arc::new(database)
    }

    /// The n-th use from now on fails, and all behind it.
    pub fn break_at(&self, use_number: usize) {
        self.uses.store(0, Ordering::SeqCst);
        self.breaks_at.store(use_number, Ordering::SeqCst);
    }

    pub fn heal(&self) {
        self.breaks_at.store(usize::MAX, Ordering::SeqCst);
    }

    /// How often it was used since it was set to break.
    pub fn uses(&self) -> usize {
        self.uses.load(Ordering::SeqCst)
    }

    fn used(&self) -> Result<(), Error> {
        let number = self.uses.fetch_add(1, Ordering::SeqCst);
        if number >= self.breaks_at.load(Ordering::SeqCst) { Err(Error::store(CONFESSION)) } else { Ok(()) }
    }
}

/// One database behind all three traits.
#[derive(Clone)]
pub struct Shared(pub Arc<Database>);

macro_rules! through {
    ($self:ident, $store:ident . $call:ident ( $($argument:expr),* )) => {{
        $self.0.used()?;
        $self.0.$store.$call($($argument),*).await
    }};
}

impl Users for Shared {
    async fn by_local_id(&self, local_id: &str) -> Result<Option<User>, Error> {
        through!(self, users.by_local_id(local_id))
    }

    async fn by_credify_id(&self, credify_id: &str) -> Result<Option<User>, Error> {
        through!(self, users.by_credify_id(credify_id))
    }

    async fn connect(&self, local_id: &str, credify_id: &str) -> Result<(), Error> {
        through!(self, users.connect(local_id, credify_id))
    }

    async fn count(
        &self,
        segments: &Segments,
        without: &[String],
        sharing: &DisclosurePolicy,
    ) -> Result<Vec<u64>, Error> {
        through!(self, users.count(segments, without, sharing))
    }
}

impl CommitmentStore for Shared {
    async fn begin(&self, push: &PendingPush) -> Result<bool, Error> {
        through!(self, commitments.begin(push))
    }

    async fn finish(&self, push: &PendingPush) -> Result<(), Error> {
        through!(self, commitments.finish(push))
    }

    async fn abandon(&self, push: &PendingPush) -> Result<(), Error> {
        through!(self, commitments.abandon(push))
    }

    async fn pending(&self, credify_id: &str, slot: &str) -> Result<Option<PendingPush>, Error> {
        through!(self, commitments.pending(credify_id, slot))
    }

    async fn all_pending(&self) -> Result<Vec<PendingPush>, Error> {
        through!(self, commitments.all_pending())
    }

    async fn commitments(&self, credify_id: &str, slot: &str) -> Result<Option<Commitments>, Error> {
        through!(self, commitments.commitments(credify_id, slot))
    }
}

impl Orders for Shared {
    async fn keep(&self, order: &OrderRecord) -> Result<(), Error> {
        through!(self, orders.keep(order))
    }

    async fn get(&self, order_id: &str) -> Result<Option<OrderRecord>, Error> {
        through!(self, orders.get(order_id))
    }

    async fn latest(&self, most: usize) -> Result<Vec<OrderRecord>, Error> {
        through!(self, orders.latest(most))
    }

    async fn keep_documents(&self, order_id: &str, documents: &[DocumentReference]) -> Result<(), Error> {
        through!(self, orders.keep_documents(order_id, documents))
    }
}

/// A market over the sandbox, with a database and an authority of the test's.
pub struct Stage {
    pub sandbox: Credify,
    pub client: Client,
    pub market: Market,
    pub database: Arc<Database>,
    pub known: Known,
    pub consumer: SigningKey,
    pub wallet: SigningKey,
    /// What opens claims that were asked for.
    pub reader: DecryptionKey,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    pub async fn with(set: impl FnOnce(Builder) -> Builder) -> Self {
        let sandbox = Credify::start().await.expect("a sandbox");
        let client = sandbox.market_client_builder().build().expect("a client");
        let database = Database::with([user("7"), User { local_id: "8".to_owned(), ..User::default() }]);
        let known = Known::default();
        let clock = Clock::system();
        let consumer = SigningKey::generate(&clock).expect("a key");
        let wallet = SigningKey::generate(&clock).expect("a key");
        known.entity(CONSUMER, &consumer);
        known.entity(USER_ID, &wallet);
        for (token, scope) in [
            ("tok-claims", "oidc_client:read_encrypted_claims"),
            ("tok-counts", "oidc_client:read_user_counts"),
            ("tok-evaluate", "individual:read_evaluated_offer"),
            ("tok-documents", "bnpl_order:o-1"),
        ] {
            known.token(token, json!({"active": true, "scope": scope, "client_id": CONSUMER}));
        }
        let audience = "https://market.example/v1/api/offers/filter";
        let scope = "claim_provider:read_filtered_offers";
        known.token("tok-filter", json!({"active": true, "scope": scope, "aud": [audience]}));
        let builder = Market::builder(client.clone(), MARKET_ID)
            .callers(SharedToken::new(FRONT_END))
            .users(Shared(Arc::clone(&database)))
            .commitments(Shared(Arc::clone(&database)))
            .orders(Shared(Arc::clone(&database)))
            .authority(known.clone());
        let market = set(builder).build().expect("a market");
        let reader = sandbox.decryption_key().clone();
        Self { sandbox, client, market, database, known, consumer, wallet, reader }
    }

    pub async fn post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        self.call(Method::POST, path, token, body.to_string().as_bytes()).await
    }

    pub async fn get(&self, path: &str, token: &str) -> (u16, Value) {
        self.call(Method::GET, path, token, b"").await
    }

    pub async fn call(&self, method: Method, path: &str, token: &str, body: &[u8]) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        if !token.is_empty() {
            let value = HeaderValue::try_from(format!("Bearer {token}")).expect("a header");
            headers.insert(AUTHORIZATION, value);
        }
        let answer = self.market.answer(&method, path, &headers, body).await;
        let body = serde_json::from_slice(answer.body()).unwrap_or_default();
        (answer.status().as_u16(), body)
    }

    /// Pushes the claims of user 7.
    pub async fn push(&self) -> (u16, Value) {
        self.post("/v1/api/claims/push", FRONT_END, &json!({"id": 7, "credify_id": USER_ID})).await
    }

    /// The body of a call for encrypted claims: these scopes are asked for and granted.
    pub fn claims_call(&self, scopes: &[&str]) -> Value {
        self.claims_call_of(CONSUMER, CONSUMER, scopes, scopes, &Clock::system())
    }

    pub fn claims_call_of(
        &self,
        asks: &str,
        approved_for: &str,
        asked: &[&str],
        granted: &[&str],
        clock: &Clock,
    ) -> Value {
        let key = self.reader.encryption_key().expect("a key");
        let request = RequestToken { client_id: asks, encryption_key: Some(&key), scopes: asked };
        let request = request.sign(&self.consumer, clock).expect("signed");
        let approval =
            ApprovalToken { client_id: approved_for, entity_id: USER_ID, scopes: granted, offer_code: None };
        let approval = approval.sign(&self.wallet, clock).expect("signed");
        json!({"user_id": USER_ID, "request_token": request.expose(), "approval_token": approval.expose()})
    }

    /// The tokens that the provider has of the user, each with what it says.
    pub fn pushed(&self) -> Vec<String> {
        self.sandbox.claim_tokens(USER_ID).into_iter().map(|token| token.into_exposed()).collect()
    }

    /// The commitments that are kept of the user.
    pub async fn kept(&self) -> Option<Commitments> {
        self.database.commitments.commitments(USER_ID, "user").await.expect("in memory")
    }
}

/// A clock that stands so far behind now.
pub fn ago(time: Duration) -> Clock {
    Clock::frozen(SystemTime::now() - time).0
}
