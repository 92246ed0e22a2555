//! Who signs for a wallet: a key in this process, a wallet elsewhere, a device that asks its owner.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::signature::WalletSignature;
use crate::error::Error;

/// Signs what a relying party challenges a wallet with.
///
/// The message is a text. It is signed in the envelope for personal messages (EIP-191, version 0x45): Keccak-256 of
/// `0x19`, `Ethereum Signed Message:\n`, the number of bytes in decimal digits, and the bytes. Whoever talks to a
/// device or a remote wallet asks it for exactly that (`personal_sign`), and may wait for its owner as long as it
/// takes.
///
/// Source: contract of the provider's wallet, `identity.js`.
pub trait WalletSigner: Send + Sync {
    /// Signs a message.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from signing; for causes of your own there is [`Error::store`]. Its text must not hold the
    /// key.
    fn sign(&self, message: &str) -> impl Future<Output = Result<WalletSignature, Error>> + Send;
}

impl<T: WalletSigner> WalletSigner for Arc<T> {
    async fn sign(&self, message: &str) -> Result<WalletSignature, Error> {
        (**self).sign(message).await
    }
}

/// [`WalletSigner`] as an object.
pub(super) trait DynWalletSigner: Send + Sync {
    fn sign<'a>(&'a self, message: &'a str) -> BoxFuture<'a, Result<WalletSignature, Error>>;
}

impl<T: WalletSigner> DynWalletSigner for T {
    fn sign<'a>(&'a self, message: &'a str) -> BoxFuture<'a, Result<WalletSignature, Error>> {
        Box::pin(WalletSigner::sign(self, message))
    }
}

/// Makes a signer of a function that gives a future, such as one that asks a wallet on another machine.
///
/// ```
/// use kyckit::selfkey::wallet::{WalletSignature, signer};
///
/// let device = signer::from_async(|message: String| async move {
///     let response = format!("0x{}", "11".repeat(65)); // what the device answered to `message`
///     WalletSignature::from_hex(&response)
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
        fn sign(&self, message: &str) -> impl Future<Output = Result<WalletSignature, Error>> + Send {
            self.0(message.to_owned())
        }
    }

    Asynchronous(sign)
}
