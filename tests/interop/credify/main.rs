//! The crate's side of the interoperability run: `make` prints what the provider's packages have to open, `open` reads
//! what they made. See `run` beside this file.

#![allow(clippy::expect_used, clippy::panic)]

use std::{env, io};

use kyckit::{
    clock::Clock,
    credify::{
        claims::Claims,
        encryption,
        json::{canonical, sha256, sha256_unified},
        keys::{DecryptionKey, EncryptionKey, SigningKey, VerifyingKey},
        token::{
            ApprovalToken,
            claim::{ClaimSigner, Commitment, Commitments, ScopeHashMode, VerifiedClaimToken},
            login_token,
        },
    },
    privacy::Secret,
};
use serde_json::{Map, Value, json};

const PASSWORD: &str = "supersecret";

fn main() {
    match env::args().nth(1).as_deref() {
        Some("make") => println!("{}", make()),
        Some("open") => {
            let made = serde_json::from_reader(io::stdin()).expect("JSON");
            println!("the crate opened what @credify/crypto made: {} comparisons", open(&made));
        }
        _ => panic!("say `make` or `open`"),
    }
}

fn claims() -> Claims {
    Claims::new().phone("+84381234567").address("194 Đ. Nguyễn Công Trứ, Quận 1").custom(
        "b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:history",
        [("3285592c:count", "12"), ("a", "😀".repeat(200).as_str())],
    )
}

fn make() -> Value {
    let clock = Clock::system();
    let password = Secret::from(PASSWORD);
    let keys: Vec<SigningKey> = (0..5).map(|_| SigningKey::generate(&clock).expect("a key")).collect();
    let signing = keys.iter().enumerate().map(|(index, key)| {
        let message = "Đ".repeat(index * 30);
        let approval =
            ApprovalToken { client_id: "client", entity_id: "user", scopes: &["openid"], offer_code: None };
        json!({
            "pem": key.to_pem().expect("PEM").expose(),
            "encrypted_pem": key.to_encrypted_pem(&password, &clock).expect("PEM").expose(),
            "base64url": key.to_base64url().expect("base64url").expose(),
            "public_pem": key.verifying_key().to_pem(),
            "public_base64url": key.verifying_key().to_base64url(),
            "signature": base64url(&key.sign(message.as_bytes()).expect("signed")),
            "message": message,
            "login_token": login_token(key, &clock).expect("a token").expose(),
            "approval_token": approval.sign(key, &clock).expect("a token").expose(),
        })
    });
    let signing: Value = signing.collect();

    let values: Value = (0..300)
        .map(|_| {
            let value = random(&clock);
            json!({
                "text": canonical(&value).expect("a text"),
                "sha256": sha256(&value).expect("a hash"),
                "sha256_unified": sha256_unified(&value).expect("a hash"),
            })
        })
        .collect();

    let commitments = Commitments::generate(&claims(), &clock).expect("commitments");
    let signer = ClaimSigner::new(keys[0].clone(), "market");
    let tokens = signer.sign("user", &claims(), &commitments, &clock).expect("tokens");
    let claim_tokens: Value = commitments
        .iter()
        .zip(&tokens)
        .map(|((scope, commitment), token)| {
            json!({
                "scope": scope,
                "claims": claims().get(scope).expect("a scope").expose(),
                "commitment": commitment.expose(),
                "token": token.expose(),
            })
        })
        .collect();

    let key = DecryptionKey::generate().expect("a key");
    let public = key.encryption_key().expect("the public half");
    let texts: Value = ["a".to_owned(), "x".repeat(318), "x".repeat(319), "y".repeat(1000)]
        .iter()
        .map(|text| json!({"plaintext": text, "ciphertext": public.encrypt(text).expect("encrypted")}))
        .collect();
    let shared = claims().with_commitments(&commitments).expect("commitments");
    // The provider's package loses characters that stand across two blocks.
    let shared =
        shared.scope("b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:history", json!({"a": "1"})).expect("a scope");
    json!({
        "password": PASSWORD,
        "signing": signing,
        "values": values,
        "claim_tokens": claim_tokens,
        "rsa": {
            "pem": key.to_pem().expect("PEM").expose(),
            "encrypted_pem": key.to_encrypted_pem(&password, &clock).expect("PEM").expose(),
            "base64url": key.to_base64url().expect("base64url").expose(),
            "texts": texts,
            "claims": ascii(&shared),
            "fields": encryption::encrypt_fields(&ascii(&shared), &public).expect("encrypted"),
            "aggregated": encryption::encrypt_aggregated(&ascii(&shared), &public, &keys[0]).expect("encrypted"),
        },
    })
}

/// The provider's package reads the payload of a token as Latin-1.
fn ascii(claims: &Claims) -> Claims {
    let text = claims.to_value().expose().to_string();
    let text: String = text.chars().filter(char::is_ascii).collect();
    Claims::from_value(serde_json::from_str(&text).expect("JSON")).expect("claims")
}

/// A value with everything that is written in more than one way: floats, index keys, other planes, controls.
fn random(clock: &Clock) -> Value {
    let bytes = clock.random::<400>().expect("randomness");
    let numbers: Vec<f64> = bytes
        .chunks_exact(8)
        .map(|chunk| f64::from_bits(u64::from_le_bytes(chunk.try_into().expect("eight bytes"))))
        .filter(|number| number.is_finite())
        .collect();
    let char = |at: usize| {
        let code = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2] & 0x10, 0]);
        char::from_u32(code).unwrap_or('\u{e000}')
    };
    let name = |at: usize| (0..2).map(|offset| char(at + 3 * offset)).collect::<String>();
    let mut members = Map::new();
    members.insert(name(0), json!(numbers));
    members.insert(u32::from(bytes[9]).to_string(), json!([[1, 2], [{"b": 1, "a": name(10)}]]));
    members.insert(
        name(20),
        json!({name(30): i64::from_le_bytes(bytes[..8].try_into().expect("eight")), "0": null}),
    );
    members.insert(
        u32::from(bytes[19]).to_string(),
        json!(u64::from_le_bytes(bytes[8..16].try_into().expect("eight"))),
    );
    // What an object of JavaScript cannot hold as it is.
    members.retain(|name, _| name != "__proto__");
    Value::Object(members)
}

fn open(made: &Value) -> usize {
    let mut compared = 0;
    let mut same = |what: &str, fits: bool| {
        assert!(fits, "{what} differs");
        compared += 1;
    };
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let secret = |value: &Value| Secret::new(text(value));
    let password = secret(&made["password"]);
    let list = |value: &Value| value.as_array().expect("a list").clone();

    for key in list(&made["signing"]) {
        let public = VerifyingKey::new(&text(&key["public_pem"])).expect("a key");
        for private in [
            SigningKey::new(&secret(&key["pem"]), None),
            SigningKey::new(&secret(&key["encrypted_pem"]), Some(&password)),
            SigningKey::new(&secret(&key["base64url"]), None),
        ] {
            let private = private.expect("a key");
            same("a public key", private.verifying_key().to_pem() == text(&key["public_pem"]));
            same("a public key", private.verifying_key().to_base64url() == text(&key["public_base64url"]));
            let signature = private.sign(text(&key["message"]).as_bytes()).expect("signed");
            same("a signature", base64url(&signature) == text(&key["signature"]));
        }
        same("a signature", public.verifies_text(text(&key["message"]).as_bytes(), &text(&key["signature"])));
    }
    for value in list(&made["values"]) {
        let read: Value = serde_json::from_str(&text(&value["text"])).expect("JSON");
        same("a canonical text", canonical(&read).expect("a text") == text(&value["text"]));
        same("a hash", sha256(&read).expect("a hash") == text(&value["sha256"]));
        same(
            "a hash of a sorted value",
            sha256_unified(&read).expect("a hash") == text(&value["sha256_unified"]),
        );
    }

    let claims = Claims::from_value(made["claims"].clone()).expect("claims");
    let market = VerifyingKey::new(&text(&made["signing"][0]["public_pem"])).expect("a key");
    for token in list(&made["claim_tokens"]) {
        let verified = VerifiedClaimToken::read(&text(&token["token"]), &market).expect("a claim token");
        let commitment = Commitment::new(text(&token["commitment"]));
        let mode = verified.matches_with(&claims, &commitment, &ScopeHashMode::ALL);
        same("a scope hash", mode == Some(ScopeHashMode::PerScope));
    }

    let key = DecryptionKey::new(&secret(&made["rsa"]["pem"]), None).expect("a key");
    for again in [
        DecryptionKey::new(&secret(&made["rsa"]["encrypted_pem"]), Some(&password)),
        DecryptionKey::new(&secret(&made["rsa"]["base64url"]), None),
    ] {
        let again = again.expect("a key").to_pem().expect("PEM");
        same("a private key", again.expose() == key.to_pem().expect("PEM").expose());
    }
    let public = EncryptionKey::new(&text(&made["rsa"]["public_pem"])).expect("a key");
    let own = key.encryption_key().expect("the public half");
    same("a public key", public.to_base64url().expect("base64url") == own.to_base64url().expect("base64url"));
    for one in list(&made["rsa"]["texts"]) {
        let opened = key.decrypt(&text(&one["ciphertext"])).expect("opened");
        same("an encrypted text", *opened.expose() == text(&one["plaintext"]));
    }
    let opened = encryption::decrypt_fields(&made["rsa"]["fields"], &key).expect("opened");
    same("claims field by field", *opened.expose() == made["rsa"]["claims"]);
    for one in list(&made["rsa"]["tokens"]) {
        let opened = key.decrypt_token(&text(&one["token"])).expect("opened");
        let payload = text(&one["payload"]);
        // A text may come as JSON or as it is.
        same(
            "an encrypted token",
            *opened.expose() == payload
                || serde_json::from_str::<String>(opened.expose()).ok() == Some(payload),
        );
    }
    compared
}

fn base64url(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}
