//! Credify: answers, webhooks, and what is signed or encrypted.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::{
    answers::{Provider, now_or_later},
    made, text,
};
use crate::{
    credify::{
        Client, Environment,
        json::hash,
        keys::{DecryptionKey, SigningKey, VerifyingKey},
        model::{CampaignFilter, OfferQuery},
        token::{
            ApprovalPayload, RequestPayload,
            claim::VerifiedClaimToken,
            disbursement::VerifiedDocuments,
            jwt::{LONGEST, Strictness, Unverified},
        },
        userinfo::{ScopeKeys, UserInfoReader},
        webhook::{Message, body_hash},
    },
    error::{Error, ErrorKind},
    privacy::Secret,
    wire,
};

const TOKEN: &str = r#"{"success":true,"data":{"access_token":"sdk-token"}}"#;
const ENDPOINT: &str = "https://market.example/webhook";
/// `{"alg":"EdDSA","typ":"JWT"}`
const HEADER: &str = "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9";

/// RFC 8032 section 7.1, test 2.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    made(SigningKey::from_seed(&Secret::from("TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs")))
});
static PUBLIC: LazyLock<VerifyingKey> = LazyLock::new(|| KEY.verifying_key());
/// The vectors' shortest RSA key.
static PRIVATE: LazyLock<DecryptionKey> = LazyLock::new(|| {
    const KEYS: &str = include_str!("../../tests/vectors/credify/encryption.json");
    let file: Value = wire::json::from_str(KEYS).unwrap_or_default();
    let keys = file["keys"].as_array().into_iter().flatten();
    let pem = keys.min_by_key(|key| key["bits"].as_u64()).and_then(|key| key["private_pem"].as_str());
    made(DecryptionKey::from_pem(&Secret::from(pem.unwrap_or_default()), None))
});

fn client(provider: Provider) -> Client {
    let client = Client::builder("api-key").environment(Environment::Sandbox).signing_key(KEY.clone());
    made(client.options(provider.options()).build())
}

fn asked(status: u16, bytes: &[u8]) -> Client {
    client(Provider::answering(status, bytes).after(TOKEN))
}

pub(super) fn offers(bytes: &[u8]) {
    let _ = now_or_later(asked(200, bytes).offer("o-1"));
    let _ = now_or_later(asked(200, bytes).offers(&OfferQuery::new("1")));
    let _ = now_or_later(asked(200, bytes).campaign_page(&CampaignFilter::new(), 1));
    let _ = now_or_later(asked(200, bytes).bnpl_info(&OfferQuery::new("1")));
    let _ = now_or_later(asked(200, bytes).completed_bnpl_providers("1"));
}

pub(super) fn orders(bytes: &[u8]) {
    let _ = now_or_later(asked(200, bytes).order("o-1"));
    let _ = now_or_later(asked(200, bytes).orders("1"));
    let _ = now_or_later(asked(200, bytes).order_detail("o-1"));
}

pub(super) fn introspection(bytes: &[u8]) {
    let token = Secret::from("presented");
    if let Ok(true) = now_or_later(asked(200, bytes).is_active(&token, "scope")) {
        let value = wire::json::from_slice::<Value>(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
        let value = value.unwrap_or_default();
        let active = [&value["data"]["active"], &value["active"]].into_iter().any(|word| !word.is_null());
        assert!(active, "a token is active of which the answer does not say so");
    }
    let _ = now_or_later(asked(200, bytes).introspection(&token));
    let _ = now_or_later(asked(200, bytes).public_keys("entity"));
}

pub(super) fn user_token(bytes: &[u8]) {
    let code = Secret::from("code");
    let token =
        now_or_later(asked(200, bytes).user_token("client", &code, "https://provider.example/callback"));
    if let Ok(token) = token {
        assert!(!token.access_token.expose().is_empty(), "an empty token is given out");
    }
    // The client's own token.
    let _ = now_or_later(client(Provider::answering(200, bytes)).offer("o-1"));
}

pub(super) fn failure(bytes: &[u8]) {
    for status in [400, 401, 404, 500] {
        assert!(now_or_later(asked(status, bytes).offer("o-1")).is_err(), "a refusal is read as an offer");
        let code = Secret::from("code");
        let client = asked(status, bytes);
        let token = client.user_token("client", &code, "https://provider.example/callback");
        assert!(now_or_later(token).is_err(), "a refusal is read as a token");
    }
}

pub(super) fn webhook(bytes: &[u8]) {
    static KEYS: LazyLock<String> =
        LazyLock::new(|| json!({ "success": true, "data": { "signing": PUBLIC.to_pem() } }).to_string());
    let (event_id, timestamp) = ("51750a4a-0a6b-4c2a-9c6f-827277c35e66", "1700000000");
    let message = Message { signature: "", event_id, timestamp, body: bytes };
    let signed = message.signed(ENDPOINT, &body_hash(bytes));
    let signature = hash::encode(&made(KEY.sign(signed.as_bytes())));
    let mut headers = HeaderMap::new();
    for (name, value) in
        [("signature", &*signature), ("x-event-id", event_id), ("x-event-timestamp", timestamp)]
    {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    let provider = Provider::answering(500, b"{}").after(TOKEN).after(KEYS.as_str());
    let webhooks = made(client(provider).webhooks(ENDPOINT));
    match now_or_later(webhooks.open(&headers, bytes)) {
        Ok(event) => {
            assert_eq!(event.id(), event_id);
            let _ = (event.payload(), event.unread().len(), format!("{event:?}"));
        }
        Err(error) => assert_ne!(error.kind(), ErrorKind::Signature, "a signed webhook is refused"),
    }
    // The signature covers the body as it is, or as JavaScript writes it: a letter more is another one.
    let other = [bytes, b"x"].concat();
    assert!(now_or_later(webhooks.open(&headers, &other)).is_err(), "another body is verified");
}

/// The bytes as the payload of a token.
fn signed(bytes: &[u8]) -> String {
    let mut token = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(bytes));
    let signature = made(KEY.sign(token.as_bytes()));
    token.push('.');
    token.push_str(&URL_SAFE_NO_PAD.encode(signature));
    token
}

fn other_key() -> VerifyingKey {
    static OTHER: LazyLock<VerifyingKey> = LazyLock::new(|| {
        // RFC 8032 section 7.1, test 1.
        let seed = Secret::from("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        made(SigningKey::from_seed(&seed)).verifying_key()
    });
    OTHER.clone()
}

pub(super) fn claim_token(bytes: &[u8]) {
    if let Some(token) = text(bytes) {
        assert!(VerifiedClaimToken::read(token, &other_key()).is_err(), "nothing was signed with this key");
        let _ = VerifiedClaimToken::read(token, &PUBLIC);
    }
    let token = signed(bytes);
    let _ = VerifiedClaimToken::read(&token, &PUBLIC);
    if let Ok(token) = Unverified::parse(&token, Strictness::AsPeer, LONGEST)
        && let Ok(verified) = token.verify(&PUBLIC)
    {
        let _ = RequestPayload::read(verified.payload()).encryption_key;
        let _ = ApprovalPayload::read(verified.payload()).scopes;
    }
    assert!(VerifiedClaimToken::read(&token, &other_key()).is_err(), "another key verifies the token");
}

pub(super) fn disbursement(bytes: &[u8]) {
    if let Ok(answer) = wire::json::from_slice::<Value>(bytes) {
        let _ = VerifiedDocuments::read(&answer, &PUBLIC, None);
        assert!(VerifiedDocuments::read(&answer, &other_key(), None).is_err(), "another key verifies it");
    }
    let source = "bnpl_order:1";
    let answer = json!({
        "_claim_names": { "bnpl_order:1:invoice": source },
        "_claim_sources": { source: { "JWT": signed(bytes) } },
    });
    if let Ok(documents) = VerifiedDocuments::read(&answer, &PUBLIC, None) {
        assert_eq!(documents.order_id(), "1");
    }
}

/// Every scope is the same market's.
struct OneKey;

impl ScopeKeys for OneKey {
    async fn signing_key(&self, _: &str) -> Result<Option<VerifyingKey>, Error> {
        Ok(Some(other_key()))
    }
}

pub(super) fn userinfo(bytes: &[u8]) {
    let Ok(body) = wire::json::from_slice::<Value>(bytes) else { return };
    if let Ok(read) = now_or_later(UserInfoReader::new(&PRIVATE).read(body.clone())) {
        assert!(!read.scopes().any(|(_, claims)| claims.is_verified()), "verified without a key");
        super::identity::recorded_again(&read.identity(super::answers::now()));
    }
    if let Ok(read) =
        now_or_later(UserInfoReader::new(&PRIVATE).keep_quotes().verify_with(&OneKey).read(body))
    {
        assert!(!read.scopes().any(|(_, claims)| claims.is_verified()), "another key verifies a scope");
    }
}
