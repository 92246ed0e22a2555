//! JSON Web Tokens as relying parties issue them: C-JWT (the challenge) and W-JWT (access), by HS512 or RS512.
//!
//! A key is bound to one algorithm, and no header of a token ever chooses. There is no leeway: a token ends at the
//! second of its `exp`. Source: `selfkey.js`, `src/jwt`, `src/key` and `src/auth`; its documentation, parts 2 to 5.

mod claims;
mod issuer;
mod secret;
mod ttl;
mod verifier;

pub use claims::{AccessClaims, ChallengeClaims};
pub use issuer::{ACCESS_TTL, CHALLENGE_TTL, TokenIssuer};
pub use secret::generate_secret;
pub use ttl::parse_ttl;
pub use verifier::TokenVerifier;
