//! A customer's tokens: refreshed once, kept before they are used, never spent twice.

use std::{
    collections::VecDeque,
    sync::{Arc, LazyLock, Mutex},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use http::{HeaderMap, StatusCode};
use kyckit::{
    Error, ErrorKind,
    clock::{Clock, Frozen},
    error::Effect,
    maya::{Client, Customer, CustomerTokens},
    transport::{Options, Request, Response, Transport},
};
use tokio::sync::{Notify, Semaphore};

const NOW: u64 = 1_800_000_000;

/// What a service does with a request to `/tokens`.
enum Refresh {
    Answer(u16, &'static str),
    Break(ErrorKind),
}

/// A stand-in for Maya: numbers the pairs, records who asked with what.
#[derive(Clone, Default)]
struct Maya(Arc<MayaState>);

#[derive(Default)]
struct MayaState {
    /// Path and the customer's token, in order.
    seen: Mutex<Vec<(String, String)>>,
    refreshes: Mutex<VecDeque<Refresh>>,
    profiles: Mutex<VecDeque<u16>>,
    pairs: Mutex<u64>,
    life: Mutex<u64>,
    /// When there, each refresh waits for a permit after it has arrived.
    gate: Mutex<Option<Arc<Semaphore>>>,
    arrived: Notify,
    frozen: Mutex<Option<Clock>>,
}

/// The keys, and a good profile token.
static VECTORS: LazyLock<(serde_json::Value, String)> = LazyLock::new(|| {
    let read = |name: &str| -> serde_json::Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/maya/");
        serde_json::from_slice(&std::fs::read(format!("{path}{name}")).expect("a vector file")).expect("JSON")
    };
    let token = read("cases.json")[0]["token"].as_str().expect("a token").to_owned();
    (read("keys.json"), token)
});

impl Maya {
    fn count(&self, path: &str) -> usize {
        self.0.seen.lock().expect("lock").iter().filter(|(seen, _)| seen == path).count()
    }

    /// The customer's tokens that profiles were asked for with.
    fn used(&self) -> Vec<String> {
        let seen = self.0.seen.lock().expect("lock");
        seen.iter().filter(|(path, _)| path == "/profile").map(|(_, token)| token.clone()).collect()
    }

    fn next_refresh(&self, refresh: Refresh) {
        self.0.refreshes.lock().expect("lock").push_back(refresh);
    }

    fn close_gate(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        *self.0.gate.lock().expect("lock") = Some(gate.clone());
        gate
    }

    async fn answer(&self, request: Request) -> Result<(u16, String), Error> {
        let path = request.url.path().to_owned();
        let token =
            request.headers.get("x-authorization").map(|value| value.to_str().expect("text").to_owned());
        self.0.seen.lock().expect("lock").push((path.clone(), token.unwrap_or_default()));
        Ok(match path.as_str() {
            "/token" => (200, r#"{"access_token":"c.c.t","expires_in":3600}"#.to_owned()),
            "/profile" => match self.0.profiles.lock().expect("lock").pop_front() {
                Some(status) => (status, "{}".to_owned()),
                None => (200, format!(r#"{{"data":"{}"}}"#, VECTORS.1)),
            },
            "/tokens" => {
                self.0.arrived.notify_one();
                let gate = self.0.gate.lock().expect("lock").clone();
                if let Some(gate) = gate {
                    gate.acquire().await.expect("open").forget();
                }
                match self.0.refreshes.lock().expect("lock").pop_front() {
                    Some(Refresh::Answer(status, body)) => (status, body.to_owned()),
                    Some(Refresh::Break(kind)) => {
                        let effect = if kind == ErrorKind::Connect { Effect::None } else { Effect::Unknown };
                        return Err(Error::new(kind, "broke").with_effect(effect));
                    }
                    None => {
                        let mut pairs = self.0.pairs.lock().expect("lock");
                        *pairs += 1;
                        let now =
                            self.0.frozen.lock().expect("lock").as_ref().expect("a clock").unix_seconds();
                        let end = now + *self.0.life.lock().expect("lock");
                        let pair = *pairs;
                        (
                            200,
                            format!(
                                r#"{{"accessToken":"a.{pair}","refreshToken":"r.{pair}","expiresAt":{end}}}"#
                            ),
                        )
                    }
                }
            }
            other => panic!("unexpected {other}"),
        })
    }
}

impl Transport for Maya {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let (status, body) = self.answer(request).await?;
        let body = futures_util::stream::iter([Ok(Bytes::from(body))]).boxed();
        Ok(Response::new(StatusCode::from_u16(status).expect("a status"), HeaderMap::new(), body))
    }
}

/// What the application has on record, and what its database does next.
#[derive(Clone, Default)]
struct Database(Arc<Mutex<(Vec<String>, VecDeque<Failure>)>>);

#[derive(Clone, Copy)]
enum Failure {
    Error,
    Panic,
}

impl Database {
    fn kept(&self) -> Vec<String> {
        self.0.lock().expect("lock").0.clone()
    }

    fn fail_next(&self, failure: Failure) {
        self.0.lock().expect("lock").1.push_back(failure);
    }

    async fn keep(self, tokens: CustomerTokens) -> Result<(), Error> {
        let failure = {
            let mut state = self.0.lock().expect("lock");
            let failure = state.1.pop_front();
            if failure.is_none() {
                state.0.push(tokens.refresh_token().expose().to_owned());
            }
            failure
        };
        match failure {
            None => Ok(()),
            Some(Failure::Error) => Err(Error::store("disk full")),
            Some(Failure::Panic) => panic!("a bug in the application"),
        }
    }
}

struct World {
    maya: Maya,
    database: Database,
    frozen: Frozen,
    customer: Customer,
}

/// A customer whose first pair ends so many seconds from now.
fn world(left: i64) -> World {
    let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
    let keys = &VECTORS.0;
    let maya = Maya::default();
    *maya.0.frozen.lock().expect("lock") = Some(clock.clone());
    *maya.0.life.lock().expect("lock") = 600;
    let client = Client::builder("client-1", "s3cret")
        .token_url("https://connect.example.com/token")
        .keys(keys["jwe_private_jwk"].to_string(), keys["jws_secret_jwk"].to_string())
        .options(Options::new().clock(clock).transport(maya.clone()))
        .build()
        .expect("a client");
    let end = NOW.checked_add_signed(left).expect("a time");
    let tokens = CustomerTokens::new("a.0", "r.0", end).expect("tokens");
    let database = Database::default();
    let keeper = database.clone();
    let customer = client.customer(tokens, move |tokens| keeper.clone().keep(tokens));
    World { maya, database, frozen, customer }
}

fn refused(outcome: Result<impl Sized, Error>) -> Error {
    outcome.err().expect("refused")
}

#[tokio::test]
async fn tokens_with_a_minute_left_are_used_as_they_are_and_then_refreshed() {
    let World { maya, database, frozen, customer } = world(60);
    customer.profile().await.expect("a profile");
    assert_eq!((maya.used(), maya.count("/tokens")), (vec!["a.0".to_owned()], 0));
    frozen.advance(Duration::from_secs(1));
    customer.profile().await.expect("a profile");
    assert_eq!((maya.used()[1].as_str(), maya.count("/tokens")), ("a.1", 1));
    assert_eq!(database.kept(), ["r.1"]);
}

#[tokio::test]
async fn a_hundred_calls_with_expired_tokens_refresh_once_and_none_uses_the_old_pair() {
    for cancelled in [0, 50] {
        let World { maya, database, customer, .. } = world(-1);
        let gate = maya.close_gate();
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let customer = customer.clone();
                tokio::spawn(async move { customer.profile().await })
            })
            .collect();
        maya.0.arrived.notified().await;
        // The first of them is the one that began the refresh.
        calls.iter().take(cancelled).for_each(tokio::task::JoinHandle::abort);
        gate.add_permits(100);
        let mut served = 0;
        for call in calls {
            match call.await {
                Ok(profile) => {
                    assert!(profile.expect("a profile").is_verified_account());
                    served += 1;
                }
                Err(error) => assert!(error.is_cancelled()),
            }
        }
        assert_eq!((served, maya.count("/tokens")), (100 - cancelled, 1));
        assert_eq!(maya.used(), vec!["a.1"; 100 - cancelled]);
        assert_eq!(database.kept(), ["r.1"]);
    }
}

#[tokio::test]
async fn a_refresh_runs_to_its_end_when_everybody_has_left() {
    let World { maya, database, customer, .. } = world(-1);
    let gate = maya.close_gate();
    let call = tokio::spawn({
        let customer = customer.clone();
        async move { customer.profile().await }
    });
    maya.0.arrived.notified().await;
    call.abort();
    assert!(call.await.expect_err("aborted").is_cancelled());
    gate.add_permits(1);
    while database.kept().is_empty() {
        tokio::task::yield_now().await;
    }
    customer.profile().await.expect("a profile");
    assert_eq!((maya.count("/tokens"), maya.used()), (1, vec!["a.1".to_owned()]));
}

#[tokio::test]
async fn a_pair_that_could_not_be_kept_is_not_used_and_not_lost() {
    for failure in [Failure::Error, Failure::Panic] {
        let World { maya, database, customer, .. } = world(-1);
        database.fail_next(failure);
        database.fail_next(failure);
        for _ in 0..2 {
            let error = refused(customer.profile().await);
            assert_eq!(error.kind(), ErrorKind::Store);
            assert!(error.is_retryable() && !error.may_have_taken_effect());
            assert_eq!(error.operation(), Some("refresh"));
        }
        assert_eq!((maya.count("/tokens"), maya.count("/profile")), (1, 0));
        customer.profile().await.expect("a profile");
        assert_eq!((maya.count("/tokens"), maya.used()), (1, vec!["a.1".to_owned()]));
        assert_eq!(database.kept(), ["r.1"]);
    }
}

#[tokio::test]
async fn a_pair_that_could_not_be_kept_is_not_used_while_the_old_one_would_serve_either() {
    let World { maya, database, customer, .. } = world(30);
    database.fail_next(Failure::Error);
    assert_eq!(refused(customer.profile().await).kind(), ErrorKind::Store);
    assert_eq!(maya.count("/profile"), 0, "the old pair is spent");
    customer.refresh().await.expect("kept, and asked for anew by name");
    assert_eq!(database.kept(), ["r.1", "r.2"]);
}

#[tokio::test]
async fn every_waiting_call_is_told_of_the_same_failure() {
    let World { maya, customer, .. } = world(-1);
    maya.next_refresh(Refresh::Answer(500, "{}"));
    let gate = maya.close_gate();
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let customer = customer.clone();
            tokio::spawn(async move { customer.profile().await })
        })
        .collect();
    maya.0.arrived.notified().await;
    gate.add_permits(1);
    for call in calls {
        let error = refused(call.await.expect("joined"));
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Provider, Some("refresh")));
        assert!(error.may_have_taken_effect());
        assert!(error.request_id().is_some());
    }
    assert_eq!(maya.count("/tokens"), 1);
}

#[tokio::test]
async fn a_refresh_of_unknown_outcome_is_not_repeated() {
    let truncated = r#"{"accessToken":"a.1","refreshToken":"r.1","expi"#;
    for (refresh, kind) in [
        (Refresh::Answer(500, "{}"), ErrorKind::Provider),
        (Refresh::Answer(504, "<html>"), ErrorKind::Provider),
        (Refresh::Answer(408, "{}"), ErrorKind::Timeout),
        (Refresh::Answer(200, truncated), ErrorKind::Decode),
        (Refresh::Break(ErrorKind::Interrupted), ErrorKind::Interrupted),
    ] {
        let World { maya, customer, .. } = world(-1);
        maya.next_refresh(refresh);
        for _ in 0..3 {
            let error = refused(customer.profile().await);
            assert_eq!(error.kind(), kind);
            assert!(error.may_have_taken_effect());
        }
        assert_eq!((maya.count("/tokens"), maya.count("/profile")), (1, 0), "{kind:?}");
        // By name it is tried again.
        customer.refresh().await.expect("refreshed");
        customer.profile().await.expect("a profile");
        assert_eq!((maya.count("/tokens"), maya.used()), (2, vec!["a.1".to_owned()]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_times_out_is_not_repeated() {
    let World { maya, customer, .. } = world(-1);
    let _never_opened = maya.close_gate();
    let error = refused(customer.profile().await);
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.may_have_taken_effect());
    assert!(refused(customer.profile().await).may_have_taken_effect());
    assert_eq!(maya.count("/tokens"), 1);
}

#[tokio::test]
async fn tokens_that_maya_pushes_end_the_doubt() {
    let World { maya, database, customer, .. } = world(-1);
    maya.next_refresh(Refresh::Answer(500, "{}"));
    refused(customer.profile().await);
    customer.replace(CustomerTokens::new("a.9", "r.9", NOW + 600).expect("tokens")).await.expect("kept");
    customer.profile().await.expect("a profile");
    assert_eq!((maya.count("/tokens"), maya.used()), (1, vec!["a.9".to_owned()]));
    assert_eq!(database.kept(), ["r.9"]);
}

#[tokio::test]
async fn a_failed_early_refresh_is_invisible_until_the_end_of_the_access_token() {
    let World { maya, frozen, customer, .. } = world(30);
    maya.next_refresh(Refresh::Answer(500, "{}"));
    for _ in 0..5 {
        customer.profile().await.expect("the old access token serves");
    }
    assert_eq!((maya.count("/tokens"), maya.used()), (1, vec!["a.0".to_owned(); 5]));
    frozen.advance(Duration::from_secs(30));
    assert!(refused(customer.profile().await).may_have_taken_effect());
    assert_eq!(maya.count("/tokens"), 1);
}

#[tokio::test]
async fn a_refused_refresh_is_tried_again_after_a_rest() {
    let World { maya, frozen, customer, .. } = world(30);
    for _ in 0..2 {
        maya.next_refresh(Refresh::Answer(429, "{}"));
    }
    for _ in 0..3 {
        customer.profile().await.expect("the old access token serves");
    }
    assert_eq!(maya.count("/tokens"), 1, "one try, then rest");
    frozen.advance(Duration::from_secs(6));
    customer.profile().await.expect("the old access token serves");
    assert_eq!(maya.count("/tokens"), 2);
    frozen.advance(Duration::from_secs(6));
    customer.profile().await.expect("refreshed");
    assert_eq!((maya.count("/tokens"), maya.used().last().map(String::as_str)), (3, Some("a.1")));
}

#[tokio::test]
async fn a_refused_refresh_token_is_no_riddle() {
    let World { maya, customer, .. } = world(-1);
    maya.next_refresh(Refresh::Answer(
        400,
        r#"{"error":"invalid_token","error_description":"Invalid refresh token: r.0.abcdefghijklmnopqrst"}"#,
    ));
    let error = refused(customer.profile().await);
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, Some("invalid_token")));
    assert!(!error.may_have_taken_effect());
    assert!(error.to_string().contains("reopen the Mini App"), "{error}");
    assert_eq!(error.provider_message(), Some("Invalid refresh token: [redacted]"));
}

#[tokio::test]
async fn a_refresh_that_never_left_is_sent_again() {
    let World { maya, customer, .. } = world(-1);
    maya.next_refresh(Refresh::Break(ErrorKind::Connect));
    customer.profile().await.expect("a profile");
    assert_eq!((maya.count("/tokens"), maya.used()), (2, vec!["a.1".to_owned()]));
}

#[tokio::test]
async fn a_push_during_a_refresh_is_kept_and_used_last() {
    let World { maya, database, customer, .. } = world(-1);
    let gate = maya.close_gate();
    let call = tokio::spawn({
        let customer = customer.clone();
        async move { customer.profile().await }
    });
    maya.0.arrived.notified().await;
    let mut push = Box::pin(customer.replace(CustomerTokens::new("a.9", "r.9", NOW + 600).expect("tokens")));
    assert!((&mut push).now_or_never().is_none(), "it waits for the refresh");
    gate.add_permits(1);
    push.await.expect("kept");
    call.await.expect("joined").expect("a profile");
    assert_eq!(database.kept(), ["r.1", "r.9"]);
    customer.profile().await.expect("a profile");
    assert_eq!(maya.used().last().map(String::as_str), Some("a.9"));
}

#[tokio::test]
async fn a_pushed_pair_that_is_over_is_kept_and_then_refreshed() {
    let World { maya, database, customer, .. } = world(-1);
    customer.replace(CustomerTokens::new("a.9", "r.9", NOW - 5).expect("tokens")).await.expect("kept");
    assert_eq!(maya.count("/tokens"), 0);
    customer.profile().await.expect("a profile");
    assert_eq!((maya.count("/tokens"), database.kept()), (1, vec!["r.9".to_owned(), "r.1".to_owned()]));
}

#[tokio::test]
async fn a_refused_token_is_reported_once_the_client_token_is_fresh() {
    let World { maya, customer, .. } = world(600);
    maya.0.profiles.lock().expect("lock").extend([401, 401]);
    let error = refused(customer.profile().await);
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Authentication, 2));
    assert_eq!((maya.count("/token"), maya.count("/tokens")), (2, 0));
    assert!(error.to_string().contains("refresh the customer's tokens"), "{error}");
    maya.0.profiles.lock().expect("lock").extend([401]);
    customer.profile().await.expect("one 401 is not seen");
}

#[tokio::test]
async fn another_customers_profile_is_refused() {
    let World { customer, .. } = world(600);
    let customer = customer.expecting("somebody-else");
    let error = refused(customer.profile().await);
    assert_eq!((error.kind(), error.check()), (ErrorKind::Provider, Some("profile.id")));
    let World { customer, .. } = world(600);
    let customer = customer.expecting("4f0c2a9e71d85b36aa10c7e2d94b6f38e105");
    customer.profile().await.expect("the expected one");
}
