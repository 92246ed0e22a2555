//! How often a callback is checked and parsed.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::SystemTime,
};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::Full;
use serde::Deserialize;

use super::{Inbox, WorkOutcome, server::webhook};
use crate::{
    crypto,
    error::{Error, ErrorKind},
    provider::ProviderId,
    storage::MemoryInbox,
    transport::decode,
    verified::{Event, Proof, State, Verified, Verifier},
};

const BODY: &[u8] = br#"{"reference":"r-1"}"#;

#[derive(Deserialize)]
struct Message {
    reference: String,
}

impl Event for Message {
    fn subject(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.reference)
    }

    fn state(&self) -> State {
        State::terminal("accepted")
    }
}

/// Counts its signature checks and its parses.
#[derive(Default)]
struct Counting {
    checks: AtomicUsize,
    parses: AtomicUsize,
}

impl Counting {
    /// The counts since the last call.
    fn take(&self) -> (usize, usize) {
        (self.checks.swap(0, SeqCst), self.parses.swap(0, SeqCst))
    }
}

impl Verifier for Counting {
    type Event = Message;

    fn provider(&self) -> ProviderId {
        ProviderId::new("counting")
    }

    fn signed_headers(&self) -> &'static [&'static str] {
        &["signature"]
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Verified<Message>, Error> {
        self.checks.fetch_add(1, SeqCst);
        let given = headers.get("signature").map(http::HeaderValue::as_bytes);
        if given != Some(signature().as_bytes()) {
            return Err(Error::new(ErrorKind::Signature, "the signature does not fit"));
        }
        self.parses.fetch_add(1, SeqCst);
        let message = decode::json(body)?;
        Ok(Verified::new(message, Proof::new(0, "digest", crypto::sha256(&[body]))))
    }

    fn verify_at(&self, headers: &HeaderMap, body: &[u8], _: SystemTime) -> Result<Verified<Message>, Error> {
        self.verify(headers, body)
    }
}

fn signature() -> String {
    hex::encode(crypto::sha256(&[b"secret", BODY]))
}

fn posted(signature: &str) -> Request<Full<Bytes>> {
    Request::post("/webhook")
        .header("signature", signature)
        .header("user-agent", "a provider")
        .body(Full::new(Bytes::from_static(BODY)))
        .expect("a request")
}

#[tokio::test]
async fn a_callback_is_checked_and_parsed_twice_once_when_received_and_once_when_worked() {
    let verifier = Arc::new(Counting::default());
    let inbox = Arc::new(Inbox::new(MemoryInbox::new()));
    let service = webhook(Arc::clone(&inbox), Arc::clone(&verifier));
    assert_eq!(service.respond(posted(&signature())).await.status(), StatusCode::OK);
    assert_eq!(verifier.take(), (1, 1), "checks and parses when it is received");
    let outcome = inbox.work(&*verifier, async |_| Ok::<_, Error>(State::terminal("accepted"))).await;
    assert!(matches!(outcome, Ok(Some(WorkOutcome::Applied))));
    assert_eq!(verifier.take(), (1, 1), "checks and parses when it is worked");
    // A repeat that is not kept is not worked either.
    assert_eq!(service.respond(posted(&signature())).await.status(), StatusCode::OK);
    assert_eq!(verifier.take(), (1, 1));
}

#[tokio::test]
async fn a_forged_callback_is_checked_once_more_only_until_a_first_genuine_one_came() {
    let verifier = Arc::new(Counting::default());
    let service = webhook(Arc::new(Inbox::new(MemoryInbox::new())), Arc::clone(&verifier));
    let forged = || async { service.respond(posted("forged")).await.status() };
    assert_eq!((forged().await, verifier.take()), (StatusCode::UNAUTHORIZED, (2, 0)));
    service.respond(posted(&signature())).await;
    verifier.take();
    assert_eq!((forged().await, verifier.take()), (StatusCode::UNAUTHORIZED, (1, 0)));
}
