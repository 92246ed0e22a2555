//! A private key in this process.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use futures_util::future::BoxFuture;

use super::Signer;
#[cfg(feature = "secp256k1")]
use crate::crypto::secp256k1;
#[cfg(feature = "jose")]
use crate::crypto::{ed25519, rsa};
use crate::{credo360::challenge::Nonce, error::Error, privacy::Secret};

/// Signs with a key in this process: for services that have a Credo ID of their own, and for tests.
///
/// It signs the bytes of the nonce and writes the signature in base64, unless it is set otherwise.
///
/// ```
/// # #[cfg(feature = "secp256k1")]
/// # fn run() -> kyckit::Result<()> {
/// use kyckit::credo360::signer::{Encoding, KeySigner};
///
/// let key = "0000000000000000000000000000000000000000000000000000000000000001";
/// let signer = KeySigner::secp256k1(key)?.encoding(Encoding::Hex);
/// # Ok(())
/// # }
/// ```
pub struct KeySigner {
    key: Key,
    encoding: Encoding,
    text: bool,
}

enum Key {
    #[cfg(feature = "jose")]
    Ed25519(ed25519::SigningKey),
    #[cfg(feature = "jose")]
    Rsa(rsa::PrivateKey, rsa::Scheme),
    #[cfg(feature = "secp256k1")]
    Secp256k1(secp256k1::SigningKey),
}

/// How the bytes of a signature are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Base64 with padding (RFC 4648 section 4), as the nonce itself.
    #[default]
    Base64,
    /// Base64 for URLs, without padding (RFC 4648 section 5).
    Base64Url,
    /// Lower-case hex digits.
    Hex,
}

/// How the hash of a message is padded before an RSA key signs it (RFC 8017).
#[cfg(feature = "jose")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RsaPadding {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[default]
    Pkcs1,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes.
    Pss,
}

impl KeySigner {
    /// An Ed25519 key (RFC 8032) in PEM: PKCS#8, also protected by a password.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when it is none, or the password does not open it.
    #[cfg(feature = "jose")]
    pub fn ed25519(pem: impl Into<Secret>, password: Option<&Secret>) -> Result<Self, Error> {
        ed25519::SigningKey::from_pem(pem.into().expose(), password).map(Key::Ed25519).map(Self::new)
    }

    /// An RSA key of 2048 bits or more in PEM: PKCS#8, also protected by a password, or PKCS#1.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when it is none, is too small or inconsistent, or the
    /// password does not open it.
    #[cfg(feature = "jose")]
    pub fn rsa(
        pem: impl Into<Secret>,
        password: Option<&Secret>,
        padding: RsaPadding,
    ) -> Result<Self, Error> {
        let scheme = match padding {
            RsaPadding::Pkcs1 => rsa::Scheme::Pkcs1Sha256,
            RsaPadding::Pss => rsa::Scheme::PssSha256,
        };
        rsa::PrivateKey::from_pem(pem.into().expose(), password).map(|key| Self::new(Key::Rsa(key, scheme)))
    }

    /// A secp256k1 key as 64 hex digits. It signs the SHA-256 by ECDSA, deterministically (RFC 6979) and with a low s,
    /// in DER.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when it is none.
    #[cfg(feature = "secp256k1")]
    pub fn secp256k1(hex: impl Into<Secret>) -> Result<Self, Error> {
        secp256k1::SigningKey::from_hex(&hex.into()).map(Key::Secp256k1).map(Self::new)
    }

    fn new(key: Key) -> Self {
        Self { key, encoding: Encoding::default(), text: false }
    }

    /// Writes signatures in another way. Default: [`Encoding::Base64`].
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Signs the text of the nonce in place of its bytes.
    #[must_use]
    pub fn over_text(mut self) -> Self {
        self.text = true;
        self
    }

    fn signature(&self, nonce: &Nonce) -> Result<String, Error> {
        let message = if self.text { Some(nonce.text().as_bytes()) } else { nonce.bytes() };
        let message = message.ok_or_else(|| {
            Error::invalid("validation.nonce", "the nonce is no base64, so it has no bytes to sign")
                .with_hint("sign its text, if that is what the provider expects")
        })?;
        let signature = match &self.key {
            #[cfg(feature = "jose")]
            Key::Ed25519(key) => key.sign(message)?.to_vec(),
            #[cfg(feature = "jose")]
            Key::Rsa(key, scheme) => key.sign(*scheme, message)?,
            #[cfg(feature = "secp256k1")]
            Key::Secp256k1(key) => key.sign_sha256(message)?,
        };
        Ok(match self.encoding {
            Encoding::Base64 => STANDARD.encode(signature),
            Encoding::Base64Url => URL_SAFE_NO_PAD.encode(signature),
            Encoding::Hex => hex::encode(signature),
        })
    }
}

impl Signer for KeySigner {
    fn sign<'a>(&'a self, nonce: &'a Nonce) -> BoxFuture<'a, Result<String, Error>> {
        Box::pin(std::future::ready(self.signature(nonce)))
    }
}

crate::privacy::redacted_debug!(KeySigner {
    key: |this| match this.key {
        #[cfg(feature = "jose")]
        Key::Ed25519(_) => "Ed25519",
        #[cfg(feature = "jose")]
        Key::Rsa(..) => "RSA",
        #[cfg(feature = "secp256k1")]
        Key::Secp256k1(_) => "secp256k1",
    },
    encoding,
    over_text: |this| this.text,
    ..
});

#[cfg(test)]
#[cfg(all(feature = "jose", feature = "secp256k1"))]
mod tests {
    use super::*;
    use crate::{ErrorKind, crypto::pem};

    /// RFC 8032 section 7.1, test 2, in PKCS#8: it signs the one byte 0x72.
    const ED25519: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n\
        -----END PRIVATE KEY-----\n";
    const ED25519_SIGNATURE: &str = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
        085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

    fn nonce(text: &str) -> Nonce {
        serde_json::from_value(serde_json::json!({ "nonce": text })).expect("a nonce")
    }

    #[test]
    fn ed25519_signs_the_bytes_of_the_nonce() {
        let signer = || KeySigner::ed25519(ED25519, None).expect("a key");
        let signature = hex::decode(ED25519_SIGNATURE).expect("hex");
        let (byte, text) = (nonce("cg=="), nonce("r"));
        assert_eq!(signer().signature(&byte).expect("signed"), STANDARD.encode(&signature));
        let hex = signer().encoding(Encoding::Hex);
        assert_eq!(hex.signature(&byte).expect("signed"), ED25519_SIGNATURE);
        assert_eq!(hex.over_text().signature(&text).expect("signed"), ED25519_SIGNATURE);
        let url = signer().encoding(Encoding::Base64Url);
        assert_eq!(url.signature(&byte).expect("signed"), URL_SAFE_NO_PAD.encode(&signature));
    }

    #[test]
    fn secp256k1_signs_the_sha256_in_der() {
        // The key 1 and this message are the common test of RFC 6979 on this curve.
        let key = format!("{:064x}", 1);
        let signer = KeySigner::secp256k1(key.as_str()).expect("a key").over_text().encoding(Encoding::Hex);
        assert_eq!(
            signer.signature(&nonce("Satoshi Nakamoto")).expect("signed"),
            "3045022100934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8\
             02202442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
        );
    }

    #[test]
    fn rsa_signs_with_either_padding() {
        let key = rsa::PrivateKey::generate(2048).expect("a key");
        let public = key.public_key().expect("a key");
        let pem = pem::write(pem::Label::PrivateKey, &key.to_der().expect("DER"), 64);
        for (padding, scheme) in
            [(RsaPadding::Pkcs1, rsa::Scheme::Pkcs1Sha256), (RsaPadding::Pss, rsa::Scheme::PssSha256)]
        {
            let signer = KeySigner::rsa(pem.as_str(), None, padding).expect("a key");
            let signature = STANDARD.decode(signer.signature(&nonce("Zm9vYmFy")).expect("signed"));
            assert!(public.verifies(scheme, b"foobar", &signature.expect("base64")));
        }
    }

    #[test]
    fn a_nonce_without_bytes_is_not_signed_by_guess() {
        let signer = KeySigner::ed25519(ED25519, None).expect("a key");
        let error = signer.signature(&nonce("no base64!")).expect_err("no bytes");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(signer.over_text().signature(&nonce("no base64!")).is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused_and_no_key_is_shown() {
        for error in [
            KeySigner::ed25519("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", None).err(),
            KeySigner::rsa(ED25519, None, RsaPadding::Pkcs1).err(),
            KeySigner::secp256k1("00").err(),
        ] {
            assert_eq!(error.expect("refused").kind(), ErrorKind::Configuration);
        }
        let shown = format!("{:?}", KeySigner::ed25519(ED25519, None).expect("a key"));
        assert_eq!(shown, r#"KeySigner { key: "Ed25519", encoding: Base64, over_text: false, .. }"#);
    }
}
