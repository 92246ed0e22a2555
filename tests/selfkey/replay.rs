//! A challenge is answered once, in time, and by whom it was made for.

use std::{sync::Arc, time::Duration};

use kyckit::{
    Error,
    selfkey::Dialect,
    storage::{MemoryOneTime, OneTimeStore},
};
use serde_json::json;
use tokio::sync::Barrier;

use crate::party::{Party, refused, sign, wallet};

#[tokio::test]
async fn a_challenge_is_answered_once() {
    for dialect in [Dialect::Current, Dialect::Documented] {
        let party = Party::with(dialect, |builder| builder);
        let (challenge, body) = party.signed(&wallet()).await;
        assert_eq!(party.post("/auth/challenge", &challenge, body.clone()).await.0, 200);
        for _ in 0..3 {
            let answer = party.post("/auth/challenge", &challenge, body.clone()).await;
            assert_eq!(refused(&answer), (401, "token_invalid"));
        }
        // Another one of the same wallet is another one.
        let (challenge, body) = party.signed(&wallet()).await;
        assert_eq!(party.post("/auth/challenge", &challenge, body).await.0, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_answer_at_once_one_gets_in() {
    for dialect in [Dialect::Current, Dialect::Documented] {
        let party = Arc::new(Party::with(dialect, |builder| builder));
        let (challenge, body) = party.signed(&wallet()).await;
        let barrier = Arc::new(Barrier::new(50));
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (party, barrier) = (Arc::clone(&party), Arc::clone(&barrier));
                let (challenge, body) = (challenge.clone(), body.clone());
                tokio::spawn(async move {
                    barrier.wait().await;
                    party.post("/auth/challenge", &challenge, body).await.0
                })
            })
            .collect();
        let mut statuses = Vec::new();
        for task in tasks {
            statuses.push(task.await.expect("a status"));
        }
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200);
        assert!(statuses[1..].iter().all(|status| *status == 401), "{statuses:?}");
    }
}

#[tokio::test]
async fn processes_that_share_a_store_share_what_was_used() {
    let store = Arc::new(MemoryOneTime::new());
    let one = Party::with(Dialect::Current, |builder| builder.nonces(Arc::clone(&store)));
    let other = Party::with(Dialect::Current, |builder| builder.nonces(Arc::clone(&store)));
    let (challenge, body) = one.signed(&wallet()).await;
    assert_eq!(other.post("/auth/challenge", &challenge, body.clone()).await.0, 200);
    assert_eq!(one.post("/auth/challenge", &challenge, body).await.0, 401);
}

#[tokio::test]
async fn a_wrong_answer_uses_nothing_up() {
    let party = Party::new();
    let (challenge, body) = party.signed(&wallet()).await;
    let stranger = kyckit::selfkey::WalletKey::from_hex("22".repeat(32)).expect("a key");
    let mut wrong = body.clone();
    wrong["signature"]["value"] = sign(&stranger, &challenge).into();
    for _ in 0..3 {
        assert_eq!(party.post("/auth/challenge", &challenge, wrong.clone()).await.0, 422);
    }
    assert_eq!(party.post("/auth/challenge", &challenge, body).await.0, 200);
}

#[tokio::test]
async fn a_challenge_ends_and_so_does_what_it_gave() {
    for dialect in [Dialect::Current, Dialect::Documented] {
        let party = Party::with(dialect, |builder| builder);
        let (in_time, body) = party.signed(&wallet()).await;
        let (late, late_body) = party.signed(&wallet()).await;
        party.clock.advance(Duration::from_secs(1799));
        let (status, answer) = party.post("/auth/challenge", &in_time, body).await;
        assert_eq!(status, 200);
        party.clock.advance(Duration::from_secs(1));
        assert_eq!(refused(&party.post("/auth/challenge", &late, late_body).await), (401, "token_invalid"));

        let token = answer["jwt"].as_str().expect("a token");
        party.clock.advance(Duration::from_secs(3598));
        assert!(party.party.holder(&crate::party::bearer(token)).is_ok());
        party.clock.advance(Duration::from_secs(1));
        assert!(party.party.holder(&crate::party::bearer(token)).is_err());
    }
}

#[tokio::test]
async fn a_challenge_serves_its_subject_and_its_address_alone() {
    let mut party = Party::new();
    let (challenge, body) = party.signed(&wallet()).await;
    // Somebody else's identity, with a good signature of their own.
    let stranger = kyckit::selfkey::WalletKey::from_hex("22".repeat(32)).expect("a key");
    let own = json!({ "value": sign(&stranger, &challenge), "keyId": stranger.did().key_id() });
    let answer = party.post("/auth/challenge", &challenge, json!({ "signature": own })).await;
    assert_eq!(refused(&answer), (422, "signature_invalid"));

    party.caller = "198.51.100.1".parse().expect("an address");
    assert_eq!(
        refused(&party.post("/auth/challenge", &challenge, body.clone()).await),
        (401, "token_invalid")
    );
    party.caller = "::ffff:203.0.113.7".parse().expect("an address");
    assert_eq!(
        party.post("/auth/challenge", &challenge, body).await.0,
        200,
        "the same address, written otherwise"
    );
}

#[tokio::test]
async fn a_store_that_fails_lets_nobody_in() {
    struct Broken;
    impl OneTimeStore for Broken {
        async fn put(
            &self,
            _: std::time::SystemTime,
            _: &str,
            _: kyckit::storage::OneTimeValue,
            _: std::time::SystemTime,
        ) -> Result<(), Error> {
            Err(Error::store("the database is down"))
        }

        async fn redeem(
            &self,
            _: std::time::SystemTime,
            _: &str,
        ) -> Result<Option<kyckit::storage::OneTimeValue>, Error> {
            Err(Error::store("the database is down"))
        }
    }
    let party = Party::with(Dialect::Current, |builder| builder.nonces(Broken));
    let (challenge, body) = party.signed(&wallet()).await;
    let answer = party.post("/auth/challenge", &challenge, body).await;
    assert_eq!(refused(&answer), (500, "unhandled_error"));
    assert!(!answer.1.to_string().contains("database"));
}
