//! Webhooks, verified as an application does: the key is fetched from an API in memory.

use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::common::{List, Outcome, SigningKeys, Verdict, done, equal, lists, text};
use crate::runner::{Run, isolated};
use kyckit::__private::vectors::credify as vectors;
use kyckit::{
    credify::{Client, Environment, keys::SigningKey},
    transport::{MockResponse, MockTransport, Options},
};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let keys = SigningKeys::load(run);
    let Some(key) = file["signing_key"].as_str().and_then(|name| keys.get(name).ok()) else {
        return run.fault(name, "names no signing key of the folder");
    };
    if file
        .get("options")
        .is_some_and(|options| *options != json!({ "freshness_window": null, "replay_cache": false }))
    {
        run.fault(name, "has options that the runner does not know");
    }
    if let Some(entry) = file.get("official_example") {
        example(run, name, file, entry);
    }
    let case = |entry: &Value| case(key, file, entry);
    let members = &[
        "label",
        "note",
        "raw_body",
        "signed_over",
        "endpoint",
        "event_id",
        "timestamp",
        "signature",
        "reserialized_body",
        "body_hash_reserialized",
        "body_hash_raw",
        "signed_message",
        "peer",
        "valid",
        "ecosystem_key",
    ];
    let facts = &["ecosystem_id", "key_request_paths", "signing_key", "options", "official_example"];
    lists(run, name, file, facts, &[List { name: "cases", members, run: &case }]);
}

/// The provider's published example: hash and text, and the case that carries the same text with a signature.
fn example(run: &mut Run, name: &str, file: &Value, entry: &Value) {
    let compared = (|| {
        let hash = vectors::webhook_body_hash(text(entry, "raw_body")?.as_bytes());
        equal("the body's hash", hash.as_str(), text(entry, "body_hash")?)?;
        let message = vectors::webhook_signed_text(
            text(entry, "endpoint")?,
            text(entry, "event_id")?,
            text(entry, "timestamp")?,
            text(entry, "raw_body")?.as_bytes(),
        );
        equal("the signed text", message.as_str(), text(entry, "message")?)?;
        let Some(same) = entry.get("same_message_as") else { return Ok(()) };
        let cases = file["cases"].as_array().ok_or("has no cases")?;
        let twin = cases.iter().find(|case| case["label"] == *same).ok_or("names no case")?;
        equal("the text of the case", message.as_str(), text(twin, "signed_message")?)
    })();
    run.case(&format!("{name} official_example"), &compared.err().into_iter().collect());
}

fn case(key: &SigningKey, file: &Value, entry: &Value) -> Outcome {
    let valid = entry["valid"].as_bool().ok_or("does not say whether it is valid")?;
    let (endpoint, body) = (text(entry, "endpoint")?, text(entry, "raw_body")?);
    if let Some(hash) = entry["body_hash_raw"].as_str() {
        equal("the body's hash", vectors::webhook_body_hash(body.as_bytes()).as_str(), hash)?;
    }
    let has_key = match entry["ecosystem_key"].as_str() {
        None => true,
        Some("missing") => false,
        Some(_) => return Err("has a key that the runner does not know".to_owned()),
    };
    let fits = vectors::webhook_is_authentic(
        endpoint,
        text(entry, "event_id")?,
        text(entry, "timestamp")?,
        body.as_bytes(),
        text(entry, "signature")?,
        &key.verifying_key(),
    );
    equal("the signature's verdict", &(fits && has_key), &valid)?;

    let mut headers = HeaderMap::new();
    for (header, member) in
        [("signature", "signature"), ("x-event-id", "event_id"), ("x-event-timestamp", "timestamp")]
    {
        match HeaderValue::try_from(text(entry, member)?) {
            Ok(value) => headers.insert(header, value),
            // No HTTP message has such a header.
            Err(_) => return equal("the verdict", &false, &valid).map(|()| Verdict::Passed),
        };
    }
    let keys = if has_key { json!({ "signing": key.verifying_key().to_pem() }) } else { json!({}) };
    let memory = MockTransport::new([
        MockResponse::json(200, r#"{"success":true,"data":{"access_token":"sdk-token"}}"#),
        MockResponse::json(200, json!({ "success": true, "data": keys }).to_string()),
    ]);
    let client = Client::builder("api-key")
        .environment(Environment::Sandbox)
        .options(Options::new().transport(memory.clone()))
        .build();
    let webhooks = done("the client", client)?.webhooks(endpoint);
    let webhooks = done("the verifier", webhooks)?.without_window();
    let opened = isolated(async { webhooks.open(&headers, body.as_bytes()).await.map(|_| ()) })?;
    equal("the verdict", &opened.is_ok(), &valid)?;
    let asked: Vec<_> = memory.sent().iter().skip(1).map(|sent| path(&sent.url)).collect();
    // A message without a signature is refused before a key is asked for.
    if let Some(paths) = file.get("key_request_paths")
        && (!asked.is_empty() || valid)
    {
        equal("the key look-up", &json!(asked), paths)?;
    }
    Ok(Verdict::Passed)
}

fn path(url: &url::Url) -> String {
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}
