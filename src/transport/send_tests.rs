//! The order and the promises of the send path, without a network: frozen clock, canned answers.

use std::{sync::Mutex, time::UNIX_EPOCH};

use futures_util::future::BoxFuture;
use http::{HeaderName, Method};

use super::*;
use crate::{
    clock::Frozen,
    provider::ProviderId,
    transport::{
        ApiClient, Authorize, ClassifyResponse, MockResponse, MockTransport, Options, Payload, RateLimit,
        Retry, Transport,
    },
};

const TEST: ProviderId = ProviderId::new("test");

fn options(memory: &MockTransport) -> (Options, Frozen) {
    let (clock, frozen) = Clock::frozen(UNIX_EPOCH + Duration::from_secs(1_445_412_480));
    (Options::new().transport(memory.clone()).clock(clock), frozen)
}

fn api(options: &Options) -> ApiClient {
    ApiClient::new(TEST, options, None)
        .expect("a client")
        .with_base("https://api.example.com".parse().expect("URL"))
}

fn call(api: &ApiClient, idempotency: Idempotency) -> call::Call<'_> {
    let limits = Limits { attempt: Duration::from_secs(10), deadline: Duration::from_secs(30), bytes: 1024 };
    api.post("test", ["x"])
        .payload(Payload::json("{}"))
        .idempotency(idempotency)
        .limits(limits)
        .about_one_object(false)
}

async fn outcome(
    memory: &MockTransport,
    idempotency: Idempotency,
) -> (Result<BufferedResponse, Error>, Frozen) {
    let (options, frozen) = options(memory);
    let api = api(&options);
    (call(&api, idempotency).send().await, frozen)
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "reset").with_effect(Effect::Unknown)
}

#[tokio::test]
async fn what_may_pass_is_tried_three_times_with_growing_waits() {
    let memory = MockTransport::new([
        MockResponse::json(503, ""),
        MockResponse::json(500, ""),
        MockResponse::json(200, "{}"),
    ]);
    let (answer, frozen) = outcome(&memory, Idempotency::Idempotent).await;
    assert_eq!(answer.expect("served").context().attempts, 3);
    let sleeps = frozen.sleeps();
    assert_eq!(sleeps.len(), 2);
    assert!(sleeps[0] < Duration::from_millis(200) && sleeps[1] < Duration::from_millis(400), "{sleeps:?}");
}

#[tokio::test]
async fn a_call_that_may_have_taken_effect_is_sent_once_and_says_so() {
    for failure in [Err(interrupted()), Ok(MockResponse::json(500, "")), Ok(MockResponse::json(503, ""))] {
        let memory = MockTransport::default();
        match failure {
            Ok(answer) => memory.then(answer),
            Err(error) => memory.then_fail(error),
        }
        let (answer, _) = outcome(&memory, Idempotency::NotIdempotent).await;
        let error = answer.err().expect("failed");
        assert_eq!(memory.sent().len(), 1);
        assert!(error.may_have_taken_effect(), "{error}");
        assert!(error.to_string().contains("ask the provider for the state"), "{error}");
    }
}

#[tokio::test]
async fn a_request_that_never_left_is_sent_again_whatever_it_is() {
    let memory = MockTransport::default();
    memory.then_fail(Error::new(ErrorKind::Connect, "refused"));
    memory.then(MockResponse::json(200, "{}"));
    let (answer, _) = outcome(&memory, Idempotency::NotIdempotent).await;
    assert!(answer.is_ok());
}

#[tokio::test]
async fn a_refusal_is_not_repeated_and_took_no_effect() {
    for (status, kind) in [
        (400, ErrorKind::InvalidRequest),
        (402, ErrorKind::InvalidRequest),
        (403, ErrorKind::Permission),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (302, ErrorKind::Provider),
    ] {
        let memory = MockTransport::new([MockResponse::json(status, "{}")]);
        let (answer, _) = outcome(&memory, Idempotency::Idempotent).await;
        let error = answer.err().expect("refused");
        assert_eq!((error.kind(), error.attempts()), (kind, 1), "{status}");
        assert_eq!((error.may_have_taken_effect(), error.is_retryable()), (false, false), "{status}");
        assert_eq!((error.provider(), error.operation()), (Some(TEST), Some("test")));
    }
}

#[tokio::test]
async fn the_provider_s_wait_is_obeyed_in_seconds_and_as_a_date_and_never_beyond_the_deadline() {
    for (value, wait) in [("7", 7), ("Wed, 21 Oct 2015 07:28:09 GMT", 9)] {
        let memory = MockTransport::new([
            MockResponse::json(429, "").header("retry-after", value),
            MockResponse::json(200, "{}"),
        ]);
        let (answer, frozen) = outcome(&memory, Idempotency::Idempotent).await;
        assert!(answer.is_ok());
        assert_eq!(frozen.sleeps(), [Duration::from_secs(wait)]);
    }
    let memory = MockTransport::new([MockResponse::json(429, "").header("retry-after", "86400")]);
    let (answer, frozen) = outcome(&memory, Idempotency::Idempotent).await;
    let error = answer.err().expect("too long");
    assert_eq!(
        (error.kind(), error.retry_after()),
        (ErrorKind::RateLimited, Some(Duration::from_secs(86_400)))
    );
    assert!(frozen.sleeps().is_empty());
}

#[tokio::test(start_paused = true)]
async fn attempts_and_waits_together_keep_to_the_deadline() {
    struct Stalls;
    impl Transport for Stalls {
        async fn send(&self, _: Request) -> Result<Response, Error> {
            std::future::pending().await
        }
    }
    let options = Options::new().transport(Stalls).clock(Clock::system());
    let api = api(&options);
    let begun = tokio::time::Instant::now();
    let limits = Limits { attempt: Duration::from_secs(10), deadline: Duration::from_secs(25), bytes: 1024 };
    let error = call(&api, Idempotency::Idempotent).limits(limits).send().await.err().expect("stalled");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 3));
    let took = begun.elapsed();
    assert!(took <= Duration::from_secs(25) && took > Duration::from_secs(20), "{took:?}");
}

#[tokio::test]
async fn the_quota_stops_retries_and_the_breaker_first_attempts_until_one_succeeds() {
    let memory = MockTransport::default();
    let (options, frozen) = options(&memory);
    let options = options.retry(Retry::default().budget(8)).breaker_cooldown(Duration::from_secs(5));
    let api = api(&options);
    let mut sent = Vec::new();
    for _ in 0..20 {
        (0..3).for_each(|_| memory.then(MockResponse::json(503, "")));
        let before = memory.sent().len();
        let error = call(&api, Idempotency::Idempotent).send().await.err().expect("down");
        sent.push((error.kind(), memory.sent().len() - before));
    }
    assert_eq!(sent[0], (ErrorKind::Provider, 2), "one retry was in the quota: {sent:?}");
    assert_eq!(sent[18], (ErrorKind::Provider, 1), "{sent:?}");
    assert_eq!(sent[19], (ErrorKind::Unavailable, 0), "twenty attempts failed: {sent:?}");
    frozen.advance(Duration::from_secs(6));
    while memory.unused() > 0 {
        // What was canned for calls that were held back: each is a probe now, and a failed one closes the door.
        assert_eq!(
            call(&api, Idempotency::Idempotent).send().await.err().expect("still down").kind(),
            ErrorKind::Provider
        );
        assert_eq!(
            call(&api, Idempotency::Idempotent).send().await.err().expect("open").kind(),
            ErrorKind::Unavailable
        );
        frozen.advance(Duration::from_secs(6));
    }
    memory.then(MockResponse::json(200, "{}"));
    memory.then(MockResponse::json(200, "{}"));
    assert!(call(&api, Idempotency::Idempotent).send().await.is_ok(), "the probe");
    assert!(call(&api, Idempotency::Idempotent).send().await.is_ok(), "closed again");
}

/// Answers by what is asked for.
struct ByPath<F>(F);

impl<F: Fn(&str) -> Result<u16, ErrorKind> + Send + Sync + 'static> Transport for ByPath<F> {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let answer = (self.0)(request.url.path()).map_err(|kind| Error::new(kind, "down"));
        answer.map(|status| {
            let status = StatusCode::from_u16(status).expect("a status");
            let body = futures_util::stream::iter([Ok(Bytes::from_static(b"{}"))]);
            Response::new(status, HeaderMap::new(), Box::pin(body))
        })
    }
}

fn about<'a>(api: &'a ApiClient, object: &str) -> call::Call<'a> {
    let limits = Limits { attempt: Duration::from_secs(10), deadline: Duration::from_secs(30), bytes: 1024 };
    api.get("about", ["objects", object]).limits(limits)
}

/// Sends good calls so often a second beside twenty calls every five seconds about one poisoned object, for a minute,
/// and counts the good ones that were refused.
async fn refused_beside_a_poisoned_object(answer: Result<u16, ErrorKind>, good: u32, one_good: bool) -> u32 {
    let transport = ByPath(move |path: &str| if path.ends_with("/poisoned") { answer } else { Ok(200) });
    let options = Options::new().transport(transport).clock(Clock::system());
    let api = api(&options);
    let mut refused = 0;
    for tick in 0..60 * good {
        if tick % (5 * good) == 0 {
            for _ in 0..20 {
                let api = api.clone();
                tokio::spawn(async move { about(&api, "poisoned").send().await.map(drop) });
            }
        }
        tokio::time::sleep(Duration::from_secs(1) / good).await;
        let object = if one_good { "good".to_owned() } else { format!("good-{tick}") };
        if about(&api, &object).send().await.is_err() {
            refused += 1;
        }
    }
    refused
}

#[tokio::test(start_paused = true)]
async fn one_poisoned_object_refuses_no_good_call() {
    for status in [500, 501, 502, 504, 524] {
        assert_eq!(refused_beside_a_poisoned_object(Ok(status), 50, true).await, 0, "{status}");
    }
    // However little else is asked for.
    for good in [1, 2] {
        assert_eq!(refused_beside_a_poisoned_object(Ok(500), good, false).await, 0, "{good} a second");
    }
    // Nor does one at which the provider hangs, or falls over.
    for kind in [ErrorKind::Interrupted, ErrorKind::Timeout] {
        for good in [1, 50] {
            assert_eq!(refused_beside_a_poisoned_object(Err(kind), good, false).await, 0, "{kind:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_is_down_is_left_alone_and_asked_again_later() {
    for down in [Err(ErrorKind::Connect), Err(ErrorKind::Interrupted), Ok(500), Ok(502), Ok(503)] {
        let since = tokio::time::Instant::now();
        let transport = ByPath(move |_: &str| match since.elapsed().as_secs() {
            10..30 => down,
            _ => Ok(200),
        });
        let options = Options::new().transport(transport).clock(Clock::system());
        let api = api(&options);
        let (mut asked, mut held_back, mut late) = (0, 0, 0);
        for tick in 0..600 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let outcome = about(&api, &tick.to_string()).send().await.map_err(|error| error.kind()).map(drop);
            match since.elapsed().as_secs() {
                0..10 => assert!(outcome.is_ok(), "before it"),
                10..30 if outcome.err() == Some(ErrorKind::Unavailable) => held_back += 1,
                10..30 => asked += 1,
                // A cool-down later at the latest all is well again.
                30..36 => late += u32::from(outcome.is_err()),
                _ => assert!(outcome.is_ok(), "after it"),
            }
        }
        assert!(held_back > asked, "{down:?}: {asked} asked, {held_back} held back");
        assert!(late <= 50, "{down:?}: {late}");
    }
}

#[tokio::test]
async fn another_operation_goes_on_while_one_is_held_back() {
    let options = Options::new().transport(ByPath(|path: &str| if path == "/x" { Ok(500) } else { Ok(200) }));
    let api = api(&options.retry(Retry::never()));
    let mut last = None;
    for _ in 0..21 {
        last = call(&api, Idempotency::Idempotent).send().await.err();
    }
    assert_eq!(last.map(|error| error.kind()), Some(ErrorKind::Unavailable));
    assert!(api.post("other", ["y"]).idempotent().send().await.is_ok());
}

#[tokio::test]
async fn a_customer_s_token_is_what_a_call_is_about_and_the_client_s_is_not() {
    let api = api(&Options::new());
    let call = about(&api, "profile");
    let url = "https://api.example.com/objects/profile".parse().expect("URL");
    let with = |name: &'static str, value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        object_of(&call, &url, &headers)
    };
    assert_eq!(with("authorization", "a"), with("authorization", "b"));
    assert_ne!(with("x-authorization", "a"), with("x-authorization", "b"));
}

#[tokio::test]
async fn the_rate_limit_makes_calls_wait_and_refuses_what_would_wait_too_long() {
    let memory = MockTransport::new((0..9).map(|_| MockResponse::json(200, "{}")));
    let (options, frozen) = options(&memory);
    let options = options.rate_limit(RateLimit::per(2, Duration::from_secs(20)));
    let api = api(&options);
    for _ in 0..4 {
        call(&api, Idempotency::Idempotent).send().await.expect("in turn");
    }
    assert_eq!(frozen.sleeps(), [Duration::from_secs(20)], "the third waits, the fourth goes with it");
    let limits = Limits { attempt: Duration::from_secs(10), deadline: Duration::from_secs(3), bytes: 1024 };
    let error =
        call(&api, Idempotency::Idempotent).limits(limits).send().await.err().expect("would wait too long");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 0));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(20)));
    assert_eq!(memory.sent().len(), 4);
}

#[tokio::test]
async fn an_answer_larger_than_the_limit_is_not_read_on() {
    struct Endless;
    impl Transport for Endless {
        async fn send(&self, _: Request) -> Result<Response, Error> {
            let pieces = futures_util::stream::repeat_with(|| Ok(Bytes::from_static(&[b' '; 512])));
            Ok(Response::new(StatusCode::OK, HeaderMap::new(), Box::pin(pieces)))
        }
    }
    let api = api(&Options::new().transport(Endless));
    let error = call(&api, Idempotency::NotIdempotent).send().await.err().expect("endless");
    assert_eq!(
        (error.kind(), error.attempts(), error.may_have_taken_effect()),
        (ErrorKind::TooLarge, 1, true)
    );

    let memory = MockTransport::new([MockResponse::json(200, vec![b' '; 1025])]);
    assert_eq!(
        outcome(&memory, Idempotency::Idempotent).await.0.err().expect("one too many").kind(),
        ErrorKind::TooLarge
    );
    let memory = MockTransport::new([MockResponse::json(200, vec![b' '; 1024])]);
    assert!(outcome(&memory, Idempotency::Idempotent).await.0.is_ok());
}

#[tokio::test]
async fn a_request_id_is_fresh_for_each_attempt_and_named_in_the_error() {
    let memory = MockTransport::new([MockResponse::json(503, ""), MockResponse::json(400, "")]);
    let (options, _) = options(&memory);
    let api = api(&options);
    let call = call(&api, Idempotency::Idempotent);
    let call = call.request_id_header(Some(HeaderName::from_static("request-reference-no")));
    let error = call.send().await.err().expect("refused");
    let ids: Vec<_> = memory.sent().iter().map(|sent| sent.headers["request-reference-no"].clone()).collect();
    assert_ne!(ids[0], ids[1]);
    assert_eq!(error.request_id(), ids[1].to_str().ok());
    let id = ids[0].to_str().expect("text");
    assert_eq!((id.len(), &id[14..15], &id[8..9]), (36, "4", "-"));
}

#[tokio::test]
async fn an_excerpt_is_kept_only_when_asked_for() {
    let memory = MockTransport::new([
        MockResponse::json(400, "no"),
        MockResponse::json(400, "no abcdefghijklmnopqrst"),
    ]);
    let (error, _) = outcome(&memory, Idempotency::Idempotent).await;
    assert_eq!(error.err().expect("refused").body_excerpt(), None);
    let api = api(&options(&memory).0.keep_body_excerpt());
    let error = call(&api, Idempotency::Idempotent).send().await.err().expect("refused");
    assert_eq!(error.body_excerpt(), Some("no [redacted]"));
    assert!(!format!("{error} {error:?}").contains("no [redacted]"));
}

#[tokio::test]
async fn an_error_of_a_check_that_depends_on_time_names_how_far_the_clocks_are_apart() {
    for (date, skew) in [("Wed, 21 Oct 2015 07:26:25 GMT", 95), ("Wed, 21 Oct 2015 07:29:00 GMT", -60)] {
        let memory = MockTransport::new([MockResponse::json(200, "{}").header("date", date)]);
        let answer = outcome(&memory, Idempotency::Idempotent).await.0.expect("served");
        let error = answer.fail(Error::new(ErrorKind::Expired, "the token is over"));
        assert_eq!(error.clock_skew(), Some(skew));
        assert!(error.to_string().contains("the local clock is"), "{error}");
        assert_eq!(answer.fail(Error::new(ErrorKind::Decode, "")).clock_skew(), None);
    }
}

/// Numbers the credentials it gives; a refusal of the newest makes way for the next.
#[derive(Default)]
struct Numbered(std::sync::atomic::AtomicU64);

impl Authorize for Numbered {
    fn authorize<'a>(
        &'a self,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<CredentialVersion, Error>> {
        let number = self.0.load(std::sync::atomic::Ordering::SeqCst);
        headers.insert(header::AUTHORIZATION, HeaderValue::from(number));
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(8)).await;
            Ok(CredentialVersion(number))
        })
    }

    fn refused(&self, _: CredentialVersion) -> bool {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        true
    }
}

/// Refuses credentials by a code, whatever the status.
struct ByCode;

impl ClassifyResponse for ByCode {
    fn classify(&self, response: &BufferedResponse) -> Result<(), Error> {
        response.status_error().map_or(Ok(()), |error| Err(error.with_code("token_invalid")))
    }

    fn refuses_credentials(&self, failure: &Error) -> bool {
        failure.code() == Some("token_invalid")
    }
}

#[tokio::test(start_paused = true)]
async fn the_classifier_says_when_fresh_credentials_are_fetched_once_and_all_within_the_deadline() {
    let refused = || MockResponse::json(400, "");
    let client = |memory: &MockTransport| {
        api(&Options::new().transport(memory.clone()).clock(Clock::system())).with_classifier(ByCode)
    };
    let presented = |memory: &MockTransport| {
        let sent = memory.sent();
        sent.iter().map(|sent| sent.headers[header::AUTHORIZATION].clone()).collect::<Vec<_>>()
    };

    let memory = MockTransport::new([refused(), MockResponse::json(200, "{}")]);
    let (api, numbered) = (client(&memory), Numbered::default());
    assert!(api.post("test", ["x"]).credentials(&numbered).send().await.is_ok());
    assert_eq!(presented(&memory), ["0", "1"]);

    let memory = MockTransport::new([refused(), refused(), refused()]);
    let (api, numbered) = (client(&memory), Numbered::default());
    let error = api.get("test", ["x"]).credentials(&numbered).send().await.err().expect("refused");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 2));

    // Twice eight seconds for credentials do not fit.
    let memory = MockTransport::new([refused(), MockResponse::json(200, "{}")]);
    let (api, numbered) = (client(&memory), Numbered::default());
    let begun = tokio::time::Instant::now();
    let call = api.get("test", ["x"]).credentials(&numbered).max_deadline(Duration::from_secs(12));
    let error = call.send().await.err().expect("too late");
    assert_eq!((error.kind(), begun.elapsed()), (ErrorKind::Timeout, Duration::from_secs(12)));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_over_is_begun_anew_for_calls_that_may_be_repeated_and_for_no_others() {
    for (idempotent, served) in [(true, true), (false, false)] {
        let memory = MockTransport::new([MockResponse::json(401, ""), MockResponse::json(200, "{}")]);
        let api = api(&Options::new().transport(memory.clone()).clock(Clock::system()));
        let (api, numbered) = (api.with_renewal_for_idempotent_calls(), Numbered::default());
        let call = api.post("test", ["x"]).credentials(&numbered);
        let outcome = if idempotent { call.idempotent() } else { call }.send().await;
        assert_eq!(outcome.is_ok(), served);
        if let Err(error) = outcome {
            assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::Authentication, false));
            assert!(error.to_string().contains("the same call logs in again"), "{error}");
        }
        assert_eq!(numbered.0.into_inner(), 1, "the next call has fresh ones either way");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_the_field_and_the_operation_and_nothing_is_sent() {
    let memory = MockTransport::default();
    let api = api(&options(&memory).0);
    let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
    for (call, field) in [
        (api.get("test", ["a", ".."]), "path"),
        (api.get("test", ["orders"]).segment("order_id", "").segments(["x"]), "order_id"),
        (api.post("test", ["a"]).json(&unwritable).segment("order_id", ""), "body"),
    ] {
        let error = call.send().await.err().expect(field);
        assert_eq!(
            (error.kind(), error.operation(), error.attempts()),
            (ErrorKind::InvalidRequest, Some("test"), 0)
        );
        assert_eq!(error.fields()[0].field, field);
    }
    assert!(memory.sent().is_empty());
}

#[tokio::test]
async fn a_call_is_sent_as_it_reads() {
    let memory = MockTransport::new([MockResponse::json(200, "{}"), MockResponse::json(200, "{}")]);
    let api = api(&options(&memory).0).with_header(header::USER_AGENT, HeaderValue::from_static("me"));
    let call = api.post("test", ["a b"]).segment("id", "x/y").query("q", "1 2").json(&[1]);
    call.send().await.expect("served");
    api.call_url("test", Method::POST, "https://other.example/t".parse().expect("URL"))
        .form([("grant_type", "a b")])
        .send()
        .await
        .expect("served");
    let sent = memory.sent();
    assert_eq!(sent[0].url.as_str(), "https://api.example.com/a%20b/x%2Fy?q=1+2");
    assert_eq!(
        (&sent[0].body[..], &sent[0].headers[header::USER_AGENT]),
        (&b"[1]"[..], &HeaderValue::from_static("me"))
    );
    assert_eq!(sent[0].headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(
        (sent[1].url.as_str(), &sent[1].body[..]),
        ("https://other.example/t", &b"grant_type=a+b"[..])
    );
    assert_eq!(sent[1].headers[header::CONTENT_TYPE], "application/x-www-form-urlencoded");
}

/// Answers with these headers and this body in these pieces.
struct Pieces(Option<usize>, Vec<Result<Vec<u8>, ErrorKind>>);

impl Transport for Pieces {
    async fn send(&self, _: Request) -> Result<Response, Error> {
        let headers = self.0.map(|length| (header::CONTENT_LENGTH, HeaderValue::from(length)));
        let pieces: Vec<_> = self.1.clone();
        let pieces = pieces.into_iter().map(|piece| match piece {
            Ok(bytes) => Ok(Bytes::from(bytes)),
            Err(kind) => Err(Error::new(kind, "broken")),
        });
        let body = futures_util::stream::iter(pieces);
        Ok(Response::new(StatusCode::OK, headers.into_iter().collect(), body))
    }
}

async fn read_of(announced: Option<usize>, pieces: &[usize]) -> Result<usize, ErrorKind> {
    let pieces = pieces.iter().map(|length| Ok(vec![b' '; *length])).collect();
    let api = api(&Options::new().transport(Pieces(announced, pieces)));
    let answer = call(&api, Idempotency::NotIdempotent).send().await;
    answer.map(|answer| answer.body.len()).map_err(|error| error.kind())
}

#[tokio::test]
async fn the_limit_of_an_answer_is_its_last_byte_in_however_many_pieces_it_comes() {
    for pieces in [&[1024][..], &[512, 512], &[1, 1023], &[1023, 1], &[1000, 20, 4], &[1, 2, 1021]] {
        assert_eq!(read_of(None, pieces).await, Ok(1024), "{pieces:?}");
        assert_eq!(read_of(Some(1024), pieces).await, Ok(1024), "{pieces:?}");
    }
    for pieces in [&[1025][..], &[512, 513], &[1, 1024], &[1024, 1], &[1000, 20, 5]] {
        assert_eq!(read_of(None, pieces).await, Err(ErrorKind::TooLarge), "{pieces:?}");
    }
    assert_eq!(read_of(Some(3), &[1, 2]).await, Ok(3), "far below the limit");
    assert_eq!(read_of(None, &[1, 2]).await, Ok(3), "far below the limit");
}

#[tokio::test]
async fn an_answer_that_is_announced_as_too_large_is_not_begun() {
    for announced in [1025, usize::MAX] {
        let transport = Pieces(Some(announced), vec![Err(ErrorKind::Interrupted)]);
        let api = api(&Options::new().transport(transport));
        let error = call(&api, Idempotency::NotIdempotent).send().await.err().expect("too large");
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{announced}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_file_is_read_up_to_64_kb() {
    for (length, kind) in [(64 * 1024, ErrorKind::InvalidRequest), (64 * 1024 + 1, ErrorKind::TooLarge)] {
        let memory = MockTransport::new([MockResponse::json(400, vec![b' '; length])]);
        let api = api(&options(&memory).0);
        let error = call(&api, Idempotency::NotIdempotent).open().await.err().expect("refused");
        assert_eq!(error.kind(), kind, "{length}");
    }
}

#[tokio::test]
async fn an_answer_about_something_else_is_refused() {
    let memory = MockTransport::new([MockResponse::json(200, "{}")]);
    let answer = outcome(&memory, Idempotency::Idempotent).await.0.expect("served");
    const UUID: &str = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
    const OBJECT_ID: &str = "507f1f77bcf86cd799439011";
    let loud = |text: &str| text.to_ascii_uppercase();
    for (asked, named) in [
        ("order-1", vec![]),
        ("order-1", vec!["order-1".to_owned()]),
        ("order-1", vec!["order-1".to_owned(), "order-1".to_owned()]),
        // Numbers, which some servers print in the other case.
        (UUID, vec![loud(UUID)]),
        (OBJECT_ID, vec![loud(OBJECT_ID), OBJECT_ID.to_owned()]),
    ] {
        let named = named.iter().map(String::as_str);
        assert!(answer.is_about("answer.object", asked, named).is_ok(), "{asked}");
    }
    for (asked, named) in [
        ("order-1", vec!["order-2".to_owned()]),
        ("order-1", vec!["order-1".to_owned(), "order-2".to_owned()]),
        ("order-1", vec![String::new()]),
        ("order-1", vec![loud("order-1")]),
        // No numbers: one is short, the other has letters beyond those of a number.
        ("abcdef", vec![loud("abcdef")]),
        ("the-order-of-a-very-long-name", vec![loud("the-order-of-a-very-long-name")]),
        (UUID, vec!["f81d4fae-7dec-11d0-a765-00a0c91e6bf7".to_owned()]),
        (OBJECT_ID, vec!["507f1f77bcf86cd799439012".to_owned()]),
    ] {
        let named = named.iter().map(String::as_str);
        let error = answer.is_about("answer.object", asked, named).expect_err(asked);
        assert_eq!((error.kind(), error.check()), (ErrorKind::Provider, Some("answer.object")), "{asked}");
    }
}

#[tokio::test]
async fn a_moment_of_the_provider_s_clock_is_moved_by_how_far_the_clocks_are_apart() {
    let theirs = UNIX_EPOCH + Duration::from_secs(1_445_420_000);
    for (date, ours) in [
        (Some("Wed, 21 Oct 2015 07:26:25 GMT"), theirs + Duration::from_secs(95)),
        (Some("Wed, 21 Oct 2015 07:28:00 GMT"), theirs),
        (Some("Wed, 21 Oct 2015 07:29:00 GMT"), theirs - Duration::from_secs(60)),
        (None, theirs),
    ] {
        let canned = MockResponse::json(200, "{}");
        let memory = MockTransport::new([match date {
            Some(date) => canned.header("date", date),
            None => canned,
        }]);
        let answer = outcome(&memory, Idempotency::Idempotent).await.0.expect("served");
        assert_eq!(answer.by_our_clock(theirs), ours, "{date:?}");
    }
}

#[tokio::test]
async fn a_status_says_what_went_wrong() {
    for (status, kind, words) in [
        (301, ErrorKind::Provider, "redirects"),
        (401, ErrorKind::Authentication, "credentials"),
        (404, ErrorKind::NotFound, "does not know it"),
        (408, ErrorKind::Timeout, "gave up waiting"),
        (410, ErrorKind::NotFound, "does not know it"),
        (413, ErrorKind::TooLarge, "too large"),
        (422, ErrorKind::InvalidRequest, "refused the request"),
        (500, ErrorKind::Provider, "failed"),
    ] {
        let memory = MockTransport::new([MockResponse::json(status, "{}")]);
        let api = api(&options(&memory).0.retry(Retry::never()));
        let error = call(&api, Idempotency::Idempotent).send().await.err().expect("refused");
        assert_eq!((error.kind(), error.status().map(|s| s.as_u16())), (kind, Some(status)), "{status}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.to_string().contains("check the base URL"), status == 301, "{error}");
    }
}

#[tokio::test]
async fn limits_are_the_crate_s_own_until_the_application_names_others() {
    let (options, frozen) = options(&MockTransport::default());
    let api = api(&options);
    let limits = api.limits(Duration::from_secs(10));
    assert_eq!(
        (limits.attempt, limits.deadline, limits.bytes),
        (Duration::from_secs(10), Duration::from_secs(30), 4_194_304)
    );
    frozen.advance(Duration::from_secs(7));
    assert_eq!(api.clock().now(), UNIX_EPOCH + Duration::from_secs(1_445_412_487));
    assert_eq!(api.clock().elapsed(), Duration::from_secs(7));
    assert_eq!(
        format!("{api:?}"),
        r#"ApiClient { provider: ProviderId("test"), host: Some("api.example.com"), .. }"#
    );
}

#[tokio::test]
async fn a_file_has_what_is_left_of_its_deadline_however_long_the_client_has_lived() {
    let memory = MockTransport::new([
        MockResponse::json(503, "").header("retry-after", "7"),
        MockResponse::json(200, "{}"),
    ]);
    let (options, frozen) = options(&memory);
    let api = api(&options);
    frozen.advance(Duration::from_secs(3600));
    let incoming = call(&api, Idempotency::Idempotent).open().await.expect("served");
    assert_eq!(incoming.left, Duration::from_secs(23), "thirty seconds less the wait");
}

#[tokio::test]
async fn only_what_may_have_taken_effect_hints_at_the_provider_s_state() {
    let memory = MockTransport::new([MockResponse::json(400, "{}")]);
    let error = outcome(&memory, Idempotency::NotIdempotent).await.0.err().expect("refused");
    assert!(!error.may_have_taken_effect());
    assert!(!error.to_string().contains("ask the provider for the state"), "{error}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_leaves_open_whether_anything_was_done() {
    for (idempotency, kind, unknown) in [
        (Idempotency::NotIdempotent, ErrorKind::Decode, true),
        (Idempotency::NotIdempotent, ErrorKind::Provider, true),
        (Idempotency::NotIdempotent, ErrorKind::Permission, false),
        (Idempotency::NotIdempotent, ErrorKind::InvalidRequest, false),
        (Idempotency::Idempotent, ErrorKind::Decode, false),
        (Idempotency::Idempotent, ErrorKind::Permission, false),
    ] {
        let memory = MockTransport::new([MockResponse::json(200, "{}")]);
        let answer = outcome(&memory, idempotency).await.0.expect("served");
        let error = answer.fail(Error::new(kind, "not as it should be"));
        assert_eq!(error.may_have_taken_effect(), unknown, "{idempotency:?} {kind:?}");
        assert_eq!((error.operation(), error.attempts()), (Some("test"), 1));
    }
}

#[tokio::test]
async fn the_error_of_a_call_within_a_call_tells_of_that_call() {
    let memory = MockTransport::new([MockResponse::json(200, "{}").header("x-request-id", "r-1")]);
    let answer = outcome(&memory, Idempotency::Idempotent).await.0.expect("served");
    let other = ProviderId::new("other");
    let error = Error::new(ErrorKind::Decode, "no token").during(other, "token").with_attempts(3);
    let error = answer.context().complete(error);
    assert_eq!((error.provider(), error.operation()), (Some(other), Some("token")));
    assert_eq!((error.attempts(), error.request_id()), (3, None));
    let own = answer.context().complete(Error::new(ErrorKind::Decode, "").during(TEST, "test"));
    assert_eq!((own.operation(), own.attempts(), own.request_id()), (Some("test"), 1, Some("r-1")));
}

/// Credentials in numbered editions, of which there are so many.
struct Editions {
    left: Mutex<u64>,
    refused: Mutex<Vec<CredentialVersion>>,
}

impl Editions {
    fn new(further: u64) -> Self {
        Self { left: Mutex::new(further), refused: Mutex::default() }
    }
}

impl Authorize for Editions {
    fn authorize<'a>(
        &'a self,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<CredentialVersion, Error>> {
        let edition = *self.left.lock().expect("lock");
        headers.insert(header::AUTHORIZATION, HeaderValue::from(edition));
        Box::pin(std::future::ready(Ok(CredentialVersion(edition))))
    }

    fn refused(&self, presented: CredentialVersion) -> bool {
        self.refused.lock().expect("lock").push(presented);
        let mut left = self.left.lock().expect("lock");
        let others = *left > 0;
        *left = left.saturating_sub(1);
        others
    }
}

async fn with_editions(
    statuses: &[u16],
    further: u64,
) -> (Result<u32, ErrorKind>, Vec<String>, Vec<CredentialVersion>) {
    let memory = MockTransport::new(statuses.iter().map(|status| MockResponse::json(*status, "{}")));
    let api = api(&options(&memory).0);
    let editions = Editions::new(further);
    let outcome = call(&api, Idempotency::NotIdempotent).credentials(&editions).send().await;
    let outcome = outcome.map(|answer| answer.context().attempts).map_err(|error| error.kind());
    let edition =
        |sent: &crate::transport::RecordedRequest| sent.headers["authorization"].to_str().map(str::to_owned);
    let sent = memory.sent().iter().map(edition).collect::<Result<_, _>>().expect("text");
    let refused = editions.refused.lock().expect("lock").clone();
    (outcome, sent, refused)
}

#[tokio::test]
async fn a_refusal_of_renewable_credentials_leads_to_one_more_attempt_with_fresh_ones() {
    let sent = |editions: &[&str]| editions.iter().map(|edition| (*edition).to_owned()).collect::<Vec<_>>();
    assert_eq!(with_editions(&[401, 200], 5).await, (Ok(2), sent(&["5", "4"]), vec![CredentialVersion(5)]));
    // Once and no more.
    let twice = with_editions(&[401, 401, 200], 5).await;
    assert_eq!(twice, (Err(ErrorKind::Authentication), sent(&["5", "4"]), vec![CredentialVersion(5)]));
    // Where there are no others, where nothing was refused, and where it was another refusal.
    let only = with_editions(&[401, 200], 0).await;
    assert_eq!(only, (Err(ErrorKind::Authentication), sent(&["0"]), vec![CredentialVersion(0)]));
    assert_eq!(with_editions(&[200], 5).await, (Ok(1), sent(&["5"]), vec![]));
    assert_eq!(with_editions(&[403, 200], 5).await, (Err(ErrorKind::Permission), sent(&["5"]), vec![]));
}

#[tokio::test]
async fn a_503_is_the_word_of_the_whole_service_also_about_one_object() {
    let options = Options::new().transport(ByPath(|_: &str| Ok(503))).retry(Retry::never());
    let api = api(&options);
    for _ in 0..20 {
        let error = about(&api, "one").send().await.err().expect("down");
        assert_eq!(error.kind(), ErrorKind::Provider);
    }
    let error = about(&api, "another").send().await.err().expect("held back");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_failure_of_our_own_making_says_nothing_of_the_provider() {
    for kind in [ErrorKind::Store, ErrorKind::Configuration] {
        let memory = MockTransport::default();
        let api = api(&options(&memory).0.retry(Retry::never()));
        // Were the others attempts that count, twenty would have counted, and half of them failed.
        for _ in 0..10 {
            memory.then_fail(Error::new(ErrorKind::Connect, "down"));
            memory.then_fail(Error::new(kind, "ours"));
        }
        for _ in 0..20 {
            assert!(call(&api, Idempotency::Idempotent).send().await.is_err());
        }
        memory.then(MockResponse::json(200, "{}"));
        assert!(call(&api, Idempotency::Idempotent).send().await.is_ok(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_failure_costs_quota_and_a_refusal_does_not() {
    // A retry costs five and a failure one, so that five bear no retry once the failure is paid.
    let memory = MockTransport::new([MockResponse::json(503, ""), MockResponse::json(200, "{}")]);
    let budget = |five_or_six: u32| options(&memory).0.retry(Retry::default().budget(five_or_six));
    let poor = api(&budget(5));
    assert_eq!(
        call(&poor, Idempotency::Idempotent).send().await.err().map(|error| error.kind()),
        Some(ErrorKind::Provider)
    );
    assert_eq!(memory.unused(), 1);
    let api = api(&budget(6));
    assert!(call(&api, Idempotency::Idempotent).send().await.is_ok());
    for _ in 0..6 {
        memory.then(MockResponse::json(400, ""));
        assert!(call(&api, Idempotency::Idempotent).send().await.is_err());
    }
    memory.then(MockResponse::json(503, ""));
    memory.then(MockResponse::json(200, "{}"));
    assert!(call(&api, Idempotency::Idempotent).send().await.is_ok());
}

#[tokio::test]
async fn the_provider_s_request_id_is_named_unless_it_is_overlong() {
    for (length, named) in [(80, true), (81, false), (1, true)] {
        let id = "r".repeat(length);
        let memory = MockTransport::new([MockResponse::json(400, "").header("x-request-id", &id)]);
        let error = outcome(&memory, Idempotency::Idempotent).await.0.err().expect("refused");
        assert_eq!(error.request_id(), named.then_some(id.as_str()), "{length}");
    }
}

#[test]
fn a_request_id_has_the_bits_of_version_4_and_122_random_ones() {
    let clock = Clock::system();
    let (mut ever_set, mut always_set) = (0_u128, u128::MAX);
    for _ in 0..256 {
        let id = request_id(&clock).expect("randomness");
        let number = u128::from_str_radix(&id.replace('-', ""), 16).expect("a number");
        ever_set |= number;
        always_set &= number;
    }
    // RFC 9562, section 5.4: the version 0100 and the variant 10 stand, all others are drawn.
    assert_eq!(always_set, 0x0000_0000_0000_4000_8000_0000_0000_0000);
    assert_eq!(ever_set, 0xffff_ffff_ffff_4fff_bfff_ffff_ffff_ffff);
}
