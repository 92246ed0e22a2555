//! SelfKey: a wallet proves who it is by a signature and hands over what a relying party asks for; a relying party
//! serves those calls; KYC-Chain does the checking behind both.
//!
//! # When to choose it
//!
//! When people keep their identity in a wallet of their own. A backend can stand on either side: act for a wallet
//! ([`Client`]), be the relying party ([`relying_party`]), or talk to a KYC-Chain instance server to server ([`kycc`]).
//!
//! # How it goes, for a wallet
//!
//! ```
//! use kyckit::{
//!     selfkey::{Client, RelyingPartyConfig, WalletKey, attribute::{Attribute, AttributeType, Document}},
//!     transport::Upload,
//! };
//! # use kyckit::transport::{MockResponse, Memory, Options};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> kyckit::Result<()> {
//! # let memory = Memory::new([
//! #     r#"[{"id":"5c6619ae","name":"Individual"}]"#,
//! #     r#"{"jwt":"eyJhbGciOiJIUzUxMiJ9.eyJub25jZSI6ImFiYyJ9.c2ln"}"#,
//! #     r#"{"jwt":"eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJ4In0.c2ln"}"#,
//! #     r#"{"id":"F1"}"#,
//! #     r#"{"id":"A1"}"#,
//! #     r#"{"id":"A1","currentStatus":4}"#,
//! # ].map(|body| MockResponse::json(200, body)));
//! // Whom the relying party is: a URL is enough, and its configuration object says the rest.
//! let config = RelyingPartyConfig::new("https://rp.example/api/v2");
//! let key = WalletKey::from_hex("4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4")?;
//! # let client = Client::builder(config, key.did(), key.clone()).options(Options::new().transport(memory)).build()?;
//! # /*
//! let client = Client::builder(config, key.did(), key.clone()).build()?;
//! # */
//!
//! // 1. What is asked for. No login is needed yet.
//! let templates = client.templates().await?;
//!
//! // 2. What the wallet has. Files are read while they are sent.
//! let passport = Attribute::new("5c4e6ea6", AttributeType::Passport, json!({"image": "$document-1"}))
//!     .document(Document::new(1, "image/png", Upload::bytes("…")));
//!
//! // 3. The client logs in by itself, uploads, and hands everything in.
//! let created = client.create_application(&templates[0].id, &[passport]).await?;
//!
//! // 4. Where it stands.
//! let application = client.application(&created.id.unwrap_or_default()).await?;
//! assert!(application.status.is_some_and(|status| !status.is_final()));
//! # Ok(())
//! # }
//! ```
//!
//! # What is proven, and what is not
//!
//! | | rests on |
//! | --- | --- |
//! | the wallet holds the key of its identity, to the relying party | a signature of a one-time challenge ([`signer`], [`relying_party`]) |
//! | an answer comes from the relying party, to the wallet | TLS alone; a wallet has no key for the tokens that it is given ([`token::UnverifiedToken`]) |
//! | what a wallet says of its owner | the owner's own word, until somebody checks it |
//! | where an application stands | the relying party's or KYC-Chain's word, at the moment of reading |
//! | a webhook of KYC-Chain | nothing: it is signed by nobody, and read again ([`kycc::webhook`]) |
//!
//! # Where to look
//!
//! | what | where |
//! | --- | --- |
//! | a wallet's calls | [`Client`] |
//! | the relying party's configuration, and the two dialects | [`config`], [`Dialect`] |
//! | who signs: a key, a device, a wallet elsewhere | [`signer`] |
//! | identities | [`did`], and who answers for them: [`resolver`] |
//! | attributes, files, references, requirements | [`attribute`] |
//! | templates, applications, statuses, messages, users | [`model`] |
//! | what a refusal means, and whether logging in again helps | [`ErrorBody`] |
//! | serving wallets | [`relying_party`] |
//! | KYC-Chain: integrations, the data behind a user's token, webhooks | [`kycc`] |
//! | trying it without an account | [`sandbox::selfkey`](crate::sandbox), `examples/selfkey.rs` |
//!
//! # Generations
//!
//! The protocol of May 2019 and later is spoken by default. The endpoint list of January 2019 is spoken when asked for
//! ([`Dialect::Documented`]), and relying parties that know wallets by their public key are logged in to with a
//! [`Subject::PublicKey`]. Beyond that, older answers are read and older forms are not sent.

pub mod attribute;
mod client;
pub mod config;
pub mod did;
mod failure;
mod identity;
pub mod kycc;
pub mod model;
pub mod relying_party;
pub mod resolver;
pub mod server;
pub mod signer;
pub mod token;

pub use client::{Builder, Client, NewMember};
pub use config::{Dialect, RelyingPartyConfig};
pub use did::Did;
pub use failure::ErrorBody;
pub use identity::{CAPABILITIES, Review};
pub use signer::{Subject, WalletKey, WalletSignature, WalletSigner};

use crate::provider::ProviderId;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: ProviderId = ProviderId::new("selfkey");
