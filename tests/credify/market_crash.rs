//! A market's server process is killed in the middle of pushes: what it acknowledged is kept, and what it keeps fits what
//! the provider has.
//!
//! The server is this test program itself, started anew with the example's SQLite database.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use kyckit::{
    credify::{
        Client, Environment,
        keys::{SigningKey, VerifyingKey},
        market::{CommitmentStore, Market, SharedToken, Sharing, Users, axum::router},
        token::claim::{ScopeHashMode, VerifiedClaimToken},
    },
    sandbox::credify::{Credify, MARKET_API_KEY, MARKET_ID},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[path = "../../examples/credify_market/people.rs"]
#[allow(dead_code, reason = "the example reads files of scopes too")]
mod people;
#[path = "../../examples/credify_market/sqlite.rs"]
mod sqlite;

const USERS: usize = 1_000;
const TOKEN: &str = "front-end";
const SERVER: &str = "market_crash::the_server_that_is_killed";

fn credify_id(number: usize) -> String {
    format!("ba3d1f1a-57eb-4fc2-a6aa-{number:012}")
}

/// Files of this run alone.
struct Files {
    users: PathBuf,
    database: PathBuf,
}

impl Files {
    fn new() -> Self {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("market-crash-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let users: Vec<_> = (0..USERS)
            .map(|number| {
                json!({
                    "id": number.to_string(), "firstName": "An", "lastName": format!("Võ {number}"),
                    "email": format!("user-{number}@example.com"), "phoneCountryCode": "+84",
                    "phoneNumber": number.to_string(), "loyaltyPoint": number, "tier": "classic",
                })
            })
            .collect();
        fs::write(folder.join("users.json"), json!(users).to_string()).expect("written");
        Self { users: folder.join("users.json"), database: folder.join("market.sqlite") }
    }

    fn people(&self) -> people::People {
        people::load(Some(self.users.to_string_lossy().into_owned()), None).expect("users")
    }

    fn open(&self) -> sqlite::Sqlite {
        sqlite::Sqlite::open(&self.database.to_string_lossy(), &self.people()).expect("a database")
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if let Some(folder) = self.users.parent() {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// The process that is killed; it does nothing unless the other test starts it.
#[test]
fn the_server_that_is_killed() {
    let Ok(api_base) = env::var("MARKET_CRASH_API") else { return };
    let files =
        (env::var("MARKET_CRASH_USERS").expect("set"), env::var("MARKET_CRASH_DATABASE").expect("set"));
    let key = SigningKey::new(&env::var("MARKET_CRASH_KEY").expect("set").into(), None).expect("a key");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("it");
    runtime.block_on(async {
        let client = Client::builder(MARKET_API_KEY)
            .environment(Environment::Local)
            .api_base(api_base)
            .signing_key(key)
            .build()
            .expect("a client");
        let people = people::load(Some(files.0), None).expect("users");
        let store = Arc::new(sqlite::Sqlite::open(&files.1, &people).expect("a database"));
        let market = Market::builder(client, MARKET_ID)
            .callers(SharedToken::new(TOKEN))
            .users(Arc::clone(&store))
            .commitments(Arc::clone(&store))
            .orders(store)
            .build()
            .expect("a market");
        let recovered = market.recover().await.expect("a database");
        assert!(recovered.failed.is_empty(), "{recovered:?}");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("\nlistening on {} after {}", listener.local_addr().expect("it"), recovered.completed);
        axum::serve(listener, router(market)).await.expect("served");
    });
}

struct Running {
    child: Child,
    address: SocketAddr,
    completed: usize,
}

impl Running {
    fn start(sandbox: &Credify, files: &Files) -> Self {
        let mut child = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", SERVER, "--nocapture", "--test-threads", "1"])
            .env("MARKET_CRASH_API", sandbox.base_url().as_str())
            .env("MARKET_CRASH_USERS", &files.users)
            .env("MARKET_CRASH_DATABASE", &files.database)
            .env("MARKET_CRASH_KEY", sandbox.market_signing_key().to_base64url().expect("a key").expose())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let line = output
            .lines()
            .map(|line| line.expect("text"))
            .find(|line| line.starts_with("listening on "))
            .expect("the server listens");
        let words: Vec<_> = line.split(' ').collect();
        let (address, completed) =
            (words[2].parse().expect("an address"), words[4].parse().expect("a number"));
        Self { child, address, completed }
    }

    /// SIGKILL, to this process alone.
    fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status of a push; none when no answer came.
async fn push(address: SocketAddr, number: usize) -> Option<u16> {
    let body = json!({"id": number.to_string(), "credify_id": credify_id(number)}).to_string();
    let request = format!(
        "POST /v1/api/claims/push HTTP/1.1\r\nhost: market\r\nauthorization: Bearer {TOKEN}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8(answer).ok()?;
    // A head without its body is no acknowledgement.
    answer.contains("credifyId").then_some(())?;
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

/// Pushes all of them, sixteen at a time, until so many are acknowledged; then the server is killed at once.
async fn push_until(server: &mut Running, numbers: Vec<usize>, enough: usize) -> BTreeSet<usize> {
    let (address, next) = (server.address, Arc::new(AtomicUsize::new(0)));
    let (numbers, acknowledged) = (Arc::new(numbers), Arc::new(Mutex::new(BTreeSet::new())));
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
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
    while let Some(count) = told.recv().await {
        if count >= enough {
            server.kill();
            break;
        }
    }
    for worker in workers {
        worker.await.expect("a worker");
    }
    let acknowledged = acknowledged.lock().expect("held").clone();
    assert!(acknowledged.len() >= enough, "{} of {enough}", acknowledged.len());
    acknowledged
}

/// For every user of whom the provider has tokens, the kept commitments are those that went into them.
async fn assert_equal(sandbox: &Credify, files: &Files, acknowledged: &BTreeSet<usize>, key: &VerifyingKey) {
    let store = files.open();
    assert!(store.all_pending().await.expect("a database").is_empty());
    for number in 0..USERS {
        let id = credify_id(number);
        let tokens = sandbox.claim_tokens(&id);
        let kept = store.commitments(&id, "user").await.expect("a database");
        assert!(!acknowledged.contains(&number) || kept.is_some(), "{number} was acknowledged and is lost");
        assert_eq!(kept.is_some(), !tokens.is_empty(), "{number}");
        let Some(kept) = kept else { continue };
        let user = store.by_credify_id(&id).await.expect("a database").expect("connected");
        let claims = Sharing::all().claims(&user);
        assert_eq!((user.local_id, kept.len()), (number.to_string(), tokens.len()));
        for token in &tokens {
            let token = VerifiedClaimToken::read(token.expose(), key).expect("the market's");
            let commitment = kept.get(token.scope()).expect("a commitment");
            let fits = token.matches_with(&claims, commitment, &[ScopeHashMode::PerScope]);
            assert!(fits.is_some(), "{number}: {}", token.scope());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_no_commitment_that_it_acknowledged() {
    let (sandbox, files) = (Credify::start().await.expect("a sandbox"), Files::new());
    let key = sandbox.market_signing_key().verifying_key();

    let mut server = Running::start(&sandbox, &files);
    let mut acknowledged = push_until(&mut server, (0..USERS).collect(), 400).await;
    assert!(acknowledged.len() < USERS, "it was killed behind the last push");

    // Started anew, it completes what was under way; then it is killed again, among pushes of users who had some.
    let mut server = Running::start(&sandbox, &files);
    let first = server.completed;
    assert_equal(&sandbox, &files, &acknowledged, &key).await;
    acknowledged.extend(push_until(&mut server, (0..USERS).rev().collect(), 700).await);

    let mut server = Running::start(&sandbox, &files);
    assert_equal(&sandbox, &files, &acknowledged, &key).await;
    println!("pushes that were completed by the next process: {first}, then {}", server.completed);
    for number in 0..USERS {
        if !acknowledged.contains(&number) {
            assert_eq!(push(server.address, number).await, Some(200), "{number}");
        }
    }
    assert_equal(&sandbox, &files, &(0..USERS).collect(), &key).await;
    server.kill();
}
