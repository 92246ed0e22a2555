//! Maya (formerly PayMaya) Mini App: a customer's verified profile, shared with the customer's consent.
//!
//! The Mini App is a web site of yours that runs inside of the Maya app. Maya pushes the customer's tokens to your
//! backend and opens the site; your backend reads the customer's profile with them. Choose it when your customers are
//! Maya's: nothing is asked of them again, and `kycStatus` tells whether Maya has verified the account.
//!
//! | step | here |
//! | --- | --- |
//! | Maya pushes tokens to the Session URL | [`server::session`], or [`webhook::Sessions::receive`] |
//! | the customer arrives with `?sessionId=…` | [`webhook::Sessions::redeem`], once |
//! | tokens are used, and refreshed when due | [`Customer`] |
//! | the profile is read, decrypted, verified | [`Customer::profile`] or [`Client::profile`] |
//! | images and videos are fetched | [`Client::download`] |
//! | the profile is put in words of no provider | [`into_report`](crate::verified::Verified::<Profile>::into_report) |
//!
//! ```no_run
//! use kyckit::{
//!     maya::{Client, CustomerTokens, ProfileItem, webhook::{SessionId, Sessions}},
//!     storage::MemoryOneTime,
//! };
//!
//! # async fn landing(client: Client, sessions: Sessions<MemoryOneTime>, query: &str) -> Result<(), kyckit::Error> {
//! let Some(id) = SessionId::from_query(query) else { return Ok(()) };
//! let session = sessions.redeem(&id).await?;
//! let customer = client.customer(session.tokens, |tokens: CustomerTokens| async move {
//!     // Write the new tokens to your database, encrypted, before they are used.
//!     let _ = tokens.to_json();
//!     Ok(())
//! });
//! let profile = customer.profile().await?;
//! println!("verified by Maya: {}", profile.is_verified_account());
//! for item in profile.missing([ProfileItem::BirthDate, ProfileItem::PrimaryEmail]) {
//!     println!("to be asked for: {item:?}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The profile is read at every entry, as the provider recommends: a new customer is registered with it, a known one
//! updated.
//!
//! Three tokens meet here. The names tell them apart: `accessToken` and `refreshToken` are the customer's
//! ([`CustomerTokens`]), `access_token` is the client's, which [`Client`] fetches and keeps by itself.
//!
//! Public pages cover the provider's sandbox only. The token endpoint, production's base URL, the credentials and the
//! keys come from Maya at the onboarding.

mod builder;
mod client;
mod client_token;
mod credentials;
mod customer;
mod download;
mod failure;
mod identity;
mod model;
pub mod server;
pub(crate) mod token;
mod tokens;
pub mod webhook;

pub use builder::Builder;
pub use client::{Client, SANDBOX_BASE_URL};
pub use customer::{Customer, TokenStore};
pub use download::{DocumentLink, Download, Downloaded};
pub use identity::CAPABILITIES;
pub use model::{
    Address, AddressType, BirthDetails, Contact, ContactSubtype, ContactType, IdentityDocument, KycStatus,
    Name, Profile, ProfileDate, ProfileItem, Scope, VerificationStatus, WorkDetails,
};
pub use token::{EncryptedProfile, TokenAlgorithms, TokenRejection};
pub use tokens::CustomerTokens;

use crate::provider::ProviderId;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: ProviderId = ProviderId::new("maya");
