//! Encrypted tokens.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use josekit::{
    JoseError,
    jwe::{JweContentEncryption, JweContext, JweDecrypter, JweHeader},
};

use openssl::symm::{self, Cipher};

use super::{
    super::{check, decrypt::Oaep, inflate},
    *,
};
use crate::ErrorKind;

fn refusal(token: &str) -> Error {
    decrypter().open(token.as_bytes()).expect_err("refused")
}

fn undecryptable() -> String {
    let error = super::super::undecryptable();
    assert_eq!(error.kind(), ErrorKind::Decryption);
    face(&error)
}

fn assert_check(token: &str, word: &str) {
    let error = refusal(token);
    assert_eq!(error.check(), Some(word), "{token:.80}");
    assert_eq!(error.kind(), ErrorKind::Decryption);
}

#[test]
fn every_accepted_pair_opens_with_and_without_deflate() {
    for wrap in WRAPS {
        for enc in ENCRYPTIONS {
            for deflate in [false, true] {
                for content in [&b""[..], b"content", &[b'x'; 5_000]] {
                    let opened = decrypter().open(encrypted(wrap, enc, deflate, content).as_bytes());
                    assert_eq!(opened.expect("opened").content(), content, "{wrap:?} {enc:?} {deflate}");
                }
            }
        }
    }
}

#[test]
fn tokens_pass_between_this_crate_and_stock_josekit() {
    let pem = private_key().to_der().expect("DER");
    let stock = josekit::jwe::RSA_OAEP_256;
    for enc in ENCRYPTIONS {
        let mut header = JweHeader::new();
        header.set_content_encryption(enc.name());
        header.set_compression("DEF");
        let public = private_key().public_key().and_then(|key| key.to_der()).expect("DER");
        let encrypter = stock.encrypter_from_der(public).expect("encrypter");
        let theirs = JweContext::new().serialize_compact(b"theirs", &header, &encrypter).expect("made");
        assert_eq!(decrypter().open(theirs.as_bytes()).expect("opened").content(), b"theirs");

        let ours = encrypted(KeyEncryption::RsaOaep256, enc, true, b"ours");
        let key = stock.decrypter_from_der(&*pem).expect("decrypter");
        assert_eq!(JweContext::new().deserialize_compact(ours, &key).expect("opened").0, b"ours");
    }
}

#[test]
fn tags_of_any_length_but_sixteen_are_refused() {
    for enc in ENCRYPTIONS {
        let sound = Forged::sound(enc, &plain_header(enc));
        assert_eq!(decrypter().open(sound.token().as_bytes()).expect("opened").content(), b"content");
        for length in (0..16).chain([17, 32]) {
            let mut forged = sound.clone();
            forged.tag.resize(length, 0);
            assert_eq!(face(&refusal(&forged.token())), undecryptable(), "{enc:?} {length}");
        }
    }
}

#[test]
fn initialisation_vectors_of_any_other_length_are_refused_without_a_panic() {
    for enc in ENCRYPTIONS {
        let sound = Forged::sound(enc, &plain_header(enc));
        for length in (0..40).filter(|length| *length != enc.iv_length()) {
            let mut forged = sound.clone();
            forged.iv.resize(length, 0);
            assert_eq!(face(&refusal(&forged.token())), undecryptable(), "{enc:?} {length}");
            // The same under a correct tag: the maker of the token knows the content key.
            let sealed = match enc {
                ContentEncryption::A128CbcHs256 => {
                    Some((forged.ciphertext.clone(), cbc_tag(&forged.header, &forged.iv, &forged.ciphertext)))
                }
                _ => gcm_sealed(enc, &forged.header, &forged.iv),
            };
            let Some((ciphertext, tag)) = sealed else { continue };
            let forged = Forged { ciphertext, tag, ..forged };
            assert_eq!(face(&refusal(&forged.token())), undecryptable(), "{enc:?} {length}");
        }
    }
}

/// GCM takes initialisation vectors of other lengths, though not of none.
fn gcm_sealed(enc: ContentEncryption, header: &str, iv: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let cipher = match enc {
        ContentEncryption::A128Gcm => Cipher::aes_128_gcm(),
        _ => Cipher::aes_256_gcm(),
    };
    let (key, aad, mut tag) = (vec![9; enc.key_length()], b64(header), vec![0; 16]);
    let iv = Some(iv).filter(|iv| !iv.is_empty())?;
    let sealed = symm::encrypt_aead(cipher, &key, Some(iv), aad.as_bytes(), b"content", &mut tag);
    Some((sealed.expect("sealed"), tag))
}

/// RFC 7518 section 5.2.2.1, under the content key of [`Forged`].
fn cbc_tag(header: &str, iv: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let aad = b64(header);
    let bits = (aad.len() as u64 * 8).to_be_bytes();
    crate::crypto::hmac_sha256(&[9; 16], &[aad.as_bytes(), iv, ciphertext, &bits])[..16].to_vec()
}

#[test]
fn padding_is_no_oracle() {
    let enc = ContentEncryption::A128CbcHs256;
    let sound = Forged::sound(enc, &plain_header(enc));
    for change in 1..=255 {
        let mut forged = sound.clone();
        *forged.ciphertext.last_mut().expect("a block") ^= change;
        assert_eq!(face(&refusal(&forged.token())), undecryptable(), "{change}");
    }

    // Wrong padding under a tag that fits, and a ciphertext that is not whole blocks.
    for ciphertext in [vec![0; 16], vec![0; 32], vec![0; 15], Vec::new()] {
        let tag = cbc_tag(&sound.header, &sound.iv, &ciphertext);
        let forged = Forged { tag, ciphertext, ..sound.clone() };
        assert_eq!(face(&refusal(&forged.token())), undecryptable());
    }
}

#[test]
fn encrypted_keys_of_any_length_are_refused_without_a_panic() {
    let enc = ContentEncryption::A256Gcm;
    let sound = Forged::sound(enc, &plain_header(enc));
    for length in (0..40).chain([255, 257, 512]) {
        let mut forged = sound.clone();
        forged.encrypted_key.resize(length, 1);
        assert_eq!(face(&refusal(&forged.token())), undecryptable(), "{length}");
    }
}

/// Whatever is wrong between the encrypted key and the tag, the refusal is the same.
#[test]
fn a_failed_oaep_and_a_failed_tag_are_one_refusal() {
    for enc in ENCRYPTIONS {
        let sound = Forged::sound(enc, &plain_header(enc));
        let public = private_key().public_key().expect("public");
        let wrap = |key: &[u8]| public.encrypt(rsa::Oaep::Sha1, key).expect("wrapped");
        let mut tag = sound.tag.clone();
        tag[15] ^= 1;
        for (what, forged) in [
            ("no OAEP", Forged { encrypted_key: vec![1; 256], ..sound.clone() }),
            ("beyond the modulus", Forged { encrypted_key: vec![0xff; 256], ..sound.clone() }),
            ("another key", Forged { encrypted_key: wrap(&vec![8; enc.key_length()]), ..sound.clone() }),
            ("a short key", Forged { encrypted_key: wrap(&[9]), ..sound.clone() }),
            ("an empty key", Forged { encrypted_key: wrap(&[]), ..sound.clone() }),
            ("a long key", Forged { encrypted_key: wrap(&[9; 64]), ..sound.clone() }),
            ("another tag", Forged { tag, ..sound.clone() }),
            ("another ciphertext", Forged { ciphertext: b"CONTENT".to_vec(), ..sound.clone() }),
            ("another header", Forged { header: format!("{} ", sound.header), ..sound.clone() }),
        ] {
            assert_eq!(face(&refusal(&forged.token())), undecryptable(), "{enc:?} {what}");
        }
    }
}

/// Counts how often a tag is checked, and remembers under which key.
#[derive(Clone, Debug)]
struct Spy(Arc<AtomicUsize>, Arc<std::sync::Mutex<Vec<Vec<u8>>>>);

impl JweContentEncryption for Spy {
    fn name(&self) -> &str {
        "A256GCM"
    }

    fn key_len(&self) -> usize {
        32
    }

    fn iv_len(&self) -> usize {
        12
    }

    fn encrypt(
        &self,
        _: &[u8],
        _: Option<&[u8]>,
        _: &[u8],
        _: &[u8],
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), JoseError> {
        unreachable!("nothing is encrypted here")
    }

    fn decrypt(
        &self,
        key: &[u8],
        iv: Option<&[u8]>,
        message: &[u8],
        aad: &[u8],
        tag: Option<&[u8]>,
    ) -> Result<Vec<u8>, JoseError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        self.1.lock().expect("lock").push(key.to_vec());
        JweContentEncryption::decrypt(&ContentEncryption::A256Gcm, key, iv, message, aad, tag)
    }

    fn box_clone(&self) -> Box<dyn JweContentEncryption> {
        Box::new(self.clone())
    }
}

#[test]
fn a_failed_oaep_still_reaches_the_tag_check_under_a_random_key() {
    let spy = Spy(Arc::default(), Arc::default());
    let mut context = JweContext::new();
    context.add_content_encryption(Box::new(spy.clone()));
    let key = Oaep { key: private_key(), algorithm: KeyEncryption::RsaOaep };
    let enc = ContentEncryption::A256Gcm;
    let sound = Forged::sound(enc, &plain_header(enc));

    context.deserialize_compact(sound.token(), &key).expect("opened");
    for encrypted_key in [vec![1; 256], vec![1; 256], Vec::new(), vec![0xff; 256]] {
        let forged = Forged { encrypted_key, ..sound.clone() };
        context.deserialize_compact(forged.token(), &key).expect_err("refused");
    }
    assert_eq!(spy.0.load(Ordering::Relaxed), 5);
    let mut keys = spy.1.lock().expect("lock").clone();
    assert_eq!(keys[0], [9; 32]);
    assert!(keys.iter().all(|key| key.len() == 32));
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 5, "a random key came twice");
}

#[test]
fn a_key_that_was_unwrapped_with_the_wrong_length_is_replaced() {
    let key = Oaep { key: private_key(), algorithm: KeyEncryption::RsaOaep };
    let public = private_key().public_key().expect("public");
    for length in [0, 16, 31, 33] {
        let wrapped = public.encrypt(rsa::Oaep::Sha1, &vec![9; length]).expect("wrapped");
        let unwrapped =
            key.decrypt(Some(&wrapped), &ContentEncryption::A256Gcm, &JweHeader::new()).expect("a key");
        assert_eq!(unwrapped.len(), 32);
        assert_ne!(unwrapped[..16], [9; 16]);
    }
}

#[test]
fn inflating_stops_at_the_limit() {
    let enc = ContentEncryption::A256Gcm;
    for (length, fits) in [(MIB, true), (MIB + 1, false), (8 * MIB, false)] {
        let token = encrypted(KeyEncryption::RsaOaep, enc, true, &vec![b'a'; length]);
        assert!(token.len() < MIB / 8);
        match decrypter().open(token.as_bytes()) {
            Ok(opened) => assert!(fits && opened.content().len() == length),
            Err(error) => {
                assert!(!fits, "{length}");
                assert_eq!((error.kind(), error.check()), (ErrorKind::TooLarge, Some(check::TOO_LARGE)));
            }
        }
    }
}

#[test]
fn a_broken_deflate_stream_is_malformed() {
    let enc = ContentEncryption::A256Gcm;
    let header = r#"{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}"#;
    let whole = inflate::deflate(&[b'a'; 1_000]).expect("deflated");
    for stream in [&whole[..whole.len() - 1], &[whole.as_slice(), b"x"].concat(), b"", b"\xff\xff"] {
        let (iv, key) = ([3; 12], [9; 32]);
        let (ciphertext, tag) = enc.seal(&key, &iv, b64(header).as_bytes(), stream).expect("sealed");
        let forged = Forged { ciphertext, tag: tag.to_vec(), ..Forged::sound(enc, header) };
        assert_check(&forged.token(), check::MALFORMED);
    }
}

#[test]
fn compression_that_is_not_in_the_policy_is_refused_before_the_key_is_used() {
    let token = encrypted(KeyEncryption::RsaOaep, ContentEncryption::A256Gcm, true, b"content");
    let strict = Decrypter::new(decryption_key(), DecryptionPolicy { deflate: false, ..POLICY });
    let error = strict.open(token.as_bytes()).expect_err("refused");
    assert_eq!(error.check(), Some(check::ALGORITHM));
    let enc = ContentEncryption::A256Gcm;
    for zip in [r#""GZIP""#, r#""def""#, "null", "true", "[]"] {
        let header = format!(r#"{{"alg":"RSA-OAEP","enc":"A256GCM","zip":{zip}}}"#);
        assert_check(&Forged::sound(enc, &header).token(), check::ALGORITHM);
    }
}

#[test]
fn critical_extensions_are_refused_empty_ones_too() {
    let enc = ContentEncryption::A256Gcm;
    for crit in [r#"["exp"]"#, "[]", "null", r#""b64""#, "{}"] {
        let header = format!(r#"{{"alg":"RSA-OAEP","enc":"A256GCM","crit":{crit},"exp":1}}"#);
        assert_check(&Forged::sound(enc, &header).token(), check::ALGORITHM);
    }
}

#[test]
fn algorithms_outside_the_policy_are_refused_before_the_key_is_used() {
    // The other parts are not even of a length that a key could be used on.
    for (alg, enc) in [
        ("RSA1_5", "A256GCM"),
        ("RSA-OAEP-384", "A256GCM"),
        ("RSA-OAEP-512", "A256GCM"),
        ("rsa-oaep", "A256GCM"),
        ("dir", "A256GCM"),
        ("A128KW", "A256GCM"),
        ("A128GCMKW", "A256GCM"),
        ("ECDH-ES", "A256GCM"),
        ("PBES2-HS256+A128KW", "A128CBC-HS256"),
        ("none", "A256GCM"),
        ("RSA-OAEP", "A192GCM"),
        ("RSA-OAEP", "A192CBC-HS384"),
        ("RSA-OAEP", "A256CBC-HS512"),
        ("RSA-OAEP", "a256gcm"),
        ("RSA-OAEP", "none"),
    ] {
        let header = format!(r#"{{"alg":"{alg}","enc":"{enc}","p2c":4294967295,"p2s":"AAAA"}}"#);
        assert_check(&format!("{}.AA.AA.AA.AA", b64(header)), check::ALGORITHM);
    }

    const NARROW: DecryptionPolicy = DecryptionPolicy {
        key_encryption: &[KeyEncryption::RsaOaep256],
        content_encryption: &[ContentEncryption::A128Gcm],
        ..POLICY
    };
    let narrow = Decrypter::new(decryption_key(), NARROW);
    for wrap in WRAPS {
        for enc in ENCRYPTIONS {
            let opened = narrow.open(encrypted(wrap, enc, false, b"x").as_bytes());
            if (wrap, enc) == (KeyEncryption::RsaOaep256, ContentEncryption::A128Gcm) {
                assert!(opened.is_ok());
            } else {
                assert_eq!(opened.expect_err("refused").check(), Some(check::ALGORITHM));
            }
        }
    }
}

#[test]
fn only_the_compact_form_is_taken() {
    let enc = ContentEncryption::A256Gcm;
    let token = Forged::sound(enc, &plain_header(enc)).token();
    let [header, key, iv, text, tag] = token.split('.').collect::<Vec<_>>()[..] else { panic!("five parts") };
    let json = format!(
        r#"{{"protected":"{header}","encrypted_key":"{key}","iv":"{iv}","ciphertext":"{text}","tag":"{tag}"}}"#
    );
    assert!(
        JweContext::new()
            .deserialize_json(&json, &Oaep { key: private_key(), algorithm: KeyEncryption::RsaOaep })
            .is_ok()
    );
    for token in [
        json,
        String::new(),
        "....".to_owned(),
        format!("{header}.{key}.{iv}"),
        format!("{header}.{key}.{iv}.{text}"),
        format!("{token}."),
        format!("{token}.AAAA"),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}="),
        token.replacen('.', "=.", 1),
        format!("{header}+.{key}.{iv}.{text}.{tag}"),
        format!(".{key}.{iv}.{text}.{tag}"),
    ] {
        assert_check(&token, check::MALFORMED);
    }
}

#[test]
fn headers_that_are_no_headers_are_malformed() {
    for header in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"alg":"RSA-OAEP"}"#,
        r#"{"enc":"A256GCM"}"#,
        r#"{"alg":1,"enc":"A256GCM"}"#,
        r#"{"alg":"RSA-OAEP","enc":["A256GCM"]}"#,
        r#"{"alg":"RSA-OAEP","enc":"A256GCM"} x"#,
        // Members named twice: the last one would win.
        r#"{"alg":"dir","alg":"RSA-OAEP","enc":"A256GCM"}"#,
        r#"{"alg":"RSA-OAEP","enc":"A256GCM","\u0065nc":"A128GCM"}"#,
        r#"{"alg":"RSA-OAEP","enc":"A256GCM","x":{"a":1,"a":2}}"#,
    ] {
        assert_check(&format!("{}.AA.AA.AA.AA", b64(header)), check::MALFORMED);
    }
    assert_check(&format!("{}.AA.AA.AA.AA", b64(b"\xff{}")), check::MALFORMED);
    assert_check(&format!("{}.AA.AA.AA.AA", b64("{\"a\":".repeat(50_000))), check::MALFORMED);
}

#[test]
fn a_token_is_measured_before_it_is_split() {
    let error = refusal(&".".repeat(MIB + 1));
    assert_eq!((error.kind(), error.check()), (ErrorKind::TooLarge, Some(check::TOO_LARGE)));
    assert_check(&".".repeat(MIB), check::MALFORMED);

    let tight = Decrypter::new(decryption_key(), DecryptionPolicy { longest_content: 6, ..POLICY });
    let enc = ContentEncryption::A256Gcm;
    let error = tight.open(Forged::sound(enc, &plain_header(enc)).token().as_bytes()).expect_err("refused");
    assert_eq!(error.check(), Some(check::TOO_LARGE));
}

#[test]
fn the_name_of_a_key_is_not_demanded_of_the_token() {
    let named = rsa_jwk(|jwk| jwk["kid"] = "enc-1".into());
    let decrypter = Decrypter::new(DecryptionKey::from_jwk(&named, Labels::Checked).expect("key"), POLICY);
    let enc = ContentEncryption::A256Gcm;
    for kid in ["", r#","kid":"enc-1""#, r#","kid":"other""#] {
        let header = format!(r#"{{"alg":"RSA-OAEP","enc":"A256GCM"{kid}}}"#);
        assert!(decrypter.open(Forged::sound(enc, &header).token().as_bytes()).is_ok(), "{kid}");
    }
}

#[test]
fn the_header_is_written_in_the_order_that_peers_expect() {
    let how = Encryption {
        key_encryption: KeyEncryption::RsaOaep,
        content_encryption: ContentEncryption::A256Gcm,
        deflate: false,
        content_type: None,
    };
    let header = |how| {
        let token = encrypt::encrypt(&encryption_key().with_id("k"), how, b"x").expect("encrypted");
        let header = token.split('.').next().expect("header").to_owned();
        String::from_utf8(URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("text")
    };
    assert_eq!(header(how), r#"{"alg":"RSA-OAEP","enc":"A256GCM","kid":"k"}"#);
    let how = Encryption { deflate: true, content_type: Some("JWT"), ..how };
    assert_eq!(header(how), r#"{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF","cty":"JWT","kid":"k"}"#);
}
