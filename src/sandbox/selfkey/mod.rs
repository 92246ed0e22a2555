//! A fake KYC-Chain instance: the relying party that wallets log in to, and the two server-to-server APIs behind it.
//!
//! The relying party is this crate's own ([`relying_party`](crate::selfkey::relying_party)): signatures are checked,
//! challenges and tokens end, files and attributes are validated. What KYC-Chain's own servers do beyond that is known
//! from their callers only; statuses and texts of their rejections are made up here.
//!
//! | below the base | what |
//! | --- | --- |
//! | `api/v2` | the relying party, in today's dialect; with a cookie, the internal API |
//! | `documented` | the same relying party in the dialect of the older API page |
//! | `integrations/v2` | the integrations API, with the header `apiKey` |
//! | `sandbox/applications/{id}/status` | for clients in other languages: POST `{"code","note"}` moves an application |
//!
//! An application is moved on by [`SelfKey::set_status`], or by itself: each time the wallet reads it, it takes the
//! next step of [`Builder::progress`] afterwards. Each change is posted to the webhook.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use kyckit::sandbox::selfkey::SelfKey;
//!
//! let sandbox = SelfKey::start().await?;
//! assert!(sandbox.root_endpoint().as_str().ends_with("/api/v2"));
//! # Ok(()) }
//! ```
//!
//! | behaviour | how to get it |
//! | --- | --- |
//! | templates | two by default ([`TEMPLATE`], and `1`); [`SelfKey::store`] adds others |
//! | what was signed up, uploaded, handed in | [`SelfKey::store`] |
//! | one attribute more is asked for | `store().request_attribute(…)` |
//! | a message of those who check | `store().write_message(…)` |
//! | a `did:selfkey` | [`Builder::controllers`] |
//! | broken connections, lost responses, 429 | [`SelfKey::inject`] |
//! | time passes | [`Builder::clock`] with a frozen clock |
//!
//! Responses are not signed, so the faults on signatures of [`Fault`](super::Fault) do nothing here.

mod builder;
mod instance;
mod integrations;
mod internal;
mod response;
mod routes;
mod running;
mod schemas;
mod settings;
mod templates;

pub use builder::Builder;
pub use running::SelfKey;
pub use settings::{API_KEY, PRIVATE_KEY, TEMPLATE};
