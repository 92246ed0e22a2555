//! The manual says what the code does: numbers, kinds of errors, examples, and what the pages name.

use std::{collections::BTreeSet, fs, path::PathBuf};

use crate::{
    cargo::{metadata, package, texts},
    report::REPORT,
    source::{assert_none, root, walk},
};

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The rows of all tables of a page, as trimmed cells; heads and rules are left out.
fn rows(page: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = page.lines().collect();
    let is_rule = |line: &&str| line.starts_with("| ---");
    let row = |line: &&str| -> Vec<String> {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let is_body = |at: usize| {
        lines[at].starts_with('|') && !is_rule(&lines[at]) && !lines.get(at + 1).is_some_and(is_rule)
    };
    (0..lines.len()).filter(|at| is_body(*at)).map(|at| row(&lines[at])).collect()
}

/// A row of the page of defaults, its number, and the lines of the source that it comes from, each with its file.
type Number = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const NUMBERS: &[Number] = &[
    ("one attempt", "the provider's, below", &[("src/transport/options.rs", "attempt_timeout: None,")]),
    (
        "the whole call",
        "3 × one attempt",
        &[("src/transport/client.rs", "options.deadline.unwrap_or(attempt.saturating_mul(3))")],
    ),
    ("attempts", "3", &[("src/transport/retry.rs", "attempts: 3,")]),
    (
        "first wait, at the most",
        "200 ms",
        &[("src/transport/retry.rs", "initial_wait: Duration::from_millis(200)")],
    ),
    ("longest wait", "5 s", &[("src/transport/retry.rs", "max_wait: Duration::from_secs(5)")]),
    (
        "retry budget of a client",
        "100",
        &[
            ("src/transport/retry.rs", "budget: 100,"),
            ("src/transport/retry.rs", "const RETRY: u32 = 5;"),
            ("src/transport/retry.rs", "const FAILURE: u32 = 1;"),
            ("src/transport/retry.rs", "(*left + 1).min(self.capacity)"),
        ],
    ),
    (
        "breaker opens, for one operation",
        "20 attempts in 10 s, half of them failed",
        &[
            ("src/transport/breaker.rs", "const WINDOW: Duration = Duration::from_secs(10);"),
            ("src/transport/breaker.rs", "const MINIMUM: u64 = 20;"),
            ("src/transport/breaker.rs", "const OBJECTS: usize = 5;"),
            ("src/transport/breaker.rs", "const PROBES: u32 = 3;"),
        ],
    ),
    (
        "breaker held open",
        "5 s",
        &[("src/transport/options.rs", "breaker_cooldown: Duration::from_secs(5),")],
    ),
    (
        "response, after decompression",
        "4 MiB",
        &[("src/transport/client.rs", "const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;")],
    ),
    ("connection", "5 s", &[("src/transport/http.rs", "connect_timeout.unwrap_or(Duration::from_secs(5))")]),
    (
        "unused connections kept",
        "4 s",
        &[("src/transport/http.rs", "const IDLE: Duration = Duration::from_secs(4);")],
    ),
    (
        "rate limit",
        "none, but for Shufti Pro",
        &[
            ("src/transport/options.rs", "rate_limit: Choice::Unset,"),
            ("src/shuftipro/builder.rs", "const RATE: u32 = 60;"),
        ],
    ),
    ("excerpt of failed bodies", "off", &[("src/transport/options.rs", "keep_body_excerpt: false,")]),
    (
        "http without TLS",
        "refused, but for loopback",
        &[("src/transport/options.rs", "allow_plain_http: false,")],
    ),
    (
        "Credo360",
        "10 s",
        &[("src/credo360/builder.rs", "const ATTEMPT: Duration = Duration::from_secs(10);")],
    ),
    ("Maya", "10 s", &[("src/maya/builder.rs", "const ATTEMPT: Duration = Duration::from_secs(10);")]),
    (
        "SelfKey",
        "10 s",
        &[
            ("src/selfkey/wallet/client.rs", "const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);"),
            (
                "src/selfkey/kyc_chain/builder.rs",
                "const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);",
            ),
            (
                "src/selfkey/kyc_chain/user_data/builder.rs",
                "const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);",
            ),
            ("src/selfkey/did/http.rs", "const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);"),
        ],
    ),
    (
        "SelfKey, an upload has longer, as its size at",
        "128 KiB a second",
        &[("src/selfkey/wallet/builder.rs", "const UPLOAD_RATE: u64 = 128 * 1024;")],
    ),
    (
        "Shufti Pro",
        "15 s",
        &[("src/shuftipro/client.rs", "const PROMPT: Duration = Duration::from_secs(15);")],
    ),
    (
        "Shufti Pro, with images",
        "180 s",
        &[("src/shuftipro/client.rs", "const OFFSITE: Duration = Duration::from_secs(180);")],
    ),
    ("Shufti Pro, requests a minute", "60", &[("src/shuftipro/builder.rs", "const RATE: u32 = 60;")]),
    (
        "Credify",
        "8 s",
        &[("src/credify/client/builder.rs", "const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(8);")],
    ),
    (
        "a client token is renewed before its end",
        "60 s",
        &[("src/auth/refresh.rs", "max_ahead: Duration::from_secs(60),")],
    ),
    ("after a failed early renewal", "5 s", &[("src/auth/refresh.rs", "cooldown: Duration::from_secs(5),")]),
    (
        "Maya's customer tokens are refreshed before their end",
        "60 s",
        &[("src/maya/customer.rs", "const AHEAD: Duration = Duration::from_secs(60);")],
    ),
    (
        "Maya, leeway of time claims",
        "60 s",
        &[("src/maya/token.rs", "const LEEWAY: Duration = Duration::from_secs(60);")],
    ),
    (
        "SelfKey, a wallet's token counts as over before its end",
        "30 s",
        &[("src/selfkey/wallet/builder.rs", "const SKEW: Duration = Duration::from_secs(30);")],
    ),
    (
        "Credify, access token without a stated life",
        "3600 s",
        &[("src/credify/access_token.rs", "const UNSTATED_TTL: Duration = Duration::from_secs(3600);")],
    ),
    (
        "Credify, webhook key kept",
        "600 s",
        &[("src/credify/webhook/key.rs", "const MAX_AGE: Duration = Duration::from_secs(600);")],
    ),
    (
        "Credify, webhook key fetched again at the earliest",
        "60 s",
        &[("src/credify/webhook/key.rs", "const COOLDOWN: Duration = Duration::from_secs(60);")],
    ),
    (
        "Credify, a failed fetch of that key stands",
        "10 s",
        &[("src/credify/webhook/key.rs", "const FAILURE_TTL: Duration = Duration::from_secs(10);")],
    ),
    (
        "Credify, refused tokens that a server looks into in a minute",
        "100",
        &[
            ("src/credify/introspection_limits.rs", "max_refused: 100,"),
            ("src/credify/introspection_limits.rs", "period: Duration::from_secs(60),"),
        ],
    ),
    (
        "Credify, a refused token is refused again without a call",
        "10 s",
        &[("src/credify/introspection_limits.rs", "refused_ttl: Duration::from_secs(10),")],
    ),
    (
        "Credify, an accepted token is never held back",
        "1 h",
        &[("src/credify/introspection_limits.rs", "accepted_ttl: Duration::from_secs(3600),")],
    ),
    (
        "Credify, tokens remembered of either kind",
        "10 000",
        &[("src/credify/introspection_limits.rs", "max_remembered: 10_000,")],
    ),
    (
        "Credify, a service provider's key serves authorizations",
        "60 s",
        &[("src/credify/service_provider/builder.rs", "key_ttl: Duration::from_secs(60),")],
    ),
    (
        "Credify, callers that wait for that key",
        "256",
        &[("src/credify/service_provider/builder.rs", "const MAX_WAITING: usize = 256;")],
    ),
    (
        "Credify, authorizations that begin in a minute",
        "600",
        &[("src/credify/service_provider/builder.rs", "max_starts: 600,")],
    ),
    (
        "a DID's document is believed",
        "300 s",
        &[("src/selfkey/did/cached.rs", "document_ttl: Duration::from_secs(300),")],
    ),
    (
        "that a DID has no document",
        "30 s",
        &[("src/selfkey/did/cached.rs", "absence_ttl: Duration::from_secs(30),")],
    ),
    ("DIDs' documents kept", "10 000", &[("src/selfkey/did/cached.rs", "max_documents: 10_000,")]),
    ("a callback's body", "1 MiB", &[("src/inbox/inbox.rs", "pub const MAX_BODY_BYTES: usize = 1 << 20;")]),
    ("lease of an event", "300 s", &[("src/inbox/inbox.rs", "lease: Duration::from_secs(300),")]),
    (
        "wait after a handler's failure, first",
        "5 s",
        &[("src/inbox/inbox.rs", "first_retry_wait: Duration::from_secs(5),")],
    ),
    (
        "wait after a handler's failure, longest",
        "600 s",
        &[("src/inbox/inbox.rs", "max_retry_wait: Duration::from_secs(600),")],
    ),
    ("events waiting in `MemoryInbox`", "10 000", &[("src/storage/memory/inbox.rs", "events: 10_000,")]),
    ("bytes waiting in `MemoryInbox`", "64 MiB", &[("src/storage/memory/inbox.rs", "bytes: 64 << 20,")]),
    ("subjects in `MemoryInbox`", "100 000", &[("src/storage/memory/inbox.rs", "subjects: 100_000 }")]),
    ("keys in `MemoryOneTime`", "100 000", &[("src/storage/memory/one_time.rs", "max_keys: 100_000,")]),
    (
        "Credify, age of a webhook",
        "24 h",
        &[("src/credify/webhook/mod.rs", "const MAX_AGE: Duration = Duration::from_secs(24 * 3600);")],
    ),
    (
        "Credify, webhook from the future",
        "300 s",
        &[("src/credify/webhook/mod.rs", "const MAX_AHEAD: Duration = Duration::from_secs(300);")],
    ),
    (
        "KYC-Chain, a webhook's body",
        "64 KiB",
        &[("src/selfkey/kyc_chain/webhook.rs", "pub const MAX_BODY_BYTES: usize = 64 * 1024;")],
    ),
    (
        "Maya, body of the Session URL",
        "64 KiB",
        &[("src/maya/webhook/mod.rs", "pub const BODY_LIMIT: usize = 64 * 1024;")],
    ),
    (
        "Maya, session id",
        "5 min",
        &[("src/maya/webhook/mod.rs", "const LIFE: Duration = Duration::from_secs(5 * 60);")],
    ),
    (
        "SelfKey, challenge of a relying party",
        "30 min",
        &[(
            "src/selfkey/relying_party/token/issuer.rs",
            "pub const CHALLENGE_TTL: Duration = Duration::from_secs(30 * 60);",
        )],
    ),
    (
        "SelfKey, access token of a relying party",
        "60 min",
        &[(
            "src/selfkey/relying_party/token/issuer.rs",
            "pub const ACCESS_TTL: Duration = Duration::from_secs(60 * 60);",
        )],
    ),
    (
        "flow, a sealed state",
        "24 h",
        &[
            ("src/flow/registry.rs", "const STATE_TTL: Duration = Duration::from_secs(24 * 60 * 60);"),
            ("src/flow/registry.rs", "clamp(Duration::from_secs(1), Duration::from_secs(30 * 86_400))"),
        ],
    ),
    (
        "flow, SelfKey's nonce",
        "10 min",
        &[("src/flow/selfkey.rs", "const NONCE_TTL: Duration = Duration::from_secs(10 * 60);")],
    ),
    ("flow, size of a sealed state", "16 KiB", &[("src/flow/state.rs", "const MAX_LEN: usize = 16 * 1024;")]),
    ("waiting, first poll", "2 s", &[("src/flow/wait.rs", "first: Duration::from_secs(2),")]),
    (
        "waiting, longest between polls",
        "30 s",
        &[("src/flow/wait.rs", "max_interval: Duration::from_secs(30)")],
    ),
    (
        "Shufti Pro, an image sent",
        "16 MiB",
        &[("src/shuftipro/proof.rs", "pub const MAX_IMAGE: usize = 16 * 1024 * 1024;")],
    ),
    (
        "Shufti Pro, a video sent",
        "20 MiB",
        &[("src/shuftipro/proof.rs", "pub const MAX_VIDEO: usize = 20 * 1024 * 1024;")],
    ),
    (
        "Shufti Pro, a proof fetched",
        "24 MiB",
        &[("src/shuftipro/download.rs", "max_bytes: 24 * 1024 * 1024,")],
    ),
    ("Maya, a file fetched", "64 MiB", &[("src/maya/download.rs", "max_bytes: 64 * 1024 * 1024,")]),
    (
        "Maya, a profile",
        "2 MiB",
        &[("src/maya/client.rs", "const MAX_PROFILE_BYTES: usize = 2 * 1024 * 1024;")],
    ),
    (
        "without a byte",
        "20 s",
        &[
            ("src/maya/download.rs", "const PAUSE: Duration = Duration::from_secs(20);"),
            ("src/shuftipro/download.rs", "const PAUSE: Duration = Duration::from_secs(20);"),
        ],
    ),
    (
        "a whole download",
        "300 s",
        &[
            ("src/maya/download.rs", "const WHOLE: Duration = Duration::from_secs(300);"),
            ("src/shuftipro/download.rs", "const WHOLE: Duration = Duration::from_secs(300);"),
        ],
    ),
    (
        "KYC-Chain, a file",
        "50 MB",
        &[
            ("src/selfkey/kyc_chain/builder.rs", "const MAX_FILE_BYTES: usize = 50_000_000;"),
            ("src/selfkey/kyc_chain/user_data/builder.rs", "const MAX_FILE_BYTES: usize = 50_000_000;"),
        ],
    ),
    (
        "SelfKey, a file that a relying party takes",
        "50 MB",
        &[("src/selfkey/model/attribute/mod.rs", "pub const MAX_FILE_BYTES: u64 = 50_000_000;")],
    ),
    (
        "SelfKey, a request that a relying party takes",
        "300 MB",
        &[("src/selfkey/relying_party/builder.rs", "const MAX_REQUEST_BYTES: u64 = 300_000_000;")],
    ),
    (
        "links to proofs and documents",
        "15 min",
        &[
            ("src/maya/download.rs", "const LIFE: Duration = Duration::from_secs(15 * 60);"),
            ("src/shuftipro/model/proofs.rs", "const LIFETIME: Duration = Duration::from_secs(15 * 60);"),
        ],
    ),
    (
        "a body of a caller that is not known yet, read within",
        "10 s",
        &[("src/server/body.rs", "const READ_TIMEOUT: Duration = Duration::from_secs(10);")],
    ),
    (
        "a body of a known caller, times that",
        "3",
        &[("src/server/body.rs", "const AUTHENTICATED_FACTOR: u32 = 3;")],
    ),
    (
        "bytes held for all callers that are not known yet",
        "16 MiB",
        &[("src/server/body.rs", "const MAX_UNAUTHENTICATED_BYTES: usize = 16 << 20;")],
    ),
    (
        "`Retry-After` when those are used up",
        "2 s",
        &[("src/server/body.rs", "pub(crate) const BUSY_SECONDS: u64 = 2;")],
    ),
    (
        "server, the head of a request within",
        "15 s",
        &[("src/server/axum.rs", "const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(15);")],
    ),
    (
        "server, size of a head",
        "64 KiB",
        &[("src/server/axum.rs", "const MAX_HEAD_BYTES: usize = 64 << 10;")],
    ),
    (
        "server, connections at once",
        "1024",
        &[("src/server/axum.rs", "const MAX_CONNECTIONS: usize = 1024;")],
    ),
    (
        "server, time to end when it is stopped",
        "10 s",
        &[("src/server/axum.rs", "const STOP_TIMEOUT: Duration = Duration::from_secs(10);")],
    ),
    (
        "SelfKey, a body with a token at a relying party",
        "16 KiB",
        &[("src/selfkey/relying_party/service.rs", "pub(super) const MAX_TOKEN_BYTES: usize = 16 * 1024;")],
    ),
    (
        "SelfKey, a body with a text at a relying party",
        "64 KiB",
        &[("src/selfkey/relying_party/body.rs", "const MAX_TEXT_BYTES: usize = 64 * 1024;")],
    ),
    (
        "SelfKey, JSON at a relying party",
        "4 MiB",
        &[(
            "src/selfkey/relying_party/service.rs",
            "pub(super) const MAX_JSON_BYTES: usize = 4 * 1024 * 1024;",
        )],
    ),
    (
        "SelfKey, log-ins of one key while a challenge lives",
        "100",
        &[("src/selfkey/relying_party/builder.rs", "const MAX_LOGINS_PER_SUBJECT: u32 = 100;")],
    ),
    (
        "SelfKey, log-ins from one address while a challenge lives",
        "10 000",
        &[("src/selfkey/relying_party/builder.rs", "const MAX_LOGINS_PER_ADDRESS: u32 = 10_000;")],
    ),
    (
        "SelfKey, `Retry-After` when the relying party's `Memory` is full",
        "60 s",
        &[(
            "src/selfkey/relying_party/memory/state.rs",
            "const FULL_WAIT: Duration = Duration::from_secs(60);",
        )],
    ),
    (
        "Credify, body of a call for encrypted claims",
        "64 KiB",
        &[("src/credify/market/admission.rs", "const MAX_CLAIMS_REQUEST_BYTES: usize = 64 << 10;")],
    ),
    (
        "flow, KYC-Chain's users or applications looked through",
        "1000",
        &[("src/flow/selfkey.rs", "const MAX_LISTED: usize = 1_000;")],
    ),
];

#[test]
fn the_numbers_of_the_manual_are_the_numbers_of_the_code() {
    let page = rows(&read("src/manual/defaults.md"));
    let said: BTreeSet<(&str, &str)> = page.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let known: BTreeSet<(&str, &str)> = NUMBERS.iter().map(|(what, number, _)| (*what, *number)).collect();
    let apart: Vec<_> = said.symmetric_difference(&known).collect();
    assert!(apart.is_empty(), "on the page or in the list, and not in both: {apart:?}");
    for (what, number, places) in NUMBERS {
        for (file, line) in *places {
            assert!(read(file).contains(line), "`{what}` is no longer {number}: {file} lacks `{line}`");
        }
    }
}

/// The public variants of an enum that is declared in a file.
fn variants(file: &str, name: &str) -> Vec<String> {
    let parsed = syn::parse_file(&read(file)).expect("Rust");
    let found = parsed.items.iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == name => Some(item),
        _ => None,
    });
    let found = found.unwrap_or_else(|| panic!("{file} has no enum {name}"));
    found.variants.iter().map(|variant| variant.ident.to_string()).collect()
}

#[test]
fn every_kind_of_error_stands_in_the_troubleshooting_page_once() {
    let page = read("src/manual/troubleshooting.md");
    let kinds = variants("src/error/kind.rs", "ErrorKind");
    assert!(kinds.len() > 10, "{kinds:?}");
    let said: Vec<String> =
        page.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_owned).collect();
    let sections: Vec<&String> = said.iter().filter(|title| !title.contains(' ')).collect();
    assert_eq!(
        sections,
        kinds.iter().collect::<Vec<_>>(),
        "a section for each kind, in the order of the kinds"
    );
}

/// The words of checks that a page names in the first column of its tables.
fn checks(page: &str) -> Vec<String> {
    let firsts = rows(page).into_iter().map(|row| row[0].clone());
    let words =
        firsts.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    words.filter(|word| word.contains(['.', '_'])).collect()
}

#[test]
fn every_check_that_an_error_can_have_is_explained() {
    let named = checks(&read("src/manual/troubleshooting.md"));
    let is_named = |check: &str| {
        let family = check.split('.').next().unwrap_or_default();
        named.iter().any(|word| word == check || *word == format!("{family}.…"))
    };
    assert_none("write it so that it can be followed", &REPORT.checks.lost);
    let all = &REPORT.checks.words;
    // Some that no literal beside the setter says.
    for known in ["token.too_large", "fetch.host", "approval.scopes", "claim.expired", "user_data.no_token"] {
        assert!(all.contains(known), "{known} was not found: {all:?}");
    }
    let bare: Vec<_> = all.iter().filter(|check| !is_named(check)).collect();
    assert!(bare.is_empty(), "the manual does not explain {bare:?}");
}

#[test]
fn every_check_that_the_manual_explains_is_one_that_the_code_makes() {
    let named = checks(&read("src/manual/troubleshooting.md"));
    assert!(named.len() > 30, "{named:?}");
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    let code: String = files.iter().map(|path| fs::read_to_string(path).expect("a readable file")).collect();
    let is_said = |word: &str| match word.strip_suffix('…') {
        Some(family) => code.contains(&format!("\"{family}")),
        None => code.contains(&format!("\"{word}\"")),
    };
    let unknown: Vec<_> = named.iter().filter(|word| !is_said(word)).collect();
    assert!(unknown.is_empty(), "nothing in the source says {unknown:?}");
}

/// The commands of a text that run an example: its name and the features that are turned on.
fn commands(text: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut found = Vec::new();
    for part in text.split("cargo run ").skip(1) {
        let end = part.find(['`', '\n']).unwrap_or(part.len());
        let words: Vec<&str> = part[..end].split_whitespace().collect();
        let after = |flag: &str| {
            words.iter().position(|word| *word == flag).and_then(|at| words.get(at + 1)).copied()
        };
        if let Some(example) = after("--example") {
            let features = after("--features").unwrap_or_default().split(',').map(str::to_owned);
            found.push((example.to_owned(), features.collect()));
        }
    }
    found
}

/// All that features turn on, the default ones among them.
fn turned_on(features: &serde_json::Value, named: &BTreeSet<String>) -> BTreeSet<String> {
    let mut waiting: Vec<String> = named.iter().cloned().chain(["default".to_owned()]).collect();
    let mut on = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if on.insert(name.clone()) {
            waiting.extend(texts(&features[name.as_str()]).into_iter().map(str::to_owned));
        }
    }
    on
}

#[test]
fn every_example_that_the_documents_run_is_there_with_its_features() {
    let metadata = metadata(&["--no-deps"]);
    let package = package(&metadata);
    let targets = package["targets"].as_array().expect("targets");
    let mut documents = Vec::new();
    for folder in ["examples", "src", "tests/interop"] {
        walk(&root().join(folder), &mut documents);
    }
    documents.extend(["README.md", "CONTRIBUTING.md"].map(|name| root().join(name)));
    let mut run = BTreeSet::new();
    for path in documents.iter().filter(|path| path.is_file()) {
        let Ok(text) = fs::read_to_string(path) else { continue };
        for (example, features) in commands(&text) {
            let is_it = |target: &&serde_json::Value| {
                target["name"] == example.as_str() && texts(&target["kind"]).contains(&"example")
            };
            let target = targets.iter().find(is_it);
            let target = target.unwrap_or_else(|| panic!("{}: no example `{example}`", path.display()));
            let on = turned_on(&package["features"], &features);
            let missing: Vec<_> =
                texts(&target["required-features"]).into_iter().filter(|name| !on.contains(*name)).collect();
            assert!(missing.is_empty(), "{}: `{example}` needs {missing:?}", path.display());
            run.insert(example);
        }
    }
    assert!(run.contains("quickstart") && run.len() > 10, "{run:?}");
}

#[test]
fn commands_are_read_as_they_are_written() {
    let found = commands("`cargo run --features a,b --example x -- --y` and `cargo run --example z`");
    assert_eq!(found[0], ("x".to_owned(), ["a", "b"].map(str::to_owned).into()));
    assert_eq!(found[1], ("z".to_owned(), [String::new()].into()));
    assert_eq!(rows("| a | b |\n| --- | --- |\n| c | d |\n"), [["c", "d"]]);
    assert_eq!(checks("| a | b |\n| --- | --- |\n| `c.d`, `e.f` | `g.h` |\n"), ["c.d", "e.f"]);
}

/// Code that shows a provider's calls: blocks in the documentation of its room, its programs, its recipe.
fn shown(provider: &str, room: &[PathBuf]) -> String {
    let mut shown = read(&format!("src/manual/recipes/{provider}.md"));
    for path in room {
        let text = fs::read_to_string(path).expect("a readable file");
        let prose = text.lines().filter_map(|line| line.trim_start().strip_prefix("//"));
        let prose: Vec<&str> = prose.filter_map(|line| line.strip_prefix(['!', '/'])).collect();
        for block in prose.join("\n").split("```").skip(1).step_by(2) {
            shown.push_str(block);
        }
    }
    let mut programs = Vec::new();
    walk(&root().join("examples"), &mut programs);
    let own = |path: &&PathBuf| {
        let path = path.strip_prefix(root()).expect("it is below the root").to_string_lossy();
        path.replace('\\', "/").starts_with(&format!("examples/{provider}"))
    };
    for path in programs.iter().filter(own) {
        shown.push_str(&fs::read_to_string(path).expect("a readable file"));
    }
    shown
}

/// The providers' calls are the public `async` functions of what is called `Client`.
#[test]
fn every_call_of_a_provider_has_an_example() {
    let (mut calls, mut bare) = (0, Vec::new());
    for provider in ["credify", "credo360", "maya", "selfkey", "shuftipro"] {
        let mut room = Vec::new();
        walk(&root().join("src").join(provider), &mut room);
        let shown = shown(provider, &room);
        for path in &room {
            let parsed = syn::parse_file(&fs::read_to_string(path).expect("a readable file")).expect("Rust");
            for method in parsed.items.iter().flat_map(client_calls) {
                calls += 1;
                let is_shown = shown.contains(&format!(".{}(", method.sig.ident));
                if !has_example(&method.attrs) && !is_shown {
                    bare.push(format!("{}: {}", path.display(), method.sig.ident));
                }
            }
        }
    }
    assert!(calls > 40, "only {calls} calls were found");
    assert!(bare.is_empty(), "calls without an example: {bare:#?}");
}

fn client_calls(item: &syn::Item) -> Vec<&syn::ImplItemFn> {
    let is_client = |of: &syn::Type| matches!(of, syn::Type::Path(path) if path.path.is_ident("Client"));
    let syn::Item::Impl(item) = item else { return Vec::new() };
    if item.trait_.is_some() || !is_client(&item.self_ty) {
        return Vec::new();
    }
    let methods = item.items.iter().filter_map(|inner| match inner {
        syn::ImplItem::Fn(method) => Some(method),
        _ => None,
    });
    let is_call = |method: &&syn::ImplItemFn| {
        matches!(method.vis, syn::Visibility::Public(_)) && method.sig.asyncness.is_some()
    };
    methods.filter(is_call).collect()
}

/// Whether the documentation has a block of code.
fn has_example(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).any(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else { return false };
        matches!(&pair.value, syn::Expr::Lit(text)
            if matches!(&text.lit, syn::Lit::Str(text) if text.value().trim_start().starts_with("```")))
    })
}

#[test]
fn an_example_is_told_from_prose() {
    let documented = |text: &str| -> syn::ItemFn { syn::parse_str(text).expect("a function") };
    assert!(has_example(&documented("/// Does it.\n///\n/// ```no_run\n/// f();\n/// ```\nfn f() {}").attrs));
    assert!(!has_example(&documented("/// Does `it`.\nfn f() {}").attrs));
}
