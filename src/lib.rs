//! Who is this person, and how sure are we?
//!
//! kyckit gives a backend one typed, verified way to ask identity providers. Whichever it asks, the errors, the
//! retries, the logging and the guarantee are the same: nothing unverified looks verified.
//!
//! # Quick start
//!
//! ```no_run
//! # #[cfg(feature = "shuftipro")]
//! # async fn run() -> kyckit::Result<()> {
//! use kyckit::shuftipro::{Client, request::{Document, Face, Name, Reference, VerificationRequest}};
//!
//! let client = Client::builder("client-id", "secret-key").build()?;
//! let request = VerificationRequest::onsite(Reference::new("onboarding-4711")?)
//!     .document(Document::new().name(Name::full("Jane Roe")))
//!     .face(Face::new());
//! let pending = client.verify(&request).await?;
//! if let Some(url) = pending.verification_url() {
//!     println!("send the person to {}", url.expose());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `cargo run --features sandbox --example quickstart` does the whole of it without an account and without a network.
//!
//! # The tour
//!
//! 1. [Choose](manual::choosing) by what has to be proven, or ask more than one by [one way](mod@flow).
//! 2. Copy the [recipe](manual::recipes) of that provider: an afternoon's integration.
//! 3. [Test](manual::testing) it without an account, with faults on demand.
//! 4. Read what becomes of [personal data](manual::personal_data), and the [checklist](manual::going_live).
//! 5. Later: what an [error](manual::troubleshooting) means, and [why a number is what it is](manual::defaults).
//!
//! # Where to look
//!
//! | what | where |
//! | --- | --- |
//! | a provider | its module, all laid out alike |
//! | what can go wrong, and what to do | [`error`] |
//! | deadlines, retries, limits, proxies, private roots | [`transport::Options`] |
//! | credentials and the token cache | [`auth`] |
//! | callbacks: verified, once, in order | [`callback`] |
//! | who somebody is, whichever provider was asked | [`identity`] |
//! | one way through all providers, across machines | [`mod@flow`] |
//! | personal data and secrets, and a test that they do not leak | [`privacy`] |
//! | frozen time in your tests | [`clock`] |
//! | a provider to test against, with faults on demand | [`mod@sandbox`] (feature `sandbox`) |
//!
//! # What holds everywhere
//!
//! - **Verify, then parse, then believe.** A decision can only be asked of a value that a verifier made
//!   ([`callback::Verified`]).
//! - **What may have taken effect is not repeated.** [`Error::may_have_taken_effect`] says when that is the question.
//! - **Every call has a deadline and every answer a size.** No call waits for ever or fills the memory.
//! - **Nothing personal and no secret is printed.** Not by `Debug`, not by errors, not by spans.
//! - **No background tasks, no global state.** Build a client where you need one; clones share it. One kind of call
//!   outlives a caller who leaves: a refresh that spends a one-time token runs until the new one is kept.
//!
//! # Features
//!
//! Each adds something; none changes what another does.
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `credo360`, `selfkey`, `maya`, `shuftipro`, `credify` | yes | the provider, and the cryptography it stands on |
//! | `flow` | yes | one way through all providers, with a sealed state |
//! | `rustls` | yes | TLS by rustls |
//! | `native-tls` | no | TLS by the platform; with both, rustls unless [`transport::HttpSettings`] says otherwise |
//! | `jose` | by `maya`, `credify`, `selfkey` | JOSE, Ed25519 and RSA on OpenSSL |
//! | `secp256k1` | by `selfkey` | Ethereum signatures |
//! | `uploads` | by `selfkey` | multipart uploads |
//! | `vendored-openssl` | no | OpenSSL compiled along, for machines without its headers |
//! | `axum` | no | callback routes and extractors |
//! | `reqwest-client` | no | sending through the application's own `reqwest::Client` |
//! | `tracing`, `metrics` | no | spans; counters and histograms |
//! | `sql` | no | offer conditions as parameterised SQL |
//! | `texts` | no | texts for the person who is verified, in seven languages |
//! | `sandbox` | no | fake providers on loopback for tests |
//! | `full` | no | all of these but `native-tls` and `vendored-openssl` |
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "full"),
    allow(
        dead_code,
        unused_imports,
        reason = "a build with some of the doors uses a part of the shared rooms"
    )
)]

pub mod auth;
pub mod callback;
pub mod clock;
#[cfg(feature = "sandbox")]
#[doc(hidden)]
pub mod conformance;
#[cfg(feature = "credify")]
pub mod credify;
#[cfg(feature = "credo360")]
pub mod credo360;
mod crypto;
pub mod date;
pub mod error;
#[cfg(feature = "flow")]
pub mod flow;
pub mod identity;
pub mod manual;
#[cfg(feature = "maya")]
pub mod maya;
pub mod privacy;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "selfkey")]
pub mod selfkey;
#[cfg(feature = "shuftipro")]
pub mod shuftipro;
pub mod transport;
#[cfg(any(
    feature = "credify",
    feature = "credo360",
    feature = "maya",
    feature = "selfkey",
    feature = "shuftipro"
))]
mod wire;

pub use date::Date;
pub use error::{Error, ErrorKind, Result};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(all(doctest, feature = "credo360", feature = "maya", feature = "selfkey", feature = "shuftipro"))]
#[doc = include_str!("../tests/promises/unverified.md")]
struct Unverified;
