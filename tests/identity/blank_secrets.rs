//! A secret that is empty or blank is everybody's: it is refused wherever a secret comes in.

use http::{HeaderMap, HeaderValue};
use kyckit::{
    Error, ErrorKind, credify, credo360, maya,
    selfkey::{
        self,
        relying_party::{TokenIssuer, TokenVerifier},
    },
    shuftipro::{
        self, Callbacks,
        signature::{Rule, Verifier, sign},
    },
    testkit::FakeProvider,
    verified::Verifier as _,
};

const BODY: &[u8] = br#"{"reference":"r-1","event":"verification.accepted"}"#;

/// What an attacker can make who knows that the secret is blank.
fn forged(secret: &str) -> HeaderMap {
    let signature = sign(BODY, &secret.into(), Rule::Hashed);
    HeaderMap::from_iter([(
        http::HeaderName::from_static("signature"),
        HeaderValue::try_from(signature).expect("hex"),
    )])
}

/// Every place of the crate's surface that takes a secret, by name, and what it says to a blank one.
fn entries(blank: &str) -> Vec<(&'static str, Result<(), Error>)> {
    let headers = forged(blank);
    let fake = FakeProvider::new(blank);
    let signed = fake.sign(BODY);
    let good = || Verifier::new("a secret", Rule::Hashed);
    let client = || shuftipro::Client::builder("id", "a secret");
    let kycc =
        || selfkey::kyc_chain::Client::builder("https://kycc.example", "a key").build().expect("a client");
    vec![
        ("shuftipro Callbacks::new", Callbacks::new(blank, Rule::Hashed).verify(&headers, BODY).map(drop)),
        ("shuftipro Callbacks::with", Callbacks::with(good().also(blank)).verify(&headers, BODY).map(drop)),
        ("shuftipro Verifier::new", Verifier::new(blank, Rule::Either).check(&headers, BODY).map(drop)),
        ("shuftipro Verifier::also", good().also(blank).check(&headers, BODY).map(drop)),
        ("shuftipro Client::builder", shuftipro::Client::builder("id", blank).build().map(drop)),
        ("shuftipro also_accept", client().also_accept(blank).build().map(drop)),
        ("shuftipro replace_credentials", {
            let client = client().build().expect("a client");
            client.replace_credentials("id", blank, None)
        }),
        ("shuftipro still_accepted", {
            let client = client().build().expect("a client");
            client.replace_credentials("id", "another", Some(blank.into()))
        }),
        ("testkit FakeProvider::new", fake.verify(&signed, BODY).map(drop)),
        (
            "testkit FakeProvider::also",
            FakeProvider::new("a secret").also(blank).verify(&signed, BODY).map(drop),
        ),
        ("maya Client::builder", maya::Client::builder("id", blank).build().map(drop)),
        ("maya keys", maya::Client::builder("id", "a secret").keys(blank, blank).build().map(drop)),
        ("credo360 Client::builder", credo360::Client::builder(blank).build().map(drop)),
        ("credify Client::builder", credify::Client::builder(blank).build().map(drop)),
        (
            "kycc Client::builder",
            selfkey::kyc_chain::Client::builder("https://kycc.example", blank).build().map(drop),
        ),
        ("kycc replace_api_key", kycc().replace_api_key(blank)),
        ("selfkey TokenIssuer::hmac", TokenIssuer::hmac(blank).map(drop)),
        ("selfkey TokenVerifier::hmac", TokenVerifier::hmac(blank).map(drop)),
        ("selfkey TokenIssuer::rsa", TokenIssuer::rsa(blank).map(drop)),
        ("selfkey WalletKey::from_hex", selfkey::WalletKey::from_hex(blank).map(drop)),
    ]
}

#[test]
fn a_blank_secret_is_refused_at_every_entry() {
    let long = " ".repeat(100);
    for blank in ["", " ", "\n", "\t \r\n", "\u{feff}", "\u{200b}\u{a0}", "\0\0", &long] {
        for (entry, outcome) in entries(blank) {
            let error = outcome.expect_err(entry);
            assert_eq!(error.kind(), ErrorKind::Configuration, "{entry} {blank:?}");
        }
    }
    for (entry, outcome) in entries("s3cr3t") {
        if let Err(error) = outcome {
            let is_about_blanks = error.to_string().contains("blank");
            assert!(!is_about_blanks, "{entry}: {error}");
        }
    }
}

#[tokio::test]
async fn a_blank_token_lets_no_caller_into_a_market() {
    use kyckit::credify::market::{CallerAuthentication, SharedToken};

    for blank in ["", " ", "\n"] {
        let token = SharedToken::new(blank);
        let headers =
            HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_static("Bearer  "))]);
        assert_eq!(token.is_known_by_headers(&headers), None);
    }
}
