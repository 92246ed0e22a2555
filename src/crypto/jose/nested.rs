//! A signed token inside an encrypted one (RFC 7519 section 11.2).

use super::{
    decrypt::Decrypter,
    keys::VerificationKey,
    verify::{self, VerifiedToken},
};
use crate::error::Error;

/// Opens and verifies nested tokens. Both algorithms are pinned: those of the encryption by the decrypter's policy,
/// that of the signature by the key.
///
/// Opening one costs a private RSA operation, a third of a millisecond for 2048 bits, which is long for a thread that
/// drives an async executor.
#[derive(Debug)]
pub(crate) struct NestedReader {
    decrypter: Decrypter,
    key: VerificationKey,
    max_len: usize,
}

impl NestedReader {
    /// `max_len` limits the signed token inside, in characters.
    pub(crate) fn new(decrypter: Decrypter, key: VerificationKey, max_len: usize) -> Self {
        Self { decrypter, key, max_len }
    }

    /// Opens the encrypted token and verifies the signed one in it. No call returns the content of a token with
    /// an invalid inner signature.
    ///
    /// # Errors
    ///
    /// Those of [`Decrypter::open`] and of [`verify::verify`].
    pub(crate) fn open(&self, token: &[u8]) -> Result<VerifiedToken, Error> {
        let opened = self.decrypter.open(token)?;
        verify::verify(&self.key, opened.content(), self.max_len)
    }
}
