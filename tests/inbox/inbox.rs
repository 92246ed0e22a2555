//! What the inbox promises, one test a promise.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, StatusCode};
use kyckit::{
    Error, ErrorKind,
    clock::{Clock, Frozen},
    inbox::{Action, Delivery, Inbox, Reason, WorkOutcome, response_status},
    privacy::leak::Canaries,
    provider::ProviderId,
    storage::{
        AnyInboxStore, AppliedState, InboxStore, LeaseStatus, LeasedEvent, MemoryInbox, NewEvent, Receipt,
    },
    testkit::{FakeEvent, FakeProvider},
    verified::{Event, State, Verified, Verifier},
};

const LEASE: Duration = Duration::from_secs(300);

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_760_000_000)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn body(reference: &str, state: &str) -> Vec<u8> {
    format!(r#"{{"reference":"{reference}","state":"{state}"}}"#).into_bytes()
}

/// An application: an inbox over a store, a provider, and what the handler saw and says.
struct App<S = MemoryInbox> {
    inbox: Inbox<S>,
    provider: FakeProvider,
    time: Frozen,
    /// What the provider answers when it is asked.
    truth: Mutex<State>,
    seen: Mutex<Vec<String>>,
}

impl App {
    fn untimed() -> Self {
        let (clock, time) = Clock::frozen(noon());
        Self::over(MemoryInbox::new(), FakeProvider::new("secret"), clock, time)
    }

    fn timed() -> Self {
        let (clock, time) = Clock::frozen(noon());
        Self::over(MemoryInbox::new(), FakeProvider::with_signed_time("secret", clock.clone()), clock, time)
    }

    fn record(&self, reference: &str) -> Option<AppliedState> {
        self.inbox.store().applied("fake", reference)
    }

    fn state(&self, reference: &str) -> String {
        self.record(reference).map(|applied| applied.state).unwrap_or_default()
    }
}

impl<S: InboxStore> App<S> {
    fn over(store: S, provider: FakeProvider, clock: Clock, time: Frozen) -> Self {
        Self {
            inbox: Inbox::new(store).clock(clock),
            provider,
            time,
            truth: Mutex::new(State::terminal("declined")),
            seen: Mutex::default(),
        }
    }

    async fn send(&self, reference: &str, state: &str) -> Receipt {
        let body = body(reference, state);
        self.inbox.receive(&self.provider, &self.provider.sign(&body), &body).await.expect("received")
    }

    /// Sends a message that the provider wrote so many seconds after noon.
    async fn send_at(&self, reference: &str, state: &str, after_noon: u64) -> Receipt {
        let body = body(reference, state);
        let headers = self.provider.sign_at(&body, noon() + seconds(after_noon));
        self.inbox.receive(&self.provider, &headers, &body).await.expect("received")
    }

    /// Works one event with a handler that obeys.
    async fn work(&self) -> Option<WorkOutcome> {
        self.inbox.work(&self.provider, |delivery| self.handle(delivery)).await.expect("the store works")
    }

    async fn handle(&self, delivery: Delivery<FakeEvent>) -> Result<State, Error> {
        let (line, state) = match delivery.action {
            Action::Apply(event) => (format!("{} {}", delivery.subject, event.state), event.state()),
            Action::FetchFromProvider { reason, .. } => {
                let reason = match reason {
                    Reason::Unverified(_) => "Unverified".to_owned(),
                    reason => format!("{reason:?}"),
                };
                (format!("{} ? {reason}", delivery.subject), self.truth.lock().unwrap().clone())
            }
        };
        self.seen.lock().unwrap().push(line);
        Ok(state)
    }

    async fn drain(&self) -> Vec<String> {
        let mut outcomes = Vec::new();
        while let Some(outcome) = self.work().await {
            outcomes.push(match outcome {
                WorkOutcome::Failed { .. } => "Failed".to_owned(),
                outcome => format!("{outcome:?}"),
            });
        }
        outcomes
    }

    async fn fail(&self) -> WorkOutcome {
        self.inbox
            .work(&self.provider, async |_| Err::<State, _>("database is down"))
            .await
            .unwrap()
            .expect("an event")
    }

    fn answer_with(&self, truth: State) {
        *self.truth.lock().unwrap() = truth;
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

// Receiving.

#[tokio::test]
async fn an_event_is_kept_before_it_is_worked() {
    let app = App::untimed();
    assert_eq!(app.send("r-1", "accepted").await, Receipt::Stored);
    assert_eq!(app.inbox.store().waiting(), 1);
    assert!(app.seen().is_empty());
    assert_eq!(app.drain().await, ["Applied"]);
    assert_eq!((app.seen(), app.inbox.store().waiting()), (vec!["r-1 accepted".to_owned()], 0));
}

#[tokio::test]
async fn what_is_not_authentic_is_refused_with_the_verifiers_error_and_not_kept() {
    let app = App::untimed();
    let body = body("r-1", "accepted");
    let direct = app.provider.verify(&HeaderMap::new(), &body).expect_err("no signature");
    let error = app.inbox.receive(&app.provider, &HeaderMap::new(), &body).await.expect_err("no signature");
    assert_eq!(error.to_string(), direct.to_string());
    assert_eq!(error.check(), Some("signature.missing"));
    let forged = FakeProvider::new("guess").sign(&body);
    let error = app.inbox.receive(&app.provider, &forged, &body).await.expect_err("forged");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Signature, Some("signature.mismatch")));
    assert_eq!(app.inbox.store().waiting(), 0);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_verified() {
    let (clock, _) = Clock::frozen(noon());
    let inbox = Inbox::new(MemoryInbox::new()).clock(clock).max_body_bytes(39);
    let provider = FakeProvider::new("secret");
    let fits = body("r-1", "accepted");
    assert_eq!(fits.len(), 38);
    let longer = [&fits[..], b"  "].concat();
    let receipt = inbox.receive(&provider, &provider.sign(&fits), &fits).await;
    assert_eq!(receipt.expect("fits"), Receipt::Stored);
    let error = inbox.receive(&provider, &provider.sign(&longer), &longer).await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let default = Inbox::new(MemoryInbox::new());
    let largest = |bytes: usize| [&fits[..], &b" ".repeat(bytes - fits.len())].concat();
    for (bytes, fits) in [(1_048_576, true), (1_048_577, false)] {
        let body = largest(bytes);
        assert_eq!(default.receive(&provider, &provider.sign(&body), &body).await.is_ok(), fits, "{bytes}");
    }
}

#[tokio::test]
async fn an_authentic_message_without_a_usable_subject_is_not_understood() {
    let app = App::untimed();
    for reference in [String::new(), "x".repeat(513), "a\\u0000b".to_owned(), "a\\nb".to_owned()] {
        let body = body(&reference, "accepted");
        let error =
            app.inbox.receive(&app.provider, &app.provider.sign(&body), &body).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Decode);
    }
    assert_eq!(app.send(&"x".repeat(512), "accepted").await, Receipt::Stored);
}

#[tokio::test]
async fn only_signed_headers_and_the_body_are_kept() {
    let app = App::untimed();
    let body = body("r-1", "accepted");
    let mut headers = app.provider.sign(&body);
    headers.insert("cookie", HeaderValue::from_static("session=s3cr3t"));
    app.inbox.receive(&app.provider, &headers, &body).await.expect("received");
    let claim = app.inbox.store().claim(noon(), "fake", LEASE).await.unwrap().expect("an event");
    let kept = String::from_utf8(claim.event.message.expose().to_vec()).expect("text");
    assert!(kept.starts_with("x-fake-signature: ") && kept.ends_with(std::str::from_utf8(&body).unwrap()));
    assert!(!kept.contains("s3cr3t"));
}

#[tokio::test]
async fn a_verifier_that_does_not_name_its_headers_is_found_out_at_the_first_message() {
    struct Forgetful(FakeProvider);
    impl Verifier for Forgetful {
        type Event = FakeEvent;

        fn provider(&self) -> ProviderId {
            self.0.provider()
        }

        fn signed_headers(&self) -> &'static [&'static str] {
            &["x-fake-time"]
        }

        fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Verified<FakeEvent>, Error> {
            self.0.verify(headers, body)
        }
    }
    let app = App::untimed();
    let body = body("r-1", "accepted");
    let forgetful = Forgetful(app.provider.clone());
    let error = app.inbox.receive(&forgetful, &app.provider.sign(&body), &body).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_full_store_refuses_and_takes_again_when_there_is_room() {
    let (clock, time) = Clock::frozen(noon());
    let store = MemoryInbox::new().max_events(1);
    let app = App::over(store, FakeProvider::new("secret"), clock, time);
    assert_eq!(app.send("r-1", "accepted").await, Receipt::Stored);
    let other = body("r-2", "accepted");
    let refused = app.inbox.receive(&app.provider, &app.provider.sign(&other), &other).await;
    assert_eq!(refused.as_ref().map_err(Error::kind), Err(ErrorKind::Store));
    assert_eq!(response_status(&refused), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.send("r-1", "accepted").await, Receipt::AlreadyWaiting);
    app.drain().await;
    assert_eq!(app.send("r-2", "accepted").await, Receipt::Stored);
}

#[tokio::test]
async fn memory_is_bounded_in_bytes_and_in_subjects() {
    let store = MemoryInbox::new().max_bytes(300).max_subjects(2);
    let (clock, time) = Clock::frozen(noon());
    let app = App::over(store, FakeProvider::new("secret"), clock, time);
    let large = body("r-1", &"x".repeat(300));
    let refused = app.inbox.receive(&app.provider, &app.provider.sign(&large), &large).await;
    assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::Store));
    for round in ["accepted", "declined"] {
        for reference in ["r-1", "r-2", "r-3"] {
            assert_eq!(app.send(reference, round).await, Receipt::Stored, "bytes are given back");
            app.drain().await;
        }
    }
    let known = || ["r-1", "r-2", "r-3"].map(|reference| app.record(reference).is_some());
    assert_eq!(known(), [false, true, true], "the subject that was quiet for longest is forgotten");
    app.send("r-2", "changed").await;
    app.drain().await;
    app.send("r-2", "accepted").await;
    app.drain().await;
    assert_eq!(known(), [false, true, true], "one subject is one, however much was applied to it");
    app.send("r-3", "changed").await;
    app.send("r-1", "accepted").await;
    let third = app.inbox.store().claim(noon(), "fake", LEASE).await.unwrap().expect("an event");
    assert_eq!(app.drain().await, ["Applied"]);
    assert_eq!(third.event.subject, "r-3");
    assert_eq!(known(), [true, false, true], "a subject that has something waiting is not quiet");
}

#[tokio::test]
async fn the_answer_is_200_exactly_when_the_event_is_kept_or_known() {
    for receipt in [Receipt::Stored, Receipt::AlreadyWaiting, Receipt::Duplicate] {
        assert_eq!(response_status(&Ok(receipt)), StatusCode::OK);
    }
    for (kind, status) in [
        (ErrorKind::Signature, 401),
        (ErrorKind::Decryption, 401),
        (ErrorKind::Expired, 401),
        (ErrorKind::AlreadyUsed, 401),
        (ErrorKind::Decode, 400),
        (ErrorKind::InvalidRequest, 400),
        (ErrorKind::TooLarge, 413),
        (ErrorKind::Configuration, 500),
        (ErrorKind::Store, 503),
        (ErrorKind::Timeout, 503),
        (ErrorKind::Connect, 503),
        (ErrorKind::Unavailable, 503),
    ] {
        assert_eq!(response_status(&Err(Error::new(kind, ""))).as_u16(), status, "{kind:?}");
    }
}

// Repeats.

#[tokio::test]
async fn the_same_body_ten_times_is_one_event() {
    let app = App::untimed();
    for index in 0..10 {
        let expected = if index == 0 { Receipt::Stored } else { Receipt::AlreadyWaiting };
        assert_eq!(app.send("r-1", "accepted").await, expected);
    }
    app.drain().await;
    for _ in 0..10 {
        assert_eq!(app.send("r-1", "accepted").await, Receipt::Duplicate);
    }
    assert_eq!(app.drain().await, [""; 0]);
    assert_eq!(app.seen(), ["r-1 accepted"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_body_from_fifty_tasks_at_once_is_one_event() {
    let app = Arc::new(App::untimed());
    for reference in ["r-1", "r-2", "r-3"] {
        let barrier = Arc::new(tokio::sync::Barrier::new(50));
        let tasks = (0..50).map(|_| {
            let (app, barrier) = (app.clone(), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                let receipt = app.send(reference, "accepted").await;
                // Working at the same time must not open a gap through which a repeat slips.
                app.drain().await;
                receipt
            })
        });
        let receipts = futures_util::future::join_all(tasks).await;
        assert!(receipts.iter().any(|receipt| matches!(receipt, Ok(Receipt::Stored))));
        app.drain().await;
    }
    let mut seen = app.seen();
    seen.sort();
    assert_eq!(seen, ["r-1 accepted", "r-2 accepted", "r-3 accepted"]);
}

#[tokio::test]
async fn a_repeat_is_known_only_after_the_handler_succeeded() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    assert!(matches!(app.fail().await, WorkOutcome::Failed { .. }));
    assert_eq!(app.send("r-1", "accepted").await, Receipt::Stored, "nothing was applied yet");
    app.time.advance(seconds(600));
    assert_eq!(app.drain().await, ["Applied", "Duplicate"]);
    assert_eq!(app.send("r-1", "accepted").await, Receipt::Duplicate);
    assert_eq!(app.seen(), ["r-1 accepted"]);
}

#[tokio::test]
async fn equal_bytes_are_news_again_once_something_else_was_applied() {
    let app = App::untimed();
    app.send("r-1", "pending").await;
    app.send("r-1", "review").await;
    assert_eq!(app.drain().await, ["Applied", "Applied"]);
    assert_eq!(app.send("r-1", "review").await, Receipt::Duplicate);
    assert_eq!(app.send("r-1", "pending").await, Receipt::Stored);
    assert_eq!(app.drain().await, ["Applied"]);
    assert_eq!(app.state("r-1"), "pending");
}

#[tokio::test]
async fn the_bytes_of_an_earlier_terminal_state_lead_to_a_question() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    app.drain().await;
    app.send("r-1", "declined").await;
    assert_eq!(app.drain().await, ["FetchedFromProvider"]);
    assert_eq!(app.state("r-1"), "declined");
    assert_eq!(app.send("r-1", "declined").await, Receipt::Duplicate, "the provider confirmed these bytes");

    assert_eq!(app.send("r-1", "accepted").await, Receipt::Stored);
    app.answer_with(State::terminal("accepted"));
    assert_eq!(app.drain().await, ["FetchedFromProvider"]);
    assert_eq!(app.seen(), ["r-1 accepted", "r-1 ? TerminalChange", "r-1 ? TerminalChange"]);
    assert_eq!(app.state("r-1"), "accepted");
}

// What may be believed.

#[tokio::test]
async fn a_terminal_state_is_never_overwritten_by_one_that_is_not() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    app.send("r-1", "pending").await;
    assert_eq!(app.drain().await, ["Applied", "Stale"]);
    assert_eq!((app.state("r-1"), app.seen()), ("accepted".to_owned(), vec!["r-1 accepted".to_owned()]));
    assert_eq!(app.send("r-1", "accepted").await, Receipt::Duplicate, "a stale event leaves no trace");
}

#[tokio::test]
async fn without_a_signed_time_a_change_of_a_terminal_state_is_asked_for() {
    let app = App::untimed();
    app.send("r-1", "declined").await;
    app.drain().await;
    // A message captured long ago, replayed: authentic, and no longer true.
    for _ in 0..2 {
        assert_eq!(app.send("r-1", "accepted").await, Receipt::Stored);
        assert_eq!(app.drain().await, ["FetchedFromProvider"]);
        assert_eq!(app.state("r-1"), "declined", "the provider's answer counts");
    }
    assert_eq!(app.seen(), ["r-1 declined", "r-1 ? TerminalChange", "r-1 ? TerminalChange"]);
}

#[tokio::test]
async fn a_notice_always_leads_to_a_question_even_in_equal_bytes() {
    let app = App::untimed();
    for answer in [State::non_terminal("pending"), State::terminal("accepted"), State::terminal("declined")] {
        app.answer_with(answer);
        assert_eq!(app.send("r-1", "changed").await, Receipt::Stored);
        assert_eq!(app.drain().await, ["FetchedFromProvider"]);
    }
    assert_eq!(app.seen(), ["r-1 ? Notice"; 3]);
    assert_eq!(app.state("r-1"), "declined");
}

#[tokio::test]
async fn a_notice_that_comes_while_the_question_is_asked_is_asked_again() {
    let app = App::untimed();
    app.send("r-1", "changed").await;
    let _ = app
        .inbox
        .work(&app.provider, async |_| {
            // The provider has answered; then the state changes, and it says so in the same bytes.
            assert_eq!(app.send("r-1", "changed").await, Receipt::Stored);
            Ok::<_, Error>(State::terminal("accepted"))
        })
        .await
        .unwrap()
        .expect("an event");
    assert_eq!(app.drain().await, ["FetchedFromProvider"]);
    assert_eq!(app.state("r-1"), "declined");
}

#[tokio::test]
async fn the_providers_answer_is_what_the_next_event_is_measured_against() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    app.send("r-1", "changed").await;
    app.answer_with(State::non_terminal("review"));
    assert_eq!(app.drain().await, ["Applied", "FetchedFromProvider"]);
    assert_eq!(
        app.record("r-1").map(|applied| (applied.terminal, applied.state)),
        Some((false, "review".to_owned()))
    );
    // Not terminal any more: the next terminal event is no change of a terminal state.
    app.send("r-1", "declined").await;
    assert_eq!(app.drain().await, ["Applied"]);
}

#[tokio::test]
async fn an_answer_without_a_state_leaves_the_record_as_it_is() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    app.drain().await;
    let before = app.record("r-1");
    app.answer_with(State::Notice);
    app.send("r-1", "declined").await;
    assert_eq!(app.drain().await, ["FetchedFromProvider"]);
    assert_eq!(app.record("r-1"), before);
}

#[tokio::test]
async fn a_handler_that_asks_by_itself_may_say_another_state_than_the_event() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    let worked = app.inbox.work(&app.provider, async |_| Ok::<_, Error>(State::terminal("declined"))).await;
    assert!(matches!(worked, Ok(Some(WorkOutcome::Applied))));
    assert_eq!(app.state("r-1"), "declined");
    assert_eq!(app.send("r-1", "accepted").await, Receipt::Stored, "these bytes are not what was applied");
}

#[tokio::test]
async fn with_a_signed_time_what_is_older_is_superseded() {
    let app = App::timed();
    app.send_at("r-1", "declined", 20).await;
    app.send_at("r-1", "accepted", 10).await;
    app.send_at("r-1", "changed", 19).await;
    assert_eq!(app.drain().await, ["Applied", "Superseded", "Superseded"]);
    assert_eq!((app.state("r-1"), app.seen()), ("declined".to_owned(), vec!["r-1 declined".to_owned()]));
}

#[tokio::test]
async fn with_a_signed_time_a_newer_terminal_state_is_applied_without_a_question() {
    let app = App::timed();
    app.send_at("r-1", "accepted", 10).await;
    app.send_at("r-1", "declined", 20).await;
    app.send_at("r-1", "accepted", 30).await;
    assert_eq!(app.drain().await, ["Applied"; 3]);
    assert_eq!(app.state("r-1"), "accepted");
    assert_eq!(app.send_at("r-1", "accepted", 30).await, Receipt::Duplicate);
    app.send_at("r-1", "accepted", 10).await;
    assert_eq!(app.drain().await, ["Superseded"]);
}

#[tokio::test]
async fn with_a_signed_time_what_reopens_a_terminal_state_is_asked_for() {
    let app = App::timed();
    app.send_at("r-1", "accepted", 10).await;
    app.send_at("r-1", "review", 20).await;
    app.answer_with(State::non_terminal("review"));
    assert_eq!(app.drain().await, ["Applied", "FetchedFromProvider"]);
    assert_eq!(app.seen(), ["r-1 accepted", "r-1 ? Reopened"]);
    assert_eq!(app.send_at("r-1", "review", 20).await, Receipt::Duplicate);
}

#[tokio::test]
async fn at_equal_signed_times_terminal_goes_first_and_contradictions_are_asked_for() {
    for order in [["pending", "accepted"], ["accepted", "pending"]] {
        let app = App::timed();
        for state in order {
            app.send_at("r-1", state, 10).await;
        }
        app.drain().await;
        assert_eq!(
            (app.state("r-1"), app.seen().contains(&"r-1 ? SameTime".to_owned())),
            ("accepted".to_owned(), false)
        );
    }
    for order in [["declined", "accepted"], ["accepted", "declined"]] {
        let app = App::timed();
        for state in order {
            app.send_at("r-1", state, 10).await;
        }
        assert_eq!(app.drain().await, ["Applied", "FetchedFromProvider"]);
        assert_eq!((app.state("r-1"), app.seen()[1].as_str()), ("declined".to_owned(), "r-1 ? SameTime"));
    }
}

#[tokio::test]
async fn subjects_and_accounts_are_apart() {
    let (clock, _) = Clock::frozen(noon());
    let store = Arc::new(MemoryInbox::new());
    let (eu, us) = (FakeProvider::new("eu"), FakeProvider::new("us"));
    let inbox_eu = Inbox::new(store.clone()).clock(clock.clone()).account("eu");
    let inbox_us = Inbox::new(store.clone()).clock(clock).account("us");
    let body = body("r-1", "accepted");
    for (inbox, provider) in [(&inbox_eu, &eu), (&inbox_us, &us)] {
        let receipt = inbox.receive(provider, &provider.sign(&body), &body).await;
        assert_eq!(receipt.expect("received"), Receipt::Stored);
    }
    for (inbox, provider) in [(&inbox_us, &us), (&inbox_eu, &eu)] {
        let outcome = inbox.work(provider, async |delivery| match delivery.action {
            Action::Apply(event) => Ok(event.state()),
            _ => Err("verified under the other account's secret"),
        });
        assert!(matches!(outcome.await, Ok(Some(WorkOutcome::Applied))));
    }
    assert!(store.applied("fake/eu", "r-1").is_some() && store.applied("fake/us", "r-1").is_some());
}

// Failures, crashes, several workers.

#[tokio::test]
async fn a_failed_event_comes_back_after_a_wait_that_grows_and_ends() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    app.send("r-1", "pending").await;
    let mut now = noon();
    for full in [5, 10, 20, 40, 80, 160, 320, 600, 600, 600] {
        let WorkOutcome::Failed { error, retry_at } = app.fail().await else { panic!("it failed") };
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Store, Some("work")));
        assert_eq!(std::error::Error::source(&error).expect("the cause").to_string(), "database is down");
        let wait = retry_at.duration_since(now).expect("later");
        assert!(wait > seconds(full) / 2 && wait <= seconds(full), "{wait:?} of {full} s");
        app.time.set(retry_at - Duration::from_millis(1));
        assert!(app.work().await.is_none(), "neither it nor what is behind it is due");
        app.time.set(retry_at);
        now = retry_at;
    }
    assert_eq!(app.drain().await, ["Applied", "Stale"], "nothing was lost, nothing changed places");
}

#[tokio::test]
async fn the_error_of_a_call_is_passed_on_and_its_wait_is_kept() {
    let app = App::untimed();
    app.send("r-1", "changed").await;
    let limited = || Error::new(ErrorKind::RateLimited, "slow down").with_retry_after(seconds(77));
    let outcome = app.inbox.work(&app.provider, async |_| Err::<State, _>(limited())).await.unwrap();
    let Some(WorkOutcome::Failed { error, retry_at }) = outcome else { panic!("it failed") };
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(retry_at, noon() + seconds(77));
    app.time.advance(seconds(77));
    let endless = || Error::new(ErrorKind::RateLimited, "never").with_retry_after(Duration::MAX);
    let outcome = app.inbox.work(&app.provider, async |_| Err::<State, _>(endless())).await.unwrap();
    assert!(
        matches!(outcome, Some(WorkOutcome::Failed { retry_at, .. }) if retry_at == noon() + seconds(677))
    );
}

#[tokio::test]
async fn a_worker_that_dies_leaves_the_event_to_the_next_one() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    app.send("r-1", "pending").await;
    // Dropped midway, as when the process ends.
    let died =
        app.inbox.work(&app.provider, |_| std::future::pending::<Result<State, Error>>()).now_or_never();
    assert!(died.is_none());
    assert!(app.work().await.is_none(), "the lease holds");
    app.time.advance(LEASE - Duration::from_millis(1));
    assert!(app.work().await.is_none(), "the lease holds");
    app.time.advance(Duration::from_millis(1));
    assert_eq!(app.drain().await, ["Applied", "Stale"]);
}

#[tokio::test]
async fn a_crash_between_handler_and_record_hands_the_event_out_again() {
    let (clock, time) = Clock::frozen(noon());
    let store = Faulty::default();
    let app = App::over(store, FakeProvider::new("secret"), clock, time);
    app.send("r-1", "accepted").await;
    app.inbox.store().fail_next_finish();
    let result = app.inbox.work(&app.provider, |delivery| app.handle(delivery)).await;
    assert_eq!(result.map_err(|error| error.kind()).err(), Some(ErrorKind::Store));
    assert!(app.work().await.is_none(), "the lease holds");
    app.time.advance(LEASE);
    assert_eq!(app.drain().await, ["Applied"]);
    assert_eq!(app.seen(), ["r-1 accepted", "r-1 accepted"], "at least once: the handler is idempotent");
}

#[tokio::test]
async fn attempts_are_counted_over_failures_and_crashes() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    let _ = app.fail().await;
    app.time.advance(LEASE);
    let died =
        app.inbox.work(&app.provider, |_| std::future::pending::<Result<State, Error>>()).now_or_never();
    assert!(died.is_none());
    app.time.advance(LEASE);
    let attempt = AtomicUsize::new(0);
    let _ = app
        .inbox
        .work(&app.provider, async |delivery| {
            attempt.store(delivery.attempt as usize, Ordering::SeqCst);
            assert_eq!(delivery.received_at, noon());
            Ok::<_, Error>(State::Notice)
        })
        .await
        .unwrap()
        .expect("an event");
    assert_eq!(attempt.load(Ordering::SeqCst), 3);
    assert_eq!((app.record("r-1"), app.inbox.store().waiting()), (None, 0), "given up by the handler");
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_stopped_before_its_lease_ends() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    let start = tokio::time::Instant::now();
    let outcome = app.inbox.work(&app.provider, |_| std::future::pending::<Result<State, Error>>()).await;
    let Ok(Some(WorkOutcome::Failed { error, .. })) = outcome else { panic!("it was stopped") };
    assert!(error.is_timeout());
    assert_eq!(start.elapsed(), seconds(270));
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_changes_nothing() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    let late = app.inbox.work(&app.provider, async |_| {
        // While this one sleeps through its lease, another does the work.
        app.time.advance(LEASE);
        assert_eq!(app.drain().await, ["Applied"]);
        Ok::<_, Error>(State::terminal("something else"))
    });
    assert!(matches!(late.await, Ok(Some(WorkOutcome::LeaseLost))));
    assert_eq!(app.state("r-1"), "accepted");
}

#[tokio::test]
async fn two_workers_share_subjects_but_never_one_subject() {
    let app = App::untimed();
    for reference in ["r-1", "r-2"] {
        for state in ["pending", "review", "accepted"] {
            app.send(reference, state).await;
        }
    }
    let _ = app
        .inbox
        .work(&app.provider, async |first| {
            let _ = app
                .inbox
                .work(&app.provider, async |second| {
                    assert_ne!(first.subject, second.subject);
                    assert!(app.work().await.is_none(), "both subjects are taken");
                    Ok::<_, Error>(State::non_terminal("pending"))
                })
                .await
                .unwrap()
                .expect("the other subject");
            Ok::<_, Error>(State::non_terminal("pending"))
        })
        .await
        .unwrap()
        .expect("a subject");
    assert_eq!(app.drain().await, ["Applied"; 4]);
}

#[tokio::test]
async fn one_failing_subject_does_not_hold_up_the_others() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    let _ = app.fail().await;
    app.send("r-2", "accepted").await;
    assert_eq!(app.drain().await, ["Applied"]);
    assert_eq!(app.seen(), ["r-2 accepted"]);
}

// Secrets that change, stores that are tampered with.

#[tokio::test]
async fn an_event_under_an_old_secret_is_worked_while_the_secret_is_known() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    let rotated = FakeProvider::new("new").also("secret");
    let outcome = app.inbox.work(&rotated, async |delivery| match delivery.action {
        Action::Apply(event) => {
            assert_eq!((Verified::proof(&event).secret, Verified::proof(&event).rule), (1, "hmac"));
            Ok(event.state())
        }
        _ => Err("it is authentic"),
    });
    assert!(matches!(outcome.await, Ok(Some(WorkOutcome::Applied))));
}

#[tokio::test]
async fn an_event_under_a_retired_secret_is_not_lost_and_not_believed() {
    let app = App::untimed();
    app.send("r-1", "accepted").await;
    let rotated = FakeProvider::new("new");
    let outcome = app.inbox.work(&rotated, async |delivery| {
        let Action::FetchFromProvider { reason: Reason::Unverified(error), event: None } = delivery.action
        else {
            return Err("it cannot be verified");
        };
        assert_eq!((delivery.subject.as_str(), error.check()), ("r-1", Some("signature.mismatch")));
        Ok(State::terminal("declined"))
    });
    assert!(matches!(outcome.await, Ok(Some(WorkOutcome::FetchedFromProvider))));
    assert_eq!(
        app.record("r-1").map(|applied| (applied.state, applied.digest)),
        Some(("declined".to_owned(), None))
    );
}

#[tokio::test]
async fn a_question_about_an_event_under_a_retired_secret_does_not_open_the_door_to_old_news() {
    let app = App::timed();
    app.send_at("r-1", "accepted", 20).await;
    app.drain().await;
    app.send_at("r-1", "declined", 30).await;
    app.send_at("r-1", "accepted", 10).await;
    let (clock, _) = Clock::frozen(noon());
    let rotated = FakeProvider::with_signed_time("new", clock);
    let asked = app.inbox.work(&rotated, async |_| Ok::<_, Error>(State::terminal("declined"))).await;
    assert!(matches!(asked, Ok(Some(WorkOutcome::FetchedFromProvider))));
    assert_eq!(app.drain().await, ["Superseded"]);
}

#[tokio::test]
async fn an_event_that_waited_is_measured_by_the_time_at_which_it_was_received() {
    let app = App::timed();
    app.send_at("r-1", "accepted", 0).await;
    app.time.advance(seconds(7_200));
    assert_eq!(app.drain().await, ["Applied"]);
    let body = body("r-1", "declined");
    let old = app.provider.sign_at(&body, noon());
    let error = app.inbox.receive(&app.provider, &old, &body).await.expect_err("outside the window");
    assert_eq!(error.kind(), ErrorKind::Expired);
}

#[tokio::test]
async fn whoever_can_write_to_the_store_cannot_make_an_event() {
    let genuine = |provider: &FakeProvider, reference: &str| {
        let body = body(reference, "accepted");
        let headers = provider.sign(&body);
        let mut message =
            format!("x-fake-signature: {}\r\n\r\n", headers["x-fake-signature"].to_str().unwrap());
        message.push_str(std::str::from_utf8(&body).unwrap());
        message
    };
    let app = App::untimed();
    let good = genuine(&app.provider, "r-1");
    for (message, what) in [
        (good.replace("accepted", "declined"), "changed"),
        (genuine(&FakeProvider::new("guess"), "r-1"), "signed by another sender"),
        (genuine(&app.provider, "r-2"), "of another subject"),
        ("nonsense".to_owned(), "not a message"),
        (String::new(), "empty"),
    ] {
        let forged = NewEvent {
            queue: "fake".to_owned(),
            subject: "r-1".to_owned(),
            digest: [7; 32],
            received_at: noon(),
            message: kyckit::privacy::Pii::new(message.into_bytes().into()),
        };
        app.inbox.store().insert(forged).await.expect("inserted");
        assert_eq!(app.drain().await, ["FetchedFromProvider"], "a message that is {what}");
        assert_eq!(app.seen(), ["r-1 ? Unverified"]);
    }
}

#[tokio::test]
async fn a_genuine_message_under_another_subject_or_digest_is_not_believed() {
    for other_digest in [false, true] {
        let app = App::untimed();
        app.send("r-2", "accepted").await;
        let claim = app.inbox.store().claim(noon(), "fake", LEASE).await.expect("works").expect("one");
        assert_eq!(app.inbox.store().finish(&claim, None).await.expect("works"), LeaseStatus::Done);
        let moved = match other_digest {
            true => NewEvent { digest: [7; 32], ..claim.event },
            false => NewEvent { subject: "r-1".to_owned(), ..claim.event },
        };
        let subject = moved.subject.clone();
        app.inbox.store().insert(moved).await.expect("inserted");
        assert_eq!(app.drain().await, ["FetchedFromProvider"], "{other_digest}");
        assert_eq!(app.seen(), [format!("{subject} ? Unverified")]);
    }
}

#[test]
fn a_shared_verifier_signs_the_same_headers() {
    let (clock, _) = Clock::frozen(noon());
    let shared = Arc::new(FakeProvider::with_signed_time("secret", clock));
    assert_eq!(<Arc<FakeProvider> as Verifier>::signed_headers(&shared), ["x-fake-signature", "x-fake-time"]);
}

#[tokio::test]
async fn a_signed_time_may_be_five_minutes_off_and_no_more() {
    let app = App::timed();
    let body = body("r-1", "accepted");
    for (off, taken) in [(300, true), (301, false)] {
        for at in [noon() - seconds(off), noon() + seconds(off)] {
            let outcome = app.inbox.receive(&app.provider, &app.provider.sign_at(&body, at), &body).await;
            assert_eq!(outcome.map_err(|error| error.kind()).is_ok(), taken, "{off}");
        }
    }
}

#[test]
fn stores_and_events_show_their_limits_and_nothing_of_what_they_hold() {
    let store = format!("{:?}", MemoryInbox::new().max_events(7));
    assert!(store.starts_with("MemoryInbox") && store.contains("events: 7"), "{store}");
    let one_time = format!("{:?}", kyckit::storage::MemoryOneTime::new().max_keys(7));
    assert!(one_time.starts_with("MemoryOneTime") && one_time.contains('7'), "{one_time}");
    let arrival = NewEvent {
        queue: "fake".to_owned(),
        subject: "jane".to_owned(),
        digest: [7; 32],
        received_at: noon(),
        message: kyckit::privacy::Pii::new(Vec::new().into()),
    };
    assert_eq!(format!("{arrival:?}"), r#"NewEvent { queue: "fake", .. }"#);
}

#[tokio::test]
async fn the_inbox_knows_when_each_secret_was_last_seen() {
    let app = App::untimed();
    let rotated = FakeProvider::new("new").also("secret");
    let seen = |secret| app.inbox.secret_last_seen(FakeProvider::PROVIDER, secret);
    assert_eq!((seen(0), seen(1)), (None, None));
    let old = body("r-1", "pending");
    app.inbox.receive(&rotated, &app.provider.sign(&old), &old).await.expect("received");
    app.time.advance(seconds(60));
    let new = body("r-1", "accepted");
    app.inbox.receive(&rotated, &rotated.sign(&new), &new).await.expect("received");
    app.inbox.receive(&rotated, &FakeProvider::new("guess").sign(&new), &new).await.expect_err("forged");
    assert_eq!((seen(0), seen(1)), (Some(noon() + seconds(60)), Some(noon())));
}

// Privacy, and use from other code.

#[tokio::test]
async fn nothing_personal_is_shown() {
    let canaries = Canaries::new(["jane.roe.1980", "s3cr3t-key", "passport-77"]);
    let mut capture = canaries.capture();
    let (clock, _) = Clock::frozen(noon());
    let provider = FakeProvider::new("s3cr3t-key");
    let inbox = Inbox::new(MemoryInbox::new()).clock(clock);
    let body = br#"{"reference":"jane.roe.1980","state":"accepted","document":"passport-77"}"#;
    let receipt = inbox.receive(&provider, &provider.sign(body), body).await;
    capture.debug("receipt", &receipt);
    capture.debug("inbox", &inbox);
    capture.debug("store", inbox.store());
    let refused = inbox.receive(&provider, &HeaderMap::new(), body).await.expect_err("no signature");
    capture.error("refused", &refused);
    let unusable = br#"{"reference":"jane.roe.1980\u0000","state":"passport-77"}"#;
    let unusable =
        inbox.receive(&provider, &provider.sign(unusable), unusable).await.expect_err("no subject");
    capture.error("unusable", &unusable);
    let claim = inbox.store().claim(noon(), "fake", LEASE).await.unwrap().expect("an event");
    capture.debug("claim", &claim);
    capture.debug("event", &claim.event);
    let _ = inbox.store().release(&claim, noon()).await.unwrap();
    let outcome = inbox
        .work(&provider, async |delivery| {
            // `FakeEvent` shows itself, being made up; what is around it must not show it.
            capture.debug("delivery", &delivery);
            Err::<State, _>("no")
        })
        .await;
    capture.debug("outcome", &outcome);
    capture.assert_clean();
}

#[tokio::test]
async fn stores_and_verifiers_can_be_shared_and_chosen_at_run_time() {
    let store: AnyInboxStore = AnyInboxStore::new(MemoryInbox::new());
    let verifier: Arc<dyn Verifier<Event = FakeEvent>> = Arc::new(FakeProvider::new("secret"));
    let inbox = Arc::new(Inbox::new(store));
    let body = body("r-1", "accepted");
    let headers = FakeProvider::new("secret").sign(&body);
    let receipt = inbox.receive(&*verifier, &headers, &body).await;
    assert_eq!(receipt.expect("received"), Receipt::Stored);
    let worked = tokio::spawn(async move {
        inbox.work(&verifier, async |delivery| Ok::<_, Error>(State::terminal(delivery.subject))).await
    });
    assert!(matches!(worked.await.expect("no panic"), Ok(Some(WorkOutcome::Applied))));
}

/// A store in memory that fails on demand.
#[derive(Default)]
struct Faulty {
    store: MemoryInbox,
    failing: Mutex<bool>,
}

impl Faulty {
    fn fail_next_finish(&self) {
        *self.failing.lock().unwrap() = true;
    }
}

impl InboxStore for Faulty {
    async fn insert(&self, arrival: NewEvent) -> Result<Receipt, Error> {
        self.store.insert(arrival).await
    }

    async fn claim(
        &self,
        now: SystemTime,
        queue: &str,
        lease: Duration,
    ) -> Result<Option<LeasedEvent>, Error> {
        self.store.claim(now, queue, lease).await
    }

    async fn finish(&self, claim: &LeasedEvent, applied: Option<AppliedState>) -> Result<LeaseStatus, Error> {
        if std::mem::take(&mut *self.failing.lock().unwrap()) {
            return Err(Error::store("connection reset"));
        }
        self.store.finish(claim, applied).await
    }

    async fn release(&self, claim: &LeasedEvent, due: SystemTime) -> Result<LeaseStatus, Error> {
        self.store.release(claim, due).await
    }
}
