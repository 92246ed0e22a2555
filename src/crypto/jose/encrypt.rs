//! Making encrypted tokens (RFC 7516 section 5.1).

use std::borrow::Cow;

use josekit::{
    JoseError,
    jwe::{JweAlgorithm, JweContentEncryption, JweEncrypter, JweHeader},
};

use super::{
    algorithm::{ContentEncryption, KeyEncryption},
    content, decrypt,
    keys::EncryptionKey,
};
use crate::{crypto::rsa, error::Error};

/// Settings of an encryption.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encryption {
    pub(crate) key_encryption: KeyEncryption,
    pub(crate) content_encryption: ContentEncryption,
    /// Whether the content is deflated first (`zip: DEF`). What is encrypted beside text of another party's choosing
    /// then shows itself in the token's length.
    pub(crate) deflate: bool,
    /// Content type (`cty`): `JWT` for a signed token.
    pub(crate) content_type: Option<&'static str>,
}

/// Encrypts a content for the holder of the private key. The header has `alg`, `enc`, then `zip`, `cty` and the key's
/// `kid` where there is one.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
pub(crate) fn encrypt(key: &EncryptionKey, how: Encryption, content: &[u8]) -> Result<String, Error> {
    let mut header = JweHeader::new();
    header.set_algorithm(how.key_encryption.name());
    header.set_content_encryption(how.content_encryption.name());
    if how.deflate {
        header.set_compression("DEF");
    }
    if let Some(content_type) = how.content_type {
        header.set_content_type(content_type);
    }
    if let Some(id) = &key.id {
        header.set_key_id(id);
    }
    let wrap = Oaep { key: key.key.clone(), algorithm: how.key_encryption };
    decrypt::context(how.content_encryption, how.deflate)
        .serialize_compact(content, &header, &wrap)
        .map_err(|_| Error::configuration("the token could not be encrypted"))
}

#[derive(Clone, Debug)]
struct Oaep {
    key: rsa::PublicKey,
    algorithm: KeyEncryption,
}

impl JweEncrypter for Oaep {
    fn algorithm(&self) -> &dyn JweAlgorithm {
        &self.algorithm
    }

    fn key_id(&self) -> Option<&str> {
        None
    }

    fn compute_content_encryption_key(
        &self,
        cencryption: &dyn JweContentEncryption,
        _in_header: &JweHeader,
        _out_header: &mut JweHeader,
    ) -> Result<Option<Cow<'_, [u8]>>, JoseError> {
        let mut key = vec![0; cencryption.key_len()];
        getrandom::fill(&mut key).map_err(|_| content::refused())?;
        Ok(Some(Cow::Owned(key)))
    }

    fn encrypt(
        &self,
        key: &[u8],
        _in_header: &JweHeader,
        _out_header: &mut JweHeader,
    ) -> Result<Option<Vec<u8>>, JoseError> {
        self.key.encrypt(self.algorithm.oaep(), key).map(Some).map_err(|_| content::refused())
    }

    fn box_clone(&self) -> Box<dyn JweEncrypter> {
        Box::new(self.clone())
    }
}
