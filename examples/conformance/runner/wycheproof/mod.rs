//! Project Wycheproof's vectors, run through this crate's own functions.
//!
//! Which function runs a file follows from its own `schema` and `algorithm`, never from its name. A file of a schema that
//! is known, for an algorithm that the crate has no form for, is skipped whole with the reason; of an unknown schema, it
//! is a failure.
//!
//! A vector that is marked invalid must be refused. One that is marked valid must be accepted, unless it lies outside
//! what the crate accepts (a label, another algorithm): then it must be refused, and counts as skipped with the reason.
//! So do vectors for sizes that the crate has no form for. `acceptable` vectors, valid by a reading of the
//! standard that is not the strict one, are held to be invalid; the files in use have none.
//!
//! Source: `testvectors_v1` of C2SP/wycheproof.

mod ecdsa;
mod rsa;
mod symmetric;
mod token;

use std::{collections::BTreeMap, fs};

use kyckit::__private::vectors::crypto as vectors;
use serde_json::Value;

use super::Run;

/// Result of one file.
#[derive(Default)]
struct FileReport {
    /// Vectors that were decided as they should be.
    passed: usize,
    /// Vectors outside what the crate accepts, by reason.
    skipped: BTreeMap<&'static str, usize>,
    /// One line for each vector that was decided otherwise, or for what is wrong with the file.
    failures: Vec<String>,
}

/// What a function of the crate made of a vector.
enum Outcome {
    Accepted,
    Refused,
    /// Refused, and if the vector is marked valid this is why.
    Outside(&'static str),
    /// Not for this crate to decide, whatever the mark.
    Skipped(&'static str),
}

use Outcome::{Accepted, Outside, Refused, Skipped};

/// Decides the vector `test` of the group `group`; `None` when the vector lacks a member.
type Runner = fn(group: &Value, test: &Value) -> Option<Outcome>;

/// The function for a file, by what the file says of itself; `None` for what is no file of a known schema.
fn runner(file: &Value) -> Option<Runner> {
    let schema = text(file, "schema")?.trim_end_matches(".json");
    // Later files name a version of the schema.
    let schema = schema.split_once("_schema").map_or(schema, |(name, _)| name);
    let algorithm = text(file, "algorithm").unwrap_or_default();
    Some(match (schema, algorithm) {
        ("aead_test", "A128CBC-HS256") => symmetric::a128cbc_hs256,
        ("aead_test", "AES-GCM") => symmetric::aes_gcm,
        ("ecdsa_bitcoin_verify", "ECDSA") => ecdsa::bitcoin,
        ("ecdsa_verify", "ECDSA") => ecdsa::der,
        ("ecdsa_p1363_verify", "ECDSA") => ecdsa::pair,
        ("eddsa_verify", "EDDSA") => ed25519,
        ("mac_test", "HMACSHA256") => symmetric::hmac_sha256,
        ("mac_test", "HMACSHA512") => symmetric::hmac_sha512,
        ("json_web_signature", _) => token::signature,
        ("json_web_encryption", _) => token::encryption,
        ("json_web_crypto", _) => token::either,
        ("rsaes_oaep_decrypt", "RSAES-OAEP") => rsa::oaep,
        ("rsassa_pkcs1_verify", "RSASSA-PKCS1-v1_5") => rsa::pkcs1,
        ("rsassa_pss_verify", "RSASSA-PSS") => rsa::pss,
        (
            "aead_test"
            | "ecdsa_bitcoin_verify"
            | "ecdsa_verify"
            | "ecdsa_p1363_verify"
            | "eddsa_verify"
            | "mac_test"
            | "rsassa_pss_with_parameters_verify"
            | "rsaes_oaep_decrypt"
            | "rsassa_pkcs1_verify"
            | "rsassa_pss_verify",
            _,
        ) => |_, _| Some(Skipped("an algorithm that the crate has no form for")),
        _ => return None,
    })
}

/// Runs every JSON file of the folder, in the order of their names. A file that is not known is a failure.
pub(super) fn run(run: &mut Run) {
    for name in std::mem::take(&mut run.unlisted) {
        let report = run_file(run, &name);
        run.file(&name, report.passed + report.skipped.values().sum::<usize>() + report.failures.len());
        for (reason, cases) in report.skipped {
            run.report.lines.push(format!("  skipped {cases}: {reason}"));
            run.report.skipped += cases;
        }
        run.report.passed += report.passed;
        for failure in report.failures {
            run.case(&name, &vec![failure]);
        }
    }
}

fn run_file(run: &Run, name: &str) -> FileReport {
    let mut report = FileReport::default();
    let vectors = fs::read(run.dir.join(name)).ok();
    let Some(vectors) = vectors.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) else {
        report.failures.push("the file is not JSON".to_owned());
        return report;
    };
    let Some(runner) = runner(&vectors) else {
        report.failures.push("nothing is known of the schema of this file".to_owned());
        return report;
    };
    let mut count = 0;
    for group in list(&vectors, "testGroups") {
        for test in list(group, "tests") {
            count += 1;
            count_outcome(&mut report, test, runner(group, test));
        }
    }
    if vectors["numberOfTests"] != count {
        report
            .failures
            .push(format!("{count} vectors were found where the file says {}", vectors["numberOfTests"]));
    }
    report
}

fn count_outcome(report: &mut FileReport, test: &Value, outcome: Option<Outcome>) {
    let expected = test["result"].as_str().unwrap_or("absent");
    let decided = match (expected, outcome) {
        ("valid", Some(Outside(reason))) | (_, Some(Skipped(reason))) => {
            *report.skipped.entry(reason).or_default() += 1;
            return;
        }
        ("valid", Some(Accepted)) | ("invalid" | "acceptable", Some(Refused | Outside(_))) => {
            report.passed += 1;
            return;
        }
        (_, Some(Accepted)) => "accepted",
        (_, Some(Refused | Outside(_))) => "refused",
        (_, None) => "not understood",
    };
    report.failures.push(format!("tcId {}: {decided}, expected {expected}", test["tcId"]));
}

fn ed25519(group: &Value, test: &Value) -> Option<Outcome> {
    // Ed448 goes by the same algorithm.
    if group["publicKey"]["curve"].as_str().is_some_and(|curve| curve != "edwards25519") {
        return Some(Skipped("a curve that no accepted algorithm has"));
    }
    let key = text(group, "publicKeyPem")?;
    let (message, signature) = (bytes(test, "msg")?, bytes(test, "sig")?);
    Some(accepted(vectors::ed25519_verifies(key, &message, &signature)))
}

fn accepted(yes: bool) -> Outcome {
    if yes { Accepted } else { Refused }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn bytes(value: &Value, name: &str) -> Option<Vec<u8>> {
    hex::decode(text(value, name)?).ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Each vector's verdict turned round must be a failure: otherwise the runner decides nothing.
    #[test]
    fn a_verdict_turned_round_is_a_failure() {
        for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/wycheproof"))
            .expect("the folder")
        {
            let path = file.expect("a file").path();
            let name = path.display();
            let vectors: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
            let runner = runner(&vectors).expect("a known schema");
            let mut report = FileReport::default();
            let (mut count, mut outside) = (0, 0);
            for group in list(&vectors, "testGroups") {
                for test in list(group, "tests") {
                    let mut turned = test.clone();
                    turned["result"] = if test["result"] == "valid" { "invalid" } else { "valid" }.into();
                    let outcome = runner(group, test);
                    count += 1;
                    outside += usize::from(matches!(outcome, Some(Outside(_) | Skipped(_))));
                    count_outcome(&mut report, &turned, outcome);
                }
            }
            assert_eq!(report.failures.len(), count - outside, "{name}");
        }
    }
}
