//! Signed tokens.

use josekit::jws::{self, JwsContext, JwsHeader};

use super::{
    super::{check, key_set::KeySet, sign, verify},
    *,
};
use crate::{ErrorKind, crypto::ed25519};

fn refusal(key: &VerificationKey, token: &str) -> Error {
    verify::verify(key, token.as_bytes(), MIB).expect_err("refused")
}

fn assert_check(key: &VerificationKey, token: &str, word: &str) {
    let error = refusal(key, token);
    assert_eq!((error.kind(), error.check()), (ErrorKind::Signature, Some(word)), "{token:.120}");
    assert!(std::error::Error::source(&error).is_none());
}

/// A token with a correct MAC, under any header.
fn forged(header: &str, payload: &str) -> String {
    let message = format!("{}.{}", b64(header), payload);
    let tag = crate::crypto::hmac_sha256(SECRET, &[message.as_bytes()]);
    format!("{message}.{}", b64(tag))
}

fn ed25519_key() -> ed25519::SigningKey {
    // RFC 8037 appendix A.1.
    let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").expect("base64url");
    ed25519::SigningKey::from_seed(&seed).expect("key")
}

/// RFC 7517 appendix A.2.
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#;

fn pairs() -> Vec<(SigningKey, VerificationKey)> {
    let rsa = private_key();
    let mut pairs = vec![
        (
            SigningKey::from_ed25519(ed25519_key()),
            VerificationKey::from_ed25519(ed25519_key().verifying_key().clone()),
        ),
        (
            SigningKey::from_jwk(P256, SignatureAlgorithm::Es256, Labels::Checked).expect("key"),
            VerificationKey::from_jwk(P256, SignatureAlgorithm::Es256, Labels::Checked).expect("key"),
        ),
    ];
    for algorithm in [SignatureAlgorithm::Hs256, SignatureAlgorithm::Hs512] {
        pairs.push((
            SigningKey::from_secret(SECRET, algorithm).expect("key"),
            VerificationKey::from_secret(SECRET, algorithm).expect("key"),
        ));
    }
    for algorithm in [SignatureAlgorithm::Rs256, SignatureAlgorithm::Rs512, SignatureAlgorithm::Ps256] {
        pairs.push((
            SigningKey::from_rsa(rsa.clone(), algorithm).expect("key"),
            VerificationKey::from_rsa(rsa.public_key().expect("public"), algorithm).expect("key"),
        ));
    }
    pairs
}

#[test]
fn a_token_is_verified_by_its_own_key_and_algorithm_alone() {
    let pairs = pairs();
    for (signer, own) in &pairs {
        let token = sign::sign(signer, Some("JWT"), b"payload").expect("signed");
        for (_, verifier) in &pairs {
            if verifier.algorithm() == own.algorithm() {
                let verified = verify::verify(verifier, token.as_bytes(), MIB).expect("verified");
                assert_eq!(verified.payload(), b"payload");
                assert_eq!(verified.header().text("typ"), Some("JWT"));
            } else {
                assert_check(verifier, &token, check::ALGORITHM);
            }
        }
    }
}

#[test]
fn a_header_without_texts_is_malformed_and_no_wrong_key() {
    for (signer, verifier) in pairs() {
        let token = sign::sign(&signer, None, b"payload").expect("signed");
        let rest = token.split_once('.').expect("parts").1;
        let alg = verifier.algorithm().name();
        for member in [r#""kid":7"#, r#""typ":1"#, r#""cty":{}"#, r#""x5u":null"#] {
            let header = b64(format!(r#"{{"alg":"{alg}",{member}}}"#));
            assert_check(&verifier, &format!("{header}.{rest}"), check::MALFORMED);
        }
    }
}

#[test]
fn any_changed_bit_is_a_mismatch() {
    for (signer, verifier) in pairs() {
        let token = sign::sign(&signer, None, b"payload").expect("signed");
        let (message, signature) = token.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        for index in [0, signature.len() / 2, signature.len() - 1] {
            let mut changed = signature.clone();
            changed[index] ^= 1;
            assert_check(&verifier, &format!("{message}.{}", b64(changed)), check::MISMATCH);
        }
        // Cut, longer, absent, all zero.
        for changed in [
            &signature[..signature.len() - 1],
            &signature[..16],
            &[&signature[..], &[0]].concat(),
            &[],
            &vec![0; signature.len()],
        ] {
            assert_check(&verifier, &format!("{message}.{}", b64(changed)), check::MISMATCH);
        }
        let (header, _) = message.split_once('.').expect("two parts");
        let changed = format!("{header}.{}.{}", b64("Payload"), b64(&signature));
        assert_check(&verifier, &changed, check::MISMATCH);
    }
}

#[test]
fn tokens_pass_between_this_crate_and_stock_josekit() {
    let (rsa, rsa_public) = (
        private_key().to_der().expect("DER"),
        private_key().public_key().and_then(|key| key.to_der()).expect("DER"),
    );
    let p256 = josekit::jwk::Jwk::from_bytes(P256).expect("JWK");
    let ed = ed25519_key();
    for (signer, verifier) in pairs() {
        let ours = sign::sign(&signer, None, b"x").expect("signed");
        let (theirs, stock): (Box<dyn jws::JwsSigner>, Box<dyn jws::JwsVerifier>) = match signer.algorithm() {
            SignatureAlgorithm::Hs256 => (
                Box::new(jws::HS256.signer_from_bytes(SECRET).expect("signer")),
                Box::new(jws::HS256.verifier_from_bytes(SECRET).expect("verifier")),
            ),
            SignatureAlgorithm::Hs512 => (
                Box::new(jws::HS512.signer_from_bytes(SECRET).expect("signer")),
                Box::new(jws::HS512.verifier_from_bytes(SECRET).expect("verifier")),
            ),
            SignatureAlgorithm::Rs256 => (
                Box::new(jws::RS256.signer_from_der(&*rsa).expect("signer")),
                Box::new(jws::RS256.verifier_from_der(&rsa_public).expect("verifier")),
            ),
            SignatureAlgorithm::Rs512 => (
                Box::new(jws::RS512.signer_from_der(&*rsa).expect("signer")),
                Box::new(jws::RS512.verifier_from_der(&rsa_public).expect("verifier")),
            ),
            SignatureAlgorithm::Es256 => (
                Box::new(jws::ES256.signer_from_jwk(&p256).expect("signer")),
                Box::new(jws::ES256.verifier_from_jwk(&p256).expect("verifier")),
            ),
            SignatureAlgorithm::EdDsa => (
                Box::new(jws::EdDSA.signer_from_der(&*ed.to_der().expect("DER")).expect("signer")),
                Box::new(jws::EdDSA.verifier_from_der(ed.verifying_key().to_der()).expect("verifier")),
            ),
            // josekit wants another object identifier in the key; Wycheproof has vectors.
            SignatureAlgorithm::Ps256 => continue,
        };
        let context = JwsContext::new();
        assert_eq!(context.deserialize_compact(&ours, &*stock).expect("verified").0, b"x");
        let theirs = context.serialize_compact(b"x", &JwsHeader::new(), &*theirs).expect("signed");
        assert_eq!(verify::verify(&verifier, theirs.as_bytes(), MIB).expect("verified").payload(), b"x");
    }
}

#[test]
fn the_published_tokens_verify() {
    // RFC 7515 appendix A.1.
    let jwk = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
    let key = VerificationKey::from_jwk(jwk, SignatureAlgorithm::Hs256, Labels::Checked).expect("key");
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let verified = verify::verify(&key, token.as_bytes(), MIB).expect("verified");
    assert!(verified.payload().starts_with(b"{\"iss\":\"joe\",\r\n \"exp\":1300819380"));

    // RFC 8037 appendix A.4 and A.5. Ed25519 is deterministic, so the token is the very same.
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let signer = SigningKey::from_ed25519(ed25519_key());
    assert_eq!(sign::sign(&signer, None, b"Example of Ed25519 signing").expect("signed"), token);
    let key = VerificationKey::from_ed25519(ed25519_key().verifying_key().clone());
    assert!(verify::verify(&key, token.as_bytes(), MIB).is_ok());
}

#[test]
fn only_the_compact_form_is_taken() {
    let key = mac_verifier();
    let token = forged(r#"{"alg":"HS256"}"#, &b64("x"));
    assert!(verify::verify(&key, token.as_bytes(), MIB).is_ok());
    let [header, payload, tag] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    for token in [
        format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{tag}"}}"#),
        format!(r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{tag}"}}]}}"#),
        String::new(),
        "..".to_owned(),
        format!("{header}.{payload}"),
        format!("{token}."),
        format!("{token}.AA"),
        format!("{token}="),
        format!("{token} "),
        format!("{header}.{payload}\n.{tag}"),
    ] {
        assert_check(&key, &token, check::MALFORMED);
    }
}

#[test]
fn critical_extensions_and_unencoded_payloads_are_refused() {
    let key = mac_verifier();
    for header in [
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","b64":true}"#,
        r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"alg":"HS256","crit":null}"#,
        r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
        r#"{"alg":"HS256","crit":"b64"}"#,
    ] {
        assert_check(&key, &forged(header, &b64("x")), check::ALGORITHM);
    }
}

#[test]
fn header_members_named_twice_are_refused() {
    let key = mac_verifier();
    for header in [
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"none"}"#,
        r#"{"alg":"HS256","kid":"a","kid":"b"}"#,
    ] {
        assert_check(&key, &forged(header, &b64("x")), check::MALFORMED);
    }
    for header in ["{}", r#"{"alg":null}"#, r#"{"alg":["HS256"]}"#, "[]", "HS256", ""] {
        assert_check(&key, &forged(header, &b64("x")), check::MALFORMED);
    }
}

#[test]
fn the_header_never_chooses_the_key_nor_the_algorithm() {
    let rsa =
        VerificationKey::from_rsa(private_key().public_key().expect("public"), SignatureAlgorithm::Rs256)
            .expect("key");
    let payload = b64("x");
    // The public key, as an attacker knows it, used as the secret of a MAC.
    let der = private_key().public_key().and_then(|key| key.to_der()).expect("DER");
    let pem = crate::crypto::pem::write(crate::crypto::pem::Label::PublicKey, &der, 64);
    for secret in [pem.as_bytes(), format!("{}\n", &*pem).as_bytes(), &der] {
        let message = format!("{}.{payload}", b64(r#"{"alg":"HS256"}"#));
        let tag = crate::crypto::hmac_sha256(secret, &[message.as_bytes()]);
        assert_check(&rsa, &format!("{message}.{}", b64(tag)), check::ALGORITHM);
    }
    for alg in ["none", "None", "nOnE", "NONE", "", "rs256", "RS256 ", "HS256", "RS384", "ES256K"] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        assert_check(&rsa, &format!("{}.{payload}.", b64(header)), check::ALGORITHM);
    }
    // A key that comes with the token is not looked at.
    let own = SigningKey::from_ed25519(ed25519::SigningKey::from_seed(&[5; 32]).expect("key"));
    let key = VerificationKey::from_ed25519(ed25519_key().verifying_key().clone());
    let x = b64(ed25519::SigningKey::from_seed(&[5; 32]).expect("key").verifying_key().as_bytes());
    let header = format!(r#"{{"alg":"EdDSA","jwk":{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}}}"#);
    let message = format!("{}.{payload}", b64(header));
    let signature = own.signature(message.as_bytes()).expect("signed");
    assert_check(&key, &format!("{message}.{}", b64(signature)), check::MISMATCH);
}

#[test]
fn a_token_is_measured_before_it_is_split() {
    let error = refusal(&mac_verifier(), &".".repeat(MIB + 1));
    assert_eq!((error.kind(), error.check()), (ErrorKind::TooLarge, Some(check::TOO_LARGE)));
    assert!(verify::payload_without_verification(&vec![b'.'; MIB + 1], MIB).is_err());
}

#[test]
fn an_unverified_payload_is_read_under_a_name_that_says_so() {
    let token = format!("{}.{}.AAAA", b64(r#"{"alg":"none"}"#), b64(r#"{"exp":1}"#));
    assert_eq!(
        verify::payload_without_verification(token.as_bytes(), MIB).expect("read").as_slice(),
        br#"{"exp":1}"#
    );
    for token in ["", "a.b", "....", "AA.AA.AA"] {
        let error = verify::payload_without_verification(token.as_bytes(), MIB).expect_err("refused");
        assert_eq!(error.check(), Some(check::MALFORMED));
    }
}

#[test]
fn a_set_gives_the_key_that_is_meant_and_no_other() {
    let seeds = [[1; 32], [2; 32], [3; 32]].map(|seed| ed25519::SigningKey::from_seed(&seed).expect("key"));
    let member = |index: usize, extra: &str| {
        let x = b64(seeds[index].verifying_key().as_bytes());
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"{extra}}}"#)
    };
    let set = format!(
        r#"{{"keys":[{},{},{},{{"kty":"RSA","n":"AQ","e":"AQAB","kid":"bad"}},7,{{"kty":"oct","k":"AAAA"}},{}]}}"#,
        member(0, r#","kid":"a""#),
        member(1, r#","kid":"b","use":"sig","alg":"EdDSA","key_ops":["verify"]"#),
        member(2, r#","kid":"c","use":"enc""#),
        member(2, r#","kid":"d","d":"AAAA""#),
    );
    let accepted = [SignatureAlgorithm::EdDsa, SignatureAlgorithm::Rs256];
    let set = KeySet::read(set.as_bytes(), &accepted).expect("set");
    assert_eq!((set.len(), set.skipped()), (2, 5));

    let token = |index: usize, kid: Option<&str>| {
        let mut key = SigningKey::from_ed25519(seeds[index].clone());
        if let Some(kid) = kid {
            key = key.with_id(kid);
        }
        sign::sign(&key, None, b"x").expect("signed")
    };
    let check = |token: &str| {
        verify::verify_with_set(&set, &accepted, token.as_bytes(), MIB).map_err(|error| error.check())
    };
    assert!(check(&token(0, Some("a"))).is_ok());
    assert!(check(&token(1, Some("b"))).is_ok());
    assert!(check(&token(1, None)).is_ok(), "without a name every key is tried");
    for (index, kid) in [(0, "b"), (1, "a"), (2, "c"), (2, "d"), (0, "unknown"), (0, "")] {
        assert_eq!(check(&token(index, Some(kid))).err(), Some(Some(check::MISMATCH)), "{index} {kid}");
    }
    let other = verify::verify_with_set(&set, &[SignatureAlgorithm::Rs256], token(0, None).as_bytes(), MIB);
    assert_eq!(other.expect_err("refused").check(), Some(check::ALGORITHM));
}

#[test]
fn what_is_no_key_set_is_refused() {
    for text in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        let error = KeySet::read(text.as_bytes(), &[SignatureAlgorithm::EdDsa]).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Decode);
    }
    let long = " ".repeat(256 * 1024 + 1);
    let error = KeySet::read(long.as_bytes(), &[]).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    // A key behind more than sixty-three others is not looked for.
    let x = b64(ed25519_key().verifying_key().as_bytes());
    let key = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
    for (before, found) in [(63, 1), (64, 0), (1_000, 0)] {
        let many = format!(r#"{{"keys":[{}{key}]}}"#, "{},".repeat(before));
        let set = KeySet::read(many.as_bytes(), &[SignatureAlgorithm::EdDsa]).expect("set");
        assert_eq!((set.len(), set.skipped()), (found, before + 1 - found));
    }
}

#[test]
fn an_unlabelled_rsa_key_of_a_set_serves_one_algorithm() {
    let public = jwk("jwe_private_jwk");
    let set = format!(r#"{{"keys":[{{"kty":"RSA","n":{},"e":{}}}]}}"#, public["n"], public["e"]);
    let accepted = [SignatureAlgorithm::Rs256, SignatureAlgorithm::Ps256];
    let set = KeySet::read(set.as_bytes(), &accepted).expect("set");
    let token = |algorithm| {
        let key = SigningKey::from_rsa(private_key(), algorithm).expect("key");
        sign::sign(&key, None, b"x").expect("signed")
    };
    let rs = token(SignatureAlgorithm::Rs256);
    let ps = token(SignatureAlgorithm::Ps256);
    assert!(verify::verify_with_set(&set, &accepted, rs.as_bytes(), MIB).is_ok());
    assert!(verify::verify_with_set(&set, &accepted, ps.as_bytes(), MIB).is_err());
}

#[test]
fn the_header_is_written_in_the_order_that_peers_expect() {
    let token = sign::sign(&mac_signer().with_id("k"), Some("JWT"), b"{}").expect("signed");
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().expect("header")).expect("base64url");
    assert_eq!(header, br#"{"alg":"HS256","typ":"JWT","kid":"k"}"#);
}
