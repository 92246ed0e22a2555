//! What a provider answers when all is well, by method and path.

use std::sync::LazyLock;

use josekit::{
    jwe::{self, JweHeader, RSA_OAEP},
    jwk::Jwk,
    jws::{self, HS256, JwsHeader},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::SHUFTIPRO_SECRET;

/// One response.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }.header("content-type", "application/json")
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }
}

/// Shufti Pro's header over a body: SHA-256 over the body and the hex of SHA-256 of the secret.
pub fn sign(body: &[u8]) -> String {
    let inner = hex::encode(Sha256::digest(SHUFTIPRO_SECRET));
    hex::encode(Sha256::new().chain_update(body).chain_update(inner).finalize())
}

fn signed(body: &Value) -> Reply {
    let body = body.to_string();
    let signature = sign(body.as_bytes());
    Reply::json(200, body).header("signature", signature)
}

/// The nested token of a profile: signed with the agreed key, or with another one.
pub fn maya_profile(payload: &str, signed_as_agreed: bool) -> String {
    static KEYS: LazyLock<(Jwk, Jwk)> = LazyLock::new(|| {
        let keys: Value = serde_json::from_str(include_str!("../../vectors/maya/keys.json")).expect("keys");
        let key = |name: &str| Jwk::from_bytes(keys[name].to_string()).expect("a key");
        let private = key("jwe_private_jwk");
        (private.to_public_key().expect("its public half"), key("jws_secret_jwk"))
    });
    let (encryption, signing) = &*KEYS;
    let mut other = Jwk::new("oct");
    other.set_key_value([7; 64]);
    let signing = if signed_as_agreed { signing } else { &other };
    let signer = HS256.signer_from_jwk(signing).expect("a signer");
    let mut header = JwsHeader::new();
    header.set_token_type("JWT");
    let inner = jws::serialize_compact(payload.as_bytes(), &header, &signer).expect("signed");
    let mut header = JweHeader::new();
    header.set_content_encryption("A256GCM");
    let encrypter = RSA_OAEP.encrypter_from_jwk(encryption).expect("an encrypter");
    jwe::serialize_compact(inner.as_bytes(), &header, &encrypter).expect("encrypted")
}

/// A token that the crate reads without checking its signature.
pub fn unsigned_token(payload: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", part(r#"{"alg":"HS512","typ":"JWT"}"#), part(payload))
}

pub const DID: &str = "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347";
pub const SELFKEY_DID: &str =
    "did:selfkey:0xee10a3335f48e10b444e299cf017d57879109c1e32cec3e31103ceca7718d0ec";

/// The answer to a request, when all is well. `origin` is where the request came to.
pub fn good(origin: &str, method: &str, path: &str, body: &[u8]) -> Option<Reply> {
    let request = format!("{method} {path}");
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    if path.starts_with("/shuftipro") {
        return shuftipro(origin, &request, &asked);
    }
    let ok = |body: Value| Some(Reply::json(200, body.to_string()));
    let data = |body: Value| ok(json!({ "success": true, "data": body }));
    match request.as_str() {
        // Maya.
        "POST /maya-connect/token" => {
            ok(json!({ "access_token": "aaa.bbb.ccc", "token_type": "Bearer", "expires_in": 3600 }))
        }
        "POST /maya/tokens" => {
            ok(json!({ "accessToken": "j.w.e.2.x", "refreshToken": "r.0.2", "expiresAt": 4_000_000_000_u64 }))
        }
        "GET /maya/profile" => {
            let profile = json!({
                "id": "4f0c2a9e71d85b36aa10c7e2d94b6f38e105",
                "profileId": "900100200301",
                "kycStatus": "KYC1",
                "identityDocument": [{ "type": "PASSPORT", "frontUrl": format!("{origin}/maya/file") }],
            });
            ok(json!({ "data": maya_profile(&profile.to_string(), true) }))
        }
        "GET /maya/file" => file(),
        // Credo360.
        "GET /credo360/auth/02598397346" => ok(json!({ "methods": ["passcode", "signature"] })),
        "POST /credo360/auth/02598397346" => ok(json!({
            "challengeId": "c-1",
            "method": "passcode",
            "expiresAt": 4_000_000_000_u64,
            "validation": { "length": 6, "attempts": 3, "delivery": "sms" },
        })),
        "PATCH /credo360/auth/c-1" => ok(json!({ "handleId": "02598397346" })),
        "GET /credo360/users/02598397346" => {
            Some(Reply::json(200, include_str!("../../vectors/credo360/user.json")))
        }
        // A wallet's relying party.
        "POST /selfkey/auth/challenge" => {
            ok(json!({ "jwt": unsigned_token(r#"{"sub":"wallet","exp":4000000000}"#) }))
        }
        "GET /selfkey/applications" => ok(json!([{ "id": "A1", "currentStatus": 4 }])),
        "GET /selfkey/applications/A1" => ok(json!({
            "id": "A1",
            "currentStatus": 4,
            "attributes": { "more": {
                "schemaId": "http://platform.selfkey.org/schema/attribute/national-id.json",
                "isAdditional": true,
            } },
        })),
        "POST /selfkey/applications" | "POST /selfkey/applications/A1/members" => {
            Some(Reply::json(201, r#"{"id":"A2"}"#))
        }
        "GET /selfkey/applications/A1/chat" => ok(json!([{ "id": "m1", "message": "hello" }])),
        "POST /selfkey/applications/A1/chat"
        | "POST /selfkey/applications/A1/payments"
        | "POST /selfkey/applications/A1/change_status"
        | "POST /selfkey/applications/A1/attributes"
        | "PATCH /selfkey/applications/A1" => ok(json!({})),
        "POST /selfkey/files" | "POST /selfkey/users/file" => Some(Reply::json(201, r#"{"id":"f-1"}"#)),
        "GET /selfkey/users/files/f-1" => ok(json!({ "url": "https://files.example/f-1" })),
        "GET /selfkey/kyc-users/me" => ok(json!({ "_id": "u-1" })),
        "POST /selfkey/kyc-users" => Some(Reply::json(201, r#"{"_id":"u-1"}"#)),
        "GET /selfkey/auth/token" => ok(json!({ "jwt": "a.b.c" })),
        "GET /selfkey/templates" => ok(json!([{ "id": "T1", "name": "One" }])),
        "GET /selfkey/templates/T1" => ok(json!({ "id": "T1", "name": "One" })),
        "POST /selfkey/users" => Some(Reply::json(201, r#"{"token":"user-token"}"#)),
        "GET /selfkey/users/token" => ok(json!({ "token": "user-token" })),
        "POST /selfkey/login" => ok(json!({ "redirectTo": "/in" })),
        // KYC-Chain.
        "GET /kycc/integrations/v2/applications" => ok(json!({ "items": [{ "id": "A1" }] })),
        "GET /kycc/integrations/v2/users" => ok(json!({ "items": [{ "_id": "u-1" }] })),
        "GET /kycc/integrations/v2/users/u-1" => ok(json!({ "_id": "u-1" })),
        "GET /kycc/integrations/v2/applications/A1"
        | "PATCH /kycc/integrations/v2/applications/A1"
        | "POST /kycc/integrations/v2/applications/A1/status_changes" => {
            ok(json!({ "id": "A1", "currentStatus": 2 }))
        }
        "POST /kycc/integrations/v2/applications/A1/attributes"
        | "POST /kycc/integrations/v2/applications/A1/attributes/invalidate"
        | "POST /kycc/integrations/v2/applications/A1/questions"
        | "POST /kycc/integrations/v2/applications/A1/questions/invalidate"
        | "POST /kycc/integrations/v2/applications/A1/attachments" => ok(json!({})),
        "GET /kycc/integrations/v2/files/f-1" | "GET /kycc/api/v2/files/f-1" => file(),
        "POST /kycc/api/v2/auth/login" => {
            let login = Reply::json(200, r#"{"user":{"_id":"u-1"}}"#);
            Some(login.header("set-cookie", "sid=1; Path=/; HttpOnly"))
        }
        "GET /kycc/api/v2/applications" => ok(json!([{ "id": "A1", "currentStatus": 2 }])),
        "GET /kycc/api/v2/applications/A1" => ok(json!({
            "id": "A1",
            "currentStatus": 2,
            "attributes": { "id": { "value": { "front": {
                "mimeType": "image/png", "size": 8, "name": "a.png", "content": "f-1",
            } } } },
        })),
        // Credify.
        "POST /credify-api/v1/token" => data(json!({ "access_token": "t0ken" })),
        "POST /credify-api/v1/oauth2/introspect" => data(json!({ "active": true })),
        "GET /credify-api/v1/entity/public-key" => {
            data(json!({ "signing": super::clients::signing_key().verifying_key().to_pem() }))
        }
        "POST /credify-api/v1/claim-providers/offers" => data(json!({ "offers": [] })),
        "PUT /credify-api/v1/oidc-clients/offers/transactions/t-1/status" => ok(json!({ "success": true })),
        "PUT /credify-api/v1/claim-providers/entities/e-1/claims" => ok(json!({ "success": true })),
        "GET /credify-api/v1/oidc-clients/campaigns" => data(json!({ "campaigns": [], "total_count": 0 })),
        "GET /credify-api/v1/oidc-clients/offers/o-1" => data(json!({ "offer": { "code": "o-1" } })),
        "GET /credify-api/v1/integration/bnpl-consumers/completed-bnpl-providers" => {
            data(json!({ "providers": [] }))
        }
        "POST /credify-api/v2/integration/claim-providers/products/p/simulation" => {
            data(json!({ "simulations": [] }))
        }
        "GET /credify-api/v1/integration/bnpl-consumers/orders" => data(json!({ "orders": [] })),
        "POST /credify-api/v1/integration/bnpl-consumers/orders"
        | "GET /credify-api/v1/integration/bnpl-providers/orders/x"
        | "GET /credify-api/v1/bnpl-consumer/orders/x"
        | "POST /credify-api/v1/integration/bnpl-providers/orders/x/complete"
        | "POST /credify-api/v1/integration/bnpl-consumers/orders/x/revert"
        | "POST /credify-api/v1/integration/bnpl-consumers/orders/x/disburse" => data(json!({ "id": "x" })),
        "POST /credify-api/v1/idpass/users" => data(json!({ "id": "e-2" })),
        "POST /credify-oidc/oauth2/token" => ok(json!({ "access_token": "u-token", "token_type": "bearer" })),
        "GET /credify-oidc/userinfo" => ok(json!({ "sub": "e-1" })),
        _ if request == format!("GET /selfkey/auth/challenge/{DID}") => {
            ok(json!({ "jwt": unsigned_token(r#"{"nonce":"test"}"#) }))
        }
        _ if request == format!("GET /resolver/{SELFKEY_DID}") => ok(json!({
            "id": SELFKEY_DID,
            "publicKey": [],
            "authentication": [],
        })),
        _ if path.ends_with("/anything") => ok(json!({ "a": 1 })),
        _ => None,
    }
}

fn file() -> Option<Reply> {
    Some(Reply::json(200, b"\x89PNG\r\n\x1A\n".to_vec()).header("content-type", "image/png"))
}

fn shuftipro(origin: &str, request: &str, asked: &Value) -> Option<Reply> {
    let reference = asked["reference"].as_str().unwrap_or_default();
    Some(match request {
        "POST /shuftipro/" | "POST /shuftipro-risk/" => {
            signed(&json!({ "reference": reference, "event": "request.pending" }))
        }
        "POST /shuftipro/status" if reference.starts_with("unknown") => {
            let error =
                json!({ "service": "", "key": "reference", "message": "The selected reference is invalid." });
            let mut refused =
                signed(&json!({ "reference": reference, "event": "request.invalid", "error": error }));
            refused.status = 400;
            refused
        }
        "POST /shuftipro/status" if reference.starts_with("proofs") => signed(&json!({
            "reference": reference,
            "event": "verification.accepted",
            "proofs": { "access_token": "t0ken", "face": { "proof": format!("{origin}/shuftipro/proof") } },
        })),
        "POST /shuftipro/status" => signed(&json!({ "reference": reference, "event": "request.pending" })),
        "POST /shuftipro/delete" => signed(&json!({ "reference": reference, "event": "request.deleted" })),
        "POST /shuftipro/get/access/token" => signed(&json!({ "access_token": "t0ken" })),
        "GET /shuftipro/account/info/" => signed(&json!({ "account": {
            "name": "Example Ltd",
            "status": "trial",
            "balance": { "amount": "99.85", "currency": "USD" },
        } })),
        "GET /shuftipro/decline/reasons/" => signed(
            &json!({ "decline_reasons": [{ "status_code": "SPDR01", "description": "Face could not be verified" }] }),
        ),
        "GET /shuftipro/proof" | "POST /shuftipro/proof" => return file(),
        "GET /shuftipro/anything" | "POST /shuftipro/anything" => signed(&json!({ "a": 1 })),
        _ => return None,
    })
}
