//! Who is this person, and how sure are we?
//!
//! kyckit gives a backend one typed, verified way to ask identity providers. Whichever it asks, the errors, the
//! retries, the logging and the guarantee are the same: nothing unverified looks verified.
//!
//! It asks Shufti Pro, Maya, Credo360, SelfKey with KYC-Chain, and Credify. To see all five at work, without an account
//! and without a network: `cargo run --features sandbox --example quickstart`.
//!
//! # One call
//!
//! Each provider's module has a [`Client`](shuftipro::Client) with the provider's own calls and words.
//!
//! ```
//! # #[cfg(all(feature = "sandbox", feature = "shuftipro"))]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = kyckit::sandbox::shuftipro::ShuftiPro::start().await?;
//! # let (client_id, secret_key) = (sandbox.client_id(), sandbox.secret_key().clone());
//! use kyckit::shuftipro::{
//!     Client,
//!     request::{Document, Face, Name, Reference, VerificationRequest},
//! };
//!
//! let client = Client::builder(client_id, secret_key)
//! #   .base_url(sandbox.base_url().as_str())
//!     .build()?;
//! let request = VerificationRequest::onsite(Reference::new("onboarding-4711")?)
//!     .document(Document::new().name(Name::full("Jane Roe")))
//!     .face(Face::new());
//! let pending = client.verify(&request).await?;
//! if let Some(url) = pending.verification_url() {
//!     println!("send the person to {}", url.expose());
//! }
//! # assert!(pending.verification_url().is_some());
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "sandbox", feature = "shuftipro")))]
//! # fn main() {}
//! ```
//!
//! # One flow for all
//!
//! [The flow](mod@flow) asks any of them by the same steps, and keeps its place in a sealed state that serves once.
//!
//! ```
//! # #[cfg(all(feature = "credo360", feature = "flow", feature = "sandbox"))]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = kyckit::sandbox::credo360::Credo360::start().await?;
//! # let handle = sandbox.handles().remove(0);
//! # let client = credo360::Client::builder(sandbox.client_id().clone()).base_url(sandbox.base_url().as_str()).build()?;
//! # let key = [7; 32];
//! # let credo_id = handle.expose();
//! use kyckit::{
//!     credo360,
//!     flow::{self, PersonId, Registry, Reply, Start, StateKeys, Step},
//!     storage::MemoryOneTime,
//! };
//!
//! let registry = Registry::new(StateKeys::new(key), MemoryOneTime::new())
//!     .with(flow::credo360::Credo360Flow::new(client)); // and the other providers
//!
//! // `credo_id` comes from your form; `pending.next` says what the person does.
//! let person = PersonId::new("customer 4711")?;
//! let start =
//!     Start::new(person.clone()).identifier(flow::credo360::IDENTIFIER, credo_id);
//! let step = registry.start(credo360::PROVIDER, &start).await?;
//! let Some(pending) = step.pending() else { return Err("it is over".into()) };
//!
//! # let typed = sandbox.passcode(&handle).ok_or("no passcode")?;
//! match registry.resume(&person, &pending.state, Reply::passcode(typed)).await? {
//!     Step::Done(done) => {
//!         println!(
//!             "{}, by {:?}",
//!             done.decision().outcome(),
//!             done.identity().assurance()
//!         );
//!         println!("{}", done.evidence.to_json());
//! #       assert!(done.decision().is_accepted());
//!     }
//!     Step::Failed(error, pending) => {
//!         println!("{error}; next: {:?}", pending.next)
//!     }
//!     Step::Next(pending) => println!("{:?}", pending.next),
//! }
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "credo360", feature = "flow", feature = "sandbox")))]
//! # fn main() {}
//! ```
//!
//! # One error
//!
//! Every failure is an [`Error`]: what happened, who has to act, whether to try again.
//!
//! ```
//! use kyckit::{Error, ErrorKind};
//!
//! fn answer(error: &Error) -> u16 {
//!     tell_the_operators(error); // Nothing personal and no secret is in it.
//!     match error.kind() {
//!         ErrorKind::InvalidRequest => 400,
//!         ErrorKind::RateLimited => 429, // after `error.retry_after()`
//!         _ if error.may_have_taken_effect() => 500, // read the state back before anything is repeated
//!         _ if error.is_retryable() => 503,
//!         _ => 500,
//!     }
//! }
//! # fn tell_the_operators(error: &Error) { println!("{error}") }
//! # assert_eq!(answer(&Error::new(ErrorKind::RateLimited, "")), 429);
//! # assert_eq!(answer(&Error::new(ErrorKind::Unavailable, "")), 503);
//! ```
//!
//! # The manual
//!
//! 1. [Choose](manual::choosing) by what has to be proven.
//! 2. Copy the [recipe](manual::recipes) of that provider, or of all: an afternoon's integration.
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
//! | webhooks: verified, stored, delivered once and in order | [`inbox`] |
//! | endpoints as tower services | [`server`] |
//! | stores over your database, and in memory | [`storage`], [`testkit`] |
//! | what makes a value trustworthy | [`verified`] |
//! | provider-neutral identity and decisions | [`identity`] |
//! | one flow for all providers, across machines | [`mod@flow`] |
//! | personal data and secrets, and a test that they do not leak | [`privacy`] |
//! | frozen time in your tests | [`clock`] |
//! | a provider to test against, with faults on demand | [`mod@sandbox`] (feature `sandbox`) |
//!
//! # What holds everywhere
//!
//! - **Verify, then parse, then believe.** A decision can only be asked of a value that a verifier made
//!   ([`verified::Verified`]).
//! - **What may have taken effect is not repeated.** [`Error::may_have_taken_effect`] says when that is the question.
//! - **Every call has a deadline and every response a size.** No call waits for ever or fills the memory.
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
//! | `flow` | yes | one flow for all providers, with a sealed state |
//! | `rustls` | yes | TLS by rustls |
//! | `native-tls` | no | TLS by the platform; with both, rustls unless [`transport::HttpSettings`] says otherwise |
//! | `jose` | by `maya`, `credify`, `selfkey` | JOSE, Ed25519 and RSA on OpenSSL |
//! | `secp256k1` | by `selfkey` | Ethereum signatures |
//! | `vendored-openssl` | no | OpenSSL compiled along, for machines without its headers |
//! | `axum` | no | routers, an extractor, a server with limits |
//! | `reqwest-client` | no | sending through the application's own `reqwest::Client` |
//! | `tracing`, `metrics` | no | spans; counters and histograms |
//! | `sql` | no | offer conditions as parameterised SQL |
//! | `texts` | no | texts for the person who is verified, in seven languages |
//! | `sandbox` | no | fake providers on loopback for tests |
//! | `full` | no | all of these but `native-tls` and `vendored-openssl` |
#![cfg_attr(docsrs, feature(doc_cfg))]
// The list is in clippy.toml.
#![cfg_attr(
    not(test),
    deny(clippy::dbg_macro, clippy::disallowed_methods, clippy::print_stderr, clippy::print_stdout)
)]
#![cfg_attr(
    not(feature = "full"),
    allow(
        dead_code,
        unused_imports,
        reason = "a build with some of the features uses a part of the shared modules"
    )
)]

#[cfg(all(
    feature = "axum",
    feature = "credify",
    feature = "credo360",
    feature = "flow",
    feature = "maya",
    feature = "sandbox",
    feature = "selfkey",
    feature = "shuftipro",
    feature = "sql",
    feature = "texts"
))]
#[doc(hidden)]
pub mod __private;
mod auth;
pub mod clock;
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
pub mod inbox;
pub mod manual;
#[cfg(feature = "maya")]
pub mod maya;
pub mod privacy;
pub mod provider;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "selfkey")]
pub mod selfkey;
pub mod server;
#[cfg(feature = "shuftipro")]
pub mod shuftipro;
pub mod storage;
pub mod testkit;
pub mod transport;
pub mod verified;
mod wire;

pub use wire::unread::UnreadMember;

pub use date::Date;
pub use error::{Error, ErrorKind, Result};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(all(doctest, feature = "credo360", feature = "maya", feature = "selfkey", feature = "shuftipro"))]
#[doc = include_str!("../tests/promises/unverified.md")]
struct Unverified;
