//! Hostile tokens, one test for each thing that josekit 0.10.3 would do with one.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{
    algorithm::{ContentEncryption, KeyEncryption, SignatureAlgorithm},
    decrypt::{Decrypter, DecryptionPolicy},
    encrypt::{self, Encryption},
    keys::{DecryptionKey, EncryptionKey, Labels, SigningKey, VerificationKey},
};
use crate::{crypto::rsa, error::Error};

mod claims;
mod encrypted;
mod keys;
mod maya;
mod properties;
mod signed;

const KEYS: &str = include_str!("../../../../tests/vectors/maya/keys.json");
const MIB: usize = 1024 * 1024;

const ENCRYPTIONS: [ContentEncryption; 3] =
    [ContentEncryption::A128CbcHs256, ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];
const WRAPS: [KeyEncryption; 2] = [KeyEncryption::RsaOaep, KeyEncryption::RsaOaep256];

/// Everything that the crate can open.
const POLICY: DecryptionPolicy = DecryptionPolicy {
    key_encryption: &WRAPS,
    content_encryption: &ENCRYPTIONS,
    deflate: true,
    longest_token: MIB,
    longest_content: MIB,
};

fn jwk(name: &str) -> Value {
    serde_json::from_str::<Value>(KEYS).expect("JSON")[name].take()
}

/// The RSA key of the vectors, with members changed.
fn rsa_jwk(change: impl FnOnce(&mut Value)) -> String {
    let mut jwk = jwk("jwe_private_jwk");
    change(&mut jwk);
    jwk.to_string()
}

fn private_key() -> rsa::PrivateKey {
    decryption_key().0
}

fn decryption_key() -> DecryptionKey {
    static KEY: LazyLock<DecryptionKey> =
        LazyLock::new(|| DecryptionKey::from_jwk(&rsa_jwk(|_| {}), Labels::Checked).expect("key"));
    KEY.clone()
}

fn encryption_key() -> EncryptionKey {
    EncryptionKey::new(private_key().public_key().expect("public"))
}

fn decrypter() -> Decrypter {
    Decrypter::new(decryption_key(), POLICY)
}

const SECRET: &[u8; 64] = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn mac_signer() -> SigningKey {
    SigningKey::from_secret(SECRET, SignatureAlgorithm::Hs256).expect("key")
}

fn mac_verifier() -> VerificationKey {
    VerificationKey::from_secret(SECRET, SignatureAlgorithm::Hs256).expect("key")
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn encrypted(wrap: KeyEncryption, enc: ContentEncryption, deflate: bool, content: &[u8]) -> String {
    let how = Encryption { key_encryption: wrap, content_encryption: enc, deflate, content_type: None };
    encrypt::encrypt(&encryption_key(), how, content).expect("encrypted")
}

/// A token by hand, so that each part of it can be anything.
#[derive(Clone)]
struct Forged {
    header: String,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl Forged {
    /// A token that opens, with a content key that the forger knows.
    fn sound(enc: ContentEncryption, header: &str) -> Self {
        let key = vec![9; enc.key_length()];
        let iv = vec![3; enc.iv_length()];
        let (ciphertext, tag) = enc.seal(&key, &iv, b64(header).as_bytes(), b"content").expect("sealed");
        let public = private_key().public_key().expect("public");
        let encrypted_key = public.encrypt(rsa::Oaep::Sha1, &key).expect("wrapped");
        Self { header: header.to_owned(), encrypted_key, iv, ciphertext, tag: tag.to_vec() }
    }

    fn token(&self) -> String {
        [b64(&self.header), b64(&self.encrypted_key), b64(&self.iv), b64(&self.ciphertext), b64(&self.tag)]
            .join(".")
    }
}

fn plain_header(enc: ContentEncryption) -> String {
    format!(r#"{{"alg":"RSA-OAEP","enc":"{}"}}"#, enc.name())
}

/// Everything that an error shows.
fn face(error: &Error) -> String {
    format!("{:?} {error} {error:?} {:?}", error.kind(), std::error::Error::source(error).map(|_| "source"))
}
