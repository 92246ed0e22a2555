//! Who signs for a wallet: a key in this process, a wallet elsewhere, a device that asks its owner.

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{PROVIDER, did::Did};
use crate::{
    crypto::secp256k1::{self, PublicKey, RecoverableSignature, SigningKey, personal_message_hash},
    error::{Error, ErrorKind},
    privacy::{REDACTED, Secret},
};

/// Signs what a relying party challenges a wallet with.
///
/// The message is a text. It is signed in the envelope for personal messages (EIP-191, version 0x45): Keccak-256 of
/// `0x19`, `Ethereum Signed Message:\n`, the number of bytes in decimal digits, and the bytes. Whoever talks to a
/// device or a remote wallet asks it for exactly that (`personal_sign`), and may wait for its owner as long as it takes.
///
/// Source: contract of the provider's wallet, `identity.js`.
pub trait WalletSigner: Send + Sync {
    /// Signs a message.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from signing; for causes of your own there is [`Error::store`]. Its text must not hold the
    /// key.
    fn sign<'a>(&'a self, message: &'a str) -> BoxFuture<'a, Result<WalletSignature, Error>>;
}

impl<T: WalletSigner + ?Sized> WalletSigner for Arc<T> {
    fn sign<'a>(&'a self, message: &'a str) -> BoxFuture<'a, Result<WalletSignature, Error>> {
        (**self).sign(message)
    }
}

/// A signer from a function that gives a future, such as one that asks a wallet on another machine.
///
/// ```
/// use kyckit::selfkey::{WalletSignature, signer};
///
/// let device = signer::from_async(|message: String| async move {
///     let answer = format!("0x{}", "11".repeat(65)); // what the device said to `message`
///     WalletSignature::from_hex(&answer)
/// });
/// ```
pub fn from_async<F, O>(sign: F) -> impl WalletSigner
where
    F: Fn(String) -> O + Send + Sync,
    O: Future<Output = Result<WalletSignature, Error>> + Send + 'static,
{
    struct Asynchronous<F>(F);

    impl<F, O> WalletSigner for Asynchronous<F>
    where
        F: Fn(String) -> O + Send + Sync,
        O: Future<Output = Result<WalletSignature, Error>> + Send + 'static,
    {
        fn sign<'a>(&'a self, message: &'a str) -> BoxFuture<'a, Result<WalletSignature, Error>> {
            Box::pin(self.0(message.to_owned()))
        }
    }

    Asynchronous(sign)
}

/// A recoverable signature: r, s and v. It is always written with the low one of the two values of s, and with v as
/// 27 or 28.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WalletSignature(RecoverableSignature);

impl WalletSignature {
    /// Takes the 65 bytes r, s and v of a device or a remote wallet. v may be 27 or 28, or 0 or 1. A high s is turned
    /// into the low one, which is a signature by the same key of the same message.
    ///
    /// # Errors
    ///
    /// [`Signature`](ErrorKind::Signature) with the check `signature.malformed` for another length or v, and for an r
    /// or s outside the group.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        RecoverableSignature::from_bytes(bytes).map(|signature| Self(signature.with_low_s()))
    }

    /// Reads the same in hex digits, with or without `0x` in front.
    ///
    /// # Errors
    ///
    /// As [`from_bytes`](Self::from_bytes).
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text)).map_err(|_| {
            Error::new(ErrorKind::Signature, "a signature is written in hex digits")
                .with_check("signature.malformed")
        })?;
        Self::from_bytes(&bytes)
    }

    /// `0x` and 130 lower-case hex digits: r, s, v.
    pub fn to_hex(&self) -> String {
        format!("0x{}", hex::encode(self.0.to_bytes()))
    }

    /// Makes sure that the signature is the subject's, as far as the subject tells: for `did:eth` and for a public key.
    pub(crate) fn check(&self, subject: &Subject, message: &str) -> Result<(), Error> {
        let signed_by = self.0.recover(&personal_message_hash(message.as_bytes()));
        let fits = match (subject, &signed_by) {
            (_, None) => false,
            (Subject::Did(did), Some(key)) if did.method() == "eth" => {
                key.address().to_hex().eq_ignore_ascii_case(did.id())
            }
            (Subject::Did(_), Some(_)) => true,
            (Subject::PublicKey(expected), Some(key)) => expected.0 == *key,
        };
        if fits {
            return Ok(());
        }
        Err(Error::configuration("the signer's key is not the subject's: the relying party would refuse it")
            .with_check("signature.subject")
            .with_hint("give the client the identity that belongs to the signer"))
    }
}

impl fmt::Debug for WalletSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WalletSignature").field(&format_args!("{REDACTED}")).finish()
    }
}

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
    /// let key = WalletKey::from_hex("4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4")?;
    /// assert_eq!(key.did().as_str(), "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347");
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration), also for zero and for numbers beyond the group's order.
    pub fn from_hex(hex: impl Into<Secret>) -> Result<Self, Error> {
        let key = SigningKey::from_hex(&hex.into()).map_err(|error| error.during(PROVIDER, "key"))?;
        let did = Did::eth(&key.public_key().address().to_hex());
        Ok(Self { key, did })
    }

    /// The identity that the key alone makes: `did:eth:` and its address in lower case.
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// The public half: what relying parties of early 2019 know a wallet by.
    pub fn public_key(&self) -> WalletPublicKey {
        WalletPublicKey(self.key.public_key())
    }

    /// Its address, `0x` and 40 hex digits whose case is a checksum (EIP-55).
    pub fn address(&self) -> String {
        self.key.public_key().address().to_checksummed()
    }

    /// Signs a message, deterministically (RFC 6979).
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for one message in 2^128, whose signature Ethereum has no form for.
    pub fn sign_message(&self, message: &str) -> Result<WalletSignature, Error> {
        self.key.sign_personal_message(message.as_bytes()).map(WalletSignature)
    }
}

impl WalletSigner for WalletKey {
    fn sign<'a>(&'a self, message: &'a str) -> BoxFuture<'a, Result<WalletSignature, Error>> {
        Box::pin(std::future::ready(self.sign_message(message)))
    }
}

impl fmt::Debug for WalletKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WalletKey")
    }
}

/// The public key of a wallet. Its `Debug` is redacted: it leads to a person's wallet.
#[derive(Clone, PartialEq, Eq)]
pub struct WalletPublicKey(pub(crate) PublicKey);

impl WalletPublicKey {
    /// Reads 128 hex digits, the two coordinates, with or without `0x` in front; also the forms of SEC 1.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration), also for points off the curve.
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
    /// The text in the path of the challenge.
    pub(crate) fn text(&self) -> String {
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
    use super::*;

    const KEY: &str = "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4";
    /// Of the contract's vectors, made by the wallet itself: the message `test`.
    const SIGNATURE: &str = "0xd423ea9f25e3090b6de29c928eddfcae4f9d6f50edff25bbde716b5b0046b8bb40e367e2505c4f55b26b0cdeee0d8d1cb7ac6f5b0c5ec99c5b6608378b9811d01b";
    /// The other signature that fits: n - s, computed apart, and the other parity.
    const HIGH: &str = "0xd423ea9f25e3090b6de29c928eddfcae4f9d6f50edff25bbde716b5b0046b8bbbf1c981dafa3b0aa4d94f32111f272e203026d8ba2e9d69f646c5655449e2f711c";

    #[test]
    fn what_devices_write_becomes_what_is_sent() {
        let with = |text: &str| WalletSignature::from_hex(text).expect("a signature").to_hex();
        assert_eq!(with(SIGNATURE), SIGNATURE);
        assert_eq!(with(SIGNATURE.trim_start_matches("0x")), SIGNATURE);
        assert_eq!(with(&format!("{}00", &SIGNATURE[..130])), SIGNATURE);
        assert_eq!(with(HIGH), SIGNATURE);
        assert_eq!(with(&format!("{}01", &HIGH[..130])), SIGNATURE);
        for bad in [
            "",
            "0x",
            "0x00",
            &SIGNATURE[..130],
            &format!("{SIGNATURE}00"),
            &format!("{}1d", &SIGNATURE[..130]),
            "0xzz",
        ] {
            let error = WalletSignature::from_hex(bad).expect_err(bad);
            assert_eq!((error.kind(), error.check()), (ErrorKind::Signature, Some("signature.malformed")));
        }
    }

    #[test]
    fn a_signer_of_another_key_is_found_out_before_anything_is_sent() {
        let key = WalletKey::from_hex(KEY).expect("a key");
        let other = WalletKey::from_hex(format!("{:064x}", 1)).expect("a key");
        let signature = key.sign_message("test").expect("signed");
        assert_eq!(signature.to_hex(), SIGNATURE);
        for subject in [Subject::from(key.did()), Subject::from(key.public_key())] {
            assert!(signature.check(&subject, "test").is_ok());
            assert!(signature.check(&subject, "Test").is_err());
            assert!(other.sign_message("test").expect("signed").check(&subject, "test").is_err());
        }
        let checksummed = Did::eth(&key.address());
        assert!(signature.check(&checksummed.into(), "test").is_ok());
        let elsewhere = Did::parse(format!("did:selfkey:0x{}", "1".repeat(64))).expect("a DID");
        assert!(signature.check(&elsewhere.into(), "test").is_ok());
    }

    #[test]
    fn nothing_of_a_key_shows() {
        let key = WalletKey::from_hex(KEY).expect("a key");
        let shown = format!("{key:?} {:?} {:?}", key.public_key(), key.sign_message("test").expect("signed"));
        assert_eq!(shown, "WalletKey WalletPublicKey([redacted]) WalletSignature([redacted])");
        assert!(WalletKey::from_hex("00").is_err());
    }
}
