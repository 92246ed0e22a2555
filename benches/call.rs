//! A typed call with every safety on, against the same by hand with reqwest: loopback, keep-alive, an answer of 2 KB,
//! the server on its own thread and runtime. Targets: at most 1.10 with one call at a time, at most 1.05 with 64.

#![allow(clippy::expect_used)]

mod support;

use std::{future::Future, hint::black_box, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use kyckit::{
    shuftipro::{
        Client,
        request::Reference,
        signature::{Rule, sign},
    },
    transport::Options,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use support::{Candidate, compare};

const SECRET: &str = "a-secret-key-of-the-usual-length-0123456789";

fn main() {
    let body = Bytes::from_static(include_bytes!("../tests/vectors/shuftipro/accepted_document.json"));
    let reference =
        serde_json::from_slice::<Value>(&body).expect("JSON")["reference"].as_str().expect("text").to_owned();
    let signature = sign(&body, &SECRET.into(), Rule::Hashed);
    let headers = vec![("content-type", "application/json".to_owned()), ("signature", signature)];
    let address = support::serve(headers, body.clone());
    let url = format!("http://{address}/");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let reqwest =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let kyckit = Client::builder("client-id", SECRET)
        .base_url(&url)
        .options(Options::new().without_rate_limit())
        .build()
        .expect("a client");
    let reference = Reference::existing(reference).expect("a reference");
    let hashed = hex::encode(Sha256::digest(SECRET));
    let status_url: url::Url = format!("{url}status").parse().expect("a URL");
    let question = Bytes::from(format!("{{\"reference\":\"{reference}\"}}"));

    let plain = async |signed: bool| {
        let call = async {
            let answer = reqwest
                .post(status_url.clone())
                .bearer_auth("a-token-of-the-usual-length-0123456789")
                .header("content-type", "application/json")
                .body(question.clone())
                .send()
                .await
                .expect("an answer");
            let signature = answer.headers()["signature"].clone();
            let body = answer.bytes().await.expect("a body");
            if signed {
                let digest = Sha256::new_with_prefix(&body).chain_update(&hashed).finalize();
                assert_eq!(hex::encode(digest).as_bytes(), signature.as_bytes());
            }
            serde_json::from_slice::<Value>(&body).expect("JSON")
        };
        black_box(tokio::time::timeout(Duration::from_secs(10), call).await.expect("in time"));
    };
    let typed = async || {
        black_box(kyckit.status(&reference).await.expect("a status"));
    };
    for concurrency in [1, 64] {
        compare(
            &format!("POST /status, an answer of {} bytes, {concurrency} at a time", body.len()),
            11,
            Duration::from_millis(400),
            vec![
                Candidate::new("reqwest + bearer + bytes + from_slice, timeout", || {
                    batch(&runtime, concurrency, || plain(false))
                }),
                Candidate::new("the same, and the signature by bare SHA-256", || {
                    batch(&runtime, concurrency, || plain(true))
                }),
                Candidate::new("kyckit: typed, verified, limits, retries, quota", || {
                    batch(&runtime, concurrency, typed)
                }),
            ],
        );
    }
}

/// 256 calls, so many at a time.
fn batch<F: Future<Output = ()>>(
    runtime: &tokio::runtime::Runtime,
    concurrency: usize,
    call: impl Fn() -> F,
) -> u64 {
    const CALLS: usize = 256;
    runtime.block_on(join_all((0..concurrency).map(|_| async {
        for _ in 0..CALLS / concurrency {
            call().await;
        }
    })));
    CALLS as u64
}
