//! Keys.

use super::*;
use crate::{
    ErrorKind,
    crypto::{
        ed25519,
        pem::{self, Label},
    },
    privacy::leak::Canaries,
};

fn text(error: &Error) -> String {
    assert_eq!(error.kind(), ErrorKind::Configuration);
    error.to_string()
}

fn decryption_error(change: impl FnOnce(&mut Value)) -> String {
    text(&DecryptionKey::from_jwk(&rsa_jwk(change), Labels::Checked).expect_err("refused"))
}

#[test]
fn a_key_for_one_use_does_not_serve_another() {
    let label = |name: &'static str, value: Value| move |jwk: &mut Value| jwk[name] = value;
    assert!(decryption_error(label("use", "sig".into())).contains("use of the JWK is not enc"));
    assert!(decryption_error(label("key_ops", ["sign"].as_slice().into())).contains("key_ops"));
    assert!(decryption_error(label("key_ops", "decrypt".into())).contains("key_ops"));
    assert!(decryption_error(label("alg", "RS256".into())).contains("alg"));
    assert!(decryption_error(label("alg", "RSA1_5".into())).contains("alg"));
    assert!(decryption_error(label("alg", 7.into())).contains("alg"));
    for (name, value) in
        [("use", "enc".into()), ("alg", "RSA-OAEP-256".into()), ("key_ops", ["decrypt"].as_slice().into())]
    {
        assert!(DecryptionKey::from_jwk(&rsa_jwk(label(name, value)), Labels::Checked).is_ok(), "{name}");
    }

    for (name, value) in
        [("use", "enc".into()), ("alg", "RSA-OAEP".into()), ("key_ops", ["decrypt"].as_slice().into())]
    {
        let jwk = rsa_jwk(label(name, value));
        assert!(SigningKey::from_jwk(&jwk, SignatureAlgorithm::Rs256, Labels::Checked).is_err(), "{name}");
        assert!(
            VerificationKey::from_jwk(&jwk, SignatureAlgorithm::Rs256, Labels::Checked).is_err(),
            "{name}"
        );
    }
    // A key for one algorithm is not a key for its neighbour.
    let jwk = rsa_jwk(label("alg", "PS256".into()));
    assert!(SigningKey::from_jwk(&jwk, SignatureAlgorithm::Rs256, Labels::Checked).is_err());
    assert!(SigningKey::from_jwk(&jwk, SignatureAlgorithm::Ps256, Labels::Checked).is_ok());
    assert!(SigningKey::from_rsa(private_key(), SignatureAlgorithm::Hs256).is_err());
    assert!(SigningKey::from_secret(SECRET, SignatureAlgorithm::Rs256).is_err());
}

#[test]
fn labels_are_passed_over_only_when_the_caller_says_so() {
    let jwk = rsa_jwk(|jwk| {
        jwk["alg"] = "RS512".into();
        jwk["use"] = "sig".into();
        jwk["key_ops"] = ["verify"].as_slice().into();
        jwk["ext"] = true.into();
    });
    assert!(DecryptionKey::from_jwk(&jwk, Labels::Checked).is_err());
    assert!(DecryptionKey::from_jwk(&jwk, Labels::Ignored).is_ok());
    // The type is no label.
    let jwk = rsa_jwk(|jwk| jwk["kty"] = "oct".into());
    assert!(DecryptionKey::from_jwk(&jwk, Labels::Ignored).is_err());
}

#[test]
fn the_member_at_fault_is_named_and_no_value_is() {
    for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        let message = decryption_error(|jwk| {
            jwk.as_object_mut().expect("object").remove(name);
        });
        assert!(message.ends_with(&format!("the JWK lacks the member {name}")), "{message}");
        for value in [Value::Null, 7.into(), "".into(), "s3cr3t!".into(), "s3cr3t+/".into(), "A".into()] {
            let message = decryption_error(|jwk| jwk[name] = value);
            assert!(
                message.ends_with(&format!("the member {name} of the JWK is not base64url")),
                "{message}"
            );
        }
    }
    for kty in ["s3cr3t".into(), Value::from(1)] {
        assert!(decryption_error(|jwk| jwk["kty"] = kty).ends_with("kty of the JWK is not RSA"));
    }
    for text in ["", "[]", "null", "{", r#"{"kty":"RSA","kty":"RSA"}"#] {
        assert!(DecryptionKey::from_jwk(text, Labels::Checked).is_err(), "{text}");
    }
    assert!(DecryptionKey::from_jwk(&" ".repeat(16 * 1024 + 1), Labels::Checked).is_err());
}

#[test]
fn numbers_of_an_rsa_key_must_fit_together() {
    for (one, other) in [("p", "q"), ("dp", "dq"), ("d", "n"), ("qi", "dp"), ("p", "dp")] {
        let message = decryption_error(|jwk| {
            let (left, right) = (jwk[one].take(), jwk[other].take());
            (jwk[one], jwk[other]) = (right, left);
        });
        assert!(message.contains("RSA key"), "{one} {other}: {message}");
    }
    for name in ["d", "dp", "dq", "qi"] {
        let message = decryption_error(|jwk| {
            let mut number = URL_SAFE_NO_PAD.decode(jwk[name].as_str().expect("text")).expect("base64url");
            number[20] ^= 1;
            jwk[name] = b64(number).into();
        });
        assert!(message.contains("do not fit"), "{name}: {message}");
    }
    // An even modulus, which no product of two odd primes is.
    let mut n = vec![0xff; 256];
    n[255] = 0xfe;
    assert!(rsa::PublicKey::from_components(&n, &[1, 0, 1]).is_err());
    // Even, 1, zero, huge.
    for e in ["Ag", "AQ", "AA", "AQABAQABAQABAQABAQAB"] {
        assert!(decryption_error(|jwk| jwk["e"] = e.into()).contains("public exponent"), "{e}");
    }
    assert!(decryption_error(|jwk| jwk["e"] = "Aw".into()).contains("do not fit"));
    assert!(decryption_error(|jwk| jwk["oth"] = Value::Array(Vec::new())).contains("oth"));
    assert!(decryption_error(|jwk| jwk["p"] = "AQ".into()).contains("p times q"));
    // A leading zero and padding are passed over.
    let jwk = rsa_jwk(|jwk| {
        let n = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().expect("text")).expect("base64url");
        jwk["n"] = format!("{}==", b64([&[0], n.as_slice()].concat())).into();
    });
    assert!(DecryptionKey::from_jwk(&jwk, Labels::Checked).is_ok());
}

#[test]
fn keys_that_are_too_small_or_too_large_are_refused() {
    for (bits, fits) in [(1024, false), (2047, false), (2048, true), (8192, true), (8200, false)] {
        let mut n = vec![0xff; usize::div_ceil(bits, 8)];
        if !bits.is_multiple_of(8) {
            n[0] = 0x7f;
        }
        let jwk = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, b64(n));
        let key = VerificationKey::from_jwk(&jwk, SignatureAlgorithm::Rs256, Labels::Checked);
        assert_eq!(key.is_ok(), fits, "{bits}");
    }
    for (algorithm, length, fits) in [
        (SignatureAlgorithm::Hs256, 0, false),
        (SignatureAlgorithm::Hs256, 31, false),
        (SignatureAlgorithm::Hs256, 32, true),
        (SignatureAlgorithm::Hs512, 63, false),
        (SignatureAlgorithm::Hs512, 64, true),
    ] {
        assert_eq!(
            SigningKey::from_secret(&vec![1; length], algorithm).is_ok(),
            fits,
            "{algorithm:?} {length}"
        );
        let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, b64(vec![1; length]));
        let key = VerificationKey::from_jwk(&jwk, algorithm, Labels::Checked);
        assert_eq!(key.is_ok(), fits, "{algorithm:?} {length}");
    }
    assert!(rsa::PrivateKey::generate(1024).is_err());
}

#[test]
fn an_ed25519_key_with_halves_that_do_not_fit_is_refused() {
    // RFC 8037 appendix A.1, and the same with another public part.
    let jwk = |x: &str| {
        format!(
            r#"{{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"{x}"}}"#
        )
    };
    let read = |text: &str| SigningKey::from_jwk(text, SignatureAlgorithm::EdDsa, Labels::Checked);
    assert!(read(&jwk("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")).is_ok());
    // As editors save a file.
    assert!(read(&format!("\u{feff}{}\r\n", jwk("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))).is_ok());
    let other = b64(ed25519::SigningKey::from_seed(&[1; 32]).expect("key").verifying_key().as_bytes());
    assert!(text(&read(&jwk(&other)).expect_err("refused")).contains("does not fit"));
    assert!(read(&jwk("AAAA")).is_err());
    assert!(read(&jwk("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").replace("Ed25519", "Ed448")).is_err());
}

#[test]
fn an_ordinary_rsa_key_in_pem_signs_with_pss() {
    let der = private_key().to_der().expect("DER");
    let key = rsa::PrivateKey::from_pem(&pem::write(Label::PrivateKey, &der, 64), None).expect("key");
    let public = private_key().public_key().and_then(|key| key.to_der()).expect("DER");
    let public = rsa::PublicKey::from_pem(&pem::write(Label::PublicKey, &public, 64)).expect("key");
    let signer = SigningKey::from_rsa(key, SignatureAlgorithm::Ps256).expect("key");
    let verifier = VerificationKey::from_rsa(public, SignatureAlgorithm::Ps256).expect("key");
    let token = super::super::sign::sign(&signer, None, b"x").expect("signed");
    assert!(super::super::verify::verify(&verifier, token.as_bytes(), MIB).is_ok());
}

#[test]
fn p256_keys_are_points_of_the_curve_that_fit_their_private_number() {
    let jwk =
        |d: &str, x: &str, y: &str| format!(r#"{{"kty":"EC","crv":"P-256","d":"{d}","x":"{x}","y":"{y}"}}"#);
    // RFC 7517 appendix A.2.
    let (d, x, y) = (
        "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
        "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    );
    let read = |text: &str| SigningKey::from_jwk(text, SignatureAlgorithm::Es256, Labels::Checked);
    assert!(read(&jwk(d, x, y)).is_ok());
    assert!(read(&jwk(&b64([7; 32]), x, y)).is_err());
    assert!(read(&jwk(d, y, x)).is_err());
    assert!(read(&jwk(d, &b64([0; 32]), &b64([0; 32]))).is_err());
    assert!(read(&jwk(d, &b64([1; 31]), y)).is_err());
    assert!(read(&jwk(d, x, y).replace("P-256", "P-384")).is_err());
}

#[test]
fn nothing_that_holds_a_key_shows_it() {
    let private = jwk("jwe_private_jwk");
    let mac = jwk("jws_secret_jwk");
    let secrets =
        ["d", "p", "q", "dp", "dq", "qi"].map(|name| private[name].as_str().expect("text").to_owned());
    let secrets = secrets.iter().map(String::as_str).chain([
        mac["k"].as_str().expect("text"),
        "0123456789abcdef",
        "[9, 9, 9, 9",
        "09090909",
    ]);
    let canaries = Canaries::new(secrets);
    let mut capture = canaries.capture();
    capture.debug("decryption key", &decryption_key());
    capture.debug("encryption key", &encryption_key());
    capture.debug("signing key", &mac_signer());
    capture.debug("verification key", &mac_verifier());
    capture.debug("private key", &private_key());
    capture.debug("decrypter", &decrypter());
    capture.debug("Ed25519", &ed25519::SigningKey::from_seed(&[9; 32]).expect("key"));
    let how = encrypted(KeyEncryption::RsaOaep, ContentEncryption::A256Gcm, false, b"0123456789abcdef");
    capture.debug("opened", &decrypter().open(how.as_bytes()).expect("opened"));
    let token = super::super::sign::sign(&mac_signer(), None, b"0123456789abcdef").expect("signed");
    let verified = super::super::verify::verify(&mac_verifier(), token.as_bytes(), MIB).expect("verified");
    capture.debug("verified", &verified);
    capture.debug("header", verified.header());
    capture.debug(
        "unwrapping",
        &super::super::decrypt::Oaep { key: private_key(), algorithm: KeyEncryption::RsaOaep },
    );
    capture.assert_clean();
}

#[test]
fn keys_are_shared_between_threads_and_cheap_to_clone() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    fn whole<T: Send + Sync + 'static>() {}
    shared::<DecryptionKey>();
    shared::<EncryptionKey>();
    shared::<SigningKey>();
    shared::<VerificationKey>();
    whole::<Decrypter>();
    whole::<super::super::nested::NestedReader>();
}
