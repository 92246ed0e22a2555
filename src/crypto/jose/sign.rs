//! Making signed tokens (RFC 7515 section 5.1).

use josekit::{
    JoseError,
    jws::{JwsAlgorithm, JwsContext, JwsHeader, JwsSigner},
};

use super::{algorithm::SignatureAlgorithm, content, keys::SigningKey};
use crate::error::Error;

/// Signs a payload as it stands. The header has `alg`, `typ` where one is given, and the key's `kid` where there is one,
/// in this order.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
pub(crate) fn sign(key: &SigningKey, token_type: Option<&str>, payload: &[u8]) -> Result<String, Error> {
    let mut header = JwsHeader::new();
    header.set_algorithm(key.algorithm().name());
    if let Some(token_type) = token_type {
        header.set_token_type(token_type);
    }
    if let Some(id) = &key.id {
        header.set_key_id(id);
    }
    let signer = Signer { key: key.clone(), algorithm: key.algorithm() };
    JwsContext::new()
        .serialize_compact(payload, &header, &signer)
        .map_err(|_| Error::configuration("the token could not be signed"))
}

#[derive(Clone, Debug)]
struct Signer {
    key: SigningKey,
    algorithm: SignatureAlgorithm,
}

impl JwsSigner for Signer {
    fn algorithm(&self) -> &dyn JwsAlgorithm {
        &self.algorithm
    }

    fn key_id(&self) -> Option<&str> {
        None
    }

    /// What josekit sets memory aside for; the longest of common ones.
    fn signature_len(&self) -> usize {
        512
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, JoseError> {
        self.key.signature(message).map_err(|_| content::refused())
    }

    fn box_clone(&self) -> Box<dyn JwsSigner> {
        Box::new(self.clone())
    }
}
