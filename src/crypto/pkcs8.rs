//! Password-protected private keys: `EncryptedPrivateKeyInfo` (RFC 5958 section 3) under PBES2 (RFC 8018 section 6.2)
//! with PBKDF2 and AES-256-CBC, the form that Credify's wallets and SDKs exchange.

use openssl::{
    hash::MessageDigest,
    pkcs5::pbkdf2_hmac,
    symm::{self, Cipher},
};
use zeroize::Zeroizing;

use super::{
    der::{self, INTEGER, NULL, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE},
    pem::{self, Label},
};
use crate::{error::Error, privacy::Secret};

/// Rounds of PBKDF2 that are carried out for a key from outside: about a second of work. Above it a file would be a
/// means to keep the process busy.
const MOST_ITERATIONS: u32 = 2_000_000;

/// Rounds that the providers' own SDKs write.
const WRITTEN_ITERATIONS: u16 = 10_000;

const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const HMAC_SHA256: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x09";
const HMAC_SHA512: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x0b";
const AES256_CBC: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a";

/// Opens a protected key and hands the `PrivateKeyInfo` to `parse`.
///
/// The password is tried as UTF-8 and, when every character fits, as Latin-1, which is what some peers wrote. A wrong
/// password shows as wrong padding or as something that `parse` does not accept; both give the same error.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration).
pub(crate) fn open<T>(der: &[u8], password: &Secret, parse: impl Fn(&[u8]) -> Option<T>) -> Result<T, Error> {
    let protection = Protection::read(der).ok_or_else(|| {
        Error::configuration(
            "the protected key is not PBES2 with PBKDF2 (HMAC-SHA-256 or -512) and AES-256-CBC",
        )
    })?;
    if !(1..=MOST_ITERATIONS).contains(&protection.iterations) {
        return Err(Error::configuration("the protected key asks for more than 2,000,000 rounds of PBKDF2"));
    }
    spellings(password)
        .iter()
        .find_map(|password| protection.open(password).and_then(|key| parse(&key)))
        .ok_or_else(|| Error::configuration("the password does not open the protected key"))
}

/// Protects a `PrivateKeyInfo` with the password's UTF-8 bytes.
///
/// The form is fixed by the peers that have to read it: 10,000 rounds of PBKDF2 with HMAC-SHA-256, a 16-byte salt, an
/// explicit key length, lines of 64 characters.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration) when the password is empty or there is no randomness.
pub(crate) fn seal(
    key: &[u8],
    password: &Secret,
    salt: [u8; 16],
    iv: [u8; 16],
) -> Result<Zeroizing<String>, Error> {
    if password.expose().is_empty() {
        return Err(Error::configuration("an empty password protects nothing"));
    }
    let protection = Protection {
        salt: &salt,
        iterations: u32::from(WRITTEN_ITERATIONS),
        prf: MessageDigest::sha256(),
        iv: &iv,
        ciphertext: &[],
    };
    let ciphertext = protection
        .key(password.expose_bytes())
        .and_then(|secret| symm::encrypt(Cipher::aes_256_cbc(), &*secret, Some(&iv), key).ok())
        .ok_or_else(|| Error::configuration("the key could not be protected"))?;
    let identifier = |oid| der::element(OBJECT_IDENTIFIER, &[oid]);
    let [high, low] = WRITTEN_ITERATIONS.to_be_bytes();
    let prf = der::element(SEQUENCE, &[&identifier(HMAC_SHA256), &der::element(NULL, &[])]);
    let kdf = der::element(
        SEQUENCE,
        &[
            &der::element(OCTET_STRING, &[&salt]),
            &der::element(INTEGER, &[&[high, low]]),
            &der::element(INTEGER, &[&[32]]),
            &prf,
        ],
    );
    let kdf = der::element(SEQUENCE, &[&identifier(PBKDF2), &kdf]);
    let cipher = der::element(SEQUENCE, &[&identifier(AES256_CBC), &der::element(OCTET_STRING, &[&iv])]);
    let scheme = der::element(SEQUENCE, &[&identifier(PBES2), &der::element(SEQUENCE, &[&kdf, &cipher])]);
    let whole = der::element(SEQUENCE, &[&scheme, &der::element(OCTET_STRING, &[&ciphertext])]);
    Ok(pem::write(Label::EncryptedPrivateKey, &whole, 64))
}

struct Protection<'a> {
    salt: &'a [u8],
    iterations: u32,
    prf: MessageDigest,
    iv: &'a [u8],
    ciphertext: &'a [u8],
}

impl<'a> Protection<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut outer = Reader::new(bytes);
        let mut info = outer.sequence()?;
        let mut scheme = info.sequence()?;
        let ciphertext = info.take(OCTET_STRING)?;
        if !outer.is_empty() || scheme.take(OBJECT_IDENTIFIER)? != PBES2 {
            return None;
        }
        let mut parameters = scheme.sequence()?;
        let mut kdf = parameters.sequence()?;
        let mut cipher = parameters.sequence()?;
        if kdf.take(OBJECT_IDENTIFIER)? != PBKDF2 || cipher.take(OBJECT_IDENTIFIER)? != AES256_CBC {
            return None;
        }
        let iv = cipher.take(OCTET_STRING)?;
        let mut kdf = kdf.sequence()?;
        let salt = kdf.take(OCTET_STRING)?;
        let iterations = kdf.small_integer()?;
        let mut behind_length = kdf;
        if let Some(length) = behind_length.small_integer() {
            if length != 32 {
                return None;
            }
            kdf = behind_length;
        }
        // Without this member the function would be HMAC-SHA-1 (RFC 8018 appendix A.2), which no peer writes.
        let prf = match kdf.sequence()?.take(OBJECT_IDENTIFIER)? {
            HMAC_SHA256 => MessageDigest::sha256(),
            HMAC_SHA512 => MessageDigest::sha512(),
            _ => return None,
        };
        (iv.len() == 16 && !salt.is_empty()).then_some(Self { salt, iterations, prf, iv, ciphertext })
    }

    fn key(&self, password: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let mut key = Zeroizing::new([0; 32]);
        // At most 2,000,000, so it fits.
        pbkdf2_hmac(password, self.salt, self.iterations as usize, self.prf, key.as_mut_slice()).ok()?;
        Some(key)
    }

    fn open(&self, password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let key = self.key(password)?;
        symm::decrypt(Cipher::aes_256_cbc(), &*key, Some(self.iv), self.ciphertext).ok().map(Zeroizing::new)
    }
}

/// The password as UTF-8, and as Latin-1 where that differs and is possible.
fn spellings(password: &Secret) -> Vec<Zeroizing<Vec<u8>>> {
    let mut all = vec![Zeroizing::new(password.expose_bytes().to_vec())];
    if !password.expose().is_ascii() {
        let latin = password.expose().chars().map(|char| u8::try_from(u32::from(char)).ok());
        all.extend(latin.collect::<Option<Vec<_>>>().map(Zeroizing::new));
    }
    all
}
