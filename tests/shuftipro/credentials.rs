//! Whose calls these are: access tokens, credentials that change, several tenants, many threads.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderMap;
use kyckit::verified::Verified;
use kyckit::{
    Error, ErrorKind,
    sandbox::{
        Fault,
        shuftipro::{Account, ShuftiPro},
    },
    shuftipro::{
        Authentication, Callbacks, Client,
        request::{DeleteRequest, RiskAssessmentRequest},
    },
    transport::{MockResponse, MockTransport, Options, RawRequest, Retry},
    verified::Verifier as _,
};

use crate::support::{
    CLIENT_ID, SECRET, assert_well_formed, builder_of, clock, hashed, header, legacy, onsite, over,
    reference, says, signed, world, world_with,
};

fn tokens(memory: &MockTransport) -> (Client, kyckit::clock::Frozen) {
    tokens_with(memory, Options::new())
}

fn tokens_with(memory: &MockTransport, options: Options) -> (Client, kyckit::clock::Frozen) {
    let (clock, frozen) = clock();
    let client = Client::builder(CLIENT_ID, SECRET)
        .authentication(Authentication::AccessTokenPerRequest)
        .options(options.transport(memory.clone()).clock(clock))
        .build()
        .expect("a client");
    (client, frozen)
}

fn token(text: &str) -> MockResponse {
    signed(200, &format!(r#"{{"access_token":"{text}"}}"#))
}

/// Path and credentials of everything sent, Basic without its value.
fn trail(memory: &MockTransport) -> Vec<String> {
    let line = |sent: &kyckit::transport::RecordedRequest| {
        let credentials = header(&sent.headers, "authorization").expect("authorised");
        let shown = if credentials.starts_with("Basic ") { "Basic" } else { credentials };
        assert!(sent.headers["authorization"].is_sensitive());
        format!("{} {shown}", sent.url.path())
    };
    memory.sent().iter().map(line).collect()
}

#[tokio::test]
async fn each_request_has_an_access_token_of_its_own() {
    let memory = MockTransport::new([
        token("t1"),
        says("order-1", "request.pending"),
        token("t2"),
        says("order-1", "request.pending"),
        token("t3"),
        says("order-1", "request.deleted"),
    ]);
    let (client, _) = tokens(&memory);
    client.status(&reference("order-1")).await.expect("pending");
    client.verify(&onsite("order-1")).await.expect("pending");
    client.delete(&DeleteRequest::new(reference("order-1"), "asked for")).await.expect("deleted");
    assert_eq!(
        trail(&memory),
        [
            "/get/access/token Basic",
            "/status Bearer t1",
            "/get/access/token Basic",
            "/ Bearer t2",
            "/get/access/token Basic",
            "/delete Bearer t3",
        ]
    );
}

#[tokio::test]
async fn a_retry_has_a_fresh_token_too() {
    let memory = MockTransport::new([
        token("t1"),
        MockResponse::json(503, ""),
        token("t2"),
        MockResponse::json(503, ""),
        token("t3"),
        says("order-1", "request.pending"),
    ]);
    let (client, _) = tokens(&memory);
    client.status(&reference("order-1")).await.expect("pending");
    let bearers: Vec<String> = trail(&memory)
        .into_iter()
        .filter_map(|line| line.strip_prefix("/status ").map(str::to_owned))
        .collect();
    assert_eq!(bearers, ["Bearer t1", "Bearer t2", "Bearer t3"]);
}

/// The sandbox takes a token once, and refuses unknown ones.
#[tokio::test]
async fn the_provider_takes_them() {
    let world = world().await;
    let order = world.seed("order-1");
    let client = builder_of(&world.sandbox, Options::new().clock(world.clock.clone()))
        .authentication(Authentication::AccessTokenPerRequest)
        .build()
        .expect("a client");
    world.sandbox.inject(Fault::on("/status").after(1).status(503));
    for _ in 0..2 {
        client.status(&order).await.expect("pending");
    }
    let bearers: Vec<String> = world
        .sent("/status")
        .iter()
        .map(|sent| header(&sent.headers, "authorization").expect("authorised").to_owned())
        .collect();
    assert_eq!((bearers.len(), world.count("/get/access/token")), (3, 3));
    assert!(bearers.iter().all(|bearer| bearer.starts_with("Bearer ") && bearer.len() > 20));
    let mut distinct = bearers.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 3);
}

#[tokio::test]
async fn what_is_documented_with_basic_alone_is_asked_for_with_basic() {
    let memory = MockTransport::new([
        signed(200, r#"{"account":{"name":"Your Company"}}"#),
        signed(200, r#"{"decline_reasons":[]}"#),
        says("order-1", "request.pending"),
        signed(200, "{}"),
    ]);
    let (client, _) = tokens(&memory);
    client.account().await.expect("an account");
    client.decline_reasons().await.expect("reasons");
    let request = RiskAssessmentRequest::new(reference("order-1"), "37rNhl", "a@b.example", "+447700900123");
    client.assess_risk(&request).await.expect("pending");
    client.raw(RawRequest::post(["service", "real_time", "verification"])).await.expect("an answer");
    assert_eq!(
        trail(&memory),
        [
            "/account/info/ Basic",
            "/decline/reasons/ Basic",
            "/risk-api/ Basic",
            "/service/real_time/verification Basic"
        ]
    );
}

#[tokio::test]
async fn a_token_that_is_not_to_be_had_is_the_token_call_s_error() {
    let memory = MockTransport::new([
        MockResponse::json(503, ""),
        MockResponse::json(503, ""),
        MockResponse::json(503, ""),
    ]);
    let (client, _) = tokens(&memory);
    let error = client.verify(&onsite("order-1")).await.expect_err("no token");
    assert_well_formed(&error, "access_token");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Provider, 3));
    assert!(!error.may_have_taken_effect(), "the request never left");
    assert_eq!(memory.sent().len(), 3);

    let memory = MockTransport::new([MockResponse::json(401, "")]);
    let (client, _) = tokens(&memory);
    let error = client.status(&reference("order-1")).await.expect_err("refused");
    assert_well_formed(&error, "access_token");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Authentication, 1));
}

#[tokio::test]
async fn an_outage_ends_with_tokens_as_it_does_without() {
    let memory = MockTransport::default();
    let options = Options::new().retry(Retry::never());
    let (client, frozen) = tokens_with(&memory, options);
    let order = reference("order-1");
    for _ in 0..20 {
        memory.then(token("t"));
        memory.then(MockResponse::json(503, ""));
        assert_eq!(client.status(&order).await.expect_err("down").kind(), ErrorKind::Provider);
    }
    assert_eq!(client.status(&order).await.expect_err("held back").kind(), ErrorKind::Unavailable);
    frozen.advance(std::time::Duration::from_secs(5));
    memory.then(token("t"));
    memory.then(says("order-1", "request.pending"));
    client.status(&order).await.expect("the one that is let through");
    memory.then(token("t"));
    memory.then(says("order-1", "request.pending"));
    client.status(&order).await.expect("all is well again");
}

#[tokio::test]
async fn credentials_are_replaced_at_run_time_for_all_clones_and_callbacks() {
    let body = r#"{"reference":"order-1","event":"request.pending"}"#;
    let under =
        |secret: &str| MockResponse::json(200, body).header("Signature", &hashed(body.as_bytes(), secret));
    let memory = MockTransport::default();
    let (client, _) = over(&memory, Options::new());
    let (clone, callbacks) = (client.clone(), client.callbacks());
    let order = reference("order-1");
    let credentials = |memory: &MockTransport| {
        let last = memory.sent().pop().expect("sent");
        let encoded =
            header(&last.headers, "authorization").expect("set").strip_prefix("Basic ").map(str::to_owned);
        String::from_utf8(STANDARD.decode(encoded.expect("Basic")).expect("base64")).expect("text")
    };
    let called_back = |secret: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("signature", hashed(body.as_bytes(), secret).parse().expect("a value"));
        callbacks.verify(&headers, body.as_bytes()).map(|callback| Verified::proof(&callback).secret)
    };

    memory.then(under(SECRET));
    client.status(&order).await.expect("pending");
    assert_eq!(credentials(&memory), format!("client-id:{SECRET}"));

    client.replace_credentials("client-id-2", "second", Some(SECRET.into())).expect("good");
    // Answers that were signed before the change was known are still taken.
    for (secret, position) in [("second", 0), (SECRET, 1)] {
        memory.then(under(secret));
        assert_eq!(Verified::proof(&clone.status(&order).await.expect("pending")).secret, position);
        assert_eq!(credentials(&memory), "client-id-2:second");
        assert_eq!(called_back(secret).ok(), Some(position));
    }

    // A bad replacement changes nothing.
    for (id, secret) in [("", "third"), ("a:b", "third"), ("client-id-3", ""), ("client-id-3", "x\n")] {
        let error = client.replace_credentials(id, secret, None).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.provider().map(|provider| provider.as_str()), Some("shuftipro"));
    }
    memory.then(under("second"));
    client.status(&order).await.expect("pending");
    assert_eq!(credentials(&memory), "client-id-2:second");

    // Without the old one, it is dead at once.
    client.replace_credentials("client-id-3", "third", None).expect("good");
    memory.then(under("second"));
    assert_eq!(client.status(&order).await.expect_err("gone").check(), Some("signature.mismatch"));
    assert_eq!(called_back("second").expect_err("gone").kind(), ErrorKind::Signature);
    assert_eq!(called_back("third").ok(), Some(0));
}

#[tokio::test]
async fn a_call_under_way_keeps_the_credentials_it_began_with() {
    let world = world_with(
        ShuftiPro::builder()
            .account(Account::new("first", "first secret"))
            .account(Account::new("second", "second secret")),
        Options::new(),
    )
    .await;
    let order = world.seed("order-1");
    world.sandbox.inject(Fault::on("/status").after_effect().delay(std::time::Duration::from_millis(10)));
    let (answer, ()) = tokio::join!(world.client.status(&order), async {
        while world.count("/status") == 0 {
            tokio::task::yield_now().await;
        }
        world.client.replace_credentials("second", "second secret", None).expect("good");
    });
    assert_eq!(answer.expect("begun as the first").event().as_str(), "request.pending");
    assert_eq!(world.client.status(&order).await.expect_err("another account").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn two_tenants_in_one_process_stay_apart() {
    let world = world_with(
        ShuftiPro::builder()
            .account(Account::new("first", "first secret"))
            .account(Account::new("second", "second secret").legacy()),
        Options::new(),
    )
    .await;
    let first = world.client.clone();
    let second = Client::builder("second", "second secret")
        .base_url(world.sandbox.base_url().as_str())
        .signature_rule(kyckit::shuftipro::signature::Rule::Legacy)
        .options(Options::new().clock(world.clock.clone()))
        .build()
        .expect("a client");
    let (one, two) = (onsite("order-1"), onsite("order-1"));
    // The same reference, in two accounts: neither is a conflict.
    let (one, two) = tokio::join!(first.verify(&one), second.verify(&two));
    assert_eq!(Verified::proof(&one.expect("taken")).rule, "hashed");
    assert_eq!(Verified::proof(&two.expect("taken")).rule, "legacy");
    second.verify(&onsite("order-2")).await.expect("taken");
    let unknown = first.status(&reference("order-2")).await.expect_err("the other's");
    assert_eq!(unknown.kind(), ErrorKind::NotFound);

    let body = br#"{"reference":"order-2","event":"verification.accepted"}"#;
    let mut headers = HeaderMap::new();
    headers.insert("signature", legacy(body, "second secret").parse().expect("a value"));
    assert!(second.callbacks().verify(&headers, body).is_ok());
    assert!(first.callbacks().verify(&headers, body).is_err());
}

#[test]
fn clients_and_their_futures_cross_threads() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    fn sendable<T: Send>(_: T) {}
    shared::<Client>();
    shared::<Callbacks>();
    shared::<MockTransport>();
    let (client, _) = over(&MockTransport::default(), Options::new());
    let (request, order) = (onsite("order-1"), reference("order-1"));
    sendable(client.verify(&request));
    sendable(client.resume(&request));
    sendable(client.status(&order));
    sendable(client.access_token());
    sendable(client.account());
    sendable(client.decline_reasons());
    sendable(client.raw(RawRequest::get(["x"])));
    sendable(client.reconcile([], std::time::Duration::ZERO));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_calls_at_once_on_one_client() {
    let sandbox = ShuftiPro::start().await.expect("a free port");
    let client = builder_of(&sandbox, Options::new()).build().expect("a client");
    let calls: Vec<_> = (0..50)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                let request = onsite(&format!("order-{number}"));
                let answer = client.verify(&request).await?;
                Ok::<_, Error>(answer.reference().map(str::to_owned))
            })
        })
        .collect();
    for (number, call) in calls.into_iter().enumerate() {
        let reference = call.await.expect("no panic").expect("taken");
        assert_eq!(reference, Some(format!("order-{number}")));
    }
    assert_eq!(sandbox.server().count("/"), 50);
}
