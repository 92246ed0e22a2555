//! A wallet's key in this process.

use std::fmt;

use super::{signature::WalletSignature, signer::WalletSigner};
use crate::{
    crypto::secp256k1::{self, PublicKey, SigningKey},
    error::Error,
    privacy::{REDACTED, Secret},
    selfkey::{PROVIDER, did::Did},
};

/// An Ethereum key in this process: for services that have an identity of their own, and for tests. Wiped when dropped.
#[derive(Clone)]
pub struct WalletKey {
    key: SigningKey,
    did: Did,
}

impl WalletKey {
    /// Reads a private key: 64 hex digits, with or without `0x` in front.
    ///
    /// ```
    /// use kyckit::selfkey::WalletKey;
    ///
    /// let key = WalletKey::from_hex(
    ///     "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4",
    /// )?;
    /// assert_eq!(
    ///     key.did().as_str(),
    ///     "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347"
    /// );
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), also for zero and for numbers beyond the group's order.
    pub fn from_hex(hex: impl Into<Secret>) -> Result<Self, Error> {
        let key = SigningKey::from_hex(&hex.into()).map_err(|error| error.during(PROVIDER, "key"))?;
        let did = Did::eth(&key.public_key().address().to_hex());
        Ok(Self { key, did })
    }

    /// Returns the identity that the key alone makes: `did:eth:` and its address in lower case.
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// Returns the public half: what relying parties of early 2019 know a wallet by.
    pub fn public_key(&self) -> WalletPublicKey {
        WalletPublicKey(self.key.public_key())
    }

    /// Returns its address, `0x` and 40 hex digits, with a checksum in their case (EIP-55).
    pub fn address(&self) -> String {
        self.key.public_key().address().to_checksummed()
    }

    /// Signs a message, deterministically (RFC 6979).
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for one message in 2^128, which has a signature that Ethereum
    /// has no form for.
    pub fn sign_message(&self, message: &str) -> Result<WalletSignature, Error> {
        self.key.sign_personal_message(message.as_bytes()).map(WalletSignature)
    }
}

impl WalletSigner for WalletKey {
    async fn sign(&self, message: &str) -> Result<WalletSignature, Error> {
        self.sign_message(message)
    }
}

crate::privacy::redacted_debug!(WalletKey);

/// The public key of a wallet. Its `Debug` is redacted: it leads to a person's wallet.
#[derive(Clone, PartialEq, Eq)]
pub struct WalletPublicKey(pub(crate) PublicKey);

impl WalletPublicKey {
    /// Reads 128 hex digits, the two coordinates, with or without `0x` in front; also the forms of SEC 1.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), also for points off the curve.
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        secp256k1::PublicKey::from_hex(text).map(Self).map_err(|error| error.during(PROVIDER, "key"))
    }

    /// `0x` and 128 lower-case hex digits.
    pub fn to_hex(&self) -> String {
        format!("0x{}", hex::encode(self.0.to_bytes()))
    }
}

impl fmt::Debug for WalletPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WalletPublicKey").field(&format_args!("{REDACTED}")).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4";

    #[test]
    fn nothing_of_a_key_shows() {
        let key = WalletKey::from_hex(KEY).expect("a key");
        let shown = format!("{key:?} {:?} {:?}", key.public_key(), key.sign_message("test").expect("signed"));
        assert_eq!(shown, "WalletKey WalletPublicKey([redacted]) WalletSignature([redacted])");
        assert!(WalletKey::from_hex("00").is_err());
    }
}
