//! The tokens that entities sign for each other: compact JWTs by Ed25519.
//!
//! | token | who signs | for what |
//! | --- | --- | --- |
//! | [`login_token`] | an organisation | its client secret at the token endpoint |
//! | [`claim`] | a market | that it holds claims of a user: the hash of a scope |
//! | [`RequestToken`] | a service provider | which scopes it asks for, and the key to encrypt them for |
//! | [`ApprovalToken`] | a user | which scopes a service provider may have |
//! | [`IdentityToken`] | a user | the hash of an identity document |
//! | [`disbursement`] | a market | documents of an order |
//!
//! Tokens are dated a minute back, so that a peer with a clock that is a little behind takes them.
//!
//! Sources: RFC 7519, RFC 8037, and `@credify/crypto` 1.4.8 with `@credify/nodejs` 1.22.6; the tests compare
//! with their tokens to the byte.

mod approval;
pub mod claim;
mod commitment;
pub mod disbursement;
mod identity;
pub(crate) mod jwt;
mod login;
mod payload;
mod request;

pub(crate) use approval::ApprovalPayload;
pub use approval::ApprovalToken;
pub use identity::IdentityToken;
pub use login::login_token;
pub(crate) use payload::now;
pub(crate) use request::RequestPayload;
pub use request::RequestToken;
