//! Credify: claims that a person consents to share, offers, and what a market or a service provider has to serve.
//!
//! Three parties meet here. A *market* has users and their data. A *service provider* asks a person for some of it
//! through OpenID Connect. The *person* agrees in a wallet. Credify passes tokens and encrypted claims between them and
//! sees hashes only. Choose it when your customers are a market's users and agree to bring their data along, or when
//! you are the market.
//!
//! | what | here |
//! | --- | --- |
//! | every call, an access token that renews itself | [`Client`] |
//! | where Credify is, in which language it answers | [`Environment`], [`Locale`] |
//! | what it said when it refused | [`Refusal`] |
//! | the URL under which a person agrees | [`authorization`] |
//! | what the person shares, decrypted | [`Client::userinfo`], [`userinfo`] |
//! | what Credify posts to you | [`webhook`] |
//! | a market's claims, pushed as hashes | [`claims`], [`Client::push_claims`] |
//! | a call for encrypted claims: is it in order, what to answer | [`validate`], [`encryption`] |
//! | offers: which a user fulfils | [`mod@offer`], [`Client::offers`] |
//! | orders that are paid later | [`Client::create_order`], [`money`] |
//! | keys and tokens | [`keys`], [`token`] |
//! | the JSON that is hashed and signed | [`json`] |
//! | the words for who may do what | [`permission`] |
//!
//! ```no_run
//! use kyckit::credify::{
//!     Client, Environment,
//!     authorization::AuthorizationRequest,
//!     keys::SigningKey,
//!     userinfo::{ProviderKeys, UserInfoReader},
//! };
//!
//! # async fn journey(back: (String, String)) -> Result<(), Box<dyn std::error::Error>> {
//! let key = std::env::var("CREDIFY_SIGNING_KEY")?.into();
//! let client = Client::builder(std::env::var("CREDIFY_API_KEY")?)
//!     .environment(Environment::Sandbox)
//!     .signing_key(SigningKey::new(&key, None)?)
//!     .build()?;
//! let (organisation, callback) = ("8e0b198b-f112-4612-96bb-9d2c8b8ca0c3", "https://provider.example/callback");
//!
//! // Send the person there, and keep the rest until the person comes back.
//! let request = AuthorizationRequest::new(organisation, callback, ["openid", "phone", "profile"]);
//! let begun = client.authorization(&request)?;
//!
//! let (state, code) = back;
//! if !begun.is_state(&state) {
//!     return Err("somebody else's answer".into());
//! }
//! let token = client.user_token(organisation, &code.into(), callback).await?;
//! if let Some(key) = &begun.decryption_key {
//!     let keys = ProviderKeys::new(&client);
//!     let info = client.userinfo(&token.access_token, &UserInfoReader::new(key).verify_with(&keys)).await?;
//!     for (scope, claims) in info.scopes() {
//!         println!("{scope}, signed by a market: {}", claims.is_verified());
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod access_token;
pub mod aggregated;
pub mod authority;
pub mod authorization;
pub mod claims;
mod client;
pub mod encryption;
mod environment;
mod failure;
mod identity;
pub mod json;
pub mod keys;
pub mod market;
pub mod model;
pub mod money;
pub mod offer;
pub mod permission;
#[cfg(feature = "sql")]
pub mod segment;
pub mod server;
pub mod service_provider;
pub mod token;
mod token_guard;
pub mod userinfo;
pub mod validate;
pub mod webhook;

pub use access_token::AccessTokens;
pub use client::{Builder, ClaimPush, Client};
pub use environment::{Environment, Locale};
pub use failure::{ErrorBody, RefusalEntry};
pub use identity::CAPABILITIES;

use crate::provider::ProviderId;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: ProviderId = ProviderId::new("credify");
