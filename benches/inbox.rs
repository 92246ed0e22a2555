//! A callback: signature check and parse against bare SHA-256 and serde_json over the same bytes. Target: at most 1.10.

#![allow(clippy::expect_used)]

mod support;

use std::{hint::black_box, time::Duration};

use http::{HeaderMap, HeaderValue};
use kyckit::{
    shuftipro::{
        Callbacks,
        signature::{Rule, sign},
    },
    verified::Verifier,
};
use sha2::{Digest, Sha256};
use support::{Candidate, compare};

/// A decided verification as the provider sends it, grown to the size with data that was read from the document.
fn callback(bytes: usize) -> Vec<u8> {
    let mut body: serde_json::Value =
        serde_json::from_str(include_str!("../tests/vectors/shuftipro/status_additional_data.json"))
            .expect("JSON");
    let mut number = 0;
    while body.to_string().len() < bytes {
        body["additional_data"]["document"]["proof"][format!("field_{number}_native")] =
            "a value that was read".into();
        number += 1;
    }
    body.to_string().into_bytes()
}

fn main() {
    let secret = "a-secret-key-of-the-usual-length-0123456789";
    let callbacks = Callbacks::new(secret, Rule::Hashed);
    let hashed_secret = hex::encode(Sha256::digest(secret));
    for size in [4 * 1024, 200 * 1024] {
        let body = callback(size);
        let mut headers = HeaderMap::new();
        let signature = sign(&body, &secret.into(), Rule::Hashed);
        headers.insert("signature", HeaderValue::from_str(&signature).expect("hex"));
        let mut forged = headers.clone();
        forged.insert("signature", HeaderValue::from_static("00".repeat(32).leak()));
        compare(
            &format!("callback of {} bytes", body.len()),
            9,
            Duration::from_millis(300),
            vec![
                Candidate::new("bare: SHA-256, then serde_json into Value", || {
                    let digest = Sha256::new_with_prefix(&body).chain_update(&hashed_secret).finalize();
                    black_box(hex::encode(digest) == signature);
                    black_box(serde_json::from_slice::<serde_json::Value>(&body).expect("JSON"));
                    1
                }),
                Candidate::new("kyckit: verified and typed", || {
                    black_box(callbacks.verify(&headers, &body).expect("authentic"));
                    1
                }),
                Candidate::new("kyckit: forged and refused", || {
                    black_box(callbacks.verify(&forged, &body).expect_err("forged"));
                    1
                }),
            ],
        );
    }
}
