//! Who a request was authenticated as.

use crate::{privacy::Pii, selfkey::Did};

/// The holder of a wallet, as a validated access token names it. Made from such a token alone.
///
/// It is a DID, byte for byte as the wallet sent it, or in the documented dialect a public key. Two texts that differ
/// in the case of a letter are two tokens' subjects and one holder; [`key`](Self::key) is the form to store under.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Holder {
    text: Pii<String>,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Did,
    PublicKey,
}

impl Holder {
    pub(super) fn did(did: &Did) -> Self {
        Self { text: Pii::new(did.as_str().to_owned()), form: Form::Did }
    }

    /// `0x` and the 128 hex digits of both coordinates.
    pub(super) fn public_key(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("0x")?;
        (digits.len() == 128 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| Self { text: Pii::new(text.to_owned()), form: Form::PublicKey })
    }

    /// Returns the text as it stands in the token.
    pub fn as_str(&self) -> &str {
        self.text.expose()
    }

    /// Returns the form to store under: the same for the same holder, however the hexadecimal digits are written.
    pub fn key(&self) -> String {
        self.as_str().to_ascii_lowercase()
    }

    /// Returns whether it is a DID, not a public key.
    pub fn is_did(&self) -> bool {
        self.form == Form::Did
    }
}

crate::privacy::redacted_debug!(Holder { .. });
