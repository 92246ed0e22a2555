//! A relying party under test, and a wallet that speaks to it without a socket.

use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use kyckit::{
    clock::{Clock, Frozen},
    selfkey::{
        Dialect, WalletKey,
        attribute::Requirement,
        relying_party::{Builder, Memory, RelyingParty, Schemas, TokenIssuer},
    },
    transport::Body,
};
use serde_json::{Value, json};

/// 64 bytes in base64, 88 characters.
pub const SECRET: &str =
    "gEJPmQNj2hpL4hpl3WDhxbMPDF7H/L7a15hsCIUHIt/qdUmkc8Umz3EVCdqxFZsPmMBFSnG+M5tbXVn3CUbJNQ==";
/// From the vectors.
pub const KEY: &str = "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4";
pub const DID: &str = "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347";
pub const NOW: u64 = 1_700_000_000;
pub const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

pub const NAME: &str = "http://platform.selfkey.org/schema/attribute/first-name.json";
pub const EMAIL: &str = "http://platform.selfkey.org/schema/attribute/email.json";
pub const PASSPORT: &str = "http://platform.selfkey.org/schema/attribute/passport.json";

pub struct Party {
    pub party: RelyingParty,
    pub store: Memory,
    pub clock: Frozen,
    pub caller: IpAddr,
    pub dialect: Dialect,
}

/// An answer: its status and its JSON, null for an empty body.
pub type Answer = (u16, Value);

impl Party {
    pub fn new() -> Self {
        Self::with(Dialect::Current, |builder| builder)
    }

    pub fn documented() -> Self {
        Self::with(Dialect::Documented, |builder| builder)
    }

    pub fn with(dialect: Dialect, set_up: impl FnOnce(Builder) -> Builder) -> Self {
        let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
        let store = Memory::new().clock(clock.clone()).landing("https://site.example/in");
        store.add_template(
            "T1",
            "Individual",
            [Requirement::new(NAME).id("r1"), Requirement::new(EMAIL).id("r2")],
        );
        store.add_template_value(json!({ "id": 1, "attributes": [NAME] }));
        let builder = RelyingParty::builder(TokenIssuer::hmac(SECRET).expect("a secret").clock(clock))
            .store(store.clone())
            .schemas(schemas())
            .dialect(dialect);
        Self { party: set_up(builder).build(), store, clock: frozen, caller: HOME, dialect }
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Bytes> {
        self.party.handle(request, self.caller).await
    }

    pub async fn call(&self, method: &str, path: &str, token: Option<&str>, body: Value) -> Answer {
        let body = if body.is_null() { Body::Empty } else { Body::Bytes(body.to_string().into()) };
        read(&self.send(request(method, path, token, body)).await)
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.call("GET", path, Some(token), Value::Null).await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.call("POST", path, Some(token), body).await
    }

    /// Multipart: name, file name, media type, content.
    pub async fn parts(&self, path: &str, token: &str, parts: &[Part<'_>]) -> Answer {
        read(&self.send(multipart(path, token, parts)).await)
    }

    pub async fn challenge(&self, did: &str) -> String {
        let path = match self.dialect {
            Dialect::Documented => "/auth/challenge".to_owned(),
            _ => format!("/auth/challenge/{did}"),
        };
        let (status, body) = self.call("GET", &path, None, Value::Null).await;
        assert_eq!(status, 200, "{body}");
        body["jwt"].as_str().expect("a token").to_owned()
    }

    /// A challenge and the body that answers it.
    pub async fn signed(&self, key: &WalletKey) -> (String, Value) {
        let did = key.did().as_str();
        let challenge = self.challenge(did).await;
        let signature = sign(key, &challenge);
        let body = match self.dialect {
            Dialect::Documented => json!({ "signature": signature }),
            _ => json!({ "signature": { "value": signature, "keyId": format!("{did}#keys-1") } }),
        };
        (challenge, body)
    }

    pub async fn log_in(&self) -> String {
        let (challenge, body) = self.signed(&wallet()).await;
        let (status, answer) = self.post("/auth/challenge", &challenge, body).await;
        assert_eq!(status, 200, "{answer}");
        answer["jwt"].as_str().expect("a token").to_owned()
    }

    /// Nothing was kept of anything.
    pub fn assert_empty(&self) {
        assert_eq!(self.store.user_count(), 0, "a user was stored");
        assert_eq!(self.store.file_count(), 0, "a file was stored");
        assert_eq!(self.store.all_applications().len(), 0, "an application was stored");
    }
}

/// A part of a multipart body: name, file name, media type, content.
pub type Part<'a> = (&'a str, Option<&'a str>, Option<&'a str>, &'a [u8]);

pub fn schemas() -> Schemas {
    let image = json!({
        "type": "object", "format": "file", "required": ["content"],
        "properties": { "mimeType": { "type": "string" }, "size": { "type": "integer" }, "content": { "type": "string" } },
    });
    Schemas::new([
        (NAME, json!({ "type": "string" })),
        (EMAIL, json!({ "type": "string", "format": "email" })),
        (PASSPORT, json!({ "type": "object", "required": ["image"], "properties": { "image": image } })),
    ])
    .expect("schemas")
}

pub fn wallet() -> WalletKey {
    WalletKey::from_hex(KEY).expect("a key")
}

/// What a wallet signs: the nonce of a token that it cannot check.
pub fn sign(key: &WalletKey, challenge: &str) -> String {
    let token = kyckit::selfkey::model::UnverifiedToken::read(challenge).expect("a token");
    key.sign_message(token.message_to_sign().expect("a nonce")).expect("signed").to_hex()
}

/// The payload of a token.
pub fn payload(token: &str) -> Value {
    kyckit::selfkey::model::UnverifiedToken::read(token).expect("a token").payload().expose().clone()
}

/// The second signature that fits: n - s, and the other parity.
pub fn high_s(signature: &str) -> String {
    let order = hex::decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").expect("hex");
    let mut bytes = hex::decode(&signature[2..]).expect("hex");
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = i16::from(order[at]) - i16::from(bytes[32 + at]) - borrow;
        borrow = i16::from(difference < 0);
        bytes[32 + at] = difference.rem_euclid(256) as u8;
    }
    bytes[64] = 55 - bytes[64];
    format!("0x{}", hex::encode(bytes))
}

pub fn request(method: &str, path: &str, token: Option<&str>, body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.header("content-type", "application/json").header("origin", "IDW").body(body).expect("a request")
}

pub fn multipart(path: &str, token: &str, parts: &[Part<'_>]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, file_name, media_type, content) in parts {
        body.extend_from_slice(
            format!("--XyZ\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes(),
        );
        if let Some(file_name) = file_name {
            body.extend_from_slice(format!("; filename=\"{file_name}\"").as_bytes());
        }
        if let Some(media_type) = media_type {
            body.extend_from_slice(format!("\r\nContent-Type: {media_type}").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--XyZ--\r\n");
    let mut request = request("POST", path, Some(token), Body::Bytes(body.into()));
    let media_type = "multipart/form-data; boundary=XyZ".parse().expect("a header");
    request.headers_mut().insert("content-type", media_type);
    request
}

pub fn read(response: &Response<Bytes>) -> Answer {
    let body = if response.body().is_empty() {
        Value::Null
    } else {
        assert_eq!(response.headers()["content-type"], "application/json");
        serde_json::from_slice(response.body()).expect("JSON")
    };
    (response.status().as_u16(), body)
}

pub fn bearer(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    headers
}

/// Status and code of a refusal.
pub fn refused(answer: &Answer) -> (u16, &str) {
    assert!(StatusCode::from_u16(answer.0).is_ok_and(|status| !status.is_success()), "{answer:?}");
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}
