//! Project Wycheproof's vectors, run through this crate's own functions.
//!
//! A vector that is marked invalid must be refused. One that is marked valid must be accepted, unless it lies outside
//! what the crate accepts (a label, another algorithm): then it must be refused, and counts as skipped with the reason.
//! So do vectors for sizes that the crate has no form for. `acceptable` vectors, valid by a reading of the standard that is not the strict one, are held to be
//! invalid; the files in use have none.
//!
//! Source: `testvectors_v1` of C2SP/wycheproof.

use std::{collections::BTreeMap, fs, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::crypto::{
    self, ed25519,
    jose::{
        algorithm::{ContentEncryption, SignatureAlgorithm},
        keys::{Labels, VerificationKey},
        verify,
    },
    rsa::{self, Oaep},
    secp256k1,
};

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileReport {
    /// The file's name.
    pub(crate) file: String,
    /// Vectors that were decided as they should be.
    pub(crate) passed: usize,
    /// Vectors outside what the crate accepts, by reason.
    pub(crate) skipped: BTreeMap<&'static str, usize>,
    /// One line for each vector that was decided otherwise, or for what is wrong with the file.
    pub(crate) failures: Vec<String>,
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

const RUNNERS: [(&str, Runner); 8] = [
    ("a128cbc_hs256_test.json", a128cbc_hs256),
    ("aes_gcm_test.json", aes_gcm),
    ("ecdsa_secp256k1_sha256_bitcoin_test.json", secp256k1_sha256),
    ("ed25519_test.json", ed25519),
    ("hmac_sha256_test.json", hmac_sha256),
    ("json_web_signature_test.json", json_web_signature),
    ("rsa_oaep_2048_sha1_mgf1sha1_test.json", rsa_oaep),
    ("rsa_oaep_2048_sha256_mgf1sha256_test.json", rsa_oaep),
];

/// Runs every JSON file of the folder, in the order of their names. A file that is not known is a failure.
pub(crate) fn run(dir: &Path) -> Vec<FileReport> {
    let mut files = match fs::read_dir(dir) {
        Ok(entries) => entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".json"))
            .collect::<Vec<_>>(),
        Err(_) => {
            let failures = vec!["the folder cannot be read".to_owned()];
            return vec![FileReport { failures, ..FileReport::default() }];
        }
    };
    files.sort();
    files.into_iter().map(|file| run_file(dir, file)).collect()
}

fn run_file(dir: &Path, file: String) -> FileReport {
    let mut report = FileReport { file, ..FileReport::default() };
    let Some((_, runner)) = RUNNERS.iter().find(|(name, _)| *name == report.file) else {
        report.failures.push("nothing is known of this file".to_owned());
        return report;
    };
    let vectors = fs::read(dir.join(&report.file)).ok();
    let Some(vectors) = vectors.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) else {
        report.failures.push("the file is not JSON".to_owned());
        return report;
    };
    let mut count = 0;
    for group in list(&vectors, "testGroups") {
        for test in list(group, "tests") {
            count += 1;
            judge(&mut report, test, runner(group, test));
        }
    }
    if vectors["numberOfTests"] != count {
        report
            .failures
            .push(format!("{count} vectors were found where the file says {}", vectors["numberOfTests"]));
    }
    report
}

fn judge(report: &mut FileReport, test: &Value, outcome: Option<Outcome>) {
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

fn a128cbc_hs256(group: &Value, test: &Value) -> Option<Outcome> {
    match (group["keySize"].as_u64()?, group["tagSize"].as_u64()?) {
        (256, 128) => aead(ContentEncryption::A128CbcHs256, test),
        _ => Some(Skipped("a key or tag size that the algorithm does not have")),
    }
}

fn aes_gcm(group: &Value, test: &Value) -> Option<Outcome> {
    match (group["keySize"].as_u64()?, group["tagSize"].as_u64()?) {
        (128, 128) => aead(ContentEncryption::A128Gcm, test),
        (256, 128) => aead(ContentEncryption::A256Gcm, test),
        _ => Some(Skipped("a key or tag size that no accepted algorithm has")),
    }
}

fn aead(encryption: ContentEncryption, test: &Value) -> Option<Outcome> {
    let [key, iv, aad, message] = ["key", "iv", "aad", "msg"].map(|name| bytes(test, name));
    let [ciphertext, tag] = ["ct", "tag"].map(|name| bytes(test, name));
    let (key, iv, aad, message, ciphertext, tag) = (key?, iv?, aad?, message?, ciphertext?, tag?);
    Some(match encryption.open(&key, &iv, &aad, &ciphertext, &tag) {
        None if iv.len() != encryption.iv_length() => Skipped("an initialisation vector of another length"),
        None => Refused,
        // Encrypting must give the same bytes.
        Some(opened) => accepted(
            *opened == message
                && encryption.seal(&key, &iv, &aad, &message) == Some((ciphertext, tag.try_into().ok()?)),
        ),
    })
}

fn ed25519(group: &Value, test: &Value) -> Option<Outcome> {
    let key = ed25519::VerifyingKey::from_pem(text(group, "publicKeyPem")?);
    let (message, signature) = (bytes(test, "msg")?, bytes(test, "sig")?);
    Some(accepted(key.is_ok_and(|key| key.verifies(&message, &signature))))
}

fn hmac_sha256(group: &Value, test: &Value) -> Option<Outcome> {
    let (key, message, tag) = (bytes(test, "key")?, bytes(test, "msg")?, bytes(test, "tag")?);
    let fits = crypto::equal(&crypto::hmac_sha256(&key, &[&message]), &tag);
    Some(if !fits && group["tagSize"] != 256 { Skipped("a shortened tag") } else { accepted(fits) })
}

fn rsa_oaep(group: &Value, test: &Value) -> Option<Outcome> {
    let oaep = match (text(group, "sha")?, text(group, "mgfSha")?) {
        ("SHA-1", "SHA-1") => Oaep::Sha1,
        ("SHA-256", "SHA-256") => Oaep::Sha256,
        _ => return Some(Skipped("hashes that no accepted algorithm combines")),
    };
    let key = rsa::PrivateKey::from_pem(text(group, "privateKeyPem")?, None).ok()?;
    let (message, ciphertext) = (bytes(test, "msg")?, bytes(test, "ct")?);
    Some(match key.decrypt(oaep, &ciphertext) {
        Ok(opened) => accepted(*opened == message),
        Err(_) if !bytes(test, "label")?.is_empty() => Outside("a label"),
        Err(_) => Refused,
    })
}

fn secp256k1_sha256(group: &Value, test: &Value) -> Option<Outcome> {
    let key = secp256k1::PublicKey::from_hex(text(&group["publicKey"], "uncompressed")?);
    let (message, signature) = (bytes(test, "msg")?, bytes(test, "sig")?);
    Some(accepted(key.is_ok_and(|key| key.verifies_sha256(&message, &signature))))
}

fn json_web_signature(group: &Value, test: &Value) -> Option<Outcome> {
    const LONGEST: usize = 64 * 1024;
    const ACCEPTED: [SignatureAlgorithm; 7] = [
        SignatureAlgorithm::Es256,
        SignatureAlgorithm::EdDsa,
        SignatureAlgorithm::Hs256,
        SignatureAlgorithm::Hs512,
        SignatureAlgorithm::Ps256,
        SignatureAlgorithm::Rs256,
        SignatureAlgorithm::Rs512,
    ];
    let jwk = group.get("public").or_else(|| group.get("private"))?;
    let name = match (jwk.get("alg").and_then(Value::as_str), text(jwk, "kty")?) {
        (Some(name), _) => name,
        (None, "EC") => "ES256",
        (None, _) => "RS256",
    };
    let Some(algorithm) = ACCEPTED.into_iter().find(|one| one.name() == name) else {
        return Some(Skipped("a key for an algorithm that is not accepted"));
    };
    let token = text(test, "jws")?;
    let verified = VerificationKey::from_jwk(&jwk.to_string(), algorithm, Labels::Checked)
        .and_then(|key| verify::verify(&key, token.as_bytes(), LONGEST));
    Some(match verified {
        Ok(_) if test["result"] != "valid" && is_called_valid(group, token) => {
            Skipped("a token that the same group also calls valid")
        }
        Ok(_) => Accepted,
        Err(_) if !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) => {
            Outside("characters that RFC 7515 section 2 does not allow")
        }
        Err(_) if header_algorithm(token).is_some_and(|found| found != name) => {
            Outside("a token by another algorithm than its key is for")
        }
        Err(_) => Refused,
    })
}

fn is_called_valid(group: &Value, token: &str) -> bool {
    list(group, "tests").iter().any(|other| other["jws"] == token && other["result"] == "valid")
}

fn header_algorithm(token: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    text(&serde_json::from_slice(&header).ok()?, "alg").map(str::to_owned)
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
    use std::path::PathBuf;

    use super::*;

    fn vectors() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/wycheproof")
    }

    #[test]
    fn every_vector_is_decided_as_wycheproof_says_or_lies_outside() {
        let reports = run(&vectors());
        for report in &reports {
            println!("{}: {} passed, skipped {:?}", report.file, report.passed, report.skipped);
            assert_eq!(report.failures, [] as [&str; 0], "{}", report.file);
        }
        let counts = reports
            .iter()
            .map(|report| (report.file.as_str(), report.passed, report.skipped.values().sum::<usize>()))
            .collect::<Vec<_>>();
        assert_eq!(
            counts,
            [
                ("a128cbc_hs256_test.json", 94, 0),
                // Keys of 128 and 256 bits with IVs of 96 bits: 67 and 66.
                ("aes_gcm_test.json", 133, 183),
                ("ecdsa_secp256k1_sha256_bitcoin_test.json", 463, 0),
                ("ed25519_test.json", 151, 0),
                // Every other group has tags of 128 bits.
                ("hmac_sha256_test.json", 87, 87),
                // Skipped: RS384 4, PS384 5, PS512 20, ES512 2, and six by reasons of their own.
                ("json_web_signature_test.json", 364, 37),
                ("rsa_oaep_2048_sha1_mgf1sha1_test.json", 29, 7),
                ("rsa_oaep_2048_sha256_mgf1sha256_test.json", 29, 8),
            ]
        );
    }

    /// Each vector's verdict turned round must be a failure: otherwise the runner decides nothing.
    #[test]
    fn a_verdict_turned_round_is_a_failure() {
        for (name, runner) in RUNNERS {
            let vectors = fs::read(vectors().join(name)).expect("read");
            let vectors: Value = serde_json::from_slice(&vectors).expect("JSON");
            let mut report = FileReport::default();
            let (mut count, mut outside) = (0, 0);
            for group in list(&vectors, "testGroups") {
                for test in list(group, "tests") {
                    let mut turned = test.clone();
                    turned["result"] = if test["result"] == "valid" { "invalid" } else { "valid" }.into();
                    let outcome = runner(group, test);
                    count += 1;
                    outside += usize::from(matches!(outcome, Some(Outside(_) | Skipped(_))));
                    judge(&mut report, &turned, outcome);
                }
            }
            assert_eq!(report.failures.len(), count - outside, "{name}");
        }
    }

    #[test]
    fn unknown_files_and_wrong_counts_are_failures() {
        let dir = std::env::temp_dir().join(format!("kyckit-wycheproof-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("made");
        fs::write(dir.join("other_test.json"), "{}").expect("written");
        fs::write(dir.join("ed25519_test.json"), r#"{"numberOfTests":1,"testGroups":[]}"#).expect("written");
        fs::write(dir.join("aes_gcm_test.json"), "[").expect("written");
        let reports = run(&dir);
        fs::remove_dir_all(&dir).expect("removed");
        assert_eq!(reports.len(), 3);
        assert!(reports.iter().all(|report| report.failures.len() == 1), "{reports:?}");
        assert_eq!(run(&dir)[0].failures.len(), 1);
    }
}
