//! Content encryption that checks lengths first, the tag second, and decrypts third.
//!
//! josekit's own takes GCM tags from one byte up, decrypts CBC before it checks the tag, and hands initialisation
//! vectors of any length to OpenSSL.

use std::io;

use josekit::{JoseError, jwe::JweContentEncryption};
use openssl::symm::{self, Cipher};
use zeroize::Zeroizing;

use super::algorithm::ContentEncryption;
use crate::crypto::digest;

const TAG: usize = 16;

/// What everything that fails here fails with. josekit's variants and texts are dropped later; this one has neither
/// text nor cause of its own.
pub(super) fn refused() -> JoseError {
    JoseError::InvalidJweFormat(io::Error::from(io::ErrorKind::InvalidData).into())
}

impl ContentEncryption {
    fn cipher(self) -> Cipher {
        match self {
            Self::A128CbcHs256 => Cipher::aes_128_cbc(),
            Self::A128Gcm => Cipher::aes_128_gcm(),
            Self::A256Gcm => Cipher::aes_256_gcm(),
        }
    }

    pub(crate) fn key_length(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A128CbcHs256 | Self::A256Gcm => 32,
        }
    }

    pub(crate) fn iv_length(self) -> usize {
        match self {
            Self::A128CbcHs256 => 16,
            Self::A128Gcm | Self::A256Gcm => 12,
        }
    }

    /// Encrypts: the ciphertext and the tag. `None` for a key or an initialisation vector of another length.
    pub(crate) fn seal(
        self,
        key: &[u8],
        iv: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Option<(Vec<u8>, [u8; TAG])> {
        if key.len() != self.key_length() || iv.len() != self.iv_length() {
            return None;
        }
        if self == Self::A128CbcHs256 {
            let (mac_key, key) = key.split_at(16);
            let ciphertext = symm::encrypt(self.cipher(), key, Some(iv), plaintext).ok()?;
            let tag = cbc_tag(mac_key, aad, iv, &ciphertext);
            return Some((ciphertext, tag));
        }
        let mut tag = [0; TAG];
        let ciphertext = symm::encrypt_aead(self.cipher(), key, Some(iv), aad, plaintext, &mut tag).ok()?;
        Some((ciphertext, tag))
    }

    /// Decrypts; `None` whatever the reason.
    pub(crate) fn open(
        self,
        key: &[u8],
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        if key.len() != self.key_length() || iv.len() != self.iv_length() || tag.len() != TAG {
            return None;
        }
        if self == Self::A128CbcHs256 {
            let (mac_key, key) = key.split_at(16);
            if !digest::equal(&cbc_tag(mac_key, aad, iv, ciphertext), tag) {
                return None;
            }
            return symm::decrypt(self.cipher(), key, Some(iv), ciphertext).ok().map(Zeroizing::new);
        }
        symm::decrypt_aead(self.cipher(), key, Some(iv), aad, ciphertext, tag).ok().map(Zeroizing::new)
    }
}

/// RFC 7518 section 5.2.2.1: the first half of the MAC over AAD, IV, ciphertext and the length of the AAD in bits.
fn cbc_tag(key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> [u8; TAG] {
    // No slice is longer than 2^61 bytes.
    let bits = (aad.len() as u64).wrapping_mul(8).to_be_bytes();
    let mac = digest::hmac_sha256(key, &[aad, iv, ciphertext, &bits]);
    let mut tag = [0; TAG];
    tag.copy_from_slice(&mac[..TAG]);
    tag
}

impl JweContentEncryption for ContentEncryption {
    fn name(&self) -> &str {
        (*self).name()
    }

    fn key_len(&self) -> usize {
        self.key_length()
    }

    fn iv_len(&self) -> usize {
        self.iv_length()
    }

    fn encrypt(
        &self,
        key: &[u8],
        iv: Option<&[u8]>,
        message: &[u8],
        aad: &[u8],
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), JoseError> {
        let (ciphertext, tag) = self.seal(key, iv.unwrap_or_default(), aad, message).ok_or_else(refused)?;
        Ok((ciphertext, Some(tag.to_vec())))
    }

    fn decrypt(
        &self,
        key: &[u8],
        iv: Option<&[u8]>,
        encrypted_message: &[u8],
        aad: &[u8],
        tag: Option<&[u8]>,
    ) -> Result<Vec<u8>, JoseError> {
        let mut plaintext = self
            .open(key, iv.unwrap_or_default(), aad, encrypted_message, tag.unwrap_or_default())
            .ok_or_else(refused)?;
        Ok(std::mem::take(&mut *plaintext))
    }

    fn box_clone(&self) -> Box<dyn JweContentEncryption> {
        Box::new(*self)
    }
}
