//! How long a call takes at the most, how fast a client sends, and when it stops.

use std::{
    future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use kyckit::{
    Error, ErrorKind,
    shuftipro::{
        Client,
        proof::Proof,
        request::{DeleteRequest, Face, RiskAssessmentRequest, VerificationRequest},
    },
    transport::{
        MockResponse, MockTransport, Options, RateLimit, RawRequest, Request, Response, Retry, Transport,
    },
};
use tokio::time::Instant;

use crate::support::{CLIENT_ID, SECRET, assert_well_formed, onsite, over, reference, says};

/// Takes requests, and never answers.
#[derive(Clone, Default)]
struct Silence(Arc<AtomicU32>);

impl Transport for Silence {
    async fn send(&self, _: Request) -> Result<Response, Error> {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

/// How many seconds a call took that was met by silence, how often it was sent, and how often anything was.
async fn in_silence<T>(
    options: Options,
    call: impl AsyncFnOnce(Client) -> Result<T, Error>,
) -> (Duration, u32, u32) {
    let silence = Silence::default();
    let options = options.transport(silence.clone());
    let client = Client::builder(CLIENT_ID, SECRET).options(options).build().expect("a client");
    let begun = Instant::now();
    let Err(error) = call(client).await else { panic!("nobody answered") };
    assert!(error.is_timeout(), "{error}");
    (begun.elapsed(), error.attempts(), silence.0.load(Ordering::SeqCst))
}

#[tokio::test(start_paused = true)]
async fn no_call_waits_for_ever() {
    const S: Duration = Duration::from_secs(1);
    let order = || reference("order-1");
    let status = in_silence(Options::new(), async |client| client.status(&order()).await).await;
    assert_eq!(status, (45 * S, 3, 3), "15 s an attempt, 45 s in all, waits included");
    let account = in_silence(Options::new(), async |client| client.account().await).await;
    assert_eq!(account, (45 * S, 3, 3));
    // Sent once; then the status is asked for, in what is left of the 45 s.
    let verify = in_silence(Options::new(), async |client| client.verify(&onsite("order-1")).await).await;
    assert_eq!(verify, (45 * S, 1, 3));
    let risk = in_silence(Options::new(), async |client| {
        let person = ("jane@example.com", "+447700900123");
        client.assess_risk(&RiskAssessmentRequest::new(order(), "37rNhl", person.0, person.1)).await
    });
    assert_eq!(risk.await, (45 * S, 1, 3));
    // The provider looks at the proofs first.
    let offsite = in_silence(Options::new(), async |client| {
        let face = Face::new().proof(Proof::png(&b"\x89PNG\r\n\x1A\n"[..]).expect("a PNG"));
        client.verify(&VerificationRequest::offsite(order()).face(face)).await
    });
    assert_eq!(offsite.await, ((180 + 45) * S, 1, 4));
    let delete = in_silence(Options::new(), async |client| {
        client.delete(&DeleteRequest::new(order(), "asked for")).await
    });
    assert_eq!(delete.await, (15 * S, 1, 1));
    let raw = in_silence(Options::new(), async |client| client.raw(RawRequest::post(["x"])).await).await;
    assert_eq!(raw, (180 * S, 1, 1));

    // The application's own limits: 8 s, 8 s, and the 4 s that are left.
    let options = || {
        let retry = Retry::default().waits(Duration::ZERO, Duration::ZERO);
        Options::new().attempt_timeout(8 * S).deadline(20 * S).retry(retry)
    };
    let status = in_silence(options(), async |client| client.status(&order()).await).await;
    assert_eq!(status, (20 * S, 3, 3));
    let never = options().retry(Retry::never());
    let status = in_silence(never, async |client| client.status(&order()).await).await;
    assert_eq!(status, (8 * S, 1, 1));
}

fn answers(count: usize) -> Vec<MockResponse> {
    vec![says("order-1", "request.pending"); count]
}

#[tokio::test]
async fn sixty_a_minute_and_the_next_one_waits() {
    let memory = MockTransport::new(answers(122));
    let (client, frozen) = over(&memory, Options::new());
    let order = reference("order-1");
    for _ in 0..60 {
        client.status(&order).await.expect("within the limit");
    }
    assert!(frozen.sleeps().is_empty());
    frozen.advance(Duration::from_secs(20));
    client.status(&order).await.expect("after a wait");
    assert_eq!(frozen.sleeps(), [Duration::from_secs(40)]);
    // The first sixty are a minute old now, so the next 59 go at once.
    for _ in 0..59 {
        client.status(&order).await.expect("within the limit");
    }
    assert_eq!(frozen.sleeps().len(), 1);
}

#[tokio::test]
async fn a_turn_that_does_not_come_before_the_deadline_is_not_waited_for() {
    let memory = MockTransport::new(answers(61));
    let (client, frozen) = over(&memory, Options::new());
    let order = reference("order-1");
    for _ in 0..60 {
        client.status(&order).await.expect("within the limit");
    }
    let error = client.status(&order).await.expect_err("a minute is longer than its 45 s");
    assert_well_formed(&error, "status");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 0));
    assert_eq!((error.retry_after(), error.status()), (Some(Duration::from_secs(60)), None));
    assert!(!error.may_have_taken_effect() && error.is_retryable());
    assert_eq!(memory.sent().len(), 60);
    assert!(frozen.sleeps().is_empty());
}

#[tokio::test]
async fn clones_share_the_limit_and_it_can_be_set_or_left_off() {
    let order = reference("order-1");
    let memory = MockTransport::new(answers(3));
    let (client, frozen) =
        over(&memory, Options::new().rate_limit(RateLimit::per(2, Duration::from_secs(10))));
    client.status(&order).await.expect("the first");
    client.clone().status(&order).await.expect("the second");
    client.clone().status(&order).await.expect("the third");
    assert_eq!(frozen.sleeps(), [Duration::from_secs(10)]);

    let memory = MockTransport::new(answers(100));
    let (client, frozen) = over(&memory, Options::new().without_rate_limit());
    for _ in 0..100 {
        client.status(&order).await.expect("no limit");
    }
    assert!(frozen.sleeps().is_empty());
}

#[tokio::test]
async fn a_retry_takes_a_turn_like_any_other() {
    let memory = MockTransport::new([MockResponse::json(503, ""), says("order-1", "request.pending")]);
    let options = Options::new().rate_limit(RateLimit::per(1, Duration::from_secs(10)));
    let (client, frozen) = over(&memory, options);
    client.status(&reference("order-1")).await.expect("the second");
    let waits = frozen.sleeps();
    assert_eq!(waits.iter().sum::<Duration>(), Duration::from_secs(10));
    assert_eq!(waits.len(), 2, "the drawn wait, then what is left of the ten seconds");
}

#[tokio::test]
async fn the_breaker_of_an_operation_opens_lets_some_through_and_closes() {
    let down = |count: usize| vec![MockResponse::json(503, ""); count];
    let memory = MockTransport::new(down(20));
    let (client, frozen) = over(&memory, Options::new().retry(Retry::never()));
    let order = reference("order-1");
    for _ in 0..20 {
        assert_eq!(client.status(&order).await.expect_err("down").kind(), ErrorKind::Provider);
    }
    frozen.advance(Duration::from_secs(2));
    let held = client.status(&order).await.expect_err("held back");
    assert_well_formed(&held, "status");
    assert_eq!((held.kind(), held.attempts()), (ErrorKind::Unavailable, 0));
    assert_eq!(held.retry_after(), Some(Duration::from_secs(3)));
    assert!(held.is_retryable() && !held.may_have_taken_effect());
    assert_eq!(memory.sent().len(), 20, "nothing was sent");
    // It holds back no other operation.
    memory.then(says("order-1", "request.pending"));
    client.verify(&onsite("order-1")).await.expect("another operation goes on");

    frozen.advance(Duration::from_secs(3));
    down(1).into_iter().for_each(|answer| memory.then(answer));
    assert_eq!(client.status(&order).await.expect_err("still down").kind(), ErrorKind::Provider);
    assert_eq!(client.status(&order).await.expect_err("held back").kind(), ErrorKind::Unavailable);
    assert_eq!(memory.sent().len(), 22);

    frozen.advance(Duration::from_secs(5));
    answers(2).into_iter().for_each(|answer| memory.then(answer));
    for _ in 0..2 {
        client.status(&order).await.expect("it is back");
    }
    assert_eq!(memory.sent().len(), 24);
}

#[tokio::test]
async fn one_reference_that_the_provider_fails_at_holds_nothing_back_and_five_do() {
    for (references, kind) in [(1, ErrorKind::Provider), (5, ErrorKind::Unavailable)] {
        let memory = MockTransport::new(vec![MockResponse::json(500, ""); 60]);
        let options = Options::new().retry(Retry::never()).without_rate_limit();
        let (client, _) = over(&memory, options);
        let mut last = None;
        for call in 0..60 {
            last = client.status(&reference(&format!("order-{}", call % references))).await.err();
        }
        assert_eq!(last.map(|error| error.kind()), Some(kind), "{references}");
    }
}

#[tokio::test]
async fn refusals_do_not_open_it() {
    let memory = MockTransport::new(vec![crate::support::about_reference("order-1"); 20]);
    let (client, _) = over(&memory, Options::new().retry(Retry::never().budget(3)));
    for _ in 0..20 {
        let error = client.status(&reference("order-1")).await.expect_err("unknown");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn with_the_defaults_an_outage_holds_calls_back_after_twenty_attempts() {
    let memory = MockTransport::new(vec![MockResponse::json(503, ""); 200]);
    let (client, _) = over(&memory, Options::new().without_rate_limit());
    let mut attempts = Vec::new();
    let mut held = None;
    while held.is_none() && attempts.len() < 50 {
        let error = client.status(&reference("order-1")).await.expect_err("down");
        match error.kind() {
            ErrorKind::Unavailable => held = Some(error),
            _ => attempts.push(error.attempts()),
        }
    }
    // Seven calls are tried thrice, and twenty failed attempts are enough.
    assert_eq!(attempts, [3; 7]);
    // The last call's waits are a part of the cool-down.
    let wait = held.and_then(|error| error.retry_after()).expect("a wait");
    assert!((Duration::from_secs(4)..=Duration::from_secs(5)).contains(&wait), "{wait:?}");
}
