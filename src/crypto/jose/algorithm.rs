//! The closed lists of algorithms (RFC 7518). What is not here is refused, whatever a policy says.

use josekit::{jwe::JweAlgorithm, jws::JwsAlgorithm};

use super::super::rsa::Oaep;

/// Signature algorithm: `alg` of a JWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureAlgorithm {
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// Ed25519 (RFC 8037); Ed448 goes by the same name and is not accepted.
    EdDsa,
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-512.
    Hs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
}

impl SignatureAlgorithm {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
            Self::Hs512 => "HS512",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
            Self::Rs512 => "RS512",
        }
    }

    /// The `kty` of its keys.
    pub(super) fn key_type(self) -> &'static str {
        match self {
            Self::Es256 => "EC",
            Self::EdDsa => "OKP",
            Self::Hs256 | Self::Hs512 => "oct",
            Self::Ps256 | Self::Rs256 | Self::Rs512 => "RSA",
        }
    }
}

/// Key encryption algorithm: `alg` of a JWE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyEncryption {
    /// `RSA-OAEP`: SHA-1 for the hash and for MGF1.
    RsaOaep,
    /// `RSA-OAEP-256`: SHA-256 for both.
    RsaOaep256,
}

impl KeyEncryption {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
        }
    }

    pub(super) fn oaep(self) -> Oaep {
        match self {
            Self::RsaOaep => Oaep::Sha1,
            Self::RsaOaep256 => Oaep::Sha256,
        }
    }
}

/// Content encryption algorithm: `enc` of a JWE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentEncryption {
    /// `A128CBC-HS256`: AES-128-CBC with HMAC-SHA-256.
    A128CbcHs256,
    /// `A128GCM`.
    A128Gcm,
    /// `A256GCM`.
    A256Gcm,
}

impl ContentEncryption {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }
}

impl JwsAlgorithm for SignatureAlgorithm {
    fn name(&self) -> &str {
        (*self).name()
    }

    fn box_clone(&self) -> Box<dyn JwsAlgorithm> {
        Box::new(*self)
    }
}

impl JweAlgorithm for KeyEncryption {
    fn name(&self) -> &str {
        (*self).name()
    }

    fn box_clone(&self) -> Box<dyn JweAlgorithm> {
        Box::new(*self)
    }
}
