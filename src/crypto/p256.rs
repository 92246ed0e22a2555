//! ECDSA over P-256 with SHA-256 in the form that JOSE uses (`ES256`, RFC 7518 section 3.4), on OpenSSL.

use openssl::{
    bn::BigNum,
    ec::{EcGroup, EcKey},
    ecdsa::EcdsaSig,
    error::ErrorStack,
    nid::Nid,
    pkey::{Private, Public},
};

use super::digest;
use crate::error::Error;

/// A private key.
pub(super) struct SigningKey(EcKey<Private>);

/// A public key.
pub(super) struct VerifyingKey(EcKey<Public>);

impl SigningKey {
    /// Takes the private number and the coordinates that belong to it, 32 bytes each.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), also when the two do not fit.
    pub(super) fn from_jwk(d: &[u8], x: &[u8], y: &[u8]) -> Result<Self, Error> {
        let public = VerifyingKey::from_jwk(x, y)?;
        let key = (|| {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
            let key =
                EcKey::from_private_components(&group, &*BigNum::from_slice(d)?, public.0.public_key())?;
            key.check_key()?;
            Ok(key)
        })();
        key.map(Self)
            .map_err(|_: ErrorStack| Error::configuration("d, x and y of the P-256 key do not fit together"))
    }

    /// Signs a message: r and s, 32 bytes each.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        (|| {
            let signature = EcdsaSig::sign(&digest::sha256(&[message]), &self.0)?;
            let mut bytes = signature.r().to_vec_padded(32)?;
            bytes.extend(signature.s().to_vec_padded(32)?);
            Ok(bytes)
        })()
        .map_err(|_: ErrorStack| Error::configuration("the P-256 key could not sign"))
    }
}

impl VerifyingKey {
    /// Takes the coordinates, 32 bytes each.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), also for points off the curve.
    pub(super) fn from_jwk(x: &[u8], y: &[u8]) -> Result<Self, Error> {
        if x.len() != 32 || y.len() != 32 {
            return Err(Error::configuration("x and y of a P-256 key have 32 bytes"));
        }
        (|| {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
            let (x, y) = (BigNum::from_slice(x)?, BigNum::from_slice(y)?);
            let key = EcKey::from_public_key_affine_coordinates(&group, &x, &y)?;
            key.check_key()?;
            Ok(Self(key))
        })()
        .map_err(|_: ErrorStack| Error::configuration("x and y are not a point of P-256"))
    }

    /// Whether the signature, r and s of 32 bytes each, fits the message.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == 64
            && (|| {
                let (r, s) = signature.split_at(32);
                let signature =
                    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
                signature.verify(&digest::sha256(&[message]), &self.0)
            })()
            .unwrap_or(false)
    }
}
