//! Credify's names, encodings, tokens and signed texts.

use serde_json::Value;

use crate::{
    credify::{
        Client,
        authorization::{Authorization, AuthorizationRequest},
        claims::Claims,
        json::{case, hash},
        keys::{SigningKey, VerifyingKey},
        token::{
            claim::ScopeHashMode,
            jwt::{self, LONGEST, LONGEST_WITH_DOCUMENTS, Strictness, Unverified},
        },
        validate::GrantedRequest,
        webhook::{self, Message},
    },
    error::Error,
    privacy::{Pii, Secret},
};

/// Name in camel case.
pub fn camel(name: &str) -> String {
    case::camel(name)
}

/// Name in snake case.
pub fn snake(name: &str) -> String {
    case::snake(name)
}

/// Value with all its names in camel case.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is nested too deep.
pub fn camel_keys(value: &Value) -> Result<Value, Error> {
    case::camel_keys(value)
}

/// Value with all its names in snake case.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is nested too deep.
pub fn snake_keys(value: &Value) -> Result<Value, Error> {
    case::snake_keys(value)
}

/// Base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    hash::encode(bytes)
}

/// Bytes of base64 in any of its four forms.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    hash::decode(text)
}

/// Signs a payload as a token.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a payload without a canonical text.
pub fn sign(key: &SigningKey, payload: &Value) -> Result<Pii<String>, Error> {
    jwt::sign(key, payload)
}

/// Reads a token: its header, its payload, and whether the key signed it.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) when it is not a token.
pub fn read_token(token: &str, key: &VerifyingKey) -> Result<(Value, Value, bool), Error> {
    let token = Unverified::parse(token, Strictness::Strict, LONGEST)?;
    let (header, payload) = (token.header().clone(), token.payload().clone());
    Ok((header.into(), payload.into(), token.is_signed_by(key)))
}

/// Payload of a token that the key signed and that may carry documents.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) when it is not a token, [`Signature`](crate::ErrorKind::Signature) when the key
/// did not sign it.
pub fn token_payload(token: &str, key: &VerifyingKey) -> Result<Value, Error> {
    let token = Unverified::parse(token, Strictness::Strict, LONGEST_WITH_DOCUMENTS)?;
    Ok(token.verify(key)?.into_payload().into())
}

/// Text that the hash of a claim token covers; none when the claims have no such scope.
pub fn hashed_scope(
    mode: ScopeHashMode,
    claims: &Claims,
    scope: &str,
    commitment: &str,
) -> Option<Result<String, Error>> {
    mode.hashed(claims, scope, commitment)
}

/// Encryption key of a granted request, as it came.
pub fn granted_key(grant: &GrantedRequest) -> &str {
    grant.key_text()
}

/// Authorization under given random values.
///
/// # Errors
///
/// Those of [`Client::authorization`].
pub fn authorization(
    client: &Client,
    request: &AuthorizationRequest,
    state: Secret,
    nonce: Secret,
) -> Result<Authorization, Error> {
    client.authorization_with(request, state, nonce)
}

/// Hash of a webhook's body, as it stands in the text that is signed.
pub fn webhook_body_hash(body: &[u8]) -> String {
    webhook::body_hash(body)
}

/// Text that the signature of a webhook covers.
pub fn webhook_signed_text(endpoint: &str, event_id: &str, timestamp: &str, body: &[u8]) -> String {
    let hash = webhook::body_hash(body);
    Message { signature: "", event_id, timestamp, body }.signed(endpoint, &hash)
}

/// Whether a webhook's signature fits, whatever its headers could carry.
pub fn webhook_is_authentic(
    endpoint: &str,
    event_id: &str,
    timestamp: &str,
    body: &[u8],
    signature: &str,
    key: &VerifyingKey,
) -> bool {
    Message { signature, event_id, timestamp, body }.is_authentic(endpoint, key)
}
