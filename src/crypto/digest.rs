//! SHA-256, HMAC with SHA-256 and SHA-512, and the constant-time compare (FIPS 180-4, RFC 2104).

use hmac::{Hmac, KeyInit, Mac};
#[cfg(feature = "jose")]
use sha2::Sha512;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// SHA-256 over the parts, one behind the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-256 over a long text with several short endings: the text is hashed once.
pub(crate) struct Sha256Prefix(Sha256);

impl Sha256Prefix {
    pub(crate) fn new(text: &[u8]) -> Self {
        Self(Sha256::new_with_prefix(text))
    }

    /// The digest of the text and this ending.
    pub(crate) fn with(&self, ending: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(ending).finalize().into()
    }
}

/// [`sha256`] as 64 lower-case hex characters.
pub(crate) fn sha256_hex(parts: &[&[u8]]) -> [u8; 64] {
    let mut text = [0; 64];
    // A 32-byte digest always fills exactly 64 characters.
    let _ = hex::encode_to_slice(sha256(parts), &mut text);
    text
}

/// HMAC-SHA-256 over the parts, one behind the other.
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    #[allow(clippy::expect_used)]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA-512 over the parts, one behind the other.
#[cfg(feature = "jose")]
pub(crate) fn hmac_sha512(key: &[u8], parts: &[&[u8]]) -> [u8; 64] {
    #[allow(clippy::expect_used)]
    let mut mac = Hmac::<Sha512>::new_from_slice(key).expect("HMAC takes keys of every length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Compares in a time that depends on the lengths only.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_and_hmac_give_the_published_values() {
        // FIPS 180-4, "abc"; RFC 4231, test case 2.
        assert_eq!(
            sha256_hex(&[b"a", b"bc"]).as_slice(),
            b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            hex::encode(hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[cfg(feature = "jose")]
    #[test]
    fn hmac_sha512_gives_the_published_value() {
        // RFC 4231, test case 2.
        assert_eq!(
            hex::encode(hmac_sha512(b"Jefe", &[b"what do ya want ", b"for nothing?"])),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        );
    }

    #[test]
    fn a_prefix_with_an_ending_is_the_whole() {
        let text = [b'x'; 200];
        let prefix = Sha256Prefix::new(&text);
        for ending in [&b""[..], b"a", &[b'y'; 100]] {
            assert_eq!(prefix.with(ending), sha256(&[&text, ending]));
        }
    }

    #[test]
    fn compare_tells_equal_from_different() {
        assert!(equal(b"abc", b"abc"));
        assert!(!equal(b"abc", b"abd"));
        assert!(!equal(b"abc", b"ab"));
    }
}
