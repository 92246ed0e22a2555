//! The authorization URL: what the vectors cannot fix, since it is random, and what must be refused.

use kyckit::{
    ErrorKind,
    credify::{
        Client,
        authorization::{AuthorizationRequest, PhoneEncoding},
        keys::DecryptionKey,
    },
    privacy::Secret,
    transport::MockTransport,
};
use url::Url;

use super::support::over;

const RSA: &str = include_str!("../../vectors/credify/encryption.json");

fn client() -> Client {
    over(&MockTransport::default()).0.build().expect("good settings")
}

fn request() -> AuthorizationRequest {
    AuthorizationRequest::new("client", "https://provider.example/cb", ["openid", "phone"])
        .encrypted_for_key_on_record()
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).expect("a URL");
    url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
}

#[test]
fn state_and_nonce_are_random_long_and_handed_back() {
    let client = client();
    let (first, second) =
        (client.authorization(&request()).expect("a URL"), client.authorization(&request()).expect("a URL"));
    // 256 bits in base64url.
    assert_eq!((first.state.expose().len(), first.nonce.expose().len()), (43, 43));
    assert_eq!(parameter(first.url.expose(), "state").as_deref(), Some(first.state.expose()));
    assert_eq!(parameter(first.url.expose(), "nonce").as_deref(), Some(first.nonce.expose()));
    let words = [&first.state, &first.nonce, &second.state, &second.nonce].map(Secret::expose);
    for (index, word) in words.iter().enumerate() {
        assert!(words[index + 1..].iter().all(|other| other != word));
    }
    assert!(first.is_state(first.state.expose()));
    assert!(!first.is_state(second.state.expose()) && !first.is_state(""));
}

#[test]
fn a_state_of_ones_own_is_taken_and_an_empty_one_is_none() {
    let begun = client().authorization(&request().state("mine")).expect("a URL");
    assert_eq!(begun.state.expose(), "mine");
    let begun = client().authorization(&request().state("mine").state("")).expect("a URL");
    assert_eq!(begun.state.expose().len(), 43);
}

#[test]
fn a_number_is_encoded_once_where_that_is_asked_for() {
    let begun = |encoding| {
        let request = request().phone_number("+84381234567").phone_encoding(encoding);
        client().authorization(&request).expect("a URL").url.into_exposed()
    };
    assert!(begun(PhoneEncoding::Twice).contains("&phone_number=%252B84381234567&"));
    assert!(begun(PhoneEncoding::Once).contains("&phone_number=%2B84381234567&"));
}

#[test]
fn a_key_of_ones_own_comes_back_with_the_authorization() {
    let file: serde_json::Value = serde_json::from_str(RSA).expect("JSON");
    let pem = file["keys"][0]["private_pem"].as_str().expect("a key");
    let key = DecryptionKey::new(&pem.into(), None).expect("a key");
    let begun = client().authorization(&request().encrypted_for(key.clone())).expect("a URL");
    let returned = begun.decryption_key.expect("the key").to_base64url().expect("base64url");
    assert_eq!(returned.expose(), key.to_base64url().expect("base64url").expose());
    assert!(client().authorization(&request()).expect("a URL").decryption_key.is_none());
}

#[test]
fn nothing_can_be_asked_for_in_the_name_of_something_else() {
    let plain = |scopes: &[&str]| {
        AuthorizationRequest::new("c", "r", scopes.iter().copied()).encrypted_for_key_on_record()
    };
    for request in [
        plain(&[]),
        plain(&["phone"]),
        plain(&["openid", ""]),
        plain(&["openid", "phone email"]),
        plain(&["openid", "phone\u{a0}email"]),
        plain(&["openid phone"]),
        request().offer_code("o email"),
        request().offer_code("o").package_code("p email"),
        request().order_id("1\t2"),
    ] {
        let error = client().authorization(&request).expect_err("refused");
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("authorization")));
    }
}

#[test]
fn without_a_signing_key_nothing_is_signed() {
    let client = Client::builder("key").build().expect("good settings");
    let error = client.authorization(&request()).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration);
}
