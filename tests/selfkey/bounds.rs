//! What one caller can take of what all share: log-ins, places in stores, references, bytes, time.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use kyckit::{
    selfkey::{Dialect, WalletKey},
    server::BodyLimits,
    storage::MemoryOneTime,
    transport::Body,
};
use serde_json::json;

use crate::party::{NAME, PASSPORT, Party, read, refused, request, wallet};

async fn log_in(party: &Party, key: &WalletKey) -> http::Response<Bytes> {
    let (challenge, body) = party.signed(key).await;
    let body = Body::Bytes(body.to_string().into());
    party.send(request("POST", "/auth/challenge", Some(&challenge), body)).await
}

fn other() -> WalletKey {
    WalletKey::from_hex("11".repeat(32)).expect("a key")
}

#[tokio::test]
async fn one_key_that_logs_in_without_end_locks_out_itself_alone() {
    for dialect in [Dialect::Current, Dialect::Documented] {
        // A store with few places, as a default store has few for 100 000 log-ins.
        let party = Party::with(dialect, |builder| builder.nonces(MemoryOneTime::new().max_keys(150)));
        for at in 0..200 {
            let response = log_in(&party, &wallet()).await;
            let expected = if at < 100 { 200 } else { 429 };
            assert_eq!(response.status(), expected, "{dialect:?} {at}");
            if expected == 429 {
                assert_eq!(response.headers()["retry-after"], "1800");
                assert_eq!(refused(&read(&response)), (429, "too_many_requests"));
            }
        }
        assert_eq!(log_in(&party, &other()).await.status(), 200, "{dialect:?}");
        // Its window ends with its challenges.
        party.clock.advance(Duration::from_secs(1799));
        assert_eq!(log_in(&party, &wallet()).await.headers()["retry-after"], "1");
        party.clock.advance(Duration::from_secs(1));
        assert_eq!(log_in(&party, &wallet()).await.status(), 200, "{dialect:?}");
    }
}

/// With the default settings. Each log-in is signed and verified, so the deep checks alone make 100,000 of them: they set
/// `KYCKIT_LOG_INS`.
#[tokio::test]
async fn many_log_ins_of_one_key_lock_out_that_key_alone() {
    let log_ins: u32 =
        std::env::var("KYCKIT_LOG_INS").map_or(300, |number| number.parse().expect("a number"));
    let party = Party::new();
    let begun = std::time::Instant::now();
    let mut taken = 0;
    for _ in 0..log_ins {
        let status = log_in(&party, &wallet()).await.status().as_u16();
        assert!(matches!(status, 200 | 429), "{status}");
        taken += u32::from(status == 200);
    }
    let last = std::time::Instant::now();
    assert_eq!(log_in(&party, &other()).await.status(), 200);
    println!("{taken} of {log_ins} taken in {:.1?}; the other key in {:.1?}", last - begun, last.elapsed());
    assert_eq!(taken, 100);
}

#[tokio::test]
async fn a_store_that_is_full_says_when_to_come_again() {
    let party = Party::with(Dialect::Current, |builder| builder.nonces(MemoryOneTime::new().max_keys(1)));
    assert_eq!(log_in(&party, &wallet()).await.status(), 200);
    party.clock.advance(Duration::from_secs(60));
    let response = log_in(&party, &other()).await;
    assert_eq!(response.headers()["retry-after"], "1740");
    assert_eq!(refused(&read(&response)), (429, "too_many_requests"));
    party.clock.advance(Duration::from_secs(1740));
    assert_eq!(log_in(&party, &other()).await.status(), 200);
}

#[tokio::test]
async fn quotas_of_log_ins_are_settings_and_a_replay_costs_its_subject_nothing() {
    let party =
        Party::with(Dialect::Current, |builder| builder.max_logins_per_subject(2).max_logins_per_address(3));
    let (challenge, body) = party.signed(&wallet()).await;
    assert_eq!(party.post("/auth/challenge", &challenge, body.clone()).await.0, 200);
    for _ in 0..10 {
        let answer = party.post("/auth/challenge", &challenge, body.clone()).await;
        assert_eq!(refused(&answer), (401, "token_invalid"));
    }
    assert_eq!(log_in(&party, &wallet()).await.status(), 200);
    assert_eq!(log_in(&party, &wallet()).await.status(), 429);
    assert_eq!(log_in(&party, &other()).await.status(), 200);
    assert_eq!(log_in(&party, &other()).await.status(), 429);
}

#[tokio::test]
async fn a_part_is_referred_to_a_bounded_number_of_times() {
    let attributes = |references: usize| {
        json!([{ "id": "p", "schemaId": PASSPORT, "documents": [1],
            "data": { "image": { "content": "$document-1" }, "more": vec!["$document-1"; references] } }])
        .to_string()
    };
    for dialect in [Dialect::Current, Dialect::Documented] {
        let party = Party::with(dialect, |builder| builder);
        let token = party.log_in().await;
        for (references, status) in [(10, 201), (60_000, 413), (40_000, 422), (256, 422), (255, 201)] {
            let attributes = attributes(references);
            let answer = party
                .parts(
                    "/users",
                    &token,
                    &[
                        ("$document-1", Some("x.png"), Some("image/png"), b"PNG"),
                        ("attributes", None, Some("application/json"), attributes.as_bytes()),
                    ],
                )
                .await;
            let status = if dialect == Dialect::Documented && status == 422 { 400 } else { status };
            assert_eq!(answer.0, status, "{dialect:?} {references}: {}", answer.1);
        }
        assert_eq!(party.store.file_count(), 2, "one for each sign-up that was taken");
    }
}

/// `[{"":0},…]` of so many bytes.
fn empty_names(bytes: usize) -> Bytes {
    let pairs = vec![r#"{"":0}"#; bytes / 7].join(",");
    format!("[{pairs}]").into()
}

/// As a server hands it over: of a length that is not known.
fn streamed(bytes: Bytes) -> Body {
    let pieces: Vec<_> = bytes.chunks(64 * 1024).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    Body::stream(None, stream::iter(pieces))
}

#[tokio::test]
async fn a_login_and_a_reply_take_no_more_than_a_token_needs() {
    let party = Party::new();
    let (challenge, _) = party.signed(&wallet()).await;
    for (path, token) in [("/login", None), ("/auth/challenge", Some(challenge.as_str()))] {
        for bytes in [16 * 1024 + 8, 4 << 20] {
            for body in [Body::Bytes(empty_names(bytes)), streamed(empty_names(bytes))] {
                let response = party.send(request("POST", path, token, body)).await;
                assert_eq!(refused(&read(&response)), (413, "bad_request"), "{path} {bytes}");
            }
        }
    }
    // Within the limit it is no log-in, and nothing of it is kept.
    let response = party.send(request("POST", "/login", None, streamed(empty_names(16_000)))).await;
    assert_eq!(refused(&read(&response)), (400, "bad_request"));
}

#[tokio::test]
async fn json_is_bounded_by_bytes_and_by_values_however_it_arrives() {
    let party = Party::new();
    let token = party.log_in().await;
    let of_length = |length: usize| {
        let head = format!("{{\"attributes\":[{{\"id\":\"r1\",\"schemaId\":\"{NAME}\",\"data\":\"");
        let tail = "\"}]}";
        Bytes::from(format!("{head}{}{tail}", "x".repeat(length - head.len() - tail.len())))
    };
    const LIMIT: usize = 4 << 20;
    for (body, status) in [
        (of_length(LIMIT), 201),
        (of_length(LIMIT + 1), 413),
        (
            Bytes::from(format!(
                "{{\"attributes\":[],\"x\":{}}}",
                String::from_utf8_lossy(&empty_names(600_000))
            )),
            413,
        ),
    ] {
        for body in [Body::Bytes(body.clone()), streamed(body)] {
            let response = party.send(request("POST", "/users", Some(&token), body)).await;
            assert_eq!(response.status(), status);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_in_time_is_answered_with_408() {
    let party = Party::new();
    let token = party.log_in().await;
    let (challenge, _) = party.signed(&wallet()).await;
    let drip = || {
        let pieces = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok(Bytes::from_static(b" ")), ()))
        });
        Body::stream(None, pieces)
    };
    for (path, token, seconds) in
        [("/login", None, 4), ("/auth/challenge", Some(&challenge), 4), ("/users", Some(&token), 12)]
    {
        let mut request = request("POST", path, token.map(String::as_str), drip());
        request.extensions_mut().insert(BodyLimits::new().read_timeout(Duration::from_secs(4)));
        let start = tokio::time::Instant::now();
        let response = party.send(request).await;
        assert_eq!(refused(&read(&response)), (408, "bad_request"), "{path}");
        assert_eq!(response.headers()["connection"], "close");
        assert_eq!(start.elapsed(), Duration::from_secs(seconds), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_stops_coming_is_given_up() {
    let party = Party::new();
    let token = party.log_in().await;
    let head = b"--XyZ\r\nContent-Disposition: form-data; name=\"document\"; filename=\"x\"\r\n\r\n";
    let stalled = stream::iter([Ok(Bytes::from_static(head))]).chain(stream::pending());
    let drip = stream::iter([Ok(Bytes::from_static(head))]).chain(stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Ok(Bytes::from_static(b"x")), ()))
    }));
    for (chunks, seconds) in [(stalled.boxed(), 4), (drip.boxed(), 240)] {
        let mut request = crate::party::multipart("/files", &token, &[]);
        *request.body_mut() = Body::stream(None, chunks);
        request.extensions_mut().insert(BodyLimits::new().read_timeout(Duration::from_secs(4)));
        let start = tokio::time::Instant::now();
        let response = party.send(request).await;
        assert_eq!(refused(&read(&response)), (422, "bad_request"));
        assert_eq!(start.elapsed(), Duration::from_secs(seconds));
    }
    party.assert_empty();
}

#[tokio::test]
async fn unknown_callers_share_a_budget_of_bytes_that_holders_do_not_need() {
    let party = Party::new();
    let token = party.log_in().await;
    let limits = BodyLimits::new().max_unauthenticated_bytes(20_000);
    let send = |path: &'static str, token: Option<&str>, body: Body| {
        let mut request = request("POST", path, token, body);
        request.extensions_mut().insert(limits.clone());
        party.send(request)
    };
    let first = stream::iter([Ok::<_, Infallible>(Bytes::from(vec![b' '; 15_000]))]);
    let held = first.map(|piece| piece.map_err(|never| match never {})).chain(stream::pending());
    let held = send("/login", None, Body::stream(None, held));
    tokio::pin!(held);
    assert!(held.as_mut().now_or_never().is_none(), "the body has no end");
    let refused_one = send("/login", None, streamed(vec![b' '; 6_000].into())).await;
    assert_eq!(refused_one.status(), 503);
    assert_eq!(refused_one.headers()["retry-after"], "2");
    let body = json!({ "attributes": [{ "id": "r1", "schemaId": NAME, "data": "x".repeat(50_000) }] });
    assert_eq!(send("/users", Some(&token), streamed(body.to_string().into())).await.status(), 201);
}

#[tokio::test]
async fn a_requirement_is_taken_when_its_schema_can_be_filled_in_alone() {
    let party = Party::new();
    let token = party.log_in().await;
    let name = json!({ "id": NAME, "schemaId": NAME, "data": "Ada" });
    let created = party
        .post(
            "/applications",
            &token,
            json!({ "templateId": 1, "attributes": [{ "schemaId": NAME, "data": "Ada" }] }),
        )
        .await;
    assert_eq!(created.0, 200, "{} {name}", created.1);
    let path = format!("/applications/{}/attributes", created.1["id"].as_str().expect("an id"));
    for unknown in ["http://platform.selfkey.org/schema/attribute/unheard-of.json", "x"] {
        let answer = party.post(&path, &token, json!({ "schemaId": unknown })).await;
        assert_eq!(refused(&answer), (422, "bad_request"), "{unknown}");
    }
    for known in [NAME.to_owned(), NAME.replace("http:", "https:")] {
        assert_eq!(party.post(&path, &token, json!({ "schemaId": known })).await.0, 200, "{known}");
    }
}

#[tokio::test]
async fn a_holder_fills_its_own_share_of_the_store_in_memory_and_no_more() {
    let party = Party::new();
    let small = party.store.clone().max_per_holder(2, 10);
    let party = Party::with(Dialect::Current, |builder| builder.store(small.clone()));
    let token = party.log_in().await;
    let response = log_in(&party, &other()).await;
    let neighbour = read(&response).1["jwt"].as_str().expect("a token").to_owned();
    let upload = |token: String, content: &'static [u8]| {
        let party = &party;
        async move { party.parts("/files", &token, &[("document", Some("x"), None, content)]).await }
    };
    assert_eq!(refused(&upload(token.clone(), b"eleven bytes").await), (429, "too_many_requests"));
    assert_eq!(upload(token.clone(), b"six...").await.0, 200, "what was refused was given back");
    assert_eq!(refused(&upload(token.clone(), b"five.").await), (429, "too_many_requests"));
    assert_eq!(upload(token.clone(), b"four").await.0, 200);
    assert_eq!(refused(&upload(token.clone(), b"").await), (429, "too_many_requests"));
    assert_eq!(upload(neighbour.clone(), b"six...").await.0, 200);
    assert_eq!(small.file_count(), 3);

    let application = json!({ "templateId": 1, "attributes": [{ "schemaId": NAME, "data": "Ada" }] });
    for (token, status) in [(&token, 200), (&token, 200), (&token, 429), (&neighbour, 200)] {
        assert_eq!(party.post("/applications", token, application.clone()).await.0, status);
    }

    // Of user tokens the oldest of one's own makes room.
    for token in [&token, &neighbour] {
        let user = json!({ "attributes": [{ "id": "r1", "schemaId": NAME, "data": "Ada" }] });
        assert_eq!(party.post("/users", token, user).await.0, 201);
    }
    let of_neighbour = party.get("/users/token", &neighbour).await.1;
    let mut tokens = Vec::new();
    for _ in 0..17 {
        tokens.push(party.get("/users/token", &token).await.1);
        party.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(party.call("POST", "/login", None, tokens[0].clone()).await.0, 401);
    for good in [&tokens[1], &tokens[16], &of_neighbour] {
        assert_eq!(party.call("POST", "/login", None, good.clone()).await.0, 200);
    }
}

#[tokio::test]
async fn a_token_for_the_pages_of_the_checking_service_is_no_access_token() {
    let party = Party::new();
    assert_eq!(party.get("/auth/token", &party.log_in().await).await.0, 404);
    let tokens = kyckit::selfkey::relying_party::TokenIssuer::hmac(crate::party::SECRET).expect("a secret");
    let store = party.store.clone().issuer(
        tokens.clock(
            kyckit::clock::Clock::frozen(
                std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(crate::party::NOW),
            )
            .0,
        ),
    );
    let party = Party::with(Dialect::Current, |builder| builder.store(store));
    let (status, answer) = party.get("/auth/token", &party.log_in().await).await;
    assert_eq!(status, 200);
    let token = answer["jwt"].as_str().expect("a token");
    assert_eq!(crate::party::payload(token)["sub"], crate::party::DID);
    assert_eq!(refused(&party.get("/applications", token).await), (401, "token_invalid"));
}
