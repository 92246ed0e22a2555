//! A profile's nested token (RSA-2048, A256GCM, HS256, 2 KB of profile): decrypted, verified and typed, against the bare
//! private RSA operation of the same OpenSSL. Target: at most 1.10.
//!
//! Where `npm install` was run in `benches/peers/maya`, the JavaScript library of the provider's sample opens the same
//! token in the same rounds.

#![allow(clippy::expect_used)]

mod support;

use std::{hint::black_box, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kyckit::{
    maya::{Client, CustomerTokens, EncryptedProfile},
    transport::{MockResponse, MockTransport, Options},
};
use openssl::{
    bn::BigNum,
    encrypt::{Decrypter, Encrypter},
    hash::MessageDigest,
    pkey::{PKey, Private},
    rsa::{Padding, RsaPrivateKeyBuilder},
    sign::Signer,
    symm::{Cipher, encrypt_aead},
};
use serde_json::{Value, json};
use support::{Candidate, Peer, compare};

fn vector(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn main() {
    let keys = vector(include_str!("../tests/vectors/maya/keys.json"));
    let cases = vector(include_str!("../tests/vectors/maya/cases.json"));
    let case = |name: &str| {
        let cases = cases.as_array().expect("a list");
        cases.iter().find(|case| case["name"] == name).expect(name).clone()
    };
    let key = private_key(&keys["jwe_private_jwk"]);
    let profile = of_two_kilobytes(case("full-profile-rsa-oaep-a256gcm")["expect"]["ok"].clone());
    let token = nested(&key, &keys["jws_secret_jwk"], profile.as_bytes());

    let sealed = sealed(&keys, &token);
    let undecryptable = case("tampered-encrypted-key")["token"].as_str().expect("a token").to_owned();
    let undecryptable = self::sealed(&keys, &undecryptable);
    let wrong_secret = json!({ "k": URL_SAFE_NO_PAD.encode([7; 32]) });
    let forged = self::sealed(&keys, &nested(&key, &wrong_secret, profile.as_bytes()));

    let encrypted_key =
        URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("five parts")).expect("base64url");
    assert_eq!(sealed.open().expect("a profile").raw().expose(), &vector(&profile));
    let setup = json!({ "jwe": keys["jwe_private_jwk"], "jws": keys["jws_secret_jwk"], "token": token });
    let peer = Peer::start("maya", &setup);
    let mut candidates = vec![
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
    ];
    if let Some(peer) = &peer {
        candidates.push(Candidate::new("Node: its own bare RSA operation", || peer.run("bare", 100)));
        candidates.push(Candidate::new("Node, jose: decrypted, verified, parsed", || peer.run("jose", 100)));
    }
    let title = format!("a nested token of {} bytes around a profile of {}", token.len(), profile.len());
    compare(&title, 21, Duration::from_millis(200), candidates);
}

/// The vector's profile with one more address after the other until it is as long as the promise says.
fn of_two_kilobytes(mut profile: Value) -> String {
    let address = profile["address"][0].clone();
    while profile.to_string().len() < 2048 {
        profile["address"].as_array_mut().expect("addresses").push(address.clone());
    }
    profile.to_string()
}

/// A signed token inside an encrypted one, made without the crate.
fn nested(key: &PKey<Private>, secret: &Value, payload: &[u8]) -> String {
    let secret = URL_SAFE_NO_PAD.decode(secret["k"].as_str().expect("a secret")).expect("base64url");
    let secret = PKey::hmac(&secret).expect("a key");
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let mut signer = Signer::new(MessageDigest::sha256(), &secret).expect("a signer");
    let tag = signer.sign_oneshot_to_vec(signed.as_bytes()).expect("signed");
    let signed = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag));

    let (content_key, iv, mut tag) = ([1; 32], [2; 12], [0; 16]);
    let mut encrypter = Encrypter::new(key).expect("an encrypter");
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("OAEP");
    let mut encrypted_key = vec![0; encrypter.encrypt_len(&content_key).expect("a length")];
    let length = encrypter.encrypt(&content_key, &mut encrypted_key).expect("encrypted");
    encrypted_key.truncate(length);
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RSA-OAEP","enc":"A256GCM","cty":"JWT"}"#);
    let cipher = Cipher::aes_256_gcm();
    let content =
        encrypt_aead(cipher, &content_key, Some(&iv), header.as_bytes(), signed.as_bytes(), &mut tag)
            .expect("encrypted");
    let parts = [&encrypted_key[..], &iv, &content, &tag].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{}", parts.join("."))
}

/// A profile as the client gets it, without a network.
fn sealed(keys: &Value, token: &str) -> EncryptedProfile {
    let memory = MockTransport::new([
        MockResponse::json(200, r#"{"access_token":"aaa.bbb.ccc"}"#),
        MockResponse::json(200, json!({ "data": token }).to_string()),
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
