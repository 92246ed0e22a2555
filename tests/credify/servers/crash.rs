//! A market's server is killed in the middle of pushes: what it acknowledged is kept, and what it keeps fits what the
//! provider has.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use kyckit::{
    credify::{
        keys::VerifyingKey,
        market::DisclosurePolicy,
        token::claim::{Commitments, ScopeHashMode, VerifiedClaimToken},
    },
    sandbox::credify::{Credify, MARKET_API_KEY, MARKET_ID},
};
use serde_json::json;

use super::{Folder, Server, call, database::Database};

#[path = "../../../examples/credify_market/people.rs"]
#[allow(dead_code, reason = "the example counts too")]
mod people;

const USERS: usize = 1_000;
const TOKEN: &str = "front-end";

pub fn credify_id(number: usize) -> String {
    format!("ba3d1f1a-57eb-4fc2-a6aa-{number:012}")
}

/// A market with users, and a sandbox in the place of Credify.
pub struct Stage {
    pub sandbox: Credify,
    pub database: Database,
    key: VerifyingKey,
    users: usize,
    users_file: String,
    _folder: Folder,
}

impl Stage {
    pub async fn new(name: &str, database: Database, users: usize) -> Self {
        let sandbox = Credify::start().await.expect("a sandbox");
        let list: Vec<_> = (0..users)
            .map(|number| {
                json!({
                    "id": number.to_string(), "firstName": "An", "lastName": format!("Võ {number}"),
                    "email": format!("user-{number}@example.com"), "phoneCountryCode": "+84",
                    "phoneNumber": number.to_string(), "loyaltyPoint": number, "tier": "classic",
                })
            })
            .collect();
        let kind = if matches!(database, Database::Sqlite { .. }) { "sqlite" } else { "postgresql" };
        let folder = Folder::new(&format!("{name}-users-{kind}"));
        let users_file = folder.write("users.json", &json!(list).to_string());
        let key = sandbox.market_signing_key().verifying_key();
        Self { sandbox, database, key, users, users_file, _folder: folder }
    }

    pub fn start(&self) -> Server {
        let key = self.sandbox.market_signing_key().to_base64url().expect("a key");
        Server::start(
            "credify_market",
            &[
                ("CREDIFY_MODE", "local"),
                ("CREDIFY_API_BASE", self.sandbox.base_url().as_str()),
                ("CREDIFY_ORGANISATION_ID", MARKET_ID),
                ("CREDIFY_API_KEY", MARKET_API_KEY),
                ("CREDIFY_SIGNING_KEY", key.expose()),
                ("CALLER_TOKEN", TOKEN),
                ("USERS_FILE", &self.users_file),
                ("DATABASE_URL", &self.database.url()),
            ],
        )
    }

    /// For every user of whom the provider has tokens, the kept commitments are those that went into them.
    pub async fn assert_equal(&self, acknowledged: &BTreeSet<usize>) {
        assert_eq!(self.database.number("select count(*) from pending_push").await, 0);
        let people =
            people::load(Some(self.users_file.clone()), None, DisclosurePolicy::all()).expect("users");
        let kept =
            self.database.rows("select credify_id, commitments from commitment where slot = 'user'").await;
        let mut kept: BTreeMap<_, _> =
            kept.into_iter().map(|mut row| (row.remove(0), row.remove(0))).collect();
        let connected = self.database.rows("select credify_id, id from customers").await;
        let connected: BTreeMap<_, _> =
            connected.into_iter().map(|mut row| (row.remove(0), row.remove(0))).collect();
        for number in 0..self.users {
            let id = credify_id(number);
            let tokens = self.sandbox.claim_tokens(&id);
            let kept = kept.remove(&id);
            assert!(
                !acknowledged.contains(&number) || kept.is_some(),
                "{number} was acknowledged and is lost"
            );
            assert_eq!(kept.is_some(), !tokens.is_empty(), "{number}");
            let Some(kept) = kept else { continue };
            let kept: Commitments = serde_json::from_str(&kept).expect("commitments");
            assert_eq!(connected.get(&id), Some(&number.to_string()));
            assert_eq!(kept.len(), tokens.len());
            let claims = DisclosurePolicy::all().claims(&people.user(&people.users[number], None));
            for token in &tokens {
                let token = VerifiedClaimToken::read(token.expose(), &self.key).expect("the market's");
                let commitment = kept.get(token.scope()).expect("a commitment");
                let fits = token.matches_with(&claims, commitment, &[ScopeHashMode::PerScope]);
                assert!(fits.is_some(), "{number}: {}", token.scope());
            }
        }
        assert!(kept.is_empty(), "without a user: {:?}", kept.keys());
    }
}

/// The status of a push; none when no answer came.
pub async fn push(address: SocketAddr, number: usize) -> Option<u16> {
    let body = json!({"id": number.to_string(), "credify_id": credify_id(number)}).to_string();
    let token = [("authorization".to_owned(), format!("Bearer {TOKEN}"))];
    Some(call(address, "POST", "/v1/api/claims/push", &token, body.as_bytes()).await?.status)
}

/// Pushes all of them, sixteen at a time, until so many are acknowledged; then the server is killed at once.
async fn push_until(server: &mut Server, numbers: Vec<usize>, enough: usize) -> BTreeSet<usize> {
    let (address, next) = (server.address, Arc::new(AtomicUsize::new(0)));
    let (numbers, acknowledged) = (Arc::new(numbers), Arc::new(Mutex::new(BTreeSet::new())));
    let (tell, mut counts) = tokio::sync::mpsc::unbounded_channel();
    let mut workers = Vec::new();
    for _ in 0..16 {
        let (numbers, next, acknowledged, tell) =
            (Arc::clone(&numbers), Arc::clone(&next), Arc::clone(&acknowledged), tell.clone());
        workers.push(tokio::spawn(async move {
            while let Some(number) = numbers.get(next.fetch_add(1, Ordering::SeqCst)) {
                match push(address, *number).await {
                    Some(200) => {
                        let count = {
                            let mut acknowledged = acknowledged.lock().expect("held");
                            acknowledged.insert(*number);
                            acknowledged.len()
                        };
                        let _ = tell.send(count);
                    }
                    // The server is gone.
                    _ => break,
                }
            }
        }));
    }
    drop(tell);
    while let Some(count) = counts.recv().await {
        if count >= enough {
            server.kill();
            break;
        }
    }
    for worker in workers {
        worker.await.expect("a worker");
    }
    let acknowledged = acknowledged.lock().expect("held").clone();
    assert!(acknowledged.len() >= enough, "{} of {enough}: {}", acknowledged.len(), server.complaints());
    acknowledged
}

/// How many pushes of an earlier process this one completed before it listened.
fn completed(server: &Server) -> usize {
    let line = server.said.iter().find(|line| line.contains(" pushes were completed")).expect("it says so");
    line.split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

async fn is_killed_and_loses_nothing(name: &str, database: Database) {
    let stage = Stage::new(name, database, USERS).await;

    let mut server = stage.start();
    let mut acknowledged = push_until(&mut server, (0..USERS).collect(), 400).await;
    assert!(acknowledged.len() < USERS, "it was killed behind the last push");
    stage.database.settled().await;

    // Started anew, it completes what was under way; then it is killed again, among pushes of users who had some.
    let mut server = stage.start();
    let first = completed(&server);
    stage.assert_equal(&acknowledged).await;
    acknowledged.extend(push_until(&mut server, (0..USERS).rev().collect(), 700).await);
    stage.database.settled().await;

    let server = stage.start();
    stage.assert_equal(&acknowledged).await;
    println!("pushes that were completed by the next process: {first}, then {}", completed(&server));
    for number in 0..USERS {
        if !acknowledged.contains(&number) {
            assert_eq!(push(server.address, number).await, Some(200), "{number}: {}", server.complaints());
        }
    }
    stage.assert_equal(&(0..USERS).collect()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_no_commitment_that_it_acknowledged_over_sqlite() {
    is_killed_and_loses_nothing("crash", Database::sqlite("crash")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_no_commitment_that_it_acknowledged_over_postgresql() {
    let Some(database) = Database::postgres("crash").await else { return };
    is_killed_and_loses_nothing("crash", database).await;
}
