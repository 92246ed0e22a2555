//! The push, the redemption, and what the store gets to see.

use std::sync::Arc;

use super::*;
use crate::{clock::Frozen, storage::MemoryOneTime};

const NOW: u64 = 1_800_000_000;
const PUSH: &str = r#"{"accessToken":"j.w.e.1.canary","refreshToken":"r.0.canary","expiresAt":1893452400}"#;

fn headers(content_type: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(REQUEST_REFERENCE, HeaderValue::from_static("0b9f3a52-5f0e-4c57-9a55-6c3f2f6f8f11"));
    headers
}

fn json_headers() -> HeaderMap {
    headers("application/json")
}

fn sessions() -> (Sessions<Arc<MemoryOneTime>>, Frozen, Arc<MemoryOneTime>) {
    let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
    let store = Arc::new(MemoryOneTime::new());
    (Sessions::new(store.clone()).clock(clock), frozen, store)
}

fn kind<T>(outcome: Result<T, Error>) -> ErrorKind {
    outcome.err().expect("refused").kind()
}

#[tokio::test]
async fn a_session_is_redeemed_once_with_everything_that_came() {
    let (sessions, frozen, _) = sessions();
    let id = sessions.receive(&json_headers(), PUSH.as_bytes()).await.expect("kept");
    let text = id.expose();
    assert_eq!((text.len(), &text[14..15]), (36, "4"), "a UUID of version 4");
    assert!("89ab".contains(&text[19..20]));
    frozen.advance(Duration::from_secs(10));
    let session = sessions.redeem(&id).await.expect("redeemed");
    assert_eq!(session.tokens.access_token().expose(), "j.w.e.1.canary");
    assert_eq!(session.tokens.refresh_token().expose(), "r.0.canary");
    assert_eq!(session.tokens.expires_at(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_452_400));
    assert_eq!(session.request_reference.as_deref(), Some("0b9f3a52-5f0e-4c57-9a55-6c3f2f6f8f11"));
    assert_eq!(session.received, SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
    assert_eq!(kind(sessions.redeem(&id).await), ErrorKind::AlreadyUsed);
    let other = sessions.receive(&json_headers(), PUSH.as_bytes()).await.expect("kept");
    assert_ne!(other.expose(), id.expose());
}

#[tokio::test]
async fn an_id_serves_for_five_minutes_and_an_unknown_one_never() {
    let (sessions, frozen, _) = sessions();
    let early = sessions.receive(&json_headers(), PUSH.as_bytes()).await.expect("kept");
    let late = sessions.receive(&json_headers(), PUSH.as_bytes()).await.expect("kept");
    frozen.advance(Duration::from_secs(299));
    assert!(sessions.redeem(&early).await.is_ok());
    frozen.advance(Duration::from_secs(1));
    assert_eq!(kind(sessions.redeem(&late).await), ErrorKind::Expired);
    let unknown = SessionId::new("6f0a4c1e-3b53-4a1c-9f0e-0d6c3a7b9d10").expect("an id");
    assert_eq!(kind(sessions.redeem(&unknown).await), ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_visitors_at_once_one_gets_the_session() {
    let (sessions, _, _) = sessions();
    let sessions = Arc::new(sessions);
    let id = sessions.receive(&json_headers(), PUSH.as_bytes()).await.expect("kept");
    let visitors: Vec<_> = (0..50)
        .map(|_| {
            let (sessions, id) = (sessions.clone(), id.clone());
            tokio::spawn(async move { sessions.redeem(&id).await.map(drop) })
        })
        .collect();
    let (mut won, mut used) = (0, 0);
    for visitor in visitors {
        match visitor.await.expect("joined") {
            Ok(()) => won += 1,
            Err(error) if error.kind() == ErrorKind::AlreadyUsed => used += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((won, used), (1, 49));
}

#[tokio::test]
async fn the_store_sees_neither_the_id_nor_a_token() {
    /// Shows everything that it is given.
    #[derive(Default)]
    struct Glass(std::sync::Mutex<Vec<(String, Vec<u8>)>>);
    impl OneTimeStore for Glass {
        async fn put(
            &self,
            _: SystemTime,
            key: &str,
            value: crate::storage::OneTimeValue,
            _: SystemTime,
        ) -> Result<(), Error> {
            self.0.lock().expect("lock").push((key.to_owned(), value.expose().to_vec()));
            Ok(())
        }

        async fn redeem(
            &self,
            _: SystemTime,
            _: &str,
        ) -> Result<Option<crate::storage::OneTimeValue>, Error> {
            // Another session's value, or a damaged one.
            let value = self.0.lock().expect("lock")[0].1.clone();
            Ok(Some(crate::storage::OneTimeValue::new(value.into())))
        }
    }

    let sessions = Sessions::new(Glass::default());
    let id = sessions.receive(&json_headers(), PUSH.as_bytes()).await.expect("kept");
    let (key, value) = sessions.store.0.lock().expect("lock")[0].clone();
    assert!(!key.contains(id.expose()));
    assert!(key.len() <= 255 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    let shown = String::from_utf8_lossy(&value).into_owned();
    assert!(!shown.contains("canary") && !shown.contains("expiresAt") && !shown.contains(id.expose()));
    assert!(sessions.redeem(&id).await.is_ok());
    let other = SessionId::new("another").expect("an id");
    assert_eq!(kind(sessions.redeem(&other).await), ErrorKind::Store);
    assert!(!format!("{id:?} {sessions:?}").contains(id.expose()));
}

#[tokio::test]
async fn a_push_is_refused_with_its_reason_and_answered_without_it() {
    let (sessions, _, _) = sessions();
    let long = format!(r#"{{"accessToken":"{}","refreshToken":"b","expiresAt":7}}"#, "a".repeat(BODY_LIMIT));
    for (headers, body, kind, path, status) in [
        (json_headers(), "{}", ErrorKind::Decode, Some("accessToken"), 400),
        (
            json_headers(),
            r#"{"accessToken":"a","refreshToken":"b","expiresAt":"7"}"#,
            ErrorKind::Decode,
            Some("expiresAt"),
            400,
        ),
        (json_headers(), "[]", ErrorKind::Decode, Some("."), 400),
        (json_headers(), "<html>", ErrorKind::Decode, Some("."), 400),
        (json_headers(), &long, ErrorKind::TooLarge, None, 413),
        (headers("text/plain"), PUSH, ErrorKind::InvalidRequest, None, 415),
        (headers("application/x-www-form-urlencoded"), PUSH, ErrorKind::InvalidRequest, None, 415),
        (HeaderMap::new(), PUSH, ErrorKind::InvalidRequest, None, 415),
    ] {
        let received = sessions.receive(&headers, body.as_bytes()).await;
        let response = answer(&received);
        let error = received.expect_err("refused");
        assert_eq!((error.kind(), error.path()), (kind, path));
        assert_eq!(error.operation(), Some("receive_session"));
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert!(!response.body().contains("accessToken") && !response.body().contains("expiresAt"));
    }
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/json;charset=UTF-8"] {
        let received = sessions.receive(&headers(kind), PUSH.as_bytes()).await;
        let response = answer(&received);
        assert_eq!(response.status(), 200);
        let id = received.expect("kept");
        assert_eq!(response.body(), &format!(r#"{{"sessionId":"{}"}}"#, id.expose()));
    }
}

#[tokio::test]
async fn a_full_store_is_answered_with_try_again() {
    let sessions = Sessions::new(MemoryOneTime::new().max_keys(1));
    sessions.receive(&json_headers(), PUSH.as_bytes()).await.expect("kept");
    let received = sessions.receive(&json_headers(), PUSH.as_bytes()).await;
    assert_eq!(answer(&received).status(), 429);
    assert_eq!(kind(received), ErrorKind::Store);
}

#[tokio::test]
async fn a_push_without_a_reference_and_one_that_is_over_are_taken() {
    let (sessions, _, _) = sessions();
    let mut headers = json_headers();
    headers.remove(REQUEST_REFERENCE);
    let over = r#"{"accessToken":"a","refreshToken":"b","expiresAt":1000}"#;
    let id = sessions.receive(&headers, over.as_bytes()).await.expect("kept");
    let session = sessions.redeem(&id).await.expect("redeemed");
    assert!(session.tokens.is_expired(session.received));
    assert_eq!(session.request_reference, None);
}

#[tokio::test]
async fn an_id_of_the_applications_own_is_kept_once() {
    let (sessions, _, _) = sessions();
    let session = Session::read(&json_headers(), PUSH.as_bytes(), SystemTime::UNIX_EPOCH).expect("a push");
    let id = SessionId::new("my_own-ID").expect("an id");
    sessions.keep(&session, &id).await.expect("kept");
    assert_eq!(kind(sessions.keep(&session, &id).await), ErrorKind::Conflict);
    assert!(sessions.redeem(&id).await.is_ok());
    for bad in ["", "a b", "a.b", "ä", "a/b", &"a".repeat(256)] {
        assert_eq!(kind(SessionId::new(bad)), ErrorKind::InvalidRequest, "{bad}");
    }
    assert!(SessionId::new("a".repeat(255)).is_ok());
}

#[test]
fn the_id_is_found_in_a_query_by_its_name() {
    let found = |query: &str| SessionId::from_query(query).map(|id| id.expose().to_owned());
    assert_eq!(found("sessionId=a-1").as_deref(), Some("a-1"));
    assert_eq!(found("lang=en&sessionId=a%2D1&x=y").as_deref(), Some("a-1"));
    assert_eq!(found("lang=en&&sessionId=a-1").as_deref(), Some("a-1"));
    for none in
        ["", "sessionId", "sessionId=", "xsessionId=a", "sessionid=a", "sessionId=a%20b", "x=sessionId=a"]
    {
        assert_eq!(found(none), None, "{none}");
    }
    assert!(SessionId::from_query_named("sid=a", "sid").is_some());
}

#[tokio::test]
async fn a_full_store_is_answered_with_the_wait() {
    let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
    let sessions = Sessions::new(MemoryOneTime::new().max_keys(1)).clock(clock);
    assert_eq!(answer(&sessions.receive(&json_headers(), PUSH.as_bytes()).await).status(), 200);
    frozen.advance(Duration::from_secs(100));
    let full = answer(&sessions.receive(&json_headers(), PUSH.as_bytes()).await);
    assert_eq!((full.status().as_u16(), &full.headers()["retry-after"]), (429, &HeaderValue::from(200)));
    assert_eq!(full.body(), r#"{"error":"too_many_requests"}"#);
    frozen.advance(Duration::from_secs(200));
    assert_eq!(answer(&sessions.receive(&json_headers(), PUSH.as_bytes()).await).status(), 200);
}
