//! The public keys that users have registered.

use std::fmt;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};

#[cfg(feature = "secp256k1")]
use crate::crypto::secp256k1;
#[cfg(feature = "jose")]
use crate::crypto::{ed25519, rsa};
use crate::error::Error;
#[cfg(feature = "secp256k1")]
use crate::privacy::Secret;

/// A public key that a user has registered.
#[derive(Clone)]
pub struct PublicKey(Key);

#[derive(Clone)]
enum Key {
    #[cfg(feature = "jose")]
    Ed25519(ed25519::VerifyingKey),
    #[cfg(feature = "jose")]
    Rsa(rsa::PublicKey),
    #[cfg(feature = "secp256k1")]
    Secp256k1(secp256k1::PublicKey),
}

impl PublicKey {
    /// An Ed25519 key in PEM (SubjectPublicKeyInfo).
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when it is none.
    #[cfg(feature = "jose")]
    pub fn ed25519(pem: &str) -> Result<Self, Error> {
        ed25519::VerifyingKey::from_pem(pem).map(Key::Ed25519).map(Self)
    }

    /// The public half of an Ed25519 key in PEM (PKCS#8).
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when it is none.
    #[cfg(feature = "jose")]
    pub fn of_ed25519(private: &str) -> Result<Self, Error> {
        let private = ed25519::SigningKey::from_pem(private, None)?;
        Ok(Self(Key::Ed25519(private.verifying_key().clone())))
    }

    /// An RSA key in PEM (SubjectPublicKeyInfo or PKCS#1). Either padding is accepted, with SHA-256.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when it is none.
    #[cfg(feature = "jose")]
    pub fn rsa(pem: &str) -> Result<Self, Error> {
        rsa::PublicKey::from_pem(pem).map(Key::Rsa).map(Self)
    }

    /// The public half of an RSA key in PEM (PKCS#8 or PKCS#1).
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when it is none.
    #[cfg(feature = "jose")]
    pub fn of_rsa(private: &str) -> Result<Self, Error> {
        rsa::PrivateKey::from_pem(private, None)?.public_key().map(Key::Rsa).map(Self)
    }

    /// A secp256k1 key in hex (SEC 1, compressed or not). It verifies ECDSA with SHA-256, in DER; s may be high or
    /// low, as the provider asks for neither.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when it is none.
    #[cfg(feature = "secp256k1")]
    pub fn secp256k1(hex: &str) -> Result<Self, Error> {
        secp256k1::PublicKey::from_hex(hex).map(Key::Secp256k1).map(Self)
    }

    /// The public half of a secp256k1 key of 64 hex digits.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when it is none.
    #[cfg(feature = "secp256k1")]
    pub fn of_secp256k1(private: &str) -> Result<Self, Error> {
        let private = secp256k1::SigningKey::from_hex(&Secret::from(private))?;
        Ok(Self(Key::Secp256k1(private.public_key())))
    }

    /// Whether this is a signature of the message, in one of the usual spellings.
    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let spellings = [
            hex::decode(signature).ok(),
            STANDARD.decode(signature).ok(),
            STANDARD_NO_PAD.decode(signature).ok(),
            URL_SAFE.decode(signature).ok(),
            URL_SAFE_NO_PAD.decode(signature).ok(),
        ];
        spellings.into_iter().flatten().any(|signature| match &self.0 {
            #[cfg(feature = "jose")]
            Key::Ed25519(key) => key.verifies(message, &signature),
            #[cfg(feature = "jose")]
            Key::Rsa(key) => [rsa::Scheme::Pkcs1Sha256, rsa::Scheme::PssSha256]
                .into_iter()
                .any(|scheme| key.verifies(scheme, message, &signature)),
            #[cfg(feature = "secp256k1")]
            Key::Secp256k1(key) => key.verifies_sha256_of_either_s(message, &signature),
        })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            #[cfg(feature = "jose")]
            Key::Ed25519(_) => "PublicKey(Ed25519)",
            #[cfg(feature = "jose")]
            Key::Rsa(_) => "PublicKey(RSA)",
            #[cfg(feature = "secp256k1")]
            Key::Secp256k1(_) => "PublicKey(secp256k1)",
        })
    }
}

#[cfg(all(test, feature = "secp256k1"))]
mod tests {
    use k256::ecdsa::Signature;

    use super::*;

    #[test]
    fn either_of_the_two_signatures_of_a_key_is_taken() {
        let key = format!("{:064x}", 7);
        let signer = secp256k1::SigningKey::from_hex(&Secret::from(key.as_str())).expect("a key");
        let public = PublicKey::of_secp256k1(&key).expect("a key");
        let low = signer.sign_sha256(b"message").expect("signed");
        let signature = Signature::from_der(&low).expect("DER");
        let (r, s) = signature.split_scalars();
        let high = Signature::from_scalars(r, -*s).expect("a signature");
        assert_ne!(high, signature);
        for der in [low.as_slice(), high.to_der().as_bytes()] {
            assert!(public.verifies(b"message", &hex::encode(der)));
            assert!(!public.verifies(b"another message", &hex::encode(der)));
        }
    }
}
