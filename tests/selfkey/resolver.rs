//! Who answers for a DID: by the DID itself, by a controller, over HTTP with a cache in front.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use kyckit::{
    Error, ErrorKind,
    clock::Clock,
    selfkey::{
        Did,
        did::{Cached, Chain, Controllers, DidDocument, HttpResolver, ResolveDid, Resolver},
        relying_party::SignatureVerifier,
    },
    transport::{MockResponse, MockTransport, Options, Retry},
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::party::{DID, wallet};

const ID: &str = "0x45aefb75566aa4af4a20c3b36c9e329e36124b25a5b733279c2c09b28e1ddef0";
const ADDRESS: &str = "0x5f2e5edc747a92821d16ab36a77ac729f5e66347";

fn did(text: impl Into<String>) -> Did {
    Did::parse(text).expect("a DID")
}

fn ledger_did() -> Did {
    did(format!("did:selfkey:{ID}"))
}

/// Counts look-ups, and lets none through before the gate opens.
struct Slow {
    asked: AtomicUsize,
    gate: Semaphore,
}

impl ResolveDid for Slow {
    async fn resolve(&self, did: &Did) -> Result<Option<Arc<DidDocument>>, Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.expect("open").forget();
        match did.id() {
            "0x404" => Ok(None),
            "0x500" => Err(Error::new(ErrorKind::Provider, "down")),
            _ => Ok(Some(Arc::new(DidDocument::of_address(did, ADDRESS)))),
        }
    }
}

fn slow(permits: usize) -> Arc<Slow> {
    Arc::new(Slow { asked: AtomicUsize::new(0), gate: Semaphore::new(permits) })
}

fn asked(slow: &Slow) -> usize {
    slow.asked.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_ask_at_once_wait_for_one_look_up() {
    let slow_one = slow(0);
    let cached = Cached::new(Arc::clone(&slow_one));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let cached = cached.clone();
            tokio::spawn(async move { cached.resolve(&did("did:a:0x1")).await })
        })
        .collect();
    while asked(&slow_one) == 0 {
        tokio::task::yield_now().await;
    }
    slow_one.gate.add_permits(100);
    for task in tasks {
        assert!(task.await.expect("joined").expect("resolved").is_some());
    }
    assert!(cached.resolve(&did("did:a:0x1")).await.expect("resolved").is_some());
    assert_eq!(asked(&slow_one), 1);
}

#[tokio::test]
async fn a_look_up_that_all_have_left_is_begun_anew() {
    let slow_one = slow(0);
    let cached = Cached::new(Arc::clone(&slow_one));
    let gone = did("did:a:0x1");
    for expected in 1..=3 {
        let given_up = tokio::time::timeout(Duration::from_millis(5), cached.resolve(&gone)).await;
        assert!(given_up.is_err());
        assert_eq!(asked(&slow_one), expected);
    }
    slow_one.gate.add_permits(1);
    assert!(cached.resolve(&gone).await.expect("resolved").is_some());
}

#[tokio::test]
async fn answers_are_kept_for_their_time_and_failures_are_not() {
    let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH);
    let slow_one = slow(1000);
    let cached = Cached::new(Arc::clone(&slow_one))
        .clock(clock)
        .document_ttl(Duration::from_secs(100))
        .absence_ttl(Duration::from_secs(10));
    let (here, nowhere, down) = (did("did:a:0x1"), did("did:a:0x404"), did("did:a:0x500"));
    for (advance, who, expected) in [
        (0, &here, 1),
        (99, &here, 1),
        (1, &here, 2),
        (0, &nowhere, 3),
        (9, &nowhere, 3),
        (1, &nowhere, 4),
        (0, &down, 5),
        (0, &down, 6),
    ] {
        frozen.advance(Duration::from_secs(advance));
        let answer = cached.resolve(who).await;
        assert_eq!(answer.is_err(), who.id() == "0x500");
        assert_eq!(asked(&slow_one), expected, "{}", who.id());
    }
    let error = cached.resolve(&down).await.expect_err("down");
    assert_eq!(error.kind(), ErrorKind::Provider);
}

#[tokio::test]
async fn the_oldest_answers_make_room() {
    let slow_one = slow(1000);
    let cached = Cached::new(Arc::clone(&slow_one)).max_documents(3);
    for id in 0..10 {
        cached.resolve(&did(format!("did:a:0x{id}"))).await.expect("resolved");
    }
    assert_eq!(asked(&slow_one), 10);
    for id in 7..10 {
        cached.resolve(&did(format!("did:a:0x{id}"))).await.expect("resolved");
    }
    assert_eq!(asked(&slow_one), 10);
    cached.resolve(&did("did:a:0x6")).await.expect("resolved");
    assert_eq!(asked(&slow_one), 11);
}

#[tokio::test]
async fn a_function_finds_controllers() {
    let resolver = Resolver::new().controllers(|chain: Chain, id: String| async move {
        assert_eq!(id, ID);
        Ok((chain == Chain::Mainnet).then(|| ADDRESS.to_owned()))
    });
    let document = resolver.resolve(&ledger_did()).await.expect("resolved").expect("a document");
    assert_eq!(document.key(&ledger_did().key_id()).expect("a key").ethereum_address(), Some(ADDRESS));
    let test = did(format!("did:selfkey:{ID};selfkey:chain=ropsten"));
    assert!(resolver.resolve(&test).await.expect("resolved").is_none());
}

#[tokio::test]
async fn who_controls_nothing_is_nobody_and_nonsense_is_an_error() {
    let zero = Controllers::new().with(Chain::Mainnet, ID, format!("0x{}", "0".repeat(40)));
    assert!(Resolver::new().controllers(zero).resolve(&ledger_did()).await.expect("resolved").is_none());
    let nonsense = Controllers::new().with(Chain::Mainnet, ID, "0x12");
    let error = Resolver::new().controllers(nonsense).resolve(&ledger_did()).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Decode);
    let error = Resolver::new().resolve(&ledger_did()).await.expect_err("not set up");
    assert_eq!((error.kind(), error.check()), (ErrorKind::InvalidRequest, Some("did.method")));
}

fn http(answers: impl IntoIterator<Item = MockResponse>) -> (HttpResolver, MockTransport) {
    let memory = MockTransport::new(answers);
    let options = Options::new().transport(memory.clone()).retry(Retry::never());
    (HttpResolver::new("https://resolver.example/1.0/identifiers", options).expect("a resolver"), memory)
}

fn document(did: &Did) -> Value {
    DidDocument::of_address(did, ADDRESS).to_value()
}

#[tokio::test]
async fn a_document_is_asked_for_over_http_once() {
    let did = did(format!("did:selfkey:{ID};selfkey:chain=ropsten"));
    let wrapped = json!({ "didDocument": document(&did), "didResolutionMetadata": {} }).to_string();
    let (resolver, memory) = http([MockResponse::json(200, wrapped)]);
    for _ in 0..3 {
        let found = resolver.resolve(&did).await.expect("resolved").expect("a document");
        assert!(found.authenticates(&did.key_id()));
    }
    let sent = memory.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].method, "GET");
    assert_eq!(
        sent[0].url.as_str(),
        format!("https://resolver.example/1.0/identifiers/did:selfkey:{ID};selfkey:chain=ropsten")
    );
    assert_eq!(sent[0].headers["accept"], "application/did+ld+json, application/json");
}

#[tokio::test]
async fn an_identity_that_is_its_own_answer_is_not_asked_for() {
    let (resolver, memory) = http([]);
    assert!(resolver.resolve(&did(DID)).await.expect("resolved").is_some());
    assert!(resolver.resolve(&did("did:example:1")).await.is_err());
    assert!(memory.sent().is_empty());
}

#[tokio::test]
async fn there_is_no_document_for_404_and_an_error_for_everything_else() {
    let other = did(format!("did:selfkey:0x{}", "1".repeat(64)));
    for (status, body, expected) in [
        (404, "{}".to_owned(), Ok(())),
        (410, "gone".to_owned(), Ok(())),
        (200, r#"{"didDocument":null}"#.to_owned(), Ok(())),
        (500, "{}".to_owned(), Err(ErrorKind::Provider)),
        (200, "<html>".to_owned(), Err(ErrorKind::Decode)),
        (200, "{}".to_owned(), Err(ErrorKind::Decode)),
        (200, document(&other).to_string(), Err(ErrorKind::Provider)),
        (302, String::new(), Err(ErrorKind::Provider)),
        (200, format!("{{\"id\":\"{}\"}}", "x".repeat(100_000)), Err(ErrorKind::TooLarge)),
    ] {
        let (resolver, _) = http([MockResponse::json(status, body.clone())]);
        match (resolver.resolve(&ledger_did()).await, expected) {
            (Ok(None), Ok(())) => {}
            (Err(error), Err(kind)) => assert_eq!(error.kind(), kind, "{status} {error}"),
            (found, _) => {
                panic!("{status} {}: {:?}", &body[..body.len().min(80)], found.map(|one| one.is_some()))
            }
        }
    }
    assert!(HttpResolver::new("http://resolver.example/", Options::new()).is_err());
}

#[tokio::test]
async fn a_document_with_missing_or_foreign_keys_lets_nobody_in() {
    let who = ledger_did();
    let key_id = who.key_id();
    let other = format!("did:selfkey:0x{}", "1".repeat(64));
    let (key, whole) = (wallet(), document(&who));
    let nonce = "XTghfuWWRNDCwO74JpjttScPy0vlUnTM5wgMrhomyjzb2A6eHUcY3dQoUAcx8ej49QxKWYmJrog70nJYN9+E4Q==";
    let value = key.sign_message(nonce).expect("signed").to_hex();

    let change = |change: fn(&mut Value)| {
        let mut document = whole.clone();
        change(&mut document);
        document
    };
    let foreign_id = {
        let mut document = whole.clone();
        document["publicKey"][0]["id"] = format!("{other}#keys-1").into();
        document["authentication"] = json!([format!("{other}#keys-1")]);
        document
    };
    let foreign_controller = {
        let mut document = whole.clone();
        document["publicKey"][0]["controller"] = other.clone().into();
        document
    };
    for (what, document, named) in [
        ("good", whole.clone(), key_id.clone()),
        ("no keys", change(|document| document["publicKey"] = json!([])), key_id.clone()),
        ("no authentication", change(|document| document["authentication"] = json!([])), key_id.clone()),
        (
            "no member",
            change(|document| drop(document.as_object_mut().map(|all| all.remove("authentication")))),
            key_id.clone(),
        ),
        (
            "another type",
            change(|document| document["publicKey"][0]["type"] = "RsaVerificationKey2018".into()),
            key_id.clone(),
        ),
        (
            "no address",
            change(|document| document["publicKey"][0]["ethereumAddress"] = Value::Null),
            key_id.clone(),
        ),
        (
            "another address",
            change(|document| {
                document["publicKey"][0]["ethereumAddress"] =
                    "0x29c44ba20d4ff9c6195b6aceb4707ef20136e4ae".into()
            }),
            key_id.clone(),
        ),
        (
            "an embedded key",
            change(|document| document["authentication"] = json!([document["publicKey"][0]])),
            key_id.clone(),
        ),
        ("a foreign key", foreign_id, format!("{other}#keys-1")),
        ("a foreign controller", foreign_controller, key_id.clone()),
    ] {
        let (resolver, _) = http([MockResponse::json(200, document.to_string())]);
        let signature = json!({ "value": value, "keyId": named });
        let verified = SignatureVerifier::new(resolver).verify(nonce, &signature, who.as_str()).await;
        match verified {
            Ok(signer) => assert_eq!((what, signer.address().as_str()), ("good", ADDRESS)),
            Err(error) => {
                assert_ne!(what, "good", "{error}");
                assert_eq!(error.kind(), ErrorKind::Signature, "{what}");
                let expected =
                    if what == "another address" { "signature.mismatch" } else { "signature.key_usage" };
                assert_eq!(error.check(), Some(expected), "{what}");
            }
        }
    }
}

#[test]
fn a_document_is_read_as_later_editions_write_it_and_bounded() {
    let who = did(DID);
    let mut document = document(&who);
    let keys = document["publicKey"].take();
    document["verificationMethod"] = keys;
    let read = DidDocument::from_json(document.to_string().as_bytes()).expect("a document");
    assert_eq!(read.key(&who.key_id()).expect("a key").kind(), "Secp256k1VerificationKey2018");
    let keys: Vec<_> = (0..65).map(|at| json!({ "id": at.to_string(), "type": "x" })).collect();
    let many = json!({ "id": DID, "publicKey": keys }).to_string();
    assert_eq!(DidDocument::from_json(many.as_bytes()).expect_err("refused").kind(), ErrorKind::Decode);
    assert!(!format!("{read:?}").contains("5f2e5edc"));
}
