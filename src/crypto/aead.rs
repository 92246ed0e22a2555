//! AES-256-GCM (NIST SP 800-38D) for values that leave the process and come back: sealed state, sealed tokens.

use openssl::symm::{self, Cipher};
use zeroize::Zeroizing;

use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    privacy::REDACTED,
};

const NONCE: usize = 12;
const TAG: usize = 16;

/// A key that seals and opens.
///
/// The nonce is random, so one key should seal no more than 2^32 values.
pub(crate) struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// Takes 32 random bytes.
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(Zeroizing::new(key))
    }

    /// Seals: nonce, ciphertext and tag, one behind the other. `context` is not part of the result; the same one is
    /// needed to open it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when there is no randomness.
    pub(crate) fn seal(&self, clock: &Clock, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce = clock
            .random::<NONCE>()
            .map_err(|source| Error::configuration("nothing can be sealed").with_source(source))?;
        let mut tag = [0; TAG];
        let ciphertext = symm::encrypt_aead(
            Cipher::aes_256_gcm(),
            self.0.as_slice(),
            Some(&nonce),
            context,
            plaintext,
            &mut tag,
        )
        .map_err(|_| Error::configuration("nothing can be sealed"))?;
        Ok([nonce.as_slice(), &ciphertext, &tag].concat())
    }

    /// Opens what [`seal`](Self::seal) made under the same key and context.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decryption`], one text whatever the reason.
    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        sealed
            .split_first_chunk::<NONCE>()
            .and_then(|(nonce, rest)| {
                let (ciphertext, tag) = rest.split_last_chunk::<TAG>()?;
                symm::decrypt_aead(
                    Cipher::aes_256_gcm(),
                    self.0.as_slice(),
                    Some(nonce),
                    context,
                    ciphertext,
                    tag,
                )
                .ok()
            })
            .map(Zeroizing::new)
            .ok_or_else(|| Error::new(ErrorKind::Decryption, "the sealed value could not be opened"))
    }
}

crate::privacy::redacted_debug!(SealingKey = REDACTED);

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_was_sealed_opens_under_the_same_key_and_context_only() {
        let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH);
        let key = SealingKey::new([7; 32]);
        let sealed = key.seal(&clock, b"flow 1", b"state").expect("sealed");
        assert_eq!(sealed.len(), NONCE + 5 + TAG);
        assert_eq!(key.open(b"flow 1", &sealed).expect("opened").as_slice(), b"state");
        assert_ne!(key.seal(&clock, b"flow 1", b"state").expect("sealed"), sealed, "nonces repeat");

        let mut texts = Vec::new();
        let mut refuse = |key: &SealingKey, context: &[u8], sealed: &[u8]| {
            let error = key.open(context, sealed).expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::Decryption);
            texts.push(format!("{error:?}"));
        };
        refuse(&SealingKey::new([8; 32]), b"flow 1", &sealed);
        refuse(&key, b"flow 2", &sealed);
        for length in 0..sealed.len() {
            refuse(&key, b"flow 1", &sealed[..length]);
        }
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            refuse(&key, b"flow 1", &changed);
        }
        texts.dedup();
        assert_eq!(texts.len(), 1);
    }

    #[test]
    fn the_published_value_opens() {
        // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14: zero key, zero IV, one zero block.
        let sealed = hex::decode(
            "000000000000000000000000cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
        )
        .expect("hex");
        assert_eq!(SealingKey::new([0; 32]).open(b"", &sealed).expect("opened").as_slice(), [0; 16]);
    }
}
