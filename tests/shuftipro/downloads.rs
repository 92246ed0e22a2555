//! Proofs: opened where and as they should be, in pieces, up to a size.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method, StatusCode};
use kyckit::{
    Error, ErrorKind,
    sandbox::{
        Fault,
        shuftipro::{Outcome, ShuftiPro},
    },
    shuftipro::{
        Client,
        model::{Origin, ProofLink},
        request::RiskAssessmentRequest,
    },
    transport::{HttpSettings, MockResponse, MockTransport, Options, Progress, Request, Response, Transport},
};
use tokio::io::AsyncWrite;

use crate::support::{
    CLIENT_ID, OtherServer, SECRET, World, assert_well_formed, client_of, clock, header, in_memory, onsite,
    reference, signed, world, world_with,
};

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n";

/// Links of an accepted verification.
async fn links(world: &World) -> Vec<ProofLink> {
    world.client.verify(&onsite("order-1")).await.expect("pending");
    world.sandbox.complete("order-1", Outcome::Accept).expect("open");
    world.client.status(&reference("order-1")).await.expect("accepted").proofs().to_vec()
}

fn named(links: &[ProofLink], name: &str) -> ProofLink {
    links.iter().find(|link| link.name() == name).expect(name).clone()
}

/// A link as a status answer brings it.
async fn link_to(url: &str) -> ProofLink {
    let url = url.replace('/', "\\/");
    let body = format!(
        r#"{{"reference":"order-1","event":"verification.accepted","proofs":{{"access_token":"t0ken","face":{{"proof":"{url}"}}}}}}"#
    );
    let (client, _, _) = in_memory([signed(200, &body)]);
    client.status(&reference("order-1")).await.expect("accepted").proofs()[0].clone()
}

async fn into_memory(client: &Client, link: ProofLink) -> (Result<(Option<String>, u64), Error>, Vec<u8>) {
    let mut file = Vec::new();
    let downloaded = client.download(link).into(&mut file).await;
    if let Err(error) = &downloaded {
        assert_well_formed(error, "download");
        assert!(!error.may_have_taken_effect());
    }
    (downloaded.map(|downloaded| (downloaded.media_type, downloaded.bytes)), file)
}

#[tokio::test]
async fn a_link_of_today_is_opened_by_post_with_its_token_and_nothing_of_the_account_s() {
    let world = world().await;
    let links = links(&world).await;
    let link = named(&links, "document.proof");
    let (downloaded, file) = into_memory(&world.client, link.clone()).await;
    let (media_type, length) = downloaded.expect("a file");
    assert_eq!((media_type.as_deref(), length), (Some("image/png"), file.len() as u64));
    assert!(file.starts_with(PNG));
    let url = link.link().url().expect("an address");
    let sent = world.sent(url.path()).remove(0);
    assert_eq!((sent.method, sent.uri.query()), (Method::POST, None));
    let token = link.access_token().expect("a token").expose();
    assert_eq!(sent.body, format!(r#"{{"access_token":"{token}"}}"#));
    assert_eq!(header(&sent.headers, "content-type"), Some("application/json"));
    assert_eq!(header(&sent.headers, "accept"), Some("*/*"));
    for absent in ["authorization", "cookie", "referer", "signature"] {
        assert!(!sent.headers.contains_key(absent), "{absent}");
    }
    // What belongs to the whole request.
    let (report, file) = into_memory(&world.client, named(&links, "verification_report")).await;
    assert_eq!(report.expect("a file").0.as_deref(), Some("application/pdf"));
    assert!(file.starts_with(b"%PDF-"));
}

#[tokio::test]
async fn a_link_with_its_token_in_the_query_is_opened_by_get() {
    let world = world().await;
    let request =
        RiskAssessmentRequest::new(reference("order-1"), "37rNhl", "jane@example.com", "+447700900123");
    world.client.assess_risk(&request).await.expect("pending");
    world.sandbox.complete("order-1", Outcome::Accept).expect("open");
    let status = world.client.status(&reference("order-1")).await.expect("decided");
    let of = |origin| status.proofs().iter().find(|link| link.origin() == origin).expect("a link").clone();
    let link = of(Origin::Questionnaire);
    let (downloaded, file) = into_memory(&world.client, link.clone()).await;
    assert_eq!(downloaded.expect("a file").0.as_deref(), Some("image/png"));
    assert!(file.starts_with(PNG));
    let url = link.link().url().expect("an address");
    let sent = world.sent(url.path()).remove(0);
    assert_eq!((sent.method, sent.uri.query(), sent.body.len()), (Method::GET, url.query(), 0));
    assert!(!sent.headers.contains_key("authorization") && !sent.headers.contains_key("content-type"));

    // Nothing says how the others are opened without a token.
    let before = world.sandbox.server().log().len();
    let (refused, _) = into_memory(&world.client, of(Origin::ServicesProofs)).await;
    let error = refused.expect_err("no token");
    assert_eq!((error.kind(), error.fields()[0].field.as_str()), (ErrorKind::InvalidRequest, "access_token"));
    assert_eq!(world.sandbox.server().log().len(), before);
}

#[tokio::test]
async fn a_file_comes_in_pieces_and_tells_how_far_it_is() {
    const SIZE: u64 = 600_000;
    let world = world_with(ShuftiPro::builder().proof_size(SIZE), Options::new()).await;
    let link = named(&links(&world).await, "face.proof");
    let told = Arc::new(Mutex::new(Vec::new()));
    let progress = {
        let told = Arc::clone(&told);
        Progress::new(move |so_far, whole| told.lock().expect("told").push((so_far, whole)))
    };
    let mut file = Vec::new();
    let downloaded = world.client.download(link).progress(progress).into(&mut file).await.expect("a file");
    assert_eq!((downloaded.bytes, file.len() as u64), (SIZE, SIZE));
    let told = told.lock().expect("told");
    assert!(told.len() > 1, "in pieces");
    assert!(told.is_sorted_by(|one, next| one.0 < next.0));
    assert_eq!(told.last().map(|last| last.0), Some(SIZE));
    assert!(told.iter().all(|(_, whole)| whole.is_none_or(|whole| whole == SIZE)));
}

#[tokio::test]
async fn the_largest_file_is_taken_and_one_byte_more_is_not() {
    const SIZE: usize = 100_000;
    let world = world_with(ShuftiPro::builder().proof_size(SIZE as u64), Options::new()).await;
    let link = named(&links(&world).await, "face.proof");
    let mut file = Vec::new();
    world.client.download(link.clone()).max_bytes(SIZE).into(&mut file).await.expect("just fits");
    assert_eq!(file.len(), SIZE);
    let mut file = Vec::new();
    let error = world.client.download(link).max_bytes(SIZE - 1).into(&mut file).await.expect_err("too large");
    assert_well_formed(&error, "download");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::TooLarge, 1));
    assert!(file.is_empty(), "its length was announced, so nothing was written");
}

/// Answers every request with the same head and pieces.
struct Fixed(fn() -> Response);

impl Transport for Fixed {
    async fn send(&self, _: Request) -> Result<Response, Error> {
        Ok((self.0)())
    }
}

fn file_of(pieces: impl futures_util::Stream<Item = Result<Bytes, Error>> + Send + 'static) -> Response {
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, "video/mp4".parse().expect("a value"))]);
    Response::new(StatusCode::OK, headers, Box::pin(pieces))
}

fn fixed(answer: fn() -> Response) -> Client {
    let options = Options::new().transport(Fixed(answer)).clock(clock().0);
    Client::builder(CLIENT_ID, SECRET).options(options).build().expect("a client")
}

const PEA: &str = "https://ns.shuftipro.com/api/pea/99bd9abbd46258ff3652c21057ddf1413fbc196c";

#[tokio::test]
async fn a_file_without_end_stops_at_the_limit() {
    let client = fixed(|| file_of(stream::repeat_with(|| Ok(Bytes::from_static(&[7; 1000])))));
    let mut file = Vec::new();
    let error =
        client.download(link_to(PEA).await).max_bytes(10_500).into(&mut file).await.expect_err("no end");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(file.len(), 10_000, "nothing beyond the limit was written");
    // 24 MiB unless said otherwise.
    let mut sink = tokio::io::sink();
    let client = fixed(|| {
        let mib = Bytes::from(vec![7; 1 << 20]);
        file_of(stream::iter((0..24).map(move |_| Ok(mib.clone()))))
    });
    let whole = client.download(link_to(PEA).await).into(&mut sink).await.expect("just fits");
    assert_eq!((whole.bytes, whole.media_type.as_deref()), (24 << 20, Some("video/mp4")));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_stops_coming_times_out_and_so_does_one_that_takes_too_long() {
    let client = fixed(|| file_of(stream::iter([Ok(Bytes::from_static(PNG))]).chain(stream::pending())));
    let begun = tokio::time::Instant::now();
    let (stalled, file) = into_memory(&client, link_to(PEA).await).await;
    assert_eq!(stalled.expect_err("silence").kind(), ErrorKind::Timeout);
    assert_eq!((begun.elapsed(), file.as_slice()), (Duration::from_secs(20), PNG));

    let client = fixed(|| {
        file_of(stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(19)).await;
            Some((Ok(Bytes::from_static(b"x")), ()))
        }))
    });
    let begun = tokio::time::Instant::now();
    let (slow, file) = into_memory(&client, link_to(PEA).await).await;
    assert_eq!(slow.expect_err("for ever").kind(), ErrorKind::Timeout);
    assert_eq!((begun.elapsed(), file.len()), (Duration::from_secs(300), 15));
}

#[tokio::test]
async fn after_fifteen_minutes_nothing_is_sent() {
    let world = world().await;
    let link = named(&links(&world).await, "face.proof");
    world.frozen.advance(Duration::from_secs(899));
    assert!(into_memory(&world.client, link.clone()).await.0.is_ok());
    world.frozen.advance(Duration::from_secs(1));
    let before = world.sandbox.server().log().len();
    let (expired, file) = into_memory(&world.client, link).await;
    let error = expired.expect_err("too late");
    assert_eq!((error.kind(), error.attempts(), error.status()), (ErrorKind::Expired, 0, None));
    assert!(error.to_string().contains("ask for the status again"), "{error}");
    assert_eq!((file.len(), world.sandbox.server().log().len()), (0, before));
}

#[tokio::test]
async fn a_dead_link_is_told_as_expired_with_what_the_provider_said() {
    // The provider's clock is ahead of ours.
    let (theirs, time) = clock();
    let sandbox = ShuftiPro::builder().clock(theirs.clone()).start().await.expect("a free port");
    let (ours, frozen) = clock();
    let client = client_of(&sandbox, Options::new().clock(ours.clone()));
    let world = World { sandbox, client, clock: ours, frozen };
    let link = named(&links(&world).await, "face.proof");
    time.advance(Duration::from_secs(900));
    let (expired, file) = into_memory(&world.client, link).await;
    let error = expired.expect_err("dead");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Expired, 1));
    assert_eq!((error.status(), file.len()), (Some(StatusCode::FORBIDDEN), 0));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_page_or_json_in_place_of_a_file_is_no_file() {
    for media_type in ["application/json", "text/html; charset=UTF-8", "Text/Plain"] {
        let answer = MockResponse::json(200, r#"{"message":"expired"}"#).header("content-type", media_type);
        let (client, memory, _) = in_memory([answer]);
        let (expired, file) = into_memory(&client, link_to(PEA).await).await;
        let error = expired.expect_err("no file");
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Expired, Some(StatusCode::OK)),
            "{media_type}"
        );
        assert_eq!((file.len(), memory.sent().len()), (0, 1));
    }
}

#[tokio::test]
async fn links_that_lead_elsewhere_are_not_followed() {
    for (url, kind, check) in [
        ("https://evil.example/api/pea/1", ErrorKind::Configuration, Some("fetch.host")),
        ("https://shuftipro.com.evil.example/x", ErrorKind::Configuration, Some("fetch.host")),
        ("https://evilshuftipro.com/x", ErrorKind::Configuration, Some("fetch.host")),
        ("https://10.0.0.1/x", ErrorKind::Configuration, Some("fetch.host")),
        ("https://169.254.169.254/latest/meta-data", ErrorKind::Configuration, Some("fetch.host")),
        ("https://[::1]/x", ErrorKind::Configuration, Some("fetch.host")),
        ("https://ns.shuftipro.com:8443/x", ErrorKind::Configuration, Some("fetch.port")),
        ("http://127.0.0.1:9/x", ErrorKind::Configuration, Some("fetch.scheme")),
        ("http://ns.shuftipro.com/x", ErrorKind::Decode, None),
        ("http://10.0.0.1/x", ErrorKind::Decode, None),
        ("https://user:pass@ns.shuftipro.com/x", ErrorKind::Decode, None),
        ("file:///etc/passwd", ErrorKind::Decode, None),
        ("not an address", ErrorKind::Decode, None),
    ] {
        let (client, memory, _) =
            in_memory([MockResponse::json(200, "").header("content-type", "image/png")]);
        let (refused, _) = into_memory(&client, link_to(url).await).await;
        let error = refused.expect_err(url);
        assert_eq!((error.kind(), error.check(), error.attempts()), (kind, check, 0), "{url}");
        assert!(memory.sent().is_empty(), "{url}");
    }
    // The provider's two domains are open, and one of the application's own.
    for (url, domain) in [
        (PEA, None),
        ("https://st-ns.shuftiapps.com/api/pea/1", None),
        ("https://files.mirror.example/1", Some("mirror.example")),
    ] {
        let memory = MockTransport::new([MockResponse::json(200, "x").header("content-type", "image/png")]);
        let builder = Client::builder(CLIENT_ID, SECRET)
            .options(Options::new().transport(memory.clone()).clock(clock().0));
        let builder = domain.into_iter().fold(builder, |builder, domain| builder.proof_domain(domain));
        let client = builder.build().expect("a client");
        assert!(into_memory(&client, link_to(url).await).await.0.is_ok(), "{url}");
        assert_eq!(memory.sent()[0].url.as_str(), url);
        assert!(!memory.sent()[0].headers.contains_key("authorization"));
    }
}

/// A name that is on the list and leads into our own network: found out where it is connected to.
#[tokio::test]
async fn a_listed_name_with_a_private_address_is_not_connected_to() {
    let client = Client::builder(CLIENT_ID, SECRET)
        .proof_domain("localhost")
        .options(Options::new().clock(clock().0).http(HttpSettings::new().no_proxy()))
        .build()
        .expect("a client");
    let (refused, _) = into_memory(&client, link_to("https://localhost/api/pea/1").await).await;
    let error = refused.expect_err("private");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Configuration, Some("fetch.address")));
}

#[tokio::test]
async fn redirects_do_not_carry_the_token_away() {
    let other = OtherServer::start().await;
    let world = world().await;
    let link = named(&links(&world).await, "face.proof");
    for code in [302, 307, 308] {
        world.sandbox.inject(Fault::on("/api/pea/*").redirect(code, other.url.as_str()));
        let (redirected, file) = into_memory(&world.client, link.clone()).await;
        let error = redirected.expect_err("elsewhere");
        assert_eq!((error.kind(), error.attempts(), file.len()), (ErrorKind::Provider, 1, 0), "{code}");
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn what_breaks_before_the_file_is_tried_again_and_what_breaks_in_it_is_not() {
    let world = world().await;
    let link = named(&links(&world).await, "face.proof");
    for fault in [Fault::on("/api/pea/*").status(503), Fault::on("/api/pea/*").reset()] {
        let before = world.count("/api/pea/{id}");
        world.sandbox.inject(fault);
        assert!(into_memory(&world.client, link.clone()).await.0.is_ok());
        assert_eq!(world.count("/api/pea/{id}"), before + 2);
    }
    let before = world.count("/api/pea/{id}");
    world.sandbox.inject(Fault::on("/api/pea/*").truncate());
    let (broken, file) = into_memory(&world.client, link.clone()).await;
    let error = broken.expect_err("cut off");
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Interrupted, true));
    assert_eq!(world.count("/api/pea/{id}"), before + 1);
    assert!(!file.is_empty());
    world.sandbox.inject(Fault::on("/api/pea/*").times(3).html(524));
    let (down, _) = into_memory(&world.client, link).await;
    let error = down.expect_err("down");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Provider, 3));
}

/// Takes so many bytes and no more.
struct FullDisk(usize);

impl AsyncWrite for FullDisk {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Poll::Ready(Err(io::ErrorKind::StorageFull.into())) } else { Poll::Ready(Ok(taken)) }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_writer_that_fails_is_the_application_s_failure() {
    let world = world_with(ShuftiPro::builder().proof_size(50_000), Options::new()).await;
    let link = named(&links(&world).await, "face.proof");
    let error = world.client.download(link).into(&mut FullDisk(10_000)).await.expect_err("full");
    assert_well_formed(&error, "download");
    assert_eq!((error.kind(), error.fault()), (ErrorKind::Store, kyckit::error::Fault::Caller));
    let source = std::error::Error::source(&error).expect("the writer's error");
    let io = source.downcast_ref::<io::Error>().expect("as it was");
    assert_eq!(io.kind(), io::ErrorKind::StorageFull);
}

#[tokio::test]
async fn a_link_says_when_it_ends() {
    let world = world().await;
    let link = named(&links(&world).await, "face.proof");
    let now: SystemTime = world.clock.now();
    assert_eq!(link.expires(), now + Duration::from_secs(900));
    assert!(!link.is_expired(now + Duration::from_secs(899)) && link.is_expired(link.expires()));
}
