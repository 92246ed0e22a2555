//! Keys and people of the tests, and an authority that knows them.

use kyckit::{
    Error, ErrorKind,
    clock::Clock,
    credify::{
        authority::{Authority, Introspection, PublicKeys},
        keys::{DecryptionKey, SigningKey},
    },
    privacy::Secret,
};
use serde_json::Value;
use std::{
    sync::LazyLock,
    time::{Duration, SystemTime},
};

pub const MARKET: &str = "40f9a736-0d97-409b-a0f7-d23ebca20bde";
pub const CONSUMER: &str = "8e0b198b-f112-4612-96bb-9d2c8b8ca0c3";
pub const USER: &str = "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512";
pub const NOW: u64 = 1_664_236_800;

pub fn at(seconds: u64) -> Clock {
    Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).0
}

pub fn clock() -> Clock {
    at(NOW)
}

fn vectors(file: &str) -> Value {
    let path = format!("{}/tests/vectors/credify/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}

fn member(file: &str, name: &str, member: &str) -> String {
    let file = vectors(file);
    let keys = file["keys"].as_array().expect("keys");
    let key = keys.iter().find(|key| key["name"] == name).expect("a key of this name");
    key[member].as_str().expect("a text").to_owned()
}

pub fn signing_key(name: &str) -> SigningKey {
    SigningKey::from_seed(&Secret::new(member("signing-keys.json", name, "seed_base64url"))).expect("a key")
}

/// RSA, 3072 bits: one block holds 318 bytes.
pub static RSA: LazyLock<DecryptionKey> = LazyLock::new(|| {
    DecryptionKey::from_pem(&Secret::new(member("encryption.json", "rsa-3072", "private_pem")), None)
        .expect("a key")
});

/// Another one, of 2048 bits.
pub static OTHER_RSA: LazyLock<DecryptionKey> = LazyLock::new(|| {
    DecryptionKey::from_pem(&Secret::new(member("encryption.json", "rsa-2048", "private_pem")), None)
        .expect("a key")
});

/// Knows the market, the consumer and the user; access tokens are the consumer's, and active but for `stale`, whatever
/// scope is asked for.
pub struct Known;

impl Authority for Known {
    async fn introspect(&self, token: &Secret, _: Option<&str>) -> Result<Introspection, Error> {
        let mut introspection = Introspection::default();
        introspection.active = token.expose() != "stale";
        match token.expose() {
            "other-scope" => introspection.scope = Some("oidc_client:read_user_counts openid".to_owned()),
            "ended" => introspection.expires_at = Some(NOW),
            "not-ended" => introspection.expires_at = Some(NOW + 1),
            "milliseconds" => introspection.expires_at = Some((NOW + 60) * 1000),
            _ => {}
        }
        introspection.client_id = Some(CONSUMER.to_owned());
        Ok(introspection)
    }

    async fn public_keys(&self, entity_id: &str) -> Result<PublicKeys, Error> {
        let name = match entity_id {
            MARKET => "market",
            CONSUMER => "consumer",
            USER => "user",
            _ => return Err(Error::new(ErrorKind::NotFound, "no such entity")),
        };
        let signing = signing_key(name).verifying_key().to_pem();
        let encryption = RSA.encryption_key().and_then(|key| key.to_pem()).expect("PEM");
        Ok(PublicKeys::new(Some(signing), Some(encryption)))
    }
}

/// A compact JWT with this header and payload, signed.
pub fn forge(key: &SigningKey, header: &str, payload: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(signed.as_bytes()).expect("signed");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The header of every token.
pub const HEADER: &str = r#"{"alg":"EdDSA","typ":"JWT"}"#;

/// A value of so many levels. The macro of serde_json would walk it at each of them.
pub fn nested(levels: usize) -> Value {
    (0..levels).fold(Value::from("x"), |inner, _| Value::Array(vec![inner]))
}
