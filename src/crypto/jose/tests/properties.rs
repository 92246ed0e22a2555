//! What holds for all inputs.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{
    super::{
        claims::{ClaimRules, Claims},
        key_set::KeySet,
        sign, verify,
    },
    *,
};
use crate::{clock::Clock, crypto::ed25519};

static DECRYPTER: LazyLock<Decrypter> = LazyLock::new(decrypter);

fn anything() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        "[-_A-Za-z0-9.]{0,200}".prop_map(String::into_bytes),
        // Close to a token: headers that get through the gate, then anything.
        (
            prop_oneof![
                Just(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#),
                Just(r#"{"alg":"RSA-OAEP-256","enc":"A128CBC-HS256","zip":"DEF"}"#),
                Just(r#"{"alg":"HS256"}"#),
                Just(r#"{"alg":"EdDSA","kid":"a"}"#),
            ],
            proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..70), 0..6),
        )
            .prop_map(|(header, parts)| {
                let parts = parts.iter().map(b64);
                std::iter::once(b64(header)).chain(parts).collect::<Vec<_>>().join(".").into_bytes()
            }),
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_anything_panic_and_none_pass(bytes in anything()) {
        prop_assert!(DECRYPTER.open(&bytes).is_err());
        prop_assert!(verify::verify(&mac_verifier(), &bytes, MIB).is_err());
        let set = KeySet::read(&bytes, &[SignatureAlgorithm::EdDsa]);
        prop_assert!(set.is_err());
        let _ = verify::payload_without_verification(&bytes, MIB);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            prop_assert!(DecryptionKey::from_jwk(text, Labels::Ignored).is_err());
            prop_assert!(rsa::PrivateKey::from_pem(text, Some(&"p".into())).is_err());
            prop_assert!(ed25519::SigningKey::from_pem(text, None).is_err());
        }
        prop_assert!(rsa::PrivateKey::from_der(&bytes).is_err());
        prop_assert!(rsa::PublicKey::from_der(&bytes).is_err());
        prop_assert!(ed25519::SigningKey::from_der(&bytes).is_err());
    }

    #[test]
    fn no_payload_makes_the_claims_check_panic(
        text in r#"\{"(exp|nbf|iat|aud|iss)":(-?[0-9]{1,25}(\.[0-9]{1,5})?(e[0-9]{1,3})?|"[a-z]{0,4}"|\[\]|null)\}"#,
    ) {
        let rules = ClaimRules::new().issued_in_the_past().issuer("a").audience("b");
        if let Ok(claims) = Claims::read(text.as_bytes()) {
            prop_assert!(claims.check(&rules, &Clock::frozen(std::time::SystemTime::UNIX_EPOCH).0).is_err());
        }
    }

    #[test]
    fn content_comes_back_as_it_went_in(
        content in proptest::collection::vec(any::<u8>(), 0..3_000),
        wrap in proptest::sample::select(&WRAPS[..]),
        enc in proptest::sample::select(&ENCRYPTIONS[..]),
        deflate in any::<bool>(),
    ) {
        let token = encrypted(wrap, enc, deflate, &content);
        let opened = DECRYPTER.open(token.as_bytes()).expect("opened");
        prop_assert_eq!(opened.content(), content.as_slice());
        prop_assert_eq!(opened.header().text("alg"), Some(wrap.name()));
    }

    #[test]
    fn one_changed_byte_of_a_token_is_refused(
        position in any::<proptest::sample::Index>(),
        replacement in "[-_A-Za-z0-9]",
        signed in any::<bool>(),
    ) {
        let token = if signed {
            sign::sign(&mac_signer(), Some("JWT"), b"payload").expect("signed")
        } else {
            encrypted(KeyEncryption::RsaOaep, ContentEncryption::A128CbcHs256, false, b"payload")
        };
        let mut changed = token.clone().into_bytes();
        let position = position.index(changed.len());
        changed[position] = replacement.as_bytes()[0];
        prop_assume!(changed != token.as_bytes());
        prop_assert!(DECRYPTER.open(&changed).is_err());
        prop_assert!(verify::verify(&mac_verifier(), &changed, MIB).is_err());
    }

    #[test]
    fn payloads_come_back_as_they_were_signed(payload in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let token = sign::sign(&mac_signer(), Some("JWT"), &payload).expect("signed");
        let verified = verify::verify(&mac_verifier(), token.as_bytes(), MIB).expect("verified");
        prop_assert_eq!(verified.payload(), payload.as_slice());
        let read = verify::payload_without_verification(token.as_bytes(), MIB).expect("read");
        prop_assert_eq!(read.as_slice(), payload.as_slice());
    }
}
