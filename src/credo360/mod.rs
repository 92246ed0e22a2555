//! Credo360: who owns a Credo ID, how good its owner's reputation is, and what was verified of them.
//!
//! # When to choose it
//!
//! When users bring a Credo ID along and you want to know two things at once: that it is theirs, and what their
//! reputation is. There is nothing to upload and no review to wait for: a passcode or a signature, and one more call.
//!
//! # How it goes
//!
//! ```
//! use kyckit::credo360::{Client, HandleId, Kind, Method, Response, Validation};
//! # use kyckit::transport::{MockResponse, MockTransport, Options};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> kyckit::Result<()> {
//! # let memory = MockTransport::new([
//! #     r#"{"challengeId":"Zi4czDlpdMdP","method":"passcode","validation":{"length":6,"delivery":"sms"}}"#,
//! #     r#"{"handleId":"02598397346"}"#,
//! #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/credo360/user.json")),
//! # ].map(|body| MockResponse::json(200, body)));
//! # let client = Client::builder("client-id").options(Options::new().transport(memory)).build()?;
//! # /*
//! let client = Client::builder("client-id").build()?;
//! # */
//! let handle = HandleId::new("02598397346")?;
//!
//! // 1. Credo360 sends the user a code.
//! let mut challenge = client.challenge(&handle, &Method::Passcode).await?;
//! if let Validation::Passcode(passcode) = challenge.validation() {
//!     println!("We have sent you {} digits by {}.", passcode.length, passcode.delivery);
//! }
//!
//! // 2. The user tells it to you.
//! let owned = client.validate(&mut challenge, &Response::passcode("783423")).await?;
//!
//! // 3. Now, and not before, it is known who is asking.
//! let user = client.user(owned.handle()).await?;
//! let checked = user.verifications.iter().any(|one| one.kind.is_identity_check());
//! assert!(checked && user.verification(&Kind::Phone).is_some());
//! # Ok(())
//! # }
//! ```
//!
//! With a key in place of a phone, [`Challenge::sign`] lets a [signer](signer::Signer) make the response.
//!
//! # What is proven, and what is not
//!
//! | | rests on |
//! | --- | --- |
//! | the person before you owns the Credo ID | an [`Ownership`]: Credo360 took the response and named the same Credo ID |
//! | the answer comes from Credo360 | TLS alone: nothing is signed, so there is no [`Verified`](crate::verified::Verified) here |
//! | the user's identity was checked | the one kind that [`is_identity_check`](Kind::is_identity_check): `blockscore` |
//! | the user has an account, a phone, an address | the other kinds of verification |
//! | name, place, age, gender, picture | the user's own word |
//!
//! All of it holds at the moment of reading: users can remove verifications at any time, and what is absent is withheld,
//! never failed. A Credo ID that was merely typed in proves nothing, however good its reputation is.
//!
//! # Where to look
//!
//! | what | where |
//! | --- | --- |
//! | calls | [`Client`] |
//! | the ownership flow, also across processes | [`Challenge`], [`Response`], [`Ownership`] |
//! | signatures: closures, wallets, keys | [`signer`] |
//! | what comes back | [`model`] |
//! | who owns the Credo ID, in words of no provider | [`Client::owner`], [`Owner::into_report`] |
//! | trying it without an account | [`sandbox::credo360`](crate::sandbox), `examples/credo360.rs` |
//!
//! The provider's page announces calls that do not exist yet, such as for transactions: [`Client::raw`] is the way to
//! whatever appears.

mod builder;
mod challenge;
mod client;
mod identity;
pub mod model;
pub mod signer;

pub use builder::Builder;
pub use challenge::{Attempts, Challenge, Nonce, Ownership, Passcode, Response, Validation};
pub use client::Client;
pub use identity::{CAPABILITIES, Owner};
pub use model::{Delivery, HandleId, Kind, Method, User};

use crate::provider::ProviderId;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: ProviderId = ProviderId::new("credo360");
