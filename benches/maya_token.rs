//! A profile's nested token (RSA-2048, A256GCM, HS256, 2 KB of profile): decrypted, verified and typed, against the bare
//! private RSA operation of the same OpenSSL. Target: at most 1.10.
//!
//! `benches/peers/maya` does the same on the same token with the JavaScript library of the provider's sample.

#![allow(clippy::expect_used)]

mod support;

use std::{hint::black_box, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kyckit::{
    maya::{Client, CustomerTokens, SealedProfile},
    transport::{Canned, Memory, Options},
};
use openssl::{
    bn::BigNum,
    encrypt::Decrypter,
    hash::MessageDigest,
    pkey::{PKey, Private},
    rsa::{Padding, RsaPrivateKeyBuilder},
};
use serde_json::{Value, json};
use support::{Candidate, compare};

fn vector(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn main() {
    let keys = vector(include_str!("../tests/vectors/maya/keys.json"));
    let cases = vector(include_str!("../tests/vectors/maya/cases.json"));
    let token = |name: &str| {
        let cases = cases.as_array().expect("a list");
        let case = cases.iter().find(|case| case["name"] == name).expect(name);
        case["token"].as_str().expect("a token").to_owned()
    };
    let good = token("full-profile-rsa-oaep-a256gcm");
    let sealed = sealed(&keys, &good);
    let forged = self::sealed(&keys, &token("wrong-hs-key"));
    let undecryptable = self::sealed(&keys, &token("tampered-encrypted-key"));

    let key = private_key(&keys["jwe_private_jwk"]);
    let encrypted_key =
        URL_SAFE_NO_PAD.decode(good.split('.').nth(1).expect("five parts")).expect("base64url");
    let payload = sealed.open().expect("a profile").raw().expose().to_string();
    compare(
        &format!("a nested token of {} bytes around a profile of {}", good.len(), payload.len()),
        15,
        Duration::from_millis(300),
        vec![
            Candidate::new("bare: RSA-2048 private operation with OAEP", || {
                let mut decrypter = Decrypter::new(&key).expect("a decrypter");
                decrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("OAEP");
                decrypter.set_rsa_oaep_md(MessageDigest::sha1()).expect("SHA-1");
                decrypter.set_rsa_mgf1_md(MessageDigest::sha1()).expect("SHA-1");
                let mut content_key = [0; 256];
                black_box(decrypter.decrypt(&encrypted_key, &mut content_key).expect("opened"));
                1
            }),
            Candidate::new("kyckit: decrypted, verified, typed", || {
                black_box(sealed.open().expect("a profile"));
                1
            }),
            Candidate::new("kyckit: forged inside, refused", || {
                black_box(forged.open().expect_err("forged"));
                1
            }),
            Candidate::new("kyckit: not to be decrypted, refused", || {
                black_box(undecryptable.open().expect_err("another key"));
                1
            }),
        ],
    );
}

/// A profile as the client gets it, without a network.
fn sealed(keys: &Value, token: &str) -> SealedProfile {
    let memory = Memory::new([
        Canned::json(200, r#"{"access_token":"aaa.bbb.ccc"}"#),
        Canned::json(200, json!({ "data": token }).to_string()),
    ]);
    let client = Client::builder("client-1", "s3cret")
        .token_url("https://connect.example.com/token")
        .keys(keys["jwe_private_jwk"].to_string(), keys["jws_secret_jwk"].to_string())
        .options(Options::new().transport(memory))
        .build()
        .expect("a client");
    let tokens = CustomerTokens::new("j.w.e.1.x", "r.0.1", 1_893_456_000).expect("tokens");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(client.sealed_profile(&tokens)).expect("an answer")
}

fn private_key(jwk: &Value) -> PKey<Private> {
    let number = |name: &str| {
        let text = jwk[name].as_str().expect("a member");
        BigNum::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("a number")
    };
    let rsa = RsaPrivateKeyBuilder::new(number("n"), number("e"), number("d"))
        .and_then(|builder| builder.set_factors(number("p"), number("q")))
        .and_then(|builder| builder.set_crt_params(number("dp"), number("dq"), number("qi")))
        .expect("a key");
    PKey::from_rsa(rsa.build()).expect("a key")
}
