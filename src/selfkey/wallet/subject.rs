//! Whom a wallet logs in as.

use serde_json::{Value, json};

use super::{key::WalletPublicKey, signature::WalletSignature};
use crate::{crypto::secp256k1::personal_message_hash, error::Error, selfkey::did::Did};

/// Whom a wallet logs in as.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// An identity: what relying parties know wallets by since May 2019.
    Did(Did),
    /// A public key, as relying parties of early 2019 know wallets. Only for those: nothing else asks for it.
    PublicKey(WalletPublicKey),
}

impl Subject {
    /// Makes sure that a signature is the subject's, as far as the subject says: for `did:eth` and for a public key.
    pub(crate) fn check(&self, signature: &WalletSignature, message: &str) -> Result<(), Error> {
        let signed_by = signature.0.recover(&personal_message_hash(message.as_bytes()));
        let fits = match (self, &signed_by) {
            (_, None) => false,
            (Self::Did(did), Some(key)) if did.method() == "eth" => {
                key.address().to_hex().eq_ignore_ascii_case(did.id())
            }
            (Self::Did(_), Some(_)) => true,
            (Self::PublicKey(expected), Some(key)) => expected.0 == *key,
        };
        if fits {
            return Ok(());
        }
        Err(Error::configuration("the signer's key is not the subject's: the relying party would refuse it")
            .with_check("signature.subject")
            .with_hint("give the client the identity that belongs to the signer"))
    }

    /// The text in the path of the challenge.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Did(did) => did.as_str().to_owned(),
            Self::PublicKey(key) => key.to_hex(),
        }
    }

    /// The body of the reply to a challenge.
    pub(crate) fn reply(&self, signature: &WalletSignature) -> Value {
        match self {
            Self::Did(did) => {
                json!({ "signature": { "value": signature.to_hex(), "keyId": did.key_id() } })
            }
            Self::PublicKey(_) => plain_reply(signature),
        }
    }
}

/// The body of a reply that names no key.
pub(crate) fn plain_reply(signature: &WalletSignature) -> Value {
    json!({ "signature": signature.to_hex() })
}

impl From<Did> for Subject {
    fn from(did: Did) -> Self {
        Self::Did(did)
    }
}

impl From<&Did> for Subject {
    fn from(did: &Did) -> Self {
        Self::Did(did.clone())
    }
}

impl From<WalletPublicKey> for Subject {
    fn from(key: WalletPublicKey) -> Self {
        Self::PublicKey(key)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::key::WalletKey, *};

    const KEY: &str = "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4";
    /// Of the contract's vectors, made by the wallet itself: the message `test`.
    const SIGNATURE: &str = "0xd423ea9f25e3090b6de29c928eddfcae4f9d6f50edff25bbde716b5b0046b8bb40e367e2505c4f55b26b0cdeee0d8d1cb7ac6f5b0c5ec99c5b6608378b9811d01b";

    #[test]
    fn a_signer_of_another_key_is_found_out_before_anything_is_sent() {
        let key = WalletKey::from_hex(KEY).expect("a key");
        let other = WalletKey::from_hex(format!("{:064x}", 1)).expect("a key");
        let signature = key.sign_message("test").expect("signed");
        assert_eq!(signature.to_hex(), SIGNATURE);
        for subject in [Subject::from(key.did()), Subject::from(key.public_key())] {
            assert!(subject.check(&signature, "test").is_ok());
            assert!(subject.check(&signature, "Test").is_err());
            assert!(subject.check(&other.sign_message("test").expect("signed"), "test").is_err());
        }
        let checksummed = Did::eth(&key.address());
        assert!(Subject::from(checksummed).check(&signature, "test").is_ok());
        let elsewhere = Did::parse(format!("did:selfkey:0x{}", "1".repeat(64))).expect("a DID");
        assert!(Subject::from(elsewhere).check(&signature, "test").is_ok());
    }
}
