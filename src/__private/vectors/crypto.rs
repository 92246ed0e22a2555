//! Primitives, by the names that JOSE has for them and with keys as they stand in vectors.

use crate::{
    crypto::{
        self, ed25519,
        jose::{
            algorithm::{ContentEncryption, KeyEncryption, SignatureAlgorithm},
            decrypt::{Decrypter, DecryptionPolicy},
            keys::{DecryptionKey, Labels, VerificationKey},
            verify,
        },
        rsa::{self, Oaep, Scheme},
        secp256k1,
    },
    error::Error,
};

/// What a token and its content may have, in bytes.
const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// Signature algorithms of tokens that are accepted.
const SIGNATURES: &[SignatureAlgorithm] = &[
    SignatureAlgorithm::Es256,
    SignatureAlgorithm::EdDsa,
    SignatureAlgorithm::Hs256,
    SignatureAlgorithm::Hs512,
    SignatureAlgorithm::Ps256,
    SignatureAlgorithm::Rs256,
    SignatureAlgorithm::Rs512,
];
const KEY_ENCRYPTIONS: &[KeyEncryption] = &[KeyEncryption::RsaOaep, KeyEncryption::RsaOaep256];
const CONTENT_ENCRYPTIONS: &[ContentEncryption] =
    &[ContentEncryption::A128CbcHs256, ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];

/// Whether tokens with a key that is encrypted by this algorithm are accepted.
pub fn has_key_encryption(name: &str) -> bool {
    KEY_ENCRYPTIONS.iter().any(|one| one.name() == name)
}

/// Whether tokens with content that is encrypted by this algorithm are accepted.
pub fn has_content_encryption(name: &str) -> bool {
    content_encryption(name).is_some()
}

fn content_encryption(name: &str) -> Option<ContentEncryption> {
    CONTENT_ENCRYPTIONS.iter().copied().find(|one| one.name() == name)
}

/// Length of the initialisation vector of a content encryption, in bytes.
pub fn iv_length(encryption: &str) -> Option<usize> {
    content_encryption(encryption).map(ContentEncryption::iv_length)
}

/// Ciphertext and tag of a message.
pub fn seal(
    encryption: &str,
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    message: &[u8],
) -> Option<(Vec<u8>, Vec<u8>)> {
    let (ciphertext, tag) = content_encryption(encryption)?.seal(key, iv, aad, message)?;
    Some((ciphertext, tag.to_vec()))
}

/// Message of a ciphertext, when the tag fits.
pub fn open(
    encryption: &str,
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
    tag: &[u8],
) -> Option<Vec<u8>> {
    content_encryption(encryption)?.open(key, iv, aad, ciphertext, tag).map(|opened| opened.to_vec())
}

/// HMAC with SHA-256.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    crypto::hmac_sha256(key, &[message]).to_vec()
}

/// HMAC with SHA-512.
pub fn hmac_sha512(key: &[u8], message: &[u8]) -> Vec<u8> {
    crypto::hmac_sha512(key, &[message]).to_vec()
}

/// Whether two values are equal, compared in constant time.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    crypto::equal(left, right)
}

/// Whether an Ed25519 signature fits.
pub fn ed25519_verifies(public_key_pem: &str, message: &[u8], signature: &[u8]) -> bool {
    ed25519::VerifyingKey::from_pem(public_key_pem).is_ok_and(|key| key.verifies(message, signature))
}

/// Message of a block by `RSA-OAEP` or `RSA-OAEP-256`; none when it does not open, or for another algorithm.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration) for a key that is not accepted.
pub fn rsa_decrypt(algorithm: &str, private_key_pem: &str, block: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let key = rsa::PrivateKey::from_pem(private_key_pem, None)?;
    let oaep = match algorithm {
        "RSA-OAEP" => Oaep::Sha1,
        "RSA-OAEP-256" => Oaep::Sha256,
        _ => return Ok(None),
    };
    Ok(key.decrypt(oaep, block).ok().map(|opened| opened.to_vec()))
}

/// Whether a signature by `RS256`, `RS512` or `PS256` fits.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration) for a key that is not accepted.
pub fn rsa_verifies(
    algorithm: &str,
    public_key_pem: &str,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, Error> {
    let key = rsa::PublicKey::from_pem(public_key_pem)?;
    let scheme = match algorithm {
        "PS256" => Scheme::PssSha256,
        "RS256" => Scheme::Pkcs1Sha256,
        "RS512" => Scheme::Pkcs1Sha512,
        _ => return Ok(false),
    };
    Ok(key.verifies(scheme, message, signature))
}

/// Whether an ECDSA signature over secp256k1 in DER has a high s.
pub fn has_high_s(signature: &[u8]) -> bool {
    secp256k1::has_high_s(signature)
}

/// Whether an ECDSA signature over secp256k1 in DER fits, with SHA-256.
pub fn secp256k1_verifies(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    secp256k1::PublicKey::from_bytes(public_key).is_ok_and(|key| key.verifies_sha256(message, signature))
}

/// Whether an ECDSA signature over secp256k1 as two numbers has a high s, and whether it fits, with SHA-256; none when the
/// key or the signature cannot be read.
pub fn secp256k1_verifies_pair(public_key: &[u8], message: &[u8], signature: &[u8]) -> Option<(bool, bool)> {
    let key = secp256k1::PublicKey::from_bytes(public_key).ok()?;
    // The byte that tells two keys apart is not part of this form; verifying does not look at it.
    let signature = secp256k1::RecoverableSignature::from_bytes(&[signature, &[27]].concat()).ok()?;
    let fits = key.verifies_hash(&crypto::sha256(&[message]), &signature);
    Some((signature.has_high_s(), fits))
}

/// Whether tokens are accepted that are signed by this algorithm.
pub fn has_signature_algorithm(name: &str) -> bool {
    signature_algorithm(name).is_some()
}

fn signature_algorithm(name: &str) -> Option<SignatureAlgorithm> {
    SIGNATURES.iter().copied().find(|one| one.name() == name)
}

fn verification_key(jwk: &str, algorithm: &str) -> Option<VerificationKey> {
    VerificationKey::from_jwk(jwk, signature_algorithm(algorithm)?, Labels::Checked).ok()
}

/// Whether a signature fits under a JWK for an algorithm of tokens.
pub fn jwk_verifies(jwk: &str, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    verification_key(jwk, algorithm).is_some_and(|key| key.fits(message, signature))
}

/// Whether a signed token verifies under a JWK for an algorithm.
pub fn jws_verifies(jwk: &str, algorithm: &str, token: &str) -> bool {
    verification_key(jwk, algorithm)
        .is_some_and(|key| verify::verify(&key, token.as_bytes(), MAX_TOKEN_BYTES).is_ok())
}

/// Content of an encrypted token under a JWK, for the one key encryption that is given, or for all; none when the token
/// does not open.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration) for a key that is not accepted.
pub fn jwe_open(jwk: &str, algorithm: Option<&str>, token: &str) -> Result<Option<Vec<u8>>, Error> {
    let at = algorithm.map(|name| KEY_ENCRYPTIONS.iter().position(|one| one.name() == name));
    let key_encryption = match at {
        Some(Some(at)) => &KEY_ENCRYPTIONS[at..=at],
        Some(None) => &[],
        None => KEY_ENCRYPTIONS,
    };
    let policy = DecryptionPolicy {
        key_encryption,
        content_encryption: CONTENT_ENCRYPTIONS,
        deflate: true,
        longest_token: MAX_TOKEN_BYTES,
        longest_content: MAX_TOKEN_BYTES,
    };
    let decrypter = Decrypter::new(DecryptionKey::from_jwk(jwk, Labels::Checked)?, policy);
    Ok(decrypter.open(token.as_bytes()).ok().map(|opened| opened.content().to_vec()))
}
