//! Memory: a proof of 256 MiB on its way into a writer, a file of 256 MiB on its way out of the disk, and a picture of
//! 10 MB on its way into a request.
//!
//! Targets: download and file grow resident memory by less than 16 MiB; the picture needs at most 1.2 times its body beyond
//! the picture itself; encoding runs at 0.85 of bare base64 at least (a ratio of at most 1.18 here).

#![allow(clippy::expect_used)]

mod support;

use std::{hint::black_box, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use kyckit::{
    sandbox::shuftipro::{Outcome, ShuftiPro},
    selfkey::{self, RelyingPartyConfig, WalletKey, attribute::Document},
    shuftipro::{
        self, Client,
        proof::Proof,
        request::{Face, Reference, VerificationRequest},
        signature::{Rule, sign},
    },
    transport::{Options, Upload},
};
use support::{Candidate, compare};

const MIB: u64 = 1024 * 1024;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        download().await;
        streamed().await;
        upload().await;
    });
    encode();
}

/// Runs the work and gives back by how much the largest resident memory exceeded what was resident before.
async fn growth(work: impl Future<Output = ()>) -> f64 {
    // Linux: forgets the peak so far.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = support::resident().unwrap_or(0);
    work.await;
    support::peak().unwrap_or(0).saturating_sub(before) as f64 / MIB as f64
}

async fn download() {
    let size = 256 * MIB;
    let provider = ShuftiPro::builder().proof_size(size).start().await.expect("a sandbox");
    let client = Client::builder(provider.client_id(), provider.secret_key().clone())
        .base_url(provider.base_url().as_str())
        .build()
        .expect("a client");
    let reference = Reference::new("memory-download").expect("a reference");
    let request = VerificationRequest::onsite(reference.clone())
        .document(shuftipro::request::Document::ocr())
        .face(Face::new());
    client.verify(&request).await.expect("pending");
    provider.complete(reference.as_str(), Outcome::Accept).expect("accepted");
    let status = client.status(&reference).await.expect("a status");
    let link = status.proofs().iter().find(|link| link.name() == "document.proof").expect("a proof").clone();
    let mut written = 0;
    let grown = growth(async {
        let download = client.download(link).max_bytes(2 * size as usize);
        written = download.into(&mut tokio::io::sink()).await.expect("downloaded").bytes;
    })
    .await;
    println!("\ndownload of {} MiB", written / MIB);
    println!(
        "  resident memory grew by {grown:.1} MiB (target: less than 16), the sandbox that sends it included"
    );
}

/// A file on disk to a SelfKey relying party: read while it is sent.
async fn streamed() {
    let size = 256 * MIB;
    let path = std::env::temp_dir().join(format!("kyckit-upload-{}", std::process::id()));
    std::fs::File::create(&path).and_then(|file| file.set_len(size)).expect("a file");
    // One answer serves for the challenge, the login and the upload.
    let token = "eyJhbGciOiJIUzUxMiJ9.eyJub25jZSI6InRlc3QifQ.c2ln";
    let address = support::serve(Vec::new(), format!(r#"{{"jwt":"{token}","id":"F1"}}"#).into());
    let key = WalletKey::from_hex(format!("{:064x}", 1)).expect("a key");
    let config = RelyingPartyConfig::new(format!("http://{address}"));
    let client = selfkey::Client::builder(config, key.did(), key.clone())
        .max_file_bytes(size)
        .build()
        .expect("a client");
    client.log_in().await.expect("logged in");
    let opened = path.clone();
    let file = Upload::reopen(size, move || tokio::fs::File::open(opened.clone()));
    let document = Document::new(1, "application/pdf", file);
    let grown = growth(async {
        client.upload_file(&document, None).await.expect("uploaded");
    })
    .await;
    std::fs::remove_file(&path).expect("removed");
    println!("\nupload of a file of {} MiB", size / MIB);
    println!(
        "  resident memory grew by {grown:.1} MiB (target: less than 16), the server that takes it included"
    );
}

fn picture() -> Bytes {
    let mut picture = vec![0x5a; 10_000_000];
    picture[..3].copy_from_slice(&[0xff, 0xd8, 0xff]);
    picture.into()
}

fn request(picture: &Bytes) -> VerificationRequest {
    VerificationRequest::offsite(Reference::new("memory-upload").expect("a reference")).document(
        shuftipro::request::Document::new()
            .proof(Proof::jpeg(picture.clone()).expect("a JPEG"))
            .supported_types([kyckit::shuftipro::model::DocumentType::Passport]),
    )
}

async fn upload() {
    let answer = Bytes::from_static(br#"{"reference":"memory-upload","event":"verification.accepted"}"#);
    let secret = "secret-key";
    let address =
        support::serve(vec![("signature", sign(&answer, &secret.into(), Rule::Hashed))], answer.clone());
    let client = Client::builder("client-id", secret)
        .base_url(format!("http://{address}"))
        .options(Options::new().without_rate_limit())
        .build()
        .expect("a client");
    let picture = picture();
    let body = request(&picture).body().expect("a body").len() as f64;
    let grown = growth(async {
        client.verify(&request(&picture)).await.expect("accepted");
    })
    .await;
    println!("\nupload of a picture of 10 MB in a body of {:.1} MB", body / 1e6);
    let times = grown * MIB as f64 / body;
    println!(
        "  beyond the picture: {grown:.1} MiB at the peak, {times:.2} times the body (target: at most 1.2)"
    );
}

fn encode() {
    let picture = picture();
    let request = request(&picture);
    let mut reused = vec![0; picture.len() * 4 / 3 + 4];
    compare(
        "a picture of 10 MB into a request's body",
        9,
        Duration::from_millis(400),
        vec![
            Candidate::new("bare: base64 into a fresh String", || {
                black_box(STANDARD.encode(&picture));
                1
            }),
            Candidate::new("kyckit: checked and encoded into the body", || {
                black_box(request.body().expect("a body"));
                1
            }),
            Candidate::new("bare: base64 into a reused buffer", || {
                black_box(STANDARD.encode_slice(&picture, &mut reused).expect("fits"));
                1
            }),
        ],
    );
}
