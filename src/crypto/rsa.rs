//! RSA: encryption with OAEP, signatures with PKCS#1 v1.5 and PSS (RFC 8017), on OpenSSL.
//!
//! Keys are parsed and checked once and are cheap to clone. What fails while decrypting fails with one error; there is
//! no PKCS#1 v1.5 decryption at all.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{
    bn::{BigNum, BigNumContext, BigNumRef},
    encrypt::{Decrypter, Encrypter},
    error::ErrorStack,
    hash::MessageDigest,
    pkey::{HasPublic, PKey, PKeyRef, Private, Public},
    rsa::{Padding, Rsa, RsaPrivateKeyBuilder},
    sign::{RsaPssSaltlen, Signer, Verifier},
};
use zeroize::Zeroizing;

use super::{
    digest,
    pem::{self, Label},
    pkcs8,
};
use crate::{
    error::{Error, ErrorKind},
    privacy::{REDACTED, Secret},
};

/// Smaller keys can be broken, larger ones cost seconds a call.
const MODULUS_BITS: std::ops::RangeInclusive<i32> = 2048..=8192;

/// Larger public exponents have no use and make every verification as slow as a signature.
const MAX_EXPONENT_BITS: i32 = 64;

/// RSAES-OAEP (RFC 8017 section 7.1) with an empty label and one hash for OAEP and MGF1 alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oaep {
    /// `RSA-OAEP` in JOSE.
    Sha1,
    /// `RSA-OAEP-256` in JOSE.
    Sha256,
}

impl Oaep {
    fn digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
        }
    }

    /// Returns the overhead of OAEP in a block: two hashes and two bytes.
    fn overhead(self) -> usize {
        match self {
            Self::Sha1 => 42,
            Self::Sha256 => 66,
        }
    }
}

/// Hash and padding of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (`RS256`).
    Pkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-512 (`RS512`).
    Pkcs1Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (`PS256`).
    PssSha256,
}

impl Scheme {
    fn digest(self) -> MessageDigest {
        match self {
            Self::Pkcs1Sha256 | Self::PssSha256 => MessageDigest::sha256(),
            Self::Pkcs1Sha512 => MessageDigest::sha512(),
        }
    }
}

/// The numbers of a private key, big-endian (RFC 7518 section 6.3).
pub(crate) struct Components<'a> {
    pub(crate) n: &'a [u8],
    pub(crate) e: &'a [u8],
    pub(crate) d: &'a [u8],
    pub(crate) p: &'a [u8],
    pub(crate) q: &'a [u8],
    pub(crate) dp: &'a [u8],
    pub(crate) dq: &'a [u8],
    pub(crate) qi: &'a [u8],
}

/// A private key that was found consistent.
#[derive(Clone)]
pub(crate) struct PrivateKey(PKey<Private>);

/// A public key of an accepted size.
#[derive(Clone)]
pub(crate) struct PublicKey(PKey<Public>);

impl PrivateKey {
    /// Reads PKCS#8 or PKCS#1 in PEM; with a password also protected PKCS#8. A password for a plain key is ignored.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`], also when a protected key comes without a password.
    pub(crate) fn from_pem(text: &str, password: Option<&Secret>) -> Result<Self, Error> {
        let block = pem::read(text, &[Label::PrivateKey, Label::RsaPrivateKey, Label::EncryptedPrivateKey])?;
        if block.label == Label::EncryptedPrivateKey {
            let password = password.ok_or_else(|| {
                Error::configuration("the key is password-protected and no password is given")
            })?;
            let rsa = pkcs8::open(&block.der, password, Rsa::private_key_from_der_any)?;
            return Self::checked(rsa);
        }
        Self::from_der(&block.der)
    }

    /// Reads PKCS#8 or PKCS#1.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`].
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, Error> {
        let rsa = Rsa::private_key_from_der_any(der)
            .ok_or_else(|| Error::configuration("the key is not an RSA private key in PKCS#8 or PKCS#1"))?;
        Self::checked(rsa)
    }

    /// Puts a key together from its numbers.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`].
    pub(crate) fn from_components(numbers: &Components<'_>) -> Result<Self, Error> {
        let rsa = (|| {
            Ok::<_, ErrorStack>(
                RsaPrivateKeyBuilder::new(
                    BigNum::from_slice(numbers.n)?,
                    BigNum::from_slice(numbers.e)?,
                    secret_number(numbers.d)?,
                )?
                .set_factors(secret_number(numbers.p)?, secret_number(numbers.q)?)?
                .set_crt_params(
                    secret_number(numbers.dp)?,
                    secret_number(numbers.dq)?,
                    secret_number(numbers.qi)?,
                )?
                .build(),
            )
        })();
        Self::checked(rsa.map_err(|_| Error::configuration("the RSA key could not be put together"))?)
    }

    /// Makes a new key; seconds of work for 4096 bits.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a size that is not accepted.
    pub(crate) fn generate(bits: u32) -> Result<Self, Error> {
        if !i32::try_from(bits).is_ok_and(|bits| MODULUS_BITS.contains(&bits)) {
            return Err(Error::configuration("an RSA key has 2048 to 8192 bits"));
        }
        Rsa::generate(bits)
            .and_then(PKey::from_rsa)
            .map(Self)
            .map_err(|_| Error::configuration("no RSA key could be made"))
    }

    fn checked(rsa: Rsa<Private>) -> Result<Self, Error> {
        accepted(rsa.n(), rsa.e())?;
        match consistent(&rsa) {
            Ok(None) => {}
            Ok(Some(what)) => return Err(Error::configuration(what)),
            Err(_) => return Err(Error::configuration("the RSA key could not be checked")),
        }
        PKey::from_rsa(rsa).map(Self).map_err(|_| Error::configuration("the RSA key could not be taken"))
    }

    /// The public half.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]; not to be expected.
    pub(crate) fn public_key(&self) -> Result<PublicKey, Error> {
        (|| {
            let rsa = self.0.rsa()?;
            Rsa::from_public_components(rsa.n().to_owned()?, rsa.e().to_owned()?).and_then(PKey::from_rsa)
        })()
        .map(PublicKey)
        .map_err(|_: ErrorStack| Error::configuration("the RSA key has no public half"))
    }

    /// Bytes of the modulus: the length of every ciphertext and signature.
    pub(crate) fn size(&self) -> usize {
        self.0.size()
    }

    /// Bits of the modulus.
    pub(crate) fn bits(&self) -> u32 {
        self.0.bits()
    }

    /// Undoes [`PublicKey::encrypt`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decryption`], one text whatever the reason.
    pub(crate) fn decrypt(&self, oaep: Oaep, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.opened(oaep, ciphertext).ok_or_else(undecryptable)
    }

    /// [`decrypt`](Self::decrypt) for callers that must not tell failures apart, not even by the cost of an error.
    pub(super) fn opened(&self, oaep: Oaep, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if ciphertext.len() != self.size() {
            return None;
        }
        let mut block = Zeroizing::new(vec![0; self.size()]);
        let length = (|| {
            let mut decrypter = Decrypter::new(&self.0)?;
            decrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
            decrypter.set_rsa_oaep_md(oaep.digest())?;
            decrypter.set_rsa_mgf1_md(oaep.digest())?;
            decrypter.decrypt(ciphertext, &mut block)
        })()
        .ok()?;
        block.truncate(length);
        Some(block)
    }

    /// Undoes [`PublicKey::encrypt_blocks`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decryption`].
    pub(crate) fn decrypt_blocks(&self, oaep: Oaep, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(self.size()) {
            return Err(undecryptable());
        }
        let mut whole = Zeroizing::new(Vec::with_capacity(ciphertext.len()));
        for block in ciphertext.chunks(self.size()) {
            whole.extend_from_slice(&self.decrypt(oaep, block)?);
        }
        Ok(whole)
    }

    /// Signs a message.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]; not to be expected of a key that was accepted.
    pub(crate) fn sign(&self, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>, Error> {
        (|| {
            let mut signer = Signer::new(scheme.digest(), &self.0)?;
            if scheme == Scheme::PssSha256 {
                signer.set_rsa_padding(Padding::PKCS1_PSS)?;
                signer.set_rsa_mgf1_md(scheme.digest())?;
                signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            }
            signer.sign_oneshot_to_vec(message)
        })()
        .map_err(|_: ErrorStack| Error::configuration("the RSA key could not sign"))
    }

    /// PKCS#8 in DER.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]; not to be expected.
    pub(crate) fn to_der(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let der = self.0.private_key_to_pkcs8();
        der.map(Zeroizing::new).map_err(|_| Error::configuration("the RSA key could not be written"))
    }
}

impl PublicKey {
    /// Reads SubjectPublicKeyInfo or PKCS#1 in PEM.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`].
    pub(crate) fn from_pem(text: &str) -> Result<Self, Error> {
        Self::from_der(&pem::read(text, &[Label::PublicKey, Label::RsaPublicKey])?.der)
    }

    /// Reads SubjectPublicKeyInfo or PKCS#1.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`].
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, Error> {
        Rsa::public_key_from_der(der)
            .or_else(|_| Rsa::public_key_from_der_pkcs1(der))
            .map_err(|_| Error::configuration("the key is not an RSA public key"))
            .and_then(Self::checked)
    }

    /// Puts a key together from its numbers, big-endian.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`].
    pub(crate) fn from_components(n: &[u8], e: &[u8]) -> Result<Self, Error> {
        (|| Rsa::from_public_components(BigNum::from_slice(n)?, BigNum::from_slice(e)?))()
            .map_err(|_: ErrorStack| Error::configuration("the RSA key could not be put together"))
            .and_then(Self::checked)
    }

    fn checked(rsa: Rsa<Public>) -> Result<Self, Error> {
        accepted(rsa.n(), rsa.e())?;
        PKey::from_rsa(rsa).map(Self).map_err(|_| Error::configuration("the RSA key could not be taken"))
    }

    /// Bytes of the modulus: the length of every ciphertext and signature.
    pub(crate) fn size(&self) -> usize {
        self.0.size()
    }

    /// The maximum length of a message that fits into one block.
    pub(crate) fn longest_block(&self, oaep: Oaep) -> usize {
        // The smallest key has 256 bytes, so this does not go below zero.
        self.size().saturating_sub(oaep.overhead())
    }

    /// Encrypts a message of at most [`longest_block`](Self::longest_block) bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a longer one.
    pub(crate) fn encrypt(&self, oaep: Oaep, message: &[u8]) -> Result<Vec<u8>, Error> {
        (|| {
            let mut encrypter = Encrypter::new(&self.0)?;
            encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
            encrypter.set_rsa_oaep_md(oaep.digest())?;
            encrypter.set_rsa_mgf1_md(oaep.digest())?;
            let mut block = vec![0; self.size()];
            let length = encrypter.encrypt(message, &mut block)?;
            block.truncate(length);
            Ok(block)
        })()
        .map_err(|_: ErrorStack| Error::configuration("the message does not fit into one RSA block"))
    }

    /// Encrypts a message of any length block by block. Nothing binds the blocks together: an attacker who can change
    /// the ciphertext can drop, repeat or reorder them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]; not to be expected of a key that was accepted.
    pub(crate) fn encrypt_blocks(&self, oaep: Oaep, message: &[u8]) -> Result<Vec<u8>, Error> {
        if message.is_empty() {
            return self.encrypt(oaep, message);
        }
        let max_len = self.longest_block(oaep);
        let mut whole = Vec::with_capacity(message.len().div_ceil(max_len) * self.size());
        for block in message.chunks(max_len) {
            whole.extend_from_slice(&self.encrypt(oaep, block)?);
        }
        Ok(whole)
    }

    /// Whether the signature fits the message.
    pub(crate) fn verifies(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == self.size()
            && (|| {
                let mut verifier = Verifier::new(scheme.digest(), &self.0)?;
                if scheme == Scheme::PssSha256 {
                    verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
                    verifier.set_rsa_mgf1_md(scheme.digest())?;
                    verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
                }
                verifier.verify_oneshot(signature, message)
            })()
            .unwrap_or(false)
    }

    /// SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]; not to be expected.
    pub(crate) fn to_der(&self) -> Result<Vec<u8>, Error> {
        self.0.public_key_to_der().map_err(|_| Error::configuration("the RSA key could not be written"))
    }

    /// The key's SHA-256 thumbprint (RFC 7638), base64url.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]; not to be expected.
    pub(crate) fn thumbprint(&self) -> Result<String, Error> {
        let [n, e] = numbers(&self.0)?;
        let text = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
        Ok(URL_SAFE_NO_PAD.encode(digest::sha256(&[text.as_bytes()])))
    }
}

/// Modulus and exponent as a JWK has them.
fn numbers<T: HasPublic>(key: &PKeyRef<T>) -> Result<[String; 2], Error> {
    let rsa = key.rsa().map_err(|_| Error::configuration("the key is not an RSA key"))?;
    Ok([rsa.n(), rsa.e()].map(|number| URL_SAFE_NO_PAD.encode(number.to_vec())))
}

crate::privacy::redacted_debug!(PrivateKey = REDACTED);

crate::privacy::redacted_debug!(PublicKey { bits: |this| this.0.bits(), .. });

fn undecryptable() -> Error {
    Error::new(ErrorKind::Decryption, "the value could not be opened with this key")
}

trait AnyDer: Sized {
    fn private_key_from_der_any(der: &[u8]) -> Option<Self>;
}

impl AnyDer for Rsa<Private> {
    /// `d2i_AutoPrivateKey` and what may stand in the file behind the key are not trusted: the form is tried by name.
    fn private_key_from_der_any(der: &[u8]) -> Option<Self> {
        PKey::private_key_from_pkcs8(der)
            .and_then(|key| key.rsa())
            .or_else(|_| Rsa::private_key_from_der(der))
            .ok()
    }
}

fn secret_number(bytes: &[u8]) -> Result<BigNum, ErrorStack> {
    let mut number = BigNum::new_secure()?;
    number.copy_from_slice(bytes)?;
    number.set_const_time();
    Ok(number)
}

fn accepted(n: &BigNumRef, e: &BigNumRef) -> Result<(), Error> {
    if !MODULUS_BITS.contains(&n.num_bits()) {
        return Err(Error::configuration("the RSA key has fewer than 2048 or more than 8192 bits"));
    }
    if !n.is_odd() || !e.is_odd() || e.num_bits() < 2 || e.num_bits() > MAX_EXPONENT_BITS {
        return Err(Error::configuration("the public exponent e of the RSA key is not accepted"));
    }
    Ok(())
}

/// What does not fit together, if anything. That the factors are prime is not looked at: it would take longer than
/// everything else, and who can choose the key need not choose a wrong one.
fn consistent(rsa: &Rsa<Private>) -> Result<Option<&'static str>, ErrorStack> {
    let (Some(p), Some(q), Some(dp), Some(dq), Some(qi)) =
        (rsa.p(), rsa.q(), rsa.dmp1(), rsa.dmq1(), rsa.iqmp())
    else {
        return Ok(Some("the RSA key lacks its factors p, q, dp, dq, qi"));
    };
    let mut context = BigNumContext::new_secure()?;
    let one = BigNum::from_u32(1)?;
    let mut product = BigNum::new_secure()?;
    product.checked_mul(p, q, &mut context)?;
    if &*product != rsa.n() {
        return Ok(Some("the RSA key is inconsistent: p times q is not n"));
    }
    for (factor, exponent, what) in [
        (p, dp, "the RSA key is inconsistent: d, dp and p do not fit"),
        (q, dq, "the RSA key is inconsistent: d, dq and q do not fit"),
    ] {
        if !factor.is_odd() || factor.num_bits() < 2 {
            return Ok(Some("the RSA key is inconsistent: a factor is not an odd prime"));
        }
        let mut order = BigNum::new_secure()?;
        order.checked_sub(factor, &one)?;
        let mut reduced = BigNum::new_secure()?;
        reduced.nnmod(rsa.d(), &order, &mut context)?;
        let mut unit = BigNum::new_secure()?;
        unit.mod_mul(&reduced, rsa.e(), &order, &mut context)?;
        if &*reduced != exponent || unit != one {
            return Ok(Some(what));
        }
    }
    let mut unit = BigNum::new_secure()?;
    unit.mod_mul(qi, q, p, &mut context)?;
    if unit != one || qi.num_bits() > p.num_bits() {
        return Ok(Some("the RSA key is inconsistent: qi, p and q do not fit"));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    /// PKCS#8 and PKCS#1 of one key, made by OpenSSL.
    static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate(2048).expect("key"));

    #[test]
    fn keys_are_read_in_every_form_and_only_where_they_belong() {
        let rsa = KEY.0.rsa().expect("RSA");
        let private =
            [rsa.private_key_to_pem().expect("PEM"), KEY.0.private_key_to_pem_pkcs8().expect("PEM")];
        let public = [rsa.public_key_to_pem_pkcs1().expect("PEM"), rsa.public_key_to_pem().expect("PEM")];
        let text = |pem: &Vec<u8>| String::from_utf8(pem.clone()).expect("text");
        let der = KEY.public_key().and_then(|key| key.to_der()).expect("DER");
        for pem in private.iter().map(text) {
            let key = PrivateKey::from_pem(&pem, Some(&"a needless password".into())).expect("key");
            assert_eq!(key.public_key().and_then(|key| key.to_der()).expect("DER"), der);
            assert!(PublicKey::from_pem(&pem).is_err());
        }
        for pem in public.iter().map(text) {
            assert_eq!(PublicKey::from_pem(&pem).and_then(|key| key.to_der()).expect("DER"), der);
            assert!(PrivateKey::from_pem(&pem, None).is_err());
        }
        let whole = KEY.to_der().expect("DER");
        assert!(PrivateKey::from_der(&whole).is_ok());
        assert!(PrivateKey::from_der(&der).is_err());
        assert!(PrivateKey::from_der(&whole[..whole.len() - 1]).is_err());
        let protected = pkcs8::seal(&crate::clock::Clock::system(), &whole, &"p".into()).expect("sealed");
        assert!(PrivateKey::from_pem(&protected, Some(&"p".into())).is_ok());
        assert!(PrivateKey::from_pem(&protected, Some(&"q".into())).is_err());
        assert!(PrivateKey::from_pem(&protected, None).is_err());
    }

    #[test]
    fn keys_of_another_kind_or_size_are_refused() {
        let small = Rsa::generate(1024).expect("key").private_key_to_der().expect("DER");
        assert!(PrivateKey::from_der(&small).expect_err("refused").to_string().contains("2048"));
        let other = PKey::generate_ed25519().expect("key");
        assert!(PrivateKey::from_der(&other.private_key_to_pkcs8().expect("DER")).is_err());
        assert!(PublicKey::from_der(&other.public_key_to_der().expect("DER")).is_err());
    }

    #[test]
    fn blocks_are_as_long_as_the_key_allows() {
        let public = KEY.public_key().expect("public");
        // Contract of Credify, section 14: k - 66 bytes; RFC 8017 section 7.1.1: k - 2 hLen - 2.
        assert_eq!(
            (public.size(), public.longest_block(Oaep::Sha256), public.longest_block(Oaep::Sha1)),
            (256, 190, 214)
        );
        for oaep in [Oaep::Sha1, Oaep::Sha256] {
            let max_len = public.longest_block(oaep);
            for length in [0, 1, max_len, max_len + 1, 3 * max_len] {
                let message = "ế".repeat(length / 3 + 1).into_bytes()[..length].to_vec();
                let sealed = public.encrypt_blocks(oaep, &message).expect("encrypted");
                assert_eq!(sealed.len(), 256 * length.div_ceil(max_len).max(1));
                assert_eq!(*KEY.decrypt_blocks(oaep, &sealed).expect("decrypted"), message);
            }
            assert!(public.encrypt(oaep, &vec![0; max_len]).is_ok());
            assert!(public.encrypt(oaep, &vec![0; max_len + 1]).is_err());
        }
    }

    #[test]
    fn whatever_fails_to_decrypt_fails_alike() {
        let public = KEY.public_key().expect("public");
        let sealed = public.encrypt(Oaep::Sha256, b"message").expect("encrypted");
        let mut changed = sealed.clone();
        changed[100] ^= 1;
        let other = PrivateKey::generate(2048).and_then(|key| key.public_key()).expect("key");
        let foreign = other.encrypt(Oaep::Sha256, b"message").expect("encrypted");
        let mut faces = Vec::new();
        for sealed in [
            &changed[..],
            &foreign,
            &sealed[..255],
            &[],
            &[0; 256],
            &[0xff; 256],
            &[&sealed[..], &[0]].concat(),
        ] {
            for error in [
                KEY.decrypt(Oaep::Sha256, sealed).expect_err("refused"),
                KEY.decrypt_blocks(Oaep::Sha256, sealed).expect_err("refused"),
            ] {
                assert_eq!(error.kind(), ErrorKind::Decryption);
                assert!(std::error::Error::source(&error).is_none());
                faces.push(format!("{error:?}"));
            }
        }
        faces.push(format!("{:?}", KEY.decrypt(Oaep::Sha1, &sealed).expect_err("refused")));
        faces.dedup();
        assert_eq!(faces.len(), 1);
    }

    #[test]
    fn signatures_fit_one_scheme_one_message_and_one_key() {
        const SCHEMES: [Scheme; 3] = [Scheme::Pkcs1Sha256, Scheme::Pkcs1Sha512, Scheme::PssSha256];
        let public = KEY.public_key().expect("public");
        let other = PrivateKey::generate(2048).and_then(|key| key.public_key()).expect("key");
        for scheme in SCHEMES {
            let signature = KEY.sign(scheme, b"message").expect("signed");
            for verified in SCHEMES {
                assert_eq!(public.verifies(verified, b"message", &signature), verified == scheme);
            }
            assert!(!public.verifies(scheme, b"Message", &signature));
            assert!(!other.verifies(scheme, b"message", &signature));
            assert!(!public.verifies(scheme, b"message", &signature[1..]));
            assert!(!public.verifies(scheme, b"message", &[]));
            assert!(!public.verifies(scheme, b"message", &[&[0], &signature[..]].concat()));
        }
    }

    #[test]
    fn a_pss_salt_of_another_length_is_refused() {
        // RFC 7518 section 3.5: as long as the hash.
        let mut signer = Signer::new(MessageDigest::sha256(), &KEY.0).expect("signer");
        signer.set_rsa_padding(Padding::PKCS1_PSS).expect("padding");
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::custom(20)).expect("salt");
        let signature = signer.sign_oneshot_to_vec(b"message").expect("signed");
        let public = KEY.public_key().expect("public");
        assert!(!public.verifies(Scheme::PssSha256, b"message", &signature));
    }

    #[test]
    fn the_published_thumbprint_comes_out() {
        // RFC 7638 section 3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = PublicKey::from_components(&URL_SAFE_NO_PAD.decode(n).expect("base64url"), &[1, 0, 1]);
        assert_eq!(
            key.and_then(|key| key.thumbprint()).expect("thumbprint"),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }
}
