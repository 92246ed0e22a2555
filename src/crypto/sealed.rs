//! Values that a store holds for the bearer of a secret: without the secret they can neither be found nor opened.

use zeroize::Zeroizing;

use super::{aead::SealingKey, hmac_sha256, sha256_hex};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
};

/// A kind of value that is sealed by a secret, such as the state of an authorization.
///
/// The key in the store and the sealing key are both derived from the secret, under labels of their own, so that neither
/// says anything of the other.
pub(crate) struct SealedBy {
    /// Begins the key in the store.
    pub(crate) prefix: &'static str,
    /// Separates the key in the store from everything else that is derived from the secret.
    pub(crate) place: &'static [u8],
    /// The same for the sealing key; authenticated along with the value.
    pub(crate) seal: &'static [u8],
}

impl SealedBy {
    /// The key of the value in the store.
    pub(crate) fn store_key(&self, secret: &[u8]) -> String {
        let digest = sha256_hex(&[self.place, secret]);
        format!("{}{}", self.prefix, String::from_utf8_lossy(&digest))
    }

    /// Seals a value.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when there is no randomness.
    pub(crate) fn seal(&self, secret: &[u8], clock: &Clock, plain: &[u8]) -> Result<Vec<u8>, Error> {
        self.key(secret).seal(clock, self.seal, plain)
    }

    /// Opens a value that the store gave back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] when it is not the value that was sealed by this secret.
    pub(crate) fn open(&self, secret: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.key(secret).open(self.seal, sealed).map_err(|_| Self::broken())
    }

    /// The error for a value that opens and is nevertheless not what was sealed.
    pub(crate) fn broken() -> Error {
        Error::new(ErrorKind::Store, "the store gave back another value than it was given")
    }

    fn key(&self, secret: &[u8]) -> SealingKey {
        SealingKey::new(hmac_sha256(secret, &[self.seal]))
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    const ONE: SealedBy = SealedBy { prefix: "one-", place: b"place 1", seal: b"seal 1" };
    const OTHER: SealedBy = SealedBy { prefix: "one-", place: b"place 2", seal: b"seal 2" };

    #[test]
    fn a_value_opens_by_its_own_secret_and_kind_only() {
        let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH);
        let sealed = ONE.seal(b"secret", &clock, b"value").expect("sealed");
        assert_eq!(ONE.open(b"secret", &sealed).expect("opened").as_slice(), b"value");
        for opened in [ONE.open(b"other", &sealed), OTHER.open(b"secret", &sealed), ONE.open(b"secret", b"")]
        {
            assert_eq!(opened.expect_err("refused").kind(), ErrorKind::Store);
        }
    }

    #[test]
    fn the_key_in_the_store_shows_neither_the_secret_nor_the_kind() {
        let key = ONE.store_key(b"secret");
        // SHA-256 of "place 1secret", by coreutils.
        assert_eq!(key, "one-dd05acd65f16de5bd2c718f3c011dc93deb06b82a5146c2e8dec6f3822e25c96");
        assert_ne!(key, OTHER.store_key(b"secret"));
        assert_ne!(key, ONE.store_key(b"other"));
    }
}
