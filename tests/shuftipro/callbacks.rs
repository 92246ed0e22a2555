//! Callbacks from end to end: the sandbox posts, axum receives, the inbox keeps, a handler works, the client asks.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::Router;
use http::StatusCode;
use kyckit::{
    Error,
    inbox::{Action, Delivery, Inbox, MAX_BODY_BYTES, Reason, WorkOutcome as Worked, server::webhook},
    sandbox::shuftipro::{Callback, CallbackPolicy, DeliveryState, Order, Outcome, ShuftiPro},
    shuftipro::{Callbacks, VerificationResponse, request::Reference},
    storage::{AppliedState, InboxStore, LeaseStatus, LeasedEvent, MemoryInbox, NewEvent, Receipt},
    transport::Options,
    verified::{Event as _, State},
};

use crate::support::{World, hashed, onsite, serve, world_with};

/// A store that fails to keep as often as it is told to.
#[derive(Default)]
struct Flaky {
    inner: MemoryInbox,
    failures: AtomicUsize,
}

impl InboxStore for Flaky {
    async fn insert(&self, arrival: NewEvent) -> Result<Receipt, Error> {
        let fails =
            self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match fails {
            Ok(_) => Err(Error::store("the disk is full")),
            Err(_) => self.inner.insert(arrival).await,
        }
    }

    async fn claim(
        &self,
        now: SystemTime,
        queue: &str,
        lease: Duration,
    ) -> Result<Option<LeasedEvent>, Error> {
        self.inner.claim(now, queue, lease).await
    }

    async fn finish(&self, claim: &LeasedEvent, applied: Option<AppliedState>) -> Result<LeaseStatus, Error> {
        self.inner.finish(claim, applied).await
    }

    async fn release(&self, claim: &LeasedEvent, due: SystemTime) -> Result<LeaseStatus, Error> {
        self.inner.release(claim, due).await
    }
}

/// A backend that takes callbacks.
struct Backend {
    world: World,
    inbox: Arc<Inbox<Flaky>>,
    callbacks: Arc<Callbacks>,
    url: String,
}

impl Backend {
    async fn start() -> Self {
        let mut policy = CallbackPolicy::default();
        policy.interval = Duration::from_millis(1);
        let world = world_with(ShuftiPro::builder().callbacks(policy), Options::new()).await;
        let inbox = Arc::new(Inbox::new(Flaky::default()).clock(world.clock.clone()));
        let callbacks = Arc::new(world.client.callbacks());
        let route = webhook(Arc::clone(&inbox), Arc::clone(&callbacks));
        let url = format!("{}kyc", serve(Router::new().route_service("/kyc", route)).await);
        Self { world, inbox, callbacks, url }
    }

    /// Starts a verification whose callbacks come here.
    async fn verify(&self, reference: &str) {
        let request = onsite(reference).callback_url(self.url.as_str());
        self.world.client.verify(&request).await.expect("pending");
    }

    async fn play(&self, reference: &str, outcome: Outcome) {
        self.world.sandbox.complete(reference, outcome).expect("in a state for it");
        self.world.sandbox.settled().await;
    }

    async fn deliver(&self, reference: &str, callback: Callback) {
        self.world.sandbox.deliver(reference, callback).expect("it has a callback_url");
        self.world.sandbox.settled().await;
    }

    /// Works until nothing is due; tells what was done with each event.
    async fn work(&self) -> Vec<String> {
        let told = Mutex::new(Vec::new());
        while let Some(outcome) = self
            .inbox
            .work(&*self.callbacks, |delivery| self.handle(delivery, &told))
            .await
            .expect("the store works")
        {
            let word = match outcome {
                Worked::Applied | Worked::FetchedFromProvider => continue,
                other => format!("{other:?}"),
            };
            told.lock().expect("told").push(word);
        }
        told.into_inner().expect("told")
    }

    async fn handle(
        &self,
        delivery: Delivery<VerificationResponse>,
        told: &Mutex<Vec<String>>,
    ) -> Result<State, Error> {
        let (what, answer) = match delivery.action {
            Action::Apply(answer) => ("apply".to_owned(), answer),
            Action::FetchFromProvider { reason, .. } => {
                let reference = Reference::existing(delivery.subject)?;
                (format!("ask for {reason:?}:"), self.world.client.status(&reference).await?)
            }
        };
        told.lock().expect("told").push(format!("{what} {}", answer.event()));
        Ok(answer.state())
    }

    fn waiting(&self) -> usize {
        self.inbox.store().inner.waiting()
    }

    /// What the application holds.
    fn holds(&self, reference: &str) -> Option<String> {
        self.inbox.store().inner.applied("shuftipro", reference).map(|applied| applied.state)
    }

    async fn post(&self, body: impl Into<reqwest::Body>, signature: Option<&str>) -> StatusCode {
        let mut request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client")
            .post(&self.url)
            .header("content-type", "application/json")
            .body(body);
        if let Some(signature) = signature {
            request = request.header("Signature", signature);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status();
        assert!(response.bytes().await.expect("a body").is_empty(), "a refusal has no details");
        status
    }
}

/// The statuses that a delivery was answered with.
fn tries(backend: &Backend, index: usize) -> Vec<u16> {
    let delivery = &backend.world.sandbox.deliveries()[index];
    delivery.tries.iter().filter_map(|(_, status)| Some((*status)?.as_u16())).collect()
}

#[tokio::test]
async fn one_result_is_worked_once_though_it_comes_ten_times() {
    let backend = Backend::start().await;
    backend.verify("order-1").await;
    backend.play("order-1", Outcome::Accept).await;
    backend.deliver("order-1", Callback::current().copies(10)).await;
    assert_eq!(backend.waiting(), 2, "pending and accepted, once each");
    assert_eq!(backend.work().await, ["apply request.pending", "apply verification.accepted"]);
    assert_eq!(backend.holds("order-1").as_deref(), Some("verification.accepted"));
    // And ten times more, when it was worked already.
    backend.deliver("order-1", Callback::current().copies(10)).await;
    assert_eq!((backend.waiting(), backend.work().await.len()), (0, 0));
    let deliveries = backend.world.sandbox.deliveries();
    assert_eq!(deliveries.len(), 22);
    assert!(deliveries.iter().all(|delivery| delivery.state == DeliveryState::Delivered));
    assert_eq!(backend.world.count("/status"), 0);
}

#[tokio::test]
async fn what_could_not_be_kept_is_sent_again() {
    let backend = Backend::start().await;
    backend.inbox.store().failures.store(3, Ordering::SeqCst);
    backend.verify("order-1").await;
    backend.world.sandbox.settled().await;
    assert_eq!(tries(&backend, 0), [503, 503, 503, 200]);
    assert_eq!(backend.work().await, ["apply request.pending"]);
}

#[tokio::test]
async fn a_late_pending_does_not_undo_a_decision() {
    let backend = Backend::start().await;
    backend.world.sandbox.hold_callbacks();
    backend.verify("order-1").await;
    backend.play("order-1", Outcome::Accept).await;
    backend.world.sandbox.release_callbacks(Order::Reversed);
    backend.world.sandbox.settled().await;
    assert_eq!(backend.work().await, ["apply verification.accepted", "Stale"]);
    assert_eq!(backend.holds("order-1").as_deref(), Some("verification.accepted"));
}

#[tokio::test]
async fn what_only_says_that_something_changed_leads_to_a_status_call() {
    let backend = Backend::start().await;
    backend.verify("order-1").await;
    backend.play("order-1", Outcome::Accept).await;
    backend.work().await;
    backend.play("order-1", Outcome::ChangeToDeclined(vec!["SPDR06".into()])).await;
    assert_eq!(backend.work().await, ["ask for Notice: verification.declined"]);
    assert_eq!(backend.holds("order-1").as_deref(), Some("verification.declined"));
    backend.play("order-1", Outcome::DataChanged).await;
    assert_eq!(backend.work().await, ["ask for Notice: verification.declined"]);
    // The same two keys again, at another change: not a repeat.
    backend.play("order-1", Outcome::ChangeToAccepted).await;
    assert_eq!(backend.work().await, ["ask for Notice: verification.accepted"]);
    // An event of tomorrow settles nothing either.
    backend.deliver("order-1", Callback::of_event("verification.reopened")).await;
    assert_eq!(backend.work().await, ["ask for Notice: verification.accepted"]);
    assert_eq!(backend.world.count("/status"), 4);
}

#[tokio::test]
async fn a_decision_that_changes_is_not_believed_without_the_provider() {
    let backend = Backend::start().await;
    backend.verify("order-1").await;
    backend.play("order-1", Outcome::Accept).await;
    backend.work().await;
    let accepted = backend.world.sandbox.deliveries().pop().expect("the accepted one");
    backend.play("order-1", Outcome::ChangeToDeclined(vec!["SPDR06".into()])).await;
    backend.deliver("order-1", Callback::current()).await;
    let worked = backend.work().await;
    assert_eq!(
        worked,
        ["ask for Notice: verification.declined", "ask for TerminalChange: verification.declined"]
    );
    // Whoever caught the accepted one can post it for ever: its signature fits, and it changes nothing.
    let signature = accepted.signature.expect("signed");
    assert_eq!(backend.post(accepted.body, Some(&signature)).await, 200);
    assert_eq!(backend.work().await, ["ask for TerminalChange: verification.declined"]);
    assert_eq!(backend.holds("order-1").as_deref(), Some("verification.declined"));
}

#[tokio::test]
async fn forged_ones_are_refused_and_nothing_is_kept() {
    let backend = Backend::start().await;
    backend.verify("order-1").await;
    backend.world.sandbox.settled().await;
    backend.work().await;
    for callback in [Callback::current().wrongly_signed(), Callback::current().unsigned()] {
        backend.deliver("order-1", callback).await;
        let last = backend.world.sandbox.deliveries().len() - 1;
        assert_eq!(tries(&backend, last), [401; 10]);
        assert_eq!(backend.waiting(), 0);
    }
    assert_eq!(backend.holds("order-1").as_deref(), Some("request.pending"));
}

#[tokio::test]
async fn what_is_too_large_or_not_understood_is_refused() {
    let backend = Backend::start().await;
    let secret = backend.world.sandbox.secret_key().expose();
    let sign = |body: &[u8]| hashed(body, secret);
    let padded = |length: usize| {
        let mut body = br#"{"reference":"order-1","event":"request.pending"}"#.to_vec();
        body.resize(length, b' ');
        body
    };
    let large = padded(MAX_BODY_BYTES + 1);
    assert_eq!(backend.post(large.clone(), Some(&sign(&large))).await, 413);
    // Without a length in front, too.
    let pieces: Vec<std::io::Result<Vec<u8>>> =
        large.chunks(100_000).map(|piece| Ok(piece.to_vec())).collect();
    let chunked = reqwest::Body::wrap(http_body_util::StreamBody::new(futures_util::stream::iter(
        pieces
            .into_iter()
            .map(|piece| piece.map(|piece| hyper::body::Frame::data(bytes::Bytes::from(piece)))),
    )));
    assert_eq!(backend.post(chunked, Some(&sign(&large))).await, 413);
    for body in ["not JSON", r#"{"event":"verification.accepted"}"#, r#"{"reference":"order-1"}"#, ""] {
        assert_eq!(backend.post(body, Some(&sign(body.as_bytes()))).await, 400, "{body}");
        assert_eq!(backend.post(body, None).await, 401, "{body}");
    }
    assert_eq!(backend.waiting(), 0);
    let full = padded(MAX_BODY_BYTES);
    assert_eq!(backend.post(full.clone(), Some(&sign(&full))).await, 200);
    assert_eq!(backend.waiting(), 1);
    let got = reqwest::Client::builder().no_proxy().build().expect("a client").get(&backend.url).send().await;
    assert_eq!(got.expect("an answer").status(), 405);
}

#[tokio::test]
async fn a_handler_that_fails_gets_the_event_again() {
    let backend = Backend::start().await;
    backend.verify("order-1").await;
    backend.world.sandbox.settled().await;
    let attempts = Mutex::new(Vec::new());
    let failing = |delivery: Delivery<VerificationResponse>| {
        attempts.lock().expect("attempts").push(delivery.attempt);
        async { Err::<State, Error>(Error::store("the database is away")) }
    };
    let outcome = backend.inbox.work(&*backend.callbacks, failing).await.expect("the store works");
    let Some(Worked::Failed { error, retry_at }) = outcome else { panic!("{outcome:?}") };
    assert_eq!((error.kind(), error.operation()), (kyckit::ErrorKind::Store, Some("work")));
    let wait = retry_at.duration_since(backend.world.clock.now()).expect("later");
    assert!(wait <= Duration::from_secs(5) && wait >= Duration::from_millis(2_500), "{wait:?}");
    // Not before its time.
    assert!(backend.work().await.is_empty());
    backend.world.frozen.advance(wait);
    let working = |delivery: Delivery<VerificationResponse>| {
        attempts.lock().expect("attempts").push(delivery.attempt);
        async { Ok::<_, Error>(State::non_terminal("request.pending")) }
    };
    let outcome = backend.inbox.work(&*backend.callbacks, working).await.expect("the store works");
    assert!(matches!(outcome, Some(Worked::Applied)));
    assert_eq!(*attempts.lock().expect("attempts"), [1, 2]);
    assert!(backend.work().await.is_empty());
}

#[tokio::test]
async fn what_waits_under_a_secret_that_is_gone_is_asked_for_and_not_believed() {
    let backend = Backend::start().await;
    backend.verify("order-1").await;
    backend.world.sandbox.settled().await;
    let sandbox = &backend.world.sandbox;
    // A rotation that forgets the old secret at once.
    backend.world.client.replace_credentials(sandbox.client_id(), "a new one", None).expect("good");
    let asked = |delivery: Delivery<VerificationResponse>| async move {
        match delivery.action {
            Action::FetchFromProvider { reason: Reason::Unverified(error), event: None } => {
                assert_eq!(error.check(), Some("signature.mismatch"));
                assert_eq!(delivery.subject, "order-1");
                Ok::<_, Error>(State::Notice)
            }
            other => panic!("{other:?}"),
        }
    };
    let outcome = backend.inbox.work(&*backend.callbacks, asked).await.expect("the store works");
    assert!(matches!(outcome, Some(Worked::FetchedFromProvider)));
    // New callbacks under the old one are refused from then on.
    backend.deliver("order-1", Callback::current()).await;
    let last = backend.world.sandbox.deliveries().len() - 1;
    assert_eq!(tries(&backend, last), [401; 10]);
}
