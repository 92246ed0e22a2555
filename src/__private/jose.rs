//! Tokens and keys.

use std::sync::LazyLock;

use serde_json::Value;

use super::{made, text};
use crate::{
    crypto::{
        ed25519,
        jose::{
            algorithm::{ContentEncryption, KeyEncryption, SignatureAlgorithm},
            decrypt::{Decrypter, DecryptionPolicy},
            encrypt::{self, Encryption},
            key_set::KeySet,
            keys::{DecryptionKey, EncryptionKey, Labels, VerificationKey},
            nested::NestedReader,
            sign, verify,
        },
        pkcs8 as protected, rsa,
    },
    privacy::Secret,
    wire,
};

const LONGEST: usize = 256 * 1024;
const ENCRYPTIONS: [ContentEncryption; 3] =
    [ContentEncryption::A128CbcHs256, ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];
const WRAPS: [KeyEncryption; 2] = [KeyEncryption::RsaOaep, KeyEncryption::RsaOaep256];
/// Everything that the crate can open.
const POLICY: DecryptionPolicy = DecryptionPolicy {
    key_encryption: &WRAPS,
    content_encryption: &ENCRYPTIONS,
    deflate: true,
    longest_token: LONGEST,
    longest_content: LONGEST,
};
const ALGORITHMS: [SignatureAlgorithm; 7] = [
    SignatureAlgorithm::EdDsa,
    SignatureAlgorithm::Es256,
    SignatureAlgorithm::Hs256,
    SignatureAlgorithm::Hs512,
    SignatureAlgorithm::Ps256,
    SignatureAlgorithm::Rs256,
    SignatureAlgorithm::Rs512,
];
const OTHER: &[u8; 64] = b"another secret that signed nothing at all, however long it maybe";

/// A key of the vectors that the provider's tokens are made with.
pub(super) fn vector_key(name: &str) -> String {
    const KEYS: &str = include_str!("../../tests/vectors/maya/keys.json");
    wire::json::from_str::<Value>(KEYS).map_or_else(|_| String::new(), |keys| keys[name].to_string())
}

/// The public half of the vectors' encryption key.
fn public_jwk() -> String {
    let private: Value = wire::json::from_str(&vector_key("jwe_private_jwk")).unwrap_or_default();
    serde_json::json!({ "kty": "RSA", "n": private["n"], "e": private["e"] }).to_string()
}

fn decryption_key() -> DecryptionKey {
    static KEY: LazyLock<DecryptionKey> =
        LazyLock::new(|| made(DecryptionKey::from_jwk(&vector_key("jwe_private_jwk"), Labels::Ignored)));
    KEY.clone()
}

fn mac() -> VerificationKey {
    static KEY: LazyLock<VerificationKey> = LazyLock::new(|| {
        let jwk = vector_key("jws_secret_jwk");
        made(VerificationKey::from_jwk(&jwk, SignatureAlgorithm::Hs256, Labels::Ignored))
    });
    KEY.clone()
}

/// What one key verifies, no other key does; and the payload is that of the token.
fn verified(token: &[u8]) -> bool {
    let Ok(read) = verify::verify(&mac(), token, LONGEST) else { return false };
    let plain = verify::payload_without_verification(token, LONGEST);
    assert_eq!(plain.ok().as_deref().map(Vec::as_slice), Some(read.payload()));
    let other = made(VerificationKey::from_secret(OTHER, SignatureAlgorithm::Hs256));
    assert!(verify::verify(&other, token, LONGEST).is_err(), "another key verifies it too");
    true
}

pub(super) fn compact(bytes: &[u8]) {
    verified(bytes);
    // A payload that is signed comes out as it went in, and not when its last byte is another.
    let signer = crate::crypto::jose::keys::SigningKey::from_secret(OTHER, SignatureAlgorithm::Hs512);
    let key = made(VerificationKey::from_secret(OTHER, SignatureAlgorithm::Hs512));
    let token = made(sign::sign(&made(signer), Some("JWT"), bytes));
    match verify::verify(&key, token.as_bytes(), LONGEST) {
        Ok(read) => assert_eq!(read.payload(), bytes),
        Err(error) => assert_eq!(error.kind(), crate::ErrorKind::TooLarge),
    }
    assert!(verify::verify(&mac(), token.as_bytes(), LONGEST).is_err(), "another algorithm verifies it");
    let set = KeySet::read(bytes, &ALGORITHMS);
    if let Ok(set) = set {
        assert!(verify::verify_with_set(&set, &ALGORITHMS[..2], token.as_bytes(), LONGEST).is_err());
    }
}

pub(super) fn nested(bytes: &[u8]) {
    static DECRYPTER: LazyLock<Decrypter> = LazyLock::new(|| Decrypter::new(decryption_key(), POLICY));
    static READER: LazyLock<NestedReader> =
        LazyLock::new(|| NestedReader::new(Decrypter::new(decryption_key(), POLICY), mac(), LONGEST));
    static ENCRYPTER: LazyLock<EncryptionKey> =
        LazyLock::new(|| made(EncryptionKey::from_jwk(&public_jwk(), Labels::Ignored)));
    let opened = DECRYPTER.open(bytes);
    let nested = READER.open(bytes);
    let signed = opened.as_ref().is_ok_and(|opened| verified(opened.content()));
    assert_eq!(nested.is_ok(), signed, "what is opened is not what is verified");

    // The bytes as what stands inside.
    let encryption = ENCRYPTIONS[bytes.len() % 3];
    let how = Encryption {
        key_encryption: WRAPS[bytes.len() % 2],
        content_encryption: encryption,
        deflate: bytes.len().is_multiple_of(5),
        content_type: Some("JWT"),
    };
    let token = made(encrypt::encrypt(&ENCRYPTER, how, bytes));
    if let Ok(opened) = DECRYPTER.open(token.as_bytes()) {
        assert_eq!(opened.content(), bytes);
    }
    assert_eq!(READER.open(token.as_bytes()).is_ok(), verified(bytes), "an unsigned token is verified");
}

pub(super) fn jwk(bytes: &[u8]) {
    if let Ok(set) = KeySet::read(bytes, &ALGORITHMS) {
        assert!(set.len() <= 1_000, "a set without a limit");
        for key in ["RS256", "EdDSA", "HS256"].iter().flat_map(|name| set.candidates(name, None)) {
            assert!(!key.fits(b"message", b""), "an empty signature fits");
        }
    }
    let Some(text) = text(bytes) else { return };
    for labels in [Labels::Checked, Labels::Ignored] {
        if let Ok(key) = DecryptionKey::from_jwk(text, labels) {
            let decrypter = Decrypter::new(key, POLICY);
            assert!(decrypter.open(b"e30.e30.e30.e30.e30").is_err());
        }
        let _ = EncryptionKey::from_jwk(text, labels);
        for algorithm in ALGORITHMS {
            if let Ok(key) = VerificationKey::from_jwk(text, algorithm, labels) {
                assert_eq!(key.algorithm(), algorithm);
                assert!(!key.fits(b"message", b""), "an empty signature fits");
            }
            let _ = crate::crypto::jose::keys::SigningKey::from_jwk(text, algorithm, labels);
        }
    }
}

/// What is read of a key in DER is written and read again as the same.
fn der(bytes: &[u8]) {
    if let Ok(key) = rsa::PrivateKey::from_der(bytes) {
        let written = made(key.to_der());
        assert_eq!(made(made(rsa::PrivateKey::from_der(&written)).to_der()), written);
    }
    if let Ok(key) = rsa::PublicKey::from_der(bytes) {
        let written = made(key.to_der());
        assert_eq!(made(made(rsa::PublicKey::from_der(&written)).to_der()), written);
    }
    if let Ok(key) = ed25519::SigningKey::from_der(bytes) {
        let written = made(key.to_der());
        assert_eq!(made(made(ed25519::SigningKey::from_der(&written)).to_der()), written);
    }
    if let Ok(key) = ed25519::VerifyingKey::from_der(bytes) {
        assert_eq!(made(ed25519::VerifyingKey::from_der(&key.to_der())).as_bytes(), key.as_bytes());
        assert!(!key.verifies(b"message", &[0; 64]), "a signature of zeros fits");
    }
}

pub(super) fn pem(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(key) = rsa::PrivateKey::from_pem(text, None) {
        der(&made(key.to_der()));
    }
    if let Ok(key) = rsa::PublicKey::from_pem(text) {
        der(&made(key.to_der()));
    }
    if let Ok(key) = ed25519::SigningKey::from_pem(text, None) {
        der(&made(key.to_der()));
    }
    if let Ok(key) = ed25519::VerifyingKey::from_pem(text) {
        der(&key.to_der());
    }
    // In the provider's own spelling, base64url without a frame.
    if let Ok(key) = crate::credify::keys::VerifyingKey::new(text) {
        let again = made(crate::credify::keys::VerifyingKey::new(&key.to_base64url()));
        assert_eq!(again.to_bytes(), key.to_bytes());
    }
    if let Ok(key) = crate::credify::keys::EncryptionKey::new(text) {
        let written = made(key.to_base64url());
        let again = made(crate::credify::keys::EncryptionKey::new(&written));
        assert_eq!(made(again.to_base64url()), written);
    }
}

pub(super) fn pkcs8(bytes: &[u8]) {
    der(bytes);
    let password = Secret::from("password");
    let _ = protected::open(bytes, &password, |plain| {
        der(plain);
        Some(())
    });
}
