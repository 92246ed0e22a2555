//! The two pairs of keys of an entity: Ed25519 for signatures, RSA for encryption.
//!
//! | key | reads | writes |
//! | --- | --- | --- |
//! | [`SigningKey`] | PEM, password-protected PEM, base64url of PKCS#8, base64url of the seed | the same |
//! | [`VerifyingKey`] | PEM, base64url | the same |
//! | [`DecryptionKey`] | PEM, password-protected PEM, base64url of PKCS#8 | the same |
//! | [`EncryptionKey`] | PEM, base64url | the same |
//!
//! `new` of each takes whichever form it is given. Keys are parsed and checked once and are cheap to clone.
//!
//! Sources: RFC 8410 (Ed25519 in PKCS#8), RFC 8018 (password protection), RFC 8017 (RSA), and `@credify/crypto` 1.4.8.

use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

use super::json::hash;
use crate::{
    clock::Clock,
    crypto::{
        ed25519,
        jose::{
            self,
            algorithm::{ContentEncryption, KeyEncryption},
            decrypt::{Decrypter, DecryptionPolicy},
            encrypt::Encryption,
        },
        pem::{self, Label},
        pkcs8, rsa,
    },
    error::{Error, ErrorKind},
    privacy::{Pii, REDACTED, Secret},
};

/// Bits of the RSA keys that are made, as the provider's SDK makes them.
pub const RSA_BITS: u32 = 3072;

/// Bytes of the longest encrypted text that is opened, before base64.
const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;

const JWE: Encryption = Encryption {
    key_encryption: KeyEncryption::RsaOaep,
    content_encryption: ContentEncryption::A256Gcm,
    deflate: false,
    content_type: None,
};

const ACCEPTED_JWE: DecryptionPolicy = DecryptionPolicy {
    key_encryption: &[KeyEncryption::RsaOaep],
    content_encryption: &[ContentEncryption::A256Gcm],
    deflate: false,
    longest_token: MAX_TEXT_BYTES,
    longest_content: MAX_TEXT_BYTES,
};

/// A private key that signs tokens (Ed25519, RFC 8032).
#[derive(Clone)]
pub struct SigningKey(ed25519::SigningKey);

/// A public key that verifies tokens and webhooks (Ed25519, RFC 8032).
#[derive(Clone)]
pub struct VerifyingKey(ed25519::VerifyingKey);

/// A private key that opens claims (RSA, 2048 to 4096 bits).
#[derive(Clone)]
pub struct DecryptionKey {
    key: rsa::PrivateKey,
    tokens: Arc<Decrypter>,
}

/// A public key that encrypts claims (RSA, 2048 to 4096 bits).
#[derive(Clone)]
pub struct EncryptionKey(rsa::PublicKey);

impl SigningKey {
    /// Takes a key in any of its forms: PEM, base64 or base64url of PKCS#8, base64url of the 32-byte seed.
    ///
    /// A password for a plain key is ignored.
    ///
    /// ```
    /// use kyckit::{credify::keys::SigningKey, privacy::Secret};
    ///
    /// # fn main() -> kyckit::Result<()> {
    /// let bare = Secret::from("MC4CAQAwBQYDK2VwBCIEIPqO4b4UtXSaWGp5u38rCXYu4/LdbaSk7lD46LtRUu44");
    /// let key = SigningKey::new(&bare, None)?;
    /// assert!(key.verifying_key().to_pem().starts_with("-----BEGIN PUBLIC KEY-----"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), also when the password is missing or wrong.
    pub fn new(text: &Secret, password: Option<&Secret>) -> Result<Self, Error> {
        if is_pem(text.expose()) {
            return Self::from_pem(text, password);
        }
        let bytes = bare(text.expose())?;
        if bytes.len() == 32 {
            return ed25519::SigningKey::from_seed(&bytes).map(Self);
        }
        ed25519::SigningKey::from_der(&bytes).map(Self)
    }

    /// Reads PKCS#8 in PEM, protected or not.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_pem(text: &Secret, password: Option<&Secret>) -> Result<Self, Error> {
        ed25519::SigningKey::from_pem(text.expose(), given(password)).map(Self)
    }

    /// Reads PKCS#8 in base64url or base64.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_base64url(text: &Secret) -> Result<Self, Error> {
        ed25519::SigningKey::from_der(&bare(text.expose())?).map(Self)
    }

    /// Reads the 32-byte seed in base64url or base64.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_seed(text: &Secret) -> Result<Self, Error> {
        ed25519::SigningKey::from_seed(&bare(text.expose())?).map(Self)
    }

    /// Makes a new key.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when there is no randomness.
    pub fn generate(clock: &Clock) -> Result<Self, Error> {
        let seed = clock
            .random::<32>()
            .map_err(|source| Error::configuration("no key could be made").with_source(source))?;
        ed25519::SigningKey::from_seed(&Zeroizing::new(seed)[..]).map(Self)
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key().clone())
    }

    /// Signs a message. The provider's protocols sign the UTF-8 bytes of texts.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        self.0.sign(message)
    }

    /// PKCS#8 in PEM, without a line end behind it.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub fn to_pem(&self) -> Result<Secret, Error> {
        Ok(private_pem(&self.0.to_der()?))
    }

    /// PKCS#8 in PEM under a password, as [`new`](Self::new) and the provider's SDK read it.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for an empty password, which would protect nothing, and when
    /// there is no randomness.
    pub fn to_encrypted_pem(&self, password: &Secret, clock: &Clock) -> Result<Secret, Error> {
        pkcs8::seal(clock, &self.0.to_der()?, password).map(|text| Secret::new(text.as_str()))
    }

    /// PKCS#8 in base64url.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub fn to_base64url(&self) -> Result<Secret, Error> {
        Ok(Secret::new(hash::encode(&self.0.to_der()?)))
    }

    /// The 32-byte seed in base64url.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub fn to_seed(&self) -> Result<Secret, Error> {
        Ok(Secret::new(hash::encode(&self.0.to_seed()?)))
    }
}

impl VerifyingKey {
    /// Takes a key in any of its forms: PEM, base64 or base64url.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub fn new(text: &str) -> Result<Self, Error> {
        if is_pem(text) { Self::from_pem(text) } else { Self::from_base64url(text) }
    }

    /// Reads SubjectPublicKeyInfo in PEM.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        ed25519::VerifyingKey::from_pem(text).map(Self)
    }

    /// Reads SubjectPublicKeyInfo in base64url or base64.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub fn from_base64url(text: &str) -> Result<Self, Error> {
        ed25519::VerifyingKey::from_der(&bare(text)?).map(Self)
    }

    /// The 32 bytes of RFC 8032.
    pub fn to_bytes(&self) -> [u8; 32] {
        *self.0.as_bytes()
    }

    /// SubjectPublicKeyInfo in PEM, without a line end behind it.
    pub fn to_pem(&self) -> String {
        pem::write(Label::PublicKey, &self.0.to_der(), 64).to_string()
    }

    /// SubjectPublicKeyInfo in base64url.
    pub fn to_base64url(&self) -> String {
        hash::encode(&self.0.to_der())
    }

    /// Whether the signature, 64 bytes, fits the message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verifies(message, signature)
    }

    /// Whether the signature, in base64url or base64, fits the message.
    pub fn verifies_text(&self, message: &[u8], signature: &str) -> bool {
        hash::decode(signature).is_some_and(|signature| self.verifies(message, &signature))
    }
}

impl DecryptionKey {
    /// Takes a key in any of its forms: PEM, base64 or base64url of PKCS#8.
    ///
    /// A password for a plain key is ignored.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), also when the password is missing or wrong, and for a size
    /// below 2048 or above 4096 bits.
    pub fn new(text: &Secret, password: Option<&Secret>) -> Result<Self, Error> {
        if is_pem(text.expose()) { Self::from_pem(text, password) } else { Self::from_base64url(text) }
    }

    /// Reads PKCS#8 in PEM, protected or not.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_pem(text: &Secret, password: Option<&Secret>) -> Result<Self, Error> {
        rsa::PrivateKey::from_pem(text.expose(), given(password)).and_then(Self::of)
    }

    /// Reads PKCS#8 in base64url or base64.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_base64url(text: &Secret) -> Result<Self, Error> {
        rsa::PrivateKey::from_der(&bare(text.expose())?).and_then(Self::of)
    }

    /// Makes a new key of [`RSA_BITS`]. It takes up to seconds of a processor's time: not on a thread that serves
    /// others.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub fn generate() -> Result<Self, Error> {
        rsa::PrivateKey::generate(RSA_BITS).and_then(Self::of)
    }

    fn of(key: rsa::PrivateKey) -> Result<Self, Error> {
        accepted_size(key.size())?;
        let tokens = Decrypter::new(jose::keys::DecryptionKey::new(key.clone()), ACCEPTED_JWE);
        Ok(Self { key, tokens: Arc::new(tokens) })
    }

    /// The public half.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub fn encryption_key(&self) -> Result<EncryptionKey, Error> {
        self.key.public_key().map(EncryptionKey)
    }

    /// Opens a text that [`EncryptionKey::encrypt`] made: base64url of one block or more.
    ///
    /// The bytes of all blocks are put together before they are read as UTF-8, so a character may stand across two.
    /// Each block costs a private RSA operation, about a millisecond or more.
    ///
    /// # Errors
    ///
    /// [`Decryption`](crate::ErrorKind::Decryption), one text whatever the reason.
    pub fn decrypt(&self, text: &str) -> Result<Pii<String>, Error> {
        let refused =
            || Error::new(ErrorKind::Decryption, "Decryption failed. Please check your private key.");
        let ciphertext = Some(text)
            .filter(|text| text.len() <= MAX_TEXT_BYTES)
            .and_then(hash::decode)
            .ok_or_else(refused)?;
        let bytes = self.key.decrypt_blocks(rsa::Oaep::Sha256, &ciphertext).map_err(|_| refused())?;
        std::str::from_utf8(&bytes).map(|text| Pii::new(text.to_owned())).map_err(|_| refused())
    }

    /// Opens a token that [`EncryptionKey::encrypt_token`] made.
    ///
    /// # Errors
    ///
    /// [`Decryption`](crate::ErrorKind::Decryption) or [`TooLarge`](crate::ErrorKind::TooLarge).
    pub fn decrypt_token(&self, token: &str) -> Result<Pii<String>, Error> {
        let opened = self.tokens.open(token.as_bytes())?;
        std::str::from_utf8(opened.content()).map(|text| Pii::new(text.to_owned())).map_err(|_| {
            Error::new(ErrorKind::Decryption, "the encrypted token holds no text")
                .with_check(jose::check::MALFORMED)
        })
    }

    /// PKCS#8 in PEM, without a line end behind it.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub fn to_pem(&self) -> Result<Secret, Error> {
        Ok(private_pem(&self.key.to_der()?))
    }

    /// PKCS#8 in PEM under a password, as [`new`](Self::new) and the provider's SDK read it.
    ///
    /// # Errors
    ///
    /// As [`SigningKey::to_encrypted_pem`].
    pub fn to_encrypted_pem(&self, password: &Secret, clock: &Clock) -> Result<Secret, Error> {
        pkcs8::seal(clock, &self.key.to_der()?, password).map(|text| Secret::new(text.as_str()))
    }

    /// PKCS#8 in base64url.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub fn to_base64url(&self) -> Result<Secret, Error> {
        Ok(Secret::new(hash::encode(&self.key.to_der()?)))
    }

    /// Bits of the modulus.
    pub fn bits(&self) -> usize {
        self.key.size() * 8
    }
}

impl EncryptionKey {
    /// Takes a key in any of its forms: PEM, base64 or base64url.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), also for a size below 2048 or above 4096 bits.
    pub fn new(text: &str) -> Result<Self, Error> {
        if is_pem(text) { Self::from_pem(text) } else { Self::from_base64url(text) }
    }

    /// Reads SubjectPublicKeyInfo in PEM.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        rsa::PublicKey::from_pem(text).and_then(Self::of)
    }

    /// Reads SubjectPublicKeyInfo in base64url or base64.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_base64url(text: &str) -> Result<Self, Error> {
        rsa::PublicKey::from_der(&bare(text)?).and_then(Self::of)
    }

    fn of(key: rsa::PublicKey) -> Result<Self, Error> {
        accepted_size(key.size())?;
        Ok(Self(key))
    }

    /// Encrypts a text of any length: RSA-OAEP with SHA-256, block by block, base64url.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
    pub fn encrypt(&self, text: &str) -> Result<String, Error> {
        self.0.encrypt_blocks(rsa::Oaep::Sha256, text.as_bytes()).map(|bytes| hash::encode(&bytes))
    }

    /// Encrypts a text as a compact JWE (RFC 7516): `RSA-OAEP`, `A256GCM`, and the key's thumbprint as `kid`.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
    pub fn encrypt_token(&self, text: &str) -> Result<String, Error> {
        let key = jose::keys::EncryptionKey::new(self.0.clone()).with_id(self.thumbprint()?);
        jose::encrypt::encrypt(&key, JWE, text.as_bytes())
    }

    /// The key's SHA-256 thumbprint (RFC 7638), base64url.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub fn thumbprint(&self) -> Result<String, Error> {
        self.0.thumbprint()
    }

    /// SubjectPublicKeyInfo in PEM, without a line end behind it.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub fn to_pem(&self) -> Result<String, Error> {
        Ok(pem::write(Label::PublicKey, &self.0.to_der()?, 64).to_string())
    }

    /// SubjectPublicKeyInfo in base64url.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected.
    pub fn to_base64url(&self) -> Result<String, Error> {
        Ok(hash::encode(&self.0.to_der()?))
    }

    /// Bits of the modulus.
    pub fn bits(&self) -> usize {
        self.0.size() * 8
    }

    /// Bytes of text that fit into one block.
    pub fn longest_block(&self) -> usize {
        self.0.longest_block(rsa::Oaep::Sha256)
    }
}

fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN ")
}

/// An empty password is none, as for the provider's SDK.
fn given(password: Option<&Secret>) -> Option<&Secret> {
    password.filter(|password| !password.expose().is_empty())
}

/// Reads the body of a key, which settings often hold without its armour, on one line or on several.
fn bare(text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let refused = || Error::configuration("the key is neither PEM nor base64");
    if text.len() > 64 * 1024 {
        return Err(Error::configuration("the key file is longer than 64 KiB"));
    }
    let compact = Zeroizing::new(text.chars().filter(|char| !char.is_ascii_whitespace()).collect::<String>());
    hash::decode(&compact).map(Zeroizing::new).ok_or_else(refused)
}

fn private_pem(der: &[u8]) -> Secret {
    Secret::new(pem::write(Label::PrivateKey, der, 64).as_str())
}

fn accepted_size(bytes: usize) -> Result<(), Error> {
    if (256..=512).contains(&bytes) {
        Ok(())
    } else {
        Err(Error::configuration("the RSA key has fewer than 2048 or more than 4096 bits"))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&format_args!("{REDACTED}")).finish()
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

crate::privacy::redacted_debug!(DecryptionKey { bits: |this| this.bits(), .. });

crate::privacy::redacted_debug!(EncryptionKey { bits: |this| this.bits(), .. });
