//! The endpoint as a service: mounted by hyper and by tower as it is, and every refusal seen.

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use futures_util::stream;
use http::{Method, Request, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use kyckit::{
    ErrorKind,
    inbox::{
        Inbox,
        server::{Webhook, webhook},
    },
    server::{BodyLimits, Cause, HttpService},
    storage::MemoryInbox,
    testkit::FakeProvider,
};
use tower_service::Service as _;

const BODY: &str = r#"{"reference":"r-1","state":"accepted"}"#;

type Webhooks = HttpService<Webhook<Arc<MemoryInbox>, FakeProvider>>;

fn service() -> (Webhooks, Arc<MemoryInbox>) {
    let store = Arc::new(MemoryInbox::new());
    let inbox = Arc::new(Inbox::new(store.clone()).max_body_bytes(100));
    (webhook(inbox, Arc::new(FakeProvider::new("secret"))), store)
}

fn request<B>(method: Method, headers: &[(&str, &str)], body: B) -> Request<B> {
    let mut request = Request::builder().method(method).uri("/webhook");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).expect("a request")
}

fn signature(body: &str) -> String {
    let headers = FakeProvider::new("secret").sign(body.as_bytes());
    headers["x-fake-signature"].to_str().expect("hex").to_owned()
}

fn whole(body: &str) -> Full<Bytes> {
    Full::new(Bytes::copy_from_slice(body.as_bytes()))
}

#[tokio::test]
async fn every_refusal_reaches_the_hook_with_its_diagnosis_and_stays_in_the_response() {
    let (service, store) = service();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let hook = Arc::clone(&seen);
    let service = service.on_rejected(move |error| {
        hook.lock().unwrap().push(format!("{:?} {}", error.kind(), error.check().unwrap_or("-")));
    });
    let genuine = signature(BODY);
    let long = "x".repeat(101);
    let unusable = signature("{}");
    for (method, headers, body, status, expected) in [
        (Method::GET, &[][..], "", 405, "InvalidRequest -"),
        (Method::POST, &[], BODY, 401, "Signature signature.missing"),
        (Method::POST, &[("x-fake-signature", "zz")], BODY, 401, "Signature signature.malformed"),
        (Method::POST, &[("x-fake-signature", &genuine)], "{}", 401, "Signature signature.mismatch"),
        (Method::POST, &[("x-fake-signature", &unusable)], "{}", 400, "Decode -"),
        (Method::POST, &[("x-fake-signature", &genuine)], &long, 413, "TooLarge -"),
        (
            Method::POST,
            &[("x-fake-signature", &genuine), ("content-encoding", "br")],
            BODY,
            415,
            "InvalidRequest -",
        ),
    ] {
        let response = service.respond(request(method, headers, whole(body))).await;
        assert_eq!(response.status().as_u16(), status, "{expected}");
        let cause = Cause::of(response.extensions()).expect("a cause");
        assert_eq!(format!("{:?} {}", cause.kind(), cause.check().unwrap_or("-")), expected);
        assert_eq!(std::mem::take(&mut *seen.lock().unwrap()), [expected]);
        let body = response.into_body().collect().await.expect("whole").to_bytes();
        assert!(body.is_empty(), "nothing of it is sent");
    }
    assert_eq!(store.waiting(), 0);
    let response =
        service.respond(request(Method::POST, &[("x-fake-signature", &genuine)], whole(BODY))).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(Cause::of(response.extensions()).is_none() && seen.lock().unwrap().is_empty());
    assert_eq!(store.waiting(), 1);
}

#[tokio::test]
async fn limits_of_the_service_go_before_those_of_the_request() {
    let (service, _) = service();
    let genuine = signature(BODY);
    let limits = |bytes| BodyLimits::new().max_unauthenticated_bytes(bytes);
    let post = |limits: Option<BodyLimits>| {
        let mut request = request(Method::POST, &[("x-fake-signature", &genuine)], whole(BODY));
        request.extensions_mut().extend(
            limits
                .map(|limits| {
                    let mut extensions = http::Extensions::new();
                    extensions.insert(limits);
                    extensions
                })
                .unwrap_or_default(),
        );
        request
    };
    let response = service.respond(post(Some(limits(10)))).await;
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (503, "2"));
    let cause = Cause::of(response.extensions()).expect("a cause");
    assert_eq!(cause.kind(), ErrorKind::Unavailable);
    let service = service.body_limits(limits(1000));
    assert_eq!(service.respond(post(Some(limits(10)))).await.status(), 200);
    let service = service.body_limits(limits(10));
    assert_eq!(service.respond(post(None)).await.status(), 503);
}

/// A body in pieces, which breaks off or not.
fn pieces(broken: bool) -> impl Body<Data = Bytes, Error = io::Error> + Send + 'static {
    let (left, right) = BODY.split_at(20);
    let frame = |text: &str| Ok(Frame::data(Bytes::copy_from_slice(text.as_bytes())));
    let end = if broken { Err(io::Error::other("a card number")) } else { frame(right) };
    StreamBody::new(stream::iter([frame(left), end]))
}

#[tokio::test]
async fn tower_calls_it_with_any_body_and_hyper_serves_it_as_it_is() {
    let (mut service, store) = service();
    let genuine = signature(BODY);
    let headers = [("x-fake-signature", genuine.as_str())];
    std::future::poll_fn(|context| {
        tower_service::Service::<Request<Full<Bytes>>>::poll_ready(&mut service, context)
    })
    .await
    .expect("always ready");
    let broken = service.call(request(Method::POST, &headers, pieces(true))).await.expect("infallible");
    assert_eq!((broken.status().as_u16(), store.waiting()), (400, 0));
    assert!(!format!("{:?}", Cause::of(broken.extensions())).contains("card"));
    let kept = service.call(request(Method::POST, &headers, pieces(false))).await.expect("infallible");
    assert_eq!((kept.status().as_u16(), store.waiting()), (200, 1));

    let (ours, theirs) = tokio::io::duplex(4096);
    let served = tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(
        hyper_util::rt::TokioIo::new(theirs),
        hyper_util::service::TowerToHyperService::new(service),
    ));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(ours))
        .await
        .expect("a connection");
    let connection = tokio::spawn(connection);
    let mut post = request(Method::POST, &headers, whole(BODY));
    post.headers_mut().insert("host", http::HeaderValue::from_static("x"));
    let response = sender.send_request(post).await.expect("a response");
    assert_eq!(response.status(), 200);
    drop(sender);
    connection.await.expect("no panic").expect("closed");
    served.await.expect("no panic").expect("served");
}

#[cfg(feature = "metrics")]
#[tokio::test]
async fn refusals_are_counted_by_endpoint_provider_status_and_kind() {
    use metrics::{
        Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    };

    #[derive(Default)]
    struct Counts(Mutex<Vec<(String, Arc<Count>)>>);
    #[derive(Default)]
    struct Count(AtomicU64);
    impl CounterFn for Count {
        fn increment(&self, by: u64) {
            self.0.fetch_add(by, Ordering::SeqCst);
        }
        fn absolute(&self, _: u64) {}
    }
    impl Recorder for Counts {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            let labels: Vec<_> = key.labels().map(|one| format!("{}={}", one.key(), one.value())).collect();
            let count = Arc::new(Count::default());
            let name = format!("{} {}", key.name(), labels.join(" "));
            self.0.lock().unwrap().push((name, count.clone()));
            Counter::from_arc(count)
        }
        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }
        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    let counts = Counts::default();
    let (service, _) = service();
    let genuine = signature(BODY);
    let recorder = metrics::set_default_local_recorder(&counts);
    service.respond(request(Method::POST, &[("x-fake-signature", &genuine)], whole(BODY))).await;
    service.respond(request(Method::POST, &[], whole(BODY))).await;
    drop(recorder);
    let counted: Vec<_> = counts.0.lock().unwrap().iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(
        counted,
        ["kyckit_rejections_total endpoint=webhook provider=fake status=401 error=signature check failed"]
    );
    assert_eq!(counts.0.lock().unwrap()[0].1.0.load(Ordering::SeqCst), 1);
}
