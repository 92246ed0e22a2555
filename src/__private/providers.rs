//! Shufti Pro, Maya and Credo360.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    answers::{Provider, clock, now, now_or_later},
    identity::recorded_again,
    jose::vector_key,
    made, text,
};
use crate::{
    credo360::{self, Challenge, HandleId, Method},
    error::ErrorKind,
    maya::{self, CustomerTokens, Profile, TokenAlgorithms, token::TokenReader, webhook::Session},
    privacy::Secret,
    shuftipro::{
        self, Callbacks, VerificationResponse,
        model::{AccessToken, Account, DeclineReason},
        request::Reference,
        signature::{Rule, sign},
    },
    verified::{Verified, Verifier as _},
    wire,
};

const SECRET: &str = "secret-key";
const STATUSES: [u16; 6] = [200, 400, 401, 404, 429, 500];

/// A status for the bytes, so that each status comes with every kind of body.
fn status(bytes: &[u8]) -> u16 {
    STATUSES[bytes.len() % STATUSES.len()]
}

fn answer(answer: &VerificationResponse) {
    let _ = (answer.failure(None), answer.unread().len(), answer.proofs().len(), format!("{answer:?}"));
}

fn verified(read: &Verified<VerificationResponse>) {
    answer(read);
    assert_eq!(read.is_accepted(), read.event().as_str() == "verification.accepted");
    recorded_again(&read.identity());
}

pub(super) fn shuftipro_answer(bytes: &[u8]) {
    if let Ok(read) = VerificationResponse::read(bytes, now()) {
        answer(&read);
        assert!(
            VerificationResponse::read_any(bytes, now()).is_ok(),
            "the lenient reader refuses what the strict one reads"
        );
    }
}

pub(super) fn shuftipro_callback(bytes: &[u8]) {
    let secret = Secret::from(SECRET);
    let mut headers = HeaderMap::new();
    for (name, rule) in [("hashed", Rule::Hashed), ("legacy", Rule::Legacy)] {
        let callbacks = Callbacks::new(SECRET, rule);
        headers.remove("signature");
        assert!(callbacks.verify(&headers, bytes).is_err(), "an unsigned callback is verified ({name})");
        if let Ok(value) = HeaderValue::try_from(sign(bytes, &secret, rule)) {
            headers.insert("signature", value);
        }
        match callbacks.verify(&headers, bytes) {
            Ok(read) => verified(&read),
            Err(error) => assert_ne!(error.kind(), ErrorKind::Signature, "a signed callback is refused"),
        }
        let another = [bytes, b" "].concat();
        assert!(callbacks.verify(&headers, &another).is_err(), "another body is verified ({name})");
    }
}

pub(super) fn shuftipro_account(bytes: &[u8]) {
    let _ = Account::read(bytes);
    let _ = DeclineReason::read(bytes);
    if let Ok(token) = AccessToken::read(bytes, now()) {
        assert!(!token.token().expose().is_empty());
    }
}

pub(super) fn shuftipro_failure(bytes: &[u8]) {
    let signature = sign(bytes, &Secret::from(SECRET), Rule::Hashed);
    let provider = Provider::answering(status(bytes), bytes);
    let reference = made(Reference::new("reference-1"));
    let client = |provider: Provider| {
        made(shuftipro::Client::builder("client", SECRET).options(provider.options()).build())
    };
    let unsigned = now_or_later(client(provider.clone()).status(&reference));
    assert!(unsigned.is_err(), "an unsigned answer is verified");
    let signed = provider.with("signature", &signature);
    let _ = now_or_later(client(signed.clone()).account());
    let _ = now_or_later(client(signed.clone()).status(&reference)).map(|read| verified(&read));
    let _ = now_or_later(client(signed).access_token());
}

pub(super) fn maya_profile(bytes: &[u8]) {
    let Ok(profile) = Profile::read(Zeroizing::new(bytes.to_vec()), now()) else { return };
    assert_eq!(profile.is_verified_account(), profile.kyc_status() == Some(&maya::KycStatus::Kyc1));
    assert!(profile.raw().expose().is_object());
    let _ = (profile.contacts().len(), profile.identity_documents().len(), format!("{profile:?}"));
}

pub(super) fn maya_tokens(bytes: &[u8]) {
    let Ok(tokens) = CustomerTokens::from_json(bytes) else { return };
    let again = made(CustomerTokens::from_json(tokens.to_json().expose().as_bytes()));
    assert_eq!(again.access_token().expose(), tokens.access_token().expose());
    assert_eq!(again.refresh_token().expose(), tokens.refresh_token().expose());
    assert_eq!(again.to_json().expose(), tokens.to_json().expose(), "tokens are written otherwise again");
}

pub(super) fn maya_session(bytes: &[u8]) {
    // The first line is a header's value, which the push may have or not.
    let cut = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (reference, body) = bytes.split_at(cut);
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    let mut headers = HeaderMap::new();
    assert!(Session::read(&headers, body, now()).is_err(), "a push without a media type is read");
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(value) = HeaderValue::from_bytes(reference) {
        headers.insert("request-reference-no", value);
    }
    if let Ok(session) = Session::read(&headers, body, now()) {
        assert!(session.request_reference.is_none_or(|text| !text.is_empty() && text.len() <= 80));
        maya_tokens(body);
    }
}

pub(super) fn maya_token(bytes: &[u8]) {
    static READER: LazyLock<TokenReader> = LazyLock::new(|| {
        let [jwe, jws] = ["jwe_private_jwk", "jws_secret_jwk"].map(|name| Secret::new(vector_key(name)));
        made(TokenReader::new(&jwe, &jws, TokenAlgorithms::All, maya::token::LEEWAY, clock()))
    });
    let Some(text) = text(bytes) else { return };
    if let Ok(profile) = READER.open(text, now()) {
        recorded_again(&profile.identity());
        // The last character of the tag holds bits that count.
        let shorter = &text[..text.len() - 1];
        assert!(READER.open(shorter, now()).is_err(), "a token that was cut off is verified");
    }
}

pub(super) fn maya_failure(bytes: &[u8]) {
    let provider = Provider::answering(status(bytes), bytes)
        .after(r#"{"access_token":"client-token","token_type":"Bearer","expires_in":3600}"#);
    let client = maya::Client::builder("client", "secret")
        .keys(vector_key("jwe_private_jwk"), vector_key("jws_secret_jwk"))
        .token_url("https://auth.maya.example/oauth2/token")
        .options(provider.options())
        .build();
    let (client, tokens) = (made(client), made(CustomerTokens::new("access", "refresh", 1_700_000_000)));
    let _ = now_or_later(client.profile(&tokens));
    let _ = now_or_later(client.refresh(&tokens));
}

fn credo360_client(provider: Provider) -> credo360::Client {
    made(credo360::Client::builder("client").options(provider.options()).build())
}

fn handle() -> HandleId {
    made(HandleId::new("02598397346"))
}

pub(super) fn credo360_user(bytes: &[u8]) {
    if let Ok(user) = now_or_later(credo360_client(Provider::answering(200, bytes)).user(&handle())) {
        assert_eq!(user.handle.id, handle(), "the answer is about another person");
        recorded_again(&user.identity(now()));
    }
}

pub(super) fn credo360_challenge(bytes: &[u8]) {
    for method in [Method::Passcode, Method::Signature] {
        let client = credo360_client(Provider::answering(200, bytes));
        let Ok(challenge) = now_or_later(client.challenge(&handle(), &method)) else { continue };
        assert_eq!(challenge.handle(), &handle());
        again(&challenge);
    }
    // As the application kept it.
    if let Ok(challenge) = wire::json::from_slice::<Challenge>(bytes) {
        again(&challenge);
    }
    let _ = now_or_later(credo360_client(Provider::answering(200, bytes)).authentication_methods(&handle()));
}

fn again(challenge: &Challenge) {
    let written = serde_json::to_value(challenge).unwrap_or_default();
    let read: Option<Challenge> = wire::json::from_str(&written.to_string()).ok();
    let read = read.map(|challenge| serde_json::to_value(challenge).unwrap_or_default());
    assert_eq!(read.as_ref(), Some(&written), "a kept challenge is another");
    let _: Value = written;
}

pub(super) fn credo360_failure(bytes: &[u8]) {
    for code in STATUSES {
        let client = credo360_client(Provider::answering(code, bytes));
        let _ = now_or_later(client.user(&handle()));
    }
}
