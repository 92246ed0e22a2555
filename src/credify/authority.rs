//! What only the provider knows: whether an access token is good, and which keys an entity has.
//!
//! The client asks it over HTTP; tests, and applications that answer it themselves, implement [`Authority`].

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

pub use super::introspection_limits::IntrospectionLimits;
use crate::{
    credify::{boxed::boxed_twin, client::envelope::Content},
    error::Error,
    privacy::{Pii, Secret},
    wire::{
        self,
        unread::{Message, Unread, UnreadMember},
    },
};

/// Answers what the provider knows of tokens and entities.
pub trait Authority: Send + Sync {
    /// Introspects an access token. With a scope, a token that lacks it is inactive.
    ///
    /// # Errors
    ///
    /// When the answer cannot be had.
    fn introspect(
        &self,
        token: &Secret,
        scope: Option<&str>,
    ) -> impl Future<Output = Result<Introspection, Error>> + Send;

    /// Finds the public keys of an entity: of an organisation, or of a user by the Credify id.
    ///
    /// # Errors
    ///
    /// When the answer cannot be had.
    fn public_keys(&self, entity_id: &str) -> impl Future<Output = Result<PublicKeys, Error>> + Send;
}

boxed_twin! {
    trait DynAuthority: Authority {
        fn introspect<'a>(&self, token: &'a Secret, scope: Option<&'a str>) -> Result<Introspection, Error>;
        fn public_keys<'a>(&self, entity_id: &'a str) -> Result<PublicKeys, Error>;
    }
}

/// An authority that several parts of a server ask.
#[derive(Clone)]
pub(super) struct SharedAuthority(Arc<dyn DynAuthority>);

impl SharedAuthority {
    pub(super) fn new(authority: impl Authority + 'static) -> Self {
        Self(Arc::new(authority))
    }
}

impl Authority for SharedAuthority {
    async fn introspect(&self, token: &Secret, scope: Option<&str>) -> Result<Introspection, Error> {
        self.0.introspect(token, scope).await
    }

    async fn public_keys(&self, entity_id: &str) -> Result<PublicKeys, Error> {
        self.0.public_keys(entity_id).await
    }
}

/// What is known of an access token (RFC 7662). Of an inactive one nothing else is known.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Introspection {
    /// Whether the token is good: only when the provider says `true`, and nothing like it.
    #[serde(default, deserialize_with = "exactly_true")]
    pub active: bool,
    /// The scopes of the token, with blanks between them.
    #[serde(default, deserialize_with = "wire::text")]
    pub scope: Option<String>,
    /// For which client it was made.
    #[serde(default, deserialize_with = "wire::text")]
    pub client_id: Option<String>,
    /// The addresses that it is meant for.
    #[serde(default, rename = "aud", deserialize_with = "wire::texts")]
    pub audience: Vec<String>,
    /// The person or client that the token stands for.
    #[serde(default, rename = "sub", deserialize_with = "wire::personal")]
    pub subject: Option<Pii<String>>,
    /// When it ends, in seconds since 1970. A number that is no time in seconds is kept as it is.
    #[serde(default, rename = "exp", deserialize_with = "seconds")]
    pub expires_at: Option<u64>,
    /// When it was made, in seconds since 1970.
    #[serde(default, rename = "iat", deserialize_with = "seconds")]
    pub issued_at: Option<u64>,
    /// Who made it.
    #[serde(default, rename = "iss", deserialize_with = "wire::text")]
    pub issuer: Option<String>,
    /// The kind of token, such as `access_token`.
    #[serde(default, deserialize_with = "wire::text")]
    pub token_type: Option<String>,
    /// Members that have no field here, `ext` among them.
    #[serde(flatten)]
    pub extra: Pii<BTreeMap<String, Value>>,
    #[serde(skip)]
    unread: Unread,
}

impl Message for Introspection {
    /// What the access rests on: whether the token is good, for what, for whom and for how long.
    const STRICT: &'static [&'static str] = &["active", "scope", "client_id", "aud", "sub", "exp"];

    fn unread_mut(&mut self) -> &mut Unread {
        &mut self.unread
    }
}

impl Introspection {
    /// The members that are not of the documented type, and absent therefore.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }

    /// Whether the token is good and has the scope.
    pub fn grants(&self, scope: &str) -> bool {
        self.active && self.scope.as_deref().is_some_and(|all| all.split(' ').any(|one| one == scope))
    }
}

/// The public keys of an entity, as they are published: SubjectPublicKeyInfo in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PublicKeys {
    /// The Ed25519 key that verifies what the entity signs.
    #[serde(default, deserialize_with = "wire::text")]
    pub signing: Option<String>,
    /// The RSA key that encrypts for the entity.
    #[serde(default, deserialize_with = "wire::text")]
    pub encryption: Option<String>,
}

impl Content for PublicKeys {
    fn strict() -> Vec<String> {
        vec!["signing".to_owned(), "encryption".to_owned()]
    }

    // Nothing else of it is read.
    fn keep(&mut self, _: Unread) {}
}

impl PublicKeys {
    /// Keys that are known otherwise.
    pub fn new(signing: Option<String>, encryption: Option<String>) -> Self {
        Self { signing, encryption }
    }
}

fn exactly_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Value::deserialize(deserializer).map(|value| value == Value::Bool(true))
}

/// Whole seconds since 1970 of a number, also as text: fractions are cut off, and what is out of range ends at it.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
    wire::number(deserializer).map(|seconds| seconds.map(|seconds| seconds as u64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_true_is_active_and_only_a_whole_word_is_a_scope() {
        let read = |value| serde_json::from_value::<Introspection>(value).expect("read");
        for active in [json!("true"), json!(1), json!(null), json!({})] {
            assert!(!read(json!({"active": active})).active);
        }
        let token = read(json!({"active": true, "scope": "openid a:b", "aud": ["x"], "ext": {}, "exp": 5}));
        assert!(token.grants("a:b") && token.grants("openid") && !token.grants("a") && !token.grants(""));
        assert!(!read(json!({"active": false, "scope": "a"})).grants("a"));
        for (exp, seconds) in [
            (json!(4_294_967_296_u64), 4_294_967_296),
            (json!(1_800_000_000_000_u64), 1_800_000_000_000),
            (json!("1800000000"), 1_800_000_000),
            (json!(1_800_000_000.9), 1_800_000_000),
            (json!(-1), 0),
        ] {
            assert_eq!(read(json!({"active": true, "exp": exp})).expires_at, Some(seconds));
        }
    }
}
