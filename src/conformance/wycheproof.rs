//! Project Wycheproof's vectors, run through this crate's own functions.
//!
//! Which function runs a file follows from its own `schema` and `algorithm`, never from its name. A file of a schema that
//! is known, for an algorithm that the crate has no form for, is skipped whole with the reason; of an unknown schema, it
//! is a failure.
//!
//! A vector that is marked invalid must be refused. One that is marked valid must be accepted, unless it lies outside
//! what the crate accepts (a label, another algorithm): then it must be refused, and counts as skipped with the reason.
//! So do vectors for sizes that the crate has no form for. `acceptable` vectors, valid by a reading of the standard that is not the strict one, are held to be
//! invalid; the files in use have none.
//!
//! Source: `testvectors_v1` of C2SP/wycheproof.

use std::{collections::BTreeMap, fs, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::crypto::{
    self, ed25519,
    jose::{
        algorithm::{ContentEncryption, KeyEncryption, SignatureAlgorithm},
        decrypt::{Decrypter, DecryptionPolicy},
        keys::{DecryptionKey, Labels, VerificationKey},
        verify,
    },
    rsa::{self, Oaep, Scheme},
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

/// The function for a file, by what the file says of itself; `None` for what is no file of a known schema.
fn runner(file: &Value) -> Option<Runner> {
    let schema = text(file, "schema")?.trim_end_matches(".json");
    // Later files name a version of the schema.
    let schema = schema.split_once("_schema").map_or(schema, |(name, _)| name);
    let algorithm = text(file, "algorithm").unwrap_or_default();
    Some(match (schema, algorithm) {
        ("aead_test", "A128CBC-HS256") => a128cbc_hs256,
        ("aead_test", "AES-GCM") => aes_gcm,
        ("ecdsa_bitcoin_verify", "ECDSA") => bitcoin,
        ("ecdsa_verify", "ECDSA") => ecdsa_der,
        ("ecdsa_p1363_verify", "ECDSA") => ecdsa_p1363,
        ("eddsa_verify", "EDDSA") => ed25519,
        ("mac_test", "HMACSHA256") => hmac_sha256,
        ("mac_test", "HMACSHA512") => hmac_sha512,
        ("json_web_signature", _) => json_web_signature,
        ("json_web_encryption", _) => json_web_encryption,
        ("json_web_crypto", _) => json_web_crypto,
        ("rsaes_oaep_decrypt", "RSAES-OAEP") => rsa_oaep,
        ("rsassa_pkcs1_verify", "RSASSA-PKCS1-v1_5") => rsa_pkcs1,
        ("rsassa_pss_verify", "RSASSA-PSS") => rsa_pss,
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
    let vectors = fs::read(dir.join(&report.file)).ok();
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
    // Ed448 goes by the same algorithm.
    if group["publicKey"]["curve"].as_str().is_some_and(|curve| curve != "edwards25519") {
        return Some(Skipped("a curve that no accepted algorithm has"));
    }
    let key = ed25519::VerifyingKey::from_pem(text(group, "publicKeyPem")?);
    let (message, signature) = (bytes(test, "msg")?, bytes(test, "sig")?);
    Some(accepted(key.is_ok_and(|key| key.verifies(&message, &signature))))
}

fn hmac_sha256(group: &Value, test: &Value) -> Option<Outcome> {
    hmac(group, test, 256, |key, message| crypto::hmac_sha256(key, &[message]).to_vec())
}

fn hmac_sha512(group: &Value, test: &Value) -> Option<Outcome> {
    hmac(group, test, 512, |key, message| crypto::hmac_sha512(key, &[message]).to_vec())
}

fn hmac(group: &Value, test: &Value, size: u32, tag_of: fn(&[u8], &[u8]) -> Vec<u8>) -> Option<Outcome> {
    let (key, message, tag) = (bytes(test, "key")?, bytes(test, "msg")?, bytes(test, "tag")?);
    let fits = crypto::equal(&tag_of(&key, &message), &tag);
    Some(if !fits && group["tagSize"] != size { Skipped("a shortened tag") } else { accepted(fits) })
}

fn rsa_oaep(group: &Value, test: &Value) -> Option<Outcome> {
    let oaep = match (text(group, "sha")?, text(group, "mgfSha")?) {
        ("SHA-1", "SHA-1") => Oaep::Sha1,
        ("SHA-256", "SHA-256") => Oaep::Sha256,
        _ => return Some(Skipped("hashes that no accepted algorithm combines")),
    };
    let Ok(key) = rsa::PrivateKey::from_pem(text(group, "privateKeyPem")?, None) else {
        return Some(Skipped("a key of a size that is not accepted"));
    };
    let (message, ciphertext) = (bytes(test, "msg")?, bytes(test, "ct")?);
    Some(match key.decrypt(oaep, &ciphertext) {
        Ok(opened) => accepted(*opened == message),
        Err(_) if !bytes(test, "label")?.is_empty() => Outside("a label"),
        Err(_) => Refused,
    })
}

/// A group's curve with SHA-256, where the crate takes this pair; the two coordinates with 04 in front.
fn curve(group: &Value) -> Option<(Option<Curve>, Vec<u8>)> {
    let key = &group["publicKey"];
    let curve = match (text(key, "curve")?, text(group, "sha")?) {
        ("secp256k1", "SHA-256") => Some(Curve::Secp256k1),
        ("secp256r1", "SHA-256") => Some(Curve::P256),
        _ => None,
    };
    Some((curve, hex::decode(text(key, "uncompressed")?).ok()?))
}

enum Curve {
    P256,
    Secp256k1,
}

const OTHER_CURVE: Outcome = Skipped("a curve or a hash that no accepted algorithm has");
const HIGH_S: Outcome = Outside("a high s, out of which anybody could make a second signature");

/// Signatures in DER by the rules of Bitcoin: a high s is invalid.
fn bitcoin(group: &Value, test: &Value) -> Option<Outcome> {
    match curve(group)? {
        (Some(Curve::Secp256k1), key) => secp256k1_der(&key, test),
        _ => Some(OTHER_CURVE),
    }
}

/// Signatures in DER: a high s is valid, and not accepted.
fn ecdsa_der(group: &Value, test: &Value) -> Option<Outcome> {
    let (Some(Curve::Secp256k1), key) = curve(group)? else {
        return Some(Skipped("signatures in DER over another curve, or with another hash, are not accepted"));
    };
    let is_high = secp256k1::has_high_s(&bytes(test, "sig")?);
    Some(if is_high { HIGH_S } else { secp256k1_der(&key, test)? })
}

fn secp256k1_der(key: &[u8], test: &Value) -> Option<Outcome> {
    let key = secp256k1::PublicKey::from_bytes(key);
    let (message, signature) = (bytes(test, "msg")?, bytes(test, "sig")?);
    Some(accepted(key.is_ok_and(|key| key.verifies_sha256(&message, &signature))))
}

/// Signatures as two numbers of one length: those of JOSE over P-256, those of wallets over secp256k1.
fn ecdsa_p1363(group: &Value, test: &Value) -> Option<Outcome> {
    let (curve, key) = curve(group)?;
    let (message, signature) = (bytes(test, "msg")?, bytes(test, "sig")?);
    Some(match curve {
        Some(Curve::P256) => {
            let (x, y) = key.get(1..)?.split_at_checked(32)?;
            let [x, y] = [x, y].map(|number| URL_SAFE_NO_PAD.encode(number));
            let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}).to_string();
            let key = VerificationKey::from_jwk(&jwk, SignatureAlgorithm::Es256, Labels::Checked);
            accepted(key.is_ok_and(|key| key.fits(&message, &signature)))
        }
        Some(Curve::Secp256k1) => {
            let key = secp256k1::PublicKey::from_bytes(&key);
            // The byte that tells two keys apart is not part of this form; verifying does not look at it.
            let signature = secp256k1::RecoverableSignature::from_bytes(&[&signature[..], &[27]].concat());
            match (key, signature) {
                (Ok(_), Ok(signature)) if signature.has_high_s() => HIGH_S,
                (Ok(key), Ok(signature)) => {
                    accepted(key.verifies_hash(&crypto::sha256(&[&message]), &signature))
                }
                _ => Refused,
            }
        }
        None => OTHER_CURVE,
    })
}

fn rsa_pkcs1(group: &Value, test: &Value) -> Option<Outcome> {
    let scheme = match text(group, "sha")? {
        "SHA-256" => Scheme::Pkcs1Sha256,
        "SHA-512" => Scheme::Pkcs1Sha512,
        _ => return Some(Skipped("a hash that no accepted algorithm has")),
    };
    rsa_signature(scheme, group, test)
}

fn rsa_pss(group: &Value, test: &Value) -> Option<Outcome> {
    match (text(group, "sha")?, text(group, "mgf")?, text(group, "mgfSha"), group["sLen"].as_u64()) {
        ("SHA-256", "MGF1", Some("SHA-256"), Some(32)) => rsa_signature(Scheme::PssSha256, group, test),
        _ => Some(Skipped("hashes or a salt that no accepted algorithm combines")),
    }
}

fn rsa_signature(scheme: Scheme, group: &Value, test: &Value) -> Option<Outcome> {
    let (message, signature) = (bytes(test, "msg")?, bytes(test, "sig")?);
    Some(match rsa::PublicKey::from_pem(text(group, "publicKeyPem")?) {
        Ok(key) => accepted(key.verifies(scheme, &message, &signature)),
        Err(_) => Skipped("a key of a size that is not accepted"),
    })
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
    let Some(token) = text(test, "jws") else {
        return Some(Outside("the JSON serialization, which is not accepted"));
    };
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
        Err(_) if header_member(token, "alg").is_some_and(|found| found != name) => {
            Outside("a token by another algorithm than its key is for")
        }
        Err(_) => Refused,
    })
}

fn json_web_encryption(group: &Value, test: &Value) -> Option<Outcome> {
    const LONGEST: usize = 64 * 1024;
    const KEYS: &[KeyEncryption] = &[KeyEncryption::RsaOaep, KeyEncryption::RsaOaep256];
    const CONTENTS: &[ContentEncryption] =
        &[ContentEncryption::A128CbcHs256, ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];
    let jwk = group.get("private")?;
    if jwk.get("keys").is_some() {
        return Some(Skipped("a set of keys in place of one"));
    }
    // A key is for the algorithm that it names; one that names none is for all of its type.
    let named = |name: &Value| KEYS.iter().position(|one| *name == *one.name());
    let algorithms = match jwk.get("alg").map(named) {
        Some(Some(at)) => &KEYS[at..=at],
        None if text(jwk, "kty")? == "RSA" => KEYS,
        _ => return Some(Skipped("a key for an algorithm that is not accepted")),
    };
    let Some(token) = text(test, "jwe") else {
        return Some(Outside("the JSON serialization, which is not accepted"));
    };
    let Ok(key) = DecryptionKey::from_jwk(&jwk.to_string(), Labels::Checked) else {
        return Some(Skipped("a key that is not accepted"));
    };
    let policy = DecryptionPolicy {
        key_encryption: algorithms,
        content_encryption: CONTENTS,
        deflate: true,
        longest_token: LONGEST,
        longest_content: LONGEST,
    };
    let header = |name| header_member(token, name).unwrap_or_default();
    Some(match Decrypter::new(key, policy).open(token.as_bytes()) {
        Ok(opened) => match bytes(test, "pt") {
            Some(plain) => accepted(opened.content() == plain),
            None => Accepted,
        },
        Err(_) if !algorithms.iter().any(|one| one.name() == header("alg")) => {
            Outside("a token by another algorithm than its key is for")
        }
        Err(_) if !CONTENTS.iter().any(|one| one.name() == header("enc")) => {
            Outside("a content encryption that is not accepted")
        }
        Err(_) => Refused,
    })
}

/// Signed and encrypted tokens in one file.
fn json_web_crypto(group: &Value, test: &Value) -> Option<Outcome> {
    if ["private", "public"].iter().any(|half| group[*half].get("keys").is_some()) {
        return Some(Skipped("a set of keys in place of one"));
    }
    match test.get("jwe") {
        Some(_) => json_web_encryption(group, test),
        None => json_web_signature(group, test),
    }
}

fn is_called_valid(group: &Value, token: &str) -> bool {
    list(group, "tests").iter().any(|other| other["jws"] == token && other["result"] == "valid")
}

fn header_member(token: &str, name: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    text(&serde_json::from_slice(&header).ok()?, name).map(str::to_owned)
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
        for file in fs::read_dir(vectors()).expect("the folder") {
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
                    judge(&mut report, &turned, outcome);
                }
            }
            assert_eq!(report.failures.len(), count - outside, "{name}");
        }
    }

    /// A file with one group and these tests: what they are marked as, and the members that hold the vector.
    fn file(schema: &str, algorithm: Option<&str>, group: Value, tests: &[(&str, Value)]) -> Value {
        let tests: Vec<_> = tests
            .iter()
            .enumerate()
            .map(|(number, (result, test))| {
                let mut test = test.clone();
                test["tcId"] = number.into();
                test["result"] = (*result).into();
                test
            })
            .collect();
        let count = tests.len();
        let mut group = group;
        group["tests"] = tests.into();
        let mut file = json!({"schema": schema, "numberOfTests": count, "testGroups": [group]});
        if let Some(algorithm) = algorithm {
            file["algorithm"] = algorithm.into();
        }
        file
    }

    /// What becomes of files under names that were never seen: passed, skipped and failed vectors.
    fn outcome(files: &[Value]) -> Vec<(usize, usize, usize)> {
        let random = crate::clock::Clock::system().random::<8>().expect("random");
        let dir = std::env::temp_dir().join(format!("kyckit-wycheproof-{}", hex::encode(random)));
        fs::create_dir_all(&dir).expect("made");
        for (number, file) in files.iter().enumerate() {
            fs::write(dir.join(format!("{number:02}_unseen.json")), file.to_string()).expect("written");
        }
        let reports = run(&dir);
        fs::remove_dir_all(&dir).expect("removed");
        let count =
            |report: &FileReport| (report.passed, report.skipped.values().sum(), report.failures.len());
        reports.iter().map(count).collect()
    }

    #[test]
    fn files_are_known_by_what_they_say_and_not_by_their_names() {
        let known: Value =
            serde_json::from_slice(&fs::read(vectors().join("ed25519_test.json")).expect("read"))
                .expect("JSON");
        let mut other = known.clone();
        other["schema"] = "eddsa_verify_schema.json".into();
        let mut unknown = known.clone();
        unknown["schema"] = "xdh_comp_schema_v1.json".into();
        let mut without = known.clone();
        without["algorithm"] = "SM2".into();
        assert_eq!(
            outcome(&[known, other, unknown, without]),
            [(151, 0, 0), (151, 0, 0), (0, 0, 1), (0, 151, 0)]
        );
    }

    #[test]
    fn signatures_of_two_numbers_are_verified_over_both_curves() {
        // RFC 7515 appendix A.3: its signing input is a message like any other.
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
        let point = [
            vec![4],
            decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
        ]
        .concat();
        let message = concat!(
            "eyJhbGciOiJFUzI1NiJ9.",
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        );
        let signature =
            decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
        let test = |message: &[u8], signature: &[u8]| json!({"msg": hex::encode(message), "sig": hex::encode(signature)});
        let spoiled = |signature: &[u8]| {
            let mut spoiled = signature.to_vec();
            spoiled[40] ^= 1;
            spoiled
        };
        let group = |curve: &str, point: &[u8], sha: &str| json!({"publicKey": {"curve": curve, "uncompressed": hex::encode(point)}, "sha": sha});
        let tests = [
            ("valid", test(message.as_bytes(), &signature)),
            ("invalid", test(message.as_bytes(), &spoiled(&signature))),
            ("invalid", test(message.as_bytes(), &signature[..63])),
            ("invalid", test(message.as_bytes(), &[&signature[..], &[0]].concat())),
            ("invalid", test(b"another", &signature)),
        ];
        let schema = "ecdsa_p1363_verify_schema_v1.json";
        let p256 = file(schema, Some("ECDSA"), group("secp256r1", &point, "SHA-256"), &tests);
        let other = file(schema, Some("ECDSA"), group("secp384r1", &point, "SHA-384"), &tests);

        let key = secp256k1::SigningKey::from_bytes(&[7; 32]).expect("a key");
        let der = key.sign_sha256(b"message").expect("signed");
        let low = k256::ecdsa::Signature::from_der(&der).expect("DER");
        let (r, s) = low.split_scalars();
        let high = k256::ecdsa::Signature::from_scalars(r, -s).expect("a signature");
        let point = [&[4][..], &key.public_key().to_bytes()].concat();
        let group = group("secp256k1", &point, "SHA-256");
        let tests = [
            ("valid", test(b"message", &low.to_bytes())),
            ("valid", test(b"message", &high.to_bytes())),
            ("invalid", test(b"message", &spoiled(&low.to_bytes()))),
            ("invalid", test(b"message", &low.to_bytes()[..63])),
        ];
        let wallet = file(schema, Some("ECDSA"), group.clone(), &tests);
        let tests = [
            ("valid", test(b"message", &der)),
            ("valid", test(b"message", high.to_der().as_bytes())),
            ("invalid", test(b"message", &spoiled(&der))),
        ];
        let in_der = file("ecdsa_verify_schema.json", Some("ECDSA"), group, &tests);
        assert_eq!(outcome(&[p256, other, wallet, in_der]), [(5, 0, 0), (0, 5, 0), (3, 1, 0), (2, 1, 0)]);
    }

    #[test]
    fn tokens_that_are_encrypted_or_signed_are_decided_in_one_file() {
        use crate::crypto::jose::{encrypt, keys::EncryptionKey};

        let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/maya/keys.json");
        let keys: Value = serde_json::from_slice(&fs::read(keys).expect("read")).expect("JSON");
        let mut private = keys["jwe_private_jwk"].clone();
        for label in ["alg", "use", "key_ops", "kid"] {
            private.as_object_mut().expect("a JWK").remove(label);
        }
        private["alg"] = "RSA-OAEP-256".into();
        let public = EncryptionKey::from_jwk(&private.to_string(), Labels::Ignored).expect("a key");
        let token = |key_encryption, content_encryption| {
            let how = encrypt::Encryption {
                key_encryption,
                content_encryption,
                deflate: false,
                content_type: None,
            };
            encrypt::encrypt(&public, how, b"foo").expect("encrypted")
        };
        let good = token(KeyEncryption::RsaOaep256, ContentEncryption::A128Gcm);
        let other = token(KeyEncryption::RsaOaep, ContentEncryption::A128CbcHs256);
        let test = |token: &str| json!({"jwe": token, "pt": "666f6f"});
        let tests = [
            ("valid", test(&good)),
            ("invalid", test(&format!("{good}AA"))),
            ("invalid", test(&good[..good.len() - 2])),
            ("invalid", json!({"jwe": {"protected": "x"}})),
            // Valid for a key that does not say what it is for.
            ("valid", test(&other)),
            ("invalid", test(&other)),
        ];
        let schema = "json_web_encryption_schema_v1.json";
        let labelled = file(schema, None, json!({"private": private}), &tests);
        let wrong =
            file(schema, None, json!({"private": private}), &[("valid", json!({"jwe": good, "pt": "00"}))]);
        private.as_object_mut().expect("a JWK").remove("alg");
        let unlabelled = file(schema, None, json!({"private": private}), &tests[..5]);
        let aes = file(schema, None, json!({"private": {"kty": "oct", "alg": "A256KW", "k": "AA"}}), &tests);
        let set = json!({"private": {"keys": [private]}});
        let mixed = file(
            "json_web_crypto_schema_v1.json",
            None,
            json!({"private": private}),
            &[("valid", test(&good)), ("invalid", json!({"jws": "a.b.c"}))],
        );
        let sets = file("json_web_crypto_schema.json", None, set, &[("valid", test(&good))]);
        assert_eq!(
            outcome(&[labelled, wrong, unlabelled, aes, mixed, sets]),
            [(5, 1, 0), (0, 0, 1), (5, 0, 0), (0, 6, 0), (2, 0, 0), (0, 1, 0)]
        );
    }

    #[test]
    fn longer_macs_and_larger_keys_are_decided() {
        let key = rsa::PrivateKey::generate(3072).expect("a key");
        let pem = |label: &str, der: &[u8]| {
            let text = base64::engine::general_purpose::STANDARD.encode(der);
            format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
        };
        let private = pem("PRIVATE KEY", &key.to_der().expect("DER"));
        let public = key.public_key().expect("a key");
        let group = json!({"keySize": 3072, "sha": "SHA-256", "mgf": "MGF1", "mgfSha": "SHA-256", "privateKeyPem": private});
        let ciphertext = public.encrypt(Oaep::Sha256, b"foo").expect("encrypted");
        let test = |ciphertext: &[u8]| json!({"msg": "666f6f", "ct": hex::encode(ciphertext), "label": ""});
        let tests = [("valid", test(&ciphertext)), ("invalid", test(&ciphertext[1..]))];
        let oaep = file("rsaes_oaep_decrypt_schema.json", Some("RSAES-OAEP"), group, &tests);

        let signed = |scheme, message: &[u8]| {
            let signature = key.sign(scheme, message).expect("signed");
            json!({"msg": hex::encode(message), "sig": hex::encode(signature)})
        };
        let public = pem("PUBLIC KEY", &public.to_der().expect("DER"));
        let mut foreign = signed(Scheme::Pkcs1Sha256, b"a");
        foreign["msg"] = "62".into();
        let pkcs1 = file(
            "rsassa_pkcs1_verify_schema_v1.json",
            Some("RSASSA-PKCS1-v1_5"),
            json!({"sha": "SHA-256", "publicKeyPem": public}),
            &[("valid", signed(Scheme::Pkcs1Sha256, b"a")), ("invalid", foreign)],
        );
        let pss = file(
            "rsassa_pss_verify_schema_v1.json",
            Some("RSASSA-PSS"),
            json!({"sha": "SHA-256", "mgf": "MGF1", "mgfSha": "SHA-256", "sLen": 32, "publicKeyPem": public}),
            &[("valid", signed(Scheme::PssSha256, b"a")), ("invalid", signed(Scheme::Pkcs1Sha256, b"a"))],
        );
        // RFC 4231 section 4.3.
        let tag = concat!(
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554",
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        );
        let mac = |tag: &str| json!({"key": hex::encode("Jefe"), "msg": hex::encode("what do ya want for nothing?"), "tag": tag});
        let tests = [("valid", mac(tag)), ("invalid", mac(&tag.replace("164b", "164c")))];
        let hmac = file("mac_test_schema_v1.json", Some("HMACSHA512"), json!({"tagSize": 512}), &tests);
        let sha1 = file("mac_test_schema_v1.json", Some("HMACSHA1"), json!({"tagSize": 160}), &tests);
        assert_eq!(
            outcome(&[oaep, pkcs1, pss, hmac, sha1]),
            [(2, 0, 0), (2, 0, 0), (2, 0, 0), (2, 0, 0), (0, 2, 0)]
        );
    }

    #[test]
    fn unknown_files_and_wrong_counts_are_failures() {
        let dir = std::env::temp_dir().join(format!("kyckit-wycheproof-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("made");
        fs::write(dir.join("other_test.json"), "{}").expect("written");
        let empty = r#"{"schema":"eddsa_verify_schema_v1.json","algorithm":"EDDSA","numberOfTests":1,"testGroups":[]}"#;
        fs::write(dir.join("ed25519_test.json"), empty).expect("written");
        fs::write(dir.join("aes_gcm_test.json"), "[").expect("written");
        let reports = run(&dir);
        fs::remove_dir_all(&dir).expect("removed");
        assert_eq!(reports.len(), 3);
        assert!(reports.iter().all(|report| report.failures.len() == 1), "{reports:?}");
        assert_eq!(run(&dir)[0].failures.len(), 1);
    }
}
