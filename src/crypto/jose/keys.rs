//! Keys for one purpose each.
//!
//! An RSA key as such can sign by two schemes and decrypt by several; the types here are bound to one use when they are
//! read, and a signing or verifying key to one algorithm. No header of a token ever chooses.
//!
//! All of them are parsed and checked once, shared by reference counting, and show nothing in `Debug`.

use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

pub(crate) use super::jwk::Labels;
use super::{
    algorithm::SignatureAlgorithm,
    jwk::{Jwk, Purpose},
};
use crate::{
    crypto::{
        digest, ed25519, p256,
        rsa::{self, Scheme},
    },
    error::Error,
    privacy::Secret,
};

/// Both algorithms differ in the hash alone, so a key may serve both; which are accepted is the policy's to say.
const OAEP: &[&str] = &["RSA-OAEP", "RSA-OAEP-256"];

/// A key that opens encrypted tokens by RSA-OAEP, and does nothing else.
#[derive(Clone)]
pub(crate) struct DecryptionKey(pub(super) rsa::PrivateKey);

impl DecryptionKey {
    /// Reads a private RSA key as JWK. All of `n`, `e`, `d`, `p`, `q`, `dp`, `dq`, `qi` must be there and fit together.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), naming the member at fault and never its value.
    pub(crate) fn from_jwk(text: &str, labels: Labels) -> Result<Self, Error> {
        let jwk = Jwk::read(text)?;
        jwk.expect(
            &Purpose { key_type: "RSA", key_use: "enc", operation: "decrypt", algorithms: OAEP },
            labels,
        )?;
        jwk.rsa_private_key().map(Self)
    }

    /// Reads a private RSA key in PEM, see [`rsa::PrivateKey::from_pem`].
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub(crate) fn from_pem(text: &str, password: Option<&Secret>) -> Result<Self, Error> {
        rsa::PrivateKey::from_pem(text, password).map(Self)
    }

    /// Takes a key that was read elsewhere.
    pub(crate) fn new(key: rsa::PrivateKey) -> Self {
        Self(key)
    }
}

/// A key that makes encrypted tokens for the holder of a [`DecryptionKey`].
#[derive(Clone)]
pub(crate) struct EncryptionKey {
    pub(super) key: rsa::PublicKey,
    pub(super) id: Option<String>,
}

impl EncryptionKey {
    /// Reads a public RSA key as JWK; its `kid` goes into the tokens.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), naming the member at fault and never its value.
    pub(crate) fn from_jwk(text: &str, labels: Labels) -> Result<Self, Error> {
        let jwk = Jwk::read(text)?;
        jwk.expect(
            &Purpose { key_type: "RSA", key_use: "enc", operation: "encrypt", algorithms: OAEP },
            labels,
        )?;
        Ok(Self { key: jwk.rsa_public_key()?, id: jwk.id().map(str::to_owned) })
    }

    /// Takes a key that was read elsewhere.
    pub(crate) fn new(key: rsa::PublicKey) -> Self {
        Self { key, id: None }
    }

    /// Names the key in the tokens (`kid`).
    #[must_use]
    pub(crate) fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }
}

/// A key that signs tokens by one algorithm.
#[derive(Clone)]
pub(crate) struct SigningKey {
    material: Arc<SigningMaterial>,
    pub(super) id: Option<String>,
}

enum SigningMaterial {
    EdDsa(ed25519::SigningKey),
    Es256(p256::SigningKey),
    Mac(Mac),
    Rsa(Scheme, rsa::PrivateKey),
}

impl SigningKey {
    /// Reads a private or secret key as JWK; its `kid` goes into the tokens.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), naming the member at fault and never its value.
    pub(crate) fn from_jwk(text: &str, algorithm: SignatureAlgorithm, labels: Labels) -> Result<Self, Error> {
        let jwk = Jwk::read(text)?;
        jwk.expect(&signature_purpose(algorithm, "sign"), labels)?;
        let material = match algorithm {
            SignatureAlgorithm::Hs256 | SignatureAlgorithm::Hs512 => {
                SigningMaterial::Mac(Mac::new(algorithm, &jwk.bytes("k")?)?)
            }
            SignatureAlgorithm::Rs256 | SignatureAlgorithm::Rs512 | SignatureAlgorithm::Ps256 => {
                SigningMaterial::Rsa(scheme(algorithm)?, jwk.rsa_private_key()?)
            }
            SignatureAlgorithm::Es256 => {
                jwk.expect_curve("P-256")?;
                let (d, x, y) = (jwk.bytes("d")?, jwk.bytes("x")?, jwk.bytes("y")?);
                SigningMaterial::Es256(p256::SigningKey::from_jwk(&d, &x, &y)?)
            }
            SignatureAlgorithm::EdDsa => {
                jwk.expect_curve("Ed25519")?;
                SigningMaterial::EdDsa(ed25519::SigningKey::from_pair(&jwk.bytes("d")?, &jwk.bytes("x")?)?)
            }
        };
        Ok(Self::of(material).with_id_of(&jwk))
    }

    /// Binds an RSA key to RS256, RS512 or PS256.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for another algorithm.
    pub(crate) fn from_rsa(key: rsa::PrivateKey, algorithm: SignatureAlgorithm) -> Result<Self, Error> {
        Ok(Self::of(SigningMaterial::Rsa(scheme(algorithm)?, key)))
    }

    /// Binds an Ed25519 key to EdDSA.
    pub(crate) fn from_ed25519(key: ed25519::SigningKey) -> Self {
        Self::of(SigningMaterial::EdDsa(key))
    }

    /// Binds a shared secret to HS256 or HS512.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for another algorithm and for a secret that is shorter than
    /// the digest (RFC 7518 section 3.2): 32 or 64 bytes.
    pub(crate) fn from_secret(secret: &[u8], algorithm: SignatureAlgorithm) -> Result<Self, Error> {
        filled(secret)?;
        Mac::new(algorithm, secret).map(|mac| Self::of(SigningMaterial::Mac(mac)))
    }

    /// Names the key in the tokens (`kid`).
    #[must_use]
    pub(crate) fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The algorithm it is bound to.
    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        match &*self.material {
            SigningMaterial::EdDsa(_) => SignatureAlgorithm::EdDsa,
            SigningMaterial::Es256(_) => SignatureAlgorithm::Es256,
            SigningMaterial::Mac(mac) => mac.algorithm(),
            SigningMaterial::Rsa(scheme, _) => algorithm_of(*scheme),
        }
    }

    pub(super) fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match &*self.material {
            SigningMaterial::EdDsa(key) => key.sign(message).map(Vec::from),
            SigningMaterial::Es256(key) => key.sign(message),
            SigningMaterial::Mac(mac) => Ok(mac.tag(message)),
            SigningMaterial::Rsa(scheme, key) => key.sign(*scheme, message),
        }
    }

    fn of(material: SigningMaterial) -> Self {
        Self { material: Arc::new(material), id: None }
    }

    fn with_id_of(mut self, jwk: &Jwk) -> Self {
        self.id = jwk.id().map(str::to_owned);
        self
    }
}

/// A key that verifies tokens of one algorithm.
#[derive(Clone)]
pub(crate) struct VerificationKey {
    material: Arc<VerificationMaterial>,
    pub(super) id: Option<String>,
}

enum VerificationMaterial {
    EdDsa(ed25519::VerifyingKey),
    Es256(p256::VerifyingKey),
    Mac(Mac),
    Rsa(Scheme, rsa::PublicKey),
}

impl VerificationKey {
    /// Reads a public or secret key as JWK.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), naming the member at fault and never its value.
    pub(crate) fn from_jwk(text: &str, algorithm: SignatureAlgorithm, labels: Labels) -> Result<Self, Error> {
        Self::read(&Jwk::read(text)?, algorithm, labels)
    }

    pub(super) fn read(jwk: &Jwk, algorithm: SignatureAlgorithm, labels: Labels) -> Result<Self, Error> {
        jwk.expect(&signature_purpose(algorithm, "verify"), labels)?;
        let material = match algorithm {
            SignatureAlgorithm::Hs256 | SignatureAlgorithm::Hs512 => {
                VerificationMaterial::Mac(Mac::new(algorithm, &jwk.bytes("k")?)?)
            }
            SignatureAlgorithm::Rs256 | SignatureAlgorithm::Rs512 | SignatureAlgorithm::Ps256 => {
                VerificationMaterial::Rsa(scheme(algorithm)?, jwk.rsa_public_key()?)
            }
            SignatureAlgorithm::Es256 => {
                jwk.expect_curve("P-256")?;
                let (x, y) = (jwk.bytes("x")?, jwk.bytes("y")?);
                VerificationMaterial::Es256(p256::VerifyingKey::from_jwk(&x, &y)?)
            }
            SignatureAlgorithm::EdDsa => {
                jwk.expect_curve("Ed25519")?;
                VerificationMaterial::EdDsa(ed25519::VerifyingKey::from_bytes(&jwk.bytes("x")?)?)
            }
        };
        Ok(Self { material: Arc::new(material), id: jwk.id().map(str::to_owned) })
    }

    /// Binds an RSA key to RS256, RS512 or PS256.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for another algorithm.
    pub(crate) fn from_rsa(key: rsa::PublicKey, algorithm: SignatureAlgorithm) -> Result<Self, Error> {
        Ok(Self::of(VerificationMaterial::Rsa(scheme(algorithm)?, key)))
    }

    /// Binds an Ed25519 key to EdDSA.
    pub(crate) fn from_ed25519(key: ed25519::VerifyingKey) -> Self {
        Self::of(VerificationMaterial::EdDsa(key))
    }

    /// Binds a shared secret to HS256 or HS512.
    ///
    /// # Errors
    ///
    /// As [`SigningKey::from_secret`].
    pub(crate) fn from_secret(secret: &[u8], algorithm: SignatureAlgorithm) -> Result<Self, Error> {
        filled(secret)?;
        Mac::new(algorithm, secret).map(|mac| Self::of(VerificationMaterial::Mac(mac)))
    }

    /// Whether it is a shared secret of blanks or of zeros, with which anyone can sign. A JWK may hold one, as
    /// published vectors do, so readers of a key for real use ask.
    pub(crate) fn is_blank(&self) -> bool {
        match &*self.material {
            VerificationMaterial::Mac(Mac::Hs256(secret) | Mac::Hs512(secret)) => filled(secret).is_err(),
            _ => false,
        }
    }

    /// The algorithm it is bound to.
    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        match &*self.material {
            VerificationMaterial::EdDsa(_) => SignatureAlgorithm::EdDsa,
            VerificationMaterial::Es256(_) => SignatureAlgorithm::Es256,
            VerificationMaterial::Mac(mac) => mac.algorithm(),
            VerificationMaterial::Rsa(scheme, _) => algorithm_of(*scheme),
        }
    }

    pub(crate) fn fits(&self, message: &[u8], signature: &[u8]) -> bool {
        match &*self.material {
            VerificationMaterial::EdDsa(key) => key.verifies(message, signature),
            VerificationMaterial::Es256(key) => key.verifies(message, signature),
            VerificationMaterial::Mac(mac) => digest::equal(&mac.tag(message), signature),
            VerificationMaterial::Rsa(scheme, key) => key.verifies(*scheme, message, signature),
        }
    }

    fn of(material: VerificationMaterial) -> Self {
        Self { material: Arc::new(material), id: None }
    }
}

/// Refuses a secret that anyone would try first. HMAC with zeros for a key is HMAC without one.
fn filled(secret: &[u8]) -> Result<(), Error> {
    if secret.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(Error::configuration("the secret is empty or blank"));
    }
    Ok(())
}

/// A shared secret bound to one of the two MACs.
enum Mac {
    Hs256(Zeroizing<Vec<u8>>),
    Hs512(Zeroizing<Vec<u8>>),
}

impl Mac {
    fn new(algorithm: SignatureAlgorithm, secret: &[u8]) -> Result<Self, Error> {
        let too_short = |what: &'static str| Err(Error::configuration(what));
        let copy = || Zeroizing::new(secret.to_vec());
        match algorithm {
            SignatureAlgorithm::Hs256 if secret.len() < 32 => {
                too_short("the secret (member k of a JWK) for HS256 is shorter than 32 bytes")
            }
            SignatureAlgorithm::Hs512 if secret.len() < 64 => {
                too_short("the secret (member k of a JWK) for HS512 is shorter than 64 bytes")
            }
            SignatureAlgorithm::Hs256 => Ok(Self::Hs256(copy())),
            SignatureAlgorithm::Hs512 => Ok(Self::Hs512(copy())),
            _ => Err(Error::configuration("a shared secret serves HS256 and HS512 only")),
        }
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self {
            Self::Hs256(_) => SignatureAlgorithm::Hs256,
            Self::Hs512(_) => SignatureAlgorithm::Hs512,
        }
    }

    fn tag(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Hs256(secret) => digest::hmac_sha256(secret, &[message]).to_vec(),
            Self::Hs512(secret) => digest::hmac_sha512(secret, &[message]).to_vec(),
        }
    }
}

fn scheme(algorithm: SignatureAlgorithm) -> Result<Scheme, Error> {
    match algorithm {
        SignatureAlgorithm::Ps256 => Ok(Scheme::PssSha256),
        SignatureAlgorithm::Rs256 => Ok(Scheme::Pkcs1Sha256),
        SignatureAlgorithm::Rs512 => Ok(Scheme::Pkcs1Sha512),
        _ => Err(Error::configuration("an RSA key serves RS256, RS512 and PS256 only")),
    }
}

fn algorithm_of(scheme: Scheme) -> SignatureAlgorithm {
    match scheme {
        Scheme::Pkcs1Sha256 => SignatureAlgorithm::Rs256,
        Scheme::Pkcs1Sha512 => SignatureAlgorithm::Rs512,
        Scheme::PssSha256 => SignatureAlgorithm::Ps256,
    }
}

fn signature_purpose(algorithm: SignatureAlgorithm, operation: &'static str) -> Purpose {
    let algorithms: &'static [&'static str] = match algorithm {
        SignatureAlgorithm::Es256 => &["ES256"],
        // RFC 9864 gives EdDSA over this curve a name of its own.
        SignatureAlgorithm::EdDsa => &["EdDSA", "Ed25519"],
        SignatureAlgorithm::Hs256 => &["HS256"],
        SignatureAlgorithm::Hs512 => &["HS512"],
        SignatureAlgorithm::Ps256 => &["PS256"],
        SignatureAlgorithm::Rs256 => &["RS256"],
        SignatureAlgorithm::Rs512 => &["RS512"],
    };
    Purpose { key_type: algorithm.key_type(), key_use: "sig", operation, algorithms }
}

crate::privacy::redacted_debug!(DecryptionKey { .. });
crate::privacy::redacted_debug!(EncryptionKey { .. });
crate::privacy::redacted_debug!(SigningKey { .. });
crate::privacy::redacted_debug!(VerificationKey { .. });
