//! ECDSA over secp256k1 (SEC 2 section 2.4.1) as Ethereum wallets use it: Keccak-256, the personal-message envelope
//! (EIP-191 version `0x45`), signatures from which the key can be recovered, addresses (EIP-55).
//!
//! Signing is deterministic (RFC 6979) and gives the low one of the two values of s; verifying takes that one only.
//! Who takes both lets anybody make a second valid signature out of a first, so that a signature no longer identifies
//! what was signed; the functions that do so say it in their names.

use std::fmt;

use k256::ecdsa::{self, RecoveryId, VerifyingKey, signature::hazmat::PrehashVerifier};
use sha3::{Digest, Keccak256};
use zeroize::Zeroizing;

use super::digest;
use crate::{
    error::Error,
    privacy::{REDACTED, Secret},
};

/// Keccak-256 with the padding of 2011, which Ethereum uses; not SHA3-256.
pub(crate) fn keccak256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Keccak256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// The hash that a wallet signs for a message: the envelope keeps a message from being a transaction.
pub(crate) fn personal_message_hash(message: &[u8]) -> [u8; 32] {
    let length = message.len().to_string();
    keccak256(&[b"\x19Ethereum Signed Message:\n", length.as_bytes(), message])
}

/// A private key. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct SigningKey(ecdsa::SigningKey);

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PublicKey(VerifyingKey);

/// The last 20 bytes of the Keccak-256 of a public key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Address([u8; 20]);

/// A signature with the parity that tells the two possible public keys apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecoverableSignature {
    signature: ecdsa::Signature,
    odd: bool,
}

impl SigningKey {
    /// Reads 64 hex digits, with or without `0x` in front.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), also for zero and for numbers beyond the group's order.
    pub(crate) fn from_hex(text: &Secret) -> Result<Self, Error> {
        let text = text.expose().trim();
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), bytes.as_mut_slice())
            .map_err(|_| Error::configuration("a secp256k1 private key is 64 hex digits"))?;
        Self::from_bytes(&bytes)
    }

    /// Takes the 32 bytes, big-endian.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for zero and for numbers beyond the group's order.
    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        ecdsa::SigningKey::from_slice(bytes)
            .map(Self)
            .map_err(|_| Error::configuration("the number is not a secp256k1 private key"))
    }

    /// The public half.
    pub(crate) fn public_key(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }

    /// Signs a hash.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for one hash in 2^128, whose signature Ethereum has no form for.
    pub(crate) fn sign_hash(&self, hash: &[u8; 32]) -> Result<RecoverableSignature, Error> {
        let (signature, recovery) = self.0.sign_prehash_recoverable(hash);
        if recovery.is_x_reduced() {
            return Err(Error::configuration("the signature of this very hash has no Ethereum form"));
        }
        Ok(RecoverableSignature { signature, odd: recovery.is_y_odd() })
    }

    /// Signs a message in the personal-message envelope.
    ///
    /// # Errors
    ///
    /// As [`sign_hash`](Self::sign_hash).
    pub(crate) fn sign_personal_message(&self, message: &[u8]) -> Result<RecoverableSignature, Error> {
        self.sign_hash(&personal_message_hash(message))
    }

    /// Signs the SHA-256 of a message, DER-encoded, as Bitcoin and most libraries do it.
    ///
    /// # Errors
    ///
    /// As [`sign_hash`](Self::sign_hash).
    pub(crate) fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signed = self.sign_hash(&digest::sha256(&[message]))?;
        Ok(signed.signature.to_der().as_bytes().to_vec())
    }
}

impl PublicKey {
    /// Reads SEC 1 (section 2.3.4), compressed or not, or the 64 bytes of the two coordinates alone.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), also for points off the curve.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut tagged = [4; 65];
        let bytes = if bytes.len() == 64 {
            tagged[1..].copy_from_slice(bytes);
            &tagged
        } else {
            bytes
        };
        VerifyingKey::from_sec1_bytes(bytes)
            .map(Self)
            .map_err(|_| Error::configuration("the bytes are not a secp256k1 public key"))
    }

    /// Reads the hex digits of [`from_bytes`](Self::from_bytes), with or without `0x` in front.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub(crate) fn from_hex(text: &str) -> Result<Self, Error> {
        let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text))
            .map_err(|_| Error::configuration("a secp256k1 public key is written in hex digits"))?;
        Self::from_bytes(&bytes)
    }

    /// The two coordinates, 32 bytes each.
    pub(crate) fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        let point = self.0.to_sec1_point(false);
        // Uncompressed: one byte that says so, then the coordinates.
        bytes.copy_from_slice(&point.as_bytes()[1..]);
        bytes
    }

    /// Its address.
    pub(crate) fn address(&self) -> Address {
        let mut address = [0; 20];
        address.copy_from_slice(&keccak256(&[&self.to_bytes()])[12..]);
        Address(address)
    }

    /// Whether the signature fits the hash; a high s does not.
    pub(crate) fn verifies_hash(&self, hash: &[u8; 32], signature: &RecoverableSignature) -> bool {
        self.fits(hash, &signature.signature)
    }

    /// Whether the DER-encoded signature fits the SHA-256 of the message; a high s does not.
    pub(crate) fn verifies_sha256(&self, message: &[u8], der: &[u8]) -> bool {
        ecdsa::Signature::from_der(der)
            .is_ok_and(|signature| self.fits(&digest::sha256(&[message]), &signature))
    }

    fn fits(&self, hash: &[u8; 32], signature: &ecdsa::Signature) -> bool {
        // k256 refuses a high s as well; the promise is ours, so it does not rest on that.
        *signature == signature.normalize_s() && self.0.verify_prehash(hash, signature).is_ok()
    }
}

impl Address {
    /// Reads `0x` and 40 hex digits of either case. A checksum in the case of the letters is not looked at.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub(crate) fn from_hex(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 20];
        text.strip_prefix("0x")
            .and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
            .map(|()| Self(bytes))
            .ok_or_else(|| Error::configuration("an Ethereum address is 0x and 40 hex digits"))
    }

    /// `0x` and 40 lower-case hex digits.
    pub(crate) fn to_hex(self) -> String {
        format!("0x{}", hex::encode(self.0))
    }

    /// `0x` and 40 hex digits, the case of whose letters is a checksum (EIP-55).
    pub(crate) fn to_checksummed(self) -> String {
        let digits = hex::encode(self.0);
        let hash = hex::encode(keccak256(&[digits.as_bytes()]));
        let cased = digits.chars().zip(hash.chars());
        let cased = cased.map(|(digit, hash)| if hash >= '8' { digit.to_ascii_uppercase() } else { digit });
        std::iter::once("0x".to_owned()).chain(cased.map(String::from)).collect()
    }
}

impl RecoverableSignature {
    /// Reads r, s and v, 32, 32 and 1 bytes. v is 27 or 28, or 0 or 1 as some wallets write it.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for another length or v, and for an r or s outside the
    /// group.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let refused = |what| Error::invalid("signature", what);
        let (numbers, v) = match bytes.split_last_chunk::<1>() {
            Some((numbers, [v])) if numbers.len() == 64 => (numbers, *v),
            _ => return Err(refused("an Ethereum signature has 65 bytes")),
        };
        let odd = match v {
            0 | 27 => false,
            1 | 28 => true,
            _ => return Err(refused("the last byte of an Ethereum signature is 27 or 28")),
        };
        let signature = ecdsa::Signature::from_slice(numbers)
            .map_err(|_| refused("r or s of the signature is zero or too large"))?;
        Ok(Self { signature, odd })
    }

    /// r, s and v with v as 27 or 28.
    pub(crate) fn to_bytes(self) -> [u8; 65] {
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&self.signature.to_bytes());
        bytes[64] = 27 + u8::from(self.odd);
        bytes
    }

    /// The key that made this signature of this hash; `None` when there is none or s is high.
    ///
    /// Every signature belongs to *some* key: compare the result with the one expected.
    pub(crate) fn recover(&self, hash: &[u8; 32]) -> Option<PublicKey> {
        self.recover_any(hash).filter(|key| key.fits(hash, &self.signature))
    }

    /// [`recover`](Self::recover) that also takes the high one of the two values of s, for peers that do not
    /// normalise. A signature that passes can be turned into another one that passes.
    pub(crate) fn recover_allowing_high_s(&self, hash: &[u8; 32]) -> Option<PublicKey> {
        self.recover_any(hash).filter(|key| key.fits(hash, &self.signature.normalize_s()))
    }

    fn recover_any(&self, hash: &[u8; 32]) -> Option<PublicKey> {
        let recovery = RecoveryId::new(self.odd, false);
        VerifyingKey::recover_from_prehash(hash, &self.signature, recovery).ok().map(PublicKey)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

// An address, a key and a signature lead to a person's wallet: none of them shows itself.

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKey").field(&format_args!("{REDACTED}")).finish()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&format_args!("{REDACTED}")).finish()
    }
}

impl fmt::Debug for RecoverableSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecoverableSignature").field(&format_args!("{REDACTED}")).finish()
    }
}
