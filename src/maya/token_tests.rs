//! The nested token against the vectors, at the limits, and with keys that are none.

use std::error::Error as _;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{
    encrypt::Encrypter,
    hash::MessageDigest,
    pkey::PKey,
    rsa::{Padding, Rsa},
    symm::{Cipher, encrypt_aead},
};
use serde_json::{Value, json};

use super::*;
use crate::crypto::{
    hmac_sha256,
    jose::{
        encrypt::{self, Encryption},
        keys::{EncryptionKey, SigningKey},
        sign,
    },
};

const NOW: u64 = 1_800_000_000;

fn vector(name: &str) -> Value {
    let path = format!("{}/tests/vectors/maya/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).expect("a vector file")).expect("JSON")
}

fn reader_with(jwe: &Value, jws: &Value, algorithms: TokenAlgorithms) -> Result<TokenReader, Error> {
    let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
    TokenReader::new(&jwe.to_string().into(), &jws.to_string().into(), algorithms, LEEWAY, clock)
}

fn reader() -> TokenReader {
    let keys = vector("keys.json");
    reader_with(&keys["jwe_private_jwk"], &keys["jws_secret_jwk"], TokenAlgorithms::All).expect("good keys")
}

fn open(token: &str) -> Result<Verified<Profile>, Error> {
    reader().open(token, SystemTime::UNIX_EPOCH)
}

fn refused(token: &str) -> TokenRejection {
    TokenRejection::of(&open(token).expect_err("refused")).expect("a category")
}

/// A signed token with this payload, as Maya would make it.
fn signed(payload: &[u8]) -> String {
    let key = vector("keys.json")["jws_secret_jwk"].to_string();
    let key = SigningKey::from_jwk(&key, SignatureAlgorithm::Hs256, Labels::Ignored).expect("a key");
    sign::sign(&key, None, payload).expect("signed")
}

fn encrypted(content: &[u8], deflate: bool) -> String {
    let key = vector("keys.json")["jwe_private_jwk"].to_string();
    let key = EncryptionKey::from_jwk(&key, Labels::Ignored).expect("a key");
    let how = Encryption {
        key_encryption: KeyEncryption::RsaOaep,
        content_encryption: ContentEncryption::A256Gcm,
        deflate,
        content_type: None,
    };
    encrypt::encrypt(&key, how, content).expect("encrypted")
}

/// A JWE by hand, for what no library makes: any header, any compressed bytes.
fn sealed(header: &Value, content: &[u8]) -> String {
    let keys = vector("keys.json");
    let number = |name: &str| {
        let text = keys["jwe_private_jwk"][name].as_str().expect("a member");
        openssl::bn::BigNum::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("a number")
    };
    let key =
        PKey::from_rsa(Rsa::from_public_components(number("n"), number("e")).expect("RSA")).expect("a key");
    let content_key = [7; 32];
    let mut wrap = Encrypter::new(&key).expect("an encrypter");
    wrap.set_rsa_padding(Padding::PKCS1_OAEP).expect("OAEP");
    wrap.set_rsa_oaep_md(MessageDigest::sha1()).expect("SHA-1");
    wrap.set_rsa_mgf1_md(MessageDigest::sha1()).expect("SHA-1");
    let mut wrapped = vec![0; 256];
    wrap.encrypt(&content_key, &mut wrapped).expect("wrapped");
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let (iv, mut tag) = ([9; 12], [0; 16]);
    let cipher = Cipher::aes_256_gcm();
    let sealed =
        encrypt_aead(cipher, &content_key, Some(&iv), header.as_bytes(), content, &mut tag).expect("sealed");
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!("{header}.{}.{}.{}.{}", part(&wrapped), part(&iv), part(&sealed), part(&tag))
}

#[test]
fn every_vector_gives_its_profile_or_its_category() {
    let reader = reader();
    let cases = vector("cases.json");
    let cases = cases.as_array().expect("a list");
    for case in cases {
        let (name, expect) = (&case["name"], &case["expect"]);
        match reader.open(case["token"].as_str().expect("a token"), SystemTime::UNIX_EPOCH) {
            Ok(profile) => assert_eq!(profile.raw().expose(), &expect["ok"], "{name}"),
            Err(error) => {
                let refusal = TokenRejection::of(&error).map(TokenRejection::as_str);
                assert_eq!(refusal, expect["err"].as_str(), "{name}: {error}");
            }
        }
    }
    assert_eq!(cases.len(), 70);
}

#[test]
fn every_failure_to_decrypt_is_the_same_error() {
    let cases = vector("cases.json");
    let mut tokens: Vec<String> = cases
        .as_array()
        .expect("a list")
        .iter()
        .filter(|case| case["expect"]["err"] == "decrypt_failed")
        .map(|case| case["token"].as_str().expect("a token").to_owned())
        .collect();
    assert_eq!(tokens.len(), 10);
    let whole = cases[0]["token"].as_str().expect("a token");
    let parts: Vec<&str> = whole.split('.').collect();
    let without = |index: usize, instead: &str| {
        let mut parts = parts.clone();
        parts[index] = instead;
        parts.join(".")
    };
    let longer = format!("{}AAAA", parts[1]);
    tokens.extend([without(1, ""), without(1, "AAAA"), without(1, &longer), without(1, &"A".repeat(342))]);
    tokens.extend([without(2, ""), without(2, "AAAA"), without(3, ""), without(4, ""), without(4, "AAAA")]);
    let all: std::collections::BTreeSet<String> = tokens
        .iter()
        .map(|token| {
            let error = open(token).expect_err("refused");
            assert!(error.source().is_none());
            format!("{:?} {:?} {error} {error:?}", error.kind(), error.check())
        })
        .collect();
    assert_eq!(all.len(), 1, "{all:?}");
}

#[test]
fn the_limits_are_where_the_contract_puts_them() {
    // A JWS that is as long as the limit: the header part, the signature part and two dots leave the rest.
    let overhead = signed(b"").len();
    let profile = |length: usize| {
        // Three bytes become four characters.
        let bytes = (length - overhead) / 4 * 3;
        let frame = br#"{"id":"a","x":""}"#.len();
        signed(format!(r#"{{"id":"a","x":"{}"}}"#, "y".repeat(bytes - frame)).as_bytes())
    };
    let fits = profile(MAX_TOKEN_BYTES);
    assert!(MAX_TOKEN_BYTES - fits.len() < 4, "{}", fits.len());
    assert_eq!(open(&encrypted(fits.as_bytes(), true)).expect("a profile").id().expose(), "a");
    assert_eq!(refused(&encrypted(profile(MAX_TOKEN_BYTES + 4).as_bytes(), true)), TokenRejection::TooLarge);
    // To the byte, with a text that is no JWS: the size step passes it, the next does not.
    assert_eq!(refused(&encrypted(&vec![b'a'; MAX_TOKEN_BYTES], true)), TokenRejection::Malformed);
    assert_eq!(refused(&encrypted(&vec![b'a'; MAX_TOKEN_BYTES + 1], true)), TokenRejection::TooLarge);

    assert_eq!(refused(&"a".repeat(MAX_TOKEN_BYTES)), TokenRejection::Malformed);
    assert_eq!(refused(&"a".repeat(MAX_TOKEN_BYTES + 1)), TokenRejection::TooLarge);
}

#[test]
fn a_deflated_text_is_complete_and_alone() {
    let header = json!({"alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF"});
    let deflated = {
        use flate2::{Compression, write::DeflateEncoder};
        use std::io::Write;
        let mut stream = DeflateEncoder::new(Vec::new(), Compression::default());
        stream.write_all(signed(br#"{"id":"a"}"#).as_bytes()).expect("deflated");
        stream.finish().expect("deflated")
    };
    assert!(open(&sealed(&header, &deflated)).is_ok());
    assert_eq!(refused(&sealed(&header, &deflated[..deflated.len() - 1])), TokenRejection::Malformed);
    assert_eq!(refused(&sealed(&header, &[&deflated[..], b"x"].concat())), TokenRejection::Malformed);
    assert_eq!(refused(&sealed(&header, b"")), TokenRejection::Malformed);
}

#[test]
fn headers_that_ask_for_more_are_refused_and_the_rest_is_passed_over() {
    let content = signed(br#"{"id":"a"}"#);
    let token = |header: Value| sealed(&header, content.as_bytes());
    let plain = json!({"alg": "RSA-OAEP", "enc": "A256GCM"});
    assert!(open(&token(plain.clone())).is_ok());
    let with = |name: &str, value: Value| {
        let mut header = plain.clone();
        header[name] = value;
        token(header)
    };
    for name in ["kid", "typ", "cty", "jku", "x5u", "p2s", "iv", "tag"] {
        assert!(open(&with(name, json!("https://example.com/x"))).is_ok(), "{name}");
    }
    let key = json!({"kty": "oct", "k": "AAAA"});
    for (name, value) in
        [("jwk", key.clone()), ("epk", key), ("x5c", json!(["AAAA"])), ("p2c", json!(4_294_967_295_u32))]
    {
        assert!(open(&with(name, value)).is_ok(), "{name}");
    }
    for (name, value) in [
        ("crit", json!([])),
        ("crit", Value::Null),
        ("zip", json!("def")),
        ("zip", Value::Null),
        ("alg", json!("rsa-oaep")),
        ("alg", json!("RSA-OAEP-384")),
        ("enc", json!("a256gcm")),
    ] {
        assert_eq!(
            refused(&with(name, value.clone())),
            TokenRejection::AlgorithmNotAllowed,
            "{name} {value}"
        );
    }
    for (name, value) in [("alg", json!(1)), ("enc", json!(["A256GCM"]))] {
        assert_eq!(refused(&with(name, value)), TokenRejection::Malformed);
    }
}

#[test]
fn the_set_can_be_narrowed_to_what_is_documented() {
    let keys = vector("keys.json");
    let narrow =
        reader_with(&keys["jwe_private_jwk"], &keys["jws_secret_jwk"], TokenAlgorithms::AsDocumented)
            .expect("keys");
    let opened = |name: &str| {
        let cases = vector("cases.json");
        let case =
            cases.as_array().expect("a list").iter().find(|case| case["name"] == name).expect(name).clone();
        narrow
            .open(case["token"].as_str().expect("a token"), SystemTime::UNIX_EPOCH)
            .map(drop)
            .map_err(|error| TokenRejection::of(&error))
    };
    assert_eq!(opened("full-profile-rsa-oaep-a256gcm"), Ok(()));
    assert_eq!(opened("zip-def-a256gcm"), Ok(()));
    for name in
        ["rsa-oaep-256-a256gcm", "rsa-oaep-a128gcm", "rsa-oaep-a128cbc-hs256", "zip-def-a128cbc-hs256"]
    {
        assert_eq!(opened(name), Err(Some(TokenRejection::AlgorithmNotAllowed)), "{name}");
    }
}

#[test]
fn time_claims_are_judged_with_the_leeway() {
    let at = |claims: Value| {
        let mut payload = json!({"id": "a"});
        payload.as_object_mut().expect("an object").extend(claims.as_object().expect("an object").clone());
        open(&encrypted(signed(payload.to_string().as_bytes()).as_bytes(), false))
            .map(drop)
            .map_err(|error| TokenRejection::of(&error).expect("a category"))
    };
    assert_eq!(at(json!({"exp": NOW - 59})), Ok(()));
    assert_eq!(at(json!({"exp": NOW - 60})), Err(TokenRejection::Expired));
    assert_eq!(at(json!({"nbf": NOW + 60})), Ok(()));
    assert_eq!(at(json!({"nbf": NOW + 61})), Err(TokenRejection::PayloadInvalid));
    assert_eq!(at(json!({"iat": NOW + 1_000_000})), Ok(()), "iat is not judged");
    for claim in ["exp", "nbf", "iat"] {
        for value in [json!("1"), json!(null), json!({}), json!(1e300)] {
            assert_eq!(at(json!({claim: value})), Err(TokenRejection::PayloadInvalid), "{claim} {value}");
        }
    }
    assert_eq!(at(json!({"iss": 7, "aud": [], "sub": null, "jti": true})), Ok(()), "they are not documented");
}

#[test]
fn a_signature_is_compared_whole() {
    let payload = br#"{"id":"a"}"#;
    let good = signed(payload);
    let (input, signature) = good.rsplit_once('.').expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    for cut in [0, 1, 16, 31] {
        let short = format!("{input}.{}", URL_SAFE_NO_PAD.encode(&bytes[..cut]));
        assert_eq!(refused(&encrypted(short.as_bytes(), false)), TokenRejection::SignatureInvalid);
    }
    let longer = format!("{input}.{}", URL_SAFE_NO_PAD.encode([&bytes[..], &[0]].concat()));
    assert_eq!(refused(&encrypted(longer.as_bytes(), false)), TokenRejection::SignatureInvalid);
    // A MAC under another secret, such as the public key's number, which others know.
    let modulus = vector("keys.json")["jwe_private_jwk"]["n"].as_str().expect("a member").to_owned();
    let modulus = URL_SAFE_NO_PAD.decode(modulus).expect("base64url");
    let forged = format!("{input}.{}", URL_SAFE_NO_PAD.encode(hmac_sha256(&modulus, &[input.as_bytes()])));
    assert_eq!(refused(&encrypted(forged.as_bytes(), false)), TokenRejection::SignatureInvalid);
}

#[test]
fn keys_are_taken_as_the_provider_prints_them_and_labels_are_passed_over() {
    let keys = vector("keys.json");
    let (mut jwe, mut jws) = (keys["jwe_private_jwk"].clone(), keys["jws_secret_jwk"].clone());
    let good = |jwe: &Value, jws: &Value| reader_with(jwe, jws, TokenAlgorithms::All).is_ok();
    assert!(good(&jwe, &jws));
    for label in ["RS512", "RSA-OAEP", "anything"] {
        jwe["alg"] = json!(label);
        jws["alg"] = json!(label);
        assert!(good(&jwe, &jws), "{label}");
    }
    for (name, value) in
        [("use", json!("sig")), ("kid", json!("k1")), ("key_ops", json!(["verify"])), ("ext", json!(true))]
    {
        jwe[name] = value.clone();
        jws[name] = value;
    }
    assert!(good(&jwe, &jws));
    jws["k"] = json!(format!("{}==", jws["k"].as_str().expect("a text")));
    assert!(good(&jwe, &jws), "padding in a key file");
}

#[test]
fn a_wrong_key_is_refused_by_its_member_and_never_shown() {
    let keys = vector("keys.json");
    let (jwe, jws) = (&keys["jwe_private_jwk"], &keys["jws_secret_jwk"]);
    let refused = |jwe: &Value, jws: &Value, named: &str| {
        let error = reader_with(jwe, jws, TokenAlgorithms::All).expect_err(named);
        assert_eq!(error.kind(), crate::ErrorKind::Configuration);
        let text = error.to_string();
        assert!(text.contains(named), "{named}: {text}");
        for key in [jwe, jws] {
            for value in key.as_object().into_iter().flat_map(|key| key.values()) {
                let value = value.as_str().unwrap_or_default();
                assert!(value.len() < 40 || !format!("{text} {error:?}").contains(value), "{named}");
            }
        }
        error.check()
    };
    let changed = |key: &Value, name: &str, value: Option<Value>| {
        let mut key = key.clone();
        match value {
            Some(value) => key[name] = value,
            None => drop(key.as_object_mut().expect("an object").remove(name)),
        }
        key
    };
    for member in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        assert_eq!(refused(&changed(jwe, member, None), jws, member), Some("key.jwe_private_jwk"));
        refused(&changed(jwe, member, Some(json!("a+b/"))), jws, member);
        refused(&changed(jwe, member, Some(json!(7))), jws, member);
    }
    refused(&changed(jwe, "kty", Some(json!("oct"))), jws, "kty");
    refused(&changed(jwe, "kty", None), jws, "kty");
    refused(&changed(jwe, "oth", Some(json!([]))), jws, "oth");
    refused(jws, jws, "kty");
    refused(&json!([]), jws, "JWK");
    refused(&json!({"kty": "RSA", "x": "y".repeat(16 * 1024)}), jws, "16");
    for member in ["e", "d", "p", "dp", "dq", "qi"] {
        let other = changed(jwe, member, Some(jwe["q"].clone()));
        reader_with(&other, jws, TokenAlgorithms::All).expect_err(member);
    }

    assert_eq!(refused(jwe, &changed(jws, "k", None), "k"), Some("key.jws_secret_jwk"));
    refused(jwe, &changed(jws, "kty", Some(json!("RSA"))), "kty");
    refused(jwe, jwe, "kty");
    let short = URL_SAFE_NO_PAD.encode([1; 31]);
    refused(jwe, &changed(jws, "k", Some(json!(short))), "32");
    assert!(!format!("{:?}", reader()).contains("oct"));
}

#[test]
fn an_end_in_milliseconds_does_not_keep_a_profile_open_that_is_over() {
    let profile = vector("cases.json")[0]["expect"]["ok"].clone();
    let with = |claims: &Value| {
        let mut payload = profile.clone();
        let members = payload.as_object_mut().expect("a profile");
        members.extend(claims.as_object().expect("claims").clone());
        encrypted(signed(payload.to_string().as_bytes()).as_bytes(), false)
    };
    assert!(open(&with(&json!({"exp": NOW + 3600, "iat": NOW}))).is_ok());
    for claims in [
        json!({"exp": (NOW - 3600) * 1000}),
        json!({"exp": 1_445_412_480_000_u64}),
        json!({"exp": NOW + 3600, "iat": NOW * 1000}),
    ] {
        assert_eq!(refused(&with(&claims)), TokenRejection::PayloadInvalid, "{claims}");
    }
}
