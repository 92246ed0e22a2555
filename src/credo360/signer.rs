//! Who signs the nonce of a signature challenge: usually the user's wallet, sometimes a key in this process.
//!
//! The provider documents neither the algorithm nor the encoding: it is the user who registered a key there, and whoever
//! keeps that key knows. A closure can do anything; [`KeySigner`] does the usual.

#[cfg(any(feature = "jose", feature = "secp256k1"))]
mod key;

use futures_util::future::BoxFuture;

#[cfg(feature = "jose")]
pub use key::RsaPadding;
#[cfg(any(feature = "jose", feature = "secp256k1"))]
pub use key::{Encoding, KeySigner};

use super::challenge::Nonce;
use crate::error::Error;

/// Signs the nonce of a challenge.
///
/// The provider names no algorithm and no encoding: a signer gives the very text that is sent. Closures are signers;
/// for those that have to wait there is [`from_async`].
///
/// ```
/// use kyckit::credo360::{Nonce, signer::Signer};
///
/// fn is_signer(_: impl Signer) {}
/// is_signer(|nonce: &Nonce| Ok(format!("signature of {}", nonce.text())));
/// ```
pub trait Signer: Send + Sync {
    /// Signs the nonce and encodes the signature.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from signing; for causes of your own there is [`Error::store`]. Its text must not hold the key.
    fn sign<'a>(&'a self, nonce: &'a Nonce) -> BoxFuture<'a, Result<String, Error>>;
}

impl<F> Signer for F
where
    F: Fn(&Nonce) -> Result<String, Error> + Send + Sync,
{
    fn sign<'a>(&'a self, nonce: &'a Nonce) -> BoxFuture<'a, Result<String, Error>> {
        Box::pin(std::future::ready(self(nonce)))
    }
}

/// A signer from a function that gives a future, such as one that asks a wallet on another machine.
///
/// ```
/// use kyckit::credo360::{Nonce, signer};
///
/// let wallet = signer::from_async(|nonce: Nonce| async move { Ok(format!("signature of {}", nonce.text())) });
/// ```
pub fn from_async<F, O>(sign: F) -> impl Signer
where
    F: Fn(Nonce) -> O + Send + Sync,
    O: Future<Output = Result<String, Error>> + Send + 'static,
{
    struct Asynchronous<F>(F);

    impl<F, O> Signer for Asynchronous<F>
    where
        F: Fn(Nonce) -> O + Send + Sync,
        O: Future<Output = Result<String, Error>> + Send + 'static,
    {
        fn sign<'a>(&'a self, nonce: &'a Nonce) -> BoxFuture<'a, Result<String, Error>> {
            Box::pin(self.0(nonce.clone()))
        }
    }

    Asynchronous(sign)
}
