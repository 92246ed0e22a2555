//! Signed and encrypted tokens: JWS (RFC 7515), JWE (RFC 7516), JWK (RFC 7517), JWT (RFC 7519), in compact form only.
//!
//! ```text
//! bytes ── size limit ── split ── header: no duplicates, no crit, algorithms as pinned, no zip unless allowed
//!       ── josekit context with strict content encryption ── inflate under a limit
//!       ── the same gate for the signed token inside ── payload ── claims check
//! ```
//!
//! josekit puts tokens together and takes them apart; nothing outside this folder knows it. Its parts that trust their
//! input are replaced through its own traits: content encryption and key unwrapping ([`decrypt`]), signatures and MACs
//! ([`verify`]), compression. Keys never pass through it ([`keys`]), nor do claims ([`claims`]).
//!
//! What a refusal tells is in its kind and its [check](crate::Error::check), one of the words in [`check`]. Everything
//! from unwrapping the key to the tag is one refusal, the same to the byte.

pub(crate) mod algorithm;
pub(crate) mod claims;
mod compact;
mod content;
pub(crate) mod decrypt;
pub(crate) mod encrypt;
pub(crate) mod header;
mod inflate;
mod jwk;
pub(crate) mod key_set;
pub(crate) mod keys;
pub(crate) mod nested;
pub(crate) mod sign;
#[cfg(test)]
mod tests;
pub(crate) mod verify;

use crate::error::{Error, ErrorKind};

/// The words of [`Error::check`](crate::Error::check) for a refused token.
pub(crate) mod check {
    /// The header asks for an algorithm or an extension that is not accepted. No key was used.
    pub(crate) const ALGORITHM: &str = "token.algorithm";
    /// The token could not be opened with the key.
    pub(crate) const DECRYPTION: &str = "token.decryption";
    /// Not a token in compact form. No key was used on it, or its encryption was opened and held no such token.
    pub(crate) const MALFORMED: &str = "token.malformed";
    /// The signature does not fit.
    pub(crate) const MISMATCH: &str = "signature.mismatch";
    /// The token, or what it inflates to, is longer than the limit.
    pub(crate) const TOO_LARGE: &str = "token.too_large";
}

/// Kind of the refused token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Encrypted,
    Signed,
}

impl Form {
    fn kind(self) -> ErrorKind {
        match self {
            Self::Encrypted => ErrorKind::Decryption,
            Self::Signed => ErrorKind::Signature,
        }
    }

    fn malformed(self) -> Error {
        let what = match self {
            Self::Encrypted => "this is not an encrypted token in compact form",
            Self::Signed => "this is not a signed token in compact form",
        };
        Error::new(self.kind(), what).with_check(check::MALFORMED)
    }

    fn algorithm(self) -> Error {
        Error::new(self.kind(), "the token's header asks for what is not accepted")
            .with_check(check::ALGORITHM)
    }
}

fn undecryptable() -> Error {
    Error::new(ErrorKind::Decryption, "the token could not be opened with this key")
        .with_check(check::DECRYPTION)
}

fn mismatch() -> Error {
    Error::new(ErrorKind::Signature, "the token was not signed with this key").with_check(check::MISMATCH)
}

fn too_large() -> Error {
    Error::new(ErrorKind::TooLarge, "the token is longer than the limit").with_check(check::TOO_LARGE)
}
