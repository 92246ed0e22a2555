//! Every reader of JSON that an application calls itself.

use std::{str::FromStr, time::SystemTime};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue};
use kyckit::{
    clock::Clock,
    credify::{
        claims::Claims,
        encryption,
        keys::{DecryptionKey, SigningKey},
        token::claim::VerifiedClaimToken,
        userinfo::UserInfoReader,
    },
    flow::{self, Next, PersonId, Registry, SealedState, Start, StateKeys, Step},
    identity::{Attribute, Identifier, Identity, Recorded, RecordedDecision, verified_claims::ClaimSet},
    inbox::Inbox,
    maya::{self, CustomerTokens, webhook::Session},
    privacy::Secret,
    provider::ProviderId,
    selfkey::{
        self, RelyingPartyConfig, WalletKey,
        kycc::{integrations, webhook::StatusHint},
        relying_party::SignatureVerifier,
        resolver::{DidDocument, Resolver},
        token::UnverifiedToken,
    },
    storage::{MemoryInbox, MemoryOneTime},
    transport::{Options, Retry},
};
use serde_json::json;

use crate::{
    calls::{Clients, Reply, Target, maya_profile, sign},
    clients::Hostile,
    hostile::{TEXTS, TOKENS, Text, on_a_usual_stack},
};

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        let name = HeaderName::try_from(*name).expect("a name");
        (name, HeaderValue::try_from(*value).expect("a value"))
    };
    pairs.iter().map(pair).collect()
}

/// Reads a text with a reader that has to refuse what no reader may take.
fn refuse<T>(reader: &str, text: &Text, read: impl FnOnce(&[u8]) -> Result<T, kyckit::Error>) {
    match read(text.body.as_bytes()) {
        Ok(_) => assert!(!text.refused, "{reader} took {}", text.name),
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("private::"), "{reader}: {shown}");
        }
    }
}

#[test]
fn every_reader_of_a_text_refuses_it() {
    on_a_usual_stack(|| {
        let push = headers(&[("content-type", "application/json")]);
        for text in TEXTS.iter() {
            refuse("ClaimSet", text, ClaimSet::from_json);
            refuse("Recorded", text, Recorded::from_json);
            refuse("RecordedDecision", text, RecordedDecision::from_json);
            refuse("StatusHint", text, StatusHint::read);
            refuse("DidDocument", text, DidDocument::from_json);
            refuse("RelyingPartyConfig", text, RelyingPartyConfig::from_json);
            refuse("CustomerTokens", text, CustomerTokens::from_json);
            refuse("Session", text, |body| Session::read(&push, body, SystemTime::UNIX_EPOCH));
            refuse("SealedState", text, |body| SealedState::from_str(&String::from_utf8_lossy(body)));
            refuse("UnverifiedToken", text, |body| {
                UnverifiedToken::read(String::from_utf8_lossy(body).into_owned())
            });
        }
    });
}

#[test]
fn times_and_tokens_of_a_push_refuse_it() {
    on_a_usual_stack(|| {
        let push = headers(&[("content-type", "application/json")]);
        for text in TEXTS.iter().filter(|text| text.refused) {
            for member in ["expiryAt", "expiresAt", "accessToken", "refreshToken", "other"] {
                let tokens = r#""accessToken":"j.w.e.1.x","refreshToken":"r.0.1","expiresAt":4000000000"#;
                let body = format!("{{\"{member}\":{},{tokens}}}", text.body);
                let read = Session::read(&push, body.as_bytes(), SystemTime::UNIX_EPOCH);
                assert!(read.is_err(), "{member} took {}", text.name);
            }
        }
    });
}

#[test]
fn hostile_tokens_are_refused() {
    on_a_usual_stack(|| {
        let signing = SigningKey::generate(&Clock::system()).expect("a key");
        let verifying = signing.verifying_key();
        for token in TOKENS.iter() {
            let _ = UnverifiedToken::read(token.clone());
            assert!(VerifiedClaimToken::read(token, &verifying).is_err());
            let (message, _) = token.rsplit_once('.').expect("three parts");
            let signature = URL_SAFE_NO_PAD.encode(signing.sign(message.as_bytes()).expect("signed"));
            assert!(VerifiedClaimToken::read(&format!("{message}.{signature}"), &verifying).is_err());
            assert!(SealedState::from_str(token).is_err() || !token.is_empty());
        }
    });
}

#[test]
fn keys_that_are_hostile_json_are_refused() {
    on_a_usual_stack(|| {
        let keys = json!({ "kty": "oct", "k": "AAAA" }).to_string();
        for text in TEXTS.iter() {
            for (private, secret) in [(&text.body, &keys), (&keys, &text.body)] {
                let client = maya::Client::builder("client-1", "s3cret")
                    .token_url("https://connect.example/token")
                    .keys(private.clone(), secret.clone())
                    .build();
                assert!(client.is_err(), "{}", text.name);
            }
            assert!(SigningKey::from_seed(&Secret::from(text.body.as_str())).is_err());
        }
    });
}

#[test]
fn a_signed_and_encrypted_profile_refuses_it() {
    on_a_usual_stack(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        for text in TEXTS.iter() {
            for payload in [text.body.clone(), format!("{{\"id\":\"a\",\"exp\":{}}}", text.body)] {
                let body = json!({ "data": maya_profile(&payload, true) }).to_string();
                let transport = Hostile { request: "GET /maya/profile", reply: Reply::json(200, body) };
                let options = Options::new().retry(Retry::never()).transport(transport);
                let clients = Clients::new(Target { origin: "http://127.0.0.1:9".to_owned(), options });
                let read = runtime.block_on(clients.maya().profile(&clients.tokens()));
                assert!(read.is_err() || !text.refused, "{}", text.name);
            }
        }
    });
}

#[test]
fn signed_callbacks_refuse_it() {
    on_a_usual_stack(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let clients =
                Clients::new(Target { origin: "http://127.0.0.1:9".to_owned(), options: Options::new() });
            let callbacks = clients.shuftipro().callbacks();
            let inbox = Inbox::new(MemoryInbox::new());
            for text in TEXTS.iter() {
                let signature = sign(text.body.as_bytes());
                let headers = headers(&[("signature", &signature), ("content-type", "application/json")]);
                let received = inbox.receive(&callbacks, &headers, text.body.as_bytes()).await;
                assert!(received.is_err() || !text.refused, "{}", text.name);
            }
        });
    });
}

#[test]
fn values_that_an_application_hands_over_are_read_to_their_end() {
    on_a_usual_stack(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let key = DecryptionKey::generate().expect("a key");
        let public = key.encryption_key().expect("its public half");
        let reader = UserInfoReader::new(&key);
        let verifier = SignatureVerifier::new(Resolver::new());
        let did = "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347";
        let texts = TEXTS.iter().map(|text| &text.body).chain(TOKENS.iter());
        // Encryption block by block takes its time.
        for text in texts.filter(|text| text.len() < 20_000) {
            // A text where a token or an encrypted value is expected.
            let info = json!({ "email": { "email": text }, "_claim_names": { "a": "b" }, "_claim_sources": { "b": { "JWT": text } } });
            let _ = runtime.block_on(reader.read(info));
            let _ = runtime.block_on(reader.read(json!({ "email": { "email": text } })));
            let _ =
                runtime.block_on(verifier.verify("message", &json!({ "value": text, "keyId": text }), did));
            let _ = runtime.block_on(verifier.verify("message", &json!(text), did));
            let _ = Claims::from_value(json!({ "email": text }));
            let _ = encryption::decrypt_fields(&json!({ "email": { "email": text } }), &key);
            // The same behind encryption, where it is plain only afterwards.
            let fields = json!({ "email": { "email": public.encrypt(text).expect("encrypted") } });
            let _ = runtime.block_on(reader.read(fields.clone()));
            let _ = encryption::decrypt_fields(&fields, &key);
            let sealed = public.encrypt_token(text).expect("encrypted");
            let info = json!({ "_claim_names": { "a": "b" }, "_claim_sources": { "b": { "JWT": sealed } } });
            let _ = runtime.block_on(reader.read(info));
        }
    });
}

#[test]
fn a_wallets_reply_in_a_flow_refuses_it() {
    on_a_usual_stack(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let reviews =
                integrations::Client::builder("http://127.0.0.1:9", "key").build().expect("a client");
            let way = flow::selfkey::SelfKeyFlow::new(reviews, SignatureVerifier::new(Resolver::new()))
                .template("T1");
            let registry = Registry::new(StateKeys::new([7; 32]), MemoryOneTime::new()).with(way);
            let wallet =
                WalletKey::from_hex("4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4");
            let wallet = wallet.expect("a key");
            let person = PersonId::new("customer-1").expect("a name");
            let mut states = vec![];
            for text in TEXTS.iter().map(|text| &text.body).chain(TOKENS.iter()) {
                let mut known = Identity::new();
                let did = Identifier::new(flow::selfkey::IDENTIFIER, wallet.did().as_str());
                known.add(Attribute::self_asserted(did, ProviderId::new("sign-up"), SystemTime::now()));
                let start = Start::new(person.clone()).known_identity(known);
                let Step::Next(pending) = registry.start(selfkey::PROVIDER, &start).await.expect("begun")
                else {
                    panic!("it waits for a signature")
                };
                assert!(matches!(pending.next, Next::SignNonce { .. }));
                states.push(pending.state.clone());
                let step =
                    registry.resume(&person, &pending.state, flow::Reply::signature(text.as_str())).await;
                assert!(!matches!(step, Ok(Step::Done(_))), "nothing was signed");
            }
            assert!(states.len() > 20);
        });
    });
}
