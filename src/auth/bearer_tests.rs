//! The promises of the token cache, with a frozen clock and with a real token endpoint.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
};

use super::*;
use crate::{
    ErrorKind,
    clock::Frozen,
    provider::ProviderId,
    transport::{ApiClient, Call, MockResponse, MockTransport, Options},
};

const HOUR: Duration = Duration::from_secs(3600);

/// Gives `token-1`, `token-2`, …; waits for the gate when there is one; fails while it is set to.
#[derive(Clone)]
struct Source {
    calls: Arc<AtomicUsize>,
    failing: Arc<Mutex<bool>>,
    gate: Option<Arc<Notify>>,
    clock: Clock,
    life: Option<Duration>,
}

impl FetchToken for Source {
    fn fetch(&self) -> BoxFuture<'static, Result<Token, Error>> {
        let source = self.clone();
        Box::pin(async move {
            let number = source.calls.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(gate) = &source.gate {
                gate.notified().await;
            }
            if *source.failing.lock().expect("not poisoned") {
                return Err(Error::new(ErrorKind::Provider, "down"));
            }
            let text = format!("token-{number}");
            Ok(match source.life {
                Some(life) => Token::expiring(text, source.clock.now() + life),
                None => Token::new(text),
            })
        })
    }
}

fn cache(life: Option<Duration>, gate: Option<Arc<Notify>>) -> (Bearer, Source, Frozen) {
    let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + HOUR);
    let source = Source { calls: Arc::default(), failing: Arc::default(), gate, clock: clock.clone(), life };
    (Bearer::new(source.clone(), clock), source, frozen)
}

async fn token(bearer: &Bearer) -> Result<(String, CredentialVersion), Error> {
    let mut headers = HeaderMap::new();
    let presented = bearer.authorize(&mut headers).await?;
    assert!(headers[AUTHORIZATION].is_sensitive());
    let text = headers[AUTHORIZATION].to_str().expect("text").trim_start_matches("Bearer ").to_owned();
    Ok((text, presented))
}

#[tokio::test]
async fn a_token_serves_until_a_minute_before_its_end() {
    let (bearer, source, frozen) = cache(Some(HOUR), None);
    assert_eq!(token(&bearer).await.expect("token").0, "token-1");
    frozen.advance(HOUR - Duration::from_secs(61));
    assert_eq!(token(&bearer).await.expect("token").0, "token-1");
    frozen.advance(Duration::from_secs(1));
    assert_eq!(token(&bearer).await.expect("token").0, "token-2");
    assert_eq!(source.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn while_one_caller_renews_the_others_go_on_with_the_old_token() {
    let gate = Arc::new(Notify::new());
    let (bearer, source, frozen) = cache(Some(HOUR), Some(gate.clone()));
    gate.notify_one();
    token(&bearer).await.expect("first");
    frozen.advance(HOUR - Duration::from_secs(30));
    let renewing = tokio::spawn({
        let bearer = bearer.clone();
        async move { token(&bearer).await }
    });
    tokio::task::yield_now().await;
    for _ in 0..20 {
        assert_eq!(token(&bearer).await.expect("old").0, "token-1");
    }
    gate.notify_one();
    assert_eq!(renewing.await.expect("joined").expect("renewed").0, "token-2");
    assert_eq!(token(&bearer).await.expect("new").0, "token-2");
    assert_eq!(source.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_failed_early_renewal_is_invisible_and_not_tried_again_at_once() {
    let (bearer, source, frozen) = cache(Some(HOUR), None);
    token(&bearer).await.expect("first");
    frozen.advance(HOUR - Duration::from_secs(30));
    *source.failing.lock().expect("not poisoned") = true;
    for _ in 0..5 {
        assert_eq!(token(&bearer).await.expect("old").0, "token-1");
    }
    assert_eq!(source.calls.load(Ordering::SeqCst), 2, "one try, then rest");
    frozen.advance(Duration::from_secs(6));
    assert_eq!(token(&bearer).await.expect("old").0, "token-1");
    assert_eq!(source.calls.load(Ordering::SeqCst), 3);
    frozen.advance(Duration::from_secs(30));
    assert_eq!(token(&bearer).await.expect_err("over").kind(), ErrorKind::Provider);
    *source.failing.lock().expect("not poisoned") = false;
    assert_eq!(token(&bearer).await.expect("again").0, "token-5");
}

#[tokio::test]
async fn a_refused_token_is_dropped_once_and_a_fresher_one_stays() {
    let (bearer, source, _) = cache(None, None);
    let (_, first) = token(&bearer).await.expect("first");
    assert!(bearer.refused(first));
    let (text, _) = token(&bearer).await.expect("second");
    assert_eq!(text, "token-2");
    assert!(bearer.refused(first), "a late refusal of the old one");
    assert_eq!(token(&bearer).await.expect("second").0, "token-2");
    assert_eq!(source.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn everybody_who_waits_gets_the_same_failure_and_the_next_one_tries_anew() {
    let gate = Arc::new(Notify::new());
    let (bearer, source, _) = cache(None, Some(gate.clone()));
    *source.failing.lock().expect("not poisoned") = true;
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let bearer = bearer.clone();
            tokio::spawn(async move { token(&bearer).await })
        })
        .collect();
    tokio::task::yield_now().await;
    gate.notify_one();
    for caller in waiting {
        assert_eq!(caller.await.expect("joined").expect_err("failed").kind(), ErrorKind::Provider);
    }
    *source.failing.lock().expect("not poisoned") = false;
    gate.notify_one();
    assert_eq!(token(&bearer).await.expect("anew").0, "token-2");
}

#[tokio::test]
async fn a_fetch_that_everybody_left_is_taken_up_again_or_begun_anew_when_old() {
    let gate = Arc::new(Notify::new());
    let (bearer, source, frozen) = cache(None, Some(gate.clone()));
    let leave = || async {
        tokio::select! {
            biased;
            _ = token(&bearer) => panic!("the gate is closed"),
            () = tokio::task::yield_now() => {}
        }
    };
    leave().await;
    leave().await;
    assert_eq!(source.calls.load(Ordering::SeqCst), 1, "the same fetch");
    frozen.advance(Duration::from_secs(11));
    gate.notify_one();
    assert_eq!(token(&bearer).await.expect("anew").0, "token-2");
}

#[tokio::test]
async fn a_new_source_takes_over_at_once() {
    let (bearer, _, _) = cache(None, None);
    token(&bearer).await.expect("first");
    let (_, other, _) = cache(None, None);
    other.calls.store(41, Ordering::SeqCst);
    bearer.replace(other);
    assert_eq!(token(&bearer).await.expect("new").0, "token-42");
    assert_eq!(format!("{bearer:?}"), "Bearer");
}

/// Counts requests and answers each after a moment, so that callers pile up.
async fn token_endpoint() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = requests.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let counted = counted.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                while !matches!(socket.read(&mut request).await, Ok(0) | Err(_)) {
                    counted.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\ntoken-1";
                    if socket.write_all(answer.as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (url, requests)
}

struct Endpoint(ApiClient);

fn client(memory: &MockTransport) -> ApiClient {
    api_at("https://api.example.com/", &Options::new().transport(memory.clone()))
}

fn api_at(url: &str, options: &Options) -> ApiClient {
    ApiClient::new(TEST, options, None).expect("a client").with_base(url.parse().expect("URL"))
}

fn call<'a>(api: &'a ApiClient, credentials: Option<&'a dyn Authorize>) -> Call<'a> {
    let call = api.post("test", []).idempotent().about_one_object(false);
    match credentials {
        Some(credentials) => call.credentials(credentials),
        None => call,
    }
}

impl FetchToken for Endpoint {
    fn fetch(&self) -> BoxFuture<'static, Result<Token, Error>> {
        let api = self.0.clone();
        Box::pin(async move {
            let answer = call(&api, None).send().await?;
            Ok(Token::new(String::from_utf8_lossy(&answer.body).into_owned()))
        })
    }
}

const TEST: ProviderId = ProviderId::new("test");

#[tokio::test]
async fn two_hundred_callers_of_which_fifty_leave_ask_the_token_endpoint_once() {
    for cancelled in [0, 50] {
        let (url, requests) = token_endpoint().await;
        let api = MockTransport::new((0..200).map(|_| MockResponse::json(200, "{}")));
        let bearer = Bearer::new(Endpoint(api_at(&url, &Options::new())), Clock::system());
        let calls = client(&api);
        let callers: Vec<_> = (0..200)
            .map(|_| {
                let (bearer, calls) = (bearer.clone(), calls.clone());
                tokio::spawn(
                    async move { call(&calls, Some(&bearer)).send().await.map(|answer| answer.status) },
                )
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(10)).await;
        // The first of them is the one that drives the fetch.
        callers.iter().take(cancelled).for_each(tokio::task::JoinHandle::abort);
        let mut served = 0;
        for caller in callers {
            match caller.await {
                Ok(status) => {
                    assert_eq!(status.expect("served"), 200);
                    served += 1;
                }
                Err(error) => assert!(error.is_cancelled()),
            }
        }
        assert_eq!((served, requests.load(Ordering::SeqCst)), (200 - cancelled, 1));
        assert!(api.sent().iter().all(|sent| sent.headers[AUTHORIZATION] == "Bearer token-1"));
    }
}

#[tokio::test]
async fn a_401_drops_the_token_and_the_call_is_made_once_more() {
    let (bearer, source, _) = cache(None, None);
    let api = MockTransport::new([MockResponse::json(401, "{}"), MockResponse::json(200, "{}")]);
    let client = client(&api);
    assert_eq!(call(&client, Some(&bearer)).send().await.expect("served").status, 200);
    let sent: Vec<_> = api
        .sent()
        .iter()
        .map(|sent| sent.headers[AUTHORIZATION].to_str().expect("text").to_owned())
        .collect();
    assert_eq!(sent, ["Bearer token-1", "Bearer token-2"]);

    api.then(MockResponse::json(401, "{}"));
    api.then(MockResponse::json(401, "{}"));
    let refused = call(&client, Some(&bearer)).send().await.err().expect("refused twice");
    assert_eq!((refused.kind(), refused.attempts()), (ErrorKind::Authentication, 2));
    assert_eq!(source.calls.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_never_comes_ends_with_the_deadline() {
    struct Never;
    impl FetchToken for Never {
        fn fetch(&self) -> BoxFuture<'static, Result<Token, Error>> {
            Box::pin(pending())
        }
    }
    let api = MockTransport::new([]);
    let client = client(&api);
    let bearer = Bearer::new(Never, Clock::system());
    let error = call(&client, Some(&bearer)).send().await.err().expect("no token");
    assert_eq!(
        (error.kind(), error.attempts(), error.may_have_taken_effect()),
        (ErrorKind::Timeout, 0, false)
    );
    assert!(api.sent().is_empty());
}

#[tokio::test]
async fn a_clock_that_is_ahead_of_every_token_s_end_does_not_fetch_one_for_each_call() {
    struct Over(Arc<AtomicUsize>, Clock);
    impl FetchToken for Over {
        fn fetch(&self) -> BoxFuture<'static, Result<Token, Error>> {
            self.0.fetch_add(1, Ordering::SeqCst);
            let end = self.1.now() - HOUR;
            Box::pin(std::future::ready(Ok(Token::expiring("token", end))))
        }
    }
    let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + HOUR * 24);
    let fetched = Arc::new(AtomicUsize::new(0));
    let bearer = Bearer::new(Over(Arc::clone(&fetched), clock.clone()), clock);
    for _ in 0..100 {
        token(&bearer).await.expect("a token");
        frozen.advance(Duration::from_millis(100));
    }
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
    frozen.advance(Duration::from_secs(60));
    token(&bearer).await.expect("a token");
    assert_eq!(fetched.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_failed_log_in_reads_as_what_failed() {
    struct Refused;
    impl FetchToken for Refused {
        fn fetch(&self) -> BoxFuture<'static, Result<Token, Error>> {
            let error = Error::new(ErrorKind::Authentication, "the relying party refused the signature")
                .during(TEST, "reply")
                .with_check("response.refused");
            Box::pin(std::future::ready(Err(error)))
        }
    }
    let error = token(&Bearer::new(Refused, Clock::system())).await.expect_err("refused");
    assert_eq!(
        error.to_string(),
        "test reply: credentials refused: the relying party refused the signature (check response.refused)"
    );
}
