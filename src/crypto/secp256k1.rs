//! ECDSA over secp256k1 (SEC 2 section 2.4.1) as Ethereum wallets use it: Keccak-256, the personal-message envelope
//! (EIP-191 version `0x45`), signatures from which the key can be recovered, addresses (EIP-55).
//!
//! Signing is deterministic (RFC 6979) and gives the low one of the two values of s; verifying takes that one only.
//! Accepting both lets everyone make a second valid signature from a first, so that a signature no longer identifies
//! what was signed; the functions that do so say it in their names.

use std::fmt;

use k256::ecdsa::{self, RecoveryId, VerifyingKey, signature::hazmat::PrehashVerifier};
use sha3::{Digest, Keccak256};
use zeroize::Zeroizing;

use super::digest;
use crate::{
    error::{Error, ErrorKind},
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
    /// [`Configuration`](crate::ErrorKind::Configuration) for one hash in 2^128, for which Ethereum has no form of signature.
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

    /// The same, of either of the two signatures that fit: OpenSSL and others make one with a high s half of the time.
    #[cfg(feature = "sandbox")]
    pub(crate) fn verifies_sha256_of_either_s(&self, message: &[u8], der: &[u8]) -> bool {
        ecdsa::Signature::from_der(der)
            .is_ok_and(|signature| self.fits(&digest::sha256(&[message]), &signature.normalize_s()))
    }

    fn fits(&self, hash: &[u8; 32], signature: &ecdsa::Signature) -> bool {
        // k256 refuses a high s as well; the promise is ours, so it does not rest on that.
        *signature == signature.normalize_s() && self.0.verify_prehash(hash, signature).is_ok()
    }
}

/// Whether a DER-encoded signature has the high one of the two values of s; false for what is no signature.
pub(crate) fn has_high_s(der: &[u8]) -> bool {
    ecdsa::Signature::from_der(der).is_ok_and(|signature| signature != signature.normalize_s())
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

    /// Whether it is the zero address, which Ethereum's storage gives for what was never set.
    pub(crate) fn is_zero(self) -> bool {
        self.0 == [0; 20]
    }

    /// `0x` and 40 lower-case hex digits.
    pub(crate) fn to_hex(self) -> String {
        format!("0x{}", hex::encode(self.0))
    }

    /// `0x` and 40 hex digits with the checksum in the letters' case (EIP-55).
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
    /// [`ErrorKind::Signature`] with the check `signature.malformed` for another length or v, and for an r or s outside
    /// the group.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let refused = |what| Error::new(ErrorKind::Signature, what).with_check("signature.malformed");
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

    /// The same signature with the low one of the two values of s.
    pub(crate) fn with_low_s(self) -> Self {
        let signature = self.signature.normalize_s();
        Self { signature, odd: self.odd ^ (signature != self.signature) }
    }

    /// The key that made this signature of this hash; `None` when there is none or s is high.
    ///
    /// Every signature belongs to *some* key: compare the result with the one expected. The key follows from the very
    /// equation that verifying checks (SEC 1 section 4.1.6), so there is nothing left to verify afterwards.
    pub(crate) fn recover(&self, hash: &[u8; 32]) -> Option<PublicKey> {
        if self.has_high_s() {
            return None;
        }
        self.recover_allowing_high_s(hash)
    }

    /// Whether s is the high one of its two values: the mark of a signature that was made out of another one.
    pub(crate) fn has_high_s(&self) -> bool {
        self.signature != self.signature.normalize_s()
    }

    /// [`recover`](Self::recover) that also takes the high one of the two values of s, for peers that do not
    /// normalise. A signature that passes can be turned into another one that passes.
    pub(crate) fn recover_allowing_high_s(&self, hash: &[u8; 32]) -> Option<PublicKey> {
        let recovery = RecoveryId::new(self.odd, false);
        VerifyingKey::recover_from_prehash(hash, &self.signature, recovery).ok().map(PublicKey)
    }
}

crate::privacy::redacted_debug!(SigningKey = REDACTED);

// An address, a key and a signature lead to a person's wallet: none of them shows itself.

crate::privacy::redacted_debug!(PublicKey = "PublicKey([redacted])");

crate::privacy::redacted_debug!(Address = "Address([redacted])");

crate::privacy::redacted_debug!(RecoverableSignature = "RecoverableSignature([redacted])");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// From the contract's vectors, made by the wallet itself.
    const KEY: &str = "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4";
    const MESSAGE: &[u8] =
        b"CFJvruHcuw0u6ZtJdeo5Y9np0qyORdVqhce/81qhQT3ieCPDRbKQZi+wcmgpvqFeWCJkU3QJHOwJl32o5N/Fww==";
    const SIGNATURE: &str = "3ea78ef3da7d64d8c5e9cebbca5e5a7e882d455f8afcd938f07204c5af81f9a10852050092a18cbd279b0b4d456b3a9056f510ad541503269f4c44972de7d4c71c";

    fn key() -> SigningKey {
        SigningKey::from_hex(&KEY.into()).expect("key")
    }

    /// The other signature that fits: n - s, and the other parity.
    fn high(signature: [u8; 65]) -> [u8; 65] {
        const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        let order = hex::decode(ORDER).expect("hex");
        let mut high = signature;
        let mut borrow = 0;
        for index in (0..32).rev() {
            let difference = i16::from(order[index]) - i16::from(signature[32 + index]) - borrow;
            borrow = i16::from(difference < 0);
            high[32 + index] = difference.rem_euclid(256) as u8;
        }
        high[64] = 55 - signature[64];
        high
    }

    #[test]
    fn keccak_is_not_sha3() {
        // The empty message, as everywhere in Ethereum.
        assert_eq!(
            hex::encode(keccak256(&[])),
            "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
        );
    }

    #[test]
    fn a_challenge_is_signed_as_the_wallet_signs_it() {
        let hash = personal_message_hash(MESSAGE);
        assert_eq!(hex::encode(hash), "222f25a8a5685c48eb86f5c5f1a2832de37712cb1b74b50c54179dc1d678c5fd");
        let signature = key().sign_personal_message(MESSAGE).expect("signed");
        assert_eq!(hex::encode(signature.to_bytes()), SIGNATURE);
        let public = signature.recover(&hash).expect("a key");
        assert!(public == key().public_key() && public.verifies_hash(&hash, &signature));
        assert_eq!(
            hex::encode(public.to_bytes()),
            "e903a546af2a8d05d99824b40dc0b30d8cd9c7747a0f1a412cdefd46efb22735258934389775ab0a336519e6c6c0370dab28d7d0bc7cb1926a1b9535b50caea3"
        );
        assert_eq!(public.address().to_hex(), "0x5f2e5edc747a92821d16ab36a77ac729f5e66347");
        assert_eq!(public.address().to_checksummed(), "0x5F2E5EdC747a92821d16AB36a77AC729F5E66347");
    }

    #[test]
    fn the_parity_is_written_as_27_or_28_and_read_as_0_or_1_too() {
        let mut bytes = key().sign_personal_message(MESSAGE).expect("signed").to_bytes();
        assert_eq!(bytes[64], 28);
        bytes[64] = 1;
        let read = RecoverableSignature::from_bytes(&bytes).expect("read");
        assert_eq!(hex::encode(read.to_bytes()), SIGNATURE);
        for v in [2, 26, 29, 37, 255] {
            bytes[64] = v;
            assert!(RecoverableSignature::from_bytes(&bytes).is_err(), "{v}");
        }
        bytes[64] = 28;
        assert!(RecoverableSignature::from_bytes(&bytes[..64]).is_err());
        assert!(RecoverableSignature::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
        assert!(RecoverableSignature::from_bytes(&[]).is_err());
        for zero in [0..32, 32..64] {
            let mut changed = bytes;
            changed[zero].fill(0);
            assert!(RecoverableSignature::from_bytes(&changed).is_err());
        }
        bytes[..32].fill(0xff);
        assert!(RecoverableSignature::from_bytes(&bytes).is_err());
    }

    #[test]
    fn the_other_parity_gives_another_key() {
        let hash = personal_message_hash(MESSAGE);
        let mut bytes = key().sign_personal_message(MESSAGE).expect("signed").to_bytes();
        bytes[64] = 27;
        let recovered = RecoverableSignature::from_bytes(&bytes).expect("read").recover(&hash);
        assert!(recovered.is_none_or(|recovered| recovered != key().public_key()));
    }

    #[test]
    fn der_signatures_over_sha256_verify() {
        let signature = key().sign_sha256(b"nonce").expect("signed");
        let public = key().public_key();
        assert!(public.verifies_sha256(b"nonce", &signature));
        assert!(!public.verifies_sha256(b"Nonce", &signature));
        assert!(!public.verifies_sha256(b"nonce", &signature[1..]));
        assert!(!public.verifies_sha256(b"nonce", &[&signature[..], &[0]].concat()));
        assert!(!public.verifies_sha256(b"nonce", &[]));
    }

    #[test]
    fn keys_and_addresses_are_read_strictly() {
        let public = key().public_key();
        let coordinates = public.to_bytes();
        for text in [
            hex::encode(coordinates),
            format!("0x{}", hex::encode(coordinates)),
            format!("04{}", hex::encode(coordinates)),
            format!("0{}{}", 2 + (coordinates[63] & 1), hex::encode(&coordinates[..32])),
        ] {
            assert!(PublicKey::from_hex(&text).expect("key") == public);
        }
        for text in ["", "0x", "04", &"00".repeat(64), &"ff".repeat(64), &KEY[1..], "0X04"] {
            assert!(PublicKey::from_hex(text).is_err(), "{text}");
        }
        let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        for text in ["", "0x", &KEY[1..], &format!("{KEY}00"), &"00".repeat(32), order, &"zz".repeat(32)] {
            let error = SigningKey::from_hex(&text.into()).expect_err("refused");
            assert!(text.len() < 4 || !error.to_string().contains(text));
        }
        assert!(SigningKey::from_hex(&format!(" 0x{KEY}\n").into()).is_ok());

        let address = public.address();
        assert!(Address::from_hex(&address.to_checksummed()).expect("address") == address);
        for text in [
            "",
            "0x",
            "5f2e5edc747a92821d16ab36a77ac729f5e66347",
            "0x5f2e5edc747a92821d16ab36a77ac729f5e6634",
        ] {
            assert!(Address::from_hex(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_published_checksums_come_out() {
        // EIP-55, the test cases.
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            assert_eq!(Address::from_hex(text).expect("address").to_checksummed(), text);
        }
    }

    #[test]
    fn nothing_shows_itself() {
        let signature = key().sign_personal_message(MESSAGE).expect("signed");
        let public = key().public_key();
        let text = format!("{:?} {public:?} {:?} {signature:?}", key(), public.address());
        for part in [KEY, &SIGNATURE[..16], "e903a546", "5f2e5edc"] {
            assert!(!text.to_lowercase().contains(part), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_high_s_passes_only_where_the_name_says_so(seed in any::<[u8; 31]>(), message in any::<Vec<u8>>()) {
            let mut secret = [1; 32];
            secret[1..].copy_from_slice(&seed);
            let key = SigningKey::from_bytes(&secret).expect("key");
            let hash = personal_message_hash(&message);
            let low = key.sign_hash(&hash).expect("signed");
            prop_assert!(low.recover(&hash) == Some(key.public_key()));
            prop_assert!(key.public_key().verifies_hash(&hash, &low));

            let high = RecoverableSignature::from_bytes(&high(low.to_bytes())).expect("read");
            prop_assert!(high.recover(&hash).is_none());
            prop_assert!(!key.public_key().verifies_hash(&hash, &high));
            prop_assert!(high.recover_allowing_high_s(&hash) == Some(key.public_key()));
        }

        #[test]
        fn no_bytes_make_anything_panic(bytes in proptest::collection::vec(any::<u8>(), 0..70), hash in any::<[u8; 32]>()) {
            let _ = PublicKey::from_bytes(&bytes);
            prop_assert!(!key().public_key().verifies_sha256(&hash, &bytes));
            if let Ok(signature) = RecoverableSignature::from_bytes(&bytes) {
                let _ = signature.recover(&hash);
                let _ = signature.recover_allowing_high_s(&hash);
            }
        }
    }
}
