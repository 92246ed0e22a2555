//! Credify's vectors: a file is a list of cases, and each file has a function here that runs them.

mod backend;
mod call_arguments;
mod claim_tokens;
mod common;
mod encrypted_pem;
mod encryption;
mod hashing;
mod http_calls;
mod jwt;
mod key_case;
mod market;
mod money;
mod offers;
mod oidc_urls;
mod signing_keys;
mod tokens;
mod userinfo;
mod validate_request;
mod webhook;

use serde_json::Value;

use super::Run;

/// Runs all cases of one file: name and content.
type Cases = fn(&mut Run, &str, &Value);

/// Who runs which file. A folder may hold some of them only.
const FILES: &[(&str, Cases)] = &[
    ("signing-keys.json", signing_keys::run),
    ("encrypted-pem.json", encrypted_pem::run),
    ("hashing.json", hashing::run),
    ("key-case.json", key_case::run),
    ("jwt.json", jwt::run),
    ("tokens.json", tokens::run),
    ("claim-tokens.json", claim_tokens::run),
    ("encryption.json", encryption::run),
    ("userinfo.json", userinfo::run),
    ("validate-request.json", validate_request::run),
    ("offer-evaluation.json", offers::run),
    ("market-endpoints.json", market::run),
    ("http-calls.json", http_calls::run),
    ("oidc-urls.json", oidc_urls::run),
    ("webhook.json", webhook::run),
];

pub(super) fn run(run: &mut Run) {
    for (name, cases) in FILES {
        if !run.unlisted.contains(*name) {
            continue;
        }
        match run.read_json(name) {
            Ok(file) => cases(run, name, &file),
            Err(what) => run.fault(name, &what),
        }
    }
    run.close();
}
