//! Project Wycheproof's vectors hold, and files that are made here are decided as they should be.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    jwe::{self, JweHeader, alg::rsaes::RsaesJweAlgorithm},
    jwk::Jwk,
};
use k256::ecdsa::{self, signature::Signer as _};
use openssl::{
    encrypt::Encrypter,
    error::ErrorStack,
    hash::MessageDigest,
    pkey::PKey,
    rsa::{Padding, Rsa},
    sign::{RsaPssSaltlen, Signer},
};
use serde_json::{Value, json};

use crate::{
    folder,
    runner::{Report, run},
};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/wycheproof")
}

/// The names of the files, with what was passed and what was skipped.
fn counts(report: &Report) -> Vec<(&str, usize, usize)> {
    let mut counts: Vec<(&str, usize, usize)> = Vec::new();
    for line in &report.lines {
        let number =
            |text: &str| text.split([' ', ':']).next().and_then(|text| text.parse().ok()).expect("a number");
        match (line.strip_prefix("  skipped "), counts.last_mut()) {
            (Some(skipped), Some(file)) => {
                let skipped: usize = number(skipped);
                *file = (file.0, file.1 - skipped, file.2 + skipped);
            }
            _ => {
                let (name, cases) = line.split_once(": ").expect("a file");
                counts.push((name, number(cases), 0));
            }
        }
    }
    counts
}

#[test]
fn every_vector_is_decided_as_wycheproof_says_or_lies_outside() {
    let report = run(&vectors(), None).expect("a folder");
    assert_eq!((report.passed, report.failed, report.skipped), (1350, 0, 322), "{report}");
    assert_eq!(
        counts(&report),
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
fn outcome(name: &str, files: &[Value]) -> Vec<(usize, usize, usize)> {
    let dir = folder(&format!("wycheproof-{name}"));
    let outcome = files.iter().map(|file| {
        fs::write(dir.join("unseen.json"), file.to_string()).expect("written");
        let report = run(&dir, Some("wycheproof")).expect("a folder");
        (report.passed, report.skipped, report.failed)
    });
    let outcome = outcome.collect();
    fs::remove_dir_all(&dir).expect("removed");
    outcome
}

#[test]
fn files_are_known_by_what_they_say_and_not_by_their_names() {
    let known: Value =
        serde_json::from_slice(&fs::read(vectors().join("ed25519_test.json")).expect("read")).expect("JSON");
    let mut other = known.clone();
    other["schema"] = "eddsa_verify_schema.json".into();
    let mut unknown = known.clone();
    unknown["schema"] = "xdh_comp_schema_v1.json".into();
    let mut without = known.clone();
    without["algorithm"] = "SM2".into();
    assert_eq!(
        outcome("names", &[known, other, unknown, without]),
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

    let key = ecdsa::SigningKey::from_slice(&[7; 32]).expect("a key");
    let low: ecdsa::Signature = key.sign(b"message");
    let low = low.normalize_s();
    let der = low.to_der();
    let (r, s) = low.split_scalars();
    let high = ecdsa::Signature::from_scalars(r, -s).expect("a signature");
    let point = key.verifying_key().to_sec1_point(false);
    let group = group("secp256k1", point.as_bytes(), "SHA-256");
    let tests = [
        ("valid", test(b"message", &low.to_bytes())),
        ("valid", test(b"message", &high.to_bytes())),
        ("invalid", test(b"message", &spoiled(&low.to_bytes()))),
        ("invalid", test(b"message", &low.to_bytes()[..63])),
    ];
    let wallet = file(schema, Some("ECDSA"), group.clone(), &tests);
    let tests = [
        ("valid", test(b"message", der.as_bytes())),
        ("valid", test(b"message", high.to_der().as_bytes())),
        ("invalid", test(b"message", &spoiled(der.as_bytes()))),
    ];
    let in_der = file("ecdsa_verify_schema.json", Some("ECDSA"), group, &tests);
    assert_eq!(
        outcome("pairs", &[p256, other, wallet, in_der]),
        [(5, 0, 0), (0, 5, 0), (3, 1, 0), (2, 1, 0)]
    );
}

#[test]
fn tokens_that_are_encrypted_or_signed_are_decided_in_one_file() {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/maya/keys.json");
    let keys: Value = serde_json::from_slice(&fs::read(keys).expect("read")).expect("JSON");
    let mut private = keys["jwe_private_jwk"].clone();
    for label in ["alg", "use", "key_ops", "kid"] {
        private.as_object_mut().expect("a JWK").remove(label);
    }
    let jwk = private.clone();
    private["alg"] = "RSA-OAEP-256".into();
    let public = jwk.clone();
    let token = |algorithm: RsaesJweAlgorithm, content: &str| {
        let public = Jwk::from_bytes(public.to_string()).expect("a JWK");
        let encrypter = algorithm.encrypter_from_jwk(&public).expect("a key");
        let mut header = JweHeader::new();
        header.set_content_encryption(content);
        jwe::serialize_compact(b"foo", &header, &encrypter).expect("encrypted")
    };
    let good = token(jwe::RSA_OAEP_256, "A128GCM");
    let other = token(jwe::RSA_OAEP, "A128CBC-HS256");
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
        outcome("tokens", &[labelled, wrong, unlabelled, aes, mixed, sets]),
        [(5, 1, 0), (0, 0, 1), (5, 0, 0), (0, 6, 0), (2, 0, 0), (0, 1, 0)]
    );
}

#[test]
fn longer_macs_and_larger_keys_are_decided() {
    let key = PKey::from_rsa(Rsa::generate(3072).expect("a key")).expect("a key");
    let text = |pem: Result<Vec<u8>, ErrorStack>| String::from_utf8(pem.expect("PEM")).expect("PEM");
    let (private, public) = (text(key.private_key_to_pem_pkcs8()), text(key.public_key_to_pem()));
    let group = json!({"keySize": 3072, "sha": "SHA-256", "mgf": "MGF1", "mgfSha": "SHA-256", "privateKeyPem": private});
    let encrypted = || {
        let mut encrypter = Encrypter::new(&key)?;
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
        encrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
        encrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
        let mut ciphertext = vec![0; encrypter.encrypt_len(b"foo")?];
        let length = encrypter.encrypt(b"foo", &mut ciphertext)?;
        ciphertext.truncate(length);
        Ok::<_, ErrorStack>(ciphertext)
    };
    let ciphertext = encrypted().expect("encrypted");
    let test = |ciphertext: &[u8]| json!({"msg": "666f6f", "ct": hex::encode(ciphertext), "label": ""});
    let tests = [("valid", test(&ciphertext)), ("invalid", test(&ciphertext[1..]))];
    let oaep = file("rsaes_oaep_decrypt_schema.json", Some("RSAES-OAEP"), group, &tests);

    let signature = |padding: Padding, message: &[u8]| {
        let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
        signer.set_rsa_padding(padding)?;
        if padding == Padding::PKCS1_PSS {
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        signer.sign_oneshot_to_vec(message)
    };
    let signed = |padding, message: &[u8]| {
        let signature = signature(padding, message).expect("signed");
        json!({"msg": hex::encode(message), "sig": hex::encode(signature)})
    };
    let mut foreign = signed(Padding::PKCS1, b"a");
    foreign["msg"] = "62".into();
    let pkcs1 = file(
        "rsassa_pkcs1_verify_schema_v1.json",
        Some("RSASSA-PKCS1-v1_5"),
        json!({"sha": "SHA-256", "publicKeyPem": public}),
        &[("valid", signed(Padding::PKCS1, b"a")), ("invalid", foreign)],
    );
    let pss = file(
        "rsassa_pss_verify_schema_v1.json",
        Some("RSASSA-PSS"),
        json!({"sha": "SHA-256", "mgf": "MGF1", "mgfSha": "SHA-256", "sLen": 32, "publicKeyPem": public}),
        &[("valid", signed(Padding::PKCS1_PSS, b"a")), ("invalid", signed(Padding::PKCS1, b"a"))],
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
        outcome("sizes", &[oaep, pkcs1, pss, hmac, sha1]),
        [(2, 0, 0), (2, 0, 0), (2, 0, 0), (2, 0, 0), (0, 2, 0)]
    );
}

#[test]
fn unknown_files_and_wrong_counts_are_failures() {
    let dir = folder("wycheproof-unknown");
    fs::write(dir.join("other_test.json"), "{}").expect("written");
    let empty =
        r#"{"schema":"eddsa_verify_schema_v1.json","algorithm":"EDDSA","numberOfTests":1,"testGroups":[]}"#;
    fs::write(dir.join("ed25519_test.json"), empty).expect("written");
    fs::write(dir.join("aes_gcm_test.json"), "[").expect("written");
    let report = run(&dir, Some("wycheproof")).expect("a folder");
    fs::remove_dir_all(&dir).expect("removed");
    assert_eq!((report.passed, report.failed, report.skipped), (0, 3, 0), "{report}");
    assert!(run(&dir, Some("wycheproof")).is_err());
}
