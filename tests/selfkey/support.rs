//! A wallet without a network, and tokens as relying parties write them.

use std::time::{Duration, SystemTime};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kyckit::{
    clock::{Clock, Frozen},
    selfkey::{Client, Dialect, RelyingPartyConfig, WalletKey, wallet::Builder},
    transport::{MockResponse, MockTransport, Options, RecordedRequest},
};

/// 14 November 2023, 22:13:20 UTC: the moment of the recorded requests.
pub const NOW: u64 = 1_700_000_000;
/// Test material of the contract's vectors.
pub const KEY: &str = "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4";
pub const DID: &str = "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347";
/// The signature of the message `test` with that key, made by the provider's wallet.
pub const SIGNATURE: &str = "0xd423ea9f25e3090b6de29c928eddfcae4f9d6f50edff25bbde716b5b0046b8bb40e367e2505c4f55b26b0cdeee0d8d1cb7ac6f5b0c5ec99c5b6608378b9811d01b";

pub fn unix(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

pub fn clock() -> (Clock, Frozen) {
    Clock::frozen(unix(NOW))
}

pub fn key() -> WalletKey {
    WalletKey::from_hex(KEY).expect("a key")
}

/// A token with this payload; its signature is not checked here.
pub fn token(payload: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", part(r#"{"alg":"HS512","typ":"JWT"}"#), part(payload))
}

pub fn jwt(payload: &str) -> MockResponse {
    MockResponse::json(200, format!(r#"{{"jwt":"{}"}}"#, token(payload)))
}

/// The challenge `test`.
pub fn challenge() -> MockResponse {
    jwt(r#"{"nonce":"test"}"#)
}

/// A wallet token that ends; `name` distinguishes it from others.
pub fn wallet_token(name: &str, end: u64) -> MockResponse {
    jwt(&format!(r#"{{"sub":"{name}","exp":{end}}}"#))
}

/// The `Authorization` of a call with that wallet token.
pub fn bearer(name: &str, end: u64) -> String {
    format!("Bearer {}", token(&format!(r#"{{"sub":"{name}","exp":{end}}}"#)))
}

/// Answers to a login, and those that follow.
pub fn logged_in(answers: impl IntoIterator<Item = MockResponse>) -> MockTransport {
    let memory = MockTransport::new([challenge(), wallet_token("first", NOW + 3600)]);
    answers.into_iter().for_each(|answer| memory.then(answer));
    memory
}

pub fn config() -> RelyingPartyConfig {
    RelyingPartyConfig::new("https://rp.example/api")
}

pub fn builder(memory: &MockTransport, config: RelyingPartyConfig) -> Builder {
    let options = Options::new().transport(memory.clone()).clock(clock().0);
    Client::builder(config, key().did(), key()).options(options)
}

pub fn client(memory: &MockTransport) -> Client {
    builder(memory, config()).build().expect("a client")
}

pub fn documented(memory: &MockTransport) -> Client {
    builder(memory, config()).dialect(Dialect::Documented).build().expect("a client")
}

pub fn header<'a>(sent: &'a RecordedRequest, name: &str) -> Option<&'a str> {
    sent.headers.get(name).map(|value| value.to_str().expect("text"))
}

/// Method, path and query of each request.
pub fn lines(memory: &MockTransport) -> Vec<String> {
    memory
        .sent()
        .iter()
        .map(|sent| {
            let query = sent.url.query().map_or_else(String::new, |query| format!("?{query}"));
            format!("{} {}{query}", sent.method, sent.url.path())
        })
        .collect()
}

pub fn body(sent: &RecordedRequest) -> serde_json::Value {
    serde_json::from_slice(&sent.body).expect("JSON")
}

/// A form's body with its boundary replaced by `B`.
pub fn form(sent: &RecordedRequest) -> String {
    let content_type = header(sent, "content-type").expect("a content type");
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a form");
    String::from_utf8(sent.body.to_vec()).expect("text").replace(boundary, "B")
}
