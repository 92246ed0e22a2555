//! Runs every call under every fault, compares with the rule, and prints the document.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kyckit::{
    Error,
    selfkey::did::ResolveDid,
    transport::{HttpSettings, Options, Retry},
};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    calls::{CALLS, Call, Clients, Reads, Target},
    document,
    fault::{FAULTS, Fault, HOUR},
    http2,
    rule::{ATTEMPTS, Expected, expected},
    server::{LIMIT, Server, refusing},
    stub::Stub,
};

/// No call may take longer: its deadline, and what a busy machine adds.
const BOUND: Duration = Duration::from_secs(17);
const DEADLINE: Duration = Duration::from_secs(16);

/// A certificate that nothing is signed with.
const ROOT: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBdTCCARugAwIBAgIUOmV3eLnPmzzT6n/mFAVuwWegVuQwCgYIKoZIzj0EAwIw\n\
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMzAwMzI0NTJaGA8yMTI2MTEwNjAzMjQ1\n\
MlowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKGC\n\
xnc8vR/rVKs/z2iqnLaRRqRrVljqnt0oSouOC4Bmym4iy6iD9ltAcmBEl8vI1Sgz\n\
lm1yQ6OTdF+Bn8+j3x2jUzBRMB0GA1UdDgQWBBSRDDk3ElY8iuaY3VZibgRRQPSC\n\
AjAfBgNVHSMEGDAWgBSRDDk3ElY8iuaY3VZibgRRQPSCAjAPBgNVHRMBAf8EBTAD\n\
AQH/MAoGCCqGSM49BAMCA0gAMEUCIDNACUoNqfqQQFdJkpV3Uj0Rai+7wKKMvTCX\n\
+x8Hsb2sAiEAnyvQZZlK1Anc/8rzOKxluqS38DSrmm/zNMS38R8JoWY=\n\
-----END CERTIFICATE-----\n";

/// What came of a cell.
#[derive(Debug)]
struct Outcome {
    result: Result<(), Error>,
    seen: u32,
    followed: u32,
    took: Duration,
    /// Whether the request came over a connection that had carried another one, where that is the point.
    reused: bool,
}

fn options(fault: Fault) -> Options {
    // Long enough for a busy machine, short where it is waited for.
    let attempt = match fault {
        Fault::Stall | Fault::Drip => Duration::from_millis(1500),
        Fault::Cancel => Duration::from_secs(3),
        _ => Duration::from_secs(15),
    };
    let retry = Retry::default().attempts(ATTEMPTS).waits(Duration::from_millis(1), Duration::from_millis(2));
    Options::new()
        .attempt_timeout(attempt)
        .deadline(DEADLINE)
        .retry(retry)
        .max_response_bytes(LIMIT)
        // Nothing here speaks TLS; the platform's roots, which take long to load, are not needed.
        .http(HttpSettings::new().no_proxy().only_root_certificates(ROOT))
}

#[tokio::test]
async fn every_call_answers_when_all_is_well() {
    let mut wrong = Vec::new();
    for call in CALLS {
        let server = Server::start(call, Fault::SkewedDate, false).await;
        let origin = format!("http://{}", server.address);
        let clients = Clients::new(Target { origin, options: options(Fault::SkewedDate) });
        if let Err(error) = (call.run)(&clients).await {
            wrong.push(format!("{}: {error}", call.title()));
        } else if server.seen() != 1 {
            wrong.push(format!("{}: {} was seen {} times", call.title(), call.request, server.seen()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Runs one cell.
async fn run(call: &'static Call, fault: Fault) -> Outcome {
    let started = Instant::now();
    let mut options = options(fault);
    let outcome = |result, seen, followed, started: Instant| Outcome {
        result,
        seen,
        followed,
        took: started.elapsed(),
        reused: true,
    };
    match fault {
        Fault::Refused => {
            let (_held, address) = refusing();
            let clients = Clients::new(Target { origin: format!("http://{address}"), options });
            outcome((call.run)(&clients).await, 0, 0, started)
        }
        Fault::UnknownHost => {
            // No name has a label that long, so no server is asked for it.
            let origin = format!("http://{}.example", "a".repeat(64));
            options = options.danger_allow_plain_http();
            let clients = Clients::new(Target { origin, options });
            outcome((call.run)(&clients).await, 0, 0, started)
        }
        Fault::Cancel => {
            let server = Server::start(call, fault, true).await;
            let clients = Clients::new(Target { origin: format!("http://{}", server.address), options });
            {
                let mut running = (call.run)(&clients);
                tokio::select! {
                    result = &mut running => return outcome(result, server.seen(), 0, started),
                    () = server.arrival() => {}
                }
            }
            let seen = server.seen();
            tokio::time::sleep(Duration::from_millis(30)).await;
            let later = server.seen();
            server.arm(false);
            let again = (call.run)(&clients).await;
            let seen = if later == seen { seen } else { later };
            outcome(again, seen, 0, started)
        }
        Fault::RefusedStream | Fault::GoAway => {
            let server = http2::Server::start(call, fault).await;
            let origin = format!("http://{}", server.address);
            options = options.http(HttpSettings::new().client(http2_client()));
            let clients = Clients::new(Target { origin, options });
            let result = (call.run)(&clients).await;
            outcome(result, server.seen(), 0, started)
        }
        Fault::StaleConnection => {
            let server = Server::start(call, fault, false).await;
            let clients = Clients::new(Target { origin: format!("http://{}", server.address), options });
            if let Err(error) = warm_up(call, &clients).await {
                return outcome(Err(error), 0, 0, started);
            }
            // The connection goes back to the pool a moment after the response was read.
            tokio::time::sleep(Duration::from_millis(30)).await;
            server.arm(true);
            let result = (call.run)(&clients).await;
            let mut outcome = outcome(result, server.seen(), server.followed(), started);
            outcome.reused = server.was_reused();
            outcome
        }
        _ if is_offline(call, fault) => {
            let stub = Stub::new(call, fault);
            let target =
                Target { origin: "http://127.0.0.1:9".to_owned(), options: options.transport(stub.clone()) };
            let clients = Clients::new(target);
            let result = (call.run)(&clients).await;
            Outcome { result, seen: stub.seen(), followed: 0, took: Duration::ZERO, reused: true }
        }
        _ => {
            let server = Server::start(call, fault, true).await;
            let clients = Clients::new(Target { origin: format!("http://{}", server.address), options });
            let result = (call.run)(&clients).await;
            outcome(result, server.seen(), server.followed(), started)
        }
    }
}

/// An application's own client, which speaks HTTP/2 without TLS and repeats nothing by itself.
fn http2_client() -> reqwest::Client {
    let root = reqwest::Certificate::from_pem(ROOT.as_bytes()).expect("a certificate");
    reqwest::Client::builder()
        .http2_prior_knowledge()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .tls_certs_only([root])
        .build()
        .expect("a client")
}

/// Leaves a connection in the pool: by the call itself, unless its result is kept and a second one sends nothing.
async fn warm_up(call: &Call, clients: &Clients) -> Result<(), Error> {
    match call.name {
        "credify::client::Client::access_token" => {
            clients.credify().sealed_userinfo(&"t".into()).await.map(drop)
        }
        "credify::webhook::Webhooks::ready" => clients.credify().access_token().await.map(drop),
        "selfkey::wallet::client::Client::log_in" => clients.selfkey().templates().await.map(drop),
        "selfkey::did::http::HttpResolver::resolve" => {
            let other = "did:selfkey:0x1111111111111111111111111111111111111111111111111111111111111111";
            clients.resolver().resolve(&other.parse().expect("a DID")).await.map(drop)
        }
        _ if call.step == "client token" => {
            (call.run)(clients).await?;
            clients.maya().replace_credentials("client-2", "s3cret")
        }
        _ => (call.run)(clients).await,
    }
}

/// What is wrong with an outcome.
fn compare(outcome: &Outcome, expected: Expected) -> Result<(), String> {
    let said = match &outcome.result {
        Ok(()) => format!("a result, seen {}", outcome.seen),
        Err(error) => format!(
            "{:?}, seen {}, attempts {}, may have taken effect {}, retry after {:?}: {error}",
            error.kind(),
            outcome.seen,
            error.attempts(),
            error.may_have_taken_effect(),
            error.retry_after(),
        ),
    };
    let fits = match (&outcome.result, expected) {
        (Ok(()), Expected::Success { seen }) => outcome.seen == seen,
        (Err(error), Expected::Failure { kind, seen, attempts, may_have_taken_effect, names_the_wait }) => {
            let wait = error.retry_after().map(|wait| wait.as_secs());
            let wait_fits = match wait {
                None => !names_the_wait,
                Some(wait) => names_the_wait && (HOUR - 60..=HOUR).contains(&wait),
            };
            error.kind() == kind
                && outcome.seen == seen
                && error.attempts() == attempts
                && error.may_have_taken_effect() == may_have_taken_effect
                && wait_fits
        }
        _ => false,
    };
    if !fits {
        return Err(format!("expected {expected:?}, came {said}"));
    }
    if outcome.followed > 0 {
        return Err("a redirect was followed".to_owned());
    }
    if !outcome.reused {
        return Err("the request came over a new connection".to_owned());
    }
    if outcome.took > BOUND {
        return Err(format!("it took {:?}", outcome.took));
    }
    Ok(())
}

/// Whether a cell is done without a network, on a clock that stands: a file may take minutes.
fn is_offline(call: &Call, fault: Fault) -> bool {
    call.reads == Reads::File && matches!(fault, Fault::Stall | Fault::Drip)
}

type Cell = (&'static Call, Fault, Result<(), String>);

/// Runs cells, so many at a time.
async fn run_all(cells: Vec<(&'static Call, Fault)>, at_once: usize) -> Vec<Cell> {
    let places = Arc::new(Semaphore::new(at_once));
    let mut running = JoinSet::new();
    for (call, fault) in cells {
        let places = Arc::clone(&places);
        running.spawn(async move {
            let _place = places.acquire().await.expect("open");
            let expected = expected(call, fault);
            // A task of its own, so that a panic is the outcome of its cell.
            let outcome = match tokio::spawn(run(call, fault)).await {
                Ok(outcome) => compare(&outcome, expected),
                Err(_) => Err(format!("expected {expected:?}, came a panic")),
            };
            (call, fault, outcome)
        });
    }
    running.join_all().await
}

#[test]
fn every_call_does_under_every_fault_what_the_rule_says() {
    let cells = FAULTS.iter().flat_map(|fault| CALLS.iter().map(|call| (call, *fault)));
    let cells = cells.filter(|(call, fault)| !matches!(expected(call, *fault), Expected::NotApplicable(_)));
    let (offline, online): (Vec<_>, Vec<_>) = cells.partition(|(call, fault)| is_offline(call, *fault));
    // What waits for its time is no work for the processor, and what works does not make it late.
    let (waiting, working): (Vec<_>, Vec<_>) =
        online.into_iter().partition(|(_, fault)| matches!(fault, Fault::Stall | Fault::Drip));

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let mut done = runtime.block_on(run_all(waiting, 64));
    done.extend(runtime.block_on(run_all(working, 16)));
    let paused = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    done.extend(paused.expect("a runtime").block_on(run_all(offline, 1)));

    let mut wrong: Vec<_> = done
        .iter()
        .filter_map(|(call, fault, outcome)| {
            let why = outcome.as_ref().err()?;
            Some(format!("{fault} | {}: {why}", call.title()))
        })
        .collect();
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} cells: {wrong:#?}", wrong.len(), done.len());
    document::check(done.len());
}
