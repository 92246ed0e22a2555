//! Credify's cryptography against what it stands on:
//!
//! - claim tokens (a scope of seven claims: sorted, hashed, put together, signed) against the bare Ed25519 signature of
//!   the same OpenSSL. Target: at least 0.8 of its rate, so a ratio of at most 1.25;
//! - a userinfo answer of 20 encrypted values, decrypted, against the 20 bare private RSA operations. Target: at most
//!   1.10;
//! - canonical JSON of an object of 10 KB against serde_json's own printing.
//!
//! `benches/peers/credify` signs the same claim tokens with the provider's package. It takes part when it is named:
//! `CREDIFY_PEER=benches/peers/credify/bench.mjs`.

#![allow(clippy::expect_used)]

mod support;

use std::{
    env,
    hint::black_box,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kyckit::{
    clock::Clock,
    credify::{
        claims::Claims,
        encryption,
        json::canonical,
        keys::{DecryptionKey, SigningKey},
        token::claim::{ClaimSigner, Commitment},
        userinfo::UserInfoReader,
    },
    privacy::Secret,
};
use openssl::{
    encrypt::Decrypter,
    hash::MessageDigest,
    pkey::{Id, PKey},
    rsa::Padding,
    sign::Signer,
};
use serde_json::{Value, json};
use support::{Candidate, compare};

fn main() {
    claim_tokens();
    userinfo();
    canonical_json();
}

const SCOPE: &str = "40f9a736-0d97-409b-a0f7-d23ebca20bde:loyalty-point-data-1653892708";

fn claim_tokens() {
    let claims = json!({SCOPE: {
        "40f9a736-0d97-409b-a0f7-d23ebca20bde:amount": "1200",
        "40f9a736-0d97-409b-a0f7-d23ebca20bde:tier": "gold",
        "40f9a736-0d97-409b-a0f7-d23ebca20bde:purchase-count": "12",
        "40f9a736-0d97-409b-a0f7-d23ebca20bde:total-payment-amount": "100000",
        "40f9a736-0d97-409b-a0f7-d23ebca20bde:last-city": "Thành phố Hồ Chí Minh",
        "40f9a736-0d97-409b-a0f7-d23ebca20bde:score": "88",
        "40f9a736-0d97-409b-a0f7-d23ebca20bde:member-since": "2019-04-01",
    }});
    let seed = [7; 32];
    let text = Secret::new(URL_SAFE_NO_PAD.encode(seed));
    let key = SigningKey::from_seed(&text).expect("a key");
    let bare = PKey::private_key_from_raw_bytes(&seed, Id::ED25519).expect("a key");
    let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(1_664_236_800));
    let commitment = Commitment::new("g14tfVZUfs660T57AnaZoURES9JkIwJoNhegFBoB3zs");
    let mut peer = Peer::start(&json!({
        "key": key.to_pem().expect("PEM").expose(), "scope": SCOPE, "claims": claims[SCOPE],
        "commitment": commitment.expose(),
    }));
    let claims = Claims::from_value(claims).expect("claims");
    let signer = ClaimSigner::new(key, "40f9a736-0d97-409b-a0f7-d23ebca20bde");
    let user = "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512";
    let token = signer.sign_scope(user, &claims, SCOPE, &commitment, &clock).expect("a token");
    let message = token.expose().rsplit_once('.').expect("three parts").0.as_bytes().to_vec();

    let mut candidates = vec![
        Candidate::new("bare: Ed25519 signature", || {
            let mut signature = [0; 64];
            let mut signer = Signer::new_without_digest(&bare).expect("a signer");
            signer.sign_oneshot(&mut signature, &message).expect("signed");
            black_box(signature);
            1
        }),
        Candidate::new("kyckit: claim token", || {
            black_box(signer.sign_scope(user, &claims, SCOPE, &commitment, &clock).expect("a token"));
            1
        }),
    ];
    if let Some(peer) = &mut peer {
        candidates.push(Candidate::new("@credify/crypto 1.4.8: claim token", || peer.run(100)));
    }
    let ratios =
        compare("claim tokens of one scope with seven claims", 15, Duration::from_millis(200), candidates);
    println!("  rate of claim tokens to bare signatures: {:.3}", 1.0 / ratios[1]);
    if let Some(peer) = ratios.get(2) {
        println!("  claim tokens to those of the provider's package: {:.1} times", peer / ratios[1]);
    }
}

fn userinfo() {
    let vector: Value =
        serde_json::from_str(include_str!("../tests/vectors/credify/encryption.json")).expect("JSON");
    let key = vector["keys"].as_array().expect("keys").iter().find(|key| key["name"] == "rsa-3072");
    let pem = key.expect("the key")["private_pem"].as_str().expect("PEM").to_owned();
    let key = DecryptionKey::from_pem(&Secret::from(pem.as_str()), None).expect("a key");
    let public = key.encryption_key().expect("the public half");
    let claims = (0..4).fold(Claims::new(), |claims, scope| {
        let values = (0..5).map(|claim| (format!("claim-{claim}"), format!("value {scope} of {claim}")));
        claims.custom(format!("40f9a736-0d97-409b-a0f7-d23ebca20bde:scope-{scope}"), values)
    });
    let body = encryption::encrypt_fields(&claims, &public).expect("encrypted");
    let ciphertexts: Vec<Vec<u8>> = body
        .as_object()
        .expect("scopes")
        .values()
        .flat_map(|scope| scope.as_object().expect("claims").values())
        .map(|text| URL_SAFE_NO_PAD.decode(text.as_str().expect("a text")).expect("base64url"))
        .collect();
    assert_eq!(ciphertexts.len(), 20);
    let bare = PKey::private_key_from_pem(pem.as_bytes()).expect("a key");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let reader = UserInfoReader::new(&key);
    compare(
        "a userinfo answer of 20 values, RSA-3072",
        11,
        Duration::from_millis(400),
        vec![
            Candidate::new("bare: 20 private RSA operations with OAEP", || {
                for ciphertext in &ciphertexts {
                    let mut decrypter = Decrypter::new(&bare).expect("a decrypter");
                    decrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("OAEP");
                    decrypter.set_rsa_oaep_md(MessageDigest::sha256()).expect("SHA-256");
                    decrypter.set_rsa_mgf1_md(MessageDigest::sha256()).expect("SHA-256");
                    let mut block = [0; 384];
                    black_box(decrypter.decrypt(ciphertext, &mut block).expect("opened"));
                }
                1
            }),
            Candidate::new("kyckit: decrypted and put together", || {
                black_box(runtime.block_on(reader.read(body.clone())).expect("an answer"));
                1
            }),
        ],
    );
}

fn canonical_json() {
    let purchases: Value = (0..50)
        .map(|index| {
            json!({
                "3285592c-9aaf-4182-bff5-941ce5dac483:purchase-count": index,
                "total-payment-amount": f64::from(index) * 1234.5,
                "city": "Thành phố Hồ Chí Minh",
                "note": "two \"words\"\nand a line",
                "verified": index % 2 == 0,
            })
        })
        .collect();
    let value = json!({"phone": {"phone_number": "+84381234567"}, "history": purchases});
    let text = canonical(&value).expect("a text");
    compare(
        &format!("an object of {} bytes as JSON", text.len()),
        15,
        Duration::from_millis(100),
        vec![
            Candidate::new("serde_json", || {
                black_box(black_box(&value).to_string());
                1
            }),
            Candidate::new("kyckit: canonical", || {
                black_box(canonical(black_box(&value)).expect("a text"));
                1
            }),
        ],
    );
}

/// The provider's package in a process of its own, told over its standard input how often to sign.
struct Peer {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    fn start(setup: &Value) -> Option<Self> {
        let program = env::var_os("CREDIFY_PEER")?;
        let mut process = Command::new("node")
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let input = process.stdin.take().expect("piped");
        let output = BufReader::new(process.stdout.take().expect("piped"));
        let mut peer = Self { process, input, output };
        peer.say(&setup.to_string());
        Some(peer)
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("the peer listens");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("the peer answers");
        assert_eq!(answer.trim(), "done");
    }

    fn run(&mut self, times: u64) -> u64 {
        self.say(&times.to_string());
        times
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
