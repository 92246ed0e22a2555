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
use crate::{clock::Clock, error::Error, privacy::Secret};

/// Rounds of PBKDF2 that are carried out for a key from outside: about a second of work. Above it a file would be a
/// means to keep the process busy.
const MAX_ITERATIONS: u32 = 2_000_000;

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
    if !(1..=MAX_ITERATIONS).contains(&protection.iterations) {
        return Err(Error::configuration(
            "the protected key asks for 0 or for more than 2,000,000 rounds of PBKDF2",
        ));
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
pub(crate) fn seal(clock: &Clock, key: &[u8], password: &Secret) -> Result<Zeroizing<String>, Error> {
    if password.expose().is_empty() {
        return Err(Error::configuration("an empty password protects nothing"));
    }
    let random = || {
        clock
            .random::<16>()
            .map_err(|source| Error::configuration("the key could not be protected").with_source(source))
    };
    let (salt, iv) = (random()?, random()?);
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant, SystemTime};

    use openssl::pkey::PKey;

    use super::*;
    use crate::{ErrorKind, crypto::ed25519};

    const SEED: &str = "fa8ee1be14b5749a586a79bb7f2b09762ee3f2dd6da4a4ee50f8e8bb5152ee38";

    /// Keys from the contract's vectors: made by the provider's SDK, by its server, by its decryption server.
    const PROTECTED: [(&str, &str, &str, &str); 3] = [
        (
            "16-byte salt, key length stated",
            "MIGmMGIGCSqGSIb3DQEFDTBVMDQGCSqGSIb3DQEFDDAnBBA8Xy0lF9KXlJk61yjVcFRvAgInEAIBIDAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQ9MvDjNpteN0RPTfpDXTMyARANixPmDzKedDNYkF7NBAv1qm5yTPWgxhqBJsOhyICCBE5lZVlu/0z98BUDhMpIwLgP+RtBQCy5QVrR6Q5Udo3+A==",
            "supersecret",
            "7cc66e1008eca0faf91a8a6e70d7e863c79cc1fb19dd7497b18df3746eae8c23",
        ),
        (
            "8-byte salt, no key length",
            "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAipkA5qpuY2+gICJxAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEKK+IPKfszJqVDO9t0GE4N4EQDgCYIUaALLqEK+d+Y5D6SqOyBgpUGf/9Zsg3cZWlsZOEdwq5XzFDouDr4Lq3t/2f9z5zOCfLgAnxozmyZa+lYI=",
            "123456aA@",
            "b492f2d105894c02423651c4a0ba72891a6774efa19c9b63dbcb00879dc03785",
        ),
        (
            "password as Latin-1",
            "MIGmMGIGCSqGSIb3DQEFDTBVMDQGCSqGSIb3DQEFDDAnBBDCxaljHRJrautUln86TNAfAgInEAIBIDAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQtbzHQV7+bvA6qM0TdT1nHgRA5oj0mE8pl5s8ILlvXLtmCVwgM4W5axR8W8u5TZhzOrVEXrPyRTV00crj91iYNbpBXAGHNRgccvO4X8n/djWNGw==",
            "éè-latin",
            "7cc66e1008eca0faf91a8a6e70d7e863c79cc1fb19dd7497b18df3746eae8c23",
        ),
    ];

    fn pem(body: &str) -> String {
        format!("-----BEGIN ENCRYPTED PRIVATE KEY-----\n{body}\n-----END ENCRYPTED PRIVATE KEY-----")
    }

    fn der(body: &str) -> Vec<u8> {
        pem::read(&pem(body), &[Label::EncryptedPrivateKey]).expect("PEM").der.to_vec()
    }

    #[test]
    fn keys_that_the_provider_made_are_opened() {
        for (what, body, password, public) in PROTECTED {
            let key = ed25519::SigningKey::from_pem(&pem(body), Some(&password.into())).expect(what);
            assert_eq!(hex::encode(key.verifying_key().as_bytes()), public, "{what}");
        }
    }

    #[test]
    fn wrong_and_missing_passwords_are_refused_without_being_named() {
        for (_, body, password, _) in PROTECTED {
            for wrong in ["wr0ng-password", "", &format!("{password} ")] {
                let error =
                    ed25519::SigningKey::from_pem(&pem(body), Some(&wrong.into())).expect_err("refused");
                assert_eq!(error.kind(), ErrorKind::Configuration);
                assert!(!error.to_string().contains("wr0ng"));
            }
            let error = ed25519::SigningKey::from_pem(&pem(body), None).expect_err("refused");
            assert!(error.to_string().contains("no password is given"), "{error}");
        }
    }

    #[test]
    fn what_was_sealed_opens_here_and_in_openssl() {
        let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH);
        let key = ed25519::SigningKey::from_seed(&hex::decode(SEED).expect("hex")).expect("key");
        for password in ["supersecret", "Đường dài", "éè-latin"] {
            let text = seal(&clock, &key.to_der().expect("DER"), &password.into()).expect("sealed");
            let opened = ed25519::SigningKey::from_pem(&text, Some(&password.into())).expect("opened");
            assert_eq!(opened.verifying_key().as_bytes(), key.verifying_key().as_bytes());
            let theirs =
                PKey::private_key_from_pem_passphrase(text.as_bytes(), password.as_bytes()).expect("opened");
            assert_eq!(hex::encode(theirs.raw_private_key().expect("raw")), SEED);
            assert!(text.lines().all(|line| line.len() <= 64));
            assert_ne!(*text, *seal(&clock, &key.to_der().expect("DER"), &password.into()).expect("sealed"));
        }
        assert!(seal(&clock, b"key", &"".into()).is_err());
    }

    #[test]
    fn the_rounds_are_limited_before_they_are_carried_out() {
        let whole = der(PROTECTED[0].1);
        // INTEGER 10000 becomes 0x7fff0000, with one length after the other corrected.
        let at = whole.windows(4).position(|bytes| bytes == [2, 2, 0x27, 0x10]).expect("the rounds");
        for rounds in [&[2, 2, 0, 0][..], &[2, 4, 0x7f, 0xff, 0, 0]] {
            let mut changed = whole.clone();
            changed.splice(at..at + 4, rounds.iter().copied());
            let grown = (rounds.len() - 4) as u8;
            // SEQUENCE lengths around the rounds: the whole, the scheme, its parameters, the function, its parameters.
            for index in [2, 4, 17, 19, 32] {
                changed[index] += grown;
            }
            let start = Instant::now();
            let error = open(&changed, &"supersecret".into(), |_| Some(())).expect_err("refused");
            assert!(error.to_string().contains("rounds"), "{error}");
            assert!(start.elapsed() < Duration::from_millis(200));
        }
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_refused_or_harmless() {
        let whole = der(PROTECTED[0].1);
        let open =
            |bytes: &[u8]| open(bytes, &"supersecret".into(), |key| ed25519::SigningKey::from_der(key).ok());
        for length in 0..whole.len() {
            assert!(open(&whole[..length]).is_err(), "{length}");
        }
        // Up to the ciphertext; behind it every change shows in the key.
        for index in 0..20 {
            let mut changed = whole.clone();
            changed[index] ^= 0x01;
            assert!(open(&changed).is_err(), "{index}");
        }
    }
}
