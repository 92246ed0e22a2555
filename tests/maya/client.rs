//! The Maya client against the fake Maya and against a transport without a network.

use std::{
    sync::LazyLock,
    time::{Duration, SystemTime},
};

use http::{Method, StatusCode};
use kyckit::{
    Error, ErrorKind,
    clock::{Clock, Frozen},
    maya::{
        Client, CustomerTokens, ProfileItem, Scope, TokenRejection,
        webhook::{SessionId, Sessions},
    },
    privacy::leak::Canaries,
    sandbox::{
        Fault,
        maya::{CLIENT_ID, CLIENT_SECRET, Maya, Spelling, Spoil},
    },
    transport::{MockResponse, MockTransport, Options, RawRequest, RecordedRequest, Retry},
};
use serde_json::{Value, json};

/// 15 January 2027, 08:00 UTC.
const NOW: u64 = 1_800_000_000;

static VECTORS: LazyLock<(Value, Value)> = LazyLock::new(|| {
    let read = |name: &str| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/maya/");
        serde_json::from_slice(&std::fs::read(format!("{path}{name}")).expect("a vector file")).expect("JSON")
    };
    (read("keys.json"), read("cases.json"))
});

fn clock() -> (Clock, Frozen) {
    Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
}

/// A client without a network.
fn offline(memory: &MockTransport, options: Options) -> Client {
    Client::builder("client-1", "s3cret")
        .token_url("https://connect.example.com/oauth/token")
        .keys(VECTORS.0["jwe_private_jwk"].to_string(), VECTORS.0["jws_secret_jwk"].to_string())
        .options(options.transport(memory.clone()))
        .build()
        .expect("a client")
}

fn memory(answers: impl IntoIterator<Item = MockResponse>) -> MockTransport {
    let memory = MockTransport::new([MockResponse::json(
        200,
        r#"{"access_token":"aaa.bbb.ccc","token_type":"Bearer","expires_in":3600}"#,
    )]);
    answers.into_iter().for_each(|answer| memory.then(answer));
    memory
}

fn profile_answer() -> MockResponse {
    MockResponse::json(200, json!({"data": VECTORS.1[0]["token"]}).to_string())
}

fn tokens() -> CustomerTokens {
    CustomerTokens::new("j.w.e.1.x", "r.0.1", NOW + 600).expect("tokens")
}

fn header<'a>(sent: &'a RecordedRequest, name: &str) -> Option<&'a str> {
    sent.headers.get(name).map(|value| value.to_str().expect("text"))
}

async fn refused(client: &Client) -> Error {
    client.profile(&tokens()).await.expect_err("refused")
}

#[tokio::test]
async fn the_three_calls_are_on_the_wire_as_documented() {
    let memory = memory([
        profile_answer(),
        MockResponse::json(
            200,
            r#"{"accessToken":"j.w.e.2.x","refreshToken":"r.0.2","expiresAt":1893456000}"#,
        ),
        profile_answer(),
    ]);
    let client = offline(&memory, Options::new().clock(clock().0));
    client.profile(&tokens()).await.expect("a profile");
    let fresh = client.refresh(&tokens()).await.expect("fresh tokens");
    assert_eq!(fresh.access_token().expose(), "j.w.e.2.x");
    assert_eq!(fresh.refresh_token().expose(), "r.0.2");
    client.profile(&fresh).await.expect("a profile");

    let sent = memory.sent();
    let [token, profile, refresh, again] = sent.as_slice() else { panic!("{} requests", sent.len()) };
    assert_eq!(
        (&token.method, token.url.as_str()),
        (&Method::POST, "https://connect.example.com/oauth/token")
    );
    assert_eq!(header(token, "authorization"), Some("Basic Y2xpZW50LTE6czNjcmV0"));
    assert_eq!(header(token, "content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(header(token, "accept"), Some("application/json"));
    assert_eq!(&token.body[..], b"grant_type=client_credentials");

    assert_eq!(
        (&profile.method, profile.url.as_str()),
        (&Method::GET, "https://op-sandbox.paymaya.com/profile")
    );
    assert_eq!(header(profile, "authorization"), Some("Bearer aaa.bbb.ccc"));
    assert_eq!(header(profile, "x-authorization"), Some("j.w.e.1.x"));
    assert_eq!(header(profile, "content-type"), Some("application/json"));
    assert_eq!(header(profile, "accept"), Some("application/json"));
    assert!(profile.body.is_empty() && profile.headers["x-authorization"].is_sensitive());

    assert_eq!(
        (&refresh.method, refresh.url.as_str()),
        (&Method::POST, "https://op-sandbox.paymaya.com/tokens")
    );
    assert_eq!(&refresh.body[..], br#"{"refreshToken":"r.0.1"}"#);
    assert_eq!(header(refresh, "authorization"), Some("Bearer aaa.bbb.ccc"));
    assert_eq!(header(refresh, "x-authorization"), None);
    assert_eq!(header(refresh, "content-type"), Some("application/json"));
    assert_eq!(header(refresh, "accept"), Some("application/json"));

    assert_eq!(header(again, "x-authorization"), Some("j.w.e.2.x"));
    let references: Vec<_> =
        [profile, refresh, again].iter().filter_map(|sent| header(sent, "request-reference-no")).collect();
    assert_eq!(references.len(), 3);
    for (index, reference) in references.iter().enumerate() {
        assert_eq!((reference.len(), &reference[14..15]), (36, "4"));
        assert!(!references[..index].contains(reference), "a new one for each request");
    }
}

#[tokio::test]
async fn a_scope_goes_along_when_one_is_configured() {
    let memory = memory([profile_answer()]);
    let client = Client::builder("client-1", "s3cret")
        .token_url("https://connect.example.com/token")
        .scope("openid profile")
        .keys(VECTORS.0["jwe_private_jwk"].to_string(), VECTORS.0["jws_secret_jwk"].to_string())
        .options(Options::new().transport(memory.clone()))
        .build()
        .expect("a client");
    client.profile(&tokens()).await.expect("a profile");
    assert_eq!(&memory.sent()[0].body[..], b"grant_type=client_credentials&scope=openid+profile");
}

#[tokio::test]
async fn each_attempt_has_a_reference_of_its_own_and_the_error_names_the_last() {
    let down = || MockResponse::json(503, "{}");
    let memory = memory([down(), down(), down()]);
    let client = offline(&memory, Options::new().clock(clock().0));
    let error = refused(&client).await;
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Provider, 3));
    assert!(!error.may_have_taken_effect());
    let sent = memory.sent();
    let references: std::collections::BTreeSet<_> =
        sent.iter().filter_map(|sent| header(sent, "request-reference-no")).collect();
    assert_eq!(references.len(), 3);
    assert_eq!(error.request_id(), header(&sent[3], "request-reference-no"));
}

#[tokio::test]
async fn each_status_is_an_error_of_its_kind_with_the_providers_words() {
    for (status, body, kind, code) in [
        (
            400,
            r#"{"code":"2553","message":"Missing","parameters":[{"field":"x"}]}"#,
            ErrorKind::InvalidRequest,
            Some("2553"),
        ),
        (403, r#"{"error":{"code":"F1","message":"Scope not granted"}}"#, ErrorKind::Permission, Some("F1")),
        (401, r#"{"error":"Lacks scope","code":"K007"}"#, ErrorKind::Permission, Some("K007")),
        (404, r#"[{"code":"-4","message":"Not found"}]"#, ErrorKind::NotFound, Some("-4")),
        (422, "{}", ErrorKind::InvalidRequest, None),
        (500, "<html>oops</html>", ErrorKind::Provider, None),
        (302, "", ErrorKind::Provider, None),
    ] {
        // A 401 is answered with a second try, and a 500 with three.
        let again = || MockResponse::json(status, body);
        let memory = memory([again()]);
        if status == 401 {
            memory.then(MockResponse::json(200, r#"{"access_token":"ddd.eee.fff"}"#));
        }
        (0..2).for_each(|_| memory.then(again()));
        let error = refused(&offline(&memory, Options::new().clock(clock().0))).await;
        assert_eq!((error.kind(), error.code()), (kind, code), "{status}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
        assert_eq!((error.operation(), error.provider()), (Some("profile"), Some(kyckit::maya::PROVIDER)));
    }
}

#[tokio::test]
async fn a_429_is_waited_for_as_asked() {
    let memory = memory([MockResponse::json(429, "{}").header("retry-after", "7"), profile_answer()]);
    let (clock, frozen) = clock();
    offline(&memory, Options::new().clock(clock)).profile(&tokens()).await.expect("a profile");
    assert_eq!(frozen.sleeps(), [Duration::from_secs(7)]);
}

#[tokio::test]
async fn an_answer_without_a_profile_is_an_error_at_its_member() {
    for (body, path) in [
        ("{}", "data"),
        (r#"{"data":null}"#, "data"),
        (r#"{"data":7}"#, "data"),
        (r#"{"data":""}"#, "data"),
        (r#"["x"]"#, "."),
        ("<html>", "."),
    ] {
        let error = refused(&offline(&memory([MockResponse::json(200, body)]), Options::new())).await;
        assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some(path)), "{body}");
        assert!(error.request_id().is_some());
    }
}

#[tokio::test]
async fn an_answer_of_more_than_2_mib_is_not_read() {
    let large = json!({"data": "a".repeat(2 * 1024 * 1024)}).to_string();
    let error = refused(&offline(&memory([MockResponse::json(200, large)]), Options::new())).await;
    assert_eq!((error.kind(), TokenRejection::of(&error)), (ErrorKind::TooLarge, None));
    let token = json!({"data": "a".repeat(1024 * 1024 + 1)}).to_string();
    let error = refused(&offline(&memory([MockResponse::json(200, token)]), Options::new())).await;
    assert_eq!(TokenRejection::of(&error), Some(TokenRejection::TooLarge));
}

#[tokio::test]
async fn a_client_that_cannot_work_is_not_built() {
    let keys = || (VECTORS.0["jwe_private_jwk"].to_string(), VECTORS.0["jws_secret_jwk"].to_string());
    let builder = || {
        Client::builder("client-1", "s3cret")
            .token_url("https://connect.example.com/token")
            .keys(keys().0, keys().1)
    };
    assert!(builder().build().is_ok());
    let short = json!({"kty": "oct", "k": "AAAA"}).to_string();
    for (broken, named) in [
        (Client::builder("client-1", "s3cret").keys(keys().0, keys().1), "token URL is missing"),
        (
            Client::builder("client-1", "s3cret").token_url("https://connect.example.com/token"),
            "keys are missing",
        ),
        (builder().token_url("http://connect.example.com/token"), "token URL"),
        (builder().token_url("connect.example.com"), "token URL"),
        (builder().token_url("https://u:p@connect.example.com/token"), "token URL"),
        (builder().base_url("http://op.example.com"), "https"),
        (builder().keys(keys().1, keys().1), "kty"),
        (builder().keys(keys().0, keys().0), "kty"),
        (builder().keys(keys().0, short), "32"),
        (builder().keys("{}", keys().1), "kty"),
        (builder().keys("not JSON", keys().1), "JWK"),
    ] {
        let error = broken.build().expect_err(named);
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Configuration, Some("build")));
        assert!(error.to_string().contains(named), "{named}: {error}");
    }
    assert!(
        Client::builder("", "s3cret")
            .token_url("https://c.example/t")
            .keys(keys().0, keys().1)
            .build()
            .is_err()
    );
    assert!(
        Client::builder("a", "").token_url("https://c.example/t").keys(keys().0, keys().1).build().is_err()
    );
}

#[tokio::test]
async fn credentials_are_replaced_at_run_time() {
    let token = || MockResponse::json(200, r#"{"access_token":"ddd.eee.fff"}"#);
    let memory = memory([profile_answer(), token(), profile_answer()]);
    let client = offline(&memory, Options::new());
    client.profile(&tokens()).await.expect("a profile");
    assert!(client.replace_credentials("client-2", "").is_err());
    client.replace_credentials("client-2", "n3w").expect("good ones");
    client.profile(&tokens()).await.expect("a profile");
    let sent = memory.sent();
    // base64 of client-2:n3w
    assert_eq!(header(&sent[2], "authorization"), Some("Basic Y2xpZW50LTI6bjN3"));
    assert_eq!(header(&sent[3], "authorization"), Some("Bearer ddd.eee.fff"));
}

#[tokio::test]
async fn a_call_that_the_client_lacks_goes_with_the_same_headers() {
    let memory = memory([MockResponse::json(200, r#"{"ok":1}"#), MockResponse::json(200, "{}")]);
    let client = offline(&memory, Options::new());
    let payment = RawRequest::post(["merchant", "payments"]).json(&json!({"a": 1})).expect("JSON");
    let answer = client.raw(payment.clone(), Some(&tokens())).await.expect("an answer");
    assert_eq!(answer.json::<Value>().expect("JSON"), json!({"ok": 1}));
    client.raw(payment, None).await.expect("an answer");
    let sent = memory.sent();
    assert_eq!(sent[1].url.path(), "/merchant/payments");
    assert_eq!(header(&sent[1], "x-authorization"), Some("j.w.e.1.x"));
    assert!(header(&sent[1], "request-reference-no").is_some());
    assert_eq!(header(&sent[2], "x-authorization"), None);
}

async fn sandbox() -> (Maya, Frozen) {
    let (clock, frozen) = clock();
    (Maya::builder().clock(clock).start().await.expect("a sandbox"), frozen)
}

fn online(sandbox: &Maya, frozen: &Frozen) -> Client {
    let options = Options::new().clock(Clock::new(frozen.clone())).retry(Retry::never());
    sandbox.client_builder().options(options).build().expect("a client")
}

#[tokio::test]
async fn the_whole_flow_from_the_push_to_the_image() {
    let (sandbox, frozen) = sandbox().await;
    let client = online(&sandbox, &frozen);
    let sessions = Sessions::new(kyckit::storage::MemoryOneTime::new()).clock(Clock::new(frozen.clone()));

    let mut headers = http::HeaderMap::new();
    headers.insert("content-type", http::HeaderValue::from_static("application/json"));
    let pushed = sandbox.issue_expired(7);
    let id = sessions.receive(&headers, pushed.to_json().expose_bytes()).await.expect("kept");
    let id = SessionId::from_query(&format!("sessionId={}", id.expose())).expect("an id");
    let session = sessions.redeem(&id).await.expect("redeemed");
    let customer = client.customer(session.tokens, |_| async { Ok(()) });
    let profile = customer.profile().await.expect("a profile");
    assert_eq!((sandbox.server().count("/tokens"), sandbox.server().count("/profile")), (1, 1));

    let person = sandbox.person(7);
    let name = profile.name().expect("a name");
    assert_eq!(name.first_name, Some(person.first_name));
    let born =
        profile.birth_details().and_then(|details| details.birth_date.as_ref()?.date()).expect("a day");
    assert_eq!(&born.expose().to_string(), person.dob.expose());
    assert_eq!(
        profile.missing([ProfileItem::PrimaryEmail, ProfileItem::MiddleName, ProfileItem::BirthDate]),
        [ProfileItem::MiddleName]
    );

    let mut files = Vec::new();
    for document in profile.identity_documents() {
        for link in [&document.front, &document.back].into_iter().flatten() {
            let mut file = Vec::new();
            let downloaded = client.download(link).into(&mut file).await.expect("a file");
            assert_eq!(downloaded.bytes, file.len() as u64);
            files.push((downloaded.media_type.expect("a type"), file[..8].to_vec()));
        }
    }
    let types: Vec<_> = files.iter().map(|(media_type, _)| media_type.as_str()).collect();
    assert_eq!(types, ["image/png", "image/png", "video/mp4"]);
    assert_eq!(files[0].1, b"\x89PNG\r\n\x1a\n");
    let fetched = sandbox.server().recorded();
    let fetched = fetched.iter().filter(|request| request.uri.path().starts_with("/documents/"));
    assert!(fetched.clone().count() == 3);
    for request in fetched {
        assert!(
            !request.headers.contains_key("authorization")
                && !request.headers.contains_key("x-authorization")
        );
    }
    assert_eq!(sandbox.replayed_refreshes(), 0);
}

#[tokio::test]
async fn a_link_ends_after_fifteen_minutes_and_a_new_profile_brings_a_new_one() {
    let (sandbox, frozen) = sandbox().await;
    let client = online(&sandbox, &frozen);
    let link = async |client: &Client| {
        let profile = client.profile(&sandbox.issue(7)).await.expect("a profile");
        profile.identity_documents()[0].front.clone().expect("a link")
    };
    let first = link(&client).await;
    frozen.advance(Duration::from_secs(899));
    client.download(&first).into(&mut Vec::new()).await.expect("a file");
    frozen.advance(Duration::from_secs(1));
    let error = client.download(&first).into(&mut Vec::new()).await.expect_err("over");
    assert_eq!(error.kind(), ErrorKind::Expired);
    assert_eq!(sandbox.server().count("/documents/{id}"), 1, "it was not even asked for");
    // A clock that is behind: the storage says it.
    frozen.set(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
    let slow = link(&client).await;
    frozen.advance(Duration::from_secs(900));
    let (behind, _) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
    let behind = sandbox.client_builder().options(Options::new().clock(behind)).build().expect("a client");
    let error = behind.download(&slow).into(&mut Vec::new()).await.expect_err("over");
    assert_eq!(error.kind(), ErrorKind::Expired);
    assert_eq!(sandbox.server().count("/documents/{id}"), 2);
}

#[tokio::test]
async fn a_download_is_streamed_capped_and_goes_nowhere_else() {
    let (clock, frozen) = clock();
    let sandbox = Maya::builder().clock(clock).file_size(3 << 20).start().await.expect("a sandbox");
    let client = online(&sandbox, &frozen);
    let profile = client.profile(&sandbox.issue(7)).await.expect("a profile");
    let link = profile.identity_documents()[2].front.as_ref().expect("a video");
    let mut file = Vec::new();
    let error = client.download(link).max_bytes(1 << 20).into(&mut file).await.expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(file.is_empty(), "the length was announced");
    assert_eq!(client.download(link).into(&mut file).await.expect("a file").bytes, 3 << 20);

    for (url, check) in [
        ("https://evil.example/x", "fetch.host"),
        ("http://b.s3.amazonaws.com/x", "fetch.scheme"),
        ("https://u:p@b.s3.amazonaws.com/x", "fetch.credentials"),
        ("https://amazonaws.com.evil.example/x", "fetch.host"),
        ("file:///etc/passwd", "fetch.scheme"),
        ("no URL", "fetch.url"),
    ] {
        let mut payload = sandbox.profile(7);
        payload["identityDocument"] = json!([{"frontUrl": url}]);
        sandbox.set_profile(7, payload);
        let profile = client.profile(&sandbox.issue(7)).await.expect("an odd link fails no profile");
        let link = profile.identity_documents()[0].front.as_ref().expect("a link");
        let error = client.download(link).into(&mut Vec::new()).await.expect_err(url);
        assert_eq!(error.check(), Some(check), "{url}");
    }
}

#[tokio::test]
async fn a_spoiled_profile_is_refused_by_its_category_and_the_next_is_good() {
    let (sandbox, frozen) = sandbox().await;
    let client = online(&sandbox, &frozen);
    for (spoil, refusal, kind) in [
        (Spoil::Encryption, TokenRejection::DecryptFailed, ErrorKind::Decryption),
        (Spoil::Signature, TokenRejection::SignatureInvalid, ErrorKind::Signature),
        (Spoil::Unsigned, TokenRejection::AlgorithmNotAllowed, ErrorKind::Signature),
        (Spoil::Bomb, TokenRejection::TooLarge, ErrorKind::TooLarge),
        (Spoil::Expired, TokenRejection::Expired, ErrorKind::Expired),
    ] {
        sandbox.spoil(spoil);
        let error = client.profile(&sandbox.issue(7)).await.expect_err("refused");
        assert_eq!((TokenRejection::of(&error), error.kind()), (Some(refusal), kind));
        assert!(error.request_id().is_some());
    }
    client.profile(&sandbox.issue(7)).await.expect("a profile");
}

#[tokio::test]
async fn both_spellings_and_fewer_scopes_read_the_same_way() {
    for spelling in [Spelling::Sample, Spelling::Table] {
        let (clock, frozen) = clock();
        let sandbox = Maya::builder().clock(clock).spelling(spelling).start().await.expect("a sandbox");
        let profile = online(&sandbox, &frozen).profile(&sandbox.issue(7)).await.expect("a profile");
        assert!(
            profile
                .name()
                .and_then(|name| name.verification_status.as_ref())
                .is_some_and(|status| status.is_passed())
        );
        assert!(profile.missing([ProfileItem::PrimaryEmail, ProfileItem::MobileNumber]).is_empty());
        let mail = profile.contacts()[1].address().expect("an address").into_exposed().to_owned();
        assert_eq!(&mail, sandbox.person(7).email.expose());
    }
    let (clock, frozen) = clock();
    let sandbox = Maya::builder().clock(clock).scopes([Scope::Profile]).start().await.expect("a sandbox");
    let profile = online(&sandbox, &frozen).profile(&sandbox.issue(7)).await.expect("a profile");
    assert!(profile.name().is_some() && profile.contacts().is_empty() && profile.work_details().is_none());
}

#[tokio::test]
async fn the_sandbox_refuses_what_the_provider_refuses() {
    let (sandbox, frozen) = sandbox().await;
    let client = online(&sandbox, &frozen);
    let tokens = sandbox.issue(7);
    // A spent refresh token, and the access token that went with it.
    let fresh = client.refresh(&tokens).await.expect("fresh tokens");
    let error = client.refresh(&tokens).await.expect_err("spent");
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, Some("invalid_token")));
    assert_eq!(sandbox.replayed_refreshes(), 1);
    assert_eq!(client.profile(&tokens).await.expect_err("gone").kind(), ErrorKind::Authentication);
    client.profile(&fresh).await.expect("a profile");
    // Time passes.
    frozen.advance(Duration::from_secs(600));
    let error = client.profile(&fresh).await.expect_err("over");
    assert_eq!((error.kind(), error.code()), (ErrorKind::Authentication, Some("K002")));
    // A client token that the provider forgot is fetched anew without anybody noticing.
    let fetched = sandbox.server().count("/token");
    sandbox.revoke_client_tokens();
    client.profile(&sandbox.issue(7)).await.expect("a profile");
    assert_eq!(sandbox.server().count("/token"), fetched + 1);
    // Wrong credentials.
    client.replace_credentials(CLIENT_ID, "wrong").expect("possible ones");
    let error = client.profile(&sandbox.issue(7)).await.expect_err("refused");
    assert_eq!(
        (error.kind(), error.code(), error.operation()),
        (ErrorKind::Authentication, Some("invalid_client"), Some("token"))
    );
    // A request by hand without what is required.
    let http = reqwest::Client::new();
    let bare = http.get(sandbox.base_url().join("profile").expect("a URL")).send().await.expect("an answer");
    assert_eq!(bare.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_is_not_repeated() {
    let (sandbox, frozen) = sandbox().await;
    let client = online(&sandbox, &frozen);
    for fault in [
        Fault::on("/tokens").after_effect().reset(),
        Fault::on("/tokens").truncate(),
        Fault::on("/tokens").html(504),
        Fault::on("/tokens").invalid_json(),
    ] {
        sandbox.server().clear_log();
        sandbox.inject(fault);
        let customer = client.customer(sandbox.issue_expired(7), |_| async { Ok(()) });
        for _ in 0..2 {
            assert!(customer.profile().await.expect_err("lost").may_have_taken_effect());
        }
        assert_eq!(sandbox.server().count("/tokens"), 1);
    }
    assert_eq!(sandbox.replayed_refreshes(), 0);
}

#[cfg(feature = "tracing")]
#[tokio::test]
async fn nothing_of_a_customer_leaks_in_a_whole_flow() {
    let (sandbox, frozen) = sandbox().await;
    let person = sandbox.person(7);
    let expired = sandbox.issue_expired(7);
    let keys = &VECTORS.0;
    let secrets = [
        person.first_name.expose().as_str(),
        person.last_name.expose(),
        person.dob.expose(),
        person.email.expose(),
        person.phone.expose(),
        person.street.expose(),
        person.document_number.expose(),
        expired.access_token().expose(),
        expired.refresh_token().expose(),
        CLIENT_SECRET,
        keys["jws_secret_jwk"]["k"].as_str().expect("a key"),
        keys["jwe_private_jwk"]["d"].as_str().expect("a key"),
        "X-Amz-Algorithm",
    ];
    // Short names stand in other words.
    let canaries = Canaries::new(secrets.into_iter().filter(|secret| secret.len() >= 6));
    let mut capture = canaries.capture();
    let _subscribed = tracing::subscriber::set_default(capture.subscriber());

    let client = online(&sandbox, &frozen);
    capture.debug("the builder", &sandbox.client_builder());
    capture.debug("the client", &client);
    capture.debug("tokens", &expired);
    let customer = client.customer(expired.clone(), |_| async { Ok(()) });
    let profile = customer.profile().await.expect("a profile");
    capture.debug("the customer", &customer);
    capture.debug("the profile", &profile);
    capture.debug(
        "its parts",
        &(profile.name(), profile.birth_details(), profile.contacts(), profile.addresses()),
    );
    capture.debug("its documents", &profile.identity_documents());
    capture.debug(
        "sealed",
        &client.sealed_profile(&customer.tokens().await.expect("tokens")).await.expect("sealed"),
    );
    capture.debug("a refresh by hand", &client.refresh(&expired).await.expect_err("spent"));
    for spoil in [Spoil::Encryption, Spoil::Signature, Spoil::Unsigned, Spoil::Expired] {
        sandbox.spoil(spoil);
        capture.error("spoiled", &customer.profile().await.expect_err("refused"));
    }
    for fault in
        [Fault::on("/profile").html(500), Fault::on("/profile").invalid_json(), Fault::on("/profile").reset()]
    {
        sandbox.inject(fault);
        capture.error("a fault", &customer.profile().await.expect_err("refused"));
    }
    let mut odd = sandbox.profile(7);
    odd["name"] = json!([person.first_name.expose(), person.last_name.expose()]);
    sandbox.set_profile(7, odd.clone());
    capture.debug("an odd member", &customer.profile().await.expect("a profile").unread());
    odd["kycStatus"] = json!([person.first_name.expose()]);
    sandbox.set_profile(7, odd);
    capture.error("an odd profile", &customer.profile().await.expect_err("refused"));
    sandbox.revoke(7);
    capture.error("revoked", &customer.refresh().await.expect_err("refused"));
    let link = profile.identity_documents()[0].front.as_ref().expect("a link");
    sandbox.inject(Fault::on("/documents/*").html(500));
    capture.error("a download", &client.download(link).into(&mut Vec::new()).await.expect_err("refused"));
    assert!(capture.len() > 60, "{}", capture.len());
    capture.assert_clean();
}
