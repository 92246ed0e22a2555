//! Opening encrypted tokens (RFC 7516 section 5.2).

use std::borrow::Cow;

use josekit::{
    JoseError,
    jwe::{JweAlgorithm, JweContentEncryption, JweContext, JweDecrypter, JweHeader},
};
use zeroize::Zeroizing;

use super::{
    Form,
    algorithm::{ContentEncryption, KeyEncryption},
    compact, content,
    header::Header,
    inflate::{self, Deflate, Refusal},
    keys::DecryptionKey,
    too_large, undecryptable,
};
use crate::{crypto::rsa, error::Error};

/// Policy for encrypted tokens, checked before a key is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DecryptionPolicy {
    /// The accepted `alg`.
    pub(crate) key_encryption: &'static [KeyEncryption],
    /// The accepted `enc`.
    pub(crate) content_encryption: &'static [ContentEncryption],
    /// Whether `zip` may be `DEF`.
    pub(crate) deflate: bool,
    /// The maximum length of a token, in characters.
    pub(crate) longest_token: usize,
    /// The maximum size of the content, in bytes, inflated where it was deflated.
    pub(crate) longest_content: usize,
}

/// A key and a policy, made ready once.
pub(crate) struct Decrypter {
    key: DecryptionKey,
    policy: DecryptionPolicy,
    /// For each accepted content encryption a context that knows this one and nothing else.
    contexts: Vec<(ContentEncryption, JweContext)>,
}

/// Content of an encrypted token. Everyone with the public key can have made it: encryption says nothing about
/// where it comes from.
pub(crate) struct Opened {
    header: Header,
    content: Zeroizing<Vec<u8>>,
}

impl Decrypter {
    pub(crate) fn new(key: DecryptionKey, policy: DecryptionPolicy) -> Self {
        let contexts =
            policy.content_encryption.iter().map(|enc| (*enc, context(*enc, policy.deflate))).collect();
        Self { key, policy, contexts }
    }

    /// Opens a token.
    ///
    /// # Errors
    ///
    /// [`TooLarge`](crate::ErrorKind::TooLarge), or [`Decryption`](crate::ErrorKind::Decryption) with one of the
    /// [checks](super::check) `token.malformed`, `token.algorithm`, `token.decryption`. The last one is the same
    /// whether the encrypted key, the tag, a length or the padding is wrong.
    pub(crate) fn open(&self, token: &[u8]) -> Result<Opened, Error> {
        if token.len() > self.policy.longest_token {
            return Err(too_large());
        }
        let malformed = || Form::Encrypted.malformed();
        let [header, ..] = compact::split::<5>(token).ok_or_else(malformed)?;
        let header = Header::read(header).ok_or_else(malformed)?;
        let (Some(alg), Some(enc)) = (header.text("alg"), header.text("enc")) else {
            return Err(malformed());
        };
        let (algorithm, context) =
            self.accepted(&header, alg, enc).ok_or_else(|| Form::Encrypted.algorithm())?;

        let decrypter = Oaep { key: self.key.0.clone(), algorithm };
        let (content, _) = context.deserialize_compact(token, &decrypter).map_err(|_| undecryptable())?;
        let content = Zeroizing::new(content);

        let content = if header.has("zip") {
            inflate::inflate(&content, self.policy.longest_content).map_err(|refusal| match refusal {
                Refusal::Broken => malformed(),
                Refusal::TooLarge => too_large(),
            })?
        } else {
            content
        };
        if content.len() > self.policy.longest_content {
            return Err(too_large());
        }
        Ok(Opened { header, content })
    }

    /// The algorithm and the context for a header that the policy accepts.
    fn accepted(&self, header: &Header, alg: &str, enc: &str) -> Option<(KeyEncryption, &JweContext)> {
        let zip_is_accepted =
            !header.has("zip") || (self.policy.deflate && header.text("zip") == Some("DEF"));
        if header.has("crit") || !zip_is_accepted {
            return None;
        }
        let algorithm = self.policy.key_encryption.iter().find(|one| one.name() == alg)?;
        let (_, context) = self.contexts.iter().find(|(one, _)| one.name() == enc)?;
        Some((*algorithm, context))
    }
}

impl Opened {
    /// The content.
    pub(crate) fn content(&self) -> &[u8] {
        &self.content
    }

    /// The header.
    pub(crate) fn header(&self) -> &Header {
        &self.header
    }
}

crate::privacy::redacted_debug!(Decrypter { policy, .. });

crate::privacy::redacted_debug!(Opened { .. });

/// A context that knows one content encryption, which is ours, and no compression but ours, if any.
pub(super) fn context(encryption: ContentEncryption, deflate: bool) -> JweContext {
    let mut context = JweContext::new();
    for name in ["A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"] {
        context.remove_content_encryption(name);
    }
    context.add_content_encryption(Box::new(encryption));
    context.remove_compression("DEF");
    if deflate {
        context.add_compression(Box::new(Deflate));
    }
    context
}

/// Unwraps the content key. It never fails: where RSA-OAEP does, or gives a key of another length, a random key takes
/// its place, and what fails is the tag (RFC 7516 section 11.5). So a response does not reveal whether an encrypted
/// key of his own making was well-formed. From the time neither, as far as it is ours: OpenSSL looks at the padding in
/// constant time, so that its failures cannot be distinguished, and one of them costs about one per cent more
/// than a wrong tag.
#[derive(Clone, Debug)]
pub(super) struct Oaep {
    pub(super) key: rsa::PrivateKey,
    pub(super) algorithm: KeyEncryption,
}

impl JweDecrypter for Oaep {
    fn algorithm(&self) -> &dyn JweAlgorithm {
        &self.algorithm
    }

    /// The key was chosen before; josekit would insist on a `kid` in the token.
    fn key_id(&self) -> Option<&str> {
        None
    }

    fn decrypt(
        &self,
        encrypted_key: Option<&[u8]>,
        cencryption: &dyn JweContentEncryption,
        _header: &JweHeader,
    ) -> Result<Cow<'_, [u8]>, JoseError> {
        // Drawn in every case, so that a failure costs no more than a success.
        let mut key = vec![0; cencryption.key_len()];
        getrandom::fill(&mut key).map_err(|_| content::refused())?;
        if let Some(opened) = self.key.opened(self.algorithm.oaep(), encrypted_key.unwrap_or_default())
            && opened.len() == key.len()
        {
            key.copy_from_slice(&opened);
        }
        Ok(Cow::Owned(key))
    }

    fn box_clone(&self) -> Box<dyn JweDecrypter> {
        Box::new(self.clone())
    }
}
