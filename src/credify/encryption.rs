//! How claims are encrypted for a service provider, in two forms.
//!
//! | form | what is encrypted | what shows |
//! | --- | --- | --- |
//! | [`FieldByField`](ClaimsFormat::FieldByField) | each value by itself, RSA-OAEP with SHA-256 | scopes, names of claims, which values are empty or missing |
//! | [`Aggregated`](ClaimsFormat::Aggregated) | each scope as a signed token in an encrypted one | scopes, names of claims |
//!
//! The first is what the provider's SDK and reference market answer, the second what its guide shows. Field by field
//! nothing says where a value comes from, and nothing binds values together: any holder of the public key makes such an
//! answer.
//!
//! Opening one value costs a private RSA operation or more, about a millisecond each: large answers are not for a
//! thread that serves others.

use serde_json::{Map, Value};

use super::{
    aggregated::AggregatedClaims,
    claims::Claims,
    json::{DEEPEST, number_text},
    keys::{DecryptionKey, EncryptionKey, SigningKey},
    token::jwt,
};
use crate::{
    error::{Error, ErrorKind},
    privacy::Pii,
    wire,
};

/// In which form claims are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClaimsFormat {
    /// Each value by itself ("V1").
    #[default]
    FieldByField,
    /// Each scope as a signed token in an encrypted one ("V2").
    Aggregated,
}

/// Encrypts claims in the given form; the signing key is the market's, and serves the aggregated form.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of keys that were accepted.
pub fn encrypt(
    claims: &Claims,
    format: ClaimsFormat,
    key: &EncryptionKey,
    signing_key: &SigningKey,
) -> Result<Value, Error> {
    match format {
        ClaimsFormat::FieldByField => encrypt_fields(claims, key),
        ClaimsFormat::Aggregated => encrypt_aggregated(claims, key, signing_key),
    }
}

/// Encrypts each value by itself. Numbers and booleans are written as text first; `null` and empty texts stay.
///
/// ```no_run
/// use kyckit::credify::{claims::Claims, encryption, keys::DecryptionKey};
///
/// # fn main() -> kyckit::Result<()> {
/// let key = DecryptionKey::generate()?;
/// let claims = Claims::new().phone("+84381234567");
/// let encrypted = encryption::encrypt_fields(&claims, &key.encryption_key()?)?;
/// assert_eq!(encryption::decrypt_fields(&encrypted, &key)?.expose(), claims.to_value().expose());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of a key that was accepted.
pub fn encrypt_fields(claims: &Claims, key: &EncryptionKey) -> Result<Value, Error> {
    let scope = |(name, claims): (&String, &Value)| Ok((name.clone(), encrypted(claims, key)?));
    claims.members().iter().map(scope).collect()
}

/// The depth was looked at when the claims were made.
fn encrypted(value: &Value, key: &EncryptionKey) -> Result<Value, Error> {
    let text = |text: &str| key.encrypt(text).map(Value::from);
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(empty) if empty.is_empty() => Ok(value.clone()),
        Value::String(value) => text(value),
        Value::Bool(value) => text(if *value { "true" } else { "false" }),
        Value::Number(value) => text(&number_text(value)?),
        Value::Array(list) => list.iter().map(|value| encrypted(value, key)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| Ok((name.clone(), encrypted(value, key)?))).collect()
        }
    }
}

/// Opens what [`encrypt_fields`] made. Values that are no texts, and empty texts, come back as they are.
///
/// # Errors
///
/// [`Decryption`](crate::ErrorKind::Decryption) when any text was not encrypted for this key: one text whatever the
/// reason. [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a value that is nested deeper than 128 levels.
pub fn decrypt_fields(claims: &Value, key: &DecryptionKey) -> Result<Pii<Value>, Error> {
    decrypted(claims, key, Quotes::Keep, DEEPEST).map(Pii::new)
}

/// What becomes of the character `"` in decrypted members of objects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    Keep,
    /// As the provider's SDK does. Elements of lists keep them there too.
    Remove,
}

pub(super) fn decrypted(
    value: &Value,
    key: &DecryptionKey,
    quotes: Quotes,
    depth: usize,
) -> Result<Value, Error> {
    let too_deep = || Error::invalid("claims", "the value is nested deeper than 128 levels");
    match value {
        Value::String(text) if !text.is_empty() => key.decrypt(text).map(|text| text.into_exposed().into()),
        Value::Array(list) => {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            list.iter().map(|value| decrypted(value, key, quotes, depth)).collect()
        }
        Value::Object(members) => {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            members
                .iter()
                .map(|(name, value)| {
                    Ok((name.clone(), without_quotes(decrypted(value, key, quotes, depth)?, quotes)))
                })
                .collect()
        }
        clear => Ok(clear.clone()),
    }
}

pub(super) fn without_quotes(value: Value, quotes: Quotes) -> Value {
    match value {
        Value::String(text) if quotes == Quotes::Remove && text.contains('"') => text.replace('"', "").into(),
        value => value,
    }
}

/// Signs the claims of each scope with the market's key and encrypts the token for the service provider.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration); not to be expected of keys that were accepted.
pub fn encrypt_aggregated(
    claims: &Claims,
    key: &EncryptionKey,
    signing_key: &SigningKey,
) -> Result<Value, Error> {
    let mut aggregated = AggregatedClaims::new();
    for (scope, claims) in claims.members() {
        let token = jwt::sign(signing_key, claims)?;
        let names = claims.as_object().into_iter().flat_map(Map::keys).cloned();
        aggregated = aggregated.with_source(scope, key.encrypt_token(token.expose())?, names);
    }
    Ok(aggregated.to_value())
}

/// The claims of one source of aggregated claims, still unverified: the signed token, or claims without a signature.
pub(super) enum Opened {
    Claims(Map<String, Value>),
    Token(Pii<String>),
}

pub(super) fn open_source(token: &str, key: &DecryptionKey) -> Result<Opened, Error> {
    let text = key.decrypt_token(token)?;
    match wire::json::from_str(text.expose()) {
        Ok(Value::Object(claims)) => Ok(Opened::Claims(claims)),
        Ok(_) => Err(Error::new(ErrorKind::Decode, "the claims of a scope are no object")),
        Err(_) => Ok(Opened::Token(text)),
    }
}
