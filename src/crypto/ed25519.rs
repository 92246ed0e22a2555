//! Ed25519 (RFC 8032) on OpenSSL, with keys in the forms of RFC 8410.

use std::fmt;

use openssl::{
    error::ErrorStack,
    pkey::{Id, PKey, Private, Public},
    sign::{Signer, Verifier},
};
use zeroize::Zeroizing;

use super::{
    der::{self, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE},
    digest,
    pem::{self, Label},
    pkcs8,
};
use crate::{
    error::Error,
    privacy::{REDACTED, Secret},
};

/// `id-Ed25519` (RFC 8410 section 3).
const ED25519: &[u8] = b"\x2b\x65\x70";

/// Prefix of the 32 bytes of a public key in SubjectPublicKeyInfo.
const SPKI_PREFIX: [u8; 12] = *b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

/// The y coordinates of the eight points of small order, and the second encodings of two of them (little-endian, sign
/// bit clear). Under such a key one signature fits every message, so no honest key is among them.
const SMALL_ORDER: [[u8; 32]; 7] = [
    edge(0x00, 0x00, 0x00),
    edge(0x01, 0x00, 0x00),
    *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
    *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    edge(0xec, 0xff, 0x7f),
    edge(0xed, 0xff, 0x7f),
    edge(0xee, 0xff, 0x7f),
];

const fn edge(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// A private key. Cheap to clone.
#[derive(Clone)]
pub(crate) struct SigningKey {
    key: PKey<Private>,
    public: VerifyingKey,
}

/// A public key. Cheap to clone.
#[derive(Clone)]
pub(crate) struct VerifyingKey {
    key: PKey<Public>,
    bytes: [u8; 32],
}

impl SigningKey {
    /// Takes the 32 bytes that RFC 8032 calls the private key and others the seed.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub(crate) fn from_seed(seed: &[u8]) -> Result<Self, Error> {
        let (key, public) = (|| {
            let key = PKey::private_key_from_raw_bytes(seed, Id::ED25519)?;
            let public = key.raw_public_key()?;
            Ok((key, public))
        })()
        .map_err(|_: ErrorStack| Error::configuration("an Ed25519 private key has 32 bytes"))?;
        Ok(Self { key, public: VerifyingKey::from_bytes(&public)? })
    }

    /// [`from_seed`](Self::from_seed) for a key that comes with its public half, which must fit: signing for another
    /// public key than the one that is hashed in gives the private key away.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub(crate) fn from_pair(seed: &[u8], public: &[u8]) -> Result<Self, Error> {
        let key = Self::from_seed(seed)?;
        if !digest::equal(&key.public.bytes, public) {
            return Err(Error::configuration(
                "the public part of the Ed25519 key does not fit its private part",
            ));
        }
        Ok(key)
    }

    /// Reads PKCS#8 in PEM, protected too. A password for a plain key is ignored.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub(crate) fn from_pem(text: &str, password: Option<&Secret>) -> Result<Self, Error> {
        let block = pem::read(text, &[Label::PrivateKey, Label::EncryptedPrivateKey])?;
        if block.label == Label::EncryptedPrivateKey {
            let password = password.ok_or_else(|| {
                Error::configuration("the key is password-protected and no password is given")
            })?;
            return pkcs8::open(&block.der, password, |der| Self::from_der(der).ok());
        }
        Self::from_der(&block.der)
    }

    /// Reads PKCS#8, versions 1 and 2; the public key that version 2 may hold must fit.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, Error> {
        let (seed, public) = private_key_info(der)
            .ok_or_else(|| Error::configuration("the key is not an Ed25519 private key in PKCS#8"))?;
        match public {
            Some(public) => Self::from_pair(seed, public),
            None => Self::from_seed(seed),
        }
    }

    /// The public half.
    pub(crate) fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    /// Signs a message.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        let mut signature = [0; 64];
        (|| Signer::new_without_digest(&self.key)?.sign_oneshot(&mut signature, message))()
            .map_err(|_: ErrorStack| Error::configuration("the Ed25519 key could not sign"))?;
        Ok(signature)
    }

    /// The 32 bytes of [`from_seed`](Self::from_seed).
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub(crate) fn to_seed(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let seed = self.key.raw_private_key();
        seed.map(Zeroizing::new).map_err(|_| Error::configuration("the Ed25519 key could not be written"))
    }

    /// PKCS#8, version 1.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub(crate) fn to_der(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let seed = Zeroizing::new(der::element(OCTET_STRING, &[&self.to_seed()?]));
        let algorithm = der::element(SEQUENCE, &[&der::element(OBJECT_IDENTIFIER, &[ED25519])]);
        let version = der::element(INTEGER, &[&[0]]);
        let key = Zeroizing::new(der::element(OCTET_STRING, &[&seed]));
        Ok(Zeroizing::new(der::element(SEQUENCE, &[&version, &algorithm, &key])))
    }
}

impl VerifyingKey {
    /// Takes the 32 bytes of a public key.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), also for a point of small order.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let refused = || Error::configuration("the key is not an Ed25519 public key of 32 bytes");
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| refused())?;
        let mut y = bytes;
        y[31] &= 0x7f;
        if SMALL_ORDER.contains(&y) {
            return Err(Error::configuration("the Ed25519 public key has a small order"));
        }
        let key = PKey::public_key_from_raw_bytes(&bytes, Id::ED25519).map_err(|_| refused())?;
        Ok(Self { key, bytes })
    }

    /// Reads SubjectPublicKeyInfo in PEM.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub(crate) fn from_pem(text: &str) -> Result<Self, Error> {
        Self::from_der(&pem::read(text, &[Label::PublicKey])?.der)
    }

    /// Reads SubjectPublicKeyInfo.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, Error> {
        let bytes = der.strip_prefix(&SPKI_PREFIX).ok_or_else(|| {
            Error::configuration("the key is not an Ed25519 public key in SubjectPublicKeyInfo")
        })?;
        Self::from_bytes(bytes)
    }

    /// The 32 bytes.
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// SubjectPublicKeyInfo.
    pub(crate) fn to_der(&self) -> [u8; 44] {
        let mut der = [0; 44];
        der[..12].copy_from_slice(&SPKI_PREFIX);
        der[12..].copy_from_slice(&self.bytes);
        der
    }

    /// Whether the signature fits the message.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == 64
            && Verifier::new_without_digest(&self.key)
                .and_then(|mut verifier| verifier.verify_oneshot(signature, message))
                .unwrap_or(false)
    }
}

crate::privacy::redacted_debug!(SigningKey = REDACTED);

// Not secret, but a wallet's key leads to a person.
crate::privacy::redacted_debug!(VerifyingKey = "VerifyingKey([redacted])");

/// `OneAsymmetricKey` (RFC 5958 section 2): the seed, and the public key where there is one.
fn private_key_info(bytes: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    /// `[0] IMPLICIT Attributes`
    const ATTRIBUTES: u8 = 0xa0;
    /// `[1] IMPLICIT BIT STRING`
    const PUBLIC_KEY: u8 = 0x81;

    let mut outer = Reader::new(bytes);
    let mut info = outer.sequence()?;
    let version = info.small_integer()?;
    let mut algorithm = info.sequence()?;
    if algorithm.take(OBJECT_IDENTIFIER)? != ED25519 || !algorithm.is_empty() {
        return None;
    }
    let mut key = Reader::new(info.take(OCTET_STRING)?);
    let seed = key.take(OCTET_STRING)?;
    info.take_if(ATTRIBUTES);
    let public = match info.take_if(PUBLIC_KEY) {
        Some(bits) if version == 1 => Some(bits.strip_prefix(&[0])?),
        Some(_) => return None,
        None => None,
    };
    (version <= 1 && outer.is_empty() && info.is_empty() && key.is_empty()).then_some((seed, public))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032 section 7.1, test 2.
    const SEED: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    const PUBLIC: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    const SIGNATURE: &str = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

    fn bytes(text: &str) -> Vec<u8> {
        hex::decode(text).expect("hex")
    }

    fn key() -> SigningKey {
        SigningKey::from_seed(&bytes(SEED)).expect("key")
    }

    #[test]
    fn the_published_signature_comes_out_and_verifies() {
        assert_eq!(hex::encode(key().verifying_key().as_bytes()), PUBLIC);
        assert_eq!(hex::encode(key().sign(b"\x72").expect("signed")), SIGNATURE);
        let public = VerifyingKey::from_bytes(&bytes(PUBLIC)).expect("key");
        assert!(public.verifies(b"\x72", &bytes(SIGNATURE)));
        assert!(!public.verifies(b"\x73", &bytes(SIGNATURE)));
        assert!(!public.verifies(b"\x72", &bytes(SIGNATURE)[..63]));
        assert!(!public.verifies(b"\x72", &[]));
    }

    #[test]
    fn keys_are_read_and_written_in_the_forms_of_rfc_8410() {
        // RFC 8410 section 10: the same key alone, and with attributes and its public part.
        let alone = "-----BEGIN PRIVATE KEY-----\n\
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
            -----END PRIVATE KEY-----";
        let whole = "-----BEGIN PRIVATE KEY-----\n\
            MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
            oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n\
            Z9w7lshQhqowtrbLDFw4rXAxZuE=\n\
            -----END PRIVATE KEY-----";
        let public = "-----BEGIN PUBLIC KEY-----\n\
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
            -----END PUBLIC KEY-----";
        let expected = *VerifyingKey::from_pem(public).expect("key").as_bytes();
        for text in [alone, whole] {
            let key = SigningKey::from_pem(text, None).expect("key");
            assert_eq!(key.verifying_key().as_bytes(), &expected);
            let der = key.to_der().expect("DER");
            assert_eq!(*pem::write(Label::PrivateKey, &der, 64), alone.replace("            ", ""));
        }
        let der = VerifyingKey::from_bytes(&expected).expect("key").to_der();
        assert_eq!(*pem::write(Label::PublicKey, &der, 64), public.replace("            ", ""));
        // Another public part than the seed's.
        assert!(SigningKey::from_pem(&whole.replace("AGb9E", "AGb9F"), None).is_err());
    }

    #[test]
    fn what_is_not_exactly_a_key_is_refused() {
        let whole = key().to_der().expect("DER");
        for length in 0..whole.len() {
            assert!(SigningKey::from_der(&whole[..length]).is_err(), "{length}");
        }
        for index in 0..16 {
            let mut changed = whole.to_vec();
            changed[index] ^= 2;
            assert!(SigningKey::from_der(&changed).is_err(), "{index}");
        }
        assert!(SigningKey::from_der(&[&whole[..], &[0]].concat()).is_err());
        // Behind the key, inside the sequence; and a public part under version 1, which has none.
        for extra in [&[5, 0][..], &[&[0x81, 33, 0], key().verifying_key().as_bytes().as_slice()].concat()] {
            let content = [&whole[2..], extra].concat();
            assert!(SigningKey::from_der(&der::element(SEQUENCE, &[&content])).is_err());
        }
        assert!(SigningKey::from_seed(&[0; 31]).is_err());
        assert!(VerifyingKey::from_bytes(&[9; 33]).is_err());
        let spki = key().verifying_key().to_der();
        assert!(VerifyingKey::from_der(&spki[..43]).is_err());
        assert!(VerifyingKey::from_der(&[&spki[..], &[0]].concat()).is_err());
        // X25519 keys have the same form.
        let mut other = spki;
        other[8] = 0x6e;
        assert!(VerifyingKey::from_der(&other).is_err());
    }

    #[test]
    fn keys_of_small_order_are_refused_since_one_signature_fits_all_under_them() {
        for mut y in SMALL_ORDER {
            assert!(VerifyingKey::from_bytes(&y).is_err());
            y[31] |= 0x80;
            assert!(VerifyingKey::from_bytes(&y).is_err());
        }
        // What OpenSSL does with such a key: the neutral element as R and zero as S fit every message.
        let neutral = edge(1, 0, 0);
        let key = PKey::public_key_from_raw_bytes(&neutral, Id::ED25519).expect("key");
        let signature = [neutral, [0; 32]].concat();
        let fits = |message: &[u8]| {
            Verifier::new_without_digest(&key).and_then(|mut one| one.verify_oneshot(&signature, message))
        };
        assert!(fits(b"one").expect("verified") && fits(b"another").expect("verified"));
    }
}
