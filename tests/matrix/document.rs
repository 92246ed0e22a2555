//! `docs/fault-matrix.md`: the rule, the matrix, and how many cells of it are unexplained.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::Path};

use kyckit::ErrorKind;

use crate::{
    calls::{CALLS, Call},
    fault::FAULTS,
    rule::{ATTEMPTS, Expected, expected},
};

const PLACE: &str = "docs/fault-matrix.md";
/// Writes the document instead of comparing it.
const WRITE: &str = "WRITE_FAULT_MATRIX";

/// Compares the document with what was run and explained, or writes it.
pub fn check(run: usize) {
    let text = document(run);
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(PLACE);
    if env::var_os(WRITE).is_some() {
        fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        fs::write(&place, text).expect("written");
        return;
    }
    let written = fs::read_to_string(&place).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        written == text,
        "{PLACE} is not what the rule says: run `{WRITE}=1 cargo test --features full --test matrix`"
    );
}

fn document(run: usize) -> String {
    let cells = CALLS.len() * FAULTS.len();
    let rule = include_str!("rule.rs");
    let rule = rule.split_once("// rule: begin\n").expect("a beginning").1;
    let rule = rule.split_once("// rule: end").expect("an end").0.trim_end();
    let mut text = String::new();
    let mut add = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    add("# Fault matrix");
    add("");
    add(
        "Every remote call of every provider under every fault of a network and of a server. `tests/matrix` runs each cell",
    );
    add(
        "over a socket on loopback and compares it with the rule below; it fails when one differs, and when this page differs",
    );
    add(
        "from what it ran. The page is written by `WRITE_FAULT_MATRIX=1 cargo test --features full --test matrix`.",
    );
    add("");
    add(&format!("- {} requests of public methods, {} faults, {cells} cells", CALLS.len(), FAULTS.len()));
    add(&format!("- {run} cells run, {} not applicable by the rule", cells - run));
    add("- 0 unexplained");
    add("");
    add(&format!(
        "The clients make at most {ATTEMPTS} attempts. A method that sends several requests has a row for each; the requests"
    ));
    add("before it are answered well.");
    add("");
    add("## How to read a cell");
    add("");
    add(
        "`ok` is a result, and three letters are the kind of an error; the number says how many times the server saw the",
    );
    add(
        "request. `!` stands for an error that says it may have taken effect, `w` for one that names the wait that the server",
    );
    add("asked for. `-` is not applicable. In every other error the call has not taken effect.");
    add("");
    add("| letters | error kind |");
    add("| --- | --- |");
    for (kind, letters) in KINDS {
        add(&format!("| `{letters}` | `{kind:?}` |"));
    }
    add("");
    add("| column | fault |");
    add("| --- | --- |");
    for (number, fault) in FAULTS.iter().enumerate() {
        add(&format!("| {} | {fault} |", number + 1));
    }
    add("");
    add("## The rule");
    add("");
    add("```rust");
    add(rule);
    add("```");
    for (provider, calls) in by_provider() {
        add("");
        add(&format!("## {provider}"));
        add("");
        add(&matrix(&calls));
    }
    add("");
    add("## Not applicable");
    add("");
    add("| why | cells |");
    add("| --- | --- |");
    for (why, number) in not_applicable() {
        add(&format!("| {why} | {number} |"));
    }
    text
}

fn by_provider() -> BTreeMap<&'static str, Vec<&'static Call>> {
    let mut providers: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for call in CALLS {
        let provider = call.name.split("::").next().expect("a provider");
        providers.entry(provider).or_default().push(call);
    }
    providers
}

fn matrix(calls: &[&Call]) -> String {
    let mut text = String::from("| call | may be repeated |");
    for number in 1..=FAULTS.len() {
        let _ = write!(text, " {number} |");
    }
    text.push_str("\n| --- | --- |");
    text.push_str(&" --- |".repeat(FAULTS.len()));
    for call in calls {
        let repeated = if call.is_idempotent() { "yes" } else { "no" };
        let title = call.title();
        let (_, title) = title.split_once("::").expect("a path");
        let _ = write!(text, "\n| `{title}` | {repeated} |");
        for fault in FAULTS {
            let _ = write!(text, " {} |", cell(expected(call, *fault)));
        }
    }
    text
}

const KINDS: &[(ErrorKind, &str)] = &[
    (ErrorKind::Authentication, "aut"),
    (ErrorKind::Conflict, "cfl"),
    (ErrorKind::Connect, "con"),
    (ErrorKind::Decode, "dec"),
    (ErrorKind::Expired, "exp"),
    (ErrorKind::Interrupted, "int"),
    (ErrorKind::NotFound, "nfd"),
    (ErrorKind::Permission, "per"),
    (ErrorKind::Provider, "pro"),
    (ErrorKind::RateLimited, "rat"),
    (ErrorKind::Signature, "sig"),
    (ErrorKind::Timeout, "tim"),
    (ErrorKind::TooLarge, "big"),
];

fn cell(expected: Expected) -> String {
    match expected {
        Expected::NotApplicable(_) => "-".to_owned(),
        Expected::Success { seen } => format!("ok{seen}"),
        Expected::Failure { kind, seen, may_have_taken_effect, names_the_wait, .. } => {
            let letters = KINDS.iter().find(|(known, _)| *known == kind).map_or("?", |(_, letters)| letters);
            let effect = if may_have_taken_effect { "!" } else { "" };
            let wait = if names_the_wait { "w" } else { "" };
            format!("{letters}{seen}{effect}{wait}")
        }
    }
}

fn not_applicable() -> BTreeMap<&'static str, usize> {
    let mut reasons = BTreeMap::new();
    for call in CALLS {
        for fault in FAULTS {
            if let Expected::NotApplicable(why) = expected(call, *fault) {
                *reasons.entry(why).or_insert(0) += 1;
            }
        }
    }
    reasons
}
