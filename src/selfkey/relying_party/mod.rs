//! The relying party: the server that wallets log in to, sign up at, and hand applications in to.
//!
//! [`RelyingParty::handle`] takes a request and gives a response, without a framework; with the feature `axum` there is
//! a router. The application says what becomes of users, files, applications and templates by four small stores
//! ([`Users`], [`Files`], [`Applications`], [`Templates`]); [`Memory`] implements all of them for tests and for a first
//! try. A call without its store is answered with 404.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> kyckit::Result<()> {
//! use http::Request;
//! use kyckit::selfkey::relying_party::{
//!     Memory, RelyingParty, TokenIssuer, generate_secret,
//! };
//! use kyckit::{clock::Clock, transport::Body};
//! use std::net::IpAddr;
//!
//! // Kept with the application's other secrets: whoever has it can log in as
//! // anybody.
//! let secret = generate_secret(&Clock::system())?;
//! let store = Memory::new();
//! let party =
//!     RelyingParty::builder(TokenIssuer::hmac(secret)?).store(store).build();
//!
//! let did = "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347";
//! let request = Request::get(format!("/auth/challenge/{did}"))
//!     .body(Body::Empty)
//!     .expect("a request");
//! let response = party.handle(request, IpAddr::from([127, 0, 0, 1])).await;
//! assert_eq!(response.status(), 200);
//! # Ok(()) }
//! ```
//!
//! # What holds
//!
//! - A challenge is bound to its subject and to the address that asked for it, ends, and can be answered once, also
//!   when
//!   fifty replies come at once. The store that remembers it must be shared by all processes of the service
//!   ([`Builder::nonces`]).
//! - Signatures are checked strictly; [`Builder::accept_malleable_signatures`] says what giving that up gives up.
//! - Nothing is stored from a request that is refused: files reach the application piece by piece and are kept
//!   ([`FileSink::commit`]) once the whole request was found good.
//! - Bodies, files, parts, depths and texts are bounded.
//! - The two dialects never mix: [`Builder::dialect`] chooses one.
//!
//! # Statuses
//!
//! | code | status | when |
//! | --- | --- | --- |
//! | `token_missing` | 400 | no `Authorization` |
//! | `token_invalid` | 401 | malformed, expired, of another kind, of another address, used before |
//! | `invalid_did`, `invalid_key` | 422 | a subject that cannot be challenged |
//! | `signature_missing`, `signature_invalid` | 422 | |
//! | `no_file` | 400 | an upload without a file |
//! | `file_invalid` | 422 | too large, more than one, one that belongs to no attribute, not wanted |
//! | `no_attributes`, `invalid_attributes`, `bad_request` | 422 | with `errors` where there is more to say |
//! | `could_not_create` | 400 | the application has a conflict |
//! | `user_does_not_exist`, `not_found` | 404 | |
//! | `forbidden` | 403 | an origin that is not on the list; the application's word |
//! | `unhandled_error` | 500 | the application's own failure |
//!
//! In the documented dialect 403 and the wrong signature are 401, every 422 is 400, and an unknown template in an
//! application is 400. The error behind a rejection is in the response's extensions ([`Cause`]), for the log.
//!
//! Source: `selfkey.js`; the provider's integration documentation; for the documented dialect its older API page.

mod address;
mod applications;
#[cfg(feature = "axum")]
pub mod axum;
mod body;
mod builder;
mod challenge;
mod files;
mod holder;
mod identity;
mod matching;
mod memory;
mod multipart;
mod quota;
mod rejection;
mod route;
mod schemas;
mod server;
mod service;
mod signature;
mod store;
mod submission;
mod submitted;
mod templates;
mod token;
mod users;

pub use address::TrustedProxies;
pub use builder::Builder;
pub use holder::Holder;
pub use matching::{Match, Matching};
pub use memory::{Memory, StoredFile};
#[cfg(feature = "sandbox")]
pub(crate) use multipart::read_all as read_multipart;
pub use schemas::Schemas;
pub use server::{Cause, RelyingParty};
pub use signature::{OBSOLETE_SIGNATURE, SignatureVerifier, Signer};
pub use store::{
    Applications, Change, CreatedApplication, FileInfo, FileSink, Files, KycUser, Login, Member,
    NewApplication, NewUser, Templates, Users,
};
pub use submitted::SubmittedAttribute;
pub use token::{
    ACCESS_TTL, AccessClaims, CHALLENGE_TTL, ChallengeClaims, TokenIssuer, TokenVerifier, generate_secret,
    parse_ttl,
};
