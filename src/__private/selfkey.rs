//! SelfKey, KYC-Chain, and the relying party's forms.

use serde_json::Value;

use super::{
    answers::{Provider, now, now_or_later},
    made, text,
};
use crate::{
    selfkey::{
        Did, RelyingPartyConfig,
        did::DidDocument,
        kyc_chain::{Client, Filters, webhook::StatusHint},
        model::{Application, UnverifiedToken, read_messages, read_template, read_templates},
        relying_party::read_multipart,
    },
    wire,
};

pub(super) fn application(bytes: &[u8]) {
    let Ok(value) = wire::json::from_slice::<Value>(bytes) else { return };
    if let Ok(application) = Application::read(value.clone()) {
        assert_eq!(application.raw().expose(), &value, "something of the answer is lost");
        let _ = (application.attributes_by_type(), application.unread().len(), format!("{application:?}"));
    }
    let _ = read_messages(bytes);
}

pub(super) fn template(bytes: &[u8]) {
    let Ok(value) = wire::json::from_slice::<Value>(bytes) else { return };
    let _ = read_templates(value.clone());
    if let Ok(template) = read_template(value) {
        for requirement in &template.attributes {
            let _ = requirement.required_by_wallet();
        }
    }
}

pub(super) fn did(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(did) = Did::parse(text) {
        assert_eq!(did.as_str(), text, "a DID is another than its text");
        assert!(text.starts_with("did:") && did.parameters().count() <= text.len());
        let _ = (did.is_supported(), did.key_id(), did.method(), did.id());
    }
    if let Ok(did) = Did::selfkey(text) {
        assert_eq!(made(Did::parse(did.as_str())).as_str(), did.as_str());
    }
}

pub(super) fn did_document(bytes: &[u8]) {
    let Ok(document) = DidDocument::from_json(bytes) else { return };
    let written = document.to_value();
    let again = made(DidDocument::from_json(written.to_string().as_bytes()));
    assert_eq!(again.to_value(), written, "a document is read otherwise again");
}

pub(super) fn config(bytes: &[u8]) {
    let Ok(config) = RelyingPartyConfig::from_json(bytes) else { return };
    let written = serde_json::to_value(&config).unwrap_or_default();
    let again = made(RelyingPartyConfig::from_json(written.to_string().as_bytes()));
    assert_eq!(serde_json::to_value(&again).ok(), Some(written), "a configuration is read otherwise again");
}

pub(super) fn token(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let Ok(token) = UnverifiedToken::read(text) else { return };
    assert_eq!(token.text().expose(), text);
    assert!(token.header().is_object() && token.payload().expose().is_object());
    let _ = (token.message_to_sign(), token.subject(), token.expires());
    let _ = token.is_expired(now(), std::time::Duration::from_secs(30));
}

pub(super) fn kyc_chain_webhook(bytes: &[u8]) {
    if let Ok(hint) = StatusHint::read(bytes) {
        assert!(!hint.application_id.is_empty() && hint.application_id.len() <= 128);
    }
}

pub(super) fn kyc_chain_answers(bytes: &[u8]) {
    for status in [200, 400] {
        let provider = Provider::answering(status, bytes);
        let client = || {
            let client = Client::builder("https://kyc-chain.example", "key");
            made(client.options(provider.clone().options()).build())
        };
        let filters = Filters::default();
        let read = now_or_later(client().application("5ddd", &[]));
        assert!(read.is_err() || status == 200, "a refusal is read as an application");
        let _ = now_or_later(client().applications(&filters, &[]));
        let _ = now_or_later(client().user("5ddd", &[]));
        let _ = now_or_later(client().users(&filters, &[]));
        let _ = now_or_later(client().invalidate_questions("5ddd", &["q"]));
    }
}

pub(super) fn multipart(bytes: &[u8]) {
    // The first line is the value of `Content-Type`.
    let cut = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (Some(media_type), body) = (text(&bytes[..cut]), bytes.get(cut + 1..).unwrap_or_default()) else {
        return;
    };
    let whole = now_or_later(read_multipart(media_type, body, body.len()));
    for size in [1, 7, 64] {
        let cut = now_or_later(read_multipart(media_type, body, size));
        assert_eq!(cut, whole, "a body is read otherwise when it comes in pieces of {size}");
    }
    let parts = whole.unwrap_or_default();
    assert!(parts.len() <= 64, "more parts than the limit");
    assert!(parts.iter().map(|part| part.3.len()).sum::<usize>() <= body.len(), "more than there was");
}
